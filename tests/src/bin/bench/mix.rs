//! The sessions of the soak: each sends batches of commands in one piece and expects the answers one after the other, each octet known.

mod exchange;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use ::tests::harness::wait::now;
use clap::Args;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::client::{Client, Target};
use crate::failure::Failure;
use crate::load::print;
use exchange::Exchange;

/// How long a batch may take before it counts as lost.
const BATCH: Duration = Duration::from_secs(30);

/// One batch in so many is an IDLE, an APPEND whose literal waits to be asked for, a new connection.
const IDLE_IN: u32 = 12;
const APPEND_IN: u32 = 20;
const LEAVE_IN: u32 = 60;

/// The most commands in a batch.
const LONGEST: u32 = 6;

/// What is to be done.
#[derive(Args, Debug)]
pub(crate) struct MixArguments {
    #[arg(long)]
    address: std::net::SocketAddr,
    #[arg(long)]
    authority: PathBuf,
    #[arg(long)]
    sessions: u32,
    #[arg(long)]
    seconds: u64,
    #[arg(long)]
    rest: u32,
    #[arg(long)]
    seed: u64,
}

/// What came of some sessions.
#[derive(Default)]
struct Tally {
    commands: u64,
    octets: u64,
    logins: u64,
    /// Answers that were not their command's.
    desynchronised: u64,
    /// Connections that were lost or refused.
    failed: u64,
    first_trouble: Option<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.commands += other.commands;
        self.octets += other.octets;
        self.logins += other.logins;
        self.desynchronised += other.desynchronised;
        self.failed += other.failed;
        self.first_trouble = self.first_trouble.take().or(other.first_trouble);
    }

    fn note(&mut self, why: &Failure) {
        match why {
            Failure::Answer(_) => self.desynchronised += 1,
            Failure::NotStarted(..)
            | Failure::Ended(..)
            | Failure::NotListening(..)
            | Failure::System(_)
            | Failure::Tls(_)
            | Failure::Closed
            | Failure::TooLong
            | Failure::Load(_) => self.failed += 1,
        }
        if self.first_trouble.is_none() {
            self.first_trouble = Some(why.to_string());
        }
    }
}

/// Opens the sessions one after the other and lets them work until the time is over.
pub(crate) async fn run(arguments: MixArguments) -> Result<(), Failure> {
    let target = Target::new(arguments.address, &arguments.authority, 16 * 1024)?;
    let until = now() + Duration::from_secs(arguments.seconds);
    print(&json!("ready"))?;
    let mut sessions = JoinSet::new();
    for number in 0..arguments.sessions {
        let chance = Chance(arguments.seed.wrapping_mul(1 << 20) + u64::from(number));
        let session = Session {
            target: target.clone(),
            number,
            chance,
            rest: arguments.rest,
            until,
            tally: Tally::default(),
        };
        sessions.spawn(session.run());
    }
    let mut tally = Tally::default();
    while let Some(done) = sessions.join_next().await {
        tally.add(done.map_err(|error| Failure::Load(error.to_string()))?);
    }
    print(&json!({
        "commands": tally.commands,
        "octets": tally.octets,
        "logins": tally.logins,
        "desynchronised": tally.desynchronised,
        "failed": tally.failed,
        "first_trouble": tally.first_trouble,
    }))
}

/// Random choices that can be made again (xorshift*).
pub(crate) struct Chance(u64);

impl Chance {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u32::try_from((mixed >> 32) % u64::from(bound.max(1))).unwrap_or(0)
    }

    fn one_in(&mut self, bound: u32) -> Pick {
        match self.below(bound) {
            0 => Pick::This,
            1.. => Pick::Another,
        }
    }
}

#[derive(Eq, PartialEq)]
enum Pick {
    This,
    Another,
}

struct Session {
    target: Target,
    number: u32,
    chance: Chance,
    rest: u32,
    until: Instant,
    tally: Tally,
}

impl Session {
    async fn run(mut self) -> Tally {
        // Not all at once.
        let first = self.chance.below(2000);
        sleep(Duration::from_millis(first.into())).await;
        while now() < self.until {
            if let Err(why) = self.connection().await {
                self.tally.note(&why);
                sleep(Duration::from_millis(200)).await;
            }
        }
        self.tally
    }

    /// One connection, from its login to its logout.
    async fn connection(&mut self) -> Result<(), Failure> {
        let login = timeout(BATCH, Client::login(&self.target, self.number)).await;
        let mut client = login.map_err(|_| Failure::TooLong)??;
        self.tally.logins += 1;
        client.ask("SELECT INBOX").await?;
        while now() < self.until && self.chance.one_in(LEAVE_IN) == Pick::Another {
            let batch = timeout(BATCH, self.batch(&mut client)).await;
            batch.map_err(|_| Failure::TooLong)??;
            client.rest();
            let rest = self.chance.below(self.rest * 2);
            sleep(Duration::from_millis(rest.into())).await;
        }
        timeout(BATCH, client.logout())
            .await
            .map_err(|_| Failure::TooLong)?
    }

    async fn batch(&mut self, client: &mut Client) -> Result<(), Failure> {
        if self.chance.one_in(IDLE_IN) == Pick::This {
            self.tally.commands += 1;
            let wait = Duration::from_millis(self.chance.below(self.rest * 4).into());
            return exchange::idle(client, wait).await;
        }
        if self.chance.one_in(APPEND_IN) == Pick::This {
            self.tally.commands += 1;
            self.tally.octets += exchange::append_waiting(client, &mut self.chance).await?;
            return Ok(());
        }
        let exchanges: Vec<(String, Exchange)> = (0..=self.chance.below(LONGEST))
            .map(|_| (client.tag(), Exchange::draw(&mut self.chance)))
            .collect();
        let mut octets = Vec::new();
        for (tag, exchange) in &exchanges {
            exchange.write(tag, &mut octets);
        }
        client.send(&octets).await?;
        for (tag, exchange) in &exchanges {
            self.tally.octets += exchange.read(tag, client).await?;
            self.tally.commands += 1;
        }
        Ok(())
    }
}
