//! Which relayed commands the store still owes an answer to.

use wire::imap::{Mailbox, Tag};

/// The most commands that a client may have under way; then it is not read until the store has answered some.
const MOST: usize = 128;

/// What a relayed command changes when it is answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// Nothing that the session must know.
    None,
    /// SELECT or EXAMINE.
    Selects(Mailbox),
    /// CLOSE or UNSELECT.
    Deselects,
    /// APPEND and REPLACE: a store that says NO before it has all of the message still reads the rest (RFC 7888 §4).
    Appends,
    /// IDLE: it ends when the client says so, not when the store is slow.
    Idles,
}

/// The commands, in the order in which they were relayed.
#[derive(Debug, Default)]
pub(super) struct Outstanding(Vec<(Tag, Effect)>);

impl Outstanding {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    pub(super) fn relayed(&mut self, tag: Tag, effect: Effect) {
        self.0.push((tag, effect));
    }

    /// Takes out the command that a tagged response completes; none: the store made the tag up.
    pub(super) fn completed(&mut self, tag: &Tag) -> Option<Effect> {
        let at = self.0.iter().position(|(known, _)| known == tag)?;
        let effect = self.0.remove(at).1;
        if self.0.is_empty() {
            self.0 = Vec::new(); // an idle session holds no room
        }
        Some(effect)
    }

    /// Whether this command is under way.
    pub(super) fn has(&self, tag: &Tag) -> bool {
        self.0.iter().any(|(known, _)| known == tag)
    }

    /// The client has ended its IDLE: now the store owes the answer.
    pub(super) fn ends(&mut self, tag: &Tag) {
        for (known, effect) in &mut self.0 {
            if known == tag && *effect == Effect::Idles {
                *effect = Effect::None;
            }
        }
    }

    /// Whether a SELECT or EXAMINE is under way.
    pub(super) fn is_selecting(&self) -> bool {
        self.0
            .iter()
            .any(|(_, effect)| matches!(effect, Effect::Selects(_)))
    }

    /// Whether the store owes an answer that does not wait for the client.
    pub(super) fn owes(&self) -> bool {
        self.0.iter().any(|(_, effect)| *effect != Effect::Idles)
    }

    /// All tags, for the farewell when the store is gone.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Tag> + '_ {
        self.0.drain(..).map(|(tag, _)| tag)
    }
}
