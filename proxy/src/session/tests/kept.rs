//! What is kept of a result, and what a vault may make so that it can be.

use vault::frames::{Frame, FrameReader, FromVault, ToVault};

use super::{
    convert::{convert, locate, with_keys},
    *,
};

/// Plays a conversion up to where the vault has the part, and gives what the vault was sent.
fn working() -> (Play, Vec<u8>) {
    let mut play = with_keys();
    play.client(&convert("c", 1, "BINARY[2]"));
    locate(&mut play, 1);
    play.sent();
    play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n0123456789)\r\nkeyhole2 OK done\r\n");
    let octets = play.worked();
    (play, octets)
}

fn results(play: &Play) -> Option<usize> {
    play.session.own().map(Own::results)
}

fn give_result(play: &mut Play) {
    let run = FromVault::Run(b"sealed".to_vec());
    for frame in [FromVault::Result { octets: 6 }, run, FromVault::Done] {
        play.vault(&frame.to_octets().unwrap());
    }
}

#[test]
fn a_result_of_a_mailbox_that_was_left_meanwhile_is_not_kept() {
    let (mut play, _) = working();
    give_result(&mut play);
    assert_eq!(results(&play), Some(1));
    for left in ["* OK [CLOSED] left\r\n", "* OK [UIDVALIDITY 8] new\r\n"] {
        let (mut play, _) = working();
        play.store(left);
        give_result(&mut play);
        let told = play.told();
        assert!(told.contains("c NO [TEMPFAIL]"), "{told}");
        assert_eq!(results(&play), Some(0), "{left}");
    }
}

#[test]
fn only_the_vault_says_that_a_result_is_too_large() {
    let (mut play, octets) = working();
    let mut reader = FrameReader::new();
    let Some(ToVault::Job(job)) = reader.next(&mut octets.as_slice()).unwrap() else {
        panic!("first the job")
    };
    let kept = u64::try_from(settings().kept_octets).unwrap();
    assert!(job.limits.output_octets < kept, "padding and seal fit too");
    // Whoever exceeds what was allowed is no vault that could be believed: nothing is said of the part.
    let octets = kept + 1;
    play.vault(&FromVault::Result { octets }.to_octets().unwrap());
    let told = play.told();
    assert!(told.contains("c NO [TEMPFAIL]"), "{told}");
}
