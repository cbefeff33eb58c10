use proptest::collection::vec;
use proptest::prelude::*;

use super::super::describe::{self, Detail};
use super::*;

const NESTED: &[u8] = b"Subject: x\r\n\
        Content-Type: multipart/mixed; boundary=\"a\"\r\n\r\n\
        preamble\r\n--a\r\n\r\none\r\ntwo\r\n--a\r\n\
        Content-Type: message/rfc822\r\n\r\n\
        Subject: inner\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n\
        --ab\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--ab--\r\n\
        --a--\r\nepilogue\r\n";

fn structure(runs: &[&[u8]]) -> Structure {
    let mut builder = Builder::new();
    for run in runs {
        builder.push(run);
    }
    let octets = builder.finish();
    Structure {
        octets,
        line_ends: LineEnds::Crlf,
        message: builder.message(0),
    }
}

fn body<'a>(octets: &'a [u8], structure: &Structure, numbers: &[u32]) -> &'a [u8] {
    let part = structure.part(numbers.iter().copied()).unwrap();
    &octets[part.body.start as usize..part.body.end as usize]
}

#[test]
fn parts_are_found_where_they_are() {
    let found = structure(&[NESTED]);
    assert_eq!(body(NESTED, &found, &[1]), b"one\r\ntwo");
    assert_eq!(found.part([1]).unwrap().lines, 1);
    assert!(body(NESTED, &found, &[2]).starts_with(b"Subject: inner"));
    assert_eq!(body(NESTED, &found, &[2, 1]), b"AAAA");
    assert!(found.part([2, 1]).unwrap().fields.is("image"));
    assert_eq!(found.octets, NESTED.len() as u64);
    for absent in [&[3][..], &[0], &[1, 1], &[2, 2], &[2, 1, 1]] {
        assert!(found.part(absent.iter().copied()).is_none(), "{absent:?}");
    }
}

#[test]
fn the_structure_does_not_depend_on_where_reads_end() {
    let whole = structure(&[NESTED]);
    for cut in 0..=NESTED.len() {
        let (first, second) = NESTED.split_at(cut);
        assert_eq!(structure(&[first, second]), whole, "cut at {cut}");
    }
}

#[test]
fn part_one_of_a_plain_message_is_its_body() {
    let message = b"Subject: x\r\n\r\nbody\r\n";
    let found = structure(&[message]);
    assert_eq!(body(message, &found, &[1]), b"body\r\n");
    assert!(found.part([1, 1]).is_none() && found.part([2]).is_none());
}

#[test]
fn an_inner_message_without_a_body_lies_within_its_part() {
    let digest = b"Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n\r\n--b--\r\n";
    let found = structure(&[digest]);
    is_within(&found.message.root, &(0..digest.len() as u64));
}

#[test]
fn a_message_cut_off_anywhere_still_has_a_structure() {
    for cut in 0..=NESTED.len() {
        let found = structure(&[&NESTED[..cut]]);
        let root = &found.message.root;
        assert!(
            root.header.end <= root.body.start && root.body.end == cut as u64,
            "cut at {cut}"
        );
    }
}

#[test]
fn nesting_and_parts_are_bounded() {
    let mut deep = Vec::new();
    for level in 0..1000 {
        deep.extend_from_slice(
            format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")
                .as_bytes(),
        );
    }
    let mut levels = 0;
    let found = structure(&[&deep]);
    let mut part = &found.message.root;
    while let Content::Multipart(children) = &part.content {
        part = &children[0];
        levels += 1;
    }
    assert!(levels < DEEPEST && part.fields.is("application"));
    let many = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n{}",
        "--b\r\n\r\n".repeat(5000)
    );
    let found = structure(&[many.as_bytes()]);
    let Content::Multipart(children) = &found.message.root.content else {
        panic!("no multipart")
    };
    assert!(children.len() < MOST_PARTS);
}

/// Lines of which MIME is made, in any order.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let line = prop_oneof![
        Just("Content-Type: multipart/mixed; boundary=a\r\n"),
        Just("Content-Type: multipart/digest; boundary=\"a b\"\r\n"),
        Just("Content-Type: message/rfc822\r\n"),
        Just("Content-Type: text/plain (\r\n"),
        Just("--a\r\n"),
        Just("--a--\r\n"),
        Just("--a b\r\n"),
        Just("\r\n"),
        Just("From: <@,:;\"(\r\n"),
        Just("text\r\n"),
        Just("text"),
    ];
    vec(line, 0..40).prop_map(|lines| lines.concat().into_bytes())
}

fn is_within(part: &Part, range: &std::ops::Range<u64>) {
    assert!(range.start <= part.header.start && part.header.start <= part.header.end);
    assert!(part.header.end <= part.body.start && part.body.start <= part.body.end);
    assert!(part.body.end <= range.end, "{part:?} in {range:?}");
    match &part.content {
        Content::Leaf => {}
        Content::Multipart(children) => children
            .iter()
            .for_each(|child| is_within(child, &part.body)),
        Content::Message(message) => is_within(&message.root, &part.body),
    }
}

proptest! {
    /// Whatever a message holds, every part lies within its parent, and IMAP's words for it can be read again.
    #[test]
    fn every_message_has_a_structure_that_fits(octets in prop_oneof![lines(), vec(any::<u8>(), 0..400)]) {
        let found = structure(&[&octets]);
        is_within(&found.message.root, &(0..octets.len() as u64));
        let described = describe::body_structure(&found.message.root, Detail::Extended);
        prop_assert!(wire::imap::BodyStructure::parse(&described.encode()).is_ok());
        let envelope = describe::of_message(&found.message);
        prop_assert_eq!(envelope.sender.is_empty(), envelope.from.is_empty());
    }
}
