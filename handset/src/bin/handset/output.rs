//! The result's file: reserved before anything is revealed, whole or not there at all, and never over another file unasked.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// What may happen to a file of that name that is already there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Existing {
    Keep,
    Replace,
}

/// A place for the result. Leaves nothing behind unless committed.
pub(crate) struct Output {
    path: PathBuf,
    beside: PathBuf,
    file: File,
    existing: Existing,
}

impl Output {
    /// Makes sure that the result can be written, before it is asked for: a reveal is spent only once.
    pub(crate) fn reserve(path: &Path, existing: Existing) -> io::Result<Self> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        if existing == Existing::Keep && path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let hidden = format!(".{}.{}.part", name.to_string_lossy(), std::process::id());
        let beside = path.with_file_name(hidden);
        // A decrypted picture is for its owner alone.
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)?;
        Ok(Self {
            path: path.to_owned(),
            beside,
            file,
            existing,
        })
    }

    /// As [`Self::commit`], under a name in the same folder that was not known before.
    pub(crate) fn commit_as(mut self, path: &Path, octets: &[u8]) -> io::Result<()> {
        path.clone_into(&mut self.path);
        self.commit(octets)
    }

    /// Writes the result and gives it its name, in one step that a crash cannot cut in two.
    pub(crate) fn commit(mut self, octets: &[u8]) -> io::Result<()> {
        self.file.write_all(octets)?;
        self.file.sync_all()?;
        match self.existing {
            Existing::Replace => fs::rename(&self.beside, &self.path),
            // A hard link is never made over a file that came in the meantime.
            Existing::Keep => match fs::hard_link(&self.beside, &self.path) {
                Err(error) if lacks_links(&error) => self.rename_if_free(),
                linked => linked,
            },
        }
    }

    /// For file systems without hard links, as on memory cards; between look and step another program could come.
    fn rename_if_free(&self) -> io::Result<()> {
        if self.path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.beside, &self.path)
    }
}

fn lacks_links(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
    )
}

impl Drop for Output {
    fn drop(&mut self) {
        // After a rename it is gone already, and there is nobody left to tell.
        drop(fs::remove_file(&self.beside));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("handset-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_never_overwritten_unasked() {
        let folder = folder("keep");
        let path = folder.join("a.jpg");
        fs::write(&path, "mine").unwrap();
        let refused = Output::reserve(&path, Existing::Keep).err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        Output::reserve(&path, Existing::Replace)
            .unwrap()
            .commit(b"new")
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(names(&folder), ["a.jpg"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_came_in_the_meantime_is_kept() {
        let folder = folder("race");
        let path = folder.join("a.jpg");
        let output = Output::reserve(&path, Existing::Keep).unwrap();
        fs::write(&path, "mine").unwrap();
        let refused = output.commit(b"new").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        assert_eq!(names(&folder), ["a.jpg"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_not_committed_leaves_nothing() {
        let folder = folder("drop");
        drop(Output::reserve(&folder.join("a.jpg"), Existing::Keep).unwrap());
        assert!(names(&folder).is_empty());
        assert!(Output::reserve(&folder, Existing::Replace).is_err());
        assert!(Output::reserve(&folder.join("no/a.jpg"), Existing::Keep).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
