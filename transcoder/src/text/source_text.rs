//! The text of a part: which charset it is in, and what its octets say then.

use charset::{Charset, decode, is_forbidden, octets_decoded};
use zeroize::Zeroizing;

use super::content_line::unfolded;
use super::{Part, Source, html};
use crate::budget::Budget;
use crate::refusal::Refusal;

impl Part<'_> {
    /// # Errors
    /// [`Refusal::UnreadCharset`], and over the budget of memory.
    pub(super) fn text(
        self,
        from: Source,
        budget: &mut Budget,
    ) -> Result<Zeroizing<String>, Refusal> {
        if matches!(from, Source::Calendar | Source::Vcard) {
            return self.content_lines(from, budget);
        }
        let charset = self.told()?;
        let charset = charset.unwrap_or_else(|| guessed(self.octets, from));
        decoded(self.octets, charset, budget)
    }

    /// Text in content lines, unfolded. A fold may divide a character (RFC 5545 §3.1, RFC 6350 §3.2), so it is undone before octets are
    /// decoded, and guessed at; after that only where a line end is no line end by its octets (UTF-16), or where the state of
    /// one line would meet that of the next.
    fn content_lines(
        self,
        from: Source,
        budget: &mut Budget,
    ) -> Result<Zeroizing<String>, Refusal> {
        let told = self.told()?;
        if let Some(charset) = told.filter(|told| !told.is_of_octets() || told.has_states()) {
            let text = decoded(self.octets, charset, budget)?;
            take(text.len(), budget)?;
            return decoded(&unfolded(text.as_bytes()), Charset::UTF_8, budget);
        }
        take(self.octets.len(), budget)?;
        let octets = unfolded(self.octets);
        let charset = told.unwrap_or_else(|| guessed(&octets, from));
        decoded(&octets, charset, budget)
    }

    /// The charset that the Content-Type tells, or a mark of byte order. A label that nobody knows tells nothing (RFC 1428:
    /// `unknown-8bit`).
    fn told(self) -> Result<Option<Charset>, Refusal> {
        let label = self.declared.charset;
        match label.and_then(Charset::for_label) {
            Some(charset) => Ok(Some(charset)),
            None if label.is_some_and(is_forbidden) => Err(Refusal::UnreadCharset),
            None => Ok(self.marked()),
        }
    }

    fn marked(self) -> Option<Charset> {
        match self.octets {
            [0xef, 0xbb, 0xbf, ..] => Some(Charset::UTF_8),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Charset::for_label("utf-16"),
            [] | [..] => None,
        }
    }
}

fn decoded(
    octets: &[u8],
    charset: Charset,
    budget: &mut Budget,
) -> Result<Zeroizing<String>, Refusal> {
    let needed = match std::str::from_utf8(octets) {
        Ok(_) if charset == Charset::UTF_8 => octets.len(),
        Ok(_) | Err(_) => octets_decoded(octets.len()),
    };
    take(needed, budget)?;
    Ok(decode(charset, octets))
}

fn take(octets: usize, budget: &mut Budget) -> Result<(), Refusal> {
    Ok(budget.take_memory(u64::try_from(octets).unwrap_or(u64::MAX))?)
}

fn guessed(octets: &[u8], from: Source) -> Charset {
    let is_html = matches!(from, Source::Html | Source::Xhtml);
    let said = is_html.then(|| html::said_charset(octets)).flatten();
    said.unwrap_or_else(|| match std::str::from_utf8(octets) {
        Ok(_) => Charset::UTF_8,
        Err(_) => Charset::WINDOWS_1252,
    })
}
