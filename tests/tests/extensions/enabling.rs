//! ENABLE (RFC 5161) and what it may enable, and literals that wait for nobody (RFC 7888).

use crate::dialogue::{Dialogue, MESSAGES, with_cyrus, with_dovecot};

fn enables(side: &mut Dialogue) {
    side.says("ENABLE CONDSTORE");
    side.says("ENABLE QRESYNC CONDSTORE NO-SUCH-THING");
    side.says("SELECT INBOX");
    // Not offered, and so not enabled; a message in UTF-8 is refused as the store refuses it (RFC 6855 §4).
    side.tries("ENABLE UTF8=ACCEPT IMAP4rev2");
}

#[test]
fn enable_at_dovecot() {
    with_dovecot(&["ENABLE"], enables);
}

#[test]
fn enable_at_cyrus() {
    with_cyrus(&["ENABLE"], enables);
}

fn sends_literals(side: &mut Dialogue) {
    side.fills("INBOX");
    side.says("STATUS {5+}\r\nINBOX (MESSAGES UIDNEXT)");
    side.says("SELECT {5+}\r\nINBOX");
    side.says("SEARCH SUBJECT {6+}\r\napples FROM {3+}\r\nada");
    side.says("SEARCH HEADER {10+}\r\nMessage-ID {0+}\r\n");
    let message = MESSAGES[2];
    let announced = format!("APPEND INBOX {{{}}}", message.len());
    side.says_in_pieces(&[announced.as_bytes(), message.as_bytes()]);
    side.says_in_pieces(&[b"CREATE {3}", b"new"]);
    side.says("LIST \"\" {1+}\r\n*");
    side.is_refused("SELECT {7+}\r\nnowhere");
    side.says("NOOP");
}

#[test]
fn literal_plus_at_dovecot() {
    with_dovecot(&["LITERAL+"], sends_literals);
}

#[test]
fn literal_plus_at_cyrus() {
    with_cyrus(&["LITERAL+"], sends_literals);
}
