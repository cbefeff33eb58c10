//! Everything that a confined process must not be able to do, each tried from inside a process of its own.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use vault::sandbox::{Requirement, Role, apply};

use crate::runner::Test;

pub(crate) const TESTS: &[Test] = &[
    (
        "acts_are_possible_outside_a_sandbox",
        acts_are_possible_outside_a_sandbox,
    ),
    (
        "a_vault_dies_of_every_forbidden_act",
        a_vault_dies_of_every_forbidden_act,
    ),
    (
        "a_warden_is_refused_what_it_does_not_need",
        a_warden_is_refused_what_it_does_not_need,
    ),
    (
        "a_server_is_refused_programs_processes_and_files",
        a_server_is_refused_programs_processes_and_files,
    ),
    (
        "a_loader_is_refused_programs_processes_and_writing",
        a_loader_is_refused_programs_processes_and_writing,
    ),
    (
        "a_sandbox_is_refused_to_a_process_with_threads",
        a_sandbox_is_refused_to_a_process_with_threads,
    ),
];

/// The act succeeded.
const DONE: u8 = 0;
/// The kernel said that it is not permitted (EPERM, EACCES).
const REFUSED: u8 = 10;
/// The kernel said that there is no such call.
const UNKNOWN: u8 = 11;
/// The kernel said something else.
const FAILED: u8 = 12;
/// The sandbox did not stand.
const UNCONFINED: u8 = 13;

type Act = fn() -> io::Result<()>;

/// Whether the act succeeds for any user on any machine while nothing forbids it: shows that the probe is a probe.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Outside {
    Works,
    Depends,
}
use Outside::{Depends, Works};

/// Who must not be able to do it; a vault never is. What a server must not, a loader must not either, but where it says so.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Refused {
    Vault,
    VaultAndServer,
    VaultAndWarden,
    /// A loader reads files and loads libraries; all others do not.
    AllButLoader,
    VaultAndServerOnly,
    All,
}
use Refused::{All, AllButLoader, Vault, VaultAndServer, VaultAndServerOnly, VaultAndWarden};

const ACTS: &[(&str, Outside, Refused, Act)] = &[
    ("open-a-file", Works, AllButLoader, || {
        File::open("/etc/passwd").map(drop)
    }),
    ("open-its-own-memory", Works, AllButLoader, || {
        File::open("/proc/self/mem").map(drop)
    }),
    ("write-a-file", Works, All, || {
        File::options().write(true).open("/dev/null").map(drop)
    }),
    ("list-a-folder", Works, AllButLoader, || {
        std::fs::read_dir("/etc").map(drop)
    }),
    ("make-a-folder", Depends, All, || {
        std::fs::create_dir("/tmp/keyhole-probe-folder")
    }),
    ("look-at-a-path", Works, Vault, || {
        std::fs::metadata("/etc").map(drop)
    }),
    ("open-by-openat2", Depends, Vault, || {
        raw(libc::SYS_openat2, [-100, 0, 0, 0, 0])
    }),
    ("truncate-a-file", Depends, VaultAndServer, || {
        raw(libc::SYS_truncate, [0, 0, 0, 0, 0])
    }),
    ("connect-by-tcp", Works, VaultAndWarden, connect),
    ("send-by-udp", Works, VaultAndWarden, || {
        UdpSocket::bind("127.0.0.1:0").map(drop)
    }),
    ("listen", Works, VaultAndWarden, || {
        TcpListener::bind("127.0.0.1:0").map(drop)
    }),
    ("make-a-socket-pair", Works, Vault, || {
        UnixStream::pair().map(drop)
    }),
    ("duplicate-a-descriptor", Works, Vault, || {
        raw(libc::SYS_dup, [0, 0, 0, 0, 0])
    }),
    ("send-on-another-descriptor", Depends, Vault, || {
        raw(libc::SYS_sendto, [2, 0, 0, 0, 0])
    }),
    ("send-to-an-address", Depends, Vault, || {
        raw(libc::SYS_sendto, [0, 0, 0, 0, 1])
    }),
    ("receive-with-an-address", Depends, Vault, || {
        raw(libc::SYS_recvfrom, [0, 0, 0, 0, 1])
    }),
    ("pass-a-descriptor", Depends, Vault, || {
        raw(libc::SYS_sendmsg, [0, 0, 0, 0, 0])
    }),
    ("receive-a-descriptor", Depends, Vault, || {
        raw(libc::SYS_recvmsg, [0, 0, 0, 0, 0])
    }),
    ("read", Depends, Vault, || {
        raw(libc::SYS_read, [0, 0, 0, 0, 0])
    }),
    ("write", Depends, Vault, || {
        raw(libc::SYS_write, [0, 0, 0, 0, 0])
    }),
    ("control-a-device", Depends, Vault, || {
        raw(libc::SYS_ioctl, [0, 0, 0, 0, 0])
    }),
    ("fork", Works, VaultAndServer, fork),
    ("start-a-thread", Works, Vault, || {
        std::thread::Builder::new().spawn(|| ()).map(drop)
    }),
    ("execute", Works, All, || {
        Err(Command::new("/bin/true").exec())
    }),
    ("execute-by-descriptor", Depends, VaultAndServer, || {
        raw(libc::SYS_execveat, [-1, 0, 0, 0, 0])
    }),
    ("start-a-program", Works, All, || {
        Command::new("/bin/true").spawn().map(drop)
    }),
    ("be-traced", Works, All, || {
        raw(libc::SYS_ptrace, [0, 0, 0, 0, 0])
    }),
    ("read-another-process", Depends, All, || {
        raw(libc::SYS_process_vm_readv, [parent(), 0, 0, 0, 0])
    }),
    ("write-another-process", Depends, All, || {
        raw(libc::SYS_process_vm_writev, [parent(), 0, 0, 0, 0])
    }),
    ("take-another-process's-descriptor", Depends, All, || {
        raw(libc::SYS_pidfd_getfd, [-1, 0, 0, 0, 0])
    }),
    ("signal-another-process", Works, All, || {
        raw(libc::SYS_kill, [parent(), 0, 0, 0, 0])
    }),
    ("signal-a-thread", Depends, VaultAndServer, || {
        raw(libc::SYS_tkill, [parent(), 0, 0, 0, 0])
    }),
    (
        "signal-another-process's-thread",
        Works,
        VaultAndServer,
        || raw(libc::SYS_tgkill, [parent(), parent(), 0, 0, 0]),
    ),
    (
        "queue-a-signal-for-a-thread",
        Depends,
        VaultAndServer,
        || raw(libc::SYS_rt_tgsigqueueinfo, [parent(), parent(), 0, 0, 0]),
    ),
    ("watch-another-process", Depends, Vault, || {
        raw(libc::SYS_pidfd_open, [parent(), 0, 0, 0, 0])
    }),
    ("io_uring", Depends, All, || {
        raw(libc::SYS_io_uring_setup, [0, 0, 0, 0, 0])
    }),
    ("bpf", Depends, All, || raw(libc::SYS_bpf, [0, 0, 0, 0, 0])),
    ("userfaultfd", Depends, All, || {
        raw(libc::SYS_userfaultfd, [0, 0, 0, 0, 0])
    }),
    ("perf", Depends, All, || {
        raw(libc::SYS_perf_event_open, [0, 0, -1, -1, 0])
    }),
    ("keyrings", Depends, All, || {
        raw(libc::SYS_keyctl, [0, 0, 0, 0, 0])
    }),
    ("mount", Depends, All, || {
        raw(libc::SYS_mount, [0, 0, 0, 0, 0])
    }),
    ("change-the-root", Depends, All, || {
        raw(libc::SYS_chroot, [0, 0, 0, 0, 0])
    }),
    ("new-namespace", Depends, All, || {
        raw(libc::SYS_unshare, [libc::CLONE_NEWUTS.into(), 0, 0, 0, 0])
    }),
    ("another-namespace", Depends, All, || {
        raw(libc::SYS_setns, [-1, 0, 0, 0, 0])
    }),
    ("open-by-handle", Depends, All, || {
        raw(libc::SYS_open_by_handle_at, [-1, 0, 0, 0, 0])
    }),
    ("memory-as-a-file", Works, All, || {
        raw(libc::SYS_memfd_create, [c"x".as_ptr() as i64, 0, 0, 0, 0])
    }),
    ("shared-memory", Works, All, || {
        raw(libc::SYS_shmget, [0, 4096, 0o1600, 0, 0])
    }),
    ("a-semaphore", Depends, All, || {
        raw(libc::SYS_semget, [0, -1, 0, 0, 0])
    }),
    ("a-queue", Depends, All, || {
        raw(libc::SYS_msgget, [0, 0, 0, 0, 0])
    }),
    ("a-named-queue", Depends, All, || {
        raw(libc::SYS_mq_open, [0, 0, 0, 0, 0])
    }),
    ("attach-shared-memory", Depends, All, || {
        raw(libc::SYS_shmat, [-1, 0, 0, 0, 0])
    }),
    ("type-into-the-terminal", Depends, All, || {
        raw(libc::SYS_ioctl, [0, 0x5412, 0, 0, 0])
    }),
    ("paste-into-the-console", Depends, All, || {
        raw(libc::SYS_ioctl, [0, 0x541c, 0, 0, 0])
    }),
    ("a-local-socket", Works, All, || {
        raw(libc::SYS_socket, [libc::AF_UNIX.into(), 1, 0, 0, 0])
    }),
    ("a-netlink-socket", Works, All, || {
        raw(libc::SYS_socket, [libc::AF_NETLINK.into(), 3, 0, 0, 0])
    }),
    ("signals-from-a-socket", Works, VaultAndServer, || {
        raw(libc::SYS_fcntl, [0, 10, 0, 0, 0])
    }),
    ("another's-signals", Works, VaultAndServer, || {
        raw(libc::SYS_fcntl, [0, 8, 0, 0, 0])
    }),
    ("another's-signals-by-kind", Depends, VaultAndServer, || {
        raw(libc::SYS_fcntl, [0, 15, 0, 0, 0])
    }),
    (
        "another's-signals-by-ioctl",
        Depends,
        VaultAndServer,
        || raw(libc::SYS_ioctl, [0, 0x8901, 0, 0, 0]),
    ),
    (
        "a-group's-signals-by-ioctl",
        Depends,
        VaultAndServer,
        || raw(libc::SYS_ioctl, [0, 0x8902, 0, 0, 0]),
    ),
    ("a-pair-of-datagram-sockets", Works, VaultAndServer, || {
        UnixDatagram::pair().map(drop)
    }),
    ("a-pair-of-raw-sockets", Works, VaultAndServer, || {
        raw_pair().map(drop)
    }),
    ("requeue-a-futex", Depends, Vault, || {
        raw(libc::SYS_futex, [0, 3, 0, 0, 0])
    }),
    ("change-personality", Depends, All, || {
        raw(libc::SYS_personality, [0, 0, 0, 0, 0])
    }),
    ("be-dumpable-again", Works, All, || {
        raw(libc::SYS_prctl, [libc::PR_SET_DUMPABLE.into(), 1, 0, 0, 0])
    }),
    ("raise-a-limit", Works, VaultAndServer, raise_a_limit),
    (
        "executable-memory",
        Works,
        VaultAndServerOnly,
        executable_memory,
    ),
    (
        "make-memory-executable",
        Depends,
        VaultAndServerOnly,
        || raw(libc::SYS_mprotect, [0, 0, libc::PROT_EXEC.into(), 0, 0]),
    ),
    ("be-dumped-again", Depends, Vault, || {
        raw(libc::SYS_madvise, [0, 0, libc::MADV_DODUMP.into(), 0, 0])
    }),
    ("become-another-user", Depends, Vault, || {
        raw(libc::SYS_setuid, [0, 0, 0, 0, 0])
    }),
    ("set-the-clock", Depends, All, || {
        raw(libc::SYS_clock_settime, [0, 0, 0, 0, 0])
    }),
    ("load-a-module", Depends, All, || {
        raw(libc::SYS_init_module, [0, 0, 0, 0, 0])
    }),
    ("read-the-kernel-log", Depends, All, || {
        raw(libc::SYS_syslog, [-1, 0, 0, 0, 0])
    }),
    ("another-filter", Depends, Vault, || {
        raw(libc::SYS_seccomp, [2, 0, 0, 0, 0])
    }),
];

/// One system call, as it is. Arguments are harmless: where the kernel looks at them at all, it finds them wrong.
#[expect(
    unsafe_code,
    reason = "what is tried here is the system call itself; no safe function makes most of them"
)]
fn raw(call: i64, arguments: [i64; 5]) -> io::Result<()> {
    let [a, b, c, d, e] = arguments;
    // SAFETY: no call of the table writes through a pointer given here: all are null, or name a constant.
    match unsafe { libc::syscall(call, a, b, c, d, e, 0) } {
        -1 => Err(io::Error::last_os_error()),
        _done => Ok(()),
    }
}

fn parent() -> i64 {
    std::os::unix::process::parent_id().into()
}

/// To a port where somebody listens, if anybody does; elsewhere the refusal comes from the other machine's kernel, not from ours.
fn connect() -> io::Result<()> {
    let socket = rustix::net::socket(
        rustix::net::AddressFamily::INET,
        rustix::net::SocketType::STREAM,
        None,
    )?;
    let nobody = std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 9);
    match rustix::net::connect(&socket, &nobody) {
        Ok(()) | Err(rustix::io::Errno::CONNREFUSED) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Among local sockets these are datagrams.
fn raw_pair() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};
    let flags = SocketFlags::CLOEXEC;
    Ok(socketpair(
        AddressFamily::UNIX,
        SocketType::RAW,
        flags,
        None,
    )?)
}

fn fork() -> io::Result<()> {
    let parent = std::process::id();
    raw(libc::SYS_clone, [libc::SIGCHLD.into(), 0, 0, 0, 0])?;
    if std::process::id() != parent {
        std::process::exit(0);
    }
    Ok(())
}

fn raise_a_limit() -> io::Result<()> {
    use rustix::process::{Resource, getrlimit, setrlimit};
    Ok(setrlimit(Resource::Stack, getrlimit(Resource::Stack))?)
}

fn executable_memory() -> io::Result<()> {
    let protection = i64::from(libc::PROT_READ | libc::PROT_EXEC);
    let flags = i64::from(libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    raw(libc::SYS_mmap, [0, 4096, protection, flags, -1])
}

/// The process that tries: the role, then the act.
pub(crate) fn probe(arguments: &[OsString]) -> ExitCode {
    let [role, act] = arguments else {
        return ExitCode::from(UNCONFINED);
    };
    if confine(role.to_str().unwrap()).is_err() {
        return ExitCode::from(UNCONFINED);
    }
    let act = act.to_str().unwrap();
    let outcome = match ACTS.iter().find(|(name, ..)| *name == act) {
        Some((.., act)) => act(),
        None => crate::server::allowed(act),
    };
    ExitCode::from(outcome.map_or_else(|error| code(&error), |()| DONE))
}

fn confine(role: &str) -> Result<(), vault::sandbox::SandboxError> {
    let program: Vec<_> = ["/proc/self/exe".into()].into();
    let read = [crate::server::given_folder()];
    let role = match role {
        "vault" => Role::Vault {
            address_space: 1 << 30,
            cpu_seconds: 10,
        },
        "warden" => Role::Warden { program: &program },
        "server" => Role::Server { read: &read },
        "loader" => Role::Loader,
        _none => return Ok(()),
    };
    apply(role, Requirement::Full).map(drop)
}

fn code(error: &io::Error) -> u8 {
    match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => REFUSED,
        Some(libc::ENOSYS) => UNKNOWN,
        Some(_) | None => FAILED,
    }
}

/// How the process ends that tries `act` in `role`.
pub(crate) fn attempt(role: &str, act: &str) -> ExitStatus {
    let (_other_end, socket) = UnixStream::pair().unwrap();
    Command::new(std::env::current_exe().unwrap())
        .args([crate::PROBE, role, act])
        .env_clear()
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
}

fn acts_are_possible_outside_a_sandbox() {
    for (act, ..) in ACTS.iter().filter(|(_, outside, ..)| *outside == Works) {
        assert_eq!(attempt("none", act).code(), Some(DONE.into()), "{act}");
    }
}

fn a_vault_dies_of_every_forbidden_act() {
    assert!(ACTS.len() >= 50, "the table shrank");
    for (act, ..) in ACTS {
        assert_eq!(attempt("vault", act).signal(), Some(libc::SIGSYS), "{act}");
    }
}

fn refused_in(role: &str, refused: &[Refused]) {
    for (act, ..) in ACTS.iter().filter(|(_, _, who, _)| refused.contains(who)) {
        let ended = attempt(role, act).code();
        let expected = [Some(REFUSED.into()), Some(UNKNOWN.into())];
        assert!(expected.contains(&ended), "{act}: {ended:?}");
    }
}

fn a_warden_is_refused_what_it_does_not_need() {
    refused_in("warden", &[All, AllButLoader, VaultAndWarden]);
}

fn a_server_is_refused_programs_processes_and_files() {
    refused_in(
        "server",
        &[All, AllButLoader, VaultAndServer, VaultAndServerOnly],
    );
}

fn a_loader_is_refused_programs_processes_and_writing() {
    refused_in("loader", &[All, VaultAndServer]);
}

fn a_sandbox_is_refused_to_a_process_with_threads() {
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let thread = std::thread::spawn(move || stopped.recv());
    let outcome = apply(Role::Warden { program: &[] }, Requirement::BestEffort);
    drop(stop);
    assert!(thread.join().unwrap().is_err());
    assert_eq!(outcome, Err(vault::sandbox::SandboxError::Threads));
}
