//! vCard (RFC 6350, and versions 2.1 and 3.0): names, numbers, addresses. Pictures, sounds and keys stay behind.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use charset::{Charset, decode};
use zeroize::Zeroizing;

use super::content_line::{ContentLine, divided, unescaped};
use super::draft::Draft;
use super::moment::Moment;
use super::page::{Element, Gap, Level, Page};
use super::room::Flow;

/// Reads `text`, in lines that are whole, onto `page`, a card after the other.
pub(super) fn read(text: &str, page: &mut Page) -> Flow {
    let mut card = Card::default();
    for line in text.lines().filter_map(ContentLine::parse) {
        let is_card = line.value.trim().eq_ignore_ascii_case("VCARD");
        if line.is("END") && is_card {
            std::mem::take(&mut card).show(page)?;
        } else if !(line.is("BEGIN") && is_card) {
            card.take(&line);
        }
    }
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
            "N" => self.structured = name(components(line)),
            "NICKNAME" => self.push("Nickname", line, text(line)),
            "ORG" => self.push("Organization", line, joined(components(line), ", ")),
            "TITLE" => self.push("Title", line, text(line)),
            "ROLE" => self.push("Role", line, text(line)),
            "TEL" => self.push("Phone", line, without_scheme(line, "tel:")),
            "EMAIL" => self.push("E-mail", line, without_scheme(line, "mailto:")),
            "IMPP" => self.push("Messages", line, text(line)),
            "ADR" => self.push("Address", line, joined(components(line), ", ")),
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

/// How the octets of a value are written, and in which charset they are.
#[derive(Clone, Copy)]
struct Coding {
    encoding: Encoding,
    charset: Option<Charset>,
}

#[derive(Clone, Copy)]
enum Encoding {
    None,
    QuotedPrintable,
    Base64,
}

impl Coding {
    fn of(line: &ContentLine<'_>) -> Self {
        let mut said = line.parameters().map(|(name, value)| {
            match name.eq_ignore_ascii_case("ENCODING") {
                true => value,
                // Version 2.1 has them without a name.
                false if value.is_empty() => name,
                false => "",
            }
        });
        let is = |said: &str, name: &str| said.eq_ignore_ascii_case(name);
        let encoding = said.find_map(|said| match said {
            _ if is(said, "quoted-printable") => Some(Encoding::QuotedPrintable),
            _ if is(said, "base64") || is(said, "b") => Some(Encoding::Base64),
            _ => None,
        });
        let label = line.parameter("CHARSET");
        Self {
            encoding: encoding.unwrap_or(Encoding::None),
            charset: label.and_then(|label| Charset::for_label(&label)),
        }
    }

    /// `value` with its encoding undone, its escapes not; nothing where it is no text.
    fn decoded(self, value: &str) -> Draft {
        match self.encoding {
            Encoding::None => Draft::new(value),
            Encoding::QuotedPrintable => {
                let charset = self.charset.unwrap_or(Charset::UTF_8);
                Draft::from(decode(charset, &quoted_printable(value)))
            }
            Encoding::Base64 => self.of_base64(value).unwrap_or_default(),
        }
    }

    /// What is not text in the end was a picture or a key.
    fn of_base64(self, value: &str) -> Option<Draft> {
        let digits = value.bytes().filter(|octet| !octet.is_ascii_whitespace());
        let mut held = Zeroizing::new(Vec::with_capacity(value.len()));
        held.extend(digits);
        let octets = Zeroizing::new(LENIENT.decode(&*held).ok()?);
        let text = match self.charset {
            Some(charset) => decode(charset, &octets),
            None => Zeroizing::new(std::str::from_utf8(&octets).ok()?.to_owned()),
        };
        let binary = |c: char| c.is_control() && !c.is_ascii_whitespace();
        (!text.contains(binary)).then(|| Draft::from(text))
    }
}

/// Padding is often lost.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn text(line: &ContentLine<'_>) -> Draft {
    unescaped(&Coding::of(line).decoded(line.value))
}

/// The components of a structured value. They are divided first: what an encoding hides divides nothing.
fn components<'a>(line: &ContentLine<'a>) -> impl Iterator<Item = Draft> + use<'a> {
    let coding = Coding::of(line);
    divided(line.value, ';').map(move |part| unescaped(&coding.decoded(part)))
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

/// The components that say something.
fn joined(components: impl Iterator<Item = Draft>, between: &str) -> Draft {
    let mut text = Draft::default();
    for part in components {
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

fn name(mut parts: impl Iterator<Item = Draft>) -> Draft {
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

#[cfg(test)]
mod tests {
    use crate::text::Source;
    use crate::text::tests::plain;

    #[test]
    fn cards_of_all_versions_are_read() {
        let new = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ann Example\r\nORG:Example\\, Inc.;Sales\r\n\
            item1.TEL;TYPE=\"work,voice\":tel:+49-1\r\nEMAIL:ann@example.org\r\n\
            ADR;TYPE=home:;;1 Road;Town;;12345;Land\r\nBDAY:19900228\r\nPHOTO:data:xx\r\nEND:VCARD\r\n";
        let expected = "Ann Example\r\n\r\nOrganization: Example, Inc., Sales\r\nPhone (work): +49-1\r\n\
            E-mail: ann@example.org\r\nAddress (home): 1 Road, Town, 12345, Land\r\n\
            Birthday: Wednesday 1990-02-28\r\n";
        assert_eq!(plain(new, Source::Vcard), expected);
        let old = "BEGIN:VCARD\r\nVERSION:2.1\r\n\
            N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\r\n\
            NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:one=\r\n two =C3=A9=0Athree\r\n\
            TEL;CELL:123\r\nEND:VCARD\r\n";
        let expected = "Jörg Müller\r\n\r\nNote: one two é\r\nthree\r\nPhone (cell): 123\r\n";
        assert_eq!(plain(old, Source::Vcard), expected);
    }

    fn card(lines: &str) -> String {
        let card = format!("BEGIN:VCARD\r\nFN:A\r\n{lines}\r\nEND:VCARD\r\n");
        plain(&card, Source::Vcard)
    }

    #[test]
    fn what_an_encoding_hides_divides_nothing() {
        let address = "ADR;ENCODING=QUOTED-PRINTABLE:;;Haus A=3B 2. Stock;Ort";
        assert!(card(address).contains("Address: Haus A; 2. Stock, Ort\r\n"));
        let name = "BEGIN:VCARD\r\nN;QUOTED-PRINTABLE:M=C3=BCller=3B K.;J=C3=B6rg\r\nEND:VCARD\r\n";
        assert_eq!(plain(name, Source::Vcard), "Jörg Müller; K.\r\n");
    }

    #[test]
    fn a_text_in_base64_is_read_and_nothing_else() {
        for line in [
            "NOTE;ENCODING=b:SMOkbGxv",
            "NOTE;ENCODING=BASE64:\r\n SMOk\r\n bGxv\r\n",
            "NOTE;CHARSET=ISO-8859-1;BASE64:SORsbG8=",
            "NOTE;ENCODING=B:SMOkbGxvCg",
        ] {
            assert!(card(line).ends_with("Note: Hällo\r\n"), "{line}");
        }
        for line in [
            "NOTE;ENCODING=b:iVBORw0KGgo=",
            "NOTE;ENCODING=b:AAEC",
            "NOTE;ENCODING=b:!",
        ] {
            assert_eq!(card(line), "A\r\n", "{line}");
        }
    }
}
