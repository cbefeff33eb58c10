//! Which backend a user is at, by pattern: the file's static rules and the users' map are both such a table.
//!
//! The map is text from outside: it is taken whole or refused whole, with the number of the line that is wrong.
//! This module opens no file; its octets are given to it.

use std::collections::{BTreeSet, HashMap};

use crate::config::{BackendName, UserPattern};

/// The largest map that is read: about a million lines.
pub const MAP_OCTETS: usize = 64 * 1024 * 1024;

/// Patterns of users and their backends. A look-up takes as long in a large table as in a small one.
#[derive(Clone, Debug, Default)]
pub struct MapTable {
    /// Each backend once; the tables hold its place.
    backends: Vec<BackendName>,
    users: HashMap<Box<str>, usize>,
    domains: HashMap<Box<str>, usize>,
    /// By the domain, with its leading dot.
    below: HashMap<Box<str>, usize>,
    all: Option<usize>,
}

/// Why a map is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MapRefused {
    /// It is larger than [`MAP_OCTETS`].
    TooLarge,
    /// This line, counted from 1, is not UTF-8, or not a pattern and a backend.
    Line(usize),
    /// This line names a backend that is not configured.
    Backend(usize),
    /// This line says otherwise than an earlier one of the same pattern.
    Contradiction(usize),
}

impl MapRefused {
    /// The same for the log, without the line's number.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::TooLarge => "it is too large",
            Self::Line(_) => "a line is not `pattern backend`",
            Self::Backend(_) => "a line names a backend that is not configured",
            Self::Contradiction(_) => "a pattern has two backends",
        }
    }

    /// The number of the line that is wrong.
    #[must_use]
    pub fn line(self) -> Option<usize> {
        match self {
            Self::TooLarge => None,
            Self::Line(line) | Self::Backend(line) | Self::Contradiction(line) => Some(line),
        }
    }
}

/// A pattern has a backend already, and another one.
struct Contradiction;

impl MapTable {
    /// Reads lines `pattern backend`, apart by blanks. A `#` that begins a line or follows a blank begins a comment.
    ///
    /// # Errors
    /// At the first line that is wrong.
    pub fn parse(octets: &[u8], known: &BTreeSet<BackendName>) -> Result<Self, MapRefused> {
        if octets.len() > MAP_OCTETS {
            return Err(MapRefused::TooLarge);
        }
        let mut table = Self::default();
        let places: HashMap<&str, usize> = known
            .iter()
            .map(|name| (name.as_str(), table.backend(name)))
            .collect();
        for (line, number) in octets.split(|octet| *octet == b'\n').zip(1..) {
            let wrong = MapRefused::Line(number);
            let line = std::str::from_utf8(line).map_err(|_| wrong)?;
            let mut words = words(line);
            let Some(pattern) = words.next() else {
                continue;
            };
            let (Some(backend), None) = (words.next(), words.next()) else {
                return Err(wrong);
            };
            let pattern = UserPattern::try_from(pattern.to_owned()).map_err(|_| wrong)?;
            let place = places.get(backend).ok_or(MapRefused::Backend(number))?;
            table
                .put(pattern, *place)
                .map_err(|Contradiction| MapRefused::Contradiction(number))?;
        }
        Ok(table)
    }

    /// The table of the configuration's own rules.
    pub(super) fn of_rules<'a>(
        rules: impl Iterator<Item = (&'a UserPattern, &'a BackendName)>,
    ) -> Self {
        let mut table = Self::default();
        for (pattern, name) in rules {
            let place = match table.backends.iter().position(|known| known == name) {
                Some(place) => place,
                None => table.backend(name),
            };
            // The configuration's keys are patterns, each of which occurs once.
            drop(table.put(pattern.clone(), place));
        }
        table
    }

    /// How many patterns there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.users.len() + self.domains.len() + self.below.len() + usize::from(self.all.is_some())
    }

    /// Whether there is no pattern.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The backend of `user`, as [`normalized`] gives it: by the name itself, else by its domain, else by the longest
    /// domain above, else by `*`.
    pub(super) fn find(&self, user: &str) -> Option<&BackendName> {
        let by_domain = || {
            let (_, domain) = user.rsplit_once('@')?;
            self.domains.get(domain).or_else(|| self.above(domain))
        };
        let place = self.users.get(user).or_else(by_domain);
        self.backends.get(*place.or(self.all.as_ref())?)
    }

    /// `.b.c`, then `.c`, for `a.b.c`.
    fn above(&self, domain: &str) -> Option<&usize> {
        if self.below.is_empty() {
            return None;
        }
        let dots = domain.match_indices('.');
        dots.filter_map(|(at, _)| domain.get(at..))
            .find_map(|above| self.below.get(above))
    }

    fn backend(&mut self, name: &BackendName) -> usize {
        self.backends.push(name.clone());
        self.backends.len().saturating_sub(1)
    }

    fn put(&mut self, pattern: UserPattern, place: usize) -> Result<(), Contradiction> {
        let before = match pattern {
            UserPattern::User(user) => self.users.insert(user.into(), place),
            UserPattern::Domain(domain) => self.domains.insert(domain.into(), place),
            UserPattern::Below(domain) => self.below.insert(domain.into(), place),
            UserPattern::All => self.all.replace(place),
        };
        match before {
            Some(before) if before != place => Err(Contradiction),
            Some(_) | None => Ok(()),
        }
    }
}

/// A user as the patterns spell it: the domain without regard to case, the rest as it is.
pub(super) fn normalized(user: &str) -> String {
    match user.rsplit_once('@') {
        Some((local, domain)) => format!("{local}@{}", domain.to_ascii_lowercase()),
        None => user.to_owned(),
    }
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split_ascii_whitespace()
        .take_while(|word| !word.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> BTreeSet<BackendName> {
        ["one", "two"]
            .into_iter()
            .map(|name| BackendName::try_from(name.to_owned()).unwrap())
            .collect()
    }

    fn parse(text: &str) -> Result<MapTable, MapRefused> {
        MapTable::parse(text.as_bytes(), &known())
    }

    fn find<'a>(table: &'a MapTable, user: &str) -> Option<&'a str> {
        table.find(&normalized(user)).map(BackendName::as_str)
    }

    #[test]
    fn the_most_exact_pattern_wins() {
        let table = parse(
            "# users\r\njoe@a.example one # moved\n\n@a.example\ttwo\n@*.example one\n@*.b.example two\n* two\n",
        )
        .unwrap();
        assert_eq!(table.len(), 5);
        for (user, backend) in [
            ("joe@A.Example", "one"),
            ("Joe@a.example", "two"), // a login name keeps its case
            ("eve@a.example", "two"),
            ("eve@c.example", "one"),
            ("eve@x.b.example", "two"),
            ("eve@b.example", "one"),
            ("eve@example", "two"), // a wildcard stands for one label at least
            ("eve", "two"),
        ] {
            assert_eq!(find(&table, user), Some(backend), "{user}");
        }
        assert_eq!(find(&parse("joe one").unwrap(), "eve"), None);
    }

    #[test]
    fn a_map_is_refused_whole_with_its_line() {
        for (text, refused) in [
            ("joe one\neve\n", MapRefused::Line(2)),
            ("joe one two", MapRefused::Line(1)),
            ("@ one", MapRefused::Line(1)),
            ("\n\njoe three", MapRefused::Backend(3)),
            ("joe one\njoe one\njoe two", MapRefused::Contradiction(3)),
        ] {
            assert_eq!(parse(text).unwrap_err(), refused, "{text:?}");
        }
        let octets = MapTable::parse(b"joe one\n\xff one", &known());
        assert_eq!(octets.unwrap_err().line(), Some(2));
    }

    #[test]
    fn a_hundred_thousand_lines_are_one_table() {
        let text: String = (0..100_000)
            .map(|number| format!("user{number}@example.org two\n"))
            .collect();
        let table = parse(&text).unwrap();
        assert_eq!(table.len(), 100_000);
        assert_eq!(find(&table, "user99999@example.org"), Some("two"));
        assert_eq!(find(&table, "user100000@example.org"), None);
    }

    proptest! {
        /// The table says what a search through the patterns, one by one, says.
        #[test]
        fn the_table_is_the_list_of_its_lines(
            lines in prop::collection::vec(("(a|b)?@?(\\*\\.)?[ab](\\.[ab]){0,2}", prop::bool::ANY), 0..12),
            user in "[ab]@[ab](\\.[ab]){0,3}",
        ) {
            let lines: Vec<_> = lines
                .into_iter()
                .filter_map(|(text, one)| Some((UserPattern::try_from(text).ok()?, if one { "one" } else { "two" })))
                .collect();
            let names = known();
            let rules: std::collections::BTreeMap<_, _> = lines
                .iter()
                .map(|(pattern, name)| (pattern, names.get(*name).unwrap()))
                .collect();
            let table = MapTable::of_rules(rules.iter().map(|(pattern, name)| (*pattern, *name)));
            let (_, domain) = user.rsplit_once('@').unwrap();
            let rank = |pattern: &UserPattern| match pattern {
                UserPattern::User(exact) => (*exact == user).then_some(usize::MAX),
                UserPattern::Domain(exact) => (exact == domain).then_some(usize::MAX - 1),
                UserPattern::Below(above) => domain.ends_with(above.as_str()).then_some(above.len()),
                UserPattern::All => Some(0),
            };
            let best = rules.iter().filter_map(|(pattern, name)| Some((rank(pattern)?, *name)));
            let best = best.max_by_key(|(rank, _)| *rank).map(|(_, name)| name.as_str());
            prop_assert_eq!(find(&table, &user), best);
        }
    }
}
