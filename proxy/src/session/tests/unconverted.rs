//! A CONVERT that gives no result: what it is told, and when.

use vault::frames::{Failure, FromVault, Resource, SourceKind};

use super::{
    convert::{convert, convert_to_vault, locate, reveal, say, sealed, with_keys},
    *,
};

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
