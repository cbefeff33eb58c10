//! Spans as OTLP's JSON: the JSON form of its protobuf messages, with hexadecimal identifiers and 64-bit numbers as text.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Attribute, Ended, Outcome, SpanName};
use crate::metrics::Way;

/// `SPAN_KIND_INTERNAL`, `_SERVER`, `_CLIENT`.
const INTERNAL: u8 = 1;
const SERVER: u8 = 2;
const CLIENT: u8 = 3;

/// `STATUS_CODE_UNSET`, `_ERROR`.
const UNSET: u8 = 0;
const ERROR: u8 = 2;

/// An `ExportTraceServiceRequest`.
pub(super) fn request(spans: &[Ended]) -> Vec<u8> {
    let spans: Vec<_> = spans.iter().map(span).collect();
    let request = json!({ "resourceSpans": [{
        "resource": { "attributes": [
            text("service.name", "keyhole"),
            text("service.version", env!("CARGO_PKG_VERSION")),
        ]},
        "scopeSpans": [{ "scope": { "name": "keyhole" }, "spans": spans }],
    }]});
    request.to_string().into_bytes()
}

fn span(ended: &Ended) -> Value {
    let attributes = ended.attributes.iter().map(attribute);
    let outcome = text("keyhole.outcome", ended.outcome.word());
    let attributes: Vec<_> = attributes.chain([outcome]).collect();
    json!({
        "traceId": hex(&ended.trace),
        "spanId": hex(&ended.span),
        "parentSpanId": ended.parent.map_or_else(String::new, |parent| hex(&parent)),
        "name": ended.name.word(),
        "kind": kind(ended.name),
        "startTimeUnixNano": nanoseconds(ended.start),
        "endTimeUnixNano": nanoseconds(ended.end.unwrap_or(ended.start)),
        "attributes": attributes,
        "status": { "code": status(ended.outcome) },
    })
}

fn kind(name: SpanName) -> u8 {
    match name {
        SpanName::Session => SERVER,
        SpanName::Dial | SpanName::Fetch => CLIENT,
        SpanName::Handshake
        | SpanName::Login
        | SpanName::Route
        | SpanName::Convert
        | SpanName::VaultWait
        | SpanName::Transcode => INTERNAL,
    }
}

/// A refusal is no error of ours.
fn status(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Failed => ERROR,
        Outcome::Done | Outcome::Refused | Outcome::Abandoned => UNSET,
    }
}

fn attribute(attribute: &Attribute) -> Value {
    match attribute {
        Attribute::Listener(kind) => text("keyhole.listener", kind.word()),
        Attribute::Backend(name) => text("keyhole.backend", name.as_str()),
        Attribute::Mechanism(mechanism) => text("keyhole.mechanism", mechanism.word()),
        Attribute::Stage(stage) => text("keyhole.stage", stage.word()),
        Attribute::Event(event) => text("keyhole.event", event.name()),
        Attribute::Octets(way, octets) => {
            let key = match way {
                Way::ToStore => "keyhole.octets_to_store",
                Way::ToClient => "keyhole.octets_to_client",
                Way::ToVault => "keyhole.octets_to_vault",
            };
            json!({ "key": key, "value": { "intValue": octets.to_string() } })
        }
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

fn nanoseconds(since_1970: Duration) -> String {
    since_1970.as_nanos().to_string()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
