//! CPU time of one conversion, all subjects in turn.

use crate::contest::progress;
use crate::failure::Failure;
use crate::process::Machine;
use crate::relay::Length;
use crate::report::{Goal, Row, median};

use super::Ground;
use super::corpus::{Class, Picture, Process, Sampling, Size};
use super::subjects::{Field, Who, number};

/// A kind of file, and against whom.
struct Contest {
    class: Class,
    versus: &'static [(Who, Option<Goal>)],
}

const fn baseline(size: Size, sampling: Sampling) -> Class {
    Class::Jpeg(size, Process::Baseline, sampling)
}

const fn progressive(size: Size) -> Class {
    Class::Jpeg(size, Process::Progressive, Sampling::S420)
}

const TWELVE: &[(Who, Option<Goal>)] = &[
    (Who::Libvips, Some(Goal::AtMost(0.5))),
    (Who::Sharp, Some(Goal::AtMost(0.65))),
    (Who::Turbojpeg, None),
];
const LARGER: &[(Who, Option<Goal>)] = &[
    (Who::Libvips, Some(Goal::AtMost(0.65))),
    (Who::Sharp, None),
    (Who::Turbojpeg, None),
];
const PROGRESSIVE: &[(Who, Option<Goal>)] = &[
    (Who::Libvips, Some(Goal::AtMost(0.08))),
    (Who::Sharp, None),
    (Who::Turbojpeg, None),
];
const LIBVIPS: &[(Who, Option<Goal>)] = &[(Who::Libvips, None)];

const CONTESTS: [Contest; 15] = [
    Contest {
        class: baseline(Size::Mp12, Sampling::S420),
        versus: TWELVE,
    },
    Contest {
        class: baseline(Size::Mp12, Sampling::S422),
        versus: TWELVE,
    },
    Contest {
        class: baseline(Size::Mp12, Sampling::S444),
        versus: TWELVE,
    },
    Contest {
        class: baseline(Size::Mp24, Sampling::S420),
        versus: LARGER,
    },
    Contest {
        class: baseline(Size::Mp48, Sampling::S420),
        versus: LARGER,
    },
    Contest {
        class: progressive(Size::Mp12),
        versus: PROGRESSIVE,
    },
    Contest {
        class: progressive(Size::Mp48),
        versus: PROGRESSIVE,
    },
    Contest {
        class: Class::Png,
        versus: &[(Who::Libvips, Some(Goal::AtMost(0.5)))],
    },
    Contest {
        class: Class::Screenshot,
        versus: &[(Who::Libvips, Some(Goal::AtMost(0.5)))],
    },
    Contest {
        class: Class::WebP,
        versus: &[(Who::Libvips, Some(Goal::AtMost(1.5)))],
    },
    Contest {
        class: Class::TiffLzw,
        versus: &[(Who::Libvips, Some(Goal::AtMost(1.2)))],
    },
    Contest {
        class: baseline(Size::Mp2, Sampling::S420),
        versus: LIBVIPS,
    },
    Contest {
        class: progressive(Size::Mp2),
        versus: LIBVIPS,
    },
    Contest {
        class: Class::LosslessWebP,
        versus: LIBVIPS,
    },
    Contest {
        class: Class::Tiff,
        versus: LIBVIPS,
    },
];

/// Every kind of file that takes part. What takes long to make and has no goal stays out of a quick run.
pub(crate) fn classes(length: Length) -> Vec<Class> {
    let all = CONTESTS.iter().map(|contest| contest.class);
    let slow = |class: &Class| matches!(class, Class::LosslessWebP | Class::Tiff);
    all.filter(|class| length == Length::Full || !slow(class))
        .collect()
}

/// How often each subject converts a file. Before the first round, each does it once to be warm.
fn rounds(length: Length) -> usize {
    match length {
        Length::Quick => 3,
        Length::Full => 7,
    }
}

/// Holds all contests; what share of the machine others took is added to `foreign`.
pub(crate) fn rows(ground: &Ground, length: Length, foreign: &mut Vec<f64>) -> Vec<Row> {
    let mut field = Field::new(&ground.programs);
    let mut rows = Vec::new();
    let classes = classes(length);
    let takes_part = |contest: &&Contest| classes.contains(&contest.class);
    for contest in CONTESTS.iter().filter(takes_part) {
        let pictures = ground.of(contest.class);
        let mut found = Seconds::of(contest);
        for picture in pictures {
            let before = Machine::now();
            found.measure(&mut field, picture, rounds(length));
            foreign.push(Machine::now().foreign_since(before));
        }
        rows.extend(contest.versus.iter().map(|(peer, goal)| Row {
            name: format!(
                "{} to 320, CPU ms, vs {}",
                contest.class.name(),
                peer.name()
            ),
            ours: found.milliseconds(Who::Ours),
            peer: found.milliseconds(*peer),
            goal: *goal,
        }));
    }
    rows
}

/// Seconds of each subject for each picture.
struct Seconds(Vec<(Who, Result<Vec<f64>, String>)>);

impl Seconds {
    fn of(contest: &Contest) -> Self {
        let peers = contest.versus.iter().map(|(peer, _)| *peer);
        let all = std::iter::once(Who::Ours).chain(peers);
        Self(all.map(|who| (who, Ok(Vec::new()))).collect())
    }

    /// All subjects in turn; a subject's median of the rounds counts. Who fails once takes no further part.
    fn measure(&mut self, field: &mut Field<'_>, picture: &Picture, rounds: usize) {
        let mut found: Vec<Result<Vec<f64>, Failure>> =
            self.0.iter().map(|_| Ok(Vec::new())).collect();
        for round in 0..=rounds {
            for ((who, sum), found) in self.0.iter().zip(&mut found) {
                let (Ok(_), Ok(seconds)) = (sum, &mut *found) else {
                    continue;
                };
                match convert_once(field, *who, picture) {
                    Ok(_) if round == 0 => {}
                    Ok(spent) => seconds.push(spent),
                    Err(why) => *found = Err(why),
                }
            }
        }
        for ((who, sum), found) in self.0.iter_mut().zip(found) {
            note(*who, sum, found, picture);
        }
    }

    /// The median over the pictures.
    fn milliseconds(&self, who: Who) -> Result<f64, String> {
        let found = self.0.iter().find(|(found, _)| *found == who);
        let seconds = found.map_or_else(|| Ok(Vec::new()), |(_, seconds)| seconds.clone())?;
        let middle = median(seconds).ok_or_else(|| "no picture".to_owned())?;
        Ok(middle * 1e3)
    }
}

fn convert_once(field: &mut Field<'_>, who: Who, picture: &Picture) -> Result<f64, Failure> {
    let answer = field.ask(who, &format!("cpu 1 {}", picture.path.display()))?;
    number(&answer, "cpu")
}

fn note(
    who: Who,
    sum: &mut Result<Vec<f64>, String>,
    found: Result<Vec<f64>, Failure>,
    picture: &Picture,
) {
    let Ok(pictures) = sum else { return };
    let middle = found.and_then(|rounds| median(rounds).ok_or(Failure::Closed));
    progress(
        &format!("{}, {}, CPU s", picture.name(), who.name()),
        &middle,
    );
    match middle {
        Ok(middle) => pictures.push(middle),
        Err(why) => *sum = Err(format!("{}: {why}", picture.name())),
    }
}
