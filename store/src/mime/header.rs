//! Header fields: unfolding, structured values with parameters (RFC 2045 §5.1), and what a part's fields say.

use super::transfer::TransferEncoding;

/// The first field of that name, unfolded and without the white space around it.
pub(crate) fn field(header: &[u8], name: &str) -> Option<Vec<u8>> {
    fields(header)
        .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
        .map(|field| unfold(field.value()))
}

/// One field with its folded lines.
pub(crate) struct Field<'a> {
    /// Before the colon, without white space.
    pub(crate) name: &'a [u8],
    /// Name, colon, value and all line ends.
    pub(crate) raw: &'a [u8],
}

impl<'a> Field<'a> {
    /// After the colon, folded as it came.
    pub(crate) fn value(&self) -> &'a [u8] {
        let colon = self.raw.iter().position(|&octet| octet == b':');
        colon.and_then(|at| self.raw.get(at + 1..)).unwrap_or(&[])
    }
}

/// The fields of a header, in order; lines that are no field are passed over.
pub(crate) fn fields(header: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (raw, after) = rest.split_at(field_end(rest));
            rest = after;
            let colon = raw.iter().position(|&octet| octet == b':');
            let name = colon
                .and_then(|at| raw.get(..at))
                .unwrap_or(&[])
                .trim_ascii();
            if !name.is_empty() && name.iter().all(|octet| octet.is_ascii_graphic()) {
                return Some(Field { name, raw });
            }
        }
        None
    })
}

/// Where the first field of `header` ends: at the first line end that no white space follows.
fn field_end(header: &[u8]) -> usize {
    let mut at = 0;
    while let Some(line) = header[at..].iter().position(|&octet| octet == b'\n') {
        at += line + 1;
        if !matches!(header.get(at), Some(b' ' | b'\t')) {
            return at;
        }
    }
    header.len()
}

/// RFC 5322 §2.2.3: unfolding removes the line ends before white space.
fn unfold(value: &[u8]) -> Vec<u8> {
    let kept = value
        .iter()
        .copied()
        .filter(|octet| !matches!(octet, b'\r' | b'\n'));
    kept.collect::<Vec<u8>>().trim_ascii().to_vec()
}

/// A value with parameters: `inline; filename="x"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameterized {
    /// Before the first semicolon.
    pub(crate) value: Vec<u8>,
    /// Name and value, in order, as they came (RFC 2231 pieces are not joined).
    pub(crate) parameters: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Parameters of one field that are kept.
const MOST_PARAMETERS: usize = 64;

impl Parameterized {
    /// Reads an unfolded value.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut scanner = Scanner { rest: text };
        let value = scanner.until(b";");
        let mut parameters = Vec::new();
        while scanner.skip(b';') && parameters.len() < MOST_PARAMETERS {
            let name = scanner.until(b"=;");
            let value = if scanner.skip(b'=') {
                scanner.until(b";")
            } else {
                Vec::new()
            };
            if !name.is_empty() {
                parameters.push((name, value));
            }
        }
        Self { value, parameters }
    }
}

/// Walks a structured value, knowing quoted strings and comments (RFC 822 §3.3).
struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn skip(&mut self, octet: u8) -> bool {
        let there = self.rest.first() == Some(&octet);
        if there {
            self.next();
        }
        there
    }

    /// Text up to one of `ends`, quoting undone, comments left out.
    fn until(&mut self, ends: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut kept = 0;
        while let Some(&octet) = self.rest.first() {
            if ends.contains(&octet) {
                break;
            }
            self.next();
            match octet {
                b'"' => {
                    self.quoted(&mut text);
                    kept = text.len();
                }
                b'(' => self.comment(),
                b' ' | b'\t' if text.is_empty() => {}
                b' ' | b'\t' => text.push(octet),
                _ => {
                    text.push(octet);
                    kept = text.len();
                }
            }
        }
        text.truncate(kept);
        text
    }

    fn quoted(&mut self, text: &mut Vec<u8>) {
        while let Some(octet) = self.next() {
            match octet {
                b'"' => return,
                b'\\' => text.extend(self.next()),
                _ => text.push(octet),
            }
        }
    }

    fn comment(&mut self) {
        let mut depth = 1_u32;
        while let Some(octet) = self.next() {
            match octet {
                b'\\' => {
                    self.next();
                }
                b'(' => depth += 1,
                b')' if depth == 1 => return,
                b')' => depth -= 1,
                _ => {}
            }
        }
    }
}

/// What a part's own fields say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields {
    /// Content-Type's type.
    pub(crate) media_type: Vec<u8>,
    /// Content-Type's subtype.
    pub(crate) media_subtype: Vec<u8>,
    /// Content-Type's parameters.
    pub(crate) parameters: Vec<(Vec<u8>, Vec<u8>)>,
    /// Content-Transfer-Encoding as it was written.
    pub(crate) encoding_name: Vec<u8>,
    /// The same, understood.
    pub(crate) encoding: TransferEncoding,
    /// Content-ID
    pub(crate) id: Option<Vec<u8>>,
    /// Content-Description
    pub(crate) description: Option<Vec<u8>>,
    /// Content-MD5
    pub(crate) md5: Option<Vec<u8>>,
    /// Content-Disposition
    pub(crate) disposition: Option<Parameterized>,
    /// Content-Language
    pub(crate) language: Vec<Vec<u8>>,
    /// Content-Location
    pub(crate) location: Option<Vec<u8>>,
}

/// What a part is that does not say: RFC 2045 §5.2, RFC 2046 §5.1.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DefaultType {
    /// `text/plain; charset=us-ascii`
    Text,
    /// `message/rfc822`, inside multipart/digest
    Message,
}

impl Fields {
    /// Reads a part's header.
    pub(crate) fn parse(header: &[u8], default: DefaultType) -> Self {
        let (media_type, media_subtype, parameters) = field(header, "Content-Type")
            .and_then(|text| media(&text))
            .unwrap_or_else(|| default.media());
        let encoding_name = field(header, "Content-Transfer-Encoding")
            .map(|text| Parameterized::parse(&text).value)
            .filter(|name| !name.is_empty())
            .unwrap_or_else(|| b"7bit".to_vec());
        Self {
            media_type,
            media_subtype,
            parameters,
            encoding: TransferEncoding::from_name(&encoding_name),
            encoding_name,
            id: field(header, "Content-ID"),
            description: field(header, "Content-Description"),
            md5: field(header, "Content-MD5"),
            disposition: field(header, "Content-Disposition")
                .map(|text| Parameterized::parse(&text)),
            language: field(header, "Content-Language")
                .map_or_else(Vec::new, |text| languages(&text)),
            location: field(header, "Content-Location"),
        }
    }

    /// Whether the media type is `media_type/…`.
    pub(crate) fn is(&self, media_type: &str) -> bool {
        self.media_type.eq_ignore_ascii_case(media_type.as_bytes())
    }

    /// Whether the media subtype is `…/subtype`.
    pub(crate) fn is_sub(&self, subtype: &str) -> bool {
        self.media_subtype.eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// What delimits the parts of a multipart.
    pub(crate) fn boundary(&self) -> Option<&[u8]> {
        let found = self
            .parameters
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(b"boundary"));
        found
            .map(|(_, value)| value.as_slice())
            .filter(|value| !value.is_empty())
    }
}

type Media = (Vec<u8>, Vec<u8>, Vec<(Vec<u8>, Vec<u8>)>);

impl DefaultType {
    fn media(self) -> Media {
        match self {
            Self::Text => {
                let charset = (b"charset".to_vec(), b"us-ascii".to_vec());
                (b"text".to_vec(), b"plain".to_vec(), vec![charset])
            }
            Self::Message => (b"message".to_vec(), b"rfc822".to_vec(), Vec::new()),
        }
    }
}

/// A value that is no `type/subtype` is as good as none (RFC 2045 §5.2).
fn media(text: &[u8]) -> Option<Media> {
    let parsed = Parameterized::parse(text);
    let slash = parsed.value.iter().position(|&octet| octet == b'/')?;
    let media_type = parsed.value[..slash].trim_ascii().to_vec();
    let media_subtype = parsed.value[slash + 1..].trim_ascii().to_vec();
    let sound = !media_type.is_empty() && !media_subtype.is_empty();
    sound.then_some((media_type, media_subtype, parsed.parameters))
}

fn languages(text: &[u8]) -> Vec<Vec<u8>> {
    let tags = text.split(|&octet| octet == b',');
    let tags = tags.map(|tag| Parameterized::parse(tag).value);
    tags.filter(|tag| !tag.is_empty())
        .take(MOST_PARAMETERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folded_field_is_one_line() {
        let header = b"Subject: a\r\n b\r\nTo: c\r\n\r\n";
        assert_eq!(field(header, "subject").unwrap(), b"a b");
        assert_eq!(field(header, "To").unwrap(), b"c");
        assert_eq!(field(header, "Cc"), None);
    }

    #[test]
    fn parameters_lose_quotes_and_comments() {
        let parsed =
            Parameterized::parse(b"multipart/mixed (c;omment) ; boundary=\"a;\\\"b\" ; x = y ");
        assert_eq!(parsed.value, b"multipart/mixed");
        let parameter =
            |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        assert_eq!(
            parsed.parameters,
            [parameter("boundary", "a;\"b"), parameter("x", "y")]
        );
    }

    #[test]
    fn a_part_without_a_sound_type_is_plain_text() {
        let fields = Fields::parse(b"Content-Type: nonsense\r\n", DefaultType::Text);
        assert!(fields.is("TEXT") && fields.is_sub("plain"));
        let fields = Fields::parse(b"", DefaultType::Message);
        assert!(fields.is("message") && fields.is_sub("RFC822"));
    }
}
