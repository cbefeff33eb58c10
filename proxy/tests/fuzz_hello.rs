//! Whatever comes where a ClientHello or a PROXY header is awaited: no reader panics, keeps more than it may, or tells a
//! different story when the octets are cut otherwise.

use bolero::check;
use proxy::{
    passthrough::hello::{Hello, Verdict},
    proxy_protocol::{MOST_OCTETS, Reading, read},
};

const LIMIT: usize = 2048;

/// A hello for `a.org`, so that chance gets beyond the first octets.
const START: &[u8] = b"\x16\x03\x01\x00\x3d\x01\x00\x00\x39\x03\x03\
    0123456789abcdef0123456789abcdef\x00\x00\x02\x13\x01\x01\x00\x00\x0e\x00\x00\x00\x0a\x00\x08\x00\x00\x05a.org";

fn verdict(pieces: &[&[u8]]) -> Option<Verdict> {
    let mut hello = Hello::new(LIMIT);
    pieces.iter().find_map(|piece| hello.take(piece))
}

fn same_story(octets: &[u8]) {
    let whole = verdict(&[octets]);
    if octets.len() >= LIMIT {
        assert!(whole.is_some(), "nothing is waited for beyond the limit");
    }
    if let Some(Verdict::Name(name)) = &whole {
        let plain = |octet: u8| {
            octet.is_ascii_lowercase() || octet.is_ascii_digit() || b"-_.".contains(&octet)
        };
        assert!(
            (1..=253).contains(&name.len()) && name.bytes().all(plain),
            "{name}"
        );
    }
    let single: Vec<&[u8]> = octets.chunks(1).collect();
    assert_eq!(verdict(&single), whole);
}

#[test]
fn no_octets_break_the_reader_of_hellos() {
    assert_eq!(verdict(&[START]), Some(Verdict::Name("a.org".to_owned())));
    check!()
        .with_type::<(u8, Vec<u8>, Vec<(u8, u8)>)>()
        .with_iterations(20_000)
        .with_max_len(4096)
        .for_each(|(keep, behind, bends)| {
            let mut octets = START.get(..usize::from(*keep)).unwrap_or(START).to_vec();
            for (at, octet) in bends {
                if let Some(place) = octets.get_mut(usize::from(*at)) {
                    *place = *octet;
                }
            }
            same_story(behind);
            octets.extend(behind);
            same_story(&octets);
        });
}

#[test]
fn no_octets_break_the_reader_of_proxy_headers() {
    check!()
        .with_type::<(bool, Vec<u8>)>()
        .with_iterations(20_000)
        .with_max_len(4096)
        .for_each(|(text, behind)| {
            let start: &[u8] = if *text {
                b"PROXY TCP4 1.2.3.4 "
            } else {
                b"\r\n\r\n\0\r\nQUIT\n\x21"
            };
            for octets in [behind.clone(), [start, behind].concat()] {
                match read(&octets) {
                    Reading::More(missing) => {
                        assert!(missing > 0 && octets.len() + missing <= MOST_OCTETS)
                    }
                    Reading::Whole { octets: length, .. } => {
                        assert!(length <= octets.len().min(MOST_OCTETS))
                    }
                    Reading::Broken(_) => {}
                }
            }
        });
}
