//! What the store says.

use crate::body;

/// What it can, as Dovecot says it. A proxy may ask, or take it from the greeting.
const CAPABILITIES: &str = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE LITERAL+ UIDPLUS \
                            NAMESPACE AUTH=PLAIN AUTH=LOGIN";

pub(super) fn greeting() -> String {
    format!("* OK [CAPABILITY {CAPABILITIES}] Memory ready.\r\n")
}

pub(super) fn capability(tag: &str) -> String {
    format!("* CAPABILITY {CAPABILITIES}\r\n{tag} OK Capability completed.\r\n")
}

pub(super) fn logged_in(tag: &str) -> String {
    format!("{tag} OK [CAPABILITY {CAPABILITIES}] Logged in\r\n")
}

pub(super) fn fine(tag: &str) -> String {
    format!("{tag} OK Completed.\r\n")
}

pub(super) fn unknown(tag: &str) -> String {
    format!("{tag} BAD Unknown command.\r\n")
}

pub(super) fn id(tag: &str) -> String {
    format!("* ID (\"name\" \"Memory\")\r\n{tag} OK ID completed.\r\n")
}

pub(super) fn namespace(tag: &str) -> String {
    format!("* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n{tag} OK Namespace completed.\r\n")
}

pub(super) fn list(tag: &str) -> String {
    format!("* LIST (\\HasNoChildren) \"/\" INBOX\r\n{tag} OK List completed.\r\n")
}

pub(super) fn select(tag: &str) -> String {
    format!(
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n\
         * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Flags permitted.\r\n\
         * {messages} EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] UIDs valid\r\n\
         * OK [UIDNEXT {next}] Predicted next UID\r\n{tag} OK [READ-WRITE] Select completed.\r\n",
        messages = body::MESSAGES,
        next = body::MESSAGES + 1,
    )
}

pub(super) fn status(tag: &str, mailbox: &str) -> String {
    format!(
        "* STATUS {mailbox} (MESSAGES {})\r\n{tag} OK Status completed.\r\n",
        body::MESSAGES
    )
}

pub(super) fn flags(number: u32) -> String {
    format!(
        "* {number} FETCH (UID {number} FLAGS (\\Seen) RFC822.SIZE {})\r\n",
        body::octets(number)
    )
}

pub(super) fn body_begins(number: u32, origin: Option<u64>, octets: u64) -> String {
    let origin = origin
        .map(|origin| format!("<{origin}>"))
        .unwrap_or_default();
    format!("* {number} FETCH (UID {number} BODY[]{origin} {{{octets}}}\r\n")
}

pub(super) fn search(tag: &str, from: u32) -> String {
    format!(
        "* SEARCH {from} {} {}\r\n{tag} OK Search completed.\r\n",
        from + 1,
        from + 2
    )
}

pub(super) fn appended(tag: &str, digest: u32) -> String {
    format!("{tag} OK [APPENDUID 1 {digest}] Append completed.\r\n")
}

pub(super) fn exists(number: u32) -> String {
    format!("* {} EXISTS\r\n", number.max(1))
}

pub(super) fn logged_out(tag: &str) -> String {
    format!("* BYE Logging out\r\n{tag} OK Logout completed.\r\n")
}
