//! One vault as the warden sees it: a process, and how far it has come.

use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use keyreveal::KeyId;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socketpair,
};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use super::program::Program;
use crate::frames::{Exit, Frame as _, FrameReader, FromVault, Ready, ToVault};

/// A vault that is not ready after this time is not waited for.
const START_TIME: Duration = Duration::from_secs(10);

/// Octets read at once; a `Ready` frame is short.
const READ_AT_ONCE: usize = 1024;

/// A vault.
pub(super) struct Vault {
    child: Child,
    process: OwnedFd,
    stage: Stage,
}

/// How far a vault has come.
pub(super) enum Stage {
    /// Executed; not yet confined.
    Starting {
        socket: OwnedFd,
        reader: FrameReader,
        until: Instant,
    },
    /// Confined, with its key.
    Ready { socket: OwnedFd, ready: Ready },
    /// The server's.
    Assigned { key_id: KeyId, until: Instant },
    /// Killed, or useless; not yet reaped.
    Condemned,
}

impl Vault {
    /// Executes a vault.
    pub(super) fn start(program: &Program, now: Instant) -> io::Result<Self> {
        let (ours, its) = socketpair(
            AddressFamily::UNIX,
            SocketType::STREAM,
            SocketFlags::CLOEXEC,
            None,
        )?;
        let mut child = program.start_vault(its)?;
        let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let process = process
            .ok_or(Errno::SRCH)
            .and_then(|pid| pidfd_open(pid, PidfdFlags::empty()));
        match process {
            Ok(process) => Ok(Self {
                child,
                process,
                stage: Stage::Starting {
                    socket: ours,
                    reader: FrameReader::new(),
                    until: now.checked_add(START_TIME).unwrap_or(now),
                },
            }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error.into())
            }
        }
    }

    pub(super) fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Readable when the process has ended.
    pub(super) fn process(&self) -> BorrowedFd<'_> {
        self.process.as_fd()
    }

    /// Readable when a starting vault speaks.
    pub(super) fn starting_socket(&self) -> Option<BorrowedFd<'_>> {
        match &self.stage {
            Stage::Starting { socket, .. } => Some(socket.as_fd()),
            Stage::Ready { .. } | Stage::Assigned { .. } | Stage::Condemned => None,
        }
    }

    /// When it is to be killed, if it lives then.
    pub(super) fn until(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Starting { until, .. } | Stage::Assigned { until, .. } => Some(*until),
            Stage::Ready { .. } | Stage::Condemned => None,
        }
    }

    /// Hears a starting vault; one that says anything but that it is ready is killed.
    pub(super) fn hear(&mut self) {
        let stage = std::mem::replace(&mut self.stage, Stage::Condemned);
        let Stage::Starting {
            socket,
            mut reader,
            until,
        } = stage
        else {
            self.stage = stage;
            return;
        };
        match said(&socket, &mut reader) {
            Ok(Some(ready)) => self.stage = Stage::Ready { socket, ready },
            Ok(None) => {
                self.stage = Stage::Starting {
                    socket,
                    reader,
                    until,
                }
            }
            Err(Mute) => self.kill(),
        }
    }

    /// Hands a ready vault over, in `assign`'s words, and gives its socket out.
    /// `None`: it was not ready, or it is dead; either way it is of no more use.
    pub(super) fn assign(
        &mut self,
        assign: &ToVault,
        key_id: KeyId,
        until: Instant,
    ) -> Option<OwnedFd> {
        match std::mem::replace(&mut self.stage, Stage::Condemned) {
            Stage::Ready { socket, .. } if told(&socket, assign) => {
                self.stage = Stage::Assigned { key_id, until };
                Some(socket)
            }
            Stage::Ready { .. }
            | Stage::Starting { .. }
            | Stage::Assigned { .. }
            | Stage::Condemned => {
                self.kill();
                None
            }
        }
    }

    /// Ends the process. An assigned one stays what it is, so that its end is told.
    pub(super) fn kill(&mut self) {
        match self.stage {
            Stage::Assigned { .. } => {}
            Stage::Starting { .. } | Stage::Ready { .. } | Stage::Condemned => {
                self.stage = Stage::Condemned
            }
        }
        // It fails only where the process has ended already.
        pidfd_send_signal(&self.process, Signal::KILL).unwrap_or_default();
    }

    /// How the process ended, if it has. Reaps it.
    pub(super) fn ended(&mut self) -> Option<Exit> {
        self.child.try_wait().ok().flatten().map(exit)
    }

    /// Kills the process and waits for its end.
    pub(super) fn end(mut self) {
        self.kill();
        // It fails only where it was reaped already.
        self.child.wait().map(drop).unwrap_or_default();
    }
}

/// A vault that has nothing sensible to say.
struct Mute;

fn said(socket: &OwnedFd, reader: &mut FrameReader) -> Result<Option<Ready>, Mute> {
    let mut room = [0; READ_AT_ONCE];
    let octets = match recv(socket, &mut room, RecvFlags::DONTWAIT) {
        Ok((0, _)) => return Err(Mute),
        Ok((octets, _)) => octets,
        Err(Errno::AGAIN | Errno::INTR) => 0,
        Err(_) => return Err(Mute),
    };
    let mut input = room.get(..octets).unwrap_or_default();
    let frame = reader.next(&mut input).map_err(|_| Mute)?;
    match frame {
        None => Ok(None),
        Some(FromVault::Ready(ready)) if input.is_empty() => Ok(Some(ready)),
        Some(
            FromVault::Ready(_)
            | FromVault::Result { .. }
            | FromVault::Run(_)
            | FromVault::Done
            | FromVault::Failed(_),
        ) => Err(Mute),
    }
}

/// Sends one short frame into an empty socket, which takes it whole or has no other end.
fn told(socket: &OwnedFd, frame: &ToVault) -> bool {
    let Ok(octets) = frame.to_octets() else {
        return false;
    };
    send(socket, &octets, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) == Ok(octets.len())
}

fn exit(status: ExitStatus) -> Exit {
    match (status.code(), status.signal()) {
        (Some(code), _) => Exit::Status(u8::try_from(code).unwrap_or(u8::MAX)),
        (None, signal) => Exit::Signal(
            signal
                .and_then(|signal| u8::try_from(signal).ok())
                .unwrap_or(u8::MAX),
        ),
    }
}
