//! Which requests are refused, and what is told without a vault.

use super::{
    convert::{PARAMETERS, STRUCTURE, convert, locate, with_keys},
    *,
};

#[test]
fn what_cannot_be_converted_says_why() {
    let sealed = "\"application/vnd.keyhole.sealed\"";
    for (command, phrase) in [
        // no such part
        (
            format!("c UID CONVERT 4 ({sealed} ({PARAMETERS})) BINARY[9]\r\n"),
            format!("BADPARAMETERS NIL {sealed})"),
        ),
        // a plain part
        (
            format!("c UID CONVERT 4 ({sealed} ({PARAMETERS})) BINARY[1]\r\n"),
            format!("BADPARAMETERS \"text/plain\" {sealed})"),
        ),
        // another target
        (
            "c UID CONVERT 4 (\"image/jpeg\") BINARY[2]\r\n".to_owned(),
            "BADPARAMETERS \"application/pkcs7-mime\" \"image/jpeg\")".to_owned(),
        ),
        // all parameters at fault are named
        (
            format!(
                "c UID CONVERT 4 ({sealed} (charset utf-8 pix-x 0 {}))  BINARY[2]\r\n",
                PARAMETERS.replace(" pix-x 320", "")
            )
            .replace("  BINARY", " BINARY"),
            format!("BADPARAMETERS \"application/pkcs7-mime\" {sealed} (charset utf-8 pix-x 0))"),
        ),
        // the default target has a default of everything but the reveal
        (
            "c UID CONVERT 4 (NIL) BINARY[2]\r\n".to_owned(),
            format!(
                "MISSINGPARAMETERS \"application/pkcs7-mime\" {sealed} (u.urn:x-keyhole:reveal))"
            ),
        ),
    ] {
        let mut play = with_keys();
        play.client(&command);
        locate(&mut play, 1);
        let told = play.told().replace('"', "");
        assert!(told.contains(&phrase.replace('"', "")), "{command} {told}");
        assert!(told.contains("\r\nc NO "), "{told}");
        assert_eq!(play.requested(), []);
    }
}

#[test]
fn available_conversions_come_from_the_part_itself() {
    let mut play = with_keys();
    play.client("c UID CONVERT 4 (NIL) AVAILABLECONVERSIONS[2]\r\n");
    locate(&mut play, 1);
    let told = play.told();
    assert!(told.contains("AVAILABLECONVERSIONS[2] ((\"application/vnd.keyhole.sealed\" \"application/pkcs7-mime\"))"), "{told}");
    assert!(told.ends_with("c OK Done\r\n"), "{told}");
}

#[test]
fn one_message_and_one_part_at_a_time() {
    let mut play = with_keys();
    let target = "(\"application/pkcs7-mime\")";
    play.refused(
        &format!("a UID CONVERT 1:2 {target} BINARY[2]\r\n"),
        "a NO [MAXCONVERTMESSAGES 1] One message at a time\r\n",
    );
    play.refused(
        &format!("b UID CONVERT 1 {target} (BINARY[2] BINARY[1])\r\n"),
        "b NO [MAXCONVERTPARTS 1] One part at a time\r\n",
    );
    play.refused(
        "c UID CONVERT 1 (NIL (charset utf-8)) BODY[HEADER]\r\n",
        "c NO [CANNOT] Headers are not converted here\r\n",
    );
}

#[test]
fn nothing_is_converted_without_a_mailbox_or_without_binary() {
    let mut play = Play::open();
    play.refused(
        "a UID CONVERT 1 (NIL) BINARY[2]\r\n",
        "a BAD No mailbox is selected\r\n",
    );
    play.store("* CAPABILITY IMAP4rev1\r\n");
    assert_eq!(
        play.told(),
        "* CAPABILITY IMAP4rev1 COMPRESS=DEFLATE KEYREVEAL\r\n"
    );
    play.refused(
        "b CONVERSIONS \"*\" \"*\"\r\n",
        "b NO [CANNOT] Not offered by this server\r\n",
    );
}

#[test]
fn conversions_lists_the_pairs_that_match() {
    let mut play = Play::open();
    play.client("a CONVERSIONS \"application/x-pkcs7-mime\" \"application/*\"\r\n");
    let told = play.told();
    assert_eq!(
        told.matches("* CONVERSION \"application/x-pkcs7-mime\" ")
            .count(),
        2,
        "{told}"
    );
    assert!(told.contains("u.urn:x-keyhole:reveal"), "{told}");
    play.refused(
        "b CONVERSIONS \"video/mp4\" \"text/plain\"\r\n",
        "b OK These are all\r\n",
    );
}

#[test]
fn key_statements_are_bounded() {
    let mut play = with_keys();
    play.refused("a KEYREVEAL 0\r\n", "a BAD Wrong syntax at octet 12\r\n");
    play.refused(
        "b KEYREVEAL 9\r\n",
        "b BAD One to eight statements can be asked for\r\n",
    );
    play.refused(
        "c KEYREVEAL 7\r\n",
        "c NO [LIMIT] Too many statements are unused\r\n",
    );
    play.refused(
        "d KEYREVEAL 1 (XWING-AES256GCM)\r\n",
        "d NO [CANNOT] None of these suites is known here\r\n",
    );
    play.client("e KEYREVEAL\r\n");
    play.session
        .answered(Some(vec![Err(NoVault::Unavailable)]), play.now);
    assert_eq!(play.told(), "e NO [UNAVAILABLE] No key can be made now\r\n");
    play.client("f KEYREVEAL\r\n");
    play.wait(Duration::from_secs(5));
    assert_eq!(play.told(), "f NO [UNAVAILABLE] No key can be made now\r\n");
    play.requested();
    play.hand_out(&[5]);
    assert_eq!(
        play.requested(),
        [Request::Drop(KeyId([5; 16]))],
        "an answer too late is let go"
    );
}

#[test]
fn a_part_over_the_budget_is_not_even_fetched() {
    let mut play = with_keys();
    play.client(&convert("c", 1, "BINARY[2]"));
    play.sent();
    let structure = STRUCTURE.replace("\"base64\" 10", "\"base64\" 99999999");
    play.store(&format!(
        "* 2 FETCH (UID 4 BODYSTRUCTURE {structure})\r\nkeyhole1 OK done\r\n"
    ));
    assert_eq!(play.sent(), "");
    assert!(
        play.told()
            .contains("The part has more octets than are converted")
    );
    assert_eq!(play.requested(), [Request::Drop(KeyId([1; 16]))]);
}
