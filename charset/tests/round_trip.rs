//! Every charset of WHATWG's, there and back.

use charset::{Charset, NotEncoded, Unknown, decode, encode};
use proptest::prelude::*;
use secret::Plaintext;

const CHARSETS: [&str; 43] = [
    "utf-8",
    "ibm866",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-11",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "gbk",
    "gb18030",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "shift_jis",
    "euc-kr",
    "utf-16",
    "utf-16be",
    "utf-16le",
    "us-ascii",
];

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
    for label in CHARSETS {
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
        for label in CHARSETS {
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
