use super::super::super::sequence::{SequenceSet, Uid, UidValidity};
use super::*;

fn parse(text: &str) -> Response {
    Response::parse(format!("{text}\r\n").as_bytes())
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn status_of(text: &str) -> Status {
    match parse(text) {
        Response::Status(status) => status,
        other => panic!("{text}: {other:?}"),
    }
}

/// Every response as our own encoder writes it.
const RESPONSES: &[&str] = &[
    "* OK [CAPABILITY IMAP4rev1 LITERAL+ CONVERT BINARY] ready",
    "* PREAUTH hi",
    "* BYE later",
    "a1 OK done",
    "a1 NO [TEMPFAIL] later",
    "a1 BAD [CLIENTBUG] what",
    "* OK [UIDVALIDITY 7] -",
    "* OK [UIDNEXT 8] -",
    "* OK [UNSEEN 3] -",
    "* OK [HIGHESTMODSEQ 9] -",
    "* OK [PERMANENTFLAGS (\\Seen \\* k)] -",
    "* NO [BADCHARSET] -",
    "* OK [KEYREVEAL (\"image/png\" \"application/pdf\") (\"image/jpeg\")] -",
    "* NO [BADCHARSET (\"UTF-8\" \"x]y\")] -",
    "a1 OK [APPENDUID 1 2] -",
    "a1 OK [COPYUID 1 2:3 4:5] -",
    "a1 NO [MAXCONVERTMESSAGES 1] -",
    "a1 NO [MAXCONVERTPARTS 1] -",
    "* OK [XYZ a \"]\" b] x",
    "a1 NO [UNKNOWN-CTE] -",
    "a1 OK [READ-WRITE] -",
    "* OK x {5}",
    "+ ",
    "+ idling",
    "* CAPABILITY IMAP4rev1 IDLE",
    "* ENABLED",
    "* ENABLED CONDSTORE",
    "* ID NIL",
    "* ID (\"name\" NIL)",
    "* FLAGS (\\Answered k)",
    "* LIST (\\Noselect \\HasChildren) \"/\" \"a b\"",
    "* LSUB () NIL x",
    "* NAMESPACE ((\"\" \"/\")) NIL NIL",
    "* STATUS INBOX (MESSAGES 5 SIZE 5000000000)",
    "* SEARCH",
    "* SEARCH 1 2 (MODSEQ 5)",
    "* ESEARCH (TAG \"a1\") UID MIN 1 MAX 9 COUNT 3 ALL 1:2,9",
    "* ESEARCH",
    "* 5 EXISTS",
    "* 0 RECENT",
    "* 5 EXPUNGE",
    "* 5 FETCH (UID 7)",
    "* CONVERSION \"image/png\" \"image/jpeg\" (pix-x pix-y)",
    "* CONVERSION \"text/plain\" \"text/html\"",
    "* KEYREVEAL \"QUJD\"",
    "* 5 CONVERTED (TAG \"a1\") (UID 7 BINARY.SIZE[2] (ERROR \"no\" TEMPFAIL 5))",
    "* XYZ (a {3}",
];

#[test]
fn every_response_survives_the_wire() {
    for text in RESPONSES {
        let response = parse(text);
        assert_eq!(
            String::from_utf8_lossy(&response.encode()),
            format!("{text}\r\n")
        );
        assert_eq!(Response::parse(&response.encode()), Ok(response));
    }
}

#[test]
fn what_stores_write_otherwise_is_read_too() {
    assert_eq!(parse("* SEARCH "), Response::Search(Vec::new(), None));
    assert_eq!(parse("* SORT 3 1"), Response::Search(vec![3, 1], None));
    assert_eq!(parse("+"), Response::Continuation(Vec::new()));
    assert_eq!(
        parse("* CAPABILITY  IMAP4rev1 "),
        parse("* CAPABILITY IMAP4rev1")
    );
    assert_eq!(
        parse("* STATUS x (MESSAGES 1 MAILBOXID (F1))"),
        parse("* STATUS x (MESSAGES 1)")
    );
    assert_eq!(
        parse("* LIST () \"/\" x (CHILDINFO (\"SUBSCRIBED\"))"),
        parse("* LIST () \"/\" x")
    );
    assert_eq!(
        parse("* ESEARCH (TAG \"a\") COUNT 1 X-Y (1 2) MODSEQ 5"),
        parse("* ESEARCH (TAG \"a\") COUNT 1")
    );
    assert_eq!(status_of("a1 OK").text, b"");
}

#[test]
fn a_bracket_in_a_quoted_string_ends_no_code() {
    let status = status_of("* NO [BADCHARSET (\"a]b\" \"c\\\"]\")] text [x]");
    assert_eq!(
        status.code,
        Some(Code::BadCharset(vec![b"a]b".to_vec(), b"c\"]".to_vec()]))
    );
    assert_eq!(status.text, b"text [x]");
}

#[test]
fn a_malformed_code_is_unknown_and_not_half_believed() {
    for text in [
        "UIDVALIDITY 0",
        "UIDVALIDITY x",
        "UIDVALIDITY 5 6",
        "UIDVALIDITY",
        "CAPABILITY IMAP4rev1 (",
        "ALERT x",
        "",
    ] {
        let status = status_of(&format!("* OK [{text}] hi"));
        assert_eq!(status.code, Some(Code::Unknown(text.into())), "{text}");
        assert_eq!(status.text, b"hi");
    }
    assert_eq!(status_of("* OK [ALERT no end").code, None);
}

#[test]
fn codes_are_read_in_any_case() {
    assert_eq!(
        status_of("a OK [uidvalidity 5]").code,
        UidValidity::new(5).map(Code::UidValidity)
    );
    assert_eq!(status_of("a NO [TempFail]").code, Some(Code::TempFail));
    assert_eq!(
        status_of("a OK [UIDNEXT 5]").code,
        Uid::new(5).map(Code::UidNext)
    );
    let set = |number| SequenceSet::uid(Uid::new(number).unwrap());
    let expected = Code::CopyUid(UidValidity::new(1).unwrap(), set(2), set(3));
    assert_eq!(status_of("a OK [COPYUID 1 2 3] x").code, Some(expected));
}

/// A text that we write never becomes a code, a line, or 8-bit.
#[test]
fn no_text_is_more_than_text() {
    for text in ["[ALERT] x", "a\r\nb OK", "", "ü", "\0"] {
        let status = Status::untagged(StatusKind::Ok, None, text);
        let Ok(Response::Status(read)) = Response::parse(&status.encode()) else {
            panic!("{text:?}")
        };
        assert_eq!(read.code, None, "{text:?}");
        assert_eq!(
            status
                .encode()
                .iter()
                .filter(|octet| matches!(octet, b'\r' | b'\n'))
                .count(),
            2
        );
    }
    for inner in ["X] y", "X \"", "X\r\ny", "X \"\\"] {
        let status = Status::untagged(StatusKind::Ok, Some(Code::Unknown(inner.into())), "t");
        let Ok(Response::Status(read)) = Response::parse(&status.encode()) else {
            panic!("{inner:?}")
        };
        assert!(matches!(read.code, Some(Code::Unknown(_))), "{inner:?}");
        assert_eq!(read.text, b"t", "{inner:?}");
    }
}

#[test]
fn what_is_no_response_is_refused() {
    for text in [
        "",
        "*",
        "* ",
        "a1",
        "a1 ",
        "a1 FETCH",
        "a1 BYE x",
        "a1 PREAUTH x",
        "* 5 FETCH",
        "* 0 EXPUNGE",
        "* 5 FETCH (UID 0)",
        "* 99999999999 EXISTS",
        "* SEARCH x",
        "* SEARCH 0",
        "* 5 FETCH (UID 7",
        "* 5 FETCH (UID 7) x",
        "* 1 CONVERTED (UID 7)",
        "* KEYREVEAL",
        "* KEYREVEAL NIL",
        "* CONVERSION \"a/*\" \"b/c\"",
    ] {
        assert!(
            Response::parse(format!("{text}\r\n").as_bytes()).is_err(),
            "{text:?}"
        );
    }
}
