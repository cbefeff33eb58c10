//! Which certificate a client is shown: by the name that it asks for (SNI, RFC 6066 §3), the most exact one; without a name, or
//! with one that no certificate is for, the listener's own.

use std::{collections::HashMap, sync::Arc};

use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::certified_key;
use crate::{
    config::{ConfigError, HostPattern, Imap},
    sources::Sources,
};

/// A listener's certificates.
#[derive(Debug)]
pub(super) struct Chosen {
    otherwise: Arc<CertifiedKey>,
    names: Names<Arc<CertifiedKey>>,
}

/// What stands for names.
#[derive(Debug)]
struct Names<T> {
    exact: HashMap<String, T>,
    /// By domain, with its leading dot.
    below: HashMap<String, T>,
}

impl Chosen {
    /// Reads all certificates; what is wrong with any is added to `wrong`. None: there is not even the listener's own.
    pub(super) fn of(imap: &Imap, sources: &Sources, wrong: &mut Vec<ConfigError>) -> Option<Self> {
        let certificate = ("imap.certificate", imap.certificate.as_path());
        let own = certified_key(certificate, ("imap.key", &imap.key), sources);
        let mut names = Names::default();
        for named in &imap.certificates {
            let certificate = ("imap.certificates.certificate", named.certificate.as_path());
            let key = ("imap.certificates.key", named.key.as_path());
            match certified_key(certificate, key, sources) {
                Ok(certified) => names.add(&named.names, &Arc::new(certified)),
                Err(error) => wrong.push(error),
            }
        }
        let otherwise = own.map_err(|error| wrong.push(error)).ok()?;
        Some(Self {
            otherwise: Arc::new(otherwise),
            names,
        })
    }
}

impl ResolvesServerCert for Chosen {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.names.find(name));
        Some(Arc::clone(named.unwrap_or(&self.otherwise)))
    }
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Self {
            exact: HashMap::new(),
            below: HashMap::new(),
        }
    }
}

impl<T: Clone> Names<T> {
    /// A name that is there already keeps what it stands for: the first in the file wins.
    fn add(&mut self, names: &[HostPattern], value: &T) {
        for name in names {
            let (all, name) = match name {
                HostPattern::Exact(name) => (&mut self.exact, name),
                HostPattern::Below(domain) => (&mut self.below, domain),
            };
            all.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }

    fn find(&self, name: &str) -> Option<&T> {
        let name = name.to_ascii_lowercase();
        let exact = self.exact.get(&name);
        exact.or_else(|| {
            // From the longest domain to the shortest.
            let dots = name.char_indices().filter(|(_, letter)| *letter == '.');
            dots.filter_map(|(at, _)| name.get(at..))
                .find_map(|domain| self.below.get(domain))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_exact_name_wins() {
        let mut names = Names::default();
        let pattern = |text: &str| HostPattern::try_from(text.to_owned()).unwrap();
        names.add(&[pattern("*.example.org")], &1);
        names.add(&[pattern("*.b.example.org"), pattern("a.example.org")], &2);
        names.add(&[pattern("a.example.org")], &3);
        for (name, wanted) in [
            ("x.example.org", Some(&1)),
            ("x.y.example.org", Some(&1)),
            ("x.b.example.org", Some(&2)),
            ("A.Example.Org", Some(&2)),
            ("example.org", None),
            ("notexample.org", None),
        ] {
            assert_eq!(names.find(name), wanted, "{name}");
        }
    }
}
