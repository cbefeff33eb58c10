//! CONVERSIONS (RFC 5259 §5): which pairs of types can be converted, and with which parameters.
//!
//! The only conversions are those of revealed parts. RFC 5259 §7.1 also wants text/plain in other charsets: there is
//! no such line because there is no such conversion here, and a client is better served by that than by a promise.

use keyreveal::names;
use wire::imap::{
    Conversion, MediaType, Response, StatusKind, Tag,
    convert::{Conversions, ParameterName},
};

use super::Session;

/// What can be revealed: CMS, under its name and under the older one that much mail still has (RFC 8551 §3.2).
const FROM: [&str; 2] = ["application/pkcs7-mime", "application/x-pkcs7-mime"];

/// The containers that a result comes in.
const TO: [&str; 2] = [names::CONTAINER_SEALED, names::CONTAINER_SMIME];

/// The containers, the default one (for the target NIL) first.
pub(super) fn containers() -> impl Iterator<Item = MediaType> {
    TO.into_iter().filter_map(MediaType::new)
}

/// Whether a part of this type can be revealed.
pub(super) fn converts_from(media: &MediaType) -> bool {
    FROM.contains(&media.name())
}

/// Whether a result can come in this container.
pub(super) fn converts_to(media: &MediaType) -> bool {
    TO.contains(&media.name())
}

fn pairs() -> impl Iterator<Item = (MediaType, MediaType)> {
    FROM.into_iter()
        .filter_map(MediaType::new)
        .flat_map(|from| containers().map(move |to| (from.clone(), to)))
}

impl Session {
    pub(super) fn answer_conversions(&mut self, tag: &Tag, asked: &Conversions) {
        if !self.convert_is_offered(tag) {
            return;
        }
        for (from, to) in pairs() {
            if asked.from.matches(&from) && asked.to.matches(&to) {
                let parameters = names::PARAMETERS
                    .into_iter()
                    .filter_map(ParameterName::new)
                    .collect();
                self.out.tell(
                    Response::Conversion(Conversion {
                        from,
                        to,
                        parameters,
                    })
                    .encode(),
                );
            }
        }
        // RFC 5259 §5.1: no match is no error.
        self.out
            .complete(tag, StatusKind::Ok, None, "These are all");
    }
}
