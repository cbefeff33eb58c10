//! System calls that warden, server and loader may not make. Their libraries need too many others to list those.

use super::filter::Argument::{Has, HasNone, Is, IsNot, IsNotUs, NotNull};
use super::filter::{Line, always, when};

const SPY: &str = "reads or writes another process";
const KERNEL: &str = "reaches far into the kernel, and nothing here needs it";
const MOUNT: &str = "changes what paths mean";
const MACHINE: &str = "is for whoever runs the machine";
const CLOCK: &str = "sets the clock, on which the expiry of statements depends";
const NETWORK: &str = "the warden has no network; its sockets come in pairs";
const PROCESS: &str = "server and loader have no means to start a program or a process";
const SIGNAL: &str = "server and loader have no business with other processes";
const SHARED: &str = "memory that others share, or that may be executed";
const TERMINAL: &str = "types into the terminal of whoever started the program";
const LOCAL: &str = "other programs' local sockets start programs; Landlock does not cover them";
const TAKES: &str = "strangers connect to the server; the loader never meets one";
const CODE: &str = "code that comes in as data stays data";

/// The kernel's number (`include/uapi/asm-generic/ioctls.h`).
const TIOCSTI: u32 = 0x5412;
/// The kernel's number (`include/uapi/asm-generic/ioctls.h`).
const TIOCLINUX: u32 = 0x541c;
/// The kernel's number (`include/uapi/asm-generic/fcntl.h`).
const F_SETOWN: u32 = 8;
/// The kernel's number (`include/uapi/asm-generic/fcntl.h`).
const F_SETSIG: u32 = 10;
/// The kernel's number (`include/uapi/asm-generic/fcntl.h`).
const F_SETOWN_EX: u32 = 15;

/// The kernel's number (`include/uapi/asm-generic/sockios.h`).
const FIOSETOWN: u32 = 0x8901;
/// The kernel's number (`include/uapi/asm-generic/sockios.h`).
const SIOCSPGRP: u32 = 0x8902;

#[cfg(target_arch = "x86_64")]
const SETRLIMIT: i64 = libc::SYS_setrlimit;
/// The kernel's number (`include/uapi/asm-generic/unistd.h`), which `libc` leaves out.
#[cfg(not(target_arch = "x86_64"))]
const SETRLIMIT: i64 = 164;

/// Answered as if the kernel did not know them, so that libraries fall back.
pub(super) const UNKNOWN: &[Line] = &[
    always(
        libc::SYS_io_uring_setup,
        "its operations pass seccomp by; libraries fall back to epoll",
    ),
    always(libc::SYS_io_uring_enter, "as io_uring_setup"),
    always(libc::SYS_io_uring_register, "as io_uring_setup"),
    always(
        libc::SYS_clone3,
        "its flags are behind a pointer, which a filter cannot read; libraries fall back to clone",
    ),
];

/// Denied to all three.
pub(super) const ALWAYS: &[Line] = &[
    always(libc::SYS_ptrace, SPY),
    always(libc::SYS_process_vm_readv, SPY),
    always(libc::SYS_process_vm_writev, SPY),
    always(libc::SYS_process_madvise, SPY),
    always(libc::SYS_pidfd_getfd, SPY),
    always(libc::SYS_kcmp, SPY),
    always(libc::SYS_perf_event_open, SPY),
    when(
        libc::SYS_prctl,
        &[Is(0, libc::PR_SET_DUMPABLE.unsigned_abs()), IsNot(1, 0)],
        "would open this process's memory to core files and to others",
    ),
    always(libc::SYS_bpf, KERNEL),
    always(libc::SYS_userfaultfd, KERNEL),
    always(libc::SYS_add_key, KERNEL),
    always(libc::SYS_request_key, KERNEL),
    always(libc::SYS_keyctl, KERNEL),
    always(libc::SYS_personality, KERNEL),
    always(
        libc::SYS_memfd_create,
        "a file without a name, to be executed or shared",
    ),
    always(libc::SYS_unshare, MOUNT),
    always(libc::SYS_setns, MOUNT),
    always(libc::SYS_mount, MOUNT),
    always(libc::SYS_umount2, MOUNT),
    always(libc::SYS_chroot, MOUNT),
    always(libc::SYS_pivot_root, MOUNT),
    always(libc::SYS_open_tree, MOUNT),
    always(libc::SYS_move_mount, MOUNT),
    always(libc::SYS_fsopen, MOUNT),
    always(libc::SYS_fsmount, MOUNT),
    always(libc::SYS_fspick, MOUNT),
    always(libc::SYS_mount_setattr, MOUNT),
    always(
        libc::SYS_open_by_handle_at,
        "opens files past all paths and mounts",
    ),
    always(libc::SYS_init_module, MACHINE),
    always(libc::SYS_finit_module, MACHINE),
    always(libc::SYS_delete_module, MACHINE),
    always(libc::SYS_kexec_load, MACHINE),
    always(libc::SYS_kexec_file_load, MACHINE),
    always(libc::SYS_reboot, MACHINE),
    always(libc::SYS_swapon, MACHINE),
    always(libc::SYS_swapoff, MACHINE),
    always(libc::SYS_acct, MACHINE),
    always(libc::SYS_quotactl, MACHINE),
    always(libc::SYS_syslog, MACHINE),
    #[cfg(target_arch = "x86_64")]
    always(libc::SYS_iopl, MACHINE),
    #[cfg(target_arch = "x86_64")]
    always(libc::SYS_ioperm, MACHINE),
    #[cfg(target_arch = "x86_64")]
    always(libc::SYS_modify_ldt, KERNEL),
    always(libc::SYS_shmget, SHARED),
    always(libc::SYS_shmat, SHARED),
    always(libc::SYS_shmctl, SHARED),
    always(libc::SYS_semget, SHARED),
    always(libc::SYS_msgget, SHARED),
    always(libc::SYS_mq_open, SHARED),
    when(libc::SYS_ioctl, &[Is(1, TIOCSTI)], TERMINAL),
    when(libc::SYS_ioctl, &[Is(1, TIOCLINUX)], TERMINAL),
    always(libc::SYS_settimeofday, CLOCK),
    always(libc::SYS_clock_settime, CLOCK),
    always(libc::SYS_clock_adjtime, CLOCK),
    always(libc::SYS_adjtimex, CLOCK),
];

/// Denied to the warden besides. Socket pairs, processes and programs are what it is for.
pub(super) const WARDEN: &[Line] = &[
    always(libc::SYS_socket, NETWORK),
    always(libc::SYS_connect, NETWORK),
    always(libc::SYS_bind, NETWORK),
    always(libc::SYS_listen, NETWORK),
    always(libc::SYS_accept, NETWORK),
    always(libc::SYS_accept4, NETWORK),
];

/// Denied to server and loader besides.
pub(super) const CHILDLESS: &[Line] = &[
    always(libc::SYS_execve, PROCESS),
    always(libc::SYS_execveat, PROCESS),
    #[cfg(target_arch = "x86_64")]
    always(libc::SYS_fork, PROCESS),
    #[cfg(target_arch = "x86_64")]
    always(libc::SYS_vfork, PROCESS),
    when(
        libc::SYS_clone,
        &[HasNone(0, libc::CLONE_THREAD.unsigned_abs())],
        PROCESS,
    ),
    always(libc::SYS_kill, SIGNAL),
    always(libc::SYS_tkill, SIGNAL),
    // A program that aborts signals itself.
    when(libc::SYS_tgkill, &[IsNotUs(0)], SIGNAL),
    always(libc::SYS_rt_sigqueueinfo, SIGNAL),
    always(libc::SYS_rt_tgsigqueueinfo, SIGNAL),
    always(libc::SYS_pidfd_send_signal, SIGNAL),
    when(libc::SYS_fcntl, &[Is(1, F_SETOWN)], SIGNAL),
    when(libc::SYS_fcntl, &[Is(1, F_SETSIG)], SIGNAL),
    when(libc::SYS_fcntl, &[Is(1, F_SETOWN_EX)], SIGNAL),
    when(libc::SYS_ioctl, &[Is(1, FIOSETOWN)], SIGNAL),
    when(libc::SYS_ioctl, &[Is(1, SIOCSPGRP)], SIGNAL),
    when(
        libc::SYS_socket,
        &[
            IsNot(0, libc::AF_INET.unsigned_abs()),
            IsNot(0, libc::AF_INET6.unsigned_abs()),
        ],
        LOCAL,
    ),
    // SOCK_RAW is the same among local sockets, and has the bit too; streams have not, whatever their flags.
    when(
        libc::SYS_socketpair,
        &[Has(1, libc::SOCK_DGRAM.unsigned_abs())],
        "one end of a datagram pair can send to any local socket",
    ),
    when(
        libc::SYS_prlimit64,
        &[NotNull(2)],
        "limits that were set stay as they are",
    ),
    always(SETRLIMIT, "limits that were set stay as they are"),
    always(
        libc::SYS_truncate,
        "Landlock knows of it only since Linux 6.2",
    ),
];

/// Denied to the server besides. The loader may: how names are looked up is a matter of libraries that the system's configuration
/// names (nsswitch.conf), and those are loaded when they are needed.
pub(super) const SERVER: &[Line] = &[
    when(
        libc::SYS_mmap,
        &[Has(2, libc::PROT_EXEC.unsigned_abs())],
        CODE,
    ),
    when(
        libc::SYS_mprotect,
        &[Has(2, libc::PROT_EXEC.unsigned_abs())],
        CODE,
    ),
    when(
        libc::SYS_pkey_mprotect,
        &[Has(2, libc::PROT_EXEC.unsigned_abs())],
        CODE,
    ),
];

/// Denied to the loader besides.
pub(super) const LOADER: &[Line] = &[
    always(libc::SYS_accept, TAKES),
    always(libc::SYS_accept4, TAKES),
];
