//! The MIME entity inside an opened part (RFC 2045, RFC 2046): read where it lies, nothing of its body copied.
//!
//! Depth, parts and header sizes are bounded. Lines may end in CRLF or in LF alone, since `openssl cms -binary` encrypts what
//! it is given. What is copied (parameters, decoded bodies) is wiped on drop.

mod body;
mod extent;
mod field;
mod multipart;
mod signed;

use secret::Plaintext;
use zeroize::Zeroizing;

use crate::transfer::{Decoder, NotEncoded, TransferEncoding};
use field::{ContentType, Field};

pub use body::{Body, Place};
pub(crate) use extent::extent;
pub use extent::{Extent, Leaf};
pub use signed::payload;

/// How deep entities may nest.
const MAX_DEPTH: usize = 16;
/// How many entities there may be in all.
const MAX_ENTITIES: usize = 512;

/// Octets of the plaintext itself, or decoded into room of their own.
pub enum Held<'a> {
    /// Where they lie.
    Borrowed(&'a [u8]),
    /// Decoded; wiped on drop.
    Owned(Plaintext),
}

impl Held<'_> {
    /// The octets.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        match self {
            Self::Borrowed(octets) => octets,
            Self::Owned(octets) => octets.expose(),
        }
    }
}

/// Why there is no entity, or no body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EntityError {
    /// Neither MIME nor bare media.
    NotMime,
    /// More parts, deeper nesting or a larger header than is read.
    TooComplex,
    /// A field or a body is not in the form that it should be in.
    Damaged,
    /// A body is larger than the limit.
    Exceeded,
    /// A transfer encoding that nobody registered.
    UnknownEncoding,
}

impl std::fmt::Display for EntityError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotMime => "neither a MIME entity nor bare media",
            Self::TooComplex => "too many parts, or nested too deep",
            Self::Damaged => "a damaged field or body",
            Self::Exceeded => "a body beyond the limit",
            Self::UnknownEncoding => "an unknown transfer encoding",
        })
    }
}

impl std::error::Error for EntityError {}

impl From<NotEncoded> for EntityError {
    fn from(_: NotEncoded) -> Self {
        Self::Damaged
    }
}

impl From<secret::Exceeded> for EntityError {
    fn from(_: secret::Exceeded) -> Self {
        Self::Exceeded
    }
}

/// A MIME entity.
pub struct Entity<'a> {
    fields: Vec<Field<'a>>,
    content_type: ContentType,
    encoding: Option<TransferEncoding>,
    body: &'a [u8],
    children: Vec<Entity<'a>>,
}

/// What an entity is where its header does not say (RFC 2045 §5.2, RFC 2046 §5.1.5).
#[derive(Clone, Copy)]
enum Unsaid {
    Text,
    Message,
}

/// What may still be spent on reading.
struct Budget {
    entities: usize,
}

impl<'a> Entity<'a> {
    /// Reads an entity: its header, its body, and what is nested in it. An image without a header is taken as it is.
    ///
    /// # Errors
    /// [`EntityError`]; a damaged body is found by [`Self::decode`] only.
    pub fn parse(octets: &'a [u8]) -> Result<Self, EntityError> {
        if !field::begins_with_field(octets) {
            return Self::bare(octets).ok_or(EntityError::NotMime);
        }
        let mut budget = Budget {
            entities: MAX_ENTITIES,
        };
        Self::read(octets, Unsaid::Text, MAX_DEPTH, &mut budget)
    }

    fn bare(octets: &'a [u8]) -> Option<Self> {
        let media_type = image_type(octets)?;
        Some(Self {
            fields: Vec::new(),
            content_type: ContentType::of(media_type),
            encoding: Some(TransferEncoding::Identity),
            body: octets,
            children: Vec::new(),
        })
    }

    fn read(
        octets: &'a [u8],
        unsaid: Unsaid,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Self, EntityError> {
        let too_complex = EntityError::TooComplex;
        budget.entities = budget.entities.checked_sub(1).ok_or(too_complex)?;
        let inside = depth.checked_sub(1).ok_or(too_complex)?;
        let (fields, body) = field::split_header(octets)?;
        let content_type = content_type(&fields, unsaid)?;
        let encoding = encoding(&fields);
        let children = match (content_type.top_level(), content_type.essence()) {
            ("multipart", essence) => {
                let unsaid = if essence == "multipart/digest" {
                    Unsaid::Message
                } else {
                    Unsaid::Text
                };
                let boundary = content_type
                    .parameter("boundary")
                    .ok_or(EntityError::Damaged)?;
                multipart::parts(body, boundary)
                    .map(|part| Self::read(part, unsaid, inside, budget))
                    .collect::<Result<_, _>>()?
            }
            // RFC 2046 §5.2.1: no other encoding is permitted; such a message stays closed.
            ("message", "message/rfc822") if encoding == Some(TransferEncoding::Identity) => {
                vec![Self::read(body, Unsaid::Text, inside, budget)?]
            }
            _leaf => Vec::new(),
        };
        Ok(Self {
            fields,
            content_type,
            encoding,
            body,
            children,
        })
    }

    /// `type/subtype`, lower-case.
    #[must_use]
    pub fn media_type(&self) -> &str {
        self.content_type.essence()
    }

    /// A parameter of Content-Type; `name` in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.content_type.parameter(name)
    }

    /// A header field's value, unfolded; `name` whatever its case. Wiped on drop.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Zeroizing<String>> {
        field::find(&self.fields, name)
    }

    /// The transfer encoding of the body.
    ///
    /// # Errors
    /// [`EntityError::UnknownEncoding`]
    pub fn encoding(&self) -> Result<TransferEncoding, EntityError> {
        self.encoding.ok_or(EntityError::UnknownEncoding)
    }

    /// The body as it stands, still encoded.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The entities inside: the parts of a multipart, or the one message of a `message/rfc822`.
    #[must_use]
    pub fn children(&self) -> &[Entity<'a>] {
        &self.children
    }

    /// Whether nothing is nested in it.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.children.is_empty()
    }

    /// The part that `section` names, counted as in IMAP (RFC 9051 §6.4.5.1). Without a section: the entity itself if it is
    /// a leaf, else its first image leaf, depth first.
    #[must_use]
    pub fn find(&self, section: Option<&[u32]>) -> Option<&Entity<'a>> {
        match section {
            Some(numbers) => self.in_message(numbers),
            None if self.is_leaf() => Some(self),
            None => self.first_image(),
        }
    }

    /// Counts from a message: the parts of a multipart; else 1 is its body.
    fn in_message(&self, numbers: &[u32]) -> Option<&Entity<'a>> {
        if self.content_type.top_level() == "multipart" {
            return self.in_part(numbers);
        }
        match numbers.split_first() {
            None => Some(self),
            Some((1, rest)) => self.in_part(rest),
            Some(_) => None,
        }
    }

    /// Counts from a part: those of a multipart, or those of the message that it holds.
    fn in_part(&self, numbers: &[u32]) -> Option<&Entity<'a>> {
        let Some((number, rest)) = numbers.split_first() else {
            return Some(self);
        };
        if self.content_type.top_level() == "multipart" {
            let index = usize::try_from(*number).ok()?.checked_sub(1)?;
            return self.children.get(index)?.in_part(rest);
        }
        self.children.first()?.in_message(numbers)
    }

    fn first_image(&self) -> Option<&Entity<'a>> {
        if self.is_leaf() {
            return (self.content_type.top_level() == "image").then_some(self);
        }
        self.children.iter().find_map(Self::first_image)
    }

    /// The body, decoded, of at most `limit` octets. What needs no decoding is not copied.
    ///
    /// # Errors
    /// [`EntityError`]
    pub fn decode(&self, limit: usize) -> Result<Held<'a>, EntityError> {
        let encoding = self.encoding()?;
        if encoding == TransferEncoding::Identity {
            let fits = self.body.len() <= limit;
            return if fits {
                Ok(Held::Borrowed(self.body))
            } else {
                Err(EntityError::Exceeded)
            };
        }
        let mut decoded = Plaintext::with_expectation(limit, encoding.decoded_len(self.body.len()));
        let mut decoder = Decoder::new(encoding);
        decoder.decode(self.body, |run| {
            decoded.extend(run).map_err(EntityError::from)
        })?;
        decoder.finish()?;
        Ok(Held::Owned(decoded))
    }
}

fn content_type(fields: &[Field<'_>], unsaid: Unsaid) -> Result<ContentType, EntityError> {
    match (field::find(fields, "content-type"), unsaid) {
        (Some(value), _) => ContentType::parse(&value).ok_or(EntityError::Damaged),
        (None, Unsaid::Text) => Ok(ContentType::of("text/plain")),
        (None, Unsaid::Message) => Ok(ContentType::of("message/rfc822")),
    }
}

/// RFC 2045 §6.1: 7bit where the header does not say.
fn encoding(fields: &[Field<'_>]) -> Option<TransferEncoding> {
    match field::find(fields, "content-transfer-encoding") {
        None => Some(TransferEncoding::Identity),
        Some(name) => TransferEncoding::from_name(name.trim()),
    }
}

/// What the first octets of an image look like.
fn image_type(octets: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 8] = [
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"BM", "image/bmp"),
        (b"II*\0", "image/tiff"),
        (b"MM\0*", "image/tiff"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    ];
    let webp = octets.starts_with(b"RIFF") && octets.get(8..12) == Some(b"WEBP");
    // ISO/IEC 14496-12 §4.3: pictures in boxes, which are known so that they are refused by name.
    let boxed = match octets.get(4..12) {
        Some(b"ftypavif" | b"ftypavis") => Some("image/avif"),
        Some(b"ftypheic" | b"ftypheix" | b"ftypmif1") => Some("image/heif"),
        Some(_) | None => None,
    };
    let known = MAGIC.iter().find(|(magic, _)| octets.starts_with(magic));
    known
        .map(|(_, media_type)| *media_type)
        .or(webp.then_some("image/webp"))
        .or(boxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NESTED: &str = "Content-Type: multipart/mixed;\r\n boundary=\"a b\"\r\n\r\npreamble\r\n\
        --a b\r\nContent-Type: text/plain\r\n\r\nhello\r\n\
        --a b  \r\nContent-Type: message/rfc822\r\n\r\n\
        Subject: x\r\nContent-Type: multipart/related; boundary=c\r\n\r\n\
        --c\r\n\r\nplain\r\n--c\r\nContent-Type: IMAGE/PNG; name=\"a\\\"b.png\"\r\n\
        Content-Transfer-Encoding: BASE64\r\n\r\naGVsbG8=\r\n--c--\r\n\
        --a b\r\nContent-Type: message/rfc822\r\n\r\nSubject: y\r\n\r\nsingle\r\n--a b--\r\nepilogue";

    fn body(text: &str, section: Option<&[u32]>) -> Option<Vec<u8>> {
        let entity = Entity::parse(text.as_bytes()).unwrap();
        let found = entity.find(section)?;
        Some(found.decode(1000).unwrap().expose().to_vec())
    }

    #[test]
    fn sections_count_as_in_imap() {
        let at = |section: &[u32]| {
            body(NESTED, Some(section)).map(|body| String::from_utf8(body).unwrap())
        };
        assert_eq!(at(&[1]).as_deref(), Some("hello"));
        assert_eq!(at(&[2, 1]).as_deref(), Some("plain"));
        assert_eq!(at(&[2, 2]).as_deref(), Some("hello"));
        assert_eq!(at(&[3, 1]).as_deref(), Some("single"));
        for none in [
            &[0][..],
            &[4],
            &[1, 1],
            &[2, 3],
            &[3, 2],
            &[3, 1, 1],
            &[2, 2, 1],
        ] {
            assert_eq!(at(none), None, "{none:?}");
        }
        assert_eq!(
            body("Content-Type: text/plain\r\n\r\nx", Some(&[1])).unwrap(),
            b"x"
        );
    }

    #[test]
    fn without_a_section_the_first_image_is_found() {
        let entity = Entity::parse(NESTED.as_bytes()).unwrap();
        let image = entity.find(None).unwrap();
        assert_eq!(image.media_type(), "image/png");
        assert_eq!(image.parameter("name"), Some("a\"b.png"));
        assert_eq!(body(NESTED, None).unwrap(), b"hello");
        assert!(
            body(
                "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\ntext\r\n--x--",
                None
            )
            .is_none()
        );
    }

    #[test]
    fn line_ends_may_be_lf_alone() {
        let lf = NESTED.replace("\r\n", "\n");
        assert_eq!(body(&lf, None).unwrap(), b"hello");
        assert_eq!(body(&lf, Some(&[2, 1])).unwrap(), b"plain");
    }

    #[test]
    fn an_image_without_a_header_is_taken_as_it_is() {
        let jpeg = Entity::parse(b"\xff\xd8\xff\xe0rest").unwrap();
        assert_eq!((jpeg.media_type(), jpeg.body().len()), ("image/jpeg", 8));
        assert!(jpeg.find(None).is_some());
        assert_eq!(
            Entity::parse(b"no header").err(),
            Some(EntityError::NotMime)
        );
        // Letters that are an image's too, but begin a field.
        assert_eq!(
            Entity::parse(b"BMX: y\r\n\r\n").unwrap().media_type(),
            "text/plain"
        );
    }

    #[test]
    fn nesting_and_parts_are_bounded() {
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(MAX_DEPTH + 1);
        assert_eq!(
            Entity::parse(deep.as_bytes()).err(),
            Some(EntityError::TooComplex)
        );
        let many = format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
            "--b\r\n\r\n\r\n".repeat(MAX_ENTITIES)
        );
        assert_eq!(
            Entity::parse(many.as_bytes()).err(),
            Some(EntityError::TooComplex)
        );
    }

    #[test]
    fn a_body_beyond_the_limit_is_refused() {
        let entity = Entity::parse(NESTED.as_bytes()).unwrap();
        let image = entity.find(None).unwrap();
        assert_eq!(image.decode(4).err(), Some(EntityError::Exceeded));
        let text = entity.find(Some(&[1])).unwrap();
        assert_eq!(text.decode(4).err(), Some(EntityError::Exceeded));
    }

    #[test]
    fn fields_are_unfolded() {
        let entity =
            Entity::parse(b"X-A: one\r\n\ttwo \r\nContent-Transfer-Encoding: x-odd\r\n\r\n")
                .unwrap();
        assert_eq!(entity.field("x-a").unwrap().as_str(), "one\ttwo");
        assert_eq!(entity.encoding(), Err(EntityError::UnknownEncoding));
    }
}
