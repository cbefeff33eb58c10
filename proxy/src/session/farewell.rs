//! The last words to a client, each with its code (RFC 5530).

use wire::imap::{Code, Status, StatusKind};

/// There is no session because there is no store.
#[must_use]
pub fn store_unreachable() -> Vec<u8> {
    bye(
        Some(Code::Unavailable),
        "The mail store cannot be reached; try again later",
    )
}

pub(super) fn store_lost() -> Vec<u8> {
    bye(
        Some(Code::Unavailable),
        "The mail store does not answer; try again later",
    )
}

pub(super) fn store_refused() -> Vec<u8> {
    bye(
        Some(Code::Unavailable),
        "The mail store greeted in a way that is not relayed",
    )
}

pub(super) fn draining() -> Vec<u8> {
    bye(
        Some(Code::Unavailable),
        "The server is being restarted; connect again",
    )
}

pub(super) fn idle() -> Vec<u8> {
    bye(None, "Nothing was said for too long")
}

pub(super) fn broken_protocol() -> Vec<u8> {
    bye(
        Some(Code::ClientBug),
        "What was sent cannot be followed any further",
    )
}

pub(super) fn too_big() -> Vec<u8> {
    // RFC 7888 §4: a literal that is too large may be answered with BYE.
    bye(
        Some(Code::TooBig),
        "A literal or line is larger than this server takes",
    )
}

fn bye(code: Option<Code>, text: &str) -> Vec<u8> {
    Status::untagged(StatusKind::Bye, code, text).encode()
}
