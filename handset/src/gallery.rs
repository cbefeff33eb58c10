//! Several parts of one message, fetched converted: one look at all of them, several key statements at a time, several reveals on
//! their way. Each part has a key, a reveal and a result of its own; what goes wrong with one is told for it, and the rest goes on.

use std::collections::VecDeque;

use rand_core::CryptoRng;

use crate::client::{KeyStatement, asking, statements};
use crate::convert::{SealedResult, converting, sealed_result};
use crate::error::{Missing, Scope};
use crate::exchange::{Answer, Bounds};
use crate::head::Head;
use crate::pin::Pin;
use crate::report::Fetched;
use crate::request::FetchRequest;
use crate::reveal::{Gathered, Holdings, Prepared, check_consent, outer_scope};
use crate::structure::Part;
use crate::{Client, Error};

/// The most statements that one KEYREVEAL may ask for (`docs/protocol.md` §3).
const MOST: u8 = 8;

/// What became of one part.
pub enum Piece<'a> {
    /// Its key is about to be revealed.
    Revealing(&'a Prepared),
    /// It came, or did not.
    Came(Box<Result<Fetched, Error>>),
}

/// Who is told what becomes of each request, counted from 0.
pub type Told<'a> = dyn FnMut(usize, Piece<'_>) + Send + 'a;

/// A part that was looked at, and may be revealed.
struct Looked {
    index: usize,
    scope: Scope,
    head: Head,
}

impl Client {
    /// Fetches parts of **one** message converted, with at most `in_flight` (1 to 8) reveals on their way at a time, and never more
    /// than the server gives statements for. A statement lives for minutes: on a line so thin that `in_flight` results take
    /// longer than that, the last ones come too late and are refused.
    ///
    /// # Errors
    /// What is wrong with the connection, the message, or the proxy's identity: then nothing goes on. What is wrong with one part is
    /// told for that part: of one that is not of the kind that its request alone wants, [`Error::OtherKind`], and no key is revealed.
    pub async fn gallery(
        &mut self,
        requests: &[FetchRequest],
        in_flight: u8,
        holdings: Holdings<'_>,
        clock: &(dyn Fn() -> u64 + Sync),
        rng: &mut (impl CryptoRng + Send),
        told: &mut Told<'_>,
    ) -> Result<(), Error> {
        let in_flight = in_flight.clamp(1, MOST);
        let mut waiting = self.look(requests, holdings, rng, told).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let mut keys = self.key_statements(next(&waiting, in_flight)).await;
        let mut drafting = Drafting {
            requests,
            holdings,
            now: clock(),
        };
        while !waiting.is_empty() {
            let keys_now = match keys {
                Ok(keys) => keys,
                Err(error) => return none_left(&waiting, error, told),
            };
            drafting.now = clock();
            let batch = self.prepare_all(&mut drafting, &mut waiting, keys_now, rng, told)?;
            keys = self
                .convert_all(&batch, next(&waiting, in_flight), holdings, rng, told)
                .await?;
        }
        Ok(())
    }

    /// One look at the message, one at the beginnings of all its parts.
    async fn look(
        &mut self,
        requests: &[FetchRequest],
        holdings: Holdings<'_>,
        rng: &mut (impl CryptoRng + Send),
        told: &mut Told<'_>,
    ) -> Result<VecDeque<Looked>, Error> {
        self.check_converts()?;
        let mut waiting = VecDeque::new();
        let Some(first) = requests.first() else {
            return Ok(waiting);
        };
        let message = self.structure(&first.mailbox, first.uid).await?;
        let mut parts = Vec::new();
        for (index, request) in requests.iter().enumerate() {
            match may_be_asked(first, request, &message) {
                Ok((part, outer)) => parts.push((index, request, part, outer)),
                Err(error) => told(index, failed(error)),
            }
        }
        let looked: Vec<&Part> = parts.iter().map(|(_, _, part, _)| *part).collect();
        let heads = self.heads(&first.mailbox, first.uid, &looked).await?;
        for ((index, request, _, outer), head) in parts.into_iter().zip(heads) {
            let settled = match head {
                Ok(mut head) => self
                    .scope(request, outer, &mut head, holdings, rng)
                    .await
                    .map(|scope| Looked { index, scope, head }),
                Err(error) => Err(error),
            };
            match settled {
                Ok(looked) => waiting.push_back(looked),
                Err(error) if ends_all(&error) => return Err(error),
                Err(error) => told(index, failed(error)),
            }
        }
        Ok(waiting)
    }

    /// As many reveals as there are statements.
    fn prepare_all(
        &self,
        drafting: &mut Drafting<'_>,
        waiting: &mut VecDeque<Looked>,
        keys: Vec<KeyStatement>,
        rng: &mut impl CryptoRng,
        told: &mut Told<'_>,
    ) -> Result<Vec<(usize, Prepared)>, Error> {
        let mut batch = Vec::new();
        for statement in keys {
            let Some(Looked { index, scope, head }) = waiting.pop_front() else {
                break;
            };
            let Some(request) = drafting.requests.get(index) else {
                continue;
            };
            let gathered = Gathered {
                scope,
                head,
                statement,
            };
            let drafted = self.draft(request, gathered, drafting.holdings, drafting.now, rng);
            match drafted.and_then(|draft| draft.seal(rng)) {
                Ok(prepared) => {
                    // Believed once, at the first: all others are of the same identity.
                    drafting.holdings.pin = Pin::Known(prepared.recipient.identity);
                    told(index, Piece::Revealing(&prepared));
                    batch.push((index, prepared));
                }
                Err(error) if ends_all(&error) => return Err(error),
                Err(error) => told(index, failed(error)),
            }
        }
        Ok(batch)
    }

    /// Reveals them all, and asks behind them for the next statements, so that those cost no round of their own.
    async fn convert_all(
        &mut self,
        batch: &[(usize, Prepared)],
        next: u8,
        holdings: Holdings<'_>,
        rng: &mut (impl CryptoRng + Send),
        told: &mut Told<'_>,
    ) -> Result<Result<Vec<KeyStatement>, Error>, Error> {
        let mut commands: Vec<_> = batch.iter().map(|(_, one)| converting(one)).collect();
        if next > 0 {
            commands.push((asking(next), Bounds::SMALL));
        }
        let mut keys = Ok(Vec::new());
        let meter = self.meter();
        let mut before = meter.air();
        let mut done = |at: usize, answer: Answer| match batch.get(at) {
            Some((index, prepared)) => {
                let now = meter.air();
                let air = now.since(std::mem::replace(&mut before, now));
                let octets = sealed_result(answer, &prepared.request.section);
                let fetched = octets.and_then(|octets| {
                    prepared.open(&SealedResult { octets, air }, holdings.keys, rng)
                });
                told(*index, Piece::Came(Box::new(fetched)));
            }
            None => keys = statements(answer),
        };
        self.exchange.run_all(commands, &mut done).await?;
        Ok(keys)
    }
}

/// What a batch of reveals is drafted with.
struct Drafting<'a> {
    requests: &'a [FetchRequest],
    holdings: Holdings<'a>,
    now: u64,
}

/// How many statements to ask for.
fn next(waiting: &VecDeque<Looked>, in_flight: u8) -> u8 {
    u8::try_from(waiting.len())
        .unwrap_or(u8::MAX)
        .min(in_flight)
}

/// The part, and how much its key opens by all that is known without it.
fn may_be_asked<'a>(
    first: &FetchRequest,
    request: &FetchRequest,
    message: &'a Part,
) -> Result<(&'a Part, Scope), Error> {
    if (&request.mailbox, request.uid) != (&first.mailbox, first.uid) {
        return Err(Error::NotFound(Missing::Message));
    }
    let part = message
        .find(&request.section)
        .ok_or(Error::NotFound(Missing::Section))?;
    let outer = outer_scope(request, part);
    check_consent(request.consent, outer)?;
    Ok((part, outer))
}

fn failed(error: Error) -> Piece<'static> {
    Piece::Came(Box::new(Err(error)))
}

/// There are no more statements: the parts that wait are told so.
fn none_left(waiting: &VecDeque<Looked>, error: Error, told: &mut Told<'_>) -> Result<(), Error> {
    let Error::NoStatement(said) = error else {
        return Err(error);
    };
    for looked in waiting {
        told(looked.index, failed(Error::NoStatement(said.clone())));
    }
    Ok(())
}

/// Whether an error speaks of the connection or of the proxy, and not of one part.
fn ends_all(error: &Error) -> bool {
    match error {
        Error::NotFound(_)
        | Error::NotOpenable(_)
        | Error::NoKey
        | Error::WouldRevealWholeMessage(_)
        | Error::OtherKind
        | Error::NoStatement(_)
        | Error::Request(_)
        | Error::RevealRefused(_)
        | Error::NoConversion(_)
        | Error::Unverified(_)
        | Error::Refused(_) => false,
        Error::OtherIdentity(_)
        | Error::Statement(_)
        | Error::Network(_)
        | Error::Tls(_)
        | Error::ServerName
        | Error::Deadline(_)
        | Error::Closed(_)
        | Error::Protocol(_)
        | Error::Login(_)
        | Error::Credentials
        | Error::Lacks(_) => true,
    }
}
