//! What goes out, octet by octet counted against what was asked for and what is allowed.

use charset::Meter;
use secret::Plaintext;

use super::draft::Draft;
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;

/// Why no more is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stop {
    /// The octets that were asked for are full: what is written so far is the result.
    Full,
    /// There is no result.
    Refused(Refusal),
}

impl<R: Into<Refusal>> From<R> for Stop {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

/// What every writer's step gives.
pub(super) type Flow = Result<(), Stop>;

/// The text that goes out, still in UTF-8.
pub(super) struct Room {
    text: Plaintext,
    asked: Option<usize>,
    /// Of the charset asked for.
    meter: Meter,
    /// Octets in it.
    taken: usize,
    /// Which of the budget's limits ends the text first.
    scarce: Resource,
    /// Octets kept back for what must still be said at the end.
    reserved: usize,
}

impl Room {
    pub(super) fn new(asked: Option<usize>, meter: Meter, budget: &Budget) -> Self {
        // A larger room is taken before the smaller one is given up.
        let memory = budget.memory / 2;
        let scarce = if memory < budget.output_octets {
            Resource::Memory
        } else {
            Resource::Output
        };
        Self {
            text: Plaintext::with_limit(budget.output_octets.min(memory)),
            scarce,
            asked,
            taken: meter.mark(),
            meter,
            reserved: 0,
        }
    }

    /// Keeps `text` back: [`Room::conclude`] has the octets for it in any case.
    pub(super) fn reserve(&mut self, text: &str) {
        self.reserved = self.reserved.saturating_add(self.meter.alone(text));
    }

    /// Keeps `text` back if there is room for it.
    ///
    /// # Errors
    /// [`Stop::Full`].
    pub(super) fn keep(&mut self, text: &str) -> Flow {
        self.reserve(text);
        let full = self.taken.saturating_add(self.reserved);
        if self.asked.is_some_and(|asked| full > asked) {
            self.release(text);
            return Err(Stop::Full);
        }
        Ok(())
    }

    /// Takes back what was reserved for `text`.
    pub(super) fn release(&mut self, text: &str) {
        self.reserved = self.reserved.saturating_sub(self.meter.alone(text));
    }

    /// Writes all of `text` or nothing.
    ///
    /// # Errors
    /// [`Stop::Full`] when it does not fit in what was asked for; [`Stop::Refused`] over the budget.
    pub(super) fn put(&mut self, text: &str) -> Flow {
        let wanted = self.taken.saturating_add(self.meter.next(text));
        let full = wanted.saturating_add(self.reserved);
        if self.asked.is_some_and(|asked| full > asked) {
            return Err(Stop::Full);
        }
        self.taken = wanted;
        self.append(text)
    }

    /// Writes as much of `text` as there is room for.
    ///
    /// # Errors
    /// As [`Room::put`], but what fitted is written.
    pub(super) fn put_prose(&mut self, text: &str) -> Flow {
        match self.put(text) {
            Err(Stop::Full) => {}
            other => return other,
        }
        for character in text.chars() {
            self.put(character.encode_utf8(&mut [0; 4]))?;
        }
        Err(Stop::Full)
    }

    /// Writes `text`, for which room was kept.
    ///
    /// # Errors
    /// [`Stop::Refused`]: over the budget, or fewer octets were asked for than even this takes.
    pub(super) fn conclude(&mut self, text: &str) -> Flow {
        self.release(text);
        self.taken = self.taken.saturating_add(self.meter.next(text));
        if self.asked.is_some_and(|asked| self.taken > asked) {
            return Err(Stop::Refused(Refusal::CannotFit));
        }
        self.append(text)
    }

    fn append(&mut self, text: &str) -> Flow {
        self.meter.take(text);
        let over = Stop::Refused(Refusal::Exceeded(self.scarce));
        self.text.extend(text.as_bytes()).map_err(|_| over)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text. It is UTF-8, for only `str` was written.
    pub(super) fn into_text(self) -> Plaintext {
        self.text
    }
}

/// What a reader sees where text was cut.
pub(super) const CUT: &str = "\r\n[...]\r\n";

/// Appends `text` with what HTML and XML give a meaning written as references.
pub(super) fn escape(text: &str, into: &mut Draft) {
    let mut from = 0;
    let told = |c: char| matches!(c, '&' | '<' | '>' | '"') || is_unseen(c);
    for (at, found) in text.match_indices(told) {
        into.push_str(text.get(from..at).unwrap_or_default());
        into.push_str(match found {
            "&" => "&amp;",
            "<" => "&lt;",
            ">" => "&gt;",
            "\"" => "&quot;",
            _ => "",
        });
        from = at.saturating_add(found.len());
    }
    into.push_str(text.get(from..).unwrap_or_default());
}

/// Whether it commands a terminal rather than being text: documents have no use for it.
pub(super) fn is_unseen(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n')
}
