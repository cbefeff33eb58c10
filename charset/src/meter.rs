//! How many octets text will take in a charset. What is cut to so many octets is cut by this, before any of it is encoded.

use zeroize::Zeroizing;

use crate::encode::{MARK, Unknown, octets_encoded};
use crate::label::{Charset, Form};

/// Counts the octets of text that comes piece by piece: exactly, but that in a charset with states (ISO-2022-JP) it may be a few more
/// than [`encode`](fn@crate::encode) makes of the whole. A character that will be refused counts for nothing.
pub struct Meter {
    charset: Charset,
    instead: Instead,
    /// In a charset with states: the character that it is left in the state of, if that is not ASCII's.
    last: Option<char>,
}

/// What stands for a character that the charset lacks.
enum Instead {
    Nothing,
    Text(String),
    Reference,
}

impl Meter {
    /// Counts as [`encode`](fn@crate::encode) writes in `charset`.
    #[must_use]
    pub fn new(charset: Charset, unknown: Unknown<'_>) -> Self {
        let instead = match unknown {
            Unknown::Replace(with) if octets_encoded(charset, with, Unknown::Refuse).is_ok() => {
                Instead::Text(with.to_owned())
            }
            Unknown::Replace(_) | Unknown::Refuse => Instead::Nothing,
            Unknown::Reference => Instead::Reference,
        };
        Self {
            charset,
            instead,
            last: None,
        }
    }

    /// The octets before any text: a mark of byte order, where the charset has one.
    #[must_use]
    pub fn mark(&self) -> usize {
        match self.charset.form {
            Form::Utf16Marked => MARK.len(),
            Form::Web(_) | Form::Narrow(_) | Form::Ascii | Form::Utf16(_) | Form::Utf7 => 0,
        }
    }

    /// The octets of `text` by itself, whatever stands before and after it.
    #[must_use]
    pub fn alone(&self, text: &str) -> usize {
        let own = self.charset.is_of_octets() && !self.charset.has_states();
        if self.charset == Charset::UTF_8 || (own && text.is_ascii()) {
            return text.len();
        }
        let unknown = match &self.instead {
            Instead::Nothing => Unknown::Replace(""),
            Instead::Text(with) => Unknown::Replace(with),
            Instead::Reference => Unknown::Reference,
        };
        let octets = octets_encoded(self.charset, text, unknown).unwrap_or(0);
        octets.saturating_sub(self.mark())
    }

    /// The octets of `text` behind what was taken; never more than [`Self::alone`].
    #[must_use]
    pub fn next(&self, text: &str) -> usize {
        let Some(last) = self.last else {
            return self.alone(text);
        };
        let room = text.len().saturating_add(last.len_utf8());
        let mut joined = Zeroizing::new(String::with_capacity(room));
        joined.push(last);
        let before = self.alone(&joined);
        joined.push_str(text);
        self.alone(&joined).saturating_sub(before)
    }

    /// Takes note that `text` is written.
    pub fn take(&mut self, text: &str) {
        if self.charset.has_states()
            && let Some(last) = text.chars().next_back()
        {
            self.last = Some(last).filter(|last| !last.is_ascii());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secret::Plaintext;

    use super::*;
    use crate::encode;

    /// What is counted of `pieces`, and what they take.
    fn both(label: &str, unknown: Unknown<'_>, pieces: &[&str]) -> (usize, usize) {
        let charset = Charset::for_label(label).unwrap();
        let mut meter = Meter::new(charset, unknown);
        let mut counted = meter.mark();
        for piece in pieces {
            let next = meter.next(piece);
            assert!(next <= meter.alone(piece), "{label}: {piece}");
            counted += next;
            meter.take(piece);
        }
        let mut octets = Plaintext::with_limit(1 << 20);
        encode(charset, &pieces.concat(), unknown, &mut octets).unwrap();
        (counted, octets.len())
    }

    #[test]
    fn each_charset_counts_what_it_takes() {
        for (label, text, octets) in [
            ("koi8-r", "слово", 5),
            ("utf-16", "a€😀", 2 + 2 + 2 + 4),
            ("utf-16le", "a€", 4),
            ("shift_jis", "日本", 4),
            ("gb18030", "😀", 4),
            ("iso-2022-jp", "日本", 3 + 4 + 3),
            ("us-ascii", "é", "[what]".len()),
        ] {
            let counted = both(label, Unknown::Replace("[what]"), &[text]);
            assert_eq!(counted, (octets, octets), "{label}");
        }
        let referred = both("us-ascii", Unknown::Reference, &["é"]);
        assert_eq!(referred, (6, 6));
    }

    #[test]
    fn states_are_paid_once_for_a_run() {
        let pieces = ["日", "本", "語", "a", "日"];
        let (counted, octets) = both("iso-2022-jp", Unknown::Refuse, &pieces);
        assert_eq!((counted, octets), (21, 21));
    }

    proptest! {
        /// What a meter lets through is never longer than it said.
        #[test]
        fn no_text_is_longer_than_what_was_counted(
            pieces in proptest::collection::vec("[a\\\\~¥‾é日本ア€я😀 ]{0,5}", 0..12),
            with in "[?日¥~a]{0,3}",
        ) {
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            for label in ["iso-2022-jp", "shift_jis", "koi8-r", "iso-8859-1", "us-ascii", "utf-16", "gbk", "big5"] {
                let charset = Charset::for_label(label).unwrap();
                let fits = octets_encoded(charset, &with, Unknown::Refuse).is_ok();
                let unknown = if fits { Unknown::Replace(&with) } else { Unknown::Reference };
                let (counted, octets) = both(label, unknown, &pieces);
                prop_assert!(counted >= octets, "{}: {} < {}", label, counted, octets);
                if !charset.has_states() {
                    prop_assert_eq!(counted, octets, "{}", label);
                }
            }
        }
    }
}
