//! What a process and all below it take of the machine, read from `/proc`.

use std::fs;
use std::time::Instant;

use ::tests::harness::keyhole::descendants;
use ::tests::harness::wait::now;
use rustix::param::clock_ticks_per_second;
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

/// A process and all below it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree(pub(crate) u32);

impl Tree {
    /// Their ids.
    pub(crate) fn processes(self) -> Vec<u32> {
        let mut all = vec![self.0];
        all.extend(descendants(self.0));
        all
    }

    /// Seconds of processor time of all of them, in their own code and in the kernel, those that have ended and were waited for included.
    pub(crate) fn cpu_seconds(self) -> f64 {
        let ticks: u64 = self.processes().into_iter().filter_map(ticks).sum();
        ticks as f64 / clock_ticks_per_second() as f64
    }

    /// The same to the nanosecond, for threads that still run.
    fn fine_cpu_seconds(self) -> f64 {
        let nanoseconds: u64 = self.processes().into_iter().map(nanoseconds).sum();
        nanoseconds as f64 / 1e9
    }

    /// Octets of memory that are theirs alone: what they allocated, not what they mapped from files.
    pub(crate) fn private_octets(self) -> u64 {
        self.processes().into_iter().map(private).sum()
    }

    /// Octets of memory that are resident, the programs' own files included.
    pub(crate) fn resident_octets(self) -> u64 {
        let resident = |process: u32| fields(&format!("/proc/{process}/status"), &["VmRSS:"]);
        self.processes().into_iter().filter_map(resident).sum()
    }
}

/// What the whole machine has worked, and what of that was ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    all: f64,
    ours: f64,
    at: Instant,
}

impl Machine {
    /// As it is now. Ours are this process and all below it.
    pub(crate) fn now() -> Self {
        Self {
            all: busy_seconds().unwrap_or(0.0),
            ours: Tree(std::process::id()).cpu_seconds(),
            at: now(),
        }
    }

    /// The share of the machine that others have taken since `before`: where it is not small, what was measured meanwhile says little.
    pub(crate) fn foreign_since(self, before: Self) -> f64 {
        let foreign = (self.all - before.all) - (self.ours - before.ours);
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let whole = self.at.duration_since(before.at).as_secs_f64() * processors as f64;
        (foreign / whole.max(0.001)).clamp(0.0, 1.0)
    }
}

/// Time of all processors in programs and in the kernel on their behalf, and time that the machine's own host took away. Interrupts
/// are nobody's.
fn busy_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/stat").ok()?;
    let fields: Vec<u64> = text
        .lines()
        .next()?
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    let (user, nice, system, steal) = (
        fields.first()?,
        fields.get(1)?,
        fields.get(2)?,
        fields.get(7)?,
    );
    Some((user + nice + system + steal) as f64 / clock_ticks_per_second() as f64)
}

/// Kills processes of ours, by their ids. One that has ended already is none any more.
pub(crate) fn kill(processes: &[u32]) {
    for process in processes {
        signal(*process, Signal::KILL);
    }
}

/// Sends a signal to a process of ours.
pub(crate) fn signal(process: u32, signal: Signal) {
    if let Some(id) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        kill_process(id, signal).ok();
    }
}

/// Processor time of a tree at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    coarse: f64,
    fine: f64,
}

impl Spent {
    /// As it is now.
    pub(crate) fn by(tree: Tree) -> Self {
        Self {
            coarse: tree.cpu_seconds(),
            fine: tree.fine_cpu_seconds(),
        }
    }

    /// Seconds since `before`: to the nanosecond, unless threads have ended meanwhile and taken theirs with them.
    pub(crate) fn since(self, before: Self) -> f64 {
        let (coarse, fine) = (self.coarse - before.coarse, self.fine - before.fine);
        if (coarse - fine).abs() <= COARSE {
            fine
        } else {
            coarse
        }
    }
}

/// What both ways of reading may differ by: a tick or two of each of some processes.
const COARSE: f64 = 0.08;

/// The sum over a process's threads.
fn nanoseconds(process: u32) -> u64 {
    let tasks = fs::read_dir(format!("/proc/{process}/task"));
    let each = tasks.into_iter().flatten().flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    each.sum()
}

/// utime, stime, cutime and cstime of `/proc/PID/stat`.
fn ticks(process: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may hold anything, a parenthesis too.
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let four = fields.get(11..15)?;
    four.iter().map(|field| field.parse::<u64>().ok()).sum()
}

/// Anonymous memory, a page that several processes share counted for each in part; where that is not shown, in full.
fn private(process: u32) -> u64 {
    let shared_out = fields(
        &format!("/proc/{process}/smaps_rollup"),
        &["Pss_Anon:", "Pss_Shmem:"],
    );
    let in_full = || {
        fields(
            &format!("/proc/{process}/status"),
            &["RssAnon:", "RssShmem:"],
        )
    };
    shared_out.or_else(in_full).unwrap_or(0)
}

/// The sum of fields given in kB, in octets.
fn fields(path: &str, names: &[&str]) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let field = |name: &&str| {
        let line = text.lines().find_map(|line| line.strip_prefix(*name))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()
    };
    let kilobytes: Option<u64> = names.iter().map(field).sum();
    Some(kilobytes? * 1024)
}

/// Allows this process, and those that it starts, as many descriptors as the machine lets it have, and tells how many.
pub(crate) fn raise_descriptors() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: maximum,
        maximum,
    };
    // What was allowed before stays allowed.
    setrlimit(Resource::Nofile, most).ok();
    getrlimit(Resource::Nofile).current.unwrap_or(1 << 20)
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn work_and_memory_of_this_process_are_seen() {
        let own = Tree(std::process::id());
        let before = own.cpu_seconds();
        let mut filled = vec![1_u8; 32 << 20];
        while own.cpu_seconds() < before + 0.05 {
            filled
                .iter_mut()
                .for_each(|octet| *octet = octet.wrapping_mul(3));
        }
        let with = own.private_octets();
        drop(std::hint::black_box(filled));
        assert!(own.private_octets() + (16 << 20) < with);
        assert!(own.resident_octets() > 0);
    }
}
