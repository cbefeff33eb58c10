//! The capability list as the client is told it: what must not pass taken out, what is ours put in where it works.

use wire::imap::{Capabilities, capability};

/// Whether a store offers something, as its last list says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Offered {
    /// It has told no list since the login.
    #[default]
    Unknown,
    No,
    Yes,
}

/// Whether the warden is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Warden {
    Alive,
    Gone,
}

/// Names that no client may see, for each a reason.
const HIDDEN: [&str; 9] = [
    "STARTTLS", // TLS is there already, and a second one would end the relay (RFC 9051 §6.2.1)
    "LOGINDISABLED", // speaks of the store's side of the connection
    "UNAUTHENTICATE", // the session knows its user for good (RFC 8437)
    "UIDONLY",  // FETCH would be UIDFETCH, which is not understood (RFC 9586)
    "URLAUTH",  // a URL made here would work elsewhere (RFC 4467)
    "LOGIN-REFERRALS", // would lead around this server (RFC 2221)
    "MAILBOX-REFERRALS", // likewise (RFC 2193)
    "CONVERT",  // a store's own would be answered here; put in again where ours works
    "KEYREVEAL", // only ours means what it says
];

/// Families of names, by what stands before their `=`.
const HIDDEN_FAMILIES: [&str; 2] = [
    "COMPRESS", // would hide the stream (RFC 4978)
    "URLAUTH",  // as above
];

/// The list for the client.
pub(super) fn for_client(store: &Capabilities, warden: Warden) -> Capabilities {
    let mut list = store.clone();
    let binary = offers_binary(store);
    list.retain(passes);
    if warden == Warden::Alive {
        list.add(keyreveal::names::KEYREVEAL);
        // RFC 5259 §3: CONVERT and BINARY are advertised together or not at all.
        if binary == Offered::Yes {
            list.add(capability::CONVERT);
            list.add("INPROGRESS");
        }
    }
    list
}

/// Whether the store's list has BINARY.
pub(super) fn offers_binary(store: &Capabilities) -> Offered {
    if store.contains(capability::BINARY) {
        Offered::Yes
    } else {
        Offered::No
    }
}

/// Whether a name stands for what no client may use here.
pub(super) fn is_hidden(name: &str) -> bool {
    !passes(name)
}

fn passes(name: &str) -> bool {
    let (family, value) = name.split_once('=').unwrap_or((name, ""));
    if family.eq_ignore_ascii_case("AUTH") {
        // The only mechanism that is relayed; one with channel binding could not work over two connections (RFC 5802 §6).
        return value.eq_ignore_ascii_case("PLAIN");
    }
    let hidden = |known: &&str| known.eq_ignore_ascii_case(name);
    let of_hidden_family = |known: &&str| known.eq_ignore_ascii_case(family) && name.contains('=');
    !HIDDEN.iter().any(hidden) && !HIDDEN_FAMILIES.iter().any(of_hidden_family)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: [&str; 14] = [
        "IMAP4rev1",
        "idle",
        "BINARY",
        "AUTH=PLAIN",
        "AUTH=SCRAM-SHA-256",
        "AUTH=SCRAM-SHA-256-PLUS",
        "COMPRESS=DEFLATE",
        "compress=zstd",
        "URLAUTH=BINARY",
        "UrlAuth",
        "STARTTLS",
        "LOGINDISABLED",
        "Convert",
        "X-OWN",
    ];

    #[test]
    fn what_would_lead_past_the_proxy_is_taken_out() {
        let list = for_client(&Capabilities::of(&STORE), Warden::Gone);
        let left: Vec<_> = list.iter().collect();
        assert_eq!(left, ["IMAP4rev1", "idle", "BINARY", "AUTH=PLAIN", "X-OWN"]);
    }

    #[test]
    fn ours_are_there_only_where_they_work() {
        let list = for_client(&Capabilities::of(&STORE), Warden::Alive);
        assert!(
            list.contains("KEYREVEAL") && list.contains("CONVERT") && list.contains("INPROGRESS")
        );
        let list = for_client(&Capabilities::of(&["IMAP4rev1"]), Warden::Alive);
        assert!(list.contains("KEYREVEAL") && !list.contains("CONVERT"));
    }
}
