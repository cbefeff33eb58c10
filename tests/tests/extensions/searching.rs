//! SORT, THREAD and ESEARCH (RFC 4731): many numbers in few octets.

use crate::dialogue::{Dialogue, with_cyrus, with_dovecot};

fn sorts(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.says("SORT (SUBJECT) UTF-8 ALL");
    side.says("UID SORT (REVERSE DATE FROM) US-ASCII SUBJECT apples");
    side.says("THREAD REFERENCES UTF-8 ALL");
    side.says("UID THREAD ORDEREDSUBJECT UTF-8 ALL");
    side.tries("SORT (SUBJECT) NO-SUCH-CHARSET ALL");
    side.is_refused("SORT (NONSENSE) UTF-8 ALL");
}

#[test]
fn sort_and_thread_at_dovecot() {
    with_dovecot(
        &["SORT", "THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT"],
        sorts,
    );
}

#[test]
fn sort_and_thread_at_cyrus() {
    with_cyrus(
        &["SORT", "THREAD=REFERENCES", "THREAD=ORDEREDSUBJECT"],
        sorts,
    );
}

fn searches(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.says("SEARCH RETURN (MIN MAX COUNT ALL) ALL");
    side.says("UID SEARCH RETURN () SUBJECT apples");
    side.says("SEARCH RETURN (COUNT) SUBJECT nothing");
    side.says("UID SEARCH CHARSET UTF-8 SUBJECT {5+}\r\npears");
    side.says("SEARCH RETURN (ALL) OR FROM ada BODY green");
    side.tries("SORT RETURN (MIN COUNT) (DATE) UTF-8 ALL");
    side.is_refused("SEARCH NONSENSE");
}

#[test]
fn esearch_at_dovecot() {
    with_dovecot(&["ESEARCH"], searches);
}

#[test]
fn esearch_at_cyrus() {
    with_cyrus(&["ESEARCH"], searches);
}
