//! Pictures and files made for the tests.

use image::metadata::Orientation;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Slopes, edges, patterns and noise in all colours: red, green and blue of each pixel.
pub(super) fn scene(width: usize, height: usize) -> Vec<u8> {
    let mut noise = 1_u32;
    let mut samples = Vec::new();
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 27) as u8;
            let edge = if (x / 5 + y / 7) % 3 == 0 { 90 } else { 0 };
            let red = (x * 255 / width) as u8 / 2 + edge + grain;
            let green = (y * 255 / height) as u8 / 2 + grain;
            let blue = if x > y { 200 } else { 30 } + grain;
            samples.extend([red, green, blue]);
        }
    }
    samples
}

/// The scene as a file, with whatever `dress` gives the encoder.
pub(super) fn file(
    width: u16,
    height: u16,
    dress: impl FnOnce(&mut Encoder<&mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    dress(&mut encoder);
    let samples = scene(width.into(), height.into());
    encoder
        .encode(&samples, width, height, ColorType::Rgb)
        .unwrap();
    file
}

/// One small file of each kind.
pub(super) fn kinds() -> Vec<Vec<u8>> {
    let whole =
        |encoder: &mut Encoder<&mut Vec<u8>>| encoder.set_sampling_factor(SamplingFactor::F_1_1);
    let coarse = |encoder: &mut Encoder<&mut Vec<u8>>| {
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_restart_interval(2);
    };
    let progressive = |encoder: &mut Encoder<&mut Vec<u8>>| {
        encoder.set_sampling_factor(SamplingFactor::F_2_1);
        encoder.set_progressive(true);
    };
    let mut kinds = vec![
        file(20, 14, whole),
        file(37, 30, coarse),
        file(20, 14, progressive),
    ];
    let mut inks = Vec::new();
    let encoder = Encoder::new(&mut inks, 80);
    encoder
        .encode(&[77; 9 * 9 * 4], 9, 9, ColorType::CmykAsYcck)
        .unwrap();
    kinds.push(inks);
    kinds
}

/// EXIF metadata that says nothing but an orientation.
pub(super) fn exif(orientation: Orientation) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation.to_exif(), 0, 0]);
    exif.extend([0; 4]);
    exif
}

/// `file` with `segment` behind SOI.
pub(super) fn with(file: &[u8], marker: u8, segment: &[u8]) -> Vec<u8> {
    let [high, low] = (segment.len() as u16 + 2).to_be_bytes();
    [&file[..2], &[0xff, marker, high, low], segment, &file[2..]].concat()
}

/// `file` with its first marker `from` made `to`.
pub(super) fn remarked(file: &[u8], from: u8, to: u8) -> Vec<u8> {
    let mut file = file.to_vec();
    let at = file
        .windows(2)
        .position(|octets| octets == [0xff, from])
        .unwrap();
    file[at + 1] = to;
    file
}
