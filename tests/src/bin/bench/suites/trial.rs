//! One file, taken as a stranger's attachment by us and by libvips.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use crate::failure::Failure;
use crate::transcode::subjects::{Field, Programs, Who, number};

use super::difference::{Difference, between};

/// The processor time that one file may take, in seconds; and after how long on the clock it is given up.
const PROCESSOR: f64 = 10.0;
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of one file.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// Where it is.
    pub(crate) file: PathBuf,
    pub(crate) ours: Ours,
    /// What it took more of than it may.
    pub(crate) over: Option<Over>,
    pub(crate) beside: Beside,
}

/// What we made of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Ours {
    Converted,
    /// The reason.
    Refused(String),
    /// The process ended: a panic, most likely, of which it has told on standard error.
    Died,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Over {
    Time,
    Memory,
}

impl Over {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Memory => "memory",
        }
    }
}

/// What libvips made of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Beside {
    /// Both have a picture.
    Both(Difference),
    OursOnly,
    TheirsOnly,
    Neither,
    /// There is no libvips.
    Unknown,
}

/// Both subjects, and where their files are.
pub(crate) struct Bench<'a> {
    field: Field<'a>,
    without_libvips: Option<Failure>,
    file: PathBuf,
    ours: PathBuf,
    theirs: PathBuf,
}

impl<'a> Bench<'a> {
    /// Works in `folder`.
    pub(crate) fn new(programs: &'a Programs, folder: &Path) -> Self {
        Self {
            field: Field::new(programs),
            without_libvips: programs.start(Who::Libvips).err(),
            file: folder.join("file"),
            ours: folder.join("ours.jpg"),
            theirs: folder.join("theirs.jpg"),
        }
    }

    /// Why nothing is compared.
    pub(crate) fn without_libvips(&self) -> Option<&Failure> {
        self.without_libvips.as_ref()
    }

    /// Lets both convert `file`.
    pub(crate) fn convert(&mut self, file: &Path) -> Result<Trial, Failure> {
        // Orders take no spaces, and paths no longer than a line.
        if self.file.is_symlink() {
            fs::remove_file(&self.file)?;
        }
        symlink(file, &self.file)?;
        let (ours, over) = self.ours()?;
        let beside = match self.without_libvips {
            Some(_) => Beside::Unknown,
            None => self.beside(&ours)?,
        };
        Ok(Trial {
            file: file.to_owned(),
            ours,
            over,
            beside,
        })
    }

    fn ours(&mut self) -> Result<(Ours, Option<Over>), Failure> {
        let order = format!("attachment {} {}", self.file.display(), self.ours.display());
        match self.field.ask_within(Who::Ours, &order, PATIENCE) {
            Ok(answer) => Ok((came(&answer), over(&answer)?)),
            Err(Failure::TooLong) => Ok((Ours::Died, Some(Over::Time))),
            Err(Failure::Closed) => Ok((Ours::Died, None)),
            Err(why) => Err(why),
        }
    }

    fn beside(&mut self, ours: &Ours) -> Result<Beside, Failure> {
        let order = format!("seen {} {}", self.file.display(), self.theirs.display());
        let theirs = match self.field.ask_within(Who::Libvips, &order, PATIENCE) {
            Ok(_) => true,
            // It refuses, or has died of the file.
            Err(Failure::Load(_) | Failure::Closed | Failure::TooLong) => false,
            Err(why) => return Err(why),
        };
        Ok(match (*ours == Ours::Converted, theirs) {
            (true, true) => Beside::Both(between(&self.ours, &self.theirs)?),
            (true, false) => Beside::OursOnly,
            (false, true) => Beside::TheirsOnly,
            (false, false) => Beside::Neither,
        })
    }
}

fn came(answer: &Value) -> Ours {
    let refused = answer.get("refused").and_then(Value::as_str);
    refused.map_or(Ours::Converted, |reason| Ours::Refused(reason.to_owned()))
}

fn over(answer: &Value) -> Result<Option<Over>, Failure> {
    Ok(if number(answer, "cpu")? > PROCESSOR {
        Some(Over::Time)
    } else if number(answer, "peak")? > number(answer, "allowed")? {
        Some(Over::Memory)
    } else {
        None
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Ours, Over, came, over};

    #[test]
    fn what_takes_more_than_it_may_is_told() {
        let of = |cpu: f64, peak: u64| {
            over(&json!({ "cpu": cpu, "peak": peak, "allowed": 1000 })).unwrap()
        };
        assert_eq!(of(9.9, 1000), None);
        assert_eq!(of(10.1, 1000), Some(Over::Time));
        assert_eq!(of(0.1, 1001), Some(Over::Memory));
        assert!(over(&json!({ "peak": 1 })).is_err());
    }

    #[test]
    fn a_refusal_has_its_reason() {
        assert_eq!(came(&json!({ "width": 3 })), Ours::Converted);
        let refused = came(&json!({ "refused": "truncated" }));
        assert_eq!(refused, Ours::Refused("truncated".to_owned()));
    }
}
