//! What the process knows of itself. Its file is opened before the sandbox closes: afterwards nothing opens one.

use std::{fs::File, io, os::unix::fs::FileExt};

/// The start and the memory of this process.
#[derive(Debug)]
pub struct Process {
    started: u64,
    /// `/proc/self/statm`, where there is one.
    statm: Option<File>,
}

impl Process {
    /// This process, started at `started` seconds since 1970.
    #[must_use]
    pub fn open(started: u64) -> Self {
        Self {
            started,
            statm: File::open("/proc/self/statm").ok(),
        }
    }

    pub(super) fn started(&self) -> u64 {
        self.started
    }

    /// Resident octets; none where the system does not tell.
    pub(super) fn resident(&self) -> Option<u64> {
        let pages = resident_pages(self.statm.as_ref()?).ok()?;
        let size = u64::try_from(rustix::param::page_size()).ok()?;
        pages?.checked_mul(size)
    }
}

/// The second number of `statm`.
fn resident_pages(statm: &File) -> io::Result<Option<u64>> {
    let mut line = [0; 128];
    let read = statm.read_at(&mut line, 0)?;
    let line = line.get(..read).unwrap_or_default();
    let second = line.split(u8::is_ascii_whitespace).nth(1);
    Ok(second.and_then(|number| str::from_utf8(number).ok()?.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory() {
        let process = Process::open(7);
        assert!(process.resident().is_some_and(|octets| octets > 100_000));
        assert_eq!(process.started(), 7);
    }
}
