//! How far it is, on a terminal only: octets over the air, and how much of an arriving result is here.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use handset::Meter;
use tokio::task::JoinHandle;

use crate::screen::size;

/// How often the line is redrawn.
const REDRAW: Duration = Duration::from_millis(250);
/// Literals smaller than this need no percentage.
const LARGE: u64 = 4096;

/// A line that is redrawn while this lives, and gone afterwards.
pub(crate) struct Progress(Option<JoinHandle<()>>);

impl Progress {
    /// Shows what `meter` counts; nothing at all where standard error is no terminal.
    pub(crate) fn show(meter: Meter) -> Self {
        Self(
            io::stderr()
                .is_terminal()
                .then(|| tokio::spawn(redraw(meter))),
        )
    }

    /// Shows nothing.
    pub(crate) fn none() -> Self {
        Self(None)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
            draw("\r\x1b[K");
        }
    }
}

async fn redraw(meter: Meter) {
    loop {
        tokio::time::sleep(REDRAW).await;
        draw(&format!("\r\x1b[K{}", line(&meter)));
    }
}

fn line(meter: &Meter) -> String {
    let air = meter.air();
    let base = format!("{} sent, {} received", size(air.sent), size(air.received));
    let arriving = meter.arriving();
    let percent = arriving
        .here
        .saturating_mul(100)
        .checked_div(arriving.announced);
    match percent {
        Some(percent) if arriving.announced >= LARGE => format!("{base}, result {percent} %"),
        Some(_) | None => base,
    }
}

fn draw(text: &str) {
    let mut terminal = io::stderr();
    // A terminal that is gone needs no progress.
    drop(
        terminal
            .write_all(text.as_bytes())
            .and_then(|()| terminal.flush()),
    );
}
