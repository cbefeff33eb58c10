//! What came of all files, for people and for machines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::failure::Failure;

use super::difference::Difference;
use super::trial::{Beside, Ours, Trial};

/// Pictures that differ by more than so many levels do not look the same; two encoders at their usual setting differ by one or two.
const ALIKE: f64 = 12.0;

/// A package with what came of its files.
pub(crate) struct Suite {
    pub(crate) package: String,
    pub(crate) trials: Result<Vec<Trial>, Failure>,
}

impl Suite {
    fn trials(&self) -> &[Trial] {
        self.trials.as_deref().unwrap_or_default()
    }

    fn count(&self, pleases: impl Fn(&Trial) -> bool) -> usize {
        self.trials().iter().filter(|trial| pleases(trial)).count()
    }

    fn converted(&self) -> usize {
        self.count(|trial| trial.ours == Ours::Converted)
    }

    fn died(&self) -> usize {
        self.count(is_death)
    }

    fn over(&self) -> usize {
        self.count(|trial| trial.over.is_some())
    }

    fn refused(&self) -> BTreeMap<&str, usize> {
        let mut reasons = BTreeMap::new();
        for trial in self.trials() {
            if let Ours::Refused(reason) = &trial.ours {
                *reasons.entry(reason.as_str()).or_default() += 1;
            }
        }
        reasons
    }

    /// The file's name in the package, the package's before it.
    fn name(&self, trial: &Trial) -> String {
        let path = trial.file.to_string_lossy();
        let inside = path.rsplit_once(&format!("/unpacked/{}/", self.package));
        let inside = inside.map_or(path.as_ref(), |(_, inside)| inside);
        format!("{}/{inside}", self.package)
    }

    /// What a table says of it.
    pub(crate) fn line(&self) -> String {
        if let Err(why) = &self.trials {
            return format!("FAILED: {why}");
        }
        let refused: usize = self.refused().values().sum();
        format!(
            "{} files, {} converted, {refused} refused, {} died, {} over budget",
            self.trials().len(),
            self.converted(),
            self.died(),
            self.over()
        )
    }

    fn to_json(&self) -> Value {
        let mut row = json!({
            "name": self.package,
            "files": self.trials().len(),
            "converted": self.converted(),
            "refused": self.refused(),
            "panics": self.died(),
            "over_budget": self.over(),
        });
        if let Err(why) = &self.trials {
            row["error"] = json!(why.to_string());
        }
        row
    }
}

/// Who was killed for taking too long has not panicked.
fn is_death(trial: &Trial) -> bool {
    trial.ours == Ours::Died && trial.over.is_none()
}

/// Whether there were files, and none was more than we can take.
pub(crate) fn hold(suites: &[Suite]) -> bool {
    let bad: usize = suites.iter().map(|suite| suite.died() + suite.over()).sum();
    bad == 0 && suites.iter().any(|suite| !suite.trials().is_empty())
}

/// All packages as a table.
pub(crate) fn to_table(suites: &[Suite]) -> String {
    let line = |suite: &Suite| format!("{:<16} {}", suite.package, suite.line());
    suites.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// All packages, and lists of files: those of which something is to be told.
pub(crate) fn to_json(suites: &[Suite], without_libvips: Option<&Failure>) -> Value {
    let all = |tell: &dyn Fn(&Trial) -> Option<Value>| -> Vec<Value> {
        let each = suites.iter().flat_map(|suite| {
            suite.trials().iter().filter_map(|trial| {
                let mut told = tell(trial)?;
                told["file"] = json!(suite.name(trial));
                Some(told)
            })
        });
        each.collect()
    };
    json!({
        "packages": suites.iter().map(Suite::to_json).collect::<Vec<_>>(),
        "panics": all(&|trial| is_death(trial).then(|| json!({}))),
        "over_budget": all(&|trial| trial.over.map(|over| json!({ "of": over.name() }))),
        "refusals": all(&refusal),
        "compared": all(&|trial| levels(trial).map(|levels| json!({ "levels": levels }))),
        "different": all(&different),
        "theirs_only": all(&|trial| {
            (trial.beside == Beside::TheirsOnly).then(|| refusal(trial).unwrap_or(json!({})))
        }),
        "ours_only": all(&|trial| (trial.beside == Beside::OursOnly).then(|| json!({}))),
        "libvips_error": without_libvips.map(ToString::to_string),
    })
}

fn refusal(trial: &Trial) -> Option<Value> {
    match &trial.ours {
        Ours::Refused(reason) => Some(json!({ "reason": reason })),
        Ours::Converted | Ours::Died => None,
    }
}

fn levels(trial: &Trial) -> Option<f64> {
    match trial.beside {
        Beside::Both(Difference::Levels(levels)) => Some((levels * 100.0).round() / 100.0),
        Beside::Both(Difference::Sizes(..))
        | Beside::OursOnly
        | Beside::TheirsOnly
        | Beside::Neither
        | Beside::Unknown => None,
    }
}

fn different(trial: &Trial) -> Option<Value> {
    match trial.beside {
        Beside::Both(Difference::Sizes(ours, theirs)) => {
            Some(json!({ "ours": [ours.0, ours.1], "theirs": [theirs.0, theirs.1] }))
        }
        Beside::Both(Difference::Levels(_))
        | Beside::OursOnly
        | Beside::TheirsOnly
        | Beside::Neither
        | Beside::Unknown => {
            let levels = levels(trial).filter(|levels| *levels > ALIKE);
            levels.map(|levels| json!({ "levels": levels }))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{Suite, hold, to_json};
    use crate::failure::Failure;
    use crate::suites::difference::Difference;
    use crate::suites::trial::{Beside, Ours, Over, Trial};

    fn trial(name: &str, ours: Ours, beside: Beside) -> Trial {
        Trial {
            file: PathBuf::from("/x/unpacked/tiff").join(name),
            ours,
            over: None,
            beside,
        }
    }

    fn suite(trials: Vec<Trial>) -> Suite {
        Suite {
            package: "tiff".to_owned(),
            trials: Ok(trials),
        }
    }

    fn refused() -> Ours {
        Ours::Refused("damaged".to_owned())
    }

    #[test]
    fn each_file_is_in_the_lists_where_something_is_to_be_told() {
        let both = |levels| Beside::Both(Difference::Levels(levels));
        let sizes = Beside::Both(Difference::Sizes((3, 2), (2, 3)));
        let all = suite(vec![
            trial("t/a", Ours::Converted, both(1.234)),
            trial("t/b", Ours::Converted, both(12.5)),
            trial("t/c", Ours::Converted, sizes),
            trial("t/d", refused(), Beside::TheirsOnly),
            trial("t/e", refused(), Beside::Neither),
            trial("t/f", Ours::Converted, Beside::OursOnly),
        ]);
        assert!(hold(std::slice::from_ref(&all)));
        let json = to_json(&[all], None);
        assert_eq!(json["packages"][0]["converted"], 4);
        assert_eq!(json["packages"][0]["refused"]["damaged"], 2);
        assert_eq!(json["compared"][0]["levels"], 1.23);
        assert_eq!(json["different"][0]["file"], "tiff/t/b");
        assert_eq!(json["different"][1]["ours"][0], 3);
        assert_eq!(json["theirs_only"][0]["file"], "tiff/t/d");
        assert_eq!(json["theirs_only"][0]["reason"], "damaged");
        assert_eq!(json["refusals"].as_array().unwrap().len(), 2);
        assert_eq!(json["ours_only"][0]["file"], "tiff/t/f");
    }

    #[test]
    fn a_death_an_overrun_and_no_file_at_all_fail_the_run() {
        let died = suite(vec![trial("a", Ours::Died, Beside::Neither)]);
        assert_eq!(died.to_json()["panics"], 1);
        let mut late = trial("a", Ours::Died, Beside::Neither);
        late.over = Some(Over::Time);
        let late = suite(vec![late]);
        assert_eq!(late.to_json()["panics"], 0);
        assert_eq!(late.to_json()["over_budget"], 1);
        let absent = Suite {
            package: "none".to_owned(),
            trials: Err(Failure::Closed),
        };
        assert!(absent.to_json()["error"].is_string());
        for bad in [died, late, absent] {
            assert!(!hold(&[bad]));
        }
    }
}
