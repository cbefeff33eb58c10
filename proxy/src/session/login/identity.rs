//! ID (RFC 2971): what the client says of itself, what a trusted proxy in front says of the client, and what the store is
//! told of both. The fields that begin with `x-` are between proxies; a stranger's go no further than here.

use std::net::{IpAddr, SocketAddr};

use wire::imap::{Code, Response, StatusKind, Tag, command::IdFields, encode::QUOTED};

use crate::{
    event::Event,
    peer::{Peer, Word},
    session::{
        Facts, Protection, Session,
        facts::{SESSION_ID, TTL},
        farewell,
    },
};

/// RFC 2971 §3.3: so many fields, names and values so long.
const FIELDS: usize = 30;
const NAME: usize = 30;
const VALUE: usize = 1024;

const X_SESSION_ID: &str = "x-session-id";
const X_ORIGINATING_IP: &str = "x-originating-ip";
const X_ORIGINATING_PORT: &str = "x-originating-port";
const X_CONNECTED_IP: &str = "x-connected-ip";
const X_CONNECTED_PORT: &str = "x-connected-port";
const X_PROXY_TTL: &str = "x-proxy-ttl";
const X_CLIENT_TRANSPORT: &str = "x-client-transport";
const X_CONNECTED_NAME: &str = "x-connected-name";

/// Whether a connection has come through too many proxies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Loop {
    No,
    Yes,
}

/// Whether fields keep RFC 2971 §3.3: few enough, short enough, none twice.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::session) enum Limits {
    Kept,
    Exceeded,
}

impl Session {
    /// ID of somebody unknown: answered here, kept for the store.
    pub(super) fn take_id(&mut self, tag: &Tag, fields: IdFields) {
        if limits(&fields) == Limits::Exceeded {
            return self.refuse_id(tag);
        }
        let Some(entrance) = self.entrance() else {
            return;
        };
        // What is said in clear is forgotten when TLS begins, and nobody logs in before.
        if entrance.facts.protection == Protection::Tls {
            if entrance.facts.peer.word == Word::Trusted
                && believe(&mut entrance.facts, &fields) == Loop::Yes
            {
                self.out
                    .record_reason(Event::LoopDetected, "x-proxy-ttl is used up");
                self.bid_farewell(farewell::looping());
                return;
            }
            entrance.fields = client_fields(fields);
        }
        self.out.tell(Response::Id(ours()).encode());
        self.out
            .complete(tag, StatusKind::Ok, None, "Pleased to meet you");
    }

    pub(in crate::session) fn refuse_id(&mut self, tag: &Tag) {
        let text = "More fields than ID has, or longer ones";
        self.out.record_reason(Event::CommandRefused, text);
        self.out
            .complete(tag, StatusKind::Bad, Some(Code::ClientBug), text);
        self.count_refusal();
    }
}

/// RFC 2971 §3.3.
pub(in crate::session) fn limits(fields: &IdFields) -> Limits {
    let short = |(name, value): &(Vec<u8>, Option<Vec<u8>>)| {
        name.len() <= NAME && value.as_ref().is_none_or(|value| value.len() <= VALUE)
    };
    let twice = fields.iter().enumerate().any(|(nth, (name, _))| {
        fields
            .iter()
            .skip(nth + 1)
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    });
    if fields.len() <= FIELDS && fields.iter().all(short) && !twice {
        Limits::Kept
    } else {
        Limits::Exceeded
    }
}

/// A client's own fields: without those between proxies, and without what could not be sent on in one line.
pub(in crate::session) fn client_fields(mut fields: IdFields) -> IdFields {
    let sendable = |octets: &[u8]| {
        octets.len() <= QUOTED && octets.iter().all(|octet| (b' '..=b'~').contains(octet))
    };
    fields.retain(|(name, value)| {
        let between_proxies = name
            .get(..2)
            .is_some_and(|begin| begin.eq_ignore_ascii_case(b"x-"));
        !between_proxies && sendable(name) && value.as_deref().is_none_or(sendable)
    });
    fields
}

/// Who we are (RFC 2971 §5: whoever changes the session shows itself).
fn ours() -> IdFields {
    vec![
        field("name", "Keyhole"),
        field("version", env!("CARGO_PKG_VERSION")),
    ]
}

fn field(name: &str, value: &str) -> (Vec<u8>, Option<Vec<u8>>) {
    (name.into(), Some(value.into()))
}

/// Takes the word of a trusted proxy in front. What it says that cannot be read changes nothing.
fn believe(facts: &mut Facts, fields: &IdFields) -> Loop {
    let said = |wanted: &str| {
        let (_, value) = fields
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted.as_bytes()))?;
        str::from_utf8(value.as_deref()?).ok()
    };
    let Peer { client, server, .. } = &mut facts.peer;
    place(client, said(X_ORIGINATING_IP), said(X_ORIGINATING_PORT));
    place(server, said(X_CONNECTED_IP), said(X_CONNECTED_PORT));
    if let Some(name) = said(X_CONNECTED_NAME).filter(|name| is_printable(name)) {
        facts.peer.name = Some(name.to_ascii_lowercase());
    }
    if let Some(id) = said(X_SESSION_ID).filter(|id| id.len() <= SESSION_ID && is_printable(id)) {
        facts.session_id = id.to_owned();
    }
    let Some(hops) = said(X_PROXY_TTL).and_then(|hops| hops.parse::<u8>().ok()) else {
        return Loop::No;
    };
    // A larger number than anybody begins with counts as that.
    facts.ttl = hops.min(TTL).saturating_sub(1);
    if facts.ttl == 0 { Loop::Yes } else { Loop::No }
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic())
}

fn place(known: &mut SocketAddr, address: Option<&str>, port: Option<&str>) {
    let Some(address) = address.and_then(|address| address.parse::<IpAddr>().ok()) else {
        return;
    };
    // Another address's port is no port of this one's.
    let port = port.and_then(|port| port.parse::<u16>().ok()).unwrap_or(0);
    *known = SocketAddr::new(address, port);
}

/// What the store is told: of the connection, then what the client said of itself.
pub(super) fn for_store(facts: &Facts, client: &IdFields) -> IdFields {
    let Peer {
        client: originating,
        server,
        name,
        ..
    } = &facts.peer;
    let transport = match facts.protection {
        Protection::Tls => "TLS",
        Protection::Clear => "insecure",
    };
    let mut fields = vec![
        field(X_SESSION_ID, &facts.session_id),
        field(
            X_ORIGINATING_IP,
            &originating.ip().to_canonical().to_string(),
        ),
        field(X_ORIGINATING_PORT, &originating.port().to_string()),
        field(X_CONNECTED_IP, &server.ip().to_canonical().to_string()),
        field(X_CONNECTED_PORT, &server.port().to_string()),
        field(X_PROXY_TTL, &facts.ttl.to_string()),
        field(X_CLIENT_TRANSPORT, transport),
    ];
    fields.extend(name.as_deref().map(|name| field(X_CONNECTED_NAME, name)));
    fields.extend(client.iter().cloned());
    fields.truncate(FIELDS);
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_over_the_limits_are_seen() {
        let short = |nth: usize| field(&format!("f{nth}"), "v");
        let fields: IdFields = (0..30).map(short).collect();
        assert_eq!(limits(&fields), Limits::Kept);
        assert_eq!(limits(&(0..31).map(short).collect()), Limits::Exceeded);
        assert_eq!(limits(&vec![field(&"n".repeat(31), "v")]), Limits::Exceeded);
        assert_eq!(
            limits(&vec![field("n", &"v".repeat(1025))]),
            Limits::Exceeded
        );
        assert_eq!(
            limits(&vec![field("a", "1"), field("A", "2")]),
            Limits::Exceeded
        );
    }

    #[test]
    fn what_would_need_a_literal_or_is_between_proxies_is_left_out() {
        let fields = vec![
            field("name", "c"),
            field("X-Originating-IP", "10.0.0.1"),
            field("n\u{e4}me", "c"),
            field("os", "a\r\nb"),
            (b"vendor".to_vec(), None),
        ];
        let left = client_fields(fields);
        assert_eq!(left, [field("name", "c"), (b"vendor".to_vec(), None)]);
    }
}
