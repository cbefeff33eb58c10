use super::*;
use crate::frame::{Framer, Limits, Side};
use crate::imap::flag::Flag;
use crate::imap::section::PartPath;

/// What a reader for UID 42, section 2 did: octets relayed, octets of the part, and the answers.
#[derive(Debug, Default, Eq, PartialEq)]
struct Outcome {
    relayed: Vec<u8>,
    announced: Option<u64>,
    part: Option<Vec<u8>>,
    done: Option<PartDone>,
}

fn read(wire: &[u8], cut: usize) -> Outcome {
    let section = Section::part(PartPath::new("2").unwrap());
    let mut reader = PartReader::new(Uid::new(42).unwrap(), section);
    let mut framer = Framer::new(
        Side::Store,
        Limits {
            line: 4096,
            literal: 1 << 30,
        },
    );
    let mut outcome = Outcome::default();
    for mut read in wire.chunks(cut.max(1)) {
        while let Some(frame) = framer.next(&mut read).unwrap() {
            match reader.take(&frame) {
                PartEvent::Relay => outcome.relayed.extend_from_slice(match &frame {
                    Frame::Line(line) => &line.octets,
                    Frame::Octets { run, .. } => run,
                }),
                PartEvent::Taken => {}
                PartEvent::Begin { octets } => {
                    outcome.announced = Some(octets);
                    outcome.part = Some(Vec::new());
                }
                PartEvent::Octets(run) => outcome.part.as_mut().unwrap().extend_from_slice(run),
                PartEvent::Done(done) => outcome.done = Some(done),
                PartEvent::Whole(part, done) => (outcome.part, outcome.done) = (part, Some(done)),
            }
        }
    }
    outcome
}

const RIGHT: PartDone = PartDone {
    uid: UidTold::Right,
    others: None,
};

#[test]
fn the_command_asks_without_marking_as_read() {
    let section = Section::part(PartPath::new("2").unwrap());
    let body = PartReader::new(Uid::new(42).unwrap(), section).command();
    let command = crate::imap::Command {
        tag: crate::imap::Tag::new("k1").unwrap(),
        body,
    };
    let encoded = command.encode(crate::imap::Literals::Synchronising);
    assert_eq!(encoded.octets(), b"k1 UID FETCH 42 (UID BODY.PEEK[2])\r\n");
}

/// Only our answer is taken out; everything else passes, octet for octet, whatever it looks like.
#[test]
fn the_part_is_taken_and_the_rest_is_relayed() {
    let before = b"* 3 EXISTS\r\n* 9 FETCH (UID 99 BODY[2] {3}\r\nxyz)\r\n* 8 FETCH (BODY[1] {20}\r\n* 5 FETCH (BODY[2] \"\r\n)\r\n\
        * OK {7}\r\n* 7 FETCH (FLAGS (\\Seen))\r\n* 7 FETCH (UID 42 BODY[2.1] {1}\r\nx BODY[2] {1}\r\ny)\r\n";
    let ours = b"* 5 FETCH (UID 42 BODY[2] {6}\r\na)\r\n{2)\r\n";
    let after = b"* 4 EXISTS\r\nk1 OK done\r\n";
    let wire = [&before[..], ours, after].concat();
    for cut in [1, 2, 7, wire.len()] {
        let outcome = read(&wire, cut);
        assert_eq!(outcome.relayed, [&before[..], after].concat(), "cut {cut}");
        assert_eq!(outcome.part.as_deref(), Some(&b"a)\r\n{2"[..]));
        assert_eq!((outcome.announced, outcome.done), (Some(6), Some(RIGHT)));
    }
}

#[test]
fn an_empty_part_begins_and_ends() {
    let outcome = read(b"* 5 FETCH (UID 42 BODY[2] {0}\r\n)\r\n", 1);
    assert_eq!(
        outcome,
        Outcome {
            announced: Some(0),
            part: Some(Vec::new()),
            done: Some(RIGHT),
            ..Outcome::default()
        }
    );
}

#[test]
fn a_part_may_come_quoted_or_not_at_all() {
    let quoted = read(b"* 5 FETCH (BODY[2] \"a\\\"b\" UID 42)\r\n", 64);
    assert_eq!(
        quoted,
        Outcome {
            part: Some(b"a\"b".to_vec()),
            done: Some(RIGHT),
            ..Outcome::default()
        }
    );
    let missing = read(b"* 5 FETCH (UID 42 BODY[2] NIL)\r\n", 64);
    assert_eq!(
        missing,
        Outcome {
            done: Some(RIGHT),
            ..Outcome::default()
        }
    );
}

/// The UID may come last: then only the end tells whether the octets may be used.
#[test]
fn a_part_of_another_message_is_told_apart() {
    for tail in [&b" UID 43)\r\n"[..], b")\r\n", b" UID x)\r\n"] {
        let wire = [&b"* 5 FETCH (BODY[2] {1}\r\nx"[..], tail].concat();
        assert_eq!(
            read(&wire, 64).done.unwrap().uid,
            UidTold::Wrong,
            "{tail:?}"
        );
    }
    assert_eq!(
        read(b"* 5 FETCH (BODY[2] {1}\r\nx UID 42)\r\n", 64).done,
        Some(RIGHT)
    );
}

/// What a store tells along with our part is the client's, and is not lost.
#[test]
fn flags_told_along_are_handed_on() {
    for wire in [
        &b"* 5 FETCH (FLAGS (\\Seen) UID 42 BODY[2] {1}\r\nx)\r\n"[..],
        b"* 5 FETCH (UID 42 BODY[2] {1}\r\nx FLAGS (\\Seen))\r\n",
        b"* 5 FETCH (BODY[2] \"x\" FLAGS (\\Seen) UID 42)\r\n",
    ] {
        let others = read(wire, 3).done.unwrap().others.unwrap();
        assert!(
            others
                .attributes
                .contains(&FetchAttribute::Flags(vec![Flag::Seen]))
        );
        assert_eq!(others.uid(), Uid::new(42));
    }
}

#[test]
fn a_partial_answer_is_not_the_part() {
    assert_eq!(
        read(b"* 5 FETCH (UID 42 BODY[2]<0> {1}\r\nx)\r\n", 64).part,
        None
    );
}
