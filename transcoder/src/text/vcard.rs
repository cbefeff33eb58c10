//! vCard (RFC 6350, and versions 2.1 and 3.0): names, numbers, addresses. Pictures, sounds and keys stay behind.

use charset::{Charset, decode};
use zeroize::Zeroizing;

use super::content_line::{ContentLine, divided, unescaped, unfolded};
use super::draft::Draft;
use super::moment::Moment;
use super::page::{Element, Gap, Level, Page};
use super::room::Flow;

/// Reads `text` onto `page`, a card after the other.
pub(super) fn read(text: &str, page: &mut Page) -> Flow {
    let mut card = Card::default();
    unfolded(text, |line| {
        let Some(line) = ContentLine::parse(line) else {
            return Ok(());
        };
        let is_card = line.value.trim().eq_ignore_ascii_case("VCARD");
        if line.is("END") && is_card {
            return std::mem::take(&mut card).show(page);
        }
        if !(line.is("BEGIN") && is_card) {
            card.take(&line);
        }
        Ok(())
    })?;
    card.show(page)
}

#[derive(Default)]
struct Card {
    formatted: Draft,
    structured: Draft,
    /// Name and value of each line, in the order in which they came.
    fields: Vec<(Draft, Draft)>,
}

impl Card {
    fn take(&mut self, line: &ContentLine<'_>) {
        match line.name.to_ascii_uppercase().as_str() {
            "FN" => self.formatted = text(line),
            // RFC 6350 §6.2.2: family, given, additional, before, after.
            "N" => self.structured = name(&raw(line)),
            "NICKNAME" => self.push("Nickname", line, text(line)),
            "ORG" => self.push("Organization", line, joined(&raw(line), ", ")),
            "TITLE" => self.push("Title", line, text(line)),
            "ROLE" => self.push("Role", line, text(line)),
            "TEL" => self.push("Phone", line, without_scheme(line, "tel:")),
            "EMAIL" => self.push("E-mail", line, without_scheme(line, "mailto:")),
            "IMPP" => self.push("Messages", line, text(line)),
            "ADR" => self.push("Address", line, joined(&raw(line), ", ")),
            "URL" => self.push("Link", line, text(line)),
            "BDAY" => self.push("Birthday", line, day(line)),
            "ANNIVERSARY" => self.push("Anniversary", line, day(line)),
            "TZ" => self.push("Time zone", line, text(line)),
            "NOTE" => self.push("Note", line, text(line)),
            _unshown => {}
        }
    }

    fn push(&mut self, name: &str, line: &ContentLine<'_>, value: Draft) {
        let mut name = Draft::new(name);
        let kinds = kinds(line);
        if !kinds.is_empty() {
            name.push_str(" (");
            name.push_str(&kinds.join(", "));
            name.push_str(")");
        }
        self.fields.push((name, value));
    }

    fn show(self, page: &mut Page) -> Flow {
        let name = [self.formatted.trim(), self.structured.trim()];
        let name = name.into_iter().find(|name| !name.is_empty());
        if name.is_none() && self.fields.is_empty() {
            return Ok(());
        }
        page.open(Element::Heading(Level::Second))?;
        page.text(name.unwrap_or("(no name)"))?;
        page.close(Element::Heading(Level::Second))?;
        for (name, value) in &self.fields {
            page.field(name, value.trim())?;
        }
        page.separate(Gap::Paragraph)
    }
}

/// The kinds that are worth saying, each once.
fn kinds(line: &ContentLine<'_>) -> Vec<String> {
    let mut kinds = Vec::new();
    for (name, value) in line.parameters() {
        let listed = match name.eq_ignore_ascii_case("TYPE") {
            true => value,
            // Version 2.1 has them without a name.
            false if value.is_empty() => name,
            false => "",
        };
        for kind in listed.split(',').map(str::to_ascii_lowercase) {
            let known = ["home", "work", "cell", "fax", "pager", "mobile"].contains(&kind.as_str());
            if known && !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
    }
    kinds
}

/// The value with its encoding undone, its escapes not.
fn raw(line: &ContentLine<'_>) -> Draft {
    let encoded = |name: &str| name.eq_ignore_ascii_case("QUOTED-PRINTABLE");
    let is_quoted = line.parameters().any(|(name, value)| {
        (name.eq_ignore_ascii_case("ENCODING") && encoded(value)) || encoded(name)
    });
    if !is_quoted {
        return Draft::new(line.value);
    }
    let label = line.parameter("CHARSET").and_then(Charset::for_label);
    let octets = quoted_printable(line.value);
    Draft::from(decode(label.unwrap_or(Charset::UTF_8), &octets))
}

fn text(line: &ContentLine<'_>) -> Draft {
    unescaped(&raw(line))
}

fn without_scheme(line: &ContentLine<'_>, scheme: &str) -> Draft {
    let text = text(line);
    let own = text.get(..scheme.len());
    match own.is_some_and(|own| own.eq_ignore_ascii_case(scheme)) {
        true => Draft::new(text.get(scheme.len()..).unwrap_or_default()),
        false => text,
    }
}

fn day(line: &ContentLine<'_>) -> Draft {
    match Moment::parse(line.value) {
        Some(day) => Draft::new(&day.date()),
        None => text(line),
    }
}

/// The components of a structured value that say something.
fn joined(value: &str, between: &str) -> Draft {
    let mut text = Draft::default();
    for part in divided(value, ';') {
        let part = unescaped(part);
        if part.trim().is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str(between);
        }
        text.push_str(part.trim());
    }
    text
}

fn name(value: &str) -> Draft {
    let mut parts = divided(value, ';').map(unescaped);
    let (family, given, additional, before, after) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    );
    let mut text = Draft::default();
    for part in [before, given, additional, family, after]
        .into_iter()
        .flatten()
    {
        if !part.trim().is_empty() {
            if !text.is_empty() {
                text.push_str(" ");
            }
            text.push_str(part.trim());
        }
    }
    text
}

/// RFC 2045 §6.7; what is against it stays as it is.
fn quoted_printable(text: &str) -> Zeroizing<Vec<u8>> {
    let mut octets = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'=', [b'\n', after @ ..] | [b'\r', b'\n', after @ ..]) => rest = after,
            (b'=', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    octets.push(high << 4 | low);
                    rest = after;
                }
                _ => octets.push(b'='),
            },
            (octet, _) => octets.push(*octet),
        }
    }
    octets
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}
