//! Fuzz target: reading an entity, finding in it and decoding it never panics, and stays within its limits.
use crate::harness::{few_mutations, mutated};
use envelope::entity::{Body, Entity, payload};
use secret::Plaintext;

const SEEDS: [&[u8]; 2] = [
    include_bytes!("../vectors/entity.eml"),
    include_bytes!("../vectors/signed.eml"),
];

#[test]
fn any_octets_are_an_entity_or_an_error() {
    bolero::check!().with_iterations(100_000).for_each(check);
}

#[test]
fn an_altered_entity_is_an_entity_or_an_error() {
    bolero::check!()
        .with_iterations(100_000)
        .with_generator((bolero::produce::<bool>(), few_mutations()))
        .for_each(|(which, mutations)| {
            check(&mutated(SEEDS[usize::from(*which)], mutations));
        });
}

fn check(octets: &[u8]) {
    const LIMIT: usize = 4096;
    let Ok(payload) = payload(Plaintext::adopt(octets.to_vec()), LIMIT) else {
        return;
    };
    let Ok(entity) = Entity::parse(payload.expose()) else {
        return;
    };
    walk(&entity);
    for section in [None, Some(&[1][..]), Some(&[2, 1]), Some(&[u32::MAX])] {
        let Some(found) = entity.find(section) else {
            continue;
        };
        let apart = found.decode(LIMIT);
        let copy = Plaintext::adopt(payload.expose().to_vec());
        let place = found.place(payload.expose());
        let within = place.and_then(|place| Body::decode(copy, place, LIMIT));
        match (apart, within) {
            (Ok(apart), Ok(within)) => {
                assert!(apart.expose() == within.expose());
                assert!(within.expose().len() <= LIMIT);
            }
            (Err(apart), Err(within)) => assert_eq!(apart, within),
            (apart, within) => panic!("{:?}, {:?}", apart.is_ok(), within.is_ok()),
        }
    }
}

fn walk(entity: &Entity<'_>) {
    assert!(entity.media_type().contains('/'));
    entity.children().iter().for_each(walk);
}
