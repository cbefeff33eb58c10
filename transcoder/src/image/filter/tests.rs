use proptest::prelude::*;

use super::*;
use crate::image::rows::PictureRows;
use crate::image::specimens;

fn budget() -> Budget {
    specimens::memory(1 << 28)
}

fn size(width: u32, height: u32) -> Size {
    Size::declared(width, height).unwrap()
}

fn picture(size: Size, channels: Channels, samples: Vec<u8>) -> Picture {
    Picture::new(size, channels, Zeroizing::new(samples)).unwrap()
}

fn noise(size: Size, channels: Channels, mut seed: u64) -> Picture {
    let len = size.samples(channels.count()).unwrap();
    let samples = (0..len).map(|_| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 56) as u8
    });
    picture(size, channels, samples.collect())
}

fn small(picture: &Picture, to: Size) -> Picture {
    filtered(&mut PictureRows::of(picture), to, &mut budget()).unwrap()
}

fn light(code: u8) -> f64 {
    let code = f64::from(code) / 255.0;
    if code <= 0.04045 {
        code / 12.92
    } else {
        ((code + 0.055) / 1.055).powf(2.4)
    }
}

fn code(light: f64) -> f64 {
    let light = light.clamp(0.0, 1.0);
    let code = if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    };
    code * 255.0
}

/// A line averaged and filtered, as the module's note says, in floats of 64 bits.
fn line(from: &[f64], to: usize) -> Vec<f64> {
    let block = (from.len() / (to * LEFT_FOR_FILTER as usize)).clamp(1, 255);
    let cells: Vec<f64> = from
        .chunks(block)
        .map(|cell| cell.iter().sum::<f64>() / cell.len() as f64)
        .collect();
    let scale = from.len() as f64 / block as f64 / to as f64;
    let sinc = |at: f64| {
        let angle = std::f64::consts::PI * at;
        if at == 0.0 { 1.0 } else { angle.sin() / angle }
    };
    (0..to)
        .map(|at| {
            let centre = (at as f64 + 0.5) * scale;
            let weigh = |cell: usize| {
                let away = (cell as f64 + 0.5 - centre) / scale;
                if away.abs() < 3.0 {
                    sinc(away) * sinc(away / 3.0)
                } else {
                    0.0
                }
            };
            let sum: f64 = (0..cells.len()).map(weigh).sum();
            let weighted = cells.iter().enumerate().map(|(at, cell)| cell * weigh(at));
            weighted.sum::<f64>() / sum
        })
        .collect()
}

/// One plane in both directions.
fn plane(from: &[f64], size: Size, to: Size) -> Vec<f64> {
    let (width, narrow) = (size.width() as usize, to.width() as usize);
    let columns: Vec<Vec<f64>> = (0..width)
        .map(|x| {
            let column: Vec<f64> = from.iter().skip(x).step_by(width).copied().collect();
            line(&column, to.height() as usize)
        })
        .collect();
    let rows = (0..to.height() as usize).flat_map(|y| {
        let row: Vec<f64> = columns.iter().map(|column| column[y]).collect();
        line(&row, narrow)
    });
    rows.collect()
}

/// The whole reference: light, alpha multiplied in where there is some.
fn reference(picture: &Picture, to: Size) -> Vec<f64> {
    let count = picture.channels().count();
    let alpha = matches!(picture.channels(), Channels::GreyAlpha | Channels::Rgba);
    let opaque = |pixel: &[u8]| f64::from(pixel[count - 1]) / 255.0;
    let planes: Vec<Vec<f64>> = (0..count)
        .map(|channel| {
            let values = picture.samples().chunks_exact(count).map(|pixel| {
                match (alpha, channel + 1 == count) {
                    (true, true) => opaque(pixel),
                    (true, false) => light(pixel[channel]) * opaque(pixel),
                    (false, _) => light(pixel[channel]),
                }
            });
            plane(&values.collect::<Vec<_>>(), picture.size(), to)
        })
        .collect();
    let pixels = 0..to.samples(1).unwrap();
    let pixels = pixels.flat_map(|at| {
        let opaque = if alpha {
            planes[count - 1][at].clamp(0.0, 1.0)
        } else {
            1.0
        };
        let planes = &planes;
        (0..count).map(move |channel| {
            let value = planes[channel][at];
            if alpha && channel + 1 == count {
                opaque * 255.0
            } else if opaque < 0.05 {
                f64::NAN // next to nothing of it is seen: any colour will do
            } else {
                code(value / opaque)
            }
        })
    });
    pixels.collect()
}

fn channels() -> impl Strategy<Value = Channels> {
    prop::sample::select(vec![
        Channels::Grey,
        Channels::GreyAlpha,
        Channels::Rgb,
        Channels::Rgba,
        Channels::InvertedCmyk,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn it_is_the_reference_to_one_level(
        (width, height) in (1_u32..90, 1_u32..70),
        (across, down) in (1_u32..1000, 1_u32..1000),
        channels in channels(),
        seed in any::<u64>(),
    ) {
        let from = size(width, height);
        let to = size((width * across).div_ceil(1000), (height * down).div_ceil(1000));
        let picture = noise(from, channels, seed);
        let found = small(&picture, to);
        if from == to {
            prop_assert_eq!(found.samples(), picture.samples());
            return Ok(());
        }
        for (found, expected) in found.samples().iter().zip(reference(&picture, to)) {
            let near = expected.is_nan() || (f64::from(*found) - expected).abs() <= 1.0;
            prop_assert!(near, "{} {}", found, expected);
        }
    }

    #[test]
    fn what_is_flat_stays_flat_to_the_edge(
        (width, height) in (1_u32..400, 1_u32..300),
        (across, down) in (1_u32..1000, 1_u32..1000),
        pixel in any::<[u8; 3]>(),
    ) {
        let from = size(width, height);
        let to = size((width * across).div_ceil(1000), (height * down).div_ceil(1000));
        let samples = pixel.repeat(from.samples(1).unwrap());
        let found = small(&picture(from, Channels::Rgb, samples), to);
        prop_assert!(found.samples().chunks_exact(3).all(|found| found == pixel));
    }
}

/// A pattern of black and white has half of the light, at whatever ratio.
#[test]
fn light_is_neither_lost_nor_won() {
    let from = size(640, 480);
    let samples = (0..640 * 480).map(|at| {
        if (at % 640 + at / 640) % 2 == 0 {
            255
        } else {
            0
        }
    });
    let pattern = picture(from, Channels::Grey, samples.collect());
    for to in [size(320, 240), size(160, 120), size(64, 48), size(7, 5)] {
        let found = small(&pattern, to);
        let lights = found.samples().iter().map(|code| light(*code));
        let mean = lights.sum::<f64>() / to.pixels() as f64;
        assert!((mean - 0.5).abs() < 0.01, "{to:?}: {mean}");
    }
}

#[test]
fn what_is_invisible_does_not_shine_through() {
    let from = size(90, 60);
    let samples = (0..90 * 60).flat_map(|at| {
        if at % 90 < 47 {
            [255, 255, 255, 255]
        } else {
            [0, 0, 0, 0]
        }
    });
    let found = small(
        &picture(from, Channels::Rgba, samples.collect()),
        size(31, 20),
    );
    for pixel in found.samples().chunks_exact(4) {
        assert!(pixel[3] == 0 || pixel[..3] == [255, 255, 255], "{pixel:?}");
    }
}

/// The last column and row count only as much as there is of them: an edge in the middle of what there is stays there.
#[test]
fn a_last_pixel_in_part_is_as_wide_as_it_is() {
    struct Part(PictureRows<Picture>);
    impl Rows for Part {
        fn size(&self) -> Size {
            self.0.size()
        }
        fn extent(&self) -> (f64, f64) {
            (60.2, 60.2)
        }
        fn channels(&self) -> Channels {
            Channels::Grey
        }
        fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
            self.0.next_row(row)
        }
    }
    // Dark up to 30.1 of 60.2, which is up to 15 of 30.
    let edge = |at: usize| [0, 243, 255][(at >= 30) as usize + (at > 30) as usize];
    let samples: Vec<u8> = (0..61 * 61).map(|at| edge(at % 61)).collect();
    let picture = picture(size(61, 61), Channels::Grey, samples);
    let mut rows = Part(PictureRows::of(picture));
    let found = filtered(&mut rows, size(30, 30), &mut budget()).unwrap();
    let row = &found.samples()[15 * 30..16 * 30];
    let sum = light(row[14]) + light(row[15]);
    assert!(row[13] < 60 && row[16] > 240, "{row:?}");
    assert!((sum - 1.0).abs() < 0.12, "{row:?}");
}

/// Rows of nothing, however many.
struct Blank(Size);

impl Rows for Blank {
    fn size(&self) -> Size {
        self.0
    }

    fn channels(&self) -> Channels {
        Channels::Rgb
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        row.fill(7);
        Ok(())
    }
}

/// What a picture of 4000 pixels across costs: a row, its cells, and the rows that one row of the result is made of.
#[test]
fn memory_goes_by_the_width_and_not_by_the_height() {
    let taken = |height: u32, to: Size| {
        let mut budget = budget();
        let before = budget.memory;
        filtered(&mut Blank(size(4000, height)), to, &mut budget).unwrap();
        before - budget.memory
    };
    let (low, high) = (taken(3000, size(320, 240)), taken(60_000, size(320, 240)));
    assert!(low < 768 * 1024, "{low}");
    assert!(high < 768 * 1024, "{high}");
}

/// As many whole pixels as are averaged at most, all of the highest value: their sum has room.
#[test]
fn the_largest_averages_do_not_overflow() {
    struct White(Size);
    impl Rows for White {
        fn size(&self) -> Size {
            self.0
        }
        fn channels(&self) -> Channels {
            Channels::Grey
        }
        fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
            row.fill(255);
            Ok(())
        }
    }
    for from in [size(510, 510), size(1100, 1300)] {
        let found = filtered(&mut White(from), size(1, 1), &mut budget()).unwrap();
        assert_eq!(found.samples(), [255]);
    }
}

/// The rows stop with a refusal, and so does the filter.
#[test]
fn a_refusal_on_the_way_is_passed_on() {
    struct Torn(u32);
    impl Rows for Torn {
        fn size(&self) -> Size {
            size(20, 20)
        }
        fn channels(&self) -> Channels {
            Channels::Grey
        }
        fn next_row(&mut self, _row: &mut [u8]) -> Result<(), Refusal> {
            self.0 += 1;
            if self.0 > 15 {
                Err(Refusal::Damaged)
            } else {
                Ok(())
            }
        }
    }
    for to in [size(20, 20), size(9, 9)] {
        let refused = filtered(&mut Torn(0), to, &mut budget()).err();
        assert_eq!(refused, Some(Refusal::Damaged));
    }
}
