//! Faults in the whole system: whoever is hit is told or ended within the deadline, nobody else notices, and afterwards no
//! process and no descriptor is left.
//!
//! | module | who fails |
//! | --- | --- |
//! | [`vault`] | a vault, the warden |
//! | [`store`] | the store, at every stage |
//! | [`client`] | the client: gone, deaf, slow, too many |
//! | [`server`] | the server itself: stopped, killed |
//! | [`scene`], [`saboteur`] | what all of them stand on, and who makes the store fail |

#![cfg(test)]
#![expect(
    clippy::print_stdout,
    reason = "the case that is under way, and figures that are not asserted"
)]

mod client;
mod saboteur;
mod scene;
mod server;
mod store;
mod vault;
