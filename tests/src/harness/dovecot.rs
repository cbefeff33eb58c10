//! Dovecot from Debian with a configuration, users, ports and processes of its own.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};

use super::certificate::{self, ServerCertificate};
use super::keyhole::descendants;
use super::offering;
use super::program::{Running, free_address, run, wait_for_listener};
use super::scratch::Scratch;

/// A user of the store.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// The login name.
    pub name: &'static str,
    /// The password.
    pub password: &'static str,
}

/// Two users, enough for what one must not see of the other.
pub const ANN: User = User {
    name: "ann",
    password: "ann's secret",
};
/// The other.
pub const BOB: User = User {
    name: "bob",
    password: "bob's secret",
};

/// The user and group that mail belongs to where the tests run as root: Dovecot serves no mail as root.
const NOBODY: u32 = 65_534;

/// A running Dovecot.
#[derive(Debug)]
pub struct Dovecot {
    /// Ended before its folder goes: fields are dropped in order.
    program: Running,
    /// Where it speaks IMAP in clear (loopback only).
    pub clear: SocketAddr,
    /// Where it speaks IMAP over TLS.
    pub tls: SocketAddr,
    /// Where it speaks IMAP in clear behind a PROXY protocol header, if it was started so.
    pub haproxy: Option<SocketAddr>,
    /// The same with TLS behind the header.
    pub haproxy_tls: Option<SocketAddr>,
    /// Its certificate.
    pub certificate: ServerCertificate,
    scratch: Scratch,
}

/// How much of what it can a Dovecot offers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Offering {
    /// What Debian's does.
    Usual,
    /// All extensions and mechanisms; see [`offering`].
    Everything,
}

static DELIVERED: AtomicU32 = AtomicU32::new(1);

impl Dovecot {
    /// Starts it with the mailboxes of [`ANN`] and [`BOB`], empty.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::launch(Offering::Usual)
    }

    /// Starts it with all extensions and mechanisms that it has, a login that may act for everybody, trust in what neighbours
    /// say of the client, and a port for the PROXY protocol.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_with_everything() -> Self {
        Self::launch(Offering::Everything)
    }

    fn launch(offering: Offering) -> Self {
        let scratch = Scratch::new();
        let certificate = certificate::make(scratch.path());
        let owner = owner(&scratch);
        let users: Vec<String> = [ANN, BOB]
            .iter()
            .map(|user| user_line(&scratch, *user, owner))
            .collect();
        fs::write(scratch.join("users"), users.concat()).expect("the users");
        let port = |address: SocketAddr| address.port();
        let (clear, tls) = (free_address(), free_address());
        let everything = offering == Offering::Everything;
        let haproxy = everything.then(|| [free_address(), free_address()]);
        let more = haproxy.map(|ports| offering::configuration(scratch.path(), ports));
        let usual = configuration(scratch.path(), &certificate, port(clear), port(tls), owner);
        let text = with(more.unwrap_or_default(), &usual);
        fs::write(scratch.join("dovecot.conf"), text).expect("the configuration");
        let mut program = Running::start(
            Command::new("dovecot")
                .arg("-F")
                .arg("-c")
                .arg(scratch.join("dovecot.conf")),
        );
        let log = scratch.join("dovecot.log");
        for address in [clear, tls] {
            wait_for_listener(address, || {
                let alive = program.ended().is_none();
                assert!(alive, "{}", fs::read_to_string(&log).unwrap_or_default());
                alive
            });
        }
        Self {
            program,
            clear,
            tls,
            haproxy: haproxy.map(|[clear, _]| clear),
            haproxy_tls: haproxy.map(|[_, tls]| tls),
            certificate,
            scratch,
        }
    }

    /// The user's Maildir.
    #[must_use]
    pub fn maildir(&self, user: User) -> PathBuf {
        maildir(self.scratch.path(), user)
    }

    /// Puts a message into the user's INBOX, as a delivery agent does.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn deliver(&self, user: User, message: &[u8]) {
        deliver(&self.maildir(user), message);
    }

    /// Its main process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.program.id()
    }

    /// Sends a signal to every process of it.
    pub fn signal(&self, signal: Signal) {
        let main = self.process();
        let processes = descendants(main).into_iter().chain([main]);
        for process in processes.filter_map(|id| Pid::from_raw(i32::try_from(id).ok()?)) {
            // One of them may have ended meanwhile.
            kill_process(process, signal).ok();
        }
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.scratch.join("dovecot.log")).unwrap_or_default()
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // What is stopped cannot end.
        if self.program.ended().is_none() {
            self.signal(Signal::CONT);
        }
        // Its processes end with the main one only if that one is asked kindly.
        self.program.terminate();
    }
}

/// Puts a message into a Maildir: whole or not at all, and owned as the folder is.
///
/// # Panics
/// When it cannot be written.
pub fn deliver(maildir: &Path, message: &[u8]) {
    let number = DELIVERED.fetch_add(1, Ordering::Relaxed);
    let name = format!(
        "{}.P{}.tests",
        1_700_000_000 + u64::from(number),
        std::process::id()
    );
    let draft = maildir.join("tmp").join(&name);
    fs::write(&draft, message).expect("a message is written");
    let folder = fs::metadata(maildir).expect("the Maildir");
    chown(&draft, Some(folder.uid()), Some(folder.gid())).expect("a message gets its owner");
    fs::rename(&draft, maildir.join("new").join(&name)).expect("a message is delivered");
}

/// Makes an empty Maildir.
///
/// # Panics
/// When it cannot be made.
pub fn make_maildir(maildir: &Path) {
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(maildir.join(folder)).expect("a Maildir");
    }
}

/// Who owns the mail, and who runs Dovecot's other processes.
#[derive(Clone, Copy, Debug)]
struct Owner {
    uid: u32,
    gid: u32,
    is_root: bool,
}

fn owner(scratch: &Scratch) -> Owner {
    let own = fs::metadata(scratch.path()).expect("the scratch folder");
    match own.uid() {
        0 => Owner {
            uid: NOBODY,
            gid: NOBODY,
            is_root: true,
        },
        uid => Owner {
            uid,
            gid: own.gid(),
            is_root: false,
        },
    }
}

fn maildir(scratch: &Path, user: User) -> PathBuf {
    scratch.join("home").join(user.name).join("Maildir")
}

fn user_line(scratch: &Scratch, user: User, owner: Owner) -> String {
    let maildir = maildir(scratch.path(), user);
    make_maildir(&maildir);
    let home = maildir.parent().expect("a home").to_path_buf();
    let folders = ["", "Maildir", "Maildir/new", "Maildir/cur", "Maildir/tmp"];
    for folder in folders {
        chown(home.join(folder), Some(owner.uid), Some(owner.gid))
            .expect("the mail gets its owner");
    }
    format!(
        "{}:{{PLAIN}}{}:{}:{}::{}::\n",
        user.name,
        user.password,
        owner.uid,
        owner.gid,
        home.display()
    )
}

/// The usual configuration with `more` before its first passdb: Dovecot asks them in the order of its file.
fn with(more: String, usual: &str) -> String {
    let (settings, rest) = usual.split_once("passdb {").expect("a passdb");
    format!("{settings}{more}passdb {{{rest}")
}

fn configuration(
    folder: &Path,
    certificate: &ServerCertificate,
    clear: u16,
    tls: u16,
    owner: Owner,
) -> String {
    let folder = folder.display();
    // Where the tests do not run as root, every process is the test's own user.
    let processes = if owner.is_root {
        String::new()
    } else {
        let name = |option: &str| {
            let output = run(Command::new("id").arg(option));
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        let (user, group) = (name("-un"), name("-gn"));
        format!(
            "default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}\n"
        )
    };
    format!(
        "protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = {loopback}
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_max_userip_connections = 1000
imap_max_line_length = 1M
{processes}passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = passwd-file
  args = {folder}/users
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {clear}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
",
        loopback = Ipv4Addr::LOCALHOST,
        certificate = certificate.certificate.display(),
        key = certificate.key.display(),
    )
}
