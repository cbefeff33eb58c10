//! What a CONVERT asks for, and which requests are refused before the store is asked anything.

use keyreveal::{Asked, Context, ContextError, names};
use wire::imap::{
    Addressing, Code, Convert, ConvertItem, MediaType, PartPath, SequenceSet, StatusKind, Uid,
    convert::Parameters, sequence::Bound,
};

use super::{super::conversions, plan::Failed};
use crate::{
    event::Event,
    session::{Session, selected::Selected},
};
use wire::imap::Tag;

/// The most different items of one command: the sizes, and a result in ranges. What they tell is written beside each other.
const ITEMS: usize = 32;

/// A request for one part of one message.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) addressing: Addressing,
    /// The one message, by its number or as the last.
    pub(super) message: Bound,
    /// The one part that all items are about; none: only the UID is asked for.
    pub(super) part: Option<PartPath>,
    /// The target; NIL is the default container.
    pub(super) target: MediaType,
    pub(super) choice: Choice,
    pub(super) parameters: Parameters,
    /// In the order in which they are answered, each once.
    pub(super) items: Vec<ConvertItem>,
}

/// Who chose the target.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Choice {
    Client,
    /// The target was NIL.
    Server,
}

/// Why a request is refused unseen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unseen {
    Messages,
    Parts,
    Items,
    Header,
    NoDefault,
}

impl Unseen {
    fn told(self) -> (Code, &'static str) {
        match self {
            // RFC 5259 §8.5: both codes are mandatory where these are the reasons.
            Self::Messages => (Code::MaxConvertMessages(1), "One message at a time"),
            Self::Parts => (Code::MaxConvertParts(1), "One part at a time"),
            // RFC 5530 §3: a limit that no client can know.
            Self::Items => (Code::Limit, "Too many items at once"),
            Self::Header => (Code::Cannot, "Headers are not converted here"),
            Self::NoDefault => (Code::Cannot, "There is no default conversion"),
        }
    }
}

impl Request {
    pub(super) fn read(addressing: Addressing, convert: Convert) -> Result<Self, Unseen> {
        let message = convert.set.only().ok_or(Unseen::Messages)?;
        let part = only_part(&convert.items)?;
        let mut items = each_once(convert.items)?;
        // RFC 5259 §8.1: the UID first. §8.2: the structure before the octets that it describes.
        items.sort_by_key(rank);
        let choice = match &convert.target {
            Some(_) => Choice::Client,
            None => Choice::Server,
        };
        let default = || conversions::containers().next();
        let target = convert.target.or_else(default).ok_or(Unseen::NoDefault)?;
        Ok(Self {
            addressing,
            message,
            part,
            target,
            choice,
            parameters: convert.parameters,
            items,
        })
    }

    /// The set of the one message.
    pub(super) fn set(&self) -> SequenceSet {
        SequenceSet::just(self.message)
    }

    /// Whether anything of the converted part is asked for.
    pub(super) fn wants_result(&self) -> bool {
        self.items.iter().any(|item| match item {
            ConvertItem::Binary { .. }
            | ConvertItem::BinarySize(_)
            | ConvertItem::BodyPartStructure(_) => true,
            ConvertItem::Uid | ConvertItem::AvailableConversions(_) | ConvertItem::Header(_) => {
                false
            }
        })
    }

    /// The parameters as text; none for a value that is no text, and so none that is known here.
    ///
    /// The reveal's value is left out: what is no text is no sealed reveal, and gets that answer.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), text_of(name.as_str(), value)))
    }

    /// The sealed reveal, if one was sent.
    pub(super) fn reveal(&self) -> Option<&[u8]> {
        let reveal = self
            .parameters
            .iter()
            .find(|(name, _)| name.as_str() == names::PARAM_REVEAL);
        reveal.map(|(_, value)| value.as_slice())
    }

    /// What is asked, in the normal form in which the vault compares it.
    pub(super) fn context(
        &self,
        user: &str,
        selected: &Selected,
        uid: Uid,
    ) -> Result<Context, Failed> {
        let texts = self.texts();
        let parameters: Vec<_> = texts
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let section = self
            .part
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        Context::new(Asked {
            user,
            mailbox: selected.mailbox.as_bytes(),
            uid_validity: selected.validity.0,
            uid: uid.0,
            section: &section,
            container: self.target.name(),
            parameters: &parameters,
        })
        // No other parameter that is in order makes a context too long, or is none of one.
        .map_err(|error| match error {
            ContextError::Section
            | ContextError::DuplicateParameter
            | ContextError::TooLong
            | ContextError::Malformed => Failed::Bad(vec![names::PARAM_INNER.to_owned()]),
        })
    }
}

impl Session {
    pub(super) fn refuse_request(&mut self, tag: &Tag, refused: Unseen) {
        let (code, text) = refused.told();
        self.out.record_reason(Event::ConversionRefused, text);
        self.out.complete(tag, StatusKind::No, Some(code), text);
    }
}

fn text_of<'a>(name: &str, value: &'a [u8]) -> Option<&'a str> {
    if name == names::PARAM_REVEAL {
        return Some("");
    }
    str::from_utf8(value).ok()
}

fn rank(item: &ConvertItem) -> u8 {
    match item {
        ConvertItem::Uid => 0,
        ConvertItem::AvailableConversions(_) => 1,
        ConvertItem::BodyPartStructure(_) => 2,
        ConvertItem::BinarySize(_) => 3,
        ConvertItem::Binary { .. } => 4,
        ConvertItem::Header(_) => 5,
    }
}

/// An item that is said again is the same question: RFC 5259 §8.1 has one answer for it.
fn each_once(items: Vec<ConvertItem>) -> Result<Vec<ConvertItem>, Unseen> {
    let mut once = Vec::new();
    for item in items {
        if once.contains(&item) {
            continue;
        }
        if once.len() == ITEMS {
            return Err(Unseen::Items);
        }
        once.push(item);
    }
    Ok(once)
}

fn only_part(items: &[ConvertItem]) -> Result<Option<PartPath>, Unseen> {
    let mut only: Option<&PartPath> = None;
    for item in items {
        let part = match item {
            ConvertItem::Uid => continue,
            ConvertItem::Header(_) => return Err(Unseen::Header),
            ConvertItem::Binary { part, .. }
            | ConvertItem::BinarySize(part)
            | ConvertItem::BodyPartStructure(part)
            | ConvertItem::AvailableConversions(part) => part,
        };
        if *only.get_or_insert(part) != part {
            return Err(Unseen::Parts);
        }
    }
    Ok(only.cloned())
}
