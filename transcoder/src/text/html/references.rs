//! Character references (HTML standard §13.2.5.72 to 80): `&amp;`, `&#8364;`, `&#x20ac;`, and the old ones without `;`.

use quick_xml::escape::resolve_html5_entity;

use crate::text::draft::Draft;

/// Where a reference stands: in a value of an attribute, an old one followed by `=` or a letter is none.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Place {
    Text,
    Value,
}

/// The longest name: `CounterClockwiseContourIntegral`.
const LONGEST_NAME: usize = 31;

/// The longest of those that need no `;`.
const LONGEST_OLD: usize = 6;

/// Those that need no `;`.
const OLD: &str = " AMP COPY GT LT QUOT REG AElig Aacute Acirc Agrave Aring Atilde Auml Ccedil ETH Eacute Ecirc Egrave Euml \
    Iacute Icirc Igrave Iuml Ntilde Oacute Ocirc Ograve Oslash Otilde Ouml THORN Uacute Ucirc Ugrave Uuml Yacute aacute \
    acirc acute aelig agrave amp aring atilde auml brvbar ccedil cedil cent copy curren deg divide eacute ecirc egrave eth \
    euml frac12 frac14 frac34 gt iacute icirc iexcl igrave iquest iuml laquo lt macr micro middot nbsp not ntilde oacute \
    ocirc ograve ordf ordm oslash otilde ouml para plusmn pound quot raquo reg sect shy sup1 sup2 sup3 szlig thorn times \
    uacute ucirc ugrave uml uuml yacute yen yuml ";

/// `text` with its references resolved.
pub(super) fn resolved(text: &str, place: Place) -> Draft {
    let mut resolved = Draft::default();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        resolved.push_str(before);
        rest = match reference(after, place, &mut resolved) {
            Some(len) => after.get(len..).unwrap_or_default(),
            None => {
                resolved.push('&');
                after
            }
        };
    }
    resolved.push_str(rest);
    resolved
}

/// Appends what the reference means that `text` begins with, and gives its length.
fn reference(text: &str, place: Place, into: &mut Draft) -> Option<usize> {
    if let Some(number) = text.strip_prefix('#') {
        return numeric(number, into)?.checked_add(1);
    }
    let is_name = |octet: &u8| octet.is_ascii_alphanumeric();
    let len = text.bytes().take(LONGEST_NAME).take_while(is_name).count();
    let name = text.get(..len)?;
    let after = text.get(len..)?;
    if after.starts_with(';')
        && let Some(meant) = resolve_html5_entity(name)
    {
        into.push_str(meant);
        return len.checked_add(1);
    }
    old(name, after, place, into)
}

fn old(name: &str, after: &str, place: Place, into: &mut Draft) -> Option<usize> {
    let longest = (2..=name.len().min(LONGEST_OLD))
        .rev()
        .filter_map(|len| name.get(..len));
    let found = longest.into_iter().find(|name| is_old(name))?;
    let follows = name.get(found.len()..)?.chars().chain(after.chars()).next();
    let divided = follows.is_none_or(|c| c != '=' && !c.is_ascii_alphanumeric());
    if place == Place::Value && !divided {
        return None;
    }
    into.push_str(resolve_html5_entity(found)?);
    Some(found.len())
}

fn is_old(name: &str) -> bool {
    OLD.split_ascii_whitespace().any(|old| old == name)
}

fn numeric(text: &str, into: &mut Draft) -> Option<usize> {
    let (digits, radix, mark) = match text.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16, 1_usize),
        None => (text, 10, 0),
    };
    let len = digits.chars().take_while(|c| c.is_digit(radix)).count();
    let number = digits.get(..len).filter(|digits| !digits.is_empty())?;
    // What is too long for a number is no character either.
    let scalar = u32::from_str_radix(number, radix).unwrap_or(u32::MAX);
    into.push(meant(scalar));
    let ended = digits.get(len..)?.starts_with(';');
    len.checked_add(mark)?.checked_add(usize::from(ended))
}

/// HTML standard §13.2.5.80: 80 to 9F mean what they do in windows-1252.
fn meant(scalar: u32) -> char {
    if let Ok(octet @ 0x80..=0x9f) = u8::try_from(scalar) {
        let text = charset::decode(charset::Charset::WINDOWS_1252, &[octet]);
        return text.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    let character = char::from_u32(scalar).filter(|character| *character != '\0');
    character.unwrap_or(char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_mean_what_the_standard_says() {
        for (text, meant) in [
            ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
            ("&euro;&#8364;&#x20AC;&#128;", "€€€€"),
            ("caf&eacute &notit; &copy2", "café ¬it; ©2"),
            ("&#0;&#xD800;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}"),
            ("& &; &# &#x; &nosuch; a&b", "& &; &# &#x; &nosuch; a&b"),
        ] {
            assert_eq!(&*resolved(text, Place::Text), meant, "{text}");
        }
        let target = "?a=1&copy=2&lt=3&amp;b=4";
        assert_eq!(&*resolved(target, Place::Value), "?a=1&copy=2&lt=3&b=4");
    }
}
