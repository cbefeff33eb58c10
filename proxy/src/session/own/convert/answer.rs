//! What the client is told: CONVERTED, the tagged status, and with them the log. However often a result's octets stand in an
//! answer, they are held once.

use std::{ops::Range, sync::Arc};

use wire::{
    frame::Binary,
    imap::{
        Addressing, BodyStructure, Code, ConvertItem, Converted, ConvertedAttribute, MediaType,
        PartPath, Partial, StatusKind,
        convert::Outcome,
        structure::{Extension, Fields},
    },
};

use super::{Conversion, Place, Verdict, phrase::text, plan::Failed};
use crate::{
    clock::Moment,
    event::{Event, Record},
    session::{Request, Session, Stage, outbox::Piece},
};

/// From so many octets on a run is shared with what is kept of the result; shorter ones cost less when they are copied, and may be
/// written as quoted strings.
const SHARED: usize = 4096;

/// The tagged half of an answer.
type Told = (StatusKind, Option<Code>, &'static str);

impl Session {
    pub(super) fn answer_conversion(&mut self, now: Moment) {
        let Some(mut conversion) = self.take_conversion() else {
            return;
        };
        if conversion.work.take().is_some() {
            self.out.request(Request::Dismiss);
        }
        if !self.is_selected(&conversion) {
            // The mailbox was left meanwhile: what was converted has no name any more.
            conversion.place = None;
            conversion.verdict = Some(Verdict::Failed(Failed::Temporary));
        }
        if let Some(converted) = conversion.converted() {
            self.out.tell_pieces(converted);
        }
        let (kind, code, text) = conversion.told();
        self.out.complete(&conversion.tag, kind, code, text);
        self.record_conversion(&conversion, text, now);
    }

    fn is_selected(&self, conversion: &Conversion) -> bool {
        match &self.stage {
            Stage::Open(open) => open.selection.now() == Some(&conversion.selected),
            Stage::Login(_) | Stage::Over => false,
        }
    }

    /// RFC 5259 §13: who converts is logged.
    fn record_conversion(&mut self, conversion: &Conversion, text: &'static str, now: Moment) {
        let Stage::Open(open) = &self.stage else {
            return;
        };
        let milliseconds =
            u64::try_from(now.since(conversion.arrived).as_millis()).unwrap_or(u64::MAX);
        let record = match &conversion.verdict {
            Some(Verdict::Sealed(sealed)) => Record::of(Event::ConversionDone)
                .octets(u64::try_from(sealed.len()).unwrap_or(u64::MAX)),
            Some(Verdict::Told) => Record::of(Event::ConversionDone).octets(0),
            Some(Verdict::Failed(Failed::Refused)) => Record::of(Event::RevealRefused),
            Some(Verdict::Failed(_) | Verdict::Store(_) | Verdict::Structure) | None => {
                Record::of(Event::ConversionRefused).reason(text)
            }
        };
        self.out
            .records
            .push_back(record.user(open.user.as_bytes()).milliseconds(milliseconds));
    }
}

impl Conversion {
    /// The CONVERTED response; none where no message is to be told of (RFC 5259 §6, as for FETCH).
    fn converted(&self) -> Option<Vec<Piece>> {
        let place = self.place?;
        match &self.verdict {
            Some(Verdict::Sealed(_) | Verdict::Told | Verdict::Failed(_)) => {}
            Some(Verdict::Store(_) | Verdict::Structure) | None => return None,
        }
        let mut response = Response::open(Converted::open(place.message, &self.tag));
        // RFC 5259 §8.1: mandatory for UID CONVERT, and the first.
        let implied = match self.request.addressing {
            Addressing::Uid => !self.request.items.contains(&ConvertItem::Uid),
            Addressing::Sequence => false,
        };
        if implied {
            response.attribute(&ConvertedAttribute::Uid(place.uid));
        }
        for item in &self.request.items {
            match (item, &self.verdict) {
                (ConvertItem::Binary { part, partial }, Some(Verdict::Sealed(sealed))) => {
                    response.binary(part, *partial, sealed);
                }
                (item, _) => {
                    if let Some(attribute) = self.attribute(item, place) {
                        response.attribute(&attribute);
                    }
                }
            }
        }
        Some(response.close())
    }

    /// What one item is told; of a result's octets only why there are none.
    fn attribute(&self, item: &ConvertItem, place: Place) -> Option<ConvertedAttribute> {
        match item {
            ConvertItem::Uid => Some(ConvertedAttribute::Uid(place.uid)),
            ConvertItem::Binary { part, partial } => Some(ConvertedAttribute::Binary {
                part: part.clone(),
                origin: partial.map(|partial| partial.offset),
                outcome: self.outcome(|_| None)?,
            }),
            ConvertItem::BinarySize(part) => Some(ConvertedAttribute::BinarySize {
                part: part.clone(),
                outcome: self.outcome(size)?,
            }),
            ConvertItem::BodyPartStructure(part) => Some(ConvertedAttribute::BodyPartStructure {
                part: part.clone(),
                outcome: self.outcome(|sealed| container(&self.request.target, size(sealed)))?,
            }),
            ConvertItem::AvailableConversions(part) => {
                Some(ConvertedAttribute::AvailableConversions {
                    part: part.clone(),
                    outcome: self
                        .available
                        .clone()
                        .map_err(|failed| self.phrase(&failed)),
                })
            }
            ConvertItem::Header(_) => None, // refused before the store was asked
        }
    }

    fn outcome<T>(&self, make: impl FnOnce(&[u8]) -> T) -> Option<Outcome<T>> {
        match self.verdict.as_ref()? {
            Verdict::Sealed(sealed) => Some(Ok(make(sealed))),
            Verdict::Failed(failed) => Some(Err(self.phrase(failed))),
            Verdict::Told | Verdict::Store(_) | Verdict::Structure => None,
        }
    }

    fn told(&self) -> Told {
        const CANNOT: Option<Code> = Some(Code::Cannot);
        match &self.verdict {
            Some(Verdict::Sealed(_)) => (StatusKind::Ok, None, "Converted"),
            Some(Verdict::Told) => (StatusKind::Ok, None, "Done"),
            Some(Verdict::Failed(Failed::Temporary)) => (
                StatusKind::No,
                Some(Code::TempFail),
                text(&Failed::Temporary),
            ),
            Some(Verdict::Failed(failed @ Failed::Missing(_))) => {
                (StatusKind::No, None, text(failed))
            }
            Some(Verdict::Failed(failed)) => (StatusKind::No, CANNOT, text(failed)),
            Some(Verdict::Store(StatusKind::Bad)) => {
                (StatusKind::Bad, None, "The mail store has no such message")
            }
            Some(Verdict::Store(_)) | None => (
                StatusKind::No,
                None,
                "The mail store refused to fetch the message",
            ),
            Some(Verdict::Structure) => (
                StatusKind::No,
                Some(Code::Limit),
                "The message's structure is too large",
            ),
        }
    }
}

/// A CONVERTED response as it comes about.
struct Response {
    pieces: Vec<Piece>,
    /// What is written behind them.
    octets: Vec<u8>,
    begun: usize,
}

impl Response {
    fn open(octets: Vec<u8>) -> Self {
        let begun = octets.len();
        Self {
            pieces: Vec::new(),
            octets,
            begun,
        }
    }

    /// What parts an attribute from the one before it.
    fn space(&mut self) {
        if !self.pieces.is_empty() || self.octets.len() > self.begun {
            self.octets.push(b' ');
        }
    }

    fn attribute(&mut self, attribute: &ConvertedAttribute) {
        self.space();
        self.octets.extend(attribute.encode());
    }

    fn binary(&mut self, part: &PartPath, partial: Option<Partial>, sealed: &Arc<[u8]>) {
        let range = cut(sealed.len(), partial);
        let run = sealed.get(range.clone()).unwrap_or_default();
        let origin = partial.map(|partial| partial.offset);
        if run.len() < SHARED {
            return self.attribute(&ConvertedAttribute::Binary {
                part: part.clone(),
                origin,
                outcome: Ok(Some(run.to_vec())),
            });
        }
        // RFC 3516 §4.3: a literal8 only where it must be one.
        let binary = if run.contains(&0) {
            Binary::Yes
        } else {
            Binary::No
        };
        self.space();
        let head = ConvertedAttribute::announce(part, origin, size(run), binary);
        self.octets.extend(head);
        self.pieces
            .push(Piece::Own(std::mem::take(&mut self.octets)));
        self.pieces.push(Piece::Shared(Arc::clone(sealed), range));
    }

    fn close(mut self) -> Vec<Piece> {
        self.octets.extend_from_slice(Converted::CLOSE);
        self.pieces.push(Piece::Own(self.octets));
        self.pieces
    }
}

fn size(sealed: &[u8]) -> u64 {
    u64::try_from(sealed.len()).unwrap_or(u64::MAX)
}

/// RFC 9051 §6.4.5: what lies beyond the end is empty, what is too long is cut.
fn cut(octets: usize, partial: Option<Partial>) -> Range<usize> {
    let Some(Partial { offset, length }) = partial else {
        return 0..octets;
    };
    let begin = usize::try_from(offset).unwrap_or(usize::MAX).min(octets);
    let length = usize::try_from(length.get()).unwrap_or(usize::MAX);
    begin..begin.saturating_add(length).min(octets)
}

/// RFC 5259 §8.2: the converted part's structure is the container's, for that is what BINARY gives.
fn container(target: &MediaType, octets: u64) -> BodyStructure {
    let (media_type, media_subtype) = target.name().split_once('/').unwrap_or_default();
    BodyStructure::Basic(Fields {
        media_type: media_type.into(),
        media_subtype: media_subtype.into(),
        encoding: b"binary".to_vec(),
        octets,
        extension: Some(Extension::default()),
        ..Fields::default()
    })
}
