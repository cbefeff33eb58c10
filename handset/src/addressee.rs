//! To whom a part is encrypted and how, in words. Names come from strangers' messages: [`crate::printable()`] before a terminal.

use der::Decode as _;
use der::asn1::IntRef;
use envelope::ContentAlgorithm;
use envelope::cms::{Curve, KeyManagement, RecipientId};
use x509_cert::name::Name;

/// By what a recipient is named: issuer and serial number of a certificate, or a key identifier.
#[must_use]
pub fn name(id: &RecipientId) -> String {
    match id {
        RecipientId::IssuerSerial { issuer, serial } => {
            format!(
                "serial {} of {}",
                serial_number(serial),
                issuer_name(issuer)
            )
        }
        RecipientId::SubjectKeyId(octets) => format!("key identifier {}", hex(octets)),
        RecipientId::Unnamed => {
            "no certificate (a password, a shared key, or another kind)".to_owned()
        }
    }
}

fn issuer_name(der: &[u8]) -> String {
    Name::from_der(der).map_or_else(
        |_| "an unreadable issuer".to_owned(),
        |name| name.to_string(),
    )
}

fn serial_number(der: &[u8]) -> String {
    IntRef::from_der(der).map_or_else(|_| hex(der), |number| hex(number.as_bytes()))
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// How the content key was sent.
#[must_use]
pub fn method(method: &KeyManagement) -> &'static str {
    match method {
        KeyManagement::RsaPkcs1 => "RSA (PKCS #1 v1.5)",
        KeyManagement::RsaOaep(_) => "RSA-OAEP",
        KeyManagement::KeyAgreement(agreement) => match agreement.curve {
            Curve::P256 => "ECDH P-256",
            Curve::X25519 => "X25519",
        },
        KeyManagement::Unsupported => "a way that is not supported",
    }
}

/// The name of a content encryption algorithm.
#[must_use]
pub fn algorithm(algorithm: ContentAlgorithm) -> &'static str {
    match algorithm {
        ContentAlgorithm::Aes128Cbc => "AES-128-CBC",
        ContentAlgorithm::Aes192Cbc => "AES-192-CBC",
        ContentAlgorithm::Aes256Cbc => "AES-256-CBC",
        ContentAlgorithm::Aes128Gcm => "AES-128-GCM",
        ContentAlgorithm::Aes256Gcm => "AES-256-GCM",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_recipient_is_named_as_people_know_certificates() {
        let issuer = [
            0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x0c, 0x01, b'A',
        ];
        let id = RecipientId::IssuerSerial {
            issuer: issuer.to_vec(),
            serial: vec![2, 2, 0x10, 0x01],
        };
        assert_eq!(name(&id), "serial 1001 of CN=A");
        assert_eq!(
            name(&RecipientId::SubjectKeyId(vec![0xab, 1])),
            "key identifier ab01"
        );
    }

    proptest! {
        #[test]
        fn no_octets_make_it_panic(issuer: Vec<u8>, serial: Vec<u8>) {
            let _name = name(&RecipientId::IssuerSerial { issuer, serial });
        }
    }
}
