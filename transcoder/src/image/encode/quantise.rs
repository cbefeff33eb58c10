//! At most 255 colours for all frames of an animation: those that there are, or else the ones that stand for them best.

use std::collections::BTreeMap;

use color_quant::NeuQuant;
use zeroize::Zeroizing;

use crate::image::picture::{Channels, Picture};

/// How many colours there can be beside the one that says that nothing changed.
const MOST: u8 = 255;

/// Pixels that colours are learnt from, evenly over all frames; of these one in so many.
const LEARNT_FROM: u64 = 256 * 1024;
const ONE_IN: i32 = 4;

type Colour = [u8; 3];

/// Colours, each with its place.
pub(super) enum Colours {
    Few(BTreeMap<Colour, u8>),
    Many(NeuQuant),
}

impl Colours {
    /// The colours of `pictures`, which have no alpha.
    pub(super) fn of<'a>(pictures: impl Iterator<Item = &'a Picture> + Clone) -> Self {
        few(pictures.clone()).map_or_else(|| Self::Many(learnt(pictures)), Self::Few)
    }

    /// Red, green and blue of each, and behind them the one that is never seen.
    pub(super) fn table(&self) -> Vec<u8> {
        let mut table = match self {
            Self::Few(places) => places.keys().flatten().copied().collect(),
            Self::Many(learnt) => learnt.color_map_rgb(),
        };
        table.extend([0; 3]);
        table
    }

    /// The place that says that nothing changed.
    pub(super) fn unchanged(&self) -> u8 {
        match self {
            Self::Few(places) => u8::try_from(places.len()).unwrap_or(MOST),
            Self::Many(_) => MOST,
        }
    }

    /// The place of the colour of each pixel.
    pub(super) fn places(&self, picture: &Picture) -> Zeroizing<Vec<u8>> {
        let mut last: Option<(Colour, u8)> = None;
        let places = colours_of(picture).map(|colour| match last {
            Some((same, place)) if same == colour => place,
            Some(_) | None => {
                let place = self.place(colour);
                last = Some((colour, place));
                place
            }
        });
        Zeroizing::new(places.collect())
    }

    fn place(&self, colour: Colour) -> u8 {
        match self {
            Self::Few(places) => places.get(&colour).copied().unwrap_or(0),
            Self::Many(learnt) => u8::try_from(learnt.index_of(&opaque(colour))).unwrap_or(0),
        }
    }
}

/// Every colour, where they are no more than there can be.
fn few<'a>(pictures: impl Iterator<Item = &'a Picture>) -> Option<BTreeMap<Colour, u8>> {
    let mut places = BTreeMap::new();
    let mut last = None;
    for colour in pictures.flat_map(colours_of) {
        if last == Some(colour) {
            continue;
        }
        places.insert(colour, 0);
        if places.len() > usize::from(MOST) {
            return None;
        }
        last = Some(colour);
    }
    for (place, at) in places.values_mut().zip(0..MOST) {
        *place = at;
    }
    Some(places)
}

fn learnt<'a>(pictures: impl Iterator<Item = &'a Picture> + Clone) -> NeuQuant {
    let all = pictures.clone().map(|picture| picture.size().pixels());
    let all = all.fold(0, u64::saturating_add);
    let stride = usize::try_from(all / LEARNT_FROM).unwrap_or(usize::MAX);
    let sample = pictures.flat_map(colours_of).step_by(stride.max(1));
    let sample: Zeroizing<Vec<u8>> = Zeroizing::new(sample.flat_map(opaque).collect());
    NeuQuant::new(ONE_IN, usize::from(MOST), &sample)
}

fn opaque([red, green, blue]: Colour) -> [u8; 4] {
    [red, green, blue, u8::MAX]
}

/// Every pixel's colour.
fn colours_of(picture: &Picture) -> impl Iterator<Item = Colour> {
    let count = picture.channels().count();
    let grey = matches!(picture.channels(), Channels::Grey | Channels::GreyAlpha);
    picture
        .samples()
        .chunks_exact(count)
        .map(move |pixel| match pixel {
            [light, ..] if grey => [*light; 3],
            [red, green, blue, ..] => [*red, *green, *blue],
            [] | [..] => [0; 3],
        })
}
