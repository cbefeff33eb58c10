//! Fuzz target: an altered part never opens to something else, cut anywhere.
use crate::harness::{few_mutations, header, mutated, open, rng};
use envelope::TransferEncoding;
use envelope::recipient::Holder;

const GCM: &[u8] = include_bytes!("../vectors/gcm-stream.der");
const CBC: &[u8] = include_bytes!("../vectors/cbc-stream.der");
const ENTITY: &[u8] = include_bytes!("../vectors/entity.eml");

fn opened(holder: &Holder, seed: &[u8], part: &[u8], run: usize) -> Option<Vec<u8>> {
    let key = holder
        .unwrap(&header(seed, TransferEncoding::Identity), &mut rng())
        .unwrap();
    let proven = open(key, part, TransferEncoding::Identity, run).ok()?;
    Some(proven.plaintext().expose().to_vec())
}

#[test]
fn altered_parts_never_open_to_something_else() {
    let alice = crate::harness::alice();
    bolero::check!()
        .with_iterations(2000)
        .with_generator((few_mutations(), bolero::produce::<u8>()))
        .for_each(|(mutations, run)| {
            let part = mutated(GCM, mutations);
            let run = usize::from(*run) + 1;
            let found = opened(&alice, GCM, &part, run);
            assert!(found.as_deref().is_none_or(|found| found == ENTITY));
            assert_eq!(found, opened(&alice, GCM, &part, part.len().max(1)));
            // Without integrity only panics and differences by cut are looked for.
            let part = mutated(CBC, mutations);
            assert_eq!(
                opened(&alice, CBC, &part, run),
                opened(&alice, CBC, &part, part.len().max(1))
            );
        });
}
