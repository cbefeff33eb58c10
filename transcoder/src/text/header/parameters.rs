//! Parameters in a charset (RFC 2231): `filename*0*=utf-8'en'%e2%82%ac; filename*1*=...`; written anew, or read.

use charset::{Charset, decode, encode, encoded_word};
use secret::Plaintext;
use zeroize::Zeroizing;

use super::fold::Fold;
use super::{LONGEST_FIELD, Words, Written};
use crate::text::draft::Draft;

/// Sections of one parameter; RFC 2231 has no bound.
const MOST_SECTIONS: usize = 500;
/// Octets of a value that go into one section: a line has room for them with a name of some length.
const SECTION: usize = 48;
/// A value's octets for one of its text's, at most: whatever stands for a character.
const LARGEST_GROWTH: usize = 1024;

/// One parameter as it stands in the field.
struct Parameter<'a> {
    whole: &'a [u8],
    name: &'a [u8],
    value: &'a [u8],
    section: Option<usize>,
    form: Form,
}

/// Whether a value is written with `%`.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Form {
    Extended,
    Plain,
}

impl Words<'_> {
    /// The value of a field with parameters.
    pub(super) fn parameters(self, value: &[u8], fold: &mut Fold) -> Written {
        let mut parts = divided(value);
        self.text(parts.next().unwrap_or_default(), fold)?;
        let parameters: Vec<Parameter<'_>> = parts.map(Parameter::parse).collect();
        for (index, parameter) in parameters.iter().enumerate() {
            let before = parameters.get(..index).unwrap_or_default();
            if parameter.is_begun_in(before) && decoded(parameter, &parameters).is_some() {
                continue;
            }
            fold.semicolon()?;
            match decoded(parameter, &parameters) {
                Some((language, text)) => self.sections(parameter.name, &language, &text, fold)?,
                None => self.text(parameter.whole.trim_ascii(), fold)?,
            }
        }
        Ok(())
    }

    fn sections(self, name: &[u8], language: &str, text: &str, fold: &mut Fold) -> Written {
        let most = text.len().saturating_add(1).saturating_mul(LARGEST_GROWTH);
        let mut octets = Plaintext::with_limit(most);
        encode(self.charset, text, self.unknown, &mut octets)?;
        let mut value = format!("{}'{language}'", self.charset.name());
        let mut section = 0_usize;
        let mut octets = octets.expose().iter().peekable();
        while let Some(octet) = octets.next() {
            value.push_str(&escaped(*octet));
            let last = octets.peek().is_none();
            if last || value.len() >= SECTION {
                let star = match (section, last) {
                    (0, true) => "*=".to_owned(),
                    (number, _) => format!("*{number}*="),
                };
                if section > 0 {
                    fold.semicolon()?;
                }
                fold.token(&[name, star.as_bytes(), value.as_bytes()].concat())?;
                section = section.saturating_add(1);
                value.clear();
            }
        }
        Ok(())
    }
}

/// The value of the parameter `name` of a field with parameters, as a person reads it. One that is told in a charset goes before
/// one that is not (RFC 2231 §3 and §4); encoded-words are decoded, which RFC 2047 §5 forbids there and many senders write.
pub fn parameter(field: &[u8], name: &str) -> Option<Zeroizing<String>> {
    let field = field.get(..LONGEST_FIELD).unwrap_or(field);
    let all: Vec<Parameter<'_>> = divided(field).skip(1).map(Parameter::parse).collect();
    let named = |one: &&Parameter<'_>| one.name.eq_ignore_ascii_case(name.as_bytes());
    let own = || all.iter().filter(named);
    if let Some((_, text)) = own().find_map(|one| decoded(one, &all)) {
        return Some(text);
    }
    let whole = own().find(|one| one.section.is_none());
    let first = || own().find(|one| one.section == Some(0));
    let octets = match whole.or_else(first)? {
        one if one.section.is_none() => Zeroizing::new(unquoted(one.value)),
        first => joined(first, first.value, &all),
    };
    Some(Zeroizing::new(encoded_word::decode(&octets)))
}

/// Language and text of the parameter that `one` is a section of. `None`: it is in no charset, or in none that is read.
fn decoded(one: &Parameter<'_>, all: &[Parameter<'_>]) -> Option<(Draft, Zeroizing<String>)> {
    one.section?;
    let first = section(one, 0, all).filter(|first| first.form == Form::Extended)?;
    let mut marks = first.value.splitn(3, |octet| *octet == b'\'');
    let (label, language, value) = (marks.next()?, marks.next()?, marks.next()?);
    let charset = Charset::for_label(std::str::from_utf8(label).ok()?)?;
    let octets = joined(first, value, all);
    let language = Draft::new(std::str::from_utf8(language).unwrap_or_default());
    Some((language, decode(charset, &octets)))
}

/// The section of this number of the parameter that `one` is a section of.
fn section<'a, 'b>(
    one: &Parameter<'_>,
    number: usize,
    all: &'b [Parameter<'a>],
) -> Option<&'b Parameter<'a>> {
    let mut all = all.iter();
    all.find(|other| other.is_same(one) && other.section == Some(number))
}

/// The octets of a value in sections, of which the first has `value`.
fn joined(first: &Parameter<'_>, value: &[u8], all: &[Parameter<'_>]) -> Zeroizing<Vec<u8>> {
    let sections: Vec<&Parameter<'_>> = (1..MOST_SECTIONS)
        .map_while(|number| section(first, number, all))
        .collect();
    let further: usize = sections.iter().map(|section| section.value.len()).sum();
    // It never grows: growth would leave a copy.
    let room = value.len().saturating_add(further);
    let mut octets = Zeroizing::new(Vec::with_capacity(room));
    let values = sections.iter().map(|section| (section.form, section.value));
    for (form, value) in std::iter::once((first.form, value)).chain(values) {
        let value = Zeroizing::new(match form {
            Form::Extended => unescaped(value),
            Form::Plain => unquoted(value),
        });
        octets.extend_from_slice(&value);
    }
    octets
}

impl<'a> Parameter<'a> {
    fn parse(whole: &'a [u8]) -> Self {
        let equals = whole.iter().position(|octet| *octet == b'=');
        let (name, value) = whole
            .split_at_checked(equals.unwrap_or(whole.len()))
            .unwrap_or((whole, &[]));
        let name = name.trim_ascii();
        let value = value.strip_prefix(b"=").unwrap_or(value).trim_ascii();
        let (name, form) = match name.strip_suffix(b"*") {
            Some(name) => (name, Form::Extended),
            None => (name, Form::Plain),
        };
        let star = name.iter().position(|octet| *octet == b'*');
        let (name, number) = name
            .split_at_checked(star.unwrap_or(name.len()))
            .unwrap_or((name, &[]));
        let number = std::str::from_utf8(number).unwrap_or_default();
        let section = match (number.strip_prefix('*'), form) {
            (Some(number), _) => number.parse().ok(),
            (None, Form::Extended) => Some(0),
            (None, Form::Plain) => None,
        };
        Self {
            whole,
            name,
            value,
            section,
            form,
        }
    }

    fn is_same(&self, other: &Self) -> bool {
        self.name.eq_ignore_ascii_case(other.name)
    }

    /// Whether another section of it came before.
    fn is_begun_in(&self, before: &[Self]) -> bool {
        self.section.is_some()
            && before
                .iter()
                .any(|other| other.section.is_some() && other.is_same(self))
    }
}

/// What `;` divides outside of quotes.
fn divided(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut quoted, mut escaped) = (false, false);
    value.split(move |octet| {
        let divides = !quoted && *octet == b';';
        if !escaped && *octet == b'"' {
            quoted = !quoted;
        }
        escaped = quoted && !escaped && *octet == b'\\';
        divides
    })
}

/// RFC 2231 §7: what may stand for itself.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&octet)
}

fn escaped(octet: u8) -> String {
    if is_plain(octet) {
        char::from(octet).to_string()
    } else {
        format!("%{octet:02X}")
    }
}

fn unescaped(value: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, after @ ..] = rest {
        rest = after;
        if let (b'%', [high, low, after @ ..]) = (first, after)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            octets.push(high << 4 | low);
            rest = after;
        } else {
            octets.push(*first);
        }
    }
    octets
}

fn unquoted(value: &[u8]) -> Vec<u8> {
    let inner = value
        .strip_prefix(b"\"")
        .and_then(|v| v.strip_suffix(b"\""));
    let mut escaped = false;
    let kept = inner.unwrap_or(value).iter().filter(|octet| {
        let escapes = inner.is_some() && !escaped && **octet == b'\\';
        escaped = escapes;
        !escapes
    });
    kept.copied().collect()
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}
