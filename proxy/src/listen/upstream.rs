//! The connection to the store, made when a client's is accepted.

use std::sync::Arc;

use rustix::net::sockopt::set_socket_keepalive;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::snapshot::StoreRoad;

/// A connection to the store, with or without TLS.
pub(crate) trait Upstream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Upstream for S {}

/// Connects to the first address that answers.
///
/// # Errors
/// In words for the log.
pub(crate) async fn connect(road: &StoreRoad) -> Result<Box<dyn Upstream>, &'static str> {
    let mut reached = Err("no address of the store answers");
    for address in &road.addresses {
        if let Ok(socket) = TcpStream::connect(address).await {
            reached = Ok(socket);
            break;
        }
    }
    let socket = reached?;
    prepare(&socket);
    let Some((config, name)) = &road.tls else {
        return Ok(Box::new(socket));
    };
    let connector = TlsConnector::from(Arc::clone(config));
    match connector.connect(name.clone(), socket).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(_) => Err("the store's TLS handshake or certificate failed"),
    }
}

/// Small lines go out at once, and a peer that is gone is noticed in the end. Best effort: the deadlines hold anyway.
fn prepare(socket: &TcpStream) {
    drop(socket.set_nodelay(true));
    if set_socket_keepalive(socket, true).is_err() {
        // Its deadlines hold without it.
    }
}
