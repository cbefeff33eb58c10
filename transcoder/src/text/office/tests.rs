use flate2::{Crc, write::DeflateEncoder};
use std::io::Write;

use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;
use crate::text::tests::{budget, converted};
use crate::text::{Declared, Parameters, Source, Target, convert};

macro_rules! document {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/documents/", $name))
    };
}

fn text(octets: &[u8], from: Source) -> String {
    converted(octets, from, Target::Plain).unwrap()
}

fn refused(octets: &[u8], from: Source) -> Option<Refusal> {
    let to = Target::Plain;
    convert(
        octets,
        from,
        Declared::default(),
        to,
        &Parameters::USUAL,
        &mut budget(),
    )
    .err()
}

#[test]
fn a_letter_of_word_is_read() {
    let expected = "Report\r\n\r\nTea & cake are good, see this[1].\r\n\r\n\
        - one\r\n  - inner\r\n- two\r\n\r\n\
        Item | Price\r\nTea  | 1 €\r\n\r\nEnd\r\n\r\n[1] https://example.org/?a=1&b=2\r\n";
    assert_eq!(text(document!("letter.docx"), Source::Docx), expected);
    let page = converted(document!("letter.docx"), Source::Docx, Target::Html).unwrap();
    assert!(
        page.contains("<h1>Report</h1>") && page.contains("<b>good</b>"),
        "{page}"
    );
    assert!(
        page.contains("<a href=\"https://example.org/?a=1&amp;b=2\">this</a>"),
        "{page}"
    );
}

#[test]
fn a_workbook_shows_values_as_its_cells_do() {
    let expected = "Sales\r\n\r\nDay        | Sum | Share\r\n2026-11-24 | 0.3 | 50%\r\n";
    assert_eq!(text(document!("book.xlsx"), Source::Xlsx), expected);
}

/// The first row of a sheet says nothing of itself, but that it could be names: where rows are told field by field, it is.
#[test]
fn a_sheet_of_long_cells_has_its_first_row_for_a_header() {
    let told = |note: &str| {
        let cell = |text: &str| format!("<c t='inlineStr'><is><t>{text}</t></is></c>");
        let row = |cells: [&str; 2]| format!("<row>{}</row>", cells.map(cell).concat());
        let rows = [row(["Name", "Note"]), row(["Li", note])].concat();
        let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
        let book = "<workbook xmlns:r='r'><sheets><sheet name='S' r:id='a'/></sheets></workbook>";
        let parts = "<Relationships><Relationship Id='a' Target='s.xml'/></Relationships>";
        let entries = [
            ("xl/workbook.xml", book),
            ("xl/_rels/workbook.xml.rels", parts),
            ("xl/s.xml", &sheet),
        ];
        let octets = archive(&entries.map(|(name, content)| Entry {
            name,
            content: content.as_bytes(),
            size: u32::try_from(content.len()).unwrap(),
        }));
        text(&octets, Source::Xlsx)
    };
    let long = "word ".repeat(60);
    let shown = told(&long);
    assert!(
        shown.starts_with("S\r\n\r\nName: Li\r\nNote: word word"),
        "{shown}"
    );
    assert_eq!(told("b"), "S\r\n\r\nName | Note\r\nLi   | b\r\n");
}

#[test]
fn slides_come_in_the_order_of_the_talk() {
    let expected = "Slide 1\r\n\r\nFirst\r\n\r\npoint one\r\npoint two\r\n\r\n\
        Slide 2\r\n\r\nSecond\r\n\r\nlast words\r\n";
    assert_eq!(text(document!("talk.pptx"), Source::Pptx), expected);
}

#[test]
fn open_documents_are_read() {
    let expected = "Report\r\n\r\nTea and cake[1]\r\n\r\n- one\r\n  - inner\r\n\r\n\
        Item | Price\r\nTea  | 1 €\r\n\r\n[1] https://example.org/\r\n";
    assert_eq!(text(document!("letter.odt"), Source::Odt), expected);
    let expected = "Sales\r\n\r\nDay |   | Sum\r\n7   | 7 | 14\r\n";
    assert_eq!(text(document!("book.ods"), Source::Ods), expected);
    assert_eq!(
        text(document!("talk.odp"), Source::Odp),
        "Start\r\n\r\nFirst words\r\n"
    );
}

struct Entry<'a> {
    name: &'a str,
    content: &'a [u8],
    size: u32,
}

/// An archive of deflated entries that announce the sizes given.
fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut octets, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(entry.content).unwrap();
        let deflated = encoder.finish().unwrap();
        let mut sum = Crc::new();
        sum.update(entry.content);
        let mut header = vec![20, 0, 0, 0, 8, 0, 0, 0, 0, 0];
        header.extend(sum.sum().to_le_bytes());
        header.extend(u32::try_from(deflated.len()).unwrap().to_le_bytes());
        header.extend(entry.size.to_le_bytes());
        header.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        header.extend([0, 0]);
        let at = u32::try_from(octets.len()).unwrap();
        octets.extend(b"PK\x03\x04");
        octets.extend(&header);
        octets.extend(entry.name.as_bytes());
        octets.extend(&deflated);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&header);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(entry.name.as_bytes());
    }
    let from = u32::try_from(octets.len()).unwrap();
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    octets.extend(&directory);
    octets.extend(b"PK\x05\x06\0\0\0\0");
    octets.extend([count, count].concat());
    octets.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    octets.extend(from.to_le_bytes());
    octets.extend([0, 0]);
    octets
}

fn of_word(content: &[u8]) -> Vec<u8> {
    archive(&[Entry {
        name: "word/document.xml",
        content,
        size: u32::try_from(content.len()).unwrap(),
    }])
}

fn said(text: &str) -> String {
    format!("<d><p><r><t>{text}</t></r></p></d>")
}

#[test]
fn billions_of_laughs_are_not_laughed() {
    assert_eq!(
        text(&of_word(said("a&#33;").as_bytes()), Source::Docx),
        "a!\r\n"
    );
    let declared = format!("<!DOCTYPE d>{}", said("a"));
    assert_eq!(
        refused(&of_word(declared.as_bytes()), Source::Docx),
        Some(Refusal::Damaged)
    );
    let mut laughs = "<!DOCTYPE d [<!ENTITY l0 \"lol\">".to_owned();
    for n in 1..10 {
        let ten = format!("&l{};", n - 1).repeat(10);
        laughs.push_str(&format!("<!ENTITY l{n} \"{ten}\">"));
    }
    laughs.push_str("]>");
    laughs.push_str(&said("&l9;"));
    let refusal = refused(&of_word(laughs.as_bytes()), Source::Docx);
    assert_eq!(refusal, Some(Refusal::Damaged));
    let unknown = of_word(said("&l9;").as_bytes());
    assert_eq!(refused(&unknown, Source::Docx), Some(Refusal::Damaged));
}

#[test]
fn a_bomb_is_refused_before_it_is_inflated() {
    let zeros = vec![b' '; 100 << 20];
    let bomb = of_word(&zeros);
    assert!(bomb.len() < 200_000);
    let refusal = refused(&bomb, Source::Docx);
    assert_eq!(refusal, Some(Refusal::Exceeded(Resource::Memory)));
    // One that lies about its size.
    let liar = archive(&[Entry {
        name: "word/document.xml",
        content: &zeros,
        size: 1000,
    }]);
    assert_eq!(refused(&liar, Source::Docx), Some(Refusal::Damaged));
}

#[test]
fn a_budget_of_memory_is_for_all_entries_together() {
    let content = said(&"many different words 0123456789 ".repeat(3000));
    let mut small = Budget {
        memory: 100_000,
        ..budget()
    };
    let octets = of_word(content.as_bytes());
    let converted = convert(
        &octets,
        Source::Docx,
        Declared::default(),
        Target::Plain,
        &Parameters::USUAL,
        &mut small,
    );
    assert_eq!(converted.err(), Some(Refusal::Exceeded(Resource::Memory)));
}

#[test]
fn depth_and_damage_have_their_reasons() {
    let deep = of_word("<p>".repeat(100_000).as_bytes());
    assert_eq!(
        refused(&deep, Source::Docx),
        Some(Refusal::Exceeded(Resource::Depth))
    );
    let open = of_word(b"<d><p>");
    assert_eq!(refused(&open, Source::Docx), Some(Refusal::Damaged));
    assert_eq!(
        refused(b"%PDF-1.4", Source::Docx),
        Some(Refusal::DeclaredOtherwise)
    );
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    assert_eq!(refused(old, Source::Docx), Some(Refusal::Unsupported));
    let other = document!("book.ods");
    assert_eq!(
        refused(other, Source::Docx),
        Some(Refusal::DeclaredOtherwise)
    );
    let cut = &document!("letter.docx")[..1000];
    assert_eq!(refused(cut, Source::Docx), Some(Refusal::Damaged));
}

#[test]
fn one_changed_octet_is_noticed() {
    let mut octets = of_word(said("word").as_bytes());
    let at = octets.windows(4).position(|four| four == b"word").unwrap() + 30;
    octets[at] ^= 1;
    assert_eq!(refused(&octets, Source::Docx), Some(Refusal::Damaged));
}

/// A few octets can say a long string again and again.
#[test]
fn strings_said_again_and_again_are_counted() {
    let long: String = (0..30_000).map(|n| format!("{} ", n * n)).collect();
    let strings = format!("<sst><si><t>{long}</t></si></sst>");
    let cells = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>0</v></c></row>".repeat(1000);
    let sheet = format!("<worksheet>{cells}</worksheet>");
    let workbook = "<workbook><sheets><sheet name=\"a\" id=\"r1\"/></sheets></workbook>";
    let rels = "<R><Relationship Id=\"r1\" Target=\"s.xml\"/></R>";
    let parts: [(&str, &str); 4] = [
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", rels),
        ("xl/sharedStrings.xml", &strings),
        ("xl/s.xml", &sheet),
    ];
    let entries = parts.map(|(name, content)| Entry {
        name,
        content: content.as_bytes(),
        size: u32::try_from(content.len()).unwrap(),
    });
    let refusal = refused(&archive(&entries), Source::Xlsx);
    assert_eq!(refusal, Some(Refusal::Exceeded(Resource::Output)));
}
