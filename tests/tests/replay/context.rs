//! Every field of the context, every pair of fields, on the handset's side and on the server's: refused.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use envelope::recipient::Certificate;
use handset::{FetchRequest, Format, Gathered, SmimeAlgorithm};
use keyreveal::{Asked, Context, Seal, names};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tests::harness::openssl::Recipient;
use tests::harness::phone::{Phone, request, rng};
use tests::harness::scene::Scene;
use wire::imap::convert::ParameterName;
use wire::imap::{Convert, ConvertItem, MediaType, PartPath, SequenceSet, Uid};

use super::{PHONES, assert_works, crowded_scene, scene, the_part};

/// Cases of the property, on each of them.
const CASES: u32 = 8;

/// One field, otherwise than it was.
#[derive(Clone, Debug)]
enum Alteration {
    User(String),
    Mailbox(String),
    UidValidity(NonZeroU32),
    Uid(NonZeroU32),
    Section(String),
    Container,
    /// Any other parameter, the inner section among them; `None` leaves it out.
    Parameter(&'static str, Option<String>),
}

/// A request of many words, so that each can be altered.
fn asked() -> FetchRequest {
    FetchRequest {
        width: std::num::NonZeroU16::new(60),
        height: std::num::NonZeroU16::new(60),
        octets: NonZeroU32::new(60_000),
        ..the_part()
    }
}

/// What a context is made of.
struct Words {
    user: String,
    mailbox: String,
    uid_validity: NonZeroU32,
    uid: NonZeroU32,
    section: String,
    container: &'static str,
    parameters: BTreeMap<&'static str, String>,
}

impl Words {
    fn of(phone: &Phone) -> Self {
        let request = asked();
        Self {
            user: phone.user().name.to_owned(),
            mailbox: "INBOX".to_owned(),
            uid_validity: NonZeroU32::new(phone.uid_validity()).unwrap(),
            uid: request.uid.0,
            section: request.section.to_string(),
            container: request.container(),
            parameters: request.parameters().into_iter().collect(),
        }
    }

    fn alter(&mut self, alteration: &Alteration) {
        match alteration.clone() {
            Alteration::User(user) => self.user = user,
            Alteration::Mailbox(mailbox) => self.mailbox = mailbox,
            Alteration::UidValidity(validity) => self.uid_validity = validity,
            Alteration::Uid(uid) => self.uid = uid,
            Alteration::Section(section) => self.section = section,
            Alteration::Container => self.container = names::CONTAINER_SMIME,
            Alteration::Parameter(name, None) => {
                self.parameters.remove(name);
            }
            Alteration::Parameter(name, Some(value)) => {
                self.parameters.insert(name, value);
            }
        }
    }

    fn context(&self) -> Context {
        let parameters: Vec<(&str, &str)> = self
            .parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let asked = Asked {
            user: &self.user,
            mailbox: self.mailbox.as_bytes(),
            uid_validity: self.uid_validity,
            uid: self.uid,
            section: &self.section,
            container: self.container,
            parameters: &parameters,
        };
        Context::new(asked).unwrap()
    }
}

/// The same command about another message and part.
pub(crate) fn asking(mut command: Convert, uid: u32, section: &str) -> Convert {
    command.set = SequenceSet::uid(Uid::new(uid).unwrap());
    let part = PartPath::new(section).unwrap();
    command.items = vec![
        ConvertItem::BinarySize(part.clone()),
        ConvertItem::Binary {
            part,
            partial: None,
        },
    ];
    command
}

/// The command altered, where a command can say that.
fn alter_command(command: Convert, alteration: &Alteration) -> Convert {
    let uid = command.set.single().unwrap().get();
    match alteration {
        Alteration::Uid(uid) => {
            let section = command.items.iter().find_map(section).unwrap().to_string();
            asking(command, uid.get(), &section)
        }
        Alteration::Section(section) => asking(command, uid, section),
        Alteration::Container => Convert {
            target: MediaType::new(names::CONTAINER_SMIME),
            ..command
        },
        Alteration::Parameter(name, value) => with_parameter(command, name, value.as_deref()),
        Alteration::User(_) | Alteration::Mailbox(_) | Alteration::UidValidity(_) => {
            unreachable!("no command says {alteration:?}")
        }
    }
}

fn section(item: &ConvertItem) -> Option<PartPath> {
    match item {
        ConvertItem::BinarySize(part) => Some(part.clone()),
        ConvertItem::Uid
        | ConvertItem::Binary { .. }
        | ConvertItem::BodyPartStructure(_)
        | ConvertItem::AvailableConversions(_)
        | ConvertItem::Header(_) => None,
    }
}

fn with_parameter(mut command: Convert, name: &str, value: Option<&str>) -> Convert {
    command
        .parameters
        .retain(|(known, _)| known.as_str() != name);
    if let Some(value) = value {
        let name = ParameterName::new(name).unwrap();
        command.parameters.push((name, value.as_bytes().to_vec()));
    }
    command
}

/// Two values of each field that a command can say, the second only where there are two.
fn sayable() -> Vec<Alteration> {
    let set = |name, value: &str| Alteration::Parameter(name, Some(value.to_owned()));
    vec![
        Alteration::Uid(NonZeroU32::new(2).unwrap()),
        Alteration::Section("3".to_owned()),
        Alteration::Container,
        set(names::PARAM_INNER, "1"),
        set(names::PARAM_PIX_X, "61"),
        set(names::PARAM_PIX_Y, "6"),
        set(names::PARAM_OCTETS, "60001"),
        set(names::PARAM_TYPE, "image/png"),
        Alteration::Parameter(names::PARAM_PIX_X, None),
        Alteration::Parameter(names::PARAM_PIX_Y, None),
        Alteration::Parameter(names::PARAM_OCTETS, None),
    ]
}

fn every_field() -> Vec<Alteration> {
    let mut all = sayable();
    all.extend([
        Alteration::User("bob".to_owned()),
        Alteration::User("Ann".to_owned()),
        Alteration::Mailbox("Archive".to_owned()),
        Alteration::UidValidity(NonZeroU32::new(1).unwrap()),
    ]);
    all
}

/// Each alone, and every two of them.
fn singles_and_pairs(of: &[Alteration]) -> Vec<Vec<Alteration>> {
    let pairs = of.iter().enumerate().flat_map(|(at, first)| {
        of[at + 1..]
            .iter()
            .map(move |second| vec![first.clone(), second.clone()])
    });
    of.iter()
        .map(|one| vec![one.clone()])
        .chain(pairs)
        .collect()
}

/// A reveal made for another context than is asked for afterwards. It uses the statement up.
fn refused_when_the_handset_says(
    phone: &mut Phone,
    recipient: &Recipient,
    gathered: &Gathered,
    alterations: &[Alteration],
) {
    let mut words = Words::of(phone);
    let right = words.context();
    alterations.iter().for_each(|one| words.alter(one));
    let mut draft = phone.draft(&asked(), gathered).unwrap();
    assert!(
        draft.reveal.context == right,
        "the test's context is the handset's"
    );
    draft.reveal.context = words.context();
    if words.container == names::CONTAINER_SMIME {
        let text = std::fs::read_to_string(&recipient.certificate).unwrap();
        draft.reveal.seal = Seal::Smime {
            certificate: Certificate::from_pem(&text).unwrap().der().to_vec(),
            algorithm: SmimeAlgorithm::Aes256Gcm,
        };
    }
    let prepared = draft.seal(&mut rng()).unwrap();
    let case = format!("sealed for {alterations:?}");
    phone.convert(&prepared.command).assert_refused(&case);
}

#[test]
fn a_reveal_made_for_other_fields_is_refused() {
    let scene = crowded_scene();
    let cases = singles_and_pairs(&every_field());
    scene.on_phones(PHONES, &cases, |phone, alterations| {
        let gathered = phone.gather(&asked()).unwrap();
        refused_when_the_handset_says(phone, &scene.recipient, &gathered, alterations);
    });
    scene.assert_refusals(cases.len());
}

#[test]
fn a_reveal_used_for_other_fields_is_refused() {
    let scene = crowded_scene();
    let cases = singles_and_pairs(&sayable());
    scene.on_phones(PHONES, &cases, |phone, alterations| {
        let prepared = phone.prepare(&asked()).unwrap();
        let command = alterations
            .iter()
            .fold(prepared.command.clone(), alter_command);
        let case = format!("asked for {alterations:?}");
        phone.convert(&command).assert_refused(&case);
    });
    scene.assert_refusals(cases.len());
}

/// What the contexts do not hold, and what is in them in normal form, may be said as one likes.
#[test]
fn another_order_and_case_of_names_is_the_same_request() {
    let scene = scene();
    let mut phone = scene.phone();
    let mut prepared = phone.prepare(&asked()).unwrap();
    prepared.command.parameters.reverse();
    for (name, _) in &mut prepared.command.parameters {
        *name = ParameterName::new(&name.as_str().to_ascii_uppercase()).unwrap();
    }
    phone
        .convert(&prepared.command)
        .assert_converted("in another order");
    let prepared = phone.prepare(&asked()).unwrap();
    assert_works(&mut phone, &prepared);
    scene.assert_refusals(0);
}

fn any_alteration() -> impl Strategy<Value = Alteration> {
    let number = || (1..=u32::MAX).prop_map(|n| NonZeroU32::new(n).unwrap());
    let section = || proptest::collection::vec(1..=9_u32, 1..4);
    let dotted = |numbers: Vec<u32>| {
        numbers
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(".")
    };
    let parameter = |name: &'static str, most: u32| {
        proptest::option::of(1..=most)
            .prop_map(move |value| Alteration::Parameter(name, value.map(|n| n.to_string())))
    };
    prop_oneof![
        "\\PC{0,40}".prop_map(Alteration::User),
        "\\PC{0,40}".prop_map(Alteration::Mailbox),
        number().prop_map(Alteration::UidValidity),
        number().prop_map(Alteration::Uid),
        section().prop_map(move |numbers| Alteration::Section(dotted(numbers))),
        section().prop_map(move |numbers| {
            Alteration::Parameter(names::PARAM_INNER, Some(dotted(numbers)))
        }),
        Just(Alteration::Container),
        parameter(names::PARAM_PIX_X, 65_535),
        parameter(names::PARAM_PIX_Y, 65_535),
        parameter(names::PARAM_OCTETS, u32::MAX),
        prop_oneof![Just(Format::Jpeg), Just(Format::Png), Just(Format::WebP)].prop_map(|format| {
            Alteration::Parameter(names::PARAM_TYPE, Some(format.name().to_owned()))
        }),
    ]
}

fn property(scene: &Scene, phone: &mut Phone) {
    let gathered = phone.gather(&asked()).unwrap();
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 32,
        ..Config::default()
    };
    let phone = std::cell::RefCell::new(phone);
    let alterations = proptest::collection::vec(any_alteration(), 1..4);
    let outcome = TestRunner::new(config).run(&alterations, |alterations| {
        let mut phone = phone.borrow_mut();
        let mut words = Words::of(&phone);
        let right = words.context();
        alterations.iter().for_each(|one| words.alter(one));
        prop_assume!(words.context() != right);
        let gathered = phone.with_new_statement(&gathered);
        refused_when_the_handset_says(&mut phone, &scene.recipient, &gathered, &alterations);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn no_values_of_the_fields_are_taken_for_others() {
    let scene = crowded_scene();
    let runs = [(); PHONES];
    scene.on_phones(PHONES, &runs, |phone, ()| property(&scene, phone));
    scene.assert_refusals(PHONES * CASES as usize);
    let mut phone = scene.phone();
    let prepared = phone.prepare(&request(1, "2")).unwrap();
    assert_works(&mut phone, &prepared);
}
