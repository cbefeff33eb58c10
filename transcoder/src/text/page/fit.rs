//! How wide the columns of a table are, and the lines that a cell takes in one.

use crate::text::width;

/// More columns than this are not aligned.
pub(super) const MOST_COLUMNS: usize = 32;
/// No column is made narrower than this.
const NARROWEST: usize = 6;
/// Between two columns.
pub(super) const BAR: &str = " | ";

/// Widths of columns of which at least the begin of the last fits in `columns` too.
pub(super) fn aligned(mut widths: Vec<usize>, columns: usize) -> Option<Vec<usize>> {
    let last = widths.pop()?;
    let bars = widths.len().saturating_mul(BAR.len());
    let left = columns
        .checked_sub(bars)?
        .checked_sub(widths.iter().sum())?;
    if left < last.min(NARROWEST) {
        return None;
    }
    widths.push(last.min(left));
    Some(widths)
}

/// Widths that fit in `columns`: narrow columns keep theirs, the others share what is left.
pub(super) fn fitted(mut widths: Vec<usize>, columns: usize) -> Option<Vec<usize>> {
    if widths.len() > MOST_COLUMNS {
        return None;
    }
    let bars = widths.len().saturating_sub(1).saturating_mul(BAR.len());
    let mut left = columns.saturating_sub(bars);
    let mut sorted = widths.clone();
    sorted.sort_unstable();
    let mut sharing = sorted.len();
    for width in sorted {
        let share = left.checked_div(sharing)?;
        if width > share {
            if share < NARROWEST {
                return None;
            }
            for width in &mut widths {
                *width = share.min(*width);
            }
            return Some(widths);
        }
        left = left.saturating_sub(width);
        sharing = sharing.saturating_sub(1);
    }
    Some(widths)
}

/// `text` in lines of at most `columns`; words longer than that are broken.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    for line in text.lines() {
        let mut rest = line.trim_end();
        while !rest.is_empty() {
            let (taken, after) = rest.split_at(line_end(rest, columns));
            lines.push(taken.trim_end());
            rest = after.trim_start();
        }
    }
    lines
}

/// Where a line of at most `columns` ends that `text` begins with; never at its start.
fn line_end(text: &str, columns: usize) -> usize {
    let mut taken = 0_usize;
    let mut space = None;
    for (at, character) in text.char_indices() {
        taken = taken.saturating_add(width::of_character(character));
        if character == ' ' {
            space = Some(at);
        }
        if taken > columns && at > 0 {
            return space.filter(|space| *space > 0).unwrap_or(at);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_columns_keep_their_width_and_wide_ones_share() {
        assert_eq!(fitted(vec![4, 100, 80], 60), Some(vec![4, 25, 25]));
        assert_eq!(fitted(vec![4, 10], 60), Some(vec![4, 10]));
        assert_eq!(fitted(vec![40; 8], 60), None);
    }

    #[test]
    fn what_does_not_fit_with_most_of_its_cells_is_not_aligned() {
        assert_eq!(aligned(vec![4, 10, 200], 40), Some(vec![4, 10, 20]));
        assert_eq!(aligned(vec![4, 10, 2], 22), Some(vec![4, 10, 2]));
        assert_eq!(aligned(vec![4, 10, 20], 25), None);
        assert_eq!(aligned(vec![70, 20], 72), None);
        assert_eq!(aligned(vec![], 72), None);
    }

    #[test]
    fn words_are_broken_only_where_they_are_too_long() {
        assert_eq!(wrapped("ab cd ef", 5), ["ab cd", "ef"]);
        assert_eq!(wrapped("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrapped("日本語", 4), ["日本", "語"]);
        assert_eq!(wrapped("日", 1), ["日"]);
    }
}
