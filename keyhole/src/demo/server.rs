//! The demo's proxy: the very program, `keyhole serve`, started as a child, and what its log says.

use std::io::{self, BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::mailbox::write_private;

/// How long the server may take to say a thing.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the demo looks whether the server still runs.
const GLANCE: Duration = Duration::from_millis(200);

/// A running `keyhole serve`, ended when dropped.
pub(super) struct Server {
    child: Child,
    log: Receiver<serde_json::Value>,
    /// Where it listens.
    pub(super) address: SocketAddr,
    /// The certificate that clients trust, PEM.
    pub(super) certificate: PathBuf,
}

impl Server {
    /// Writes a configuration under `folder` and starts the server in front of the store at `store`.
    ///
    /// # Errors
    /// What the file system says, or `Other` with the last thing that the server said before it ended.
    pub(super) fn start(folder: &Path, listen: SocketAddr, store: SocketAddr) -> io::Result<Self> {
        let certificate = folder.join("proxy-certificate.pem");
        write_certificate(&certificate, &folder.join("proxy-key.pem"))?;
        let configuration = folder.join("keyhole.toml");
        std::fs::write(&configuration, text(folder, listen, store))?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg("--config")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let log = follow(child.stderr.take());
        let mut server = Self {
            child,
            log,
            address: listen,
            certificate,
        };
        let listening = server.wait_for("listening")?;
        server.address = listening["address"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| io::Error::other("the server did not say where it listens"))?;
        server.wait_for("ready")?;
        Ok(server)
    }

    /// The next record of `event`; others before it are passed over.
    ///
    /// # Errors
    /// `TimedOut`, or `Other` when the server ended.
    pub(super) fn wait_for(&mut self, event: &str) -> io::Result<serde_json::Value> {
        let mut last = String::new();
        loop {
            match self.log.recv_timeout(PATIENCE) {
                Ok(record) if record["event"] == event => return Ok(record),
                Ok(record) => last = record.to_string(),
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other(format!("the server ended: {last}")));
                }
            }
        }
    }

    /// How the vault that was last used ended: its exit status, or a signal in words.
    ///
    /// # Errors
    /// As [`Self::wait_for`].
    pub(super) fn vault_exit(&mut self) -> io::Result<serde_json::Value> {
        let mut record = self.wait_for("vault_ended")?;
        let exit = record["exit"].take();
        let status = exit
            .as_str()
            .and_then(|text| text.strip_prefix("status ")?.parse::<u8>().ok());
        Ok(status.map_or(exit, serde_json::Value::from))
    }

    /// Waits until the server ends by itself.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) async fn ended(&mut self) -> io::Result<()> {
        while self.child.try_wait()?.is_none() {
            tokio::time::sleep(GLANCE).await;
        }
        Ok(())
    }

    /// Asks the server to stop, and waits for it.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn stop(mut self) -> io::Result<()> {
        let pid = i32::try_from(self.child.id()).ok();
        if let Some(pid) = pid.and_then(rustix::process::Pid::from_raw) {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
        }
        self.child.wait().map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        debug_assert!(ended.is_ok(), "a child of ours can be ended");
    }
}

/// Reads the server's log to its end, so that it never blocks; lines that are no JSON pass as text.
fn follow(stderr: Option<ChildStderr>) -> Receiver<serde_json::Value> {
    let (told, log) = channel();
    std::thread::spawn(move || {
        let lines = stderr
            .into_iter()
            .flat_map(|stderr| BufReader::new(stderr).lines());
        for line in lines.map_while(Result::ok) {
            let record = serde_json::from_str(&line).unwrap_or(serde_json::Value::String(line));
            // Nobody may be waiting any more; the pipe is drained all the same.
            drop(told.send(record));
        }
    });
    log
}

fn write_certificate(certificate: &Path, key: &Path) -> io::Result<()> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
    std::fs::write(certificate, made.cert.pem())?;
    write_private(key, made.signing_key.serialize_pem().as_bytes())
}

fn text(folder: &Path, listen: SocketAddr, store: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "# Written by `keyhole demo`.\n\
         [[imap]]\naddress = \"{listen}\"\n\
         certificate = \"{folder}/proxy-certificate.pem\"\nkey = \"{folder}/proxy-key.pem\"\n\n\
         [backend.store]\naddresses = [\"{store}\"]\nsecurity = \"loopback\"\n\n\
         [vault]\nidentity = \"{folder}/identity.key\"\nsandbox = \"best-effort\"\n\n\
         [log]\nformat = \"json\"\n"
    )
}
