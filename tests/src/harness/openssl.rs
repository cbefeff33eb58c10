//! Keys, certificates and S/MIME, all made by OpenSSL: what we must open is not made by us, and what we seal is opened by it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::{attempt, run};

/// The kind of a recipient's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, 2048 bits.
    Rsa,
    /// ECDH on P-256.
    P256,
}

/// Somebody to whom mail is encrypted.
#[derive(Clone, Debug)]
pub struct Recipient {
    /// PKCS#8 PEM.
    pub key: PathBuf,
    /// X.509 PEM.
    pub certificate: PathBuf,
}

impl Recipient {
    /// Makes a key and a self-signed certificate in `folder`.
    ///
    /// # Panics
    /// When OpenSSL does not.
    #[must_use]
    pub fn make(folder: &Path, name: &str, kind: KeyKind) -> Self {
        let key = folder.join(format!("{name}-key.pem"));
        let certificate = folder.join(format!("{name}.pem"));
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-nodes", "-days", "30"]);
        command.args(["-subj", &format!("/CN={name}")]);
        command.args([
            "-addext",
            &format!("subjectAltName=email:{name}@example.org"),
        ]);
        match kind {
            KeyKind::Rsa => command.args(["-newkey", "rsa:2048"]),
            KeyKind::P256 => command.args(["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
        };
        run(command
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate));
        Self { key, certificate }
    }

    /// The same as a PKCS#12 file under `passphrase`.
    ///
    /// # Panics
    /// When OpenSSL does not make it.
    #[must_use]
    pub fn pkcs12(&self, passphrase: &str) -> PathBuf {
        let file = self.certificate.with_extension("p12");
        run(Command::new("openssl")
            .args([
                "pkcs12",
                "-export",
                "-passout",
                &format!("pass:{passphrase}"),
            ])
            .arg("-inkey")
            .arg(&self.key)
            .arg("-in")
            .arg(&self.certificate)
            .arg("-out")
            .arg(&file));
        file
    }

    /// The same key, encrypted under `passphrase`.
    ///
    /// # Panics
    /// When OpenSSL does not make it.
    #[must_use]
    pub fn encrypted_key(&self, passphrase: &str) -> PathBuf {
        let file = self.key.with_extension("encrypted.pem");
        run(Command::new("openssl")
            .args([
                "pkcs8",
                "-topk8",
                "-v2",
                "aes-256-cbc",
                "-passout",
                &format!("pass:{passphrase}"),
            ])
            .arg("-in")
            .arg(&self.key)
            .arg("-out")
            .arg(&file));
        file
    }

    /// Opens a DER CMS object, as any S/MIME program does.
    ///
    /// # Panics
    /// When OpenSSL cannot.
    #[must_use]
    pub fn decrypt(&self, cms: &[u8]) -> Vec<u8> {
        let file = self.key.with_extension("to-open.der");
        fs::write(&file, cms).expect("the object is written");
        let opened = run(Command::new("openssl")
            .args(["cms", "-decrypt", "-inform", "DER", "-binary"])
            .arg("-in")
            .arg(&file)
            .arg("-inkey")
            .arg(&self.key)
            .arg("-recip")
            .arg(&self.certificate));
        opened.stdout
    }
}

/// How a content is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// AES-128-CBC
    Aes128Cbc,
    /// AES-192-CBC
    Aes192Cbc,
    /// AES-256-CBC
    Aes256Cbc,
    /// AES-128-GCM
    Aes128Gcm,
    /// AES-256-GCM
    Aes256Gcm,
}

impl Cipher {
    fn option(self) -> &'static str {
        match self {
            Self::Aes128Cbc => "-aes-128-cbc",
            Self::Aes192Cbc => "-aes-192-cbc",
            Self::Aes256Cbc => "-aes-256-cbc",
            Self::Aes128Gcm => "-aes-128-gcm",
            Self::Aes256Gcm => "-aes-256-gcm",
        }
    }

    /// Whether an altered content is noticed.
    #[must_use]
    pub fn is_authenticated(self) -> bool {
        matches!(self, Self::Aes128Gcm | Self::Aes256Gcm)
    }

    /// The `smime-type` of RFC 8551 §3.2.2.
    #[must_use]
    pub fn smime_type(self) -> &'static str {
        if self.is_authenticated() {
            "authEnveloped-data"
        } else {
            "enveloped-data"
        }
    }
}

/// How the content key gets to the recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// As OpenSSL does it unasked: PKCS#1 v1.5 for RSA; for P-256 its KDF with SHA-1.
    Plain,
    /// RSA-OAEP with SHA-1.
    Oaep,
    /// RSA-OAEP with SHA-256.
    OaepSha256,
    /// ECDH with the KDF on SHA-256.
    EcdhSha256,
}

impl Transport {
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Plain => &[],
            Self::Oaep => &["-keyopt", "rsa_padding_mode:oaep"],
            Self::OaepSha256 => &[
                "-keyopt",
                "rsa_padding_mode:oaep",
                "-keyopt",
                "rsa_oaep_md:sha256",
            ],
            Self::EcdhSha256 => &["-keyopt", "ecdh_kdf_md:sha256"],
        }
    }
}

/// How the object is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Definite lengths.
    Der,
    /// `-stream`: indefinite lengths, the content in pieces.
    Stream,
}

/// Encrypts an entity; gives the CMS object.
///
/// # Panics
/// When OpenSSL cannot.
#[must_use]
pub fn encrypt(
    entity: &[u8],
    to: &Recipient,
    cipher: Cipher,
    transport: Transport,
    layout: Layout,
) -> Vec<u8> {
    let source = to.certificate.with_extension("entity");
    let target = to.certificate.with_extension("cms");
    fs::write(&source, entity).expect("the entity is written");
    let mut command = Command::new("openssl");
    command.args([
        "cms",
        "-encrypt",
        "-binary",
        "-outform",
        "DER",
        cipher.option(),
    ]);
    if layout == Layout::Stream {
        command.arg("-stream");
    }
    run(command
        .arg("-in")
        .arg(&source)
        .arg("-out")
        .arg(&target)
        .arg("-recip")
        .arg(&to.certificate)
        .args(transport.options()));
    fs::read(&target).expect("the object is read")
}

/// Makes an X25519 recipient and a CMS object to it, where the installed OpenSSL can (3.0 cannot).
#[must_use]
pub fn encrypt_x25519(folder: &Path, entity: &[u8]) -> Option<(Recipient, Vec<u8>)> {
    let path = |name: &str| folder.join(name);
    let recipient = Recipient {
        key: path("x25519-key.pem"),
        certificate: path("x25519.pem"),
    };
    let signer = Recipient::make(folder, "x25519-authority", KeyKind::Rsa);
    fs::write(path("x25519.entity"), entity).ok()?;
    let step = |command: &mut Command| attempt(command).status.success().then_some(());
    step(
        Command::new("openssl")
            .args(["genpkey", "-algorithm", "X25519", "-out"])
            .arg(&recipient.key),
    )?;
    step(
        Command::new("openssl")
            .args(["pkey", "-pubout", "-in"])
            .arg(&recipient.key)
            .arg("-out")
            .arg(path("x25519.pub")),
    )?;
    step(
        Command::new("openssl")
            .args(["req", "-new", "-subj", "/CN=x25519", "-key"])
            .arg(&signer.key)
            .arg("-out")
            .arg(path("x25519.csr")),
    )?;
    step(
        Command::new("openssl")
            .args(["x509", "-req", "-days", "30", "-CAcreateserial", "-in"])
            .arg(path("x25519.csr"))
            .arg("-CA")
            .arg(&signer.certificate)
            .arg("-CAkey")
            .arg(&signer.key)
            .arg("-force_pubkey")
            .arg(path("x25519.pub"))
            .arg("-out")
            .arg(&recipient.certificate),
    )?;
    step(
        Command::new("openssl")
            .args([
                "cms",
                "-encrypt",
                "-binary",
                "-outform",
                "DER",
                "-aes-256-gcm",
                "-in",
            ])
            .arg(path("x25519.entity"))
            .arg("-out")
            .arg(path("x25519.cms"))
            .arg("-recip")
            .arg(&recipient.certificate),
    )?;
    let cms = fs::read(path("x25519.cms")).ok()?;
    Some((recipient, cms))
}
