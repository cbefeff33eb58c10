//! CONDSTORE and QRESYNC (RFC 7162): a client that was away is told just what changed.

use crate::dialogue::{Dialogue, with_cyrus, with_dovecot};

fn changes_on_condition(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("STATUS INBOX (HIGHESTMODSEQ UIDNEXT)");
    side.says("SELECT INBOX (CONDSTORE)");
    side.says("FETCH 1:* (UID MODSEQ FLAGS)");
    side.says("STORE 2 +FLAGS (\\Flagged)");
    side.says("STORE 3 (UNCHANGEDSINCE 1) +FLAGS (\\Answered)");
    side.says("FETCH 1:* (FLAGS) (CHANGEDSINCE 1)");
    side.says("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 100000)");
    side.says("SEARCH MODSEQ 1");
}

#[test]
fn condstore_at_dovecot() {
    with_dovecot(&["CONDSTORE"], changes_on_condition);
}

#[test]
fn condstore_at_cyrus() {
    with_cyrus(&["CONDSTORE"], changes_on_condition);
}

fn comes_back(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("ENABLE QRESYNC");
    let selected = side.says("SELECT INBOX").text();
    let (validity, modseq) = (
        number(&selected, "UIDVALIDITY "),
        number(&selected, "HIGHESTMODSEQ "),
    );
    side.says("STORE 2 +FLAGS (\\Flagged)");
    side.says("STORE 3 +FLAGS (\\Deleted)");
    side.says("EXPUNGE");
    side.is_sent("INBOX");
    side.says("NOOP");
    side.says("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)");
    side.says(&format!("SELECT INBOX (QRESYNC ({validity} {modseq}))"));
    side.says(&format!(
        "SELECT INBOX (QRESYNC ({validity} {modseq} 1:4 (1,3 1,4)))"
    ));
    side.says(&format!("EXAMINE INBOX (QRESYNC (1 {modseq}))"));
    side.says("CLOSE");
}

fn number<'a>(text: &'a str, name: &str) -> &'a str {
    let rest = text.split_once(name).expect("a number's name").1;
    rest.split(']').next().expect("a number")
}

#[test]
fn qresync_at_dovecot() {
    with_dovecot(&["QRESYNC", "ENABLE"], comes_back);
}

#[test]
fn qresync_at_cyrus() {
    with_cyrus(&["QRESYNC", "ENABLE"], comes_back);
}
