//! Every charset of WHATWG's, there and back.

use proptest::prelude::*;
use secret::Plaintext;

use crate::label::{LOWER, NARROW};
use crate::{Charset, NotEncoded, Unknown, decode, encode, is_forbidden};

/// Every label of WHATWG's encodings, those of one encoding a line.
const LABELS: &str = include_str!("../labels/whatwg.txt");

/// All that are written.
fn charsets() -> impl Iterator<Item = &'static str> {
    let narrow = NARROW.iter().map(|(name, _)| *name);
    LOWER
        .into_iter()
        .chain(narrow)
        .chain(["utf-16", "us-ascii"])
}

fn octets(charset: Charset, text: &str, unknown: Unknown<'_>) -> Result<Plaintext, NotEncoded> {
    let mut octets = Plaintext::with_limit(1 << 20);
    encode(charset, text, unknown, &mut octets)?;
    Ok(octets)
}

/// Characters that are in the charset: what its octets decode to.
fn characters(charset: Charset) -> String {
    let single = (0x20..=0xff_u8).map(|octet| vec![octet]);
    let double = (0x81..=0xfe_u8).flat_map(|high| (0x40..=0xfe_u8).map(move |low| vec![high, low]));
    let mut found = String::new();
    for run in single.chain(double) {
        let text = decode(charset, &run);
        let mut all = text.chars();
        if let (Some(one), None) = (all.next(), all.next()) {
            let kept = octets(charset, &one.to_string(), Unknown::Refuse).is_ok();
            if kept && one != char::REPLACEMENT_CHARACTER {
                found.push(one);
            }
        }
    }
    found
}

#[test]
fn all_that_a_charset_has_comes_back() {
    for label in charsets() {
        let charset = Charset::for_label(label).unwrap();
        let text = characters(charset);
        assert!(text.chars().count() >= 90, "{label}");
        let encoded = octets(charset, &text, Unknown::Refuse).unwrap();
        let back = decode(charset, encoded.expose());
        for (got, wanted) in back.chars().zip(text.chars()) {
            assert_eq!(got, wanted, "{label}");
        }
        assert_eq!(back.chars().count(), text.chars().count(), "{label}");
    }
}

/// Read and written under every label, or known to be forbidden: nothing else.
#[test]
fn every_label_of_whatwg_is_written_or_forbidden() {
    let mut names = Vec::new();
    for label in LABELS.split_ascii_whitespace() {
        let Some(charset) = Charset::for_label(label) else {
            assert!(is_forbidden(label), "{label}");
            continue;
        };
        assert!(charset.is_written() && !is_forbidden(label), "{label}");
        let written = octets(charset, "a-1", Unknown::Refuse).unwrap();
        assert_eq!(decode(charset, written.expose()).as_str(), "a-1", "{label}");
        names.push(charset.name());
    }
    // RFC 2978 §2.3: what comes out is named without what would have to be quoted in a Content-Type.
    let is_token = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
    assert!(names.iter().all(|name| name.bytes().all(is_token)));
    for name in LOWER {
        assert!(names.contains(&name), "{name}");
    }
    let forbidden = LABELS.split_ascii_whitespace().filter(|l| is_forbidden(l));
    assert_eq!(forbidden.count(), 6);
    assert!(!is_forbidden("unknown-8bit") && is_forbidden(" \"ISO-2022-KR\" "));
}

proptest! {
    #[test]
    fn any_text_comes_back_from_what_has_every_character(text in "\\PC{0,200}") {
        for label in ["utf-8", "utf-16", "utf-16be", "utf-16le", "gb18030"] {
            let charset = Charset::for_label(label).unwrap();
            let encoded = octets(charset, &text, Unknown::Refuse).unwrap();
            let back = decode(charset, encoded.expose());
            prop_assert_eq!(back.as_str(), text.as_str());
        }
    }

    /// Whatever is not replaced is the same.
    #[test]
    fn what_is_replaced_is_only_what_is_missing(text in "[a-zа-я日本語é€]{0,100}") {
        for label in charsets() {
            let charset = Charset::for_label(label).unwrap();
            let encoded = octets(charset, &text, Unknown::Replace("?")).unwrap();
            let back = decode(charset, encoded.expose());
            prop_assert_eq!(back.chars().count(), text.chars().count(), "{}", label);
            for (got, wanted) in back.chars().zip(text.chars()) {
                prop_assert!(got == wanted || got == '?', "{}: {}", label, wanted);
            }
        }
    }
}
