//! UTF-7 (RFC 2152), which old mail has. It is read and never written: its octets look like another text than they are.

use zeroize::Zeroizing;

/// What decodes of `octets`; U+FFFD for the rest. At most three octets of text for each.
pub(crate) fn decode(octets: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(octets.len().saturating_mul(3)));
    let mut rest = octets;
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => rest = shifted(after, &mut text),
            0..=0x7f => text.push(char::from(*first)),
            _ => text.push(char::REPLACEMENT_CHARACTER),
        }
    }
    text
}

/// A run of base64 behind its `+`; what follows it is given back.
fn shifted<'a>(octets: &'a [u8], text: &mut String) -> &'a [u8] {
    if let [b'-', after @ ..] = octets {
        text.push('+');
        return after;
    }
    let len = octets.iter().take_while(|o| sextet(**o).is_some()).count();
    let (run, after) = octets.split_at(len);
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut units = Zeroizing::new(Vec::with_capacity(run.len()));
    for value in run.iter().filter_map(|octet| sextet(*octet)) {
        // At most 15 bits are held before, so none of the upper ones is lost that is still wanted.
        bits = (bits << 6 | value) & 0x3f_ffff;
        held = held.saturating_add(6);
        if let Some(left) = held.checked_sub(16) {
            held = left;
            units.push(u16::try_from(bits >> left & 0xffff).unwrap_or(0));
        }
    }
    let scalars = char::decode_utf16(units.iter().copied());
    text.extend(scalars.map(|scalar| scalar.unwrap_or(char::REPLACEMENT_CHARACTER)));
    after.strip_prefix(b"-").unwrap_or(after)
}

fn sextet(octet: u8) -> Option<u32> {
    let value = match octet {
        b'A'..=b'Z' => octet.wrapping_sub(b'A'),
        b'a'..=b'z' => octet.wrapping_sub(b'a').wrapping_add(26),
        b'0'..=b'9' => octet.wrapping_sub(b'0').wrapping_add(52),
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfc_examples_decode() {
        for (encoded, text) in [
            ("A+ImIDkQ.", "A≢Α."),
            ("Hi Mom -+Jjo--!", "Hi Mom -☺-!"),
            ("+ZeVnLIqe-", "日本語"),
            ("1 +- 1 = 2", "1 + 1 = 2"),
            ("+2D3eCg-", "\u{1f60a}"),
        ] {
            assert_eq!(decode(encoded.as_bytes()).as_str(), text, "{encoded}");
        }
    }

    #[test]
    fn halves_and_eight_bits_are_replaced() {
        assert_eq!(decode(b"+2D3-\xe9").as_str(), "\u{fffd}\u{fffd}");
    }
}
