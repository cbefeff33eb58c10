//! The headers of MPEG audio frames (ISO/IEC 11172-3 §2.4.1.3) and of ADTS (ISO/IEC 14496-3 §1.A.3): enough to know a
//! file by two of them in a row.

use super::super::source::Source;

/// `input` without the ID3v2 tag before it: title, cover and the like, which no decoder needs to see.
pub(in crate::audio) fn without_tag(input: &[u8]) -> &[u8] {
    let [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] = *input else {
        return input;
    };
    // Seven bits an octet; the header's ten octets do not count, nor a footer's.
    let len = [a, b, c, d]
        .iter()
        .fold(0_usize, |len, octet| (len << 7) | usize::from(octet & 0x7f));
    let around = if flags & 0x10 == 0 { 10 } else { 20 };
    input.get(len.saturating_add(around)..).unwrap_or_default()
}

/// Which of the two begins here.
pub(in crate::audio) fn kind(input: &[u8]) -> Option<Source> {
    let (source, len) = frame(input)?;
    let next = input.get(len..)?;
    let again = next.is_empty() || frame(next).is_some_and(|(next, _)| next == source);
    again.then_some(source)
}

/// The kind and the length of one frame, header included.
fn frame(input: &[u8]) -> Option<(Source, usize)> {
    match *input {
        [0xff, second, _, fourth, fifth, sixth, ..] if second & 0xf6 == 0xf0 => {
            let high = usize::from(fourth & 3) << 11;
            let len = high | (usize::from(fifth) << 3) | usize::from(sixth >> 5);
            (len >= ADTS_HEADER).then_some((Source::Aac, len))
        }
        [0xff, second, third, ..] if second & 0xe6 == 0xe2 => {
            Some((Source::Mp3, layer_three(second, third)?))
        }
        [] | [..] => None,
    }
}

const ADTS_HEADER: usize = 7;

/// Kilobits per second of layer III, by index; none is free format, which is not read.
const VERSION_1: [usize; 14] = [
    32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
];
const VERSION_2: [usize; 14] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

fn layer_three(second: u8, third: u8) -> Option<usize> {
    // 0 is version 2.5, 2 is version 2, 3 is version 1; 1 is reserved.
    let (rates, hertz, octets) = match (second >> 3) & 3 {
        3 => (VERSION_1, [44_100_usize, 48_000, 32_000], 144_000_usize),
        2 => (VERSION_2, [22_050, 24_000, 16_000], 72_000),
        0 => (VERSION_2, [11_025, 12_000, 8_000], 72_000),
        _ => return None,
    };
    let index = usize::from(third >> 4).checked_sub(1)?;
    let rate = rates.get(index)?.saturating_mul(octets);
    let hertz = *hertz.get(usize::from((third >> 2) & 3))?;
    let padding = usize::from((third >> 1) & 1);
    Some(rate.checked_div(hertz)?.saturating_add(padding))
}
