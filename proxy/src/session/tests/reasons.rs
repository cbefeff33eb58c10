//! Which parameters an ERROR phrase names (RFC 5259 §9): all that are at fault, and what would help.

use vault::frames::{Failure, FromVault, Resource, SourceKind};

use super::{
    conversions::{SEALED, SMIME, job, told},
    convert::{locate, say, with_keys},
    *,
};

/// RFC 5259 §9: all of them, whatever is wrong with each.
#[test]
fn parameters_at_fault_for_different_reasons_are_listed_together() {
    for (parameters, listed) in [
        (
            "dpi 300 u.urn:x-keyhole:preset 5g",
            &["dpi 300", "u.urn:x-keyhole:preset 5g"][..],
        ),
        (
            "charset {2+}\r\n\u{e9} dpi 300 u.urn:x-keyhole:type image/tiff",
            &["charset", "dpi 300", "u.urn:x-keyhole:type image/tiff"],
        ),
    ] {
        let told = told(parameters, "BINARY[2]");
        for listed in listed {
            assert!(told.contains(listed), "{listed}: {told}");
        }
    }
    let mut play = with_keys();
    play.session.client_octets(
        b"c UID CONVERT 4 (NIL (dpi 300 charset {1+}\r\n\xff pix-x 0)) BINARY[2]\r\n",
        play.now,
    );
    locate(&mut play, 1);
    let mut told = Vec::new();
    while !play.session.outbox(Way::ToClient).is_empty() {
        let front = play.session.outbox(Way::ToClient).front().to_vec();
        play.session.wrote(Way::ToClient, front.len(), play.now);
        told.extend(front);
    }
    let told = String::from_utf8_lossy(&told);
    let all = "(dpi 300 charset {1}\r\n\u{fffd} pix-x 0)";
    assert!(told.contains(all), "{told}");
}

/// What a vault's failure is told of a conversion with these parameters: what stands behind the phrase's text.
fn phrase(parameters: &str, failure: Failure) -> String {
    let mut play = with_keys();
    job(&mut play, SEALED, parameters);
    say(&mut play, &[FromVault::Failed(failure)]);
    let told = play.told();
    let code = told
        .find("BADPARAMETERS")
        .or(told.find("MISSINGPARAMETERS"));
    let code = &told[code.unwrap_or_else(|| panic!("{told}"))..];
    let (code, status) = code.split_once(")\r\nc NO ").unwrap();
    assert!(status.starts_with("[CANNOT] "), "{told}");
    code.strip_suffix(')').unwrap().to_owned()
}

/// RFC 5259 §9: without a list the pair never converts. So what asked for a kind that the opened part does not fit is listed, and so
/// is where it was looked for.
#[test]
fn a_part_of_another_kind_than_is_asked_for_lists_what_asked_for_it() {
    let other = |parameters: &str, kind| phrase(parameters, Failure::NotConvertible(kind));
    let pair = format!("BADPARAMETERS {SMIME} {SEALED}");
    const PNG: &str = "u.urn:x-keyhole:type image/png";
    for (parameters, kind, listed) in [
        ("pix-x 320".to_owned(), SourceKind::Text, " (pix-x 320)"),
        (
            format!("pix-x 320 {PNG} u.urn:x-keyhole:octets 9 u.urn:x-keyhole:inner 2"),
            SourceKind::Text,
            " (pix-x 320 u.urn:x-keyhole:type image/png u.urn:x-keyhole:inner 2)",
        ),
        (
            PNG.to_owned(),
            SourceKind::Application,
            " (u.urn:x-keyhole:type image/png)",
        ),
        // Nothing that could be asked for helps.
        (format!("pix-x 320 {PNG}"), SourceKind::Video, ""),
        (format!("pix-x 320 {PNG}"), SourceKind::Image, ""),
        (format!("pix-x 320 {PNG}"), SourceKind::UnreadImage, ""),
        (String::new(), SourceKind::Application, ""),
        (
            format!("{PNG} u.urn:x-keyhole:inner 2"),
            SourceKind::Video,
            " (u.urn:x-keyhole:inner 2)",
        ),
    ] {
        assert_eq!(
            other(&parameters, kind),
            format!("{pair}{listed}"),
            "{parameters}"
        );
    }
}

/// Where a default of the server's is the reason, what would help is missing: without a list, nothing would seem to.
#[test]
fn what_a_default_makes_impossible_names_what_would_help() {
    const OCTETS: &str = "u.urn:x-keyhole:octets";
    for (failure, given, listed, missing) in [
        (Failure::CannotFit, "pix-x 9", " (pix-x 9)", OCTETS),
        (
            Failure::CannotFit,
            "u.urn:x-keyhole:preset 2g",
            " (u.urn:x-keyhole:preset 2g)",
            OCTETS,
        ),
        (
            Failure::Exceeded(Resource::Output),
            "u.urn:x-keyhole:octets 999999999",
            " (u.urn:x-keyhole:octets 999999999)",
            OCTETS,
        ),
        (
            Failure::Charset,
            "charset us-ascii",
            " (charset us-ascii)",
            "charset",
        ),
        (
            Failure::Exceeded(Resource::Samples),
            "u.urn:x-keyhole:seconds 9",
            " (u.urn:x-keyhole:seconds 9)",
            "u.urn:x-keyhole:seconds",
        ),
    ] {
        let pair = format!("{SMIME} {SEALED}");
        assert_eq!(
            phrase(given, failure),
            format!("BADPARAMETERS {pair}{listed}")
        );
        let nothing = phrase("", failure);
        assert_eq!(nothing, format!("MISSINGPARAMETERS {pair} ({missing})"));
    }
    let damaged = phrase("u.urn:x-keyhole:inner 1.2", Failure::Damaged);
    assert!(
        damaged.ends_with(" (u.urn:x-keyhole:inner 1.2)"),
        "{damaged}"
    );
    let whole = phrase("pix-x 9", Failure::Exceeded(Resource::Input));
    assert!(whole.ends_with(SEALED), "{whole}");
}
