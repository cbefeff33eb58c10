//! Header fields in another charset (RFC 5259 §6): encoded-words (RFC 2047) and parameters (RFC 2231) are decoded and written
//! anew. What is in no charset that is read, and every field without either, stays as it came, octet for octet.

mod fold;
mod parameters;

use charset::encoded_word::{Piece, pieces, write};
use charset::{Charset, NotEncoded, Unknown};
use secret::Plaintext;

use self::fold::Fold;
pub use self::parameters::parameter;
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// Longer fields stay as they are: no person wrote them.
const LONGEST_FIELD: usize = 64 * 1024;
/// A word begins on a new line where there is less room than this.
const SHORTEST_WORD: usize = 30;

/// The fields of `block`, a header or the MIME header of a part, with their encoded-words in `charset`. They are encoded-words
/// still, of at most 75 octets, in lines of less than 78 characters; line ends are CRLF. An empty line at the end
/// is kept.
///
/// # Errors
/// [`Refusal::Unrepresentable`]: a character is not in `charset`, and `replacement` is not either, or none; or `charset`
/// cannot stand in a header (UTF-16, UTF-7). [`Refusal::Exceeded`].
pub fn convert(
    block: &[u8],
    charset: Charset,
    replacement: Option<&str>,
    budget: &mut Budget,
) -> Result<Plaintext, Refusal> {
    budget.take_input(block.len())?;
    if !charset.is_of_octets() {
        return Err(Refusal::Unrepresentable);
    }
    let words = Words {
        charset,
        unknown: replacement.map_or(Unknown::Refuse, Unknown::Replace),
    };
    // The larger room of the two is full before the smaller one is given up.
    let limit = budget.output_octets.min(budget.memory / 2);
    let mut fold = Fold::new(Plaintext::with_limit(limit));
    let mut rest = block;
    while !rest.is_empty() {
        let (field, after) = rest
            .split_at_checked(field_len(rest))
            .unwrap_or((rest, &[]));
        words.field(field, &mut fold).map_err(refused)?;
        rest = after;
    }
    let octets = fold.into_octets();
    budget.take_output(octets.len())?;
    Ok(octets)
}

fn refused(reason: NotEncoded) -> Refusal {
    match reason {
        NotEncoded::Unrepresentable | NotEncoded::ReadOnly => Refusal::Unrepresentable,
        NotEncoded::Exceeded => Refusal::Exceeded(Resource::Output),
    }
}

/// What is asked for.
#[derive(Clone, Copy)]
struct Words<'a> {
    charset: Charset,
    unknown: Unknown<'a>,
}

type Written = Result<(), NotEncoded>;

impl Words<'_> {
    /// One field, its line end included.
    fn field(self, field: &[u8], fold: &mut Fold) -> Written {
        let colon = field.iter().position(|octet| *octet == b':');
        let (name, value) = field
            .split_at_checked(colon.unwrap_or(0))
            .unwrap_or((field, &[]));
        let has_words = value.windows(2).any(|two| two == b"=?");
        let has_parameters = is_structured(name) && value.windows(2).any(|two| two == b"*=");
        if field.len() > LONGEST_FIELD || !(has_words || has_parameters) {
            return fold.verbatim(field);
        }
        let value = unfolded(value.strip_prefix(b":").unwrap_or(value));
        if is_structured(name) && (has_parameters || has_words) {
            fold.begin(name)?;
            self.parameters(&value, fold)?;
        } else {
            let pieces = pieces(&value);
            if !pieces.iter().any(|piece| matches!(piece, Piece::Words(_))) {
                return fold.verbatim(field);
            }
            fold.begin(name)?;
            self.pieces(&pieces, fold)?;
        }
        fold.end()
    }

    /// Text with encoded-words in it.
    fn text(self, text: &[u8], fold: &mut Fold) -> Written {
        self.pieces(&pieces(text), fold)
    }

    fn pieces(self, pieces: &[Piece<'_>], fold: &mut Fold) -> Written {
        for piece in pieces {
            match piece {
                Piece::Text(text) => fold.text(text)?,
                Piece::Words(text) => {
                    let room = fold.room(SHORTEST_WORD);
                    for word in write(self.charset, text, self.unknown, room)? {
                        fold.word(word.as_bytes())?;
                    }
                    fold.end_words();
                }
            }
        }
        Ok(())
    }
}

/// RFC 2231 is for the parameters of these.
fn is_structured(name: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"content-type", b"content-disposition"];
    names
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name.trim_ascii()))
}

/// The length of the field that `block` begins with, folded lines and line end included.
fn field_len(block: &[u8]) -> usize {
    let ends = block
        .iter()
        .enumerate()
        .filter(|(_, octet)| **octet == b'\n');
    for (at, _) in ends {
        let next = at.saturating_add(1);
        if !matches!(block.get(next), Some(b' ' | b'\t')) {
            return next;
        }
    }
    block.len()
}

/// RFC 5322 §2.2.3: a line end before white space is none.
fn unfolded(value: &[u8]) -> Vec<u8> {
    let kept = value.iter().filter(|octet| !matches!(octet, b'\r' | b'\n'));
    kept.copied().collect()
}

#[cfg(test)]
mod tests;
