//! Where plaintext is handed to the transcoder: one function a kind, and the one list of what they make. What is not in [`offered`]
//! is told to no client and refused before anything is revealed. Converters of other crates may panic on hostile input; each call is
//! caught, for where no reason may be given, a vault that died would be one.

use std::num::{NonZeroU32, NonZeroUsize};
use std::panic::{AssertUnwindSafe, catch_unwind};

use keyreveal::{
    Charset, Extent, Frames, InnerType, Kind, Measure, PictureForm, Replacement, SoundForm,
    TextForm,
};
use secret::Plaintext;
use transcoder::{Budget, Conversion, MediaType, Refusal, Target, UnreadType, audio, text};

use crate::frames::{Failure, Limits, Resource, SourceKind};

/// What is converted: one leaf of an opened part, decoded.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// `type/subtype` as the sender wrote it, in lower case.
    pub(super) media_type: &'a str,
    /// The `charset` parameter of its Content-Type.
    pub(super) charset: Option<&'a str>,
    /// The `header` parameter of a CSV's.
    pub(super) header: Option<&'a str>,
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
        Target::Avif => InnerType::Avif,
        Target::Gif => InnerType::Gif,
    });
    pictures.chain(TEXTS).chain(SOUNDS)
}

/// What is read so that it can become of this kind, each type under its registered name: what [`picture`], [`text`] and [`sound`] take.
#[must_use]
pub fn read(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Picture => {
            let pictures = MediaType::ALL.into_iter().map(MediaType::name);
            pictures.chain([text::Source::Pdf.name()]).collect()
        }
        Kind::Text => text::Source::all().map(text::Source::name).collect(),
        Kind::Sound => audio::Source::ALL
            .into_iter()
            .map(audio::Source::name)
            .collect(),
    }
}

/// What [`text`] makes.
const TEXTS: [InnerType; 2] = [InnerType::Plain, InnerType::Html];
/// What [`sound`] makes.
const SOUNDS: [InnerType; 1] = [InnerType::Ogg];

/// `source` as a text of type `media`, in the charset of `form` (UTF-8 where it says none), cut to its octets.
///
/// [`Failure::NotConvertible`] for a type or a charset that is not read as text, [`Failure::Charset`] where the charset that is asked for
/// is the reason.
pub(super) fn text(
    source: &Source<'_>,
    media: InnerType,
    form: &TextForm,
    limits: Limits,
) -> Result<Made, Failure> {
    let own = kind(source.media_type);
    let from = text::Source::of_part(source.media_type).ok_or(Failure::NotConvertible(own))?;
    let to = match media {
        InnerType::Plain => text::Target::Plain,
        InnerType::Html => text::Target::Html,
        InnerType::Jpeg
        | InnerType::Png
        | InnerType::WebP
        | InnerType::Avif
        | InnerType::Gif
        | InnerType::Ogg => {
            return Err(Failure::NotConvertible(own));
        }
    };
    let charset = form.charset.as_ref();
    let charset = charset.map_or(Some(text::Charset::UTF_8), |charset| {
        text::Charset::for_label(charset.as_str())
    });
    let parameters = text::Parameters {
        charset: charset.ok_or(Failure::Charset)?,
        unknown_character_replacement: form.replacement.as_ref().map(Replacement::as_str),
        columns: text::Columns::Unbroken, // the handset knows how wide it is; tables are as for one that is narrow
        octets: most(form.octets),
    };
    let made = caught(own, || {
        let declared = text::Declared {
            charset: source.charset,
            header: source.header,
        };
        let mut budget = budget(limits);
        text::convert(source.octets, from, declared, to, &parameters, &mut budget)
    })?;
    Ok(Made {
        source_type: from.name().to_owned(),
        media,
        measure: Measure::Text {
            charset: Charset::new(made.charset).ok_or(Failure::Charset)?,
            extent: match made.extent {
                text::Extent::Whole => Extent::Whole,
                text::Extent::Cut => Extent::Cut,
            },
        },
        octets: made.octets,
    })
}

/// `source` as a sound of type `media`, cut to the seconds of `form` and to those that there is time for, within its rate and octets.
pub(super) fn sound(
    source: &Source<'_>,
    media: InnerType,
    form: &SoundForm,
    limits: Limits,
) -> Result<Made, Failure> {
    let own = kind(source.media_type);
    let target = match media {
        InnerType::Ogg => audio::Target::Opus,
        InnerType::Jpeg
        | InnerType::Png
        | InnerType::WebP
        | InnerType::Avif
        | InnerType::Gif
        | InnerType::Plain
        | InnerType::Html => {
            return Err(Failure::NotConvertible(own));
        }
    };
    let declared = audio::Source::from_name(source.media_type);
    let declared = declared.ok_or(Failure::NotConvertible(own))?;
    let described = caught(own, || {
        audio::describe(source.octets, Some(declared), &mut budget(limits))
    })?;
    let lasts = lasts(described.rate, described.channels, limits);
    let asked = form
        .seconds
        .and_then(|seconds| NonZeroU32::new(seconds.number()));
    let parameters = audio::Parameters {
        target,
        seconds: Some(asked.map_or(lasts, |asked| asked.min(lasts))),
        bit_rate: form.rate.and_then(|rate| NonZeroU32::new(rate.number())),
        octets: most(form.octets),
    };
    let made = caught(own, || {
        let declared = Some(declared);
        audio::convert(source.octets, declared, &parameters, &mut budget(limits))
    })?;
    Ok(Made {
        source_type: made.source.name().to_owned(),
        media,
        measure: Measure::Sound {
            milliseconds: u32::try_from(made.duration.as_millis()).unwrap_or(u32::MAX),
            extent: match made.extent {
                audio::Extent::Whole => Extent::Whole,
                audio::Extent::Cut => Extent::Cut,
            },
        },
        octets: made.octets,
    })
}

/// `source` as a picture of type `media`, within `form` and of at most `frames`; of a PDF, its first page.
pub(super) fn picture(
    source: &Source<'_>,
    media: InnerType,
    form: &PictureForm,
    frames: Option<Frames>,
    limits: Limits,
) -> Result<Made, Failure> {
    let target = match media {
        InnerType::Jpeg => Target::Jpeg,
        InnerType::Png => Target::Png,
        InnerType::WebP => Target::WebP,
        InnerType::Avif => Target::Avif,
        InnerType::Gif => Target::Gif,
        InnerType::Plain | InnerType::Html | InnerType::Ogg => {
            return Err(Failure::NotConvertible(SourceKind::Image));
        }
    };
    let conversion = Conversion {
        target,
        width: form.width.map(NonZeroU32::from),
        height: form.height.map(NonZeroU32::from),
        octets: most(form.octets),
        frames: frames.map(Frames::number),
    };
    if text::Source::from_name(source.media_type) == Some(text::Source::Pdf) {
        return page(source, media, &conversion, limits);
    }
    let declared = MediaType::from_name(source.media_type);
    let declared = declared.ok_or(Failure::NotConvertible(unread(source.media_type)))?;
    let converted = caught(SourceKind::Image, || {
        let declared = Some(declared);
        transcoder::convert(source.octets, declared, &conversion, budget(limits))
    })?;
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

fn page(
    source: &Source<'_>,
    media: InnerType,
    conversion: &Conversion,
    limits: Limits,
) -> Result<Made, Failure> {
    let drawn = caught(SourceKind::Application, || {
        transcoder::draw(source.octets, conversion, &mut budget(limits))
    })?;
    Ok(Made {
        source_type: text::Source::Pdf.name().to_owned(),
        media,
        measure: Measure::Picture {
            width: drawn.width,
            height: drawn.height,
        },
        octets: drawn.octets,
    })
}

/// Seconds of sound that are encoded in a second of the vault's: less than half of what was measured (`docs/transcoding-audio.md`), so
/// that a slower or a busy machine is in time, too.
const ENCODED: u32 = 40;
/// Samples, over all channels, that are decoded in a second of the vault's, by the same measure.
const DECODED: u64 = 10_000_000;
/// And what may be decoded beside those that are heard: packets that are cut, or hold next to nothing.
const BESIDE: u64 = 2_000_000;

/// The vault's time, in seconds.
fn time(limits: Limits) -> u32 {
    (limits.deadline_ms / 1000).max(1)
}

/// How many seconds of such a sound there is time for. A longer one is cut there, not refused: the key is revealed already, and would be
/// for nothing.
fn lasts(rate: u32, channels: usize, limits: Limits) -> NonZeroU32 {
    let channels = u64::try_from(channels).unwrap_or(u64::MAX);
    let samples = u64::from(time(limits)).saturating_mul(DECODED);
    let decoded = samples.checked_div(u64::from(rate).saturating_mul(channels));
    let decoded = decoded.and_then(|seconds| u32::try_from(seconds).ok());
    let encoded = time(limits).saturating_mul(ENCODED);
    NonZeroU32::new(decoded.map_or(encoded, |decoded| decoded.min(encoded)))
        .unwrap_or(NonZeroU32::MIN)
}

/// The most octets, as this machine counts memory.
fn most(octets: Option<NonZeroU32>) -> Option<NonZeroUsize> {
    octets.and_then(|octets| NonZeroUsize::try_from(octets).ok())
}

/// The type that an untold leaf is by its octets and, as far as they allow, its file's name; `None` for what is not read.
pub(super) fn recognised(
    octets: &[u8],
    name: Option<&str>,
    limits: Limits,
) -> Option<&'static str> {
    let found = caught(SourceKind::Application, || {
        let found = transcoder::recognise(octets, name, &mut budget(limits));
        found.ok_or(Refusal::Unsupported)
    });
    found.ok().map(transcoder::Content::name)
}

/// Whether `source` is a picture, or a recording, of a type that is read: the one that it is said to be.
pub(super) fn is_read(source: &Source<'_>, wanted: Kind) -> bool {
    match wanted {
        Kind::Picture => MediaType::from_name(source.media_type)
            .is_some_and(|told| transcoder::sniff(source.octets) == Some(told)),
        Kind::Sound => audio::Source::from_name(source.media_type)
            .is_some_and(|told| audio::sniff(source.octets) == Some(told)),
        Kind::Text => text::Source::of_part(source.media_type).is_some(),
    }
}

/// Of which kind a type is that is not read as a picture.
fn unread(media_type: &str) -> SourceKind {
    match UnreadType::from_name(media_type) {
        Some(UnreadType::Avif | UnreadType::Heif) => SourceKind::UnreadImage,
        None => kind(media_type),
    }
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

/// What `convert` gives of a source of this kind; a panic is damage, as far as anybody is told.
fn caught<T>(own: SourceKind, convert: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(convert))
        .unwrap_or(Err(Refusal::Damaged))
        .map_err(|refusal| refused(own, refusal))
}

fn budget(limits: Limits) -> Budget {
    Budget {
        input_octets: octets(limits.input_octets),
        pixels: limits.pixels,
        samples: u64::from(time(limits)).saturating_mul(DECODED.saturating_add(BESIDE)),
        output_octets: octets(limits.output_octets),
        memory: octets(limits.memory),
    }
}

fn refused(own: SourceKind, refusal: Refusal) -> Failure {
    match refusal {
        Refusal::NotAnImage
        | Refusal::NotAudio
        | Refusal::DeclaredOtherwise
        | Refusal::UnreadCharset
        | Refusal::Unsupported => Failure::NotConvertible(own),
        Refusal::Unread(_) => Failure::NotConvertible(SourceKind::UnreadImage),
        Refusal::Unrepresentable => Failure::Charset,
        Refusal::Damaged => Failure::Damaged,
        Refusal::CannotFit => Failure::CannotFit,
        Refusal::Exceeded(resource) => Failure::Exceeded(match resource {
            transcoder::Resource::Input => Resource::Input,
            transcoder::Resource::Pixels => Resource::Pixels,
            transcoder::Resource::Samples => Resource::Samples,
            transcoder::Resource::Output => Resource::Output,
            transcoder::Resource::Memory => Resource::Memory,
            transcoder::Resource::Depth | transcoder::Resource::Elements => Resource::Elements,
        }),
    }
}

/// A limit as this machine counts memory.
pub(super) fn octets(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
