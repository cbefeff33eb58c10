//! What a client has fetched: each file under a name that does not tell when or where it was fetched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files by their names.
pub(crate) struct Copies(BTreeMap<String, Vec<u8>>);

impl Copies {
    /// All files below `folder`.
    pub(crate) fn below(folder: &Path) -> Self {
        let mut copies = Self(BTreeMap::new());
        copies.take(folder, "");
        copies
    }

    /// The messages in all Maildirs below `folder`; what a client keeps beside them is its own.
    pub(crate) fn in_maildirs(folder: &Path) -> Self {
        let mut copies = Self::below(folder);
        copies
            .0
            .retain(|name, _| name.contains("/cur/") || name.contains("/new/"));
        // mbsync marks what it writes by a field of its own, drawn by lot, in case that it is interrupted.
        copies.forget(b"X-TUID: ");
        copies
    }

    /// Takes out the lines that begin so, from each file.
    pub(crate) fn forget(&mut self, start: &[u8]) {
        for octets in self.0.values_mut() {
            *octets = without_lines(octets, start);
        }
    }

    fn take(&mut self, folder: &Path, name: &str) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let file = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{name}/{}", steady(&file));
            if entry.file_type().expect("a type").is_dir() {
                self.take(&entry.path(), &path);
            } else {
                let octets = fs::read(entry.path()).expect("a file");
                assert!(
                    self.0.insert(path.clone(), octets).is_none(),
                    "{path} twice"
                );
            }
        }
    }

    /// How many files there are.
    pub(crate) fn files(&self) -> usize {
        self.0.len()
    }

    /// Both have the same files with the same octets.
    pub(crate) fn is_the_same_as(&self, other: &Self) {
        let names = |copies: &Self| copies.0.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(self), names(other));
        for (name, octets) in &self.0 {
            let others = &other.0[name];
            assert!(octets == others, "{name}: {}", difference(octets, others));
        }
    }
}

/// Where two files differ first, and how.
fn difference(one: &[u8], other: &[u8]) -> String {
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let shown = |octets: &[u8]| {
        let near = &octets[same.saturating_sub(60)..octets.len().min(same + 60)];
        near.escape_ascii().to_string()
    };
    format!("at {same}: {} and {}", shown(one), shown(other))
}

/// The octets without the lines that begin so.
fn without_lines(octets: &[u8], start: &[u8]) -> Vec<u8> {
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    lines
        .filter(|line| !line.starts_with(start))
        .collect::<Vec<_>>()
        .concat()
}

/// A Maildir's file name from its UID on: before it stand time, process and machine.
fn steady(file: &str) -> &str {
    file.find(",U=").map_or(file, |at| &file[at..])
}
