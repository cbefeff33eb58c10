//! Fuzz target: reading a header never panics, and what a prefix gives does not depend on what follows it.
use crate::harness::{few_mutations, mutated};
use envelope::TransferEncoding;
use envelope::cms::{HeaderError, read_header};

const SEEDS: [&[u8]; 2] = [
    include_bytes!("../vectors/gcm-stream.der"),
    include_bytes!("../vectors/cbc-stream.der"),
];

#[test]
fn any_octets_are_a_header_or_an_error() {
    bolero::check!()
        .with_iterations(100_000)
        .for_each(|octets: &[u8]| {
            for encoding in [
                TransferEncoding::Identity,
                TransferEncoding::Base64,
                TransferEncoding::QuotedPrintable,
            ] {
                check(octets, encoding);
            }
        });
}

#[test]
fn an_altered_header_is_a_header_or_an_error() {
    bolero::check!()
        .with_iterations(100_000)
        .with_generator((bolero::produce::<bool>(), few_mutations()))
        .for_each(|(which, mutations)| {
            check(
                &mutated(SEEDS[usize::from(*which)], mutations),
                TransferEncoding::Identity,
            );
        });
}

fn check(octets: &[u8], encoding: TransferEncoding) {
    match read_header(octets, encoding) {
        // A longer prefix gives the same header.
        Ok(header) if encoding == TransferEncoding::Identity => {
            let longer = [octets, &[0; 8]].concat();
            assert_eq!(read_header(&longer, encoding), Ok(header));
        }
        Err(HeaderError::NeedMore { octets: wanted }) => {
            assert!(wanted > octets.len() && wanted < octets.len() + 8 * 1024 * 1024);
        }
        Ok(_) | Err(HeaderError::Malformed | HeaderError::Unsupported(_)) => {}
    }
}
