//! What a message consists of, as the server tells it without any content: parts, their sizes, which are encrypted, and how much
//! one key of theirs would open.

use charset::encoded_word;
use envelope::TransferEncoding;
use wire::imap::command::Addressing;
use wire::imap::structure::{Fields, Multipart};
use wire::imap::{
    BodyStructure, CommandBody, FetchAttribute, FetchItem, Mailbox, PartPath, Response,
    SequenceSet, Uid,
};

use crate::error::{Missing, ProtocolFault, Scope};
use crate::exchange::Bounds;
use crate::{Client, Error};

/// The largest BODYSTRUCTURE taken.
const LARGEST: usize = 1024 * 1024;

/// What a part is to somebody who wants to read it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PartKind {
    /// Parts in a part.
    Multipart,
    /// A message in a message.
    Message,
    /// Readable as it is.
    Plain,
    /// S/MIME, encrypted (RFC 8551 §3.2): its header says to whom.
    SmimeEncrypted,
    /// S/MIME, signed, compressed or certificates only: no key is needed to read it.
    SmimeOther,
    /// The encrypted part of OpenPGP (RFC 3156 §4), which is not opened here.
    OpenPgp,
}

/// One part of a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Part {
    /// Its number; empty for a multipart that is the whole message.
    pub section: PartPath,
    /// `type/subtype`, lower case. A stranger's text.
    pub media_type: String,
    /// Its file name, decoded. A stranger's text.
    pub name: Option<String>,
    /// Octets in its transfer encoding; zero for a multipart, which has none of its own.
    pub octets: u64,
    /// Its transfer encoding; `None` for one that is not known.
    pub encoding: Option<TransferEncoding>,
    /// What it is.
    pub kind: PartKind,
    /// How much of the message its content key opens, as far as the structure tells.
    pub scope: Scope,
    /// The parts inside it.
    pub children: Vec<Part>,
}

impl Part {
    /// The message as the server describes it.
    #[must_use]
    pub fn of_message(body: &BodyStructure) -> Self {
        message_body(body, PartPath::default())
    }

    /// The part at `section`. A message that is no multipart is its own part 1 (RFC 9051 §6.4.5.1).
    #[must_use]
    pub fn find(&self, section: &PartPath) -> Option<&Self> {
        if self.section == *section {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(section))
    }

    /// This part and every one inside it, in order, with its depth.
    #[must_use]
    pub fn all(&self) -> Vec<(usize, &Self)> {
        let mut all = vec![(0, self)];
        for child in &self.children {
            all.extend(
                child
                    .all()
                    .into_iter()
                    .map(|(depth, part)| (depth.saturating_add(1), part)),
            );
        }
        all
    }

    /// The encrypted S/MIME parts.
    pub fn encrypted(&self) -> impl Iterator<Item = &Self> {
        let all = self.all().into_iter().map(|(_, part)| part);
        all.filter(|part| part.kind == PartKind::SmimeEncrypted)
    }
}

/// The body of the message at `path`: a leaf is its part 1, the parts of a multipart are numbered right below it.
fn message_body(body: &BodyStructure, path: PartPath) -> Part {
    // One leaf: whatever encrypted it encrypted all that the message has.
    let scope = if leaves(body) == 1 {
        Scope::WholeMessage
    } else {
        Scope::Part
    };
    if let BodyStructure::Multipart(multipart) = body {
        return of_multipart(multipart, path, scope);
    }
    of_part(body, child_path(&path, 1), scope)
}

/// Parts that are no multipart. A message in the message counts as one: its own parts are another message's.
fn leaves(body: &BodyStructure) -> usize {
    match body {
        BodyStructure::Multipart(multipart) => multipart.parts.iter().map(leaves).sum(),
        BodyStructure::Basic(_) | BodyStructure::Text { .. } | BodyStructure::Message { .. } => 1,
    }
}

fn of_part(body: &BodyStructure, section: PartPath, scope: Scope) -> Part {
    match body {
        BodyStructure::Multipart(multipart) => of_multipart(multipart, section, scope),
        BodyStructure::Basic(fields) | BodyStructure::Text { fields, .. } => {
            of_fields(body, fields, section, scope)
        }
        BodyStructure::Message {
            fields,
            body: inner,
            ..
        } => {
            let children = vec![message_body(inner, section.clone())];
            let part = of_fields(body, fields, section, scope);
            Part {
                kind: PartKind::Message,
                children,
                ..part
            }
        }
    }
}

fn of_multipart(multipart: &Multipart, section: PartPath, scope: Scope) -> Part {
    let numbered = (1..).zip(&multipart.parts);
    let mut children: Vec<Part> = numbered
        .map(|(number, body)| of_part(body, child_path(&section, number), scope))
        .collect();
    if multipart.media_subtype.eq_ignore_ascii_case(b"encrypted") {
        children
            .iter_mut()
            .for_each(|child| child.kind = as_openpgp(child));
    }
    Part {
        section,
        media_type: lower(b"multipart", &multipart.media_subtype),
        name: None,
        octets: 0,
        encoding: None,
        kind: PartKind::Multipart,
        scope,
        children,
    }
}

fn of_fields(body: &BodyStructure, fields: &Fields, section: PartPath, scope: Scope) -> Part {
    let media_type = lower(&fields.media_type, &fields.media_subtype);
    let name = file_name(body, fields);
    Part {
        kind: kind(&media_type, fields, name.as_deref()),
        section,
        media_type,
        name,
        octets: fields.octets,
        encoding: str::from_utf8(&fields.encoding)
            .ok()
            .and_then(TransferEncoding::from_name),
        scope,
        children: Vec::new(),
    }
}

fn child_path(parent: &PartPath, number: u32) -> PartPath {
    let mut numbers = parent.0.clone();
    numbers.extend(std::num::NonZeroU32::new(number));
    PartPath(numbers)
}

fn lower(media: &[u8], subtype: &[u8]) -> String {
    let (media, subtype) = (
        String::from_utf8_lossy(media),
        String::from_utf8_lossy(subtype),
    );
    format!("{media}/{subtype}").to_lowercase()
}

fn kind(media_type: &str, fields: &Fields, name: Option<&str>) -> PartKind {
    let p7m = name.is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m"));
    match media_type {
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => smime_kind(fields),
        // RFC 8551 §3.2.1: the file name stands in where the type was lost.
        "application/octet-stream" if p7m => PartKind::SmimeEncrypted,
        _ => PartKind::Plain,
    }
}

/// RFC 8551 §3.2.2. Where nothing is said, it may be encrypted, and its header will tell.
fn smime_kind(fields: &Fields) -> PartKind {
    let smime_type = parameter(&fields.parameters, b"smime-type").unwrap_or_default();
    match smime_type.to_ascii_lowercase().as_slice() {
        b"signed-data" | b"certs-only" | b"compressed-data" => PartKind::SmimeOther,
        _ => PartKind::SmimeEncrypted,
    }
}

/// RFC 3156 §4: the second part of multipart/encrypted is the encrypted one.
fn as_openpgp(child: &Part) -> PartKind {
    if child.media_type == "application/octet-stream" {
        PartKind::OpenPgp
    } else {
        child.kind
    }
}

fn parameter<'a>(parameters: &'a [(Vec<u8>, Vec<u8>)], name: &[u8]) -> Option<&'a [u8]> {
    let found = parameters
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_slice())
}

/// `filename` of Content-Disposition (RFC 2183 §2.3), else the old `name` of Content-Type.
fn file_name(body: &BodyStructure, fields: &Fields) -> Option<String> {
    let disposition = body
        .extension()
        .and_then(|extension| extension.disposition.as_ref());
    let filename = disposition.and_then(|d| parameter(&d.parameters, b"filename"));
    let name = filename.or_else(|| parameter(&fields.parameters, b"name"));
    name.map(encoded_word::decode)
}

impl Client {
    /// What message `uid` of `mailbox` consists of.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such mailbox or message.
    pub async fn structure(&mut self, mailbox: &Mailbox, uid: Uid) -> Result<Part, Error> {
        self.select(mailbox).await?;
        let fetch = CommandBody::Fetch {
            addressing: Addressing::Uid,
            set: SequenceSet::uid(uid),
            items: vec![FetchItem::Uid, FetchItem::BodyStructure],
        };
        let answer = self.command(fetch, Bounds::of(LARGEST)).await?;
        let attributes = of_uid(answer.done()?, uid).ok_or(Error::NotFound(Missing::Message))?;
        let body = attributes.into_iter().find_map(as_structure);
        let body = body.ok_or(Error::Protocol(ProtocolFault::Incomplete))?;
        Ok(Part::of_message(&body))
    }
}

fn as_structure(attribute: FetchAttribute) -> Option<BodyStructure> {
    let FetchAttribute::BodyStructure(body) = attribute else {
        return None;
    };
    Some(body)
}

/// What the responses tell of this one message; a server may tell of others, unasked.
pub(crate) fn of_uid(untagged: Vec<Response>, uid: Uid) -> Option<Vec<FetchAttribute>> {
    let mut of_message = None;
    for response in untagged {
        if let Response::Fetch(fetch) = response
            && fetch.uid() == Some(uid)
        {
            of_message
                .get_or_insert_with(Vec::new)
                .extend(fetch.attributes);
        }
    }
    of_message
}
