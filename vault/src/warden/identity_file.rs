//! The file with the identity key: an Ed25519 private key as PKCS #8 in PEM (RFC 8410 §7), as `openssl genpkey -algorithm ed25519`
//! writes it, readable by its owner alone.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use keyreveal::Identity;
use pkcs8::SecretDocument;
use pkcs8::der::pem::LineEnding;
use rand_core::CryptoRng;
use secret::SecretBytes;
use zeroize::Zeroizing;

/// What stands before the 32 octets of the key in the one PKCS #8 encoding of it (RFC 8410 §7, RFC 5958 §2, version 1).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// RFC 7468 §10.
const LABEL: &str = "PRIVATE KEY";

/// More octets than the PEM of such a key has.
const MOST_OCTETS: u64 = 4096;

/// Why there is no identity.
#[derive(Debug)]
pub enum IdentityFileError {
    /// The file cannot be read or made.
    System(std::io::Error),
    /// Others than its owner may read or write it (the mode is given).
    Readable(u32),
    /// It is not an Ed25519 key in PKCS #8 PEM.
    NotAKey,
}

impl std::fmt::Display for IdentityFileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::System(error) => write!(f, "{error}"),
            Self::Readable(mode) => write!(f, "mode {mode:04o} lets others use it; set it to 0600"),
            Self::NotAKey => f.write_str(
                "not an Ed25519 key in PKCS #8 PEM, as `openssl genpkey -algorithm ed25519` makes",
            ),
        }
    }
}

impl std::error::Error for IdentityFileError {}

impl From<std::io::Error> for IdentityFileError {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}

/// The identity in the file; a new one, written there first, if there is no file.
///
/// # Errors
/// [`IdentityFileError`]; a file that is there is never written to.
pub fn read_or_create(
    path: &Path,
    rng: &mut impl CryptoRng,
) -> Result<Identity, IdentityFileError> {
    match File::open(path) {
        Ok(file) => read(file),
        Err(error) if error.kind() == ErrorKind::NotFound => create(path, rng),
        Err(error) => Err(error.into()),
    }
}

fn read(file: File) -> Result<Identity, IdentityFileError> {
    let metadata = file.metadata()?;
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(IdentityFileError::Readable(mode));
    }
    let room = usize::try_from(MOST_OCTETS).unwrap_or_default();
    // All the room at once: growing would leave copies behind.
    let mut pem = Zeroizing::new(String::with_capacity(room));
    file.take(MOST_OCTETS)
        .read_to_string(&mut pem)
        .map_err(|error| {
            if error.kind() == ErrorKind::InvalidData {
                IdentityFileError::NotAKey
            } else {
                error.into()
            }
        })?;
    identity(&pem).ok_or(IdentityFileError::NotAKey)
}

fn identity(pem: &str) -> Option<Identity> {
    let (label, document) = SecretDocument::from_pem(pem).ok()?;
    let seed = document.as_bytes().strip_prefix(&PKCS8_HEAD)?;
    let seed = SecretBytes::copied_from(seed);
    (label == LABEL)
        .then(|| Identity::from_seed(&seed))
        .flatten()
}

/// Written under another name first: a crash leaves the whole key at `path`, or nothing.
fn create(path: &Path, rng: &mut impl CryptoRng) -> Result<Identity, IdentityFileError> {
    let identity = Identity::generate(rng);
    let pem = pem(&identity).ok_or(IdentityFileError::NotAKey)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = folder.join(name);
    let placed = write(&new, pem.as_bytes()).and_then(|()| std::fs::hard_link(&new, path));
    // What another process of this number left behind goes too, so that the next start succeeds.
    let removed = std::fs::remove_file(&new);
    placed.and(removed)?;
    // Handsets pin this key: it must outlive a power cut, and its name too.
    File::open(folder)?.sync_all()?;
    Ok(identity)
}

fn write(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(octets)?;
    file.sync_all()
}

fn pem(identity: &Identity) -> Option<Zeroizing<String>> {
    let seed = identity.seed();
    let mut der = Zeroizing::new(Vec::with_capacity(
        PKCS8_HEAD.len().saturating_add(seed.len()),
    ));
    der.extend_from_slice(&PKCS8_HEAD);
    der.extend_from_slice(seed.expose());
    let document = SecretDocument::try_from(der.as_slice()).ok()?;
    document.to_pem(LABEL, LineEnding::LF).ok()
}
