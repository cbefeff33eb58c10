//! Responses out of octets.

use super::super::cursor::ParseError;
use super::Response;

pub(super) fn response(raw: &[u8]) -> Result<Response, ParseError> {
    todo!()
}
