//! What a field does (`HYPERLINK "https://example.org/" \o "…"`): only where it leads is of use here.

use crate::text::address;
use crate::text::draft::Draft;

/// The address that a field's instruction leads to, if it is one that a person follows.
pub(super) fn address(instruction: &str) -> Option<Draft> {
    let rest = instruction.trim_start();
    let (name, rest) = rest.split_once(|c: char| c.is_whitespace() || c == '"')?;
    if !name.eq_ignore_ascii_case("HYPERLINK") {
        return None;
    }
    let quote = instruction.get(..instruction.len().saturating_sub(rest.len()))?;
    let rest = rest.trim_start();
    let written = match rest.strip_prefix('"') {
        Some(quoted) => before(quoted, '"'),
        None if quote.ends_with('"') => before(rest, '"'),
        None => rest.split_whitespace().next()?,
    };
    address::followed(written)
}

fn before(text: &str, end: char) -> &str {
    text.split_once(end).map_or(text, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leads_where_a_person_follows_or_nowhere() {
        for (instruction, leads) in [
            (
                " HYPERLINK \"https://a.example/b c\" \\o \"x\" ",
                Some("https://a.example/b%20c"),
            ),
            ("HYPERLINK mailto:a@b.example", Some("mailto:a@b.example")),
            ("hyperlink\"http://a.example\"", Some("http://a.example")),
            ("HYPERLINK \\l \"place\"", None),
            ("HYPERLINK \"file://a/b\"", None),
            ("HYPERLINK \"javascript:a\"", None),
            ("INCLUDEPICTURE \"https://a.example/\"", None),
            ("HYPERLINK", None),
            ("", None),
        ] {
            let found = address(instruction);
            assert_eq!(found.as_deref(), leads, "{instruction}");
        }
    }
}
