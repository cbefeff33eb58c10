//! A header at the start of a connection, read without I/O: the same however the octets are cut.

use std::net::SocketAddr;

use super::{v1, v2};

/// The longest header that is read: version 2 may announce 64 KiB, which nobody needs.
pub const MOST_OCTETS: usize = 4096;

/// What the octets at the start of a connection are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// The start of a header: at least so many more octets belong to it.
    More(usize),
    /// A header.
    Whole {
        /// What it says.
        header: Header,
        /// How long it is.
        octets: usize,
    },
    /// Not a header, or one that is wrong.
    Broken(Fault),
}

/// What a header says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Header {
    /// The connection is somebody's, between these ends.
    Proxied(Ends),
    /// The connection is the proxy's own (LOCAL), or it knows no Internet addresses (UNKNOWN, UNSPEC, UNIX).
    Unknown,
}

/// The two ends of the connection that a proxy in front took.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ends {
    /// Who connected.
    pub client: SocketAddr,
    /// To where.
    pub server: SocketAddr,
}

/// What is wrong with a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// It begins neither as version 1 nor as version 2 does.
    Signature,
    /// It is longer than its version allows, or than [`MOST_OCTETS`].
    TooLong,
    /// A line of version 1 that is not of its form.
    Line,
    /// A version or command that is not known.
    Command,
    /// An address family or transport that a connection of ours cannot have.
    Family,
    /// A length that does not fit what it measures.
    Length,
    /// The checksum is wrong.
    Checksum,
}

/// Reads the header that `octets` begin with; what lies behind it is not looked at.
#[must_use]
pub fn read(octets: &[u8]) -> Reading {
    match octets.first() {
        None => Reading::More(1),
        Some(&first) if first == v1::START[0] => v1::read(octets),
        Some(_) => v2::read(octets),
    }
}

/// Whether no TLS connection and no header begin otherwise: a TLS record starts with 22 (RFC 8446 §5.1).
pub(super) fn is_start(first: u8) -> bool {
    first == v1::START[0] || first == v2::SIGNATURE[0]
}

/// Whether `octets`, as far as they go, are the start of `wanted`.
pub(super) fn agrees(octets: &[u8], wanted: &[u8]) -> bool {
    octets.iter().zip(wanted).all(|(is, wanted)| is == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy_protocol::crc32c;
    use proptest::prelude::*;

    fn whole(octets: &[u8]) -> (Header, usize) {
        match read(octets) {
            Reading::Whole { header, octets } => (header, octets),
            other => panic!("{other:?} of {}", octets.escape_ascii()),
        }
    }

    fn ends(client: &str, server: &str) -> Header {
        Header::Proxied(Ends {
            client: client.parse().unwrap(),
            server: server.parse().unwrap(),
        })
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let mut octets = v2::SIGNATURE.to_vec();
        octets.extend([command, family]);
        octets.extend(u16::try_from(rest.len()).unwrap().to_be_bytes());
        octets.extend(rest);
        octets
    }

    const V4: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 7, 0xc0, 0, 3, 0xe1];

    fn with_checksum() -> Vec<u8> {
        let mut octets = v2(
            0x21,
            0x11,
            &[&V4[..], &[4, 0, 2, 9, 9, 3, 0, 4, 0, 0, 0, 0]].concat(),
        );
        let sum = crc32c::of(&octets).to_be_bytes();
        let at = octets.len() - 4;
        octets[at..].copy_from_slice(&sum);
        octets
    }

    #[test]
    fn both_versions_say_who_the_client_is() {
        let v4 = ends("192.0.2.1:49152", "198.51.100.7:993");
        let line = b"PROXY TCP4 192.0.2.1 198.51.100.7 49152 993\r\n\x16\x03";
        assert_eq!(whole(line), (v4, line.len() - 2));
        let v6 = ends("[2001:db8::1]:1", "[2001:db8::2]:65535");
        let line = b"PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n";
        assert_eq!(whole(line), (v6, line.len()));
        assert_eq!(whole(&v2(0x21, 0x11, &V4)), (v4, 28));
        assert_eq!(whole(&with_checksum()).0, v4);
        let mut rest = [0; 36];
        rest[..2].copy_from_slice(&[0x20, 1]);
        rest[33] = 7;
        assert_eq!(
            whole(&v2(0x21, 0x21, &rest)).0,
            ends("[2001::]:7", "[::]:0")
        );
    }

    #[test]
    fn a_header_without_addresses_says_nothing() {
        for octets in [
            b"PROXY UNKNOWN\r\n".to_vec(),
            b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n".to_vec(),
            v2(0x20, 0x00, b""),
            v2(0x20, 0x77, b"whatever it is"),
            v2(0x21, 0x00, b""),
            v2(0x21, 0x31, &[7; 216]),
        ] {
            assert_eq!(whole(&octets), (Header::Unknown, octets.len()));
        }
    }

    #[test]
    fn what_is_not_of_the_form_is_broken() {
        let long = [b"PROXY UNKNOWN ".as_slice(), &[b'x'; 93]].concat();
        let huge = v2(0x20, 0, &vec![0; MOST_OCTETS]);
        let mut wrong_sum = with_checksum();
        wrong_sum[17] ^= 1;
        let cases: Vec<(Vec<u8>, Fault)> = vec![
            (b"\x16\x03\x01".to_vec(), Fault::Signature),
            (b"\r\n\r\n\0\r\nQUIT\r".to_vec(), Fault::Signature),
            (b"PROXX".to_vec(), Fault::Line),
            (long, Fault::TooLong),
            (huge[..16].to_vec(), Fault::TooLong),
            (b"PROXY UNKNOWN\n".to_vec(), Fault::Line),
            (b"PROXY UNKNOWNX\r\n".to_vec(), Fault::Line),
            (b"PROXY UNKNOWN \r \r\n".to_vec(), Fault::Line),
            (b"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n".to_vec(), Fault::Line),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n".to_vec(), Fault::Line),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n".to_vec(), Fault::Line),
            (
                b"PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n".to_vec(),
                Fault::Line,
            ),
            (b"PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n".to_vec(), Fault::Line),
            (b"PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n".to_vec(), Fault::Line),
            (b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n".to_vec(), Fault::Line),
            (b"PROXY TCP4 ::1 ::1 1 2\r\n".to_vec(), Fault::Line),
            (v2(0x11, 0x11, &V4), Fault::Command),
            (v2(0x22, 0x11, &V4), Fault::Command),
            (v2(0x21, 0x12, &V4), Fault::Family),
            (v2(0x21, 0x41, &V4), Fault::Family),
            (v2(0x21, 0x11, &V4[..11]), Fault::Length),
            (v2(0x21, 0x21, &[0; 35]), Fault::Length),
            (v2(0x21, 0x31, &[0; 215]), Fault::Length),
            (v2(0x21, 0x11, &[&V4[..], &[4, 0]].concat()), Fault::Length),
            (
                v2(0x21, 0x11, &[&V4[..], &[4, 0, 2, 1]].concat()),
                Fault::Length,
            ),
            (
                v2(0x21, 0x11, &[&V4[..], &[3, 0, 1, 1]].concat()),
                Fault::Length,
            ),
            (wrong_sum, Fault::Checksum),
        ];
        for (octets, fault) in cases {
            assert_eq!(
                read(&octets),
                Reading::Broken(fault),
                "{}",
                octets.escape_ascii()
            );
        }
    }

    /// Whoever reads as many octets as are said to be missing, and no more, ends exactly behind the header.
    #[test]
    fn a_header_is_never_read_past() {
        for header in [
            b"PROXY TCP4 192.0.2.1 198.51.100.7 49152 993\r\n".to_vec(),
            b"PROXY UNKNOWN\r\n".to_vec(),
            v2(0x20, 0, b""),
            with_checksum(),
        ] {
            let mut octets = 0;
            loop {
                match read(&header[..octets]) {
                    Reading::More(missing) => {
                        assert!(missing > 0);
                        octets += missing;
                    }
                    Reading::Whole { octets: length, .. } => {
                        assert_eq!((length, octets), (header.len(), header.len()));
                        break;
                    }
                    Reading::Broken(fault) => panic!("{fault:?}"),
                }
            }
        }
    }

    proptest! {
        /// Octets behind the header change nothing, and one that is cut short is never taken for whole.
        #[test]
        fn only_the_header_itself_counts(behind in proptest::collection::vec(any::<u8>(), 0..64)) {
            for header in [with_checksum(), b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n".to_vec()] {
                let wanted = read(&header);
                let longer = [header.as_slice(), &behind].concat();
                prop_assert_eq!(read(&longer), wanted);
                for cut in 0..header.len() {
                    prop_assert!(matches!(read(&header[..cut]), Reading::More(_)), "cut at {}", cut);
                }
            }
        }

        #[test]
        fn no_octets_break_the_reader(
            start in prop_oneof![Just(b"PROXY ".to_vec()), Just(v2::SIGNATURE.to_vec()), Just(vec![])],
            rest in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let octets = [start, rest].concat();
            if let Reading::Whole { octets: length, .. } = read(&octets) {
                prop_assert!(length <= octets.len());
            }
        }
    }
}
