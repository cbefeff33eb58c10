//! A process that crashes leaves no core file, even where everybody else's leave one.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use tests::harness::keyhole::{Behind, Keyhole, Settings, children};
use tests::harness::program::attempt;
use tests::harness::scratch::Scratch;
use tests::harness::wait;

use crate::mail::Mailbox;
use crate::show::Handset;
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

/// The files of a folder that were made for somebody who crashed.
fn dumped(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let files = entries.filter_map(Result::ok).map(|entry| entry.path());
    files
        .filter(|file| {
            let start = fs::File::open(file).ok().filter(|_| file.is_file());
            let mut first = [0; 18];
            start.is_some_and(|file| {
                std::os::unix::fs::FileExt::read_exact_at(&file, &mut first, 0).is_ok()
            }) && first.starts_with(b"\x7fELF")
                && first[16] == ELF_CORE
        })
        .collect()
}

/// `ET_CORE` (ELF, object file type).
const ELF_CORE: u8 = 4;

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

fn send(process: u32, signal: Signal) {
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    kill_process(process.expect("a process"), signal).expect("a signal");
}

/// Lets the vault of a reveal, the warden or the server crash, and looks for a core file where each of them stands.
fn crash(mailbox: &Mailbox, signal: Signal, whom: impl FnOnce(&Keyhole) -> u32) {
    let folder = Scratch::new();
    let behind = Behind::embedded(&mailbox.store);
    let keyhole = Keyhole::start_by(&behind, &Settings::default(), |configuration| {
        let mut command = Command::new(specimen());
        command.arg("serve").arg("--config").arg(configuration);
        through_shell(folder.path(), &command)
    });
    let mut handset = Handset::new(&keyhole);
    let ready = handset.prepare(mailbox, 1);
    let processes = keyhole.descendants();
    let standing: Vec<PathBuf> = processes
        .iter()
        .chain([&keyhole.process()])
        .map(|process| fs::read_link(format!("/proc/{process}/cwd")).expect("its folder"))
        .collect();
    for process in processes.iter().chain([&keyhole.process()]) {
        assert_eq!(core_limit(*process), "0 0");
    }
    let before: Vec<_> = standing.iter().map(|folder| dumped(folder)).collect();
    let victim = whom(&keyhole);
    send(victim, signal);
    wait::until("the victim to be gone", || is_gone(victim).then_some(()));
    assert!(handset.send(&ready).is_err() || !children(keyhole.process()).is_empty());
    let after: Vec<_> = standing.iter().map(|folder| dumped(folder)).collect();
    assert_eq!(before, after);
    control(folder.path());
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
        crash(&mailbox, signal, Keyhole::process);
        crash(&mailbox, signal, warden);
        crash(&mailbox, signal, |keyhole| {
            let vaults = children(warden(keyhole));
            *vaults.first().expect("a vault")
        });
    }
}

fn warden(keyhole: &Keyhole) -> u32 {
    *children(keyhole.process()).first().expect("a warden")
}
