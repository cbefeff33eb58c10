//! `transcode`: pictures made small, beside libvips, libjpeg-turbo and sharp; and what opening and revealing add. `docs/bench.md`
//! tells what each row is.

mod cipher;
mod corpus;
mod dssim;
mod memory;
mod ours;
mod quality;
mod reveal;
mod screenshot;
mod speed;
pub(crate) mod subjects;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::tests::harness::scratch::Scratch;
use clap::ValueEnum;

use crate::contest::progress;
use crate::failure::Failure;
use crate::process::Machine;
use crate::relay::Length;
use crate::report::{self, Row};

use corpus::{Class, Picture};
use subjects::Programs;

pub(crate) use cipher::serve as cipher_subject;
pub(crate) use ours::serve as subject;

#[derive(clap::Args)]
pub(crate) struct TranscodeArguments {
    /// Three photographs in three rounds: under four minutes.
    #[arg(long)]
    quick: bool,
    /// Prints one line of JSON and nothing else.
    #[arg(long)]
    json: bool,
    /// Only these parts.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Part>,
    /// Only so many photographs, to try something out.
    #[arg(long)]
    photographs: Option<usize>,
}

/// A part of the run.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Part {
    /// CPU of one conversion.
    Speed,
    /// Memory of one conversion.
    Memory,
    /// DSSIM at equal octets.
    Quality,
    /// Opening an encrypted part.
    Cipher,
    /// A whole reveal.
    Reveal,
}

/// What all parts need.
pub(crate) struct Ground {
    pictures: Vec<Picture>,
    programs: Programs,
    folder: PathBuf,
}

impl Ground {
    fn prepare(folder: &Path, classes: &[Class], photographs: usize) -> Result<Self, Failure> {
        let ground = Self {
            programs: Programs::build(folder)?,
            pictures: corpus::make(folder, classes, photographs)?,
            folder: folder.to_owned(),
        };
        let files = ground.pictures.len();
        progress("corpus", &Ok(format!("{files} files")));
        Ok(ground)
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &Picture> {
        let all = self.pictures.iter();
        all.filter(move |picture| picture.class == class)
    }

    fn rows(&self, part: Part, length: Length, foreign: &mut Vec<f64>) -> Vec<Row> {
        let before = Machine::now();
        let rows = match part {
            Part::Speed => return speed::rows(self, length, foreign),
            Part::Memory => return memory::rows(self),
            Part::Quality => return quality::rows(self, length),
            Part::Cipher => cipher::rows(),
            Part::Reveal => reveal::rows(self, length),
        };
        foreign.push(Machine::now().foreign_since(before));
        rows
    }
}

/// The files that these parts need.
fn classes(parts: &[Part], length: Length) -> Vec<Class> {
    let many = |part: &Part| matches!(part, Part::Speed | Part::Memory | Part::Quality);
    if parts.iter().any(many) {
        speed::classes(length)
    } else if parts.contains(&Part::Reveal) {
        vec![reveal::CLASS]
    } else {
        Vec::new()
    }
}

/// Measures, and prints a table and JSON.
pub(crate) fn run(arguments: &TranscodeArguments) -> Result<ExitCode, Failure> {
    let length = if arguments.quick {
        Length::Quick
    } else {
        Length::Full
    };
    let wanted = |part: &Part| arguments.only.is_empty() || arguments.only.contains(part);
    let scratch = Scratch::new();
    let parts = Part::value_variants().iter().copied().filter(wanted);
    let parts: Vec<Part> = parts.collect();
    let photographs = arguments
        .photographs
        .unwrap_or_else(|| corpus::photographs(length));
    let ground = Ground::prepare(scratch.path(), &classes(&parts, length), photographs)?;
    let (mut rows, mut foreign) = (Vec::new(), Vec::new());
    for part in parts {
        rows.extend(ground.rows(part, length, &mut foreign));
    }
    if !arguments.json {
        writeln!(std::io::stdout(), "{}", report::to_table(&rows, &foreign))?;
    }
    writeln!(std::io::stdout(), "{}", report::to_json(&rows, &foreign))?;
    Ok(ExitCode::SUCCESS)
}
