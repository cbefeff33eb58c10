//! The framer, on anything.

mod grammar;

use std::time::Duration;
use wire::{Frame, FrameError, Framer, Limits, Side};

const LIMITS: Limits = Limits {
    line: 128,
    literal: 1 << 40,
};

/// What must not depend on cuts: lines as they are, runs joined, and where it ended.
fn frames(side: Side, octets: &[u8], cut: usize) -> (Vec<String>, Vec<u8>, Option<FrameError>) {
    let mut framer = Framer::new(side, LIMITS);
    let (mut lines, mut laid, mut in_run) = (Vec::new(), Vec::new(), false);
    for mut read in octets.chunks(cut) {
        loop {
            match framer.next(&mut read) {
                Ok(None) => break,
                Ok(Some(Frame::Line(line))) => {
                    assert!(line.octets.len() <= LIMITS.line && !line.octets.is_empty());
                    assert!(line.octets.starts_with(line.text()));
                    laid.extend_from_slice(&line.octets);
                    lines.push(format!("{line:?}"));
                    in_run = false;
                }
                Ok(Some(Frame::Octets { run, .. })) => {
                    assert!(!run.is_empty());
                    laid.extend_from_slice(run);
                    if !in_run {
                        lines.push("run".into());
                    }
                    in_run = true;
                }
                Err(error) => {
                    assert_eq!(framer.next(&mut &b"x"[..]), Err(error));
                    return (lines, laid, Some(error));
                }
            }
        }
        assert!(read.is_empty(), "octets left without a frame");
    }
    (lines, laid, None)
}

fn holds(octets: &[u8]) {
    for side in [Side::Client, Side::Store] {
        let whole = frames(side, octets, usize::MAX);
        assert!(octets.starts_with(&whole.1), "frames are not the stream");
        for cut in [1, 3, 127] {
            let pieces = frames(side, octets, cut);
            assert_eq!(
                (&pieces.0, pieces.2),
                (&whole.0, whole.2),
                "cut every {cut}"
            );
            assert_eq!(pieces.1, whole.1);
        }
    }
}

#[test]
fn any_octets() {
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|octets: &[u8]| holds(octets));
}

#[test]
fn anything_like_imap() {
    bolero::check!()
        .with_test_time(Duration::from_secs(2))
        .for_each(|picks: &[u8]| holds(&grammar::bend(picks)));
}
