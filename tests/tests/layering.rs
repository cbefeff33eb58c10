//! Who may know whom: the table of `docs/architecture.md`, held against the manifests and the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every crate of ours, and which of ours it may depend on. Only downward; anything else is an error.
const EDGES: [(&str, &[&str]); 12] = [
    ("secret", &[]),
    ("charset", &["secret"]),
    ("wire", &[]),
    ("envelope", &["secret"]),
    ("keyreveal", &["secret"]),
    ("transcoder", &["charset", "secret"]),
    ("vault", &["keyreveal", "envelope", "transcoder", "secret"]),
    (
        "handset",
        &["wire", "keyreveal", "envelope", "charset", "secret"],
    ),
    ("store", &["wire"]),
    ("proxy", &["wire", "keyreveal", "vault", "store"]),
    (
        "keyhole",
        &[
            "proxy",
            "vault",
            "store",
            "handset",
            "envelope",
            "keyreveal",
            "secret",
            "wire",
        ],
    ),
    (
        "tests",
        &[
            "secret",
            "charset",
            "wire",
            "envelope",
            "keyreveal",
            "transcoder",
            "vault",
            "handset",
            "store",
            "proxy",
            "keyhole",
        ],
    ),
];

/// What holds keys, plaintext or strangers' octets: it cannot speak, so it cannot leak.
const SILENT: [&str; 7] = [
    "secret",
    "charset",
    "wire",
    "envelope",
    "keyreveal",
    "transcoder",
    "vault",
];

/// Runtimes and logs: in the manifest of no silent crate.
const VOICES: [&str; 16] = [
    "tokio",
    "async-std",
    "smol",
    "futures",
    "futures-executor",
    "mio",
    "log",
    "tracing",
    "tracing-subscriber",
    "env_logger",
    "slog",
    "defmt",
    "hyper",
    "reqwest",
    "ureq",
    "rustls",
];

/// Parts of `std` that no silent crate names.
const OUTSIDE: [&str; 3] = ["net", "fs", "env"];

/// The exceptions: what starts, confines and ends processes.
const SHELLS: [&str; 3] = ["vault/src/child", "vault/src/warden", "vault/src/sandbox"];

/// The one module of `vault` that the network-facing process may use.
const FRAMES: &str = "frames";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

fn manifest(name: &str) -> toml::Table {
    let path = root().join(name).join("Cargo.toml");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names in one kind of dependency table, those for single targets included.
fn dependencies(manifest: &toml::Table, kind: &str) -> BTreeSet<String> {
    let targets = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(toml::Table::values);
    let tables = std::iter::once(manifest).chain(targets.filter_map(toml::Value::as_table));
    let lists = tables.filter_map(|table| table.get(kind)?.as_table());
    lists
        .flat_map(|list| list.iter().map(|(name, value)| package(name, value)))
        .collect()
}

/// A dependency may be renamed; what counts is the package.
fn package(name: &str, value: &toml::Value) -> String {
    value
        .get("package")
        .and_then(toml::Value::as_str)
        .unwrap_or(name)
        .to_owned()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The source files of a crate, without tests, comments and white space.
fn code(name: &str) -> Vec<(String, String)> {
    let root = root();
    let mut paths = Vec::new();
    sources(&root.join(name).join("src"), &mut paths);
    // `#[cfg(test)] mod tests;`, in one file or in a folder of them.
    paths.retain(|path| {
        let path = path.strip_prefix(&root).expect("in the workspace");
        path.iter()
            .all(|part| part != "tests" && part != "tests.rs")
    });
    let relative = |path: &Path| {
        path.strip_prefix(&root)
            .expect("in the workspace")
            .display()
            .to_string()
    };
    paths
        .iter()
        .map(|path| {
            (
                relative(path),
                bare(&fs::read_to_string(path).expect("a source file")),
            )
        })
        .collect()
}

fn bare(text: &str) -> String {
    let (before, tests) = text
        .split_once("#[cfg(test)]\nmod tests {")
        .unwrap_or((text, ""));
    // The module ends at the first brace in the first column.
    let after = tests.split_once("\n}\n").map_or("", |(_, after)| after);
    let lines = before.lines().chain(after.lines());
    let code = lines.map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.chars().filter(|character| !character.is_whitespace()))
        .collect()
}

/// Which of `names` follow `prefix::` in code without white space, also inside `prefix::{..}`.
fn named<'a>(code: &str, prefix: &str, names: &[&'a str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(prefix) {
        rest = &rest[at + prefix.len()..];
        for first in first_names(rest) {
            found.extend(names.iter().filter(|name| **name == first));
        }
    }
    found
}

/// The names that may stand next: one, or all at the top of a group.
fn first_names(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let mut depth = 1_usize;
    let mut start = 0;
    let mut names = Vec::new();
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        let ends = depth == 0 || (depth == 1 && character == ',');
        if ends {
            names.push(word(&group[start..at]));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names
}

#[test]
fn every_member_of_the_workspace_is_in_the_table() {
    let workspace = manifest("");
    let members = workspace["workspace"]["members"]
        .as_array()
        .expect("members");
    let members: BTreeSet<&str> = members.iter().filter_map(toml::Value::as_str).collect();
    let known: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, known);
}

#[test]
fn no_crate_knows_one_that_it_may_not_know() {
    for (name, allowed) in EDGES {
        let manifest = manifest(name);
        for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
            for dependency in dependencies(&manifest, kind) {
                let ours = EDGES.iter().any(|(name, _)| *name == dependency);
                let edge = !ours || allowed.contains(&dependency.as_str()) || dependency == name;
                assert!(edge, "{name} must not know {dependency} ({kind})");
            }
        }
    }
}

#[test]
fn what_holds_secrets_or_strangers_octets_has_no_runtime_and_no_log() {
    for name in SILENT {
        let dependencies = dependencies(&manifest(name), "dependencies");
        let voices: Vec<_> = VOICES
            .iter()
            .filter(|voice| dependencies.contains(**voice))
            .collect();
        assert!(voices.is_empty(), "{name} depends on {voices:?}");
    }
}

#[test]
fn what_holds_secrets_or_strangers_octets_names_no_network_file_or_environment() {
    for name in SILENT {
        for (path, code) in code(name) {
            if SHELLS.iter().any(|shell| path.starts_with(shell)) {
                continue;
            }
            let named = named(&code, "std::", &OUTSIDE);
            assert!(named.is_empty(), "{path} names std::{named:?}");
        }
    }
}

#[test]
fn the_proxy_knows_the_vault_by_its_frames_alone() {
    for (path, code) in code("proxy") {
        let mut rest = code.as_str();
        while let Some(at) = rest.find("vault::") {
            let before = rest[..at].chars().next_back();
            rest = &rest[at + "vault::".len()..];
            // `crate::vault::` and `own_vault::` are no names of that crate.
            let foreign = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
            let first = first_names(rest);
            assert!(
                !foreign || first.iter().all(|name| name == FRAMES),
                "{path} names vault::{first:?}"
            );
        }
    }
}

#[test]
fn the_search_for_names_sees_through_groups_comments_and_white_space() {
    let code = bare(
        "use std :: { io, collections::{fs}, net::Ipv4Addr };\n// std::env\nlet x = std::fs::read;",
    );
    assert_eq!(named(&code, "std::", &OUTSIDE), ["net", "fs"]);
    assert!(named(&bare("use std::{io, fmt};"), "std::", &OUTSIDE).is_empty());
    let tested = "#[cfg(test)]\nmod tests {\n    use std::fs;\n}\nuse std::env;\n";
    assert_eq!(named(&bare(tested), "std::", &OUTSIDE), ["env"]);
}
