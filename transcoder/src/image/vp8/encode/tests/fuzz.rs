//! Any small picture at any coarseness: no panic, and decoders make of it what the encoder reckoned with. In plain
//! `cargo test` it runs a bounded number of times; with an engine of bolero's as long as one likes.

use super::*;

const ITERATIONS: usize = 1_000;

/// Sides are no longer.
const LONGEST: u8 = 40;

#[test]
fn any_picture_is_encoded() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(u8, u8, u8, u16, Vec<u8>)>()
        .for_each(|(width, height, kind, coarseness, octets)| {
            let channels = [
                Channels::Grey,
                Channels::GreyAlpha,
                Channels::Rgb,
                Channels::Rgba,
            ][usize::from(kind % 4)];
            let sides = [width, height].map(|side| u32::from(side % LONGEST) + 1);
            let size = Size::declared(sides[0], sides[1]).unwrap();
            let len = size.samples(channels.count()).unwrap();
            let samples = octets.iter().copied().chain([0]).cycle().take(len);
            let samples = Zeroizing::new(samples.collect());
            let picture = Picture::new(size, channels, samples).unwrap();
            same(&picture, Coarseness(*coarseness % 512));
        });
}
