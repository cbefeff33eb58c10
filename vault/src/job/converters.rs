//! Where plaintext is handed to the transcoder: one function a kind, and the one list of what they make. What is not in [`offered`]
//! is told to no client and refused before anything is revealed. Converters of other crates may panic on hostile input; each call is
//! caught, for where no reason may be given, a vault that died would be one.

use std::num::{NonZeroU32, NonZeroUsize};
use std::panic::{AssertUnwindSafe, catch_unwind};

use keyreveal::{InnerType, Measure, PictureForm, SoundForm, TextForm};
use secret::Plaintext;
use transcoder::{Budget, Conversion, MediaType, Refusal, Target};

use crate::frames::{Failure, Limits, Resource, SourceKind};

/// What is converted: one leaf of an opened part, decoded.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// `type/subtype` as the sender wrote it, in lower case.
    pub(super) media_type: &'a str,
    /// The `charset` parameter of its Content-Type.
    pub(super) charset: Option<&'a str>,
    /// Its octets.
    pub(super) octets: &'a [u8],
}

/// What came out.
pub(super) struct Made {
    /// The type that the source was found to be: from a list of the converter's own, never the sender's text.
    pub(super) source_type: String,
    /// The type that it is now.
    pub(super) media: InnerType,
    /// How large it is.
    pub(super) measure: Measure,
    /// Its octets.
    pub(super) octets: Plaintext,
}

/// What vaults of this program convert into: all that is offered, and all that is listed, follows from here.
pub fn offered() -> impl Iterator<Item = InnerType> {
    let pictures = Target::ALL.into_iter().map(|target| match target {
        Target::Jpeg => InnerType::Jpeg,
        Target::Png => InnerType::Png,
        Target::WebP => InnerType::WebP,
    });
    pictures.chain(TEXTS).chain(SOUNDS)
}

// ---- SEAM: texts and sounds. Fill `text` and `sound`, then name here what they make. Nothing else has to change. ----

/// What [`text`] makes.
const TEXTS: [InnerType; 0] = [];
/// What [`sound`] makes.
const SOUNDS: [InnerType; 0] = [];

/// `source` as a text of type `media`, in the charset of `form` (UTF-8 where it says none), cut to its octets.
///
/// [`Failure::NotConvertible`] for a type that is not read as text, [`Failure::Charset`] where the charset is the reason.
pub(super) fn text(
    source: &Source<'_>,
    media: InnerType,
    form: &TextForm,
    limits: Limits,
) -> Result<Made, Failure> {
    let _unfilled = (media, form, limits, source.charset, source.octets);
    Err(Failure::NotConvertible(kind(source.media_type)))
}

/// `source` as a sound of type `media`, cut to the seconds of `form`, within its rate and octets.
pub(super) fn sound(
    source: &Source<'_>,
    media: InnerType,
    form: &SoundForm,
    limits: Limits,
) -> Result<Made, Failure> {
    let _unfilled = (media, form, limits, source.octets);
    Err(Failure::NotConvertible(kind(source.media_type)))
}

// ---- end of the seam ----

/// `source` as a picture of type `media`, within `form`.
pub(super) fn picture(
    source: &Source<'_>,
    media: InnerType,
    form: &PictureForm,
    limits: Limits,
) -> Result<Made, Failure> {
    let declared = declared(source.media_type)?;
    let target = match media {
        InnerType::Jpeg => Target::Jpeg,
        InnerType::Png => Target::Png,
        InnerType::WebP => Target::WebP,
        InnerType::Plain | InnerType::Html | InnerType::Ogg => {
            return Err(Failure::NotConvertible(SourceKind::Image));
        }
    };
    let conversion = Conversion {
        target,
        width: form.width.map(NonZeroU32::from),
        height: form.height.map(NonZeroU32::from),
        octets: form
            .octets
            .and_then(|octets| NonZeroUsize::try_from(octets).ok()),
    };
    let converted =
        caught(|| transcoder::convert(source.octets, declared, &conversion, budget(limits)))?;
    Ok(Made {
        source_type: converted.source.name().to_owned(),
        media,
        measure: Measure::Picture {
            width: converted.width,
            height: converted.height,
        },
        octets: converted.octets,
    })
}

/// What the leaf says it is, where that is a type of picture that is read.
fn declared(media_type: &str) -> Result<Option<MediaType>, Failure> {
    // RFC 2046 §4.5.1: "application/octet-stream" says nothing of the content; its first octets do.
    if media_type == "application/octet-stream" {
        return Ok(None);
    }
    MediaType::from_name(media_type)
        .map(Some)
        .ok_or(Failure::NotConvertible(kind(media_type)))
}

/// Of which of the kinds that may be told a media type is.
pub(super) fn kind(media_type: &str) -> SourceKind {
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

/// What `convert` gives; a panic is damage, as far as anybody is told.
fn caught<T>(convert: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(convert))
        .unwrap_or(Err(Refusal::Damaged))
        .map_err(refused)
}

fn budget(limits: Limits) -> Budget {
    Budget {
        input_octets: octets(limits.input_octets),
        pixels: limits.pixels,
        output_octets: octets(limits.output_octets),
        memory: octets(limits.memory),
    }
}

fn refused(refusal: Refusal) -> Failure {
    match refusal {
        Refusal::NotAnImage | Refusal::DeclaredOtherwise | Refusal::Unsupported => {
            Failure::NotConvertible(SourceKind::Image)
        }
        Refusal::Damaged => Failure::Damaged,
        Refusal::CannotFit => Failure::CannotFit,
        Refusal::Exceeded(resource) => Failure::Exceeded(match resource {
            transcoder::Resource::Input => Resource::Input,
            transcoder::Resource::Pixels => Resource::Pixels,
            transcoder::Resource::Output => Resource::Output,
            transcoder::Resource::Memory => Resource::Memory,
        }),
    }
}

/// A limit as this machine counts memory.
pub(super) fn octets(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
