//! Somebody on the way who alters responses and hears everything that clients send: between proxy and store in clear, or
//! between handset and proxy with a certificate that the handset trusts.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use keyreveal::ChannelBinding;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use wire::{Collected, Collector, Framer, Limits, Side};

use super::certificate::{self, ServerCertificate};
use super::imap::trusting;
use super::keyhole::Place;
use super::scratch::Scratch;

/// Larger than any response may be.
const LARGEST: usize = 64 * 1024 * 1024;
const READ: usize = 64 * 1024;

/// What becomes of a whole response, literals and CRLF included. On a TLS connection it is told the value that binds the
/// client's side of it.
type Alter = dyn Fn(Option<ChannelBinding>, Vec<u8>) -> Vec<u8> + Send + Sync;

/// A middleman, gone with its connections when dropped.
pub struct Middleman {
    runtime: Option<Runtime>,
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    certificate: Option<ServerCertificate>,
    _scratch: Scratch,
}

#[derive(Clone)]
struct Ear {
    heard: Arc<Mutex<Vec<u8>>>,
    alter: Arc<Alter>,
}

impl Middleman {
    /// Between a proxy and its store.
    ///
    /// # Panics
    /// When it cannot listen.
    #[must_use]
    pub fn before_store(
        store: SocketAddr,
        alter: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let ear = Ear::new(move |_, response| alter(response));
        Self::start(ear, Scratch::new(), None, move |client, ear| async move {
            let store = TcpStream::connect(store).await.expect("the store");
            relay(client, store, ear, None).await;
        })
    }

    /// Between handsets and their proxy.
    ///
    /// # Panics
    /// When it cannot listen.
    #[must_use]
    pub fn before_proxy(
        proxy: &Place,
        alter: impl Fn(ChannelBinding, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let scratch = Scratch::new();
        let certificate = certificate::make(scratch.path());
        let acceptor = TlsAcceptor::from(serving(&certificate));
        let connector = TlsConnector::from(trusting(&proxy.authority));
        let address = proxy.address;
        let ear =
            Ear::new(move |binding, response| alter(binding.expect("a TLS connection"), response));
        Self::start(ear, scratch, Some(certificate), move |client, ear| {
            let (acceptor, connector) = (acceptor.clone(), connector.clone());
            async move {
                let client = acceptor.accept(client).await.expect("a handset");
                let binding = client.get_ref().1.export_keying_material(
                    [0; 32],
                    b"EXPORTER-Channel-Binding",
                    Some(b""),
                );
                let proxy = TcpStream::connect(address).await.expect("the proxy");
                let name = ServerName::from(address.ip());
                let proxy = connector.connect(name, proxy).await.expect("the proxy");
                relay(client, proxy, ear, binding.ok().map(ChannelBinding)).await;
            }
        })
    }

    fn start<F: Future<Output = ()> + Send + 'static>(
        ear: Ear,
        scratch: Scratch,
        certificate: Option<ServerCertificate>,
        serve: impl Fn(TcpStream, Ear) -> F + Send + 'static,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("a listener");
        let address = listener.local_addr().expect("its address");
        let heard = Arc::clone(&ear.heard);
        runtime.spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, ear.clone()));
            }
        });
        Self {
            runtime: Some(runtime),
            address,
            heard,
            certificate,
            _scratch: scratch,
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where handsets find it, and whom they trust for it.
    ///
    /// # Panics
    /// When it is not before a proxy.
    #[must_use]
    pub fn place(&self) -> Place {
        let certificate = self.certificate.as_ref().expect("a certificate");
        Place {
            address: self.address,
            authority: certificate.authority.clone(),
        }
    }

    /// Every octet that clients sent so far.
    #[must_use]
    pub fn heard(&self) -> Vec<u8> {
        let heard = self.heard.lock();
        heard.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Middleman {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Ear {
    fn new(
        alter: impl Fn(Option<ChannelBinding>, Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self {
            heard: Arc::default(),
            alter: Arc::new(alter),
        }
    }
}

fn serving(certificate: &ServerCertificate) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(&certificate.certificate).expect("a certificate");
    let chain = chain.map(|one| one.expect("a certificate")).collect();
    let key = PrivateKeyDer::from_pem_file(&certificate.key).expect("its key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's versions")
        .with_no_client_auth()
        .with_single_cert(chain, key);
    Arc::new(config.expect("a TLS server"))
}

/// Ends with whichever side ends first.
async fn relay<C, U>(client: C, upstream: U, ear: Ear, binding: Option<ChannelBinding>)
where
    C: AsyncRead + AsyncWrite + Send,
    U: AsyncRead + AsyncWrite + Send,
{
    let (from_client, to_client) = split(client);
    let (from_upstream, to_upstream) = split(upstream);
    tokio::select! {
        _ = overhear(from_client, to_upstream, &ear.heard) => {}
        _ = falsify(from_upstream, to_client, &*ear.alter, binding) => {}
    }
}

async fn overhear(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    heard: &Mutex<Vec<u8>>,
) -> std::io::Result<()> {
    let mut run = vec![0; READ];
    loop {
        let taken = from.read(&mut run).await?;
        if taken == 0 {
            return to.shutdown().await;
        }
        // Kept before it is passed on: what an answer follows was heard already.
        heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend_from_slice(&run[..taken]);
        to.write_all(&run[..taken]).await?;
        to.flush().await?;
    }
}

async fn falsify(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    alter: &Alter,
    binding: Option<ChannelBinding>,
) -> std::io::Result<()> {
    let limits = Limits {
        line: 1024 * 1024,
        literal: u64::MAX >> 1,
    };
    let mut framer = Framer::new(Side::Store, limits);
    let mut collector = Collector::new(LARGEST);
    let mut run = vec![0; READ];
    loop {
        let taken = from.read(&mut run).await?;
        if taken == 0 {
            return to.shutdown().await;
        }
        let mut input = &run[..taken];
        // The framer takes all of `input`: what is no whole frame yet it keeps.
        while let Some(frame) = framer.next(&mut input).expect("IMAP") {
            if let Collected::Whole(response) = collector.take(&frame) {
                to.write_all(&alter(binding, response)).await?;
            }
        }
        to.flush().await?;
    }
}
