//! Memory kept out of core dumps and swap, and memory in large pages. The one module with `unsafe`: five system calls and one
//! slice.
#![expect(
    unsafe_code,
    reason = "mapping memory and viewing it as a slice cannot be said in safe Rust"
)]

use std::mem::MaybeUninit;
use std::os::fd::{FromRawFd, OwnedFd};
use std::ptr::NonNull;

use rustix::mm::{Advice, MapFlags, ProtFlags};
use static_assertions::assert_not_impl_any;
use zeroize::Zeroize;

/// How well the kernel guards the memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PageKind {
    /// `memfd_secret(2)`: not even the kernel's own map holds it; `/proc/PID/mem` cannot read it.
    SecretMemory,
    /// Anonymous memory, locked (`mlock(2)`) and out of dumps (`MADV_DONTDUMP`).
    Locked,
}

/// The kernel refused memory, or refused to lock it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PagesError;

impl std::fmt::Display for PagesError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no memory that can be kept out of dumps and swap")
    }
}

impl std::error::Error for PagesError {}

/// Whole pages of guarded memory, wiped and unmapped on drop.
pub struct Pages {
    start: NonNull<u8>,
    len: usize,
    kind: PageKind,
}

assert_not_impl_any!(Pages: Clone, PartialEq, std::fmt::Debug, Send, Sync);

impl Pages {
    /// At least `len` octets of the best kind that the kernel gives, zeroed.
    ///
    /// # Errors
    /// [`PagesError`] when no memory of either kind can be had.
    pub fn new(len: usize) -> Result<Self, PagesError> {
        Self::of(PageKind::SecretMemory, len).or_else(|_| Self::of(PageKind::Locked, len))
    }

    /// At least `len` octets of just this kind, zeroed.
    ///
    /// # Errors
    /// [`PagesError`] when the kernel does not give it.
    pub fn of(kind: PageKind, len: usize) -> Result<Self, PagesError> {
        let page = rustix::param::page_size();
        let len = len
            .max(1)
            .checked_next_multiple_of(page)
            .ok_or(PagesError)?;
        match kind {
            PageKind::SecretMemory => Self::secret(len),
            PageKind::Locked => Self::locked(len),
        }
    }

    fn secret(len: usize) -> Result<Self, PagesError> {
        // SAFETY: memfd_secret(2) takes flags only and returns a new descriptor or -1.
        let raw = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
        let raw = i32::try_from(raw)
            .ok()
            .filter(|fd| *fd >= 0)
            .ok_or(PagesError)?;
        // SAFETY: the descriptor was just made and nobody else has it.
        let file = unsafe { OwnedFd::from_raw_fd(raw) };
        let size = u64::try_from(len).map_err(|_| PagesError)?;
        rustix::fs::ftruncate(&file, size).map_err(|_| PagesError)?;
        // SAFETY: a fresh mapping at an address of the kernel's choice touches no other memory.
        let start = unsafe {
            rustix::mm::mmap(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                &file,
                0,
            )
        };
        Self::mapped(start, len, PageKind::SecretMemory)
    }

    fn locked(len: usize) -> Result<Self, PagesError> {
        // SAFETY: a fresh anonymous mapping at an address of the kernel's choice touches no other memory.
        let start = unsafe {
            rustix::mm::mmap_anonymous(
                std::ptr::null_mut(),
                len,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        };
        let pages = Self::mapped(start, len, PageKind::Locked)?;
        let place = pages.start.as_ptr().cast();
        // SAFETY: the range is the mapping just made, whole pages, alive as long as `pages`.
        unsafe {
            rustix::mm::mlock(place, len).map_err(|_| PagesError)?;
            rustix::mm::madvise(place, len, Advice::LinuxDontDump).map_err(|_| PagesError)?;
        }
        Ok(pages)
    }

    fn mapped(
        start: rustix::io::Result<*mut std::ffi::c_void>,
        len: usize,
        kind: PageKind,
    ) -> Result<Self, PagesError> {
        let start = start.map_err(|_| PagesError)?;
        let start = NonNull::new(start.cast()).ok_or(PagesError)?;
        Ok(Self { start, len, kind })
    }

    /// Which kind of memory this is.
    #[must_use]
    pub fn kind(&self) -> PageKind {
        self.kind
    }

    /// The octets: whole pages, so at least as many as were asked for.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        // SAFETY: `start` is the start of `len` mapped, readable octets that live as long as `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// The octets, to be written.
    #[must_use]
    pub fn expose_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `expose`, and `&mut self` is the only way to them.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.expose_mut().zeroize();
        // SAFETY: the mapping is ours, whole, and no reference to it is left.
        let unmapped = unsafe { rustix::mm::munmap(self.start.as_ptr().cast(), self.len) };
        debug_assert!(unmapped.is_ok(), "a mapping of ours can be unmapped");
    }
}

/// Asks the kernel to back the whole pages of `room` with large ones when they are first written: a part of some megabytes
/// then costs a few page faults and not thousands. Only advice; nothing depends on whether it is taken.
pub(crate) fn prefer_large(room: &mut [MaybeUninit<u8>]) {
    let page = rustix::param::page_size();
    let before = room.as_ptr().align_offset(page);
    let Some(pages) = room.get_mut(before..) else {
        return;
    };
    let whole = pages.len().saturating_sub(pages.len() % page);
    if whole == 0 {
        return;
    }
    // SAFETY: the range is borrowed for writing and begins at a page; this advice changes neither contents nor protection.
    let advised =
        unsafe { rustix::mm::madvise(pages.as_mut_ptr().cast(), whole, Advice::LinuxHugepage) };
    // A kernel without large pages says so; small ones hold as much.
    let (Ok(()) | Err(_)) = advised;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_zeroed_whole_and_writable() {
        for kind in [PageKind::SecretMemory, PageKind::Locked] {
            let Ok(mut pages) = Pages::of(kind, 10) else {
                assert_eq!(kind, PageKind::SecretMemory, "locked memory must be there");
                continue;
            };
            assert_eq!(pages.kind(), kind);
            assert_eq!(pages.expose().len(), rustix::param::page_size());
            assert!(pages.expose().iter().all(|octet| *octet == 0));
            pages.expose_mut().fill(0xa5);
            assert!(pages.expose().iter().all(|octet| *octet == 0xa5));
        }
    }

    #[test]
    fn an_impossible_size_is_refused() {
        assert!(Pages::new(usize::MAX).is_err());
    }
}
