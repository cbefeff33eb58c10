//! Header fields (RFC 5322 §2.2) and the Content-Type (RFC 2045 §5.1).

use std::ops::Range;

use zeroize::Zeroizing;

use super::EntityError;

/// The largest header of one entity.
const MAX_HEADER: usize = 64 * 1024;
/// The most parameters of one Content-Type.
const MAX_PARAMETERS: usize = 32;

/// One field, still folded.
pub(super) struct Field<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

/// Takes the first line, without its end, out of `rest`.
pub(super) fn next_line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    if rest.is_empty() {
        return None;
    }
    let line = match rest.iter().position(|octet| *octet == b'\n') {
        Some(end) => {
            let (line, after) = rest.split_at(end);
            *rest = after.get(1..).unwrap_or_default();
            line
        }
        None => std::mem::take(rest),
    };
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

/// The name of the field that a line begins: printable, without colon (RFC 5322 §2.2).
fn name(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|octet| *octet == b':')?;
    let (name, value) = line.split_at(colon);
    let is_name = !name.is_empty() && name.iter().all(|octet| matches!(octet, 33..=57 | 59..=126));
    is_name.then(|| (name, value.get(1..).unwrap_or_default()))
}

/// Whether an entity with a header may begin so: with a field, or with the empty line that ends an empty header.
pub(super) fn begins_with_field(octets: &[u8]) -> bool {
    let mut rest = octets
        .get(..octets.len().min(MAX_HEADER))
        .unwrap_or_default();
    next_line(&mut rest).is_some_and(|line| line.is_empty() || name(line).is_some())
}

/// The fields of an entity, and its body.
///
/// # Errors
/// [`EntityError::TooComplex`] for a header beyond all bounds, [`EntityError::Damaged`] for a line that is no field.
pub(super) fn split_header(octets: &[u8]) -> Result<(Vec<Field<'_>>, &[u8]), EntityError> {
    let mut rest = octets;
    let mut fields: Vec<Field<'_>> = Vec::new();
    let mut open: Option<Open<'_>> = None;
    loop {
        let line_start = octets.len().saturating_sub(rest.len());
        let line = next_line(&mut rest).unwrap_or_default();
        if is_continuation(line) {
            let open = open.as_mut().ok_or(EntityError::Damaged)?;
            open.value.end = line_start.saturating_add(line.len());
        } else {
            fields.extend(open.take().and_then(|open| open.close(octets)));
            if line.is_empty() {
                return Ok((fields, rest));
            }
            open = Some(Open::at(line_start, line).ok_or(EntityError::Damaged)?);
        }
        if octets.len().saturating_sub(rest.len()) > MAX_HEADER {
            return Err(EntityError::TooComplex);
        }
    }
}

/// A field whose next line may continue it.
struct Open<'a> {
    name: &'a [u8],
    /// Where in the entity its value lies.
    value: Range<usize>,
}

impl<'a> Open<'a> {
    fn at(line_start: usize, line: &'a [u8]) -> Option<Self> {
        let (name, value) = name(line)?;
        let end = line_start.saturating_add(line.len());
        Some(Self {
            name,
            value: end.saturating_sub(value.len())..end,
        })
    }

    fn close(self, octets: &'a [u8]) -> Option<Field<'a>> {
        Some(Field {
            name: self.name,
            value: octets.get(self.value)?,
        })
    }
}

fn is_continuation(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

/// The value of the first field of that name, unfolded (RFC 5322 §2.2.3) and without the white space around it.
pub(super) fn find(fields: &[Field<'_>], name: &str) -> Option<Zeroizing<String>> {
    let field = fields
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))?;
    let text = Zeroizing::new(String::from_utf8_lossy(field.value).into_owned());
    let mut unfolded = Zeroizing::new(String::with_capacity(text.len()));
    unfolded.extend(text.chars().filter(|c| !matches!(c, '\r' | '\n')));
    Some(Zeroizing::new(unfolded.trim().to_owned()))
}

/// A media type and its parameters.
pub(super) struct ContentType {
    essence: Zeroizing<String>,
    parameters: Vec<(Zeroizing<String>, Zeroizing<String>)>,
}

impl ContentType {
    /// A media type without parameters.
    pub(super) fn of(media_type: &str) -> Self {
        Self {
            essence: Zeroizing::new(media_type.to_ascii_lowercase()),
            parameters: Vec::new(),
        }
    }

    /// Reads a field's value. Comments (RFC 2045 §5.1 allows them) are skipped; `None` where the type is no type.
    /// A parameter that is none ends the reading: what was read before it counts.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut rest = Words { rest: value };
        let top_level = rest.token()?;
        rest.mark('/')?;
        let subtype = rest.token()?;
        let mut read = Self::of(&format!("{top_level}/{subtype}"));
        while read.parameters.len() < MAX_PARAMETERS {
            let Some(parameter) = rest.parameter() else {
                break;
            };
            read.parameters.push(parameter);
        }
        Some(read)
    }

    pub(super) fn essence(&self) -> &str {
        &self.essence
    }

    pub(super) fn top_level(&self) -> &str {
        self.essence.split('/').next().unwrap_or_default()
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self
            .parameters
            .iter()
            .find(|(known, _)| known.as_str() == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The words of a structured field.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn skip_white_space(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let Some(comment) = self.rest.strip_prefix('(') else {
                return;
            };
            self.rest = after_comment(comment);
        }
    }

    /// RFC 2045 §5.1: printable ASCII without space and tspecials.
    fn token(&mut self) -> Option<&'a str> {
        self.skip_white_space();
        let is_end = |c: char| !c.is_ascii_graphic() || "()<>@,;:\\\"/[]?=".contains(c);
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!token.is_empty()).then_some(token)
    }

    fn mark(&mut self, mark: char) -> Option<()> {
        self.skip_white_space();
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    fn parameter(&mut self) -> Option<(Zeroizing<String>, Zeroizing<String>)> {
        self.mark(';')?;
        let name = Zeroizing::new(self.token()?.to_ascii_lowercase());
        self.mark('=')?;
        self.skip_white_space();
        let value = match self.rest.strip_prefix('"') {
            Some(quoted) => self.quoted(quoted)?,
            None => Zeroizing::new(self.token()?.to_owned()),
        };
        Some((name, value))
    }

    fn quoted(&mut self, quoted: &'a str) -> Option<Zeroizing<String>> {
        let mut value = Zeroizing::new(String::with_capacity(quoted.len()));
        let mut chars = quoted.chars();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => value.push(chars.next()?),
                plain => value.push(plain),
            }
        }
        self.rest = chars.as_str();
        Some(value)
    }
}

/// What follows a comment, which may nest; an open one takes everything.
fn after_comment(text: &str) -> &str {
    let mut depth = 1_usize;
    let mut chars = text.chars();
    while depth > 0 {
        match chars.next() {
            Some('(') => depth = depth.saturating_add(1),
            Some(')') => depth = depth.saturating_sub(1),
            Some('\\') => drop(chars.next()),
            Some(_) => {}
            None => return "",
        }
    }
    chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_as_people_write_them() {
        let parse = |value: &str| ContentType::parse(value);
        let read =
            parse("Image / JPEG (a (nested) comment); Name = \"a;b\\\\\" ; charset=utf-8; broken")
                .unwrap();
        assert_eq!(read.essence(), "image/jpeg");
        assert_eq!(read.parameter("name"), Some("a;b\\"));
        assert_eq!(read.parameter("charset"), Some("utf-8"));
        assert_eq!(read.parameter("broken"), None);
        for wrong in ["", "text", "/plain", "text/", ";"] {
            assert!(parse(wrong).is_none(), "{wrong}");
        }
        assert_eq!(parse("a/b; x=\"open").unwrap().parameter("x"), None);
    }

    #[test]
    fn a_header_ends_with_an_empty_line_or_with_the_entity() {
        let (fields, body) = split_header(b"A: b\r\n\r\nbody").unwrap();
        assert_eq!((fields.len(), body), (1, &b"body"[..]));
        let (fields, body) = split_header(b"A: b").unwrap();
        assert_eq!((fields.len(), body), (1, &b""[..]));
        assert!(split_header(b" folded: x\r\n\r\n").is_err());
        assert!(split_header(b"A: b\r\nnot a field\r\n\r\n").is_err());
        let huge = [b"A: ".as_slice(), &[b'x'; MAX_HEADER]].concat();
        assert_eq!(split_header(&huge).err(), Some(EntityError::TooComplex));
    }
}
