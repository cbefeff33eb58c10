//! Everything that is the same every time: `handset.toml`, with the command line over it. The one place that asks the
//! environment, and only for where settings are kept.

use std::fs;
use std::io;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::args::Account;
use crate::exit::Failure;

/// IMAP over TLS (RFC 8314 §3.2).
const PORT: u16 = 993;

/// The file. Unknown names are refused: a misspelt `pin` must not be a pin forgotten.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    server: Option<String>,
    server_name: Option<String>,
    ca: Option<PathBuf>,
    user: Option<String>,
    password_file: Option<PathBuf>,
    key: Option<PathBuf>,
    cert: Option<PathBuf>,
    pkcs12: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
    pin: Option<String>,
    known: Option<PathBuf>,
    mailbox: Option<String>,
    silence: Option<NonZeroU32>,
}

/// Where the settings and the known identities are.
pub(crate) struct Places {
    settings: Option<PathBuf>,
    given: Given,
    known: Option<PathBuf>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Given {
    ByName,
    ByDefault,
}

impl Places {
    /// XDG Base Directory Specification: `$XDG_CONFIG_HOME`, else `~/.config`; a relative one counts as unset.
    pub(crate) fn of(account: &Account) -> Self {
        let absolute = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|p| p.is_absolute())
        };
        let folder = absolute("XDG_CONFIG_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".config")))
            .map(|folder| folder.join("handset"));
        let beside = |name| folder.as_ref().map(|folder| folder.join(name));
        let (settings, given) = match &account.config {
            Some(path) => (Some(path.clone()), Given::ByName),
            None => (beside("handset.toml"), Given::ByDefault),
        };
        Self {
            settings,
            given,
            known: beside("known-identities"),
        }
    }
}

/// The account: command line over file.
pub(crate) fn settle(account: Account) -> Result<Account, Failure> {
    let places = Places::of(&account);
    let file = read(&places)?;
    let settled = over(account, file);
    Ok(Account {
        known: settled.known.clone().or(places.known),
        ..settled
    })
}

fn read(places: &Places) -> Result<File, Failure> {
    let Some(path) = &places.settings else {
        return Ok(File::default());
    };
    let text = match fs::read_to_string(path) {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && places.given == Given::ByDefault =>
        {
            return Ok(File::default());
        }
        other => other.map_err(|error| Failure::file(path, &error))?,
    };
    let parsed: File = toml::from_str(&text).map_err(|error| Failure::settings(path, &error))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok(File {
        ca: parsed.ca.map(|p| folder.join(p)),
        password_file: parsed.password_file.map(|p| folder.join(p)),
        key: parsed.key.map(|p| folder.join(p)),
        cert: parsed.cert.map(|p| folder.join(p)),
        pkcs12: parsed.pkcs12.map(|p| folder.join(p)),
        passphrase_file: parsed.passphrase_file.map(|p| folder.join(p)),
        known: parsed.known.map(|p| folder.join(p)),
        ..parsed
    })
}

/// What the command line says wins. A key given there puts aside every key of the file: the two forms do not mix.
fn over(given: Account, file: File) -> Account {
    let own_key = given.key.is_some() || given.cert.is_some() || given.pkcs12.is_some();
    let unless_own = |path: Option<PathBuf>| path.filter(|_| !own_key);
    Account {
        server: given.server.or(file.server),
        server_name: given.server_name.or(file.server_name),
        ca: given.ca.or(file.ca),
        user: given.user.or(file.user),
        password_file: given.password_file.or(file.password_file),
        key: given.key.or(unless_own(file.key)),
        cert: given.cert.or(unless_own(file.cert)),
        pkcs12: given.pkcs12.or(unless_own(file.pkcs12)),
        passphrase_file: given.passphrase_file.or(unless_own(file.passphrase_file)),
        pin: given.pin.or(file.pin),
        known: given.known.or(file.known),
        config: given.config,
        mailbox: given.mailbox.or(file.mailbox),
        silence: given.silence.or(file.silence),
    }
}

/// `HOST`, `HOST:PORT`, `[v6]`, `[v6]:PORT`.
pub(crate) fn host_and_port(server: &str) -> Option<(&str, u16)> {
    let (host, port) = match server.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, after.strip_prefix(':'))
        }
        None => match server.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (server, None),
        },
    };
    let port = port.map_or(Some(PORT), |text| text.parse().ok())?;
    (!host.is_empty() && port != 0).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_with_and_without_port() {
        assert_eq!(host_and_port("a.example"), Some(("a.example", 993)));
        assert_eq!(host_and_port("a.example:1143"), Some(("a.example", 1143)));
        assert_eq!(host_and_port("[::1]:1143"), Some(("::1", 1143)));
        assert_eq!(host_and_port("[::1]"), Some(("::1", 993)));
        for wrong in ["", ":993", "a:", "a:0", "a:b", "[::1", "::1"] {
            assert_eq!(host_and_port(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_command_line_wins_and_keys_do_not_mix() {
        let given = Account {
            user: Some("me".into()),
            key: Some("mine.pem".into()),
            ..Account::default()
        };
        let file = File {
            user: Some("you".into()),
            pkcs12: Some("old.p12".into()),
            pin: Some("x".into()),
            ..File::default()
        };
        let settled = over(given, file);
        assert_eq!(settled.user.as_deref(), Some("me"));
        assert_eq!((settled.pkcs12, settled.pin.as_deref()), (None, Some("x")));
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        assert!(toml::from_str::<File>("pinn = \"x\"").is_err());
        assert!(toml::from_str::<File>("server = \"a\"\nsilence = 5").is_ok());
    }
}
