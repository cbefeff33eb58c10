//! Content transfer encodings (RFC 2045 §6), decoded in runs of any size and constant memory.

use zeroize::Zeroizing;

/// How a part's octets were made fit for mail.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TransferEncoding {
    /// `7bit`, `8bit` and `binary`: the octets themselves.
    Identity,
    /// `base64`.
    Base64,
    /// `quoted-printable`.
    QuotedPrintable,
}

impl TransferEncoding {
    /// The encoding that a Content-Transfer-Encoding field names, whatever its case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("7bit") || is("8bit") || is("binary") {
            Some(Self::Identity)
        } else if is("base64") {
            Some(Self::Base64)
        } else if is("quoted-printable") {
            Some(Self::QuotedPrintable)
        } else {
            None
        }
    }

    /// About how many encoded octets carry `octets` octets: lines of 76 characters for base64, the worst case else.
    pub(crate) fn encoded_len(self, octets: u64) -> u64 {
        match self {
            Self::Identity => octets,
            Self::Base64 => octets.div_ceil(57).saturating_mul(78),
            Self::QuotedPrintable => octets.saturating_mul(4),
        }
    }
}

/// The octets are not in the encoding that they should be in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NotEncoded;

/// Decoded octets that are gathered before they are handed on.
const ROOM: usize = 3 * 1024;
/// White space at the end of a quoted-printable line that is held back; RFC 2045 §6.7 has lines of 76 characters.
const LONGEST_WHITE_SPACE: usize = 998;
/// From how many on they are handed on: whatever one octet more brings has room.
const FULL: usize = ROOM - LONGEST_WHITE_SPACE - 4;

/// Decodes one body.
pub(crate) struct Decoder {
    state: State,
    room: Zeroizing<Vec<u8>>,
}

enum State {
    Identity,
    Base64(Base64),
    QuotedPrintable(QuotedPrintable),
}

impl Decoder {
    pub(crate) fn new(encoding: TransferEncoding) -> Self {
        let state = match encoding {
            TransferEncoding::Identity => State::Identity,
            TransferEncoding::Base64 => State::Base64(Base64::default()),
            TransferEncoding::QuotedPrintable => State::QuotedPrintable(QuotedPrintable::default()),
        };
        // All the room at once: growing would leave copies behind.
        let room = Zeroizing::new(Vec::with_capacity(ROOM));
        Self { state, room }
    }

    /// Decodes `run` and hands what comes out to `sink`.
    ///
    /// # Errors
    /// [`NotEncoded`], or what `sink` returns.
    pub(crate) fn decode<E: From<NotEncoded>>(
        &mut self,
        run: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if let State::Identity = self.state {
            return sink(run);
        }
        let mut rest = run;
        while let Some((octet, after)) = rest.split_first() {
            if let State::Base64(base64) = &mut self.state {
                let quads = base64.take_quads(rest, &mut self.room);
                if quads > 0 {
                    rest = rest.get(quads..).unwrap_or_default();
                    if self.room.len() >= FULL {
                        sink(&self.room)?;
                        self.room.clear();
                    }
                    continue;
                }
            }
            rest = after;
            match &mut self.state {
                State::Identity => {}
                State::Base64(base64) => base64.take(*octet, &mut self.room)?,
                State::QuotedPrintable(quoted) => quoted.take(*octet, &mut self.room)?,
            }
            if self.room.len() >= FULL {
                sink(&self.room)?;
                self.room.clear();
            }
        }
        sink(&self.room)?;
        self.room.clear();
        Ok(())
    }

    /// Whether the body may end here.
    ///
    /// # Errors
    /// [`NotEncoded`] when it is cut in the middle of something.
    pub(crate) fn finish(&self) -> Result<(), NotEncoded> {
        match &self.state {
            State::Identity => Ok(()),
            State::Base64(base64) => base64.finish(),
            State::QuotedPrintable(quoted) => quoted.finish(),
        }
    }
}

/// RFC 2045 §6.8, read strictly: where the RFC has a decoder skip characters outside the alphabet, only white space is
/// skipped here, and what the padding leaves over must be zero, so that no two texts that differ in more than white space
/// decode alike.
#[derive(Default)]
struct Base64 {
    bits: u32,
    count: u8,
    padding: u8,
}

/// What a digit means, by its octet; [`NO_DIGIT`] for all others.
const DIGITS: [u8; 256] = digits();
const NO_DIGIT: u8 = 0xff;

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "done by the compiler, which would refuse to"
)]
const fn digits() -> [u8; 256] {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0_u8;
    while value < 64 {
        digits[alphabet[value as usize] as usize] = value;
        value += 1;
    }
    digits
}

impl Base64 {
    /// Takes whole groups of four digits as long as there is nothing else and `room` is not full; says how many octets
    /// that were. The quick way: lines are nothing but such groups.
    fn take_quads(&self, run: &[u8], room: &mut Vec<u8>) -> usize {
        if self.count != 0 || self.padding != 0 {
            return 0;
        }
        let mut taken = 0_usize;
        let (quads, _rest) = run.as_chunks::<4>();
        for quad in quads {
            let [a, b, c, d] = quad.map(|octet| {
                let digit = DIGITS.get(usize::from(octet));
                digit.copied().unwrap_or(NO_DIGIT)
            });
            if (a | b | c | d) & 0xc0 != 0 || room.len() >= FULL {
                break;
            }
            let bits = u32::from(a) << 18 | u32::from(b) << 12 | u32::from(c) << 6 | u32::from(d);
            let [_, first, second, third] = bits.to_be_bytes();
            room.extend_from_slice(&[first, second, third]);
            taken = taken.saturating_add(4);
        }
        taken
    }

    fn take(&mut self, octet: u8, room: &mut Vec<u8>) -> Result<(), NotEncoded> {
        if matches!(octet, b' ' | b'\t' | b'\r' | b'\n') {
            return Ok(());
        }
        let value = if octet == b'=' {
            self.pad()?
        } else {
            self.digit(octet)?
        };
        self.bits = (self.bits << 6) | u32::from(value);
        self.count = self.count.saturating_add(1);
        if self.count == 4 {
            self.flush(room)
        } else {
            Ok(())
        }
    }

    /// Padding stands in the last one or two places only.
    fn pad(&mut self) -> Result<u8, NotEncoded> {
        let ended = self.padding > 0 && self.count == 0;
        if self.count < 2 || ended {
            return Err(NotEncoded);
        }
        self.padding = self.padding.saturating_add(1);
        Ok(0)
    }

    fn digit(&self, octet: u8) -> Result<u8, NotEncoded> {
        if self.padding > 0 {
            return Err(NotEncoded);
        }
        let from = |first: u8, value: u8| octet.wrapping_sub(first).wrapping_add(value);
        match octet {
            b'A'..=b'Z' => Ok(from(b'A', 0)),
            b'a'..=b'z' => Ok(from(b'a', 26)),
            b'0'..=b'9' => Ok(from(b'0', 52)),
            b'+' => Ok(62),
            b'/' => Ok(63),
            0..=b'*' | b','..=b'.' | b':'..=b'@' | b'['..=b'`' | b'{'..=255 => Err(NotEncoded),
        }
    }

    fn flush(&mut self, room: &mut Vec<u8>) -> Result<(), NotEncoded> {
        let [_, first, second, third] = self.bits.to_be_bytes();
        match (self.padding, second, third) {
            (0, _, _) => room.extend([first, second, third]),
            (1, _, 0) => room.extend([first, second]),
            (2, 0, 0) => room.push(first),
            (1 | 2, _, _) | (3.., _, _) => return Err(NotEncoded),
        }
        self.bits = 0;
        self.count = 0;
        Ok(())
    }

    fn finish(&self) -> Result<(), NotEncoded> {
        if self.count == 0 {
            Ok(())
        } else {
            Err(NotEncoded)
        }
    }
}

/// Where in a quoted-printable text the decoder is.
#[derive(Clone, Copy, Default)]
enum Quoting {
    #[default]
    Plain,
    /// After `=`.
    Sign,
    /// After `=` and one digit.
    Digit(u8),
    /// After `=` and white space: a soft line break must follow.
    Soft,
    /// After `=` CR.
    SoftCr,
}

/// RFC 2045 §6.7.
#[derive(Default)]
struct QuotedPrintable {
    quoting: Quoting,
    /// White space that is dropped if the line ends with it (rule 3).
    white_space: Zeroizing<Vec<u8>>,
}

impl QuotedPrintable {
    fn take(&mut self, octet: u8, room: &mut Vec<u8>) -> Result<(), NotEncoded> {
        self.quoting = match self.quoting {
            Quoting::Plain => self.plain(octet, room)?,
            Quoting::Sign => match octet {
                b'\n' => Quoting::Plain,
                b'\r' => Quoting::SoftCr,
                b' ' | b'\t' => Quoting::Soft,
                digit => Quoting::Digit(hex(digit)?),
            },
            Quoting::Digit(high) => {
                room.push((high << 4) | hex(octet)?);
                Quoting::Plain
            }
            Quoting::Soft => match octet {
                b' ' | b'\t' => Quoting::Soft,
                b'\r' => Quoting::SoftCr,
                b'\n' => Quoting::Plain,
                0..=8 | 11 | 12 | 14..=31 | 33..=255 => return Err(NotEncoded),
            },
            Quoting::SoftCr if octet == b'\n' => Quoting::Plain,
            Quoting::SoftCr => return Err(NotEncoded),
        };
        Ok(())
    }

    fn plain(&mut self, octet: u8, room: &mut Vec<u8>) -> Result<Quoting, NotEncoded> {
        if matches!(octet, b' ' | b'\t') {
            if self.white_space.len() >= LONGEST_WHITE_SPACE {
                return Err(NotEncoded);
            }
            self.white_space.push(octet);
            return Ok(Quoting::Plain);
        }
        // RFC 2045 §6.7 rule 3: white space at the end of a line was added on the way.
        if !matches!(octet, b'\r' | b'\n') {
            room.extend_from_slice(&self.white_space);
        }
        self.white_space.clear();
        if octet == b'=' {
            return Ok(Quoting::Sign);
        }
        room.push(octet);
        Ok(Quoting::Plain)
    }

    fn finish(&self) -> Result<(), NotEncoded> {
        match self.quoting {
            // A soft line break may be the last line's, its end cut off with the part's boundary.
            Quoting::Plain | Quoting::Sign | Quoting::Soft | Quoting::SoftCr => Ok(()),
            Quoting::Digit(_) => Err(NotEncoded),
        }
    }
}

/// RFC 2045 §6.7 rule 1: upper case; lower case is read too.
fn hex(octet: u8) -> Result<u8, NotEncoded> {
    char::from(octet)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or(NotEncoded)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn decode(encoding: TransferEncoding, runs: &[&[u8]]) -> Result<Vec<u8>, NotEncoded> {
        let mut decoder = Decoder::new(encoding);
        let mut decoded = Vec::new();
        for run in runs {
            decoder.decode(run, |octets| {
                decoded.extend_from_slice(octets);
                Ok::<_, NotEncoded>(())
            })?;
        }
        decoder.finish()?;
        Ok(decoded)
    }

    #[test]
    fn base64_skips_white_space_and_nothing_else() {
        let base64 = |text: &str| decode(TransferEncoding::Base64, &[text.as_bytes()]);
        assert_eq!(base64("Zm9v\r\nYmE=\r\n \t\n").unwrap(), b"fooba");
        for wrong in [
            "Zm9v!", "Zm9", "Zg=", "Zg==Zg==", "Zh==", "Zm9=v", "=", "Z===", "Zm9v=", "Zm9v====",
        ] {
            assert_eq!(base64(wrong), Err(NotEncoded), "{wrong}");
        }
        assert_eq!(base64("").unwrap(), b"");
    }

    #[test]
    fn quoted_printable_follows_the_five_rules() {
        let quoted = |text: &str| decode(TransferEncoding::QuotedPrintable, &[text.as_bytes()]);
        assert_eq!(
            quoted("a=3Db=3d \t\r\nc=\r\nd=\t \r\n e").unwrap(),
            b"a=b=\r\ncd e"
        );
        for wrong in ["=zz", "=4", "= x", "=\rx"] {
            assert_eq!(quoted(wrong), Err(NotEncoded), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn base64_decodes_what_was_encoded_however_it_is_cut(
            octets in proptest::collection::vec(any::<u8>(), 0..8000),
            cut in any::<prop::sample::Index>(),
        ) {
            let text: Vec<u8> = STANDARD
                .encode(&octets)
                .as_bytes()
                .chunks(76)
                .flat_map(|line| [line, b"\r\n"].concat())
                .collect();
            let (first, second) = text.split_at(cut.index(text.len() + 1));
            prop_assert_eq!(decode(TransferEncoding::Base64, &[first, second]), Ok(octets));
        }

        #[test]
        fn quoted_printable_does_not_depend_on_cuts(
            text in "([a-z \t]|=[0-9A-F]{2}|\r\n|=\r\n){0,200}",
            cut in any::<prop::sample::Index>(),
        ) {
            let whole = decode(TransferEncoding::QuotedPrintable, &[text.as_bytes()]);
            let (first, second) = text.as_bytes().split_at(cut.index(text.len() + 1));
            prop_assert_eq!(decode(TransferEncoding::QuotedPrintable, &[first, second]), whole);
        }
    }
}
