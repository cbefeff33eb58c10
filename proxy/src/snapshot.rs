//! One configuration made ready to be used: built completely or not at all, never changed afterwards.
//!
//! A connection takes the snapshot that holds when it begins and keeps it; a reload puts another one in its place. Building needs
//! nothing but [`Sources`], so that `keyhole check`, the start and a reload cannot disagree.

mod restart;
mod roads;
mod users_map;

use std::{collections::BTreeMap, sync::Arc};

use rustls::ServerConfig;
use tokio::sync::watch;

use crate::{
    config::{self, BackendName, Config, ConfigError},
    sources::{Found, Identity, NOT_FOR_OTHERS, Sources, check_mode},
    tls,
};
pub(crate) use roads::StoreRoad;
pub(crate) use users_map::UsersMap;

/// A configuration, ready to be used.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) config: Arc<Config>,
    /// In the file's order.
    pub(crate) imap: Vec<Arc<ImapListener>>,
    /// In the file's order.
    pub(crate) passthrough: Vec<Arc<config::Passthrough>>,
    pub(crate) stores: BTreeMap<BackendName, StoreRoad>,
    pub(crate) map: Option<Arc<UsersMap>>,
}

/// An `[[imap]]` section with its certificates.
#[derive(Debug)]
pub(crate) struct ImapListener {
    pub(crate) imap: config::Imap,
    pub(crate) tls: Arc<ServerConfig>,
}

impl Snapshot {
    /// Makes all that a configuration needs.
    ///
    /// # Errors
    /// Everything that is wrong, not the first thing only; never empty.
    pub(crate) fn build(sources: &Sources) -> Result<Self, Vec<ConfigError>> {
        let config = Config::read(&sources.text).map_err(|error| vec![error])?;
        let mut wrong = Vec::new();
        let imap: Vec<_> = config
            .imap
            .iter()
            .filter_map(|imap| ImapListener::of(imap, sources, &mut wrong))
            .collect();
        let stores = roads::all(&config, sources, &mut wrong);
        let map = users_map(&config, sources, &mut wrong);
        check_secrets(&config, sources, &mut wrong);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let passthrough = config.passthrough.iter().cloned().map(Arc::new).collect();
        Ok(Self {
            config: Arc::new(config),
            imap,
            passthrough,
            stores,
            map,
        })
    }

    /// What `next` asks for that cannot be had while the server runs with `self`; none: nothing.
    pub(crate) fn needs_restart(&self, next: &Self) -> Option<&'static str> {
        restart::needed(&self.config, &next.config)
    }

    /// The same with another users' map; none, if it is the same map.
    ///
    /// # Errors
    /// What is wrong with the map.
    pub(crate) fn with_map(&self, found: &Found) -> Result<Option<Self>, ConfigError> {
        let octets = match found {
            Found::File { octets, .. } => octets,
            Found::Nothing(why) => {
                return Err(ConfigError::new(
                    format!("routing.map: {why}"),
                    "put the file back, or take routing.map out and reload",
                ));
            }
        };
        let map = UsersMap::read(octets, &self.config)?;
        if self.map.as_deref() == Some(&map) {
            return Ok(None);
        }
        Ok(Some(Self {
            map: Some(Arc::new(map)),
            ..self.clone()
        }))
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

fn users_map(
    config: &Config,
    sources: &Sources,
    wrong: &mut Vec<ConfigError>,
) -> Option<Arc<UsersMap>> {
    let path = config.routing.map.as_deref()?;
    let map = sources
        .file("routing.map", path)
        .and_then(|octets| UsersMap::read(octets, config));
    map.map(Arc::new).map_err(|error| wrong.push(error)).ok()
}

/// Secrets that others read where they are used: here only that they are there, and for nobody else.
fn check_secrets(config: &Config, sources: &Sources, wrong: &mut Vec<ConfigError>) {
    for (name, backend) in &config.backend {
        if let Some(master) = &backend.master {
            let what = format!("backend.{name}.master.password");
            let read = sources.secret(&what, &master.password, NOT_FOR_OTHERS);
            wrong.extend(read.err());
        }
    }
    let token = config.admin.as_ref().and_then(|admin| admin.token.as_ref());
    if let Some(token) = token {
        let read = sources.secret("admin.token", token, NOT_FOR_OTHERS);
        wrong.extend(read.err());
    }
    let lookup = config.routing.lookup.as_ref();
    if let Some(ca) = lookup.and_then(|lookup| lookup.ca.as_ref()) {
        wrong.extend(tls::certificates("routing.lookup.ca", ca, sources).err());
    }
    if let (Some(vault), Some(found)) = (&config.vault, sources.identity) {
        wrong.extend(identity(&vault.identity, found).err());
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

    /// Tells of every one to come.
    #[expect(dead_code, reason = "backends and routing follow reloads by it")]
    pub(crate) fn follow(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.0.subscribe()
    }
}

#[cfg(test)]
pub(crate) mod tests;
