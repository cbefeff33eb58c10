//! A command, as far as a store in memory needs to understand it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a client asks.
#[derive(Debug, PartialEq)]
pub(super) enum Command {
    Capability,
    /// NOOP, CHECK, ENABLE, CREATE and others that are answered with OK alone.
    Fine,
    Id,
    Login,
    /// AUTHENTICATE, with the initial response or without.
    Authenticate(Initial),
    Namespace,
    List,
    Select,
    Status(String),
    /// FETCH of bodies (a part of one, perhaps), or of flags and sizes.
    Fetch(Set, Option<Range>),
    /// SEARCH for messages from a number on: three are found.
    Search(u32),
    /// APPEND of octets with this digest.
    Append(u32),
    Idle,
    Logout,
    Unknown,
}

/// Whether a SASL response came with the command (RFC 4959 §3).
#[derive(Debug, PartialEq)]
pub(super) enum Initial {
    Response,
    None,
}

/// Message numbers, first to last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Set {
    pub(super) first: u32,
    pub(super) last: u32,
}

/// Octets of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    /// `<origin.octets>`, where a part is asked for.
    pub(super) partial: Option<(u64, u64)>,
}

/// Reads `line`, which has no tag any more; `literals` are the digests of those that came with it.
pub(super) fn read(line: &str, literals: &[u32]) -> Command {
    let line = strip_uid(line);
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    match name.to_ascii_uppercase().as_str() {
        "CAPABILITY" => Command::Capability,
        "NOOP" | "CHECK" | "ENABLE" | "CREATE" | "UNSELECT" | "CLOSE" | "STORE" => Command::Fine,
        "ID" => Command::Id,
        "LOGIN" => Command::Login,
        "AUTHENTICATE" => Command::Authenticate(initial(rest)),
        "NAMESPACE" => Command::Namespace,
        "LIST" => Command::List,
        "SELECT" | "EXAMINE" => Command::Select,
        "STATUS" => Command::Status(rest.split(' ').next().unwrap_or_default().to_owned()),
        "FETCH" => fetch(rest),
        "SEARCH" => Command::Search(last_number(rest)),
        "APPEND" => literals
            .last()
            .map_or(Command::Unknown, |digest| Command::Append(*digest)),
        "IDLE" => Command::Idle,
        "LOGOUT" => Command::Logout,
        _ => Command::Unknown,
    }
}

fn strip_uid(line: &str) -> &str {
    match line.get(..4) {
        Some(uid) if uid.eq_ignore_ascii_case("UID ") => &line[4..],
        Some(_) | None => line,
    }
}

fn initial(rest: &str) -> Initial {
    let response = rest.split_once(' ').map(|(_, response)| response);
    match response.map(|response| STANDARD.decode(response)) {
        Some(Ok(_)) => Initial::Response,
        Some(Err(_)) | None => Initial::None,
    }
}

fn fetch(rest: &str) -> Command {
    let (set, items) = rest.split_once(' ').unwrap_or((rest, ""));
    let (first, last) = set.split_once(':').unwrap_or((set, set));
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    let (Some(first), Some(last)) = (number(first), number(last)) else {
        return Command::Unknown;
    };
    let items = items.to_ascii_uppercase();
    let section = items
        .split_once("BODY.PEEK[]")
        .or_else(|| items.split_once("BODY[]"));
    let range = section.map(|(_, partial)| Range {
        partial: partial_of(partial),
    });
    Command::Fetch(Set { first, last }, range)
}

fn partial_of(text: &str) -> Option<(u64, u64)> {
    let (partial, _) = text.strip_prefix('<')?.split_once('>')?;
    let (origin, octets) = partial.split_once('.')?;
    Some((origin.parse().ok()?, octets.parse().ok()?))
}

fn last_number(text: &str) -> u32 {
    let last = text.split([' ', ':']).next_back();
    last.and_then(|last| last.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::{Command, Initial, Range, Set, read};

    #[test]
    fn what_clients_and_proxies_send_is_understood() {
        let set = |first, last| Set { first, last };
        assert_eq!(read("noop", &[]), Command::Fine);
        assert_eq!(
            read("UID FETCH 7 (UID BODY.PEEK[]<10.20>)", &[]),
            Command::Fetch(
                set(7, 7),
                Some(Range {
                    partial: Some((10, 20))
                })
            )
        );
        assert_eq!(
            read("FETCH 2:5 FLAGS", &[]),
            Command::Fetch(set(2, 5), None)
        );
        assert_eq!(
            read("AUTHENTICATE PLAIN AHgAeQ==", &[]),
            Command::Authenticate(Initial::Response)
        );
        assert_eq!(
            read("AUTHENTICATE PLAIN", &[]),
            Command::Authenticate(Initial::None)
        );
        assert_eq!(read("SEARCH 40:90", &[]), Command::Search(90));
        assert_eq!(read("APPEND INBOX ", &[17]), Command::Append(17));
        assert_eq!(read("FETCH 0 FLAGS", &[]), Command::Unknown);
    }
}
