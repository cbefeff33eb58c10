//! The warden's loop: which vaults live, who gets the next one, and what is signed.

use std::collections::VecDeque;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant, SystemTime};

use keyreveal::{Identity, KeyId, Promises, Retention, Statement, sign};
use rand_core::CryptoRng;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::WardenError;
use super::control::{Closed, Control};
use super::program::Program;
use super::vaults::{Stage, Vault};
use crate::clock::{now, until};
use crate::frames::{Assigned, FromWarden, NewVaults, NoVault, Ready, ToVault, ToWarden};
use crate::options::WardenOptions;

/// After a vault that did not start, the next is tried when this time has passed.
const REST: Duration = Duration::from_secs(1);

/// How long past its lifetime a vault may take to end itself.
const GRACE: Duration = Duration::from_secs(4);

/// The warden at work.
pub(super) struct Warden<'a> {
    options: &'a WardenOptions,
    identity: Identity,
    program: Program,
    control: Control,
    vaults: Vec<Vault>,
    /// Questions not answered in full; their counts are of the vaults still to be given.
    asked: VecDeque<NewVaults>,
    /// Vaults do not start; not before this moment is another one tried.
    rest_until: Option<Instant>,
}

impl<'a> Warden<'a> {
    pub(super) fn new(
        options: &'a WardenOptions,
        identity: Identity,
        program: Program,
        control: Control,
    ) -> Self {
        Self {
            options,
            identity,
            program,
            control,
            vaults: Vec::new(),
            asked: VecDeque::new(),
            rest_until: None,
        }
    }

    /// Works until the control socket closes; all vaults have ended then.
    pub(super) fn run(mut self, rng: &mut impl CryptoRng) -> Result<Closed, WardenError> {
        let stop = loop {
            if let Err(stop) = self.step(rng) {
                break stop;
            }
        };
        for vault in self.vaults {
            vault.end();
        }
        match stop {
            Stop::Closed => Ok(Closed),
            Stop::Failed(error) => Err(error),
        }
    }

    fn step(&mut self, rng: &mut impl CryptoRng) -> Result<(), Stop> {
        // What is ready is given out before anything else is done: somebody waits for it.
        self.give(rng)?;
        self.control.flush()?;
        self.fill();
        self.turn_down()?;
        let events = self.wait()?;
        self.hear_server(events.control)?;
        for (vault, flags) in self.vaults.iter_mut().zip(events.speaking) {
            if !flags.is_empty() {
                vault.hear();
            }
        }
        self.kill_late();
        self.reap()?;
        Ok(())
    }

    /// Starts as many vaults as are wanted and allowed.
    fn fill(&mut self) {
        if self.rest_until.is_some_and(|until| now() < until) {
            return;
        }
        self.rest_until = None;
        let wanted = self.options.pool.saturating_add(self.wanted());
        while self.warm() < wanted && self.vaults.len() < self.options.live {
            match Vault::start(&self.program, now()) {
                Ok(vault) => self.vaults.push(vault),
                Err(_) => return self.rest(),
            }
        }
    }

    fn rest(&mut self) {
        self.rest_until = now().checked_add(REST);
    }

    /// How many vaults are ready or about to be.
    fn warm(&self) -> usize {
        let warm =
            |vault: &&Vault| matches!(vault.stage(), Stage::Starting { .. } | Stage::Ready { .. });
        self.vaults.iter().filter(warm).count()
    }

    /// How many vaults are asked for.
    fn wanted(&self) -> usize {
        self.asked
            .iter()
            .map(|asked| usize::from(asked.count))
            .sum()
    }

    /// Gives the ready vaults to those who asked first.
    fn give(&mut self, rng: &mut impl CryptoRng) -> Result<(), WardenError> {
        while let Some(first) = self.first_asked()
            && let Some((vault, ready)) = self.ready()
        {
            self.assign(vault, &ready, &first, rng)?;
        }
        Ok(())
    }

    /// Tells those who asked for a vault that none is coming, where none is.
    fn turn_down(&mut self) -> Result<(), WardenError> {
        while self.first_asked().is_some() && self.warm() == 0 {
            let reason = if self.vaults.len() >= self.options.live {
                NoVault::Limit
            } else {
                NoVault::Unavailable
            };
            self.control.send(&FromWarden::None(reason), None)?;
            self.answered();
        }
        Ok(())
    }

    /// The oldest question that still wants a vault.
    fn first_asked(&mut self) -> Option<NewVaults> {
        while self.asked.front().is_some_and(|first| first.count == 0) {
            self.asked.pop_front();
        }
        self.asked.front().cloned()
    }

    fn answered(&mut self) {
        if let Some(first) = self.asked.front_mut() {
            first.count = first.count.saturating_sub(1);
        }
    }

    /// The vault that has been ready for longest, and what it said.
    fn ready(&self) -> Option<(usize, Ready)> {
        let mut vaults = self.vaults.iter().enumerate();
        vaults.find_map(|(index, vault)| match vault.stage() {
            Stage::Ready { ready, .. } => Some((index, ready.clone())),
            Stage::Starting { .. } | Stage::Assigned { .. } | Stage::Condemned => None,
        })
    }

    /// Signs what the vault handed over and hands both to the server. A vault that turns out to be dead is condemned, and no more.
    fn assign(
        &mut self,
        index: usize,
        ready: &Ready,
        asked: &NewVaults,
        rng: &mut impl CryptoRng,
    ) -> Result<(), WardenError> {
        if ready.suite != asked.suite {
            self.control.send(&FromWarden::None(NoVault::Suite), None)?;
            self.answered();
            return Ok(());
        }
        let statement = self.statement(ready, asked, rng);
        let assign = ToVault::Assign {
            statement_payload: statement.payload(),
            lifetime_ms: u32::try_from(self.options.lifetime.as_millis()).unwrap_or(u32::MAX),
        };
        let lifetime = self.options.lifetime.saturating_add(GRACE);
        let until = now().checked_add(lifetime).unwrap_or_else(now);
        let vault = self.vaults.get_mut(index);
        let Some(socket) = vault.and_then(|vault| vault.assign(&assign, statement.key_id, until))
        else {
            return Ok(());
        };
        let assigned = Assigned {
            statement: sign(&statement, &self.identity),
            key_id: statement.key_id,
            expires: statement.expires,
        };
        self.control
            .send(&FromWarden::Vault(assigned), Some(socket))?;
        self.answered();
        Ok(())
    }

    fn statement(&self, ready: &Ready, asked: &NewVaults, rng: &mut impl CryptoRng) -> Statement {
        Statement {
            key_id: KeyId::generate(rng),
            suite: ready.suite,
            public_key: ready.public_key.clone(),
            expires: unix_time().saturating_add(self.options.lifetime.as_secs()),
            channel_binding: asked.channel_binding,
            promises: Promises {
                sandbox: ready.sandbox,
                retention: Retention::None,
            },
            program: self.program.digest(),
        }
    }

    /// Waits for the server, for a starting vault, for the end of any vault, or for the next deadline.
    fn wait(&self) -> Result<Events, WardenError> {
        let deadlines = self
            .vaults
            .iter()
            .filter_map(Vault::until)
            .chain(self.rest_until);
        let timeout = until(deadlines.min());
        let control = self.control.socket();
        let mut fds = vec![PollFd::from_borrowed_fd(
            control,
            self.control.wanted(self.asked.len()),
        )];
        for vault in &self.vaults {
            fds.push(PollFd::from_borrowed_fd(vault.process(), PollFlags::IN));
        }
        let starting: Vec<Option<BorrowedFd<'_>>> =
            self.vaults.iter().map(Vault::starting_socket).collect();
        for socket in starting.iter().flatten() {
            fds.push(PollFd::from_borrowed_fd(*socket, PollFlags::IN));
        }
        match poll(&mut fds, timeout.as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut flags = fds.iter().map(PollFd::revents);
        let control = flags.next().unwrap_or(PollFlags::empty());
        let mut flags = flags.skip(self.vaults.len());
        let speaking = starting
            .iter()
            .map(|socket| {
                socket
                    .and_then(|_| flags.next())
                    .unwrap_or(PollFlags::empty())
            })
            .collect();
        Ok(Events { control, speaking })
    }

    fn hear_server(&mut self, flags: PollFlags) -> Result<(), Closed> {
        if flags.is_empty() || flags == PollFlags::OUT {
            return Ok(());
        }
        for frame in self.control.receive()? {
            let ToWarden::NewVaults(asked) = frame;
            self.asked.push_back(asked);
        }
        Ok(())
    }

    fn kill_late(&mut self) {
        let now = now();
        for vault in &mut self.vaults {
            if vault.until().is_some_and(|until| until <= now) {
                vault.kill();
            }
        }
    }

    /// Lets go of the vaults that have ended.
    fn reap(&mut self) -> Result<(), WardenError> {
        let mut living = Vec::with_capacity(self.vaults.len());
        for mut vault in std::mem::take(&mut self.vaults) {
            match (vault.ended(), vault.stage()) {
                (None, _) => living.push(vault),
                (Some(exit), Stage::Assigned { key_id, .. }) => {
                    let key_id = *key_id;
                    self.control
                        .send(&FromWarden::Ended { key_id, exit }, None)?;
                }
                // A pool whose vaults die must not become a loop that does nothing but start them.
                (Some(_), Stage::Starting { .. } | Stage::Ready { .. } | Stage::Condemned) => {
                    self.rest()
                }
            }
        }
        self.vaults = living;
        Ok(())
    }
}

/// Why the loop ends.
enum Stop {
    /// The server is gone.
    Closed,
    /// The warden cannot go on.
    Failed(WardenError),
}

impl From<Closed> for Stop {
    fn from(_: Closed) -> Self {
        Self::Closed
    }
}

impl From<WardenError> for Stop {
    fn from(error: WardenError) -> Self {
        Self::Failed(error)
    }
}

/// What has happened.
struct Events {
    control: PollFlags,
    /// For each vault, what its socket has while it starts.
    speaking: Vec<PollFlags>,
}

/// Now, in Unix seconds, for the expiry in a statement.
#[expect(
    clippy::disallowed_methods,
    reason = "the warden's loop is a shell: it asks the clock"
)]
fn unix_time() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
