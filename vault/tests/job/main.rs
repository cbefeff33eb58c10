//! The job's state machine, with real messages, real pictures, and everything that can be wrong with them. What is converted into
//! what is in `conversions`.
#![cfg(test)]

mod conversions;
#[path = "../scenario/mod.rs"]
mod scenario;

use envelope::sealer::SealAlgorithm;
use keyreveal::{
    Identity, Integrity, KeyId, Measure, Promises, ResultOpener, ResultPart, Retention, Reveal,
    SandboxLevel, Seal, SignedStatement, Statement, Suite, Verified, names,
};
use proptest::prelude::*;
use scenario::{CHANNEL, Question, certificate, entity, part, photograph, recipient, rng, smime};
use secret::Pages;
use vault::frames::{Failure, Job, Resource, SourceKind};
use vault::job::{Ready, Waiting};

/// A statement for `public_key`, as the warden makes it.
fn statement(public_key: Vec<u8>) -> Statement {
    Statement {
        key_id: KeyId::generate(&mut rng()),
        suite: Suite::X25519Aes256Gcm,
        public_key,
        expires: 1000,
        channel_binding: CHANNEL,
        promises: Promises {
            sandbox: SandboxLevel::Full,
            retention: Retention::None,
        },
        program: [8; 32],
    }
}

/// `statement`, signed and checked: what a handset may seal to.
fn verified(statement: &Statement) -> Verified {
    let identity = Identity::generate(&mut rng());
    let signed = keyreveal::sign(statement, &identity);
    SignedStatement::verify(&signed, &identity.public(), &CHANNEL, 999).unwrap()
}

/// A vault with its statement, and what a handset seals to.
fn vault() -> (Ready, Verified) {
    let waiting = Waiting::new(Pages::new(64).unwrap(), &mut rng());
    let statement = statement(waiting.public_key());
    let verified = verified(&statement);
    (waiting.assigned(statement.payload()), verified)
}

/// A job that is right in every way, to be spoiled by a test.
struct Attempt {
    vault: Ready,
    opener: ResultOpener,
    job: Job,
    part: Vec<u8>,
}

impl Attempt {
    fn new(part: Vec<u8>, asked: &Question, seal: Seal) -> Self {
        Self::of(part, asked, seal, |_| {})
    }

    /// The handset reveals something else than it should.
    fn of(part: Vec<u8>, asked: &Question, seal: Seal, spoil: impl FnOnce(&mut Reveal)) -> Self {
        let (vault, verified) = vault();
        let mut reveal = scenario::reveal(&part, asked, seal);
        spoil(&mut reveal);
        let (sealed, opener) = scenario::sealed(verified, reveal);
        Self {
            vault,
            opener,
            job: scenario::job(&sealed, asked),
            part,
        }
    }

    fn run(self) -> (Result<Vec<u8>, Failure>, ResultOpener) {
        let mut receiving = self.vault.job(&self.job);
        for run in self.part.chunks(1000) {
            receiving.take(run);
        }
        (receiving.end(&mut rng()), self.opener)
    }

    fn fails(self) -> Failure {
        self.run().0.expect_err("it should fail")
    }

    fn succeeds(self) -> ResultPart {
        let (sealed, opener) = self.run();
        opener.open(&sealed.expect("it should succeed")).unwrap()
    }
}

fn session(part: Vec<u8>) -> Attempt {
    Attempt::new(part, &Question::session(), Seal::Session)
}

fn photograph_part(algorithm: SealAlgorithm) -> Vec<u8> {
    part(&entity("image/jpeg", &photograph()), algorithm)
}

fn assert_is_the_thumbnail(result: &ResultPart) {
    let (width, height) = (160, 120);
    assert_eq!(result.measure, Measure::Picture { width, height });
    assert_eq!(result.media_type, "image/jpeg");
    assert_eq!(result.source_type, "image/jpeg");
    assert_eq!(result.source_octets, photograph().len() as u64);
    let decoded = image::load_from_memory(result.octets.expose()).unwrap();
    assert_eq!((decoded.width(), decoded.height()), (160, 120));
}

#[test]
fn a_photograph_comes_back_small_from_every_algorithm() {
    for (algorithm, integrity) in [
        (SealAlgorithm::Aes256Gcm, Integrity::Authenticated),
        (SealAlgorithm::Aes256GcmHkdf, Integrity::Authenticated),
        (SealAlgorithm::Aes256Cbc, Integrity::None),
    ] {
        let result = session(photograph_part(algorithm)).succeeds();
        assert_is_the_thumbnail(&result);
        assert_eq!(result.integrity, integrity, "{algorithm:?}");
    }
}

#[test]
fn an_smime_result_opens_with_the_recipients_own_key() {
    let asked = Question::new(names::CONTAINER_SMIME);
    let attempt = Attempt::new(photograph_part(SealAlgorithm::Aes256Gcm), &asked, smime());
    let sealed = attempt.run().0.unwrap();
    let encoding = envelope::TransferEncoding::Identity;
    let header = envelope::cms::read_header(&sealed, encoding).unwrap();
    let key = recipient().unwrap(&header, &mut rng()).unwrap();
    let mut opener = envelope::Opener::new(key, encoding, sealed.len());
    opener.take(&sealed).unwrap();
    let opened = opener.finish().unwrap();
    let result = ResultPart::from_entity(opened.plaintext().expose()).unwrap();
    assert_is_the_thumbnail(&result);
}

/// Whatever the server is asked that the reveal was not made for: one answer.
#[test]
fn another_question_than_the_revealed_one_is_refused() {
    let asked = Question::session();
    let mut others: Vec<Question> = Vec::new();
    let mut other = |change: &dyn Fn(&mut Question)| {
        let mut question = asked.clone();
        change(&mut question);
        others.push(question);
    };
    other(&|question| question.user.push('x'));
    other(&|question| question.mailbox = b"Archive".to_vec());
    other(&|question| question.uid_validity += 1);
    other(&|question| question.uid += 1);
    other(&|question| question.section = "3".to_owned());
    other(&|question| question.container = names::CONTAINER_SMIME.to_owned());
    other(&|question| *question = question.clone().with("pix-x", "161"));
    other(&|question| *question = question.clone().with("pix-y", "161"));
    other(&|question| *question = question.clone().with(names::PARAM_TYPE, "image/png"));
    other(&|question| *question = question.clone().with(names::PARAM_OCTETS, "4000"));
    other(&|question| *question = question.clone().with(names::PARAM_INNER, "1"));
    other(&|question| question.parameters.truncate(2));
    let part = photograph_part(SealAlgorithm::Aes256Gcm);
    for other in others {
        let mut attempt = session(part.clone());
        attempt.job.context = other.context().encode();
        assert_eq!(attempt.fails(), Failure::Refused, "{other:?}");
    }
}

/// Whatever the reveal says of the part that is not so: one answer.
#[test]
fn a_reveal_that_does_not_fit_the_part_is_refused() {
    let lies: [fn(&mut Reveal); 6] = [
        |reveal| reveal.total_octets += 1,
        |reveal| reveal.prefix_digest[0] ^= 1,
        |reveal| reveal.prefix_len -= 1,
        |reveal| reveal.nonce[0] ^= 1,
        |reveal| reveal.encoding = keyreveal::TransferEncoding::Base64,
        |reveal| {
            reveal.key = secret::SessionKey::fill(32, |key| {
                key.fill(1);
                Ok::<_, ()>(())
            })
            .unwrap();
        },
    ];
    for algorithm in [SealAlgorithm::Aes256Gcm, SealAlgorithm::Aes256Cbc] {
        for (index, lie) in lies.iter().enumerate() {
            let part = photograph_part(algorithm);
            let attempt = Attempt::of(part, &Question::session(), Seal::Session, lie);
            assert_eq!(
                attempt.fails(),
                Failure::Refused,
                "{algorithm:?}, lie {index}"
            );
        }
    }
}

#[test]
fn a_part_that_is_short_long_or_altered_is_refused() {
    let damages: [fn(&mut Vec<u8>); 5] = [
        Vec::clear,
        |part| part.truncate(part.len() - 1),
        |part| part.push(0),
        |part| part[1000] ^= 1,
        |part| {
            let last = part.len() - 1;
            part[last] ^= 1;
        },
    ];
    for (index, damage) in damages.iter().enumerate() {
        let mut attempt = session(photograph_part(SealAlgorithm::Aes256Gcm));
        damage(&mut attempt.part);
        assert_eq!(attempt.fails(), Failure::Refused, "damage {index}");
    }
}

#[test]
fn a_reveal_for_another_vault_is_refused() {
    let part = photograph_part(SealAlgorithm::Aes256Gcm);
    let mut attempt = session(part.clone());
    attempt.vault = session(part).vault;
    assert_eq!(attempt.fails(), Failure::Refused);
}

#[test]
fn octets_that_are_no_reveal_or_no_context_are_refused() {
    let part = photograph_part(SealAlgorithm::Aes256Gcm);
    let mut attempt = session(part.clone());
    attempt.job.sealed = b"not CBOR".to_vec();
    assert_eq!(attempt.fails(), Failure::Refused);
    let mut attempt = session(part.clone());
    attempt.job.context = b"not CBOR".to_vec();
    assert_eq!(attempt.fails(), Failure::Refused);
    let mut attempt = session(part);
    let middle = attempt.job.sealed.len() / 2;
    attempt.job.sealed[middle] ^= 1;
    assert_eq!(attempt.fails(), Failure::Refused);
}

#[test]
fn a_certificate_that_cannot_be_sealed_to_is_refused_before_anything_opens() {
    let mut der = certificate().der().to_vec();
    der.truncate(20);
    let seal = Seal::Smime {
        certificate: der,
        algorithm: keyreveal::SmimeAlgorithm::Aes256Gcm,
    };
    let asked = Question::new(names::CONTAINER_SMIME);
    let attempt = Attempt::new(photograph_part(SealAlgorithm::Aes256Gcm), &asked, seal);
    assert_eq!(attempt.fails(), Failure::Refused);
}

/// The one reason that comes before the reveal is looked at depends on nothing that is secret.
#[test]
fn a_part_over_the_limit_is_told_whether_or_not_the_reveal_opens() {
    for sealed_octets in [None, Some(b"nonsense".to_vec())] {
        let mut attempt = session(photograph_part(SealAlgorithm::Aes256Cbc));
        attempt.job.limits.input_octets = 10_000;
        if let Some(octets) = sealed_octets {
            attempt.job.sealed = octets;
        }
        assert_eq!(attempt.fails(), Failure::Exceeded(Resource::Input));
    }
}

/// By what it is called, or by what it is where it is called something else.
#[test]
fn a_picture_of_a_format_that_is_not_read_is_said_to_be_one() {
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";
    for named in ["image/heic", "image/avif", "image/jpeg"] {
        let part = part(&entity(named, heic), SealAlgorithm::Aes256Gcm);
        let unread = Failure::NotConvertible(SourceKind::UnreadImage);
        assert_eq!(session(part).fails(), unread, "{named}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A flipped bit anywhere in the reveal or in the context: refused, with the same answer.
    #[test]
    fn a_flipped_bit_is_refused(
        place in any::<prop::sample::Index>(),
        bit in 0_u32..8,
        in_context in any::<bool>(),
    ) {
        let mut attempt = session(part(&entity("image/jpeg", b"\xff\xd8\xff"), SealAlgorithm::Aes256Gcm));
        let octets = if in_context { &mut attempt.job.context } else { &mut attempt.job.sealed };
        let place = place.index(octets.len());
        octets[place] ^= 1 << bit;
        prop_assert_eq!(attempt.fails(), Failure::Refused);
    }

    /// A flipped bit anywhere in the ciphertext: refused, tag or no tag, except where CMS leaves the meaning as it is.
    #[test]
    fn an_altered_part_never_gives_a_result(place in any::<prop::sample::Index>(), bit in 0_u32..8) {
        let mut attempt = session(photograph_part(SealAlgorithm::Aes256Gcm));
        let place = place.index(attempt.part.len());
        attempt.part[place] ^= 1 << bit;
        prop_assert_eq!(attempt.fails(), Failure::Refused);
    }
}
