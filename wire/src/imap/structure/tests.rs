use super::*;
use crate::imap::envelope::Address;
use proptest::collection::vec;
use proptest::prelude::*;

/// RFC 3501 §8, with its parts' lines and a message in a message.
const SIGNED: &[u8] = b"((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)\
((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") \"<1@x>\" \"Compiler diff\" \"BASE64\" 4554 73)\
(\"IMAGE\" \"JPEG\" NIL NIL NIL \"BASE64\" 99 NIL (\"attachment\" (\"filename\" \"a]b).jpg\")) (\"en\" \"de\") \"x\" (1 (2)) 7) \"MIXED\")\
(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"8BIT\" 300 (NIL \"s\" NIL NIL NIL NIL NIL NIL NIL NIL) \
((\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 3 1)(\"APPLICATION\" \"PKCS7-MIME\" NIL NIL NIL \"BASE64\" 8) \"ALTERNATIVE\") 9) \
\"SIGNED\" (\"BOUNDARY\" \"z\") NIL)";

fn names(body: &BodyStructure) -> Vec<(String, String)> {
    body.leaves()
        .iter()
        .map(|(path, part)| (path.to_string(), part.media_name()))
        .collect()
}

#[test]
fn parts_have_the_paths_of_the_standard() {
    let body = BodyStructure::parse(SIGNED).unwrap();
    let expected = [
        ("1", "text/plain"),
        ("2.1", "text/plain"),
        ("2.2", "image/jpeg"),
        ("3", "message/rfc822"),
        ("3.1", "text/html"),
        ("3.2", "application/pkcs7-mime"),
    ];
    assert_eq!(
        names(&body),
        expected.map(|(path, name)| (path.to_owned(), name.to_owned()))
    );
    for (path, leaf) in body.leaves() {
        assert_eq!(body.part(&path), Some(leaf), "{path}");
    }
    for missing in ["4", "1.1", "2.3", "3.3", "2.2.1"] {
        assert_eq!(
            body.part(&PartPath::new(missing).unwrap()),
            None,
            "{missing}"
        );
    }
    assert_eq!(
        body.part(&PartPath::new("2").unwrap())
            .unwrap()
            .media_name(),
        "multipart/mixed"
    );
    assert_eq!(body.part(&PartPath::default()), Some(&body));
}

/// RFC 9051 §6.4.5: every message has a part 1.
#[test]
fn a_message_without_parts_is_its_own_part_1() {
    let body = BodyStructure::parse(b"(\"text\" \"plain\" NIL NIL NIL \"7bit\" 2 1)").unwrap();
    assert_eq!(body.part(&PartPath::new("1").unwrap()), Some(&body));
    assert_eq!(body.part(&PartPath::new("1.1").unwrap()), None);
    assert_eq!(names(&body), [("1".to_owned(), "text/plain".to_owned())]);
}

#[test]
fn brackets_in_a_file_name_end_nothing() {
    let body = BodyStructure::parse(SIGNED).unwrap();
    let part = body.part(&PartPath::new("2.2").unwrap()).unwrap();
    let extension = part.extension().unwrap();
    assert_eq!(
        extension.disposition.as_ref().unwrap().parameters[0].1,
        b"a]b).jpg"
    );
    assert_eq!(extension.language, [b"en".to_vec(), b"de".to_vec()]);
    assert_eq!(body.parameter("boundary"), Some(&b"z"[..]));
}

#[test]
fn a_structure_nested_without_end_is_refused() {
    let deep = [b"(".repeat(100_000), b")".repeat(100_000)].concat();
    assert_eq!(
        BodyStructure::parse(&deep).unwrap_err().fault,
        crate::imap::cursor::Fault::TooDeep
    );
}

fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..12),
        "[a-zA-Z0-9)(\"\\\\\\]]{0,10}".prop_map(String::into_bytes)
    ]
}

fn parameters_of() -> impl Strategy<Value = Parameters> {
    vec((octets(), octets()), 0..3)
}

fn extension() -> impl Strategy<Value = Extension> {
    let disposition =
        (octets(), parameters_of()).prop_map(|(kind, parameters)| Disposition { kind, parameters });
    (
        proptest::option::of(disposition),
        vec(octets(), 0..3),
        proptest::option::of(octets()),
    )
        .prop_map(|(disposition, language, location)| Extension {
            disposition,
            language,
            location,
        })
}

fn fields(top: &'static str, sub: &'static str) -> impl Strategy<Value = Fields> {
    let strings = (
        proptest::option::of(octets()),
        proptest::option::of(octets()),
        octets(),
    );
    let extension = proptest::option::of((proptest::option::of(octets()), extension()));
    (
        parameters_of(),
        strings,
        0..u64::from(u32::MAX) * 9,
        extension,
    )
        .prop_map(
            move |(parameters, (id, description, encoding), octets, extension)| {
                let (md5, extension) =
                    extension.map_or((None, None), |(md5, extension)| (md5, Some(extension)));
                let (media_type, media_subtype) = (top.into(), sub.into());
                Fields {
                    media_type,
                    media_subtype,
                    parameters,
                    id,
                    description,
                    encoding,
                    octets,
                    md5,
                    extension,
                }
            },
        )
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let string = || proptest::option::of(octets());
    let address =
        (string(), string(), string(), string()).prop_map(|(name, route, mailbox, host)| Address {
            name,
            route,
            mailbox,
            host,
        });
    (
        string(),
        string(),
        vec(vec(address, 0..3), 6),
        string(),
        string(),
    )
        .prop_map(
            |(date, subject, mut lists, in_reply_to, message_id)| Envelope {
                date,
                subject,
                from: lists.pop().unwrap(),
                sender: lists.pop().unwrap(),
                reply_to: lists.pop().unwrap(),
                to: lists.pop().unwrap(),
                cc: lists.pop().unwrap(),
                bcc: lists.pop().unwrap(),
                in_reply_to,
                message_id,
            },
        )
}

pub(crate) fn body() -> impl Strategy<Value = BodyStructure> {
    let leaf = prop_oneof![
        fields("image", "jpeg").prop_map(BodyStructure::Basic),
        (fields("Text", "PLAIN"), any::<u32>()).prop_map(|(fields, lines)| BodyStructure::Text {
            fields,
            lines: lines.into()
        }),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let message = (
            fields("MESSAGE", "rfc822"),
            envelope(),
            inner.clone(),
            any::<u32>(),
        )
            .prop_map(|(fields, envelope, body, lines)| BodyStructure::Message {
                fields,
                envelope: Box::new(envelope),
                body: Box::new(body),
                lines: lines.into(),
            });
        let multipart = (
            vec(inner, 1..3),
            octets(),
            proptest::option::of((parameters_of(), extension())),
        )
            .prop_map(|(parts, media_subtype, extension)| {
                let (parameters, extension) =
                    extension.map_or((Vec::new(), None), |(p, e)| (p, Some(e)));
                BodyStructure::Multipart(Multipart {
                    parts,
                    media_subtype,
                    parameters,
                    extension,
                })
            });
        prop_oneof![message, multipart]
    })
}

proptest! {
    /// Whatever octets a message put into its header fields, the structure survives the wire.
    #[test]
    fn structures_survive_the_wire(body in body()) {
        prop_assert_eq!(BodyStructure::parse(&body.encode()), Ok(body));
    }
}
