//! `text/csv` (RFC 4180), and what spreadsheets write under its name: `;` or a tab for the comma.

use super::page::{Element, Page};
use super::room::Flow;

/// Reads `text` as one table.
pub(super) fn read(text: &str, page: &mut Page) -> Flow {
    let comma = separator(text);
    page.open(Element::Table)?;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut role = match is_header(rest, comma) {
        Header::Present => Element::HeaderCell,
        Header::Absent => Element::Cell,
    };
    while !rest.is_empty() {
        page.open(Element::Row)?;
        rest = record(rest, comma, |field| {
            page.open(role)?;
            page.lines(field)?;
            page.close(role)
        })?;
        page.close(Element::Row)?;
        role = Element::Cell;
    }
    page.close(Element::Table)
}

/// Reads one record and gives what follows it.
fn record(
    text: &str,
    comma: char,
    mut field: impl FnMut(&str) -> Flow,
) -> Result<&str, super::room::Stop> {
    let mut rest = text;
    loop {
        let (value, after) = value(rest, comma);
        // RFC 4180 §2: a quote in a quoted field is doubled.
        match value {
            Value::Quoted(quoted) if quoted.contains("\"\"") => {
                field(&super::draft::Draft::from(zeroize::Zeroizing::new(
                    quoted.replace("\"\"", "\""),
                )))?;
            }
            Value::Quoted(text) | Value::Bare(text) => field(text)?,
        }
        match after.strip_prefix(comma) {
            Some(more) => rest = more,
            None => return Ok(behind_line_end(after)),
        }
    }
}

enum Value<'a> {
    Bare(&'a str),
    Quoted(&'a str),
}

fn value(text: &str, comma: char) -> (Value<'_>, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = closing_quote(quoted);
        let (value, after) = quoted.split_at_checked(end).unwrap_or((quoted, ""));
        let after = after.strip_prefix('"').unwrap_or(after);
        // What stands between the quote and the comma is against the format; it is passed over.
        let next = after.find([comma, '\n']).unwrap_or(after.len());
        return (Value::Quoted(value), after.get(next..).unwrap_or_default());
    }
    let end = text.find([comma, '\n', '\r']);
    let (value, after) = text
        .split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""));
    (Value::Bare(value), after)
}

fn closing_quote(quoted: &str) -> usize {
    let mut quotes = quoted.match_indices('"').map(|(at, _)| at).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&at.saturating_add(1)).is_none() {
            return at;
        }
    }
    quoted.len()
}

fn behind_line_end(text: &str) -> &str {
    text.strip_prefix("\r\n")
        .or_else(|| text.strip_prefix(['\r', '\n']))
        .unwrap_or(text)
}

/// What divides the fields of the first line, quoted ones apart.
fn separator(text: &str) -> char {
    let first = text.lines().next().unwrap_or_default();
    // A doubled quote opens and closes nothing.
    let bare = || first.split('"').step_by(2);
    let count = |comma: char| -> usize { bare().map(|text| text.matches(comma).count()).sum() };
    let most = [',', ';', '\t']
        .into_iter()
        .rev()
        .max_by_key(|comma| count(*comma));
    most.unwrap_or(',')
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Header {
    Present,
    Absent,
}

/// A first record whose fields all are words names the columns.
fn is_header(text: &str, comma: char) -> Header {
    let first = text.lines().next().unwrap_or_default();
    let word = |field: &str| {
        let field = field.trim().trim_matches('"');
        !field.is_empty() && !field.starts_with(|c: char| c.is_ascii_digit() || c == '-')
    };
    if first.split(comma).all(word) {
        Header::Present
    } else {
        Header::Absent
    }
}
