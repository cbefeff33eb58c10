//! A shorter animation of a longer one: each frame as viewers show it, as long in all, and never more than was asked for.

use std::io::Cursor;
use std::num::NonZeroU16;

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, DynamicImage, ImageFormat, Rgba, RgbaImage};
use transcoder::{Budget, Conversion, Converted, Refusal, Resource, Target, convert};

use crate::specimens::{budget, converted, in_octets, refused, scene, to, within, written};

const RED: Rgba<u8> = Rgba([200, 0, 0, 255]);
const BLUE: Rgba<u8> = Rgba([0, 0, 200, 255]);
const GREEN: Rgba<u8> = Rgba([0, 160, 0, 255]);
const WHITE: Rgba<u8> = Rgba([255, 255, 255, 255]);
const NOTHING: Rgba<u8> = Rgba([0, 0, 0, 0]);

/// At most `frames` of them.
pub(crate) fn of_frames(conversion: Conversion, frames: u16) -> Conversion {
    Conversion {
        frames: NonZeroU16::new(frames),
        ..conversion
    }
}

/// A frame of one colour in a rectangle: left, top, width, height.
#[derive(Clone, Copy)]
struct Part(u16, u16, u16, u16, Rgba<u8>, DisposalMethod);

/// A GIF of these frames, each for so many hundredths of a second.
fn gif_of(width: u16, height: u16, plays: Repeat, parts: &[(Part, u16)]) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new(), width, height, &[]).unwrap();
    encoder.set_repeat(plays).unwrap();
    for (Part(left, top, width, height, colour, dispose), delay) in parts {
        let mut pixels = RgbaImage::from_pixel((*width).into(), (*height).into(), *colour);
        let frame = Frame::from_rgba_speed(*width, *height, &mut pixels, 10);
        let (left, top, dispose, delay) = (*left, *top, *dispose, *delay);
        let frame = Frame {
            left,
            top,
            dispose,
            delay,
            ..frame
        };
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

/// A WebP of these frames, each for so many milliseconds (RFC 9649 §2.7.1.1); of disposal, what it has of it.
pub(crate) fn webp_of(
    width: u32,
    height: u32,
    plays: u16,
    parts: &[(RgbaImage, u32, u32, u32, u8)],
) -> Vec<u8> {
    let chunk = |name: &[u8], data: &[u8]| {
        let mut chunk = name.to_vec();
        chunk.extend((data.len() as u32).to_le_bytes());
        chunk.extend(data);
        chunk.resize(chunk.len().next_multiple_of(2), 0);
        chunk
    };
    let three = |number: u32| number.to_le_bytes()[..3].to_vec();
    let mut inner = b"WEBP".to_vec();
    let canvas = [vec![0x12, 0, 0, 0], three(width - 1), three(height - 1)].concat();
    inner.extend(chunk(b"VP8X", &canvas));
    let [low, high] = plays.to_le_bytes();
    inner.extend(chunk(b"ANIM", &[0, 0, 0, 0, low, high]));
    for (picture, left, top, milliseconds, flags) in parts {
        let still = written(&DynamicImage::from(picture.clone()), ImageFormat::WebP);
        let head = [
            left / 2,
            top / 2,
            picture.width() - 1,
            picture.height() - 1,
            *milliseconds,
        ];
        let mut frame: Vec<u8> = head.into_iter().flat_map(three).collect();
        frame.push(*flags);
        frame.extend(&still[12..]);
        inner.extend(chunk(b"ANMF", &frame));
    }
    chunk(b"RIFF", &inner)
}

/// Every frame as it is seen, with its milliseconds.
pub(crate) fn frames(made: &Converted) -> Vec<(RgbaImage, u32)> {
    assert_eq!(made.media, Target::Gif);
    let decoder = GifDecoder::new(Cursor::new(made.octets.expose())).unwrap();
    let frames = decoder.into_frames().collect_frames().unwrap();
    let frame = |frame: image::Frame| {
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        (frame.into_buffer(), numerator / denominator)
    };
    let frames: Vec<_> = frames.into_iter().map(frame).collect();
    for (frame, _) in &frames {
        assert_eq!(frame.dimensions(), (made.width, made.height));
    }
    frames
}

fn times(made: &Converted) -> Vec<u32> {
    frames(made).into_iter().map(|(_, time)| time).collect()
}

fn whole(colour: Rgba<u8>) -> Part {
    Part(0, 0, 16, 12, colour, DisposalMethod::Keep)
}

/// Whether the places at the left, at the top, at the right below are of these colours; WebP's blending rounds.
fn assert_are(frame: &RgbaImage, colours: [Rgba<u8>; 3]) {
    for ((x, y), colour) in [(1, 8), (12, 1), (12, 10)].into_iter().zip(colours) {
        let found = frame.get_pixel(x, y);
        let like = |(one, other): (&u8, &u8)| one.abs_diff(*other) <= 1;
        let alike = found.0.iter().zip(&colour.0).all(like);
        assert!(alike, "{x} {y}: {found:?} {colour:?}");
    }
}

#[test]
fn what_moves_is_drawn_on_what_stands() {
    let file = gif_of(
        16,
        12,
        Repeat::Infinite,
        &[
            (whole(RED), 10),
            (Part(0, 0, 8, 12, BLUE, DisposalMethod::Previous), 10),
            (Part(0, 0, 16, 4, GREEN, DisposalMethod::Background), 10),
            (Part(8, 8, 8, 4, NOTHING, DisposalMethod::Keep), 10),
            (Part(8, 8, 8, 4, BLUE, DisposalMethod::Keep), 10),
        ],
    );
    let made = converted(&file, of_frames(to(Target::Gif), 9));
    let frames = frames(&made);
    assert_eq!(frames.len(), 5);
    assert_are(&frames[0].0, [RED, RED, RED]);
    assert_are(&frames[1].0, [BLUE, RED, RED]);
    assert_are(&frames[2].0, [RED, GREEN, RED]);
    assert_are(&frames[3].0, [RED, WHITE, RED]);
    assert_are(&frames[4].0, [RED, WHITE, BLUE]);
}

/// Frames blended and not, the background again behind one of them, and one that takes only a part.
#[test]
fn a_webp_that_moves_is_drawn_like_a_gif() {
    let all = |colour| RgbaImage::from_pixel(16, 12, colour);
    let left = |colour| RgbaImage::from_pixel(8, 12, colour);
    let file = webp_of(
        16,
        12,
        3,
        &[
            (all(RED), 0, 0, 100, 0),
            (left(BLUE), 0, 0, 250, 1),
            (RgbaImage::from_pixel(16, 4, NOTHING), 0, 0, 40, 0),
            (RgbaImage::from_pixel(16, 4, NOTHING), 0, 0, 40, 2),
        ],
    );
    let made = converted(&file, of_frames(to(Target::Gif), 64));
    assert_eq!(made.source, transcoder::MediaType::WebP);
    let frames = frames(&made);
    assert_are(&frames[0].0, [RED, RED, RED]);
    assert_are(&frames[1].0, [BLUE, RED, RED]);
    assert_are(&frames[2].0, [WHITE, RED, RED]);
    assert_are(&frames[3].0, [WHITE, WHITE, RED]);
    assert_eq!(times(&made), [100, 250, 40, 40]);
    assert_eq!(plays(&made), Repeat::Finite(2));
}

/// For fuzzing.
pub(crate) fn small_webp() -> Vec<u8> {
    let picture = |colour| RgbaImage::from_pixel(12, 8, colour);
    let parts = [
        (picture(RED), 0, 0, 100, 0),
        (picture(BLUE), 4, 2, 50, 1),
        (picture(GREEN), 0, 4, 50, 2),
    ];
    webp_of(16, 12, 0, &parts)
}

fn plays(made: &Converted) -> Repeat {
    let mut decoder = gif::Decoder::new(Cursor::new(made.octets.expose())).unwrap();
    while decoder.read_next_frame().unwrap().is_some() {}
    decoder.repeat()
}

fn blinking(count: u16, delay: impl Fn(u16) -> u16, plays: Repeat) -> Vec<u8> {
    let colour = |at: u16| Rgba([(at % 200) as u8, 40, (at / 200) as u8, 255]);
    let parts: Vec<_> = (0..count)
        .map(|at| (whole(colour(at)), delay(at)))
        .collect();
    gif_of(16, 12, plays, &parts)
}

#[test]
fn it_lasts_as_long_and_has_no_more_frames_than_asked_for() {
    let file = blinking(31, |at| 2 + at % 7 * 3, Repeat::Infinite);
    let all = times(&converted(&file, of_frames(to(Target::Gif), 64)));
    assert_eq!(all.len(), 31);
    for most in 1..=31 {
        let made = converted(&file, of_frames(to(Target::Gif), most));
        let times = times(&made);
        assert!(
            times.len() <= most.into() && times.len() > usize::from(most) / 2,
            "{most}"
        );
        assert_eq!(times.iter().sum::<u32>(), all.iter().sum::<u32>(), "{most}");
        assert_eq!(*frames(&made)[0].0.get_pixel(0, 0), Rgba([0, 40, 0, 255]));
    }
}

#[test]
fn how_often_it_plays_is_kept() {
    for repeat in [Repeat::Finite(0), Repeat::Finite(7), Repeat::Infinite] {
        let made = converted(&blinking(4, |_| 5, repeat), of_frames(to(Target::Gif), 2));
        assert_eq!(plays(&made), repeat);
    }
}

#[test]
fn what_is_still_or_asked_for_without_frames_is_one_frame() {
    let moving = blinking(4, |_| 5, Repeat::Infinite);
    let still = written(&DynamicImage::from(scene(64, 48)), ImageFormat::Png);
    let webp = written(&DynamicImage::from(scene(64, 48)), ImageFormat::WebP);
    for (file, conversion) in [
        (&moving, to(Target::Gif)),
        (&still, of_frames(to(Target::Gif), 5)),
        (&webp, of_frames(to(Target::Gif), 5)),
        (
            &gif_of(16, 12, Repeat::Infinite, &[(whole(RED), 3)]),
            of_frames(to(Target::Gif), 5),
        ),
    ] {
        assert_eq!(frames(&converted(file, conversion)).len(), 1);
    }
    // Nothing else moves.
    converted(&moving, of_frames(to(Target::Jpeg), 5));
}

/// Something that moves over something with many colours.
pub(crate) fn film(count: u32, width: u32, height: u32) -> Vec<u8> {
    let ground = DynamicImage::from(scene(width, height)).to_rgba8();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width as u16, height as u16, &[]).unwrap();
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for at in 0..count {
        let mut picture = ground.clone();
        for (x, y) in (0..20).flat_map(|x| (0..20).map(move |y| (x, y))) {
            picture.put_pixel((at * 9 + x) % width, (at * 5 + y) % height, RED);
        }
        let mut frame = Frame::from_rgba_speed(width as u16, height as u16, &mut picture, 30);
        frame.delay = 7;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

#[test]
fn for_fewer_octets_there_are_fewer_frames_and_then_smaller_ones() {
    let file = film(24, 160, 120);
    let whole = converted(&file, of_frames(within(Target::Gif, 80, 80), 24));
    assert_eq!(times(&whole), [70; 24]);
    let mut before = (24, 80);
    for divisor in [2, 4, 8, 16, 32] {
        let most = whole.octets.len() / divisor;
        let made = converted(
            &file,
            in_octets(of_frames(within(Target::Gif, 80, 80), 24), most),
        );
        let now = (times(&made).len(), made.width);
        assert!(made.octets.len() <= most);
        assert_eq!(times(&made).iter().sum::<u32>(), 24 * 70);
        assert!(
            now.0 <= before.0 && now.1 <= before.1 && now.0 >= 2,
            "{now:?}"
        );
        assert!(now.1 == 80 || now.0 == 2, "{now:?}");
        before = now;
    }
    assert!(before.1 < 80);
    let hopeless = in_octets(of_frames(within(Target::Gif, 80, 80), 24), 100);
    assert_eq!(refused(&file, hopeless), Refusal::CannotFit);
}

/// Only what changed is written of a frame, and where nothing did it is there for its time.
#[test]
fn what_does_not_change_costs_next_to_nothing() {
    let ground = DynamicImage::from(scene(64, 48)).to_rgba8();
    let film = |count: usize| {
        let parts = vec![(ground.clone(), 0, 0, 500, 2); count];
        converted(&webp_of(64, 48, 0, &parts), of_frames(to(Target::Gif), 64))
    };
    let (one, ten) = (film(1), film(10));
    assert_eq!(times(&ten), [500; 10]);
    assert!(ten.octets.len() < 2 * one.octets.len());
}

#[test]
fn ten_thousand_frames_are_bounded() {
    let file = blinking(10_000, |_| 3, Repeat::Infinite);
    let made = converted(&file, of_frames(to(Target::Gif), 64));
    let shown = times(&made);
    assert_eq!((shown.len(), shown.iter().sum::<u32>()), (64, 300_000));
    // Frames of a pixel on a large canvas, each of which would be drawn whole.
    let dot = (Part(0, 0, 1, 1, RED, DisposalMethod::Keep), 3);
    let bomb = gif_of(4000, 3000, Repeat::Infinite, &[dot; 10_000]);
    let pixels = Refusal::Exceeded(Resource::Pixels);
    assert_eq!(refused(&bomb, of_frames(to(Target::Gif), 64)), pixels);
    let little = Budget {
        memory: 300_000,
        ..budget()
    };
    let most = of_frames(to(Target::Gif), 64);
    let refused = convert(&file, None, &most, little).err();
    assert_eq!(refused, Some(Refusal::Exceeded(Resource::Memory)));
}

/// As browsers show it.
#[test]
fn frames_of_no_time_are_shown_for_a_tenth_of_a_second() {
    let file = blinking(8, |at| at % 2, Repeat::Infinite);
    assert_eq!(
        times(&converted(&file, of_frames(to(Target::Gif), 8))),
        [100; 8]
    );
    assert_eq!(
        times(&converted(&file, of_frames(to(Target::Gif), 2))),
        [400; 2]
    );
}
