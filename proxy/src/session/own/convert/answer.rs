//! What the client is told: CONVERTED, the tagged status, and with them the log.

use keyreveal::{Kind, names};
use vault::frames::{Resource, SourceKind};
use wire::imap::{
    Addressing, BodyStructure, Code, ConvertItem, Converted, ConvertedAttribute, ErrorCode,
    ErrorPhrase, MediaType, Partial, StatusKind,
    convert::{BadParameters, MissingParameters, Outcome, ParameterName, Parameters},
    structure::{Extension, Fields},
};

use super::{Conversion, Place, Verdict, plan::Failed};
use crate::{
    clock::Moment,
    event::{Event, Record},
    session::{Request, Session, Stage},
};

/// The type that error phrases name as the source of a revealed part, whichever of its two names it has.
const SOURCE: &str = "application/pkcs7-mime";

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
            self.out.tell(converted.encode());
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
    fn converted(&self) -> Option<Converted> {
        let place = self.place?;
        // RFC 5259 §8.1: mandatory for UID CONVERT, and the first.
        let implied = match self.request.addressing {
            Addressing::Uid if !self.request.items.contains(&ConvertItem::Uid) => {
                Some(ConvertedAttribute::Uid(place.uid))
            }
            Addressing::Uid | Addressing::Sequence => None,
        };
        let asked = self
            .request
            .items
            .iter()
            .filter_map(|item| self.attribute(item, place));
        let attributes: Vec<_> = implied.into_iter().chain(asked).collect();
        match &self.verdict {
            Some(Verdict::Sealed(_) | Verdict::Told | Verdict::Failed(_)) => Some(Converted {
                message: place.message,
                tag: self.tag.clone(),
                attributes,
            }),
            Some(Verdict::Store(_) | Verdict::Structure) | None => None,
        }
    }

    fn attribute(&self, item: &ConvertItem, place: Place) -> Option<ConvertedAttribute> {
        match item {
            ConvertItem::Uid => Some(ConvertedAttribute::Uid(place.uid)),
            ConvertItem::Binary { part, partial } => Some(ConvertedAttribute::Binary {
                part: part.clone(),
                origin: partial.map(|partial| partial.offset),
                outcome: self.outcome(|sealed| Some(cut(sealed, *partial)))?,
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

    /// The ERROR phrase of RFC 5259 §9.
    fn phrase(&self, failed: &Failed) -> ErrorPhrase {
        ErrorPhrase {
            text: text(failed).as_bytes().to_vec(),
            code: self.code(failed),
        }
    }

    fn code(&self, failed: &Failed) -> ErrorCode {
        let bad = |from, parameters| {
            let to = self.request.target.clone();
            ErrorCode::BadParameters(vec![BadParameters {
                from,
                to,
                parameters,
            }])
        };
        let source = MediaType::new(SOURCE);
        match failed {
            Failed::NoSuchPart => bad(None, Vec::new()),
            Failed::Pair(from) => bad(Some(from.clone()), Vec::new()),
            Failed::Bad(names) => bad(source, self.given(names)),
            Failed::Missing(names) => match source {
                Some(from) => self.missing(from, names),
                None => bad(None, Vec::new()),
            },
            Failed::Refused => bad(source, revealed()),
            Failed::NoSuchSection => bad(source, self.given(&[names::PARAM_INNER.to_owned()])),
            Failed::CannotFit => bad(source, self.given(&owned(&LIMITS))),
            Failed::Charset => bad(source, self.given(&owned(&CHARSET))),
            // RFC 5259 §9: without a type, it is these that the opened part's kind does not fit.
            Failed::NotConvertible(_) => bad(source, self.given(&self.of_one_kind())),
            Failed::Exceeded(_) | Failed::Damaged => bad(source, Vec::new()),
            Failed::Temporary => ErrorCode::TempFail(None),
        }
    }

    /// The parameters of one kind alone, where they are all that says which kind is wanted.
    fn of_one_kind(&self) -> Vec<String> {
        let named = |name: &str| {
            let parameters = &self.request.parameters;
            parameters.iter().any(|(given, _)| given.as_str() == name)
        };
        if named(names::PARAM_TYPE) {
            return Vec::new();
        }
        [Kind::Picture, Kind::Text, Kind::Sound]
            .into_iter()
            .flat_map(names::parameters_of)
            .map(|name| (*name).to_owned())
            .collect()
    }

    fn missing(&self, from: MediaType, names: &[&str]) -> ErrorCode {
        let to = self.request.target.clone();
        let parameters = names
            .iter()
            .filter_map(|name| ParameterName::new(name))
            .collect();
        ErrorCode::MissingParameters(vec![MissingParameters {
            from,
            to,
            parameters,
        }])
    }

    /// The parameters of these names, with the values that were sent. The reveal's is never repeated.
    fn given(&self, names: &[String]) -> Parameters {
        let named = |name: &ParameterName| {
            names
                .iter()
                .any(|wanted| wanted.eq_ignore_ascii_case(name.as_str()))
        };
        let given = self
            .request
            .parameters
            .iter()
            .filter(|(name, _)| named(name));
        given
            .map(|(name, value)| {
                let shown = name.as_str() != names::PARAM_REVEAL;
                (name.clone(), if shown { value.clone() } else { Vec::new() })
            })
            .collect()
    }
}

/// What a result may have been too large for.
const LIMITS: [&str; 7] = [
    names::PARAM_OCTETS,
    names::PARAM_PIX_X,
    names::PARAM_PIX_Y,
    names::PARAM_FRAMES,
    names::PARAM_SECONDS,
    names::PARAM_RATE,
    names::PARAM_PRESET,
];

/// What a text's characters may not have fitted.
const CHARSET: [&str; 3] = [
    names::PARAM_CHARSET,
    names::PARAM_REPLACEMENT,
    names::PARAM_PRESET,
];

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// All that a refused reveal is told: the same whatever was wrong.
fn revealed() -> Parameters {
    ParameterName::new(names::PARAM_REVEAL)
        .map(|name| (name, Vec::new()))
        .into_iter()
        .collect()
}

fn size(sealed: &[u8]) -> u64 {
    u64::try_from(sealed.len()).unwrap_or(u64::MAX)
}

/// RFC 9051 §6.4.5: what lies beyond the end is empty, what is too long is cut.
fn cut(sealed: &[u8], partial: Option<Partial>) -> Vec<u8> {
    let Some(Partial { offset, length }) = partial else {
        return sealed.to_vec();
    };
    let begin = usize::try_from(offset)
        .unwrap_or(usize::MAX)
        .min(sealed.len());
    let length = usize::try_from(length.get()).unwrap_or(usize::MAX);
    let end = begin.saturating_add(length).min(sealed.len());
    sealed.get(begin..end).unwrap_or_default().to_vec()
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

/// The text for people; for a refused reveal always the same, in the phrase and in the status.
fn text(failed: &Failed) -> &'static str {
    match failed {
        Failed::NoSuchPart => "There is no such part",
        Failed::Pair(_) => "This type is not converted into that one",
        Failed::Bad(_) => "These parameters cannot be used",
        Failed::Missing(_) => "Parameters are missing",
        Failed::Refused => "The reveal was refused",
        Failed::NotConvertible(kind) => not_convertible(*kind),
        Failed::NoSuchSection => "The opened part has no such section",
        Failed::Exceeded(Resource::Input) => "The part has more octets than are converted",
        Failed::Exceeded(Resource::Pixels) => "The picture has more pixels than are converted",
        Failed::Exceeded(Resource::Output) => {
            "The converted part would be larger than is given out"
        }
        Failed::Exceeded(Resource::Memory) => "This needs more memory than a conversion may use",
        Failed::Exceeded(Resource::Samples) => "The sound is longer than is converted",
        Failed::Exceeded(Resource::Elements) => {
            "The document has more in it, or lies deeper, than is converted"
        }
        Failed::Damaged => "What the part holds is damaged",
        Failed::CannotFit => "It cannot be made so small",
        Failed::Charset => "The text does not fit this charset",
        Failed::Temporary => "The conversion failed; try again later with a new reveal",
    }
}

fn not_convertible(kind: SourceKind) -> &'static str {
    match kind {
        SourceKind::Text => "The opened part is text, which is not converted so",
        SourceKind::Image => "The opened part is a picture, which is not converted so",
        SourceKind::UnreadImage => "The opened part is a picture of a format that is not read here",
        SourceKind::Audio => "The opened part is sound, which is not converted so",
        SourceKind::Video => "The opened part is video, which is not converted",
        SourceKind::Application => "The opened part is a document, which is not converted so",
        SourceKind::Message => "The opened part is a message, which is not converted so",
        SourceKind::Multipart => "The opened part holds nothing that is converted so",
        SourceKind::Other => "The opened part is nothing that is converted",
    }
}
