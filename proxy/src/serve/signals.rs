//! The signals that an operator sends.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that are listened for from now on.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

/// What an operator wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// Read the configuration again.
    Reload,
    /// Stop.
    End,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    pub(super) async fn next(&mut self) -> Wanted {
        tokio::select! {
            _ = self.terminate.recv() => Wanted::End,
            _ = self.interrupt.recv() => Wanted::End,
            _ = self.hangup.recv() => Wanted::Reload,
        }
    }

    /// Waits until the end is wanted; a reload is not any more.
    pub(super) async fn end(&mut self) {
        while self.next().await != Wanted::End {}
    }
}
