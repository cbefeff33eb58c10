//! Messages: plain ones, ones with a part of its own encrypted, ones encrypted whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::openssl::Cipher;

/// RFC 2045 §6.8
const LINE: usize = 76;
const BOUNDARY: &str = "=_tests-boundary";

/// A MIME entity with its octets in base64.
#[must_use]
pub fn entity(media_type: &str, name: &str, octets: &[u8]) -> Vec<u8> {
    let mut entity = format!(
        "Content-Type: {media_type}; name=\"{name}\"\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    );
    push_base64(&mut entity, octets);
    entity.into_bytes()
}

/// A MIME entity with its octets as they are (RFC 2045 §6.2: `binary`).
#[must_use]
pub fn binary_entity(media_type: &str, name: &str, octets: &[u8]) -> Vec<u8> {
    let head = format!(
        "Content-Type: {media_type}; name=\"{name}\"\r\n\
         Content-Transfer-Encoding: binary\r\n\r\n"
    );
    [head.as_bytes(), octets].concat()
}

/// A multipart/mixed entity of `entities`.
#[must_use]
pub fn multipart(entities: &[Vec<u8>], boundary: &str) -> Vec<u8> {
    let mut body =
        format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n").into_bytes();
    for entity in entities {
        body.extend(format!("--{boundary}\r\n").into_bytes());
        body.extend(entity);
        // RFC 2046 §5.1.1: this line end belongs to the delimiter that follows.
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    body
}

/// A part that holds a CMS object.
#[must_use]
pub fn smime_part(cms: &[u8], cipher: Cipher) -> Vec<u8> {
    let mut part = format!(
        "Content-Type: application/pkcs7-mime; smime-type={}; name=\"smime.p7m\"\r\n\
         Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
        cipher.smime_type()
    );
    push_base64(&mut part, cms);
    part.into_bytes()
}

/// A message of a text and `parts`: section 1 is the text, section 2 the first of them.
#[must_use]
pub fn message_with_parts(subject: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let text = b"Content-Type: text/plain; charset=utf-8\r\n\r\nSee what is attached.\r\n".to_vec();
    let all: Vec<Vec<u8>> = std::iter::once(text).chain(parts.iter().cloned()).collect();
    message(subject, &multipart(&all, BOUNDARY))
}

/// A message that is one entity, such as one that was encrypted whole.
#[must_use]
pub fn message(subject: &str, entity: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "From: Mathilde <mathilde@example.org>\r\n\
         To: Ann <ann@example.org>\r\n\
         Subject: {subject}\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <{}@example.org>\r\n\
         MIME-Version: 1.0\r\n",
        subject.replace(|c: char| !c.is_ascii_alphanumeric(), ".")
    )
    .into_bytes();
    message.extend(entity);
    message
}

/// Octets in base64, in lines as in a part's body.
#[must_use]
pub fn base64_lines(octets: &[u8]) -> Vec<u8> {
    let mut text = String::new();
    push_base64(&mut text, octets);
    text.into_bytes()
}

fn push_base64(text: &mut String, octets: &[u8]) {
    let encoded = STANDARD.encode(octets);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push_str("\r\n");
        rest = after;
    }
}
