//! The user's key, password and passphrases out of files, or from the terminal where they are to be asked for.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use envelope::recipient::{Certificate, Holder, KeyError, PrivateKey};
use zeroize::Zeroizing;

use crate::args::Account;
use crate::exit::{Exit, Failure};
use crate::prompt;
use crate::screen;

type Secret = Zeroizing<Vec<u8>>;

/// How often a passphrase is asked for on the terminal.
const ATTEMPTS: u32 = 3;

/// The user's password.
pub(crate) fn password(account: &Account, user: &str) -> Result<Secret, Failure> {
    match &account.password_file {
        Some(path) => first_line(path),
        None => asked(
            &format!("Password of {}", screen::safe(user)),
            "--password-file",
        ),
    }
}

/// The user's key with its certificate; `None` where none was given.
pub(crate) fn holder(account: &Account) -> Result<Option<Holder>, Failure> {
    if let Some(path) = &account.pkcs12 {
        let octets = read(path)?;
        return unlocked(account, path, |passphrase| pkcs12(&octets, passphrase)).map(Some);
    }
    let (key, certificate) = match (&account.key, &account.cert) {
        (None, None) => return Ok(None),
        (Some(key), Some(certificate)) => (key, certificate),
        (Some(_), None) => return Err(Failure::new(Exit::Usage, "--key needs --cert")),
        (None, Some(_)) => return Err(Failure::new(Exit::Usage, "--cert needs --key")),
    };
    let text = read(certificate)?;
    let certificate = pem(&text, certificate).and_then(|pem| {
        Certificate::from_pem(pem).map_err(|error| unreadable(certificate, error))
    })?;
    let text = read(key)?;
    let pem = pem(&text, key)?;
    let private = unlocked(account, key, |passphrase| {
        PrivateKey::from_pem(pem, passphrase)
    })?;
    let holder = Holder::new(private, certificate).map_err(|error| unreadable(key, error))?;
    Ok(Some(holder))
}

fn pkcs12(octets: &[u8], passphrase: Option<&[u8]>) -> Result<Holder, KeyError> {
    let passphrase = passphrase.ok_or(KeyError::PassphraseNeeded)?;
    let passphrase = str::from_utf8(passphrase).map_err(|_| KeyError::WrongPassphrase)?;
    Holder::from_pkcs12(octets, passphrase)
}

/// Opens a key, with a passphrase where it wants one.
fn unlocked<T>(
    account: &Account,
    path: &Path,
    open: impl Fn(Option<&[u8]>) -> Result<T, KeyError>,
) -> Result<T, Failure> {
    match open(None) {
        Err(KeyError::PassphraseNeeded) => {}
        other => return other.map_err(|error| unreadable(path, error)),
    }
    if let Some(file) = &account.passphrase_file {
        let passphrase = first_line(file)?;
        return open(Some(&passphrase)).map_err(|error| unreadable(path, error));
    }
    let question = format!(
        "Passphrase of {}",
        screen::safe(&path.display().to_string())
    );
    for _ in 1..ATTEMPTS {
        match open(Some(&asked(&question, "--passphrase-file")?)) {
            Err(KeyError::WrongPassphrase) => screen::note("That was not it."),
            other => return other.map_err(|error| unreadable(path, error)),
        }
    }
    let last = asked(&question, "--passphrase-file")?;
    open(Some(&last)).map_err(|error| unreadable(path, error))
}

fn asked(question: &str, instead: &str) -> Result<Secret, Failure> {
    prompt::ask(question).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("cannot ask on the terminal ({error}); use {instead}"),
        )
    })
}

fn first_line(path: &Path) -> Result<Secret, Failure> {
    let mut octets = read(path)?;
    let end = octets
        .iter()
        .position(|octet| matches!(octet, b'\r' | b'\n'));
    let end = end.unwrap_or(octets.len());
    octets.truncate(end);
    Ok(octets)
}

/// Reads a file that holds a secret, and says so when others can read it too.
fn read(path: &Path) -> Result<Secret, Failure> {
    let octets = fs::read(path).map_err(|error| Failure::file(path, &error))?;
    let octets = Zeroizing::new(octets);
    let mode = fs::metadata(path).map_or(0, |metadata| metadata.permissions().mode());
    if mode & 0o077 != 0 && holds_secret(&octets) {
        screen::note(&format!(
            "Others on this machine can read {}; chmod 600 it.",
            screen::safe(&path.display().to_string())
        ));
    }
    Ok(octets)
}

/// A certificate may be read by anybody; everything else that is read here is a key or a password.
fn holds_secret(octets: &[u8]) -> bool {
    !octets
        .trim_ascii_start()
        .starts_with(b"-----BEGIN CERTIFICATE")
}

fn pem<'a>(octets: &'a [u8], path: &Path) -> Result<&'a str, Failure> {
    str::from_utf8(octets).map_err(|_| unreadable(path, KeyError::Malformed))
}

fn unreadable(path: &Path, error: KeyError) -> Failure {
    let words = match error {
        KeyError::Malformed => "cannot be read; PEM (or PKCS #12 with --pkcs12) is needed",
        KeyError::Missing => "holds no key, or no certificate",
        KeyError::Unsupported => {
            "holds a key of a kind that is not supported: RSA, P-256 or X25519 is needed"
        }
        KeyError::PassphraseNeeded => "needs a passphrase",
        KeyError::WrongPassphrase => "does not open with this passphrase",
        KeyError::Mismatch => "the key is not the one that the certificate is for",
    };
    Failure::new(Exit::OurFile, format!("{}: {words}", path.display()))
}
