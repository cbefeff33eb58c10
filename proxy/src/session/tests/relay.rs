//! Once somebody is known: everything that is not ours passes.

use super::*;

#[test]
fn commands_and_answers_pass_as_they_are() {
    let mut play = Play::selected();
    play.passes(
        "a UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])\r\n",
        "* 1 FETCH (UID 4 FLAGS () BODY[HEADER.FIELDS (SUBJECT)] {12}\r\na OK x\r\n(){5})\r\na OK done\r\n",
    );
    play.passes("b UID REPLACE 1 m {3+}\r\nabc\r\n", "b OK\r\n");
    play.passes(
        "c LIST \"\" *\r\n",
        "* LIST () \"/\" {3}\r\na b\r\nc OK {5}\r\n",
    );
    play.passes("d NOOP\r\n", "* 2 EXPUNGE\r\nd OK done\r\n");
}

#[test]
fn pipelined_commands_pass_without_waiting() {
    let mut play = Play::selected();
    play.client("a NOOP\r\nb NOOP\r\nc FETCH 1 FLAGS\r\n");
    assert_eq!(play.sent(), "a NOOP\r\nb NOOP\r\nc FETCH 1 FLAGS\r\n");
}

#[test]
fn a_literal_passes_in_runs_and_waits_for_the_store() {
    let mut play = Play::open();
    play.client("a APPEND inbox {10}\r\n");
    assert_eq!(play.sent(), "a APPEND inbox {10}\r\n");
    play.client("0123");
    assert_eq!(play.sent(), "", "not before the store says so");
    play.store("+ go\r\n");
    assert_eq!(play.told(), "+ go\r\n");
    assert_eq!(play.sent(), "0123");
    play.client("456789\r\nb NOOP\r\n");
    assert_eq!(play.sent(), "456789\r\nb NOOP\r\n");
}

#[test]
fn a_refused_literal_is_no_command() {
    let mut play = Play::open();
    play.client("a APPEND inbox {10}\r\n");
    assert_eq!(play.sent(), "a APPEND inbox {10}\r\n");
    play.store("a NO [TRYCREATE] none\r\n");
    assert_eq!(play.told(), "a NO [TRYCREATE] none\r\n");
    play.passes("b NOOP\r\n", "b OK\r\n");
}

#[test]
fn idle_lasts_until_done() {
    let mut play = Play::selected();
    play.passes("a IDLE\r\n", "+ idling\r\n");
    play.store("* 4 EXISTS\r\n");
    assert_eq!(play.told(), "* 4 EXISTS\r\n");
    play.wait(Duration::from_secs(600));
    assert!(!play.session.is_over(), "an idle store is not a silent one");
    play.passes("done\r\n", "a OK\r\n");
    play.passes("b NOOP\r\n", "b OK\r\n");
}

#[test]
fn a_refused_idle_expects_no_done() {
    let mut play = Play::selected();
    play.passes("a IDLE\r\n", "a BAD no\r\n");
    play.passes("b NOOP\r\n", "b OK\r\n");
}

#[test]
fn a_done_that_the_store_does_not_want_any_more_is_forgotten() {
    let mut play = Play::selected();
    play.passes("a IDLE\r\n", "+ idling\r\n");
    play.store("a OK enough\r\n");
    assert_eq!(play.told(), "a OK enough\r\n");
    play.client("DONE\r\n");
    assert_eq!(play.sent(), "");
    play.passes("b NOOP\r\n", "b OK\r\n");
}

/// However the network cuts the octets, what passes is the same.
#[test]
fn what_passes_does_not_depend_on_where_reads_end() {
    let command = "a APPEND m {3+}\r\nx\r\n UID\r\nb NOOP\r\n";
    let answer = "* 1 FETCH (BODY[] {5}\r\na OK )\r\n* OK [CAPABILITY COMPRESS=DEFLATE X IDLE] y\r\na OK {3}\r\nb OK\r\n";
    let relayed = answer.replace("COMPRESS=DEFLATE X IDLE", "IDLE COMPRESS=DEFLATE KEYREVEAL");
    for cut in 0..=command.len().max(answer.len()) {
        let mut play = Play::open();
        let (first, second) = command.split_at(cut.min(command.len()));
        play.client(first);
        play.client(second);
        let [announced, rest] = pieces(command).try_into().unwrap();
        assert_eq!(play.sent(), announced, "cut at {cut}");
        play.store("+ go\r\n");
        assert_eq!(play.sent(), rest, "cut at {cut}");
        assert_eq!(play.told(), "", "the client has not waited");
        let (first, second) = answer.split_at(cut.min(answer.len()));
        play.store(first);
        play.store(second);
        assert_eq!(play.told(), relayed, "cut at {cut}");
    }
}

#[test]
fn a_client_that_does_not_read_is_not_served_more() {
    let mut play = Play::selected();
    play.client("a FETCH 1 BODY[]\r\n");
    play.store("* 1 FETCH (BODY[] {1000000}\r\n");
    let run = "x".repeat(16 * 1024);
    let mut taken = 0;
    while play.session.wants_store() {
        play.store(&run);
        taken += run.len();
    }
    assert!(taken <= 96 * 1024, "{taken} octets were taken");
    play.wait(Duration::from_secs(121));
    assert!(play.session.is_over(), "and is not waited for for ever");
}

#[test]
fn a_store_that_does_not_read_stops_the_client() {
    let mut play = Play::open();
    play.client("a APPEND m {1000000+}\r\n");
    let run = "x".repeat(16 * 1024);
    let mut taken = 0;
    while play.session.wants_client() {
        play.client(&run);
        taken += run.len();
    }
    assert!(taken <= 256 * 1024, "{taken} octets were taken");
}

#[test]
fn an_idle_client_is_told_goodbye_after_half_an_hour() {
    let mut play = Play::selected();
    play.wait(Duration::from_secs(1859));
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(1));
    assert!(play.told().starts_with("* BYE"));
}

#[test]
fn a_drained_session_ends_when_nothing_is_under_way() {
    let mut play = Play::selected();
    play.client("a NOOP\r\n");
    assert_eq!(play.sent(), "a NOOP\r\n");
    play.session.drain(play.now);
    assert!(!play.session.is_over());
    play.store("a OK\r\n");
    let told = play.told();
    assert!(told.starts_with("a OK\r\n* BYE [UNAVAILABLE]"), "{told}");
    assert!(play.session.is_over());
}

#[test]
fn a_client_that_only_stops_sending_still_gets_its_answers() {
    let mut play = Play::selected();
    play.client("a NOOP\r\n");
    play.session.client_ended(play.now);
    assert!(!play.session.is_over());
    play.store("a OK\r\n");
    assert_eq!(play.told(), "a OK\r\n");
    assert!(play.session.is_over());
}
