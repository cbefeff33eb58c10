//! Fuzz targets, one a decoder. In plain `cargo test` each runs for a bounded number of inputs; `cargo bolero test NAME` goes on.
//! What is read at all is read as the one encoding of it.

use crate::support::second::{
    Hpke, derive_key_pair, info, seal_as_reveal, seal_result, shared_secret,
};
use crate::support::*;
use keyreveal::{
    Context, Fallback, Kind, OneTimeKey, ResultPart, SealedReveal, SignedStatement, Statement,
    Wanted, names,
};

const ITERATIONS: usize = 20_000;

#[test]
fn fuzz_statement() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_max_len(600)
        .for_each(|octets: &[u8]| {
            let identity = identity().public();
            assert!(SignedStatement::verify(octets, &identity, &CHANNEL, NOW).is_err());
            if let Ok(statement) = Statement::from_payload(octets) {
                assert_eq!(statement.payload(), octets);
            }
            if let Ok(read) = SignedStatement::from_base64(octets) {
                assert_eq!(SignedStatement::to_base64(&read).as_bytes(), octets);
            }
        });
}

/// A whole statement with a few octets overwritten: past the outer checks, into the inner ones.
#[test]
fn fuzz_statement_payload() {
    let payload = statement().payload();
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Vec<(u8, u8)>>()
        .for_each(|changes| {
            let changed = overwritten(&payload, changes);
            if let Ok(statement) = Statement::from_payload(&changed) {
                assert_eq!(statement.payload(), changed);
            }
        });
}

fn overwritten(octets: &[u8], changes: &[(u8, u8)]) -> Vec<u8> {
    let mut changed = octets.to_vec();
    for (at, octet) in changes {
        let at = usize::from(*at) % octets.len();
        changed[at] = *octet;
    }
    changed
}

#[test]
fn fuzz_context() {
    let context = context().encode();
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Vec<u8>, Vec<(u8, u8)>)>()
        .for_each(|(octets, changes)| {
            for octets in [octets.clone(), overwritten(&context, changes)] {
                if let Ok(context) = Context::decode(&octets) {
                    assert_eq!(context.encode(), octets);
                }
            }
        });
}

#[test]
fn fuzz_sealed_reveal() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_max_len(2000)
        .for_each(|octets: &[u8]| {
            if let Ok(sealed) = SealedReveal::decode(octets) {
                assert_eq!(sealed.encode(), octets);
            }
            if let Ok(sealed) = SealedReveal::from_base64(octets) {
                assert_eq!(sealed.to_base64().as_bytes(), octets);
            }
        });
}

/// Whoever holds a statement can seal any octets to it: the reveal's decoder reads strangers' octets too.
#[test]
fn fuzz_reveal() {
    let (statement, public) = (statement(), one_time_key().public_key());
    let (payload, recipient) = (statement.payload(), public.try_into().unwrap());
    bolero::check!()
        .with_iterations(ITERATIONS / 10)
        .with_type::<Vec<u8>>()
        .for_each(|start| {
            let mut plaintext = start.clone();
            plaintext.resize(start.len().max(1).next_multiple_of(512), 0);
            let (sealed, _) = seal_as_reveal(&statement.key_id.0, recipient, &payload, &plaintext);
            let sealed = SealedReveal::decode(&sealed).unwrap();
            let opened = OneTimeKey::open(one_time_key(), &sealed, &payload, &context(), pages());
            assert!(opened.is_err());
        });
}

/// A rogue vault can seal any octets as a result.
#[test]
fn fuzz_result() {
    let verified = verify(&statement()).unwrap();
    let (sealed, opener) = verified.seal(reveal(), &mut script("ephemeral")).unwrap();
    let enc: [u8; 32] = sealed.encode()[21..53].try_into().unwrap();
    let (private, public) = derive_key_pair(&seed("one-time key"));
    let shared = shared_secret(private, enc, enc, public);
    let hpke = Hpke::new(2, &shared, &info(&statement().payload()));
    let secret = hpke.export(b"keyhole result 1");
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Vec<u8>>()
        .for_each(|cbor| {
            let mut plaintext = u32::try_from(cbor.len()).unwrap().to_be_bytes().to_vec();
            plaintext.extend_from_slice(cbor);
            plaintext.resize(keyreveal::padded_len(plaintext.len()), 0);
            let result = seal_result(&secret, &enc, &[0; 32], &plaintext);
            assert!(opener.open(&result).is_err(), "a whole result by chance");
            assert!(opener.open(cbor).is_err());
        });
}

#[test]
fn fuzz_entity() {
    let whole = result_part().to_entity().unwrap().expose().to_vec();
    bolero::check!()
        .with_iterations(ITERATIONS / 4)
        .with_type::<(Vec<u8>, Vec<(u8, u8)>)>()
        .for_each(|(octets, changes)| {
            for octets in [octets.clone(), overwritten(&whole, changes)] {
                if let Ok(part) = ResultPart::from_entity(&octets) {
                    assert_eq!(part.to_entity().unwrap().expose(), octets);
                }
            }
        });
}

#[test]
fn fuzz_fallback() {
    let whole = Fallback::default().encode();
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<(Vec<u8>, Vec<(u8, u8)>)>()
        .for_each(|(octets, changes)| {
            for octets in [octets.clone(), overwritten(&whole, changes)] {
                if let Ok(fallback) = Fallback::decode(&octets) {
                    assert_eq!(fallback.encode(), octets);
                }
            }
        });
}

#[test]
fn fuzz_wanted() {
    bolero::check!()
        .with_iterations(ITERATIONS)
        .with_type::<Vec<(u8, String)>>()
        .for_each(|sent| {
            let kinds = [Kind::Picture, Kind::Text, Kind::Sound];
            let names: Vec<_> = kinds
                .into_iter()
                .flat_map(names::parameters_of)
                .copied()
                .chain(names::PARAMETERS)
                .collect();
            let parameters = sent.iter().map(|(name, value)| {
                let name = names.get(usize::from(*name) % 14).copied();
                (name.unwrap_or(value), value.as_str())
            });
            if let Ok(wanted) = Wanted::read(parameters) {
                assert_ne!(wanted.inner(), Some(&[][..]));
                let settled = wanted.settle("a/b", Kind::Text, &Fallback::default());
                assert_eq!(settled.media.kind(), settled.form.kind());
            }
        });
}
