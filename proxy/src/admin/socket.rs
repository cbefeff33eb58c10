//! Where callers connect. Sockets are made before the sandbox closes: afterwards nothing makes a local socket.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    os::unix::{
        fs::FileTypeExt,
        net::{UnixListener, UnixStream},
    },
    path::Path,
};

use rustix::{
    fs::{Mode, fchmod},
    net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with},
};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::config::AdminAddress;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 32;

/// A listening socket.
#[derive(Debug)]
pub enum AdminListener {
    /// A TCP port on loopback.
    Tcp(TcpListener),
    /// A socket file that only this user may open.
    Unix(UnixListener),
}

impl AdminListener {
    /// Binds `address`. A socket file that nobody listens at any more is replaced; the new one's mode is 0600 from its first
    /// moment.
    ///
    /// # Errors
    /// What the system says; `AddrInUse` too where a file of another kind has the name.
    pub fn bind(address: &AdminAddress) -> io::Result<Self> {
        match address {
            AdminAddress::Tcp(address) => TcpListener::bind(address).map(Self::Tcp),
            AdminAddress::Unix(path) => {
                remove_stale(path)?;
                bind_private(path).map(Self::Unix)
            }
        }
    }

    pub(super) fn start(self) -> io::Result<Listening> {
        match self {
            Self::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                tokio::net::TcpListener::from_std(listener).map(Listening::Tcp)
            }
            Self::Unix(listener) => {
                listener.set_nonblocking(true)?;
                tokio::net::UnixListener::from_std(listener).map(Listening::Unix)
            }
        }
    }
}

/// Linux gives a socket file the mode that its socket has when it is bound, less the umask.
fn bind_private(path: &Path) -> io::Result<UnixListener> {
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    fchmod(&socket, Mode::RUSR | Mode::WUSR)?;
    bind(&socket, &SocketAddrUnix::new(path)?)?;
    listen(&socket, BACKLOG)?;
    Ok(UnixListener::from(socket))
}

fn remove_stale(path: &Path) -> io::Result<()> {
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata?,
    };
    let is_stale = metadata.file_type().is_socket() && UnixStream::connect(path).is_err();
    if !is_stale {
        return Err(io::ErrorKind::AddrInUse.into());
    }
    std::fs::remove_file(path)
}

/// A listening socket that tokio knows.
#[derive(Debug)]
pub(super) enum Listening {
    Tcp(tokio::net::TcpListener),
    Unix(tokio::net::UnixListener),
}

/// Where a caller is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Caller {
    Tcp(SocketAddr),
    Unix,
}

/// A caller's connection.
pub(super) type Stream = Box<dyn Both>;

pub(super) trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Both for S {}

impl Listening {
    pub(super) async fn accept(&self) -> io::Result<(Stream, Caller)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                Ok((Box::new(stream), Caller::Tcp(address)))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok((Box::new(stream), Caller::Unix))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_socket_file_is_private_and_replaced_only_where_nobody_listens() {
        let path = std::env::temp_dir().join(format!("keyhole-admin-{}", std::process::id()));
        let address = AdminAddress::Unix(path.clone());
        let first = AdminListener::bind(&address).unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        let taken = AdminListener::bind(&address).unwrap_err();
        assert_eq!(taken.kind(), io::ErrorKind::AddrInUse);
        drop(first);
        AdminListener::bind(&address).expect("nobody listens there any more");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, b"a file of somebody's").unwrap();
        assert!(AdminListener::bind(&address).is_err());
        assert!(path.exists());
        std::fs::remove_file(&path).unwrap();
    }
}
