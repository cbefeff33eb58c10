//! Strangers' text made fit for a terminal: no control, no escape sequence, no direction trick, and not without end.

/// What a character that must not reach a terminal is shown as.
const SHOWN_INSTEAD: char = '\u{fffd}';

/// `text` with everything replaced that could steer a terminal or reorder a line, cut after `limit` characters.
#[must_use]
pub fn printable(text: &str, limit: usize) -> String {
    let mut clean: String = text.chars().take(limit).map(harmless).collect();
    if text.chars().nth(limit).is_some() {
        clean.push('…');
    }
    clean
}

/// As [`printable`], of octets that may not be UTF-8.
#[must_use]
pub fn printable_octets(octets: &[u8], limit: usize) -> String {
    // Four octets a character at most (RFC 3629 §3): more cannot be shown.
    let most = limit.saturating_add(1).saturating_mul(4);
    let start = octets.get(..most).unwrap_or(octets);
    printable(&String::from_utf8_lossy(start), limit)
}

fn harmless(character: char) -> char {
    match character {
        '\t' | '\r' | '\n' => ' ',
        _ if character.is_control() || steers(character) => SHOWN_INSTEAD,
        _ => character,
    }
}

/// Characters that are no control, and yet change where or how the rest of the line is shown: the line and paragraph separators,
/// the direction marks, embeddings, overrides and isolates, invisible joiners, and the tag characters.
fn steers(character: char) -> bool {
    matches!(
        character,
        '\u{061c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_escape_sequence_reaches_a_terminal() {
        let hostile = "\u{1b}]0;owned\u{7}\u{9b}31mred\u{202e}gpj.exe\r\nnext";
        let clean = printable(hostile, 200);
        assert_eq!(
            clean,
            "\u{fffd}]0;owned\u{fffd}\u{fffd}31mred\u{fffd}gpj.exe  next"
        );
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(printable("abcdef", 3), "abc…");
        assert_eq!(printable("abc", 3), "abc");
        assert_eq!(printable_octets(&[b'a'; 1000], 2), "aa…");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_printable_and_short(octets: Vec<u8>, limit in 0_usize..64) {
            let clean = printable_octets(&octets, limit);
            prop_assert!(clean.chars().count() <= limit + 1);
            prop_assert!(!clean.chars().any(|c| c.is_control() || steers(c)));
        }
    }
}
