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
