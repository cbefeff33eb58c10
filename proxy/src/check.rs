//! What only the machine can tell of a configuration: `keyhole check`. Whatever a server would stumble over at its start or at a
//! reload is found by the very same building.

use crate::{backend::Means, config::ConfigError, snapshot::Snapshot, sources::Sources};

/// Checks everything about a configuration that can be checked without starting.
///
/// # Errors
/// Everything that is wrong, not the first thing only.
pub fn check(sources: &Sources) -> Result<(), Vec<ConfigError>> {
    Snapshot::build(sources, Means::of_nobody(), None).map(drop)
}
