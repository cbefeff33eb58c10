//! What may be asked of a conversion, and whose it is: parameters, presets, and a store that has CONVERT itself.

use keyreveal::{Fallback, Form, InnerType, Kind, Wanted, names};
use vault::frames::{Failure, FromVault, ToVault, offered};

use super::{
    convert::{STRUCTURE, frames, locate, reveal, say, sealed, with_keys},
    *,
};

pub(super) const TYPE: &str = "u.urn:x-keyhole:type image/jpeg";
pub(super) const SEALED: &str = "\"application/vnd.keyhole.sealed\"";
pub(super) const SMIME: &str = "\"application/pkcs7-mime\"";

pub(super) fn asking(target: &str, parameters: &str, items: &str) -> String {
    format!("c UID CONVERT 4 ({target} ({parameters})) {items}\r\n")
}

/// What a CONVERT with these parameters, and no reveal, is told.
pub(super) fn told(parameters: &str, items: &str) -> String {
    let mut play = with_keys();
    play.client(&asking(SEALED, parameters, items));
    locate(&mut play, 1);
    play.told()
}

/// Plays a conversion with these parameters and the key 1; the job that the vault gets.
pub(super) fn job(play: &mut Play, target: &str, parameters: &str) -> vault::frames::Job {
    let parameters = format!("{parameters} u.urn:x-keyhole:reveal {}", reveal(1));
    play.client(&asking(target, parameters.trim_start(), "BINARY[2]"));
    locate(play, 1);
    play.requested();
    play.sent();
    play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n0123456789)\r\nkeyhole2 OK done\r\n");
    match frames(&play.worked()).into_iter().next() {
        Some(ToVault::Job(job)) => job,
        other => panic!("first the job, not {other:?}"),
    }
}

/// What a job falls back on for a picture.
fn picture(job: &vault::frames::Job) -> Form {
    Fallback::decode(&job.fallback).unwrap().form(Kind::Picture)
}

/// RFC 5259 §9: every parameter that is unknown, or does not fit the target, is listed, and none is ignored.
#[test]
fn every_parameter_that_does_not_fit_is_listed_with_its_value() {
    let parameters = format!("{TYPE} pix-x 320 charset utf-8 u.urn:x-keyhole:seconds 3 dpi 300");
    let told = told(&parameters, "BINARY[2]");
    let pair = format!("BADPARAMETERS {SMIME} {SEALED} ");
    let (_, listed) = told.split_once(&pair).unwrap();
    for bad in ["charset utf-8", "u.urn:x-keyhole:seconds 3", "dpi 300"] {
        assert!(listed.contains(bad), "{bad}: {told}");
    }
    for good in ["pix-x", "image/jpeg"] {
        assert!(!listed.contains(good), "{good}: {told}");
    }
    assert!(
        told.ends_with("c NO [CANNOT] These parameters cannot be used\r\n"),
        "{told}"
    );
}

/// A vault that does not make a type must not be asked for it: the reveal would be spent for nothing.
#[test]
fn a_type_that_no_vault_makes_is_refused_before_a_key_is_used() {
    for media in InnerType::ALL {
        let mut play = with_keys();
        let parameters = format!(
            "u.urn:x-keyhole:type {} u.urn:x-keyhole:reveal {}",
            media.name(),
            reveal(1)
        );
        play.client(&asking(SEALED, &parameters, "BINARY[2]"));
        locate(&mut play, 1);
        let told = play.told();
        let employed = !play.requested().is_empty();
        assert_eq!(
            employed,
            offered().any(|made| made == media),
            "{media:?}: {told}"
        );
        let named = format!("(u.urn:x-keyhole:type {})", media.name());
        assert_eq!(told.contains(&named), !employed, "{told}");
    }
}

#[test]
fn an_unknown_preset_is_refused_with_its_name() {
    let told = told(&format!("{TYPE} u.urn:x-keyhole:preset 5g"), "BINARY[2]");
    let phrase = format!("BADPARAMETERS {SMIME} {SEALED} (u.urn:x-keyhole:preset 5g))");
    assert!(told.contains(&phrase), "{told}");
}

/// The values go beside the context: what the reveal is compared with has the preset's name and nothing of its values.
#[test]
fn a_preset_s_values_reach_the_vault_beside_the_context() {
    let mut play = with_keys();
    let job = job(
        &mut play,
        SEALED,
        "u.urn:x-keyhole:preset Satellite pix-x 99",
    );
    let context = keyreveal::Context::decode(&job.context).unwrap();
    let parameters: Vec<_> = context.parameters().collect();
    let asked = [("pix-x", "99"), (names::PARAM_PRESET, "Satellite")];
    assert_eq!(parameters, asked, "as it was asked");
    let fallback = Fallback::decode(&job.fallback).unwrap();
    let settled = Wanted::of(&context)
        .unwrap()
        .settle("image/png", Kind::Picture, &fallback);
    let Form::Picture(form) = settled.form else {
        panic!("{settled:?}")
    };
    assert_eq!(form.width.map(u16::from), Some(99), "what is said wins");
    assert!(form.octets.is_some(), "what is not said is the preset's");
}

#[test]
fn without_a_type_the_defaults_hold_and_with_one_nothing_but_what_is_said() {
    let mut play = with_keys();
    let defaults = job(&mut play, "NIL", "");
    assert_ne!(picture(&defaults), Fallback::default().form(Kind::Picture));
    let mut play = with_keys();
    let bare = job(&mut play, SEALED, TYPE);
    assert_eq!(picture(&bare), Fallback::default().form(Kind::Picture));
}

#[test]
fn a_charset_that_does_not_fit_is_refused_with_what_was_asked() {
    let mut play = with_keys();
    job(&mut play, SEALED, "u.urn:x-keyhole:preset 2g");
    say(&mut play, &[FromVault::Failed(Failure::Charset)]);
    let told = play.told();
    assert!(told.contains("(u.urn:x-keyhole:preset 2g)"), "{told}");
    assert!(
        told.ends_with("c NO [CANNOT] The text does not fit this charset\r\n"),
        "{told}"
    );
}

/// RFC 5259 §8.1, §8.2: the UID first, the structure before what it describes, each item once, however often it is asked for.
#[test]
fn several_items_of_one_conversion_come_in_their_order() {
    let mut play = with_keys();
    let parameters = format!("{TYPE} u.urn:x-keyhole:reveal {}", reveal(1));
    let items = "(BINARY[2]<4.9> BINARY[2] BINARY.SIZE[2] UID BINARY[2] BODYPARTSTRUCTURE[2] BINARY.SIZE[2] BINARY[2]<9.1> UID)";
    play.client(&asking(SEALED, &parameters, items));
    locate(&mut play, 1);
    play.sent();
    play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n0123456789)\r\nkeyhole2 OK done\r\n");
    say(&mut play, &sealed());
    let told = play.told();
    let order = [
        "(UID 4 BODYPARTSTRUCTURE[2] (",
        "\"binary\" 6 ",
        " BINARY.SIZE[2] 6 ",
        "BINARY[2]<4> \"ed\" BINARY[2] \"sealed\" BINARY[2]<9> \"\")\r\n",
    ];
    let mut rest = told.as_str();
    for item in order {
        let (_, behind) = rest
            .split_once(item)
            .unwrap_or_else(|| panic!("{item}: {told}"));
        rest = behind;
    }
}

/// RFC 5259 §8.5: both codes are mandatory; header items without a store that converts them.
#[test]
fn more_than_one_message_or_part_and_headers_are_refused_unseen() {
    for (command, code) in [
        (
            "c UID CONVERT 4,5 (NIL) BINARY[2]\r\n",
            "c NO [MAXCONVERTMESSAGES 1] ",
        ),
        (
            "c UID CONVERT 4:* (NIL) BINARY[2]\r\n",
            "c NO [MAXCONVERTMESSAGES 1] ",
        ),
        (
            "c UID CONVERT $ (NIL) BINARY[2]\r\n",
            "c NO [MAXCONVERTMESSAGES 1] ",
        ),
        (
            "c UID CONVERT 4 (NIL) (BINARY[2] BINARY[1])\r\n",
            "c NO [MAXCONVERTPARTS 1] ",
        ),
        (
            "c UID CONVERT 4 (NIL (charset utf-8)) BODY[HEADER]\r\n",
            "c NO [CANNOT] ",
        ),
        (
            "c UID CONVERT 4 (NIL (charset utf-8)) BODY[2.MIME]\r\n",
            "c NO [CANNOT] ",
        ),
    ] {
        let mut play = with_keys();
        play.client(command);
        assert_eq!(play.sent(), "", "{command}");
        let told = play.told();
        assert!(told.starts_with(code), "{told}");
    }
}

/// RFC 9051 §9: `*` is one message, and a number said twice is, too.
#[test]
fn one_message_may_be_named_as_the_last_or_twice() {
    for (set, asked) in [("*", "*"), ("4,4", "4"), ("4:4", "4"), ("*:*", "*")] {
        let mut play = with_keys();
        let command = super::convert::convert("c", 1, "BINARY[2]");
        play.client(&command.replace("CONVERT 4 ", &format!("CONVERT {set} ")));
        let locating = format!("keyhole1 UID FETCH {asked} (UID BODYSTRUCTURE)\r\n");
        assert_eq!(play.sent(), locating);
        play.store(&format!(
            "* 2 FETCH (UID 4 BODYSTRUCTURE {STRUCTURE})\r\nkeyhole1 OK done\r\n"
        ));
        assert_eq!(play.sent(), "keyhole2 UID FETCH 4 (UID BODY.PEEK[2])\r\n");
        play.store("* 2 FETCH (UID 4 BODY[2] {10}\r\n0123456789)\r\nkeyhole2 OK done\r\n");
        say(&mut play, &sealed());
        let told = play.told();
        assert!(
            told.starts_with("* 2 CONVERTED (TAG \"c\") (UID 4 BINARY[2] \"sealed\")"),
            "{told}"
        );
    }
    let mut play = with_keys();
    play.client("c CONVERT * (NIL) AVAILABLECONVERSIONS[2]\r\n");
    assert_eq!(play.sent(), "keyhole1 FETCH * (UID BODYSTRUCTURE)\r\n");
    play.store("keyhole1 BAD the mailbox is empty\r\n");
    assert_eq!(play.told(), "c BAD The mail store has no such message\r\n");
}

/// RFC 5259 §9: of the default conversion, an error names the type that the server chose.
#[test]
fn an_error_of_the_default_conversion_names_the_type_that_was_chosen() {
    for (parameters, code) in [
        (
            "dpi 300",
            format!("BADPARAMETERS {SMIME} {SEALED} (dpi 300)"),
        ),
        (
            TYPE,
            format!("MISSINGPARAMETERS {SMIME} {SEALED} (u.urn:x-keyhole:reveal)"),
        ),
    ] {
        let mut play = with_keys();
        play.client(&asking("NIL", parameters, "BINARY[2]"));
        locate(&mut play, 1);
        let told = play.told();
        assert!(told.contains(&code), "{told}");
    }
}

/// RFC 5259 §6: CONVERT is of the selected state.
#[test]
fn without_a_mailbox_convert_is_bad() {
    let mut play = Play::open();
    play.told();
    play.client(&asking(SEALED, TYPE, "BINARY[2]"));
    assert_eq!(play.told(), "c BAD No mailbox is selected\r\n");
    assert_eq!(play.sent(), "");
}

/// RFC 5259 §9: what will never work is CONVERTED with an ERROR that names the pair; no such part is NIL.
#[test]
fn a_plain_part_and_a_part_that_is_not_there_are_refused_for_good() {
    let plain = told(TYPE, "BINARY[1]");
    assert!(
        plain.contains(&format!("BADPARAMETERS \"text/plain\" {SEALED})")),
        "{plain}"
    );
    let absent = told(TYPE, "BINARY[3]");
    assert!(
        absent.contains(&format!("BADPARAMETERS NIL {SEALED})")),
        "{absent}"
    );
    let mut play = with_keys();
    play.client(&asking("\"text/plain\"", "charset utf-8", "BINARY[1]"));
    locate(&mut play, 1);
    let told = play.told();
    assert!(
        told.contains("BADPARAMETERS \"text/plain\" \"text/plain\")"),
        "{told}"
    );
}

/// RFC 8551 §3.2.1: a file's name stands in for a type that was lost on the way.
#[test]
fn a_part_that_is_cms_by_its_file_s_name_is_converted() {
    let lost = "\"application\" \"octet-stream\" ";
    for (part, converted) in [
        (
            format!("{lost}(\"name\" \"smime.P7M\") NIL NIL \"base64\" 10 NIL NIL"),
            true,
        ),
        (
            format!(
                "{lost}NIL NIL NIL \"base64\" 10 NIL (\"attachment\" (\"FileName\" \"a.p7m\"))"
            ),
            true,
        ),
        (
            format!(
                "{lost}(\"name\" \"a.p7m\") NIL NIL \"base64\" 10 NIL (\"attachment\" (\"filename\" \"a.p7s\"))"
            ),
            false,
        ),
        (format!("{lost}NIL NIL NIL \"base64\" 10 NIL NIL"), false),
    ] {
        let mut play = with_keys();
        play.client(&super::convert::convert("c", 1, "BINARY[2]"));
        play.sent();
        let structure = format!(
            "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)({part} NIL NIL) \"mixed\" NIL NIL NIL NIL)"
        );
        play.store(&format!(
            "* 2 FETCH (UID 4 BODYSTRUCTURE {structure})\r\nkeyhole1 OK done\r\n"
        ));
        assert_eq!(play.sent().contains("BODY.PEEK[2]"), converted, "{part}");
        assert_eq!(
            play.told()
                .contains("BADPARAMETERS \"application/octet-stream\""),
            !converted
        );
    }
}

/// A session with a store that has CONVERT itself.
pub(super) fn with_converting_store() -> Play {
    let mut play = Play::open_with(settings(), traits(), "IMAP4rev1 BINARY CONVERT");
    let told = "l OK [CAPABILITY IMAP4rev1 BINARY COMPRESS=DEFLATE CONVERT KEYREVEAL INPROGRESS] Logged in\r\n";
    assert_eq!(play.told(), told);
    play.client("s SELECT inbox\r\n");
    play.sent();
    play.store("* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\ns OK [READ-WRITE] done\r\n");
    play.told();
    play
}

#[test]
fn a_conversion_with_nothing_of_ours_is_the_store_s() {
    let mut play = with_converting_store();
    for command in [
        "c UID CONVERT 1:9 (\"text/plain\" (CharSet utf-8)) (BINARY[1] binary.size[2])\r\n",
        "c CONVERT 1 (NIL (charset utf-8)) BODY[HEADER]\r\n",
        "c CONVERT 1 (\"image/png\" (pix-x 32)) BINARY[2]\r\n",
        "c CONVERT 1 (NIL) AVAILABLECONVERSIONS[2]\r\n",
    ] {
        let answer =
            "* 1 CONVERTED (TAG \"c\") (BINARY[1] \"x\")\r\nc OK [INPROGRESS (\"c\" 1 2)] done\r\n";
        play.client(command);
        assert_eq!(play.sent(), command, "its very octets");
        play.store(answer);
        assert_eq!(play.told(), answer);
    }
}

#[test]
fn a_conversion_with_a_word_of_ours_never_reaches_such_a_store() {
    for (target, parameters) in [
        (SEALED, "pix-x 320"),
        (SMIME, "pix-x 320"),
        ("NIL", "u.urn:x-keyhole:preset 2g"),
        ("NIL", "U.URN:X-Keyhole:reveal g1A="),
        ("\"text/plain\"", "u.urn:x-keyhole:octets 3"),
    ] {
        let mut play = with_converting_store();
        play.client(&asking(target, parameters, "BINARY[2]"));
        let sent = play.sent();
        assert_eq!(
            sent, "keyhole1 UID FETCH 4 (UID BODYSTRUCTURE)\r\n",
            "{target} {parameters}"
        );
    }
}

/// RFC 9051 §7.5.1: no CONVERT of ours sets \Seen, whatever of the message it asks for.
#[test]
fn nothing_that_is_asked_of_the_store_marks_a_message_as_seen() {
    let mut play = with_keys();
    let parameters = format!("{TYPE} u.urn:x-keyhole:reveal {}", reveal(1));
    play.client(&asking(SEALED, &parameters, "BINARY[2]"));
    let mut asked = play.sent();
    play.store(&format!(
        "* 2 FETCH (UID 4 BODYSTRUCTURE {STRUCTURE})\r\nkeyhole1 OK done\r\n"
    ));
    asked.push_str(&play.sent());
    assert!(
        asked.contains("BODY.PEEK[2]") && !asked.contains("BODY[") && !asked.contains("STORE"),
        "{asked}"
    );
}
