//! The ERROR phrase of RFC 5259 §9: why there is no result, and which parameters are named for it.
//!
//! Of a pair without a list a client may think that it never works. So where other parameters could work, those that were given
//! are named; and where none was given, and a default of the server's is the reason, the one that would help (MISSINGPARAMETERS).

use keyreveal::{InnerType, Kind, names};
use vault::frames::{Resource, SourceKind};
use wire::imap::{
    ErrorCode, ErrorPhrase, MediaType,
    convert::{BadParameters, MissingParameters, ParameterName, Parameters},
};

use super::{Conversion, plan::Failed};

/// The type that error phrases name as the source of a revealed part, whichever of its two names it has.
const SOURCE: &str = "application/pkcs7-mime";

/// How many octets of a value are repeated: enough for any that could be meant.
const SHOWN: usize = 256;

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

/// What says how long a sound is.
const TIME: [&str; 2] = [names::PARAM_SECONDS, names::PARAM_PRESET];

/// What says which part it is, and of what moves how much.
const PLACE: [&str; 2] = [names::PARAM_INNER, names::PARAM_FRAMES];

const KINDS: [Kind; 3] = [Kind::Picture, Kind::Text, Kind::Sound];

impl Conversion {
    /// The phrase that tells this.
    pub(super) fn phrase(&self, failed: &Failed) -> ErrorPhrase {
        ErrorPhrase::new(text(failed), self.code(failed))
    }

    fn code(&self, failed: &Failed) -> ErrorCode {
        let source = MediaType::new(SOURCE);
        match failed {
            Failed::NoSuchPart => self.bad(None, Vec::new()),
            Failed::Pair(from) => self.bad(Some(from.clone()), Vec::new()),
            Failed::Bad(names) => self.bad(source, self.given(names)),
            Failed::Missing(names) => self.missing(names),
            Failed::Refused => self.bad(source, revealed()),
            Failed::NoSuchSection => self.bad(source, self.given(&[names::PARAM_INNER])),
            Failed::CannotFit | Failed::Exceeded(Resource::Output) => {
                self.bad_or_missing(&LIMITS, names::PARAM_OCTETS)
            }
            Failed::Charset => self.bad_or_missing(&CHARSET, names::PARAM_CHARSET),
            Failed::Exceeded(Resource::Samples) => self.bad_or_missing(&TIME, names::PARAM_SECONDS),
            Failed::NotConvertible(kind) => self.bad(source, self.given(&self.unfitting(*kind))),
            Failed::Exceeded(Resource::Pixels | Resource::Memory | Resource::Elements)
            | Failed::Damaged => self.bad(source, self.given(&PLACE)),
            Failed::Exceeded(Resource::Input) => self.bad(source, Vec::new()),
            Failed::Temporary => ErrorCode::TempFail(None),
        }
    }

    fn bad(&self, from: Option<MediaType>, parameters: Parameters) -> ErrorCode {
        let to = self.request.target.clone();
        ErrorCode::BadParameters(vec![BadParameters {
            from,
            to,
            parameters,
        }])
    }

    fn missing(&self, names: &[&str]) -> ErrorCode {
        let Some(from) = MediaType::new(SOURCE) else {
            return self.bad(None, Vec::new());
        };
        let named = |name: &&str| ParameterName::new(name);
        ErrorCode::MissingParameters(vec![MissingParameters {
            from,
            to: self.request.target.clone(),
            parameters: names.iter().filter_map(named).collect(),
        }])
    }

    /// Those of these parameters that were given; if none was, the one without which the server's own default holds, which is no good.
    fn bad_or_missing(&self, names: &[&str], missing: &str) -> ErrorCode {
        let given = self.given(names);
        if given.is_empty() {
            self.missing(&[missing])
        } else {
            self.bad(MediaType::new(SOURCE), given)
        }
    }

    /// What the opened part's kind does not fit: the section, and, if another kind could be made of it, all that asks for this one.
    fn unfitting(&self, opened: SourceKind) -> Vec<&'static str> {
        let mut unfitting = vec![names::PARAM_INNER];
        let another = match opened {
            SourceKind::Image | SourceKind::UnreadImage => self.asks_other_than(Kind::Picture),
            SourceKind::Text | SourceKind::Message => self.asks_other_than(Kind::Text),
            SourceKind::Audio => self.asks_other_than(Kind::Sound),
            // Documents are read, and some are seen; what is in the others, nobody knows here.
            SourceKind::Application | SourceKind::Multipart => true,
            SourceKind::Video | SourceKind::Other => false,
        };
        if another {
            unfitting.push(names::PARAM_TYPE);
            unfitting.extend(KINDS.into_iter().flat_map(names::parameters_of));
        }
        unfitting
    }

    /// Whether a type, or a parameter of one kind alone, asks for another kind than this.
    fn asks_other_than(&self, kind: Kind) -> bool {
        self.asked_kind().is_some_and(|asked| asked != kind)
    }

    fn asked_kind(&self) -> Option<Kind> {
        let mut texts = self.request.texts();
        let media = texts.find(|(name, _)| *name == names::PARAM_TYPE);
        if let Some((_, media)) = media {
            return InnerType::from_name(media?).map(InnerType::kind);
        }
        KINDS
            .into_iter()
            .find(|kind| !self.given(names::parameters_of(*kind)).is_empty())
    }

    /// The parameters of these names, with the values that were sent, or their beginnings. The reveal's is never repeated.
    fn given(&self, names: &[impl AsRef<str>]) -> Parameters {
        let named = |name: &ParameterName| {
            names
                .iter()
                .any(|wanted| wanted.as_ref().eq_ignore_ascii_case(name.as_str()))
        };
        let given = self
            .request
            .parameters
            .iter()
            .filter(|(name, _)| named(name));
        let shown = |name: &ParameterName, value: &Vec<u8>| {
            let secret = name.as_str() == names::PARAM_REVEAL;
            let most = if secret { 0 } else { SHOWN };
            value.get(..most).unwrap_or(value).to_vec()
        };
        given
            .map(|(name, value)| (name.clone(), shown(name, value)))
            .collect()
    }
}

/// All that a refused reveal is told: the same whatever was wrong.
fn revealed() -> Parameters {
    ParameterName::new(names::PARAM_REVEAL)
        .map(|name| (name, Vec::new()))
        .into_iter()
        .collect()
}

/// The text for people; for a refused reveal always the same, in the phrase and in the status.
pub(super) fn text(failed: &Failed) -> &'static str {
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
