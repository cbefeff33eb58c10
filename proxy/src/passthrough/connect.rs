//! Connections to stores by their name.

use std::collections::BTreeMap;

use tokio::net::TcpStream;

use crate::{
    config::{Backend, BackendName},
    peer::Peer,
};

/// The stores that connections are passed on to.
#[derive(Debug)]
pub struct Backends(BTreeMap<BackendName, Backend>);

/// No address of a store took the connection in time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Unreachable;

impl Backends {
    /// These stores.
    #[must_use]
    pub fn new(stores: BTreeMap<BackendName, Backend>) -> Self {
        Self(stores)
    }

    /// What the configuration says of a store.
    #[must_use]
    pub fn settings(&self, name: &BackendName) -> Option<&Backend> {
        self.0.get(name)
    }

    /// Connects to the first address of a store that answers.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub async fn connect(&self, name: &BackendName, _: &Peer) -> Result<TcpStream, Unreachable> {
        let backend = self.0.get(name).ok_or(Unreachable)?;
        for address in &backend.addresses {
            let connecting = TcpStream::connect((address.host(), address.port()));
            let deadline = backend.connect_seconds.duration();
            if let Ok(Ok(socket)) = tokio::time::timeout(deadline, connecting).await {
                return Ok(socket);
            }
        }
        Err(Unreachable)
    }
}
