//! `fuzz`: the transcoder's fuzz targets, one format after the other, each as often as it is told.
//!
//! A target is a test whose module or program is named for it (`fuzz`), and bolero takes the number from its own variable.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use ::tests::harness::wait::now;
use serde_json::{Value, json};

use crate::contest::progress;
use crate::failure::Failure;

/// The variable with which bolero is told how often a target runs, whatever the target says itself.
const ITERATIONS: &str = "BOLERO_RANDOM_ITERATIONS";

/// How much of what a failed target said is kept.
const SHOWN: usize = 2000;

#[derive(clap::Args)]
pub(crate) struct FuzzArguments {
    /// How often each target runs.
    #[arg(long, default_value_t = 1_000_000)]
    executions: u64,
    /// Only targets with this in their name.
    #[arg(long)]
    only: Option<String>,
    /// The crate.
    #[arg(long, default_value = "transcoder")]
    package: String,
}

/// A fuzz target: a test of a program.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Target {
    program: PathBuf,
    test: String,
    name: String,
}

/// Runs all targets. The last line is JSON; the exit code tells whether one failed.
pub(crate) fn run(arguments: &FuzzArguments) -> Result<ExitCode, Failure> {
    let pleases = |target: &Target| {
        let wanted = arguments.only.as_deref();
        wanted.is_none_or(|wanted| target.name.contains(wanted))
    };
    let targets = targets(&arguments.package)?;
    let mut done = Vec::new();
    for target in targets.into_iter().filter(pleases) {
        let came = execute(&target, arguments.executions)?;
        progress(&target.name, &Ok::<_, Failure>(&came));
        done.push(came);
    }
    let failures = done.iter().filter(|came| came["failures"] != 0).count();
    let whole = json!({ "failures": failures, "targets": done });
    writeln!(std::io::stdout(), "{whole}")?;
    let held = failures == 0 && !done.is_empty();
    Ok(if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn execute(target: &Target, executions: u64) -> Result<Value, Failure> {
    let begun = now();
    let ended = Command::new(&target.program)
        .args([&target.test, "--exact", "--nocapture"])
        .env(ITERATIONS, executions.to_string())
        .output()?;
    let seconds = (begun.elapsed().as_secs_f64() * 1e3).round() / 1e3;
    let mut came = json!({
        "name": target.name,
        "executions": executions,
        "failures": u8::from(!ended.status.success()),
        "seconds": seconds,
    });
    if !ended.status.success() {
        let said = [ended.stdout, ended.stderr].concat();
        let from = said.len().saturating_sub(SHOWN);
        came["error"] = json!(String::from_utf8_lossy(&said[from..]));
    }
    Ok(came)
}

/// Builds the crate's tests, and finds the targets among them.
fn targets(package: &str) -> Result<Vec<Target>, Failure> {
    let mut command = Command::new("cargo");
    command.args(["test", "--release", "--locked", "--no-run", "--tests"]);
    command.args([
        "--message-format",
        "json-render-diagnostics",
        "--package",
        package,
    ]);
    let built = command.stderr(std::process::Stdio::inherit()).output()?;
    if !built.status.success() {
        let why = "its tests do not build".to_owned();
        return Err(Failure::Ended("cargo".to_owned(), why));
    }
    let messages = String::from_utf8_lossy(&built.stdout).into_owned();
    let mut found = Vec::new();
    for program in messages.lines().filter_map(program) {
        let listed = Command::new(&program)
            .args(["--list", "--format", "terse"])
            .output()?;
        let tests = String::from_utf8_lossy(&listed.stdout).into_owned();
        found.extend(tests.lines().filter_map(|line| target(&program, line)));
    }
    Ok(found)
}

/// The program of a line of cargo's, if it tells of a test that was built.
fn program(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    let is_test = message["profile"]["test"] == true;
    let program = message["executable"].as_str().filter(|_| is_test)?;
    Some(program.into())
}

/// The target of a line of a program's list.
fn target(program: &Path, line: &str) -> Option<Target> {
    let test = line.strip_suffix(": test")?;
    let file = program.file_stem()?.to_string_lossy();
    // Cargo's hash of how it was built is behind the name.
    let (file, _) = file.rsplit_once('-')?;
    let is_target =
        file.starts_with("fuzz") || test.split("::").any(|part| part.starts_with("fuzz"));
    is_target.then(|| Target {
        program: program.to_owned(),
        test: test.to_owned(),
        name: format!("{file} {test}"),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::target;

    #[test]
    fn a_target_is_named_so_by_its_program_or_its_module() {
        let name =
            |program: &str, line: &str| target(Path::new(program), line).map(|found| found.name);
        let found = name("deps/pictures-0a1b", "fuzz::gif_holds: test");
        assert_eq!(found.as_deref(), Some("pictures fuzz::gif_holds"));
        let found = name("deps/fuzz_jpeg-0a1b", "scaled_holds: test");
        assert_eq!(found.as_deref(), Some("fuzz_jpeg scaled_holds"));
        let found = name("deps/outside-0a1b", "fuzz_entity::holds: test");
        assert_eq!(found.as_deref(), Some("outside fuzz_entity::holds"));
        assert_eq!(name("deps/pictures-0a1b", "hostile::bomb: test"), None);
        assert_eq!(name("deps/fuzz_jpeg-0a1b", "3 tests, 0 benchmarks"), None);
    }
}
