//! Text as encoded-words: `B` or `Q`, whichever is shorter, and no character divided between two words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secret::Plaintext;
use zeroize::Zeroizing;

use crate::encode::{NotEncoded, Unknown, encode};
use crate::label::Charset;

/// RFC 2047 §2.
const LONGEST_WORD: usize = 75;
/// The most characters that are tried in one word: in the shortest form each has one octet.
const LONGEST_TEXT: usize = LONGEST_WORD;
/// The most octets that one character and what stands for it can have: RFC 5259 §9 expects four, more is allowed.
const LONGEST_CHARACTER: usize = 1024;

/// Encoded-words, none longer than 75 octets but one whose only character is.
pub type Written = Vec<String>;

#[derive(Clone, Copy, Eq, PartialEq)]
enum Encoding {
    B,
    Q,
}

/// `text` as encoded-words in `charset`; the first has at most `first` octets if that is enough for a character. They
/// may stand wherever an encoded-word may, phrases included (RFC 2047 §5).
///
/// # Errors
/// [`NotEncoded`].
pub fn write(
    charset: Charset,
    text: &str,
    unknown: Unknown<'_>,
    first: usize,
) -> Result<Written, NotEncoded> {
    if !charset.is_of_octets() {
        return Err(NotEncoded::ReadOnly);
    }
    let encoding = shorter(&encoded(charset, text, unknown)?);
    let mut words = Written::new();
    let mut rest = text;
    let mut room = first.min(LONGEST_WORD);
    while !rest.is_empty() {
        let (word, after) = longest(charset, encoding, rest, unknown, room)?;
        words.push(word);
        (rest, room) = (after, LONGEST_WORD);
    }
    Ok(words)
}

/// The longest word of at most `room` octets that `text` starts with; a single character where even that is longer.
fn longest<'a>(
    charset: Charset,
    encoding: Encoding,
    text: &'a str,
    unknown: Unknown<'_>,
    room: usize,
) -> Result<(String, &'a str), NotEncoded> {
    let mut best = None;
    let ends = text
        .char_indices()
        .map(|(at, c)| at.saturating_add(c.len_utf8()));
    for end in ends.take(LONGEST_TEXT) {
        let (taken, after) = text.split_at(end);
        let word = word(charset, encoding, taken, unknown)?;
        if word.len() > room && best.is_some() {
            break;
        }
        best = Some((word, after));
    }
    best.ok_or(NotEncoded::Exceeded)
}

fn encoded(charset: Charset, text: &str, unknown: Unknown<'_>) -> Result<Plaintext, NotEncoded> {
    let most = text
        .len()
        .saturating_add(1)
        .saturating_mul(LONGEST_CHARACTER);
    let mut octets = Plaintext::with_limit(most);
    encode(charset, text, unknown, &mut octets)?;
    Ok(octets)
}

fn word(
    charset: Charset,
    encoding: Encoding,
    text: &str,
    unknown: Unknown<'_>,
) -> Result<String, NotEncoded> {
    let octets = encoded(charset, text, unknown)?;
    let (letter, encoded) = match encoding {
        Encoding::B => ('B', Zeroizing::new(STANDARD.encode(octets.expose()))),
        Encoding::Q => ('Q', quoted(octets.expose())),
    };
    Ok(format!("=?{}?{letter}?{}?=", charset.name(), *encoded))
}

fn shorter(octets: &Plaintext) -> Encoding {
    let base64 = octets.len().div_ceil(3).saturating_mul(4);
    let quoted = octets.expose().iter().map(|octet| match octet {
        octet if is_plain(*octet) => 1_usize,
        _ => 3,
    });
    if quoted.sum::<usize>() <= base64 {
        Encoding::Q
    } else {
        Encoding::B
    }
}

/// RFC 2047 §5 (3): what stands for itself in a phrase, and so everywhere. A space is `_`.
fn is_plain(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"!*+-/ ".contains(&octet)
}

fn quoted(octets: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(octets.len().saturating_mul(3)));
    for octet in octets {
        match octet {
            b' ' => text.push('_'),
            octet if is_plain(*octet) => text.push(char::from(*octet)),
            octet => text.push_str(&format!("={octet:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encoded_word::decode;

    #[test]
    fn the_shorter_encoding_is_taken() {
        let utf8 = |text| write(Charset::UTF_8, text, Unknown::Refuse, 75).unwrap();
        assert_eq!(utf8("Jørgen Ander"), ["=?utf-8?Q?J=C3=B8rgen_Ander?="]);
        assert_eq!(utf8("日本"), ["=?utf-8?B?5pel5pys?="]);
    }

    #[test]
    fn no_character_is_divided_between_words() {
        for label in ["utf-8", "iso-2022-jp", "shift_jis", "gb18030"] {
            let charset = Charset::for_label(label).unwrap();
            let text = "日本語のとても長い件名".repeat(9);
            let words = write(charset, &text, Unknown::Refuse, 40).unwrap();
            assert!(words.len() > 3 && words[0].len() <= 40);
            let each: String = words.iter().map(|word| decode(word.as_bytes())).collect();
            assert_eq!(each, text, "{label}");
            assert!(words.iter().all(|word| word.len() <= 75));
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in "\\PC{0,120}", first in 0_usize..100) {
            let words = write(Charset::UTF_8, &text, Unknown::Refuse, first).unwrap();
            prop_assert!(words.iter().all(|word| word.len() <= 75));
            prop_assert_eq!(decode(words.join("\r\n ").as_bytes()), text);
        }
    }
}
