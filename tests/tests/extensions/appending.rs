//! MULTIAPPEND (RFC 3502), CATENATE (RFC 4469) and BINARY (RFC 3516): mail goes in by other ways than one literal.

use crate::dialogue::{DATE, Dialogue, MESSAGES, with_cyrus, with_dovecot};

fn appends_several(side: &mut Dialogue) {
    let [one, two, three, _] = MESSAGES;
    let (one_octets, two_octets, three_octets) = (one.len(), two.len(), three.len());
    side.says(&format!(
        "APPEND INBOX \"{DATE}\" {{{one_octets}+}}\r\n{one} (\\Flagged) \"{DATE}\" {{{two_octets}+}}\r\n{two}"
    ));
    let tag = side.begins(&format!(
        "APPEND INBOX (\\Seen) \"{DATE}\" {{{one_octets}}}"
    ));
    side.hears("+");
    side.writes(format!("{one} \"{DATE}\" {{{three_octets}}}\r\n").as_bytes());
    side.hears("+");
    side.writes(format!("{three}\r\n").as_bytes());
    assert!(side.ends(&tag).is_ok());
    side.is_refused(&format!(
        "APPEND nowhere \"{DATE}\" {{{one_octets}+}}\r\n{one} \"{DATE}\" {{{two_octets}+}}\r\n{two}"
    ));
    side.says("SELECT INBOX");
    side.says("FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])");
}

#[test]
fn multiappend_at_dovecot() {
    with_dovecot(&["MULTIAPPEND"], appends_several);
}

#[test]
fn multiappend_at_cyrus() {
    with_cyrus(&["MULTIAPPEND"], appends_several);
}

fn catenates(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.says(&format!(
        "APPEND INBOX \"{DATE}\" CATENATE (URL \"/INBOX/;UID=1/;SECTION=HEADER\" TEXT {{7+}}\r\nadded\r\n URL \"/INBOX/;UID=2/;SECTION=TEXT\")"
    ));
    side.is_refused("APPEND INBOX CATENATE (URL \"/INBOX/;UID=999\" TEXT {3+}\r\nx\r\n)");
    let tag = side.begins(&format!("APPEND INBOX \"{DATE}\" CATENATE (TEXT {{9}}"));
    side.hears("+");
    side.writes(b"X-A: b\r\n\r URL \"/INBOX/;UID=3\")\r\n");
    side.ends(&tag);
    side.says("NOOP");
    side.says("FETCH 5:* (UID RFC822.SIZE BODY.PEEK[])");
}

#[test]
fn catenate_at_dovecot() {
    with_dovecot(&["CATENATE"], catenates);
}

#[test]
fn catenate_at_cyrus() {
    with_cyrus(&["CATENATE"], catenates);
}

fn takes_binary(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.says("FETCH 4 (BINARY.SIZE[2] BINARY.PEEK[2] BINARY.PEEK[2]<1.2> BINARY.PEEK[1])");
    side.says("UID FETCH 4 (BODY.PEEK[2])");
    // RFC 3516 §4.4: a literal of binary octets.
    let message = "Content-Transfer-Encoding: binary\r\n\r\na\0b\r\n";
    let octets = message.len();
    side.tries(&format!(
        "APPEND INBOX \"{DATE}\" ~{{{octets}+}}\r\n{message}"
    ));
    side.says("NOOP");
    side.tries("FETCH 5 (BODY.PEEK[])");
}

#[test]
fn binary_at_dovecot() {
    with_dovecot(&["BINARY"], takes_binary);
}

#[test]
fn binary_at_cyrus() {
    with_cyrus(&["BINARY"], takes_binary);
}
