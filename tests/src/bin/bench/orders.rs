//! Lines on standard input, by which the run tells its processes what to do. When it ends, they end.

use std::io::{BufRead as _, Write as _};

use tokio::sync::mpsc;

use crate::failure::Failure;

/// What is still to be done.
pub(crate) struct Orders(mpsc::UnboundedReceiver<String>);

impl Orders {
    /// Follows standard input from now on.
    pub(crate) fn follow() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self(receiver)
    }

    /// The next line; none at the end.
    pub(crate) async fn next(&mut self) -> Option<String> {
        self.0.recv().await
    }

    /// Says that all is prepared, and waits to be told to go on.
    pub(crate) async fn ready(&mut self) -> Result<(), Failure> {
        writeln!(std::io::stdout(), "ready")?;
        match self.next().await {
            Some(_) => Ok(()),
            None => Err(Failure::Closed),
        }
    }
}
