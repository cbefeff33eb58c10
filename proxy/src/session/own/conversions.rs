//! CONVERSIONS (RFC 5259 §5): which pairs of types can be converted, and with which parameters.
//!
//! Ours are those of revealed parts, with the parameters of what vaults make and no others. What may be inside them, of which the RFC
//! knows nothing, a response code tells (`docs/protocol.md` §5.6). A store that has CONVERT is asked for its own first, and both are one
//! answer.

use keyreveal::{InnerType, Kind, names};
use vault::frames::{offered, read};
use wire::imap::{
    Code, CommandBody, Conversion, MediaType, Response, StatusKind, Tag,
    convert::{Conversions, ParameterName},
    media::MediaPattern,
};

use super::{Running, Session};
use crate::{
    clock::Moment,
    session::{inject::Errand, offers::Offered},
};

/// What can be revealed: CMS, under its name and under the older one that much mail still has (RFC 8551 §3.2).
const FROM: [&str; 2] = ["application/pkcs7-mime", "application/x-pkcs7-mime"];

/// The containers that a result comes in.
const TO: [&str; 2] = [names::CONTAINER_SEALED, names::CONTAINER_SMIME];

/// A CONVERSIONS that the store is asked, too.
#[derive(Debug)]
pub(super) struct Listing {
    tag: Tag,
    asked: Conversions,
}

impl Listing {
    pub(super) fn tag(&self) -> &Tag {
        &self.tag
    }
}

/// The containers, the default one (for the target NIL) first.
pub(super) fn containers() -> impl Iterator<Item = MediaType> {
    TO.into_iter().filter_map(MediaType::new)
}

/// Whether a part of this type can be revealed.
pub(super) fn converts_from(media: &MediaType) -> bool {
    FROM.contains(&media.name())
}

/// Whether a result can come in this container.
pub(super) fn converts_to(media: &MediaType) -> bool {
    TO.contains(&media.name())
}

/// Whether a parameter of this name and value asks for what vaults make.
pub(super) fn is_made(name: &str, value: &str) -> bool {
    let named = |known: &str| known.eq_ignore_ascii_case(name);
    let kind = [Kind::Picture, Kind::Text, Kind::Sound]
        .into_iter()
        .find(|kind| names::parameters_of(*kind).iter().copied().any(named));
    match kind {
        Some(kind) => kinds().contains(&kind),
        None if named(names::PARAM_TYPE) => {
            InnerType::from_name(value).is_some_and(|media| offered().any(|made| made == media))
        }
        None => true,
    }
}

/// The kinds of what vaults make, each once.
fn kinds() -> Vec<Kind> {
    [Kind::Picture, Kind::Text, Kind::Sound]
        .into_iter()
        .filter(|kind| offered().any(|made| made.kind() == *kind))
        .collect()
}

/// Those of `names` that are asked about; all, where a container is asked about in which they are.
fn inside(asked: &MediaPattern, containers: &[&str], names: Vec<&str>) -> Vec<MediaType> {
    let types = |names: &[&str]| -> Vec<MediaType> {
        let types = names.iter().filter_map(|name| MediaType::new(name));
        types.collect()
    };
    let all = types(containers)
        .iter()
        .any(|container| asked.matches(container));
    let mut types = types(&names);
    types.retain(|media| all || asked.matches(media));
    types
}

fn parameters() -> Vec<ParameterName> {
    kinds()
        .into_iter()
        .flat_map(names::parameters_of)
        .copied()
        .chain(names::PARAMETERS)
        .filter_map(ParameterName::new)
        .collect()
}

fn pairs() -> impl Iterator<Item = (MediaType, MediaType)> {
    FROM.into_iter()
        .filter_map(MediaType::new)
        .flat_map(|from| containers().map(move |to| (from.clone(), to)))
}

impl Session {
    pub(super) fn start_conversions(&mut self, tag: Tag, asked: Conversions, now: Moment) {
        if self.store.convert() == Offered::Yes {
            let body = CommandBody::Conversions(asked.clone());
            if let Some(own) = self.own_mut() {
                own.running = Some(Running::Conversions(Listing { tag, asked }));
            }
            let deadline = now.plus(self.store.answer());
            self.inject(body, Errand::Conversions, deadline, now);
        } else if self.convert_is_offered(&tag) {
            self.tell_conversions(&asked);
            // RFC 5259 §5.1: no match is no error.
            self.out
                .complete(&tag, StatusKind::Ok, None, "These are all");
        }
    }

    fn tell_conversions(&mut self, asked: &Conversions) {
        for (from, to) in pairs() {
            if asked.from.matches(&from) && asked.to.matches(&to) {
                let conversion = Conversion {
                    from,
                    to,
                    parameters: parameters(),
                };
                self.out.tell(Response::Conversion(conversion).encode());
            }
        }
        self.tell_inner(asked);
    }

    /// What a reveal makes of what, by kind. Whoever does not know the code passes it over (RFC 9051 §7.1); a CONVERSION would be read
    /// as a promise for plain parts.
    fn tell_inner(&mut self, asked: &Conversions) {
        for kind in kinds() {
            let made = offered().filter(|made| made.kind() == kind);
            let made = made.map(InnerType::name).collect();
            let from = inside(&asked.from, &FROM, read(kind));
            let to = inside(&asked.to, &TO, made);
            if !from.is_empty() && !to.is_empty() {
                let code = Code::KeyReveal { from, to };
                self.out
                    .remark(StatusKind::Ok, Some(code), "Inside a container");
            }
        }
    }

    /// A pair of the store's: passed on, unless a command for it would not reach the store, whose target is one of ours.
    pub(in crate::session) fn hear_conversion(&mut self, raw: Vec<u8>) {
        let ours = match Response::parse(&raw) {
            Ok(Response::Conversion(pair)) => converts_to(&pair.to),
            // What cannot be read is not ours: the client may understand it.
            Ok(_) | Err(_) => false,
        };
        if !ours {
            self.out.tell(raw);
        }
    }

    /// The store has listed its own.
    pub(in crate::session) fn finish_conversions(&mut self, kind: StatusKind) {
        let running = self.own_mut().and_then(|own| own.running.take());
        let Some(Running::Conversions(Listing { tag, asked })) = running else {
            return;
        };
        if self.converts_here() {
            self.tell_conversions(&asked);
        }
        let (kind, text) = match kind {
            StatusKind::Ok => (StatusKind::Ok, "These are all"),
            StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth => {
                (StatusKind::No, "The mail store did not list its own")
            }
        };
        self.out.complete(&tag, kind, None, text);
    }
}
