//! How many columns text takes where each character has one, and those of East Asia two.

/// Ranges of characters that are two columns wide (Unicode's East Asian Width `W` and `F`, by blocks).
const WIDE: [(char, char); 12] = [
    ('\u{1100}', '\u{115f}'),
    ('\u{2e80}', '\u{303e}'),
    ('\u{3041}', '\u{33ff}'),
    ('\u{3400}', '\u{4dbf}'),
    ('\u{4e00}', '\u{9fff}'),
    ('\u{a000}', '\u{a4cf}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{fe30}', '\u{fe6f}'),
    ('\u{ff00}', '\u{ff60}'),
    ('\u{1f300}', '\u{1faff}'),
    ('\u{20000}', '\u{3fffd}'),
];

/// Characters that take no column: combining marks, joiners, what is invisible.
const NONE: [(char, char); 6] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{300}', '\u{36f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
];

/// The columns of one character.
pub(super) fn of_character(character: char) -> usize {
    if character.is_ascii() {
        return 1;
    }
    let inside = |(first, last): &(char, char)| (*first..=*last).contains(&character);
    if WIDE.iter().any(inside) {
        2
    } else if NONE.iter().any(inside) {
        0
    } else {
        1
    }
}

/// The columns of `text`.
pub(super) fn of(text: &str) -> usize {
    text.chars().map(of_character).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns_and_marks_none() {
        assert_eq!(of("abc"), 3);
        assert_eq!(of("日本"), 4);
        assert_eq!(of("e\u{301}"), 1);
    }
}
