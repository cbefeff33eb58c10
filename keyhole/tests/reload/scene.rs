//! A folder with a configuration, and the program that serves it.

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, atomic::AtomicU32, atomic::Ordering},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::CertificateDer;
use serde_json::Value;

use crate::{client::Client, store};

/// Longer than anything takes that works.
const PATIENCE: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(10);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder and a running program, both gone when dropped.
pub(crate) struct Scene {
    pub(crate) folder: PathBuf,
    pub(crate) store: SocketAddr,
    pub(crate) address: SocketAddr,
    pub(crate) trusted: Vec<CertificateDer<'static>>,
    child: Option<Child>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Scene {
    /// Files for a server, which is not started.
    pub(crate) fn files() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("keyhole-reload-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).unwrap();
        let mut scene = Self {
            folder,
            store: store::start(),
            address: free_address(),
            trusted: Vec::new(),
            child: None,
            log: Arc::default(),
        };
        scene.certify("own", "localhost");
        scene.configure("", "");
        scene
    }

    /// A server with one listener.
    pub(crate) fn start() -> Self {
        let mut scene = Self::files();
        scene.run(&mut scene.command());
        scene
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyhole"));
        command
            .arg("serve")
            .arg("--config")
            .arg(self.configuration());
        command
    }

    /// Starts the server by `command`, and waits until it is ready.
    pub(crate) fn run(&mut self, command: &mut Command) {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let log = Arc::clone(&self.log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                log.lock().unwrap().push(line);
            }
        });
        self.child = Some(child);
        self.wait_for("ready", 1);
    }

    pub(crate) fn configuration(&self) -> PathBuf {
        self.folder.join("keyhole.toml")
    }

    /// Makes a certificate for `host` and its key, as `name`.pem and `name`.key, in the place of what is there; clients trust it.
    pub(crate) fn certify(&mut self, name: &str, host: &str) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let key = self.folder.join(format!("{name}.key"));
        fs::write(self.folder.join(format!("{name}.pem")), made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let certificate = made.cert.der().clone();
        self.trusted.push(certificate.clone());
        certificate
    }

    /// An `[[imap]]` section.
    pub(crate) fn listener(&self, address: SocketAddr) -> String {
        let folder = self.folder.display();
        format!(
            "[[imap]]\naddress = \"{address}\"\ncertificate = \"{folder}/own.pem\"\nkey = \"{folder}/own.key\"\n"
        )
    }

    /// Writes the configuration: the listener with `in_listener`, then `more`.
    pub(crate) fn configure(&self, in_listener: &str, more: &str) {
        let text = format!(
            "{listener}{in_listener}\n[backend.store]\naddresses = [\"{store}\"]\nsecurity = \"loopback\"\n{more}\n\
             [log]\nformat = \"json\"\n",
            listener = self.listener(self.address),
            store = self.store,
        );
        replace(&self.configuration(), text.as_bytes());
    }

    pub(crate) fn client(&self) -> Client {
        self.client_at(self.address).unwrap()
    }

    pub(crate) fn client_at(&self, address: SocketAddr) -> io::Result<Client> {
        let mut client = Client::connect(address, "localhost", &self.trusted)?;
        client.log_in()?;
        Ok(client)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send(self.process(), signal);
    }

    /// Asks for a reload, and gives the record that tells what came of it.
    pub(crate) fn reload(&mut self) -> Value {
        let before = self.outcomes().len();
        self.signal(Signal::HUP);
        wait_until("a reload", || self.outcomes().into_iter().nth(before))
    }

    fn outcomes(&self) -> Vec<Value> {
        let all = self.records().into_iter();
        all.filter(|record| {
            record["event"] == "config_reloaded" || record["event"] == "config_refused"
        })
        .collect()
    }

    fn records(&self) -> Vec<Value> {
        let lines = self.log.lock().unwrap();
        lines
            .iter()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        let all = self.records().into_iter();
        all.filter(|record| record["event"] == event).collect()
    }

    /// Waits for the record of `event` that is the `number`th.
    pub(crate) fn wait_for(&mut self, event: &str, number: usize) -> Value {
        wait_until(event, || {
            let found = self.events(event).into_iter().nth(number - 1);
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(found.is_some() || ended.is_none(), "{}", self.log());
            found
        })
    }

    /// Waits until the server has ended.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        wait_until("the end", || {
            self.child.as_mut().unwrap().try_wait().unwrap()
        })
    }

    /// The server's child that was started as the loader.
    pub(crate) fn loader(&self) -> u32 {
        let process = self.process();
        let tasks = fs::read_dir(format!("/proc/{process}/task"))
            .unwrap()
            .flatten();
        let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        let children: Vec<u32> = lists
            .flat_map(|list| {
                list.split_whitespace()
                    .map(|id| id.parse().unwrap())
                    .collect::<Vec<_>>()
            })
            .collect();
        let is_loader = |child: &u32| {
            let line = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
            line.split('\0').nth(1) == Some("loader")
        };
        children.into_iter().find(is_loader).expect("a loader")
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().ok();
            child.wait().ok();
        }
        fs::remove_dir_all(&self.folder).ok();
    }
}

pub(crate) fn send(process: u32, signal: Signal) {
    let id = i32::try_from(process).ok().and_then(Pid::from_raw);
    kill_process(id.unwrap(), signal).unwrap();
}

/// Whether a process runs: one that is dead and not waited for does not.
pub(crate) fn is_alive(process: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/status"));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

/// Puts a file in its place at once.
pub(crate) fn replace(path: &Path, octets: &[u8]) {
    let new = path.with_extension("new");
    fs::write(&new, octets).unwrap();
    fs::rename(&new, path).unwrap();
}

/// An address on loopback that was free a moment ago.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

pub(crate) fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(waited < PATIENCE, "waited for {what}");
        std::thread::sleep(GLANCE);
        waited += GLANCE;
    }
}
