//! Dates and times as IMAP writes them (RFC 9051 §9 `date`, `date-time`).

use super::cursor::{Cursor, Fault, Parsed};
use super::encode::Encoder;

/// A day, without a zone: what SEARCH compares.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Date {
    /// Four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31, as the month has them.
    pub day: u8,
}

/// A moment, with the zone in which it was written: INTERNALDATE.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DateTime {
    /// The day, in its zone.
    pub date: Date,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 60.
    pub second: u8,
    /// Minutes east of UTC.
    pub zone: i16,
}

/// RFC 9051 §9, `date-month`.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Date {
    /// The day, if there is one of that name.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        (year <= 9999 && (1..=days).contains(&day)).then_some(Self { year, month, day })
    }

    /// Days since 1 January 1970, by the calendar of today.
    #[must_use]
    pub fn days(self) -> i64 {
        // Years begin in March here, so that a leap day is a year's last.
        let (year, month) = match self.month {
            ..=2 => (
                i64::from(self.year).saturating_sub(1),
                i64::from(self.month).saturating_add(9),
            ),
            3.. => (
                i64::from(self.year),
                i64::from(self.month).saturating_sub(3),
            ),
        };
        let leaps = year
            .div_euclid(4)
            .saturating_sub(year.div_euclid(100))
            .saturating_add(year.div_euclid(400));
        let before_month = month.saturating_mul(153).saturating_add(2).div_euclid(5);
        let day = year
            .saturating_mul(365)
            .saturating_add(leaps)
            .saturating_add(before_month);
        day.saturating_add(i64::from(self.day))
            .saturating_sub(DAYS_BEFORE_1970)
    }

    /// The day that is so many days after 1 January 1970, if its year has four digits.
    #[must_use]
    pub fn from_days(days: i64) -> Option<Self> {
        // The year by its average length, which is late by at most one.
        let year = days
            .checked_mul(400)?
            .div_euclid(146_097)
            .checked_add(1970)?;
        let begun = |year: i64| {
            Self::new(u16::try_from(year).ok()?, 1, 1).filter(|first| first.days() <= days)
        };
        let first = begun(year.checked_add(1)?)
            .or_else(|| begun(year))
            .or_else(|| begun(year.saturating_sub(1)))?;
        let month = (1..=12)
            .rev()
            .filter_map(|month| Self::new(first.year, month, 1))
            .find(|day| day.days() <= days)?;
        let day = u8::try_from(days.checked_sub(month.days())?.checked_add(1)?).ok()?;
        Self::new(month.year, month.month, day)
    }

    /// Reads a date as SEARCH has it: an atom, or in quotes.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        let text = cursor.astring()?;
        let mut inner = Cursor::new(&text);
        let date = Self::read(&mut inner).map_err(|_| error)?;
        if inner.is_at_end() {
            Ok(date)
        } else {
            Err(error)
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Number);
        let day = cursor.number()?;
        cursor.expect(b'-')?;
        let name = cursor.take_some(|octet| octet.is_ascii_alphabetic())?;
        cursor.expect(b'-')?;
        let year = cursor.number()?;
        let month = (1_u8..)
            .zip(MONTHS)
            .find(|(_, known)| name.eq_ignore_ascii_case(known.as_bytes()));
        let (month, _) = month.ok_or(error)?;
        let (year, day) = (
            u16::try_from(year).map_err(|_| error)?,
            u8::try_from(day).map_err(|_| error)?,
        );
        Self::new(year, month, day).ok_or(error)
    }

    fn month_name(self) -> &'static str {
        MONTHS
            .get(usize::from(self.month).saturating_sub(1))
            .copied()
            .unwrap_or("Jan")
    }

    pub(crate) fn write(self, out: &mut Encoder) {
        out.raw(format!("{}-{}-{:04}", self.day, self.month_name(), self.year).as_bytes());
    }
}

/// From 1 March of the year 0 to 1 January 1970, and one, days of a month being counted from one.
const DAYS_BEFORE_1970: i64 = 719_469;

const SECONDS_OF_DAY: i64 = 86_400;

impl DateTime {
    /// Seconds since the beginning of 1970, UTC.
    #[must_use]
    pub fn unix(self) -> i64 {
        let of = |count: i64, seconds: i64| count.saturating_mul(seconds);
        of(self.date.days(), SECONDS_OF_DAY)
            .saturating_add(of(self.hour.into(), 3600))
            .saturating_add(of(self.minute.into(), 60))
            .saturating_add(self.second.into())
            .saturating_sub(of(self.zone.into(), 60))
    }

    /// The moment so many seconds after the beginning of 1970, in UTC, if its year has four digits.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let date = Date::from_days(seconds.div_euclid(SECONDS_OF_DAY))?;
        let of_day = u32::try_from(seconds.rem_euclid(SECONDS_OF_DAY)).ok()?;
        let part = |divisor: u32, modulus: u32| {
            u8::try_from(
                of_day
                    .checked_div(divisor)
                    .and_then(|count| count.checked_rem(modulus))?,
            )
            .ok()
        };
        Some(Self {
            date,
            hour: part(3600, 24)?,
            minute: part(60, 60)?,
            second: part(1, 60)?,
            zone: 0,
        })
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        let text = cursor.string()?;
        let mut inner = Cursor::new(&text);
        let moment = Self::read(&mut inner).map_err(|_| error)?;
        if inner.is_at_end() {
            Ok(moment)
        } else {
            Err(error)
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        cursor.eat(b' '); // RFC 9051 §9, date-day-fixed: a space in place of the first of two digits
        let date = Date::read(cursor)?;
        cursor.space()?;
        let hour = two_digits(cursor, 23)?;
        cursor.expect(b':')?;
        let minute = two_digits(cursor, 59)?;
        cursor.expect(b':')?;
        let second = two_digits(cursor, 60)?;
        cursor.space()?;
        let west = cursor.eat(b'-');
        if !west {
            cursor.expect(b'+')?;
        }
        let zone = i16::from(two_digits(cursor, 23)?)
            .saturating_mul(60)
            .saturating_add(two_digits(cursor, 59)?.into());
        Ok(Self {
            date,
            hour,
            minute,
            second,
            zone: if west { zone.saturating_neg() } else { zone },
        })
    }

    pub(crate) fn write(self, out: &mut Encoder) {
        let Self {
            date,
            hour,
            minute,
            second,
            zone,
        } = self;
        let sign = if zone < 0 { '-' } else { '+' };
        let east = zone.unsigned_abs();
        let (zone_hour, zone_minute) = (east.div_euclid(60), east.rem_euclid(60));
        let (day, month, year) = (date.day, date.month_name(), date.year);
        let text = format!(
            "\"{day:2}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} {sign}{zone_hour:02}{zone_minute:02}\""
        );
        out.raw(text.as_bytes());
    }
}

fn two_digits(cursor: &mut Cursor<'_>, most: u8) -> Parsed<u8> {
    let error = cursor.error(Fault::Number);
    let digits = cursor
        .take(2)
        .filter(|digits| digits.iter().all(u8::is_ascii_digit))
        .ok_or(error)?;
    let number = super::cursor::decimal(digits).and_then(|number| u8::try_from(number).ok());
    number.filter(|number| *number <= most).ok_or(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::encode::Literals;
    use proptest::prelude::*;

    fn parse(text: &str) -> Parsed<DateTime> {
        DateTime::parse(&mut Cursor::new(format!("\"{text}\"").as_bytes()))
    }

    #[test]
    fn a_moment_is_the_same_in_every_zone() {
        let here = parse("17-Jul-1996 02:44:25 -0700").unwrap();
        assert_eq!(here.unix(), 837_596_665);
        assert_eq!(
            parse("17-Jul-1996 09:44:25 +0000").unwrap().unix(),
            here.unix()
        );
        assert_eq!(parse(" 1-Jan-1970 00:00:00 +0000").unwrap().unix(), 0);
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "30-Feb-2020 00:00:00 +0000",
            "29-Feb-1900 00:00:00 +0000",
            "00-Jan-2000 00:00:00 +0000",
            "01-Xyz-2000 00:00:00 +0000",
            "01-Jan-2000 24:00:00 +0000",
            "01-Jan-2000 00:00:00 +0060",
            "01-Jan-20000 00:00:00 +0000",
            "01-Jan-2000 00:00:00",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn moments_survive_the_wire(seconds in -62_100_000_000_i64..253_402_300_799) {
            let moment = DateTime::from_unix(seconds).unwrap();
            prop_assert_eq!(moment.unix(), seconds);
            let mut out = Encoder::new(Literals::Server);
            moment.write(&mut out);
            prop_assert_eq!(DateTime::parse(&mut Cursor::new(out.unended().octets())), Ok(moment));
        }
    }
}
