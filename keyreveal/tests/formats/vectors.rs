//! The vectors of `docs/protocol.md`, as files: made again from their seeds and compared octet for octet, and computed once more by
//! the second implementation. On a difference the file as it would be now is left in the test's temporary folder.

use std::path::Path;

use crate::support;
use crate::support::second::{
    Hpke, cose_sign1, derive_key_pair, info, result_keys, seal_result, shared_secret, to_be_signed,
};
use crate::support::spoil::{Pairs, spoilings};
use crate::support::*;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
use keyreveal::{
    Asked, Charset, ContentAlgorithm, Context, Extent, Integrity, Measure, ResultPart, Reveal,
    Seal, SealedReveal, SignedStatement, SmimeAlgorithm, TransferEncoding, names, sign,
};
use secret::Plaintext;
use serde_json::{Value, json};

/// One exchange, as a file shows it.
struct Exchange {
    description: &'static str,
    asked: Asked<'static>,
    reveal: Reveal,
}

fn session() -> Exchange {
    Exchange {
        description: "An AES-256-GCM part, base64; a JPEG of at most 320 x 240; sealed to the session.",
        asked: asked(),
        reveal: reveal(),
    }
}

fn smime() -> Exchange {
    let asked = Asked {
        user: "Ann",
        mailbox: b"inBox",
        section: "1.2",
        container: "Application/PKCS7-MIME",
        parameters: &[
            ("U.URN:x-keyhole:inner", "2"),
            ("Pix-X", "640"),
            ("u.urn:x-keyhole:octets", "40960"),
            ("u.urn:x-keyhole:type", "image/webp"),
        ],
        ..asked()
    };
    let seal = Seal::Smime {
        certificate: include_bytes!("../vectors/ann.der").to_vec(),
        algorithm: SmimeAlgorithm::Aes256GcmHkdf,
    };
    let context = Context::new(asked).unwrap();
    let mut reveal = reveal_of(ContentAlgorithm::Aes128Cbc, seal, context);
    reveal.encoding = TransferEncoding::Identity;
    Exchange {
        description: "An AES-128-CBC part, binary; names in mixed case, an inner section; sealed to a certificate (ann.der).",
        asked,
        reveal,
    }
}

impl Exchange {
    fn file(self) -> Value {
        let context = self.reveal.context.clone();
        let mut file = json!({
            "description": self.description,
            "identity": identity_fields(),
            "one_time_key": one_time_key_fields(),
            "statement": statement_fields(),
            "context": context_fields(&self.asked, &context),
            "reveal": reveal_fields(&self.reveal),
            "hpke": hpke_fields(),
        });
        file["reveal"]["plaintext"] = hex(&reveal_plaintext(&file)).into();
        let (sealed, result) = exchanged(self.reveal, &context);
        file["sealed_reveal"] = json!({
            "encoded": hex(&sealed.encode()),
            "base64": sealed.to_base64(),
        });
        file["result"] = result;
        file
    }
}

/// Both ends of the exchange, and what the file says of its result.
fn exchanged(reveal: Reveal, context: &Context) -> (SealedReveal, Value) {
    let verified = verify(&statement()).unwrap();
    let (sealed, opener) = verified.seal(reveal, &mut script("ephemeral")).unwrap();
    let payload = statement().payload();
    let opened = one_time_key().open(&sealed, &payload, context, pages());
    let (revealed, sealer) = opened.unwrap();
    let result = match revealed.into_reveal().seal {
        Seal::Session => {
            let mut rng = script("response nonce");
            let result = sealer.seal(&result_part(), &mut rng).unwrap();
            assert!(opener.open(&result).is_ok());
            session_result_fields(&result)
        }
        Seal::Smime { .. } => smime_result_fields(),
    };
    (sealed, result)
}

fn identity_fields() -> Value {
    let key = identity().public();
    json!({
        "seed": hex(&seed("identity")),
        "public_key": hex(key.octets()),
        "base64": key.to_string(),
        "fingerprint": key.fingerprint(),
    })
}

fn one_time_key_fields() -> Value {
    let (private, _) = derive_key_pair(&seed("one-time key"));
    json!({
        "ikm": hex(&seed("one-time key")),
        "private_key": hex(&private),
        "public_key": hex(&one_time_key().public_key()),
    })
}

fn statement_fields() -> Value {
    let (stated, signed) = (statement(), sign(&statement(), &identity()));
    let signer = identity().public();
    json!({
        "key_id": stated.key_id.to_string(),
        "suite": stated.suite.name(),
        "expires": stated.expires,
        "channel_binding": hex(&stated.channel_binding.0),
        "sandbox": stated.promises.sandbox.number(),
        "retention": 0,
        "program": hex(&stated.program),
        "payload": hex(&stated.payload()),
        "to_be_signed": hex(&to_be_signed(signer.octets(), &stated.payload())),
        "signature": hex(signed.last_chunk::<64>().unwrap()),
        "cose_sign1": hex(&signed),
        "base64": SignedStatement::to_base64(&signed),
    })
}

fn context_fields(asked: &Asked<'_>, context: &Context) -> Value {
    json!({
        "asked": {
            "user": asked.user,
            "mailbox": String::from_utf8(asked.mailbox.to_vec()).unwrap(),
            "uidvalidity": asked.uid_validity,
            "uid": asked.uid,
            "section": asked.section,
            "container": asked.container,
            "parameters": asked.parameters,
        },
        "encoded": hex(&context.encode()),
    })
}

fn reveal_fields(reveal: &Reveal) -> Value {
    let certificate = match &reveal.seal {
        Seal::Session => None,
        Seal::Smime { certificate, .. } => Some(hex(certificate)),
    };
    json!({
        "content_key": hex(reveal.key.expose()),
        "algorithm": reveal.algorithm.cose(),
        "nonce": hex(&reveal.nonce),
        "transfer_encoding": match reveal.encoding {
            TransferEncoding::Identity => 0,
            TransferEncoding::Base64 => 1,
            TransferEncoding::QuotedPrintable => 2,
        },
        "prefix_octets": reveal.prefix_len,
        "prefix_sha256": hex(&reveal.prefix_digest),
        "total_octets": reveal.total_octets,
        "certificate": certificate,
    })
}

/// What both ends compute on the way, by the second implementation.
fn hpke_fields() -> Value {
    let (ephemeral, enc) = derive_key_pair(&seed("ephemeral"));
    let (_, public) = derive_key_pair(&seed("one-time key"));
    let shared = shared_secret(ephemeral, public, enc, public);
    let info = info(&statement().payload());
    let hpke = Hpke::new(2, &shared, &info);
    json!({
        "ephemeral_ikm": hex(&seed("ephemeral")),
        "ephemeral_private_key": hex(&ephemeral),
        "enc": hex(&enc),
        "info": hex(&info),
        "shared_secret": hex(&shared),
        "key": hex(&hpke.key),
        "base_nonce": hex(&hpke.base_nonce),
        "exporter_secret": hex(&hpke.exporter_secret),
        "result_secret": hex(&hpke.export(b"keyhole result 1")),
    })
}

fn result_part_fields(part: &ResultPart) -> Value {
    let mut fields = json!({ "media_type": part.media_type });
    let cut = |extent: &Extent| match extent {
        Extent::Whole => 0,
        Extent::Cut => 1,
    };
    match &part.measure {
        Measure::Picture { width, height } => {
            fields["width"] = (*width).into();
            fields["height"] = (*height).into();
        }
        Measure::Text { charset, extent } => {
            fields["charset"] = charset.as_str().into();
            fields["extent"] = cut(extent).into();
        }
        Measure::Sound {
            milliseconds,
            extent,
        } => {
            fields["milliseconds"] = (*milliseconds).into();
            fields["extent"] = cut(extent).into();
        }
    }
    fields["integrity"] = match part.integrity {
        Integrity::None => 0.into(),
        Integrity::Authenticated => 1.into(),
    };
    fields["source_type"] = part.source_type.clone().into();
    fields["source_octets"] = part.source_octets.into();
    fields["octets"] = hex(part.octets.expose()).into();
    fields
}

/// One result of each kind.
fn parts() -> [ResultPart; 3] {
    let part = |media_type: &str, measure, octets: &[u8]| ResultPart {
        media_type: media_type.into(),
        measure,
        octets: Plaintext::adopt(octets.to_vec()),
        ..result_part()
    };
    let text = Measure::Text {
        charset: Charset::new("utf-8").unwrap(),
        extent: Extent::Cut,
    };
    let sound = Measure::Sound {
        milliseconds: 20_060,
        extent: Extent::Whole,
    };
    [
        result_part(),
        part("text/plain", text, "Gr\u{fc}\u{df}e\r\n".as_bytes()),
        part("audio/ogg", sound, b"OggS not really a sound"),
    ]
}

/// Every kind of result in both seals, each under the same keys: the sealed octets, and the entity before it is sealed.
fn results() -> Value {
    let kinds = parts().map(|part| {
        let context = context();
        let verified = verify(&statement()).unwrap();
        let (sealed, _) = verified.seal(reveal(), &mut script("ephemeral")).unwrap();
        let payload = statement().payload();
        let opened = one_time_key().open(&sealed, &payload, &context, pages());
        let (_, sealer) = opened.unwrap();
        let result = sealer.seal(&part, &mut script("response nonce")).unwrap();
        let mut fields = result_part_fields(&part);
        fields["sealed"] = hex(&result).into();
        fields["entity"] = hex(part.to_entity().unwrap().expose()).into();
        fields
    });
    json!({
        "description": "Results of each kind (§10), sealed to the session with the keys of session.json, and as entities.",
        "results": kinds,
    })
}

#[test]
fn the_results_vector_is_made_again() {
    compare("results.json", &results());
}

/// The result-part of a file's result, written by another writer, and sealed by the second implementation.
#[test]
fn the_second_implementation_gives_the_same_results() {
    use crate::support::spoil::{bytes, map, text, uint};
    use coset::cbor::value::Value as Cbor;
    let (keys, file) = (read("session.json"), read("results.json"));
    for result in file["results"].as_array().unwrap() {
        let number = |field: &str| uint(result[field].as_u64().unwrap());
        let word = |field: &str| text(result[field].as_str().unwrap());
        let has = |field: &str| result.get(field).is_some();
        let (version, third, fourth) = if has("width") {
            (1, number("width"), number("height"))
        } else if has("charset") {
            (
                2,
                Cbor::Array(vec![uint(1), word("charset")]),
                number("extent"),
            )
        } else {
            (
                2,
                Cbor::Array(vec![uint(2), number("milliseconds")]),
                number("extent"),
            )
        };
        let values = [
            uint(version),
            word("media_type"),
            third,
            fourth,
            number("integrity"),
            word("source_type"),
            number("source_octets"),
            bytes(&octets(&result["octets"])),
        ];
        let cbor = map(&(1..).map(uint).zip(values).collect::<Pairs>());
        let mut plaintext = u32::try_from(cbor.len()).unwrap().to_be_bytes().to_vec();
        plaintext.extend(cbor);
        plaintext.resize(4096, 0);
        let sealed = seal_result(
            &octets(&keys["hpke"]["result_secret"]),
            &octets(&keys["hpke"]["enc"]),
            &octets(&keys["result"]["response_nonce"]),
            &plaintext,
        );
        assert_eq!(hex(&sealed), result["sealed"]);
        let part = ResultPart::from_entity(&octets(&result["entity"])).unwrap();
        let mut fields = result_part_fields(&part);
        fields["sealed"] = result["sealed"].clone();
        fields["entity"] = result["entity"].clone();
        assert_eq!(&fields, result);
    }
}

fn session_result_fields(sealed: &[u8]) -> Value {
    let (hpke, nonce) = (hpke_fields(), seed("response nonce"));
    let (secret, enc) = (octets(&hpke["result_secret"]), octets(&hpke["enc"]));
    let keys = result_keys(&secret, &enc, &nonce);
    let mut fields = result_part_fields(&result_part());
    fields["response_nonce"] = hex(&nonce).into();
    fields["key"] = hex(&keys.0).into();
    fields["nonce"] = hex(&keys.1).into();
    fields["sealed"] = hex(sealed).into();
    fields
}

/// The entity before it is sealed: CMS takes randomness that a vector cannot fix for every implementation.
fn smime_result_fields() -> Value {
    let mut part = result_part();
    part.integrity = Integrity::None;
    let entity = part.to_entity().unwrap();
    let mut fields = result_part_fields(&part);
    fields["entity"] = hex(entity.expose()).into();
    fields
}

fn octets(field: &Value) -> Vec<u8> {
    unhex(field.as_str().unwrap())
}

/// Compares a file with what it would be now.
fn compare(name: &str, now: &Value) {
    let now = serde_json::to_string_pretty(now).unwrap() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    if std::fs::read_to_string(&file).ok().as_ref() != Some(&now) {
        let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&made, now).unwrap();
        panic!("{name} differs; what was made now is in {}", made.display());
    }
}

fn read(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(name);
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn the_session_vector_is_made_again() {
    compare("session.json", &session().file());
}

#[test]
fn the_smime_vector_is_made_again() {
    compare("smime.json", &smime().file());
}

/// From the file alone, without the crate: signature, key schedule, ciphertext, result.
#[test]
fn the_second_implementation_gives_the_same_vectors() {
    for name in ["session.json", "smime.json"] {
        let file = read(name);
        signed_alike(&file["identity"], &file["statement"]);
        let plaintext = sealed_alike(&file);
        assert_eq!(hex(&plaintext), file["reveal"]["plaintext"]);
        if file["result"].get("sealed").is_some() {
            result_alike(&file);
        }
    }
}

fn signed_alike(identity: &Value, statement: &Value) {
    let public = octets(&identity["public_key"]);
    let payload = octets(&statement["payload"]);
    let signed = to_be_signed(&public, &payload);
    assert_eq!(signed, octets(&statement["to_be_signed"]));
    let pair = Ed25519KeyPair::from_seed_unchecked(&octets(&identity["seed"])).unwrap();
    let signature = pair.sign(&signed).as_ref().to_vec();
    assert_eq!(signature, octets(&statement["signature"]));
    UnparsedPublicKey::new(&ED25519, &public)
        .verify(&signed, &signature)
        .unwrap();
    let whole = cose_sign1(&public, &payload, &signature);
    assert_eq!(whole, octets(&statement["cose_sign1"]));
}

/// The vault's side: the private key opens what was sealed, and sealing that again gives the same. Returns the plaintext.
fn sealed_alike(file: &Value) -> Vec<u8> {
    let (hpke, one_time) = (&file["hpke"], &file["one_time_key"]);
    let (private, public) = derive_key_pair(&octets(&one_time["ikm"]));
    assert_eq!(hex(&private), one_time["private_key"]);
    assert_eq!(hex(&public), one_time["public_key"]);
    let enc: [u8; 32] = octets(&hpke["enc"]).try_into().unwrap();
    let shared = shared_secret(private, enc, enc, public);
    assert_eq!(hex(&shared), hpke["shared_secret"]);
    let context = Hpke::new(2, &shared, &octets(&hpke["info"]));
    assert_eq!(hex(&context.key), hpke["key"]);
    let (opened, reveal) = (reveal_plaintext(file), &file["sealed_reveal"]);
    let ct = context.seal(b"", &opened);
    let key_id = octets(&file["statement"]["key_id"]);
    let parts = [&key_id, &enc[..], &ct].map(support::second::bstr).concat();
    let sealed = [&[0x84, 0x01][..], &parts].concat();
    assert_eq!(hex(&sealed), reveal["encoded"]);
    opened
}

/// The reveal's plaintext, written by another writer from the file's fields.
fn reveal_plaintext(file: &Value) -> Vec<u8> {
    use crate::support::spoil::{bytes, map, uint};
    use coset::cbor::value::Value as Cbor;
    let reveal = &file["reveal"];
    let number = |field: &str| uint(reveal[field].as_u64().unwrap());
    let seal = match reveal["certificate"].as_str() {
        None => vec![uint(0)],
        Some(certificate) => vec![uint(1), bytes(&unhex(certificate)), uint(1)],
    };
    let pairs = |filler: usize| -> Pairs {
        let values = [
            uint(1),
            bytes(&octets(&reveal["content_key"])),
            Cbor::from(reveal["algorithm"].as_i64().unwrap()),
            bytes(&octets(&reveal["nonce"])),
            number("transfer_encoding"),
            number("prefix_octets"),
            bytes(&octets(&reveal["prefix_sha256"])),
            number("total_octets"),
            Cbor::Array(seal.clone()),
            bytes(&octets(&file["context"]["encoded"])),
            bytes(&vec![0; filler]),
        ];
        (1..).map(uint).zip(values).collect()
    };
    let padded = (0..).map(|filler| map(&pairs(filler)));
    padded.into_iter().find(|o| o.len() % 512 == 0).unwrap()
}

fn result_alike(file: &Value) {
    use crate::support::spoil::{bytes, map, text, uint};
    let result = &file["result"];
    let number = |field: &str| uint(result[field].as_u64().unwrap());
    let word = |field: &str| text(result[field].as_str().unwrap());
    let values = [
        uint(1),
        word("media_type"),
        number("width"),
        number("height"),
        number("integrity"),
        word("source_type"),
        number("source_octets"),
        bytes(&octets(&result["octets"])),
    ];
    let cbor = map(&(1..).map(uint).zip(values).collect());
    let mut plaintext = u32::try_from(cbor.len()).unwrap().to_be_bytes().to_vec();
    plaintext.extend(cbor);
    plaintext.resize(4096, 0);
    let sealed = seal_result(
        &octets(&file["hpke"]["result_secret"]),
        &octets(&file["hpke"]["enc"]),
        &octets(&result["response_nonce"]),
        &plaintext,
    );
    assert_eq!(hex(&sealed), result["sealed"]);
}

/// Encodings that a tolerant decoder takes and this protocol refuses.
fn refused() -> Value {
    let context: Pairs = pairs_of(&context().encode());
    let payload: Pairs = pairs_of(&statement().payload());
    let spoilt = |pairs: &Pairs| -> Vec<Value> {
        spoilings(pairs.len())
            .into_iter()
            .map(|(why, spoil)| json!({ "why": why, "octets": hex(&spoil(pairs)) }))
            .collect()
    };
    json!({
        "description": "Encodings that are to be refused; each is one that is right, spoilt as 'why' says (pairs and items count from 0).",
        "context": spoilt(&context),
        "statement_payload": spoilt(&payload),
    })
}

fn pairs_of(octets: &[u8]) -> Pairs {
    use coset::cbor::value::Value as Cbor;
    match coset::cbor::de::from_reader(octets).unwrap() {
        Cbor::Map(pairs) => pairs,
        other => panic!("{other:?} is no map"),
    }
}

#[test]
fn the_refused_vectors_are_made_again_and_refused() {
    compare("refused.json", &refused());
    let file = read("refused.json");
    for case in file["context"].as_array().unwrap() {
        assert!(Context::decode(&octets(&case["octets"])).is_err(), "{case}");
    }
    for case in file["statement_payload"].as_array().unwrap() {
        let read = keyreveal::Statement::from_payload(&octets(&case["octets"]));
        assert!(read.is_err(), "{case}");
    }
}

#[test]
fn the_entity_of_the_smime_vector_reads_as_the_file_says() {
    let result = &read("smime.json")["result"];
    let part = ResultPart::from_entity(&octets(&result["entity"])).unwrap();
    let mut expected = result.clone();
    expected.as_object_mut().unwrap().remove("entity");
    assert_eq!(result_part_fields(&part), expected);
}

/// What `docs/protocol.md` tells readers to look up here.
#[test]
fn the_vectors_use_the_names_of_the_protocol() {
    let file = read("smime.json");
    assert_eq!(
        file["context"]["asked"]["parameters"][0][0],
        "U.URN:x-keyhole:inner"
    );
    let encoded = octets(&file["context"]["encoded"]);
    let context = Context::decode(&encoded).unwrap();
    assert_eq!(context.inner(), Some("2"));
    assert_eq!(context.container(), names::CONTAINER_SMIME);
}
