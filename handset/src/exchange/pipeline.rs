//! Several commands on their way at a time (RFC 9051 §5.5): for those that do not depend on each other's answers, in whichever
//! order a server answers. Untagged CONVERTED says whose it is; everything else is put to the oldest that has no answer.

use tokio::time::timeout;
use wire::imap::response::Answers;
use wire::imap::{Command, CommandBody, Response, Tag};

use super::{Answer, Bounds, Exchange, Gathering, Next};
use crate::Error;
use crate::error::{ProtocolFault, Step};

/// Who is told of each answer: which of the commands it is for, counted from 0.
pub(crate) type Done<'a> = dyn FnMut(usize, Answer) + Send + 'a;

/// The commands that are on their way.
#[derive(Default)]
struct Open(Vec<(usize, Gathering)>);

/// What a response meant.
enum Meant {
    /// `+`.
    GoOn,
    /// Nothing ends with it.
    Data,
    /// A command has its answer.
    Done(usize, Answer),
}

impl Exchange {
    /// Runs commands without waiting for one's answer before the next is sent; `done` is told of each as it comes. Together they must
    /// be so short that the server can hold them while it answers. After any error the connection is out of step.
    pub(crate) async fn run_all(
        &mut self,
        commands: Vec<(CommandBody, Bounds)>,
        done: &mut Done<'_>,
    ) -> Result<(), Error> {
        let count = u32::try_from(commands.len()).unwrap_or(u32::MAX).max(1);
        let deadline = self.deadlines.answer.saturating_mul(count);
        let run = timeout(deadline, self.converse_all(commands, done)).await;
        run.map_err(|_| Error::Deadline(Step::Answer))?
    }

    async fn converse_all(
        &mut self,
        commands: Vec<(CommandBody, Bounds)>,
        done: &mut Done<'_>,
    ) -> Result<(), Error> {
        let mut open = Open::default();
        for (index, (body, bounds)) in commands.into_iter().enumerate() {
            let tag = self.next_tag()?;
            open.0.push((index, Gathering::new(tag.clone(), bounds)));
            self.send_among(Command { tag, body }, &mut open, done)
                .await?;
        }
        while !open.0.is_empty() {
            match self.heard(&mut open).await? {
                Meant::Done(index, answer) => done(index, answer),
                Meant::Data => {}
                Meant::GoOn => return Err(Error::Protocol(ProtocolFault::Syntax)),
            }
        }
        Ok(())
    }

    /// Sends one command; where a literal wants a `+`, what comes before it is heard.
    async fn send_among(
        &mut self,
        command: Command,
        open: &mut Open,
        done: &mut Done<'_>,
    ) -> Result<(), Error> {
        let tag = command.tag.clone();
        let encoded = command.encode(self.literals);
        let mut pieces = encoded.pieces().peekable();
        while let Some(piece) = pieces.next() {
            self.write(piece).await?;
            // An answer this early means that the literal was refused.
            while pieces.peek().is_some() && open.has(&tag) {
                match self.heard(open).await? {
                    Meant::GoOn => break,
                    Meant::Data => {}
                    Meant::Done(index, answer) => done(index, answer),
                }
            }
            if !open.has(&tag) {
                break;
            }
        }
        Ok(())
    }

    async fn heard(&mut self, open: &mut Open) -> Result<Meant, Error> {
        let (response, octets) = self.response(open.room()?).await?;
        open.take(response, octets)
    }
}

impl Open {
    fn has(&self, tag: &Tag) -> bool {
        self.0.iter().any(|(_, gathering)| gathering.tag == *tag)
    }

    /// What the next response may have, whosever it is.
    fn room(&self) -> Result<usize, Error> {
        let rooms = self.0.iter().map(|(_, gathering)| gathering.room());
        let rooms: Result<Vec<usize>, Error> = rooms.collect();
        Ok(rooms?.into_iter().max().unwrap_or_default())
    }

    /// Whose a response is.
    fn place(&self, response: &Response) -> Option<usize> {
        let Some(tag) = tag(response) else {
            return (!self.0.is_empty()).then_some(0);
        };
        self.0
            .iter()
            .position(|(_, gathering)| gathering.tag == *tag)
    }

    fn take(&mut self, response: Response, octets: usize) -> Result<Meant, Error> {
        let strange = Error::Protocol(ProtocolFault::Syntax);
        let Some(place) = self.place(&response) else {
            return Err(strange);
        };
        let Some((_, gathering)) = self.0.get_mut(place) else {
            return Err(strange);
        };
        match gathering.take(response, octets)? {
            None => Ok(Meant::Data),
            Some(Next::GoOn) => Ok(Meant::GoOn),
            Some(Next::Done(answer)) => {
                let (index, _) = self.0.remove(place);
                Ok(Meant::Done(index, answer))
            }
        }
    }
}

/// The command that a response says it belongs to.
fn tag(response: &Response) -> Option<&Tag> {
    if let Response::Converted(converted) = response {
        return Some(&converted.tag);
    }
    let Response::Status(status) = response else {
        return None;
    };
    match &status.answers {
        Answers::Command(tag) => Some(tag),
        Answers::Untagged => None,
    }
}
