//! Keyhole and its peers, each started with a configuration from `tests/bench/peers`.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use ::tests::harness::certificate::{self, ServerCertificate};
use ::tests::harness::dovecot::{deliver, make_maildir};
use ::tests::harness::program::{free_address, run};
use ::tests::harness::scratch::Scratch;
use ::tests::harness::wait::now;

use crate::body;
use crate::failure::Failure;
use crate::process::{Tree, raise_descriptors};
use crate::program::{Program, Role};

/// Threads or processes that carry connections, the same number for everybody: as many as the machine has processors that were
/// measured with.
const WORKERS: &str = "2";

/// The user that mail belongs to where the run is root's: Dovecot serves no mail as root.
const NOBODY: u32 = 65_534;

/// A program that is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    /// Ours: both listeners in one process.
    Keyhole,
    NginxStream(Buffers),
    NginxMail(Buffers),
    HaproxyPassthrough(Buffers),
    HaproxyTls(Buffers),
    DovecotProxy,
}

/// How large the peer's buffers are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Buffers {
    /// As they are when nothing is said about them.
    Default,
    /// 128 KiB.
    Large,
}

impl Buffers {
    fn choose<'a>(self, default: &'a str, large: &'a str) -> &'a str {
        match self {
            Self::Default => default,
            Self::Large => large,
        }
    }
}

impl Peer {
    /// What tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keyhole => "keyhole",
            Self::NginxStream(Buffers::Default) => "nginx stream",
            Self::NginxStream(Buffers::Large) => "nginx stream 128 KiB",
            Self::NginxMail(Buffers::Default) => "nginx mail",
            Self::NginxMail(Buffers::Large) => "nginx mail 128 KiB",
            Self::HaproxyPassthrough(Buffers::Default) => "HAProxy TCP",
            Self::HaproxyPassthrough(Buffers::Large) => "HAProxy TCP 128 KiB",
            Self::HaproxyTls(Buffers::Default) => "HAProxy TLS",
            Self::HaproxyTls(Buffers::Large) => "HAProxy TLS 128 KiB",
            Self::DovecotProxy => "Dovecot proxy",
        }
    }

    fn template(self) -> (&'static str, &'static str) {
        match self {
            Self::Keyhole => (include_str!("../../../bench/peers/keyhole.toml"), ""),
            Self::NginxStream(buffers) => (
                include_str!("../../../bench/peers/nginx-stream.conf"),
                buffers.choose("16k", "128k"),
            ),
            Self::NginxMail(buffers) => (
                include_str!("../../../bench/peers/nginx-mail.conf"),
                buffers.choose("4k", "128k"),
            ),
            Self::HaproxyPassthrough(buffers) => (
                include_str!("../../../bench/peers/haproxy-passthrough.cfg"),
                buffers.choose("16384", "131072"),
            ),
            Self::HaproxyTls(buffers) => (
                include_str!("../../../bench/peers/haproxy-tls.cfg"),
                buffers.choose("16384", "131072"),
            ),
            Self::DovecotProxy => (include_str!("../../../bench/peers/dovecot-proxy.conf"), ""),
        }
    }

    fn command(self, configuration: &Path) -> Result<Command, Failure> {
        let (program, arguments): (PathBuf, &[&str]) = match self {
            Self::Keyhole => (keyhole()?, &["serve", "--config"]),
            Self::NginxStream(_) | Self::NginxMail(_) => ("nginx".into(), &["-c"]),
            Self::HaproxyPassthrough(_) | Self::HaproxyTls(_) => ("haproxy".into(), &["-db", "-f"]),
            Self::DovecotProxy => ("dovecot".into(), &["-F", "-c"]),
        };
        let mut command = Command::new(program);
        command.args(arguments).arg(configuration);
        // Debian has them where only root's shell looks.
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut path = path.into_string().unwrap_or_default();
        path.push_str(":/usr/sbin:/sbin");
        command.env("PATH", path);
        Ok(command)
    }
}

/// The server that is built beside this program.
fn keyhole() -> Result<PathBuf, Failure> {
    Ok(std::env::current_exe()?.with_file_name("keyhole"))
}

/// The store behind all of them, and what they share.
pub(crate) struct Ground {
    _scratch: Scratch,
    /// The certificate that everybody shows, and whom clients trust.
    pub(crate) certificate: ServerCertificate,
    /// The store in memory.
    pub(crate) store: Role,
    /// Where it speaks in clear, and over TLS.
    pub(crate) clear: SocketAddr,
    pub(crate) tls: SocketAddr,
    authorize: SocketAddr,
    descriptors: u64,
    /// Until when a round that others disturbed is done again.
    patient_until: Instant,
}

impl Ground {
    /// Makes the certificate and starts the store in memory. `patience`: how long disturbed rounds are done again.
    pub(crate) fn prepare(patience: Duration) -> Result<Self, Failure> {
        let descriptors = raise_descriptors();
        let scratch = Scratch::new();
        let certificate = certificate::make(scratch.path());
        let path = |path: &Path| path.display().to_string();
        let mut store = Role::start(&[
            "store".to_owned(),
            "--certificate".to_owned(),
            path(&certificate.certificate),
            "--key".to_owned(),
            path(&certificate.key),
        ])?;
        let addresses = store.answer()?;
        let address = |name: &str| {
            let text = addresses[name].as_str().unwrap_or_default();
            text.parse::<SocketAddr>()
                .map_err(|_| Failure::Answer(addresses.to_string()))
        };
        Ok(Self {
            clear: address("clear")?,
            tls: address("tls")?,
            authorize: address("authorize")?,
            _scratch: scratch,
            certificate,
            store,
            descriptors,
            patient_until: now() + patience,
        })
    }

    /// Whether there is time to do a disturbed round again.
    pub(crate) fn is_patient(&self) -> bool {
        now() < self.patient_until
    }

    /// How many descriptors a process may have.
    pub(crate) fn descriptors(&self) -> u64 {
        self.descriptors
    }

    /// Starts `peer` in front of the store in memory.
    pub(crate) fn start(&self, peer: Peer) -> Result<Subject, Failure> {
        self.start_before(peer, self.clear)
    }

    /// Starts `peer` in front of another store, which speaks in clear at `store`.
    pub(crate) fn start_before(&self, peer: Peer, store: SocketAddr) -> Result<Subject, Failure> {
        let scratch = Scratch::new();
        let (address, passthrough) = (free_address(), free_address());
        let (template, buffer) = peer.template();
        let text = self
            .filled(template, &scratch, address)
            .replace("@PASSTHROUGH@", &passthrough.port().to_string())
            .replace("@STORE_CLEAR@", &store.port().to_string())
            .replace("@BUFFER@", buffer);
        let configuration = scratch.join("configuration");
        fs::write(&configuration, text)?;
        fs::write(scratch.join("combined.pem"), self.combined()?)?;
        let log = scratch.join("output");
        let mut program = Program::start(peer.name(), &mut peer.command(&configuration)?, log)?;
        program.listens(address)?;
        Ok(Subject {
            peer,
            address,
            passthrough,
            program,
            _scratch: scratch,
        })
    }

    fn filled(&self, template: &str, scratch: &Scratch, address: SocketAddr) -> String {
        let path = |path: &Path| path.display().to_string();
        let owner = if rustix::process::geteuid().is_root() {
            NOBODY
        } else {
            rustix::process::geteuid().as_raw()
        };
        template
            .replace("@WORKERS@", WORKERS)
            .replace("@FILES@", &self.descriptors.to_string())
            .replace("@FOLDER@", &path(scratch.path()))
            .replace("@CERTIFICATE@", &path(&self.certificate.certificate))
            .replace("@KEY@", &path(&self.certificate.key))
            .replace("@AUTHORITY@", &path(&self.certificate.authority))
            .replace("@COMBINED@", &path(&scratch.join("combined.pem")))
            .replace("@AUTHORIZE@", &self.authorize.port().to_string())
            .replace("@STORE_TLS@", &self.tls.port().to_string())
            .replace("@LISTEN@", &address.port().to_string())
            .replace("@UID@", &owner.to_string())
            .replace("@GID@", &owner.to_string())
            .replace("@PROCESSES@", &dovecot_processes())
    }

    /// Certificate and key in one file, as HAProxy wants them.
    fn combined(&self) -> Result<Vec<u8>, Failure> {
        let certificate = fs::read(&self.certificate.certificate)?;
        Ok([certificate, fs::read(&self.certificate.key)?].concat())
    }

    /// Starts Dovecot as a store whose one mailbox has a message of 10 MB.
    pub(crate) fn dovecot(&self) -> Result<DovecotStore, Failure> {
        let scratch = Scratch::new();
        let (clear, tls) = (free_address(), free_address());
        let template = include_str!("../../../bench/peers/dovecot-store.conf");
        let text = self.filled(template, &scratch, tls);
        let text = text.replace("@LISTEN_CLEAR@", &clear.port().to_string());
        let configuration = scratch.join("configuration");
        fs::write(&configuration, text)?;
        fill_mailbox(&scratch)?;
        let mut command = Peer::DovecotProxy.command(&configuration)?;
        let mut program = Program::start("Dovecot", &mut command, scratch.join("output"))?;
        program.listens(clear)?;
        program.listens(tls)?;
        Ok(DovecotStore {
            clear,
            tls,
            _program: program,
            _scratch: scratch,
        })
    }
}

fn fill_mailbox(scratch: &Scratch) -> Result<(), Failure> {
    let maildir = scratch.join("Maildir");
    make_maildir(&maildir);
    if fs::metadata(scratch.path())?.uid() == 0 {
        for folder in ["", "Maildir", "Maildir/new", "Maildir/cur", "Maildir/tmp"] {
            chown(scratch.join(folder), Some(NOBODY), Some(NOBODY))?;
        }
    }
    let mut message = b"From: bench@example.org\nSubject: 10 MB\n\n".to_vec();
    // As delivery agents keep it, with bare line ends: Dovecot sends that three times as fast as the other form.
    let wanted = body::octets(body::TEN_MEGABYTES);
    let mut sent = 0;
    while sent < wanted {
        let run = body::run(body::TEN_MEGABYTES, sent, wanted - sent);
        message.extend(run.iter().filter(|octet| **octet != b'\r'));
        sent += run.len() as u64;
    }
    deliver(&maildir, &message);
    Ok(())
}

/// Where the run is not root's, every process of Dovecot is the user's own.
fn dovecot_processes() -> String {
    if rustix::process::geteuid().is_root() {
        return String::new();
    }
    let name = |option: &str| {
        let output = run(Command::new("id").arg(option));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let (user, group) = (name("-un"), name("-gn"));
    format!(
        "default_internal_user = {user}\ndefault_login_user = {user}\ndefault_internal_group = {group}"
    )
}

/// A peer that runs.
pub(crate) struct Subject {
    pub(crate) peer: Peer,
    /// Where it speaks TLS with clients.
    pub(crate) address: SocketAddr,
    /// Where ours passes TLS on.
    passthrough: SocketAddr,
    program: Program,
    _scratch: Scratch,
}

impl Subject {
    /// Where TLS is passed on unopened.
    pub(crate) fn passthrough(&mut self) -> Result<SocketAddr, Failure> {
        match self.peer {
            Peer::Keyhole => {
                self.program.listens_too(self.passthrough)?;
                Ok(self.passthrough)
            }
            Peer::NginxStream(_)
            | Peer::NginxMail(_)
            | Peer::HaproxyPassthrough(_)
            | Peer::HaproxyTls(_)
            | Peer::DovecotProxy => Ok(self.address),
        }
    }

    /// Its processes.
    pub(crate) fn tree(&self) -> Tree {
        self.program.tree()
    }

    /// The last lines of its log.
    pub(crate) fn end_of_log(&self) -> String {
        self.program.end_of_log()
    }
}

/// A Dovecot that holds mail.
pub(crate) struct DovecotStore {
    pub(crate) clear: SocketAddr,
    pub(crate) tls: SocketAddr,
    _program: Program,
    _scratch: Scratch,
}
