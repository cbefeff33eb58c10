//! Deterministic CBOR (RFC 8949 §4.2.1) and nothing looser: shortest heads, definite lengths, keys in order, no octet left over.
//! `minicbor` does the items; what it would let pass is refused here, where each head is measured.
//! Reading borrows from the input, so a secret in it is not copied.

use std::convert::Infallible;

use minicbor::{Decoder, Encoder};

/// Not the one permitted encoding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed;

impl From<minicbor::decode::Error> for Malformed {
    fn from(_: minicbor::decode::Error) -> Self {
        Self
    }
}

/// How many octets the shortest head with this argument has (RFC 8949 §4.2.1).
pub(crate) fn head_len(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        0x1_0000_0000.. => 9,
    }
}

/// Reads items in the order in which the caller expects them.
pub(crate) struct Reader<'a>(Decoder<'a>);

impl<'a> Reader<'a> {
    /// Starts at the first octet.
    pub(crate) fn new(octets: &'a [u8]) -> Self {
        Self(Decoder::new(octets))
    }

    /// A map of exactly so many pairs.
    pub(crate) fn map(&mut self, pairs: u64) -> Result<(), Malformed> {
        (self.map_of_any()? == pairs).then_some(()).ok_or(Malformed)
    }

    /// A map; returns its number of pairs.
    pub(crate) fn map_of_any(&mut self) -> Result<u64, Malformed> {
        let start = self.0.position();
        let pairs = self.0.map()?.ok_or(Malformed)?;
        self.shortest(start, pairs, 0)?;
        Ok(pairs)
    }

    /// An array of exactly so many items.
    pub(crate) fn array(&mut self, items: u64) -> Result<(), Malformed> {
        (self.array_of_any()? == items)
            .then_some(())
            .ok_or(Malformed)
    }

    /// An array; returns its number of items.
    pub(crate) fn array_of_any(&mut self) -> Result<u64, Malformed> {
        let start = self.0.position();
        let items = self.0.array()?.ok_or(Malformed)?;
        self.shortest(start, items, 0)?;
        Ok(items)
    }

    /// The map key that must come next. Asking for keys in ascending order refuses every other order, and duplicates.
    pub(crate) fn key(&mut self, key: u64) -> Result<&mut Self, Malformed> {
        self.exact_number(key)?;
        Ok(self)
    }

    /// An unsigned integer that must be this one.
    pub(crate) fn exact_number(&mut self, expected: u64) -> Result<(), Malformed> {
        (self.unsigned()? == expected)
            .then_some(())
            .ok_or(Malformed)
    }

    /// An unsigned integer.
    pub(crate) fn unsigned(&mut self) -> Result<u64, Malformed> {
        let start = self.0.position();
        let value = self.0.u64()?;
        self.shortest(start, value, 0)?;
        Ok(value)
    }

    /// An unsigned integer of a narrower type.
    pub(crate) fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, Malformed> {
        T::try_from(self.unsigned()?).map_err(|_| Malformed)
    }

    /// An integer of either sign.
    pub(crate) fn integer(&mut self) -> Result<i64, Malformed> {
        let start = self.0.position();
        let value = self.0.i64()?;
        // RFC 8949 §3.1: a negative number's argument is -1 minus the number, which is its bitwise complement.
        let argument = u64::try_from(if value < 0 { !value } else { value });
        self.shortest(start, argument.map_err(|_| Malformed)?, 0)?;
        Ok(value)
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let start = self.0.position();
        let bytes = self.0.bytes()?;
        self.shortest_string(start, bytes.len())?;
        Ok(bytes)
    }

    /// A byte string of exactly `N` octets.
    pub(crate) fn exactly<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes()?.try_into().map_err(|_| Malformed)
    }

    /// A text string.
    pub(crate) fn text(&mut self) -> Result<&'a str, Malformed> {
        let start = self.0.position();
        let text = self.0.str()?;
        self.shortest_string(start, text.len())?;
        Ok(text)
    }

    /// A map of text to text, in the map's own order.
    pub(crate) fn text_map(&mut self) -> Result<Vec<(&'a str, &'a str)>, Malformed> {
        let mut pairs = Vec::new();
        // The number is a stranger's: nothing is reserved for it, and the loop ends where the octets do.
        for _ in 0..self.map_of_any()? {
            pairs.push((self.text()?, self.text()?));
        }
        Ok(pairs)
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), Malformed> {
        let read_whole = self.0.position() == self.0.input().len();
        read_whole.then_some(()).ok_or(Malformed)
    }

    fn shortest_string(&self, start: usize, len: usize) -> Result<(), Malformed> {
        let argument = u64::try_from(len).map_err(|_| Malformed)?;
        self.shortest(start, argument, len)
    }

    /// The item from `start` to here has `content` octets after its head; the head must be the shortest for `argument`.
    fn shortest(&self, start: usize, argument: u64, content: usize) -> Result<(), Malformed> {
        let head = self.0.position().checked_sub(start);
        let head = head.and_then(|item| item.checked_sub(content));
        (head == Some(head_len(argument)))
            .then_some(())
            .ok_or(Malformed)
    }
}

/// Writes items; `minicbor` always writes the shortest head. The caller writes keys in ascending order.
pub(crate) struct Writer<'a>(Encoder<&'a mut Vec<u8>>);

impl<'a> Writer<'a> {
    /// Appends to `octets`. Give it room beforehand if the octets are secret: growth would leave copies.
    pub(crate) fn new(octets: &'a mut Vec<u8>) -> Self {
        Self(Encoder::new(octets))
    }

    /// The octets that `write` writes: for what is not secret.
    pub(crate) fn octets(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut octets = Vec::new();
        write(&mut Writer::new(&mut octets));
        octets
    }

    /// A map's head.
    pub(crate) fn map(&mut self, pairs: u64) -> &mut Self {
        written(self.0.map(pairs).map(drop));
        self
    }

    /// An array's head.
    pub(crate) fn array(&mut self, items: u64) -> &mut Self {
        written(self.0.array(items).map(drop));
        self
    }

    /// A key, or a value, that is an unsigned integer.
    pub(crate) fn unsigned(&mut self, value: impl Into<u64>) -> &mut Self {
        written(self.0.u64(value.into()).map(drop));
        self
    }

    /// An integer of either sign.
    pub(crate) fn integer(&mut self, value: i64) -> &mut Self {
        written(self.0.i64(value).map(drop));
        self
    }

    /// A byte string.
    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        written(self.0.bytes(value).map(drop));
        self
    }

    /// A text string.
    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        written(self.0.str(value).map(drop));
        self
    }

    /// A map of text to text; the caller has its pairs in order.
    pub(crate) fn text_map(&mut self, pairs: &[(String, String)]) -> &mut Self {
        // A length of memory is never above u64::MAX.
        self.map(u64::try_from(pairs.len()).unwrap_or(u64::MAX));
        for (name, value) in pairs {
            self.text(name).text(value);
        }
        self
    }
}

fn written(outcome: Result<(), minicbor::encode::Error<Infallible>>) {
    if outcome.is_err() {
        unreachable!("a Vec takes every octet: its error type has no value");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a, T>(
        octets: &'a [u8],
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Malformed>,
    ) -> Option<T> {
        let mut reader = Reader::new(octets);
        let value = read(&mut reader).ok()?;
        reader.end().ok()?;
        Some(value)
    }

    #[test]
    fn only_the_shortest_head_is_read() {
        assert_eq!(read(&[0x17], Reader::unsigned), Some(23));
        assert_eq!(read(&[0x18, 0x18], Reader::unsigned), Some(24));
        for longer in [
            &[0x18, 0x17][..],
            &[0x19, 0, 0xff],
            &[0x1a, 0, 0, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert_eq!(read(longer, Reader::unsigned), None, "{longer:x?}");
        }
        assert_eq!(read(&[0x58, 1, 0], |r| r.exactly::<1>()), None);
        assert_eq!(read(&[0x78, 1, b'a'], |r| r.text().map(drop)), None);
        assert_eq!(read(&[0x98, 0], Reader::array_of_any), None);
        assert_eq!(read(&[0xb8, 0], Reader::map_of_any), None);
        assert_eq!(read(&[0x38, 0x17], Reader::integer), None);
        assert_eq!(read(&[0x38, 0x18], Reader::integer), Some(-25));
    }

    #[test]
    fn indefinite_lengths_are_refused() {
        assert_eq!(read(&[0x9f, 0xff], Reader::array_of_any), None);
        assert_eq!(read(&[0xbf, 0xff], Reader::map_of_any), None);
        assert_eq!(read(&[0x5f, 0x41, 0, 0xff], |r| r.exactly::<1>()), None);
        assert_eq!(
            read(&[0x7f, 0x61, b'a', 0xff], |r| r.text().map(drop)),
            None
        );
    }

    #[test]
    fn an_octet_left_over_is_refused() {
        assert_eq!(read(&[0x00, 0x00], Reader::unsigned), None);
    }

    #[test]
    fn what_is_written_is_read() {
        for value in [
            0,
            23,
            24,
            255,
            256,
            65535,
            65536,
            u64::from(u32::MAX),
            u64::MAX,
        ] {
            let octets = Writer::octets(|w| {
                w.unsigned(value);
            });
            assert_eq!(octets.len(), head_len(value));
            assert_eq!(read(&octets, Reader::unsigned), Some(value));
        }
        for value in [0, -1, -24, -25, -65_529, i64::MIN, i64::MAX] {
            let octets = Writer::octets(|w| {
                w.integer(value);
            });
            assert_eq!(read(&octets, Reader::integer), Some(value));
        }
    }
}
