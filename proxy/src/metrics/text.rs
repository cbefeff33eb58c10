//! Prometheus' text format 0.0.4.

use std::fmt::{Display, Write};

use super::{
    families::{Family, Kind},
    histogram::{BOUNDS, Histogram},
};

/// The media type of what [`Text`] writes.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// An exposition, being written.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// A label and its value.
pub(super) type Label<'a> = (&'static str, &'a str);

impl Text {
    /// Begins a family; its samples follow.
    pub(super) fn family(&mut self, family: Family) {
        let Family { name, kind, help } = family;
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    /// A sample of `family`, which was begun last.
    pub(super) fn sample(&mut self, family: Family, labels: &[Label<'_>], value: u64) {
        self.named(family.name, "", labels, &value);
    }

    /// A family of one sample without a label.
    pub(super) fn single(&mut self, family: Family, value: u64) {
        self.family(family);
        self.sample(family, &[], value);
    }

    /// A whole histogram.
    pub(super) fn histogram(&mut self, family: Family, histogram: &Histogram) {
        self.family(family);
        let (counts, microseconds) = histogram.read();
        let bounds = BOUNDS.iter().map(|bound| Thousandths(*bound).to_string());
        for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(counts) {
            self.named(family.name, "_bucket", &[("le", &bound)], &count);
        }
        let all = counts.last().copied().unwrap_or(0);
        self.named(family.name, "_sum", &[], &Millionths(microseconds));
        self.named(family.name, "_count", &[], &all);
    }

    fn named(&mut self, name: &str, suffix: &str, labels: &[Label<'_>], value: &dyn Display) {
        let labels: Vec<_> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", Escaped(value)))
            .collect();
        match labels.is_empty() {
            true => self.line(format_args!("{name}{suffix} {value}")),
            false => self.line(format_args!(
                "{name}{suffix}{{{}}} {value}",
                labels.join(",")
            )),
        }
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        self.0.push_str(&line.to_string());
        self.0.push('\n');
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A label's value: backslash, quote and line end are escaped.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            char => f.write_char(char),
        })
    }
}

/// Milliseconds, written as seconds.
struct Thousandths(u64);

impl Display for Thousandths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0 / 1000, self.0 % 1000) {
            (seconds, 0) => write!(f, "{seconds}"),
            (seconds, rest) => {
                let digits = format!("{rest:03}");
                write!(f, "{seconds}.{}", digits.trim_end_matches('0'))
            }
        }
    }
}

/// Microseconds, written as seconds.
struct Millionths(u64);

impl Display for Millionths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}
