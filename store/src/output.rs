//! What a command says, on its way from the thread that reads files to the task that writes to the socket: runs of bounded
//! size in a bounded queue, so a client that reads slowly makes the reading of files slow, not the memory large.

use tokio::sync::mpsc;

/// Octets gathered before they are handed on.
const RUN: usize = 64 * 1024;
/// Runs under way.
const QUEUE: usize = 2;

/// The client is gone, and nobody will read what is said.
#[derive(Debug)]
pub(crate) struct Gone;

/// The writing end.
pub(crate) struct Output {
    held: Vec<u8>,
    runs: mpsc::Sender<Vec<u8>>,
}

/// Both ends of a command's output.
pub(crate) fn channel() -> (Output, mpsc::Receiver<Vec<u8>>) {
    let (runs, receiver) = mpsc::channel(QUEUE);
    (
        Output {
            held: Vec::new(),
            runs,
        },
        receiver,
    )
}

impl Output {
    /// Says `octets`. Blocks while the queue is full; must not be called from a task.
    pub(crate) fn push(&mut self, octets: &[u8]) -> Result<(), Gone> {
        self.held.extend_from_slice(octets);
        if self.held.len() >= RUN {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Hands on what was gathered.
    pub(crate) fn flush(&mut self) -> Result<(), Gone> {
        if self.held.is_empty() {
            return Ok(());
        }
        let run = std::mem::take(&mut self.held);
        self.runs.blocking_send(run).map_err(|_| Gone)
    }
}
