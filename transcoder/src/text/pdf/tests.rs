use flate2::write::ZlibEncoder;
use std::fmt::Write as _;
use std::io::Write as _;

use super::first_page;
use crate::budget::{Budget, Resource};
use crate::refusal::Refusal;
use crate::text::tests::{budget, converted};
use crate::text::{Declared, Extent, Parameters, Source, Target, convert};

/// A PDF of these objects, the first of which is the catalog.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut octets = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", octets.len()).unwrap();
        octets.extend(format!("{} 0 obj\n", index + 1).as_bytes());
        octets.extend(object);
        octets.extend(b"\nendobj\n");
    }
    let at = octets.len();
    octets.extend(table.as_bytes());
    let size = objects.len() + 1;
    let trailer = format!("trailer\n<</Root 1 0 R/Size {size}>>\nstartxref\n{at}\n%%EOF\n");
    octets.extend(trailer.as_bytes());
    octets
}

fn stream(dictionary: &str, content: &[u8]) -> Vec<u8> {
    let mut object = format!("<<{dictionary}/Length {}>>\nstream\n", content.len()).into_bytes();
    object.extend(content);
    object.extend(b"\nendstream");
    object
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// One page of 200 by 100 points that draws `content`; further objects begin at 6.
fn page(content: Vec<u8>, further: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 5 0 R\
          /Resources<</Font<</F 4 0 R>>/XObject<</X 6 0 R>>>>>>"
            .to_vec(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>".to_vec(),
        content,
    ];
    objects.extend_from_slice(further);
    pdf(&objects)
}

const WORDS: &[u8] =
    b"BT /F 10 Tf 10 80 Td (Caf\xe9 costs) Tj 60 0 Td (2 \x80) Tj -60 -12 Td (second line) Tj \
    0 -40 Td (far below) Tj ET 0 0 0 rg 0 0 20 20 re f";

fn text(octets: &[u8]) -> Result<String, Refusal> {
    converted(octets, Source::Pdf, Target::Plain)
}

#[test]
fn words_lines_and_paragraphs_come_of_where_glyphs_stand() {
    let expected = "Café costs 2 €\r\nsecond line\r\n\r\nfar below\r\n";
    assert_eq!(text(&page(stream("", WORDS), &[])).unwrap(), expected);
    let small = stream("/Filter/FlateDecode", &deflated(WORDS));
    assert_eq!(text(&page(small, &[])).unwrap(), expected);
}

#[test]
fn the_first_page_is_drawn_on_white() {
    let drawn = first_page(&page(stream("", WORDS), &[]), 400, &mut budget()).unwrap();
    assert_eq!((drawn.width, drawn.height), (400, 200));
    let pixel = |x: usize, y: usize| &drawn.samples[(y * 400 + x) * 3..][..3];
    assert_eq!(pixel(390, 190), [255, 255, 255]);
    assert_eq!(pixel(10, 190), [0, 0, 0]);
    let words = drawn.samples[..400 * 60 * 3].iter();
    assert!(words.filter(|sample| **sample < 128).count() > 100);
}

#[test]
fn a_page_is_paid_for_before_it_is_drawn() {
    let octets = page(stream("", WORDS), &[]);
    let mut few = Budget {
        pixels: 1000,
        ..budget()
    };
    let refused = first_page(&octets, 400, &mut few).err();
    assert_eq!(refused, Some(Refusal::Exceeded(Resource::Pixels)));
    let mut little = Budget {
        memory: 100_000,
        ..budget()
    };
    let refused = first_page(&octets, 400, &mut little).err();
    assert_eq!(refused, Some(Refusal::Exceeded(Resource::Memory)));
    let none = first_page(&octets, 0, &mut budget()).err();
    assert_eq!(none, Some(Refusal::Damaged));
}

#[test]
fn a_bomb_is_measured_before_it_is_read() {
    let bomb = deflated(&vec![b' '; 300 << 20]);
    let once = page(stream("/Filter/FlateDecode", &bomb), &[]);
    assert!(once.len() < 1 << 20);
    assert_eq!(text(&once), Err(Refusal::Exceeded(Resource::Memory)));
    let twice = deflated(&bomb);
    let twice = page(stream("/Filter[/FlateDecode/FlateDecode]", &twice), &[]);
    assert_eq!(text(&twice), Err(Refusal::Unsupported));
}

#[test]
fn loops_end() {
    let own = stream(
        "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>",
        b"/X Do",
    );
    text(&page(stream("", b"/X Do"), &[own])).unwrap();
    let pages = pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>".to_vec(),
    ]);
    drop(text(&pages));
    drop(first_page(&pages, 100, &mut budget()));
}

#[test]
fn what_is_no_pdf_or_wants_a_password_has_its_reason() {
    assert_eq!(text(b"PK\x03\x04"), Err(Refusal::DeclaredOtherwise));
    assert_eq!(text(b"%PDF-1.7 and nothing else"), Err(Refusal::Damaged));
}

#[test]
fn a_long_document_is_cut_where_it_is_full() {
    let parameters = Parameters {
        octets: std::num::NonZeroUsize::new(25),
        ..Parameters::USUAL
    };
    let octets = page(stream("", WORDS), &[]);
    let to = Target::Plain;
    let text = convert(
        &octets,
        Source::Pdf,
        Declared::default(),
        to,
        &parameters,
        &mut budget(),
    )
    .unwrap();
    assert_eq!(text.extent, Extent::Cut);
    assert!(text.octets.expose().starts_with("Café costs".as_bytes()));
}

/// Each of 25 forms draws the next one twice: 33 million drawings of four kilobytes.
#[test]
fn forms_that_multiply_are_counted() {
    let form = |next: usize| {
        let resources = format!("/Resources<</XObject<</X {next} 0 R>>>>");
        let dictionary = format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]{resources}");
        stream(&dictionary, b"/X Do /X Do")
    };
    let forms: Vec<Vec<u8>> = (7..32).map(form).collect();
    let octets = page(stream("", b"/X Do"), &forms);
    assert!(octets.len() < 5000);
    let refusal = Refusal::Exceeded(Resource::Elements);
    assert_eq!(text(&octets), Err(refusal));
    let drawn = first_page(&octets, 100, &mut budget());
    assert_eq!(drawn.err(), Some(refusal));
}
