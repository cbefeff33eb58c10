//! Steps over coefficients against one symbol after the other, for any code and any octets.

use proptest::prelude::*;

use super::budget;
use crate::image::jpeg::bits::Bits;
use crate::image::jpeg::huffman::{Codes, Symbols};
use crate::image::jpeg::skip::Skips;
use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// T.81 §F.2.2.2, bit by bit; how many bits a block takes.
fn plainly(codes: &[(u32, u32, u8)], bits: &[u8], mut at: usize) -> Option<usize> {
    let mut coefficient = 1;
    while coefficient < 64 {
        let (mut code, mut len) = (0, 0);
        let symbol = loop {
            code = code << 1 | u32::from(*bits.get(at)?);
            at += 1;
            len += 1;
            let found = codes
                .iter()
                .find(|(known, of, _)| (*known, *of) == (code, len));
            match found {
                Some((_, _, symbol)) => break *symbol,
                None if len == 16 => return None,
                None => (),
            }
        };
        match (symbol >> 4, symbol & 15) {
            (0, 0) => return Some(at),
            (1..=14, 0) => return None,
            (run, size) => {
                at += usize::from(size);
                coefficient += usize::from(run) + 1;
            }
        }
    }
    (coefficient == 64 && at <= bits.len()).then_some(at)
}

/// A code book: how many codes of each length, made to fit, and their symbols.
fn books() -> impl Strategy<Value = Vec<u8>> {
    let counts = prop::collection::vec(0_u32..=30, 16);
    let symbol = prop_oneof![
        6 => (0_u8..=3, 1_u8..=4).prop_map(|(run, size)| run << 4 | size),
        1 => Just(0xf0_u8),
        1 => any::<u8>(),
    ];
    (counts, prop::collection::vec(symbol, 256)).prop_map(|(wanted, mut symbols)| {
        let (mut room, mut total) = (1_u32 << 16, 0);
        let mut book = Vec::new();
        for (len, wanted) in (1_u32..=16).zip(wanted) {
            let count = wanted.min((room >> (16 - len)) / 2).min(255 - total);
            room -= count << (16 - len);
            total += count;
            book.push(count as u8);
        }
        symbols.truncate(total as usize);
        if let Some(first) = symbols.first_mut() {
            *first = 0; // most books have an end of block, and a short one
        }
        book.extend(symbols);
        book
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Block by block, to the bit, and refused where one symbol after the other is.
    #[test]
    fn steps_end_where_single_symbols_do(
        book in books(),
        octets in prop::collection::vec(0_u8..=254, 0..400),
        offset in 0_u32..=20,
    ) {
        let codes = Codes::read(&mut Octets::of(&book)).unwrap();
        let listed: Vec<_> = codes.iter().map(|code| (code.bits >> (16 - code.len), code.len, code.symbol)).collect();
        let (symbols, skips) = (Symbols::of(&codes, &mut budget()).unwrap(), Skips::of(&codes, &mut budget()).unwrap());
        let plain: Vec<u8> = octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1)).collect();
        let mut bits = Bits::of((&octets, 0));
        bits.refill();
        bits.consume(offset.min(plain.len() as u32));
        let mut at = offset.min(plain.len() as u32) as usize;
        for _ in 0..100 {
            bits.refill();
            let stepped = skips.pass(&mut bits, &symbols).and_then(|()| bits.check());
            match plainly(&listed, &plain, at) {
                Some(end) => {
                    prop_assert_eq!(stepped, Ok(()));
                    at = end;
                    // What comes next is the same.
                    let mut rest = bits;
                    rest.refill();
                    let next = plain.iter().skip(at).chain([0; 16].iter()).take(16);
                    let next = next.fold(0, |number, bit| number << 1 | usize::from(*bit));
                    prop_assert_eq!(rest.peek::<16>(), next);
                }
                None => {
                    prop_assert_eq!(stepped, Err(Refusal::Damaged));
                    break;
                }
            }
        }
    }
}
