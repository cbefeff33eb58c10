//! NAMESPACE (RFC 2342), SPECIAL-USE (RFC 6154), LIST-EXTENDED (RFC 5258) and LIST-STATUS (RFC 5819).

use crate::dialogue::{Dialogue, with_cyrus, with_dovecot};

fn looks_around(side: &mut Dialogue) {
    side.says("NAMESPACE");
    side.says("LIST \"\" \"\"");
    side.says("LIST \"\" \"*\" RETURN (SPECIAL-USE)");
    side.says("LIST (SPECIAL-USE) \"\" \"*\"");
    side.says("CREATE a");
    side.says("CREATE a/b");
    side.says("CREATE \"a/b c &AOQ-\"");
    side.says("SUBSCRIBE a/b");
    side.fills("a/b");
    side.says("LIST (SUBSCRIBED) \"\" (\"a%\" \"*\") RETURN (CHILDREN SUBSCRIBED)");
    side.says("LIST \"\" \"*\" RETURN (STATUS (MESSAGES UIDNEXT UNSEEN))");
    side.says("LSUB \"\" \"*\"");
    side.says("RENAME a/b z");
    side.says("DELETE z");
    side.says("LIST \"\" \"*\"");
}

#[test]
fn the_mailbox_tree_at_dovecot() {
    with_dovecot(
        &["NAMESPACE", "SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS"],
        looks_around,
    );
}

#[test]
fn the_mailbox_tree_at_cyrus() {
    with_cyrus(
        &["NAMESPACE", "SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS"],
        looks_around,
    );
}
