//! Dates and times of iCalendar and vCard as a person reads them. No clock and no time zone is asked: what is said is shown.

/// A date, and where there is one a time of day in whatever zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Moment {
    year: u16,
    month: u8,
    day: u8,
    time: Option<(u8, u8)>,
    zone: Zone,
}

/// What the text says of its zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Zone {
    Utc,
    Unsaid,
}

const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

impl Moment {
    /// `20261124`, `20261124T101500`, `20261124T101500Z` (RFC 5545 §3.3.4 and 5); `-` and `:` may divide them, as vCard
    /// (RFC 6350 §4.3) and older programs have it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.trim().split_once(['T', 't']) {
            Some((date, time)) => (date, Some(time)),
            None => (text.trim(), None),
        };
        let date = digits(date, '-')?;
        let (year, month, day) = (
            date.get(..4)?.parse().ok()?,
            date.get(4..6)?.parse().ok()?,
            date.get(6..8)?.parse().ok()?,
        );
        if date.len() != 8 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        let zone = match time {
            Some(time) if time.ends_with(['Z', 'z']) => Zone::Utc,
            Some(_) | None => Zone::Unsaid,
        };
        Some(Self {
            year,
            month,
            day,
            time: time.and_then(time_of_day),
            zone,
        })
    }

    pub(super) fn is_utc(self) -> bool {
        self.zone == Zone::Utc
    }

    pub(super) fn is_date(self) -> bool {
        self.time.is_none()
    }

    /// `Tuesday 2026-11-24`.
    pub(super) fn date(self) -> String {
        format!(
            "{} {:04}-{:02}-{:02}",
            self.weekday(),
            self.year,
            self.month,
            self.day
        )
    }

    /// `10:15`; nothing for a date alone.
    pub(super) fn time(self) -> String {
        match self.time {
            Some((hour, minute)) => format!("{hour:02}:{minute:02}"),
            None => String::new(),
        }
    }

    /// `Tuesday 2026-11-24 10:15 UTC`.
    pub(super) fn whole(self) -> String {
        let mut text = self.date();
        if self.time.is_some() {
            text.push(' ');
            text.push_str(&self.time());
        }
        if self.zone == Zone::Utc {
            text.push_str(" UTC");
        }
        text
    }

    /// From this moment to `end`, the day said once if it is the same.
    pub(super) fn until(self, end: Self) -> String {
        let same_day = (self.year, self.month, self.day) == (end.year, end.month, end.day);
        match (same_day, self.time, self.zone == end.zone) {
            (true, Some(_), true) => {
                let zone = if self.zone == Zone::Utc { " UTC" } else { "" };
                format!("{} {} to {}{zone}", self.date(), self.time(), end.time())
            }
            _ => format!("{} to {}", self.whole(), end.whole()),
        }
    }

    /// The day before, for an end that is not part of what it ends (RFC 5545 §3.6.1).
    pub(super) fn day_before(self) -> Self {
        let (year, month) = match (self.day, self.month) {
            (2.., _) => {
                return Self {
                    day: self.day.saturating_sub(1),
                    ..self
                };
            }
            (_, 1) => (self.year.saturating_sub(1), 12),
            (_, month) => (self.year, month.saturating_sub(1)),
        };
        Self {
            year,
            month,
            day: last_day(year, month),
            ..self
        }
    }

    /// By Sakamoto's method, for the Gregorian calendar.
    fn weekday(self) -> &'static str {
        const SHIFTS: [u32; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let month = usize::from(self.month.saturating_sub(1));
        let shift = SHIFTS.get(month).copied().unwrap_or(0);
        let year = u32::from(self.year).saturating_sub(u32::from(self.month < 3));
        let sum = year
            .saturating_add(year / 4)
            .saturating_sub(year / 100)
            .saturating_add(year / 400)
            .saturating_add(shift)
            .saturating_add(u32::from(self.day));
        let index = usize::try_from(sum % 7).unwrap_or(0);
        WEEKDAYS.get(index).copied().unwrap_or_default()
    }
}

fn last_day(year: u16, month: u8) -> u8 {
    let leaps = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leaps => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn time_of_day(text: &str) -> Option<(u8, u8)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':');
    let time = digits(text.get(..end.unwrap_or(text.len()))?, ':')?;
    let (hour, minute) = (time.get(..2)?.parse().ok()?, time.get(2..4)?.parse().ok()?);
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// The longest text of a date or time that is looked at.
const LONGEST: usize = 16;

/// `text` without its marks, if all else is digits.
fn digits(text: &str, mark: char) -> Option<String> {
    let short = text.len() <= LONGEST;
    let all = text.chars().all(|c| c.is_ascii_digit() || c == mark);
    (short && all).then(|| text.chars().filter(|c| *c != mark).collect())
}

/// `PT1H30M` in words (RFC 5545 §3.3.6). `None`: against the format.
pub(super) fn duration(text: &str) -> Option<String> {
    let text = text
        .trim()
        .trim_start_matches(['+', '-'])
        .strip_prefix(['P', 'p'])?;
    if text.len() > LONGEST {
        return None;
    }
    let mut words = Vec::new();
    let mut number = String::new();
    for character in text.chars() {
        let unit = match character.to_ascii_uppercase() {
            '0'..='9' => {
                number.push(character);
                continue;
            }
            'T' => continue,
            'W' => "week",
            'D' => "day",
            'H' => "hour",
            'M' => "minute",
            'S' => "second",
            _ => return None,
        };
        if !number.trim_start_matches('0').is_empty() {
            words.push(counted(&number, unit));
        }
        number.clear();
    }
    Some(words.join(" "))
}

/// `1 hour`, `2 hours`.
pub(super) fn counted(number: &str, unit: &str) -> String {
    match number.trim_start_matches('0') {
        "1" => format!("1 {unit}"),
        number => format!("{number} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        Moment::parse(text).map(Moment::whole)
    }

    #[test]
    fn moments_are_read_in_all_their_forms() {
        for (text, read) in [
            ("20261124", "Tuesday 2026-11-24"),
            ("20261124T101500", "Tuesday 2026-11-24 10:15"),
            ("20261124T101500Z", "Tuesday 2026-11-24 10:15 UTC"),
            ("2000-02-29", "Tuesday 2000-02-29"),
            ("1986-01-28T11:39:13Z", "Tuesday 1986-01-28 11:39 UTC"),
        ] {
            assert_eq!(shown(text).as_deref(), Some(read), "{text}");
        }
        for text in ["", "2026", "20261324", "x", "99999999999999999", "2026112é"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn the_day_before_knows_months_and_leap_years() {
        for (day, before) in [
            ("20260301", "Saturday 2026-02-28"),
            ("20240301", "Thursday 2024-02-29"),
            ("20260101", "Wednesday 2025-12-31"),
            ("20261124", "Monday 2026-11-23"),
        ] {
            assert_eq!(Moment::parse(day).unwrap().day_before().whole(), before);
        }
    }

    #[test]
    fn durations_are_words() {
        assert_eq!(duration("PT1H30M").as_deref(), Some("1 hour 30 minutes"));
        assert_eq!(duration("P2W").as_deref(), Some("2 weeks"));
        assert_eq!(duration("1H"), None);
    }
}
