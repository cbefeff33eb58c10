//! Numbers of spreadsheets as a person reads them: dates are numbers of days there, and sums have fifteen digits.

/// What a cell's format makes of its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Number,
    Date,
    Time,
    DateAndTime,
    Percent,
}

/// From which day days are counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Epoch {
    Of1900,
    Of1904,
}

impl Kind {
    /// The formats that are built in (ECMA-376 part 1 §18.8.30).
    pub(super) fn of_builtin(id: usize) -> Self {
        match id {
            9 | 10 => Self::Percent,
            14..=17 => Self::Date,
            18..=21 | 45..=47 => Self::Time,
            22 => Self::DateAndTime,
            _other => Self::Number,
        }
    }

    /// By the letters of a format's code, quoted text and what is in brackets aside.
    pub(super) fn of_code(code: &str) -> Self {
        let mut letters = String::new();
        let mut quoted = None;
        for character in code.chars().take(200) {
            match (quoted, character) {
                (None, '"') => quoted = Some('"'),
                (None, '[') => quoted = Some(']'),
                (Some(end), character) if end == character => quoted = None,
                (Some(_), _) => {}
                (None, character) => letters.push(character.to_ascii_lowercase()),
            }
        }
        let date = letters.contains(['y', 'd']);
        match (date, letters.contains('h'), letters.contains('%')) {
            (true, true, _) => Self::DateAndTime,
            (true, false, _) => Self::Date,
            (false, true, _) => Self::Time,
            (false, false, true) => Self::Percent,
            (false, false, false) => Self::Number,
        }
    }
}

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// The last day of the year 9999, where Excel ends.
const LAST_DAY: u32 = 2_958_465;

/// `value` as its cell shows it, near enough.
pub(super) fn shown(value: &str, kind: Kind, epoch: Epoch) -> String {
    let Ok(number) = value.trim().parse::<f64>() else {
        return value.to_owned();
    };
    let moment = match kind {
        Kind::Number => return plain(value.trim(), number),
        Kind::Percent => return format!("{}%", trimmed(format!("{:.2}", number * 100.0))),
        Kind::Date | Kind::Time | Kind::DateAndTime => moment(number),
    };
    let Some((day, minute)) = moment else {
        return value.to_owned();
    };
    let time = format!("{:02}:{:02}", minute / 60, minute % 60);
    match kind {
        Kind::Time => time,
        Kind::DateAndTime => format!("{} {time}", date(day, epoch)),
        Kind::Date | Kind::Number | Kind::Percent => date(day, epoch),
    }
}

/// Sums in binary have a tail of digits that no cell shows.
fn plain(value: &str, number: f64) -> String {
    if value.len() <= 12 || !value.contains(['.', 'e', 'E']) {
        return value.to_owned();
    }
    trimmed(format!("{number:.9}"))
}

fn trimmed(number: String) -> String {
    let number = number.trim_end_matches('0').trim_end_matches('.');
    number.to_owned()
}

/// Whole days, and minutes into the day.
fn moment(number: f64) -> Option<(u32, u32)> {
    let minutes = format!("{:.0}", number * f64::from(DAY));
    let minutes: u32 = minutes.parse().ok()?;
    let (day, minute) = (minutes / DAY, minutes % DAY);
    (day <= LAST_DAY).then_some((day, minute))
}

/// The Gregorian date, by Hinnant's method of counting in eras of 400 years from the first of March of the year 0.
fn date(day: u32, epoch: Epoch) -> String {
    let before = match epoch {
        // Excel believes that 1900 had a 29 February: its days before 1 March are one less.
        Epoch::Of1900 if day < 60 => 693_900,
        Epoch::Of1900 => 693_899,
        Epoch::Of1904 => 695_361,
    };
    let days = day.saturating_add(before);
    let (era, in_era) = (days / 146_097, days % 146_097);
    let leaps = (in_era / 1460)
        .saturating_add(in_era / 146_096)
        .saturating_sub(in_era / 36_524);
    let year_of_era = in_era.saturating_sub(leaps) / 365;
    let passed = year_of_era
        .saturating_mul(365)
        .saturating_add(year_of_era / 4)
        .saturating_sub(year_of_era / 100);
    let in_year = in_era.saturating_sub(passed);
    let month_from_march = in_year.saturating_mul(5).saturating_add(2) / 153;
    let month_begins = month_from_march.saturating_mul(153).saturating_add(2) / 5;
    let day = in_year.saturating_sub(month_begins).saturating_add(1);
    let (month, next) = if month_from_march < 10 {
        (month_from_march.saturating_add(3), 0)
    } else {
        (month_from_march.saturating_sub(9), 1)
    };
    let year = era
        .saturating_mul(400)
        .saturating_add(year_of_era)
        .saturating_add(next);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (value, read) in [
            ("1", "1900-01-01"),
            ("59", "1900-02-28"),
            ("61", "1900-03-01"),
            ("36526", "2000-01-01"),
            ("46350", "2026-11-24"),
            ("2958465", "9999-12-31"),
            ("2958466", "2958466"),
            ("-1", "-1"),
        ] {
            assert_eq!(shown(value, Kind::Date, Epoch::Of1900), read, "{value}");
        }
        assert_eq!(shown("0", Kind::Date, Epoch::Of1904), "1904-01-01");
        let noon = shown("46350.5", Kind::DateAndTime, Epoch::Of1900);
        assert_eq!(noon, "2026-11-24 12:00");
    }

    #[test]
    fn numbers_lose_the_tail_that_no_cell_shows() {
        for (value, read) in [
            ("0.30000000000000004", "0.3"),
            ("12", "12"),
            ("12345678901234567890", "12345678901234567890"),
            ("text", "text"),
        ] {
            assert_eq!(shown(value, Kind::Number, Epoch::Of1900), read);
        }
        assert_eq!(shown("0.125", Kind::Percent, Epoch::Of1900), "12.5%");
    }

    #[test]
    fn codes_tell_dates_from_numbers() {
        for (code, kind) in [
            ("yyyy\\-mm\\-dd", Kind::Date),
            ("[$-409]d/m/yy h:mm", Kind::DateAndTime),
            ("#,##0.00 \"days\"", Kind::Number),
            ("[Red]0", Kind::Number),
            ("h:mm:ss", Kind::Time),
            ("0.0%", Kind::Percent),
        ] {
            assert_eq!(Kind::of_code(code), kind, "{code}");
        }
    }
}
