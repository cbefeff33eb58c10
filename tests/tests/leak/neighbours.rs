//! What other processes of the machine, and of the same user, can see: nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use tests::harness::dovecot::ANN;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::program::{Running, run};
use tests::residue::{Search, Wanted};

use crate::mail::Mailbox;
use crate::show::Handset;
use crate::{as_root, specimen};

/// `nobody`, on Debian.
const UNPRIVILEGED: u32 = 65534;

/// Makes the configuration's folder, and a copy of the program in it, the unprivileged user's, and becomes the program.
const AS_NOBODY: &str = "folder=$(dirname \"$3\") && cp \"$0\" \"$folder/program\" && \
    chown -R 65534:65534 \"$folder\" && \
    exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$folder/program\" \"$@\"";

fn start(mailbox: &Mailbox) -> Keyhole {
    let behind = Behind::embedded(&mailbox.store);
    Keyhole::start_by(&behind, &Settings::default(), |configuration| {
        let mut shell = Command::new("sh");
        shell.args(["-c", AS_NOBODY]).arg(specimen());
        shell.args(["serve", "--config"]).arg(configuration);
        shell
    })
}

/// Which ways into a process are open to the unprivileged user.
fn open_ways(program: &Path, process: u32) -> Vec<String> {
    let mut peek = Command::new("setpriv");
    let id = UNPRIVILEGED;
    peek.arg(format!("--reuid={id}"))
        .arg(format!("--regid={id}"));
    peek.arg("--clear-groups").arg(program).arg("peek");
    let said = run(peek.arg(process.to_string())).stdout;
    let said = String::from_utf8(said).expect("words");
    assert_eq!(said.lines().count(), 6, "{said}");
    let open = said.lines().filter_map(|line| line.strip_suffix(" open"));
    open.map(str::to_owned).collect()
}

fn user_of(process: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let line = status.lines().find(|line| line.starts_with("Uid:"));
    let mut fields = line.expect("its user").split_whitespace();
    fields.nth(1).expect("its user").to_owned()
}

#[test]
fn a_neighbour_with_the_same_user_id_cannot_look_in() {
    as_root();
    let mailbox = Mailbox::new();
    let keyhole = start(&mailbox);
    let mut handset = Handset::new(&keyhole);
    // A vault that was handed out is among them.
    let _ready = handset.prepare(&mailbox, 1);
    let program = keyhole.configuration.with_file_name("program");
    let ordinary = Running::start(
        Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .args(["sleep", "600"])
            .stdout(Stdio::null()),
    );
    tests::harness::wait::until("the ordinary process", || {
        (user_of(ordinary.id()) == UNPRIVILEGED.to_string()
            && open_ways(&program, ordinary.id()).len() > 2)
            .then_some(())
    });
    println!(
        "an ordinary process: {:?}",
        open_ways(&program, ordinary.id())
    );
    let mut all = keyhole.descendants();
    all.push(keyhole.loader());
    assert!(all.len() >= 3, "a warden and vaults");
    for process in all.into_iter().chain([keyhole.process()]) {
        assert_eq!(user_of(process), UNPRIVILEGED.to_string());
        assert_eq!(open_ways(&program, process), Vec::<String>::new());
    }
}

#[test]
fn command_lines_and_environments_hold_no_secret() {
    as_root();
    let mailbox = Mailbox::new();
    let keyhole = Keyhole::start(&Behind::embedded(&mailbox.store));
    let mut handset = Handset::new(&keyhole);
    let ready = handset.prepare(&mailbox, 1);
    let mut wanted = mailbox.wanted.clone();
    wanted.push(Wanted::new("password", ANN.password.as_bytes()));
    wanted.push(Wanted::new("sealed reveal", ready.sealed()));
    let identity = fs::read(keyhole.identity()).expect("the identity key");
    wanted.push(Wanted::new("identity key", &identity));
    let search = Search::for_all(&wanted);
    let mut processes = keyhole.descendants();
    assert!(processes.len() > 1, "a warden and vaults");
    processes.push(keyhole.loader());
    for process in processes {
        let read = |name: &str| fs::read(format!("/proc/{process}/{name}")).expect("its file");
        let environment = read("environ");
        // What the system's resolver goes by is the loader's alone.
        assert!(environment.is_empty() || process == keyhole.loader());
        assert!(search.octets(&environment, "environ").is_empty());
        let line = read("cmdline");
        assert!(line.windows(7).any(|text| text == b"--pool\0") || process != keyhole.warden());
        assert!(search.octets(&line, "cmdline").is_empty());
        assert!(search.octets(&read("comm"), "comm").is_empty());
    }
}
