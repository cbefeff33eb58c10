//! The quoted-printable transfer encoding, octet by octet.

use zeroize::Zeroizing;

use super::NotEncoded;

/// Decoded octets that are gathered before they are handed on.
const ROOM: usize = 3 * 1024;
/// White space at the end of a line that is held back; RFC 2045 §6.7 has lines of 76 characters.
const LONGEST_WHITE_SPACE: usize = 998;
/// From how many on they are handed on: whatever one octet more brings has room.
const FULL: usize = ROOM - LONGEST_WHITE_SPACE - 4;

/// Where in a quoted-printable text the decoder is.
#[derive(Clone, Copy)]
enum Quoting {
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
pub(super) struct QuotedPrintable {
    quoting: Quoting,
    /// What was decoded and not yet handed on.
    room: Zeroizing<Vec<u8>>,
    /// White space that is dropped if the line ends with it (rule 3).
    white_space: Zeroizing<Vec<u8>>,
}

impl QuotedPrintable {
    pub(super) fn new() -> Self {
        Self {
            quoting: Quoting::Plain,
            // All the room at once: growing would leave copies behind.
            room: Zeroizing::new(Vec::with_capacity(ROOM)),
            white_space: Zeroizing::new(Vec::with_capacity(LONGEST_WHITE_SPACE)),
        }
    }

    /// Decodes `run` and hands what comes out to `sink`.
    pub(super) fn decode<E: From<NotEncoded>>(
        &mut self,
        run: &[u8],
        mut sink: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for octet in run {
            self.take(*octet)?;
            if self.room.len() >= FULL {
                sink(&self.room)?;
                self.room.clear();
            }
        }
        sink(&self.room)?;
        self.room.clear();
        Ok(())
    }

    fn take(&mut self, octet: u8) -> Result<(), NotEncoded> {
        self.quoting = match self.quoting {
            Quoting::Plain => self.plain(octet)?,
            Quoting::Sign => match octet {
                b'\n' => Quoting::Plain,
                b'\r' => Quoting::SoftCr,
                b' ' | b'\t' => Quoting::Soft,
                digit => Quoting::Digit(hex(digit)?),
            },
            Quoting::Digit(high) => {
                self.room.push((high << 4) | hex(octet)?);
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

    fn plain(&mut self, octet: u8) -> Result<Quoting, NotEncoded> {
        if matches!(octet, b' ' | b'\t') {
            if self.white_space.len() >= LONGEST_WHITE_SPACE {
                return Err(NotEncoded);
            }
            self.white_space.push(octet);
            return Ok(Quoting::Plain);
        }
        // RFC 2045 §6.7 rule 3: white space at the end of a line was added on the way.
        if !matches!(octet, b'\r' | b'\n') {
            self.room.extend_from_slice(&self.white_space);
        }
        self.white_space.clear();
        if octet == b'=' {
            return Ok(Quoting::Sign);
        }
        self.room.push(octet);
        Ok(Quoting::Plain)
    }

    /// Whether the body may end here.
    pub(super) fn finish(&self) -> Result<(), NotEncoded> {
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
