//! Which backend a user's mail is at.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use super::{BackendName, Seconds, UserPattern, defaults};

/// Which backend a user's mail is at. Asked in this order, until one knows: `users`, `map`, `lookup`, `default`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Routing {
    /// Users, `@domain`, `@*.domain`: the most exact one wins.
    pub users: BTreeMap<UserPattern, BackendName>,
    /// File of lines `pattern backend`, read again when it changes. `#` begins a comment.
    pub map: Option<PathBuf>,
    /// A server to ask.
    pub lookup: Option<Lookup>,
    /// The backend of everybody else. With one backend only, that is it.
    pub default: Option<BackendName>,
}

/// A server to ask by HTTP: `GET url?user=…`; it answers 200 with `{"backend": "NAME"}`, or 404.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lookup {
    /// `http://127.0.0.1:port/path` or `https://host/path`.
    pub url: String,
    /// PEM file with the authorities to trust for https; otherwise the public ones.
    pub ca: Option<PathBuf>,
    /// How long it may take.
    #[serde(default = "defaults::lookup")]
    pub timeout_seconds: Seconds,
    /// How long an answer is good for.
    #[serde(default = "defaults::lookup_cache")]
    pub cache_seconds: Seconds,
    /// How long a 404 is.
    #[serde(default = "defaults::lookup_unknown")]
    pub unknown_seconds: Seconds,
}
