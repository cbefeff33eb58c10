//! What only the machine can tell of a configuration: files, their modes, names. Loads what a server needs.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, ToSocketAddrs},
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
};

use rustls::{ClientConfig, ServerConfig, pki_types::ServerName};

use crate::{
    config::{Backend, BackendName, Config, ConfigError, Security},
    tls,
};

/// What a server needs of the machine before it gives up the right to open a file.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// For each `[[imap]]`, in the file's order.
    pub(crate) for_clients: Vec<Arc<ServerConfig>>,
    pub(crate) stores: BTreeMap<BackendName, StoreRoad>,
}

/// The way to a store: its addresses, and what its TLS must prove.
#[derive(Clone, Debug)]
pub(crate) struct StoreRoad {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// Loads certificates and keys and looks the stores' names up.
///
/// # Errors
/// The first thing that is wrong.
pub(crate) fn load(config: &Config) -> Result<Loaded, ConfigError> {
    let for_clients = config.imap.iter().map(tls::for_clients);
    let stores = config.backend.iter().map(|(name, backend)| {
        let road = StoreRoad {
            addresses: store_addresses(backend)?,
            tls: match backend.security.get_ref() {
                Security::Tls | Security::Starttls => Some(tls::for_store(backend)?),
                Security::Loopback => None,
            },
        };
        Ok((name.clone(), road))
    });
    Ok(Loaded {
        for_clients: for_clients.collect::<Result<_, _>>()?,
        stores: stores.collect::<Result<_, _>>()?,
    })
}

/// Checks everything about a configuration that can be checked without starting: `keyhole check`.
///
/// # Errors
/// Everything that is wrong, not the first thing only.
pub fn check(config: &Config) -> Result<(), Vec<ConfigError>> {
    let mut wrong = Vec::new();
    for imap in &config.imap {
        wrong.extend(tls::for_clients(imap).err());
        // A certificate's key may be shared with a group of its own, as Debian's ssl-cert does.
        wrong.extend(file_mode("imap.key", &imap.key, 0o037).err());
    }
    for backend in config.backend.values() {
        wrong.extend(store_addresses(backend).err());
        if backend.security.get_ref() != &Security::Loopback {
            wrong.extend(tls::for_store(backend).err());
        }
    }
    if let Some(vault) = &config.vault {
        wrong.extend(identity(&vault.identity).err());
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn store_addresses(backend: &Backend) -> Result<Vec<SocketAddr>, ConfigError> {
    let mut all = Vec::new();
    for address in &backend.addresses {
        let wrong = |why: &str| {
            ConfigError::new(
                format!("backend address {} {why}", address.host()),
                "correct the name, or make the resolver know it (/etc/hosts will do)",
            )
        };
        let found: Vec<_> = (address.host(), address.port())
            .to_socket_addrs()
            .map_err(|e| wrong(&format!("cannot be looked up: {e}")))?
            .collect();
        let loopback = backend.security.get_ref() == &Security::Loopback;
        if loopback && !found.iter().all(|address| address.ip().is_loopback()) {
            return Err(wrong("is not this machine's loopback here"));
        }
        if found.is_empty() {
            return Err(wrong("has no address"));
        }
        all.extend(found);
    }
    Ok(all)
}

/// The identity key may be missing: the warden makes one at its first start. Its folder may not.
fn identity(path: &Path) -> Result<(), ConfigError> {
    if path.exists() {
        return file_mode("vault.identity", path, 0o077);
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    match folder.unwrap_or(Path::new(".")) {
        folder if folder.is_dir() => Ok(()),
        folder => Err(ConfigError::new(
            format!(
                "vault.identity {}: its folder does not exist",
                path.display()
            ),
            format!(
                "mkdir -p -m 0700 {}; the key in it is made at the first start",
                folder.display()
            ),
        )),
    }
}

/// Refuses a secret file that somebody else may read or write.
pub(crate) fn file_mode(what: &str, path: &Path, forbidden: u32) -> Result<(), ConfigError> {
    let metadata = std::fs::metadata(path).map_err(|e| {
        ConfigError::new(
            format!("{what} {}: {e}", path.display()),
            format!("create the file, or correct {what}"),
        )
    })?;
    let mode = metadata.permissions().mode();
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(ConfigError::new(
        format!(
            "{what} {} may be used by others (mode {:04o})",
            path.display(),
            mode & 0o7777
        ),
        format!(
            "chmod {:04o} {}",
            mode & 0o7777 & !forbidden,
            path.display()
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_others_may_read_is_refused_with_the_command_that_helps() {
        let path = std::env::temp_dir().join(format!("keyhole-check-{}", std::process::id()));
        std::fs::write(&path, b"key").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let error = file_mode("listen.key", &path, 0o037).unwrap_err();
        assert!(error.remedy().starts_with("chmod 0640 "), "{error}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(file_mode("listen.key", &path, 0o037), Ok(()));
        std::fs::remove_file(&path).unwrap();
    }
}
