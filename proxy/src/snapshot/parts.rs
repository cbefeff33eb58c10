//! What the backends need of the files that a configuration names.

use std::collections::BTreeSet;

use wire::Confidential;
use zeroize::Zeroizing;

use crate::{
    backend::{
        Parts,
        map::MapTable,
        trust::{Files, Shown, private_key},
    },
    config::{Authorities, Backend, BackendName, Config, ConfigError, Security},
    sources::{NOT_FOR_ALL, NOT_FOR_OTHERS, Sources},
    tls,
};

/// All of it; what is wrong is added to `wrong`.
pub(super) fn all(config: &Config, sources: &Sources, wrong: &mut Vec<ConfigError>) -> Parts {
    let mut parts = Parts::default();
    for (name, backend) in &config.backend {
        wrong.extend(addresses(backend, sources).err());
        match files(name, backend, sources) {
            Ok(files) => drop(parts.files.insert(name.clone(), files)),
            Err(error) => wrong.push(error),
        }
    }
    match map(config, sources) {
        Ok(map) => parts.map = map,
        Err(error) => wrong.push(error),
    }
    let lookup = config.routing.lookup.as_ref();
    if let Some(ca) = lookup.and_then(|lookup| lookup.ca.as_ref()) {
        match tls::certificates("routing.lookup.ca", ca, sources) {
            Ok(authorities) => parts.lookup_authorities = authorities,
            Err(error) => wrong.push(error),
        }
    }
    parts
}

/// Names are there, and loopback is loopback. A name that cannot be looked up now is no error while others can: it may be
/// there by the time that it is needed.
fn addresses(backend: &Backend, sources: &Sources) -> Result<(), ConfigError> {
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
    }
    Ok(())
}

fn files(name: &BackendName, backend: &Backend, sources: &Sources) -> Result<Files, ConfigError> {
    let authorities = match (&backend.ca, backend.security.get_ref()) {
        (_, Security::Loopback) | (Authorities::Public, _) => Vec::new(),
        (Authorities::System, _) => sources
            .roots
            .iter()
            .flatten()
            .cloned()
            .map(Into::into)
            .collect(),
        (Authorities::File(path), _) => {
            tls::certificates(&format!("backend.{name}.ca"), path, sources)?
        }
    };
    if authorities.is_empty() && backend.ca == Authorities::System {
        return Err(ConfigError::new(
            format!("backend.{name}.ca is \"system\", and the system has no authorities"),
            "install the package ca-certificates, or write \"public\" or a PEM file",
        ));
    }
    Ok(Files {
        authorities,
        client: shown(name, backend, sources)?,
        master_password: master_password(name, backend, sources)?,
    })
}

fn shown(
    name: &BackendName,
    backend: &Backend,
    sources: &Sources,
) -> Result<Option<Shown>, ConfigError> {
    let Some(client) = &backend.client_certificate else {
        return Ok(None);
    };
    let certificate = format!("backend.{name}.client_certificate.certificate");
    let key = format!("backend.{name}.client_certificate.key");
    let octets = sources.secret(&key, &client.key, NOT_FOR_ALL)?;
    Ok(Some(Shown {
        chain: tls::certificates(&certificate, &client.certificate, sources)?,
        key: private_key(&key, octets)?,
    }))
}

fn master_password(
    name: &BackendName,
    backend: &Backend,
    sources: &Sources,
) -> Result<Option<Confidential>, ConfigError> {
    let Some(master) = &backend.master else {
        return Ok(None);
    };
    let what = format!("backend.{name}.master.password");
    let octets = sources.secret(&what, &master.password, NOT_FOR_OTHERS)?;
    let line = octets.strip_suffix(b"\n").unwrap_or(octets);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(ConfigError::new(
            format!("{what} {}: the file is empty", master.password.display()),
            "write the password into it, and nothing else but one line end",
        ));
    }
    let password = Zeroizing::new(line.to_vec());
    Ok(Some(Confidential::new(password.to_vec())))
}

fn map(config: &Config, sources: &Sources) -> Result<MapTable, ConfigError> {
    let Some(path) = config.routing.map.as_deref() else {
        return Ok(MapTable::default());
    };
    let octets = sources.file("routing.map", path)?;
    let known: BTreeSet<_> = config.backend.keys().cloned().collect();
    MapTable::parse(octets, &known).map_err(|refused| {
        let line = refused
            .line()
            .map_or_else(String::new, |line| format!(" line {line}"));
        ConfigError::new(
            format!("routing.map{line}: {}", refused.reason()),
            "write lines like `bob@example.org store` or `@example.org store`",
        )
    })
}
