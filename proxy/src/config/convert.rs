//! What a conversion falls back on where a request is silent: the defaults, and the presets that a handset may name
//! (`docs/protocol.md` §5.4). Read once, checked whole; sessions share it.

use std::{
    collections::BTreeMap,
    num::{NonZeroU16, NonZeroU32},
    sync::Arc,
};

use keyreveal::{
    Charset, Fallback, InnerType, PictureForm, PresetName, Rate, Replacement, Seconds, SoundForm,
    TextForm, Wanted,
};
use serde::Deserialize;

/// The most presets.
const MOST: usize = 64;

/// What holds where a request is silent.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(try_from = "File")]
pub struct Presets(Arc<Tables>);

#[derive(Debug, PartialEq)]
struct Tables {
    nothing: Fallback,
    defaults: Fallback,
    named: BTreeMap<PresetName, Fallback>,
}

/// A preset that nobody has made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownPreset;

impl Presets {
    /// What `wanted` falls back on: the preset that it names; else, where it names no type, the defaults; else nothing, for who
    /// names a type and no size wants it as it is.
    ///
    /// # Errors
    /// [`UnknownPreset`].
    pub fn fallback(&self, wanted: &Wanted) -> Result<&Fallback, UnknownPreset> {
        match (wanted.preset(), wanted.media()) {
            (Some(name), _) => self.0.named.get(name).ok_or(UnknownPreset),
            (None, None) => Ok(&self.0.defaults),
            (None, Some(_)) => Ok(&self.0.nothing),
        }
    }

    /// Whether there is a preset of this name.
    #[must_use]
    pub fn has(&self, preset: &PresetName) -> bool {
        self.0.named.contains_key(preset)
    }
}

impl Default for Presets {
    fn default() -> Self {
        // What is built in is right, which a test holds.
        Self::try_from(File::default()).unwrap_or_else(|_| {
            Self(Arc::new(Tables {
                nothing: Fallback::default(),
                defaults: Fallback::default(),
                named: BTreeMap::new(),
            }))
        })
    }
}

/// `[convert]` as it stands in the file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    defaults: Option<Table>,
    preset: BTreeMap<String, Table>,
}

/// What each kind falls back on.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Table {
    picture: Picture,
    text: Text,
    sound: Sound,
    /// What single source types become, by their names.
    targets: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Picture {
    r#type: Option<String>,
    width: Option<NonZeroU16>,
    height: Option<NonZeroU16>,
    octets: Option<NonZeroU32>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Text {
    r#type: Option<String>,
    charset: Option<String>,
    unknown_character_replacement: Option<String>,
    octets: Option<NonZeroU32>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sound {
    r#type: Option<String>,
    seconds: Option<u32>,
    rate: Option<u32>,
    octets: Option<NonZeroU32>,
}

impl TryFrom<File> for Presets {
    type Error = String;

    fn try_from(file: File) -> Result<Self, String> {
        let mut named = BTreeMap::new();
        for (name, table) in built_in() {
            named.insert(preset_name(name)?, fallback(&table)?);
        }
        for (name, table) in &file.preset {
            let made = fallback(table).map_err(|what| format!("convert.preset.{name}: {what}"))?;
            named.insert(preset_name(name)?, made);
        }
        if named.len() > MOST {
            return Err(format!(
                "expected at most {MOST} sections [convert.preset.NAME]"
            ));
        }
        let defaults = file.defaults.unwrap_or_else(usual);
        let defaults = fallback(&defaults).map_err(|what| format!("convert.defaults: {what}"))?;
        let nothing = Fallback::default();
        Ok(Self(Arc::new(Tables {
            nothing,
            defaults,
            named,
        })))
    }
}

fn preset_name(name: &str) -> Result<PresetName, String> {
    PresetName::new(name).ok_or_else(|| {
        format!("expected a preset's name of at most 32 letters, digits, - and _, not {name:?}")
    })
}

fn fallback(table: &Table) -> Result<Fallback, String> {
    let picture = (
        media(&table.picture.r#type, InnerType::Jpeg)?,
        picture(table),
    );
    let text = (media(&table.text.r#type, InnerType::Plain)?, text(table)?);
    let sound = (media(&table.sound.r#type, InnerType::Ogg)?, sound(table)?);
    let made = Fallback::new(picture, text, sound);
    let made = made.map_err(|_| "expected a type of the kind that its table is for".to_owned())?;
    let targets: Result<Vec<_>, String> = table
        .targets
        .iter()
        .map(|(source, target)| Ok((source.clone(), inner_type(target)?)))
        .collect();
    made.with_targets(targets?)
        .map_err(|_| "expected at most 32 targets, each source type once".to_owned())
}

fn picture(table: &Table) -> PictureForm {
    let Picture {
        width,
        height,
        octets,
        ..
    } = table.picture;
    PictureForm {
        width,
        height,
        octets,
    }
}

fn text(table: &Table) -> Result<TextForm, String> {
    let Text {
        charset,
        unknown_character_replacement,
        octets,
        ..
    } = &table.text;
    Ok(TextForm {
        charset: read(charset.as_deref(), Charset::new, "a charset's name")?,
        replacement: read(
            unknown_character_replacement.as_deref(),
            Replacement::new,
            "1 to 16 octets on one line as unknown_character_replacement",
        )?,
        octets: *octets,
    })
}

fn sound(table: &Table) -> Result<SoundForm, String> {
    let Sound {
        seconds,
        rate,
        octets,
        ..
    } = &table.sound;
    Ok(SoundForm {
        seconds: read(*seconds, Seconds::new, "1 to 86400 seconds")?,
        rate: read(
            *rate,
            Rate::new,
            "a rate of 6000 to 510000 bits in a second",
        )?,
        octets: *octets,
    })
}

fn media(name: &Option<String>, usual: InnerType) -> Result<InnerType, String> {
    name.as_deref().map_or(Ok(usual), inner_type)
}

fn inner_type(name: &str) -> Result<InnerType, String> {
    InnerType::from_name(name).ok_or_else(|| {
        let known = InnerType::ALL.map(InnerType::name).join(", ");
        format!("expected one of {known}, not {name:?}")
    })
}

/// What was said, if it can be meant.
fn read<T, U>(
    said: Option<T>,
    new: impl FnOnce(T) -> Option<U>,
    what: &str,
) -> Result<Option<U>, String> {
    let Some(said) = said else { return Ok(None) };
    new(said)
        .map(Some)
        .ok_or_else(|| format!("expected {what}"))
}

/// The presets that are there without a word in the file. A section of the same name takes a preset's place, whole.
///
/// The byte budgets are what half a minute brings: 2.4 kbit/s by satellite telephone, some 20 kbit/s by GPRS, LTE at the edge
/// of its cell.
fn built_in() -> [(&'static str, Table); 3] {
    [
        ("2g", table(480, 60_000, Some(32_000), (120, 8_000))),
        ("satellite", table(240, 7_000, Some(4_000), (20, 6_000))),
        ("lte", table(1600, 500_000, None, (600, 24_000))),
    ]
}

/// What an unnamed link gets: a picture that fills a handset's screen.
fn usual() -> Table {
    table(1080, 200_000, None, (600, 16_000))
}

fn table(side: u16, picture: u32, text: Option<u32>, (seconds, rate): (u32, u32)) -> Table {
    Table {
        picture: Picture {
            width: NonZeroU16::new(side),
            height: NonZeroU16::new(side),
            octets: NonZeroU32::new(picture),
            ..Picture::default()
        },
        text: Text {
            charset: Some("utf-8".to_owned()),
            octets: text.and_then(NonZeroU32::new),
            ..Text::default()
        },
        sound: Sound {
            seconds: Some(seconds),
            rate: Some(rate),
            ..Sound::default()
        },
        targets: BTreeMap::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyreveal::{Form, Kind};

    fn read(text: &str) -> Result<Presets, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    fn picture(
        presets: &Presets,
        parameters: &[(&str, &str)],
    ) -> Result<PictureForm, UnknownPreset> {
        let wanted = Wanted::read(parameters.iter().copied()).unwrap();
        let settled = wanted.settle("image/png", Kind::Picture, presets.fallback(&wanted)?);
        match settled.form {
            Form::Picture(form) => Ok(form),
            other => panic!("{other:?}"),
        }
    }

    const PRESET: &str = "u.urn:x-keyhole:preset";
    const TYPE: (&str, &str) = ("u.urn:x-keyhole:type", "image/jpeg");

    #[test]
    fn presets_are_built_in_and_can_be_replaced_and_added() {
        let presets = Presets::default();
        for name in ["2g", "2G", "satellite", "lte"] {
            assert!(
                picture(&presets, &[(PRESET, name)])
                    .unwrap()
                    .octets
                    .is_some()
            );
        }
        assert_eq!(picture(&presets, &[(PRESET, "5g")]), Err(UnknownPreset));
        let file = "[preset.2g]\npicture = { width = 99 }\n[preset.mine.picture]\nheight = 7\n";
        let presets = read(file).unwrap();
        let wide = PictureForm {
            width: NonZeroU16::new(99),
            ..PictureForm::default()
        };
        assert_eq!(picture(&presets, &[(PRESET, "2g")]), Ok(wide), "whole");
        assert_eq!(
            picture(&presets, &[(PRESET, "mine")]).unwrap().height,
            NonZeroU16::new(7)
        );
        assert!(picture(&presets, &[(PRESET, "lte")]).is_ok());
    }

    #[test]
    fn who_names_a_type_and_no_preset_gets_it_as_it_is() {
        let presets = Presets::default();
        assert_eq!(picture(&presets, &[TYPE]), Ok(PictureForm::default()));
        assert!(picture(&presets, &[]).unwrap().width.is_some());
        assert!(
            picture(&presets, &[TYPE, (PRESET, "2g")])
                .unwrap()
                .width
                .is_some()
        );
    }

    #[test]
    fn defaults_are_by_kind_and_by_source_type() {
        let file = "[defaults]\npicture = { type = \"image/webp\" }\ntargets = { \"image/png\" = \"image/png\" }\n";
        let presets = read(file).unwrap();
        let wanted = Wanted::read([]).unwrap();
        let fallback = presets.fallback(&wanted).unwrap();
        for (source, media) in [
            ("image/png", InnerType::Png),
            ("image/gif", InnerType::WebP),
        ] {
            assert_eq!(wanted.settle(source, Kind::Picture, fallback).media, media);
        }
        let plain = wanted.settle("text/csv", Kind::Text, fallback).media;
        assert_eq!(plain, InnerType::Plain);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_by_name() {
        for (file, what) in [
            ("[preset.\"a b\"]", "preset's name"),
            (
                "[defaults.picture]\ntype = \"image/tiff\"",
                "expected one of image/jpeg",
            ),
            ("[defaults.picture]\ntype = \"text/plain\"", "of the kind"),
            (
                "[preset.x.sound]\nrate = 1",
                "convert.preset.x: expected a rate",
            ),
            ("[preset.x.sound]\nseconds = 0", "86400 seconds"),
            ("[preset.x.text]\ncharset = \"a b\"", "a charset's name"),
            ("[preset.x]\ncolour = 1", "unknown field"),
        ] {
            let error = read(file).unwrap_err();
            assert!(error.contains(what), "{file}: {error}");
        }
    }
}
