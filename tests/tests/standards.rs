//! Every RFC that the source or a page of `docs/` cites is in `docs/standards.md`, and that page names modules that exist.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_path_buf()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The pages of `docs/`, the decisions excepted: those tell also what was not chosen.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs")).expect("docs");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The numbers after `RFC `.
fn cited(text: &str) -> BTreeSet<u32> {
    let after = text.split("RFC ").skip(1);
    let numbers = after.map(|rest| {
        rest.chars()
            .take_while(char::is_ascii_digit)
            .collect::<String>()
    });
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// RFC → the cell that names modules, for every row of the page's table.
fn listed() -> BTreeMap<u32, String> {
    let page = fs::read_to_string(root().join("docs/standards.md")).expect("docs/standards.md");
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [rfc, _, _, modules] = cells.as_slice() else {
            panic!("a row of other than four cells: {line}")
        };
        if let Ok(number) = rfc.parse() {
            let before = rows.insert(number, (*modules).to_owned());
            assert!(before.is_none(), "RFC {number} is listed twice");
        }
    }
    rows
}

#[test]
fn every_cited_rfc_is_listed() {
    let listed = listed();
    let mut paths = Vec::new();
    sources(&root(), &mut paths);
    assert!(paths.len() > 50, "the source was found");
    paths.extend(pages());
    let mut missing: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for path in paths {
        for number in cited(&fs::read_to_string(&path).expect("a source file")) {
            if !listed.contains_key(&number) {
                missing
                    .entry(number)
                    .or_default()
                    .push(path.display().to_string());
            }
        }
    }
    assert!(missing.is_empty(), "not in docs/standards.md: {missing:#?}");
}

#[test]
fn every_listed_module_exists_and_cites_its_rfc() {
    for (number, modules) in listed() {
        let modules: Vec<&str> = modules.split('`').skip(1).step_by(2).collect();
        assert!(!modules.is_empty(), "RFC {number} names no module");
        for module in modules {
            let path = root().join(module);
            assert!(path.exists(), "RFC {number}: {module} does not exist");
            let mut paths = Vec::new();
            if path.is_dir() {
                sources(&path, &mut paths);
            } else {
                paths.push(path);
            }
            let cites = |path: &PathBuf| {
                cited(&fs::read_to_string(path).expect("a source file")).contains(&number)
            };
            assert!(
                paths.iter().any(cites),
                "{module} does not cite RFC {number}"
            );
        }
    }
}
