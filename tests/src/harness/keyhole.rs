//! The real program, `keyhole serve`, with a generated configuration, in front of a store.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::Signal;
use serde_json::Value;

use super::certificate::{self, ServerCertificate};
use super::cyrus::Cyrus;
use super::dovecot::Dovecot;
use super::embedded::Embedded;
use super::footprint;
use super::program::{Running, ours};
use super::scratch::Scratch;
use super::wait;

/// The store behind, as the configuration names it.
#[derive(Clone, Debug)]
pub struct Behind(String);

impl Behind {
    /// Dovecot, over TLS with its name and authority checked.
    #[must_use]
    pub fn dovecot(dovecot: &Dovecot) -> Self {
        Self::tls(dovecot.tls, "localhost", &dovecot.certificate.authority)
    }

    /// Cyrus, in clear on loopback.
    #[must_use]
    pub fn cyrus(cyrus: &Cyrus) -> Self {
        Self::loopback(cyrus.clear)
    }

    /// Our own store, on loopback.
    #[must_use]
    pub fn embedded(embedded: &Embedded) -> Self {
        Self::loopback(embedded.address)
    }

    /// Whatever listens there, in clear.
    #[must_use]
    pub fn loopback(address: SocketAddr) -> Self {
        Self::any_of(&[address])
    }

    /// Whatever listens at any of these, in clear.
    #[must_use]
    pub fn any_of(addresses: &[SocketAddr]) -> Self {
        let addresses: Vec<String> = addresses.iter().map(|one| format!("\"{one}\"")).collect();
        Self(format!(
            "addresses = [{}]\nsecurity = \"loopback\"\n",
            addresses.join(", ")
        ))
    }

    /// A section of the configuration for it as one more backend.
    #[must_use]
    pub fn section(&self, name: &str) -> String {
        format!("[backend.{name}]\n{}", self.0)
    }

    /// Whatever speaks TLS there, if `authority` vouches for its name.
    #[must_use]
    pub fn tls(address: SocketAddr, name: &str, authority: &Path) -> Self {
        Self(format!(
            "addresses = [\"{address}\"]\nsecurity = \"tls\"\nname = \"{name}\"\nca = \"{}\"\n",
            authority.display()
        ))
    }
}

/// What a test wants otherwise than usual: lines of TOML for each section.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// For `[[imap]]`.
    pub listen: String,
    /// For `[backend.store]`.
    pub store: String,
    /// For `[vault]`.
    pub vault: String,
    /// For `[limits]`.
    pub limits: String,
    /// For `[server]`.
    pub server: String,
    /// Sections of the test's own.
    pub more: String,
    /// For `[log]`; the format is JSON in any case.
    pub log: String,
}

/// Where a client connects, and whose word it takes on who that is.
#[derive(Clone, Debug)]
pub struct Place {
    /// The address.
    pub address: SocketAddr,
    /// The certificate authority, PEM.
    pub authority: PathBuf,
}

/// A running `keyhole serve` with its warden and vaults, ended when dropped.
#[derive(Debug)]
pub struct Keyhole {
    program: Running,
    log: Arc<Mutex<Vec<String>>>,
    /// Where it listens.
    pub address: SocketAddr,
    /// What clients trust.
    pub certificate: ServerCertificate,
    /// The configuration it runs with.
    pub configuration: PathBuf,
    scratch: Scratch,
}

impl Keyhole {
    /// Starts it as usual.
    ///
    /// # Panics
    /// When it does not get ready.
    #[must_use]
    pub fn start(behind: &Behind) -> Self {
        Self::start_with(behind, &Settings::default())
    }

    /// Starts it as the test wants it.
    ///
    /// # Panics
    /// When it does not get ready; what it logged goes along.
    #[must_use]
    pub fn start_with(behind: &Behind, settings: &Settings) -> Self {
        Self::start_by(behind, settings, |configuration| {
            serve(&ours("keyhole"), configuration)
        })
    }

    /// Starts it by another command, which `command` makes when it is told the configuration's file.
    ///
    /// # Panics
    /// When it does not get ready; what it logged goes along.
    #[must_use]
    pub fn start_by(
        behind: &Behind,
        settings: &Settings,
        command: impl FnOnce(&Path) -> Command,
    ) -> Self {
        let scratch = Scratch::new();
        let certificate = certificate::make(scratch.path());
        let configuration = scratch.join("keyhole.toml");
        fs::write(
            &configuration,
            text(&scratch, &certificate, behind, settings),
        )
        .expect("the configuration");
        let (program, log) = launch(&mut command(&configuration));
        let mut keyhole = Self {
            program,
            log,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            certificate,
            configuration,
            scratch,
        };
        keyhole.await_ready();
        keyhole
    }

    /// Ends it and starts it again with the same configuration and identity, with a log and an address of its own.
    ///
    /// # Panics
    /// When it does not get ready.
    pub fn restart(&mut self) {
        self.terminate();
        let mut command = serve(&ours("keyhole"), &self.configuration);
        (self.program, self.log) = launch(&mut command);
        self.await_ready();
    }

    fn await_ready(&mut self) {
        let listening = self.wait_for("listening", |_| true);
        let address = listening["address"]
            .as_str()
            .and_then(|text| text.parse().ok());
        self.address = address.unwrap_or_else(|| panic!("no address in {listening}"));
        self.wait_for("ready", |_| true);
    }

    /// Waits for a record of `event` that pleases, among all that were ever logged.
    ///
    /// # Panics
    /// When none comes, or the program ends before.
    pub fn wait_for(&mut self, event: &str, pleases: impl Fn(&Value) -> bool) -> Value {
        wait::until(&format!("the event {event}"), || {
            let ended = self.program.ended();
            let found = self
                .events(event)
                .into_iter()
                .find(|record| pleases(record));
            assert!(
                found.is_some() || ended.is_none(),
                "keyhole ended: {}",
                self.log()
            );
            found
        })
    }

    /// All records of `event` so far.
    #[must_use]
    pub fn events(&self, event: &str) -> Vec<Value> {
        let lines = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let records = lines
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        records.filter(|record| record["event"] == event).collect()
    }

    /// All that was logged.
    #[must_use]
    pub fn log(&self) -> String {
        self.log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .join("\n")
    }

    /// Where clients connect.
    #[must_use]
    pub fn place(&self) -> Place {
        Place {
            address: self.address,
            authority: self.certificate.authority.clone(),
        }
    }

    /// Asks it to read its configuration again (SIGHUP).
    pub fn reload(&self) {
        footprint::signal(self.process(), Signal::HUP);
    }

    /// The network-facing process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.program.id()
    }

    /// Its processes below it that have to do with reveals: the warden and the vaults.
    #[must_use]
    pub fn descendants(&self) -> Vec<u32> {
        let mut below = descendants(self.process());
        below.retain(|process| role(*process) != Some("loader".to_owned()));
        below
    }

    /// The warden.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn warden(&self) -> u32 {
        self.child("warden").expect("a warden")
    }

    /// The loader.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn loader(&self) -> u32 {
        self.child("loader").expect("a loader")
    }

    fn child(&self, wanted: &str) -> Option<u32> {
        let mut children = children(self.process()).into_iter();
        children.find(|child| role(*child).as_deref() == Some(wanted))
    }

    /// The file with the identity key.
    #[must_use]
    pub fn identity(&self) -> PathBuf {
        self.scratch.join("identity.key")
    }

    /// Asks it to end and waits until it has.
    pub fn terminate(&mut self) -> std::process::ExitStatus {
        self.program.terminate()
    }
}

fn launch(command: &mut Command) -> (Running, Arc<Mutex<Vec<String>>>) {
    let mut program = Running::start(command.stderr(Stdio::piped()));
    let log = follow(program.child().stderr.take().expect("its log"));
    (program, log)
}

/// The command that serves: this program, with this configuration.
#[must_use]
pub fn serve(program: &Path, configuration: &Path) -> Command {
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(configuration);
    command
}

/// All processes below a process.
#[must_use]
pub fn descendants(process: u32) -> Vec<u32> {
    let mut found = vec![process];
    let mut next = 0;
    while let Some(&process) = found.get(next) {
        found.extend(children(process));
        next += 1;
    }
    found.split_off(1)
}

/// Children of a process, as the kernel lists them.
#[must_use]
pub fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task"))
        .into_iter()
        .flatten()
        .flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .filter_map(|id| id.parse().ok())
                .collect::<Vec<u32>>()
        })
        .collect()
}

/// What a process of the program's was started as; none if it is gone.
fn role(process: u32) -> Option<String> {
    let line = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
    line.split('\0').nth(1).map(str::to_owned)
}

fn follow(stderr: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    let log = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&log);
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            kept.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(line);
        }
    });
    log
}

fn text(
    scratch: &Scratch,
    certificate: &ServerCertificate,
    behind: &Behind,
    settings: &Settings,
) -> String {
    format!(
        "[[imap]]\naddress = \"127.0.0.1:0\"\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n{listen}\n\
         [backend.store]\n{behind}{store}\n\
         [vault]\nidentity = \"{identity}\"\n{vault}\n\
         [limits]\n{limits}\n\
         [server]\n{server}\n\
         {more}\n\
         [log]\nformat = \"json\"\n{log}",
        certificate = certificate.certificate.display(),
        key = certificate.key.display(),
        identity = scratch.join("identity.key").display(),
        behind = behind.0,
        listen = settings.listen,
        store = settings.store,
        vault = settings.vault,
        limits = settings.limits,
        server = settings.server,
        more = settings.more,
        log = settings.log,
    )
}
