//! The text of a part: which charset it is in, and what its octets say then.

use charset::{Charset, decode, octets_decoded};
use zeroize::Zeroizing;

use super::{Part, Source, html};
use crate::budget::Budget;
use crate::refusal::Refusal;

impl Part<'_> {
    /// # Errors
    /// [`Refusal::UnknownCharset`], and over the budget of memory.
    pub(super) fn text(
        self,
        from: Source,
        budget: &mut Budget,
    ) -> Result<Zeroizing<String>, Refusal> {
        let charset = match self.declared_charset {
            Some(label) => Charset::for_label(label).ok_or(Refusal::UnknownCharset)?,
            None => self.marked().unwrap_or_else(|| self.guessed(from)),
        };
        let len = self.octets.len();
        let needed = match std::str::from_utf8(self.octets) {
            Ok(_) if charset == Charset::UTF_8 => len,
            Ok(_) | Err(_) => octets_decoded(len),
        };
        budget.take_memory(u64::try_from(needed).unwrap_or(u64::MAX))?;
        Ok(decode(charset, self.octets))
    }

    /// The charset that a mark of byte order tells.
    fn marked(self) -> Option<Charset> {
        match self.octets {
            [0xef, 0xbb, 0xbf, ..] => Some(Charset::UTF_8),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Charset::for_label("utf-16"),
            [] | [..] => None,
        }
    }

    fn guessed(self, from: Source) -> Charset {
        let is_html = matches!(from, Source::Html | Source::Xhtml);
        let said = is_html.then(|| html::said_charset(self.octets)).flatten();
        said.unwrap_or_else(|| match std::str::from_utf8(self.octets) {
            Ok(_) => Charset::UTF_8,
            Err(_) => Charset::WINDOWS_1252,
        })
    }
}
