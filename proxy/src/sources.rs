//! What the machine told: the configuration's text, the octets of every file that it names, the addresses of every name.
//!
//! Everything after this works on octets: the server builds what it needs without a file, `keyhole check` looks at the same. Read by
//! whoever may open files: `check`, `serve` before its sandbox, and the loader after. Octets of files are wiped when they are dropped.

pub(crate) mod named;

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{self, Read as _},
    net::{SocketAddr, ToSocketAddrs as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use crate::config::{Config, ConfigError, StoreAddress};
use named::Named;

/// The most octets of a configuration.
const CONFIGURATION: u64 = 4 << 20;

/// The most octets of a file with certificates, a key or a password.
const FILE: u64 = 1 << 20;

/// The most octets of the users' map: some hundred thousand lines.
const MAP: u64 = 32 << 20;

/// Bits of the mode of a certificate's key that must not be set: it may be shared with a group of its own, as Debian's ssl-cert
/// does, and never with everybody.
pub(crate) const NOT_FOR_ALL: u32 = 0o037;

/// Bits of the mode of a secret of one user alone that must not be set.
pub(crate) const NOT_FOR_OTHERS: u32 = 0o077;

/// What the machine told about one configuration.
#[derive(Debug, Default, PartialEq)]
pub struct Sources {
    /// The configuration's text.
    pub text: String,
    /// Each file that it names, but the identity key.
    pub files: BTreeMap<PathBuf, Found>,
    /// Each name, with its port, of a backend.
    pub names: BTreeMap<(String, u16), Result<Vec<SocketAddr>, String>>,
    /// The system's authorities (DER), where a backend wants them.
    pub roots: Option<Vec<Vec<u8>>>,
    /// The identity key's file, which nobody but the warden opens.
    pub identity: Option<Identity>,
}

/// What was found where a file should be.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// A file.
    File {
        /// Who may do what with it.
        mode: u32,
        /// What is in it.
        octets: Zeroizing<Vec<u8>>,
    },
    /// None that can be used, in the system's words.
    Nothing(String),
}

/// What stands where the identity key should be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Identity {
    /// A file of this mode.
    File(u32),
    /// None yet: the warden makes one in this folder at its first start.
    Folder,
    /// Not even the folder.
    Nothing,
}

impl Sources {
    /// Reads the configuration at `path` and all that it names.
    ///
    /// # Errors
    /// Where the configuration itself cannot be read; what it names is told file by file.
    pub fn read(path: &Path) -> io::Result<Self> {
        Self::configuration(path).map(|text| Self::named_by(&text))
    }

    /// Reads the text of the configuration at `path`.
    ///
    /// # Errors
    /// The system's; `InvalidData`, where it is no text.
    pub fn configuration(path: &Path) -> io::Result<String> {
        let Read { octets, .. } = read(path, CONFIGURATION)?;
        let text = std::str::from_utf8(&octets)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text (UTF-8)"))?;
        Ok(text.to_owned())
    }

    /// Reads all that a configuration with this text names: nothing, if it is wrong.
    #[must_use]
    pub fn named_by(text: &str) -> Self {
        let mut sources = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        if let Ok(config) = Config::read(text) {
            sources.gather(Named::by(&config));
        }
        sources
    }

    fn gather(&mut self, named: Named) {
        for path in named.files {
            let found = Found::at(&path, FILE);
            self.files.insert(path, found);
        }
        if let Some(map) = named.map {
            let found = Found::map(&map);
            self.files.insert(map, found);
        }
        for (host, port) in named.names {
            let found = look_up(&host, port).map_err(|error| error.to_string());
            self.names.insert((host, port), found);
        }
        self.roots = named.system_roots.then(system_roots);
        self.identity = named.identity.as_deref().map(Identity::at);
    }

    /// The octets of the file that the key `what` names.
    ///
    /// # Errors
    /// [`ConfigError`], where there is none.
    pub fn file(&self, what: &str, path: &Path) -> Result<&[u8], ConfigError> {
        self.found(what, path).map(|(_, octets)| octets)
    }

    /// The same, of a file with a secret, which must have none of the bits `forbidden` in its mode.
    ///
    /// # Errors
    /// [`ConfigError`], with the command that helps.
    pub fn secret(&self, what: &str, path: &Path, forbidden: u32) -> Result<&[u8], ConfigError> {
        let (mode, octets) = self.found(what, path)?;
        check_mode(what, path, mode, forbidden)?;
        Ok(octets)
    }

    fn found(&self, what: &str, path: &Path) -> Result<(u32, &[u8]), ConfigError> {
        let why = match self.files.get(path) {
            Some(Found::File { mode, octets }) => return Ok((*mode, octets)),
            Some(Found::Nothing(why)) => why.as_str(),
            None => "it was not read",
        };
        Err(ConfigError::new(
            format!("{what} {}: {why}", path.display()),
            format!("create the file, make it readable by the server, or correct {what}"),
        ))
    }

    /// The addresses of a backend's name.
    ///
    /// # Errors
    /// [`ConfigError`], where it has none.
    pub fn addresses(&self, address: &StoreAddress) -> Result<&[SocketAddr], ConfigError> {
        let name = (address.host().to_owned(), address.port());
        let why = match self.names.get(&name) {
            Some(Ok(found)) if found.is_empty() => "has no address".to_owned(),
            Some(Ok(found)) => return Ok(found),
            Some(Err(why)) => format!("cannot be looked up: {why}"),
            None => "was not looked up".to_owned(),
        };
        Err(ConfigError::new(
            format!("backend address {} {why}", address.host()),
            "correct the name, or make the resolver know it (/etc/hosts will do)",
        ))
    }
}

impl Found {
    /// The users' map.
    #[must_use]
    pub fn map(path: &Path) -> Self {
        Self::at(path, MAP)
    }

    fn at(path: &Path, most: u64) -> Self {
        match read(path, most) {
            Ok(Read { mode, octets }) => Self::File { mode, octets },
            Err(error) => Self::Nothing(error.to_string()),
        }
    }
}

impl Identity {
    fn at(path: &Path) -> Self {
        if let Ok(metadata) = std::fs::metadata(path) {
            return Self::File(metadata.permissions().mode() & 0o7777);
        }
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        match folder.unwrap_or(Path::new(".")).is_dir() {
            true => Self::Folder,
            false => Self::Nothing,
        }
    }
}

struct Read {
    mode: u32,
    octets: Zeroizing<Vec<u8>>,
}

/// Reads a file of `most` octets at most. Room for all of it is taken beforehand: a growing buffer leaves copies behind.
fn read(path: &Path, most: u64) -> io::Result<Read> {
    // A pipe in the place of a file must not be waited for.
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(nonblock)
        .open(path)?;
    let metadata = file.metadata()?;
    let wrong = |what: &'static str| io::Error::new(io::ErrorKind::InvalidData, what);
    if !metadata.is_file() {
        return Err(wrong("it is not a file"));
    }
    let len = metadata.len();
    if len > most {
        return Err(wrong("it is too large for what it is for"));
    }
    let room = usize::try_from(len).map_err(|_| wrong("it is too large"))?;
    let mut octets = Zeroizing::new(Vec::with_capacity(room + 1));
    // What grows meanwhile is read the next time.
    file.take(len).read_to_end(&mut octets)?;
    Ok(Read {
        mode: metadata.permissions().mode() & 0o7777,
        octets,
    })
}

/// Asks the system for the addresses of a name.
///
/// # Errors
/// The system's.
pub fn look_up(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok((host, port).to_socket_addrs()?.collect())
}

/// The system's authorities; what cannot be read among them is left out, as other programs do.
fn system_roots() -> Vec<Vec<u8>> {
    let found = rustls_native_certs::load_native_certs();
    found.certs.iter().map(|one| one.to_vec()).collect()
}

/// Refuses a secret file that somebody else may read or write.
///
/// # Errors
/// [`ConfigError`] with the command that helps.
pub(crate) fn check_mode(
    what: &str,
    path: &Path,
    mode: u32,
    forbidden: u32,
) -> Result<(), ConfigError> {
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(ConfigError::new(
        format!(
            "{what} {} may be used by others (mode {mode:04o})",
            path.display()
        ),
        format!("chmod {:04o} {}", mode & !forbidden, path.display()),
    ))
}

#[cfg(test)]
mod tests;
