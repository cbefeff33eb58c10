//! A multipart as one text: its texts one after the other, of alternatives the best, and a line for whatever is no text.
//!
//! Which leaves and in which order is decided here; how a leaf becomes text is the caller's. Nothing is fetched, and the walk is
//! as deep and as wide as `envelope::entity` reads.

use envelope::entity::Entity;
use secret::Plaintext;
use transcoder::text::{Source, header};
use zeroize::Zeroizing;

use super::converters::octets;
use crate::frames::{Failure, Limits, Resource};

/// What stands between two passages.
const BETWEEN: &[u8] = b"\r\n\r\n";
/// The most characters of an attachment's name.
const NAME: usize = 80;
/// Octets of the longest line: a name, each character of up to four octets, a type, a number. It must not grow: growth would leave a copy.
const LINE: usize = 5 * NAME + 64;

/// One thing to tell, in the order of the parts.
enum Passage<'a, 'b> {
    /// A leaf that is read.
    Read(&'b Entity<'a>),
    /// Something that is only named.
    Named(&'b Entity<'a>),
}

/// Whether anything in `entity` is read.
pub(super) fn has_text(entity: &Entity<'_>) -> bool {
    let mut passages = Vec::new();
    collect(entity, &mut passages);
    passages
        .iter()
        .any(|passage| matches!(passage, Passage::Read(_)))
}

/// The texts of `entity` in UTF-8, as `read` makes them of its leaves.
///
/// # Errors
/// [`Failure::Exceeded`] where they are more than `limits` allow. A leaf that cannot be read is named.
pub(super) fn digest(
    entity: &Entity<'_>,
    limits: Limits,
    read: &mut dyn FnMut(&Entity<'_>) -> Result<Plaintext, Failure>,
) -> Result<Plaintext, Failure> {
    let mut passages = Vec::new();
    collect(entity, &mut passages);
    let mut text = Plaintext::with_limit(octets(limits.output_octets));
    for passage in passages {
        let (Passage::Read(leaf) | Passage::Named(leaf)) = passage;
        let made = match passage {
            Passage::Read(leaf) => Some(read(leaf)),
            Passage::Named(_) => None,
        };
        match made {
            Some(Ok(passage)) => append(&mut text, passage.expose())?,
            Some(Err(exceeded @ Failure::Exceeded(_))) => return Err(exceeded),
            Some(Err(_)) | None => append(&mut text, line(leaf).as_bytes())?,
        }
    }
    Ok(text)
}

/// Goes through `entity` in the order in which it is shown.
fn collect<'a, 'b>(entity: &'b Entity<'a>, passages: &mut Vec<Passage<'a, 'b>>) {
    match entity.media_type() {
        "multipart/alternative" => {
            if let Some(best) = best(entity.children()) {
                collect(best, passages);
            }
        }
        // RFC 2387 §3: the root is shown, the others are what it refers to. RFC 1847 §2.1: the first part is what is signed.
        "multipart/related" | "multipart/signed" => {
            if let Some(root) = entity.children().first() {
                collect(root, passages);
            }
        }
        _other if !entity.is_leaf() => {
            if is_message(entity) {
                passages.push(Passage::Named(entity));
            }
            for child in entity.children() {
                collect(child, passages);
            }
        }
        _leaf => passages.push(if is_read(entity) {
            Passage::Read(entity)
        } else {
            Passage::Named(entity)
        }),
    }
}

/// RFC 2046 §5.1.4: the last that is understood is the best; but the author's own plain text is a better text than any that is
/// made of something else.
fn best<'a, 'b>(alternatives: &'b [Entity<'a>]) -> Option<&'b Entity<'a>> {
    let plain = alternatives
        .iter()
        .find(|entity| entity.media_type() == "text/plain");
    let last =
        |fits: fn(&Entity<'_>) -> bool| alternatives.iter().rev().find(|entity| fits(entity));
    plain
        .or_else(|| last(is_understood))
        .or_else(|| last(has_text))
        .or(alternatives.first())
}

/// Whether anything in `entity` is read as what it is, and not for want of better as plain text.
fn is_understood(entity: &Entity<'_>) -> bool {
    let mut passages = Vec::new();
    collect(entity, &mut passages);
    passages.iter().any(|passage| match passage {
        Passage::Read(leaf) => Source::from_name(leaf.media_type()).is_some(),
        Passage::Named(_) => false,
    })
}

/// A text that is there to be read: no attachment (RFC 2183 §2.2).
fn is_read(leaf: &Entity<'_>) -> bool {
    leaf.media_type().starts_with("text/") && !is_attachment(leaf)
}

fn is_attachment(entity: &Entity<'_>) -> bool {
    let disposition = entity.field("content-disposition");
    let disposition = disposition.as_ref().map_or("", |field| field.trim());
    let (kind, _) = disposition.split_once(';').unwrap_or((disposition, ""));
    kind.trim().eq_ignore_ascii_case("attachment")
}

fn is_message(entity: &Entity<'_>) -> bool {
    entity.media_type().starts_with("message/")
}

/// `[name, type, octets]`: for whoever decides whether to ask for it by itself.
fn line(entity: &Entity<'_>) -> Zeroizing<String> {
    let mut line = Zeroizing::new(String::with_capacity(LINE));
    line.push('[');
    if let Some(name) = name(entity) {
        line.extend(name.chars().filter(|c| is_shown(*c)).take(NAME));
        line.push_str(", ");
    }
    let media_type = entity.media_type();
    line.extend(media_type.chars().filter(char::is_ascii_graphic).take(NAME));
    line.push_str(&format!(", {} octets]", entity.body().len()));
    line
}

/// Whether it may stand in a line of ours: it neither ends it nor turns it around (Unicode TR 9).
fn is_shown(character: char) -> bool {
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !character.is_control() && !turns
}

/// The file's name: Content-Disposition's (RFC 2183 §2.3), or else Content-Type's older one, decoded.
pub(super) fn name(entity: &Entity<'_>) -> Option<Zeroizing<String>> {
    let of = |field: &str, parameter: &str| {
        let field = entity.field(field)?;
        let name = header::parameter(field.as_bytes(), parameter)?;
        (!name.trim().is_empty()).then_some(name)
    };
    of("content-disposition", "filename").or_else(|| of("content-type", "name"))
}

fn append(text: &mut Plaintext, passage: &[u8]) -> Result<(), Failure> {
    let exceeded = |_| Failure::Exceeded(Resource::Output);
    if !text.is_empty() {
        text.extend(BETWEEN).map_err(exceeded)?;
    }
    text.extend(without_end(passage)).map_err(exceeded)
}

/// Without the line ends that the next passage's distance stands for.
fn without_end(passage: &[u8]) -> &[u8] {
    let end = passage
        .iter()
        .rposition(|octet| !matches!(octet, b'\r' | b'\n'))
        .map_or(0, |last| last.saturating_add(1));
    passage.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::SourceKind;

    const LIMITS: Limits = Limits {
        input_octets: 10_000,
        pixels: 1,
        output_octets: 200,
        memory: 1,
        deadline_ms: 1,
    };

    /// Reads text/plain as it is, text/html in capitals, and nothing else.
    fn read(leaf: &Entity<'_>) -> Result<Plaintext, Failure> {
        let body = match leaf.media_type() {
            "text/plain" => leaf.body().to_vec(),
            "text/html" => leaf.body().to_ascii_uppercase(),
            _ => return Err(Failure::NotConvertible(SourceKind::Text)),
        };
        Ok(Plaintext::adopt(body))
    }

    fn digested(text: &str) -> Result<String, Failure> {
        let entity = Entity::parse(text.as_bytes()).unwrap();
        let digest = digest(&entity, LIMITS, &mut read)?;
        Ok(String::from_utf8(digest.expose().to_vec()).unwrap())
    }

    fn multipart(subtype: &str, parts: &[&str]) -> String {
        let parts: String = parts
            .iter()
            .map(|part| format!("--b\r\n{part}\r\n"))
            .collect();
        let kind = format!("Content-Type: multipart/{subtype}; boundary=b\r\n\r\n");
        format!("{kind}{parts}--b--\r\n")
    }

    const PLAIN: &str = "Content-Type: text/plain\r\n\r\nhello";
    const HTML: &str = "Content-Type: text/html\r\n\r\nworld";
    const CSV: &str = "Content-Type: text/csv; name=\"t.csv\"\r\n\r\n1,2";
    const PICTURE: &str = "Content-Type: image/png; name=a.png\r\n\r\n0123";

    #[test]
    fn texts_stand_one_after_the_other_and_the_rest_is_named() {
        let all = digested(&multipart("mixed", &[PLAIN, PICTURE, HTML, CSV]));
        let lines = "hello\r\n\r\n[a.png, image/png, 4 octets]\r\n\r\nWORLD\r\n\r\n[t.csv, text/csv, 3 octets]";
        assert_eq!(all.as_deref(), Ok(lines));
    }

    #[test]
    fn of_alternatives_the_best_is_read() {
        assert_eq!(
            digested(&multipart("alternative", &[HTML, PLAIN])).as_deref(),
            Ok("hello")
        );
        assert_eq!(
            digested(&multipart("alternative", &[PLAIN, HTML])).as_deref(),
            Ok("hello")
        );
        assert_eq!(
            digested(&multipart("alternative", &[HTML, PICTURE])).as_deref(),
            Ok("WORLD")
        );
        let unknown = "Content-Type: text/x-unknown\r\n\r\nsomething";
        assert_eq!(
            digested(&multipart("alternative", &[HTML, unknown])).as_deref(),
            Ok("WORLD")
        );
        let named = digested(&multipart("alternative", &[PICTURE]));
        assert_eq!(named.as_deref(), Ok("[a.png, image/png, 4 octets]"));
    }

    #[test]
    fn what_a_page_refers_to_is_not_listed() {
        assert_eq!(
            digested(&multipart("related", &[HTML, PICTURE])).as_deref(),
            Ok("WORLD")
        );
    }

    #[test]
    fn an_attached_text_is_named_and_not_read() {
        let attached = "Content-Type: text/plain; name=n\r\nContent-Disposition: ATTACHMENT; filename=n\r\n\r\nlong";
        let all = digested(&multipart("mixed", &[PLAIN, attached]));
        assert_eq!(all.as_deref(), Ok("hello\r\n\r\n[n, text/plain, 4 octets]"));
    }

    /// RFC 2231, and RFC 2047 where senders write it against the rule; a name that turns the line around does not.
    #[test]
    fn names_are_decoded() {
        for (fields, name) in [
            (
                "Content-Type: image/png; name*=utf-8''%C3%BCber.png",
                "über.png",
            ),
            (
                "Content-Type: image/png; name=\"=?iso-8859-1?Q?=FCber.png?=\"",
                "über.png",
            ),
            (
                "Content-Type: image/png; name=b.png\r\n\
                 Content-Disposition: inline;\r\n filename*0*=utf-8''%C3;\r\n filename*1*=%BCber.png",
                "über.png",
            ),
            (
                "Content-Type: image/png; name=\"a.png\"\r\nContent-Disposition: inline; filename=\"\"",
                "a.png",
            ),
            (
                "Content-Type: image/png; name*=utf-8''a%E2%80%AEgnp.exe",
                "agnp.exe",
            ),
            ("Content-Type: image/png; name*=utf-8''a%0D%0Ab", "ab"),
        ] {
            let part = format!("{fields}\r\n\r\n0123");
            let all = digested(&multipart("mixed", &[&part]));
            let line = format!("[{name}, image/png, 4 octets]");
            assert_eq!(all, Ok(line), "{fields}");
        }
    }

    #[test]
    fn a_message_inside_is_named_and_its_text_read() {
        let message = format!("Content-Type: message/rfc822\r\n\r\nSubject: x\r\n{PLAIN}");
        let all = digested(&multipart("mixed", &[&message])).unwrap();
        assert!(
            all.starts_with("[message/rfc822, ") && all.ends_with("\r\n\r\nhello"),
            "{all}"
        );
    }

    #[test]
    fn a_name_breaks_no_line_and_more_than_allowed_is_refused() {
        let odd = format!(
            "Content-Type: image/png; name=\"a\tb{}\"\r\n\r\n",
            "c".repeat(99)
        );
        let line = digested(&multipart("mixed", &[&odd])).unwrap();
        assert!(line.starts_with("[abccc") && line.len() < 120, "{line}");
        let long = format!("Content-Type: text/plain\r\n\r\n{}", "x".repeat(201));
        let exceeded = Err(Failure::Exceeded(Resource::Output));
        assert_eq!(digested(&multipart("mixed", &[&long])), exceeded);
    }
}
