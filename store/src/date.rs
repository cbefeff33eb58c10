//! Dates of files and headers, in IMAP's terms.

use std::time::{Duration, SystemTime};

use wire::imap::date::{Date, DateTime};

const DAY: u64 = 24 * 60 * 60;
const MONTHS: [&[u8; 3]; 12] = [
    b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec",
];

/// A file's time as INTERNALDATE, in UTC. Times before 1970 are 1970.
pub(crate) fn of_system(time: SystemTime) -> DateTime {
    let seconds = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    let within = seconds % DAY;
    let part = |value: u64| u8::try_from(value).unwrap_or(0);
    DateTime {
        date: of_days(seconds / DAY),
        hour: part(within / 3600),
        minute: part(within / 60 % 60),
        second: part(within % 60),
        zone: 0,
    }
}

/// Seconds since 1970; earlier moments are 0.
pub(crate) fn to_unix(moment: DateTime) -> u64 {
    let days = i64::try_from(to_days(moment.date)).unwrap_or(0);
    let seconds =
        i64::from(moment.hour) * 3600 + i64::from(moment.minute) * 60 + i64::from(moment.second);
    let zone = i64::from(moment.zone) * 60;
    u64::try_from(days * 86_400 + seconds - zone).unwrap_or(0)
}

/// The day that a Date field names, in the zone in which it was written (RFC 3501 §6.4.4: zone disregarded).
pub(crate) fn of_field(text: &[u8]) -> Option<Date> {
    let mut words = text
        .split(|octet| matches!(octet, b' ' | b'\t' | b','))
        .filter(|word| !word.is_empty());
    // RFC 5322 §3.3: the day of the week may be left out.
    let first = words.next()?;
    let day = number(first).or_else(|| words.next().and_then(number))?;
    let month = words.next()?;
    let month = MONTHS
        .iter()
        .position(|name| month.len() >= 3 && month[..3].eq_ignore_ascii_case(*name))?;
    let year = words.next().and_then(number)?;
    // RFC 5322 §4.3: years of two and three digits.
    let year = match year {
        0..=49 => year + 2000,
        50..=999 => year + 1900,
        1000.. => year,
    };
    let day = u8::try_from(day)
        .ok()
        .filter(|day| (1..=31).contains(day))?;
    Some(Date {
        year,
        month: u8::try_from(month).ok()? + 1,
        day,
    })
}

fn number(word: &[u8]) -> Option<u16> {
    str::from_utf8(word).ok()?.parse().ok()
}

/// Civil date of a count of days since 1970-01-01, in the proleptic Gregorian calendar.
fn of_days(days: u64) -> Date {
    // Years begin on 1 March, so that the leap day is the last one; eras have 400 years.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let month_day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    Date {
        year: u16::try_from(year).unwrap_or(u16::MAX),
        month: u8::try_from(month).unwrap_or(1),
        day: u8::try_from(month_day).unwrap_or(1),
    }
}

/// Days since 1970-01-01; earlier ones are 0.
fn to_days(date: Date) -> u64 {
    let january_or_february = date.month <= 2;
    let year = u64::from(date.year) - u64::from(january_or_february && date.year > 0);
    let month = u64::from(date.month) + if january_or_february { 9 } else { 0 }
        - if january_or_february { 0 } else { 3 };
    let (era, year) = (year / 400, year % 400);
    let day = (153 * month + 2) / 5 + u64::from(date.day.max(1)) - 1;
    let days = era * 146_097 + year * 365 + year / 4 - year / 100 + day;
    days.saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_two_centuries_goes_there_and_back() {
        let mut before = Date {
            year: 1969,
            month: 12,
            day: 31,
        };
        for days in 0..73_049 {
            let date = of_days(days);
            assert!(date > before, "{date:?} after {before:?}");
            assert_eq!(to_days(date), days);
            before = date;
        }
        assert_eq!(
            before,
            Date {
                year: 2169,
                month: 12,
                day: 31
            }
        );
    }

    #[test]
    fn known_moments_are_right() {
        let moment = of_system(SystemTime::UNIX_EPOCH + Duration::from_secs(951_782_399));
        assert_eq!(
            moment.date,
            Date {
                year: 2000,
                month: 2,
                day: 28
            }
        );
        assert_eq!((moment.hour, moment.minute, moment.second), (23, 59, 59));
        assert_eq!(to_unix(moment), 951_782_399);
        assert_eq!(to_unix(DateTime { zone: 60, ..moment }), 951_778_799);
    }

    #[test]
    fn date_fields_are_read_in_their_many_forms() {
        let day = Some(Date {
            year: 1996,
            month: 7,
            day: 17,
        });
        assert_eq!(of_field(b"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)"), day);
        assert_eq!(of_field(b"17 July 96 02:23 GMT"), day);
        for nonsense in [
            &b""[..],
            b"Wed",
            b"Wed, x",
            b"99 Jul 1996",
            b"1 J 1996",
            b"1 Jul",
        ] {
            assert_eq!(of_field(nonsense), None);
        }
    }
}
