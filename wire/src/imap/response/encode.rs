//! Responses into octets.

use super::Response;

pub(super) fn response(response: &Response) -> Vec<u8> {
    todo!()
}
