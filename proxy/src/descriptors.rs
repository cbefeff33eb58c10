//! Descriptors that travel with octets over a Unix socket (unix(7), SCM_RIGHTS). Never blocks.

use std::{collections::VecDeque, io, mem::MaybeUninit, os::fd::OwnedFd};

use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use tokio::net::UnixStream;

/// Reads what is there into `octets`, and puts the descriptors that came with it, as many as `space` has room for, behind
/// the others. How many octets were read.
///
/// # Errors
/// `WouldBlock` where nothing is there, and what recvmsg(2) says.
pub(crate) fn receive(
    stream: &UnixStream,
    octets: &mut [u8],
    space: &mut [MaybeUninit<u8>],
    descriptors: &mut VecDeque<OwnedFd>,
) -> io::Result<usize> {
    let mut ancillary = RecvAncillaryBuffer::new(space);
    let received = recvmsg(
        stream,
        &mut [io::IoSliceMut::new(octets)],
        &mut ancillary,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = message {
            descriptors.extend(rights);
        }
    }
    Ok(received.bytes)
}

/// None where the socket was not ready after all.
pub(crate) fn unless_blocked(done: io::Result<usize>) -> io::Result<Option<usize>> {
    match done {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}
