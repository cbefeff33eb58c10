//! Header lines of less than 78 characters (RFC 5322 §2.1.1), folded only where there is white space.

use charset::NotEncoded;
use secret::Plaintext;

/// A header in the making.
pub(super) struct Fold {
    octets: Plaintext,
    column: usize,
    /// White space that is written before what comes next, or folded at.
    space: Vec<u8>,
    words: Words,
}

/// Whether an encoded-word came last: the next one is divided from it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Words {
    First,
    Further,
}

/// RFC 5259 §6: less than 78.
const LONGEST_LINE: usize = 77;

type Written = Result<(), NotEncoded>;

impl Fold {
    pub(super) fn new(octets: Plaintext) -> Self {
        Self {
            octets,
            column: 0,
            space: Vec::new(),
            words: Words::First,
        }
    }

    /// A field as it came, but for its line ends.
    pub(super) fn verbatim(&mut self, field: &[u8]) -> Written {
        for line in field.split_inclusive(|octet| *octet == b'\n') {
            let ended = line.strip_suffix(b"\n");
            let content = ended.unwrap_or(line);
            self.octets
                .extend(content.strip_suffix(b"\r").unwrap_or(content))?;
            if ended.is_some() {
                self.octets.extend(b"\r\n")?;
            }
        }
        Ok(())
    }

    /// Begins a field.
    pub(super) fn begin(&mut self, name: &[u8]) -> Written {
        self.column = 0;
        self.space.clear();
        self.put(name)?;
        self.put(b":")
    }

    pub(super) fn end(&mut self) -> Written {
        self.space.clear();
        self.octets.extend(b"\r\n")?;
        Ok(())
    }

    /// Text, which may be folded at its white space.
    pub(super) fn text(&mut self, text: &[u8]) -> Written {
        let mut rest = text;
        while !rest.is_empty() {
            let blank = rest.iter().take_while(|octet| is_blank(octet)).count();
            let (space, after) = rest.split_at_checked(blank).unwrap_or((rest, &[]));
            self.space.extend_from_slice(space);
            let len = after.iter().take_while(|octet| !is_blank(octet)).count();
            let (token, after) = after.split_at_checked(len).unwrap_or((after, &[]));
            if !token.is_empty() {
                self.token(token)?;
            }
            rest = after;
        }
        Ok(())
    }

    /// What must not be divided.
    pub(super) fn token(&mut self, token: &[u8]) -> Written {
        let wanted = self.space.len().saturating_add(token.len());
        let space = std::mem::take(&mut self.space);
        if !space.is_empty() && self.column.saturating_add(wanted) > LONGEST_LINE {
            self.octets.extend(b"\r\n")?;
            self.column = 0;
        }
        self.put(&space)?;
        self.put(token)
    }

    /// How long an encoded-word may be that is to begin on this line; if that is less than `least` and there is
    /// white space to fold at, on the next.
    pub(super) fn room(&self, least: usize) -> usize {
        let taken = self.column.saturating_add(self.space.len());
        let room = LONGEST_LINE.saturating_sub(taken);
        if room < least && !self.space.is_empty() {
            LONGEST_LINE.saturating_sub(self.space.len())
        } else {
            room
        }
    }

    /// One of the encoded-words that belong together: each but the first is on a line of its own.
    pub(super) fn word(&mut self, word: &[u8]) -> Written {
        if self.words == Words::Further {
            self.octets.extend(b"\r\n")?;
            self.column = 0;
            self.space.clear();
            self.space.push(b' ');
        }
        self.words = Words::Further;
        self.token(word)
    }

    pub(super) fn end_words(&mut self) {
        self.words = Words::First;
    }

    /// A parameter's mark and white space after it.
    pub(super) fn semicolon(&mut self) -> Written {
        self.space.clear();
        self.put(b";")?;
        self.space.push(b' ');
        Ok(())
    }

    pub(super) fn into_octets(self) -> Plaintext {
        self.octets
    }

    fn put(&mut self, octets: &[u8]) -> Written {
        self.octets.extend(octets)?;
        self.column = self.column.saturating_add(octets.len());
        Ok(())
    }
}

fn is_blank(octet: &u8) -> bool {
    matches!(octet, b' ' | b'\t')
}
