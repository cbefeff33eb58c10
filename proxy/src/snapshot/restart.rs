//! What a running server cannot change: processes that were started with it, the runtime's threads, ports of its own, the log.
//!
//! A reload that asks for it is refused whole. To take the rest would leave a server that no file describes.

use crate::config::{Admin, AdminAddress, Config};

/// The first key that needs a restart; none, if none does.
pub(super) fn needed(before: &Config, after: &Config) -> Option<&'static str> {
    let changed = [
        ("vault", before.vault != after.vault),
        (
            "server.workers",
            before.server.workers != after.server.workers,
        ),
        ("admin.address", admin(before) != admin(after)),
        ("metrics", before.metrics != after.metrics),
        ("traces", before.traces != after.traces),
        ("log", before.log != after.log),
    ];
    changed
        .into_iter()
        .find_map(|(key, changed)| changed.then_some(key))
}

fn admin(config: &Config) -> Option<&AdminAddress> {
    let admin = config.admin.as_ref();
    admin.map(|Admin { address, .. }| address.get_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_change_asks_for_a_restart() {
        let text = include_str!("../../../deploy/keyhole.toml");
        let config = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Config::read(&text.replacen(from, to, 1)).unwrap()
        };
        let before = config("[limits]", "[limits]");
        let traced = |more: &str| {
            let traces = "[traces]\nendpoint = \"http://127.0.0.1:4318/v1/traces\"";
            config("[log]", &format!("{traces}\n{more}\n[log]"))
        };
        for more in ["one_of = 7", "timeout_seconds = 7"] {
            assert_eq!(needed(&traced(""), &traced(more)), Some("traces"));
        }
        assert_eq!(needed(&traced(""), &traced("# the same")), None);
        for (from, to, wanted) in [
            ("#pool = 4", "pool = 5", Some("vault")),
            ("#level = \"info\"", "level = \"warn\"", Some("log")),
            (
                "[log]",
                "[metrics]\naddress = \"127.0.0.1:9993\"\n[log]",
                Some("metrics"),
            ),
            (
                "[log]",
                "[server]\nworkers = 3\n[log]",
                Some("server.workers"),
            ),
            ("[log]", "[server]\ndrain_seconds = 3\n[log]", None),
            ("127.0.0.1:1993", "127.0.0.1:1994", None),
        ] {
            assert_eq!(needed(&before, &config(from, to)), wanted, "{to}");
        }
    }
}
