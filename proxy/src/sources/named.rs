//! What a configuration names that only the machine can tell: files, host names, the system's authorities.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::config::{Authorities, Backend, Config, Imap, Security};

/// All that one configuration names.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) files: BTreeSet<PathBuf>,
    pub(crate) map: Option<PathBuf>,
    pub(crate) names: BTreeSet<(String, u16)>,
    pub(crate) system_roots: bool,
    pub(crate) identity: Option<PathBuf>,
}

impl Named {
    pub(crate) fn by(config: &Config) -> Self {
        let mut named = Self {
            map: config.routing.map.clone(),
            identity: config.vault.as_ref().map(|vault| vault.identity.clone()),
            ..Self::default()
        };
        for imap in &config.imap {
            named.listener(imap);
        }
        for backend in config.backend.values() {
            named.backend(backend);
        }
        let lookup = config.routing.lookup.as_ref();
        named.add(lookup.and_then(|lookup| lookup.ca.as_deref()));
        let admin = config.admin.as_ref();
        named.add(admin.and_then(|admin| admin.token.as_deref()));
        named
    }

    fn listener(&mut self, imap: &Imap) {
        self.add([imap.certificate.as_path(), &imap.key]);
        self.add(imap.client_ca.as_deref());
        for named in &imap.certificates {
            self.add([named.certificate.as_path(), &named.key]);
        }
    }

    fn backend(&mut self, backend: &Backend) {
        let names = backend.addresses.iter();
        self.names
            .extend(names.map(|address| (address.host().to_owned(), address.port())));
        if let Some(own) = &backend.client_certificate {
            self.add([own.certificate.as_path(), &own.key]);
        }
        self.add(
            backend
                .master
                .as_ref()
                .map(|master| master.password.as_path()),
        );
        match (&backend.ca, backend.security.get_ref()) {
            (_, Security::Loopback) | (Authorities::Public, _) => {}
            (Authorities::System, Security::Tls | Security::Starttls) => self.system_roots = true,
            (Authorities::File(path), Security::Tls | Security::Starttls) => {
                self.add([path.as_path()]);
            }
        }
    }

    fn add<'a>(&mut self, paths: impl IntoIterator<Item = &'a Path>) {
        self.files.extend(paths.into_iter().map(Path::to_owned));
    }
}
