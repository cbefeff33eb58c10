//! Content lines: what iCalendar (RFC 5545 §3.1) and vCard (RFC 6350 §3.2, and the versions before it) are made of.

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

    /// The value of a parameter, less its quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut all = self.parameters();
        let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
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

/// Gives the lines of `text`, unfolded: a line that begins with white space goes on from the one before (RFC 5545 §3.1), and in
/// the quoted-printable of vCard 2.1 a `=` at the end of a line says that it goes on.
pub(super) fn unfolded<E>(
    text: &str,
    mut each: impl FnMut(&str) -> Result<(), E>,
) -> Result<(), E> {
    let mut line = Draft::default();
    let mut encoding = Encoding::None;
    for part in text.lines() {
        if encoding == Encoding::QuotedPrintable && line.ends_with('=') {
            line.push_str("\n");
            line.push_str(part);
        } else if let Some(more) = part.strip_prefix([' ', '\t']) {
            line.push_str(more);
        } else {
            if !line.is_empty() {
                each(&line)?;
            }
            line.clear();
            line.push_str(part);
            encoding = Encoding::of(part);
        }
    }
    if !line.is_empty() {
        each(&line)?;
    }
    Ok(())
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Encoding {
    None,
    QuotedPrintable,
}

impl Encoding {
    fn of(line: &str) -> Self {
        let head = line.split(':').next().unwrap_or_default();
        if head.to_ascii_uppercase().contains("QUOTED-PRINTABLE") {
            Self::QuotedPrintable
        } else {
            Self::None
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
        assert_eq!(line.parameter("cn"), Some("A: B; C"));
        assert_eq!(line.parameter("ROLE"), Some("CHAIR"));
        assert_eq!(line.value, "mailto:a@b");
    }

    #[test]
    fn escapes_and_folds_are_undone() {
        assert_eq!(&*unescaped(r"a\, b\;c\nd\\ne\x"), "a, b;c\nd\\ne\\x");
        let mut lines = Vec::new();
        unfolded::<()>("A:b\r\n c\r\n\td\r\nE:f", |line| {
            lines.push(line.to_owned());
            Ok(())
        })
        .unwrap();
        assert_eq!(lines, ["A:bcd", "E:f"]);
        assert_eq!(divided(r"a\;b;c", ';').collect::<Vec<_>>(), [r"a\;b", "c"]);
    }
}
