//! Debian's archive of source packages, read with a list of its own: nothing of the machine's is changed, and all goes with the run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::program::succeed;

/// Where it is.
const MIRROR: &str = "http://deb.debian.org/debian";

/// The lists of one release.
pub(crate) struct Archive {
    folder: PathBuf,
}

impl Archive {
    /// Fetches the list of the source packages of this machine's release.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        let archive = Self {
            folder: folder.join("archive"),
        };
        for needed in ["lists/partial", "cache/archives/partial", "empty"] {
            fs::create_dir_all(archive.folder.join(needed))?;
        }
        let release = release(&fs::read_to_string("/etc/os-release")?)?;
        let list = format!("deb-src {MIRROR} {release} main\n");
        fs::write(archive.folder.join("sources.list"), list)?;
        succeed(archive.apt().arg("update"))?;
        Ok(archive)
    }

    /// Fetches a source package and unpacks it: upstream's archives, and Debian's.
    pub(crate) fn unpack(&self, package: &str) -> Result<PathBuf, Failure> {
        let fetched = self.folder.join("fetched").join(package);
        let unpacked = self.folder.join("unpacked").join(package);
        fs::create_dir_all(&fetched)?;
        fs::create_dir_all(&unpacked)?;
        let mut fetch = self.apt();
        fetch.args(["source", "--download-only", package]);
        succeed(fetch.current_dir(&fetched))?;
        for entry in fs::read_dir(&fetched)? {
            let path = entry?.path();
            if is_archive(&path) {
                let mut unpack = Command::new("tar");
                unpack.args(["--extract", "--no-same-owner", "--no-same-permissions"]);
                succeed(
                    unpack
                        .arg("--file")
                        .arg(&path)
                        .arg("--directory")
                        .arg(&unpacked),
                )?;
            }
        }
        fs::remove_dir_all(&fetched)?;
        Ok(unpacked)
    }

    fn apt(&self) -> Command {
        let mut command = Command::new("apt-get");
        command.arg("--quiet=2");
        for (option, path) in [
            ("Dir::Etc::SourceList", "sources.list"),
            ("Dir::Etc::SourceParts", "empty"),
            ("Dir::State::Lists", "lists"),
            ("Dir::Cache", "cache"),
        ] {
            let value = format!("{option}={}", self.folder.join(path).display());
            command.args(["--option", &value]);
        }
        command
    }
}

/// `x.orig.tar.gz`, `x.debian.tar.xz`; no signature.
fn is_archive(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let compressed = name.as_deref().and_then(|name| name.rsplit_once('.'));
    compressed.is_some_and(|(name, _)| name.ends_with(".tar"))
}

/// The name of the release in the text of os-release(5).
fn release(text: &str) -> Result<String, Failure> {
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    let name = name.map(|name| name.trim_matches('"').to_owned());
    name.ok_or_else(|| Failure::System("this release has no name".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{is_archive, release};

    #[test]
    fn archives_are_unpacked_and_what_comes_with_them_is_not() {
        let is = |name: &str| is_archive(Path::new(name));
        assert!(is("a/tiff_4.5.0.orig.tar.bz2") && is("giflib_5-2.debian.tar.xz"));
        assert!(!is("libwebp_1.2.4.orig.tar.gz.asc") && !is("tiff_4.5.0-6.dsc"));
    }

    #[test]
    fn a_release_is_known_by_its_name() {
        let text = "ID=debian\nVERSION_CODENAME=bookworm\n";
        assert_eq!(release(text).unwrap(), "bookworm");
        assert_eq!(release("VERSION_CODENAME=\"sid\"").unwrap(), "sid");
        assert!(release("ID=other\n").is_err());
    }
}
