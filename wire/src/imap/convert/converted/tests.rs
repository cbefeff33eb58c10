use super::*;
use crate::imap::convert::{BadParameters, ErrorCode, MissingParameters, ParameterName};
use crate::imap::response::Response;
use proptest::collection::vec;
use proptest::prelude::*;
use std::num::NonZeroU32;

fn converted(raw: &[u8]) -> Converted {
    match Response::parse(raw) {
        Ok(Response::Converted(converted)) => converted,
        other => panic!("{other:?}"),
    }
}

/// The phrase that stands for the size of part 3.
fn phrase(text: &str) -> Result<ErrorPhrase, String> {
    let raw = format!("* 2 CONVERTED (TAG \"c1\") (UID 5 BINARY.SIZE[3] {text})\r\n");
    match Response::parse(raw.as_bytes()) {
        Ok(Response::Converted(Converted { attributes, .. })) => {
            match attributes.into_iter().nth(1) {
                Some(ConvertedAttribute::BinarySize {
                    outcome: Err(phrase),
                    ..
                }) => Ok(phrase),
                other => Err(format!("{other:?}")),
            }
        }
        other => Err(format!("{other:?}")),
    }
}

fn media(name: &str) -> MediaType {
    MediaType::new(name).unwrap()
}

fn name(name: &str) -> ParameterName {
    ParameterName::new(name).unwrap()
}

#[test]
fn a_result_is_read() {
    let raw = b"* 2 CONVERTED (tag \"c1\") (UID 5 BODYPARTSTRUCTURE[3] (\"IMAGE\" \"JPEG\" NIL NIL NIL \"BINARY\" 4) \
        BINARY[3]<0> ~{4}\r\n\0)\r\n BINARY.SIZE[3] 4 AVAILABLECONVERSIONS[3] ((\"image/JPEG\" \"image/png\")))\r\n";
    let converted = converted(raw);
    assert_eq!(
        (converted.tag.as_str(), converted.uid()),
        ("c1", Uid::new(5))
    );
    let part = PartPath::new("3").unwrap();
    let octets = Ok(Some(b"\0)\r\n".to_vec()));
    assert_eq!(
        converted.attributes[2],
        ConvertedAttribute::Binary {
            part: part.clone(),
            origin: Some(0),
            outcome: octets
        }
    );
    let targets = Ok(vec![media("image/jpeg"), media("image/png")]);
    assert_eq!(
        converted.attributes[4],
        ConvertedAttribute::AvailableConversions {
            part,
            outcome: targets
        }
    );
}

/// RFC 5259 §8.1: two parentheses; its §8.4 shows one, and an empty inner list is a list.
#[test]
fn available_conversions_are_read_with_one_parenthesis_or_two() {
    for (text, count) in [
        ("((\"a/b\" \"c/d\"))", 2),
        ("(\"a/b\")", 1),
        ("(())", 0),
        ("()", 0),
    ] {
        let raw = format!("* 2 CONVERTED (TAG \"c1\") (AVAILABLECONVERSIONS[3] {text})\r\n");
        let ConvertedAttribute::AvailableConversions { outcome, .. } =
            &converted(raw.as_bytes()).attributes[0]
        else {
            panic!()
        };
        assert_eq!(outcome.as_ref().map(Vec::len), Ok(count), "{text}");
    }
}

/// RFC 5259 §6 shows headers in CONVERTED, its grammar does not have them.
#[test]
fn a_header_is_read_though_the_grammar_has_none() {
    let raw = b"* 2 CONVERTED (TAG \"c1\") (BODY[2.HEADER] {5}\r\nA: b\n BODY[3.MIME] \"x\")\r\n";
    assert_eq!(converted(raw).attributes.len(), 2);
}

#[test]
fn error_phrases_are_written_to_the_grammar() {
    let text = "(ERROR \"no\" MISSINGPARAMETERS \"application/pkcs7-mime\" \"image/jpeg\" (u.urn:x-keyhole:reveal))";
    let pair = MissingParameters {
        from: media("Application/PKCS7-MIME"),
        to: media("image/jpeg"),
        parameters: vec![name("U.urn:x-keyhole:REVEAL")],
    };
    let written = ErrorPhrase::new("no", ErrorCode::MissingParameters(vec![pair]));
    let mut out = Encoder::new(Literals::Server);
    written.write(&mut out);
    assert_eq!(String::from_utf8_lossy(out.unended().octets()), text);
    assert_eq!(phrase(text), Ok(written));
}

/// RFC 5259's own examples do not keep to its grammar, and its grammar not to its prose.
#[test]
fn error_phrases_are_read_leniently() {
    let bad = |from: Option<&str>, to: &str, parameters: &[(&str, &str)]| {
        let parameters = parameters
            .iter()
            .map(|(key, value)| (name(key), value.as_bytes().to_vec()))
            .collect();
        ErrorCode::BadParameters(vec![BadParameters {
            from: from.map(media),
            to: media(to),
            parameters,
        }])
    };
    let omitted = "application/octet-stream";
    for (text, code) in [
        ("(ERROR \"x\" TEMPFAIL)", ErrorCode::TempFail(None)),
        (
            "(error \"x\" tempfail 10)",
            ErrorCode::TempFail(NonZeroU32::new(10)),
        ),
        ("(ERROR \"x\" TEMPFAIL 0)", ErrorCode::TempFail(None)),
        (
            "(ERROR {1}\r\nx BADPARAMETERS \"a/b\" \"c/d\")",
            bad(Some("a/b"), "c/d", &[]),
        ),
        (
            "(ERROR \"x\" BADPARAMETERS NIL \"c/d\" (p \"\"))",
            bad(None, "c/d", &[("p", "")]),
        ),
        (
            "(ERROR \"x\" BADPARAMETERS \"a/b\" \"c/d\"(p v))",
            bad(Some("a/b"), "c/d", &[("p", "v")]),
        ),
        (
            "(ERROR \"x\" BADPARAMETERS (p v))",
            bad(None, omitted, &[("p", "v")]),
        ),
        (
            "(ERROR \"x\" MISSINGPARAMETERS \"a/b\" \"c/d\"(p))",
            ErrorCode::MissingParameters(vec![MissingParameters {
                from: media("a/b"),
                to: media("c/d"),
                parameters: vec![name("p")],
            }]),
        ),
        (
            "(ERROR \"x\" MISSINGPARAMETERS (p q))",
            ErrorCode::MissingParameters(vec![MissingParameters {
                from: media(omitted),
                to: media(omitted),
                parameters: vec![name("p"), name("q")],
            }]),
        ),
    ] {
        assert_eq!(phrase(text), Ok(ErrorPhrase::new("x", code)), "{text}");
    }
}

/// RFC 5259 §10: `"TEMPFAIL" [SP nz-number]`.
#[test]
fn minutes_are_told_where_there_are_any() {
    for (minutes, text) in [
        (None, "(ERROR \"x\" TEMPFAIL)"),
        (NonZeroU32::new(7), "(ERROR \"x\" TEMPFAIL 7)"),
    ] {
        let written = ErrorPhrase::new("x", ErrorCode::TempFail(minutes));
        let mut out = Encoder::new(Literals::Server);
        written.write(&mut out);
        assert_eq!(String::from_utf8_lossy(out.unended().octets()), text);
    }
}

#[test]
fn what_is_no_error_phrase_is_refused() {
    for text in [
        "(ERROR)",
        "(ERROR \"x\")",
        "(ERROR \"x\" BADPARAMETERS)",
        "(ERROR \"x\" MISSINGPARAMETERS \"a/b\" \"c/d\")",
        "(ERROR \"x\" OTHER)",
        "(ERROR \"x\" TEMPFAIL x)",
        "(ERROR \"x\" TEMPFAIL )",
        "(ERROR \"x\" TEMPFAIL -1)",
        "(ERROR TEMPFAIL)",
        "(\"ERROR\" \"x\" TEMPFAIL)",
    ] {
        assert!(phrase(text).is_err(), "{text}");
    }
}

/// `(` and a string is a body, `(` and the atom ERROR is none.
#[test]
fn a_body_of_type_error_is_no_error_phrase() {
    let raw = b"* 2 CONVERTED (TAG \"c1\") (BODYPARTSTRUCTURE[3] (\"ERROR\" \"x\" NIL NIL NIL \"7bit\" 1))\r\n";
    assert!(matches!(
        &converted(raw).attributes[0],
        ConvertedAttribute::BodyPartStructure { outcome: Ok(_), .. }
    ));
}

fn names() -> impl Strategy<Value = ParameterName> {
    "[a-zA-Z][a-zA-Z0-9.:%/-]{0,12}".prop_map(|text| name(&text))
}

fn types() -> impl Strategy<Value = MediaType> {
    "[a-zA-Z][a-zA-Z0-9.+-]{0,8}/[a-z0-9][a-zA-Z0-9.+-]{0,8}".prop_map(|text| media(&text))
}

fn phrases() -> impl Strategy<Value = ErrorPhrase> {
    let values = vec((names(), vec(any::<u8>(), 0..9)), 0..3);
    let bad =
        (proptest::option::of(types()), types(), values).prop_map(|(from, to, parameters)| {
            BadParameters {
                from,
                to,
                parameters,
            }
        });
    let missing = (types(), types(), vec(names(), 1..3)).prop_map(|(from, to, parameters)| {
        MissingParameters {
            from,
            to,
            parameters,
        }
    });
    let code = prop_oneof![
        (0..u32::MAX).prop_map(|minutes| ErrorCode::TempFail(NonZeroU32::new(minutes))),
        vec(bad, 1..3).prop_map(ErrorCode::BadParameters),
        vec(missing, 1..3).prop_map(ErrorCode::MissingParameters),
    ];
    (vec(any::<u8>(), 0..20), code).prop_map(|(text, code)| ErrorPhrase { text, code })
}

fn attributes() -> impl Strategy<Value = ConvertedAttribute> {
    let part = || {
        vec(1..u32::MAX, 0..3)
            .prop_map(|numbers| PartPath(numbers.into_iter().filter_map(NonZeroU32::new).collect()))
    };
    fn or_phrase<T: std::fmt::Debug>(
        good: impl Strategy<Value = T>,
    ) -> impl Strategy<Value = Outcome<T>> {
        prop_oneof![good.prop_map(Ok), phrases().prop_map(Err)]
    }
    let octets = || proptest::option::of(vec(any::<u8>(), 0..30));
    let body = vec(any::<u32>(), 1..2).prop_map(|size| {
        BodyStructure::parse(
            format!("(\"image\" \"x\" NIL NIL NIL \"binary\" {})", size[0]).as_bytes(),
        )
        .unwrap()
    });
    prop_oneof![
        (1..u32::MAX).prop_map(|uid| ConvertedAttribute::Uid(Uid::new(uid).unwrap())),
        (
            part(),
            proptest::option::of(0..1_u64 << 40),
            or_phrase(octets())
        )
            .prop_map(|(part, origin, outcome)| ConvertedAttribute::Binary {
                part,
                origin,
                outcome
            }),
        (part(), or_phrase(0..1_u64 << 60))
            .prop_map(|(part, outcome)| ConvertedAttribute::BinarySize { part, outcome }),
        (part(), or_phrase(body))
            .prop_map(|(part, outcome)| ConvertedAttribute::BodyPartStructure { part, outcome }),
        (part(), or_phrase(vec(types(), 0..4)))
            .prop_map(|(part, outcome)| ConvertedAttribute::AvailableConversions { part, outcome }),
    ]
}

proptest! {
    /// Whatever a result or an error says, the response survives the wire.
    #[test]
    fn results_survive_the_wire(message in 1..u32::MAX, attributes in vec(attributes(), 1..5)) {
        let message = SeqNum::new(message).unwrap();
        let response = Converted { message, tag: Tag::new("a.1").unwrap(), attributes };
        prop_assert_eq!(converted(&response.encode()), response);
    }
}
