//! Moments of a calendar with the zones that they are told in.

use crate::text::content_line::ContentLine;
use crate::text::draft::Draft;
use crate::text::moment::Moment;

/// A moment, and the name of its zone.
pub(super) struct Time {
    value: Draft,
    zone: Draft,
}

impl Time {
    pub(super) fn of(line: &ContentLine<'_>) -> Self {
        Self {
            value: Draft::new(line.value.trim()),
            zone: line.parameter("TZID").unwrap_or_default(),
        }
    }

    fn moment(&self) -> Option<Moment> {
        Moment::parse(&self.value)
    }

    pub(super) fn told(&self) -> Draft {
        let mut text = moment(&self.value);
        push_zone(&mut text, &self.zone);
        text
    }

    /// From this moment to `end`. A zone that both share is said once (RFC 5545 §3.2.19: each may have its own).
    pub(super) fn until(&self, end: &Self) -> Draft {
        let (Some(from), Some(last)) = (self.moment(), end.moment()) else {
            return self.told();
        };
        if from.is_date() && last.is_date() {
            // RFC 5545 §3.6.1: the end is the day after the last.
            let before = last.day_before();
            return Draft::new(&if from == before || from == last {
                from.date()
            } else {
                from.until(before)
            });
        }
        if *self.zone == *end.zone && from.is_utc() == last.is_utc() {
            let mut text = Draft::new(&from.until(last));
            push_zone(&mut text, &self.zone);
            return text;
        }
        let mut text = self.told();
        text.push_str(" to ");
        text.push_str(&end.told());
        text
    }
}

/// The dates of one or more properties (RFC 5545 §3.8.5.1 and 2).
#[derive(Default)]
pub(super) struct Dates {
    text: Draft,
    /// Of the latest; it is said behind the last of those that share it.
    zone: Draft,
}

impl Dates {
    pub(super) fn take(&mut self, line: &ContentLine<'_>) {
        let zone = line.parameter("TZID").unwrap_or_default();
        if *zone != *self.zone {
            push_zone(&mut self.text, &self.zone);
            self.zone = zone;
        }
        let values = line.value.split(',').map(str::trim);
        for value in values.filter(|value| !value.is_empty()) {
            if !self.text.is_empty() {
                self.text.push_str(", ");
            }
            // Of a period, its begin.
            let (begin, _) = value.split_once('/').unwrap_or((value, ""));
            self.text.push_str(&moment(begin));
        }
    }

    pub(super) fn told(&self) -> Draft {
        let mut text = Draft::new(&self.text);
        push_zone(&mut text, &self.zone);
        text
    }
}

/// The moment as a person reads it; what is none, as it is written.
fn moment(value: &str) -> Draft {
    match Moment::parse(value) {
        Some(moment) => Draft::new(&moment.whole()),
        None => Draft::new(value),
    }
}

fn push_zone(text: &mut Draft, zone: &str) {
    if !zone.is_empty() && !text.is_empty() {
        text.push_str(" (");
        text.push_str(zone);
        text.push_str(")");
    }
}
