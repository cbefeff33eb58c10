//! SEARCH and UID SEARCH (RFC 3501 §6.4.4). Strings are looked for octet by octet in any ASCII case: in headers as they were
//! written, in text parts with their transfer encoding undone.

use std::fs;

use wire::imap::command::Addressing;
use wire::imap::date::Date;
use wire::imap::response::Response;
use wire::imap::search::{Search, SearchKey};
use wire::imap::{Flag, SequenceSet};

use super::selected::{Recent, Selected, number};
use crate::date;
use crate::fault::Fault;
use crate::mailboxes::Turn;
use crate::mime::header;
use crate::mime::structure::{Content, Part};
use crate::mime::transfer::Decoder;
use crate::output::Output;
use crate::source::Source;

/// How often one command may read every message as a whole.
const MOST_READS: usize = 16;
/// The longest string that is looked for.
const LONGEST_STRING: usize = 256;

impl Selected {
    /// Tells the messages that all keys match.
    pub(super) fn search(
        &mut self,
        addressing: Addressing,
        search: &Search,
        turn: &Turn,
        out: &mut Output,
    ) -> Result<(), Fault> {
        // ESEARCH is not announced.
        if search.returns.is_some() {
            return Err(Fault::Cannot);
        }
        if search
            .charset
            .as_deref()
            .is_some_and(|charset| !is_known_charset(charset))
        {
            return Err(Fault::Charset);
        }
        let mut reads = Reads {
            left: self.messages.len().saturating_mul(MOST_READS),
            turn,
        };
        let mut found = Vec::new();
        for place in 0..self.messages.len() {
            match self.matches_all(place, &search.keys, &mut reads) {
                Ok(true) => found.push(match addressing {
                    Addressing::Uid => self.messages[place].uid,
                    Addressing::Sequence => number(place),
                }),
                // A message that is gone meanwhile matches nothing.
                Ok(false) | Err(Fault::Vanished) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(out.push(&Response::Search(found, None).encode())?)
    }

    fn matches_all(
        &mut self,
        place: usize,
        keys: &[SearchKey],
        reads: &mut Reads<'_>,
    ) -> Result<bool, Fault> {
        for key in keys {
            if !self.matches(place, key, reads)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn matches(
        &mut self,
        place: usize,
        key: &SearchKey,
        reads: &mut Reads<'_>,
    ) -> Result<bool, Fault> {
        let message = &self.messages[place];
        let has = |flag| message.file.flags.contains(flag);
        let recent = message.recent == Recent::Yes;
        Ok(match key {
            SearchKey::All => true,
            SearchKey::Answered => has(&Flag::Answered),
            SearchKey::Deleted => has(&Flag::Deleted),
            SearchKey::Draft => has(&Flag::Draft),
            SearchKey::Flagged => has(&Flag::Flagged),
            SearchKey::Seen => has(&Flag::Seen),
            SearchKey::New => recent && !has(&Flag::Seen),
            SearchKey::Old => !recent,
            SearchKey::Recent => recent,
            SearchKey::Unanswered => !has(&Flag::Answered),
            SearchKey::Undeleted => !has(&Flag::Deleted),
            SearchKey::Undraft => !has(&Flag::Draft),
            SearchKey::Unflagged => !has(&Flag::Flagged),
            SearchKey::Unseen => !has(&Flag::Seen),
            // No keyword is kept, so no message has one.
            SearchKey::Keyword(_) => false,
            SearchKey::Unkeyword(_) => true,
            SearchKey::Uid(set) => self.is_in(place, Addressing::Uid, set)?,
            SearchKey::Messages(set) => self.is_in(place, Addressing::Sequence, set)?,
            SearchKey::Not(key) => !self.matches(place, key, reads)?,
            SearchKey::Or(one, other) => {
                self.matches(place, one, reads)? || self.matches(place, other, reads)?
            }
            SearchKey::And(keys) => self.matches_all(place, keys, reads)?,
            SearchKey::Before(date) => self.received(place, reads)? < *date,
            SearchKey::On(date) => self.received(place, reads)? == *date,
            SearchKey::Since(date) => self.received(place, reads)? >= *date,
            SearchKey::SentBefore(date) => {
                self.sent(place, reads)?.is_some_and(|sent| sent < *date)
            }
            SearchKey::SentOn(date) => self.sent(place, reads)? == Some(*date),
            SearchKey::SentSince(date) => {
                self.sent(place, reads)?.is_some_and(|sent| sent >= *date)
            }
            SearchKey::Larger(octets) => self.structure(place, reads.turn)?.octets > *octets,
            SearchKey::Smaller(octets) => self.structure(place, reads.turn)?.octets < *octets,
            SearchKey::Bcc(value) => self.header_holds(place, b"Bcc", value, reads)?,
            SearchKey::Cc(value) => self.header_holds(place, b"Cc", value, reads)?,
            SearchKey::From(value) => self.header_holds(place, b"From", value, reads)?,
            SearchKey::Subject(value) => self.header_holds(place, b"Subject", value, reads)?,
            SearchKey::To(value) => self.header_holds(place, b"To", value, reads)?,
            SearchKey::Header { field, value } => self.header_holds(place, field, value, reads)?,
            SearchKey::Body(value) => self.body_holds(place, &needle(value)?, reads)?,
            SearchKey::Text(value) => {
                let needle = needle(value)?;
                let structure = self.structure(place, reads.turn)?;
                Finder::new(&needle).push(&structure.message.header)
                    || self.body_holds(place, &needle, reads)?
            }
        })
    }

    /// A set in a search names what there is of it; numbers that no message has match nothing.
    fn is_in(
        &self,
        place: usize,
        addressing: Addressing,
        set: &SequenceSet,
    ) -> Result<bool, Fault> {
        let SequenceSet::Ranges(_) = set else {
            return Err(Fault::Cannot);
        };
        let last = self.messages.len().saturating_sub(1);
        Ok(match addressing {
            Addressing::Uid => set.contains(self.messages[place].uid, self.messages[last].uid),
            Addressing::Sequence => set.contains(number(place), number(last)),
        })
    }

    fn received(&mut self, place: usize, reads: &Reads<'_>) -> Result<Date, Fault> {
        self.locate(place, reads.turn)?;
        let modified = fs::metadata(&self.messages[place].file.path)?.modified()?;
        Ok(date::of_system(modified).date)
    }

    fn sent(&mut self, place: usize, reads: &Reads<'_>) -> Result<Option<Date>, Fault> {
        let structure = self.structure(place, reads.turn)?;
        Ok(header::field(&structure.message.header, "Date").and_then(|text| date::of_field(&text)))
    }

    fn header_holds(
        &mut self,
        place: usize,
        name: &[u8],
        value: &[u8],
        reads: &Reads<'_>,
    ) -> Result<bool, Fault> {
        let needle = needle(value)?;
        let structure = self.structure(place, reads.turn)?;
        Ok(holds(&structure.message.header, name, &needle))
    }

    fn body_holds(
        &mut self,
        place: usize,
        needle: &[u8],
        reads: &mut Reads<'_>,
    ) -> Result<bool, Fault> {
        reads.take()?;
        let structure = self.structure(place, reads.turn)?;
        self.locate(place, reads.turn)?;
        let mut parts = Vec::new();
        text_parts(&structure.message.root, &mut parts);
        for part in parts {
            let mut source = Source::open(&self.messages[place].file.path)?;
            let mut decoder = part.fields.encoding.decoder();
            let mut finder = Finder::new(needle);
            let mut found = needle.is_empty();
            source.read_range::<Fault>(part.body.clone(), structure.line_ends, |run| {
                found = found || finder.push_encoded(run, &mut decoder);
                Ok(())
            })?;
            if found {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// How often a command may still read a whole message.
struct Reads<'a> {
    left: usize,
    turn: &'a Turn,
}

impl Reads<'_> {
    fn take(&mut self) -> Result<(), Fault> {
        self.left = self.left.checked_sub(1).ok_or(Fault::Limit)?;
        Ok(())
    }
}

fn is_known_charset(charset: &[u8]) -> bool {
    charset.eq_ignore_ascii_case(b"US-ASCII") || charset.eq_ignore_ascii_case(b"UTF-8")
}

fn needle(value: &[u8]) -> Result<Vec<u8>, Fault> {
    if value.len() > LONGEST_STRING {
        Err(Fault::Limit)
    } else {
        Ok(value.to_ascii_lowercase())
    }
}

fn holds(header: &[u8], name: &[u8], needle: &[u8]) -> bool {
    let mut named = header::fields(header).filter(|field| field.name.eq_ignore_ascii_case(name));
    named.any(|field| {
        let value: Vec<u8> = field
            .value()
            .iter()
            .copied()
            .filter(|octet| !matches!(octet, b'\r' | b'\n'))
            .collect();
        Finder::new(needle).push(&value)
    })
}

fn text_parts<'a>(part: &'a Part, found: &mut Vec<&'a Part>) {
    match &part.content {
        Content::Leaf if part.fields.is("text") => found.push(part),
        Content::Leaf => {}
        Content::Multipart(children) => children.iter().for_each(|child| text_parts(child, found)),
        Content::Message(message) => text_parts(&message.root, found),
    }
}

/// Looks for one string in runs, also where they meet.
struct Finder<'a> {
    needle: &'a [u8],
    held: Vec<u8>,
}

impl<'a> Finder<'a> {
    fn new(needle: &'a [u8]) -> Self {
        Self {
            needle,
            held: Vec::new(),
        }
    }

    fn push_encoded(&mut self, run: &[u8], decoder: &mut Decoder) -> bool {
        let mut decoded = Vec::new();
        decoder.push(run, &mut decoded);
        self.push(&decoded)
    }

    /// Whether the string ends within this run.
    fn push(&mut self, run: &[u8]) -> bool {
        if self.needle.is_empty() {
            return true;
        }
        self.held.extend(run.iter().map(u8::to_ascii_lowercase));
        let found = self
            .held
            .windows(self.needle.len())
            .any(|window| window == self.needle);
        let kept = self.held.len().saturating_sub(self.needle.len() - 1);
        self.held.drain(..kept);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_found_wherever_runs_meet() {
        let text = b"xxNeEdlexx";
        for cut in 0..=text.len() {
            let mut finder = Finder::new(b"needle");
            let (first, second) = text.split_at(cut);
            let found = finder.push(first) | finder.push(second);
            assert!(found, "cut at {cut}");
        }
        assert!(!Finder::new(b"needle").push(b"needl"));
        assert!(Finder::new(b"").push(b""));
    }

    #[test]
    fn a_field_is_searched_unfolded_and_an_empty_string_asks_for_the_field() {
        let header = b"Subject: one\r\n two\r\nX-A:\r\n";
        assert!(holds(header, b"subject", b"one two"));
        assert!(holds(header, b"x-a", b""));
        assert!(!holds(header, b"x-b", b""));
    }
}
