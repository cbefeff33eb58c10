use super::*;
use crate::imap::response::Response;
use crate::imap::section::SectionText;

fn fetch(raw: &[u8]) -> FetchResponse {
    match Response::parse(raw) {
        Ok(Response::Fetch(fetch)) => fetch,
        other => panic!("{other:?}"),
    }
}

fn items(text: &str) -> Parsed<Vec<FetchItem>> {
    let mut cursor = Cursor::new(text.as_bytes());
    let items = FetchItem::parse_all(&mut cursor)?;
    cursor.end()?;
    Ok(items)
}

fn written(items: &[FetchItem]) -> String {
    let mut out = Encoder::new(Literals::Plus);
    FetchItem::write_all(items, &mut out);
    String::from_utf8(out.unended().into_octets()).unwrap()
}

#[test]
fn macros_are_what_they_stand_for() {
    for (name, list) in [
        ("ALL", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
        ("fast", "(FLAGS INTERNALDATE RFC822.SIZE)"),
        ("Full", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)"),
    ] {
        assert_eq!(items(name), items(list), "{name}");
    }
    // RFC 9051 §6.4.5: a macro stands alone.
    assert!(items("(ALL)").is_err());
}

#[test]
fn every_item_survives_the_wire() {
    let text = "(ENVELOPE FLAGS INTERNALDATE RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE BODY BODYSTRUCTURE UID MODSEQ \
        BODY[] BODY.PEEK[] BODY[1.2] BODY[HEADER] BODY.PEEK[4.2.HEADER] BODY[TEXT] BODY[1.TEXT] BODY[3.MIME] \
        BODY[HEADER.FIELDS (a b)]<0.10> BODY.PEEK[2.HEADER.FIELDS.NOT (\"x y\" To)] BODY[]<4294967296.9223372036854775807> \
        BINARY[] BINARY[1]<5.6> BINARY.PEEK[2.3] BINARY.SIZE[1] BINARY.SIZE[])";
    let parsed = items(text).unwrap();
    assert_eq!(written(&parsed), text);
    assert_eq!(items(&written(&parsed[..1])), Ok(vec![FetchItem::Envelope]));
}

#[test]
fn what_is_no_item_is_refused() {
    for text in [
        "",
        "()",
        "(",
        "XYZ",
        "BODY[",
        "BODY[]<0>",
        "BODY[]<0.0>",
        "BODY[]<.5>",
        "BODY[MIME]",
        "BODY[1.]",
        "BODY[0]",
        "BODY[1.0]",
        "BODY[.1]",
        "BODY[HEADER.FIELDS]",
        "BODY[1 2]",
        "BODY[1HEADER]",
        "BINARY[HEADER]",
        "BINARY[1.MIME]",
        "BINARY",
        "UID[1]",
        "BINARY.SIZE[1]<0.5>",
        "(UID  FLAGS)",
        "(UID FLAGS",
        "BODY[HEADER.FIELDS (a b)",
        "BODY[]<0.9223372036854775808>",
        "BODY.PEEK",
        "BODY[99999999999]",
    ] {
        assert!(items(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_response_is_read_whatever_it_holds() {
    let raw = b"* 7 FETCH (FLAGS (\\Seen $x \\Odd) UID 42 RFC822.SIZE 5000000000 INTERNALDATE \" 2-Jan-2024 03:04:05 +0100\" \
        X-THING (a (b \"]\") {1}\r\n)) BODY[HEADER.FIELDS (\"a]\" b)]<0> {4}\r\na)\r\n BODY[1] NIL BODY[2] \"q\\\"\" \
        BINARY[3] ~{2}\r\n\0) BINARY.SIZE[3] 2 MODSEQ (12) X-OTHER[1 2] NIL EMAILID (M1))\r\n";
    let response = fetch(raw);
    assert_eq!(response.message.value(), 7);
    assert_eq!(response.uid(), Uid::new(42));
    let sections: Vec<_> = response
        .attributes
        .iter()
        .filter_map(|attribute| match attribute {
            FetchAttribute::Section {
                section,
                origin,
                octets,
            } => Some((section.clone(), *origin, octets.clone())),
            _ => None,
        })
        .collect();
    let names = SectionText::HeaderFields(vec![b"a]".to_vec(), b"b".to_vec()]);
    let part = |text| Section::part(PartPath::new(text).unwrap());
    let expected = [
        (
            Section {
                part: PartPath::default(),
                text: Some(names),
            },
            Some(0),
            Some(b"a)\r\n".to_vec()),
        ),
        (part("1"), None, None),
        (part("2"), None, Some(b"q\"".to_vec())),
    ];
    assert_eq!(sections, expected);
    assert!(
        response
            .attributes
            .contains(&FetchAttribute::Unknown("EMAILID".into()))
    );
}

#[test]
fn a_response_survives_the_wire() {
    let raw = b"* 7 FETCH (FLAGS (\\Seen) UID 42 RFC822.SIZE 5000000000 INTERNALDATE \" 2-Jan-2024 03:04:05 +0100\" \
        ENVELOPE (NIL \"s\" ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL NIL \"<x>\") BODY[1]<0> \"x\" BINARY[2] ~{2}\r\n\0) \
        RFC822 NIL RFC822.TEXT {2}\r\n\r\n BINARY.SIZE[2] 2 MODSEQ (12) \
        BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 2 1 NIL NIL NIL NIL))\r\n";
    let response = fetch(raw);
    assert_eq!(fetch(&response.encode()), response);
    assert_eq!(response.encode(), raw);
}
