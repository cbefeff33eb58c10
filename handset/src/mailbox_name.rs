//! Mailbox names as people write them, in the modified UTF-7 of IMAP4rev1 (RFC 3501 §5.1.3): a session in which IMAP4rev2
//! is not enabled knows no other (RFC 9051 appendix A.1).

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::NO_PAD;
use wire::imap::Mailbox;

/// RFC 3501 §5.1.3: `,` in place of `/`, and no padding.
const SHIFTED: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// The mailbox that people call `name`.
#[must_use]
pub fn encode(name: &str) -> Mailbox {
    let mut encoded = String::new();
    let mut shifted = Vec::new();
    for character in name.chars() {
        if matches!(character, ' '..='~') {
            flush(&mut shifted, &mut encoded);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            shifted.extend(
                character
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .flat_map(|unit| unit.to_be_bytes()),
            );
        }
    }
    flush(&mut shifted, &mut encoded);
    Mailbox::new(encoded.as_bytes())
}

fn flush(shifted: &mut Vec<u8>, encoded: &mut String) {
    if !shifted.is_empty() {
        encoded.push('&');
        SHIFTED.encode_string(&shifted, encoded);
        encoded.push('-');
        shifted.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_the_rfc_shows() {
        let cases: [(&str, &[u8]); 5] = [
            ("inbox", b"INBOX"),
            (
                "~peter/mail/台北/日本語",
                b"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
            ),
            ("Entwürfe", b"Entw&APw-rfe"),
            ("A&B", b"A&-B"),
            ("a\u{1f600}", b"a&2D3eAA-"),
        ];
        for (name, octets) in cases {
            assert_eq!(encode(name).as_bytes(), octets, "{name}");
        }
    }
}
