//! What the message's structure makes of a request: a kept result, a vault's work, or an error that names its reason.

use std::sync::Arc;

use keyreveal::{Context, Fallback, KeyId, PresetName, SealedReveal, Wanted, WantedError, names};
use wire::imap::{BodyStructure, MediaType, PartPath, Uid};

use super::{
    super::conversions,
    Conversion,
    request::{Choice, Request},
};
use crate::{clock::Moment, config::Presets, session::Session};
use vault::frames::{Resource, SourceKind};

/// Why a conversion gives no result.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Failed {
    /// There is no such part.
    NoSuchPart,
    /// This type cannot be converted so.
    Pair(MediaType),
    /// These parameters are unknown, or their values are no good.
    Bad(Vec<String>),
    /// These parameters are missing.
    Missing(Vec<&'static str>),
    /// The reveal was refused: the one answer.
    Refused,
    /// The opened part is of a kind that is not converted.
    NotConvertible(SourceKind),
    /// The opened part has no such section.
    NoSuchSection,
    /// A budget was reached.
    Exceeded(Resource),
    /// What should be converted is broken.
    Damaged,
    /// It cannot be made that small.
    CannotFit,
    /// The charset is unknown, or lacks a character of the text.
    Charset,
    /// The vault died, stalled, or could not answer.
    Temporary,
}

/// What is to be done.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing: only what is known already was asked for.
    Tell,
    /// The result is here.
    Kept(Arc<[u8]>),
    /// A vault has to open the part.
    Reveal(Box<ToReveal>),
}

/// What a vault has to open.
#[derive(Debug)]
pub(super) struct ToReveal {
    pub(super) key_id: KeyId,
    pub(super) sealed: SealedReveal,
    pub(super) context: Context,
    pub(super) fallback: Fallback,
}

impl Session {
    /// Decides once the message and its structure are known. A reveal's key is used up here, whatever comes of it.
    pub(super) fn plan(
        &mut self,
        conversion: &mut Conversion,
        uid: Uid,
        structure: &BodyStructure,
        now: Moment,
    ) -> Result<Plan, Failed> {
        let Some(path) = conversion.request.part.clone() else {
            return Ok(Plan::Tell);
        };
        let from = source(structure, &path);
        let checked = self.check_parameters(&conversion.request);
        conversion.available = available(from.clone(), &conversion.request, &checked);
        if !conversion.request.wants_result() {
            return Ok(Plan::Tell);
        }
        check_pair(from?, &conversion.request.target)?;
        let context = self.context(conversion, uid);
        match conversion.request.reveal() {
            None => {
                checked?;
                self.kept(&context?)
            }
            Some(reveal) => {
                let fallback = checked?;
                let context = context?;
                let octets = part_octets(structure, &path);
                let reveal = self.revealed(reveal, octets, now)?;
                Ok(Plan::Reveal(Box::new(ToReveal {
                    key_id: reveal.0,
                    sealed: reveal.1,
                    context,
                    fallback,
                })))
            }
        }
    }

    fn kept(&self, context: &Context) -> Result<Plan, Failed> {
        let found = self.own().and_then(|own| own.kept.find(context));
        found
            .map(Plan::Kept)
            .ok_or_else(|| Failed::Missing(vec![names::PARAM_REVEAL]))
    }

    fn revealed(
        &mut self,
        reveal: &[u8],
        octets: u64,
        now: Moment,
    ) -> Result<(KeyId, SealedReveal), Failed> {
        // What is no sealed reveal, and one whose key is unknown, spent or expired, are refused as one that does not open.
        let sealed = SealedReveal::from_base64(reveal).map_err(|_| Failed::Refused)?;
        let own = self.own_mut().ok_or(Failed::Temporary)?;
        let key_id = own.keys.take(sealed.key_id(), now).ok_or(Failed::Refused)?;
        if octets > self.settings.part_octets {
            self.out.request(crate::session::Request::Drop(key_id));
            return Err(Failed::Exceeded(Resource::Input));
        }
        Ok((key_id, sealed))
    }

    /// RFC 5259 §9: all parameters at fault are named, whatever is wrong with each of them: no text, unknown, of no use for the type,
    /// nothing that a vault makes, no preset of this server's. What the request falls back on, if there are none.
    fn check_parameters(&self, request: &Request) -> Result<Fallback, Failed> {
        let presets = &self.settings.presets;
        let mut bad = Vec::new();
        let mut texts = Vec::new();
        for (name, value) in request.texts() {
            match value {
                Some(value) => texts.push((name, value)),
                None => bad.push(name.to_owned()),
            }
        }
        let wanted = Wanted::read(texts.iter().copied());
        if let Err(WantedError(names)) = &wanted {
            bad.extend_from_slice(names);
        }
        let unknown = |(name, value): &&(&str, &str)| {
            !conversions::is_made(name, value) || is_unknown_preset(presets, name, value)
        };
        let unknown = texts.iter().filter(unknown);
        bad.extend(unknown.map(|(name, _)| (*name).to_owned()));
        match wanted {
            Ok(wanted) if bad.is_empty() => {
                let fallback = presets.fallback(&wanted).cloned();
                fallback.map_err(|_| Failed::Bad(vec![names::PARAM_PRESET.to_owned()]))
            }
            Ok(_) | Err(_) => Err(Failed::Bad(bad)),
        }
    }
}

/// Whether a parameter names a preset that there is none of.
fn is_unknown_preset(presets: &Presets, name: &str, value: &str) -> bool {
    let preset = PresetName::new(value).filter(|_| name == names::PARAM_PRESET);
    preset.is_some_and(|preset| !presets.has(&preset))
}

/// The type of the part, as the store describes it.
fn source(structure: &BodyStructure, path: &PartPath) -> Result<MediaType, Failed> {
    if path.is_empty() {
        // The whole message, header included: never a CMS object, whatever its body is.
        return MediaType::new("message/rfc822").ok_or(Failed::Temporary);
    }
    let part = structure.part(path).ok_or(Failed::NoSuchPart)?;
    let named = part.media_name();
    let name = match named.as_str() {
        UNTOLD if is_named_as_cms(part) => names::CONTAINER_SMIME,
        name => name,
    };
    MediaType::new(name)
        .or_else(|| MediaType::new(UNTOLD))
        .ok_or(Failed::NoSuchPart)
}

/// RFC 2046 §4.5.1: what says nothing of its content.
const UNTOLD: &str = "application/octet-stream";

/// RFC 8551 §3.2.1: where a program on the way has lost the type, the file's name stands in for it.
fn is_named_as_cms(part: &BodyStructure) -> bool {
    let disposition = part.extension().and_then(|more| more.disposition.as_ref());
    let filename = disposition.and_then(|disposition| {
        let mut parameters = disposition.parameters.iter();
        parameters.find(|(name, _)| name.eq_ignore_ascii_case(b"filename"))
    });
    let filename = filename.map(|(_, value)| value.as_slice());
    filename
        .or(part.parameter("name"))
        .is_some_and(|name| name.to_ascii_lowercase().ends_with(b".p7m"))
}

fn part_octets(structure: &BodyStructure, path: &PartPath) -> u64 {
    let fields = structure.part(path).and_then(BodyStructure::fields);
    fields.map_or(0, |fields| fields.octets)
}

fn check_pair(from: MediaType, to: &MediaType) -> Result<(), Failed> {
    if conversions::converts_from(&from) && conversions::converts_to(to) {
        Ok(())
    } else {
        Err(Failed::Pair(from))
    }
}

/// RFC 5259 §8.4: a subset of what CONVERSIONS tells, without the targets that a given parameter does not fit; of a target that is
/// named, that one or why not.
fn available(
    from: Result<MediaType, Failed>,
    request: &Request,
    checked: &Result<Fallback, Failed>,
) -> Result<Vec<MediaType>, Failed> {
    let from = from?;
    check_pair(from, &request.target)?;
    checked.as_ref().map_err(Failed::clone)?;
    Ok(match request.choice {
        Choice::Client => vec![request.target.clone()],
        Choice::Server => conversions::containers().collect(),
    })
}
