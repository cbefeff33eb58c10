//! One reveal from end to end, made as a handset and a sender would make it, for the tests of the state machine and of the
//! processes alike.

use std::num::NonZeroU32;

use envelope::recipient::{Certificate, Holder, PrivateKey};
use envelope::sealer::{self, SealAlgorithm};
use getrandom::SysRng;
use keyreveal::{
    Asked, ChannelBinding, Context, Fallback, ResultOpener, Reveal, Seal, SealedReveal,
    SmimeAlgorithm, TransferEncoding, Verified, names,
};
use rand_core::UnwrapErr;
use sha2::{Digest as _, Sha256};
use vault::frames::{Job, Limits};

/// The system's generator.
pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub(crate) const CHANNEL: ChannelBinding = ChannelBinding([7; 32]);

/// Whoever the mail is for.
pub(crate) fn recipient() -> Holder {
    let key = PrivateKey::from_pem(include_str!("../keys/recipient.key.pem"), None).unwrap();
    Holder::new(key, certificate()).unwrap()
}

pub(crate) fn certificate() -> Certificate {
    Certificate::from_pem(include_str!("../keys/recipient.cert.pem")).unwrap()
}

/// A photograph, more or less: 640 × 480, with detail everywhere.
pub(crate) fn photograph() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(640, 480, |x, y| {
        let wave = |step: u32| u8::try_from((x * step + y * y / step) % 251).unwrap();
        image::Rgb([wave(3), wave(5), wave(7)])
    });
    let mut file = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut file, image::ImageFormat::Jpeg)
        .unwrap();
    file.into_inner()
}

/// A MIME entity around `body`.
pub(crate) fn entity(media_type: &str, body: &[u8]) -> Vec<u8> {
    let mut entity =
        format!("Content-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n\r\n")
            .into_bytes();
    entity.extend_from_slice(body);
    entity
}

/// `entity`, encrypted to the recipient: the part as fetched.
pub(crate) fn part(entity: &[u8], algorithm: SealAlgorithm) -> Vec<u8> {
    sealer::seal(entity, &[certificate()], algorithm, &mut rng()).unwrap()
}

/// What the session is asked, in words that a test can change one by one.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) user: String,
    pub(crate) mailbox: Vec<u8>,
    pub(crate) uid_validity: u32,
    pub(crate) uid: u32,
    pub(crate) section: String,
    pub(crate) container: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Question {
    pub(crate) fn new(container: &str) -> Self {
        let parameters = [
            (names::PARAM_TYPE, "image/jpeg"),
            ("pix-x", "160"),
            ("pix-y", "160"),
        ];
        Self {
            user: "user@example.org".to_owned(),
            mailbox: b"INBOX".to_vec(),
            uid_validity: 1,
            uid: 3,
            section: "2".to_owned(),
            container: container.to_owned(),
            parameters: parameters
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        }
    }

    pub(crate) fn session() -> Self {
        Self::new(names::CONTAINER_SEALED)
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(other, _)| other != name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn context(&self) -> Context {
        let parameters: Vec<(&str, &str)> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        Context::new(Asked {
            user: &self.user,
            mailbox: &self.mailbox,
            uid_validity: NonZeroU32::new(self.uid_validity).unwrap(),
            uid: NonZeroU32::new(self.uid).unwrap(),
            section: &self.section,
            container: &self.container,
            parameters: &parameters,
        })
        .unwrap()
    }
}

/// How many octets of the part the handset reads.
pub(crate) fn prefix_len(part: &[u8]) -> usize {
    part.len().min(2048)
}

/// What the handset reveals of `part`, if it was asked `question`.
pub(crate) fn reveal(part: &[u8], question: &Question, seal: Seal) -> Reveal {
    let prefix = &part[..prefix_len(part)];
    let header = envelope::cms::read_header(prefix, envelope::TransferEncoding::Identity).unwrap();
    let key = recipient().unwrap(&header, &mut rng()).unwrap();
    let algorithm = match key.algorithm {
        envelope::ContentAlgorithm::Aes128Cbc => keyreveal::ContentAlgorithm::Aes128Cbc,
        envelope::ContentAlgorithm::Aes192Cbc => keyreveal::ContentAlgorithm::Aes192Cbc,
        envelope::ContentAlgorithm::Aes256Cbc => keyreveal::ContentAlgorithm::Aes256Cbc,
        envelope::ContentAlgorithm::Aes128Gcm => keyreveal::ContentAlgorithm::Aes128Gcm,
        envelope::ContentAlgorithm::Aes256Gcm => keyreveal::ContentAlgorithm::Aes256Gcm,
    };
    Reveal {
        key: key.key,
        algorithm,
        nonce: key.nonce,
        encoding: TransferEncoding::Identity,
        prefix_len: u64::try_from(prefix.len()).unwrap(),
        prefix_digest: Sha256::digest(prefix).into(),
        total_octets: u64::try_from(part.len()).unwrap(),
        seal,
        context: question.context(),
    }
}

pub(crate) fn smime() -> Seal {
    Seal::Smime {
        certificate: certificate().der().to_vec(),
        algorithm: SmimeAlgorithm::Aes256Gcm,
    }
}

/// `reveal`, sealed to a statement.
pub(crate) fn sealed(verified: Verified, reveal: Reveal) -> (SealedReveal, ResultOpener) {
    verified.seal(reveal, &mut rng()).unwrap()
}

/// The job that the server makes of a sealed reveal and of what it is asked.
pub(crate) fn job(sealed: &SealedReveal, asked: &Question) -> Job {
    Job {
        sealed: sealed.encode(),
        context: asked.context().encode(),
        fallback: Fallback::default().encode(),
        limits: limits(),
    }
}

pub(crate) fn limits() -> Limits {
    Limits {
        input_octets: 25 << 20,
        pixels: 50_000_000,
        output_octets: 10 << 20,
        memory: 512 << 20,
        deadline_ms: 20_000,
    }
}
