//! Runs tests one after the other, with the part of libtest's command line that cargo and people use.

use std::panic::catch_unwind;
use std::process::ExitCode;

/// A test and its name.
pub(crate) type Test = (&'static str, fn());

pub(crate) fn run(groups: &[&[Test]]) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let filters: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wanted = |name: &str| {
        filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()))
    };
    let tests: Vec<Test> = groups
        .iter()
        .flat_map(|group| group.iter())
        .copied()
        .collect();
    if arguments.iter().any(|argument| argument == "--list") {
        tests.iter().for_each(|(name, _)| eprintln!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let mut failed = Vec::new();
    for (name, test) in tests.into_iter().filter(|(name, _)| wanted(name)) {
        let outcome = catch_unwind(test);
        eprintln!(
            "test {name} ... {}",
            if outcome.is_ok() { "ok" } else { "FAILED" }
        );
        if outcome.is_err() {
            failed.push(name);
        }
    }
    eprintln!("failed: {failed:?}");
    ExitCode::from(u8::from(!failed.is_empty()))
}
