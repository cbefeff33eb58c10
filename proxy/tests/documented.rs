//! The sample configuration and its reference are whole: no key is read that they do not name.
#![cfg(test)]

use std::collections::BTreeSet;

use proxy::config::Config;

const SAMPLE: &str = include_str!("../../deploy/keyhole.toml");
const REFERENCE: &str = include_str!("../../docs/operations.md");

/// The sample with every line that shows a key or a section taken for one.
fn uncommented() -> String {
    let lines = SAMPLE.lines().map(|line| match line.strip_prefix('#') {
        Some(shown) if is_shown(shown) => shown,
        Some(_) | None => line,
    });
    lines.fold(String::new(), |text, line| text + line + "\n")
}

fn is_shown(line: &str) -> bool {
    let key = line.split_once(" = ").map_or("", |(key, _)| key);
    let is_key = !key.is_empty()
        && key
            .bytes()
            .all(|octet| octet.is_ascii_lowercase() || octet == b'_');
    line.starts_with('[') || is_key
}

/// The keys that the section which begins at `line` may have, as the reader itself tells who writes another.
fn keys_of(text: &str, line: usize) -> BTreeSet<String> {
    let lines = text.lines().enumerate().map(|(number, each)| {
        let wrong = if number == line { "\nnonsense = 1" } else { "" };
        format!("{each}{wrong}\n")
    });
    let error = Config::read(&lines.collect::<String>())
        .unwrap_err()
        .to_string();
    let (_, known) = error.split_once("expected ").expect(&error);
    let quoted = known.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Every section of the sample, and its keys.
fn sections() -> Vec<(String, BTreeSet<String>)> {
    let text = uncommented();
    let headers = text.lines().enumerate();
    let headers = headers.filter(|(_, line)| line.starts_with('['));
    let found = headers.map(|(number, header)| (header.to_owned(), keys_of(&text, number)));
    found.collect()
}

#[test]
fn the_sample_with_every_key_in_force_is_read() {
    let config = Config::read(&uncommented());
    assert!(config.is_ok(), "{config:?}");
}

#[test]
fn the_sample_shows_every_key_of_every_section() {
    let text = uncommented();
    let sections = sections();
    assert!(sections.len() > 15, "{sections:?}");
    for (header, keys) in sections {
        let (_, body) = text.split_once(&header).unwrap();
        let own = body.split("\n[").next().unwrap();
        let name = header.trim_matches(['[', ']']);
        for key in keys {
            let as_key = own.contains(&format!("\n{key} = "));
            let as_section = text.contains(&format!("[{name}.{key}]"));
            assert!(as_key || as_section, "{key} of {header}");
        }
    }
}

#[test]
fn the_reference_names_every_section_and_key() {
    for (header, keys) in sections() {
        let header = header.replace("backend.store", "backend.NAME");
        let header = header.replace("preset.lorawan", "preset.NAME");
        let name = format!("### `{header}`");
        let (_, body) = REFERENCE.split_once(&name).expect(&name);
        let own = body.split("\n### ").next().unwrap();
        for key in keys {
            assert!(own.contains(&format!("| `{key}` |")), "{key} of {header}");
        }
    }
}
