//! UIDPLUS (RFC 4315) and MOVE (RFC 6851): what went where, under which UID.

use crate::dialogue::{Dialogue, with_cyrus, with_dovecot};

fn copies_and_expunges(side: &mut Dialogue) {
    side.says("CREATE box");
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.says("UID COPY 2:3 box");
    side.says("COPY 4 box");
    side.is_refused("COPY 1 nowhere");
    side.says("STORE 1:2 +FLAGS.SILENT (\\Deleted)");
    side.says("UID EXPUNGE 2:4");
    side.says("FETCH 1:* (UID FLAGS)");
}

#[test]
fn uidplus_at_dovecot() {
    with_dovecot(&["UIDPLUS"], copies_and_expunges);
}

#[test]
fn uidplus_at_cyrus() {
    with_cyrus(&["UIDPLUS"], copies_and_expunges);
}

fn moves(side: &mut Dialogue) {
    side.says("CREATE box");
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.says("UID MOVE 2 box");
    side.says("MOVE 1,3 box");
    side.is_refused("MOVE 1 nowhere");
    side.says("FETCH 1:* (UID)");
    side.says("SELECT box");
    side.says("FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
}

#[test]
fn move_at_dovecot() {
    with_dovecot(&["MOVE", "UIDPLUS"], moves);
}

#[test]
fn move_at_cyrus() {
    with_cyrus(&["MOVE", "UIDPLUS"], moves);
}
