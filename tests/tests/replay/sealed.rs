//! The sealed reveal itself: altered, for another key, under another statement, or no such thing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use handset::{Gathered, Prepared};
use keyreveal::{ChannelBinding, SealedReveal, Statement, names};
use tests::harness::dovecot::ANN;
use tests::harness::phone::{Phone, rng};
use tests::harness::statement;
use wire::imap::Convert;

use super::{PHONES, assert_works, crowded_scene, scene, the_part};

/// `docs/protocol.md` §7.4: an array of four, the version, a byte string of 16 octets.
const KEY_ID: std::ops::Range<usize> = 3..19;
/// Behind it the head and the 32 octets of `enc`, and the head of `ct`.
const HEADS_END: usize = 19 + 2 + 32 + 3;
/// AES-GCM's tag.
const TAG: usize = 16;

fn reveal_of(command: &Convert) -> Vec<u8> {
    let value = command.parameter(names::PARAM_REVEAL).expect("a reveal");
    STANDARD.decode(value).expect("base64")
}

/// The command with another value for its reveal.
fn with_value(command: &Convert, value: &[u8]) -> Convert {
    let mut command = command.clone();
    for (name, known) in &mut command.parameters {
        if name.as_str() == names::PARAM_REVEAL {
            *known = value.to_vec();
        }
    }
    command
}

fn with_reveal(command: &Convert, reveal: &[u8]) -> Convert {
    with_value(command, STANDARD.encode(reveal).as_bytes())
}

fn prepare(phone: &mut Phone, gathered: &Gathered) -> Prepared {
    let gathered = phone.with_new_statement(gathered);
    let draft = phone.draft(&the_part(), &gathered).expect("a draft");
    draft.seal(&mut rng()).expect("a reveal")
}

/// Octets to flip a bit in: all of the heads, key id and encapsulated key, then a sample of the ciphertext, then the tag.
fn positions(length: usize) -> Vec<usize> {
    let body = HEADS_END..length - TAG;
    let sample = body.clone().step_by(body.len() / 24);
    (0..HEADS_END)
        .chain(sample)
        .chain(length - TAG..length)
        .collect()
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let scene = crowded_scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    let positions = positions(reveal_of(&prepared.command).len());
    assert!(positions.len() >= 64);
    scene.on_phones(PHONES, &positions, |phone, &position| {
        let prepared = phone.prepare(&the_part()).expect("a reveal");
        let mut reveal = reveal_of(&prepared.command);
        reveal[position] ^= 1 << (position % 8);
        let case = format!("octet {position} altered");
        phone
            .convert(&with_reveal(&prepared.command, &reveal))
            .assert_refused(&case);
        // The key that was named is used up; where none, or another, was named, it is not.
        let named = SealedReveal::decode(&reveal).map(|sealed| sealed.key_id());
        let own = SealedReveal::decode(&reveal_of(&prepared.command)).map(|sealed| sealed.key_id());
        if named == own {
            let heard = phone.convert(&prepared.command);
            heard.assert_refused(&format!("{case}, then the right one"));
        } else {
            assert_works(phone, &prepared);
        }
    });
}

#[test]
fn what_is_no_sealed_reveal_is_refused_as_one_that_does_not_open() {
    let scene = scene();
    let mut phone = scene.phone();
    let prepared = phone.prepare(&the_part()).expect("a reveal");
    let right = prepared
        .command
        .parameter(names::PARAM_REVEAL)
        .expect("a reveal")
        .to_vec();
    let octets = reveal_of(&prepared.command);
    let longer = [octets.as_slice(), b"\0"].concat();
    let text = |octets: &[u8]| STANDARD.encode(octets).into_bytes();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("no base64", b"!!!!".to_vec()),
        ("no text", vec![0xff, 0xfe, 0x80]),
        (
            "a line end in it",
            [&right[..76], b"\r\n", &right[76..]].concat(),
        ),
        ("a space before it", [b" ", right.as_slice()].concat()),
        ("cut short by a digit", right[..right.len() - 1].to_vec()),
        ("cut in half", right[..right.len() / 8 * 4].to_vec()),
        ("an octet too many", text(&longer)),
        ("an octet too few", text(&octets[..octets.len() - 1])),
        ("other CBOR", text(b"\x83\x01\x02\x03")),
        (
            "another version",
            text(&[b"\x84\x02", &octets[2..]].concat()),
        ),
        (
            "indefinite",
            text(&[b"\x9f", &octets[1..], b"\xff"].concat()),
        ),
        ("zeros", text(&vec![0; octets.len()])),
        ("very long", text(&vec![0x41; 40_000])),
    ];
    for (case, value) in &cases {
        let heard = phone.convert(&with_value(&prepared.command, value));
        heard.assert_refused(case);
    }
    // None of them named the key.
    assert_works(&mut phone, &prepared);
    scene.assert_refusals(cases.len());
}

/// The reveal of one draft, sealed under a statement of the test's making, in the command of another.
fn sealed_under(phone: &mut Phone, altered: impl Fn(&mut Statement)) -> (Prepared, Convert) {
    let gathered = phone.gather(&the_part()).expect("a statement");
    let binding: ChannelBinding = phone.binding();
    let mut stated = statement::read(&phone.last_statement(), &binding);
    altered(&mut stated);
    let draft = phone.draft(&the_part(), &gathered).expect("a draft");
    let prepared = draft.seal(&mut rng()).expect("a reveal");
    let again = phone.draft(&the_part(), &gathered).expect("a draft");
    let sealed = statement::believed(&stated).seal(again.reveal, &mut rng());
    let (sealed, _) = sealed.expect("a reveal");
    let command = with_reveal(&prepared.command, &sealed.encode());
    (prepared, command)
}

#[test]
fn a_reveal_sealed_to_another_key_is_refused() {
    let scene = scene();
    let mut phone = scene.phone();
    // The control: the same key under the same statement opens, so that what follows is refused for what it alters.
    let (_, command) = sealed_under(&mut phone, |_| {});
    phone.convert(&command).assert_converted("nothing altered");
    let own = statement::forged(phone.binding()).public_key;
    type Alter = Box<dyn Fn(&mut Statement)>;
    let cases: [(&str, Alter); 5] = [
        ("own key", Box::new(move |s| s.public_key.clone_from(&own))),
        ("later expiry", Box::new(|s| s.expires += 1)),
        ("other binding", Box::new(|s| s.channel_binding.0[31] ^= 1)),
        ("other program", Box::new(|s| s.program[0] ^= 1)),
        (
            "other promises",
            Box::new(|s| s.promises.sandbox = other_level(s)),
        ),
    ];
    let refusals = 2 * cases.len();
    for (case, alter) in cases {
        let (prepared, command) = sealed_under(&mut phone, alter);
        phone.convert(&command).assert_refused(case);
        phone
            .convert(&prepared.command)
            .assert_refused(&format!("{case}, then the right one"));
    }
    scene.assert_refusals(refusals);
}

fn other_level(statement: &Statement) -> keyreveal::SandboxLevel {
    match statement.promises.sandbox {
        keyreveal::SandboxLevel::Full => keyreveal::SandboxLevel::None,
        keyreveal::SandboxLevel::None | keyreveal::SandboxLevel::BestEffort => {
            keyreveal::SandboxLevel::Full
        }
    }
}

#[test]
fn reveals_do_not_fit_each_others_keys() {
    let scene = scene();
    let mut phone = scene.phone();
    let gathered = phone.gather(&the_part()).expect("a statement");
    for _ in 0..3 {
        let (first, second) = (
            prepare(&mut phone, &gathered),
            prepare(&mut phone, &gathered),
        );
        let (mut one, mut two) = (reveal_of(&first.command), reveal_of(&second.command));
        one[KEY_ID].swap_with_slice(&mut two[KEY_ID]);
        let swapped = [(&first, one), (&second, two)];
        for (prepared, reveal) in swapped {
            phone
                .convert(&with_reveal(&prepared.command, &reveal))
                .assert_refused("swapped");
        }
    }
    // And with the key of a vault that belongs to somebody else's connection.
    let mut other = Phone::connect(&scene.keyhole.place(), ANN, &scene.recipient);
    let theirs = other.prepare(&the_part()).expect("a reveal");
    let ours = prepare(&mut phone, &gathered);
    let mut reveal = reveal_of(&ours.command);
    reveal[KEY_ID].copy_from_slice(&reveal_of(&theirs.command)[KEY_ID]);
    phone
        .convert(&with_reveal(&ours.command, &reveal))
        .assert_refused("another connection's key id");
    assert_works(&mut other, &theirs);
    assert_works(&mut phone, &ours);
    scene.assert_refusals(7);
}
