//! Message numbers, unique identifiers and sets of them (RFC 9051 §2.3.1, §9 `sequence-set`).

use std::fmt;
use std::num::NonZeroU32;

use super::cursor::{Cursor, Parsed};
use super::encode::Encoder;

/// A message sequence number, or any other 32-bit number that is never zero.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SeqNum(pub NonZeroU32);

/// A message's unique identifier: never zero (RFC 9051 §2.3.1.1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Uid(pub NonZeroU32);

/// A mailbox's unique identifier validity value: never zero (RFC 9051 §2.3.1.1).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UidValidity(pub NonZeroU32);

macro_rules! never_zero {
    ($name:ident) => {
        impl $name {
            /// The number, unless it is zero.
            #[must_use]
            pub fn new(number: u32) -> Option<Self> {
                NonZeroU32::new(number).map(Self)
            }

            /// The number as an integer.
            #[must_use]
            pub fn value(self) -> u32 {
                self.0.get()
            }

            pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
                cursor.nz_number().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

never_zero!(SeqNum);
never_zero!(Uid);
never_zero!(UidValidity);

/// One end of a range.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bound {
    /// A number.
    Number(NonZeroU32),
    /// `*`: the largest number in use.
    Largest,
}

/// One number, or all between two, in whichever order they are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range {
    /// As written first.
    pub first: Bound,
    /// As written second; the same as `first` for a single number.
    pub last: Bound,
}

/// A set of messages, by sequence number or by unique identifier.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SequenceSet {
    /// `$`: the saved search result (RFC 5182).
    Saved,
    /// Ranges; never none.
    Ranges(Vec<Range>),
}

impl Bound {
    fn resolve(self, largest: u32) -> u32 {
        match self {
            Self::Number(number) => number.get(),
            Self::Largest => largest,
        }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.eat(b'*') {
            Ok(Self::Largest)
        } else {
            cursor.nz_number().map(Self::Number)
        }
    }

    fn write(self, out: &mut Encoder) {
        match self {
            Self::Number(number) => out.number(number.get().into()),
            Self::Largest => out.raw(b"*"),
        };
    }
}

impl Range {
    /// The numbers of this range from low to high, `largest` standing for `*` (zero: no message is there).
    #[must_use]
    pub fn resolve(self, largest: u32) -> (u32, u32) {
        let (first, last) = (self.first.resolve(largest), self.last.resolve(largest));
        (first.min(last), first.max(last))
    }
}

impl SequenceSet {
    /// The set of one number.
    #[must_use]
    pub fn one(number: NonZeroU32) -> Self {
        Self::just(Bound::Number(number))
    }

    /// The set of one message.
    #[must_use]
    pub fn just(bound: Bound) -> Self {
        Self::Ranges(vec![Range {
            first: bound,
            last: bound,
        }])
    }

    /// The set of one message by its unique identifier.
    #[must_use]
    pub fn uid(uid: Uid) -> Self {
        Self::one(uid.0)
    }

    /// `1:*`.
    #[must_use]
    pub fn all() -> Self {
        Self::Ranges(vec![Range {
            first: Bound::Number(NonZeroU32::MIN),
            last: Bound::Largest,
        }])
    }

    /// The only number of this set, if it names one message and does so by a number.
    #[must_use]
    pub fn single(&self) -> Option<NonZeroU32> {
        match self.only()? {
            Bound::Number(number) => Some(number),
            Bound::Largest => None,
        }
    }

    /// The one message that this set names whatever the mailbox holds, however often it names it: a number, or `*`.
    /// None for a set that may hold more, and for `$`, which its owner must resolve.
    #[must_use]
    pub fn only(&self) -> Option<Bound> {
        let Self::Ranges(ranges) = self else {
            return None;
        };
        let mut bounds = ranges.iter().flat_map(|range| [range.first, range.last]);
        let first = bounds.next()?;
        bounds.all(|bound| bound == first).then_some(first)
    }

    /// Whether `number` is in the set, `largest` standing for `*`. `$` holds nothing here: its owner must resolve it.
    #[must_use]
    pub fn contains(&self, number: u32, largest: u32) -> bool {
        let Self::Ranges(ranges) = self else {
            return false;
        };
        ranges.iter().any(|range| {
            let (low, high) = range.resolve(largest);
            (low..=high).contains(&number)
        })
    }

    /// Reads a `VANISHED` response without `(EARLIER)`: the messages that go (RFC 7162 §3.2.10). `None`: it is none.
    #[must_use]
    pub fn vanished(raw: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(raw.strip_suffix(b"\r\n")?);
        let named = cursor.eat(b'*')
            && cursor.eat(b' ')
            && cursor.eat_word(b"VANISHED")
            && cursor.eat(b' ');
        if !named {
            return None;
        }
        let set = Self::parse(&mut cursor).ok()?;
        cursor.is_at_end().then_some(set)
    }

    /// How many numbers below `number` are in the set, none counted twice, if no range has `*`.
    #[must_use]
    pub fn count_below(&self, number: u32) -> u32 {
        let Self::Ranges(ranges) = self else { return 0 };
        let mut ranges: Vec<_> = ranges.iter().map(|range| range.resolve(u32::MAX)).collect();
        ranges.sort_unstable();
        let (mut count, mut next) = (0_u32, 0_u32);
        for (low, high) in ranges {
            let (low, end) = (low.max(next), high.saturating_add(1).min(number));
            count = count.saturating_add(end.saturating_sub(low));
            next = next.max(end);
        }
        count
    }

    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        if cursor.eat(b'$') {
            return Ok(Self::Saved);
        }
        let mut ranges = Vec::new();
        loop {
            cursor.node()?;
            let first = Bound::parse(cursor)?;
            let last = if cursor.eat(b':') {
                Bound::parse(cursor)?
            } else {
                first
            };
            ranges.push(Range { first, last });
            if !cursor.eat(b',') {
                return Ok(Self::Ranges(ranges));
            }
        }
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        let Self::Ranges(ranges) = self else {
            out.raw(b"$");
            return;
        };
        for (index, range) in ranges.iter().enumerate() {
            if index > 0 {
                out.raw(b",");
            }
            range.first.write(out);
            if range.first != range.last {
                out.raw(b":");
                range.last.write(out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Option<SequenceSet> {
        let mut cursor = Cursor::new(text.as_bytes());
        let set = SequenceSet::parse(&mut cursor).ok()?;
        cursor.is_at_end().then_some(set)
    }

    /// RFC 9051 §9, `seq-range`: ends stand in either order, and `*` is the largest number even where that is smaller.
    #[test]
    fn ranges_hold_what_lies_between_their_ends() {
        let members = |text, largest| {
            let set = set(text).unwrap();
            (1..=9)
                .filter(|number| set.contains(*number, largest))
                .collect::<Vec<_>>()
        };
        assert_eq!(members("2:4,7", 9), [2, 3, 4, 7]);
        assert_eq!(members("4:2", 9), [2, 3, 4]);
        assert_eq!(members("*", 5), [5]);
        assert_eq!(members("7:*", 5), [5, 6, 7]);
        assert_eq!(members("$", 5), [] as [u32; 0]);
    }

    #[test]
    fn what_vanished_below_a_message_is_counted_once() {
        let vanished = |text: &str| SequenceSet::vanished(text.as_bytes());
        let set = vanished("* vanished 3:5,4,9,20\r\n").unwrap();
        assert_eq!(
            (set.count_below(3), set.count_below(5), set.count_below(9)),
            (0, 2, 3)
        );
        assert_eq!((set.count_below(10), set.count_below(u32::MAX)), (4, 5));
        for none in [
            "* VANISHED (EARLIER) 3\r\n",
            "* VANISHED \r\n",
            "* VANISHED 3",
            "* VANISHED 3 4\r\n",
        ] {
            assert_eq!(vanished(none), None, "{none}");
        }
    }

    #[test]
    fn one_message_is_one_however_often_it_is_named() {
        let seven = NonZeroU32::new(7);
        for text in ["7", "7:7", "7,7", "7:7,7"] {
            assert_eq!(set(text).unwrap().single(), seven, "{text}");
        }
        for text in ["*", "*:*", "*,*"] {
            let set = set(text).unwrap();
            assert_eq!((set.single(), set.only()), (None, Some(Bound::Largest)));
        }
        for text in ["7:*", "7,*", "7,8", "7:8", "$"] {
            assert_eq!(set(text).unwrap().only(), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in [
            "",
            "0",
            "1:",
            ":1",
            "1,",
            ",1",
            "1:2:3",
            "-1",
            "4294967296",
            "1:0",
            "$,1",
            "**",
        ] {
            assert_eq!(set(text), None, "{text}");
        }
    }
}
