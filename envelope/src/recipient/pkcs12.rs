//! PKCS #12 files (RFC 7292): a private key and its certificates under a passphrase.
//!
//! What OpenSSL, browsers and mail programs write: PBES2 (RFC 8018), and the old ciphers of appendix C. Files in BER are made
//! DER first.

use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence};
use pkcs8::PrivateKeyInfoRef;
use spki::AlgorithmIdentifierOwned;
use zeroize::Zeroizing;

use super::pkcs12_cipher::{self, Passphrase};
use super::{Certificate, KeyError, PrivateKey};
use crate::cms::ber::{BerError, Event, Reader, Tag};
use crate::cms::collect::Collector;
use crate::cms::oid;

/// The largest file that is read: a few keys and certificates.
const FILE_BUDGET: usize = 1024 * 1024;

#[derive(Sequence)]
struct Pfx {
    version: u8,
    auth_safe: ContentInfo,
    #[asn1(optional = "true")]
    mac_data: Option<MacData>,
}

#[derive(Sequence)]
struct ContentInfo {
    content_type: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    content: Any,
}

#[derive(Sequence)]
struct MacData {
    mac: DigestInfo,
    salt: OctetString,
    #[asn1(optional = "true")]
    iterations: Option<u32>,
}

#[derive(Sequence)]
struct DigestInfo {
    algorithm: AlgorithmIdentifierOwned,
    digest: OctetString,
}

#[derive(Sequence)]
struct EncryptedData {
    version: u8,
    content: EncryptedContentInfo,
}

#[derive(Sequence)]
struct EncryptedContentInfo {
    content_type: ObjectIdentifier,
    algorithm: AlgorithmIdentifierOwned,
    content: Any,
}

#[derive(Sequence)]
struct SafeBag {
    bag_id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: Any,
    #[asn1(optional = "true")]
    attributes: Option<Any>,
}

#[derive(Sequence)]
struct CertBag {
    cert_id: ObjectIdentifier,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    value: OctetString,
}

#[derive(Sequence)]
struct ShroudedKey {
    algorithm: AlgorithmIdentifierOwned,
    encrypted: OctetString,
}

/// The first private key and all certificates of a file.
///
/// # Errors
/// [`KeyError`]
pub(super) fn read(
    octets: &[u8],
    passphrase: &str,
) -> Result<(PrivateKey, Vec<Certificate>), KeyError> {
    let der = der(octets).map_err(|_| KeyError::Malformed)?;
    let pfx = Pfx::from_der(&der)?;
    if pfx.version != 3 || pfx.auth_safe.content_type != oid::DATA {
        return Err(KeyError::Unsupported);
    }
    let safe: OctetString = pfx.auth_safe.content.decode_as()?;
    let passphrase = Passphrase::new(passphrase);
    if let Some(mac) = &pfx.mac_data {
        check_mac(mac, &passphrase, safe.as_bytes())?;
    }
    let mut found = Found::default();
    for content in Vec::<ContentInfo>::from_der(safe.as_bytes())? {
        found.take_content(&content, &passphrase)?;
    }
    Ok((found.key.ok_or(KeyError::Missing)?, found.certificates))
}

/// The one element of `octets` as DER.
fn der(mut octets: &[u8]) -> Result<Vec<u8>, BerError> {
    let mut reader = Reader::new();
    let Some(Event::Begin(tag)) = reader.next(&mut octets)? else {
        return Err(BerError);
    };
    let mut collector = Collector::new(tag, FILE_BUDGET);
    let mut collected = None;
    while let Some(event) = reader.next(&mut octets)? {
        collected = collector.take(event)?;
    }
    collected.ok_or(BerError)
}

fn check_mac(mac: &MacData, passphrase: &Passphrase, safe: &[u8]) -> Result<(), KeyError> {
    let iterations = mac.iterations.unwrap_or(1);
    let salt = mac.salt.as_bytes();
    let computed = pkcs12_cipher::mac(mac.mac.algorithm.oid, passphrase, salt, iterations, safe)?;
    if secret::compare::equal(&computed, mac.mac.digest.as_bytes()) {
        Ok(())
    } else {
        Err(KeyError::WrongPassphrase)
    }
}

/// What has been found.
#[derive(Default)]
struct Found {
    key: Option<PrivateKey>,
    certificates: Vec<Certificate>,
}

impl Found {
    fn take_content(
        &mut self,
        content: &ContentInfo,
        passphrase: &Passphrase,
    ) -> Result<(), KeyError> {
        match content.content_type {
            oid::DATA => {
                let bags: OctetString = content.content.decode_as()?;
                self.take_bags(bags.as_bytes(), passphrase)
            }
            oid::ENCRYPTED_DATA => {
                let encrypted: EncryptedData = content.content.decode_as()?;
                let content = &encrypted.content;
                let bags =
                    pkcs12_cipher::open(&content.algorithm, passphrase, octets(&content.content)?)?;
                self.take_bags(&bags, passphrase)
            }
            // Encrypted to a public key.
            _other => Ok(()),
        }
    }

    fn take_bags(&mut self, bags: &[u8], passphrase: &Passphrase) -> Result<(), KeyError> {
        for bag in Vec::<SafeBag>::from_der(bags)? {
            match bag.bag_id {
                oid::PKCS12_KEY_BAG => self.take_key(&bag.value.to_der()?)?,
                oid::PKCS12_SHROUDED_KEY_BAG => {
                    let shrouded: ShroudedKey = bag.value.decode_as()?;
                    let encrypted = shrouded.encrypted.as_bytes().to_vec();
                    self.take_key(&pkcs12_cipher::open(
                        &shrouded.algorithm,
                        passphrase,
                        encrypted,
                    )?)?;
                }
                oid::PKCS12_CERT_BAG => {
                    let certificate: CertBag = bag.value.decode_as()?;
                    if certificate.cert_id == oid::PKCS12_X509_CERTIFICATE {
                        let read = Certificate::from_der(certificate.value.as_bytes());
                        self.certificates.extend(read);
                    }
                }
                // Revocation lists, secrets, nested bags.
                _other => {}
            }
        }
        Ok(())
    }

    fn take_key(&mut self, der: &[u8]) -> Result<(), KeyError> {
        if self.key.is_none() {
            self.key = Some(PrivateKey::from_pkcs8(&PrivateKeyInfoRef::from_der(der)?)?);
        }
        Ok(())
    }
}

/// encryptedContent, `[0] IMPLICIT OCTET STRING`: primitive, or constructed of octet strings.
fn octets(content: &Any) -> Result<Vec<u8>, KeyError> {
    let der = content.to_der()?;
    let (mut input, mut reader) = (der.as_slice(), Reader::new());
    let mut octets = Vec::new();
    while let Some(event) = reader.next(&mut input).map_err(|_| KeyError::Malformed)? {
        match event {
            Event::Octets(run) => octets.extend_from_slice(run),
            Event::Begin(tag) if tag.is_octet_string() => {}
            Event::Begin(tag) if tag == Tag::context(0) || tag == Tag::context_primitive(0) => {}
            Event::Begin(_) => return Err(KeyError::Malformed),
            Event::End => {}
        }
    }
    Ok(octets)
}

/// Octets that a passphrase opened, wiped on drop.
pub(super) type Opened = Zeroizing<Vec<u8>>;
