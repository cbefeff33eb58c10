//! What protects a PKCS #12 file: its key derivation, its mac, its old ciphers (RFC 7292 appendix B and C), and PBES2.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt, InnerIvInit, KeyInit};
use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Encode, Sequence};
use des::TdesEde3;
use hmac::{EagerHash, Hmac, Mac};
use pkcs5::EncryptionScheme;
use pkcs5::pbes2::PBES2_OID;
use rc2::Rc2;
use sha1::Sha1;
use sha2::digest::Digest;
use sha2::digest::common::BlockSizeUser;
use sha2::{Sha224, Sha256, Sha384, Sha512};
use spki::AlgorithmIdentifierOwned;
use zeroize::{Zeroize, Zeroizing};

use super::KeyError;
use super::pkcs12::Opened;
use crate::cms::oid;

/// The most rounds that are made: a second or so. RFC 7292 names no limit.
const MAX_ITERATIONS: u32 = 10_000_000;

/// A passphrase in both forms that such files use.
pub(super) struct Passphrase {
    /// RFC 7292 appendix B.1: UTF-16, big endian, with a terminating zero.
    wide: Zeroizing<Vec<u8>>,
    plain: Zeroizing<String>,
}

impl Passphrase {
    pub(super) fn new(text: &str) -> Self {
        let units = text.encode_utf16().chain([0]);
        // All the room at once, so that no copy is left behind.
        let mut wide = Zeroizing::new(Vec::with_capacity(
            text.len().saturating_add(1).saturating_mul(2),
        ));
        wide.extend(units.flat_map(u16::to_be_bytes));
        Self {
            wide,
            plain: Zeroizing::new(text.to_owned()),
        }
    }
}

/// What derived octets are for (RFC 7292 appendix B.3).
#[derive(Clone, Copy)]
enum Purpose {
    Key,
    Vector,
    Mac,
}

impl Purpose {
    fn id(self) -> u8 {
        match self {
            Self::Key => 1,
            Self::Vector => 2,
            Self::Mac => 3,
        }
    }
}

#[derive(Sequence)]
struct PbeParameters {
    salt: OctetString,
    iterations: u32,
}

/// The mac over a file's content.
///
/// # Errors
/// [`KeyError::Unsupported`] for another hash, or too many rounds.
pub(super) fn mac(
    hash: ObjectIdentifier,
    passphrase: &Passphrase,
    salt: &[u8],
    iterations: u32,
    content: &[u8],
) -> Result<Vec<u8>, KeyError> {
    match hash {
        oid::SHA1 => mac_with::<Sha1>(passphrase, salt, iterations, content),
        oid::SHA224 => mac_with::<Sha224>(passphrase, salt, iterations, content),
        oid::SHA256 => mac_with::<Sha256>(passphrase, salt, iterations, content),
        oid::SHA384 => mac_with::<Sha384>(passphrase, salt, iterations, content),
        oid::SHA512 => mac_with::<Sha512>(passphrase, salt, iterations, content),
        _other => Err(KeyError::Unsupported),
    }
}

fn mac_with<D: EagerHash + Digest + BlockSizeUser>(
    passphrase: &Passphrase,
    salt: &[u8],
    iterations: u32,
    content: &[u8],
) -> Result<Vec<u8>, KeyError> {
    let len = <D as Digest>::output_size();
    let key = derive::<D>(Purpose::Mac, passphrase, salt, iterations, len)?;
    let mac = <Hmac<D> as KeyInit>::new_from_slice(&key).map_err(|_| KeyError::Malformed)?;
    Ok(mac.chain_update(content).finalize().into_bytes().to_vec())
}

/// Opens what is encrypted under the passphrase.
///
/// # Errors
/// [`KeyError::WrongPassphrase`], or [`KeyError::Unsupported`] for another cipher.
pub(super) fn open(
    algorithm: &AlgorithmIdentifierOwned,
    passphrase: &Passphrase,
    encrypted: Vec<u8>,
) -> Result<Opened, KeyError> {
    match algorithm.oid {
        PBES2_OID => open_pbes2(algorithm, passphrase, encrypted),
        oid::PBE_SHA1_3DES => open_old(algorithm, passphrase, encrypted, 24, |key| {
            TdesEde3::new_from_slice(key).map_err(|_| KeyError::Malformed)
        }),
        oid::PBE_SHA1_RC2_128 => {
            open_old(algorithm, passphrase, encrypted, 16, |key| rc2(key, 128))
        }
        oid::PBE_SHA1_RC2_40 => open_old(algorithm, passphrase, encrypted, 5, |key| rc2(key, 40)),
        _other => Err(KeyError::Unsupported),
    }
}

fn rc2(key: &[u8], effective_bits: usize) -> Result<Rc2, KeyError> {
    Ok(Rc2::new_with_eff_key_len(key, effective_bits))
}

fn open_pbes2(
    algorithm: &AlgorithmIdentifierOwned,
    passphrase: &Passphrase,
    encrypted: Vec<u8>,
) -> Result<Opened, KeyError> {
    let der = algorithm.to_der()?;
    let scheme = EncryptionScheme::from_der(&der).map_err(|_| KeyError::Unsupported)?;
    let mut opened = Zeroizing::new(encrypted);
    let len = scheme
        .decrypt_in_place(passphrase.plain.as_bytes(), &mut opened)
        .map_err(|error| {
            if error == pkcs5::Error::DecryptFailed {
                KeyError::WrongPassphrase
            } else {
                KeyError::Unsupported
            }
        })?
        .len();
    opened.truncate(len);
    Ok(opened)
}

/// RFC 7292 appendix C: CBC with blocks of eight octets.
fn open_old<C: BlockCipherDecrypt>(
    algorithm: &AlgorithmIdentifierOwned,
    passphrase: &Passphrase,
    encrypted: Vec<u8>,
    key_len: usize,
    cipher: impl FnOnce(&[u8]) -> Result<C, KeyError>,
) -> Result<Opened, KeyError> {
    let parameters = algorithm.parameters.as_ref().ok_or(KeyError::Malformed)?;
    let parameters: PbeParameters = parameters.decode_as()?;
    let (salt, rounds) = (parameters.salt.as_bytes(), parameters.iterations);
    let key = derive::<Sha1>(Purpose::Key, passphrase, salt, rounds, key_len)?;
    let vector = derive::<Sha1>(Purpose::Vector, passphrase, salt, rounds, 8)?;
    let mode = cbc::Decryptor::inner_iv_slice_init(cipher(&key)?, &vector)
        .map_err(|_| KeyError::Malformed)?;
    let mut opened = Zeroizing::new(encrypted);
    let len = mode
        .decrypt_padded::<Pkcs7>(&mut opened)
        .map_err(|_| KeyError::WrongPassphrase)?
        .len();
    opened.truncate(len);
    Ok(opened)
}

/// RFC 7292 appendix B.2.
fn derive<D: Digest + BlockSizeUser>(
    purpose: Purpose,
    passphrase: &Passphrase,
    salt: &[u8],
    iterations: u32,
    len: usize,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if iterations > MAX_ITERATIONS || salt.len() > MAX_SALT {
        return Err(KeyError::Unsupported);
    }
    let block = <D as BlockSizeUser>::block_size();
    let diversifier = vec![purpose.id(); block];
    let mut input = Zeroizing::new(
        [
            stretched(salt, block).as_slice(),
            stretched(&passphrase.wide, block).as_slice(),
        ]
        .concat(),
    );
    let mut derived = Zeroizing::new(Vec::with_capacity(len));
    while derived.len() < len {
        let first = D::new().chain_update(&diversifier).chain_update(&*input);
        let mut output = first.finalize();
        for _ in 1..iterations {
            output = D::digest(&output);
        }
        let wanted = len.saturating_sub(derived.len());
        derived.extend(output.iter().take(wanted));
        let addend: Vec<u8> = output.iter().copied().cycle().take(block).collect();
        for chunk in input.chunks_mut(block) {
            add_with_one(chunk, &addend);
        }
        output.as_mut_slice().zeroize();
    }
    Ok(derived)
}

/// The longest salt: OpenSSL's has 8 or 16 octets.
const MAX_SALT: usize = 1024;

/// Repeated up to a multiple of the block; nothing stays nothing.
fn stretched(octets: &[u8], block: usize) -> Zeroizing<Vec<u8>> {
    let len = octets.len().div_ceil(block).saturating_mul(block);
    let mut whole = Zeroizing::new(Vec::with_capacity(len));
    whole.extend(octets.iter().cycle().take(len));
    whole
}

/// `chunk + addend + 1`, big endian, modulo its size.
fn add_with_one(chunk: &mut [u8], addend: &[u8]) {
    let mut carry = 1_u16;
    for (place, octet) in chunk.iter_mut().zip(addend).rev() {
        let sum = u16::from(*place)
            .saturating_add(u16::from(*octet))
            .saturating_add(carry);
        let [high, low] = sum.to_be_bytes();
        *place = low;
        carry = u16::from(high);
    }
}
