use super::*;

const LIMITS: Limits = Limits {
    line: 256,
    literal: 1 << 40,
};

/// A frame without borrow, runs of one literal joined: what must not depend on cuts.
#[derive(Debug, Eq, PartialEq)]
enum Seen {
    Line(Line),
    Octets(Vec<u8>),
    Failed(FrameError),
}

fn frames_of(framer: &mut Framer, reads: &[&[u8]]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for read in reads {
        let mut input = *read;
        loop {
            match framer.next(&mut input) {
                Ok(None) => break,
                Ok(Some(Frame::Line(line))) => seen.push(Seen::Line(line)),
                Ok(Some(Frame::Octets { run, .. })) => match seen.last_mut() {
                    Some(Seen::Octets(held)) => held.extend_from_slice(run),
                    _ => seen.push(Seen::Octets(run.to_vec())),
                },
                Err(error) => {
                    seen.push(Seen::Failed(error));
                    return seen;
                }
            }
        }
        assert!(input.is_empty());
    }
    seen
}

fn frames(side: Side, reads: &[&[u8]]) -> Vec<Seen> {
    frames_of(&mut Framer::new(side, LIMITS), reads)
}

fn texts(side: Side, octets: &[u8]) -> Vec<Vec<u8>> {
    let text = |seen: &Seen| match seen {
        Seen::Line(line) => line.text().to_vec(),
        Seen::Octets(octets) => octets.clone(),
        Seen::Failed(error) => format!("{error:?}").into_bytes(),
    };
    frames(side, &[octets]).iter().map(text).collect()
}

fn failure(side: Side, octets: &[u8]) -> Option<FrameError> {
    frames(side, &[octets])
        .into_iter()
        .find_map(|seen| match seen {
            Seen::Failed(error) => Some(error),
            Seen::Line(_) | Seen::Octets(_) => None,
        })
}

/// However the network cuts the octets, the frames are the same.
#[test]
fn frames_do_not_depend_on_where_reads_end() {
    let client = b"a APPEND m {3+}\r\nx\r\n UID\r\nb X ~{2}\r\nab {0}\r\n\r\nc NOOP\r\n";
    let store = b"* OK hi {9}\r\n* 1 FETCH (BODY[] {4}\r\na\r\n) UID 7)\r\n* 2 FETCH (BINARY[] ~{1}\r\n\0)\r\na OK {3}\r\n";
    for (side, octets) in [(Side::Client, &client[..]), (Side::Store, &store[..])] {
        let whole = frames(side, &[octets]);
        for cut in 0..=octets.len() {
            let (first, second) = octets.split_at(cut);
            assert_eq!(frames(side, &[first, second]), whole, "cut at {cut}");
        }
        let single: Vec<&[u8]> = octets.chunks(1).collect();
        assert_eq!(frames(side, &single), whole);
    }
}

#[test]
fn all_four_announcements_are_seen() {
    for (announced, sync, binary) in [
        ("{5}", Sync::Synchronising, Binary::No),
        ("{5+}", Sync::NonSynchronising, Binary::No),
        ("~{5}", Sync::Synchronising, Binary::Yes),
        ("~{5+}", Sync::NonSynchronising, Binary::Yes),
    ] {
        let line = format!("a X {announced}\r\n");
        let seen = frames(Side::Client, &[line.as_bytes()]);
        let [Seen::Line(found)] = seen.as_slice() else {
            panic!("{seen:?}")
        };
        assert_eq!(
            found.ends,
            Ends::Literal(Literal {
                octets: 5,
                sync,
                binary
            })
        );
        assert_eq!(found.text(), b"a X ");
        assert_eq!(found.octets, line.as_bytes());
        assert_eq!(*found.synchronised(), *line.replace('+', "").as_bytes());
    }
}

#[test]
fn what_announces_no_literal_is_not_changed() {
    for line in ["a X 5+}\r\n", "a X {+}\r\n", "a X {5+} \r\n", "\r\n"] {
        let seen = frames(Side::Client, &[line.as_bytes()]);
        let [Seen::Line(found)] = seen.as_slice() else {
            panic!("{seen:?}")
        };
        assert_eq!(*found.synchronised(), *line.as_bytes());
    }
}

/// RFC 7888 §3: what looks like an announcement is one, even inside what looks like a quoted string.
#[test]
fn an_announcement_counts_whatever_precedes_it() {
    assert_eq!(
        texts(Side::Client, b"a LOGIN \"x {3+}\r\nabc\r\n"),
        [&b"a LOGIN \"x "[..], b"abc", b""]
    );
}

#[test]
fn what_only_looks_like_an_announcement_is_text() {
    for text in [
        "a {}", "a {+}", "a {x}", "a {-1}", "a { 5}", "a 5}", "a {5} ", "a {5++}", "a {5}+",
    ] {
        let seen = texts(Side::Client, format!("{text}\r\nb NOOP\r\n").as_bytes());
        assert_eq!(seen, [text.as_bytes(), b"b NOOP"], "{text}");
    }
}

/// A status response's text is for people: nothing in it announces a literal.
#[test]
fn a_stores_free_text_announces_nothing() {
    for text in [
        "* OK [ALERT] {5}",
        "* no {5}",
        "* BAD {5}",
        "* BYE {5}",
        "* PREAUTH {5}",
        "a1 OK {5}",
        "+ {5}",
        "+{5}",
    ] {
        let seen = texts(Side::Store, format!("{text}\r\n* 1 EXISTS\r\n").as_bytes());
        assert_eq!(seen, [text.as_bytes(), b"* 1 EXISTS"], "{text}");
    }
    // A name that only begins like a status is none.
    assert_eq!(
        texts(Side::Store, b"* OKAY {2}\r\nab\r\n"),
        [&b"* OKAY "[..], b"ab", b""]
    );
}

/// A long status text comes in pieces; its end announces nothing either.
#[test]
fn free_text_stays_free_over_pieces() {
    let line = [b"* OK ".as_slice(), &b"x".repeat(600), b" {5}\r\n"].concat();
    let seen = frames(Side::Store, &[&line, b"a OK done\r\n"]);
    assert!(
        matches!(seen.last(), Some(Seen::Line(line)) if line.text() == b"a OK done" && line.position == Position::First)
    );
}

#[test]
fn octets_of_a_literal_are_never_read_as_lines() {
    let seen = texts(
        Side::Client,
        b"a APPEND m {20+}\r\nx {5+}\r\nb DELETE m\r\nz\r\nc NOOP\r\n",
    );
    assert_eq!(
        seen,
        [
            &b"a APPEND m "[..],
            b"x {5+}\r\nb DELETE m\r\n",
            b"z",
            b"c NOOP"
        ]
    );
}

#[test]
fn sizes_are_63_bit_numbers() {
    let huge = Limits {
        line: 256,
        literal: u64::MAX,
    };
    let first = |line: &[u8]| frames_of(&mut Framer::new(Side::Client, huge), &[line]).remove(0);
    let Seen::Line(line) = first(b"a X {9223372036854775807}\r\n") else {
        panic!()
    };
    assert!(matches!(
        line.ends,
        Ends::Literal(Literal {
            octets: 0x7fff_ffff_ffff_ffff,
            ..
        })
    ));
    for size in [
        "9223372036854775808",
        "99999999999999999999",
        "18446744073709551616",
        "000000000000000000001",
    ] {
        assert_eq!(
            first(format!("a X {{{size}}}\r\n").as_bytes()),
            Seen::Failed(FrameError::LiteralOverflow),
            "{size}"
        );
    }
}

#[test]
fn a_literal_above_the_limit_is_refused_when_it_is_announced() {
    let limits = Limits {
        line: 256,
        literal: 10,
    };
    for (side, line) in [
        (Side::Client, &b"a X {11+}\r\n"[..]),
        (Side::Store, b"* 1 FETCH (BODY[] {11}\r\n"),
    ] {
        let seen = frames_of(&mut Framer::new(side, limits), &[line]);
        assert!(matches!(
            seen.as_slice(),
            [Seen::Failed(FrameError::LiteralTooLarge(Literal {
                octets: 11,
                ..
            }))]
        ));
    }
}

#[test]
fn a_clients_improper_line_is_refused() {
    assert_eq!(
        failure(Side::Client, b"a NOOP\nb NOOP\r\n"),
        Some(FrameError::BareLf)
    );
    assert_eq!(
        failure(Side::Client, b"a NO\rOP\r\n"),
        Some(FrameError::BareCr)
    );
    assert_eq!(
        failure(Side::Client, b"a NOOP\r\r\n"),
        Some(FrameError::BareCr)
    );
    assert_eq!(
        failure(Side::Client, b"a NO\0OP\r\n"),
        Some(FrameError::Nul)
    );
    assert_eq!(
        failure(Side::Client, &b"x".repeat(256)),
        Some(FrameError::LineTooLong)
    );
    assert_eq!(
        failure(Side::Client, &[&b"x".repeat(254)[..], b"\r\n"].concat()),
        None
    );
    // A literal that ends in CR does not lend it to the next line.
    assert_eq!(
        failure(Side::Client, b"a X {1+}\r\n\r\n"),
        Some(FrameError::BareLf)
    );
}

#[test]
fn a_store_may_not_write_what_others_would_frame_otherwise() {
    assert_eq!(
        failure(Side::Store, b"* 1 FETCH (ENVELOPE (\"a\nb\"))\r\n"),
        Some(FrameError::BareLf)
    );
    assert_eq!(
        failure(Side::Store, b"* 1 FETCH (BODY[] {5+}\r\n"),
        Some(FrameError::StoreLiteralPlus)
    );
    assert_eq!(failure(Side::Store, b"* X \"a\0b\rc\"\r\n"), None);
}

/// Out of step is out of trust: nothing is read after a failure.
#[test]
fn a_failed_framer_stays_failed() {
    let mut framer = Framer::new(Side::Client, LIMITS);
    assert_eq!(framer.next(&mut &b"\n"[..]), Err(FrameError::BareLf));
    assert_eq!(
        framer.next(&mut &b"a NOOP\r\n"[..]),
        Err(FrameError::BareLf)
    );
}

/// Endless lines cost no more than one piece, and lose no octet.
#[test]
fn a_stores_long_line_comes_in_bounded_pieces() {
    for length in 100..700 {
        let line = [&b"y".repeat(length)[..], b" ~{00000000000000000003}\r\n"].concat();
        let wire = [b"* SEARCH ", &line[..], b"abc\r\n"].concat();
        let whole = frames(Side::Store, &[&wire]);
        assert_eq!(
            frames(Side::Store, &wire.chunks(7).collect::<Vec<_>>()),
            whole
        );
        let mut again = Vec::new();
        for seen in &whole {
            match seen {
                Seen::Line(line) => {
                    assert!(line.octets.len() <= LIMITS.line);
                    again.extend_from_slice(&line.octets);
                }
                Seen::Octets(octets) => again.extend_from_slice(octets),
                Seen::Failed(error) => panic!("{error:?} at {length}"),
            }
        }
        assert_eq!(again, wire);
        assert!(
            whole.contains(&Seen::Octets(b"abc".to_vec())),
            "length {length}"
        );
    }
}

#[test]
fn an_announcement_too_long_to_hold_back_is_refused() {
    let zeros = "0".repeat(400);
    assert_eq!(
        failure(Side::Store, format!("* X {{{zeros}5}}\r\n").as_bytes()),
        Some(FrameError::LiteralOverflow)
    );
}

/// A client whose literal was answered with NO sends a new command, not the literal.
#[test]
fn a_refused_literal_is_not_awaited() {
    for size in [5, 0] {
        let mut framer = Framer::new(Side::Client, LIMITS);
        frames_of(
            &mut framer,
            &[format!("a APPEND m {{{size}}}\r\n").as_bytes()],
        );
        assert!(!framer.is_at_boundary());
        assert_eq!(framer.literal_refused(), Ok(()));
        assert!(framer.is_at_boundary());
        let seen = frames_of(&mut framer, &[b"b NOOP\r\n"]);
        assert!(
            matches!(&seen[..], [Seen::Line(line)] if line.position == Position::First && line.text() == b"b NOOP")
        );
    }
}

#[test]
fn a_literal_that_comes_in_any_case_cannot_be_refused() {
    for octets in [
        &b"a X {5+}\r\n"[..],
        b"a X {5}\r\nab",
        b"a NOOP\r\n",
        b"a X {0+}\r\n",
    ] {
        let mut framer = Framer::new(Side::Client, LIMITS);
        frames_of(&mut framer, &[octets]);
        assert_eq!(framer.literal_refused(), Err(NoLiteralAwaited));
    }
}

#[test]
fn boundaries_are_between_commands_only() {
    let mut framer = Framer::new(Side::Client, LIMITS);
    for (octets, boundary) in [
        (&b""[..], true),
        (b"a X", false),
        (b" {2+}\r\n", false),
        (b"ab", false),
        (b"\r", false),
        (b"\n", true),
    ] {
        frames_of(&mut framer, &[octets]);
        assert_eq!(framer.is_at_boundary(), boundary, "after {octets:?}");
    }
}

/// What passes unseen is counted as if it had been seen.
#[test]
fn octets_of_a_literal_that_pass_unseen_leave_the_framer_in_step() {
    let octets = b"a APPEND m {5+}\r\n01234\r\nb NOOP\r\n";
    for unseen in 0..=5_usize {
        let mut framer = Framer::new(Side::Client, LIMITS);
        let mut input = &octets[..17];
        assert!(matches!(framer.next(&mut input), Ok(Some(Frame::Line(_)))));
        assert_eq!(framer.literal_left(), 5);
        assert_eq!(framer.pass(u64::try_from(unseen).unwrap()), 0);
        assert_eq!(framer.literal_left(), 5 - u64::try_from(unseen).unwrap());
        let mut input = &octets[17 + unseen..];
        let mut lines = Vec::new();
        while let Some(frame) = framer.next(&mut input).unwrap() {
            if let Frame::Line(line) = frame {
                lines.push(line.octets);
            }
        }
        assert_eq!(lines, [&b"\r\n"[..], b"b NOOP\r\n"], "{unseen} unseen");
        assert_eq!(framer.pass(3), 3, "no literal, nothing passes");
    }
}
