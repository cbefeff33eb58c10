//! The newest messages of a mailbox: enough to choose one.

use std::num::NonZeroU32;

use charset::encoded_word;
use wire::imap::command::Addressing;
use wire::imap::envelope::{Address, Envelope};
use wire::imap::sequence::{Bound, Range};
use wire::imap::{
    CommandBody, FetchAttribute, FetchItem, FetchResponse, Mailbox, Response, SequenceSet, Uid,
    UidValidity,
};

use crate::error::Scope;
use crate::exchange::Bounds;
use crate::structure::{Part, PartKind};
use crate::{Client, Error};

/// Octets of answer taken for each message: an ENVELOPE with many addresses, a deep structure.
const PER_MESSAGE: usize = 64 * 1024;
/// The most messages listed at once.
const MOST: u32 = 1000;

/// What of a message is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encryption {
    /// Nothing.
    None,
    /// So many parts, each with a key of its own, as S/MIME.
    Parts(usize),
    /// All of it, under one key, as S/MIME.
    Whole,
    /// OpenPGP, which is not opened here.
    OpenPgp,
}

/// A message, in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Summary {
    /// Its identifier.
    pub uid: Uid,
    /// Its date as its sender wrote it. A stranger's text.
    pub date: String,
    /// Its first sender, decoded. A stranger's text.
    pub from: String,
    /// Its subject, decoded. A stranger's text.
    pub subject: String,
    /// Octets of the whole message.
    pub octets: u64,
    /// What of it is encrypted.
    pub encryption: Encryption,
}

/// Messages of a mailbox, the newest last.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listing {
    /// What makes the UIDs unique.
    pub uid_validity: UidValidity,
    /// How many messages the mailbox has.
    pub exists: u32,
    /// Those that were asked for.
    pub messages: Vec<Summary>,
}

impl Client {
    /// Lists the `newest` messages of `mailbox`, 1000 at most.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such mailbox.
    pub async fn list(&mut self, mailbox: &Mailbox, newest: NonZeroU32) -> Result<Listing, Error> {
        let selected = self.select(mailbox).await?;
        let (uid_validity, exists) = (selected.uid_validity, selected.exists);
        let newest = newest.get().min(MOST).min(exists);
        let first = NonZeroU32::new(exists.saturating_sub(newest).saturating_add(1));
        let messages = match first {
            Some(first) if newest > 0 => self.summaries(first, newest).await?,
            Some(_) | None => Vec::new(),
        };
        Ok(Listing {
            uid_validity,
            exists,
            messages,
        })
    }

    async fn summaries(&mut self, first: NonZeroU32, count: u32) -> Result<Vec<Summary>, Error> {
        let range = Range {
            first: Bound::Number(first),
            last: Bound::Largest,
        };
        let fetch = CommandBody::Fetch {
            addressing: Addressing::Sequence,
            set: SequenceSet::Ranges(vec![range]),
            items: vec![
                FetchItem::Uid,
                FetchItem::Envelope,
                FetchItem::Rfc822Size,
                FetchItem::BodyStructure,
            ],
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let bounds = Bounds {
            total: PER_MESSAGE.saturating_mul(count.saturating_add(8)),
            ..Bounds::of(1024 * 1024)
        };
        let untagged = self.command(fetch, bounds).await?.done()?;
        Ok(untagged
            .iter()
            .filter_map(as_fetch)
            .filter_map(summary)
            .collect())
    }
}

fn as_fetch(response: &Response) -> Option<&FetchResponse> {
    let Response::Fetch(fetch) = response else {
        return None;
    };
    Some(fetch)
}

/// A FETCH response that tells all that was asked for; others were not asked for.
fn summary(fetch: &FetchResponse) -> Option<Summary> {
    let envelope = fetch.attributes.iter().find_map(as_envelope)?;
    Some(Summary {
        uid: fetch.uid()?,
        date: text(envelope.date.as_deref()),
        from: envelope.from.first().map(sender).unwrap_or_default(),
        subject: text(envelope.subject.as_deref()),
        octets: fetch.attributes.iter().find_map(as_size)?,
        encryption: fetch.attributes.iter().find_map(as_encryption)?,
    })
}

fn as_envelope(attribute: &FetchAttribute) -> Option<&Envelope> {
    let FetchAttribute::Envelope(envelope) = attribute else {
        return None;
    };
    Some(envelope)
}

fn as_size(attribute: &FetchAttribute) -> Option<u64> {
    let FetchAttribute::Rfc822Size(octets) = attribute else {
        return None;
    };
    Some(*octets)
}

fn as_encryption(attribute: &FetchAttribute) -> Option<Encryption> {
    let FetchAttribute::BodyStructure(body) = attribute else {
        return None;
    };
    Some(encryption(&Part::of_message(body)))
}

fn encryption(message: &Part) -> Encryption {
    if is_whole(message) {
        return Encryption::Whole;
    }
    let all = message.all();
    let count = |kind| all.iter().filter(|(_, part)| part.kind == kind).count();
    match (count(PartKind::SmimeEncrypted), count(PartKind::OpenPgp)) {
        (0, 0) => Encryption::None,
        (0, _) => Encryption::OpenPgp,
        (parts, _) => Encryption::Parts(parts),
    }
}

/// Whether the message's own only leaf is encrypted; messages inside it are messages of their own.
fn is_whole(part: &Part) -> bool {
    match part.kind {
        PartKind::SmimeEncrypted => part.scope == Scope::WholeMessage,
        PartKind::Multipart => part.children.iter().any(is_whole),
        PartKind::Message | PartKind::Plain | PartKind::SmimeOther | PartKind::OpenPgp => false,
    }
}

fn text(field: Option<&[u8]>) -> String {
    encoded_word::decode(field.unwrap_or_default())
}

/// The name, and the address where there is no name.
fn sender(address: &Address) -> String {
    let name = text(address.name.as_deref());
    if !name.trim().is_empty() {
        return name;
    }
    let (mailbox, host) = (
        text(address.mailbox.as_deref()),
        text(address.host.as_deref()),
    );
    format!("{mailbox}@{host}")
}
