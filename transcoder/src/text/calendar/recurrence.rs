//! Rules of recurrence (RFC 5545 §3.3.10) in words, where they are simple; else as they are written.

use crate::text::draft::Draft;
use crate::text::moment::{Moment, counted};

/// Longer rules are not put in words.
const LONGEST: usize = 400;

/// The rule in words; nothing for none.
pub(super) fn in_words(rule: &str) -> Draft {
    let rule = rule.trim();
    let words = (rule.len() <= LONGEST).then(|| words(rule)).flatten();
    match words {
        Some(words) => Draft::new(&words),
        None => Draft::new(rule),
    }
}

fn words(rule: &str) -> Option<String> {
    let (mut every, mut on, mut end) = (None, Vec::new(), String::new());
    let mut interval = "1";
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        match name.to_ascii_uppercase().as_str() {
            "FREQ" => every = Some(unit(value)?),
            "INTERVAL" => interval = number(value)?,
            "COUNT" => end = format!(", {}", counted(number(value)?, "time")),
            "UNTIL" => end = format!(", until {}", Moment::parse(value)?.whole()),
            "BYDAY" => on.push(days(value)?),
            "BYMONTHDAY" => on.push(format!("day {}", list(value, number)?)),
            "BYMONTH" => on.push(format!("month {}", list(value, number)?)),
            "WKST" => {}
            _other => return None,
        }
    }
    let every = match interval {
        "1" => format!("every {}", every?),
        interval => format!("every {}", counted(interval, every?)),
    };
    let on = if on.is_empty() {
        String::new()
    } else {
        format!(" on {}", on.join(" of "))
    };
    Some(format!("{every}{on}{end}"))
}

fn unit(frequency: &str) -> Option<&'static str> {
    match frequency.to_ascii_uppercase().as_str() {
        "DAILY" => Some("day"),
        "WEEKLY" => Some("week"),
        "MONTHLY" => Some("month"),
        "YEARLY" => Some("year"),
        "HOURLY" => Some("hour"),
        _seldom => None,
    }
}

fn number(value: &str) -> Option<&str> {
    let digits = value.len() <= 4 && value.bytes().all(|octet| octet.is_ascii_digit());
    (digits && !value.trim_start_matches('0').is_empty()).then_some(value)
}

fn list<'a, T: AsRef<str>>(value: &'a str, each: impl Fn(&'a str) -> Option<T>) -> Option<String> {
    let parts: Option<Vec<T>> = value.split(',').map(each).collect();
    let parts = parts?;
    let texts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    match texts.as_slice() {
        [all @ .., last] if !all.is_empty() => Some(format!("{} and {last}", all.join(", "))),
        texts => Some(texts.concat()),
    }
}

fn days(value: &str) -> Option<String> {
    list(value, day)
}

/// `MO`, or `2MO` and `-1MO` for one of a month.
fn day(value: &str) -> Option<String> {
    let (which, day) = value.split_at_checked(value.len().checked_sub(2)?)?;
    let day = match day.to_ascii_uppercase().as_str() {
        "MO" => "Monday",
        "TU" => "Tuesday",
        "WE" => "Wednesday",
        "TH" => "Thursday",
        "FR" => "Friday",
        "SA" => "Saturday",
        "SU" => "Sunday",
        _other => return None,
    };
    Some(match which.trim_start_matches('+') {
        "" => day.to_owned(),
        "-1" => format!("the last {day}"),
        "1" => format!("the first {day}"),
        "2" => format!("the second {day}"),
        "3" => format!("the third {day}"),
        "4" => format!("the fourth {day}"),
        "5" => format!("the fifth {day}"),
        _other => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_rules_are_words_and_others_stay() {
        for (rule, words) in [
            ("FREQ=DAILY", "every day"),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR;COUNT=10",
                "every 2 weeks on Monday, Wednesday and Friday, 10 times",
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20270301",
                "every month on the last Friday, until Monday 2027-03-01",
            ),
            (
                "FREQ=YEARLY;BYMONTHDAY=24;BYMONTH=12",
                "every year on day 24 of month 12",
            ),
            ("FREQ=MONTHLY;BYSETPOS=1", "FREQ=MONTHLY;BYSETPOS=1"),
            ("nonsense", "nonsense"),
            ("", ""),
        ] {
            assert_eq!(&*in_words(rule), words);
        }
    }
}
