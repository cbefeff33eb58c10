//! Parts and headers in IMAP's terms: BODYSTRUCTURE and ENVELOPE (RFC 3501 §7.4.2).

use wire::imap::structure::{Disposition, Extension, Fields, Multipart};
use wire::imap::{Address, BodyStructure, Envelope};

use super::address::{Entry, addresses};
use super::header::{self, DefaultType};
use super::structure::{Content, Message, Part};

/// Which of the two descriptions is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// BODY
    Plain,
    /// BODYSTRUCTURE
    Extended,
}

/// The structure of a part.
pub(crate) fn body_structure(part: &Part, detail: Detail) -> BodyStructure {
    match &part.content {
        Content::Multipart(children) => multipart(part, children, detail),
        Content::Message(message) => BodyStructure::Message {
            fields: fields(part, detail),
            envelope: Box::new(envelope(&message.header)),
            body: Box::new(body_structure(&message.root, detail)),
            lines: part.lines,
        },
        Content::Leaf if part.fields.is("text") => BodyStructure::Text {
            fields: fields(part, detail),
            lines: part.lines,
        },
        Content::Leaf => BodyStructure::Basic(fields(part, detail)),
    }
}

fn multipart(part: &Part, children: &[Part], detail: Detail) -> BodyStructure {
    let mut parts: Vec<_> = children
        .iter()
        .map(|child| body_structure(child, detail))
        .collect();
    if parts.is_empty() {
        // RFC 3501 §9: a multipart has at least one part.
        parts.push(body_structure(&nothing(part), detail));
    }
    BodyStructure::Multipart(Multipart {
        parts,
        media_subtype: part.fields.media_subtype.clone(),
        parameters: part.fields.parameters.clone(),
        extension: extension(part, detail),
    })
}

/// An empty text at a part's end.
fn nothing(part: &Part) -> Part {
    Part {
        header: part.body.end..part.body.end,
        body: part.body.end..part.body.end,
        lines: 0,
        fields: header::Fields::parse(b"", DefaultType::Text),
        content: Content::Leaf,
    }
}

fn fields(part: &Part, detail: Detail) -> Fields {
    let said = &part.fields;
    Fields {
        media_type: said.media_type.clone(),
        media_subtype: said.media_subtype.clone(),
        parameters: said.parameters.clone(),
        id: said.id.clone(),
        description: said.description.clone(),
        encoding: said.encoding_name.clone(),
        octets: part.body.end - part.body.start,
        md5: said.md5.clone(),
        extension: extension(part, detail),
    }
}

fn extension(part: &Part, detail: Detail) -> Option<Extension> {
    match detail {
        Detail::Plain => None,
        Detail::Extended => Some(Extension {
            disposition: part
                .fields
                .disposition
                .clone()
                .map(|disposition| Disposition {
                    kind: disposition.value,
                    parameters: disposition.parameters,
                }),
            language: part.fields.language.clone(),
            location: part.fields.location.clone(),
        }),
    }
}

/// The envelope of a message.
pub(crate) fn of_message(message: &Message) -> Envelope {
    envelope(&message.header)
}

fn envelope(header: &[u8]) -> Envelope {
    let text = |name| header::field(header, name).filter(|value| !value.is_empty());
    let from = list(header, "From");
    // RFC 3501 §7.4.2: Sender and Reply-To that are absent or empty are From.
    let or_from = |name| {
        Some(list(header, name))
            .filter(|found| !found.is_empty())
            .unwrap_or_else(|| from.clone())
    };
    Envelope {
        date: text("Date"),
        subject: header::field(header, "Subject"),
        sender: or_from("Sender"),
        reply_to: or_from("Reply-To"),
        from: from.clone(),
        to: list(header, "To"),
        cc: list(header, "Cc"),
        bcc: list(header, "Bcc"),
        in_reply_to: text("In-Reply-To"),
        message_id: text("Message-ID"),
    }
}

fn list(header: &[u8], name: &str) -> Vec<Address> {
    let text = header::field(header, name).unwrap_or_default();
    addresses(&text).into_iter().map(address).collect()
}

fn address(entry: Entry) -> Address {
    Address {
        name: entry.name,
        route: None,
        mailbox: entry.local,
        host: entry.host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_sender_and_reply_to_are_from() {
        let found = envelope(b"From: Ann <a@b>\r\nReply-To:\r\nSubject: s\r\n\r\n");
        assert_eq!(found.sender, found.from);
        assert_eq!(found.reply_to, found.from);
        assert_eq!(found.from[0].mailbox.as_deref(), Some(&b"a"[..]));
        assert_eq!(
            (found.subject, found.to, found.date),
            (Some(b"s".to_vec()), vec![], None)
        );
    }
}
