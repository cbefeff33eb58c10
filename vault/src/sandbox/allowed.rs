//! Every system call that a vault may make. What is not here ends it.
//!
//! Not here on purpose: `read` and `write` (a socket has calls of its own, which cannot touch a file), `mprotect` (nothing
//! becomes executable), `madvise` with other advice (it could take the mark "not to be dumped" off the pages with the key), `close` (nothing is open but the socket, which the end of the process closes), `tgkill` and
//! `rt_sigprocmask` (an abort ends the vault at the first of them just as well).

use super::filter::Argument::{Has, HasNone, Is, Null};
use super::filter::{Line, always, when};

/// Executable memory.
const EXECUTABLE: u32 = libc::PROT_EXEC.unsigned_abs();
/// Memory with no file behind it.
const ANONYMOUS: u32 = libc::MAP_ANONYMOUS.unsigned_abs();

/// FUTEX_WAIT is 0, FUTEX_WAKE is 1; no other operation, but with or without these flags.
const WAIT_OR_WAKE: u32 =
    (libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME).unsigned_abs();

pub(super) const VAULT: &[Line] = &[
    when(
        libc::SYS_recvfrom,
        &[Is(0, 0), Null(4)],
        "frames come in on the one socket; nobody asks who sent them",
    ),
    when(
        libc::SYS_sendto,
        &[Is(0, 0), Null(4)],
        "frames go out on the one socket, to its other end and nowhere else",
    ),
    always(libc::SYS_ppoll, "waiting for the socket or for a deadline"),
    always(
        libc::SYS_restart_syscall,
        "the kernel resumes a wait after a stop and continue",
    ),
    always(
        libc::SYS_clock_gettime,
        "deadlines, where the kernel gives the clock by a call",
    ),
    #[cfg(target_arch = "x86_64")]
    always(
        libc::SYS_alarm,
        "the kernel ends the vault when its time is over, even inside a decoder",
    ),
    #[cfg(not(target_arch = "x86_64"))]
    when(
        libc::SYS_setitimer,
        &[Is(0, libc::ITIMER_REAL.unsigned_abs())],
        "alarm(3), where there is no alarm(2)",
    ),
    always(
        libc::SYS_brk,
        "the allocator's heap; bounded by RLIMIT_AS, as all memory is",
    ),
    when(
        libc::SYS_mmap,
        &[HasNone(2, EXECUTABLE), Has(3, ANONYMOUS)],
        "the allocator's large blocks: memory that is neither executable nor a file",
    ),
    always(libc::SYS_mremap, "the allocator grows a large block"),
    when(
        libc::SYS_madvise,
        &[Is(2, libc::MADV_HUGEPAGE.unsigned_abs())],
        "a large part is held in large pages",
    ),
    always(
        libc::SYS_munmap,
        "the allocator gives large blocks back, and secret pages are unmapped",
    ),
    always(
        libc::SYS_getrandom,
        "the one-time key, the nonces and keys of the result",
    ),
    when(
        libc::SYS_futex,
        &[HasNone(1, !WAIT_OR_WAKE)],
        "a library's run-once initialisation wakes nobody, but says so",
    ),
    always(
        libc::SYS_sigaltstack,
        "the runtime gives its signal stack back at exit",
    ),
    always(libc::SYS_exit_group, "the vault ends when it has answered"),
];
