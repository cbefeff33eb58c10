//! `bench transcode-subject`: our transcoder in a process of its own, which obeys the same orders as the peers, and two more:
//! `write FILE OUT OCTETS` makes a picture of at most so many octets; `attachment FILE OUT` takes the file as a stranger's, and
//! answers with what it cost, and with the reason where it is refused.

use std::fs;
use std::io::BufRead as _;
use std::num::{NonZeroU32, NonZeroUsize};

use rustix::process::{Resource, Rlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use transcoder::{Budget, Conversion, Converted, Target, convert};

use crate::failure::Failure;
use crate::load;
use crate::report::median;

/// What all are asked for. The quality is our own default, which is meant to be what others call 75.
const LARGEST: NonZeroU32 = NonZeroU32::new(320).expect("not zero");

/// Nothing of the corpus comes near.
const BUDGET: Budget = Budget {
    input_octets: 1 << 28,
    pixels: 100_000_000,
    samples: 0,
    output_octets: 1 << 26,
    memory: 1 << 30,
};

/// What one vault allows of a picture by default.
const ATTACHMENT: Budget = Budget {
    input_octets: 25 << 20,
    pixels: 50_000_000,
    samples: 0,
    output_octets: 25 << 20,
    memory: 768 << 20,
};

/// The most address space that an attachment may have, the program's own included: who wants more dies of it.
const SPACE: u64 = 2 << 30;

/// Obeys orders until there are none.
pub(crate) fn serve() -> Result<(), Failure> {
    let start = status_field("VmRSS:")?;
    for line in std::io::stdin().lock().lines() {
        let answer = obey(&line?, start);
        load::print(&answer.unwrap_or_else(|why| json!({ "error": why.to_string() })))?;
    }
    Ok(())
}

/// `start`: what was resident before the first order.
fn obey(line: &str, start: i64) -> Result<Value, Failure> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["cpu", repeats, file] => cpu(number(repeats)?, &fs::read(file)?),
        ["peak", file] => peak(&fs::read(file)?),
        ["write", file, out, octets] => {
            let made = small(&fs::read(file)?, NonZeroUsize::new(number(octets)?))?;
            fs::write(out, made.octets.expose())?;
            Ok(described(&made))
        }
        ["attachment", file, out] => attachment(&fs::read(file)?, out, start),
        _ => Err(Failure::Answer(line.to_owned())),
    }
}

fn number(word: &str) -> Result<usize, Failure> {
    word.parse().map_err(|_| Failure::Answer(word.to_owned()))
}

fn described(made: &Converted) -> Value {
    json!({ "octets": made.octets.len(), "width": made.width, "height": made.height })
}

fn small(file: &[u8], octets: Option<NonZeroUsize>) -> Result<Converted, Failure> {
    convert(file, None, &wanted(octets), BUDGET).map_err(|why| Failure::Load(format!("{why:?}")))
}

fn wanted(octets: Option<NonZeroUsize>) -> Conversion {
    Conversion {
        target: Target::Jpeg,
        width: Some(LARGEST),
        height: Some(LARGEST),
        octets,
        frames: None,
    }
}

/// What the conversion took, and what came of it: a picture in `out`, or a reason. Memory is all that is resident at the highest,
/// less the process as it was at its `start` and the file: what earlier conversions left is in it, so it is never too little.
fn attachment(file: &[u8], out: &str, start: i64) -> Result<Value, Failure> {
    let most = Rlimit {
        current: Some(SPACE),
        maximum: Some(SPACE),
    };
    setrlimit(Resource::As, most).map_err(std::io::Error::from)?;
    fs::write("/proc/self/clear_refs", "5")?;
    let before = processor_seconds();
    let made = convert(file, None, &wanted(None), ATTACHMENT);
    let cpu = processor_seconds() - before;
    let taken = status_field("VmHWM:")? - start;
    let mut answer = match made {
        Ok(made) => {
            fs::write(out, made.octets.expose())?;
            described(&made)
        }
        Err(refusal) => json!({ "refused": refusal.to_string() }),
    };
    answer["cpu"] = json!(cpu);
    answer["peak"] = json!(taken - i64::try_from(file.len()).unwrap_or(i64::MAX));
    answer["allowed"] = json!(ATTACHMENT.memory);
    Ok(answer)
}

fn cpu(repeats: usize, file: &[u8]) -> Result<Value, Failure> {
    let mut spent = Vec::new();
    let mut answer = Value::Null;
    for _ in 0..repeats {
        let before = processor_seconds();
        let made = small(file, None)?;
        spent.push(processor_seconds() - before);
        answer = described(&made);
    }
    answer["cpu"] = json!(median(spent));
    Ok(answer)
}

/// Seconds of processor time of this process, in its own code and in the kernel.
pub(crate) fn processor_seconds() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    spent.tv_sec as f64 + spent.tv_nsec as f64 / 1e9
}

/// What resident memory grows by, at its highest. The file is there before.
fn peak(file: &[u8]) -> Result<Value, Failure> {
    // From now on the highest resident memory is counted anew.
    fs::write("/proc/self/clear_refs", "5")?;
    let before = status_field("VmRSS:")?;
    let made = small(file, None)?;
    let peak = status_field("VmHWM:")?;
    drop(made);
    Ok(json!({ "peak": peak - before }))
}

/// A field of `/proc/self/status`, in octets.
fn status_field(name: &str) -> Result<i64, Failure> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let field = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kilobytes: Option<i64> = field.and_then(|field| field.trim().parse().ok());
    Ok(kilobytes.ok_or_else(|| Failure::System(name.to_owned()))? * 1024)
}
