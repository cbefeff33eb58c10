//! Whatever comes on the loader's socket is a frame or an error, the same however it is cut, and what is written is read again.
#![cfg(test)]

use proxy::loader::frames::{FrameReader, FromLoader, ToLoader};

/// All frames of `octets`, which come in pieces of `piece`; none, if one of them is none.
fn frames(octets: &[u8], piece: usize) -> Option<Vec<Vec<u8>>> {
    let mut reader = FrameReader::default();
    let mut all = Vec::new();
    for mut input in octets.chunks(piece.max(1)) {
        while let Some(frame) = reader.next(&mut input).ok()? {
            all.push(frame.to_vec());
        }
    }
    Some(all)
}

#[test]
fn any_octets_are_read_alike_however_they_are_cut() {
    bolero::check!()
        .with_type::<(Vec<u8>, u8)>()
        .for_each(|(octets, piece)| {
            let whole = frames(octets, octets.len());
            assert_eq!(whole, frames(octets, usize::from(*piece)));
            for frame in whole.into_iter().flatten() {
                if let Ok(read) = FromLoader::decode(&frame) {
                    assert_eq!(again(&read.encode().unwrap(), FromLoader::decode), read);
                }
                if let Ok(read) = ToLoader::decode(&frame) {
                    assert_eq!(again(&read.encode().unwrap(), ToLoader::decode), read);
                }
            }
        });
}

#[test]
fn any_body_is_a_frame_or_an_error() {
    bolero::check!().with_type::<Vec<u8>>().for_each(|frame| {
        if let Ok(read) = FromLoader::decode(frame) {
            assert_eq!(again(&read.encode().unwrap(), FromLoader::decode), read);
        }
        if let Ok(read) = ToLoader::decode(frame) {
            assert_eq!(again(&read.encode().unwrap(), ToLoader::decode), read);
        }
    });
}

fn again<T, E: std::fmt::Debug>(octets: &[u8], decode: impl Fn(&[u8]) -> Result<T, E>) -> T {
    let mut input = octets;
    let frame = FrameReader::default().next(&mut input).unwrap().unwrap();
    assert!(input.is_empty());
    decode(&frame).unwrap()
}
