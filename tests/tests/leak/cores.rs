//! A process that crashes leaves no core file, even where everybody else's leave one.
//!
//! Three layers hold that: the limit, which is looked at here by itself; not being dumpable, which `neighbours` shows; and Landlock,
//! which lets the kernel make no file in the process's name. The file itself appears only when all three are gone.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::FileExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use tests::harness::keyhole::{Behind, Keyhole, Settings, serve};
use tests::harness::program::attempt;
use tests::harness::scratch::Scratch;
use tests::harness::wait;

use crate::mail::Mailbox;
use crate::show::{Handset, Ready};
use crate::{as_root, specimen};

/// Lets core files be as large as they like, goes to the folder, becomes the program.
const UNLIMITED: &str = "ulimit -c unlimited && cd \"$0\" && exec \"$@\"";

/// Where the kernel puts core files, by its setting.
enum Cores {
    /// Into the folder of whoever crashed.
    Here,
    /// Somewhere else: this test cannot watch it.
    Elsewhere(String),
}

fn cores() -> Cores {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").expect("the pattern");
    if pattern.starts_with(['|', '/']) {
        Cores::Elsewhere(pattern)
    } else {
        Cores::Here
    }
}

/// The core files in a folder.
fn dumped(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths
        .filter(|path| path.is_file() && is_core(path))
        .collect()
}

/// Whether an ELF file's type is `ET_CORE` (gABI 4.1, `e_type`).
fn is_core(path: &Path) -> bool {
    let mut start = [0; 17];
    let read = fs::File::open(path).and_then(|file| file.read_exact_at(&mut start, 0));
    read.is_ok() && start.starts_with(b"\x7fELF") && start[16] == 4
}

fn through_shell(folder: &Path, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", UNLIMITED]).arg(folder);
    shell.arg(command.get_program()).args(command.get_args());
    shell
}

/// An ordinary program in the same setting leaves a core file, or the test would show nothing.
fn control(folder: &Path) {
    let mut crash = Command::new("sh");
    crash.args(["-c", "kill -SEGV $$"]);
    let ended = attempt(&mut through_shell(folder, &crash)).status;
    assert_eq!(ended.signal(), Some(Signal::SEGV.as_raw()));
    match cores() {
        Cores::Here => {
            assert!(ended.core_dumped(), "the kernel dumps nobody");
            assert_eq!(dumped(folder).len(), 1, "the control left no core file");
        }
        Cores::Elsewhere(pattern) => println!("core files go to {pattern}: no control"),
    }
}

/// Its soft and hard limit.
fn core_limit(process: u32) -> String {
    let limits = fs::read_to_string(format!("/proc/{process}/limits")).expect("its limits");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"));
    let fields = line.expect("a limit").split_whitespace();
    fields.skip(4).take(2).collect::<Vec<_>>().join(" ")
}

/// Starts a server where core files may be as large as they like, lets one of its processes crash while a reveal waits, and looks
/// for a core file where each of them stands.
fn crash(mailbox: &Mailbox, signal: Signal, whom: impl FnOnce(&Keyhole, &Ready) -> u32) {
    let folder = Scratch::new();
    let behind = Behind::embedded(&mailbox.store);
    let keyhole = Keyhole::start_by(&behind, &Settings::default(), |configuration| {
        through_shell(folder.path(), &serve(specimen(), configuration))
    });
    let mut handset = Handset::new(&keyhole);
    let ready = handset.prepare(mailbox, 1);
    let mut processes = keyhole.descendants();
    processes.extend([keyhole.process(), keyhole.loader()]);
    for process in &processes {
        assert_eq!(core_limit(*process), "0 0");
    }
    let folders: BTreeSet<PathBuf> = processes.iter().map(|process| stands(*process)).collect();
    assert!(
        folders.contains(folder.path()),
        "the server stands elsewhere"
    );
    let dumps = || {
        folders
            .iter()
            .flat_map(|folder| dumped(folder))
            .collect::<Vec<_>>()
    };
    let before = dumps();
    end(whom(&keyhole, &ready), signal);
    assert!(handset.send(&ready).is_err(), "nobody crashed");
    assert_eq!(dumps(), before);
    control(folder.path());
}

/// The folder where a process would leave its core file.
fn stands(process: u32) -> PathBuf {
    fs::read_link(format!("/proc/{process}/cwd")).expect("its folder")
}

/// Sends the signal until the process is gone: the runtime's handler for SIGSEGV lets a first one pass that no access caused.
fn end(process: u32, signal: Signal) {
    wait::until("the victim to be gone", || {
        if is_gone(process) {
            return Some(());
        }
        send(process, signal);
        None
    });
}

fn send(process: u32, signal: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    // It may have ended in this moment.
    kill_process(process.expect("a process"), signal).ok();
}

fn is_gone(process: u32) -> bool {
    // A zombie has no memory left; its parent may not have asked for it yet.
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    status.map_or(true, |status| status.contains("State:\tZ"))
}

#[test]
fn a_crash_leaves_no_core_file() {
    as_root();
    let mailbox = Mailbox::new();
    for signal in [Signal::SEGV, Signal::ABORT] {
        crash(&mailbox, signal, |keyhole, _| keyhole.process());
        crash(&mailbox, signal, |keyhole, ready| {
            ready.vault(warden(keyhole)).0
        });
    }
}

fn warden(keyhole: &Keyhole) -> u32 {
    keyhole.warden()
}
