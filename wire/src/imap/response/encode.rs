//! Responses into octets.

use super::super::command::write_id;
use super::super::encode::{Encoder, Literals};
use super::{Answers, Listed, MailboxStatus, Response, Status};

pub(super) fn response(response: &Response) -> Vec<u8> {
    let mut out = Encoder::new(Literals::Server);
    match response {
        // These two write the whole of their line themselves.
        Response::Fetch(fetch) => return fetch.encode(),
        Response::Converted(converted) => return converted.encode(),
        Response::Status(status) => write_status(status, &mut out),
        Response::Continuation(text) => {
            out.raw(b"+ ").text_or_nothing(text);
        }
        Response::Capability(_)
        | Response::Enabled(_)
        | Response::Id(_)
        | Response::Flags(_)
        | Response::List(_)
        | Response::Lsub(_)
        | Response::Namespace(_)
        | Response::MailboxStatus(_)
        | Response::Search(..)
        | Response::Esearch(_)
        | Response::Exists(_)
        | Response::Recent(_)
        | Response::Expunge(_)
        | Response::Conversion(_)
        | Response::KeyReveal(_)
        | Response::Unknown(_) => untagged(response, out.raw(b"* ")),
    }
    out.finish().into_octets()
}

fn untagged(response: &Response, out: &mut Encoder) {
    match response {
        Response::Capability(capabilities) => capabilities.write(out.raw(b"CAPABILITY ")),
        Response::Enabled(capabilities) if capabilities.iter().next().is_none() => {
            out.raw(b"ENABLED");
        }
        Response::Enabled(capabilities) => capabilities.write(out.raw(b"ENABLED ")),
        Response::Id(fields) => {
            write_id(out.raw(b"ID "), fields);
        }
        Response::Flags(flags) => {
            out.raw(b"FLAGS ").list(flags, |out, flag| flag.write(out));
        }
        Response::List(listed) => write_listed(listed, out.raw(b"LIST ")),
        Response::Lsub(listed) => write_listed(listed, out.raw(b"LSUB ")),
        Response::Namespace(value) => {
            out.raw(b"NAMESPACE ").line(value);
        }
        Response::MailboxStatus(status) => write_mailbox_status(status, out.raw(b"STATUS ")),
        Response::Search(numbers, mod_seq) => write_search(numbers, *mod_seq, out),
        Response::Esearch(esearch) => esearch.write(out.raw(b"ESEARCH")),
        Response::Exists(count) => {
            out.number((*count).into()).raw(b" EXISTS");
        }
        Response::Recent(count) => {
            out.number((*count).into()).raw(b" RECENT");
        }
        Response::Expunge(message) => {
            out.number(message.value().into()).raw(b" EXPUNGE");
        }
        Response::Conversion(conversion) => conversion.write(out.raw(b"CONVERSION ")),
        Response::KeyReveal(statement) => {
            out.raw(b"KEYREVEAL ").string(statement);
        }
        Response::Unknown(octets) => {
            out.line(octets);
        }
        Response::Status(_)
        | Response::Continuation(_)
        | Response::Fetch(_)
        | Response::Converted(_) => {}
    }
}

fn write_status(status: &Status, out: &mut Encoder) {
    match &status.answers {
        Answers::Untagged => out.raw(b"*"),
        Answers::Command(tag) => out.raw(tag.as_bytes()),
    };
    out.space().raw(status.kind.word()).space();
    if let Some(code) = &status.code {
        code.write(out.raw(b"["));
        out.raw(b"] ").text(&status.text);
    } else {
        out.uncoded_text(&status.text);
    }
}

fn write_listed(listed: &Listed, out: &mut Encoder) {
    out.list(&listed.attributes, |out, attribute| {
        out.raw(b"\\").raw(attribute.as_str().as_bytes());
    });
    out.space()
        .nstring(listed.delimiter.as_ref().map(std::slice::from_ref))
        .space()
        .mailbox(&listed.mailbox);
}

fn write_mailbox_status(status: &MailboxStatus, out: &mut Encoder) {
    out.mailbox(&status.mailbox)
        .space()
        .list(&status.items, |out, (item, value)| {
            item.write(out);
            out.space().number(*value);
        });
}

fn write_search(numbers: &[u32], mod_seq: Option<u64>, out: &mut Encoder) {
    out.raw(b"SEARCH");
    for number in numbers {
        out.space().number((*number).into());
    }
    if let Some(mod_seq) = mod_seq {
        out.raw(b" (MODSEQ ").number(mod_seq).raw(b")");
    }
}
