//! One job as a state machine without I/O: each step uses the state before it up, so that nothing happens twice.
//!
//! [`Waiting`] → assigned → [`Ready`] → job → [`Receiving`] → octets … → end → the sealed result or a [`Failure`].
//!
//! A reveal that does not open takes the part in to its end all the same, and says [`Failure::Refused`] then: code, length and
//! (with the bucket of `child`, counted from that end) time are the same for every reason.

mod conversion;
mod converters;
mod digest;

use envelope::recipient::Certificate;
use envelope::sealer::{self, SealAlgorithm};
use envelope::{ContentKey, Integrity, Opener};
use keyreveal::{
    Context, Fallback, OneTimeKey, ResultPart, ResultSealer, Reveal, Seal, SealedReveal,
    SmimeAlgorithm, Suite, Wanted,
};
use rand_core::CryptoRng;
use secret::Pages;
use sha2::{Digest as _, Sha256};

use crate::frames::{self, Failure, Limits, Resource};

pub use converters::{offered, read};

/// The one suite that vaults make keys of.
pub const SUITE: Suite = Suite::X25519Aes256Gcm;

/// A vault with its one-time key, and room for the one session key.
pub struct Waiting {
    key: OneTimeKey,
    room: Pages,
}

impl Waiting {
    /// Makes the one-time key. `room` is where the session key will be.
    pub fn new(room: Pages, rng: &mut impl CryptoRng) -> Self {
        let key = OneTimeKey::generate(SUITE, rng);
        Self { key, room }
    }

    /// The public half of the key.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.key.public_key()
    }

    /// Takes the statement that was made of the key.
    #[must_use]
    pub fn assigned(self, statement_payload: Vec<u8>) -> Ready {
        Ready {
            waiting: self,
            statement_payload,
        }
    }
}

/// A vault whose statement is out.
pub struct Ready {
    waiting: Waiting,
    statement_payload: Vec<u8>,
}

impl Ready {
    /// Opens the reveal, with success or without: either way the part is to be taken in next.
    #[must_use]
    pub fn job(self, job: &frames::Job) -> Receiving {
        let Self {
            waiting: Waiting { key, room },
            statement_payload,
        } = self;
        let opened = Opened::new(key, room, &statement_payload, job);
        Receiving {
            progress: opened.map_or(Progress::Refused, |opened| {
                Progress::Opening(Box::new(opened))
            }),
            seen: 0,
            limits: job.limits,
        }
    }
}

/// A vault that takes a part in.
pub struct Receiving {
    progress: Progress,
    seen: u64,
    limits: Limits,
}

/// How far the part has come.
enum Progress {
    Opening(Box<Opened>),
    /// It has failed, and no more is kept.
    Refused,
}

impl Receiving {
    /// Takes the next octets of the part.
    pub fn take(&mut self, run: &[u8]) {
        let octets = u64::try_from(run.len()).unwrap_or(u64::MAX);
        self.seen = self.seen.saturating_add(octets);
        let taken = match &mut self.progress {
            Progress::Opening(opened) if self.seen <= self.limits.input_octets => opened.take(run),
            Progress::Opening(_) | Progress::Refused => Err(Failure::Refused),
        };
        if taken.is_err() {
            self.progress = Progress::Refused;
        }
    }

    /// The part is complete.
    ///
    /// # Errors
    /// The [`Failure`] to be told.
    pub fn end(self, rng: &mut impl CryptoRng) -> Result<Vec<u8>, Failure> {
        // Told before all else and whatever the reveal was: it depends on nothing but what the server knows already.
        if self.seen > self.limits.input_octets {
            return Err(Failure::Exceeded(Resource::Input));
        }
        match self.progress {
            Progress::Opening(opened) => opened.end(self.seen, self.limits, rng),
            Progress::Refused => Err(Failure::Refused),
        }
    }
}

/// A reveal that opened, and the part that it opens.
struct Opened {
    opener: Opener,
    prefix: Prefix,
    total_octets: u64,
    wanted: Wanted,
    fallback: Fallback,
    seal: Sealer,
}

impl Opened {
    fn new(
        key: OneTimeKey,
        room: Pages,
        statement_payload: &[u8],
        job: &frames::Job,
    ) -> Result<Self, Failure> {
        let refused = Failure::Refused;
        let sealed = SealedReveal::decode(&job.sealed).map_err(|_| refused)?;
        let asked = Context::decode(&job.context).map_err(|_| refused)?;
        let wanted = Wanted::of(&asked).map_err(|_| refused)?;
        let fallback = Fallback::decode(&job.fallback).map_err(|_| refused)?;
        let (revealed, sealer) = key
            .open(&sealed, statement_payload, &asked, room)
            .map_err(|_| refused)?;
        let reveal = revealed.into_reveal();
        let limit = usize::try_from(job.limits.input_octets).unwrap_or(usize::MAX);
        Ok(Self {
            seal: Sealer::new(&reveal.seal, sealer)?,
            prefix: Prefix::new(&reveal),
            total_octets: reveal.total_octets,
            opener: opener(reveal, limit),
            wanted,
            fallback,
        })
    }

    fn take(&mut self, run: &[u8]) -> Result<(), Failure> {
        self.prefix.take(run);
        self.opener.take(run).map_err(|_| Failure::Refused)
    }

    fn end(self, seen: u64, limits: Limits, rng: &mut impl CryptoRng) -> Result<Vec<u8>, Failure> {
        let Self {
            opener,
            prefix,
            total_octets,
            wanted,
            fallback,
            seal,
        } = self;
        // AES-GCM is not key-committing: that these are the octets which the handset saw is checked by itself.
        if seen != total_octets || !prefix.right() {
            return Err(Failure::Refused);
        }
        let proven = opener.finish().map_err(|_| Failure::Refused)?;
        let integrity = proven.integrity();
        let answer = conversion::convert(proven, &wanted, &fallback, limits)
            .and_then(|part| seal.seal(&part, rng));
        answer.map_err(|failure| told(integrity, failure))
    }
}

/// What may be said of a part that opened. Where no tag proved it, somebody may have altered it to learn from the answer.
fn told(integrity: Integrity, failure: Failure) -> Failure {
    match integrity {
        Integrity::Authenticated => failure,
        Integrity::None => Failure::Refused,
    }
}

/// The opener of the revealed part. Its limit costs nothing until octets arrive.
fn opener(reveal: Reveal, limit: usize) -> Opener {
    let encoding = match reveal.encoding {
        keyreveal::TransferEncoding::Identity => envelope::TransferEncoding::Identity,
        keyreveal::TransferEncoding::Base64 => envelope::TransferEncoding::Base64,
        keyreveal::TransferEncoding::QuotedPrintable => envelope::TransferEncoding::QuotedPrintable,
    };
    let algorithm = match reveal.algorithm {
        keyreveal::ContentAlgorithm::Aes128Gcm => envelope::ContentAlgorithm::Aes128Gcm,
        keyreveal::ContentAlgorithm::Aes256Gcm => envelope::ContentAlgorithm::Aes256Gcm,
        keyreveal::ContentAlgorithm::Aes128Cbc => envelope::ContentAlgorithm::Aes128Cbc,
        keyreveal::ContentAlgorithm::Aes192Cbc => envelope::ContentAlgorithm::Aes192Cbc,
        keyreveal::ContentAlgorithm::Aes256Cbc => envelope::ContentAlgorithm::Aes256Cbc,
    };
    let key = ContentKey {
        key: reveal.key,
        algorithm,
        nonce: reveal.nonce,
    };
    let expected = usize::try_from(reveal.total_octets).unwrap_or(usize::MAX);
    Opener::new(key, encoding, limit).expecting(expected)
}

/// The part's first octets, which the handset read to find the key.
struct Prefix {
    hashed: Sha256,
    left: u64,
    digest: [u8; 32],
}

impl Prefix {
    fn new(reveal: &Reveal) -> Self {
        Self {
            hashed: Sha256::new(),
            left: reveal.prefix_len,
            digest: reveal.prefix_digest,
        }
    }

    fn take(&mut self, run: &[u8]) {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
        let run = run.get(..wanted).unwrap_or(run);
        self.hashed.update(run);
        let taken = u64::try_from(run.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(taken);
    }

    fn right(self) -> bool {
        self.left == 0 && secret::compare::equal(&self.hashed.finalize(), &self.digest)
    }
}

/// How the result is sealed, as the reveal says.
enum Sealer {
    Session(ResultSealer),
    Smime {
        certificate: Box<Certificate>,
        algorithm: SealAlgorithm,
    },
}

impl Sealer {
    /// A certificate that cannot be sealed to is found before anything is opened.
    fn new(seal: &Seal, session: ResultSealer) -> Result<Self, Failure> {
        match seal {
            Seal::Session => Ok(Self::Session(session)),
            Seal::Smime {
                certificate,
                algorithm,
            } => {
                let certificate =
                    Certificate::from_der(certificate).map_err(|_| Failure::Refused)?;
                certificate.key_kind().map_err(|_| Failure::Refused)?;
                let algorithm = match algorithm {
                    SmimeAlgorithm::Aes256Gcm => SealAlgorithm::Aes256Gcm,
                    SmimeAlgorithm::Aes256GcmHkdf => SealAlgorithm::Aes256GcmHkdf,
                    SmimeAlgorithm::Aes256Cbc => SealAlgorithm::Aes256Cbc,
                };
                Ok(Self::Smime {
                    certificate: Box::new(certificate),
                    algorithm,
                })
            }
        }
    }

    fn seal(self, part: &ResultPart, rng: &mut impl CryptoRng) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Session(sealer) => sealer.seal(part, rng).map_err(|_| Failure::Temporary),
            Self::Smime {
                certificate,
                algorithm,
            } => {
                let entity = part.to_entity().map_err(|_| Failure::Temporary)?;
                sealer::seal(entity.expose(), &[*certificate], algorithm, rng)
                    .map_err(|_| Failure::Temporary)
            }
        }
    }
}
