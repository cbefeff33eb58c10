//! Rich Text Format (1.9.1): what a person would read of it. Pictures, objects, and whatever its own program alone understands stay behind.
//!
//! | module | holds |
//! | --- | --- |
//! | `tokens` | octets to braces, control words and text |
//! | `fonts` | which charset octets are in: the document's, or their font's |
//! | `group` | what holds until a group ends |
//! | `reader`, `words` | what each control word does |
//! | `field` | where a field leads |
//! | `lines` | paragraphs, rows and links, as the page has them |
//!
//! No control word opens anything: what is not known is passed over, and a destination that is not known with all that is in it.

mod field;
mod fonts;
mod group;
mod lines;
mod reader;
mod tokens;
mod words;

use charset::octets_decoded;

use self::reader::Reader;
use self::tokens::{Token, Tokens};
use super::page::Page;
use super::room::{Flow, Stop};
use crate::budget::Budget;
use crate::refusal::Refusal;

/// Reads `octets` onto `page`. A document that ends too early ends there.
///
/// # Errors
/// [`Stop::Refused`] for what is no RTF and for groups that are nested too deep.
pub(super) fn read(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    let mut tokens = Tokens::new(octets.trim_ascii_start());
    let begun = tokens.next() == Some(Token::Open)
        && matches!(tokens.next(), Some(Token::Word(word)) if word.name == b"rtf");
    if !begun {
        return Err(Stop::Refused(Refusal::DeclaredOtherwise));
    }
    // One run of text may be all there is: its octets, and those decoded.
    let most = octets.len().saturating_add(octets_decoded(octets.len()));
    budget.take_memory(u64::try_from(most).unwrap_or(u64::MAX))?;
    let mut reader = Reader::new(page, octets.len());
    for token in tokens {
        if reader.token(token)?.is_break() {
            break;
        }
    }
    reader.finish()
}

#[cfg(test)]
mod tests;
