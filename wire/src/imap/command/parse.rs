//! Commands out of octets.

use super::{Command, CommandError};

pub(super) fn command(raw: &[u8]) -> Result<Command, CommandError> {
    todo!()
}
