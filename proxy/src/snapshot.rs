//! One configuration made ready to be used: built completely or not at all, never changed afterwards.
//!
//! A connection takes the snapshot that holds when it begins and keeps it; a reload puts another one in its place. Building needs
//! nothing but [`Sources`], so that `keyhole check`, the start and a reload cannot disagree.

mod parts;
mod restart;

use std::sync::Arc;

use rustls::ServerConfig;
use tokio::sync::watch;

use crate::{
    admin::TokenDigest,
    backend::{Backends, Means},
    config::{self, Config, ConfigError},
    sources::{Identity, NOT_FOR_OTHERS, Sources, check_mode},
    tls,
};

/// A configuration, ready to be used.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) config: Arc<Config>,
    /// In the file's order.
    pub(crate) imap: Vec<Arc<ImapListener>>,
    /// In the file's order.
    pub(crate) passthrough: Vec<Arc<config::Passthrough>>,
    pub(crate) backends: Backends,
    /// What callers of the admin listener must show.
    pub(crate) admin_token: Option<TokenDigest>,
}

/// An `[[imap]]` section with its certificates.
#[derive(Debug)]
pub(crate) struct ImapListener {
    pub(crate) imap: config::Imap,
    pub(crate) tls: Arc<ServerConfig>,
}

impl Snapshot {
    /// Makes all that a configuration needs. Of the backends `before`, the addresses' health is kept.
    ///
    /// # Errors
    /// Everything that is wrong, not the first thing only; never empty.
    pub(crate) fn build(
        sources: &Sources,
        means: Means,
        before: Option<&Backends>,
    ) -> Result<Self, Vec<ConfigError>> {
        let config = Config::read(&sources.text).map_err(|error| vec![error])?;
        let mut wrong = Vec::new();
        let imap: Vec<_> = config
            .imap
            .iter()
            .filter_map(|imap| ImapListener::of(imap, sources, &mut wrong))
            .collect();
        let parts = parts::all(&config, sources, &mut wrong);
        let admin_token = match admin_token(&config, sources) {
            Ok(token) => token,
            Err(error) => {
                wrong.push(error);
                None
            }
        };
        wrong.extend(check_identity(&config, sources).err());
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let backends = Backends::new(&config, parts, means, before).map_err(|error| vec![error])?;
        let passthrough = config.passthrough.iter().cloned().map(Arc::new).collect();
        Ok(Self {
            config: Arc::new(config),
            imap,
            passthrough,
            backends,
            admin_token,
        })
    }

    /// What `next` asks for that cannot be had while the server runs with `self`; none: nothing.
    pub(crate) fn needs_restart(&self, next: &Self) -> Option<&'static str> {
        restart::needed(&self.config, &next.config)
    }
}

impl ImapListener {
    fn of(
        imap: &config::Imap,
        sources: &Sources,
        wrong: &mut Vec<ConfigError>,
    ) -> Option<Arc<Self>> {
        let tls = tls::for_clients(imap, sources).map_err(|errors| wrong.extend(errors));
        Some(Arc::new(Self {
            imap: imap.clone(),
            tls: tls.ok()?,
        }))
    }
}

fn admin_token(config: &Config, sources: &Sources) -> Result<Option<TokenDigest>, ConfigError> {
    let Some(path) = config.admin.as_ref().and_then(|admin| admin.token.as_ref()) else {
        return Ok(None);
    };
    let octets = sources.secret("admin.token", path, NOT_FOR_OTHERS)?;
    TokenDigest::of_file(path, octets).map(Some)
}

fn check_identity(config: &Config, sources: &Sources) -> Result<(), ConfigError> {
    match (&config.vault, sources.identity) {
        (Some(vault), Some(found)) => identity(&vault.identity, found),
        (None, _) | (_, None) => Ok(()),
    }
}

/// The identity key may be missing: the warden makes one at its first start. Its folder may not.
fn identity(path: &std::path::Path, found: Identity) -> Result<(), ConfigError> {
    match found {
        Identity::File(mode) => check_mode("vault.identity", path, mode, NOT_FOR_OTHERS),
        Identity::Folder => Ok(()),
        Identity::Nothing => {
            let folder = path.parent().unwrap_or(path).display();
            Err(ConfigError::new(
                format!(
                    "vault.identity {}: its folder does not exist",
                    path.display()
                ),
                format!("mkdir -p -m 0700 {folder}; the key in it is made at the first start"),
            ))
        }
    }
}

/// The snapshot that holds now. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Current(watch::Sender<Arc<Snapshot>>);

impl Current {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self(watch::Sender::new(Arc::new(snapshot)))
    }

    /// The one that holds now.
    pub(crate) fn now(&self) -> Arc<Snapshot> {
        Arc::clone(&self.0.borrow())
    }

    /// Another one holds from now on.
    pub(crate) fn replace(&self, snapshot: Snapshot) {
        self.0.send_replace(Arc::new(snapshot));
    }
}

#[cfg(test)]
pub(crate) mod tests;
