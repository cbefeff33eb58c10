//! Content transfer encodings (RFC 2045 §6), decoded in runs of any size and constant memory.

mod base64;
mod quoted_printable;

use self::base64::Base64;
use self::quoted_printable::QuotedPrintable;

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

    /// How many octets `encoded` octets carry at most.
    pub(crate) fn decoded_len(self, encoded: usize) -> usize {
        match self {
            Self::Base64 => encoded.div_ceil(4).saturating_mul(3),
            Self::Identity | Self::QuotedPrintable => encoded,
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

/// Decodes one body.
pub(crate) struct Decoder {
    state: State,
}

enum State {
    Identity,
    Base64(Box<Base64>),
    QuotedPrintable(QuotedPrintable),
}

impl Decoder {
    pub(crate) fn new(encoding: TransferEncoding) -> Self {
        let state = match encoding {
            TransferEncoding::Identity => State::Identity,
            TransferEncoding::Base64 => State::Base64(Box::new(Base64::new())),
            TransferEncoding::QuotedPrintable => State::QuotedPrintable(QuotedPrintable::new()),
        };
        Self { state }
    }

    /// What is decoded.
    pub(crate) fn encoding(&self) -> TransferEncoding {
        match self.state {
            State::Identity => TransferEncoding::Identity,
            State::Base64(_) => TransferEncoding::Base64,
            State::QuotedPrintable(_) => TransferEncoding::QuotedPrintable,
        }
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
        match &mut self.state {
            State::Identity => sink(run),
            State::Base64(base64) => base64.decode(run, sink),
            State::QuotedPrintable(quoted) => quoted.decode(run, sink),
        }
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

#[cfg(test)]
mod tests {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
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

    /// One reading of the rules, digit by digit, for what the quick way must agree with.
    fn plain_base64(text: &[u8]) -> Option<Vec<u8>> {
        let digits: Vec<u8> = text
            .iter()
            .copied()
            .filter(|octet| !matches!(octet, b' ' | b'\t' | b'\r' | b'\n'))
            .collect();
        STANDARD.decode(digits).ok()
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
        fn base64_is_what_its_digits_are_whatever_stands_between_them(
            octets in proptest::collection::vec(any::<u8>(), 0..3000),
            line in 1..200_usize,
            ends in proptest::sample::select(vec!["\n", "\r\n", " \n", "\t", "\n\n", "\r\r\n"]),
            wrong in proptest::option::of((any::<prop::sample::Index>(), any::<u8>())),
            cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let digits = STANDARD.encode(&octets);
            let mut text: Vec<u8> = digits
                .as_bytes()
                .chunks(line)
                .flat_map(|line| [line, ends.as_bytes()].concat())
                .collect();
            if let Some((place, octet)) = wrong && !text.is_empty() {
                let place = place.index(text.len());
                text[place] = octet;
            }
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
            places.extend([0, text.len()]);
            places.sort_unstable();
            let runs: Vec<&[u8]> = places.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(decode(TransferEncoding::Base64, &runs).ok(), plain_base64(&text));
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
