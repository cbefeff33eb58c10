//! The whole system against real stores and clients: what its tests stand on.
//!
//! | module | holds |
//! | --- | --- |
//! | [`harness`] | a store, a proxy, a handset, keys, messages and photographs for one test, ended with it |
//! | [`residue`] | the search for what is left of a secret |
//! | [`secrets`], [`key_schedule`] | the secrets of a reveal, computed a second time |
//! | [`randomness`] | generators whose numbers a test knows |
//!
//! Everything listens on 127.0.0.1 and lives in a folder of its own; programs are ended by their process, never by name.

pub mod harness;
pub mod key_schedule;
pub mod randomness;
pub mod residue;
pub mod secrets;
