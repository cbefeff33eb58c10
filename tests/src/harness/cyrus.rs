//! Cyrus from Debian with a configuration, users, a port and processes of its own. It offers all it can.
//!
//! `tests/setup` unpacks its IMAP server beside the system, because Debian lets nobody install two.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::dovecot::{ANN, BOB, User};
use super::program::{Running, free_address, run, wait_for_listener};
use super::scratch::Scratch;

/// Where `tests/setup` unpacks what cannot be installed beside Dovecot.
const UNPACKED: &str = "/usr/local/lib/keyhole-tests/cyrus/usr/lib/cyrus/bin";
/// What else there is of it.
const INSTALLED: &str = "/usr/lib/cyrus/bin";
/// The user and group that Debian's package makes, for tests that run as root: Cyrus serves no mail as root.
const OWNER: &str = "cyrus:mail";
/// The realm of its passwords, and its name.
const REALM: &str = "keyhole";

/// A running Cyrus.
#[derive(Debug)]
pub struct Cyrus {
    /// Ended before its folder goes: fields are dropped in order.
    program: Running,
    /// Where it speaks IMAP in clear (loopback only).
    pub clear: SocketAddr,
    scratch: Scratch,
}

impl Cyrus {
    /// Starts it with the mailboxes of [`ANN`] and [`BOB`], empty.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        let scratch = Scratch::new();
        let clear = free_address();
        let root = fs::metadata(scratch.path()).expect("the folder").uid() == 0;
        let user = if root { "cyrus".to_owned() } else { own_name() };
        make_folders(scratch.path());
        write_configuration(scratch.path(), clear, &user);
        [ANN, BOB]
            .iter()
            .for_each(|user| add_password(&scratch, *user));
        if root {
            run(Command::new("chown")
                .arg("--recursive")
                .arg(OWNER)
                .arg(scratch.path()));
        }
        let program = launch(&scratch);
        let mut cyrus = Self {
            program,
            clear,
            scratch,
        };
        cyrus.await_listener();
        cyrus
    }

    fn await_listener(&mut self) {
        let (program, scratch) = (&mut self.program, &self.scratch);
        wait_for_listener(self.clear, || {
            let alive = program.ended().is_none();
            assert!(alive, "{}", log(scratch));
            alive
        });
    }

    /// Its main process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.program.id()
    }
}

impl Drop for Cyrus {
    fn drop(&mut self) {
        // Its processes end with the main one only if that one is asked kindly.
        self.program.terminate();
    }
}

fn launch(scratch: &Scratch) -> Running {
    let output = fs::File::create(scratch.join("log")).expect("a log");
    let mut command = Command::new("/usr/sbin/cyrmaster");
    command
        .current_dir(scratch.path())
        .arg("-C")
        .arg(scratch.join("imapd.conf"))
        .arg("-M")
        .arg(scratch.join("cyrus.conf"))
        .arg("-p")
        .arg(scratch.join("master.pid"))
        .stdout(output.try_clone().expect("a log"))
        .stderr(output)
        // It ends its whole process group: that must not be the tests'.
        .process_group(0);
    Running::start(&mut command)
}

fn log(scratch: &Scratch) -> String {
    fs::read_to_string(scratch.join("log")).unwrap_or_default()
}

fn own_name() -> String {
    let output = run(Command::new("id").arg("-un"));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn make_folders(folder: &Path) {
    for name in [
        "spool",
        "sieve",
        "conf/socket",
        "conf/proc",
        "conf/lock",
        "conf/db",
        "conf/log",
        "conf/msg",
        "conf/quota",
    ] {
        fs::create_dir_all(folder.join(name)).expect("a folder of Cyrus'");
    }
}

fn add_password(scratch: &Scratch, user: User) {
    let mut command = Command::new("/usr/sbin/saslpasswd2");
    command
        .args(["-p", "-c", "-u", REALM, "-f"])
        .arg(scratch.join("sasldb2"))
        .arg(user.name)
        .stdin(Stdio::piped());
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("saslpasswd2: {error}; was tests/setup run?"));
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(user.password.as_bytes())
        .expect("a password");
    drop(input); // the end of the password
    assert!(child.wait().expect("saslpasswd2 ends").success());
    let folder = fs::metadata(scratch.path()).expect("the folder");
    chown(
        scratch.join("sasldb2"),
        Some(folder.uid()),
        Some(folder.gid()),
    )
    .expect("an owner");
}

fn write_configuration(folder: &Path, clear: SocketAddr, user: &str) {
    let at = folder.display();
    let settings = format!(
        "configdirectory: {at}/conf
partition-default: {at}/spool
defaultpartition: default
sievedir: {at}/sieve
proc_path: {at}/conf/proc
mboxname_lockpath: {at}/conf/lock
cyrus_user: {user}
servername: {REALM}
admins: cyrus
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {at}/sasldb2
sasl_mech_list: PLAIN LOGIN SCRAM-SHA-1 SCRAM-SHA-256
unixhierarchysep: yes
altnamespace: yes
autocreate_quota: 1048576
autocreate_inbox_folders: Drafts | Sent | Trash
xlist-drafts: Drafts
xlist-sent: Sent
xlist-trash: Trash
idlesocket: {at}/conf/socket/idle
imapidlepoll: 1
annotation_allow_undefined: yes
"
    );
    let services = format!(
        "START {{
  recover cmd=\"{INSTALLED}/ctl_cyrusdb -C {at}/imapd.conf -r\"
  idled cmd=\"{UNPACKED}/idled -C {at}/imapd.conf\"
}}
SERVICES {{
  imap cmd=\"{UNPACKED}/imapd -C {at}/imapd.conf -U 30\" listen=\"{clear}\" prefork=1 maxchild=100 proto=tcp4
}}
"
    );
    fs::write(folder.join("imapd.conf"), settings).expect("the configuration");
    fs::write(folder.join("cyrus.conf"), services).expect("the configuration");
}
