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

pub(super) fn logout() -> Vec<u8> {
    bye(None, "Goodbye")
}

pub(super) fn too_many_failures() -> Vec<u8> {
    bye(None, "Too many logins have failed")
}

pub(super) fn too_many_refusals() -> Vec<u8> {
    bye(
        Some(Code::ClientBug),
        "Too many commands that are none before a login",
    )
}

pub(super) fn looping() -> Vec<u8> {
    bye(
        Some(Code::Cannot),
        "This connection has come through too many proxies",
    )
}

pub(super) fn kicked() -> Vec<u8> {
    bye(
        Some(Code::Unavailable),
        "The session was ended by an administrator",
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
