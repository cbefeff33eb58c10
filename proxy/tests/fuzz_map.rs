//! Whatever a users' map holds: it is read or refused, with a line that exists, and never guessed at.

use std::collections::BTreeSet;

use bolero::check;
use proxy::{
    backend::map::{MapRefused, MapTable},
    config::BackendName,
};

fn known() -> BTreeSet<BackendName> {
    ["one", "two"]
        .into_iter()
        .filter_map(|name| BackendName::try_from(name.to_owned()).ok())
        .collect()
}

/// Words that lead into the parser sooner than chance would.
const WORDS: [&str; 12] = [
    "joe",
    "joe@a.example",
    "@a.example",
    "@*.example",
    "*",
    "one",
    "two",
    "three",
    "#",
    " ",
    "\n",
    "\r\n",
];

fn hold(octets: &[u8]) {
    let lines = octets.split(|octet| *octet == b'\n').count();
    match MapTable::parse(octets, &known()) {
        Ok(table) => assert!(table.len() <= lines),
        Err(refused) => {
            assert!(refused != MapRefused::TooLarge);
            let line = refused.line().expect("a line is wrong");
            assert!((1..=lines).contains(&line));
        }
    }
}

#[test]
fn a_map_is_read_or_refused() {
    check!()
        .with_type::<(Vec<u8>, Vec<u8>)>()
        .for_each(|(octets, picks)| {
            hold(octets);
            let words = picks
                .iter()
                .filter_map(|pick| WORDS.get(usize::from(*pick) % WORDS.len()));
            let text: String = words.flat_map(|word| [*word, " "]).collect();
            hold(text.as_bytes());
        });
}
