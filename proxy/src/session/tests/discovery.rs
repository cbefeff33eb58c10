//! What can be converted: CONVERSIONS and AVAILABLECONVERSIONS.

use keyreveal::{Kind, names};
use vault::frames::offered;

use super::{
    conversions::{SEALED, SMIME, TYPE, asking, told, with_converting_store},
    convert::{locate, with_keys},
    *,
};

/// RFC 5259 §8.4: two levels of parentheses; of a target that is named that one alone; an ERROR phrase where a parameter leaves none.
#[test]
fn available_conversions_respect_the_target_and_the_parameters() {
    let named = told(TYPE, "AVAILABLECONVERSIONS[2]");
    let list = format!("AVAILABLECONVERSIONS[2] (({SEALED})))\r\nc OK ");
    assert!(named.contains(&list), "{named}");
    let list = format!("AVAILABLECONVERSIONS[2] (({SEALED} {SMIME})))\r\nc OK ");
    let any = available("NIL", TYPE);
    assert!(any.contains(&list), "{any}");
    let none = told("dpi 300", "AVAILABLECONVERSIONS[2]");
    assert!(none.contains("AVAILABLECONVERSIONS[2] (ERROR "), "{none}");
    let plain = told(TYPE, "AVAILABLECONVERSIONS[1]");
    assert!(
        plain.contains(&format!("BADPARAMETERS \"text/plain\" {SEALED})")),
        "{plain}"
    );
    let other = available("\"image/png\"", TYPE);
    assert!(
        other.contains(&format!("(ERROR \"This type is not converted into that one\" BADPARAMETERS {SMIME} \"image/png\")")),
        "{other}"
    );
}

fn available(target: &str, parameters: &str) -> String {
    let mut play = with_keys();
    play.client(&asking(target, parameters, "AVAILABLECONVERSIONS[2]"));
    locate(&mut play, 1);
    play.told()
}

/// RFC 5259 §5.1: wildcards match, what matches nothing is no error, and no mailbox need be selected.
#[test]
fn ours_are_told_by_the_client_s_pattern() {
    for (from, to, pairs) in [
        ("\"*\"", "\"*\"", 4),
        ("\"*/*\"", "\"*\"", 4),
        ("\"application/*\"", "\"Application/*\"", 4),
        (SMIME, "\"*\"", 2),
        ("application/x-PKCS7-mime", SEALED, 1),
        ("\"*\"", "\"image/*\"", 0),
        ("\"text/plain\"", "\"text/plain\"", 0),
    ] {
        let mut play = Play::open();
        play.told();
        play.client(&format!("c CONVERSIONS {from} {to}\r\n"));
        let told = play.told();
        assert_eq!(
            told.matches("* CONVERSION ").count(),
            pairs,
            "{from} {to}: {told}"
        );
        assert!(told.ends_with("c OK These are all\r\n"), "{told}");
    }
}

/// The untagged answers of a CONVERSIONS that say what is inside.
fn inside(from: &str, to: &str) -> Vec<String> {
    let mut play = Play::open();
    play.told();
    play.client(&format!("c CONVERSIONS {from} {to}\r\n"));
    let told = play.told();
    let codes = told
        .lines()
        .filter_map(|line| line.strip_prefix("* OK [KEYREVEAL "));
    codes
        .map(|code| code.split_once(']').unwrap().0.to_owned())
        .collect()
}

/// A client that has revealed nothing yet can learn what a reveal could give it: by the types inside, or of a container.
#[test]
fn what_a_reveal_makes_of_what_is_told_by_kind() {
    for (from, to) in [("\"*\"", "\"*\""), (SMIME, SEALED), (SMIME, "\"*\"")] {
        let told = inside(from, to);
        assert_eq!(told.len(), 3, "{told:?}");
        for made in offered() {
            let targets = told.iter().filter_map(|code| code.split_once(") ("));
            let made = format!("\"{}\"", made.name());
            assert!(
                targets.into_iter().any(|(_, to)| to.contains(&made)),
                "{made}"
            );
        }
        for (source, becomes) in [
            ("text/csv", "text/plain"),
            ("application/pdf", "text/html"),
            ("application/pdf", "image/avif"),
            ("image/jxl", "image/gif"),
            ("audio/mpeg", "audio/ogg"),
        ] {
            let pair = told.iter().any(|code| {
                let (sources, targets) = code.split_once(") (").unwrap();
                sources.contains(source) && targets.contains(becomes)
            });
            assert!(pair, "{source} {becomes}: {told:?}");
        }
    }
    let pictures = inside("\"image/png\"", "\"image/*\"");
    let [pictures] = pictures.as_slice() else {
        panic!("{pictures:?}")
    };
    assert!(
        pictures.starts_with("(\"image/png\") (\"image/jpeg\" "),
        "{pictures}"
    );
    assert_eq!(inside("\"video/*\"", "\"*\""), [] as [&str; 0]);
    assert_eq!(inside("\"audio/mpeg\"", "\"image/*\""), [] as [&str; 0]);
}

/// RFC 5259 §5.1: what cannot be read is BAD, and NIL is no type here.
#[test]
fn what_is_no_pattern_is_bad() {
    for arguments in [
        "NIL \"*\"",
        "* *",
        "\"*\"",
        "\"*\" \"*\" x",
        "\"*/png\" \"*\"",
    ] {
        let mut play = Play::selected();
        play.client(&format!("c CONVERSIONS {arguments}\r\n"));
        let told = play.told();
        assert!(told.starts_with("c BAD "), "{arguments}: {told}");
        assert_eq!(play.sent(), "", "{arguments}");
    }
}

#[test]
fn the_store_s_conversions_and_ours_are_one_answer() {
    let mut play = with_converting_store();
    play.client("c CONVERSIONS \"*\" \"*\"\r\nn NOOP\r\n");
    assert_eq!(
        play.sent(),
        "keyhole1 CONVERSIONS \"*\" \"*\"\r\n",
        "NOOP waits"
    );
    let theirs = "* CONVERSION \"text/plain\" \"text/plain\" (charset)\r\n* 4 EXISTS\r\n";
    let twice = format!("* CONVERSION {SMIME} {SEALED} (pix-x)\r\n");
    play.store(&format!("{theirs}{twice}keyhole1 OK done\r\n"));
    let told = play.told();
    let (before, ours) = told.split_at(theirs.len());
    assert_eq!(before, theirs);
    assert_eq!(
        ours.matches("* CONVERSION \"application/").count(),
        4,
        "{ours}"
    );
    assert!(ours.ends_with("c OK These are all\r\n"), "{ours}");
    assert_eq!(play.sent(), "n NOOP\r\n");
}

/// RFC 5259 §5.1: the client's pattern is for both.
#[test]
fn conversions_are_told_by_the_client_s_pattern() {
    let mut play = with_converting_store();
    play.client("c CONVERSIONS \"text/*\" \"*\"\r\n");
    play.sent();
    play.store("* CONVERSION \"text/plain\" \"text/plain\"\r\nkeyhole1 OK done\r\n");
    let told = play.told();
    assert!(told.starts_with("* CONVERSION \"text/plain\" \"text/plain\"\r\n* OK [KEYREVEAL "));
    assert_eq!(told.matches("* CONVERSION ").count(), 1, "{told}");
    assert!(told.ends_with("c OK These are all\r\n"), "{told}");
    play.client("d CONVERSIONS \"*\" \"*\"\r\n");
    play.sent();
    play.store("keyhole2 NO later\r\n");
    let told = play.told();
    assert!(
        told.ends_with("d NO The mail store did not list its own\r\n"),
        "{told}"
    );
}

#[test]
fn conversions_list_the_parameters_of_what_vaults_make_and_no_others() {
    let mut play = Play::selected();
    play.client("c CONVERSIONS \"application/pkcs7-mime\" \"application/vnd.keyhole.sealed\"\r\n");
    let told = play.told();
    for kind in [Kind::Picture, Kind::Text, Kind::Sound] {
        let made = offered().any(|media| media.kind() == kind);
        for name in names::parameters_of(kind) {
            assert_eq!(told.contains(*name), made, "{name}: {told}");
        }
    }
    for name in names::PARAMETERS {
        assert!(told.contains(name), "{name}: {told}");
    }
}

/// What the store converts passes even where nothing can be revealed.
#[test]
fn without_vaults_the_store_s_conversions_remain() {
    let mut play = with_converting_store();
    play.session.warden_gone();
    play.store("* CAPABILITY IMAP4rev1 BINARY CONVERT\r\n");
    let told = play.told();
    assert!(
        told.contains(" CONVERT") && !told.contains("KEYREVEAL"),
        "{told}"
    );
    play.client("c CONVERSIONS \"*\" \"*\"\r\n");
    play.sent();
    play.store("* CONVERSION \"text/plain\" \"text/plain\"\r\nkeyhole1 OK done\r\n");
    let told = "* CONVERSION \"text/plain\" \"text/plain\"\r\nc OK These are all\r\n";
    assert_eq!(play.told(), told);
}
