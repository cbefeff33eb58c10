//! The first octets of an encrypted part: to whom it is encrypted, how, and whether one of our keys opens it.

use std::num::NonZeroU64;

use envelope::TransferEncoding;
use envelope::cms::{Header, HeaderError, read_header};
use envelope::recipient::Holder;
use wire::imap::command::Addressing;
use wire::imap::fetch::Seen;
use wire::imap::{
    CommandBody, FetchAttribute, FetchItem, Mailbox, PartPath, Partial, Section, SequenceSet, Uid,
};

use crate::error::{Missing, NotOpenable, ProtocolFault, Said};
use crate::exchange::Bounds;
use crate::structure::{Part, PartKind, of_uid};
use crate::{Client, Error};

/// Octets read first: enough for one or two recipients, and little on a thin line.
const FIRST: u64 = 2048;
/// The most octets read in search of a recipient: some hundred recipients.
const MOST: u64 = 256 * 1024;

/// The most octets read in search of where the content begins.
const LOOK: u64 = 32 * 1024;

/// Whether there was more to read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Lengthened {
    Yes,
    No,
}

/// The beginning of an encrypted part, read and understood.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head {
    /// The part.
    pub section: PartPath,
    /// Its transfer encoding.
    pub encoding: TransferEncoding,
    /// Octets of the whole part, in its transfer encoding.
    pub total_octets: u64,
    /// Its first octets as fetched.
    pub prefix: Vec<u8>,
    /// What they say.
    pub header: Header,
}

impl Head {
    /// The one of `keys` that the part is encrypted to.
    #[must_use]
    pub fn holder<'a>(&self, keys: &'a [Holder]) -> Option<&'a Holder> {
        let ours = |key: &&Holder| {
            self.header
                .recipients
                .iter()
                .any(|recipient| key.matches(recipient))
        };
        keys.iter().find(ours)
    }
}

impl Client {
    /// Reads so much of `part`'s beginning that it is known to whom it is encrypted.
    ///
    /// # Errors
    /// [`Error::NotOpenable`] when it is no CMS that is spoken here.
    pub async fn head(&mut self, mailbox: &Mailbox, uid: Uid, part: &Part) -> Result<Head, Error> {
        openable(part)?;
        self.select(mailbox).await?;
        let mut prefix = Vec::new();
        let wanted = FIRST.min(part.octets);
        self.extend(&mut prefix, uid, &part.section, wanted).await?;
        self.head_from(uid, part, prefix).await
    }

    /// The beginnings of several parts of one message, with the first look at all of them in one command.
    ///
    /// # Errors
    /// What went wrong with the connection; what is wrong with a part is in its place.
    pub(crate) async fn heads(
        &mut self,
        mailbox: &Mailbox,
        uid: Uid,
        parts: &[&Part],
    ) -> Result<Vec<Result<Head, Error>>, Error> {
        self.select(mailbox).await?;
        let openable_ones = parts.iter().filter(|part| openable(part).is_ok());
        let look = |part: &&&Part| {
            let length = NonZeroU64::new(FIRST.min(part.octets))?;
            Some(peek(&part.section, 0, length))
        };
        let looks: Vec<_> = openable_ones.filter_map(|part| look(&part)).collect();
        let mut attributes = Vec::new();
        if !looks.is_empty() {
            let room = usize::try_from(FIRST).unwrap_or(usize::MAX);
            let bounds = Bounds::of(room.saturating_mul(looks.len()));
            let items = [FetchItem::Uid].into_iter().chain(looks).collect();
            let untagged = self.command(fetching(uid, items), bounds).await?.done()?;
            attributes = of_uid(untagged, uid).ok_or(Error::NotFound(Missing::Message))?;
        }
        let mut heads = Vec::new();
        for part in parts {
            let run = attributes
                .iter()
                .find_map(|attribute| as_run(attribute.clone(), &part.section, 0));
            heads.push(match (openable(part), run) {
                (Err(error), _) => Err(error),
                (Ok(_), None) => Err(Error::NotOpenable(NotOpenable::Malformed)),
                (Ok(_), Some(prefix)) => self.head_from(uid, part, prefix).await,
            });
        }
        Ok(heads)
    }

    /// Goes on from the part's first octets for as long as they do not say enough.
    async fn head_from(
        &mut self,
        uid: Uid,
        part: &Part,
        mut prefix: Vec<u8>,
    ) -> Result<Head, Error> {
        let encoding = openable(part)?;
        loop {
            match read_header(&prefix, encoding) {
                Ok(header) => return Ok(head(part, encoding, prefix, header)),
                Err(HeaderError::NeedMore { octets }) => {
                    let wanted = more(octets_of(&prefix), octets, part.octets)?;
                    let wanted = wanted.min(part.octets).min(MOST);
                    self.extend(&mut prefix, uid, &part.section, wanted).await?;
                }
                Err(HeaderError::Malformed) => {
                    return Err(Error::NotOpenable(NotOpenable::Malformed));
                }
                Err(HeaderError::Unsupported(what)) => {
                    let what = Said::new(what.to_string().as_bytes());
                    return Err(Error::NotOpenable(NotOpenable::Unsupported(what)));
                }
            }
        }
    }

    /// Reads as much again of the part's beginning, within [`LOOK`] octets: for whoever has to see where the content begins.
    pub(crate) async fn lengthen(
        &mut self,
        head: &mut Head,
        uid: Uid,
    ) -> Result<Lengthened, Error> {
        let had = octets_of(&head.prefix);
        let wanted = had.saturating_mul(2).min(LOOK).min(head.total_octets);
        if wanted <= had {
            return Ok(Lengthened::No);
        }
        let section = head.section.clone();
        self.extend(&mut head.prefix, uid, &section, wanted).await?;
        Ok(Lengthened::Yes)
    }

    /// Fetches what `prefix` lacks of the part's first `wanted` octets.
    async fn extend(
        &mut self,
        prefix: &mut Vec<u8>,
        uid: Uid,
        section: &PartPath,
        wanted: u64,
    ) -> Result<(), Error> {
        let offset = octets_of(prefix);
        let missing = wanted.checked_sub(offset).and_then(NonZeroU64::new);
        let length = missing.ok_or(Error::NotOpenable(NotOpenable::Malformed))?;
        let item = peek(section, offset, length);
        let fetch = fetching(uid, vec![FetchItem::Uid, item]);
        let room = usize::try_from(length.get()).unwrap_or(usize::MAX);
        let untagged = self.command(fetch, Bounds::of(room)).await?.done()?;
        let attributes = of_uid(untagged, uid).ok_or(Error::NotFound(Missing::Message))?;
        let run = attributes
            .into_iter()
            .find_map(|attribute| as_run(attribute, section, offset));
        let run = run.ok_or(Error::Protocol(ProtocolFault::Incomplete))?;
        // A part that is shorter than its structure says cannot be revealed: the vault holds it against its length.
        if run.len() != room {
            return Err(Error::Protocol(ProtocolFault::Incomplete));
        }
        prefix.extend_from_slice(&run);
        Ok(())
    }
}

fn peek(section: &PartPath, offset: u64, length: NonZeroU64) -> FetchItem {
    FetchItem::Section {
        section: Section::part(section.clone()),
        partial: Some(Partial { offset, length }),
        seen: Seen::Peek,
    }
}

fn fetching(uid: Uid, items: Vec<FetchItem>) -> CommandBody {
    CommandBody::Fetch {
        addressing: Addressing::Uid,
        set: SequenceSet::uid(uid),
        items,
    }
}

fn openable(part: &Part) -> Result<TransferEncoding, Error> {
    let unsupported = || {
        Error::NotOpenable(NotOpenable::Unsupported(Said::new(
            b"its transfer encoding",
        )))
    };
    match part.kind {
        PartKind::SmimeEncrypted => part.encoding.ok_or_else(unsupported),
        PartKind::OpenPgp => Err(Error::NotOpenable(NotOpenable::Unsupported(Said::new(
            b"OpenPGP",
        )))),
        PartKind::Multipart | PartKind::Message | PartKind::Plain | PartKind::SmimeOther => {
            Err(Error::NotOpenable(NotOpenable::NotEncrypted))
        }
    }
}

/// How many octets to read in all, when `had` were not enough: at least twice as many, so that rounds are few.
fn more(had: u64, hint: usize, total: u64) -> Result<u64, Error> {
    if had >= total || had >= MOST {
        return Err(Error::NotOpenable(NotOpenable::Malformed));
    }
    let hint = u64::try_from(hint).unwrap_or(u64::MAX);
    Ok(had.saturating_mul(2).max(hint))
}

fn head(part: &Part, encoding: TransferEncoding, prefix: Vec<u8>, header: Header) -> Head {
    Head {
        section: part.section.clone(),
        encoding,
        total_octets: part.octets,
        prefix,
        header,
    }
}

fn octets_of(prefix: &[u8]) -> u64 {
    u64::try_from(prefix.len()).unwrap_or(u64::MAX)
}

fn as_run(attribute: FetchAttribute, wanted: &PartPath, from: u64) -> Option<Vec<u8>> {
    let FetchAttribute::Section {
        section,
        origin,
        octets,
    } = attribute
    else {
        return None;
    };
    let this = section == Section::part(wanted.clone()) && origin == Some(from);
    octets.filter(|_| this)
}
