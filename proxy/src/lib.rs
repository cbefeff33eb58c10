//! The network-facing server: takes clients' connections, relays IMAP to the one store behind, adds key reveals.
//!
//! | module | holds |
//! | --- | --- |
//! | [`config`], [`check`] | the configuration file; what only the machine can tell of it |
//! | [`event`], [`metrics`], [`clock`] | what is logged and counted; the one reading of the clock |
//! | [`sources`], `snapshot` | what the machine told of a configuration; that made ready to be used |
//! | [`serve`] | the whole server: start, reload, drain |
//! | [`loader`] | asks the process that may still open files |
//! | [`systemd`] | what the service manager is told |
//! | [`listen`] | listeners: sockets, accept, connection limits |
//! | `connection` | one IMAP connection from its first octet |
//! | [`registry`], [`admin`] | the live sessions; the listener where an administrator sees and ends them |
//! | [`traces`] | spans of sessions, sent to a collector |
//! | [`session`] | one connection as a state machine, itself without I/O |
//! | [`passthrough`] | TLS passed on unopened, by the name that its ClientHello asks for |
//! | [`proxy_protocol`] | the PROXY protocol, in and out |
//! | [`relay`] | moves octets between sockets as the session says |
//! | [`backend`] | which store a user is at, and the way there |
//! | [`penalty`] | what failed logins cost |
//! | [`vaults`] | asks the warden for vaults; a handle is a vault's socket |
//! | `descriptors` | descriptors that the loader and the warden hand over |
//!
//! This crate cannot name a session key, a decoder or a plaintext: what it passes on to vaults and back is sealed.

pub mod admin;
pub mod backend;
pub mod check;
pub mod clock;
pub mod config;
mod connection;
mod descriptors;
pub mod event;
mod leg;
pub mod listen;
pub mod loader;
pub mod metrics;
mod oldest;
pub mod passthrough;
pub mod peer;
pub mod penalty;
mod places;
pub mod proxy_protocol;
pub mod registry;
mod relay;
pub mod serve;
pub mod session;
mod shared;
mod snapshot;
pub mod sources;
pub mod systemd;
mod tls;
pub mod traces;
pub mod vaults;
mod workers;

pub use check::check;
pub use config::{Config, ConfigError};
pub use serve::{Prepared, Processes, ServeError};
pub use sources::Sources;
