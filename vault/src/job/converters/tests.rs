use keyreveal::{Charset, TextForm};

use super::*;

const LIMITS: Limits = Limits {
    input_octets: 1 << 20,
    pixels: 0,
    output_octets: 1 << 20,
    memory: 16 << 20,
    deadline_ms: 1,
};

fn plain(media_type: &str, charset: Option<&str>, octets: &[u8]) -> Result<String, Failure> {
    let source = Source {
        media_type,
        charset,
        header: None,
        octets,
    };
    let made = text(&source, InnerType::Plain, &TextForm::default(), LIMITS)?;
    Ok(String::from_utf8(made.octets.expose().to_vec()).unwrap())
}

/// Under every label of WHATWG's, whatever it is made of: a text comes, or the charset is the reason.
#[test]
fn every_label_can_be_asked_for() {
    let labels = include_str!("../../../../charset/labels/whatwg.txt");
    let source = Source {
        media_type: "text/plain",
        charset: None,
        header: None,
        octets: b"a-1",
    };
    let mut refused = Vec::new();
    for label in labels.split_ascii_whitespace() {
        let form = TextForm {
            charset: Charset::new(label),
            ..TextForm::default()
        };
        assert!(form.charset.is_some(), "{label}");
        match text(&source, InnerType::Plain, &form, LIMITS) {
            Ok(made) => {
                let Measure::Text { charset, .. } = made.measure else {
                    panic!("{label}");
                };
                let written = text::Charset::for_label(label).unwrap();
                assert_eq!(charset.as_str(), written.name());
            }
            Err(reason) => {
                assert_eq!(reason, Failure::Charset, "{label}");
                refused.push(label);
            }
        }
    }
    assert_eq!(refused.len(), 6, "{refused:?}");
}

/// The charset that a client asks for is not at fault where the sender's is odd.
#[test]
fn a_source_in_an_odd_charset_is_guessed_or_not_convertible() {
    for label in ["unknown-8bit", "x-unknown", ""] {
        let guessed = plain("text/plain", Some(label), b"caf\xe9");
        assert_eq!(guessed.as_deref(), Ok("café"), "{label}");
    }
    let unread = plain("text/plain", Some("iso-2022-kr"), b"\x1b$)C");
    assert_eq!(unread, Err(Failure::NotConvertible(SourceKind::Text)));
}

/// RFC 2046 §4.1.4.
#[test]
fn a_text_of_an_unknown_subtype_is_plain() {
    for media_type in ["text/x-patch", "text/xml", "text/css"] {
        let read = plain(media_type, None, b"<a>\n b\n");
        assert_eq!(read.as_deref(), Ok("<a>\r\n b\r\n"), "{media_type}");
    }
    let tabs = plain("text/tab-separated-values", None, b"a\tb\n1\t2\n");
    assert_eq!(tabs.as_deref(), Ok("a | b\r\n--+--\r\n1 | 2\r\n"));
}

/// A table on the wire: what is long pads nothing, and never takes the header away.
#[test]
fn a_long_cell_costs_what_it_is_long() {
    let rows: String = (0..100).map(|n| format!("{n},b{n}\n")).collect();
    let long = "x".repeat(230);
    let input = format!("Number,Name\n{long},y\n{rows}");
    let table = plain("text/csv", None, input.as_bytes()).unwrap();
    assert!(
        table.starts_with("Number | Name\r\n-------+-----\r\nxxx"),
        "{table}"
    );
    assert!(table.ends_with("99     | b99\r\n"), "{table}");
    let longer = "x y ".repeat(80);
    let input = format!("Number,Name\n{longer},y\n{rows}");
    let table = plain("text/csv", None, input.as_bytes()).unwrap();
    assert!(
        table.ends_with("\r\n\r\nNumber: 99\r\nName: b99\r\n"),
        "{table}"
    );
}
