//! The readers of text and documents, on anything: no panic, no more octets than were asked for, and what is cleaned stays clean.

use std::num::NonZeroUsize;
use std::time::Duration;

use transcoder::text::{Columns, Declared, Parameters, Source, Target, convert, header};
use transcoder::{Budget, Charset, Refusal};

const ASKED: usize = 4000;

fn budget() -> Budget {
    Budget {
        input_octets: 1 << 20,
        pixels: 1 << 20,
        samples: 0,
        output_octets: 1 << 20,
        memory: 32 << 20,
    }
}

fn holds(octets: &[u8], from: Source) {
    let ascii = Charset::for_label("us-ascii").expect("a charset");
    let usual = Parameters::USUAL;
    let replaced = Parameters {
        charset: ascii,
        unknown_character_replacement: Some(HOSTILE),
        columns: Columns::Unbroken,
        ..usual
    };
    let jis = Parameters {
        charset: Charset::for_label("iso-2022-jp").expect("a charset"),
        unknown_character_replacement: Some("?"),
        ..usual
    };
    for to in Target::ALL {
        for (parameters, octets_asked) in [
            (usual, None),
            (usual, NonZeroUsize::new(ASKED)),
            (replaced, NonZeroUsize::new(ASKED)),
            (jis, NonZeroUsize::new(ASKED)),
        ] {
            let parameters = Parameters {
                octets: octets_asked,
                ..parameters
            };
            let declared = Declared::default();
            let text = convert(octets, from, declared, to, &parameters, &mut budget());
            if let (Ok(text), Some(asked)) = (&text, octets_asked) {
                assert!(text.octets.len() <= asked.get());
            }
            // What is cut is cut beforehand, whatever a character takes.
            let fits = !matches!(text, Err(Refusal::CannotFit));
            assert!(fits, "of {ASKED} octets");
            if let (Ok(text), Target::Html) = (&text, to)
                && parameters.charset != jis.charset
            {
                is_clean(text.octets.expose());
            }
        }
    }
}

/// What a client could ask to stand for a character that the charset lacks.
const HOSTILE: &str = "<img src=//x.yz>\"";

/// No tag but those that are written, and no attribute that anything is fetched by.
fn is_clean(page: &[u8]) {
    let page = std::str::from_utf8(page).expect("it is written in UTF-8 or ASCII");
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or("");
        assert!(WRITTEN.contains(&name), "{tag}");
        // Every value is quoted, and what is outside of quotes is a name.
        let mut names = tag.split('"').step_by(2).skip(1);
        assert!(names.all(|name| [" alt=", ""].contains(&name)), "{tag}");
        let known = ["img src=\"cid:", "a href=\"", "meta charset=\""];
        let valued = tag.contains('"') || tag.contains('=');
        assert!(
            !valued || name == "!DOCTYPE" || known.iter().any(|own| tag.starts_with(own)),
            "{tag}"
        );
    }
}

const WRITTEN: [&str; 34] = [
    "!DOCTYPE",
    "html",
    "head",
    "meta",
    "title",
    "body",
    "p",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "table",
    "tr",
    "th",
    "td",
    "b",
    "i",
    "u",
    "s",
    "code",
    "sub",
    "sup",
    "a",
    "img",
    "",
    "html",
    "head",
    "body",
];

/// Octets made of the words that a format knows.
fn bent(picks: &[u8], words: &[&str]) -> Vec<u8> {
    let mut octets = Vec::new();
    for pick in picks {
        match words.get(usize::from(*pick)) {
            Some(word) => octets.extend_from_slice(word.as_bytes()),
            None => octets.push(*pick),
        }
    }
    octets
}

#[test]
fn html() {
    let words = [
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<ul>",
        "<li>",
        "</ul>",
        "<b>",
        "</b>",
        "<a href=",
        "http://x",
        "</a>",
        "<img src=",
        "cid:",
        " alt=",
        "<p>",
        "<pre>",
        "</pre>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<title>",
        "&amp",
        ";",
        "&#x",
        "\"",
        "'",
        ">",
        " ",
        "<svg",
        "/",
        "=",
        "é",
        "日",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(2))
        .for_each(|picks: &[u8]| holds(&bent(picks, &words), Source::Html));
}

#[test]
fn enriched_and_csv() {
    let words = [
        "<bold>", "</bold>", "<param>", "</param>", "<<", "<nofill>", "\n", "\"", ",", ";", "\t",
        "é", "日",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|picks: &[u8]| {
            let octets = bent(picks, &words);
            for from in [
                Source::Enriched,
                Source::RichText,
                Source::Csv,
                Source::Tsv,
                Source::Plain,
            ] {
                holds(&octets, from);
            }
        });
}

#[test]
fn calendar_and_vcard() {
    let words = [
        "BEGIN:VEVENT\n",
        "END:VEVENT\n",
        "DTSTART",
        "DTEND",
        "RRULE:FREQ=DAILY",
        ";TZID=\"",
        ":",
        ";",
        "20261124",
        "T101500Z",
        "\n ",
        "\n",
        "ATTENDEE",
        "BEGIN:VCARD\n",
        "N",
        "TEL",
        "ORG",
        ";ENCODING=QUOTED-PRINTABLE",
        "=C3",
        "=\n",
        "\\n",
        "\\",
        ",",
        "BYDAY=-1MO",
        "END:VCARD\n",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|picks: &[u8]| {
            let octets = bent(picks, &words);
            holds(&octets, Source::Calendar);
            holds(&octets, Source::Vcard);
        });
}

#[test]
fn rtf() {
    let words = [
        "{",
        "}",
        "\\par ",
        "\\trowd ",
        "\\intbl ",
        "\\pard ",
        "\\cell ",
        "\\row ",
        "\\b ",
        "\\b0 ",
        "\\plain ",
        "\\'e9",
        "\\'93\\'fa",
        "\\u8364?",
        "\\u-10179 ",
        "\\u-8704 ",
        "\\uc3 ",
        "\\bin3 ",
        "\\*",
        "\\fonttbl",
        "\\f1",
        "\\fcharset128 ",
        "\\ansicpg932 ",
        "{\\field{\\*\\fldinst HYPERLINK \"http://a.example\"}",
        "{\\fldrslt ",
        "{\\listtext \\'b7}",
        "\\ilvl2 ",
        "\\outlinelevel1 ",
        "{\\*\\shpinst{\\shptxt ",
        "{\\upr{a}{\\*\\ud ",
        "\\v ",
        "\\line ",
        "\\sa9 ",
        "a",
        " ",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(2))
        .for_each(|picks: &[u8]| {
            let mut octets = b"{\\rtf1 ".to_vec();
            octets.extend(bent(picks, &words));
            holds(&octets, Source::Rtf);
        });
}

#[test]
fn documents() {
    let seeds: [(Source, &[u8]); 6] = [
        (Source::Docx, include_bytes!("documents/letter.docx")),
        (Source::Xlsx, include_bytes!("documents/book.xlsx")),
        (Source::Pptx, include_bytes!("documents/talk.pptx")),
        (Source::Odt, include_bytes!("documents/letter.odt")),
        (Source::Ods, include_bytes!("documents/book.ods")),
        (Source::Odp, include_bytes!("documents/talk.odp")),
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|changes: &[u8]| {
            for (from, seed) in seeds {
                let mut octets = seed.to_vec();
                for change in changes.chunks(3).take(4) {
                    if let [high, low, to] = change {
                        let at = usize::from(*high) << 8 | usize::from(*low);
                        let len = octets.len();
                        octets[at % len] = *to;
                    }
                }
                holds(&octets, from);
            }
        });
}

/// The content of a page as a stranger would write it. A panic of the library would end a vault, so none may be known here.
#[test]
fn pdf() {
    let words = [
        "BT ",
        " ET ",
        "/F 10 Tf ",
        "(a)",
        "[(b) -300 (c)]",
        " Tj ",
        " TJ ",
        " Td ",
        " Tm ",
        " cm ",
        " q ",
        " Q ",
        "/X Do ",
        " re f ",
        " W n ",
        "1 ",
        "0 ",
        "-1e9 ",
        "100 ",
        " sh ",
        " gs ",
        "<",
        ">",
        "[",
        "]",
        " BI /W 2 /H 2 ID ",
        " EI ",
        " scn ",
        "/Pattern cs ",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(2))
        .for_each(|picks: &[u8]| {
            let content = bent(picks, &words);
            let mut octets = PDF.as_bytes().to_vec();
            octets.extend(format!("5 0 obj<</Length {}>>stream\n", content.len()).into_bytes());
            octets.extend(content);
            octets.extend(b"\nendstream endobj\ntrailer<</Root 1 0 R>>");
            holds(&octets, Source::Pdf);
            drop(transcoder::text::pdf::first_page(
                &octets,
                40,
                &mut budget(),
            ));
        });
}

const PDF: &str = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
    2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
    3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 5 0 R/Resources\
    <</Font<</F 4 0 R>>/XObject<</X 5 0 R>>>>>>endobj\n\
    4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>endobj\n";

#[test]
fn any_octets() {
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|octets: &[u8]| {
            for from in Source::all() {
                holds(octets, from);
            }
        });
}

#[test]
fn headers() {
    let words = [
        "Subject: ",
        "Content-Type: ",
        "=?",
        "?=",
        "utf-8",
        "?Q?",
        "?B?",
        "\r\n",
        "\r\n ",
        "; name",
        "*0",
        "*=",
        "utf-8''",
        "%E4",
        "\"",
        "=C3",
        "=A4",
        " ",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|picks: &[u8]| {
            let block = bent(picks, &words);
            for label in ["utf-8", "iso-2022-jp", "us-ascii"] {
                let charset = Charset::for_label(label).expect("a charset");
                drop(header::convert(&block, charset, Some("?"), &mut budget()));
            }
        });
}
