//! Everything that reaches the terminal or a program behind it. Strangers' text comes through [`safe`] alone.

use std::io::{self, Write as _};

use handset::printable;
use serde_json::Value;

use crate::exit::Failure;

/// The most characters of a stranger's text in one place.
const LONGEST: usize = 200;

/// For whom output is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// A person.
    Text,
    /// A program.
    Json,
}

/// A stranger's text, fit for a terminal.
pub(crate) fn safe(text: &str) -> String {
    printable(text, LONGEST)
}

/// As [`safe`], at most `width` characters, and filled up to them.
pub(crate) fn column(text: &str, width: usize) -> String {
    let text = printable(text, width.saturating_sub(1));
    format!("{text:<width$}")
}

/// One line of the answer.
pub(crate) fn say(line: &str) {
    // Whoever closed the pipe wants no more lines.
    drop(writeln!(io::stdout(), "{line}"));
}

/// The answer for a program.
pub(crate) fn say_json(value: &Value) {
    say(&value.to_string());
}

/// A word beside the answer.
pub(crate) fn note(line: &str) {
    drop(writeln!(io::stderr(), "{line}"));
}

/// Why it did not work.
pub(crate) fn failed(failure: &Failure, style: Style) {
    match style {
        Style::Text => note(&format!("handset: {}", failure.words())),
        Style::Json => say_json(&failure.to_json()),
    }
}

/// Octets as people write them: three digits and a decimal unit.
pub(crate) fn size(octets: u64) -> String {
    match octets {
        0..1_000 => format!("{octets} B"),
        1_000..1_000_000 => format!("{}.{} KB", octets / 1_000, octets % 1_000 / 100),
        _ => format!("{}.{} MB", octets / 1_000_000, octets % 1_000_000 / 100_000),
    }
}

/// Hexadecimal digits.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_stands_in_them() {
        for text in ["", "abc", "a very long subject indeed", "\u{1b}[31mred"] {
            assert_eq!(column(text, 10).chars().count(), 10, "{text:?}");
        }
    }

    #[test]
    fn sizes_read_well() {
        assert_eq!(size(999), "999 B");
        assert_eq!(size(40_960), "40.9 KB");
        assert_eq!(size(2_400_000), "2.4 MB");
    }
}
