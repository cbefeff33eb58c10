//! Listening sockets: how one is bound, and which are missing. Used before the sandbox, and by the loader after.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
};

use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, listen, socket_with,
    sockopt::set_socket_reuseaddr,
};

/// Connections that may wait to be accepted; the kernel has a bound of its own (`net.core.somaxconn`).
const WAITING: i32 = 4096;

/// An address that cannot be listened at.
#[derive(Debug)]
pub struct OpenError {
    /// Which.
    pub address: SocketAddr,
    /// Why.
    pub error: io::Error,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "listener {}: {}", self.address, self.error)
    }
}

impl std::error::Error for OpenError {}

/// Those of `wanted` that `there` has not, each as often as it is missing.
#[must_use]
pub fn missing(
    wanted: impl IntoIterator<Item = SocketAddr>,
    there: &[SocketAddr],
) -> Vec<SocketAddr> {
    let mut there = there.to_vec();
    let mut missing = Vec::new();
    for address in wanted {
        match there.iter().position(|other| *other == address) {
            Some(at) => drop(there.swap_remove(at)),
            None => missing.push(address),
        }
    }
    missing
}

/// Listens at all of `addresses`, or at none.
///
/// # Errors
/// [`OpenError`], for the first that cannot be had.
pub fn open(addresses: &[SocketAddr]) -> Result<Vec<(SocketAddr, TcpListener)>, OpenError> {
    let opened = addresses.iter().map(|address| {
        let address = *address;
        let socket = listening(address).map_err(|error| OpenError { address, error })?;
        Ok((address, socket))
    });
    opened.collect()
}

fn listening(address: SocketAddr) -> io::Result<TcpListener> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    // A restart must not wait until the connections of the server before are forgotten.
    set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen(&socket, WAITING)?;
    Ok(TcpListener::from(socket))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_missing_as_often_as_it_is_wanted_more_than_there() {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let wanted = [address(0), address(0), address(1)];
        assert_eq!(
            missing(wanted, &[address(0), address(2)]),
            [address(0), address(1)]
        );
        assert!(missing(wanted, &wanted).is_empty());
    }

    #[test]
    fn all_are_opened_or_none() {
        let [(_, taken)] = open(&[([127, 0, 0, 1], 0).into()])
            .unwrap()
            .try_into()
            .unwrap();
        let taken: SocketAddr = taken.local_addr().unwrap();
        let error = open(&[([127, 0, 0, 1], 0).into(), taken]).unwrap_err();
        assert_eq!(error.address, taken);
        assert_eq!(error.error.kind(), io::ErrorKind::AddrInUse);
    }
}
