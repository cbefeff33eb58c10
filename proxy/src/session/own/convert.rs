//! CONVERT and UID CONVERT (RFC 5259): find the message, fetch the part, have it converted in a vault, answer.
//!
//! | module | holds |
//! | --- | --- |
//! | [`request`] | what is asked, and which requests are refused unseen |
//! | [`plan`] | what the message's structure makes of it: kept result, vault, or error |
//! | [`inject`] | the FETCH commands of ours and their answers among the client's traffic |
//! | [`work`] | the vault: job, octets, result |
//! | [`answer`] | CONVERTED, the tagged status, the log line |
//! | [`phrase`] | the ERROR phrase, and the parameters that it names |
//! | [`kept`] | sealed results for partial requests |
//!
//! Nothing here is secret: a reveal comes and goes sealed, a result comes sealed, the part is ciphertext.

mod answer;
mod inject;
mod kept;
mod phrase;
mod plan;
mod request;
mod work;

use std::sync::Arc;

use keyreveal::{Context, names};
use vault::frames::REFUSAL;
use wire::imap::{Addressing, Convert, MediaType, SeqNum, SequenceSet, StatusKind, Tag, Uid};

use super::Own;
use crate::{
    clock::Moment,
    session::{Session, Stage, offers::Offered, selected::Selected, settings::PROGRESS},
};
use inject::Wants;
pub(super) use kept::Kept;
use plan::Failed;
use request::Request;
use work::Work;

/// One CONVERT being executed.
#[derive(Debug)]
pub(super) struct Conversion {
    tag: Tag,
    arrived: Moment,
    request: Request,
    /// The mailbox in which it was asked for.
    selected: Selected,
    phase: Phase,
    place: Option<Place>,
    /// Into what the part can be converted, for AVAILABLECONVERSIONS.
    available: Result<Vec<MediaType>, Failed>,
    work: Option<Work>,
    verdict: Option<Verdict>,
    progress: Moment,
}

/// Where the message is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    message: SeqNum,
    uid: Uid,
}

/// What it waits for.
#[derive(Debug)]
enum Phase {
    /// The store, answering a command of ours.
    Injected(Wants),
    /// The vault.
    Working,
    /// The end of the time bucket: a refusal of the session's own is on its way.
    Refusing(Moment),
}

/// What came of it.
#[derive(Debug)]
enum Verdict {
    /// The sealed result.
    Sealed(Arc<[u8]>),
    /// Nothing was to be converted: only what the structure tells was asked for.
    Told,
    /// There is no result, for this reason.
    Failed(Failed),
    /// The store refused the FETCH.
    Store(StatusKind),
    /// The message's structure is larger than anybody reads.
    Structure,
}

impl Own {
    /// A message is gone: later ones have another number now (RFC 9051 §7.5.1).
    pub(in crate::session) fn expunged(&mut self, number: u32) {
        if let Some(conversion) = self.conversion() {
            conversion.expunged(number);
        }
    }
}

impl Own {
    /// Whether a conversion counts on a message's number.
    pub(in crate::session) fn has_place(&self) -> bool {
        match &self.running {
            Some(super::Running::Convert(conversion)) => conversion.place.is_some(),
            Some(super::Running::KeyReveal(_) | super::Running::Conversions(_)) | None => false,
        }
    }

    /// Messages are gone, by their UIDs (RFC 7162 §3.2.10).
    pub(in crate::session) fn vanished(&mut self, set: &SequenceSet) {
        if let Some(conversion) = self.conversion() {
            conversion.vanished(set);
        }
    }
}

impl Conversion {
    pub(super) fn tag(&self) -> &Tag {
        &self.tag
    }

    /// When it wants to be looked at again.
    pub(super) fn next_look(&self) -> Moment {
        let vault = match &self.phase {
            Phase::Injected(_) | Phase::Working => self.work.as_ref().map(Work::deadline),
            Phase::Refusing(until) => return *until,
        };
        vault.into_iter().fold(self.progress, Moment::min)
    }

    fn vanished(&mut self, set: &SequenceSet) {
        let Some(place) = self.place else { return };
        let uid = place.uid.value();
        let before = set.count_below(uid);
        self.place = if set.contains(uid, u32::MAX) {
            None
        } else {
            let number = place.message.value().saturating_sub(before);
            SeqNum::new(number).map(|message| Place { message, ..place })
        };
    }

    fn expunged(&mut self, number: u32) {
        let Some(place) = self.place else { return };
        let message = place.message.value();
        if number < message {
            self.place = SeqNum::new(message - 1).map(|message| Place { message, ..place });
        } else if number == message {
            self.place = None;
        }
    }
}

impl Session {
    /// Whether a conversion is the store's to make: it has CONVERT, and nothing in the command is ours. Which part it is about
    /// is not looked at: the store's own word on an encrypted part is that it cannot be converted.
    pub(in crate::session) fn is_the_stores(&self, convert: &Convert) -> bool {
        let ours = convert
            .parameters
            .iter()
            .any(|(name, _)| name.as_str().starts_with(names::PARAM_OURS));
        let container = convert.target.as_ref();
        let container = container.is_some_and(super::conversions::converts_to);
        self.store.convert() == Offered::Yes && !ours && !container
    }

    pub(super) fn start_convert(
        &mut self,
        tag: Tag,
        addressing: Addressing,
        convert: Convert,
        arrived: Moment,
        now: Moment,
    ) {
        if !self.convert_is_offered(&tag) {
            return;
        }
        let Stage::Open(open) = &self.stage else {
            return;
        };
        let Some(selected) = open.selection.now().cloned() else {
            self.out
                .complete(&tag, StatusKind::Bad, None, "No mailbox is selected");
            return;
        };
        match Request::read(addressing, convert) {
            Err(refused) => self.refuse_request(&tag, refused),
            Ok(request) => {
                self.reveals();
                self.locate(tag, request, selected, arrived, now);
            }
        }
    }

    fn conversion(&mut self) -> Option<&mut Conversion> {
        self.own_mut().and_then(Own::conversion)
    }

    /// Answers as soon as neither the store nor the vault owes anything.
    fn conclude(&mut self, now: Moment) {
        let Some(conversion) = self.conversion() else {
            return;
        };
        match (&conversion.phase, &conversion.verdict) {
            (Phase::Injected(_) | Phase::Refusing(_), _) | (Phase::Working, None) => {}
            // A vault's refusal comes at its time, counted from the part's end. To count again would tell where that lies.
            (Phase::Working, Some(_)) => self.answer_conversion(now),
        }
    }

    /// A reveal for which there is no vault is refused as late as a vault would refuse it.
    fn refuse_reveal(&mut self, now: Moment) {
        if let Some(conversion) = self.conversion() {
            conversion.phase = Phase::Refusing(now.bucket_end(conversion.arrived, REFUSAL));
            conversion.verdict = Some(Verdict::Failed(Failed::Refused));
        }
    }

    /// Takes the first verdict there is; what is said later changes nothing.
    fn judge(&mut self, verdict: Verdict, now: Moment) {
        if let Some(conversion) = self.conversion() {
            conversion.verdict.get_or_insert(verdict);
        }
        self.conclude(now);
    }

    pub(super) fn pass_conversion_time(&mut self, now: Moment) {
        let Some(conversion) = self.conversion() else {
            return;
        };
        match &conversion.phase {
            Phase::Refusing(until) if *until <= now => self.answer_conversion(now),
            Phase::Refusing(_) => {}
            Phase::Injected(_) | Phase::Working => {
                self.pass_vault_time(now);
                self.say_progress(now);
            }
        }
    }

    /// RFC 9585 §3: a command that takes long says that it goes on.
    fn say_progress(&mut self, now: Moment) {
        let Some(conversion) = self.conversion() else {
            return;
        };
        if conversion.progress > now {
            return;
        }
        conversion.progress = now.plus(PROGRESS);
        let code = wire::imap::Code::InProgress(conversion.tag.clone());
        self.out
            .remark(StatusKind::Ok, Some(code), "Still converting");
    }

    /// The mailbox, the user and the parameters, as this server was asked: what a reveal must have been made for.
    fn context(&self, conversion: &Conversion, uid: Uid) -> Result<Context, Failed> {
        let Stage::Open(open) = &self.stage else {
            return Err(Failed::Temporary);
        };
        conversion
            .request
            .context(&open.user, &conversion.selected, uid)
    }
}
