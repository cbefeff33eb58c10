use std::num::{NonZeroU16, NonZeroUsize};

use super::*;

pub(super) fn budget() -> Budget {
    Budget {
        input_octets: 16 << 20,
        pixels: 64 << 20,
        samples: 0,
        output_octets: 16 << 20,
        memory: 256 << 20,
    }
}

/// Converts with the usual parameters.
pub(super) fn converted(input: &[u8], from: Source, to: Target) -> Result<String, Refusal> {
    let text = convert(input, from, None, to, &Parameters::USUAL, &mut budget())?;
    assert_eq!(text.extent, Extent::Whole);
    Ok(String::from_utf8(text.octets.expose().to_vec()).unwrap())
}

pub(super) fn plain(input: &str, from: Source) -> String {
    converted(input.as_bytes(), from, Target::Plain).unwrap()
}

fn with(
    input: &[u8],
    declared: Option<&str>,
    to: Target,
    parameters: &Parameters<'_>,
) -> Result<Vec<u8>, Refusal> {
    let text = convert(
        input,
        Source::Plain,
        declared,
        to,
        parameters,
        &mut budget(),
    )?;
    Ok(text.octets.expose().to_vec())
}

fn in_charset(label: &str) -> Parameters<'static> {
    Parameters {
        charset: Charset::for_label(label).unwrap(),
        ..Parameters::USUAL
    }
}

#[test]
fn the_declared_charset_goes_before_all_signs() {
    let usual = Parameters::USUAL;
    for (input, declared, text) in [
        (&b"caf\xe9"[..], Some("ISO-8859-1"), "café"),
        (b"caf\xe9", None, "café"),
        ("café".as_bytes(), None, "café"),
        ("café".as_bytes(), Some("windows-1252"), "cafÃ©"),
        (b"\xff\xfea\0", None, "a"),
        (b"+AOk-", Some("utf-7"), "é"),
    ] {
        let octets = with(input, declared, Target::Plain, &usual).unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), text);
    }
    let unknown = with(b"a", Some("x-nowhere"), Target::Plain, &usual);
    assert_eq!(unknown, Err(Refusal::UnknownCharset));
}

#[test]
fn what_the_charset_lacks_is_replaced_referred_to_or_refused() {
    let latin = in_charset("iso-8859-1");
    let replaced = Parameters {
        unknown_character_replacement: Some("EUR"),
        ..latin
    };
    let text = "5 €".as_bytes();
    let refused = with(text, None, Target::Plain, &latin);
    assert_eq!(refused, Err(Refusal::Unrepresentable));
    assert_eq!(
        with(text, None, Target::Plain, &replaced).unwrap(),
        b"5 EUR"
    );
    let page = with(text, None, Target::Html, &latin).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("charset=\"iso-8859-1\"") && page.contains("5 &#8364;"));
}

#[test]
fn lines_end_in_crlf_and_flowed_spaces_stay() {
    let usual = Parameters::USUAL;
    let octets = with(b"a \nb\r\nc\rd\r\n", None, Target::Plain, &usual).unwrap();
    assert_eq!(octets, b"a \r\nb\r\nc\r\nd\r\n");
}

#[test]
fn what_is_longer_than_asked_is_cut_and_says_so() {
    let input = "eins zwei drei vier fünf sechs sieben acht ".repeat(100);
    for (label, from) in [
        ("utf-8", Source::Plain),
        ("utf-16", Source::Plain),
        ("utf-8", Source::Csv),
        ("iso-8859-1", Source::Html),
    ] {
        for to in Target::ALL {
            let parameters = Parameters {
                octets: NonZeroUsize::new(400),
                ..in_charset(label)
            };
            let text = convert(input.as_bytes(), from, None, to, &parameters, &mut budget());
            let text = text.unwrap();
            assert_eq!(text.extent, Extent::Cut, "{from:?} {to:?}");
            assert!(
                text.octets.len() <= 400 && text.octets.len() > 150,
                "{from:?} {to:?}"
            );
            let read = charset::decode(parameters.charset, text.octets.expose());
            assert!(read.contains("[...]") && read.contains("eins"));
            assert!(to == Target::Plain || read.ends_with("</body></html>\r\n"));
        }
    }
    let parameters = Parameters {
        octets: NonZeroUsize::new(5),
        ..Parameters::USUAL
    };
    let none = with(input.as_bytes(), None, Target::Html, &parameters);
    assert_eq!(none, Err(Refusal::CannotFit));
}

#[test]
fn the_budget_holds() {
    let input = "word ".repeat(1000);
    for (short, resource) in [
        (
            Budget {
                input_octets: 100,
                ..budget()
            },
            Resource::Input,
        ),
        (
            Budget {
                output_octets: 100,
                ..budget()
            },
            Resource::Output,
        ),
        (
            Budget {
                memory: 100,
                ..budget()
            },
            Resource::Memory,
        ),
    ] {
        let mut budget = short;
        let parameters = Parameters::USUAL;
        let to = Target::Html;
        let refused = convert(
            input.as_bytes(),
            Source::Plain,
            None,
            to,
            &parameters,
            &mut budget,
        );
        assert_eq!(refused.err(), Some(Refusal::Exceeded(resource)));
    }
}

#[test]
fn enriched_text_is_read_by_its_rules() {
    let input = "<bold>Now</bold> is\nthe <italic>time</italic>\n\nfor <<all>.\n\
        <color><param>red</param>Good</color> <nofill>a\nb</nofill>";
    let expected = "Now is the time\r\nfor <all>. Good a\r\nb\r\n";
    assert_eq!(plain(input, Source::Enriched), expected);
    let page = converted(input.as_bytes(), Source::Enriched, Target::Html).unwrap();
    assert!(page.contains("<b>Now</b> is the <i>time</i><br>"), "{page}");
    let rich = "<bold>a</bold><nl>b <lt>c<comment>no</comment>";
    assert_eq!(plain(rich, Source::RichText), "a\r\nb <c\r\n");
}

#[test]
fn csv_is_an_aligned_table() {
    let input = "Name,City\r\n\"Doe, Jane\",\"New \"\"York\"\"\"\r\nLi,北京\r\n";
    let expected = "Name      | City\r\n----------+-----------\r\n\
        Doe, Jane | New \"York\"\r\nLi        | 北京\r\n";
    assert_eq!(plain(input, Source::Csv), expected);
    let page = converted(input.as_bytes(), Source::Csv, Target::Html).unwrap();
    assert!(
        page.contains("<tr><th>Name</th><th>City</th></tr>"),
        "{page}"
    );
}

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
    ] {
        assert_eq!(plain(input, Source::Csv), expected, "{input}");
    }
}

/// RFC 5259 §12.1: what is asked to stand for a character stands for it in HTML too, where a reference could.
#[test]
fn a_replacement_goes_before_a_reference() {
    let replaced = Parameters {
        unknown_character_replacement: Some("EUR"),
        ..in_charset("iso-8859-1")
    };
    let page = with("5 €".as_bytes(), None, Target::Html, &replaced).unwrap();
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("5 EUR") && !page.contains('&'), "{page}");
    for to in Target::ALL {
        let lacking = Parameters {
            unknown_character_replacement: Some("€"),
            ..in_charset("iso-8859-1")
        };
        let refused = with("5 €".as_bytes(), None, to, &lacking);
        assert_eq!(refused, Err(Refusal::Unrepresentable));
    }
}

/// A line of megabytes is read in time that grows with it.
#[test]
fn one_huge_line_of_a_calendar_or_a_card_is_read() {
    const LEN: usize = 8 << 20;
    let folded = "x".repeat(60) + "\r\n ";
    for (value, from) in [
        ("a ".repeat(LEN / 2), Source::Calendar),
        ("a\\, ".repeat(LEN / 4), Source::Calendar),
        (";".repeat(LEN), Source::Calendar),
        (folded.repeat(LEN / 64), Source::Vcard),
        ("=\r\n".repeat(LEN / 3), Source::Vcard),
        (",".repeat(LEN), Source::Vcard),
        ("\\".repeat(LEN), Source::Vcard),
        ("\"".repeat(LEN), Source::Vcard),
    ] {
        for name in ["SUMMARY:", "ATTENDEE;CN=", "RRULE:", "DTSTART;TZID="] {
            let event = format!("BEGIN:VEVENT\r\n{name}{value}\r\nEND:VEVENT\r\n");
            drop(converted(event.as_bytes(), Source::Calendar, Target::Plain));
        }
        for name in [
            "FN:",
            "N;ENCODING=QUOTED-PRINTABLE:",
            "TEL;TYPE=",
            "ADR:",
            "ORG:",
            "NOTE:",
        ] {
            let card = format!("BEGIN:VCARD\r\n{name}{value}\r\nEND:VCARD\r\n");
            drop(converted(card.as_bytes(), from, Target::Plain));
        }
    }
}

#[test]
fn a_table_that_is_too_wide_is_told_field_by_field() {
    let header: Vec<String> = (0..12).map(|n| format!("column {n}")).collect();
    let row: Vec<String> = (0..12).map(|n| format!("a longer value {n}")).collect();
    let input = format!("{}\n{}\n", header.join(";"), row.join(";"));
    let text = plain(&input, Source::Csv);
    assert!(text.contains("column 3: a longer value 3\r\n"), "{text}");
    let wide = Parameters {
        columns: Columns::Most(NonZeroU16::new(400).unwrap()),
        ..Parameters::USUAL
    };
    let to = Target::Plain;
    let text = convert(
        input.as_bytes(),
        Source::Csv,
        None,
        to,
        &wide,
        &mut budget(),
    )
    .unwrap();
    assert_eq!(text.octets.expose().split(|o| *o == b'\n').count(), 4);
}

const INVITATION: &str = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
    BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n\
    SUMMARY:Plan\\, again\r\nDTSTART;TZID=Europe/Berlin:20261124T100000\r\n\
    DTEND;TZID=Europe/Berlin:20261124T113000\r\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4\r\n\
    LOCATION:Room 5\r\nORGANIZER;CN=\"Ann: A\":mailto:ann@example.org\r\n\
    ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:mailto:bob@example.org\r\n\
    ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:eve@\r\n example.org\r\n\
    DESCRIPTION:First line\\nsecond\r\nBEGIN:VALARM\r\nDESCRIPTION:not shown\r\nEND:VALARM\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn an_invitation_says_what_when_where_and_who() {
    let expected = "Invitation\r\n\r\nPlan, again\r\n\r\n\
        When: Tuesday 2026-11-24 10:00 to 11:30 (Europe/Berlin)\r\n\
        Repeats: every week on Tuesday, 4 times\r\nWhere: Room 5\r\n\
        Organizer: Ann: A <ann@example.org>\r\nAttendees:\r\n\r\n\
        - Bob <bob@example.org>, comes\r\n- eve@example.org, optional\r\n\r\n\
        First line\r\nsecond\r\n";
    assert_eq!(plain(INVITATION, Source::Calendar), expected);
}

#[test]
fn a_whole_day_ends_on_its_last_day() {
    let day = |end: &str| {
        let event = format!("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261124\nDTEND:{end}\nEND:VEVENT\n");
        plain(&event, Source::Calendar)
    };
    assert!(day("20261125").contains("When: Tuesday 2026-11-24\r\n"));
    assert!(day("20261127").contains("When: Tuesday 2026-11-24 to Thursday 2026-11-26\r\n"));
}

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

#[test]
fn markdown_stays_as_it_is() {
    assert_eq!(
        plain("# a\n\n* b\n", Source::Markdown),
        "# a\r\n\r\n* b\r\n"
    );
}
