//! The frames on the warden's control socket.
//!
//! Each [`ToWarden::NewVaults`] gets exactly as many answers as it asks for vaults, each [`FromWarden::Vault`] or [`FromWarden::None`],
//! in the order of asking. A [`FromWarden::Vault`] frame travels with one descriptor (`SCM_RIGHTS`, on the frame's first octet); frames
//! and descriptors keep their order, so the next descriptor belongs to the next `Vault`. No other frame has one.

use keyreveal::{ChannelBinding, KeyId, SandboxLevel, Suite};

use super::fields::{Fields, FrameWriter};
use super::{Frame, FrameError};

/// What the server asks of the warden.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ToWarden {
    /// Vaults for one connection.
    NewVaults(NewVaults),
}

/// A question for vaults.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewVaults {
    /// How many.
    pub count: u8,
    /// The client's TLS connection (RFC 9266), which the statements are bound to.
    pub channel_binding: ChannelBinding,
    /// The suite that their keys must be for.
    pub suite: Suite,
}

/// What the warden says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FromWarden {
    /// First of all, and once: the warden is up and confined.
    Hello(Hello),
    /// One vault; its socket comes with this frame.
    Vault(Assigned),
    /// One vault less than was asked for.
    None(NoVault),
    /// How a vault that was assigned ended. Said once for each.
    Ended {
        /// Which vault.
        key_id: KeyId,
        /// How its process ended.
        exit: Exit,
    },
}

/// Who the warden is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hello {
    /// The Ed25519 public key that statements are signed with.
    pub identity: [u8; 32],
    /// SHA-256 of the program.
    pub program: [u8; 32],
    /// How well the warden itself is confined.
    pub sandbox: SandboxLevel,
}

/// A vault with its signed statement.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Assigned {
    /// The COSE_Sign1 statement, to be given to the client as it is.
    pub statement: Vec<u8>,
    /// The key id in it.
    pub key_id: KeyId,
    /// The expiry in it, in Unix seconds.
    pub expires: u64,
}

/// Why there is no vault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NoVault {
    /// As many live as may; some must end first.
    Limit,
    /// Vaults do not start.
    Unavailable,
    /// No vault makes keys of this suite.
    Suite,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// By itself.
    Status(u8),
    /// By a signal.
    Signal(u8),
}

const NEW_VAULTS: u8 = 1;

const HELLO: u8 = 1;
const VAULT: u8 = 2;
const NONE: u8 = 3;
const ENDED: u8 = 4;

impl Frame for ToWarden {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        match self {
            Self::NewVaults(asked) => FrameWriter::new(NEW_VAULTS, out)
                .octet(asked.count)
                .suite(asked.suite)
                .array(&asked.channel_binding.0)
                .finish(),
        }
    }

    fn decode(kind: u8, body: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(body);
        match kind {
            NEW_VAULTS => {
                let asked = NewVaults {
                    count: fields.octet()?,
                    suite: fields.suite()?,
                    channel_binding: ChannelBinding(fields.array()?),
                };
                fields.end(Self::NewVaults(asked))
            }
            0 | 2.. => Err(FrameError::UnknownKind),
        }
    }
}

impl Frame for FromWarden {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), FrameError> {
        match self {
            Self::Hello(hello) => FrameWriter::new(HELLO, out)
                .array(&hello.identity)
                .array(&hello.program)
                .level(hello.sandbox)
                .finish(),
            Self::Vault(vault) => FrameWriter::new(VAULT, out)
                .array(&vault.key_id.0)
                .u64(vault.expires)
                .octets(&vault.statement)?
                .finish(),
            Self::None(reason) => FrameWriter::new(NONE, out).octet(reason.code()).finish(),
            Self::Ended { key_id, exit } => FrameWriter::new(ENDED, out)
                .array(&key_id.0)
                .array(&exit.code())
                .finish(),
        }
    }

    fn decode(kind: u8, body: &[u8]) -> Result<Self, FrameError> {
        let mut fields = Fields::new(body);
        match kind {
            HELLO => {
                let hello = Hello {
                    identity: fields.array()?,
                    program: fields.array()?,
                    sandbox: fields.level()?,
                };
                fields.end(Self::Hello(hello))
            }
            VAULT => {
                let vault = Assigned {
                    key_id: KeyId(fields.array()?),
                    expires: fields.u64()?,
                    statement: fields.octets()?.to_vec(),
                };
                fields.end(Self::Vault(vault))
            }
            NONE => {
                let reason = NoVault::of_code(fields.octet()?)?;
                fields.end(Self::None(reason))
            }
            ENDED => {
                let key_id = KeyId(fields.array()?);
                let exit = Exit::of_code(fields.array()?)?;
                fields.end(Self::Ended { key_id, exit })
            }
            0 | 5.. => Err(FrameError::UnknownKind),
        }
    }
}

impl NoVault {
    fn code(self) -> u8 {
        match self {
            Self::Limit => 1,
            Self::Unavailable => 2,
            Self::Suite => 3,
        }
    }

    fn of_code(code: u8) -> Result<Self, FrameError> {
        match code {
            1 => Ok(Self::Limit),
            2 => Ok(Self::Unavailable),
            3 => Ok(Self::Suite),
            0 | 4.. => Err(FrameError::Malformed),
        }
    }
}

impl Exit {
    fn code(self) -> [u8; 2] {
        match self {
            Self::Status(status) => [0, status],
            Self::Signal(signal) => [1, signal],
        }
    }

    fn of_code(code: [u8; 2]) -> Result<Self, FrameError> {
        match code {
            [0, status] => Ok(Self::Status(status)),
            [1, signal] => Ok(Self::Signal(signal)),
            [(2..), _] => Err(FrameError::Malformed),
        }
    }
}
