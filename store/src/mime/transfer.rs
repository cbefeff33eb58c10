//! Content transfer encodings (RFC 2045 §6), undone in runs for BINARY (RFC 3516) and SEARCH.

/// How a part's body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TransferEncoding {
    /// `7bit`, `8bit`, `binary`.
    Identity,
    /// `base64`
    Base64,
    /// `quoted-printable`
    QuotedPrintable,
    /// A name we do not know: BINARY refuses it with UNKNOWN-CTE (RFC 3516 §4.3).
    Unknown,
}

impl TransferEncoding {
    /// The encoding that a Content-Transfer-Encoding field names.
    pub(crate) fn from_name(name: &[u8]) -> Self {
        let named = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        if named("7bit") || named("8bit") || named("binary") {
            Self::Identity
        } else if named("base64") {
            Self::Base64
        } else if named("quoted-printable") {
            Self::QuotedPrintable
        } else {
            Self::Unknown
        }
    }

    /// A decoder at the start of a body. An unknown encoding is passed through.
    pub(crate) fn decoder(self) -> Decoder {
        match self {
            Self::Identity | Self::Unknown => Decoder::Identity,
            Self::Base64 => Decoder::Base64 { bits: 0, held: 0 },
            Self::QuotedPrintable => Decoder::QuotedPrintable(QuotedPrintable::default()),
        }
    }
}

/// Undoes one body's transfer encoding.
pub(crate) enum Decoder {
    /// Nothing to undo.
    Identity,
    /// RFC 2045 §6.8
    Base64 {
        /// Bits not given out yet.
        bits: u32,
        /// How many of them.
        held: u32,
    },
    /// RFC 2045 §6.7
    QuotedPrintable(QuotedPrintable),
}

impl Decoder {
    /// Decodes the next run into `out`.
    pub(crate) fn push(&mut self, run: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Identity => out.extend_from_slice(run),
            Self::Base64 { bits, held } => base64(run, bits, held, out),
            Self::QuotedPrintable(state) => state.push(run, out),
        }
    }

    /// Gives out what waited for more.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        if let Self::QuotedPrintable(state) = self {
            state.finish(out);
        }
    }
}

fn base64(run: &[u8], bits: &mut u32, held: &mut u32, out: &mut Vec<u8>) {
    for &octet in run {
        // RFC 2045 §6.8: characters outside the alphabet are ignored; padding ends a quantum.
        let Some(value) = sextet(octet) else {
            if octet == b'=' {
                *held = 0;
            }
            continue;
        };
        *bits = (*bits << 6 | u32::from(value)) & 0xFF_FFFF;
        *held += 6;
        if *held >= 8 {
            *held -= 8;
            out.push((*bits >> *held) as u8);
        }
    }
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Decodes quoted-printable however the runs are cut.
#[derive(Default)]
pub(crate) struct QuotedPrintable {
    /// `=` and at most two octets after it.
    escape: Vec<u8>,
    /// White space that is dropped if the line ends after it (RFC 2045 §6.7 rule 3).
    blanks: Vec<u8>,
}

/// White space before a line's end that is remembered; a longer run is text, not padding.
const LONGEST_BLANKS: usize = 998;

impl QuotedPrintable {
    fn push(&mut self, run: &[u8], out: &mut Vec<u8>) {
        for &octet in run {
            if self.escape.is_empty() {
                self.plain(octet, out);
            } else {
                self.escape.push(octet);
                self.escaped(out);
            }
        }
    }

    fn plain(&mut self, octet: u8, out: &mut Vec<u8>) {
        match octet {
            b'=' => {
                out.append(&mut self.blanks);
                self.escape.push(octet);
            }
            b' ' | b'\t' if self.blanks.len() < LONGEST_BLANKS => self.blanks.push(octet),
            b'\r' | b'\n' => {
                self.blanks.clear();
                out.push(octet);
            }
            _ => {
                out.append(&mut self.blanks);
                out.push(octet);
            }
        }
    }

    fn escaped(&mut self, out: &mut Vec<u8>) {
        match *self.escape.as_slice() {
            // A soft line break, blanks before its end included.
            [b'=', b' ' | b'\t'] => self.escape.truncate(1),
            [b'=', b'\n'] | [b'=', b'\r', b'\n'] => self.escape.clear(),
            [_, _] => {}
            [b'=', high, low] => match (hex(high), hex(low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    self.escape.clear();
                }
                // Not an escape after all: shown as it is (RFC 2045 §6.7 note).
                (None, _) | (_, None) => out.append(&mut self.escape),
            },
            _ => out.append(&mut self.escape),
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.escape);
        self.blanks.clear();
    }
}

fn hex(octet: u8) -> Option<u8> {
    (octet as char)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: TransferEncoding, runs: &[&[u8]]) -> Vec<u8> {
        let mut decoder = encoding.decoder();
        let mut out = Vec::new();
        for run in runs {
            decoder.push(run, &mut out);
        }
        decoder.finish(&mut out);
        out
    }

    fn is_the_same_at_every_cut(encoding: TransferEncoding, encoded: &[u8], plain: &[u8]) {
        for cut in 0..=encoded.len() {
            let (first, second) = encoded.split_at(cut);
            assert_eq!(decoded(encoding, &[first, second]), plain, "cut at {cut}");
        }
    }

    #[test]
    fn base64_is_decoded_wherever_the_runs_end() {
        is_the_same_at_every_cut(
            TransferEncoding::Base64,
            b"AAEC\r\nAwQ=\r\n",
            b"\x00\x01\x02\x03\x04",
        );
    }

    #[test]
    fn quoted_printable_is_decoded_wherever_the_runs_end() {
        is_the_same_at_every_cut(
            TransferEncoding::QuotedPrintable,
            b"a=3Db =\r\nc  \r\n=C3=A9 d",
            b"a=b c\r\n\xC3\xA9 d",
        );
    }

    #[test]
    fn a_broken_escape_is_shown_as_it_is() {
        assert_eq!(
            decoded(TransferEncoding::QuotedPrintable, &[b"1 =ZZ 2="]),
            b"1 =ZZ 2="
        );
    }
}
