//! Stores and clients that hang, break off, lie, or send too much.

use super::{convert::with_keys, *};

const PART: &str = "c UID CONVERT 4 (NIL) AVAILABLECONVERSIONS[2]\r\n";

#[test]
fn a_store_that_closes_is_told_of_for_every_command_under_way() {
    let mut play = Play::selected();
    play.client("a NOOP\r\nb NOOP\r\n");
    play.session.store_ended(play.now);
    let told = play.told();
    let lost = "NO [UNAVAILABLE] The mail store failed\r\n";
    assert!(
        told.starts_with(&format!("a {lost}b {lost}* BYE [UNAVAILABLE]")),
        "{told}"
    );
    assert!(play.session.is_over());
}

#[test]
fn a_store_that_closes_after_its_bye_is_no_failure() {
    let mut play = Play::selected();
    play.passes("a LOGOUT\r\n", "* BYE see you\r\na OK done\r\n");
    play.session.store_ended(play.now);
    assert_eq!(play.told(), "");
    assert!(play.session.is_over());
    assert!(!format!("{:?}", play.events).contains("StoreFailed"));
}

/// A body that was cut off must not look complete: nothing of ours may stand where its octets should.
#[test]
fn a_store_that_closes_inside_a_literal_leaves_it_open() {
    let mut play = Play::selected();
    play.client("a FETCH 1 BODY[]\r\n");
    play.store("* 1 FETCH (BODY[] {10}\r\n01234");
    play.session.store_ended(play.now);
    assert_eq!(play.told(), "* 1 FETCH (BODY[] {10}\r\n01234");
    assert!(play.session.is_over());
}

#[test]
fn a_store_that_hangs_inside_a_literal_is_given_up() {
    let mut play = Play::selected();
    play.client("a FETCH 1 BODY[]\r\n");
    play.sent();
    play.store("* 1 FETCH (BODY[] {10}\r\n01234");
    play.told();
    play.wait(Duration::from_secs(29));
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(1));
    assert_eq!(play.told(), "");
    assert!(play.session.is_over());
}

#[test]
fn a_store_that_hangs_over_a_command_of_ours_is_told_of() {
    for said in ["", "* 2 FETCH (UID 4 BODYSTRUCTURE "] {
        let mut play = with_keys();
        play.client(PART);
        play.sent();
        play.store(said);
        play.wait(Duration::from_secs(30));
        let told = play.told();
        let last = told
            .find("c NO [UNAVAILABLE]")
            .unwrap_or_else(|| panic!("{told}"));
        assert!(told[last..].contains("\r\n* BYE [UNAVAILABLE]"), "{told}");
        assert!(play.session.is_over());
    }
}

/// However slowly a store drips, a command of ours has an end.
#[test]
fn a_store_that_drips_is_given_up_too() {
    let mut play = with_keys();
    play.client(PART);
    play.sent();
    for _ in 0..40 {
        play.store("* 9 EXISTS\r\n");
        play.told();
        play.wait(Duration::from_secs(1));
    }
    assert!(play.session.is_over());
}

#[test]
fn a_store_that_is_silent_about_a_client_s_command_is_given_up_at_last() {
    let mut play = Play::selected();
    play.client("a SEARCH ALL\r\n");
    play.sent();
    play.wait(Duration::from_secs(299));
    assert!(!play.session.is_over());
    play.wait(Duration::from_secs(1));
    assert!(play.told().starts_with("a NO [UNAVAILABLE]"));
}

#[test]
fn garbage_and_answers_to_nobody_end_the_session() {
    for garbage in [
        "garbage\r\n",
        "z OK not asked for\r\n",
        "keyhole1 OK not asked for\r\n",
        "+ go on\r\n",
        "* PREAUTH again\r\n",
        "* 1 FETCH (BODY[] {99999999999999999999}\r\n",
        "\n\n",
    ] {
        let mut play = Play::selected();
        play.store(garbage);
        assert!(play.session.is_over(), "{garbage}");
        let told = play.told();
        assert!(told.starts_with("* BYE [UNAVAILABLE]"), "{garbage} {told}");
    }
}

#[test]
fn a_tag_of_ours_in_a_literal_answers_nothing() {
    let mut play = with_keys();
    play.client(PART);
    play.sent();
    play.store("* 5 FETCH (BODY[1] {17}\r\nkeyhole1 OK done\r)\r\n");
    assert!(play.session.own_runs());
    play.store("keyhole1 OK done {5}\r\n");
    assert!(!play.session.own_runs());
    assert!(play.told().ends_with("c OK Done\r\n"));
}

#[test]
fn lines_without_end_pass_in_pieces_and_are_not_held() {
    let mut play = Play::selected();
    play.client("a SEARCH ALL\r\n");
    play.sent();
    play.store("* SEARCH");
    let mut relayed = 0;
    for _ in 0..100 {
        play.store(&" 123456789".repeat(1000));
        relayed += play.told().len();
    }
    assert!(relayed > 900_000, "{relayed}");
    play.store("\r\na OK\r\n");
    assert!(play.told().ends_with("\r\na OK\r\n"));
}

#[test]
fn a_capability_list_without_end_is_a_failure() {
    let mut play = Play::selected();
    play.store("* CAPABILITY");
    for _ in 0..100 {
        play.store(&" X".repeat(4000));
    }
    play.store("\r\n");
    assert!(play.session.is_over());
}

#[test]
fn a_structure_larger_than_anybody_reads_is_a_refusal() {
    let mut play = with_keys();
    play.client(PART);
    play.sent();
    play.store("* 2 FETCH (UID 4 BODYSTRUCTURE (\"a\" \"b\" NIL NIL {1073741824}\r\n");
    let run = "x".repeat(1 << 20);
    for _ in 0..1024 {
        play.store(&run);
    }
    play.store(" NIL 1))\r\nkeyhole1 OK\r\n");
    assert_eq!(
        play.told(),
        "c NO [LIMIT] The message's structure is too large\r\n"
    );
    play.passes("n NOOP\r\n", "n OK\r\n");
}

#[test]
fn a_literal_of_a_gigabyte_is_only_relayed_as_fast_as_it_is_taken() {
    let mut play = Play::selected();
    play.client("a FETCH 1 BODY[]\r\n");
    play.sent();
    play.store("* 1 FETCH (BODY[] {1073741824}\r\n");
    play.told();
    let run = "x".repeat(16 * 1024);
    for _ in 0..1000 {
        play.store(&run);
        assert_eq!(play.told().len(), run.len());
    }
    assert!(!play.session.is_over());
}

#[test]
fn a_client_that_breaks_the_framing_is_told_goodbye() {
    let endless = "a NOOP ".to_owned() + &"x".repeat(9000);
    for broken in [
        "a NOOP\n",
        "a \0\r\n",
        "a\rb\r\n",
        "a APPEND m {99999999999999999999}\r\n",
        endless.as_str(),
    ] {
        let mut play = Play::selected();
        play.client(broken);
        assert!(play.session.is_over(), "{broken:?}");
        assert!(play.told().starts_with("* BYE ["));
        assert_eq!(play.sent(), "");
    }
}

#[test]
fn what_is_no_command_never_reaches_the_store() {
    let mut play = Play::selected();
    for line in ["\r\n", "DONE\r\n", "+ x\r\n", "a\r\n", "{3+}\r\nabc\r\n"] {
        play.client(line);
        assert_eq!(play.sent(), "", "{line:?}");
        let told = play.told();
        assert!(
            told.starts_with("* BAD") || told.starts_with("a BAD"),
            "{line:?} {told}"
        );
    }
    play.passes("n NOOP\r\n", "n OK\r\n");
}

#[test]
fn a_collected_command_over_budget_is_refused_without_being_kept() {
    let mut play = with_keys();
    play.refused(
        "c UID CONVERT 4 (NIL (a {100000}\r\n",
        "c BAD [TOOBIG] The command is longer than this server takes\r\n",
    );
    play.client("d UID CONVERT 4 (NIL (a {200000+}\r\n");
    for _ in 0..20 {
        play.client(&"x".repeat(10_000));
    }
    play.client("))\r\n");
    assert_eq!(
        play.told(),
        "d BAD [TOOBIG] The command is longer than this server takes\r\n"
    );
    play.passes("n NOOP\r\n", "n OK\r\n");
}

#[test]
fn no_record_holds_what_a_session_said() {
    let mut play = with_keys();
    play.client("x LOGIN canary-1 canary-2\r\ny CANARY-3 {9+}\r\ncanary-34\r\n");
    play.store("* OK canary-4\r\n* BYE canary-5\r\ncanary-6\r\n");
    play.wait(Duration::from_secs(1));
    let records = format!("{:?}", play.events).to_ascii_lowercase();
    assert!(!records.contains("canary"), "{records}");
}
