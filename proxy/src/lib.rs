//! The network-facing server: takes clients' connections, relays IMAP to the one store behind, adds key reveals.
//!
//! | module | holds |
//! | --- | --- |
//! | [`config`], [`check`] | the configuration file; what only the machine can tell of it |
//! | [`event`], [`metrics`], [`clock`] | what is logged and counted; the one reading of the clock |
//! | [`serve`] | the whole server: runtime, listener, warden |
//! | [`listen`] | accept, TLS, connection limits, drain |
//! | [`session`] | one connection as a state machine, itself without I/O |
//! | [`passthrough`] | TLS passed on unopened, by the name that its ClientHello asks for |
//! | [`proxy_protocol`] | the PROXY protocol, in and out |
//! | [`relay`] | moves octets between sockets as the session says |
//! | [`vaults`] | asks the warden for vaults; a handle is a vault's socket |
//!
//! This crate cannot name a session key, a decoder or a plaintext: what it passes on to vaults and back is sealed.

pub mod check;
pub mod clock;
pub mod config;
pub mod event;
mod listen;
pub mod metrics;
pub mod passthrough;
pub mod peer;
mod places;
pub mod proxy_protocol;
mod relay;
pub mod serve;
pub mod session;
mod tls;
pub mod vaults;

pub use check::check;
pub use config::{Config, ConfigError};
pub use serve::{Prepared, ServeError};
