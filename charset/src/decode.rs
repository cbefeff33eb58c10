//! Octets to text. Never an error: what does not decode is U+FFFD, as WHATWG says.

use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use zeroize::Zeroizing;

use crate::label::{Charset, Form, Order};
use crate::utf7;

/// The text of `octets`. A mark of byte order at their start is no part of it, and decides only where the charset
/// leaves it open. The text takes at most [`octets_decoded`] octets of memory, wiped on drop.
#[must_use]
pub fn decode(charset: Charset, octets: &[u8]) -> Zeroizing<String> {
    match charset.form {
        Form::Web(encoding) => by_web(encoding, unmarked(encoding, octets)),
        Form::Narrow(encoding) => by_web(encoding, octets),
        Form::Ascii => by_web(WINDOWS_1252, octets),
        Form::Utf16(Order::Big) => by_web(UTF_16BE, unmarked(UTF_16BE, octets)),
        Form::Utf16(Order::Little) => by_web(UTF_16LE, unmarked(UTF_16LE, octets)),
        Form::Utf16Marked => match octets {
            [0xff, 0xfe, rest @ ..] => by_web(UTF_16LE, rest),
            // RFC 2781 §4.3: without a mark, big-endian.
            octets => by_web(UTF_16BE, unmarked(UTF_16BE, octets)),
        },
        Form::Utf7 => utf7::decode(octets),
    }
}

/// The most octets of memory that the text of `octets` octets takes.
#[must_use]
pub const fn octets_decoded(octets: usize) -> usize {
    octets.saturating_add(16).saturating_mul(3)
}

fn unmarked<'a>(encoding: &'static Encoding, octets: &'a [u8]) -> &'a [u8] {
    match Encoding::for_bom(octets) {
        Some((marked, len)) if marked == encoding => octets.get(len..).unwrap_or_default(),
        Some(_) | None => octets,
    }
}

fn by_web(encoding: &'static Encoding, octets: &[u8]) -> Zeroizing<String> {
    if encoding == UTF_8
        && let Ok(text) = std::str::from_utf8(octets)
    {
        return Zeroizing::new(text.to_owned());
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length(octets.len());
    let mut text = Zeroizing::new(String::with_capacity(
        room.unwrap_or_else(|| octets_decoded(octets.len())),
    ));
    // The room is the decoder's own upper bound; were it wrong, the text would end here, not grow unwiped.
    let _whole: (CoderResult, usize, bool) = decoder.decode_to_string(octets, &mut text, true);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(label: &str, octets: &[u8]) -> String {
        decode(Charset::for_label(label).unwrap(), octets).to_string()
    }

    /// What `iconv -f CHARSET -t UTF-8` makes of the same octets; RFC 5259 §7.1 names these nine.
    #[test]
    fn the_nine_of_convert_decode_as_iconv_does() {
        const OCTETS: &[u8] = b"\xa4\xb1\xc6\xd3\xe1\xe5\xef\xf8";
        for (label, octets, text) in [
            ("iso-8859-1", OCTETS, "¤±ÆÓáåïø"),
            ("iso-8859-2", OCTETS, "¤ąĆÓáĺďř"),
            ("iso-8859-3", OCTETS, "¤ħĈÓáċïĝ"),
            ("iso-8859-4", OCTETS, "¤ąÆĶáåīø"),
            ("iso-8859-5", OCTETS, "ЄБЦгсхяј"),
            ("iso-8859-6", b"\xa4\xac\xc7\xe1\xf2", "¤،افْ"),
            ("iso-8859-7", OCTETS, "€±ΖΣαεοψ"),
            ("iso-8859-8", b"\xa4\xb1\xe0\xf9\xfa", "¤±אשת"),
            ("iso-8859-15", OCTETS, "€±ÆÓáåïø"),
        ] {
            assert_eq!(of(label, octets), text, "{label}");
        }
    }

    #[test]
    fn a_mark_decides_only_what_the_charset_leaves_open() {
        assert_eq!(of("utf-16", b"\xfe\xff\0a"), "a");
        assert_eq!(of("utf-16", b"\xff\xfea\0"), "a");
        assert_eq!(of("utf-16", b"\0a"), "a");
        assert_eq!(of("utf-16le", b"\xff\xfea\0"), "a");
        assert_eq!(of("utf-8", b"\xef\xbb\xbfa"), "a");
        assert_eq!(of("windows-1252", b"\xef\xbb\xbfa"), "ï»¿a");
    }

    #[test]
    fn what_does_not_decode_is_replaced_as_whatwg_says() {
        assert_eq!(of("utf-8", b"a\xf0\x9f\x92b\xffc"), "a\u{fffd}b\u{fffd}c");
        assert_eq!(of("us-ascii", b"\x93"), "\u{201c}");
    }

    #[test]
    fn the_bound_of_memory_holds() {
        for octets in [&b"\xff\xff\xff"[..], b"", b"\x80", &[0x93; 1000]] {
            for label in [
                "utf-8",
                "windows-1252",
                "shift_jis",
                "utf-16",
                "utf-7",
                "iso-2022-jp",
            ] {
                let text = decode(Charset::for_label(label).unwrap(), octets);
                assert!(text.capacity() <= octets_decoded(octets.len()), "{label}");
            }
        }
    }
}
