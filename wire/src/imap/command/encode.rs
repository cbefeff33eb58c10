//! Commands into octets.

use super::super::encode::{Encoded, Literals};
use super::Command;

pub(super) fn command(command: &Command, literals: Literals) -> Encoded {
    todo!()
}
