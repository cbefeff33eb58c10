//! One IMAP connection from its first octet: the TLS handshake, the connection to the store, then the relay.

use std::{sync::Arc, time::Duration};

use keyreveal::ChannelBinding;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{
    event::{Event, Record},
    listen::upstream,
    peer::Peer,
    relay::{self, Neighbours},
    session::{Session, Settings, farewell},
    shared::Shared,
    snapshot::ImapListener,
    tls,
};

/// How long a farewell may take to leave.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves a client until its session is over.
pub(crate) async fn serve(
    socket: TcpStream,
    _peer: Peer,
    listener: Arc<ImapListener>,
    shared: Arc<Shared>,
    number: u64,
) {
    let connection = Connection {
        number,
        listener,
        shared,
    };
    if let Some(client) = connection.handshake(socket).await {
        connection.relay(client).await;
    }
}

struct Connection {
    number: u64,
    listener: Arc<ImapListener>,
    shared: Arc<Shared>,
}

impl Connection {
    fn tell(&self, record: Record<'_>) {
        record.session(self.number).log(&self.shared.metrics);
    }

    async fn handshake(&self, socket: TcpStream) -> Option<TlsStream<TcpStream>> {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.listener.tls));
        let deadline = self.listener.imap.handshake_seconds.duration();
        let failed = match tokio::time::timeout(deadline, acceptor.accept(socket)).await {
            Ok(Ok(client)) => return Some(client),
            Ok(Err(_)) => "TLS handshake failed",
            Err(_) => "TLS handshake took too long",
        };
        self.tell(Record::of(Event::HandshakeFailed).reason(failed));
        None
    }

    async fn relay(&self, mut client: TlsStream<TcpStream>) {
        let Some(binding) = tls::channel_binding(client.get_ref().1) else {
            self.tell(Record::of(Event::HandshakeFailed).reason("no channel binding"));
            return;
        };
        let snapshot = self.shared.current.now();
        let Some((name, backend)) = snapshot.config.backend.iter().next() else {
            return;
        };
        let Some(road) = snapshot.stores.get(name) else {
            return;
        };
        let connecting = upstream::connect(road);
        let why = match tokio::time::timeout(backend.connect_seconds.duration(), connecting).await {
            Ok(Ok(store)) => {
                let settings = Settings::of(&snapshot.config, &self.listener.imap, backend);
                let session = Session::new(settings, self.shared.clock.now());
                let neighbours = self.neighbours(ChannelBinding(binding));
                relay::run(client, store, session, neighbours).await;
                return;
            }
            Ok(Err(why)) => why,
            Err(_) => "connecting took too long",
        };
        self.tell(Record::of(Event::StoreUnreachable).reason(why));
        let farewell = async {
            client.write_all(&farewell::store_unreachable()).await?;
            client.shutdown().await
        };
        // A client that does not take its farewell is left without.
        drop(tokio::time::timeout(FAREWELL, farewell).await);
    }

    fn neighbours(&self, channel_binding: ChannelBinding) -> Neighbours {
        Neighbours {
            number: self.number,
            vaults: self.shared.vaults.clone(),
            unused: self.shared.unused.clone(),
            channel_binding,
            metrics: Arc::clone(&self.shared.metrics),
            clock: self.shared.clock,
            stopping: self.shared.stopping.clone(),
        }
    }
}
