//! Streams that change under the session: TLS begins, compression begins.

use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};

use super::*;
use crate::event::Event;

/// What a connection does around its relay.
pub(super) async fn run(mut relay: Relay) {
    while relay.run().await == Turn::StartTls {
        let (_, server) = configs();
        let server = ServerConnection::new(server).unwrap();
        relay.client().begin_tls(server.into());
        if relay.client().shake_hands().await.is_err() {
            return;
        }
        relay.secured(BINDING, Handshake::default());
    }
    Box::new(relay).close().await;
}

/// Of a client and of the server that it trusts; the same each time.
fn configs() -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    static CONFIGS: std::sync::OnceLock<(Arc<ClientConfig>, Arc<ServerConfig>)> =
        std::sync::OnceLock::new();
    CONFIGS.get_or_init(make_configs).clone()
}

fn make_configs() -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let certificate = made.cert.der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(client), Arc::new(server))
}

async fn in_clear() -> Bench {
    let mut bench = Bench::with(Setup {
        protection: Protection::Clear,
        ..Setup::default()
    })
    .await;
    let greeting = bench.client.line().await;
    assert!(greeting.contains("STARTTLS LOGINDISABLED"), "{greeting}");
    bench
}

async fn begin_tls(client: &mut End) {
    let (config, _) = configs();
    let name = "localhost".try_into().unwrap();
    let tls = ClientConnection::new(config, name).unwrap();
    client.leg.begin_tls(tls.into());
    soon(client.leg.shake_hands()).await.unwrap();
    client.leg.flush().await.unwrap();
}

#[tokio::test]
async fn starttls_secures_the_session_that_goes_on() {
    let mut bench = in_clear().await;
    bench.client.says("s STARTTLS\r\n").await;
    bench.client.hears("s OK Begin TLS now\r\n").await;
    begin_tls(&mut bench.client).await;
    let mut store = bench.log_in("IMAP4rev1 BINARY").await;
    bench.client.hears(WELCOME).await;
    let answer = "* OK [UIDVALIDITY 7] v\r\nb OK done\r\n";
    bench.passes(&mut store, "b SELECT inbox\r\n", answer).await;
    // There is a binding now, so there are statements.
    bench.vault().await;
    assert_eq!(bench.metrics.counted(Event::StarttlsInjection), 0);
}

/// RFC 9051 §11.1: what was said before TLS is not taken for what is said in it.
#[tokio::test]
async fn what_comes_in_clear_behind_starttls_is_not_obeyed() {
    let mut bench = in_clear().await;
    bench.client.says("s STARTTLS\r\nx LOGIN thief p\r\n").await;
    bench.client.hears("s OK Begin TLS now\r\n").await;
    begin_tls(&mut bench.client).await;
    bench.client.says("n NOOP\r\n").await;
    bench.client.hears("n OK Nothing new\r\n").await;
    assert_eq!(bench.metrics.counted(Event::StarttlsInjection), 1);
}

/// Much of the same, so that it matters that it is compressed.
fn answer() -> String {
    let many: Vec<_> = (1..2_000)
        .map(|n| format!("* LIST () \"/\" folder{n}\r\n"))
        .collect();
    format!("{}y OK done\r\n", many.concat())
}

#[tokio::test]
async fn the_client_s_leg_is_compressed_right_behind_the_ok() {
    let (mut bench, mut store) = Bench::open(Setup::default()).await;
    bench.client.says("x COMPRESS DEFLATE\r\n").await;
    bench.client.hears("x OK Compression begins\r\n").await;
    bench.client.compress();
    bench
        .passes(&mut store, "y LIST \"\" *\r\n", &answer())
        .await;
    bench.passes(&mut store, "n NOOP\r\n", "n OK\r\n").await;
}

#[tokio::test]
async fn the_store_s_leg_is_compressed_where_it_offers_that() {
    let (mut bench, mut store) = both_compressed().await;
    bench
        .passes(&mut store, "y LIST \"\" *\r\n", &answer())
        .await;
    bench.passes(&mut store, "n NOOP\r\n", "n OK\r\n").await;
    drop(store);
    let told = bench.client.rest().await;
    assert!(told.starts_with("* BYE [UNAVAILABLE]"), "{told}");
}

/// One of which both legs are.
async fn both_compressed() -> (Bench, End) {
    let mut bench = Bench::greeted(Setup {
        backend: "compress = 'where-offered'",
        ..Setup::default()
    })
    .await;
    let mut store = bench.log_in("IMAP4rev1 BINARY COMPRESS=DEFLATE").await;
    store.hears("keyhole1 COMPRESS DEFLATE\r\n").await;
    store.says("keyhole1 OK go\r\n").await;
    store.compress();
    bench.client.hears(WELCOME).await;
    bench.client.says("x COMPRESS DEFLATE\r\n").await;
    bench.client.hears("x OK Compression begins\r\n").await;
    bench.client.compress();
    (bench, store)
}
