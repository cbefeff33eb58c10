//! Work that ends: downloads, commands, logins, shared by some sessions.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ::tests::harness::wait::now;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::{Done, Kind};
use crate::body::TEN_MEGABYTES;
use crate::client::{Checked, Client, Target};
use crate::failure::Failure;

/// Sessions that are ready.
pub(super) struct Work {
    kind: Kind,
    target: Target,
    sessions: Vec<Option<Client>>,
}

/// Logs in, where the work is done by sessions that are.
pub(super) async fn prepare(target: &Target, kind: Kind, sessions: u32) -> Result<Work, Failure> {
    let mut prepared = Vec::new();
    for number in 0..sessions {
        prepared.push(match kind {
            Kind::Login => None,
            Kind::Bulk | Kind::Fetch | Kind::Noop | Kind::Idle => {
                let mut client = Client::login(target, number).await?;
                client.ask("SELECT INBOX").await?;
                Some(client)
            }
        });
    }
    Ok(Work {
        kind,
        target: target.clone(),
        sessions: prepared,
    })
}

impl Work {
    /// Does `count` pieces of it, all sessions together, or as many as there is time for.
    pub(super) async fn done(self, count: u64, limit: Duration) -> Result<Done, Failure> {
        let next = Arc::new(AtomicU64::new(0));
        let begun = now();
        let mut tasks = JoinSet::new();
        let one = self.sessions.len() == 1;
        for (number, client) in (0..).zip(self.sessions) {
            let worker = Worker {
                kind: self.kind,
                target: self.target.clone(),
                client,
                number,
                next: Arc::clone(&next),
                count,
                until: begun + limit,
                units: 0,
                each: Vec::new(),
            };
            if one {
                let done = worker.run().await?;
                return Ok(Done {
                    units: done.0,
                    took: begun.elapsed(),
                    each: done.1,
                });
            }
            tasks.spawn(worker.run());
        }
        let (mut units, mut each) = (0, Vec::new());
        while let Some(done) = tasks.join_next().await {
            let done = done.map_err(|error| Failure::Load(error.to_string()))??;
            units += done.0;
            each.extend(done.1);
        }
        Ok(Done {
            units,
            took: begun.elapsed(),
            each,
        })
    }
}

struct Worker {
    kind: Kind,
    target: Target,
    client: Option<Client>,
    number: u32,
    next: Arc<AtomicU64>,
    count: u64,
    until: std::time::Instant,
    units: u64,
    each: Vec<u32>,
}

/// How long one piece may take: far more than any takes that is not lost.
const PIECE: Duration = Duration::from_secs(30);

impl Worker {
    async fn run(mut self) -> Result<(u64, Vec<u32>), Failure> {
        while self.next.fetch_add(1, Ordering::Relaxed) < self.count && now() < self.until {
            let begun = now();
            let piece = timeout(PIECE, self.piece()).await;
            self.units += piece.map_err(|_| Failure::TooLong)??;
            let took = begun.elapsed().as_micros();
            self.each.push(u32::try_from(took).unwrap_or(u32::MAX));
        }
        Ok((self.units, self.each))
    }

    async fn piece(&mut self) -> Result<u64, Failure> {
        let Some(client) = &mut self.client else {
            let client = Client::login(&self.target, self.number).await?;
            client.logout().await?;
            return Ok(1);
        };
        match self.kind {
            Kind::Bulk => client.fetch(TEN_MEGABYTES, Checked::Octets).await,
            Kind::Fetch => client.fetch(TEN_MEGABYTES, Checked::Length).await,
            Kind::Noop | Kind::Login | Kind::Idle => client.ask("NOOP").await.map(|()| 1),
        }
    }
}
