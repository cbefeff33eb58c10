//! Content lines: what iCalendar (RFC 5545 §3.1) and vCard (RFC 6350 §3.2, and the versions before it) are made of.

use zeroize::Zeroizing;

use super::draft::Draft;

/// `name;parameter=value:value`, one line after unfolding.
pub(super) struct ContentLine<'a> {
    /// Without a group's prefix.
    pub(super) name: &'a str,
    parameters: &'a str,
    pub(super) value: &'a str,
}

impl<'a> ContentLine<'a> {
    /// `None`: against the format.
    pub(super) fn parse(line: &'a str) -> Option<Self> {
        let end = line.find([';', ':'])?;
        let (name, rest) = line.split_at_checked(end)?;
        let colon = unquoted(rest, ':')?;
        let (parameters, value) = rest.split_at_checked(colon)?;
        Some(Self {
            name: name.rsplit('.').next().unwrap_or(name).trim(),
            parameters,
            value: value.strip_prefix(':')?,
        })
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of a parameter, less its quotes, and what is encoded in it decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<Draft> {
        let mut all = self.parameters();
        let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| plain_parameter(value))
    }

    /// Names and values; a value without a name (vCard 2.1) is a name here.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.parameters.strip_prefix(';').unwrap_or_default();
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = unquoted(rest, ';').unwrap_or(rest.len());
            let (parameter, after) = rest.split_at_checked(end)?;
            rest = after.strip_prefix(';').unwrap_or_default();
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            Some((name.trim(), value.trim().trim_matches('"')))
        })
    }
}

/// Where `wanted` stands first outside of double quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut quoted = false;
    let mut found = text.char_indices().filter(|(_, character)| {
        quoted ^= *character == '"';
        !quoted && *character == wanted
    });
    found.next().map(|(at, _)| at)
}

/// The lines of `octets`, each of them whole and ended by LF: a line that begins with white space goes on from the one before, even
/// inside a character (RFC 5545 §3.1, RFC 6350 §3.2), and in the quoted-printable of vCard 2.1 one that ends in `=` goes on in
/// the next. Empty lines say nothing.
pub(super) fn unfolded(octets: &[u8]) -> Zeroizing<Vec<u8>> {
    // It never grows: growth would leave a copy.
    let mut whole = Zeroizing::new(Vec::with_capacity(octets.len()));
    let mut encoding = Encoding::None;
    for part in lines(octets) {
        if encoding == Encoding::QuotedPrintable && whole.last() == Some(&b'=') {
            whole.pop();
            whole.extend_from_slice(part);
        } else if let [b' ' | b'\t', more @ ..] = part {
            whole.extend_from_slice(more);
        } else if !part.is_empty() {
            if !whole.is_empty() {
                whole.push(b'\n');
            }
            whole.extend_from_slice(part);
            encoding = Encoding::of(part);
        }
    }
    whole
}

/// CRLF or LF ends a line; CR alone where nothing else does.
fn lines(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = match octets.contains(&b'\n') {
        true => b'\n',
        false => b'\r',
    };
    let lines = octets.split(move |octet| *octet == end);
    lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Encoding {
    None,
    QuotedPrintable,
}

impl Encoding {
    fn of(line: &[u8]) -> Self {
        const NAME: &[u8] = b"quoted-printable";
        let head = line.split(|octet| *octet == b':').next();
        let mut names = head.unwrap_or_default().windows(NAME.len());
        match names.any(|name| name.eq_ignore_ascii_case(NAME)) {
            true => Self::QuotedPrintable,
            false => Self::None,
        }
    }
}

/// A text value without its escapes (RFC 5545 §3.3.11, RFC 6350 §3.4).
pub(super) fn unescaped(value: &str) -> Draft {
    let mut text = Draft::default();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        rest = after;
        let mut characters = after.chars();
        match characters.next() {
            Some('n' | 'N') => text.push('\n'),
            Some(escaped @ (',' | ';' | ':' | '\\' | '"')) => text.push(escaped),
            Some(_) | None => {
                text.push('\\');
                continue;
            }
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

/// RFC 6868 §3.2: what could not stand in a parameter is behind a `^`.
fn plain_parameter(value: &str) -> Draft {
    let mut text = Draft::default();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('^') {
        text.push_str(before);
        let mut characters = after.chars();
        match characters.next() {
            Some('n') => text.push('\n'),
            Some('^') => text.push('^'),
            Some('\'') => text.push('"'),
            Some(_) | None => {
                text.push('^');
                rest = after;
                continue;
            }
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
    text
}

/// The parts of a value that `mark` divides; one behind a backslash divides nothing.
pub(super) fn divided(value: &str, mark: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut escaped = false;
        let end = text.char_indices().find(|(_, character)| {
            let divides = !escaped && *character == mark;
            escaped = !escaped && *character == '\\';
            divides
        });
        match end {
            Some((at, _)) => {
                rest = text.get(at.saturating_add(mark.len_utf8())..);
                text.get(..at)
            }
            None => {
                rest = None;
                Some(text)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_parts_whatever_is_quoted() {
        let line =
            ContentLine::parse("item1.ATTENDEE;CN=\"A: B; C\";ROLE=CHAIR:mailto:a@b").unwrap();
        assert_eq!(line.name, "ATTENDEE");
        let parameter = |name: &str| line.parameter(name).map(|value| value.to_string());
        assert_eq!(parameter("cn").as_deref(), Some("A: B; C"));
        assert_eq!(parameter("ROLE").as_deref(), Some("CHAIR"));
        assert_eq!(line.value, "mailto:a@b");
    }

    #[test]
    fn what_could_not_stand_in_a_parameter_is_decoded() {
        let line = ContentLine::parse("A;CN=\"B ^'C^' ^^n^nD ^x^\":e").unwrap();
        let name = line.parameter("CN").unwrap();
        assert_eq!(&*name, "B \"C\" ^n\nD ^x^");
    }

    #[test]
    fn escapes_and_folds_are_undone() {
        assert_eq!(&*unescaped(r"a\, b\;c\nd\\ne\x"), "a, b;c\nd\\ne\\x");
        for (folded, whole) in [
            (&b"A:b\r\n c\r\n\td\r\nE:f"[..], &b"A:bcd\nE:f"[..]),
            (b"A:b\n\n c\nE:f\n", b"A:bc\nE:f"),
            (b"A:M\xc3\r\n \xbc", b"A:M\xc3\xbc"),
            (b"A:b\r c\rE:f\r", b"A:bc\nE:f"),
            (
                b"A;Quoted-Printable:b=\r\n c\r\nE:f=\r\nG:h",
                b"A;Quoted-Printable:b c\nE:f=\nG:h",
            ),
        ] {
            assert_eq!(unfolded(folded).as_slice(), whole);
        }
        assert_eq!(divided(r"a\;b;c", ';').collect::<Vec<_>>(), [r"a\;b", "c"]);
    }
}
