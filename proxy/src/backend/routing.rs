//! Which backend a user's mail is at: the configuration's rules, the users' map, the routing server, the default, in
//! this order, until one knows. Who is at no backend gets none: never a guess.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError, RwLock},
};

use super::{
    lookup::{Found, Lookup},
    map::{MapRefused, MapTable, normalized},
};
use crate::{
    config::{BackendName, Config},
    event::{Event, Record},
    metrics::Metrics,
};

/// Why there is no way.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoRoute {
    /// Nobody knows the user, and there is no default.
    Unknown,
    /// The routing server failed, and nothing is known from before.
    Lookup,
}

/// The ways to the backends.
#[derive(Debug)]
pub struct Routes {
    rules: MapTable,
    map: RwLock<Arc<MapTable>>,
    lookup: Option<Lookup>,
    otherwise: Option<BackendName>,
    backends: BTreeSet<BackendName>,
    metrics: Arc<Metrics>,
}

impl Routes {
    pub(super) fn new(
        config: &Config,
        map: MapTable,
        lookup: Option<Lookup>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let routing = &config.routing;
        let only = || match config.backend.len() {
            1 => config.backend.keys().next().cloned(),
            _ => None,
        };
        Self {
            rules: MapTable::of_rules(routing.users.iter()),
            map: RwLock::new(Arc::new(map)),
            lookup,
            otherwise: routing.default.clone().or_else(only),
            backends: config.backend.keys().cloned().collect(),
            metrics,
        }
    }

    /// The backend of `user`, a login name as the client wrote it.
    ///
    /// # Errors
    /// [`NoRoute`].
    pub async fn find(&self, user: &str) -> Result<BackendName, NoRoute> {
        let user = normalized(user);
        if let Some(name) = self.rules.find(&user) {
            return Ok(name.clone());
        }
        if let Some(name) = self.map().find(&user) {
            return Ok(name.clone());
        }
        if let Some(lookup) = &self.lookup {
            match lookup.find(&user).await {
                Found::At(name) => return Ok(name),
                Found::Failed => return Err(NoRoute::Lookup),
                Found::Unknown => {}
            }
        }
        self.otherwise.clone().ok_or(NoRoute::Unknown)
    }

    /// Reads the users' map from its octets and puts it in place of the old one. It takes a moment for a large map: call
    /// it where that holds nobody up.
    ///
    /// # Errors
    /// When anything is wrong in it; the old one stays.
    pub fn read_map(&self, octets: &[u8]) -> Result<(), MapRefused> {
        match MapTable::parse(octets, &self.backends) {
            Ok(table) => {
                self.replace_map(table);
                Ok(())
            }
            Err(refused) => {
                let record = Record::of(Event::MapRefused).reason(refused.reason());
                let line = refused.line().and_then(|line| u64::try_from(line).ok());
                match line {
                    Some(line) => record.count(line).log(&self.metrics),
                    None => record.log(&self.metrics),
                }
                Err(refused)
            }
        }
    }

    /// Puts `table` in place of the map.
    pub fn replace_map(&self, table: MapTable) {
        let lines = u64::try_from(table.len()).unwrap_or(u64::MAX);
        let mut map = self.map.write().unwrap_or_else(PoisonError::into_inner);
        *map = Arc::new(table);
        drop(map);
        let record = Record::of(Event::MapReloaded).count(lines);
        record.log(&self.metrics);
    }

    /// The names of all backends: what a map may name.
    #[must_use]
    pub fn backends(&self) -> &BTreeSet<BackendName> {
        &self.backends
    }

    fn map(&self) -> Arc<MapTable> {
        let map = self.map.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&map)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[[imap]]
address = "127.0.0.1:0"
certificate = "c"
key = "k"

[backend.one]
addresses = ["127.0.0.1:1"]
security = "loopback"

[backend.two]
addresses = ["127.0.0.1:2"]
security = "loopback"

[routing.users]
"joe@a.example" = "one"
"@b.example" = "two"
"#;

    fn routes(more: &str) -> Routes {
        let config = Config::read(&format!("{FILE}{more}")).unwrap();
        let metrics = Arc::new(Metrics::new());
        Routes::new(&config, MapTable::default(), None, metrics)
    }

    async fn find(routes: &Routes, user: &str) -> Result<String, NoRoute> {
        let found = routes.find(user).await;
        found.map(|name| name.to_string())
    }

    #[tokio::test]
    async fn rules_come_before_the_map_and_the_map_before_the_default() {
        let routes = routes("[routing]\ndefault = \"one\"\n");
        routes
            .read_map(b"joe@a.example two\neve@a.example two\n@b.example one\n")
            .unwrap();
        for (user, backend) in [
            ("joe@A.EXAMPLE", "one"),
            ("eve@a.example", "two"),
            ("x@b.example", "two"),
            ("x@c.example", "one"),
        ] {
            assert_eq!(find(&routes, user).await.as_deref(), Ok(backend), "{user}");
        }
    }

    #[tokio::test]
    async fn who_is_at_no_backend_gets_none() {
        assert_eq!(find(&routes(""), "x").await, Err(NoRoute::Unknown));
    }

    #[tokio::test]
    async fn a_map_that_is_wrong_leaves_the_old_one() {
        let routes = routes("");
        routes.read_map(b"eve two\n").unwrap();
        let refused = routes.read_map(b"eve one\njoe three\n");
        assert_eq!(refused, Err(MapRefused::Backend(2)));
        assert_eq!(find(&routes, "eve").await.as_deref(), Ok("two"));
        assert_eq!(routes.metrics.counted(Event::MapReloaded), 1);
        assert_eq!(routes.metrics.counted(Event::MapRefused), 1);
        routes.read_map(b"eve one\n").unwrap();
        assert_eq!(find(&routes, "eve").await.as_deref(), Ok("one"));
    }
}
