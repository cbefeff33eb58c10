//! Takes connections and gives each a task of its own.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::connection::Connection;
use crate::mailboxes::Turn;
use crate::session::{Session, Shared};

/// How long to wait when no descriptor is left for a connection.
const BREATH: Duration = Duration::from_millis(100);

/// Serves `listener` until the future is dropped, which ends its connections too.
///
/// # Errors
/// Only where the listener itself fails for good.
pub async fn serve(config: Config, listener: TcpListener) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(config.limits.connections));
    let shared = Arc::new(Shared {
        config,
        turn: Turn::default(),
    });
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return Ok(());
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let connection = Connection::new(
                    stream,
                    Session::new(Arc::clone(&shared)),
                    shared.config.limits,
                );
                connections.spawn(async move {
                    connection.run().await;
                    drop(place);
                });
            }
            Err(error) if is_passing(&error) => tokio::time::sleep(BREATH).await,
            Err(error) => return Err(error),
        }
    }
}

/// Whether the next connection may fare better: this one was gone before it was taken, or descriptors ran out.
fn is_passing(error: &io::Error) -> bool {
    const EMFILE: i32 = 24;
    const ENFILE: i32 = 23;
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    );
    gone || matches!(error.raw_os_error(), Some(EMFILE | ENFILE))
}
