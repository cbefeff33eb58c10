//! Text to octets. A character that has none in the charset is replaced, referred to, or a reason to refuse: the caller says.

use encoding_rs::{Encoder, EncoderResult, UTF_8};
use secret::Plaintext;
use zeroize::Zeroizing;

use crate::label::{Charset, Form, Order};

/// What becomes of a character that the charset lacks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unknown<'a> {
    /// The whole text is refused.
    Refuse,
    /// This stands for it (RFC 5259 §12.1).
    Replace(&'a str),
    /// `&#8364;`: for HTML and XML, which have every character in every charset.
    Reference,
}

/// Why text was not encoded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NotEncoded {
    /// A character has no octets in the charset, and nor has its replacement, or there is none.
    Unrepresentable,
    /// The charset is only read.
    ReadOnly,
    /// The octets are more than was allowed.
    Exceeded,
}

impl From<secret::Exceeded> for NotEncoded {
    fn from(_: secret::Exceeded) -> Self {
        Self::Exceeded
    }
}

/// Appends `text` to `octets`, in `charset`. UTF-16 whose order is open is big-endian and has its mark.
///
/// # Errors
/// [`NotEncoded`]; what was appended before stays.
pub fn encode(
    charset: Charset,
    text: &str,
    unknown: Unknown<'_>,
    octets: &mut Plaintext,
) -> Result<(), NotEncoded> {
    runs(charset, text, unknown, &mut |run| Ok(octets.extend(run)?))
}

/// How many octets [`encode`] would append.
///
/// # Errors
/// [`NotEncoded`], but for a limit.
pub(crate) fn octets_encoded(
    charset: Charset,
    text: &str,
    unknown: Unknown<'_>,
) -> Result<usize, NotEncoded> {
    let mut octets = 0_usize;
    runs(charset, text, unknown, &mut |run| {
        octets = octets.saturating_add(run.len());
        Ok(())
    })?;
    Ok(octets)
}

type Written = Result<(), NotEncoded>;

/// Gives `write` the octets of `text`, run by run.
fn runs(
    charset: Charset,
    text: &str,
    unknown: Unknown<'_>,
    write: &mut dyn FnMut(&[u8]) -> Written,
) -> Written {
    match charset.form {
        Form::Web(encoding) if encoding == UTF_8 => write(text.as_bytes()),
        Form::Web(encoding) => by_web(encoding.new_encoder(), text, unknown, write),
        Form::Narrow(_) | Form::Ascii => by_character(charset, text, unknown, write),
        Form::Utf16(order) => utf16(order, text, write),
        Form::Utf16Marked => {
            write(&MARK)?;
            utf16(Order::Big, text, write)
        }
        Form::Utf7 => Err(NotEncoded::ReadOnly),
    }
}

/// The mark of big-endian order.
pub(crate) const MARK: [u8; 2] = [0xfe, 0xff];

/// Octets that are encoded at a time.
const RUN: usize = 1024;

fn by_web(
    mut encoder: Encoder,
    text: &str,
    unknown: Unknown<'_>,
    write: &mut dyn FnMut(&[u8]) -> Written,
) -> Written {
    let mut rest = text;
    while let Some((character, after)) = step(&mut encoder, rest, Last::Yes, write)? {
        let instead = instead(character, unknown)?;
        // What stands for it goes the same way: a charset with states is left in the right one.
        if step(&mut encoder, &instead, Last::No, write)?.is_some() {
            return Err(NotEncoded::Unrepresentable);
        }
        rest = after;
    }
    Ok(())
}

/// Whether the text ends here; charsets with states go back to ASCII then.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Last {
    Yes,
    No,
}

/// Encodes up to the first character that has no octets; gives it, and what stands after it.
fn step<'a>(
    encoder: &mut Encoder,
    text: &'a str,
    last: Last,
    write: &mut dyn FnMut(&[u8]) -> Written,
) -> Result<Option<(char, &'a str)>, NotEncoded> {
    let mut run = Zeroizing::new([0_u8; RUN]);
    let mut rest = text;
    loop {
        let last = last == Last::Yes;
        let (result, read, written) =
            encoder.encode_from_utf8_without_replacement(rest, run.as_mut_slice(), last);
        write(run.get(..written).unwrap_or_default())?;
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return Ok(None),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => return Ok(Some((character, rest))),
        }
    }
}

fn instead(character: char, unknown: Unknown<'_>) -> Result<Zeroizing<String>, NotEncoded> {
    match unknown {
        Unknown::Refuse => Err(NotEncoded::Unrepresentable),
        Unknown::Replace(with) => Ok(Zeroizing::new(with.to_owned())),
        Unknown::Reference => Ok(Zeroizing::new(format!("&#{};", u32::from(character)))),
    }
}

/// For the charsets of one octet a character that are written in their strict sense.
fn by_character(
    charset: Charset,
    text: &str,
    unknown: Unknown<'_>,
    write: &mut dyn FnMut(&[u8]) -> Written,
) -> Written {
    for character in text.chars() {
        if let Some(octet) = strictly(charset, character) {
            write(&[octet])?;
            continue;
        }
        for character in instead(character, unknown)?.chars() {
            let octet = strictly(charset, character).ok_or(NotEncoded::Unrepresentable)?;
            write(&[octet])?;
        }
    }
    Ok(())
}

fn strictly(charset: Charset, character: char) -> Option<u8> {
    if character.is_ascii() {
        return u8::try_from(character).ok();
    }
    let Form::Narrow(encoding) = charset.form else {
        return None;
    };
    if matches!(character, '\u{80}'..='\u{9f}') {
        return u8::try_from(character).ok();
    }
    let (mut utf8, mut run) = ([0; 4], [0; 4]);
    let text = character.encode_utf8(&mut utf8);
    let mut encoder = encoding.new_encoder();
    let (result, _, _) = encoder.encode_from_utf8_without_replacement(text, &mut run, true);
    // 80 to 9F are controls in ISO 8859 (and letters in the charsets of Windows that stand for it).
    (result == EncoderResult::InputEmpty && run[0] >= 0xa0).then_some(run[0])
}

fn utf16(order: Order, text: &str, write: &mut dyn FnMut(&[u8]) -> Written) -> Written {
    for unit in text.encode_utf16() {
        write(&match order {
            Order::Big => unit.to_be_bytes(),
            Order::Little => unit.to_le_bytes(),
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(label: &str, text: &str, unknown: Unknown<'_>) -> Result<Vec<u8>, NotEncoded> {
        let mut octets = Plaintext::with_limit(100);
        encode(
            Charset::for_label(label).unwrap(),
            text,
            unknown,
            &mut octets,
        )?;
        Ok(octets.expose().to_vec())
    }

    #[test]
    fn what_is_missing_is_replaced_referred_to_or_refused() {
        let text = "5 €";
        let refused = Err(NotEncoded::Unrepresentable);
        assert_eq!(of("iso-8859-1", text, Unknown::Refuse), refused);
        assert_eq!(of("iso-8859-1", text, Unknown::Replace("€")), refused);
        assert_eq!(of("koi8-r", text, Unknown::Replace("€")), refused);
        assert_eq!(
            of("koi8-r", text, Unknown::Replace("EUR")).unwrap(),
            b"5 EUR"
        );
        assert_eq!(of("us-ascii", text, Unknown::Replace("?")).unwrap(), b"5 ?");
        assert_eq!(
            of("us-ascii", text, Unknown::Reference).unwrap(),
            b"5 &#8364;"
        );
        assert_eq!(
            of("windows-1252", text, Unknown::Refuse).unwrap(),
            b"5 \x80"
        );
        assert_eq!(of("iso-8859-15", text, Unknown::Refuse).unwrap(), b"5 \xa4");
    }

    #[test]
    fn a_charset_with_states_is_left_in_ascii() {
        let octets = of("iso-2022-jp", "日😀本", Unknown::Replace("?")).unwrap();
        assert_eq!(octets, b"\x1b$BF|\x1b(B?\x1b$BK\\\x1b(B");
    }

    #[test]
    fn utf_16_has_its_mark_where_the_order_is_open() {
        assert_eq!(of("utf-16", "a", Unknown::Refuse).unwrap(), b"\xfe\xff\0a");
        assert_eq!(
            of("utf-16le", "😀", Unknown::Refuse).unwrap(),
            b"\x3d\xd8\0\xde"
        );
    }

    #[test]
    fn a_limit_holds() {
        let long = "é".repeat(101);
        assert_eq!(
            of("iso-8859-1", &long, Unknown::Refuse),
            Err(NotEncoded::Exceeded)
        );
        assert_eq!(
            of("koi8-r", &"я".repeat(101), Unknown::Refuse),
            Err(NotEncoded::Exceeded)
        );
        assert_eq!(of("utf-7", "a", Unknown::Refuse), Err(NotEncoded::ReadOnly));
    }
}
