//! IDLE (RFC 2177) and NOTIFY (RFC 5465): the store speaks unasked.

use crate::dialogue::{Dialogue, with_cyrus, with_dovecot};

fn idles(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("SELECT INBOX");
    for round in 5..8 {
        let idle = side.begins("IDLE");
        side.hears("+");
        side.is_sent("INBOX");
        side.hears(&format!("* {round} EXISTS"));
        side.writes(b"DONE\r\n");
        side.ends(&idle);
        side.says(&format!("FETCH {round} (UID FLAGS RFC822.SIZE)"));
    }
    let idle = side.begins("IDLE");
    side.hears("+");
    let elsewhere = &mut side.elsewhere;
    assert!(elsewhere.command("SELECT INBOX").is_ok());
    assert!(
        elsewhere
            .command("STORE 2 +FLAGS.SILENT (\\Deleted)")
            .is_ok()
    );
    side.hears("* 2 FETCH");
    assert!(side.elsewhere.command("EXPUNGE").is_ok());
    side.hears("* 2 EXPUNGE");
    side.writes(b"DONE\r\n");
    side.ends(&idle);
}

#[test]
fn idle_at_dovecot() {
    with_dovecot(&["IDLE"], idles);
}

#[test]
fn idle_at_cyrus() {
    with_cyrus(&["IDLE"], idles);
}

/// Dovecot tells some of it at once and some with the next command, as its file watch has it: what is told is compared, not
/// when.
fn is_notified(side: &mut Dialogue) {
    side.says("CREATE other");
    side.fills("INBOX");
    side.says("SELECT INBOX");
    side.completes(
        "NOTIFY SET STATUS (selected (MessageNew (UID RFC822.SIZE) MessageExpunge)) \
         (mailboxes other (MessageNew MessageExpunge))",
    );
    side.is_sent("INBOX");
    side.hears_within("* 5 FETCH (UID 5 RFC822.SIZE ");
    side.is_sent("other");
    side.hears_within("* STATUS other (MESSAGES 1 ");
    side.completes("NOTIFY SET (selected (MessageNew))");
    side.completes("NOTIFY NONE");
}

#[test]
fn notify_at_dovecot() {
    with_dovecot(&["NOTIFY"], is_notified);
}
