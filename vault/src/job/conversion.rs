//! From the opened part to the converted picture: which entity, which type, which reason where there is none.

use std::num::{NonZeroU32, NonZeroUsize};
use std::panic::{AssertUnwindSafe, catch_unwind};

use envelope::Proven;
use envelope::entity::{self, Entity, EntityError};
use keyreveal::{InnerType, Integrity, ResultPart, Wanted};
use transcoder::{Budget, Conversion, Converted, MediaType, Refusal, Target};

use crate::frames::{Failure, Limits, Resource, SourceKind};

/// The wanted picture, made of the opened part.
pub(super) fn convert(
    proven: &Proven,
    wanted: &Wanted,
    limits: Limits,
) -> Result<ResultPart, Failure> {
    let most = octets(limits.input_octets);
    let opened = entity::payload(proven.plaintext().expose(), most).map_err(failed)?;
    let entity = Entity::parse(opened.expose()).map_err(failed)?;
    let leaf = leaf(&entity, wanted)?;
    let declared = declared(leaf.media_type())?;
    let source = leaf.decode(most).map_err(failed)?;
    let converted = transcoded(source.expose(), declared, wanted, limits)?;
    Ok(ResultPart {
        media_type: converted.media.name().to_owned(),
        width: converted.width,
        height: converted.height,
        integrity: match proven.integrity() {
            envelope::Integrity::Authenticated => Integrity::Authenticated,
            envelope::Integrity::None => Integrity::None,
        },
        source_type: converted.source.name().to_owned(),
        source_octets: u64::try_from(source.expose().len()).unwrap_or(u64::MAX),
        octets: converted.octets,
    })
}

fn leaf<'a, 'b>(entity: &'b Entity<'a>, wanted: &Wanted) -> Result<&'b Entity<'a>, Failure> {
    let section: Option<Vec<u32>> = wanted
        .inner
        .as_ref()
        .map(|numbers| numbers.iter().map(|number| number.get()).collect());
    entity.find(section.as_deref()).ok_or(match section {
        Some(_) => Failure::NoSuchSection,
        None => Failure::NotConvertible(kind(entity.media_type())),
    })
}

/// What the leaf says it is, where that is a type that is read.
fn declared(media_type: &str) -> Result<Option<MediaType>, Failure> {
    // RFC 2046 §4.5.1: "application/octet-stream" says nothing of the content; its first octets do.
    if media_type == "application/octet-stream" {
        return Ok(None);
    }
    MediaType::from_name(media_type)
        .map(Some)
        .ok_or(Failure::NotConvertible(kind(media_type)))
}

fn kind(media_type: &str) -> SourceKind {
    let (top_level, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    match top_level {
        "text" => SourceKind::Text,
        "image" => SourceKind::Image,
        "audio" => SourceKind::Audio,
        "video" => SourceKind::Video,
        "application" => SourceKind::Application,
        "message" => SourceKind::Message,
        "multipart" => SourceKind::Multipart,
        _unregistered => SourceKind::Other,
    }
}

/// A decoder of another crate may panic on a hostile picture. The picture is damaged then, as far as anybody is told: where no
/// reason may be given, a vault that died would be one.
fn transcoded(
    source: &[u8],
    declared: Option<MediaType>,
    wanted: &Wanted,
    limits: Limits,
) -> Result<Converted, Failure> {
    let conversion = conversion(wanted);
    let budget = Budget {
        input_octets: octets(limits.input_octets),
        pixels: limits.pixels,
        samples: 0,
        output_octets: octets(limits.output_octets),
        memory: octets(limits.memory),
    };
    catch_unwind(AssertUnwindSafe(|| {
        transcoder::convert(source, declared, &conversion, budget)
    }))
    .unwrap_or(Err(Refusal::Damaged))
    .map_err(refused)
}

fn conversion(wanted: &Wanted) -> Conversion {
    Conversion {
        target: match wanted.media {
            InnerType::Jpeg => Target::Jpeg,
            InnerType::Png => Target::Png,
            InnerType::WebP => Target::WebP,
        },
        width: wanted.width.map(NonZeroU32::from),
        height: wanted.height.map(NonZeroU32::from),
        octets: wanted
            .octets
            .and_then(|octets| NonZeroUsize::try_from(octets).ok()),
    }
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::NotAnImage
        | Refusal::NotAudio
        | Refusal::DeclaredOtherwise
        | Refusal::Unsupported => Failure::NotConvertible(SourceKind::Image),
        Refusal::Damaged => Failure::Damaged,
        Refusal::CannotFit => Failure::CannotFit,
        Refusal::Exceeded(resource) => Failure::Exceeded(match resource {
            transcoder::Resource::Input => Resource::Input,
            // No sound goes this way yet; the frames have no word for it.
            transcoder::Resource::Pixels | transcoder::Resource::Samples => Resource::Pixels,
            transcoder::Resource::Output => Resource::Output,
            transcoder::Resource::Memory => Resource::Memory,
        }),
    }
}

fn failed(error: EntityError) -> Failure {
    match error {
        EntityError::NotMime | EntityError::UnknownEncoding => {
            Failure::NotConvertible(SourceKind::Other)
        }
        EntityError::TooComplex => Failure::NotConvertible(SourceKind::Multipart),
        EntityError::Damaged => Failure::Damaged,
        EntityError::Exceeded => Failure::Exceeded(Resource::Input),
    }
}

/// A limit as this machine counts memory.
fn octets(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
