//! The handset's end of Keyhole: encrypted parts of a message, each made small by a proxy that is shown just that part, once.
//!
//! The library reads no file, no environment and no clock: keys, trust, time and randomness are arguments. A fetch in one call:
//!
//! ```no_run
//! use std::num::{NonZeroU16, NonZeroU32};
//! use handset::{Connection, Deadlines, FetchRequest, Holdings, KnownIdentities, Mailbox, PartPath, Server, Trust, Uid};
//!
//! # async fn picture_two(key: handset::Holder, password: &[u8], known: &KnownIdentities,
//! #     clock: &(dyn Fn() -> u64 + Sync), rng: &mut impl rand_core::CryptoRng) -> Result<(), handset::Error> {
//! let server = Server::new("mail.example", 993);
//! let connection = Connection::open(&server, &Trust::web(), Deadlines::PATIENT).await?;
//! let meter = connection.meter();
//! let mut client = connection.login("me", password).await?;
//!
//! // "Picture 2 in 40 KB."
//! let (Some(uid), Some(section)) = (Uid::new(7), PartPath::new("2")) else { return Ok(()) };
//! let request = FetchRequest {
//!     width: NonZeroU16::new(320),
//!     height: NonZeroU16::new(320),
//!     octets: NonZeroU32::new(40_000),
//!     ..FetchRequest::new(Mailbox::new(b"INBOX"), uid, section)
//! };
//! let holdings = Holdings { keys: &[key], pin: known.pin("mail.example:993") };
//! let fetched = client.fetch_converted(&request, holdings, clock, rng).await?;
//!
//! let picture: &[u8] = fetched.content.expose();
//! println!("{} octets for a part of {}", meter.air().total(), fetched.report.part_octets);
//! # let _ = picture; Ok(()) }
//! ```
//!
//! A client that tells its user before anything is revealed takes the same three steps by itself: [`Client::prepare`] looks at
//! the part, checks the proxy's identity and seals; [`Prepared::revealed`] and [`Prepared::recipient`] say what for whom;
//! [`Client::send`] reveals; [`Prepared::open`] opens and checks.
//!
//! What a proxy answers is a stranger's: bounded, checked, and every text in an [`Error`] fit for a terminal. Text out of
//! messages (subjects, names) is decoded but not cleaned: put it through [`printable()`] before a terminal sees it.
//!
//! | module | holds |
//! | --- | --- |
//! | [`connection`], [`client`] | before and after login |
//! | [`exchange`] | commands out, responses in: bounded in octets, number and time |
//! | [`gallery`] | several parts of one message, several on their way at a time |
//! | [`tls`], [`air`] | whom to trust; octets over the air, counted beneath TLS |
//! | [`list`], [`structure`], [`head`], [`addressee`] | messages, parts, and to whom a part is encrypted |
//! | [`request`], [`reveal`], [`convert`] | what is asked for; its reveal, drafted and sealed; the conversion |
//! | [`result`], [`picture`], [`report`] | what comes back, checked; what it cost |
//! | [`pin`] | the proxy's identity: given, or remembered |
//! | [`mod@printable`] | strangers' text |
//! | [`mailbox_name`] | mailbox names as people write them |
//! | [`error`] | what can go wrong |

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::panic
    )
)]

pub mod addressee;
pub mod air;
pub mod client;
pub mod connection;
pub mod convert;
pub mod error;
pub mod exchange;
pub mod gallery;
pub mod head;
pub mod list;
pub mod mailbox_name;
pub mod picture;
pub mod pin;
pub mod printable;
pub mod report;
pub mod request;
pub mod result;
pub mod reveal;
pub mod structure;
pub mod tls;
mod words;

pub use air::{Air, Arriving, Meter};
pub use client::{Client, KeyStatement, Selected};
pub use connection::{Connection, Server};
pub use convert::{Resent, SealedResult};
pub use envelope::recipient::{Certificate, Holder, PrivateKey};
pub use error::{
    Error, Lacking, Mismatch, Missing, NoConversion, NotOpenable, ProtocolFault, RequestFault,
    Said, Scope, Step, Unverified,
};
pub use exchange::{Answer, Bounds, Deadlines, Stream};
pub use gallery::Piece;
pub use head::Head;
pub use keyreveal::{Extent, IdentityKey, Integrity, Measure, SandboxLevel};
pub use list::{Encryption, Listing, Summary};
pub use pin::{KnownError, KnownIdentities, Pin};
pub use printable::printable;
pub use report::{Acquaintance, Fetched, KeyBinding, Origin, Recipient, Report, Revealed};
pub use request::{
    Charset, Consent, FetchRequest, Format, Frames, Kind, PresetName, Rate, Replacement, SealTo,
    Seconds, SmimeAlgorithm,
};
pub use reveal::{Gathered, Holdings, Prepared, RevealDraft};
pub use structure::{Part, PartKind};
pub use tls::{Trust, TrustError};
pub use wire::imap::{Mailbox, PartPath, Uid, UidValidity};
