//! The round keys of AES-256 (FIPS 197 §5.2), since a cipher object that was not wiped holds these rather than the key.

/// Octets of a key.
const KEY: usize = 32;
/// Words of four octets: one round key before the first round and one for each of 14 rounds.
const WORDS: usize = 60;
const WORD: usize = 4;
/// Octets of one round key.
const ROUND: usize = 16;

/// All round keys as they are written in memory, in the three ways in which programs keep them.
#[must_use]
pub fn round_keys(key: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let encrypting = expanded(key);
    let swapped = encrypting
        .chunks(WORD)
        .flat_map(|word| word.iter().rev().copied())
        .collect();
    vec![
        ("encrypting", encrypting.clone()),
        ("encrypting, as numbers of 32 bits", swapped),
        ("decrypting", decrypting(&encrypting)),
    ]
}

fn expanded(key: &[u8]) -> Vec<u8> {
    assert_eq!(key.len(), KEY, "a key of AES-256");
    let boxed = substitutions();
    let substitute = |word: [u8; WORD]| word.map(|octet| boxed[usize::from(octet)]);
    let mut words: Vec<[u8; WORD]> = key.chunks(WORD).map(as_word).collect();
    let mut constant = 1;
    for number in words.len()..WORDS {
        let mut word = words[number - 1];
        match number % 8 {
            0 => {
                word.rotate_left(1);
                word = substitute(word);
                word[0] ^= constant;
                constant = doubled(constant);
            }
            4 => word = substitute(word),
            _ => {}
        }
        let earlier = words[number - 8];
        words.push(std::array::from_fn(|at| word[at] ^ earlier[at]));
    }
    words.concat()
}

/// The equivalent inverse cipher's keys (FIPS 197 §5.3.5): those between the first and the last, their columns mixed backwards.
fn decrypting(encrypting: &[u8]) -> Vec<u8> {
    encrypting[ROUND..encrypting.len() - ROUND]
        .chunks(WORD)
        .flat_map(|column| unmixed(as_word(column)))
        .collect()
}

fn unmixed(column: [u8; WORD]) -> [u8; WORD] {
    const FACTORS: [u8; WORD] = [0x0e, 0x0b, 0x0d, 0x09];
    std::array::from_fn(|row| {
        (0..WORD).fold(0, |sum, at| {
            sum ^ product(column[at], FACTORS[(at + WORD - row) % WORD])
        })
    })
}

/// SubBytes (FIPS 197 §5.1.1): the inverse in the field, then the affine map.
fn substitutions() -> [u8; 256] {
    std::array::from_fn(|number| {
        let octet = u8::try_from(number).expect("an octet");
        let inverse = (0..=255)
            .find(|other| product(octet, *other) == 1)
            .unwrap_or(0);
        (0..5).fold(0x63, |sum, turn| sum ^ inverse.rotate_left(turn))
    })
}

fn product(mut one: u8, mut other: u8) -> u8 {
    let mut sum = 0;
    while other > 0 {
        if other & 1 == 1 {
            sum ^= one;
        }
        one = doubled(one);
        other >>= 1;
    }
    sum
}

fn doubled(octet: u8) -> u8 {
    (octet << 1) ^ if octet & 0x80 == 0 { 0 } else { 0x1b }
}

fn as_word(octets: &[u8]) -> [u8; WORD] {
    octets.try_into().expect("a word")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197 A.3
    #[test]
    fn the_standards_key_is_expanded_as_in_the_standard() {
        let key = [
            0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d,
            0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3,
            0x09, 0x14, 0xdf, 0xf4,
        ];
        let words = expanded(&key);
        assert_eq!(words[32..36], [0x9b, 0xa3, 0x54, 0x11]);
        assert_eq!(words[48..52], [0xa8, 0xb0, 0x9c, 0x1a]);
        assert_eq!(words[236..], [0x70, 0x6c, 0x63, 0x1e]);
    }

    #[test]
    fn a_column_is_mixed_backwards() {
        assert_eq!(unmixed([0x8e, 0x4d, 0xa1, 0xbc]), [0xdb, 0x13, 0x53, 0x45]);
    }
}
