use proptest::prelude::*;

use super::super::tests::{budget, converted, plain};
use super::super::{Source, Target};
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;
use crate::text::{Declared, Parameters, convert};

fn read(content: &str) -> String {
    plain(&format!("{{\\rtf1\\ansi {content}}}"), Source::Rtf)
}

fn page(content: &str) -> String {
    let document = format!("{{\\rtf1\\ansi {content}}}");
    converted(document.as_bytes(), Source::Rtf, Target::Html).unwrap()
}

/// As Windows' WordPad writes it.
const LETTER: &str = "{\\rtf1\\ansi\\ansicpg1252\\deff0\\nouicompat\\deflang1031{\\fonttbl{\\f0\\fnil\\fcharset0 Calibri;}\
    {\\f1\\fnil\\fcharset204{\\*\\fname Arial;}Arial CYR;}}\r\n{\\colortbl ;\\red255\\green0\\blue0;}\r\n\
    {\\*\\generator Riched20 10.0.19041}\\viewkind4\\uc1 \r\n\
    \\pard\\sa200\\sl276\\slmult1\\cf1\\b\\f0\\fs22\\lang7 Gr\\'fc\\'dfe\\cf0\\b0  an\\line alle\\par\r\n\
    \\f1\\'cf\\'f0\\'e8\\'e2\\'e5\\'f2\\f0\\lang1031  \\u8364?5\\par\r\n}\r\n\0";

#[test]
fn a_letter_is_its_paragraphs() {
    let expected = "Grüße an\r\nalle\r\n\r\nПривет €5\r\n";
    assert_eq!(plain(LETTER, Source::Rtf), expected);
    let page = converted(LETTER.as_bytes(), Source::Rtf, Target::Html).unwrap();
    assert!(
        page.contains("<b>Grüße</b> an<br>\r\nalle\r\n<p>Привет €5"),
        "{page}"
    );
}

#[test]
fn lines_are_lines_and_an_empty_one_is_a_paragraph_s_end() {
    assert_eq!(
        read("a\\par b\\par\\par c\\\nd"),
        "a\r\nb\r\n\r\nc\r\nd\r\n"
    );
    assert_eq!(
        read("a\\tab b\\~c\\_d\\-e\\{\\}\\\\"),
        "a b\u{a0}c-de{}\\\r\n"
    );
    assert_eq!(read("a\\emdash b\\rquote s\\page c"), "a—b’s\r\n\r\nc\r\n");
}

#[test]
fn octets_are_in_the_charset_of_their_font_or_their_document() {
    let japanese = "{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset128 B;}{\\f2\\fnil\\cpg1253 C;}}\
        \\f1\\'93\\'fa\\'96{\\f0\\'e9}\\f1\\'93\\'fan\\f2\\'e1";
    // The second character ends before its second octet.
    assert_eq!(read(japanese), "日\u{fffd}é日nα\r\n");
    let document = "{\\rtf1\\ansi\\ansicpg1251\\deff1{\\fonttbl{\\f1 A;}}\\'e9}";
    assert_eq!(plain(document, Source::Rtf), "й\r\n");
    assert_eq!(plain("{\\rtf1\\mac \\'8e}", Source::Rtf), "é\r\n");
    assert_eq!(plain("{\\rtf1\\pc a\\'82b}", Source::Rtf), "a\u{fffd}b\r\n");
    let signs = "{\\fonttbl{\\f9\\fcharset2 Wingdings;}}a {\\f9 J\\'fc}b";
    assert_eq!(read(signs), "a J•b\r\n");
}

#[test]
fn what_stands_in_place_of_unicode_is_passed_over() {
    assert_eq!(read("\\u8364?a"), "€a\r\n");
    assert_eq!(read("\\uc2\\u8364\\'80\\'80a\\u233 e a"), "€aéa\r\n");
    assert_eq!(read("\\uc0\\u8364 a"), "€a\r\n");
    assert_eq!(read("{\\uc0\\u233}\\u233?a"), "ééa\r\n");
    assert_eq!(read("\\u8212\\emdash a"), "—a\r\n");
    // A brace or a word ends it.
    assert_eq!(read("\\uc3{\\u233 e}abc"), "éabc\r\n");
    assert_eq!(read("\\uc3\\u233 e\\b abc"), "éabc\r\n");
    assert_eq!(read("\\uc1\\u233\\bin3 {}}a"), "éa\r\n");
    assert_eq!(read("\\u-10179?\\u-8704?"), "😀\r\n");
    assert_eq!(read("\\u128512?"), "😀\r\n");
    assert_eq!(
        read("\\u-10179?a\\u-8704?b\\u-10179?"),
        "\u{fffd}a\u{fffd}b\u{fffd}\r\n"
    );
    assert_eq!(read("\\u-3913?"), "•\r\n");
}

#[test]
fn what_is_no_text_stays_behind() {
    for skipped in [
        "{\\*\\unknown {x}\\b y}",
        "{\\pict\\pngblip 89504e47}",
        "{\\pict\\bin7 }}}}\\b }",
        "{\\header head}{\\footerr foot}{\\footnote note}",
        "{\\info{\\title T}{\\author A}}",
        "{\\stylesheet{\\s1 heading 1;}}",
        "{\\v hidden}{\\deleted gone}\\v b\\v0 ",
        "{\\object\\objemb{\\*\\objclass X}{\\*\\objdata 0105}}",
        "{\\*\\unknown{\\field{\\fldrslt x}}}",
    ] {
        assert_eq!(read(&format!("a{skipped}c")), "ac\r\n", "{skipped}");
    }
    assert_eq!(
        read("{\\object{\\*\\objdata 01}{\\result seen}}"),
        "seen\r\n"
    );
    assert_eq!(
        read("{\\shp{\\*\\shpinst{\\sp{\\sn n}{\\sv v}}{\\shptxt box}}{\\shprslt old}}a"),
        "box\r\na\r\n"
    );
    assert_eq!(read("{\\upr{a?}{\\*\\ud{a\\u233?}}}b"), "aéb\r\n");
}

#[test]
fn a_link_s_text_is_shown_and_its_address_as_html_s_is() {
    let link = "see {\\field{\\*\\fldinst{HYPERLINK \"https://a.example/?x=1&y\" \\\\o \"t\"}}\
        {\\fldrslt{\\ul the page}}}, {\\field{\\*\\fldinst HYPERLINK \"javascript:x\"}{\\fldrslt no}} \
        {\\field{\\*\\fldinst DATE}{\\fldrslt today}}";
    assert_eq!(
        read(link),
        "see the page[1], no today\r\n\r\n[1] https://a.example/?x=1&y\r\n"
    );
    let page = page(link);
    let expected = "<a href=\"https://a.example/?x=1&amp;y\"><u>the page</u></a>, no today";
    assert!(page.contains(expected), "{page}");
}

#[test]
fn rows_are_a_table() {
    let table = "before\\par\\trowd\\cellx100\\cellx200\\pard\\intbl Name\\cell City\\cell\\row\
        \\trowd\\cellx100\\pard\\intbl Li\\par Wu\\cell {\\b B}\\cell\\row\\pard after";
    let expected = "before\r\n\r\nName | City\r\nLi   | B\r\nWu\r\n\r\nafter\r\n";
    assert_eq!(read(table), expected);
    let page = page(table);
    assert!(
        page.contains("<tr><td>Name</td><td>City</td></tr>"),
        "{page}"
    );
    // Its writer forgot `\intbl`.
    assert_eq!(read("\\trowd a\\cell b\\cell\\row c"), "a | b\r\n\r\nc\r\n");
    // A table in a table, as Word writes it.
    let inner = "\\pard\\intbl\\itap2 x\\nestcell{\\nonesttables\\par}y\\nestcell\
        {\\*\\nesttableprops\\trowd\\nestrow}\\pard\\intbl z\\cell\\row";
    assert_eq!(read(inner), "x\r\ny\r\nz\r\n");
}

#[test]
fn headings_and_items_are_what_they_are() {
    let text = "{\\pard\\outlinelevel0 Title\\par}\
        {\\pard{\\listtext\\f3\\'b7\\tab}\\ls1 one\\par{\\listtext\\'b7\\tab}\\ilvl1 two\\par}\
        {\\pard{\\pntext 7.\\tab}seven\\par}end";
    assert_eq!(
        read(text),
        "Title\r\n\r\n- one\r\n  - two\r\n\r\n7. seven\r\nend\r\n"
    );
    let page = page(text);
    assert!(page.contains("<h1>Title</h1>"), "{page}");
    assert!(page.contains("<li>one</li>"), "{page}");
}

#[test]
fn what_is_no_rtf_is_refused_and_what_ends_too_early_ends_there() {
    for octets in [
        &b""[..],
        b"{",
        b"{\\b x}",
        b"text",
        b"\\rtf1 x",
        b"{\\rtfx y}",
    ] {
        let refused = converted(octets, Source::Rtf, Target::Plain);
        assert_eq!(refused, Err(Refusal::DeclaredOtherwise), "{octets:?}");
    }
    assert_eq!(plain(" {\\rtf1 a{\\b b", Source::Rtf), "ab\r\n");
    assert_eq!(plain("{\\rtf1 a}b}{", Source::Rtf), "a\r\n");
}

#[test]
fn groups_are_as_deep_as_is_allowed_and_no_deeper() {
    let nested = |depth: usize| {
        let octets = ["{\\rtf1 ", &"{".repeat(depth), "a"].concat();
        converted(octets.as_bytes(), Source::Rtf, Target::Plain)
    };
    assert_eq!(nested(256).as_deref(), Ok("a\r\n"));
    let deep = Err(Refusal::Exceeded(Resource::Depth));
    assert_eq!(nested(257), deep);
    assert_eq!(nested(1_000_000), deep);
}

#[test]
fn memory_is_paid_for_before_it_is_taken() {
    let mut short = Budget {
        memory: 3000,
        ..budget()
    };
    let document = ["{\\rtf1 ", &"a".repeat(1000), "}"].concat();
    let parameters = Parameters::USUAL;
    let (from, to) = (Source::Rtf, Target::Plain);
    let refused = convert(
        document.as_bytes(),
        from,
        Declared::default(),
        to,
        &parameters,
        &mut short,
    );
    let memory = Refusal::Exceeded(Resource::Memory);
    assert_eq!(refused.err(), Some(memory));
}

/// Each of these would take hours if any of them cost the square of its length.
#[test]
fn time_grows_with_the_length_alone() {
    let fonts: String = (0..100_000)
        .map(|n| format!("{{\\f{n}\\fcharset204 A;}}"))
        .collect();
    for content in [
        "{\\b ".repeat(200) + &"\\i\\i0 a".repeat(400_000),
        "\\u8364?".repeat(400_000),
        "\\trowd a\\cell\\row".repeat(100_000),
        "\\trowd\\cell\\cell".repeat(100_000),
        "{\\field{\\*\\fldinst HYPERLINK \"http://a\"}{\\fldrslt b}}".repeat(50_000),
        format!("{{\\fonttbl{fonts}}}{}", "\\f99999 a".repeat(200_000)),
        "\\bin1".repeat(400_000),
        "{\\listtext a}".repeat(200_000),
    ] {
        let document = format!("{{\\rtf1 {content}");
        drop(converted(document.as_bytes(), Source::Rtf, Target::Plain));
    }
}

proptest! {
    /// Whatever a person writes comes back, in whatever charset its letters were told.
    #[test]
    fn text_written_as_rtf_reads_back(words in prop::collection::vec("[a-zäöüñß€日本😀{}\\\\]{1,12}", 1..20)) {
        let mut told = String::new();
        for character in words.join(" ").chars() {
            match character {
                '{' | '}' | '\\' => told.extend(['\\', character]),
                'ä' | 'ö' | 'ü' | 'ñ' | 'ß' => told.push_str(&format!("\\'{:02x}", u32::from(character))),
                ascii if ascii.is_ascii() => told.push(ascii),
                other => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        told.push_str(&format!("\\u{}?", unit.cast_signed()));
                    }
                }
            }
        }
        let document = format!("{{\\rtf1\\ansi {told}}}");
        let read = plain(&document, Source::Rtf);
        let read: Vec<_> = read.split_whitespace().collect();
        // Between two characters that are wide a line may end.
        prop_assert_eq!(read.concat(), words.concat());
    }
}
