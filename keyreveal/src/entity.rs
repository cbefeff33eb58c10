//! The result as a MIME entity (RFC 2045), which an *smime* result carries inside its CMS object: a standard client shows it as
//! what it is. The header is written in one form only, so reading is writing and comparing.

use std::str::FromStr;

use secret::Plaintext;

use crate::form::Charset;
use crate::result::{Extent, Measure, checked_type, plaintext};
use crate::{Integrity, ResultError, ResultPart, padded_len};

/// What ends the header (RFC 5322 §2.1).
const HEADER_END: &[u8] = b"\r\n\r\n";
/// Octets of a continuation line of padding, its line break and space included (RFC 5322 §2.2.3).
const FOLD: usize = 64;

impl ResultPart {
    /// The entity, padded; this is the content that the vault seals to the certificate.
    ///
    /// # Errors
    /// [`ResultError`] for a media type that is none, or no memory for it.
    pub fn to_entity(&self) -> Result<Plaintext, ResultError> {
        checked_type(&self.media_type)?;
        checked_type(&self.source_type)?;
        let header = self.header();
        let mut entity = Plaintext::with_limit(header.len().saturating_add(self.octets.len()));
        entity.extend(header.as_bytes()).map_err(|_| ResultError)?;
        entity
            .extend(self.octets.expose())
            .map_err(|_| ResultError)?;
        Ok(entity)
    }

    /// Reads the entity that the opened CMS object holds.
    ///
    /// # Errors
    /// [`ResultError`] for anything that [`ResultPart::to_entity`] would not write.
    pub fn from_entity(entity: &[u8]) -> Result<Self, ResultError> {
        let end = entity
            .windows(HEADER_END.len())
            .position(|window| window == HEADER_END)
            .ok_or(ResultError)?;
        let (header, body) = entity
            .split_at_checked(end.saturating_add(HEADER_END.len()))
            .ok_or(ResultError)?;
        let header = std::str::from_utf8(header).map_err(|_| ResultError)?;
        let part = read_header(header, plaintext(body)?)?;
        (part.header() == header).then_some(part).ok_or(ResultError)
    }

    fn header(&self) -> String {
        let (parameter, measure) = measured(&self.measure);
        let fields = format!(
            "Content-Type: {}{parameter}\r\nContent-Transfer-Encoding: binary\r\n\
             X-Keyhole-Result: {measure} integrity={};\r\n source={}; source-octets={}\r\n\
             X-Padding: x",
            self.media_type,
            word(self.integrity),
            self.source_type,
            self.source_octets,
        );
        let unpadded = [HEADER_END.len(), self.octets.len()]
            .into_iter()
            .fold(fields.len(), usize::saturating_add);
        let wanted = padded_len(unpadded).saturating_sub(unpadded);
        let (folds, rest) = (wanted / FOLD, wanted % FOLD);
        let fold = format!("\r\n {}", "x".repeat(FOLD - 3));
        fields + &"x".repeat(rest) + &fold.repeat(folds) + "\r\n\r\n"
    }
}

/// What Content-Type says beside the type, and what `X-Keyhole-Result` begins with; no line of it is longer than 78 octets.
fn measured(measure: &Measure) -> (String, String) {
    match measure {
        Measure::Picture { width, height } => {
            (String::new(), format!("width={width}; height={height};"))
        }
        // RFC 2046 §4.1.2: whoever shows the text knows its charset from here.
        Measure::Text { charset, extent } => (
            format!("; charset={}", charset.as_str()),
            format!("extent={};", extent_word(*extent)),
        ),
        Measure::Sound {
            milliseconds,
            extent,
        } => (
            String::new(),
            format!(
                "milliseconds={milliseconds}; extent={};\r\n",
                extent_word(*extent)
            ),
        ),
    }
}

/// The measure that the header gives; which it is shows in the field that only that kind has.
fn read_measure(header: &str) -> Result<Measure, ResultError> {
    if let Ok(width) = between(header, "X-Keyhole-Result: width=", ";") {
        return Ok(Measure::Picture {
            width: number(width)?,
            height: number(between(header, "; height=", ";")?)?,
        });
    }
    let extent = between(header, " extent=", ";")?;
    let extent = Extent::ALL
        .into_iter()
        .find(|known| extent_word(*known) == extent)
        .ok_or(ResultError)?;
    if let Ok(milliseconds) = between(header, "X-Keyhole-Result: milliseconds=", ";") {
        let milliseconds = number(milliseconds)?;
        return Ok(Measure::Sound {
            milliseconds,
            extent,
        });
    }
    let charset = Charset::new(between(header, "; charset=", "\r\n")?).ok_or(ResultError)?;
    Ok(Measure::Text { charset, extent })
}

/// Reads what the header says, wherever it says it: the comparison with the one form comes after.
fn read_header(header: &str, octets: Plaintext) -> Result<ResultPart, ResultError> {
    let integrity = between(header, " integrity=", ";")?;
    let integrity = Integrity::ALL
        .into_iter()
        .find(|known| word(*known) == integrity)
        .ok_or(ResultError)?;
    Ok(ResultPart {
        media_type: media_type(header)?,
        measure: read_measure(header)?,
        integrity,
        source_type: checked_type(between(header, " source=", ";")?)?,
        source_octets: number(between(header, "; source-octets=", "\r\n")?)?,
        octets,
    })
}

fn media_type(header: &str) -> Result<String, ResultError> {
    let value = between(header, "Content-Type: ", "\r\n")?;
    let (media_type, _) = value.split_once("; ").unwrap_or((value, ""));
    checked_type(media_type)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str, ResultError> {
    let (_, rest) = text.split_once(before).ok_or(ResultError)?;
    let (found, _) = rest.split_once(after).ok_or(ResultError)?;
    Ok(found)
}

fn number<T: FromStr>(text: &str) -> Result<T, ResultError> {
    text.parse().map_err(|_| ResultError)
}

fn extent_word(extent: Extent) -> &'static str {
    match extent {
        Extent::Whole => "whole",
        Extent::Cut => "cut",
    }
}

fn word(integrity: Integrity) -> &'static str {
    match integrity {
        Integrity::None => "none",
        Integrity::Authenticated => "authenticated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: Measure = Measure::Picture {
        width: 320,
        height: 240,
    };

    fn part(octets: usize) -> ResultPart {
        ResultPart {
            media_type: "image/jpeg".into(),
            measure: PICTURE,
            integrity: Integrity::None,
            source_type: "image/png".into(),
            source_octets: 123_456,
            octets: Plaintext::adopt(vec![b'\r'; octets]),
        }
    }

    #[test]
    fn an_entity_reads_as_it_was_written_and_is_padded() {
        for octets in (0..9000).step_by(61).chain([70_000]) {
            let entity = part(octets).to_entity().unwrap();
            assert_eq!(padded_len(entity.len()), entity.len(), "{octets}");
            let read = ResultPart::from_entity(entity.expose()).unwrap();
            assert_eq!(read.octets.len(), octets);
            assert_eq!(read.measure, PICTURE);
            assert_eq!(read.integrity, Integrity::None);
            assert_eq!(read.source_type, "image/png");
            assert_eq!(read.source_octets, 123_456);
        }
    }

    /// RFC 5322 §2.1.1: no line longer than 78 octets.
    #[test]
    fn header_lines_are_short_and_not_empty() {
        for octets in 0..300 {
            for line in part(octets).header().trim_end().split("\r\n") {
                assert!(line.len() <= 78 && !line.trim().is_empty(), "{line:?}");
            }
        }
        let extent = Extent::Whole;
        let charset = Charset::new(&"c".repeat(40)).unwrap();
        let milliseconds = u32::MAX;
        for measure in [
            Measure::Text { charset, extent },
            Measure::Sound {
                milliseconds,
                extent,
            },
        ] {
            let integrity = Integrity::Authenticated;
            let part = ResultPart {
                measure,
                integrity,
                ..part(3)
            };
            for line in part.header().trim_end().split("\r\n") {
                assert!(line.len() <= 78 && !line.trim().is_empty(), "{line:?}");
            }
        }
    }

    #[test]
    fn another_form_is_refused() {
        let entity = part(10).to_entity().unwrap();
        let text = String::from_utf8(entity.expose().to_vec()).unwrap();
        for (from, to) in [
            ("binary", "base64"),
            ("width=320", "width=+320"),
            ("width=320; height=240", "height=240; width=320"),
            ("none", "some"),
            ("X-Padding: x", "X-Padding: y"),
            ("image/jpeg", "image/Jpeg"),
        ] {
            assert!(text.contains(from));
            let other = text.replacen(from, to, 1);
            assert!(ResultPart::from_entity(other.as_bytes()).is_err(), "{to}");
        }
        assert!(ResultPart::from_entity(b"").is_err());
        assert!(ResultPart::from_entity(&entity.expose()[..4000]).is_err());
    }
}
