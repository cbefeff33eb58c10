//! A warden of the test's own, and the server's end of everything.

use std::collections::VecDeque;
use std::io::IoSliceMut;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use keyreveal::{IdentityKey, SignedStatement, Suite, Verified};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, SocketFlags,
    SocketType, recvmsg, send, socketpair,
};
use vault::frames::{
    Assigned, Exit, Frame, FrameReader, FromVault, FromWarden, Hello, Job, NewVaults, NoVault,
    ToVault, ToWarden, encode_octets,
};
use vault::sandbox::Requirement;
use vault::{SecretMemory, VaultOptions, WardenOptions};

use crate::scenario::CHANNEL;

/// No test waits longer for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// The options of a small warden in a folder of its own.
pub(crate) fn options(folder: &Folder) -> WardenOptions {
    WardenOptions {
        identity: folder.0.join("identity.pem"),
        vault_role: vec![crate::VAULT.into()],
        pool: 1,
        live: 8,
        lifetime: Duration::from_secs(60),
        vault: VaultOptions {
            requirement: Requirement::Full,
            secret_memory: SecretMemory::Auto,
            address_space: 1 << 30,
            cpu_seconds: 20,
        },
    }
}

/// A folder that goes with its test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyhole-vault-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// One end of a socket, blocking, with patience.
pub(crate) struct End {
    socket: OwnedFd,
    reader: FrameReader,
    received: VecDeque<u8>,
    descriptors: VecDeque<OwnedFd>,
}

impl End {
    fn new(socket: OwnedFd) -> Self {
        Self {
            socket,
            reader: FrameReader::new(),
            received: VecDeque::new(),
            descriptors: VecDeque::new(),
        }
    }

    pub(crate) fn send(&self, octets: &[u8]) {
        let mut left = octets;
        while !left.is_empty() {
            let sent = send(&self.socket, left, SendFlags::NOSIGNAL).unwrap();
            left = &left[sent..];
        }
    }

    pub(crate) fn tell(&self, frame: &impl Frame) {
        self.send(&frame.to_octets().unwrap());
    }

    /// The next frame; `None` when the other end is closed.
    pub(crate) fn hear<F: Frame>(&mut self) -> Option<F> {
        let give_up = now() + PATIENCE;
        loop {
            let held: Vec<u8> = self.received.drain(..).collect();
            let mut input = held.as_slice();
            let frame = self.reader.next(&mut input).unwrap();
            self.received.extend(input);
            if frame.is_some() {
                return frame;
            }
            if !self.receive(give_up) {
                return None;
            }
        }
    }

    fn receive(&mut self, give_up: Instant) -> bool {
        let left = give_up.saturating_duration_since(now());
        let timeout = Timespec::try_from(left).unwrap();
        let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
        assert_ne!(poll(&mut fds, Some(&timeout)), Ok(0), "nothing came");
        let mut room = [0; 65536];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut vectors = [IoSliceMut::new(&mut room)];
        let Ok(message) = recvmsg(
            &self.socket,
            &mut vectors,
            &mut control,
            RecvFlags::CMSG_CLOEXEC,
        ) else {
            return false;
        };
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = message {
                self.descriptors.extend(descriptors);
            }
        }
        self.received.extend(&room[..message.bytes]);
        message.bytes > 0
    }
}

/// A running warden.
pub(crate) struct Warden {
    pub(crate) process: Child,
    pub(crate) control: Option<End>,
    pub(crate) hello: Hello,
    /// Ends that were told while something else was waited for.
    ended: Vec<(keyreveal::KeyId, Exit)>,
}

impl Warden {
    pub(crate) fn start(options: &WardenOptions) -> Self {
        let (mut control, process) = spawn(options);
        let Some(FromWarden::Hello(hello)) = control.hear() else {
            panic!("no hello")
        };
        Self {
            process,
            control: Some(control),
            hello,
            ended: Vec::new(),
        }
    }

    pub(crate) fn identity(&self) -> IdentityKey {
        IdentityKey::from_octets(&self.hello.identity).unwrap()
    }

    pub(crate) fn ask(&mut self, count: u8) {
        let control = self.control.as_ref().unwrap();
        control.tell(&ToWarden::NewVaults(NewVaults {
            count,
            channel_binding: CHANNEL,
            suite: Suite::X25519Aes256Gcm,
        }));
    }

    /// The next answer.
    pub(crate) fn answer(&mut self) -> Result<Vault, NoVault> {
        loop {
            let control = self.control.as_mut().unwrap();
            match control.hear().expect("the warden is there") {
                FromWarden::Vault(assigned) => {
                    let socket = control
                        .descriptors
                        .pop_front()
                        .expect("a socket comes along");
                    return Ok(Vault {
                        end: End::new(socket),
                        assigned,
                    });
                }
                FromWarden::None(reason) => return Err(reason),
                FromWarden::Ended { key_id, exit } => self.ended.push((key_id, exit)),
                FromWarden::Hello(_) => panic!("a second hello"),
            }
        }
    }

    pub(crate) fn vault(&mut self) -> Vault {
        self.ask(1);
        self.answer().unwrap()
    }

    /// How that vault ended.
    pub(crate) fn exit(&mut self, vault: keyreveal::KeyId) -> Exit {
        loop {
            if let Some((_, exit)) = self.ended.iter().find(|(key_id, _)| *key_id == vault) {
                return *exit;
            }
            let control = self.control.as_mut().unwrap();
            match control.hear().expect("the warden is there") {
                FromWarden::Ended { key_id, exit } => self.ended.push((key_id, exit)),
                FromWarden::Hello(_) | FromWarden::Vault(_) | FromWarden::None(_) => {
                    panic!("not asked")
                }
            }
        }
    }

    /// The warden's processes.
    pub(crate) fn children(&self) -> Vec<i32> {
        let id = self.process.id();
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap();
        children
            .split_whitespace()
            .map(|id| id.parse().unwrap())
            .collect()
    }

    /// The warden's one child, once it has gone so far that it is confined.
    pub(crate) fn only_child(&self) -> i32 {
        until("one confined child", || {
            let children = self.children();
            let [child] = children.try_into().ok()?;
            confined(child).then_some(child)
        })
    }

    /// Closes the control socket and waits for the end.
    pub(crate) fn close(mut self) -> ExitStatus {
        self.control = None;
        let process = &mut self.process;
        until("the warden's end", || process.try_wait().unwrap())
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        self.control = None;
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// The control socket's other end, and the process.
fn spawn(options: &WardenOptions) -> (End, Child) {
    let (ours, its) = socketpair(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    let process = Command::new(std::env::current_exe().unwrap())
        .arg(crate::WARDEN)
        .args(options.to_args())
        .env_clear()
        .stdin(Stdio::from(its))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (End::new(ours), process)
}

/// What a warden says that does not start.
pub(crate) fn complaint(options: &WardenOptions) -> String {
    let (_control, process) = spawn(options);
    let output = process.wait_with_output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// Whether a vault is there, and has a filter more than the warden, whose filters it inherits.
pub(crate) fn confined(vault: i32) -> bool {
    let filters = |process: i32| status(process, "Seccomp_filters")?.parse::<u32>().ok();
    let warden = status(vault, "PPid").and_then(|warden| warden.parse().ok());
    matches!((filters(vault), warden.and_then(filters)), (Some(its), Some(wardens)) if its > wardens)
}

/// A line of a process's status.
pub(crate) fn status(process: i32, name: &str) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}:")))?;
    Some(line.trim().to_owned())
}

pub(crate) fn is_there(process: i32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// The tests' clock: for patience, and for what must not come too early.
#[expect(clippy::disallowed_methods, reason = "nobody hands a test the time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Asks again and again until there is something.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let give_up = now() + PATIENCE;
    loop {
        if let Some(found) = ask() {
            return found;
        }
        assert!(now() < give_up, "{what}: not in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A vault that was handed over.
pub(crate) struct Vault {
    pub(crate) end: End,
    pub(crate) assigned: Assigned,
}

impl Vault {
    /// What a handset makes of the statement.
    pub(crate) fn verified(&self, identity: &IdentityKey) -> Verified {
        SignedStatement::verify(
            &self.assigned.statement,
            identity,
            &CHANNEL,
            self.assigned.expires - 1,
        )
        .unwrap()
    }

    /// Sends the job and the whole part.
    pub(crate) fn work(&self, job: &Job, part: &[u8]) {
        self.end.tell(&ToVault::Job(job.clone()));
        let mut octets = Vec::new();
        for run in part.chunks(50_000) {
            encode_octets(run, &mut octets).unwrap();
        }
        self.end.send(&octets);
        self.end.tell(&ToVault::End);
    }

    /// The whole result, to the end of the socket.
    pub(crate) fn result(&mut self) -> Result<Vec<u8>, vault::frames::Failure> {
        let octets = match self.end.hear().expect("an answer") {
            FromVault::Result { octets } => octets,
            FromVault::Failed(failure) => {
                assert_eq!(self.end.hear::<FromVault>(), None);
                return Err(failure);
            }
            frame => panic!("{frame:?}"),
        };
        let mut sealed = Vec::new();
        loop {
            match self.end.hear().expect("more of the result") {
                FromVault::Run(run) => sealed.extend(run),
                FromVault::Done => break,
                frame => panic!("{frame:?}"),
            }
        }
        assert_eq!(u64::try_from(sealed.len()).unwrap(), octets);
        assert_eq!(self.end.hear::<FromVault>(), None);
        Ok(sealed)
    }
}
