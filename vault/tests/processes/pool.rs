//! The warden's pool, its identity, and its end.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;

use keyreveal::SandboxLevel;
use rustix::process::{Pid, Signal, kill_process};
use sha2::{Digest as _, Sha256};
use vault::SecretMemory;
use vault::frames::NoVault;

use crate::runner::Test;
use crate::warden::{Folder, Warden, complaint, confined, is_there, options, status, until};

pub(crate) const TESTS: &[Test] = &[
    (
        "hello_tells_the_identity_and_the_program",
        hello_tells_the_identity_and_the_program,
    ),
    (
        "an_identity_is_kept_and_one_made_by_openssl_is_taken",
        an_identity_is_kept_and_one_made_by_openssl_is_taken,
    ),
    (
        "a_new_identity_is_written_whole_before_it_has_its_name",
        a_new_identity_is_written_whole_before_it_has_its_name,
    ),
    (
        "an_identity_that_others_can_read_is_refused",
        an_identity_that_others_can_read_is_refused,
    ),
    ("a_waiting_vault_is_shut_in", a_waiting_vault_is_shut_in),
    ("a_warden_is_shut_in", a_warden_is_shut_in),
    (
        "secret_memory_can_be_switched_off",
        secret_memory_can_be_switched_off,
    ),
    (
        "statements_are_signed_and_never_alike",
        statements_are_signed_and_never_alike,
    ),
    ("no_more_vaults_live_than_may", no_more_vaults_live_than_may),
    ("a_dead_vault_is_replaced", a_dead_vault_is_replaced),
    (
        "vaults_that_do_not_start_are_unavailable",
        vaults_that_do_not_start_are_unavailable,
    ),
    (
        "the_pool_is_kept_and_nothing_is_left_over",
        the_pool_is_kept_and_nothing_is_left_over,
    ),
    (
        "the_end_of_the_server_ends_everything",
        the_end_of_the_server_ends_everything,
    ),
    (
        "the_death_of_the_warden_ends_its_vaults",
        the_death_of_the_warden_ends_its_vaults,
    ),
    ("polite_signals_pass_by", polite_signals_pass_by),
    (
        "nonsense_on_the_control_socket_ends_the_warden",
        nonsense_on_the_control_socket_ends_the_warden,
    ),
];

fn hello_tells_the_identity_and_the_program() {
    let folder = Folder::new("hello");
    let warden = Warden::start(&options(&folder));
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(warden.hello.program[..], Sha256::digest(program)[..]);
    assert_eq!(warden.hello.sandbox, SandboxLevel::Full);
    let identity = std::fs::metadata(folder.0.join("identity.pem")).unwrap();
    assert_eq!(identity.mode() & 0o7777, 0o600);
}

/// `openssl genpkey -algorithm ed25519`, and what `openssl pkey -pubout` says of it.
const BY_OPENSSL: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

/// RFC 8032 §7.1, test 1: seed and public key.
const RFC_8032_PUBLIC: [u8; 32] = [
    0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a,
    0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a,
];

fn write_private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn an_identity_is_kept_and_one_made_by_openssl_is_taken() {
    let folder = Folder::new("identity");
    let options = options(&folder);
    let first = Warden::start(&options).hello.clone();
    assert_eq!(Warden::start(&options).hello.clone(), first);
    write_private(&options.identity, BY_OPENSSL);
    assert_eq!(Warden::start(&options).hello.identity, RFC_8032_PUBLIC);
}

/// A warden that dies at the first octet of its key (it may write none) leaves nothing in the way of the next.
fn a_new_identity_is_written_whole_before_it_has_its_name() {
    let folder = Folder::new("whole");
    let options = options(&folder);
    let died = std::process::Command::new("/bin/sh")
        .args(["-c", "ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .arg(crate::WARDEN)
        .args(options.to_args())
        .stdin(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(died.signal(), Some(libc::SIGXFSZ));
    assert!(!options.identity.exists());
    drop(Warden::start(&options));
    assert!(std::fs::metadata(&options.identity).unwrap().len() > 100);
}

fn an_identity_that_others_can_read_is_refused() {
    let folder = Folder::new("readable");
    let options = options(&folder);
    write_private(&options.identity, BY_OPENSSL);
    std::fs::set_permissions(&options.identity, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(complaint(&options).contains("0600"));
    write_private(&options.identity, "no key");
    assert!(complaint(&options).contains("PKCS #8"));
}

fn shut_in(process: i32) {
    assert_eq!(status(process, "Seccomp").as_deref(), Some("2"));
    assert_eq!(status(process, "NoNewPrivs").as_deref(), Some("1"));
    assert_eq!(status(process, "Threads").as_deref(), Some("1"));
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    assert_eq!(limit(&limits, "Max core file size"), ["0", "0"]);
}

fn limit<'a>(limits: &'a str, name: &str) -> Vec<&'a str> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    line.split_whitespace().take(2).collect()
}

fn a_waiting_vault_is_shut_in() {
    let folder = Folder::new("shut-in");
    let warden = Warden::start(&options(&folder));
    let vault = warden.only_child();
    shut_in(vault);
    let limits = std::fs::read_to_string(format!("/proc/{vault}/limits")).unwrap();
    assert_eq!(limit(&limits, "Max file size"), ["0", "0"]);
    assert_eq!(limit(&limits, "Max processes"), ["0", "0"]);
    assert_eq!(limit(&limits, "Max open files"), ["1", "1"]);
    assert_eq!(limit(&limits, "Max cpu time"), ["20", "20"]);
    assert_eq!(
        limit(&limits, "Max address space"),
        ["1073741824", "1073741824"]
    );
    // Not dumpable: only root may look.
    match std::fs::read_dir(format!("/proc/{vault}/fd")) {
        Ok(descriptors) => {
            let descriptors = descriptors.map(|entry| entry.unwrap().file_name());
            assert_eq!(descriptors.collect::<Vec<_>>(), ["0"]);
            assert_eq!(
                std::fs::read(format!("/proc/{vault}/environ")).unwrap(),
                b""
            );
        }
        Err(error) => {
            assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
            let memory = std::fs::File::open(format!("/proc/{vault}/mem"));
            assert_eq!(
                memory.unwrap_err().kind(),
                std::io::ErrorKind::PermissionDenied
            );
        }
    }
}

fn a_warden_is_shut_in() {
    let folder = Folder::new("warden");
    let warden = Warden::start(&options(&folder));
    shut_in(i32::try_from(warden.process.id()).unwrap());
}

fn secret_memory_can_be_switched_off() {
    let folder = Folder::new("locked");
    let mut options = options(&folder);
    options.vault.secret_memory = SecretMemory::Off;
    let warden = Warden::start(&options);
    let vault = warden.only_child();
    // The locked pages are counted, unlike those of memfd_secret.
    assert_ne!(status(vault, "VmLck").as_deref(), Some("0 kB"));
}

fn statements_are_signed_and_never_alike() {
    let folder = Folder::new("statements");
    let mut warden = Warden::start(&options(&folder));
    warden.ask(3);
    let mut seen = BTreeSet::new();
    let vaults: Vec<_> = (0..3).map(|_| warden.answer().unwrap()).collect();
    for vault in &vaults {
        let verified = vault.verified(&warden.identity());
        let statement = verified.statement();
        assert_eq!(statement.key_id, vault.assigned.key_id);
        assert_eq!(statement.expires, vault.assigned.expires);
        assert_eq!(statement.promises.sandbox, SandboxLevel::Full);
        assert_eq!(statement.program, warden.hello.program);
        assert!(seen.insert(statement.public_key.clone()));
        assert!(seen.insert(statement.key_id.0.to_vec()));
    }
}

fn no_more_vaults_live_than_may() {
    let folder = Folder::new("live");
    let mut options = options(&folder);
    options.live = 2;
    let mut warden = Warden::start(&options);
    warden.ask(3);
    let first = warden.answer().unwrap();
    let second = warden.answer().unwrap();
    assert_eq!(warden.answer().err(), Some(NoVault::Limit));
    let ended = first.assigned.key_id;
    drop(first);
    warden.exit(ended);
    drop(warden.vault());
    drop(second);
}

fn a_dead_vault_is_replaced() {
    let folder = Folder::new("replaced");
    let mut warden = Warden::start(&options(&folder));
    let first = warden.only_child();
    kill_process(Pid::from_raw(first).unwrap(), Signal::KILL).unwrap();
    until("another vault", || {
        let children = warden.children();
        children
            .into_iter()
            .find(|child| *child != first && confined(*child))
    });
    drop(warden.vault());
}

fn vaults_that_do_not_start_are_unavailable() {
    let folder = Folder::new("unavailable");
    let mut options = options(&folder);
    options.vault_role = vec![crate::USELESS.into()];
    let mut warden = Warden::start(&options);
    warden.ask(1);
    assert_eq!(warden.answer().err(), Some(NoVault::Unavailable));
}

fn the_pool_is_kept_and_nothing_is_left_over() {
    let folder = Folder::new("kept");
    let mut options = options(&folder);
    options.pool = 2;
    let mut warden = Warden::start(&options);
    let settled = |warden: &Warden| {
        until("a full pool", || {
            let children = warden.children();
            (children.len() == 2 && children.into_iter().all(confined)).then_some(())
        });
        std::fs::read_dir(format!("/proc/{}/fd", warden.process.id())).map(Iterator::count)
    };
    let before = settled(&warden);
    for _ in 0..10 {
        let vault = warden.vault();
        let key_id = vault.assigned.key_id;
        drop(vault);
        warden.exit(key_id);
    }
    let after = settled(&warden);
    // Not dumpable: only root may count.
    if let (Ok(before), Ok(after)) = (before, after) {
        assert_eq!(before, after);
    }
}

fn the_end_of_the_server_ends_everything() {
    let folder = Folder::new("end");
    let mut warden = Warden::start(&options(&folder));
    let _assigned = warden.vault();
    let children = until("a full pool", || {
        let children = warden.children();
        (children.len() == 2).then_some(children)
    });
    assert!(warden.close().success());
    assert!(!children.into_iter().any(is_there));
}

fn the_death_of_the_warden_ends_its_vaults() {
    let folder = Folder::new("death");
    let mut warden = Warden::start(&options(&folder));
    let waiting = warden.only_child();
    warden.process.kill().unwrap();
    warden.process.wait().unwrap();
    until("the vault's end", || {
        let gone = status(waiting, "State").is_none_or(|state| state.starts_with('Z'));
        gone.then_some(())
    });
}

/// A terminal, or a service manager, sends them to the whole group; the server finishes its work first.
fn polite_signals_pass_by() {
    let folder = Folder::new("polite");
    let mut warden = Warden::start(&options(&folder));
    let vault = warden.only_child();
    for process in [vault, i32::try_from(warden.process.id()).unwrap()] {
        for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
            kill_process(Pid::from_raw(process).unwrap(), signal).unwrap();
        }
    }
    drop(warden.vault());
    assert!(is_there(i32::try_from(warden.process.id()).unwrap()));
    assert!(warden.close().success());
}

fn nonsense_on_the_control_socket_ends_the_warden() {
    let folder = Folder::new("nonsense");
    let mut warden = Warden::start(&options(&folder));
    let waiting = warden.only_child();
    warden.control.as_ref().unwrap().send(&[0xff; 16]);
    let process = &mut warden.process;
    until("the warden's end", || process.try_wait().unwrap());
    until("the vault's end", || (!is_there(waiting)).then_some(()));
}
