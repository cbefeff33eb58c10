//! Ratios, as a table for people and as JSON for machines.

use serde_json::{Value, json};

/// One comparison: ours against a peer, or against a limit, in the same run.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: Result<f64, String>,
    pub(crate) peer: Result<f64, String>,
    pub(crate) goal: Option<Goal>,
}

/// What the ratio of ours to the peer's is wanted to be.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// Ratios within a tenth are equal: runs differ by so much.
const EQUAL: f64 = 0.1;

impl Row {
    fn ratio(&self) -> Result<f64, String> {
        match (&self.ours, &self.peer) {
            (Ok(ours), Ok(peer)) if *peer > 0.0 => Ok(ours / peer),
            (Ok(_), Ok(_)) => Err("the peer's value is not a positive number".to_owned()),
            (Err(why), _) => Err(format!("ours: {why}")),
            (_, Err(why)) => Err(format!("peer: {why}")),
        }
    }

    fn to_json(&self) -> Value {
        let number = |value: &Result<f64, String>| value.as_ref().ok().map(|value| rounded(*value));
        let mut row = json!({
            "name": self.name,
            "ours": number(&self.ours),
            "peer": number(&self.peer),
            "ratio": number(&self.ratio()),
        });
        match self.goal {
            Some(Goal::AtMost(goal)) => {
                row["want"] = json!("at most");
                row["goal"] = json!(goal);
            }
            Some(Goal::AtLeast(goal)) => {
                row["want"] = json!("at least");
                row["goal"] = json!(goal);
            }
            None => {}
        }
        if let Err(why) = self.ratio() {
            row["error"] = json!(why);
        }
        row
    }

    fn verdict(&self) -> &'static str {
        match (self.ratio(), self.goal) {
            (Err(_), _) => "FAILED",
            (Ok(_), None) => "",
            (Ok(ratio), Some(Goal::AtMost(goal))) => judge(goal / ratio),
            (Ok(ratio), Some(Goal::AtLeast(goal))) => judge(ratio / goal),
        }
    }

    fn to_line(&self) -> String {
        let goal = match self.goal {
            Some(Goal::AtMost(goal)) => format!("<= {goal}"),
            Some(Goal::AtLeast(goal)) => format!(">= {goal}"),
            None => String::new(),
        };
        let number = |value: &Result<f64, String>| match value {
            Ok(value) => format!("{}", rounded(*value)),
            Err(_) => "-".to_owned(),
        };
        let why = self.ratio().err().map(|why| format!("  {why}"));
        format!(
            "{:<74} {:>10} {:>10} {:>7} {:>7} {}{}",
            self.name,
            number(&self.ours),
            number(&self.peer),
            number(&self.ratio()),
            goal,
            self.verdict(),
            why.unwrap_or_default()
        )
    }
}

/// `better`: how many times better than the goal.
fn judge(better: f64) -> &'static str {
    if better >= 1.0 {
        "reached"
    } else if better >= 1.0 - EQUAL {
        "equal within 10 %"
    } else {
        "MISSED"
    }
}

/// Three digits behind the point.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// All rows: those with a goal under `ratios`, the others under `others`; and what share of the machine others took.
pub(crate) fn to_json(rows: &[Row], foreign: &[f64]) -> Value {
    let (goals, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.goal.is_some());
    let list = |rows: Vec<&Row>| rows.into_iter().map(Row::to_json).collect::<Vec<_>>();
    let most = foreign.iter().copied().fold(0.0, f64::max);
    json!({
        "foreign_load": {
            "median": median(foreign.to_vec()).map(rounded),
            "most": rounded(most),
        },
        "others": list(others),
        "ratios": list(goals),
    })
}

/// All rows as a table.
pub(crate) fn to_table(rows: &[Row], foreign: &[f64]) -> String {
    let head = format!(
        "{:<74} {:>10} {:>10} {:>7} {:>7}",
        "", "ours", "peer", "ratio", "goal"
    );
    let lines = rows.iter().map(Row::to_line);
    let taken = median(foreign.to_vec()).unwrap_or(0.0) * 100.0;
    let foot = format!(
        "others took {taken:.0} % of the machine in the median round; ratios within 10 % are equal"
    );
    std::iter::once(head)
        .chain(lines)
        .chain([foot])
        .collect::<Vec<_>>()
        .join("\n")
}

/// The middle one of some numbers; of an even number of them, the mean of the two in the middle.
pub(crate) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = *numbers.get((numbers.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::{Goal, Row, median, to_json, to_table};

    fn row(ours: Result<f64, String>, goal: Option<Goal>) -> Row {
        Row {
            name: "a".to_owned(),
            ours,
            peer: Ok(2.0),
            goal,
        }
    }

    #[test]
    fn a_row_that_could_not_be_measured_is_there_and_says_why() {
        let rows = [row(Err("no listener".to_owned()), Some(Goal::AtMost(1.0)))];
        let json = to_json(&rows, &[]);
        assert_eq!(json["ratios"][0]["error"], "ours: no listener");
        assert!(json["ratios"][0]["ratio"].is_null());
        assert!(to_table(&rows, &[]).contains("FAILED"));
    }

    #[test]
    fn a_goal_is_reached_missed_or_as_good_as_reached() {
        let verdict = |ours: f64, goal: Goal| row(Ok(ours), Some(goal)).verdict();
        assert_eq!(verdict(1.0, Goal::AtMost(0.5)), "reached");
        assert_eq!(verdict(1.05, Goal::AtMost(0.5)), "equal within 10 %");
        assert_eq!(verdict(1.5, Goal::AtMost(0.5)), "MISSED");
        assert_eq!(verdict(2.4, Goal::AtLeast(1.2)), "reached");
        assert_eq!(verdict(2.0, Goal::AtLeast(1.2)), "MISSED");
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
