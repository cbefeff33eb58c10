use proptest::prelude::*;

use super::*;
use crate::text::tests::budget;

fn converted(block: &[u8], label: &str, replacement: Option<&str>) -> Result<String, Refusal> {
    let charset = Charset::for_label(label).unwrap();
    let octets = convert(block, charset, replacement, &mut budget())?;
    Ok(String::from_utf8(octets.expose().to_vec()).unwrap())
}

fn in_utf8(block: &str) -> String {
    converted(block.as_bytes(), "utf-8", None).unwrap()
}

#[test]
fn words_are_written_anew_and_all_else_stays() {
    for (block, expected) in [
        (
            "Subject: =?iso-8859-1?Q?caf=E9?= =?koi8-r?B?zc/T?= now\r\n",
            "Subject: =?utf-8?B?Y2Fmw6nQvNC+0YE=?= now\r\n",
        ),
        (
            "From: \"A. B.\" <a@b>, =?iso-8859-15?Q?=A4?= (=?latin1?Q?=E4?=) <c@d>\r\n",
            "From: \"A. B.\" <a@b>, =?utf-8?B?4oKs?= (=?utf-8?B?w6Q=?=) <c@d>\r\n",
        ),
        (
            "X: =?nowhere?Q?a?=\r\nY:  two  spaces \n kept\n\r\n",
            "X: =?nowhere?Q?a?=\r\nY:  two  spaces \r\n kept\r\n\r\n",
        ),
    ] {
        assert_eq!(in_utf8(block), expected);
    }
}

#[test]
fn a_parameter_reads_as_its_sender_meant_it() {
    for (field, expected) in [
        ("attachment; filename=a.txt", Some("a.txt")),
        (
            "attachment; FileName=\"a; \\\"b\\\".txt\"; size=3",
            Some("a; \"b\".txt"),
        ),
        (
            "attachment; filename*=iso-8859-1'de'%FCber%20uns.txt",
            Some("über uns.txt"),
        ),
        (
            "attachment; filename=\"plain.txt\"; filename*=utf-8''%e2%82%ac.txt",
            Some("€.txt"),
        ),
        (
            "attachment; filename*1*=%98%80.t; filename*0*=utf-8''%f0%9f; filename*2=\"xt\"",
            Some("😀.txt"),
        ),
        (
            "attachment; filename*1=\"b.txt\"; filename*0=\"a \"",
            Some("a b.txt"),
        ),
        (
            "attachment; filename=\"=?utf-8?B?w7xiZXI=?=.txt\"",
            Some("über.txt"),
        ),
        ("attachment; filename*=nowhere''%41; filename=a", Some("a")),
        ("attachment; filename=", Some("")),
        ("attachment; name=a", None),
        ("filename=a", None),
        ("", None),
    ] {
        let read = parameter(field.as_bytes(), "filename");
        assert_eq!(read.as_ref().map(|text| text.as_str()), expected, "{field}");
    }
}

#[test]
fn what_would_end_a_line_stays_encoded() {
    let block = "Subject: =?us-ascii?Q?a=0D=0AX-Evil:_yes?=\r\n";
    let written = in_utf8(block);
    assert_eq!(written.lines().count(), 1);
}

#[test]
fn long_text_is_folded_in_short_lines() {
    let word = "=?utf-8?B?5pel5pys6Kqe44Gu44Go44Gm44KC6ZW344GE5Lu25ZCN?= ".repeat(6);
    let block = format!("Subject: {word}end\r\n");
    for label in ["utf-8", "iso-2022-jp", "gb18030"] {
        let written = converted(block.as_bytes(), label, None).unwrap();
        assert!(written.lines().all(|line| line.len() < 78), "{written}");
        let text = charset::encoded_word::decode(written.as_bytes());
        let expected = "日本語のとても長い件名".repeat(6);
        assert_eq!(text, format!("Subject: {expected} end\r\n"), "{label}");
    }
}

#[test]
fn a_character_that_is_missing_is_replaced_or_refused() {
    let block = b"Subject: =?utf-8?Q?5=E2=82=AC?=\r\n";
    let refused = converted(block, "iso-8859-1", None);
    assert_eq!(refused, Err(Refusal::Unrepresentable));
    let replaced = converted(block, "iso-8859-1", Some("EUR")).unwrap();
    assert_eq!(replaced, "Subject: =?iso-8859-1?Q?5EUR?=\r\n");
    assert_eq!(
        converted(block, "utf-16", None),
        Err(Refusal::Unrepresentable)
    );
}

#[test]
fn parameters_in_a_charset_are_joined_and_written_anew() {
    for (block, expected) in [
        (
            "Content-Disposition: attachment; filename*=iso-8859-1'fr'caf%E9.txt; size=3\r\n",
            "Content-Disposition: attachment; filename*=utf-8'fr'caf%C3%A9.txt; size=3\r\n",
        ),
        (
            "Content-Type: text/plain; name*1=\" b\"; name*0*=iso-8859-1''%E4; charset=x\r\n",
            "Content-Type: text/plain; name*=utf-8''%C3%A4%20b; charset=x\r\n",
        ),
        (
            "Content-Type: a/b; name*=nowhere''%E4; name*2=\"x\"\r\n",
            "Content-Type: a/b; name*=nowhere''%E4; name*2=\"x\"\r\n",
        ),
        (
            "Content-Type: a/b; name=\"=?latin1?Q?=E4?=; c\"\r\n",
            "Content-Type: a/b; name=\"=?utf-8?B?w6Q=?=; c\"\r\n",
        ),
    ] {
        assert_eq!(in_utf8(block), expected);
    }
    let long = format!(
        "Content-Type: a/b; name*=iso-8859-1''{}\r\n",
        "%E4".repeat(60)
    );
    let written = in_utf8(&long);
    assert!(written.lines().all(|line| line.len() < 78), "{written}");
    assert!(written.contains("name*0*=utf-8''%C3%A4") && written.contains(" name*1*=%"));
}

proptest! {
    #[test]
    fn no_octets_make_it_panic(octets: Vec<u8>) {
        let latin = Charset::for_label("iso-8859-1").unwrap();
        drop(convert(&octets, latin, Some("?"), &mut budget()));
    }

    #[test]
    fn twice_is_as_once(text in "\\PC{0,200}") {
        let words = charset::encoded_word::write(Charset::UTF_8, &text, Unknown::Refuse, 60);
        let block = format!("Subject: {}\r\n", words.unwrap().join(" "));
        let once = in_utf8(&block);
        prop_assert!(once.lines().all(|line| line.len() < 78));
        prop_assert_eq!(&in_utf8(&once), &once);
    }
}
