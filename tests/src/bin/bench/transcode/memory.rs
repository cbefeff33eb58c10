//! What resident memory grows by in one conversion, in a fresh process each time.

use crate::contest::progress;
use crate::failure::Failure;
use crate::report::{Goal, Row, median};

use super::Ground;
use super::corpus::{Class, Picture};
use super::subjects::{Programs, Who, number};

/// The limit for any JPEG file, in MiB.
const LIMIT: f64 = 8.0;
const MIB: f64 = 1024.0 * 1024.0;

/// The most that any JPEG takes, and what the other files take in the middle.
pub(crate) fn rows(ground: &Ground) -> Vec<Row> {
    let all = |pleases: fn(Class) -> bool| -> Vec<&Picture> {
        let files = ground.pictures.iter();
        files.filter(|picture| pleases(picture.class)).collect()
    };
    let jpeg = all(Class::is_jpeg);
    let png = all(|class| matches!(class, Class::Png));
    let rest = all(|class| !class.is_jpeg() && class != Class::Png);
    let ours = most(ground, Who::Ours, &jpeg);
    let what = "a JPEG job's peak memory less the file, MiB, the most of all";
    let versus = |peer: Who| Row {
        name: format!("{what}, vs {}", peer.name()),
        ours: ours.clone(),
        peer: most(ground, peer, &jpeg),
        goal: None,
    };
    let middle_of = |what: &str, pictures: &[&Picture]| Row {
        name: format!("{what}: peak memory less the file, MiB, vs libvips"),
        ours: middle(ground, Who::Ours, pictures),
        peer: middle(ground, Who::Libvips, pictures),
        goal: None,
    };
    vec![
        Row {
            name: format!("{what}, vs the limit"),
            ours: ours.clone(),
            peer: Ok(LIMIT),
            goal: Some(Goal::AtMost(1.0)),
        },
        versus(Who::Libvips),
        versus(Who::Sharp),
        middle_of("12 MP PNG", &png),
        middle_of("screenshots, WebP and TIFF", &rest),
    ]
}

fn most(ground: &Ground, who: Who, pictures: &[&Picture]) -> Result<f64, String> {
    let all = peaks(ground, who, pictures)?;
    let most = all.into_iter().reduce(f64::max);
    most.ok_or_else(|| "no picture".to_owned())
}

fn middle(ground: &Ground, who: Who, pictures: &[&Picture]) -> Result<f64, String> {
    let all = peaks(ground, who, pictures)?;
    median(all).ok_or_else(|| "no picture".to_owned())
}

fn peaks(ground: &Ground, who: Who, pictures: &[&Picture]) -> Result<Vec<f64>, String> {
    let peak = |picture: &&Picture| {
        let found = peak(&ground.programs, who, picture);
        let what = format!("{}, {}, peak MiB", picture.name(), who.name());
        progress(&what, &found);
        found.map_err(|why| format!("{}: {why}", picture.name()))
    };
    pictures.iter().map(peak).collect()
}

fn peak(programs: &Programs, who: Who, picture: &Picture) -> Result<f64, Failure> {
    let mut fresh = programs.start(who)?;
    let answer = fresh.ask(&format!("peak {}", picture.path.display()))?;
    Ok(number(&answer, "peak")? / MIB)
}
