//! Which type of text or document a file is by how it begins, where that is told by nothing that another file could begin with.

use super::{Source, office};
use crate::budget::Budget;

/// How a file of each type begins, in lower case.
const SIGNATURES: [(&[u8], Source); 6] = [
    (b"%pdf-", Source::Pdf),
    (b"{\\rtf", Source::Rtf),
    (b"begin:vcalendar", Source::Calendar),
    (b"begin:vcard", Source::Vcard),
    (b"<!doctype html", Source::Html),
    (b"<html", Source::Html),
];

/// The type whose signature `octets` begin with, or whose parts the archive has that they are.
pub(crate) fn recognise(octets: &[u8], budget: &mut Budget) -> Option<Source> {
    if octets.starts_with(b"PK\x03\x04") {
        return office::recognise(octets, budget);
    }
    let text = octets.strip_prefix(&[0xef, 0xbb, 0xbf]);
    let text = text.unwrap_or(octets).trim_ascii_start();
    let begins = |signature: &[u8]| {
        let head = text.get(..signature.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(signature))
    };
    let found = SIGNATURES.iter().find(|(own, _)| begins(own));
    found.map(|(_, source)| *source)
}
