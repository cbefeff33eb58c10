//! The frames on a vault's one socket: first the warden's end of it, then, handed over, the server's.

use std::time::Duration;

use keyreveal::{SandboxLevel, Suite};

use super::fields::{Fields, FrameWriter};
use super::{Frame, FrameError, MAX_RUN};

/// What a vault is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToVault {
    /// By the warden: the statement that now speaks for this vault's key. From here on its life is counted.
    Assign {
        /// `Statement::payload` octets: what `info` of the reveal binds.
        statement_payload: Vec<u8>,
        /// After this time the vault ends, whatever it is doing (milliseconds, monotonic).
        lifetime_ms: u32,
    },
    /// By the server: the one job. [`ToVault::Octets`] of the part follow, then [`ToVault::End`].
    Job(Job),
    /// The next run of the part, as fetched: at most [`MAX_RUN`] octets.
    Octets(Vec<u8>),
    /// The part is complete.
    End,
}

impl ToVault {
    /// The frame of these octets, from its kind on.
    ///
    /// # Errors
    /// As [`Frame::decode`].
    pub(crate) fn of(frame: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(frame);
        let kind = fields.octet()?;
        Self::decode(kind, fields.rest())
    }

    /// What [`Self::Octets`] of these octets would hold, where it lies; `None` for any other frame.
    ///
    /// # Errors
    /// [`FrameError::TooLong`]
    pub(crate) fn run_of(frame: &[u8]) -> Result<Option<&[u8]>, FrameError> {
        match frame.split_first() {
            Some((&to_vault::OCTETS, run)) if run.len() > MAX_RUN => Err(FrameError::TooLong),
            Some((&to_vault::OCTETS, run)) => Ok(Some(run)),
            Some(_) | None => Ok(None),
        }
    }
}

/// What a vault is to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// `SealedReveal::encode` octets.
    pub sealed: Vec<u8>,
    /// `Context::encode` octets of what the server was in fact asked; never taken from the reveal.
    pub context: Vec<u8>,
    /// `Fallback::encode` octets: what holds where the context's parameters are silent. Looked up by the server, and no part of
    /// what the reveal is compared with.
    pub fallback: Vec<u8>,
    /// What the job may use.
    pub limits: Limits,
}

/// What one job may use up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Octets of the part as fetched.
    pub input_octets: u64,
    /// Pixels of the picture, over all its frames.
    pub pixels: u64,
    /// Octets of the converted part.
    pub output_octets: u64,
    /// Octets of memory that decoding may take.
    pub memory: u64,
    /// Time from the job to the answer, in milliseconds of the monotonic clock.
    pub deadline_ms: u32,
}

impl Limits {
    /// The time for the job.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms.into())
    }
}

/// What a vault says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FromVault {
    /// To the warden: the sandbox stands, and this is the one-time key.
    Ready(Ready),
    /// To the server: the job succeeded; [`FromVault::Run`]s of so many octets in all follow, then [`FromVault::Done`].
    Result {
        /// Length of the sealed result.
        octets: u64,
    },
    /// The next run of the sealed result.
    Run(Vec<u8>),
    /// The sealed result is complete. The vault is gone.
    Done,
    /// There is no result. The vault is gone.
    Failed(Failure),
}

/// A vault that waits for its assignment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ready {
    /// The public half of its one-time key.
    pub public_key: Vec<u8>,
    /// The suite that the key is for.
    pub suite: Suite,
    /// How much of the sandbox stands.
    pub sandbox: SandboxLevel,
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
    /// The reveal did not open, or not the part, or the part has no integrity and no reason may be given. One answer for all.
    Refused,
    /// The opened part is of no kind that is converted, or not into what was asked for.
    NotConvertible(SourceKind),
    /// The opened part has no such inner section.
    NoSuchSection,
    /// A limit of the job was reached.
    Exceeded(Resource),
    /// What should be converted is broken.
    Damaged,
    /// It cannot be made as small as was asked.
    CannotFit,
    /// The charset is unknown, or lacks a character of the text for which nothing may stand.
    Charset,
    /// Nothing is wrong with the question: the vault could not answer (time, memory, a fault of its own). Never said of a part without integrity.
    Temporary,
}

/// What an opened part is, where it cannot be converted. A closed list, because a media type is free text of the sender's,
/// and plaintext: it must not reach the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SourceKind {
    /// `text/*`
    Text,
    /// `image/*` of another kind, or octets that are not the picture they are called.
    Image,
    /// A picture of a format that is known and not read here: AVIF, HEIC.
    UnreadImage,
    /// `audio/*`
    Audio,
    /// `video/*`
    Video,
    /// `application/*`
    Application,
    /// `message/*`
    Message,
    /// `multipart/*` with nothing in it that is converted so.
    Multipart,
    /// Anything else.
    Other,
}

/// What a job can run out of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resource {
    /// [`Limits::input_octets`]
    Input,
    /// [`Limits::pixels`]
    Pixels,
    /// [`Limits::output_octets`]
    Output,
    /// [`Limits::memory`]
    Memory,
    /// Samples of sound, over all channels.
    Samples,
    /// Elements of a document, or how deep they lie in one another.
    Elements,
}

impl Resource {
    /// The word for the client's error text.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input octets",
            Self::Pixels => "pixels",
            Self::Output => "output octets",
            Self::Memory => "memory",
            Self::Samples => "samples",
            Self::Elements => "elements",
        }
    }
}

/// Appends one [`ToVault::Octets`] frame to `out` without taking `run` over: the server's way of passing a part on.
///
/// # Errors
/// [`FrameError::TooLong`] when `run` is over [`MAX_RUN`].
pub fn encode_octets(run: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    encode_run(to_vault::OCTETS, run, out)
}

fn encode_run(kind: u8, run: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    if run.len() > MAX_RUN {
        return Err(FrameError::TooLong);
    }
    FrameWriter::new(kind, out).array(run).finish()
}

fn decode_run(body: &[u8]) -> Result<Vec<u8>, FrameError> {
    if body.len() > MAX_RUN {
        return Err(FrameError::TooLong);
    }
    Ok(body.to_vec())
}

/// Kinds towards the vault.
mod to_vault {
    pub(super) const ASSIGN: u8 = 1;
    pub(super) const JOB: u8 = 2;
    pub(super) const OCTETS: u8 = 3;
    pub(super) const END: u8 = 4;
}

/// Kinds from the vault.
mod from_vault {
    pub(super) const READY: u8 = 1;
    pub(super) const RESULT: u8 = 2;
    pub(super) const RUN: u8 = 3;
    pub(super) const DONE: u8 = 4;
    pub(super) const FAILED: u8 = 5;
}

impl Frame for ToVault {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        match self {
            Self::Assign {
                statement_payload,
                lifetime_ms,
            } => FrameWriter::new(to_vault::ASSIGN, out)
                .u32(*lifetime_ms)
                .octets(statement_payload)?
                .finish(),
            Self::Job(job) => job.encode(out),
            Self::Octets(run) => encode_octets(run, out),
            Self::End => FrameWriter::new(to_vault::END, out).finish(),
        }
    }

    fn decode(kind: u8, body: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(body);
        match kind {
            to_vault::ASSIGN => {
                let lifetime_ms = fields.u32()?;
                let statement_payload = fields.octets()?.to_vec();
                fields.end(Self::Assign {
                    statement_payload,
                    lifetime_ms,
                })
            }
            to_vault::JOB => Job::decode(fields).map(Self::Job),
            to_vault::OCTETS => decode_run(body).map(Self::Octets),
            to_vault::END => fields.end(Self::End),
            0 | 5.. => Err(FrameError::UnknownKind),
        }
    }
}

impl Job {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        FrameWriter::new(to_vault::JOB, out)
            .u64(self.limits.input_octets)
            .u64(self.limits.pixels)
            .u64(self.limits.output_octets)
            .u64(self.limits.memory)
            .u32(self.limits.deadline_ms)
            .octets(&self.sealed)?
            .octets(&self.context)?
            .octets(&self.fallback)?
            .finish()
    }

    fn decode(mut fields: Fields<'_>) -> Result<Self, FrameError> {
        let limits = Limits {
            input_octets: fields.u64()?,
            pixels: fields.u64()?,
            output_octets: fields.u64()?,
            memory: fields.u64()?,
            deadline_ms: fields.u32()?,
        };
        let sealed = fields.octets()?.to_vec();
        let context = fields.octets()?.to_vec();
        let fallback = fields.octets()?.to_vec();
        fields.end(Self {
            sealed,
            context,
            fallback,
            limits,
        })
    }
}

impl Frame for FromVault {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        match self {
            Self::Ready(ready) => FrameWriter::new(from_vault::READY, out)
                .suite(ready.suite)
                .level(ready.sandbox)
                .octets(&ready.public_key)?
                .finish(),
            Self::Result { octets } => FrameWriter::new(from_vault::RESULT, out)
                .u64(*octets)
                .finish(),
            Self::Run(run) => encode_run(from_vault::RUN, run, out),
            Self::Done => FrameWriter::new(from_vault::DONE, out).finish(),
            Self::Failed(failure) => FrameWriter::new(from_vault::FAILED, out)
                .array(&failure.code())
                .finish(),
        }
    }

    fn decode(kind: u8, body: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(body);
        match kind {
            from_vault::READY => {
                let suite = fields.suite()?;
                let sandbox = fields.level()?;
                let public_key = fields.octets()?.to_vec();
                fields.end(Self::Ready(Ready {
                    public_key,
                    suite,
                    sandbox,
                }))
            }
            from_vault::RESULT => {
                let octets = fields.u64()?;
                fields.end(Self::Result { octets })
            }
            from_vault::RUN => decode_run(body).map(Self::Run),
            from_vault::DONE => fields.end(Self::Done),
            from_vault::FAILED => {
                let failure = Failure::of_code(fields.array()?)?;
                fields.end(Self::Failed(failure))
            }
            0 | 6.. => Err(FrameError::UnknownKind),
        }
    }
}

impl Failure {
    /// What failed, and of which kind; two octets for every failure, so that all are equally long.
    fn code(self) -> [u8; 2] {
        match self {
            Self::Refused => [1, 0],
            Self::NotConvertible(kind) => [2, kind.code()],
            Self::NoSuchSection => [3, 0],
            Self::Exceeded(resource) => [4, resource.code()],
            Self::Damaged => [5, 0],
            Self::CannotFit => [6, 0],
            Self::Temporary => [7, 0],
            Self::Charset => [8, 0],
        }
    }

    fn of_code(code: [u8; 2]) -> Result<Self, FrameError> {
        match code {
            [1, 0] => Ok(Self::Refused),
            [2, kind] => SourceKind::of_code(kind).map(Self::NotConvertible),
            [3, 0] => Ok(Self::NoSuchSection),
            [4, resource] => Resource::of_code(resource).map(Self::Exceeded),
            [5, 0] => Ok(Self::Damaged),
            [6, 0] => Ok(Self::CannotFit),
            [7, 0] => Ok(Self::Temporary),
            [8, 0] => Ok(Self::Charset),
            [0 | (9..), _] | [1 | 3 | 5 | 6 | 7 | 8, (1..)] => Err(FrameError::Malformed),
        }
    }
}

impl SourceKind {
    fn code(self) -> u8 {
        match self {
            Self::Text => 1,
            Self::Image => 2,
            Self::Audio => 3,
            Self::Video => 4,
            Self::Application => 5,
            Self::Message => 6,
            Self::Multipart => 7,
            Self::Other => 8,
            Self::UnreadImage => 9,
        }
    }

    fn of_code(code: u8) -> Result<Self, FrameError> {
        match code {
            1 => Ok(Self::Text),
            2 => Ok(Self::Image),
            3 => Ok(Self::Audio),
            4 => Ok(Self::Video),
            5 => Ok(Self::Application),
            6 => Ok(Self::Message),
            7 => Ok(Self::Multipart),
            8 => Ok(Self::Other),
            9 => Ok(Self::UnreadImage),
            0 | 10.. => Err(FrameError::Malformed),
        }
    }
}

impl Resource {
    fn code(self) -> u8 {
        match self {
            Self::Input => 1,
            Self::Pixels => 2,
            Self::Output => 3,
            Self::Memory => 4,
            Self::Samples => 5,
            Self::Elements => 6,
        }
    }

    fn of_code(code: u8) -> Result<Self, FrameError> {
        match code {
            1 => Ok(Self::Input),
            2 => Ok(Self::Pixels),
            3 => Ok(Self::Output),
            4 => Ok(Self::Memory),
            5 => Ok(Self::Samples),
            6 => Ok(Self::Elements),
            0 | 7.. => Err(FrameError::Malformed),
        }
    }
}
