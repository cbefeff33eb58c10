//! The program `keyhole`: its roles and its start sequence. `main.rs` only reads arguments.
//!
//! | module | holds |
//! | --- | --- |
//! | [`start`] | `serve`: the warden first, then the sandbox, then the server |
//! | [`roles`] | `warden` and `vault`: what the program is started as by itself |
//! | [`administer`] | `check` and `identity`: what an operator asks before and after |
//! | [`demo`] | the whole system on one machine |

pub mod administer;
pub mod demo;
pub mod roles;
pub mod start;
