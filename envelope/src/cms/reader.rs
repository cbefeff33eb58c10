//! The grammar of EnvelopedData (RFC 5652 §6) and AuthEnvelopedData (RFC 5083) over a stream of BER: first the header, then
//! the content as it comes, then what follows it. Both the header's reader and the opener stand on this one.
//!
//! It holds the header and the attributes, within a budget, and never the content.

use der::Decode;
use der::asn1::ObjectIdentifier;

use super::ber::{self, BerError, Event, Tag};
use super::collect::Collector;
use super::header::{Header, Kind, Unsupported};
use super::recipient::Recipient;
use super::{oid, recipient};
use crate::algorithm::{AlgorithmError, ContentEncryption, Integrity};

/// What the header and the attributes together may take: some thousand recipients.
pub(crate) const HEADER_BUDGET: usize = 1024 * 1024;
/// The longest mac (RFC 5084 §3.2) has 16 octets; it may come in pieces, each of which costs.
const MAC_BUDGET: usize = 64;

/// How many elements are open around a recipientInfo: ContentInfo, its wrapper, the enveloped data, the set.
const DEPTH_OF_RECIPIENTS: usize = 3;

/// Why the octets are not a part that is opened here.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum CmsError {
    Malformed,
    Unsupported(Unsupported),
}

impl From<BerError> for CmsError {
    fn from(_: BerError) -> Self {
        Self::Malformed
    }
}

impl From<der::Error> for CmsError {
    fn from(_: der::Error) -> Self {
        Self::Malformed
    }
}

impl From<AlgorithmError> for CmsError {
    fn from(error: AlgorithmError) -> Self {
        match error {
            AlgorithmError::Malformed => Self::Malformed,
            AlgorithmError::Unsupported(oid) => {
                Self::Unsupported(Unsupported::ContentEncryption(oid))
            }
        }
    }
}

/// Whether recipients are wanted: an opener has the key already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Recipients {
    Read,
    Skip,
}

/// What the reader found next.
#[derive(Debug)]
pub(crate) enum Part<'a> {
    /// Everything before the content; the content begins.
    Header(Header),
    /// The next octets of the encrypted content.
    Content(&'a [u8]),
}

/// What stood after the content.
#[derive(Default)]
pub(crate) struct Tail {
    /// authAttrs as DER of a SET OF, or nothing: what the tag covers besides the content (RFC 5083 §2.2).
    pub(crate) authenticated: Vec<u8>,
    /// The tag; empty in EnvelopedData.
    pub(crate) mac: Vec<u8>,
}

/// Where in the grammar the next event stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    ContentInfo,
    ContentType,
    Wrapper,
    Enveloped,
    Version,
    BeforeRecipients,
    InRecipients,
    EncryptedContentInfo,
    InnerType,
    Algorithm,
    Content,
    InContent { strings: usize },
    AfterContent,
    Attributes,
    Unauthenticated,
    Closing { ends: usize },
}

/// What is going on at that place.
enum Activity {
    Walking,
    Skipping { depth: usize },
    Collecting(Collector),
}

/// Follows one part.
pub(crate) struct Reader {
    ber: ber::Reader,
    place: Place,
    activity: Activity,
    wanted: Recipients,
    budget: usize,
    kind: Kind,
    recipients: Vec<Recipient>,
    tail: Tail,
}

impl Reader {
    pub(crate) fn new(wanted: Recipients) -> Self {
        Self {
            ber: ber::Reader::new(),
            place: Place::ContentInfo,
            activity: Activity::Walking,
            wanted,
            budget: HEADER_BUDGET,
            kind: Kind::Enveloped,
            recipients: Vec::new(),
            tail: Tail::default(),
        }
    }

    /// How many octets the header still needs at least, as far as lengths were announced.
    pub(crate) fn header_left(&self) -> u64 {
        match self.place {
            Place::BeforeRecipients | Place::InRecipients => {
                self.ber.left_below(DEPTH_OF_RECIPIENTS)
            }
            Place::ContentInfo
            | Place::ContentType
            | Place::Wrapper
            | Place::Enveloped
            | Place::Version
            | Place::EncryptedContentInfo
            | Place::InnerType
            | Place::Algorithm
            | Place::Content
            | Place::InContent { .. }
            | Place::AfterContent
            | Place::Attributes
            | Place::Unauthenticated
            | Place::Closing { .. } => 0,
        }
    }

    /// Takes the next part out of `input`, advancing it; `None` when more octets are needed or everything was read.
    ///
    /// # Errors
    /// [`CmsError`], also for octets after the part's end.
    pub(crate) fn next<'a>(&mut self, input: &mut &'a [u8]) -> Result<Option<Part<'a>>, CmsError> {
        while let Some(event) = self.ber.next(input)? {
            if let Some(part) = self.take(event)? {
                return Ok(Some(part));
            }
        }
        Ok(None)
    }

    /// What stood after the content.
    ///
    /// # Errors
    /// [`CmsError::Malformed`] when the part has not ended.
    pub(crate) fn finish(self) -> Result<Tail, CmsError> {
        if !self.ber.is_done() {
            return Err(CmsError::Malformed);
        }
        Ok(self.tail)
    }

    fn take<'a>(&mut self, event: Event<'a>) -> Result<Option<Part<'a>>, CmsError> {
        match &mut self.activity {
            Activity::Walking => self.walk(event),
            Activity::Skipping { depth } => {
                match event {
                    Event::Begin(_) => *depth = depth.saturating_add(1),
                    Event::Octets(_) => {}
                    Event::End => *depth = depth.saturating_sub(1),
                }
                if *depth == 0 {
                    self.activity = Activity::Walking;
                }
                Ok(None)
            }
            Activity::Collecting(collector) => {
                let collected = collector.take(event)?;
                let budget = collector.budget();
                let Some(der) = collected else {
                    return Ok(None);
                };
                self.activity = Activity::Walking;
                self.collected(&der, budget)
            }
        }
    }

    fn walk<'a>(&mut self, event: Event<'a>) -> Result<Option<Part<'a>>, CmsError> {
        match (event, self.place) {
            (Event::Octets(run), Place::InContent { .. }) => return Ok(Some(Part::Content(run))),
            (Event::Octets(_), _elsewhere) => return Err(CmsError::Malformed),
            (Event::Begin(tag), _) => self.begin(tag)?,
            (Event::End, _) => self.end()?,
        }
        Ok(None)
    }

    fn begin(&mut self, tag: Tag) -> Result<(), CmsError> {
        self.place = match (self.place, tag) {
            (Place::ContentInfo, Tag::SEQUENCE) => Place::ContentType,
            (Place::ContentType | Place::InnerType, Tag::OID)
            | (Place::Version, Tag::INTEGER)
            | (Place::Algorithm, Tag::SEQUENCE) => self.collect(tag, self.budget),
            (Place::Wrapper, tag) if tag == Tag::context(0) => Place::Enveloped,
            (Place::Enveloped, Tag::SEQUENCE) => Place::Version,
            (Place::BeforeRecipients, Tag::SET) => Place::InRecipients,
            // RFC 5652 §6.1: originatorInfo, certificates that the recipient may want.
            (Place::BeforeRecipients, tag) if tag == Tag::context(0) => self.skip(),
            (Place::InRecipients, tag) => self.begin_recipient(tag),
            (Place::EncryptedContentInfo, Tag::SEQUENCE) => Place::InnerType,
            (place @ (Place::Content | Place::InContent { .. }), tag) => begin_content(place, tag)?,
            (Place::Attributes, tag) => self.begin_attributes(tag)?,
            // RFC 5083 §2.1: unauthAttrs.
            (Place::Unauthenticated, tag) if tag == Tag::context(2) => self.skip(),
            _unexpected => return Err(CmsError::Malformed),
        };
        Ok(())
    }

    fn skip(&mut self) -> Place {
        self.activity = Activity::Skipping { depth: 1 };
        self.place
    }

    fn collect(&mut self, tag: Tag, budget: usize) -> Place {
        self.activity = Activity::Collecting(Collector::new(tag, budget));
        self.place
    }

    fn begin_recipient(&mut self, tag: Tag) -> Place {
        match self.wanted {
            Recipients::Read => self.collect(tag, self.budget),
            Recipients::Skip => self.skip(),
        }
    }

    fn begin_attributes(&mut self, tag: Tag) -> Result<Place, CmsError> {
        match (self.kind, tag) {
            // RFC 5652 §6.1: unprotectedAttrs.
            (Kind::Enveloped, tag) if tag == Tag::context(1) => Ok(self.skip()),
            // RFC 5083 §2.2: the tag covers authAttrs as a SET OF, not as [1].
            (Kind::AuthEnveloped, tag)
                if tag == Tag::context(1) && self.tail.authenticated.is_empty() =>
            {
                Ok(self.collect(Tag::SET, self.budget))
            }
            (Kind::AuthEnveloped, Tag::OCTET_STRING | Tag::CONSTRUCTED_OCTET_STRING) => {
                Ok(self.collect(tag, MAC_BUDGET))
            }
            (Kind::Enveloped | Kind::AuthEnveloped, _) => Err(CmsError::Malformed),
        }
    }

    fn end(&mut self) -> Result<(), CmsError> {
        self.place = match self.place {
            Place::InRecipients => Place::EncryptedContentInfo,
            Place::InContent { strings: 1 } => Place::AfterContent,
            Place::InContent { strings } => Place::InContent {
                strings: strings.saturating_sub(1),
            },
            Place::AfterContent => Place::Attributes,
            // The enveloped data has ended; its wrapper and the ContentInfo are to follow.
            Place::Attributes if self.kind == Kind::Enveloped => Place::Closing { ends: 2 },
            Place::Unauthenticated => Place::Closing { ends: 2 },
            Place::Closing { ends } => Place::Closing {
                ends: ends.checked_sub(1).ok_or(CmsError::Malformed)?,
            },
            // Something is missing.
            Place::ContentInfo
            | Place::ContentType
            | Place::Wrapper
            | Place::Enveloped
            | Place::Version
            | Place::BeforeRecipients
            | Place::EncryptedContentInfo
            | Place::InnerType
            | Place::Algorithm
            | Place::Content
            | Place::Attributes => return Err(CmsError::Malformed),
        };
        Ok(())
    }

    /// An element was collected.
    fn collected<'a>(&mut self, der: &[u8], budget: usize) -> Result<Option<Part<'a>>, CmsError> {
        self.budget = budget;
        self.place = match self.place {
            Place::ContentType => {
                self.kind = kind(ObjectIdentifier::from_der(der)?)?;
                Place::Wrapper
            }
            Place::Version => {
                self.check_version(u8::from_der(der)?)?;
                Place::BeforeRecipients
            }
            Place::InRecipients => {
                self.recipients.extend(recipient::read(der));
                Place::InRecipients
            }
            Place::InnerType => check_inner_type(ObjectIdentifier::from_der(der)?)?,
            Place::Algorithm => {
                self.place = Place::Content;
                return self.header(der).map(|header| Some(Part::Header(header)));
            }
            Place::Attributes => self.attribute(der),
            // Nothing is collected there.
            Place::ContentInfo
            | Place::Wrapper
            | Place::Enveloped
            | Place::BeforeRecipients
            | Place::EncryptedContentInfo
            | Place::Content
            | Place::InContent { .. }
            | Place::AfterContent
            | Place::Unauthenticated
            | Place::Closing { .. } => return Err(CmsError::Malformed),
        };
        Ok(None)
    }

    /// authAttrs, or the mac after it.
    fn attribute(&mut self, der: &[u8]) -> Place {
        if let Ok(mac) = <&der::asn1::OctetStringRef>::from_der(der) {
            self.tail.mac = mac.as_bytes().to_vec();
            return Place::Unauthenticated;
        }
        self.tail.authenticated = der.to_vec();
        Place::Attributes
    }

    fn check_version(&self, version: u8) -> Result<(), CmsError> {
        match (self.kind, version) {
            // RFC 5652 §6.1 and RFC 5083 §2.1.
            (Kind::Enveloped, 0 | 2..=4) | (Kind::AuthEnveloped, 0) => Ok(()),
            (Kind::Enveloped | Kind::AuthEnveloped, _) => Err(CmsError::Malformed),
        }
    }

    fn header(&mut self, algorithm: &[u8]) -> Result<Header, CmsError> {
        let content = ContentEncryption::from_der(algorithm)?;
        match (self.kind, content.algorithm.integrity()) {
            // RFC 5083 §2.1 wants an authenticated cipher; without a place for a tag there is none (RFC 5084 §1.1).
            (Kind::Enveloped, Integrity::None)
            | (Kind::AuthEnveloped, Integrity::Authenticated) => {}
            (Kind::Enveloped, Integrity::Authenticated)
            | (Kind::AuthEnveloped, Integrity::None) => {
                return Err(CmsError::Malformed);
            }
        }
        Ok(Header {
            kind: self.kind,
            recipients: std::mem::take(&mut self.recipients),
            content,
        })
    }
}

fn kind(content_type: ObjectIdentifier) -> Result<Kind, CmsError> {
    match content_type {
        oid::ENVELOPED_DATA => Ok(Kind::Enveloped),
        oid::AUTH_ENVELOPED_DATA => Ok(Kind::AuthEnveloped),
        other => Err(CmsError::Unsupported(Unsupported::ContentType(other))),
    }
}

/// S/MIME encrypts MIME entities as id-data (RFC 8551 §3.3, §3.4); signed or compressed content is inside those.
fn check_inner_type(inner: ObjectIdentifier) -> Result<Place, CmsError> {
    match inner {
        oid::DATA => Ok(Place::Algorithm),
        other => Err(CmsError::Unsupported(Unsupported::InnerType(other))),
    }
}

/// encryptedContent is `[0] IMPLICIT OCTET STRING`: primitive, or made of octet strings, which may nest (X.690 §8.7).
fn begin_content(place: Place, tag: Tag) -> Result<Place, CmsError> {
    if place == Place::Content && (tag == Tag::context(0) || tag == Tag::context_primitive(0)) {
        return Ok(Place::InContent { strings: 1 });
    }
    if let Place::InContent { strings } = place
        && tag.is_octet_string()
    {
        let strings = strings.saturating_add(1);
        return Ok(Place::InContent { strings });
    }
    Err(CmsError::Malformed)
}
