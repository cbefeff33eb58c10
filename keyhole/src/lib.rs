//! The program `keyhole`: its roles and its start sequence. `main.rs` only reads arguments.
//!
//! | module | holds |
//! | --- | --- |
//! | [`start`] | `serve`: warden and loader first, then the sandbox, then the server |
//! | [`surroundings`] | what the service manager gave: sockets, whom to tell |
//! | [`loader`] | `loader`: opens for the confined server what that may not |
//! | [`roles`] | `warden` and `vault`: what the program is started as by itself |
//! | [`administer`] | `check` and `identity`: what an operator asks before and after |
//! | [`demo`] | the whole system on one machine |

pub mod administer;
pub mod demo;
pub mod loader;
pub mod roles;
pub mod start;
pub mod surroundings;
