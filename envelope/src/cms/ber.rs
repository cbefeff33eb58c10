//! A streaming reader of BER (X.690): octets in, in runs of any size; the beginnings, contents and ends of elements out.
//!
//! It keeps a fixed-size header and one small record for each open element. It never allocates by an announced length,
//! never recurses, and gives the same events however the octets are cut, except that contents come in as many runs.

/// How deep elements may nest.
const MAX_DEPTH: usize = 16;
/// The longest content that an element may announce.
const MAX_LENGTH: u64 = 1 << 40;
/// The longest identifier and length octets: five for a tag number under 2^28, nine for a length.
const MAX_HEADER: usize = 14;

/// Not BER, or beyond the limits above.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct BerError;

/// The class of a tag (X.690 §8.1.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Class {
    Universal,
    Application,
    Context,
    Private,
}

/// Whether an element holds octets or elements.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Primitive,
    Constructed,
}

/// Identifier octets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Tag {
    pub(crate) class: Class,
    pub(crate) form: Form,
    pub(crate) number: u32,
}

impl Tag {
    pub(crate) const INTEGER: Self = Self::universal(Form::Primitive, 2);
    pub(crate) const OCTET_STRING: Self = Self::universal(Form::Primitive, 4);
    pub(crate) const CONSTRUCTED_OCTET_STRING: Self = Self::universal(Form::Constructed, 4);
    pub(crate) const OID: Self = Self::universal(Form::Primitive, 6);
    pub(crate) const SEQUENCE: Self = Self::universal(Form::Constructed, 16);
    pub(crate) const SET: Self = Self::universal(Form::Constructed, 17);

    const fn universal(form: Form, number: u32) -> Self {
        Self {
            class: Class::Universal,
            form,
            number,
        }
    }

    /// `[number]`, constructed.
    pub(crate) const fn context(number: u32) -> Self {
        Self {
            class: Class::Context,
            form: Form::Constructed,
            number,
        }
    }

    /// `[number]`, primitive.
    pub(crate) const fn context_primitive(number: u32) -> Self {
        Self {
            class: Class::Context,
            form: Form::Primitive,
            number,
        }
    }

    /// Whether this is an OCTET STRING, in either form (X.690 §8.7).
    pub(crate) fn is_octet_string(self) -> bool {
        self == Self::OCTET_STRING || self == Self::CONSTRUCTED_OCTET_STRING
    }
}

/// What the reader saw next. Every `Begin` has its `End`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Event<'a> {
    Begin(Tag),
    Octets(&'a [u8]),
    End,
}

/// Where an open element ends.
#[derive(Clone, Copy)]
enum Ends {
    AtLength,
    AtMarker,
}

struct Open {
    form: Form,
    ends: Ends,
    /// Octets that may still come inside; for an indefinite length, what its parent allows.
    left: u64,
}

/// Reads exactly one element and what is in it.
pub(crate) struct Reader {
    open: Vec<Open>,
    header: [u8; MAX_HEADER],
    header_len: usize,
    begun: bool,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            open: Vec::new(),
            header: [0; MAX_HEADER],
            header_len: 0,
            begun: false,
        }
    }

    /// Whether the one element has ended.
    pub(crate) fn is_done(&self) -> bool {
        self.begun && self.open.is_empty()
    }

    /// How many octets at least must come until the open elements from depth `depth` on have ended, as far as lengths
    /// were announced.
    pub(crate) fn left_below(&self, depth: usize) -> u64 {
        let known = |open: &&Open| matches!(open.ends, Ends::AtLength);
        self.open
            .iter()
            .skip(depth)
            .filter(known)
            .fold(0, |sum, open| sum.saturating_add(open.left))
    }

    /// Takes the next event out of `input`, advancing it; `None` when more octets are needed or everything was read.
    ///
    /// # Errors
    /// [`BerError`], also for octets after the one element.
    pub(crate) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Event<'a>>, BerError> {
        if let Some(event) = self.contents(input)? {
            return Ok(event);
        }
        if self.is_done() {
            return if input.is_empty() {
                Ok(None)
            } else {
                Err(BerError)
            };
        }
        let Some(header) = self.collect_header(input)? else {
            return Ok(None);
        };
        self.enter(header).map(Some)
    }

    /// The contents or the end of the innermost element, where that needs no header. `Some(None)`: more octets needed.
    #[expect(
        clippy::option_option,
        reason = "no event here, or none yet: two different answers"
    )]
    fn contents<'a>(
        &mut self,
        input: &mut &'a [u8],
    ) -> Result<Option<Option<Event<'a>>>, BerError> {
        let Some(innermost) = self.open.last_mut() else {
            return Ok(None);
        };
        if matches!(innermost.ends, Ends::AtLength) && innermost.left == 0 {
            if self.header_len > 0 {
                return Err(BerError);
            }
            self.open.pop();
            return Ok(Some(Some(Event::End)));
        }
        match innermost.form {
            Form::Constructed => Ok(None),
            Form::Primitive if input.is_empty() => Ok(Some(None)),
            Form::Primitive => {
                let wanted = usize::try_from(innermost.left).unwrap_or(usize::MAX);
                let (run, rest) = input.split_at(wanted.min(input.len()));
                innermost.left = spend(innermost.left, run.len())?;
                *input = rest;
                Ok(Some(Some(Event::Octets(run))))
            }
        }
    }

    /// Collects identifier and length octets, one at a time, until they are complete.
    fn collect_header(&mut self, input: &mut &[u8]) -> Result<Option<Header>, BerError> {
        while let Some((octet, rest)) = input.split_first() {
            let place = self.header.get_mut(self.header_len).ok_or(BerError)?;
            *place = *octet;
            *input = rest;
            self.header_len = self.header_len.saturating_add(1);
            let seen = self.header.get(..self.header_len).ok_or(BerError)?;
            if let Some(header) = Header::parse(seen)? {
                if let Some(parent) = self.open.last_mut() {
                    parent.left = spend(parent.left, self.header_len)?;
                }
                self.header_len = 0;
                return Ok(Some(header));
            }
        }
        Ok(None)
    }

    fn enter<'a>(&mut self, header: Header) -> Result<Event<'a>, BerError> {
        let (tag, length) = match header {
            Header::EndOfContents => return self.end_indefinite(),
            Header::Element { tag, length } => (tag, length),
        };
        if self.open.len() >= MAX_DEPTH {
            return Err(BerError);
        }
        self.begun = true;
        let room = self.open.last().map_or(MAX_LENGTH, |parent| parent.left);
        let (ends, left) = match length {
            None => (Ends::AtMarker, room),
            Some(length) if length <= room => (Ends::AtLength, length),
            Some(_) => return Err(BerError),
        };
        if let (Ends::AtLength, Some(parent)) = (ends, self.open.last_mut()) {
            parent.left = room.checked_sub(left).ok_or(BerError)?;
        }
        self.open.push(Open {
            form: tag.form,
            ends,
            left,
        });
        Ok(Event::Begin(tag))
    }

    /// X.690 §8.1.5: end-of-contents octets end an element of indefinite length, and stand nowhere else.
    fn end_indefinite<'a>(&mut self) -> Result<Event<'a>, BerError> {
        let ended = self.open.pop().ok_or(BerError)?;
        match ended.ends {
            Ends::AtLength => return Err(BerError),
            Ends::AtMarker => {}
        }
        if let Some(parent) = self.open.last_mut() {
            parent.left = ended.left;
        }
        Ok(Event::End)
    }
}

fn spend(left: u64, octets: usize) -> Result<u64, BerError> {
    u64::try_from(octets)
        .ok()
        .and_then(|octets| left.checked_sub(octets))
        .ok_or(BerError)
}

/// Identifier and length octets, read.
enum Header {
    EndOfContents,
    Element { tag: Tag, length: Option<u64> },
}

impl Header {
    /// `None`: incomplete.
    fn parse(octets: &[u8]) -> Result<Option<Self>, BerError> {
        let mut octets = octets.iter().copied();
        let Some(first) = octets.next() else {
            return Ok(None);
        };
        let Some(number) = parse_number(first, &mut octets)? else {
            return Ok(None);
        };
        let Some(length_octet) = octets.next() else {
            return Ok(None);
        };
        if first == 0 {
            // X.690 §8.1.5: 00 00, and tag 0 is used for nothing else.
            return if length_octet == 0 {
                Ok(Some(Self::EndOfContents))
            } else {
                Err(BerError)
            };
        }
        let tag = Tag {
            class: class(first),
            form: form(first),
            number,
        };
        let element = |length| Some(Self::Element { tag, length });
        match length_octet {
            // X.690 §8.1.3.6: only a constructed element has an indefinite length.
            0x80 if tag.form == Form::Constructed => Ok(element(None)),
            0x80 | 0xff => Err(BerError),
            short @ 0..=0x7f => Ok(element(Some(u64::from(short)))),
            long @ 0x81..=0xfe => {
                Ok(parse_long(long & 0x7f, octets)?.and_then(|l| element(Some(l))))
            }
        }
    }
}

fn class(first: u8) -> Class {
    match first >> 6 {
        0 => Class::Universal,
        1 => Class::Application,
        2 => Class::Context,
        3.. => Class::Private,
    }
}

fn form(first: u8) -> Form {
    if first & 0x20 == 0 {
        Form::Primitive
    } else {
        Form::Constructed
    }
}

/// The tag number: in the first octet, or in up to four more (X.690 §8.1.2.4).
fn parse_number(first: u8, octets: &mut impl Iterator<Item = u8>) -> Result<Option<u32>, BerError> {
    let low = first & 0x1f;
    if low != 0x1f {
        return Ok(Some(u32::from(low)));
    }
    let mut number = 0_u32;
    for place in 0..4 {
        let Some(octet) = octets.next() else {
            return Ok(None);
        };
        if place == 0 && octet == 0x80 {
            return Err(BerError);
        }
        number = (number << 7) | u32::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            return Ok(Some(number));
        }
    }
    Err(BerError)
}

/// The long form of a length, at most eight octets; leading zeros are BER.
fn parse_long(count: u8, octets: impl Iterator<Item = u8>) -> Result<Option<u64>, BerError> {
    if count > 8 {
        return Err(BerError);
    }
    let mut seen = 0_u8;
    let mut length = 0_u64;
    for octet in octets {
        length = (length << 8) | u64::from(octet);
        seen = seen.saturating_add(1);
    }
    match (seen == count, length <= MAX_LENGTH) {
        (false, _) => Ok(None),
        (true, true) => Ok(Some(length)),
        (true, false) => Err(BerError),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events with neighbouring runs joined, as text.
    fn events(runs: &[&[u8]]) -> Result<(Vec<String>, bool), BerError> {
        let mut reader = Reader::new();
        let mut seen: Vec<String> = Vec::new();
        let mut in_run = false;
        for run in runs {
            let mut input = *run;
            while let Some(event) = reader.next(&mut input)? {
                let text = match event {
                    Event::Begin(tag) => format!("{:?}{:?}{}", tag.class, tag.form, tag.number),
                    Event::End => "end".to_owned(),
                    Event::Octets(octets) => {
                        let text = format!("{octets:02x?}").replace(['[', ']', ','], "");
                        if in_run && let Some(last) = seen.last_mut() {
                            last.push_str(&format!(" {text}"));
                            continue;
                        }
                        in_run = true;
                        seen.push(text);
                        continue;
                    }
                };
                in_run = false;
                seen.push(text);
            }
        }
        Ok((seen, reader.is_done()))
    }

    const NESTED: &[u8] = &[
        0x30, 0x80, 0x24, 0x0c, 0x04, 0x02, 1, 2, 0x24, 0x80, 0x04, 0x01, 3, 0x04, 0x00, 0, 0,
        0x02, 0x81, 0x01, 5, 0, 0,
    ];

    #[test]
    fn events_do_not_depend_on_where_runs_are_cut() {
        // The inner indefinite string does not fit the definite one around it by one octet; widened here.
        let mut octets = NESTED.to_vec();
        octets[3] = 0x0d;
        let whole = events(&[&octets]).unwrap();
        assert!(whole.1);
        for cut in 0..=octets.len() {
            let (first, second) = octets.split_at(cut);
            assert_eq!(events(&[first, second]).unwrap(), whole, "cut at {cut}");
        }
        let singly: Vec<&[u8]> = octets.chunks(1).collect();
        assert_eq!(events(&singly).unwrap(), whole);
    }

    #[test]
    fn an_element_that_overruns_its_parent_is_refused() {
        assert_eq!(events(&[NESTED]), Err(BerError));
        assert_eq!(events(&[&[0x30, 0x02, 0x04, 0x01, 0]]), Err(BerError));
        assert_eq!(events(&[&[0x30, 0x01, 0x04, 0x00]]), Err(BerError));
    }

    #[test]
    fn trailing_octets_are_refused() {
        assert_eq!(events(&[&[0x04, 0x00, 0x00]]), Err(BerError));
    }

    #[test]
    fn depth_and_length_are_bounded() {
        assert!(events(&[&[0x30, 0x80].repeat(MAX_DEPTH)]).is_ok());
        assert_eq!(
            events(&[&[0x30, 0x80].repeat(MAX_DEPTH + 1)]),
            Err(BerError)
        );
        let huge = [0x04, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        assert_eq!(events(&[&huge]), Err(BerError));
    }

    #[test]
    fn a_primitive_of_indefinite_length_is_refused() {
        assert_eq!(events(&[&[0x04, 0x80, 0, 0]]), Err(BerError));
        assert_eq!(events(&[&[0x30, 0x02, 0, 0]]), Err(BerError));
    }
}
