//! The list that a client is told is the truth: what is hidden is refused, in whichever response the list comes.

use super::*;

#[test]
fn the_list_is_the_same_wherever_it_comes() {
    let mut play = Play::open();
    let list = "IMAP4rev1 IDLE COMPRESS=DEFLATE AUTH=PLAIN UIDONLY X-A BINARY";
    let ours = "IMAP4rev1 IDLE BINARY COMPRESS=DEFLATE KEYREVEAL CONVERT INPROGRESS";
    play.client("a CAPABILITY\r\n");
    play.store(&format!(
        "* CAPABILITY {list}\r\na OK [CAPABILITY {list}] done\r\n* OK [CAPABILITY {list}] new\r\n"
    ));
    let told = format!(
        "* CAPABILITY {ours}\r\na OK [CAPABILITY {ours}] done\r\n* OK [CAPABILITY {ours}] new\r\n"
    );
    assert_eq!(play.told(), told);
    play.session.warden_gone();
    play.store(&format!("* CAPABILITY {list}\r\n"));
    assert_eq!(
        play.told(),
        "* CAPABILITY IMAP4rev1 IDLE BINARY COMPRESS=DEFLATE\r\n"
    );
}

#[test]
fn hidden_commands_never_reach_the_store() {
    let mut play = Play::selected();
    for command in [
        "UNAUTHENTICATE",
        "GENURLAUTH a internal",
        "URLFETCH a",
        "RESETKEY",
    ] {
        play.refused(
            &format!("a {command}\r\n"),
            "a NO [CANNOT] Not offered by this server\r\n",
        );
    }
    for command in [
        "XLIST \"\" *",
        "RLIST \"\" *",
        "UID NEVER 1",
        "x {3+}\r\nabc",
    ] {
        play.refused(
            &format!("b {command}\r\n"),
            "b BAD This command is unknown\r\n",
        );
    }
    play.refused("c LOGIN x y\r\n", "c BAD Already logged in\r\n");
    play.refused("d STARTTLS\r\n", "d BAD TLS is in use already\r\n");
}

#[test]
fn what_is_carried_passes() {
    let mut play = Play::selected();
    for command in [
        "GETQUOTAROOT inbox",
        "UID SORT (DATE) UTF-8 ALL",
        "UID THREAD REFERENCES UTF-8 ALL",
        "ESEARCH IN (mailboxes \"a\") ALL",
        "GETMETADATA \"\" /shared/comment",
        "MYRIGHTS inbox",
        "NOTIFY SET (SELECTED (MessageNew MessageExpunge))",
        "CANCELUPDATE \"x\"",
        "LANGUAGE de",
        "UID REPLACE 3 m {3+}\r\nabc",
        "APPEND m (\\Seen) {3+}\r\nabc {2+}\r\nde",
        "APPEND m CATENATE (URL \"/INBOX/;UID=1\" TEXT {3+}\r\nabc)",
        "APPEND m UTF8 (~{3+}\r\nabc)",
    ] {
        play.passes(&format!("a {command}\r\n"), "a OK\r\n");
    }
}

#[test]
fn enable_drops_what_is_hidden() {
    let mut play = Play::open();
    play.passes(
        "a ENABLE IMAP4rev2 condstore\r\n",
        "* ENABLED CONDSTORE\r\na OK\r\n",
    );
    play.client("b ENABLE UIDONLY QRESYNC X-Y UTF8=ACCEPT\r\n");
    assert_eq!(play.sent(), "b ENABLE QRESYNC UTF8=ACCEPT\r\n");
    play.store("* ENABLED QRESYNC UTF8=ACCEPT\r\nb OK\r\n");
    play.told();
    play.refused(
        "c ENABLE UIDONLY\r\n",
        "* ENABLED\r\nc OK Nothing is enabled\r\n",
    );
    // UTF-8 in quoted strings is understood from now on, and before.
    play.passes("d SELECT \"p\u{e4}\"\r\n", "d OK\r\n");
}

#[test]
fn urlauth_is_relayed_where_the_configuration_says_so() {
    let traits = StoreTraits {
        urlauth: UrlAuth::Relayed,
        ..traits()
    };
    let mut play = Play::open_with(settings(), traits, "IMAP4rev1 URLAUTH");
    assert!(play.told().contains("IMAP4rev1 URLAUTH "));
    play.passes("a RESETKEY\r\n", "a OK\r\n");
    play.passes("b URLFETCH \"imap://x\"\r\n", "b OK\r\n");
}

/// RFC 7162 §3.2.11: the old mailbox is left before the new one is there.
#[test]
fn closed_leaves_the_mailbox_before_the_next_is_selected() {
    let mut play = Play::selected();
    play.client("a SELECT other\r\n");
    play.store("* OK [CLOSED] old\r\n");
    let Stage::Open(open) = &play.session.stage else {
        panic!("open")
    };
    assert_eq!(open.selection.now(), None);
    play.store("* OK [UIDVALIDITY 9] v\r\na OK\r\n");
    let Stage::Open(open) = &play.session.stage else {
        panic!("open")
    };
    assert_eq!(open.selection.now().unwrap().validity.value(), 9);
}

/// RFC 7162 §3.2.10: UIDs vanish, and numbers move.
#[test]
fn vanished_messages_move_the_number_of_the_one_that_is_converted() {
    for (vanished, number) in [("1", Some(1)), ("9", Some(2)), ("4", None)] {
        let mut play = super::convert::with_keys();
        play.client("c UID CONVERT 4 (NIL) AVAILABLECONVERSIONS[2]\r\n");
        play.sent();
        let structure = super::convert::STRUCTURE;
        let vanished = format!("* VANISHED {vanished}\r\n");
        play.store(&format!(
            "* 2 FETCH (UID 4 BODYSTRUCTURE {structure})\r\n{vanished}keyhole1 OK done\r\n"
        ));
        let told = play.told();
        let told = told.strip_prefix(&vanished).unwrap();
        match number {
            Some(number) => assert!(told.starts_with(&format!("* {number} CONVERTED")), "{told}"),
            None => assert_eq!(told, "c OK Done\r\n"),
        }
    }
}
