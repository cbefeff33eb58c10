//! KEYREVEAL, CONVERSIONS and CONVERT, with a vault played by hand.

use keyreveal::{SealedReveal, Suite};
use vault::frames::{Failure, Frame, FrameReader, FromVault, Job, Resource, SourceKind, ToVault};

use super::*;

pub(super) const PARAMETERS: &str = "\"u.urn:x-keyhole:type\" image/jpeg pix-x 320";
pub(super) const STRUCTURE: &str = "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)(\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 10 NIL NIL NIL NIL) \"mixed\" NIL NIL NIL NIL)";

/// The value of the reveal parameter for the key `id`: sealed, so that only a vault can tell what is in it.
pub(super) fn reveal(id: u8) -> String {
    let mut octets = vec![0x84, 1, 0x50];
    octets.extend([id; 16]);
    octets.extend([0x58, 32]);
    octets.extend([1; 32]);
    octets.extend([0x59, 2, 16]);
    octets.extend([2; 528]);
    let text = SealedReveal::decode(&octets).unwrap().to_base64();
    assert_eq!(
        SealedReveal::from_base64(text.as_bytes()).unwrap().key_id(),
        KeyId([id; 16])
    );
    text
}

pub(super) fn convert(tag: &str, id: u8, items: &str) -> String {
    let reveal = reveal(id);
    format!(
        "{tag} UID CONVERT 4 (\"application/vnd.keyhole.sealed\" ({PARAMETERS} \"u.urn:x-keyhole:reveal\" {reveal})) {items}\r\n"
    )
}

fn again(tag: &str, items: &str) -> String {
    format!("{tag} UID CONVERT 4 (\"application/vnd.keyhole.sealed\" ({PARAMETERS})) {items}\r\n")
}

/// A session that holds the keys 1 and 2.
pub(super) fn with_keys() -> Play {
    let mut play = Play::selected();
    play.client("k KEYREVEAL 2\r\n");
    let asked = Request::NewVaults {
        count: 2,
        suite: Suite::X25519Aes256Gcm,
        user: "u".to_owned(),
    };
    assert_eq!(play.requested(), [asked]);
    play.hand_out(&[1, 2]);
    let told = play.told();
    assert!(
        told.starts_with("* KEYREVEAL \"AQ==\"\r\n* KEYREVEAL \"Ag==\"\r\nk OK "),
        "{told}"
    );
    play
}

/// The store's answer to where the message is.
pub(super) fn locate(play: &mut Play, tag: u32) {
    assert_eq!(
        play.sent(),
        format!("keyhole{tag} UID FETCH 4 (UID BODYSTRUCTURE)\r\n")
    );
    play.store(&format!(
        "* 2 FETCH (UID 4 BODYSTRUCTURE {STRUCTURE})\r\nkeyhole{tag} OK done\r\n"
    ));
}

/// Plays a conversion with the key `id` up to where the vault has all of the part.
pub(super) fn convert_to_vault(play: &mut Play, id: u8, items: &str) -> Job {
    play.client(&convert("c", id, items));
    locate(play, 1);
    assert_eq!(play.requested(), [Request::Employ(KeyId([id; 16]))]);
    assert_eq!(play.sent(), "keyhole2 UID FETCH 4 (UID BODY.PEEK[2])\r\n");
    play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n01234");
    play.store("56789)\r\nkeyhole2 OK done\r\n");
    let mut frames = frames(&play.worked()).into_iter();
    let Some(ToVault::Job(job)) = frames.next() else {
        panic!("first the job")
    };
    let rest: Vec<_> = frames.collect();
    let expected = [
        ToVault::Octets(b"01234".to_vec()),
        ToVault::Octets(b"56789".to_vec()),
        ToVault::End,
    ];
    assert_eq!(rest, expected);
    job
}

pub(super) fn frames(octets: &[u8]) -> Vec<ToVault> {
    let mut reader = FrameReader::new();
    let mut input = octets;
    std::iter::from_fn(|| reader.next(&mut input).unwrap()).collect()
}

pub(super) fn say(play: &mut Play, frames: &[FromVault]) {
    for frame in frames {
        play.vault(&frame.to_octets().unwrap());
    }
}

pub(super) fn sealed() -> [FromVault; 3] {
    [
        FromVault::Result { octets: 6 },
        FromVault::Run(b"sealed".to_vec()),
        FromVault::Done,
    ]
}

#[test]
fn a_conversion_is_answered_with_the_sealed_result() {
    let mut play = with_keys();
    let job = convert_to_vault(
        &mut play,
        1,
        "(BINARY[2] BINARY.SIZE[2] BODYPARTSTRUCTURE[2])",
    );
    let context = keyreveal::Context::decode(&job.context).unwrap();
    assert_eq!((context.user(), context.mailbox()), ("u", &b"INBOX"[..]));
    assert_eq!(
        (
            context.uid_validity().get(),
            context.uid().get(),
            context.section()
        ),
        (7, 4, "2")
    );
    say(&mut play, &sealed());
    assert_eq!(play.requested(), [Request::Dismiss]);
    let told = play.told();
    let answer = "* 2 CONVERTED (TAG \"c\") (UID 4 BODYPARTSTRUCTURE[2] (\"application\" \"vnd.keyhole.sealed\" NIL NIL NIL \"binary\" 6 NIL NIL NIL NIL) BINARY.SIZE[2] 6 BINARY[2] \"sealed\")\r\nc OK Converted\r\n";
    assert_eq!(told, answer);
}

#[test]
fn partial_requests_are_answered_from_the_kept_result_without_a_vault() {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, "BINARY.SIZE[2]");
    say(&mut play, &sealed());
    assert_eq!(
        play.told(),
        "* 2 CONVERTED (TAG \"c\") (UID 4 BINARY.SIZE[2] 6)\r\nc OK Converted\r\n"
    );
    play.requested();
    for (nth, (partial, octets)) in [
        ("<0.3>", "<0> \"sea\""),
        ("<3.9>", "<3> \"led\""),
        ("<6.1>", "<6> \"\""),
    ]
    .into_iter()
    .enumerate()
    {
        play.client(&again("p", &format!("BINARY[2]{partial}")));
        locate(&mut play, 3 + u32::try_from(nth).unwrap());
        assert_eq!(
            play.told(),
            format!("* 2 CONVERTED (TAG \"p\") (UID 4 BINARY[2]{octets})\r\np OK Converted\r\n")
        );
    }
    assert_eq!(play.requested(), []);
}

#[test]
fn a_kept_result_is_gone_with_its_mailbox() {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, "BINARY.SIZE[2]");
    say(&mut play, &sealed());
    play.told();
    play.client("x CLOSE\r\n");
    play.sent();
    play.store("x OK closed\r\n");
    play.client("s SELECT inbox\r\n");
    play.sent();
    play.store("* OK [UIDVALIDITY 7] v\r\ns OK done\r\n");
    play.told();
    play.client(&again("p", "BINARY[2]"));
    locate(&mut play, 3);
    let told = play.told();
    assert!(told.contains("MISSINGPARAMETERS \"application/pkcs7-mime\" \"application/vnd.keyhole.sealed\" (\"u.urn:x-keyhole:reveal\")") || told.contains("MISSINGPARAMETERS \"application/pkcs7-mime\" \"application/vnd.keyhole.sealed\" (u.urn:x-keyhole:reveal)"), "{told}");
    assert!(told.ends_with("p NO Parameters are missing\r\n"), "{told}");
}

/// What a reveal is told that the session itself refuses, without its tag.
fn refusal(play: &mut Play, tag: &str) -> String {
    assert_eq!(play.told(), "", "not before the end of the time bucket");
    play.wait(Duration::from_millis(999));
    assert_eq!(play.told(), "");
    play.wait(Duration::from_millis(1));
    without_tag(&play.told(), tag)
}

fn without_tag(told: &str, tag: &str) -> String {
    told.replace(&format!("\"{tag}\""), "TAG")
        .replace(&format!("\r\n{tag} "), "\r\n")
}

const REFUSAL: &str = "* 2 CONVERTED (TAG TAG) (UID 4 BINARY[2] (ERROR \"The reveal was refused\" BADPARAMETERS \"application/pkcs7-mime\" \"application/vnd.keyhole.sealed\" (u.urn:x-keyhole:reveal \"\")))\r\nNO [CANNOT] The reveal was refused\r\n";

#[test]
fn all_refused_reveals_get_one_answer_and_the_sessions_own_at_one_time() {
    // Refused by the vault, which has waited already, whenever that is.
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, "BINARY[2]");
    play.wait(Duration::from_millis(1730));
    say(&mut play, &[FromVault::Failed(Failure::Refused)]);
    assert_eq!(without_tag(&play.told(), "c"), REFUSAL);
    // Spent: the same reveal again.
    play.client(&convert("d", 1, "BINARY[2]"));
    locate(&mut play, 3);
    assert_eq!(refusal(&mut play, "d"), REFUSAL);
    // Of an unknown key, expired, or no reveal at all.
    for (nth, command) in [
        convert("e", 9, "BINARY[2]"),
        convert("e", 2, "BINARY[2]").replace(&reveal(2), "nonsense"),
    ]
    .into_iter()
    .enumerate()
    {
        play.client(&command);
        locate(&mut play, 4 + u32::try_from(nth).unwrap());
        assert_eq!(refusal(&mut play, "e"), REFUSAL);
    }
    play.requested();
    play.wait(Duration::from_secs(120));
    assert_eq!(
        play.requested(),
        [Request::Drop(KeyId([2; 16]))],
        "an expired vault is let go"
    );
    play.client(&convert("f", 2, "BINARY[2]"));
    locate(&mut play, 6);
    assert_eq!(refusal(&mut play, "f"), REFUSAL);
}

#[test]
fn clear_reasons_are_told_clearly() {
    for (failure, phrase) in [
        (
            Failure::NotConvertible(SourceKind::Text),
            "(ERROR \"The opened part is text, which is not converted so\" BADPARAMETERS",
        ),
        (
            Failure::NotConvertible(SourceKind::UnreadImage),
            "(ERROR \"The opened part is a picture of a format that is not read here\" BADPARAMETERS",
        ),
        (
            Failure::Exceeded(Resource::Pixels),
            "(ERROR \"The picture has more pixels than are converted\" BADPARAMETERS",
        ),
        (
            Failure::Temporary,
            "(ERROR \"The conversion failed; try again later with a new reveal\" TEMPFAIL)",
        ),
    ] {
        let mut play = with_keys();
        convert_to_vault(&mut play, 1, "BINARY[2]");
        say(&mut play, &[FromVault::Failed(failure)]);
        let told = play.told();
        assert!(told.contains(phrase), "{told}");
        assert!(told.contains("\r\nc NO ["), "{told}");
    }
}

#[test]
fn a_vault_that_dies_or_stalls_or_lies_is_one_failed_conversion() {
    let ways: [fn(&mut Play); 5] = [
        |play| play.session.vault_ended(play.now),
        |play| play.wait(Duration::from_secs(22)),
        |play| play.vault(b"\xff\xff\xff\xff"),
        |play| say(play, &[FromVault::Done]),
        |play| {
            say(
                play,
                &[
                    FromVault::Result { octets: 1 },
                    FromVault::Run(b"ab".to_vec()),
                ],
            )
        },
    ];
    for way in ways {
        let mut play = with_keys();
        convert_to_vault(&mut play, 1, "BINARY[2]");
        way(&mut play);
        play.wait(Duration::ZERO);
        let told = play.told();
        assert!(told.contains("TEMPFAIL)"), "{told}");
        assert!(
            told.ends_with(
                "c NO [TEMPFAIL] The conversion failed; try again later with a new reveal\r\n"
            ),
            "{told}"
        );
        assert!(play.requested().contains(&Request::Dismiss));
        play.passes("n NOOP\r\n", "n OK\r\n");
    }
}

#[test]
fn a_result_before_the_part_s_end_is_not_believed() {
    let mut play = with_keys();
    play.client(&convert("c", 1, "BINARY[2]"));
    locate(&mut play, 1);
    play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n01234");
    say(&mut play, &sealed());
    play.store("56789)\r\nkeyhole2 OK done\r\n");
    assert!(play.told().contains("TEMPFAIL)"));
}

#[test]
fn what_the_store_says_meanwhile_passes_in_order() {
    let mut play = with_keys();
    play.client(&convert("c", 1, "BINARY[2]"));
    play.sent();
    play.store(&format!("* 9 EXISTS\r\n* 5 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS (x) UID 4 BODYSTRUCTURE {STRUCTURE})\r\nkeyhole1 OK done\r\n"));
    assert_eq!(
        play.told(),
        "* 9 EXISTS\r\n* 5 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS (x) UID 4)\r\n"
    );
    play.sent();
    play.store("* 1 EXPUNGE\r\n* 7 FETCH (BODY[1] {3}\r\nc O)\r\n* 1 FETCH (UID 4 BODY[2] {10}\r\n0123456789)\r\n* 8 EXISTS\r\nkeyhole2 OK done\r\n");
    assert_eq!(
        play.told(),
        "* 1 EXPUNGE\r\n* 7 FETCH (BODY[1] {3}\r\nc O)\r\n* 8 EXISTS\r\n"
    );
    say(&mut play, &sealed());
    // The message that was 2 is 1 now.
    assert_eq!(
        play.told(),
        "* 1 CONVERTED (TAG \"c\") (UID 4 BINARY[2] \"sealed\")\r\nc OK Converted\r\n"
    );
}

#[test]
fn our_answer_never_stands_inside_a_response_of_the_store_s() {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, "BINARY[2]");
    play.store("* 7 FETCH (BODY[1] {6}\r\nabc");
    say(&mut play, &sealed());
    assert_eq!(play.told(), "* 7 FETCH (BODY[1] {6}\r\nabc");
    play.store("def)\r\n");
    let told = play.told();
    assert!(told.starts_with("def)\r\n* 2 CONVERTED"), "{told}");
}

#[test]
fn commands_of_ours_wait_for_the_relayed_ones_and_hold_back_the_next() {
    let mut play = with_keys();
    play.client("a NOOP\r\n");
    assert_eq!(play.sent(), "a NOOP\r\n");
    play.client(&convert("c", 1, "BINARY[2]"));
    play.client("b NOOP\r\n");
    assert_eq!(play.sent(), "", "while a is under way");
    play.store("a OK\r\n");
    assert_eq!(play.told(), "a OK\r\n");
    locate(&mut play, 1);
    assert_eq!(play.sent(), "keyhole2 UID FETCH 4 (UID BODY.PEEK[2])\r\n");
    play.store("* 2 FETCH (UID 4 BODY[2] {1}\r\nx)\r\nkeyhole2 OK done\r\n");
    say(&mut play, &sealed());
    assert!(play.told().ends_with("c OK Converted\r\n"));
    assert_eq!(play.sent(), "b NOOP\r\n");
}

#[test]
fn an_unknown_uid_is_no_error_and_uses_no_key() {
    let mut play = with_keys();
    play.client(&convert("c", 1, "BINARY[2]"));
    play.sent();
    play.store("keyhole1 OK done\r\n");
    assert_eq!(play.told(), "c OK Done\r\n");
    assert_eq!(play.requested(), []);
}

#[test]
fn convert_by_number_fetches_by_number() {
    let mut play = with_keys();
    play.client(&convert("c", 1, "(BINARY[2] UID)").replace("UID CONVERT 4", "CONVERT 2"));
    assert_eq!(play.sent(), "keyhole1 FETCH 2 (UID BODYSTRUCTURE)\r\n");
    play.store(&format!(
        "* 2 FETCH (UID 4 BODYSTRUCTURE {STRUCTURE})\r\nkeyhole1 OK done\r\n"
    ));
    assert_eq!(play.sent(), "keyhole2 FETCH 2 (UID BODY.PEEK[2])\r\n");
    play.store("* 2 FETCH (UID 4 BODY[2] {1}\r\nx)\r\nkeyhole2 OK done\r\n");
    say(&mut play, &sealed());
    assert_eq!(
        play.told(),
        "* 2 CONVERTED (TAG \"c\") (UID 4 BINARY[2] \"sealed\")\r\nc OK Converted\r\n"
    );
}

#[test]
fn a_slow_conversion_says_that_it_goes_on() {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, "BINARY[2]");
    play.wait(Duration::from_secs(11));
    assert_eq!(
        play.told(),
        "* OK [INPROGRESS (\"c\" NIL NIL)] Still converting\r\n".repeat(2)
    );
}

#[test]
fn a_client_that_goes_away_takes_its_vault_with_it() {
    let mut play = with_keys();
    convert_to_vault(&mut play, 1, "BINARY[2]");
    play.session.client_ended(play.now);
    assert!(play.session.is_over());
    play.wait(Duration::ZERO);
    assert_eq!(play.requested(), [Request::Dismiss]);
}
