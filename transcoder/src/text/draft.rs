//! Text in the making: it grows without leaving copies and is wiped when dropped.

use zeroize::Zeroizing;

/// A `String` whose smaller rooms are wiped when it moves to a larger one.
#[derive(Default)]
pub(super) struct Draft(Zeroizing<String>);

/// The first room taken, in octets.
const FIRST_ROOM: usize = 24;

impl Draft {
    pub(super) fn new(text: &str) -> Self {
        let mut draft = Self::default();
        draft.push_str(text);
        draft
    }

    pub(super) fn push_str(&mut self, text: &str) {
        let wanted = self.0.len().saturating_add(text.len());
        if wanted > self.0.capacity() {
            let room = wanted
                .max(FIRST_ROOM)
                .max(self.0.capacity().saturating_mul(2));
            let mut larger = Zeroizing::new(String::with_capacity(room));
            larger.push_str(&self.0);
            self.0 = larger;
        }
        self.0.push_str(text);
    }

    pub(super) fn push(&mut self, character: char) {
        self.push_str(character.encode_utf8(&mut [0; 4]));
    }

    /// Forgets the text and keeps the room.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Takes the text out.
    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Drops white space at the end.
    pub(super) fn trim_end(&mut self) {
        let len = self.0.trim_end().len();
        self.0.truncate(len);
    }
}

impl std::ops::Deref for Draft {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl From<Zeroizing<String>> for Draft {
    fn from(text: Zeroizing<String>) -> Self {
        Self(text)
    }
}
