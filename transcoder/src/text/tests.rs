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
    let (declared, parameters) = (Declared::default(), Parameters::USUAL);
    let text = convert(input, from, declared, to, &parameters, &mut budget())?;
    assert_eq!(text.extent, Extent::Whole);
    Ok(String::from_utf8(text.octets.expose().to_vec()).unwrap())
}

pub(super) fn plain(input: &str, from: Source) -> String {
    converted(input.as_bytes(), from, Target::Plain).unwrap()
}

/// Converts a part that is declared to be in a charset.
pub(super) fn declared(
    input: &[u8],
    from: Source,
    charset: Option<&str>,
    to: Target,
    parameters: &Parameters<'_>,
) -> Result<Text, Refusal> {
    let declared = Declared {
        charset,
        ..Declared::default()
    };
    convert(input, from, declared, to, parameters, &mut budget())
}

fn with(
    input: &[u8],
    charset: Option<&str>,
    to: Target,
    parameters: &Parameters<'_>,
) -> Result<Vec<u8>, Refusal> {
    let text = declared(input, Source::Plain, charset, to, parameters)?;
    Ok(text.octets.expose().to_vec())
}

pub(super) fn in_charset(label: &str) -> Parameters<'static> {
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
}

/// RFC 1428 and many a sender: a label that says nothing is as none.
#[test]
fn a_charset_that_nobody_knows_is_guessed() {
    let usual = Parameters::USUAL;
    for label in ["unknown-8bit", "x-unknown", "", "x-nowhere"] {
        for (input, text) in [
            (&b"caf\xe9"[..], "café"),
            ("café".as_bytes(), "café"),
            (b"\xff\xfea\0", "a"),
        ] {
            let octets = with(input, Some(label), Target::Plain, &usual).unwrap();
            assert_eq!(String::from_utf8(octets).unwrap(), text, "{label}");
        }
        let page = b"<meta charset=koi8-r>\xcd\xcf\xd3";
        let said = declared(page, Source::Html, Some(label), Target::Plain, &usual).unwrap();
        assert_eq!(said.octets.expose(), "мос\r\n".as_bytes(), "{label}");
    }
    let unread = with(b"a", Some("ISO-2022-KR"), Target::Plain, &usual);
    assert_eq!(unread, Err(Refusal::UnreadCharset));
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
            let text = declared(input.as_bytes(), from, None, to, &parameters).unwrap();
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

/// What is cut is cut by the octets that its own charset takes, a replacement's among them.
#[test]
fn a_cut_text_has_nearly_the_octets_that_were_asked_for() {
    let cyrillic = "слово за слово ".repeat(1000);
    let japanese = "日本語のとても長い件名。".repeat(1000);
    for (label, input, replacement) in [
        ("koi8-r", &cyrillic, None),
        ("utf-8", &cyrillic, None),
        ("utf-16", &cyrillic, None),
        ("us-ascii", &cyrillic, Some("[unknown char]")),
        ("us-ascii", &cyrillic, Some("?")),
        ("iso-2022-jp", &japanese, None),
        ("shift_jis", &japanese, None),
    ] {
        for from in [Source::Plain, Source::Html] {
            for to in Target::ALL {
                let parameters = Parameters {
                    octets: NonZeroUsize::new(5000),
                    unknown_character_replacement: replacement,
                    ..in_charset(label)
                };
                let text = declared(input.as_bytes(), from, None, to, &parameters).unwrap();
                let len = text.octets.len();
                assert_eq!(text.extent, Extent::Cut, "{label}");
                assert!(
                    (4800..=5000).contains(&len),
                    "{label} {from:?} {to:?}: {len}"
                );
            }
        }
    }
    let parameters = Parameters {
        octets: NonZeroUsize::new(5000),
        ..in_charset("koi8-r")
    };
    let whole = "я".repeat(1000);
    let text = declared(
        whole.as_bytes(),
        Source::Plain,
        None,
        Target::Plain,
        &parameters,
    );
    let text = text.unwrap();
    assert_eq!((text.extent, text.octets.len()), (Extent::Whole, 1000));
}

/// A replacement is a stranger's text too.
#[test]
fn a_replacement_is_no_markup() {
    let parameters = Parameters {
        unknown_character_replacement: Some("<img src=//x.yz>"),
        ..in_charset("us-ascii")
    };
    let input = "ä<a href='http://h/ä'>ö</a>".as_bytes();
    let page = declared(input, Source::Html, None, Target::Html, &parameters).unwrap();
    let page = String::from_utf8(page.octets.expose().to_vec()).unwrap();
    assert_eq!(page.matches("&lt;img src=//x.yz&gt;").count(), 3, "{page}");
    assert!(!page.contains("<img"), "{page}");
    let parameters = Parameters {
        unknown_character_replacement: Some("\" onclick=\"e()"),
        ..in_charset("us-ascii")
    };
    let page = declared(input, Source::Html, None, Target::Html, &parameters).unwrap();
    let page = String::from_utf8(page.octets.expose().to_vec()).unwrap();
    assert!(
        page.contains("href=\"http://h/&quot; onclick=&quot;e()\">"),
        "{page}"
    );
    let plain = declared(input, Source::Html, None, Target::Plain, &parameters).unwrap();
    assert!(plain.octets.expose().starts_with(b"\" onclick=\"e()"));
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
            Declared::default(),
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

/// RFC 1896 §4 and RFC 1341 §7.1.3: commands are told in whatever case.
#[test]
fn what_ends_an_unshown_text_is_told_in_whatever_case() {
    for (input, from) in [
        ("<COLOR><PARAM>red</PARAM>a</COLOR>b", Source::Enriched),
        ("<color><param>a < b</Param>a</color>b", Source::Enriched),
        ("<Comment>no</COMMENT>a<Bold>b</BOLD>", Source::RichText),
    ] {
        assert_eq!(plain(input, from), "ab\r\n", "{input}");
    }
    let never = "<param>x ".repeat(200_000);
    assert!(plain(&never, Source::Enriched).starts_with("x x x"));
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
    let text = declared(input.as_bytes(), Source::Csv, None, to, &wide).unwrap();
    assert_eq!(text.octets.expose().split(|o| *o == b'\n').count(), 4);
}

#[test]
fn markdown_stays_as_it_is() {
    assert_eq!(
        plain("# a\n\n* b\n", Source::Markdown),
        "# a\r\n\r\n* b\r\n"
    );
}
