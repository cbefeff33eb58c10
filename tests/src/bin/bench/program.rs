//! Programs that a run starts. All of them end with it: when they are dropped, when the run is interrupted, and, by
//! `tests/bench/run`, when it is killed.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use ::tests::harness::keyhole::descendants;
use ::tests::harness::wait::now;
use rustix::process::{Signal, getpid, set_child_subreaper};
use serde_json::Value;

use crate::failure::Failure;
use crate::process::{Tree, kill, signal};

/// How long a program may take to listen, and how long to end.
const STARTS: Duration = Duration::from_secs(10);
const LISTENS_TOO: Duration = Duration::from_secs(1);
const ENDS: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(10);

/// How much of a log a failure shows.
const SHOWN: usize = 600;

/// A running server.
pub(crate) struct Program {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts it, with its output in `log`.
    pub(crate) fn start(name: &str, command: &mut Command, log: PathBuf) -> Result<Self, Failure> {
        let output = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?);
        let child = command.stderr(output).spawn();
        let child =
            child.map_err(|error| Failure::NotStarted(name.to_owned(), error.to_string()))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// Waits until it listens.
    pub(crate) fn listens(&mut self, address: SocketAddr) -> Result<(), Failure> {
        self.listens_within(address, STARTS)
    }

    /// Looks whether it listens at another address too, now that it does at one.
    pub(crate) fn listens_too(&mut self, address: SocketAddr) -> Result<(), Failure> {
        self.listens_within(address, LISTENS_TOO)
    }

    fn listens_within(&mut self, address: SocketAddr, limit: Duration) -> Result<(), Failure> {
        let begun = now();
        while TcpStream::connect(address).is_err() {
            if self.child.try_wait()?.is_some() {
                return Err(Failure::Ended(self.name.clone(), self.end_of_log()));
            }
            if begun.elapsed() > limit {
                return Err(Failure::NotListening(self.name.clone(), address));
            }
            std::thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Its processes.
    pub(crate) fn tree(&self) -> Tree {
        Tree(self.child.id())
    }

    /// The last lines that it wrote.
    pub(crate) fn end_of_log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let from = text.len().saturating_sub(SHOWN);
        String::from_utf8_lossy(&text[from..]).trim().to_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let processes = self.tree().processes();
        signal(self.child.id(), Signal::TERM);
        let begun = now();
        while begun.elapsed() < ENDS && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE);
        }
        if matches!(self.child.try_wait(), Ok(None)) {
            kill(&processes);
        }
        // It has ended, or was killed.
        drop(self.child.wait());
    }
}

/// A process that is told what to do line by line and answers likewise: this program again, or a peer.
pub(crate) struct Role {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Role {
    /// Starts this program with other arguments.
    pub(crate) fn start(arguments: &[String]) -> Result<Self, Failure> {
        Self::run(Command::new(std::env::current_exe()?).args(arguments))
    }

    /// Starts another program that takes orders.
    pub(crate) fn run(command: &mut Command) -> Result<Self, Failure> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (orders, answers) = (child.stdin.take(), child.stdout.take());
        let answers = answers.ok_or(Failure::Closed)?;
        Ok(Self {
            child,
            orders,
            answers: BufReader::new(answers).lines(),
        })
    }

    /// Tells it something.
    pub(crate) fn tell(&mut self, order: &str) -> Result<(), Failure> {
        let orders = self.orders.as_mut().ok_or(Failure::Closed)?;
        Ok(writeln!(orders, "{order}")?)
    }

    /// Tells it something, and waits for the answer.
    pub(crate) fn ask(&mut self, order: &str) -> Result<Value, Failure> {
        self.tell(order)?;
        self.answer()
    }

    /// The same, but it is killed where it takes longer than `limit`.
    pub(crate) fn ask_within(&mut self, order: &str, limit: Duration) -> Result<Value, Failure> {
        let process = self.child.id();
        let (answered, waits) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let watch = scope.spawn(move || {
                let late = waits.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
                if late {
                    kill(&[process]);
                }
                late
            });
            let answer = self.ask(order);
            drop(answered);
            match (answer, watch.join()) {
                (Err(_), Ok(true)) => Err(Failure::TooLong),
                (answer, _) => answer,
            }
        })
    }

    /// Its next answer. A JSON object with `error` is why it has stopped.
    pub(crate) fn answer(&mut self) -> Result<Value, Failure> {
        let line = self.answers.next().ok_or(Failure::Closed)??;
        let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
        match value.get("error").and_then(Value::as_str) {
            Some(why) => Err(Failure::Load(why.to_owned())),
            None => Ok(value),
        }
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        drop(self.orders.take());
        let begun = now();
        while begun.elapsed() < ENDS && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(GLANCE);
        }
        // It has ended, or does now.
        self.child.kill().ok();
        drop(self.child.wait());
    }
}

/// Runs a program to its end; what it said is the reason where that is none.
pub(crate) fn succeed(command: &mut Command) -> Result<(), Failure> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command
        .output()
        .map_err(|error| Failure::NotStarted(name.clone(), error.to_string()))?;
    if done.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        Err(Failure::Ended(name, said))
    }
}

/// Makes sure that what is started ends when this process is asked to end. To be called before anything is started.
pub(crate) fn guard() -> Result<(), Failure> {
    // What loses its parent becomes a child of this process, and so is found.
    set_child_subreaper(Some(getpid())).map_err(std::io::Error::from)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(asked_to_end());
        sweep();
        std::process::exit(130);
    });
    Ok(())
}

async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) else {
        return;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// Ends all that this process has started and that still runs.
pub(crate) fn sweep() {
    kill(&descendants(std::process::id()));
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::Role;
    use crate::failure::Failure;

    #[test]
    fn who_does_not_answer_in_time_is_killed_and_who_does_is_not() {
        let mut role = Role::run(&mut Command::new("cat")).unwrap();
        let patient = Duration::from_secs(20);
        assert_eq!(role.ask_within("7", patient).unwrap(), 7);
        assert_eq!(role.ask_within("8", patient).unwrap(), 8);
        let mut mute = Role::run(Command::new("sleep").arg("20")).unwrap();
        let late = mute.ask_within("9", Duration::from_millis(20));
        assert!(matches!(late, Err(Failure::TooLong)), "{late:?}");
    }
}
