//! The users' map, looked at again and again. A file that is put in its place at once is the ordinary way to change it; one that is
//! written to in place is read when it rests.

use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use proxy::sources::Found;

/// A map that is watched.
#[derive(Debug)]
pub(super) struct Watched {
    path: PathBuf,
    /// What was told last.
    told: State,
    /// What was seen last.
    seen: State,
}

/// Which file it is, as far as that can be told without reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    /// Nothing was told yet.
    Unknown,
    /// There is none.
    Missing,
    File {
        device: u64,
        inode: u64,
        modified: (i64, i64),
        octets: u64,
    },
}

impl Watched {
    /// A map of which nobody knows yet what is in it: the first look tells.
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            told: State::Unknown,
            seen: State::Unknown,
        }
    }

    /// Its path, and what is in it by now, if that was not told. A file is read when it is seen twice unchanged, so that no half of it is told.
    pub(super) fn look(&mut self) -> Option<(PathBuf, Found)> {
        let before = self.seen;
        self.seen = State::of(&self.path);
        if self.seen == self.told || self.seen != before {
            return None;
        }
        self.told = self.seen;
        Some((self.path.clone(), Found::map(&self.path)))
    }
}

impl State {
    fn of(path: &Path) -> Self {
        match std::fs::metadata(path) {
            Err(_) => Self::Missing,
            Ok(metadata) => Self::File {
                device: metadata.dev(),
                inode: metadata.ino(),
                modified: (metadata.mtime(), metadata.mtime_nsec()),
                octets: metadata.len(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_told_once_for_each_change_and_only_when_it_rests() {
        let path = std::env::temp_dir().join(format!("keyhole-map-{}", std::process::id()));
        std::fs::write(&path, b"one").unwrap();
        let mut watched = Watched::new(&path);
        assert_eq!(watched.look(), None, "seen for the first time");
        assert!(matches!(watched.look(), Some((_, Found::File { .. }))));
        assert_eq!(watched.look(), None, "told already");
        std::fs::write(&path, b"three").unwrap();
        assert_eq!(watched.look(), None, "it changes now");
        assert!(
            matches!(watched.look(), Some((_, Found::File { octets, .. })) if *octets == b"three")
        );
        std::fs::remove_file(&path).unwrap();
        assert_eq!(watched.look(), None);
        assert!(matches!(watched.look(), Some((_, Found::Nothing(_)))));
        assert_eq!(watched.look(), None);
    }
}
