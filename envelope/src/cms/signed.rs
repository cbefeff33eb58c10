//! The content inside an opaque SignedData (RFC 5652 §5). The signature is not checked: whoever wants that needs the
//! sender's certificate, which nobody here has.

use der::Decode;
use der::asn1::ObjectIdentifier;

use super::ber::{Event, Reader, Tag};
use super::collect::Collector;
use super::oid;

/// Not a SignedData with its content inside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NotSigned;

/// An object identifier's budget, with room for forms that are not DER.
const OID_BUDGET: usize = 256;

/// Where in the grammar the next event stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    ContentInfo,
    ContentType,
    Wrapper,
    SignedData,
    Version,
    DigestAlgorithms,
    EncapContentInfo,
    InnerType,
    InnerWrapper,
    Content,
    InContent { strings: usize },
    AfterContent,
}

/// Follows one SignedData and hands out its content.
pub(crate) struct SignedReader {
    ber: Reader,
    place: Place,
    skipping: usize,
    collecting: Option<Collector>,
}

impl SignedReader {
    pub(crate) fn new() -> Self {
        Self {
            ber: Reader::new(),
            place: Place::ContentInfo,
            skipping: 0,
            collecting: None,
        }
    }

    /// Takes the next octets of the content out of `input`, advancing it; `None` when more octets are needed.
    ///
    /// # Errors
    /// [`NotSigned`]
    pub(crate) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<&'a [u8]>, NotSigned> {
        while let Some(event) = self.ber.next(input).map_err(|_| NotSigned)? {
            if let Some(run) = self.take(event)? {
                return Ok(Some(run));
            }
        }
        Ok(None)
    }

    /// Whether the content was there and everything has ended.
    ///
    /// # Errors
    /// [`NotSigned`]
    pub(crate) fn finish(&self) -> Result<(), NotSigned> {
        if self.ber.is_done() && self.place == Place::AfterContent {
            Ok(())
        } else {
            Err(NotSigned)
        }
    }

    fn take<'a>(&mut self, event: Event<'a>) -> Result<Option<&'a [u8]>, NotSigned> {
        if let Some(collector) = &mut self.collecting {
            if let Some(der) = collector.take(event).map_err(|_| NotSigned)? {
                self.collecting = None;
                self.identified(&der)?;
            }
            return Ok(None);
        }
        if self.skipping > 0 {
            match event {
                Event::Begin(_) => self.skipping = self.skipping.saturating_add(1),
                Event::Octets(_) => {}
                Event::End => self.skipping = self.skipping.saturating_sub(1),
            }
            return Ok(None);
        }
        match (event, self.place) {
            (Event::Octets(run), Place::InContent { .. }) => Ok(Some(run)),
            (Event::Octets(_), _elsewhere) => Err(NotSigned),
            (Event::Begin(tag), _) => self.begin(tag).map(|()| None),
            (Event::End, _) => self.end().map(|()| None),
        }
    }

    fn begin(&mut self, tag: Tag) -> Result<(), NotSigned> {
        self.place = match (self.place, tag) {
            (Place::ContentInfo, Tag::SEQUENCE) => Place::ContentType,
            (place @ (Place::ContentType | Place::InnerType), Tag::OID) => {
                self.collecting = Some(Collector::new(tag, OID_BUDGET));
                place
            }
            (Place::Wrapper, tag) if tag == Tag::context(0) => Place::SignedData,
            (Place::SignedData, Tag::SEQUENCE) => Place::Version,
            (Place::Version, Tag::INTEGER) => self.skip(Place::DigestAlgorithms),
            (Place::DigestAlgorithms, Tag::SET) => self.skip(Place::EncapContentInfo),
            (Place::EncapContentInfo, Tag::SEQUENCE) => Place::InnerType,
            (Place::InnerWrapper, tag) if tag == Tag::context(0) => Place::Content,
            (Place::Content, tag) if tag.is_octet_string() => Place::InContent { strings: 1 },
            (Place::InContent { strings }, tag) if tag.is_octet_string() => Place::InContent {
                strings: strings.saturating_add(1),
            },
            // Certificates, revocation lists, signatures.
            (Place::AfterContent, _) => self.skip(Place::AfterContent),
            _unexpected => return Err(NotSigned),
        };
        Ok(())
    }

    fn skip(&mut self, then: Place) -> Place {
        self.skipping = 1;
        then
    }

    fn end(&mut self) -> Result<(), NotSigned> {
        self.place = match self.place {
            Place::InContent { strings: 1 } | Place::AfterContent => Place::AfterContent,
            Place::InContent { strings } => Place::InContent {
                strings: strings.saturating_sub(1),
            },
            // The content is missing: a detached signature.
            Place::ContentInfo
            | Place::ContentType
            | Place::Wrapper
            | Place::SignedData
            | Place::Version
            | Place::DigestAlgorithms
            | Place::EncapContentInfo
            | Place::InnerType
            | Place::InnerWrapper
            | Place::Content => return Err(NotSigned),
        };
        Ok(())
    }

    fn identified(&mut self, der: &[u8]) -> Result<(), NotSigned> {
        let named = ObjectIdentifier::from_der(der).map_err(|_| NotSigned)?;
        self.place = match (self.place, named) {
            (Place::ContentType, oid::SIGNED_DATA) => Place::Wrapper,
            (Place::InnerType, oid::DATA) => Place::InnerWrapper,
            _unexpected => return Err(NotSigned),
        };
        Ok(())
    }
}
