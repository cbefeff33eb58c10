//! METADATA, QUOTA and ACL: what is known about mailboxes besides mail.

use crate::dialogue::{Dialogue, with_cyrus, with_dovecot};

fn annotates(side: &mut Dialogue) {
    side.says("CREATE box");
    side.says("SETMETADATA box (/private/comment \"a comment\")");
    side.says("SETMETADATA box (/private/comment {12+}\r\nt2 OK\r\n* BYE)");
    side.says("GETMETADATA box /private/comment");
    side.says("GETMETADATA box (/private/comment /shared/comment)");
    side.tries("GETMETADATA (MAXSIZE 5) box (/private/comment)");
    side.tries("GETMETADATA (DEPTH infinity) box (/private)");
    side.tries("GETMETADATA \"\" (/shared/admin)");
    side.says("SETMETADATA box (/private/comment NIL)");
    side.says("GETMETADATA box /private/comment");
}

#[test]
fn metadata_at_dovecot() {
    with_dovecot(&["METADATA"], annotates);
}

#[test]
fn metadata_at_cyrus() {
    with_cyrus(&["METADATA"], annotates);
}

fn asks_for_quota(side: &mut Dialogue) {
    side.says("GETQUOTAROOT INBOX");
    side.fills("INBOX");
    side.says("GETQUOTAROOT INBOX");
    side.tries("GETQUOTA \"User quota\"");
    side.is_refused("SETQUOTA nowhere (STORAGE 10)");
}

#[test]
fn quota_at_dovecot() {
    with_dovecot(&["QUOTA"], asks_for_quota);
}

#[test]
fn quota_at_cyrus() {
    with_cyrus(&["QUOTA"], asks_for_quota);
}

fn shares(side: &mut Dialogue) {
    side.says("CREATE box");
    side.says("GETACL box");
    side.says("MYRIGHTS box");
    side.says("SETACL box anyone lr");
    side.says("GETACL box");
    side.says("LISTRIGHTS box anyone");
    side.says("SETACL box anyone +s");
    side.says("GETACL box");
    side.says("DELETEACL box anyone");
    side.says("GETACL box");
    side.is_refused("GETACL nowhere");
}

#[test]
fn acl_at_dovecot() {
    with_dovecot(&["ACL", "RIGHTS=texk"], shares);
}

#[test]
fn acl_at_cyrus() {
    with_cyrus(&["ACL", "RIGHTS=kxten"], shares);
}
