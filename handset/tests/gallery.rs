//! Several parts of one message at a time: fewer rounds, and what goes wrong with one goes wrong with it alone.

#![cfg(test)]

mod played;

use envelope::sealer::SealAlgorithm;
use handset::{Error, FetchRequest, Kind, Missing, NotOpenable, Piece, PresetName, Unverified};
use played::{PICTURE, Play, client, clock, heard, holder, identity, known, request, rng};

/// A text and five encrypted parts.
const ALBUM: &str = "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)PARTPARTPARTPARTPART \"mixed\" NIL NIL NIL NIL)";
const PART: &str = "(\"application\" \"pkcs7-mime\" (\"smime-type\" \"authEnveloped-data\") NIL NIL \"base64\" OCTETS NIL NIL NIL NIL)";

fn album(play: Play) -> Play {
    let structure = Box::leak(ALBUM.replace("PART", PART).into_boxed_str());
    Play { structure, ..play }
}

fn requests(sections: &[&str]) -> Vec<FetchRequest> {
    sections.iter().map(|section| request(section)).collect()
}

/// What was told, in its order: `r1` is about to be revealed, `c1` came, `f1` failed.
async fn told(
    play: Play,
    requests: &[FetchRequest],
    in_flight: u8,
) -> (Vec<String>, Vec<Error>, played::Heard) {
    let keys = [holder()];
    let (mut client, log) = client(album(play)).await;
    let (mut words, mut errors) = (Vec::new(), Vec::new());
    let mut hear = |index: usize, piece: Piece<'_>| match piece {
        Piece::Revealing(prepared) => {
            assert_eq!(prepared.revealed.section, requests[index].section);
            words.push(format!("r{index}"));
        }
        Piece::Came(came) => match *came {
            Ok(fetched) => {
                assert_eq!(fetched.content.expose(), PICTURE);
                assert_eq!(fetched.measure.kind(), Kind::Picture);
                words.push(format!("c{index}"));
            }
            Err(error) => {
                words.push(format!("f{index}"));
                errors.push(error);
            }
        },
    };
    let done = client
        .gallery(
            requests,
            in_flight,
            known(&keys),
            &clock,
            &mut rng(),
            &mut hear,
        )
        .await;
    if let Err(error) = done {
        errors.push(error);
    }
    (words, errors, log)
}

#[tokio::test]
async fn all_pictures_come_with_several_reveals_on_their_way() {
    let asked = requests(&["2", "3", "4", "5", "6"]);
    let (words, errors, log) = told(Play::default(), &asked, 3).await;
    assert!(errors.is_empty(), "{errors:?}");
    let expected = ["r0", "r1", "r2", "c0", "c1", "c2", "r3", "r4", "c3", "c4"];
    assert_eq!(words, expected);
    assert_eq!(heard(&log, "KEYREVEAL"), 2, "one for each batch");
    assert_eq!(
        heard(&log, "FETCH"),
        2,
        "the structure, and all beginnings in one"
    );
    assert_eq!(heard(&log, "CONVERT"), 5);
}

/// A server that takes no literal unasked is waited for, and the answers that come meanwhile are heard.
#[tokio::test]
async fn it_works_with_literals_that_are_waited_for() {
    let play = Play {
        capabilities: "IMAP4rev1 AUTH=PLAIN BINARY CONVERT KEYREVEAL",
        ..Play::default()
    };
    let (words, errors, _) = told(play, &requests(&["2", "3", "4"]), 2).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(words.iter().filter(|word| word.starts_with('c')).count(), 3);
}

#[tokio::test]
async fn what_goes_wrong_with_one_part_does_not_stop_the_others() {
    let asked = requests(&["2", "1", "9", "3"]);
    let (words, errors, _) = told(Play::default(), &asked, 4).await;
    assert_eq!(words, ["f2", "f1", "r0", "r3", "c0", "c3"]);
    assert!(matches!(errors[0], Error::NotFound(Missing::Section)));
    assert!(matches!(
        errors[1],
        Error::NotOpenable(NotOpenable::NotEncrypted)
    ));
}

/// Without a picture in it a key is not revealed, nor even a statement asked for: its first octets have said what it is.
#[tokio::test]
async fn what_is_not_of_the_kind_that_alone_is_wanted_is_not_revealed() {
    let text = b"Content-Type: text/plain\r\n\r\n";
    for (part, kept) in [
        (
            played::encrypted_entity(text, SealAlgorithm::Aes256Gcm),
            false,
        ),
        (played::encrypted(SealAlgorithm::Aes256Gcm), true),
    ] {
        let play = Play {
            part,
            ..Play::default()
        };
        let mut asked = requests(&["2", "3"]);
        for request in &mut asked {
            request.only = Some(Kind::Picture);
        }
        let (words, errors, log) = told(play, &asked, 2).await;
        if kept {
            assert_eq!(words, ["r0", "r1", "c0", "c1"]);
            continue;
        }
        assert_eq!(words, ["f0", "f1"]);
        let other = |error: &Error| matches!(error, Error::OtherKind);
        assert!(errors.iter().all(other), "{errors:?}");
        assert_eq!((heard(&log, "KEYREVEAL"), heard(&log, "CONVERT")), (0, 0));
    }
}

#[tokio::test]
async fn a_result_that_is_none_is_thrown_away_and_the_next_is_taken() {
    let play = Play {
        tamper: |sealed| sealed[100] ^= 1,
        ..Play::default()
    };
    let (words, errors, _) = told(play, &requests(&["2", "3"]), 2).await;
    assert_eq!(words, ["r0", "r1", "f0", "f1"]);
    let sealed = |error: &Error| matches!(error, Error::Unverified(Unverified::Sealed));
    assert!(errors.iter().all(sealed), "{errors:?}");
}

#[tokio::test]
async fn another_identity_stops_everything_before_anything_is_revealed() {
    let play = Play {
        signer: identity(2),
        ..Play::default()
    };
    let (words, errors, log) = told(play, &requests(&["2", "3"]), 2).await;
    assert!(words.is_empty(), "{words:?}");
    assert!(
        matches!(errors[..], [Error::OtherIdentity(_)]),
        "{errors:?}"
    );
    assert_eq!(heard(&log, "CONVERT"), 0);
}

/// Who is believed on first use is believed once: a second identity among the statements of one gallery stops it.
#[tokio::test]
async fn on_first_use_all_statements_are_of_one_identity() {
    let keys = [holder()];
    let holdings = handset::Holdings {
        keys: &keys,
        pin: handset::Pin::FirstUse,
    };
    let play = Play {
        signers: &[1, 2],
        ..Play::default()
    };
    let (mut client, log) = client(album(play)).await;
    let asked = requests(&["2", "3"]);
    let mut words = 0;
    let mut hear = |_, _: Piece<'_>| words += 1;
    let done = client
        .gallery(&asked, 2, holdings, &clock, &mut rng(), &mut hear)
        .await;
    assert!(matches!(done, Err(Error::OtherIdentity(_))), "{done:?}");
    assert_eq!((words, heard(&log, "CONVERT")), (1, 0), "nothing was sent");
}

/// Only what the request itself says is held against the result; what a preset says, the handset does not know.
#[tokio::test]
async fn a_preset_and_no_format_take_what_comes() {
    let asked = FetchRequest {
        preset: PresetName::new("2g"),
        format: None,
        ..request("2")
    };
    let (words, errors, _) = told(Play::default(), &[asked], 1).await;
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(words, ["r0", "c0"]);
}
