//! What a photograph costs in memory beside the file: by the width of it and by what is made of it, never by all of it,
//! however it is coded.

use transcoder::{Budget, Refusal, Target, convert};

use crate::specimens::{budget, tiff, within};
use crate::tiff::page::{Form, Page};

const MEBIBYTE: usize = 1024 * 1024;

/// Across and downwards, for each component: grey, 4:4:4, 4:2:2, 4:2:0, 4:1:1, and the most that T.81 allows; inks.
const SAMPLINGS: [&[(u8, u8)]; 8] = [
    &[(1, 1)],
    &[(1, 1), (1, 1), (1, 1)],
    &[(2, 1), (1, 1), (1, 1)],
    &[(2, 2), (1, 1), (1, 1)],
    &[(4, 1), (1, 1), (1, 1)],
    &[(2, 4), (1, 1), (1, 1)],
    &[(1, 1), (1, 1), (1, 1), (1, 1)],
    &[(2, 2), (1, 1), (1, 1), (2, 2)],
];

/// In which scans a file comes.
#[derive(Clone, Copy, Debug)]
enum Script {
    OneScan,
    AScanEach,
    /// First coefficients in two scans, the others of each component in six.
    Progressive,
}

/// Which coefficients a scan brings, and which bits of them: Ss, Se, and Ah with Al.
type Band = [u8; 3];

const ALL: Band = [0, 63, 0];
const FIRSTS: [Band; 2] = [[0, 0, 0x01], [0, 0, 0x10]];
const OTHERS: [Band; 6] = [
    [1, 5, 0x02],
    [6, 63, 0x02],
    [1, 2, 0x21],
    [3, 63, 0x21],
    [1, 20, 0x10],
    [21, 63, 0x10],
];

/// A grey picture, of whose coded octets all are zero: the only code of each table stands for no difference, for the
/// end of a block, or for the end of the band in this and the next 16383 blocks.
fn flat(width: u16, height: u16, sampling: &[(u8, u8)], script: Script) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    let (frame, end_of_block) = match script {
        Script::OneScan | Script::AScanEach => (0xc0, 0x00),
        Script::Progressive => (0xc2, 0xe0),
    };
    segment(&mut file, 0xdb, &[&[0][..], &[1; 64]].concat());
    let mut header = vec![8];
    header.extend([height, width].into_iter().flat_map(u16::to_be_bytes));
    header.push(sampling.len() as u8);
    for (name, (across, down)) in (1..).zip(sampling) {
        header.extend([name, across << 4 | down, 0]);
    }
    segment(&mut file, frame, &header);
    let mut counts = [0; 16];
    counts[0] = 1;
    segment(&mut file, 0xc4, &[&[0x00][..], &counts, &[0]].concat());
    segment(
        &mut file,
        0xc4,
        &[&[0x10][..], &counts, &[end_of_block]].concat(),
    );
    let all: Vec<u8> = (1..=sampling.len() as u8).collect();
    // Two bits a block do for any scan.
    let blocks = usize::from(width).div_ceil(8).next_multiple_of(4)
        * usize::from(height).div_ceil(8).next_multiple_of(4);
    let mut scan = |names: &[u8], band: Band| {
        let members = names.iter().flat_map(|name| [*name, 0]);
        let mut header = vec![names.len() as u8];
        header.extend(members.chain(band));
        segment(&mut file, 0xda, &header);
        let bits = if band[0] > 0 {
            blocks / 100 + 64
        } else {
            blocks * 2 * names.len()
        };
        file.resize(file.len() + bits / 8 + 8, 0);
    };
    match script {
        Script::OneScan => scan(&all, ALL),
        Script::AScanEach => all.iter().for_each(|name| scan(&[*name], ALL)),
        Script::Progressive => {
            FIRSTS.into_iter().for_each(|band| scan(&all, band));
            for band in OTHERS {
                all.iter().for_each(|name| scan(&[*name], band));
            }
        }
    }
    file.extend([0xff, 0xd9]);
    file
}

fn segment(file: &mut Vec<u8>, marker: u8, octets: &[u8]) {
    file.extend([0xff, marker]);
    file.extend((octets.len() as u16 + 2).to_be_bytes());
    file.extend(octets);
}

fn small(file: &[u8], side: u32, memory: usize) -> Result<(), Refusal> {
    let budget = Budget { memory, ..budget() };
    convert(file, None, &within(Target::Jpeg, side, side), budget).map(drop)
}

/// The bound that the house states. Sizes are the largest, and those at which the next larger scale begins.
#[test]
fn any_jpeg_of_up_to_48_megapixels_is_made_small_in_8_mebibytes() {
    let sizes = [
        (8064, 5952),
        (732, 65_535),
        (65_535, 732),
        (3832, 3832),
        (1912, 1912),
        (952, 952),
        (65_535, 17),
        (65_535, 8),
        (65_535, 1),
        (1, 65_535),
    ];
    for (width, height) in sizes {
        for sampling in SAMPLINGS {
            for script in [Script::OneScan, Script::AScanEach, Script::Progressive] {
                let file = flat(width, height, sampling, script);
                let made = small(&file, 320, 8 * MEBIBYTE);
                assert_eq!(made, Ok(()), "{width}x{height} {sampling:?} {script:?}");
            }
        }
    }
}

/// One strip is the whole picture once, whatever the decoder of whole pictures would take beside it.
#[test]
fn a_tiff_in_strips_is_paid_for_by_its_strips() {
    let (width, height) = (1000, 800);
    let strip = 1000 * 800 * 3;
    let file = tiff(width, height, &vec![7; strip], &[]);
    assert_eq!(small(&file, 32, strip + MEBIBYTE), Ok(()));
    let refused = Refusal::Exceeded(transcoder::Resource::Memory);
    assert_eq!(small(&file, 32, strip - 1), Err(refused));
}

/// Tiles that lie beside one another, whatever lies below them.
#[test]
fn a_tiff_in_tiles_is_paid_for_by_a_row_of_them() {
    let (across, down, tile) = (8, 40, 64 * 64 * 3);
    let page = Page::new((8 * 64, 40 * 64), &[8; 3], 2);
    let file = page.tiles((64, 64), vec![vec![7; tile]; across * down]);
    let file = file.file(Form::Little);
    assert_eq!(small(&file, 32, across * tile + MEBIBYTE / 2), Ok(()));
    let refused = Refusal::Exceeded(transcoder::Resource::Memory);
    assert_eq!(small(&file, 32, across * tile - 1), Err(refused));
}

/// What decision 0058 states for larger results, in KiB, at the sizes that take most: in 4:2:0, and in inks.
#[test]
fn a_larger_result_takes_what_is_stated() {
    for (side, light, inks) in [(640, 3_690, 5_740), (1024, 7_380, 11_880)] {
        for (width, height) in [(8064, 5952), (6928, 6928), (3832, 3832), (1912, 1912)] {
            for script in [Script::OneScan, Script::Progressive] {
                for (sampling, kibibytes) in [(SAMPLINGS[3], light), (SAMPLINGS[7], inks)] {
                    let file = flat(width, height, sampling, script);
                    let made = small(&file, side, kibibytes * 1024);
                    assert_eq!(
                        made,
                        Ok(()),
                        "{width}x{height} {sampling:?} {script:?} to {side}"
                    );
                }
            }
        }
    }
}
