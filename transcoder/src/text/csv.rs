//! `text/csv` (RFC 4180), `text/tab-separated-values`, and what spreadsheets write under the first name: `;` or a tab for the comma, CR
//! alone for the line end, spaces before a quote.

use zeroize::Zeroizing;

use super::Source;
use super::draft::Draft;
use super::page::{Element, Page, is_name};
use super::room::{Flow, Stop};

/// What is said of a table, before it is looked at.
#[derive(Clone, Copy)]
pub(super) struct Dialect {
    separator: Option<char>,
    header: Option<Header>,
}

/// Whether the first record names the columns.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Header {
    Present,
    Absent,
}

impl Dialect {
    /// `header` is the media type's parameter (RFC 4180 §3).
    pub(super) fn of(from: Source, header: Option<&str>) -> Self {
        let said = |word: &str| header.is_some_and(|said| said.trim().eq_ignore_ascii_case(word));
        let header = if said("present") {
            Some(Header::Present)
        } else if said("absent") {
            Some(Header::Absent)
        } else {
            None
        };
        let separator = (from == Source::Tsv).then_some('\t');
        Self { separator, header }
    }
}

/// Reads `text` as one table.
pub(super) fn read(text: &str, dialect: Dialect, page: &mut Page) -> Flow {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let separator = dialect.separator.unwrap_or_else(|| separator(rest));
    let header = match dialect.header {
        Some(header) => header,
        None => guessed(rest, separator)?,
    };
    let mut role = match header {
        Header::Present => Element::HeaderCell,
        Header::Absent => Element::Cell,
    };
    page.open(Element::Sheet)?;
    while !rest.is_empty() {
        page.open(Element::Row)?;
        rest = record(rest, separator, |field| {
            page.open(role)?;
            page.lines(field)?;
            page.close(role)
        })?;
        page.close(Element::Row)?;
        role = Element::Cell;
    }
    page.close(Element::Sheet)
}

/// Reads one record and gives what follows it.
fn record(text: &str, separator: char, mut field: impl FnMut(&str) -> Flow) -> Result<&str, Stop> {
    let mut rest = text;
    loop {
        let (value, after) = value(rest, separator);
        // RFC 4180 §2: a quote in a quoted field is doubled.
        match value {
            Value::Quoted(quoted) if quoted.contains("\"\"") => {
                let text = Zeroizing::new(quoted.replace("\"\"", "\""));
                field(&Draft::from(text))?;
            }
            Value::Quoted(text) | Value::Bare(text) => field(text)?,
        }
        match after.strip_prefix(separator) {
            Some(more) => rest = more,
            None => return Ok(behind_line_end(after)),
        }
    }
}

enum Value<'a> {
    Bare(&'a str),
    Quoted(&'a str),
}

/// The value that `text` begins with, and what follows.
fn value(text: &str, separator: char) -> (Value<'_>, &str) {
    let next = |text: &str| {
        let end = text.find([separator, '\n', '\r']);
        end.unwrap_or(text.len())
    };
    if let Some((value, after)) = quoted(text, separator) {
        // What stands between the quote and the comma is against the format; it is passed over.
        let after = after.get(next(after)..).unwrap_or_default();
        return (Value::Quoted(value), after);
    }
    let (value, after) = text.split_at_checked(next(text)).unwrap_or((text, ""));
    (Value::Bare(value), after)
}

/// What stands in the quotes that `text` begins with, and what follows them. Behind spaces, which RFC 4180 §2 makes part of a field, a
/// quote opens one only if another closes it at the field's end: it may as well stand for inches.
fn quoted(text: &str, separator: char) -> Option<(&str, &str)> {
    let begun = text.trim_start_matches(' ');
    let inner = begun.strip_prefix('"')?;
    let (value, after) = inner
        .split_at_checked(closing_quote(inner))
        .unwrap_or((inner, ""));
    let closed = after.strip_prefix('"');
    let after = closed.unwrap_or(after);
    let ends = after.trim_start_matches(' ');
    let ends = ends.is_empty() || ends.starts_with([separator, '\n', '\r']);
    let is_quoted = begun.len() == text.len() || (closed.is_some() && ends);
    is_quoted.then_some((value, after))
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

/// Where a character of a record stands.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Place {
    /// A quote opens a field here.
    Begin,
    Bare,
    Quoted,
    /// A second quote goes on with the field.
    Closed,
}

/// What divides the fields of the first record, quoted ones apart.
fn separator(text: &str) -> char {
    let [mut commas, mut semicolons, mut tabs] = [0_usize; 3];
    let mut place = Place::Begin;
    for character in text.chars() {
        place = match (place, character) {
            (Place::Begin | Place::Closed, '"') => Place::Quoted,
            (Place::Quoted, '"') => Place::Closed,
            (Place::Quoted, _) => Place::Quoted,
            (_, '\r' | '\n') => break,
            (_, ',' | ';' | '\t') => {
                let count = match character {
                    ',' => &mut commas,
                    ';' => &mut semicolons,
                    _ => &mut tabs,
                };
                *count = count.saturating_add(1);
                Place::Begin
            }
            (Place::Begin, ' ') => Place::Begin,
            (_, _) => Place::Bare,
        };
    }
    let found = [('\t', tabs), (';', semicolons), (',', commas)];
    let most = found.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(',', |(separator, _)| separator)
}

/// A first record whose fields all could be names names the columns.
fn guessed(text: &str, separator: char) -> Result<Header, Stop> {
    let mut header = Header::Present;
    record(text, separator, |field| {
        if !is_name(field) {
            header = Header::Absent;
        }
        Ok(())
    })?;
    Ok(header)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use crate::text::tests::{budget, plain};
    use crate::text::{Declared, Parameters, Source, Target, convert};

    #[test]
    fn what_is_quoted_divides_nothing() {
        for (input, expected) in [
            ("1,\"b,c\",d\n", "1 | b,c | d\r\n"),
            (
                "\"a;b;c\",d\n1,2\n",
                "a;b;c | d\r\n------+--\r\n1     | 2\r\n",
            ),
            ("1,\"b\r\nc\"\r\n2,d\r\n", "1 | b\r\n  | c\r\n2 | d\r\n"),
            ("1,\"b\" x,c\n", "1 | b | c\r\n"),
            ("1,b\"c,d\n", "1 | b\"c | d\r\n"),
            ("1,\"b,c\n", "1 | b,c\r\n"),
            ("1,\"\"\"\",\"\"\n", "1 | \"\r\n"),
            ("1, \"a, b\" ,c\n", "1 | a, b | c\r\n"),
            ("1, \"quick\" fix,\"c\"\n", "1 | \"quick\" fix | c\r\n"),
            ("5, \" wide\n6, \" high\n", "5 | \" wide\r\n6 | \" high\r\n"),
            (
                "\"a\nb\";c d\n1;2\n",
                "a | c d\r\nb\r\n--+----\r\n1 | 2\r\n",
            ),
        ] {
            assert_eq!(plain(input, Source::Csv), expected, "{input}");
        }
    }

    #[test]
    fn a_quote_in_the_header_does_not_hide_it() {
        let expected = "Name, first | City\r\n------------+-----\r\nJane        | Rome\r\n";
        let input = "\"Name, first\",City\nJane,Rome\n";
        assert_eq!(plain(input, Source::Csv), expected);
        let digits = "\"Name, 1\",City\nJane,Rome\n";
        assert!(plain(digits, Source::Csv).contains("--+--"));
    }

    #[test]
    fn cr_alone_ends_a_line() {
        let quoted = "\"a\",\"b\"\r\"1\",\"d\"\r";
        let expected = "a | b\r\n--+--\r\n1 | d\r\n";
        assert_eq!(plain(quoted, Source::Csv), expected);
        assert_eq!(plain("a;b\r1;d\r", Source::Csv), expected);
    }

    #[test]
    fn tabs_divide_where_the_type_says_so() {
        let input = "a,b,c\td\n1,2,3\t4\n";
        let expected = "a,b,c | d\r\n------+--\r\n1,2,3 | 4\r\n";
        assert_eq!(plain(input, Source::Tsv), expected);
    }

    /// RFC 4180 §3.
    #[test]
    fn the_media_type_says_whether_there_is_a_header() {
        for (input, header, expected) in [
            ("a,b\nc,d\n", "Absent", "a | b\r\nc | d\r\n"),
            ("1,b\nc,d\n", "present", "1 | b\r\n--+--\r\nc | d\r\n"),
            ("1,b\nc,d\n", "perhaps", "1 | b\r\nc | d\r\n"),
        ] {
            let declared = Declared {
                header: Some(header),
                ..Declared::default()
            };
            let parameters = Parameters {
                octets: NonZeroUsize::new(1000),
                ..Parameters::USUAL
            };
            let (to, from) = (Target::Plain, Source::Csv);
            let input = input.as_bytes();
            let text = convert(input, from, declared, to, &parameters, &mut budget());
            assert_eq!(text.unwrap().octets.expose(), expected.as_bytes());
        }
    }
}
