//! `keyhole vault`: one socket, blocking, one thread, one job. Asks the clock and nothing else of the world; must not print, log,
//! open or start anything, and could not: by the time a frame is read the sandbox stands.

mod line;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rand_core::CryptoRng;
use rustix::process::{Signal, set_parent_process_death_signal};
use secret::{PageKind, Pages};

use crate::clock::{next_multiple, now};
use crate::frames::{self, Failure, FromVault, MAX_RUN, REFUSAL, Ready, ToVault};
use crate::job::{Receiving, SUITE, Waiting};
use crate::options::{SecretMemory, VaultOptions};
use crate::sandbox::{self, Role, descriptors};
use line::{Line, LineError};

/// The longest key, with room to spare.
const KEY_ROOM: usize = 64;

/// How long past a deadline the kernel waits before it ends a vault that does not end itself: longer than [`REFUSAL`], which may
/// begin just before the deadline.
const GRACE: Duration = Duration::from_secs(2);

/// Why a vault ended by itself; the exit code of its process.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum End {
    /// The job has its answer, a result or a failure.
    Answered,
    /// A part of the program panicked.
    Panicked,
    /// The sandbox does not stand.
    Unconfined,
    /// There is no memory for a key.
    NoPages,
    /// The other end of the socket is gone.
    Alone,
    /// The time is over.
    Late,
    /// The other end said what it may not say now, or what nobody may.
    Astray,
}

impl End {
    /// The exit code.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Answered => 0,
            Self::Panicked => 1,
            Self::Unconfined => 2,
            Self::NoPages => 3,
            Self::Alone => 4,
            Self::Late => 5,
            Self::Astray => 6,
        }
    }
}

impl From<LineError> for End {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Closed => Self::Alone,
            LineError::Late => Self::Late,
            LineError::Frame => Self::Astray,
        }
    }
}

/// Serves one reveal on the socket that is descriptor 0, and ends. To be called by a process that was executed for it and has one
/// thread; its environment should be empty. `rng` is the system's generator, but in tests.
pub fn run_vault(options: &VaultOptions, rng: &mut impl CryptoRng) -> ExitCode {
    // A message or a backtrace could show what was being worked on.
    std::panic::set_hook(Box::new(|_| {}));
    let end = catch_unwind(AssertUnwindSafe(|| serve(options, rng)));
    let end = end.map_or(End::Panicked, |served| {
        served.err().unwrap_or(End::Answered)
    });
    ExitCode::from(end.code())
}

fn serve(options: &VaultOptions, rng: &mut impl CryptoRng) -> Result<(), End> {
    let room = confined_room(options)?;
    let level = sandbox::apply(
        Role::Vault {
            address_space: options.address_space,
            cpu_seconds: options.cpu_seconds,
        },
        options.requirement,
    )
    .map_err(|_| End::Unconfined)?;
    let waiting = Waiting::new(room, rng);
    let mut line = Line::new(rustix::stdio::stdin());
    line.send(
        &FromVault::Ready(Ready {
            public_key: waiting.public_key(),
            suite: SUITE,
            sandbox: level,
        }),
        None,
    )?;
    assigned(&mut line, waiting, rng)
}

/// What must be done before the sandbox forbids it: let go of what was inherited, and get memory that is not dumped or swapped.
fn confined_room(options: &VaultOptions) -> Result<Pages, End> {
    descriptors::close_from(1);
    descriptors::block_polite_signals().map_err(|_| End::Unconfined)?;
    // For whoever looks at the process list: the program was executed under the name of a descriptor.
    rustix::thread::set_name(c"keyhole-vault").map_err(|_| End::Unconfined)?;
    // If the warden is gone already, the socket says so.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(|_| End::Unconfined)?;
    match options.secret_memory {
        SecretMemory::Auto => Pages::new(KEY_ROOM),
        SecretMemory::Off => Pages::of(PageKind::Locked, KEY_ROOM),
    }
    .map_err(|_| End::NoPages)
}

/// From the assignment to the end.
fn assigned(line: &mut Line<'_>, waiting: Waiting, rng: &mut impl CryptoRng) -> Result<(), End> {
    let (statement_payload, lifetime_ms) = match line.receive(None)? {
        ToVault::Assign {
            statement_payload,
            lifetime_ms,
        } => (statement_payload, lifetime_ms),
        ToVault::Job(_) | ToVault::Octets(_) | ToVault::End => return Err(End::Astray),
    };
    let ready = waiting.assigned(statement_payload);
    let life = end_after(Duration::from_millis(lifetime_ms.into()))?;
    let job = match line.receive(Some(life))? {
        ToVault::Job(job) => job,
        ToVault::Assign { .. } | ToVault::Octets(_) | ToVault::End => return Err(End::Astray),
    };
    let left = life.saturating_duration_since(now());
    let deadline = end_after(left.min(job.limits.deadline()))?;
    let mut receiving = ready.job(&job);
    take_in(line, &mut receiving, deadline)?;
    let ended = now();
    match receiving.end(rng) {
        Ok(sealed) => give_out(line, &sealed, deadline),
        Err(failure) => fail(line, failure, ended),
    }
}

/// Sets a deadline for itself, and one for the kernel, which ends the vault even inside a decoder.
fn end_after(time: Duration) -> Result<Instant, End> {
    let deadline = now().checked_add(time).ok_or(End::Astray)?;
    let seconds = time.saturating_add(GRACE).as_secs().saturating_add(1);
    nix::unistd::alarm::set(u32::try_from(seconds).unwrap_or(u32::MAX));
    Ok(deadline)
}

fn take_in(line: &mut Line<'_>, receiving: &mut Receiving, deadline: Instant) -> Result<(), End> {
    loop {
        let frame = line.frame(Some(deadline))?;
        if let Some(run) = ToVault::run_of(frame)? {
            receiving.take(run);
            continue;
        }
        return match ToVault::of(frame)? {
            ToVault::End => Ok(()),
            ToVault::Octets(_) | ToVault::Assign { .. } | ToVault::Job(_) => Err(End::Astray),
        };
    }
}

fn give_out(line: &mut Line<'_>, sealed: &[u8], deadline: Instant) -> Result<(), End> {
    let octets = u64::try_from(sealed.len()).unwrap_or(u64::MAX);
    line.send(&FromVault::Result { octets }, Some(deadline))?;
    for run in sealed.chunks(MAX_RUN) {
        line.send(&FromVault::Run(run.to_vec()), Some(deadline))?;
    }
    line.send(&FromVault::Done, Some(deadline))?;
    Ok(())
}

/// Every failure takes this way. The time of a refusal is counted from the part's end, and no deadline cuts it short: whoever
/// chooses when the part ends would else choose where the edge lies between what fails early and what fails late.
fn fail(line: &mut Line<'_>, failure: Failure, ended: Instant) -> Result<(), End> {
    if failure == Failure::Refused {
        line.wait(next_multiple(ended, now(), REFUSAL))?;
    }
    line.send(&FromVault::Failed(failure), now().checked_add(GRACE))?;
    Ok(())
}

impl From<frames::FrameError> for End {
    fn from(error: frames::FrameError) -> Self {
        Self::from(LineError::from(error))
    }
}

impl From<frames::FrameError> for LineError {
    fn from(_: frames::FrameError) -> Self {
        Self::Frame
    }
}
