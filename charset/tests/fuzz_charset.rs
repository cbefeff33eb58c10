//! Decoding and encoded-words, on anything: no panic, memory within what was said, and what is written reads back.

use std::time::Duration;

use charset::{Charset, Unknown, decode, encoded_word, octets_decoded};

const LABELS: [&str; 12] = [
    "utf-8",
    "utf-7",
    "utf-16",
    "utf-16le",
    "us-ascii",
    "iso-8859-1",
    "koi8-r",
    "shift_jis",
    "iso-2022-jp",
    "gb18030",
    "big5",
    "euc-kr",
];

#[test]
fn any_octets_decode() {
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|octets: &[u8]| {
            for label in LABELS {
                let charset = Charset::for_label(label).expect("a charset");
                let text = decode(charset, octets);
                assert!(text.capacity() <= octets_decoded(octets.len()), "{label}");
            }
        });
}

#[test]
fn any_field_is_read_and_what_is_written_reads_back() {
    let words = [
        "=?", "?=", "utf-8", "?Q?", "?B?", " ", "=C3", "=A4", "aGVsbG8=", "koi8-r",
    ];
    bolero::check!()
        .with_test_time(Duration::from_secs(1))
        .for_each(|picks: &[u8]| {
            let mut field = Vec::new();
            for pick in picks {
                match words.get(usize::from(*pick)) {
                    Some(word) => field.extend_from_slice(word.as_bytes()),
                    None => field.push(*pick),
                }
            }
            let text = encoded_word::decode(&field);
            let written = encoded_word::write(Charset::UTF_8, &text, Unknown::Refuse, 75);
            let written = written.expect("UTF-8 has every character");
            assert!(written.iter().all(|word| word.len() <= 75));
            if text.len() < 4000 {
                assert_eq!(encoded_word::decode(written.join(" ").as_bytes()), text);
            }
        });
}
