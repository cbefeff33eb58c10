//! What callers are told: JSON (RFC 8259), and metrics as text.

use std::net::SocketAddr;

use http_body_util::Full;
use hyper::{
    Response, StatusCode,
    body::Bytes,
    header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE},
};
use serde::Serialize;

use super::{BackendHealth, Health, Phase, Reloaded, VaultCounts, door::Refusal, request::Wrong};
use crate::{
    metrics::{self, Stage, VaultOutcome},
    registry::Listed,
};

pub(super) type Answer = Response<Full<Bytes>>;

#[derive(Serialize)]
struct Sessions {
    sessions: Vec<Session>,
    /// What `after` is on the next page; null on the last.
    next: Option<u64>,
}

#[derive(Serialize)]
struct Session {
    number: u64,
    listener: String,
    client: SocketAddr,
    user: Option<String>,
    backend: Option<String>,
    state: &'static str,
    /// Seconds since 1970.
    since: u64,
    octets_to_store: u64,
    octets_to_client: u64,
}

/// A page of sessions. `began` gives the second of 1970 in which a session began.
pub(super) fn sessions(page: Vec<Listed>, limit: usize, began: impl Fn(&Listed) -> u64) -> Answer {
    let full = page.len() >= limit;
    let next = page.last().map(|last| last.number).filter(|_| full);
    let sessions = page.into_iter().map(|listed| Session {
        since: began(&listed),
        number: listed.number,
        listener: listed.listener.to_string(),
        client: listed.client,
        user: listed.user,
        backend: listed.backend.map(|name| name.to_string()),
        state: listed.state.word(),
        octets_to_store: listed.to_store,
        octets_to_client: listed.to_client,
    });
    let sessions = sessions.collect();
    json(StatusCode::OK, &Sessions { sessions, next })
}

#[derive(Serialize)]
struct Kicked {
    kicked: usize,
}

pub(super) fn kicked(kicked: usize) -> Answer {
    json(StatusCode::OK, &Kicked { kicked })
}

#[derive(Serialize)]
struct Backends<'a> {
    backends: Vec<Backend<'a>>,
}

#[derive(Serialize)]
struct Backend<'a> {
    name: &'a str,
    connections: u64,
    addresses: Vec<Address>,
    failures: Vec<Count>,
}

#[derive(Serialize)]
struct Address {
    address: SocketAddr,
    state: &'static str,
}

/// How often something happened, of a few things that can.
#[derive(Serialize)]
struct Count {
    what: &'static str,
    count: u64,
}

pub(super) fn backends(backends: &[BackendHealth]) -> Answer {
    let backends = backends.iter().map(|backend| Backend {
        name: backend.name.as_str(),
        connections: backend.connections,
        addresses: backend
            .addresses
            .iter()
            .map(|health| Address {
                address: health.address,
                state: health.state.word(),
            })
            .collect(),
        failures: Stage::ALL
            .iter()
            .map(|stage| Count {
                what: stage.word(),
                count: backend.failures(*stage),
            })
            .collect(),
    });
    let backends = backends.collect();
    json(StatusCode::OK, &Backends { backends })
}

#[derive(Serialize)]
struct Vaults {
    live: u64,
    started: u64,
    ended: Vec<Count>,
}

/// Null where there is no warden.
pub(super) fn vaults(counts: Option<&VaultCounts>) -> Answer {
    let vaults = counts.map(|counts| Vaults {
        live: counts.live,
        started: counts.started,
        ended: VaultOutcome::ALL
            .iter()
            .map(|outcome| Count {
                what: outcome.word(),
                count: counts.ended(*outcome),
            })
            .collect(),
    });
    json(StatusCode::OK, &vaults)
}

#[derive(Serialize)]
struct Status {
    status: &'static str,
    missing: Vec<&'static str>,
}

pub(super) fn health(health: &Health) -> Answer {
    let missing: Vec<_> = health
        .missing
        .iter()
        .map(|missing| missing.word())
        .collect();
    let (code, status) = match health.phase {
        Phase::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        Phase::Serving if missing.is_empty() => (StatusCode::OK, "ok"),
        Phase::Serving => (StatusCode::OK, "degraded"),
    };
    json(code, &Status { status, missing })
}

#[derive(Serialize)]
struct Problem<'a> {
    error: &'a str,
}

fn problem(code: StatusCode, error: &str) -> Answer {
    json(code, &Problem { error })
}

/// What came of a reload; nothing yet, where it takes long.
pub(super) fn reloaded(reloaded: Option<&Reloaded>) -> Answer {
    let status = |status| Status {
        status,
        missing: Vec::new(),
    };
    match reloaded {
        Some(Reloaded::Done) => json(StatusCode::OK, &status("reloaded")),
        Some(Reloaded::Refused(reason)) => problem(StatusCode::CONFLICT, reason),
        None => json(StatusCode::ACCEPTED, &status("reloading")),
    }
}

pub(super) fn exposition(text: String) -> Answer {
    plain(StatusCode::OK, metrics::CONTENT_TYPE, text.into())
}

pub(super) fn wrong(wrong: Wrong) -> Answer {
    let mut answer = problem(
        wrong.status(),
        match wrong {
            Wrong::NotFound => "there is no such thing here",
            Wrong::Method(_) => "the method is wrong; Allow names the right ones",
            Wrong::Query => "the query is wrong; docs/observability.md says what it may be",
        },
    );
    if let Wrong::Method(right) = wrong {
        // RFC 9110 §15.5.6
        let right = HeaderValue::from_static(right);
        answer.headers_mut().insert(ALLOW, right);
    }
    answer
}

pub(super) fn no_such_session() -> Answer {
    problem(StatusCode::NOT_FOUND, "there is no such session")
}

pub(super) fn has_content() -> Answer {
    problem(StatusCode::PAYLOAD_TOO_LARGE, "no request has content here")
}

pub(super) fn refused(refusal: Refusal) -> Answer {
    let mut answer = problem(refusal.status(), refusal.reason());
    if refusal.status() == StatusCode::UNAUTHORIZED {
        // RFC 6750 §3
        let bearer = HeaderValue::from_static("Bearer");
        answer.headers_mut().insert(WWW_AUTHENTICATE, bearer);
    }
    answer
}

fn json(code: StatusCode, told: &impl Serialize) -> Answer {
    match serde_json::to_vec(told) {
        Ok(octets) => plain(code, "application/json", octets.into()),
        // Nothing above can fail to be written as JSON; if it ever does, the caller is not left waiting.
        Err(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "application/json",
            Bytes::new(),
        ),
    }
}

fn plain(code: StatusCode, content_type: &'static str, content: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(content));
    *answer.status_mut() = code;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // What is told here holds for this moment, and is for nobody's cache.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
