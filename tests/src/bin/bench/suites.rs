//! `suites`: the files with which image libraries are tested, as Debian's source packages ship them: broken ones, odd ones, and such
//! as nobody has seen for thirty years. Each is taken as a stranger's attachment. `docs/bench.md` tells what is told of it.

mod archive;
mod difference;
mod files;
mod tally;
mod trial;

use std::io::Write as _;
use std::process::ExitCode;

use ::tests::harness::scratch::Scratch;

use crate::contest::progress;
use crate::failure::Failure;
use crate::transcode::subjects::Programs;

use archive::Archive;
use tally::Suite;
use trial::Bench;

/// Source packages with pictures in their tests, by their names in Debian.
const PACKAGES: [&str; 8] = [
    "libjpeg-turbo",
    "libpng1.6",
    "tiff",
    "giflib",
    "libwebp",
    "pillow",
    "libgd2",
    "gdk-pixbuf",
];

#[derive(clap::Args)]
pub(crate) struct SuitesArguments {
    /// Prints one line of JSON and nothing else.
    #[arg(long)]
    json: bool,
    /// Only these source packages, which may be others than those that are taken unasked.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

impl SuitesArguments {
    fn packages(&self) -> Vec<String> {
        if self.only.is_empty() {
            PACKAGES.map(str::to_owned).into()
        } else {
            self.only.clone()
        }
    }
}

/// Converts all files of all packages. The last line is JSON; the exit code tells whether a conversion died or took more than it may.
pub(crate) fn run(arguments: &SuitesArguments) -> Result<ExitCode, Failure> {
    let scratch = Scratch::new();
    let programs = Programs::build_libvips(scratch.path())?;
    let mut bench = Bench::new(&programs, scratch.path());
    let archive = Archive::open(scratch.path());
    let mut suites = Vec::new();
    for package in arguments.packages() {
        let suite = suite(&mut bench, &archive, package);
        progress(&suite.package, &Ok::<_, Failure>(suite.line()));
        suites.push(suite);
    }
    if !arguments.json {
        writeln!(std::io::stdout(), "{}", tally::to_table(&suites))?;
    }
    let whole = tally::to_json(&suites, bench.without_libvips());
    writeln!(std::io::stdout(), "{whole}")?;
    Ok(if tally::hold(&suites) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn suite(bench: &mut Bench<'_>, archive: &Result<Archive, Failure>, package: String) -> Suite {
    let trials = archive
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|archive| archive.unpack(&package))
        .and_then(|folder| files::pictures(&folder))
        .and_then(|pictures| {
            let trials = pictures.iter().map(|picture| bench.convert(picture));
            trials.collect()
        });
    Suite { package, trials }
}
