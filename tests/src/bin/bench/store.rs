//! The store in memory: an IMAP server that answers at once and keeps nothing, in a process of its own, so that what is measured is
//! what stands in front of it.
//!
//! It listens in clear and over TLS, and answers nginx, which asks by HTTP where a user's mail is. It prints the addresses in one JSON
//! line, does what standard input says (`push`: a new message for everybody in IDLE) and ends with it.

mod answers;
mod authorize;
mod command;
mod conversation;

use std::io::Write as _;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::failure::Failure;
use crate::orders::Orders;
use conversation::Conversation;

/// Connections that may wait to be accepted: many clients come at once.
const BACKLOG: u32 = 4096;

/// Runs until standard input ends.
pub(crate) async fn run(certificate: &Path, key: &Path) -> Result<(), Failure> {
    let acceptor = TlsAcceptor::from(Arc::new(configuration(certificate, key)?));
    let (push, pushed) = watch::channel(0_u64);
    let (clear, tls, ask) = (listen()?, listen()?, listen()?);
    let addresses = json!({
        "clear": clear.local_addr()?.to_string(),
        "tls": tls.local_addr()?.to_string(),
        "authorize": ask.local_addr()?.to_string(),
    });
    let mut orders = Orders::follow();
    writeln!(std::io::stdout(), "{addresses}")?;
    tokio::spawn(authorize::serve(ask, clear.local_addr()?.port()));
    tokio::spawn(serve_clear(clear, pushed.clone()));
    tokio::spawn(serve_tls(tls, acceptor, pushed));
    while let Some(order) = orders.next().await {
        if order == "push" {
            push.send_modify(|pushes| *pushes += 1);
        }
    }
    Ok(())
}

fn listen() -> Result<tokio::net::TcpListener, Failure> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    Ok(socket.listen(BACKLOG)?)
}

fn configuration(certificate: &Path, key: &Path) -> Result<ServerConfig, Failure> {
    let tls = |error: &dyn std::fmt::Display| Failure::Tls(error.to_string());
    let certificate = CertificateDer::from_pem_file(certificate).map_err(|error| tls(&error))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| tls(&error))?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| tls(&error))?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .map_err(|error| tls(&error))
}

async fn serve_clear(listener: tokio::net::TcpListener, pushed: watch::Receiver<u64>) {
    while let Ok((socket, _)) = listener.accept().await {
        let pushed = pushed.clone();
        tokio::spawn(async move {
            socket.set_nodelay(true)?;
            Conversation::new(socket, pushed).run().await
        });
    }
}

async fn serve_tls(
    listener: tokio::net::TcpListener,
    acceptor: TlsAcceptor,
    pushed: watch::Receiver<u64>,
) {
    while let Ok((socket, _)) = listener.accept().await {
        let (acceptor, pushed) = (acceptor.clone(), pushed.clone());
        tokio::spawn(async move {
            socket.set_nodelay(true)?;
            let stream = acceptor.accept(socket).await?;
            Conversation::new(stream, pushed).run().await
        });
    }
}
