//! The capability list as the client is told it: what the store offers and this relay carries, and what is ours.
//!
//! It is a list of what is carried, not of what is not (RFC 2971 §5): a name that nobody here has thought about is hidden,
//! and its commands are refused as unknown.

use wire::imap::{Capabilities, capability};

use super::{Warden, compress::May};
use crate::config::UrlAuth;

/// Whether a store offers something, as its last list says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Offered {
    /// It has told no list since the login.
    #[default]
    Unknown,
    No,
    Yes,
}

/// On what the list depends beside the store's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) warden: Warden,
    /// Whether the client may have its connection compressed.
    pub(super) compress: May,
    /// Whether it may reveal something.
    pub(super) reveal: May,
    pub(super) urlauth: UrlAuth,
}

/// What is carried, under its whole name. Left out, each for a reason: what is ours to offer (AUTH=, STARTTLS,
/// LOGINDISABLED, COMPRESS, KEYREVEAL; CONVERT, which is the store's or ours); UNAUTHENTICATE, since a session knows its user for good (RFC 8437);
/// UIDONLY, whose UIDFETCH is not understood (RFC 9586); referrals, which lead around this server (RFC 2193, RFC 2221);
/// JMAPACCESS, likewise (RFC 9698); URLAUTH, unless the configuration says otherwise, since a URL made here works elsewhere
/// (RFC 4467); and whatever begins with X.
const CARRIED: [&str; 48] = [
    "ACL",
    "APPENDLIMIT",
    "BINARY",
    "CATENATE",
    "CHILDREN",
    "CONDSTORE",
    "CREATE-SPECIAL-USE",
    "ENABLE",
    "ESEARCH",
    "ESORT",
    "FILTERS",
    "ID",
    "IDLE",
    "IMAP4rev1",
    "IMAP4rev2",
    "INPROGRESS",
    "LANGUAGE",
    "LIST-EXTENDED",
    "LIST-METADATA",
    "LIST-MYRIGHTS",
    "LIST-STATUS",
    "LITERAL+",
    "LITERAL-",
    "METADATA",
    "METADATA-SERVER",
    "MOVE",
    "MULTIAPPEND",
    "MULTISEARCH",
    "NAMESPACE",
    "NOTIFY",
    "OBJECTID",
    "PARTIAL",
    "PREVIEW",
    "QRESYNC",
    "QUOTA",
    "QUOTASET",
    "REPLACE",
    "SASL-IR",
    "SAVEDATE",
    "SEARCHRES",
    "SORT",
    "SPECIAL-USE",
    "UIDPLUS",
    "UNSELECT",
    "UTF8=ACCEPT",
    "UTF8=ONLY",
    "WITHIN",
    "STATUS=SIZE",
];

/// Families that are carried, by what stands before the value.
const CARRIED_FAMILIES: [&str; 9] = [
    "APPENDLIMIT=",
    "CONTEXT=",
    "I18NLEVEL=",
    "QUOTA=RES-",
    "RIGHTS=",
    "SEARCH=FUZZY",
    "SORT=",
    "THREAD=",
    "COMPARATOR=",
];

/// The list for the client.
pub(super) fn for_client(store: &Capabilities, terms: &Terms) -> Capabilities {
    let mut list = store.clone();
    list.retain(|name| is_carried(name, terms.urlauth));
    if terms.compress == May::Yes {
        list.add(capability::COMPRESS_DEFLATE);
    }
    // RFC 5259 §3, and here beside: what the store converts itself passes, with or without vaults.
    if offers_convert(store) == Offered::Yes {
        list.add(capability::CONVERT);
    }
    if terms.warden == Warden::Alive && terms.reveal == May::Yes {
        list.add(keyreveal::names::KEYREVEAL);
        // RFC 5259 §3: CONVERT and BINARY are advertised together or not at all.
        if offers_binary(store) == Offered::Yes {
            list.add(capability::CONVERT);
            list.add(capability::INPROGRESS);
        }
    }
    list
}

/// Whether the store's list has BINARY. IMAP4rev2 has it built in (RFC 9051 §1.1, appendix E), but for APPEND's literal8.
pub(super) fn offers_binary(store: &Capabilities) -> Offered {
    if store.contains(capability::BINARY) {
        Offered::Yes
    } else {
        Offered::No
    }
}

/// Whether the store converts by itself; a list with CONVERT and without BINARY is none that may be believed (RFC 5259 §3).
pub(super) fn offers_convert(store: &Capabilities) -> Offered {
    if store.contains(capability::CONVERT) {
        offers_binary(store)
    } else {
        Offered::No
    }
}

/// Whether a name stands for what a client may use here.
pub(super) fn is_carried(name: &str, urlauth: UrlAuth) -> bool {
    let begins = |family: &&str| {
        name.get(..family.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(family))
    };
    let of_urlauth = [capability::URLAUTH, "URLAUTH=BINARY"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    (of_urlauth && urlauth == UrlAuth::Relayed)
        || CARRIED.iter().any(|known| known.eq_ignore_ascii_case(name))
        || CARRIED_FAMILIES.iter().any(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: [&str; 18] = [
        "IMAP4rev1",
        "idle",
        "BINARY",
        "AUTH=PLAIN",
        "AUTH=SCRAM-SHA-256-PLUS",
        "COMPRESS=DEFLATE",
        "compress=zstd",
        "URLAUTH=BINARY",
        "UrlAuth",
        "STARTTLS",
        "LOGINDISABLED",
        "Convert",
        "X-OWN",
        "UIDONLY",
        "UNAUTHENTICATE",
        "thread=references",
        "QUOTA=RES-STORAGE",
        "NEVER-HEARD-OF",
    ];

    fn terms() -> Terms {
        Terms {
            warden: Warden::Gone,
            compress: May::No,
            reveal: May::Yes,
            urlauth: UrlAuth::Refused,
        }
    }

    fn told(store: &[&str], terms: &Terms) -> String {
        for_client(&Capabilities::of(store), terms).encode()
    }

    #[test]
    fn only_what_is_carried_is_offered() {
        let left = "IMAP4rev1 idle BINARY thread=references QUOTA=RES-STORAGE CONVERT";
        assert_eq!(told(&STORE, &terms()), left);
        let relayed = Terms {
            urlauth: UrlAuth::Relayed,
            ..terms()
        };
        assert!(told(&STORE, &relayed).contains("URLAUTH=BINARY UrlAuth"));
    }

    #[test]
    fn ours_are_there_only_where_they_work() {
        let alive = Terms {
            warden: Warden::Alive,
            compress: May::Yes,
            ..terms()
        };
        assert_eq!(
            told(&["IMAP4rev1", "BINARY"], &alive),
            "IMAP4rev1 BINARY COMPRESS=DEFLATE KEYREVEAL CONVERT INPROGRESS"
        );
        let converts = ["IMAP4rev1", "BINARY", "CONVERT"];
        let ours = "IMAP4rev1 BINARY COMPRESS=DEFLATE CONVERT KEYREVEAL INPROGRESS";
        assert_eq!(told(&converts, &alive), ours);
        assert_eq!(told(&converts, &terms()), "IMAP4rev1 BINARY CONVERT");
        // RFC 5259 §3: not without BINARY.
        assert_eq!(told(&["IMAP4rev1", "CONVERT"], &terms()), "IMAP4rev1");
        let told_without = told(&["IMAP4rev1"], &alive);
        assert_eq!(told_without, "IMAP4rev1 COMPRESS=DEFLATE KEYREVEAL");
        let compressed = Terms {
            compress: May::No,
            reveal: May::No,
            ..alive
        };
        assert_eq!(
            told(&["IMAP4rev1", "BINARY"], &compressed),
            "IMAP4rev1 BINARY"
        );
    }
}
