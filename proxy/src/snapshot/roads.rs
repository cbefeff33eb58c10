//! The ways to the stores: their addresses, and what their TLS must prove.

use std::{collections::BTreeMap, net::SocketAddr, path::Path, sync::Arc};

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};

use crate::{
    config::{Authorities, Backend, BackendName, Config, ConfigError, Security, StoreAddress},
    sources::Sources,
    tls,
};

/// The way to a store.
#[derive(Clone, Debug)]
pub(crate) struct StoreRoad {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

/// The ways to all of them; what is wrong is added to `wrong`.
pub(super) fn all(
    config: &Config,
    sources: &Sources,
    wrong: &mut Vec<ConfigError>,
) -> BTreeMap<BackendName, StoreRoad> {
    let mut roads = BTreeMap::new();
    for (name, backend) in &config.backend {
        let addresses = addresses(backend, sources);
        let tls = match backend.security.get_ref() {
            Security::Tls | Security::Starttls => for_store(backend, sources).map(Some),
            Security::Loopback => Ok(None),
        };
        match (addresses, tls) {
            (Ok(addresses), Ok(tls)) => {
                drop(roads.insert(name.clone(), StoreRoad { addresses, tls }))
            }
            (addresses, tls) => wrong.extend(addresses.err().into_iter().chain(tls.err())),
        }
    }
    roads
}

fn addresses(backend: &Backend, sources: &Sources) -> Result<Vec<SocketAddr>, ConfigError> {
    let mut all = Vec::new();
    for address in &backend.addresses {
        let found = sources.addresses(address)?;
        let loopback = backend.security.get_ref() == &Security::Loopback;
        if loopback && !found.iter().all(|address| address.ip().is_loopback()) {
            return Err(ConfigError::new(
                format!(
                    "backend address {} is not this machine's loopback here",
                    address.host()
                ),
                "correct the name, or make the resolver know it (/etc/hosts will do)",
            ));
        }
        all.extend(found);
    }
    Ok(all)
}

/// What is trusted of a store: its name, proven by the configured authorities or the public ones.
fn for_store(
    store: &Backend,
    sources: &Sources,
) -> Result<(Arc<ClientConfig>, ServerName<'static>), ConfigError> {
    let mut config = ClientConfig::builder_with_provider(tls::provider())
        .with_safe_default_protocol_versions()
        .map_err(|e| tls::unusable(&e))?
        .with_root_certificates(roots(store, sources)?)
        .with_no_client_auth();
    config.require_ems = true;
    let host = store.addresses.first().map(StoreAddress::host);
    let name = store.name.as_deref().or(host).unwrap_or_default();
    let name = ServerName::try_from(name.to_owned()).map_err(|_| {
        ConfigError::new(
            format!("backend.name: {name:?} is not a host name"),
            "write the name that stands in the store's certificate",
        )
    })?;
    Ok((Arc::new(config), name))
}

fn roots(store: &Backend, sources: &Sources) -> Result<RootCertStore, ConfigError> {
    let mut roots = RootCertStore::empty();
    match &store.ca {
        Authorities::Public => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Authorities::System => {
            let found = sources.roots.iter().flatten().cloned().map(Into::into);
            let (taken, _passed_over) = roots.add_parsable_certificates(found);
            if taken == 0 {
                return Err(ConfigError::new(
                    "backend.ca is \"system\", and the system has no authorities",
                    "install the package ca-certificates, or write \"public\" or a PEM file",
                ));
            }
        }
        Authorities::File(path) => add_file(&mut roots, path, sources)?,
    }
    Ok(roots)
}

fn add_file(roots: &mut RootCertStore, path: &Path, sources: &Sources) -> Result<(), ConfigError> {
    for certificate in tls::certificates("backend.ca", path, sources)? {
        roots.add(certificate).map_err(|e| {
            ConfigError::new(
                format!("backend.ca {}: {e}", path.display()),
                "name a PEM file with the certificate of the authority",
            )
        })?;
    }
    Ok(())
}
