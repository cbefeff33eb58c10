//! A program of the tests alone: keyhole's roles by keyhole's own functions, but a vault draws numbers that can be computed a second
//! time, and the server can be made to hold secrets, so that the search for them can be shown to work.
//!
//! | role | does |
//! | --- | --- |
//! | `serve --config FILE [--leak FILE]` | `keyhole serve`; with `--leak` it keeps each secret of the file in every form |
//! | `warden`, `loader`, `vault` | started by itself |
//! | `peek PROCESS` | tries to look into another process, and says which way was open |

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, IoSliceMut, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::OnceLock;

use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;
use tests::randomness::Seeded;
use tests::residue::Form;
use vault::{VaultOptions, run_vault};

/// This very program.
const PROGRAM: &str = "/proc/self/exe";

/// What the server holds though it must not.
static LEAKED: OnceLock<HashSet<Vec<u8>>> = OnceLock::new();

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let role = arguments.next().unwrap_or_default();
    let rest: Vec<OsString> = arguments.collect();
    match role.to_str() {
        Some("serve") => serve(&rest),
        Some("warden") => keyhole::roles::warden(rest),
        Some("loader") => keyhole::loader::run(&rest),
        Some("vault") => vault(rest),
        Some("peek") => peek(&rest),
        Some(_) | None => ExitCode::from(2),
    }
}

fn serve(arguments: &[OsString]) -> ExitCode {
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).map(Path::new)
    };
    if let Some(file) = after("--leak") {
        let secrets = fs::read_to_string(file).expect("the secrets");
        let held = LEAKED.get_or_init(|| in_every_form(&secrets));
        assert!(!held.is_empty(), "there is nothing to leak");
    }
    let config = after("--config").expect("--config FILE");
    keyhole::start::serve_file(config, Path::new(PROGRAM))
}

/// One secret a line, in hexadecimal digits.
fn in_every_form(secrets: &str) -> HashSet<Vec<u8>> {
    let octets = |line: &str| -> Vec<u8> {
        let digits = line.as_bytes().chunks(2);
        let pairs = digits.map(|pair| std::str::from_utf8(pair).expect("digits"));
        pairs
            .map(|pair| u8::from_str_radix(pair, 16).expect("digits"))
            .collect()
    };
    secrets
        .lines()
        .map(octets)
        .flat_map(|secret| Form::ALL.map(|form| form.write(&secret)))
        .collect()
}

fn vault(arguments: Vec<OsString>) -> ExitCode {
    let options = VaultOptions::from_args(arguments).expect("a warden's arguments");
    run_vault(&options, &mut Seeded::of_vault(std::process::id()))
}

/// Each way to look into a process, and whether it was open: `WAY open` or `WAY closed`.
fn peek(arguments: &[OsString]) -> ExitCode {
    let process = arguments.first().and_then(|text| text.to_str());
    let process: i32 = process
        .and_then(|text| text.parse().ok())
        .expect("a process");
    let file = |name: &str| format!("/proc/{process}/{name}");
    let ways = [
        ("mem", File::open(file("mem")).is_ok()),
        (
            "maps",
            fs::read(file("maps")).is_ok_and(|maps| !maps.is_empty()),
        ),
        ("environ", File::open(file("environ")).is_ok()),
        ("exe", fs::read_link(file("exe")).is_ok()),
        ("process_vm_readv", reads(Pid::from_raw(process))),
        ("ptrace", attaches(Pid::from_raw(process))),
    ];
    for (way, open) in ways {
        let said = if open { "open" } else { "closed" };
        writeln!(io::stdout(), "{way} {said}").expect("standard output");
    }
    ExitCode::SUCCESS
}

/// Nothing is at the address, so whoever may read is told that (EFAULT); whoever may not, is told so first (EPERM).
fn reads(process: Pid) -> bool {
    let mut room = [0; 1];
    let remote = [RemoteIoVec { base: 0, len: 1 }];
    let read = process_vm_readv(process, &mut [IoSliceMut::new(&mut room)], &remote);
    read != Err(nix::Error::EPERM)
}

/// Whoever attaches is let go again when this program ends.
fn attaches(process: Pid) -> bool {
    ptrace::attach(process) != Err(nix::Error::EPERM)
}
