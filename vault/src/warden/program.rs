//! This very program: its digest, what it is linked with, and how it is started as a vault.

use std::ffi::OsString;
use std::fs::{File, read_to_string};
use std::io::{self, Read as _};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sha2::{Digest as _, Sha256};

use crate::options::WardenOptions;

/// Where the loader finds the paths of libraries.
const LOADER_CACHE: &str = "/etc/ld.so.cache";

/// What the process list shows as the program of a vault.
const NAME: &str = "keyhole";

/// The program of this process, held open: what was hashed is what is executed, whatever stands at its path by then.
pub(super) struct Program {
    file: File,
    digest: [u8; 32],
    files: Vec<PathBuf>,
    nowhere: File,
    arguments: Vec<OsString>,
}

impl Program {
    /// Reads the program. To be called before the sandbox hides it.
    pub(super) fn of_this_process(options: &WardenOptions) -> io::Result<Self> {
        let file = File::open("/proc/self/exe")?;
        let nowhere = File::options().read(true).write(true).open("/dev/null")?;
        let mut arguments = options.vault_role.clone();
        arguments.extend(options.vault.to_args());
        Ok(Self {
            digest: digest(&file)?,
            files: linked(&read_to_string("/proc/self/maps")?),
            file,
            nowhere,
            arguments,
        })
    }

    /// SHA-256 of the program.
    pub(super) fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The program and what it is linked with: all that a vault needs to start.
    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Starts a vault: an empty environment, `socket` as descriptor 0, nothing else.
    pub(super) fn start_vault(&self, socket: OwnedFd) -> io::Result<Child> {
        Command::new(format!("/proc/self/fd/{}", self.file.as_raw_fd()))
            .arg0(NAME)
            .args(&self.arguments)
            .env_clear()
            .stdin(socket)
            .stdout(Stdio::from(self.nowhere.try_clone()?))
            .stderr(Stdio::from(self.nowhere.try_clone()?))
            .spawn()
    }
}

fn digest(mut file: &File) -> io::Result<[u8; 32]> {
    let mut hashed = Sha256::new();
    let mut room = vec![0; 64 * 1024];
    loop {
        let octets = file.read(&mut room)?;
        match room.get(..octets) {
            Some(run) if octets > 0 => hashed.update(run),
            Some(_) | None => return Ok(hashed.finalize().into()),
        }
    }
}

/// The files that are mapped into a process, out of the text of `/proc/PID/maps`.
fn linked(maps: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = maps
        .lines()
        .filter_map(|line| line.find('/').and_then(|start| line.get(start..)))
        .map(PathBuf::from)
        .collect();
    files.extend(["/proc/self/exe", LOADER_CACHE].map(PathBuf::from));
    files.sort();
    files.dedup();
    files.retain(|file| Path::is_file(file));
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapped_files_are_those_that_the_program_is_linked_with() {
        let maps = read_to_string("/proc/self/maps").unwrap();
        let files = linked(&maps);
        assert!(files.contains(&PathBuf::from("/proc/self/exe")));
        assert!(files.contains(&std::env::current_exe().unwrap()));
        assert!(files.iter().all(|file| file.is_absolute()));
    }
}
