//! Whatever octets come on a socket: frames or an error, never a panic, never more memory than a frame has.
#![cfg(test)]

use vault::frames::{Frame, FrameReader, FromVault, FromWarden, MAX_FRAME, ToVault, ToWarden};

/// Reads `octets` in two pieces and writes again what was read.
fn read<F: Frame + PartialEq + std::fmt::Debug>(octets: &[u8]) {
    let cut = octets
        .first()
        .map_or(0, |first| usize::from(*first))
        .min(octets.len());
    let (first, second) = octets.split_at(cut);
    let mut reader = FrameReader::new();
    let mut again = Vec::new();
    for piece in [first, second] {
        let mut input = piece;
        loop {
            match reader.next::<F>(&mut input) {
                Ok(Some(frame)) => frame.encode(&mut again).unwrap(),
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
    assert!(octets.starts_with(&again), "a frame has one spelling");
    assert!(octets.len() - again.len() <= MAX_FRAME + 4);
    assert_eq!(reader.is_at_boundary(), octets.len() == again.len());
}

#[test]
fn frames_are_read_or_refused() {
    bolero::check!()
        .with_test_time(std::time::Duration::from_secs(5))
        .for_each(|octets| {
            read::<ToVault>(octets);
            read::<FromVault>(octets);
            read::<ToWarden>(octets);
            read::<FromWarden>(octets);
        });
}

/// Bodies of the right kind, so that the fields are reached.
#[test]
fn bodies_are_read_or_refused() {
    bolero::check!()
        .with_test_time(std::time::Duration::from_secs(5))
        .with_type::<(u8, Vec<u8>)>()
        .for_each(|(kind, body)| {
            let kind = kind % 6;
            let length = u32::try_from(body.len() + 1).unwrap().to_be_bytes();
            let frame = [&length[..], &[kind], body].concat();
            read::<ToVault>(&frame);
            read::<FromVault>(&frame);
            read::<ToWarden>(&frame);
            read::<FromWarden>(&frame);
        });
}
