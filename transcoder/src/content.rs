//! What a file is where nobody says: by its first octets, and by its name only where those say nothing and do not contradict it.

use crate::audio;
use crate::budget::Budget;
use crate::media::MediaType;
use crate::sniff::sniff;
use crate::text;

/// A type that is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Content {
    /// A picture.
    Picture(MediaType),
    /// A text or a document.
    Text(text::Source),
    /// A recording.
    Sound(audio::Source),
}

impl Content {
    /// The registered name of its type, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Picture(media) => media.name(),
            Self::Text(source) => source.name(),
            Self::Sound(source) => source.name(),
        }
    }
}

/// What `octets` are, if they are anything that is read. `name` is the file's name, as far as a sender gave one. Signatures that no
/// text can begin with decide first, then a name that says it is a text and octets that are one, then the weaker signatures.
///
/// Costs the directory of an archive at most; `budget` pays for it.
#[must_use]
pub fn recognise(octets: &[u8], name: Option<&str>, budget: &mut Budget) -> Option<Content> {
    let picture = sniff(octets);
    let sound = audio::sniff(octets);
    let strong = match (picture, sound) {
        (Some(media), _) if media != MediaType::Bmp => Some(Content::Picture(media)),
        (_, Some(source)) if !is_weak(source) => Some(Content::Sound(source)),
        (_, _) => text::recognise(octets, budget).map(Content::Text),
    };
    let named = || {
        let source = name.and_then(by_name)?;
        looks_like_text(octets).then_some(Content::Text(source))
    };
    let weak = || {
        let picture = picture.map(Content::Picture);
        picture.or_else(|| sound.map(Content::Sound))
    };
    strong.or_else(named).or_else(weak)
}

/// MPEG audio begins with a dozen bits.
fn is_weak(source: audio::Source) -> bool {
    match source {
        audio::Source::Mp3 | audio::Source::Aac => true,
        audio::Source::Wav | audio::Source::Flac | audio::Source::Mp4 | audio::Source::Ogg => false,
    }
}

/// The types of text that no signature tells, by the ends of files' names.
const ENDS: [(&str, text::Source); 12] = [
    ("txt", text::Source::Plain),
    ("text", text::Source::Plain),
    ("log", text::Source::Plain),
    ("asc", text::Source::Plain),
    ("md", text::Source::Markdown),
    ("csv", text::Source::Csv),
    ("tsv", text::Source::Tsv),
    ("htm", text::Source::Html),
    ("html", text::Source::Html),
    ("xhtml", text::Source::Xhtml),
    ("ics", text::Source::Calendar),
    ("vcf", text::Source::Vcard),
];

fn by_name(name: &str) -> Option<text::Source> {
    let (_, end) = name.trim_end().rsplit_once('.')?;
    let found = ENDS.iter().find(|(own, _)| own.eq_ignore_ascii_case(end));
    found.map(|(_, source)| *source)
}

/// How much of a file is looked at.
const LOOKED_AT: usize = 4096;

/// Whether nothing in it is of no text's: the octets that WHATWG calls binary (MIME sniffing §7.2). UTF-16 has a mark.
fn looks_like_text(octets: &[u8]) -> bool {
    let head = octets.get(..LOOKED_AT).unwrap_or(octets);
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let binary = |octet: &u8| matches!(octet, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    marked || !head.iter().any(binary)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(octets: &[u8], name: Option<&str>) -> Option<&'static str> {
        let mut budget = Budget {
            input_octets: 1 << 20,
            pixels: 0,
            samples: 0,
            output_octets: 0,
            memory: 1 << 20,
        };
        recognise(octets, name, &mut budget).map(Content::name)
    }

    const DOCX: &[u8] = include_bytes!("../tests/documents/letter.docx");
    const ODS: &[u8] = include_bytes!("../tests/documents/book.ods");

    #[test]
    fn a_signature_decides_whatever_the_name() {
        for (octets, expected) in [
            (&b"\xff\xd8\xff\xe0"[..], Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"fLaC\0", Some("audio/flac")),
            (b"RIFF\x10\0\0\0WAVEfmt ", Some("audio/vnd.wave")),
            (b"%PDF-1.7\n", Some("application/pdf")),
            (b"{\\rtf1 a}", Some("text/rtf")),
            (b"begin:vcard\r\nFN:a\r\n", Some("text/vcard")),
            (b"\xef\xbb\xbfBEGIN:VCALENDAR\n", Some("text/calendar")),
            (b" \n<!doctype HTML><p>a", Some("text/html")),
            (DOCX, Some(text::Source::Docx.name())),
            (ODS, Some(text::Source::Ods.name())),
        ] {
            for name in [None, Some("a.txt"), Some("a.csv"), Some("a.exe")] {
                assert_eq!(recognised(octets, name), expected, "{name:?}");
            }
        }
    }

    #[test]
    fn a_name_is_believed_of_a_text_alone() {
        let (csv, html) = (Some("text/csv"), Some("text/html"));
        for (octets, name, expected) in [
            (&b"a,b\r\n"[..], "Umsatz.CSV", csv),
            (b"BMW, 3", "cars.csv", csv),
            (b"\xff\xfea\0,\0b\0", "a.csv", csv),
            (b"caf\xe9", "a.html", html),
            (b"a\0b", "a.csv", None),
            (b"a,b", "a.exe", None),
            (b"a,b", "csv", None),
            (b"", "a.csv", csv),
        ] {
            assert_eq!(recognised(octets, Some(name)), expected, "{name}");
        }
        assert_eq!(recognised(b"BM\0\0", None), Some("image/bmp"));
        assert_eq!(recognised(b"BM\0\0", Some("a.txt")), Some("image/bmp"));
    }

    #[test]
    fn what_is_not_read_is_nothing() {
        let no_document = DOCX.iter().map(|octet| match octet {
            b'w' => b'v',
            other => *other,
        });
        let no_document: Vec<u8> = no_document.collect();
        for octets in [&b"MZ\x90\0"[..], b"PK\x03\x04", b"text", b"", &no_document] {
            assert_eq!(recognised(octets, None), None);
        }
    }
}
