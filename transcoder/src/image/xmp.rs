//! XMP metadata (ISO 16684-1): of all that it says, how the picture is to be turned. It is RDF in XML, where one thing may be said
//! in many ways; what programs write is one property by its usual name, as an attribute or as an element. That is looked for, and
//! no tree is made.

use image::metadata::Orientation;

/// The property by its usual name, whose values are those of TIFF 6.0 §8 (XMP Specification Part 2).
const NAME: &[u8] = b"tiff:Orientation";

/// Octets of a packet that are looked at. Those of cameras and of programs have the property in the first few thousand.
const MOST_OCTETS: usize = 128 * 1024;

/// Spaces of XML that are passed, at most.
const MOST_SPACES: usize = 64;

/// How a picture with this packet is to be turned; `None` where that is not said, or in another way.
pub(super) fn orientation(packet: &[u8]) -> Option<Orientation> {
    let mut rest = packet.get(..MOST_OCTETS).unwrap_or(packet);
    loop {
        let at = rest.windows(NAME.len()).position(|octets| octets == NAME)?;
        let (before, behind) = rest.split_at_checked(at)?;
        rest = behind.get(NAME.len()..)?;
        let value = match before.last() {
            Some(b'<') => in_element(rest),
            Some(b' ' | b'\t' | b'\r' | b'\n') => in_attribute(rest),
            Some(_) | None => None,
        };
        if value.is_some() {
            return value;
        }
    }
}

/// `="6"` or `='6'`.
fn in_attribute(behind: &[u8]) -> Option<Orientation> {
    let behind = spaced(spaced(behind).strip_prefix(b"=")?);
    match behind {
        [b'"', digit, b'"', ..] | [b'\'', digit, b'\'', ..] => value(*digit),
        _other => None,
    }
}

/// `>6<`.
fn in_element(behind: &[u8]) -> Option<Orientation> {
    let (digit, behind) = spaced(spaced(behind).strip_prefix(b">")?).split_first()?;
    let ends = spaced(behind).first() == Some(&b'<');
    value(*digit).filter(|_| ends)
}

fn value(digit: u8) -> Option<Orientation> {
    Orientation::from_exif(digit.checked_sub(b'0')?)
}

fn spaced(octets: &[u8]) -> &[u8] {
    let is_space = |octet: &&u8| matches!(octet, b' ' | b'\t' | b'\r' | b'\n');
    let spaces = octets.iter().take(MOST_SPACES).take_while(is_space).count();
    octets.get(spaces..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(packet: &str) -> Option<u8> {
        orientation(packet.as_bytes()).map(Orientation::to_exif)
    }

    #[test]
    fn an_attribute_and_an_element_say_the_same() {
        for packet in [
            r#"<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>"#,
            "<rdf:Description tiff:Make='x'\n\ttiff:Orientation = '6'>",
            "<tiff:Orientation>6</tiff:Orientation>",
            "<tiff:Orientation >\n 6 </tiff:Orientation>",
            // Not here yet.
            r#"<a note="tiff:Orientation" tiff:OrientationOf="3" tiff:Orientation="6">"#,
        ] {
            assert_eq!(said(packet), Some(6), "{packet}");
        }
    }

    #[test]
    fn what_is_no_value_says_nothing() {
        for packet in [
            "",
            "tiff:Orientation",
            "<tiff:Orientation>",
            "<tiff:Orientation>6",
            "<tiff:Orientation>66</tiff:Orientation>",
            "<tiff:Orientation>9</tiff:Orientation>",
            "<tiff:Orientation>/</tiff:Orientation>",
            r#"<a tiff:Orientation="0">"#,
            r#"<a tiff:Orientation="12">"#,
            r#"<a tiff:Orientation="6'>"#,
            r#"<a xtiff:Orientation="6">"#,
            "</tiff:Orientation>6<",
        ] {
            assert_eq!(said(packet), None, "{packet}");
        }
    }

    #[test]
    fn no_more_than_the_first_octets_are_looked_at() {
        let element = "<tiff:Orientation>6</tiff:Orientation>";
        let behind = |len: usize| said(&[&" ".repeat(len), element].concat());
        assert_eq!(behind(MOST_OCTETS - element.len()), Some(6));
        assert_eq!(behind(MOST_OCTETS), None);
    }
}
