//! One element out of a stream of BER, collected as DER whatever form it came in.
//!
//! What goes into a key derivation or under a tag must be DER (RFC 5753 §7.2, RFC 5083 §2.2), and the typed structures
//! are read from DER only. Lengths become definite and minimal, octet strings primitive, sets ordered.

use std::ops::Range;

use super::ber::{BerError, Class, Event, Form, Tag};

/// What an open element costs besides its octets, so that empty ones are not free.
const COST_OF_AN_ELEMENT: usize = 16;

struct Open {
    tag: Tag,
    content: Vec<u8>,
    /// Where the elements of a SET are, to be ordered.
    members: Vec<Range<usize>>,
}

/// Collects one element within a budget.
pub(crate) struct Collector {
    open: Vec<Open>,
    budget: usize,
}

impl Collector {
    /// Begins with the element that `tag` opened. `budget` bounds the octets that are kept.
    pub(crate) fn new(tag: Tag, budget: usize) -> Self {
        Self {
            open: vec![Open::new(tag)],
            budget,
        }
    }

    /// Takes the next event; the element's DER when this was its end.
    ///
    /// # Errors
    /// [`BerError`] when the budget is spent or a string is made of something else.
    pub(crate) fn take(&mut self, event: Event<'_>) -> Result<Option<Vec<u8>>, BerError> {
        match event {
            Event::Begin(tag) => {
                self.spend(COST_OF_AN_ELEMENT)?;
                self.open.push(Open::new(tag));
                Ok(None)
            }
            Event::Octets(run) => {
                self.spend(run.len())?;
                let innermost = self.open.last_mut().ok_or(BerError)?;
                innermost.content.extend_from_slice(run);
                Ok(None)
            }
            Event::End => self.close(),
        }
    }

    /// What is left of the budget.
    pub(crate) fn budget(&self) -> usize {
        self.budget
    }

    fn spend(&mut self, octets: usize) -> Result<(), BerError> {
        self.budget = self.budget.checked_sub(octets).ok_or(BerError)?;
        Ok(())
    }

    fn close(&mut self) -> Result<Option<Vec<u8>>, BerError> {
        let ended = self.open.pop().ok_or(BerError)?;
        let Some(parent) = self.open.last_mut() else {
            return Ok(Some(ended.into_der()));
        };
        if parent.tag == Tag::CONSTRUCTED_OCTET_STRING {
            // X.690 §8.7.3: the segments of a string are strings of its own kind.
            if !ended.tag.is_octet_string() {
                return Err(BerError);
            }
            parent.content.extend_from_slice(&ended.content);
            return Ok(None);
        }
        let start = parent.content.len();
        parent.content.extend_from_slice(&ended.into_der());
        parent.members.push(start..parent.content.len());
        Ok(None)
    }
}

impl Open {
    fn new(tag: Tag) -> Self {
        Self {
            tag,
            content: Vec::new(),
            members: Vec::new(),
        }
    }

    fn into_der(mut self) -> Vec<u8> {
        if self.tag == Tag::SET {
            self.content = ordered(&self.content, &self.members);
        }
        if self.tag == Tag::CONSTRUCTED_OCTET_STRING {
            self.tag = Tag::OCTET_STRING;
        }
        let mut der = identifier(self.tag);
        der.extend(length(self.content.len()));
        der.append(&mut self.content);
        der
    }
}

/// X.690 §11.6: the members of a SET OF stand in ascending order of their encodings.
fn ordered(content: &[u8], members: &[Range<usize>]) -> Vec<u8> {
    let mut members: Vec<&[u8]> = members
        .iter()
        .filter_map(|member| content.get(member.clone()))
        .collect();
    members.sort_unstable();
    members.concat()
}

/// Identifier octets.
pub(crate) fn identifier(tag: Tag) -> Vec<u8> {
    let class = match tag.class {
        Class::Universal => 0,
        Class::Application => 0x40,
        Class::Context => 0x80,
        Class::Private => 0xc0,
    };
    let form = match tag.form {
        Form::Primitive => 0,
        Form::Constructed => 0x20,
    };
    match u8::try_from(tag.number) {
        Ok(low @ 0..=30) => vec![class | form | low],
        Ok(31..) | Err(_) => {
            let mut octets = vec![class | form | 0x1f];
            octets.extend(base_128(tag.number));
            octets
        }
    }
}

fn base_128(number: u32) -> Vec<u8> {
    let [_, _, _, last] = (number & 0x7f).to_be_bytes();
    let mut octets = vec![last];
    let mut rest = number >> 7;
    while rest > 0 {
        let [_, _, _, low] = (rest & 0x7f).to_be_bytes();
        octets.insert(0, low | 0x80);
        rest >>= 7;
    }
    octets
}

/// Length octets, definite and minimal.
pub(crate) fn length(length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short @ 0..=0x7f) => vec![short],
        Ok(0x80..) | Err(_) => {
            let octets: Vec<u8> = length
                .to_be_bytes()
                .into_iter()
                .skip_while(|octet| *octet == 0)
                .collect();
            // A usize has at most eight octets.
            let count = u8::try_from(octets.len()).unwrap_or(8);
            std::iter::once(0x80 | count).chain(octets).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cms::ber::Reader;

    fn der(octets: &[u8], budget: usize) -> Result<Vec<u8>, BerError> {
        let mut reader = Reader::new();
        let mut input = octets;
        let Some(Event::Begin(tag)) = reader.next(&mut input)? else {
            return Err(BerError);
        };
        let mut collector = Collector::new(tag, budget);
        while let Some(event) = reader.next(&mut input)? {
            if let Some(der) = collector.take(event)? {
                return Ok(der);
            }
        }
        Err(BerError)
    }

    #[test]
    fn indefinite_nested_and_unordered_becomes_der() {
        let ber = [
            0x31, 0x80, 0x04, 0x81, 0x01, 9, 0x24, 0x80, 0x04, 0x01, 1, 0x24, 0x03, 0x04, 0x01, 2,
            0, 0, 0, 0,
        ];
        assert_eq!(
            der(&ber, 1000).unwrap(),
            [0x31, 7, 0x04, 1, 9, 0x04, 2, 1, 2]
        );
        let unordered = [0x31, 6, 0x04, 1, 9, 0x04, 1, 3];
        assert_eq!(
            der(&unordered, 1000).unwrap(),
            [0x31, 6, 0x04, 1, 3, 0x04, 1, 9]
        );
    }

    #[test]
    fn der_stays_as_it_is() {
        let long = [&[0x30, 0x82, 1, 4, 0x04, 0x82, 1, 0][..], &[7; 256]].concat();
        assert_eq!(der(&long, 1000).unwrap(), long);
        let high = [0x7f, 0x81, 0x01, 0];
        assert_eq!(
            der(&[0xbf, 0x81, 0x01, 0], 1000).unwrap(),
            [0xbf, 0x81, 0x01, 0]
        );
        assert_eq!(der(&high, 1000).unwrap(), high);
    }

    #[test]
    fn the_budget_is_spent_by_octets_and_by_elements() {
        assert!(der(&[0x04, 3, 1, 2, 3], 3).is_ok());
        assert_eq!(der(&[0x04, 3, 1, 2, 3], 2), Err(BerError));
        assert_eq!(
            der(&[0x30, 4, 0x30, 0, 0x30, 0], 2 * COST_OF_AN_ELEMENT - 1),
            Err(BerError)
        );
    }

    #[test]
    fn a_string_of_something_else_is_refused() {
        assert_eq!(der(&[0x24, 3, 0x02, 1, 1], 100), Err(BerError));
    }
}
