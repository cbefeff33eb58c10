//! The FETCH commands of a conversion, and their answers among the client's traffic.
//!
//! First where the message is and how it is built, then the part. One at a time, under a tag of ours, while no relayed
//! command is under way; everything in the store's answers that is not ours is passed on in order.

use wire::{
    Frame,
    imap::{
        Addressing, BodyStructure, CommandBody, FetchAttribute, FetchItem, FetchResponse,
        PartEvent, PartReader, Response, Section, SeqNum, SequenceSet, StatusKind, Tag, Uid,
        fetch::Seen,
        part_reader::{PartDone, UidTold},
        sequence::Bound,
    },
};

use super::{
    Conversion, Phase, Place, Request, Verdict,
    plan::{Failed, Plan},
};
use crate::{
    clock::Moment,
    session::{
        Session, Stage,
        inject::Errand,
        own::{Own, Running, Theirs},
        selected::Selected,
        settings::{PROGRESS, VAULT_GRACE},
    },
};

/// What a FETCH of ours is for.
#[derive(Debug)]
pub(super) enum Wants {
    /// The message's number, UID and structure; the structure once it is here.
    Location(Option<Box<BodyStructure>>),
    /// The part.
    Part(Box<PartReader>),
}

impl Own {
    /// Whose a FETCH response is that begins now.
    pub(in crate::session) fn wants_fetch(&self) -> Theirs {
        let Some(Running::Convert(conversion)) = &self.running else {
            return Theirs::Nothing;
        };
        match &conversion.phase {
            Phase::Injected(Wants::Location(_)) => Theirs::Location,
            Phase::Injected(Wants::Part(_)) => Theirs::Part,
            Phase::Working | Phase::Refusing(_) => Theirs::Nothing,
        }
    }
}

impl Session {
    /// The tag of our command that the store has not answered.
    pub(in crate::session) fn injected_tag(&self) -> Option<&Tag> {
        match &self.stage {
            Stage::Open(open) => open.injector.tag(),
            Stage::Login(_) | Stage::Over => None,
        }
    }

    /// Asks the store where the message is and how it is built.
    pub(super) fn locate(
        &mut self,
        tag: Tag,
        request: Request,
        selected: Selected,
        arrived: Moment,
        now: Moment,
    ) {
        let body = CommandBody::Fetch {
            addressing: request.addressing,
            set: request.set(),
            items: vec![FetchItem::Uid, FetchItem::BodyStructure],
        };
        let deadline = now.plus(self.store.answer());
        let conversion = Conversion {
            tag,
            arrived,
            request,
            selected,
            phase: Phase::Injected(Wants::Location(None)),
            place: None,
            available: Err(Failed::NoSuchPart),
            work: None,
            verdict: None,
            progress: now.plus(PROGRESS),
        };
        if let Some(own) = self.own_mut() {
            own.running = Some(Running::Convert(Box::new(conversion)));
        }
        self.inject(body, Errand::Conversion, deadline, now);
    }

    /// Asks the store for the part itself.
    fn fetch(
        &mut self,
        conversion: &mut Conversion,
        place: Place,
        path: wire::imap::PartPath,
        now: Moment,
    ) {
        let section = Section::part(path);
        let set = match conversion.request.addressing {
            Addressing::Uid => SequenceSet::uid(place.uid),
            // No EXPUNGE comes during CONVERT (RFC 5259 §6) nor during FETCH (RFC 9051 §7.5.1): the number still holds.
            Addressing::Sequence => SequenceSet::one(place.message.0),
        };
        let item = FetchItem::Section {
            section: section.clone(),
            partial: None,
            seen: Seen::Peek,
        };
        let body = CommandBody::Fetch {
            addressing: conversion.request.addressing,
            set,
            items: vec![FetchItem::Uid, item],
        };
        let reader = PartReader::new(place.uid, section);
        // Behind the vault's own deadline: while it does not take the part, it is not the store that is late.
        let deadline = now
            .plus(self.settings.job)
            .plus(VAULT_GRACE)
            .plus(self.store.answer());
        conversion.phase = Phase::Injected(Wants::Part(Box::new(reader)));
        self.inject(body, Errand::Conversion, deadline, now);
    }

    /// A whole FETCH response came while a message is being looked for.
    pub(in crate::session) fn located(&mut self, raw: Vec<u8>) {
        let Ok(Response::Fetch(response)) = Response::parse(&raw) else {
            // What cannot be read is not ours: the client may understand it.
            self.out.tell(raw);
            return;
        };
        let Some(conversion) = self.conversion() else {
            return;
        };
        match conversion.take_location(response) {
            Found::Ours => {}
            Found::OursAndMore(others) => self.out.tell(others.encode()),
            Found::Another => self.out.tell(raw),
        }
    }

    /// The FETCH response was longer than a structure may be.
    pub(in crate::session) fn structure_too_large(&mut self) {
        if let Some(conversion) = self.conversion() {
            conversion.verdict.get_or_insert(Verdict::Structure);
        }
    }

    /// Our command was answered.
    pub(in crate::session) fn injection_done(&mut self, kind: StatusKind, now: Moment) {
        let Some(conversion) = self.conversion() else {
            return;
        };
        let phase = std::mem::replace(&mut conversion.phase, Phase::Working);
        let Phase::Injected(wants) = phase else {
            return;
        };
        match (kind, wants) {
            (StatusKind::Ok, Wants::Location(structure)) => self.know_location(structure, now),
            (StatusKind::Ok, Wants::Part(_)) => self.part_done(now),
            (StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth, _) => {
                self.judge(Verdict::Store(kind), now);
            }
        }
    }

    /// The message is known, or known not to be there (then nothing is converted, and nothing is wrong).
    fn know_location(&mut self, structure: Option<Box<BodyStructure>>, now: Moment) {
        let Some(mut conversion) = self.take_conversion() else {
            return;
        };
        let found = conversion.place.zip(structure);
        let plan = match (&conversion.verdict, found) {
            (Some(_), _) | (None, None) => Ok(Plan::Tell),
            (None, Some((place, structure))) => {
                let plan = self.plan(&mut conversion, place.uid, &structure, now);
                plan.inspect(|plan| self.begin(&mut conversion, place, plan, now))
            }
        };
        self.put_conversion(conversion);
        match plan {
            Ok(Plan::Tell) => self.judge(Verdict::Told, now),
            Ok(Plan::Kept(sealed)) => self.judge(Verdict::Sealed(sealed), now),
            Ok(Plan::Reveal(_)) => {}
            Err(Failed::Refused) => self.refuse_reveal(now),
            Err(failed) => self.judge(Verdict::Failed(failed), now),
        }
    }

    /// A plan that needs the part: the vault is told its job when the part begins.
    fn begin(&mut self, conversion: &mut Conversion, place: Place, plan: &Plan, now: Moment) {
        let (Plan::Reveal(reveal), Some(path)) = (plan, conversion.request.part.clone()) else {
            return;
        };
        conversion.work = Some(self.employ(reveal, now));
        self.fetch(conversion, place, path, now);
    }

    pub(super) fn take_conversion(&mut self) -> Option<Box<Conversion>> {
        let own = self.own_mut()?;
        match own.running.take() {
            Some(Running::Convert(conversion)) => Some(conversion),
            other => {
                own.running = other;
                None
            }
        }
    }

    fn put_conversion(&mut self, conversion: Box<Conversion>) {
        if let Some(own) = self.own_mut() {
            own.running = Some(Running::Convert(conversion));
        }
    }

    /// A frame of a FETCH response while the part is awaited: [`Theirs::Nothing`] if it is the client's.
    pub(in crate::session) fn read_part(&mut self, frame: &Frame<'_>, now: Moment) -> Theirs {
        let Some(Conversion {
            phase: Phase::Injected(Wants::Part(reader)),
            ..
        }) = self.conversion()
        else {
            return Theirs::Nothing;
        };
        match reader.take(frame) {
            PartEvent::Relay => return Theirs::Nothing,
            PartEvent::Taken => {}
            PartEvent::Begin { octets } => self.part_begins(octets, now),
            PartEvent::Octets(run) => self.part_octets(run, now),
            PartEvent::Whole(Some(part), done) => {
                self.part_begins(u64::try_from(part.len()).unwrap_or(u64::MAX), now);
                self.part_octets(&part, now);
                self.response_done(done, now);
            }
            PartEvent::Whole(None, done) => {
                self.judge(Verdict::Failed(Failed::NoSuchPart), now);
                self.response_done(done, now);
            }
            PartEvent::Done(done) => self.response_done(done, now),
        }
        Theirs::Part
    }

    fn response_done(&mut self, done: PartDone, now: Moment) {
        if let Some(others) = done.others {
            self.out.tell(others.encode());
        }
        if done.uid == UidTold::Wrong {
            // Another message's octets: a vault would refuse them, and the store is not to be trusted with more.
            self.judge(Verdict::Failed(Failed::Temporary), now);
        }
    }
}

/// Whose a FETCH response is.
enum Found {
    Ours,
    /// Ours, with something in it that the client should hear.
    OursAndMore(FetchResponse),
    Another,
}

impl Conversion {
    /// Takes the answer to where the message is.
    fn take_location(&mut self, response: FetchResponse) -> Found {
        let message = response.message;
        let Some(uid) = response.uid() else {
            return Found::Another;
        };
        let Phase::Injected(Wants::Location(location)) = &mut self.phase else {
            return Found::Another;
        };
        if location.is_some() || !asked_for(&self.request, message, uid) {
            return Found::Another;
        }
        let (ours, others): (Vec<_>, Vec<_>) = response
            .attributes
            .into_iter()
            .partition(|attribute| matches!(attribute, FetchAttribute::BodyStructure(_)));
        let Some(FetchAttribute::BodyStructure(structure)) = ours.into_iter().next() else {
            return Found::OursAndMore(FetchResponse {
                message,
                attributes: others,
            });
        };
        *location = Some(Box::new(structure));
        self.place = Some(Place { message, uid });
        if others
            .iter()
            .all(|other| matches!(other, FetchAttribute::Uid(_)))
        {
            Found::Ours
        } else {
            Found::OursAndMore(FetchResponse {
                message,
                attributes: others,
            })
        }
    }
}

/// Of the last message the store alone knows which it is: the one that it tells of.
fn asked_for(request: &Request, message: SeqNum, uid: Uid) -> bool {
    let number = match request.addressing {
        Addressing::Sequence => message.0,
        Addressing::Uid => uid.0,
    };
    match request.message {
        Bound::Number(asked) => asked == number,
        Bound::Largest => true,
    }
}
