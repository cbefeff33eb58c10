//! The demo's mail: a user with a fresh key, and a mailbox whose one message carries a photograph in an S/MIME part of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use envelope::recipient::Certificate;
use envelope::sealer::{SealAlgorithm, seal};
use rand_core::CryptoRng;

/// A real photograph; its source and licence are in `keyhole/assets/README.md`.
pub(super) const PHOTOGRAPH: &[u8] = include_bytes!("../../assets/photograph.jpg");
/// Who receives the demo's message.
pub(super) const USER: &str = "demo";
/// The section of the message that holds the encrypted photograph.
pub(super) const SECTION: &str = "2";

/// Octets in one line of base64 (RFC 2045 §6.8 allows 76).
const LINE: usize = 76;
const BOUNDARY: &str = "keyhole-demo-boundary";

/// The demo user's files.
pub(super) struct Mailbox {
    /// PKCS#8 PEM.
    pub(super) key: PathBuf,
    /// X.509 PEM.
    pub(super) certificate: PathBuf,
    /// The folder with `new`, `cur` and `tmp`.
    pub(super) maildir: PathBuf,
    /// Octets of the encrypted part as the store holds it, base64 and all.
    pub(super) part_octets: usize,
}

/// Makes the user's key and certificate and delivers the message, all under `folder`.
///
/// # Errors
/// What the file system says, or `InvalidData` where a key or a message could not be made.
pub(super) fn create(folder: &Path, rng: &mut impl CryptoRng) -> io::Result<Mailbox> {
    let (key_pem, certificate_pem) = user_key().map_err(unmade)?;
    let certificate = Certificate::from_pem(&certificate_pem).map_err(unmade)?;
    let mailbox = Mailbox {
        key: folder.join("demo-key.pem"),
        certificate: folder.join("demo-certificate.pem"),
        maildir: folder.join("maildir"),
        part_octets: 0,
    };
    write_private(&mailbox.key, key_pem.as_bytes())?;
    fs::write(&mailbox.certificate, certificate_pem)?;
    for part in ["new", "cur", "tmp"] {
        fs::create_dir_all(mailbox.maildir.join(part))?;
    }
    let body = encrypted_part(&certificate, rng)?;
    fs::write(
        mailbox.maildir.join("new/1.photograph.demo"),
        message(&body),
    )?;
    Ok(Mailbox {
        part_octets: body.len(),
        ..mailbox
    })
}

fn unmade(error: impl std::fmt::Debug) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("{error:?}"))
}

/// A P-256 key and its self-signed e-mail certificate, both PEM.
fn user_key() -> Result<(String, String), rcgen::Error> {
    let key = rcgen::KeyPair::generate()?;
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(rcgen::DnType::CommonName, "Keyhole demo user");
    parameters.subject_alt_names = vec![rcgen::SanType::Rfc822Name("demo@example.org".try_into()?)];
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::EmailProtection];
    parameters.key_usages = vec![rcgen::KeyUsagePurpose::KeyAgreement];
    let certificate = parameters.self_signed(&key)?;
    Ok((key.serialize_pem(), certificate.pem()))
}

/// The photograph as a MIME entity, in CMS, in base64 lines.
fn encrypted_part(to: &Certificate, rng: &mut impl CryptoRng) -> io::Result<String> {
    let mut entity = String::from(
        "Content-Type: image/jpeg; name=\"photograph.jpg\"\r\n\
         Content-Disposition: attachment; filename=\"photograph.jpg\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n",
    );
    push_base64(&mut entity, PHOTOGRAPH);
    let recipients = std::slice::from_ref(to);
    let sealed = seal(entity.as_bytes(), recipients, SealAlgorithm::Aes256Gcm, rng);
    let mut body = String::new();
    push_base64(&mut body, &sealed.map_err(unmade)?);
    Ok(body)
}

fn push_base64(text: &mut String, octets: &[u8]) {
    let encoded = STANDARD.encode(octets);
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push_str("\r\n");
        rest = after;
    }
}

fn message(part: &str) -> String {
    format!(
        "From: Mathilde <mathilde@example.org>\r\n\
         To: Demo <demo@example.org>\r\n\
         Subject: The photograph you asked for\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <photograph@example.org>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\r\n\r\n\
         --{BOUNDARY}\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Here it is, encrypted to you alone.\r\n\
         --{BOUNDARY}\r\n\
         Content-Type: application/pkcs7-mime; smime-type=authEnveloped-data; name=\"smime.p7m\"\r\n\
         Content-Disposition: attachment; filename=\"smime.p7m\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n\
         {part}\
         --{BOUNDARY}--\r\n"
    )
}

/// Writes a file that only its owner reads.
pub(super) fn write_private(path: &Path, octets: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(octets)
}
