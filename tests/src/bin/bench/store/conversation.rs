//! One connection to the store: commands in, answers out, all in its order.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

use super::answers;
use super::command::{self, Command, Initial, Range, Set};
use crate::{body, clock};

/// The longest command, literals included.
const LONGEST: usize = 128 * 1024 * 1024;

/// Octets of a body written at once.
const WRITE: u64 = 256 * 1024;

/// A connection.
pub(super) struct Conversation<S> {
    stream: S,
    input: Vec<u8>,
    output: Vec<u8>,
    pushed: watch::Receiver<u64>,
}

/// Whether the client has left.
#[derive(PartialEq)]
enum Next {
    Command,
    Close,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<S> {
    pub(super) fn new(stream: S, pushed: watch::Receiver<u64>) -> Self {
        Self {
            stream,
            input: Vec::new(),
            output: Vec::new(),
            pushed,
        }
    }

    /// Greets and answers until the client logs out or closes.
    pub(super) async fn run(mut self) -> io::Result<()> {
        self.say(&answers::greeting());
        loop {
            let (line, literals) = self.command().await?;
            let (tag, rest) = line.split_once(' ').unwrap_or((&line, ""));
            if self.answer(tag, command::read(rest, &literals)).await? == Next::Close {
                self.flush().await?;
                return self.stream.shutdown().await;
            }
        }
    }

    async fn answer(&mut self, tag: &str, command: Command) -> io::Result<Next> {
        match command {
            Command::Capability => self.say(&answers::capability(tag)),
            Command::Fine => self.say(&answers::fine(tag)),
            Command::Id => self.say(&answers::id(tag)),
            Command::Login => self.say(&answers::logged_in(tag)),
            Command::Authenticate(initial) => self.authenticate(tag, initial).await?,
            Command::Namespace => self.say(&answers::namespace(tag)),
            Command::List => self.say(&answers::list(tag)),
            Command::Select => self.say(&answers::select(tag)),
            Command::Status(mailbox) => self.say(&answers::status(tag, &mailbox)),
            Command::Fetch(set, range) => self.fetch(tag, set, range).await?,
            Command::Search(from) => self.say(&answers::search(tag, from)),
            Command::Append(digest) => self.say(&answers::appended(tag, digest)),
            Command::Idle => self.idle(tag).await?,
            Command::Unknown => self.say(&answers::unknown(tag)),
            Command::Logout => {
                self.say(&answers::logged_out(tag));
                return Ok(Next::Close);
            }
        }
        Ok(Next::Command)
    }

    async fn authenticate(&mut self, tag: &str, initial: Initial) -> io::Result<()> {
        if initial == Initial::None {
            self.say("+ \r\n");
            self.line().await?;
        }
        self.say(&answers::logged_in(tag));
        Ok(())
    }

    async fn fetch(&mut self, tag: &str, set: Set, range: Option<Range>) -> io::Result<()> {
        for number in set.first..=set.last {
            match range {
                Some(range) => self.body(number, range).await?,
                None => self.say(&answers::flags(number)),
            }
        }
        self.say(&answers::fine(tag));
        Ok(())
    }

    async fn body(&mut self, number: u32, range: Range) -> io::Result<()> {
        let whole = body::octets(number);
        let (origin, wanted) = range.partial.unwrap_or((0, whole));
        let octets = wanted.min(whole.saturating_sub(origin));
        let told = range.partial.map(|(origin, _)| origin);
        self.say(&answers::body_begins(number, told, octets));
        let mut sent = 0;
        while sent < octets {
            let run = body::run(number, origin + sent, (octets - sent).min(WRITE));
            if octets <= WRITE {
                self.output.extend_from_slice(run);
            } else {
                self.write_out().await?;
                self.stream.write_all(run).await?;
            }
            sent += run.len() as u64;
        }
        self.say(")\r\n");
        Ok(())
    }

    /// Waits for DONE; each push is a new message, whose number is the time at which it was written.
    async fn idle(&mut self, tag: &str) -> io::Result<()> {
        self.say("+ idling\r\n");
        self.pushed.borrow_and_update();
        loop {
            if let Some(line) = self.take_line() {
                if !line.eq_ignore_ascii_case("DONE") {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                self.say(&answers::fine(tag));
                return Ok(());
            }
            self.flush().await?;
            tokio::select! {
                read = self.stream.read_buf(&mut self.input) => if read? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                },
                changed = self.pushed.changed() => {
                    changed.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
                    self.say(&answers::exists(clock::microseconds()));
                }
            }
        }
    }

    /// Reads a whole command: the line with its literals taken out, and their digests. The text of short literals stays where it
    /// stood.
    async fn command(&mut self) -> io::Result<(String, Vec<u32>)> {
        let mut whole = String::new();
        let mut digests = Vec::new();
        loop {
            let line = self.line().await?;
            let Some((before, octets, waits)) = announced(&line) else {
                whole.push_str(&line);
                return Ok((whole, digests));
            };
            if waits {
                self.say("+ OK\r\n");
            }
            whole.push_str(before);
            digests.push(self.literal(octets).await?);
        }
    }

    async fn literal(&mut self, octets: usize) -> io::Result<u32> {
        if octets > LONGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        while self.input.len() < octets {
            self.fill().await?;
        }
        let digest = body::digest(&self.input[..octets]);
        self.input.drain(..octets);
        Ok(digest)
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(line) = self.take_line() {
                return Ok(line);
            }
            self.fill().await?;
        }
    }

    fn take_line(&mut self) -> Option<String> {
        let end = self.input.iter().position(|octet| *octet == b'\n')?;
        let line: Vec<u8> = self.input.drain(..=end).collect();
        let line = line.strip_suffix(b"\r\n").unwrap_or(&line);
        Some(String::from_utf8_lossy(line).into_owned())
    }

    /// Before it waits for more, all that is to be said is said: answers to pipelined commands go out together.
    async fn fill(&mut self) -> io::Result<()> {
        self.flush().await?;
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn say(&mut self, answer: &str) {
        self.output.extend_from_slice(answer.as_bytes());
    }

    async fn write_out(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.output).await?;
        self.output.clear();
        Ok(())
    }

    async fn flush(&mut self) -> io::Result<()> {
        if self.output.is_empty() {
            return Ok(());
        }
        self.write_out().await?;
        self.stream.flush().await
    }
}

/// A literal at the line's end: what stands before it, its length, and whether the client waits to be asked for it (RFC 7888 §4).
fn announced(line: &str) -> Option<(&str, usize, bool)> {
    let (before, length) = line.strip_suffix('}')?.rsplit_once('{')?;
    let waits = !length.ends_with('+');
    let octets = length.trim_end_matches('+').parse().ok()?;
    Some((before, octets, waits))
}

#[cfg(test)]
mod tests {
    use super::announced;

    #[test]
    fn both_kinds_of_literal_are_seen() {
        assert_eq!(announced("LOGIN {4}"), Some(("LOGIN ", 4, true)));
        assert_eq!(announced("APPEND x {9+}"), Some(("APPEND x ", 9, false)));
        assert_eq!(announced("SEARCH x}"), None);
    }
}
