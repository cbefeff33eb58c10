use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData};
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::backend::trust::Shown;

/// An authority, and what it vouches for.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key.
struct Proof {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pin: String,
}

fn pin(key: &KeyPair) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let digest = Sha256::digest(key.subject_public_key_info());
    format!("sha256:{}", STANDARD.encode(digest))
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let issuer = CertifiedIssuer::self_signed(params, key).unwrap();
        Self { issuer }
    }

    fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    fn vouch_for(&self, name: &str) -> Proof {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([name.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Proof {
            chain: vec![certificate.der().clone()],
            pin: pin(&key),
            key: PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap(),
        }
    }

    fn files(&self) -> Files {
        Files {
            authorities: vec![self.certificate()],
            ..Files::default()
        }
    }
}

/// Whom a store lets in.
enum Admits {
    Anybody,
    /// Who shows a certificate of this authority.
    Only(CertificateDer<'static>),
}

fn acceptor(proof: &Proof, admits: Admits) -> TlsAcceptor {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match admits {
        Admits::Anybody => builder.with_no_client_auth(),
        Admits::Only(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority).unwrap();
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.unwrap())
        }
    };
    let config = builder
        .with_single_cert(proof.chain.clone(), proof.key.clone_key())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn tls_store(proof: &Proof, admits: Admits) -> Scripted {
    let acceptor = acceptor(proof, admits);
    Scripted::new(move |socket| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut socket) = acceptor.accept(socket).await else {
                return;
            };
            drop(socket.write_all(GREETING).await);
            drop(socket.flush().await);
            wait_for_end(&mut socket).await;
        }
    })
    .await
}

fn with_files(store: &Scripted, files: Files, more: &str) -> Backends {
    let more = if more.contains("security") {
        more.to_owned()
    } else {
        format!("security = \"tls\"\n{more}")
    };
    let text = section(
        "one",
        &[store.address],
        &format!("ca = \"of-the-test.pem\"\n{more}"),
    );
    let name = BackendName::try_from("one".to_owned()).unwrap();
    let parts = Parts {
        files: BTreeMap::from([(name, files)]),
        ..Parts::default()
    };
    Backends::new(&config(&text), parts, means(), None).unwrap()
}

async fn reached(backends: &Backends) -> Result<(), Unreachable> {
    backends.dial("joe", &client(1)).await.map(drop)
}

const UNPROVEN: Result<(), Unreachable> = Err(Unreachable::Unavailable(Stage::Tls));

#[tokio::test]
async fn a_store_proves_its_name_by_an_authority() {
    let authority = Authority::new();
    let store = tls_store(&authority.vouch_for("imap.example"), Admits::Anybody).await;
    let named = "name = \"imap.example\"";
    let reaches = |files, more| {
        let backends = with_files(&store, files, more);
        async move { reached(&backends).await }
    };
    assert_eq!(reaches(authority.files(), named).await, Ok(()));
    assert_eq!(
        reaches(authority.files(), "name = \"other.example\"").await,
        UNPROVEN,
        "another name"
    );
    assert_eq!(reaches(authority.files(), "").await, UNPROVEN, "an address");
    assert_eq!(
        reaches(Authority::new().files(), named).await,
        UNPROVEN,
        "another authority"
    );
}

#[tokio::test]
async fn a_pin_is_asked_for_besides_the_chain() {
    let authority = Authority::new();
    let proof = authority.vouch_for("127.0.0.1");
    let other = authority.vouch_for("127.0.0.1");
    let store = tls_store(&proof, Admits::Anybody).await;
    let pins = |pins: &[&str]| format!("pins = {pins:?}");
    for (files, pins, expected) in [
        (authority.files(), pins(&[&proof.pin]), Ok(())),
        (authority.files(), pins(&[&other.pin, &proof.pin]), Ok(())),
        (authority.files(), pins(&[&other.pin]), UNPROVEN),
        (Authority::new().files(), pins(&[&proof.pin]), UNPROVEN),
    ] {
        let backends = with_files(&store, files, &pins);
        assert_eq!(reached(&backends).await, expected, "{pins}");
    }
}

#[tokio::test]
async fn a_store_that_asks_for_a_certificate_gets_the_configured_one() {
    let authority = Authority::new();
    let proof = authority.vouch_for("127.0.0.1");
    let store = tls_store(&proof, Admits::Only(authority.certificate())).await;
    let without = with_files(&store, authority.files(), "");
    assert!(reached(&without).await.is_err());
    let shown = authority.vouch_for("proxy.example");
    let files = Files {
        client: Some(Shown {
            chain: shown.chain,
            key: shown.key,
        }),
        ..authority.files()
    };
    assert_eq!(reached(&with_files(&store, files, "")).await, Ok(()));
}

/// A store that does STARTTLS, but says `answer` to it in clear.
async fn starttls_store(proof: &Proof, answer: &'static [u8]) -> Scripted {
    let acceptor = acceptor(proof, Admits::Anybody);
    Scripted::new(move |mut socket| {
        let acceptor = acceptor.clone();
        async move {
            say(&mut socket, b"* OK [CAPABILITY STARTTLS AUTH=EVIL] hi\r\n").await;
            assert_eq!(line(&mut socket).await, "K0 STARTTLS\r\n");
            say(&mut socket, answer).await;
            let Ok(mut socket) = acceptor.accept(socket).await else {
                return;
            };
            assert_eq!(line(&mut socket).await, "K0 CAPABILITY\r\n");
            say(
                &mut socket,
                b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nK0 OK done\r\n",
            )
            .await;
            wait_for_end(&mut socket).await;
        }
    })
    .await
}

#[tokio::test]
async fn starttls_forgets_what_was_said_in_clear() {
    let authority = Authority::new();
    let store = starttls_store(&authority.vouch_for("127.0.0.1"), b"K0 OK go\r\n").await;
    let backends = with_files(&store, authority.files(), "security = \"starttls\"");
    let upstream = backends.dial("joe", &client(1)).await.unwrap();
    assert_eq!(upstream.capabilities.encode(), "IMAP4rev1 AUTH=PLAIN");
}

#[tokio::test]
async fn octets_behind_starttls_in_clear_end_the_connection() {
    let authority = Authority::new();
    let proof = authority.vouch_for("127.0.0.1");
    for answer in [
        &b"K0 OK go\r\n* CAPABILITY AUTH=EVIL\r\n"[..],
        b"K0 NO not here\r\n",
    ] {
        let store = starttls_store(&proof, answer).await;
        let backends = with_files(&store, authority.files(), "security = \"starttls\"");
        assert_eq!(reached(&backends).await, UNPROVEN);
        assert_eq!(counted(&backends, Event::StoreRefused), 1);
    }
}

#[tokio::test]
async fn a_certificate_that_is_none_is_no_authority() {
    let store = Scripted::broken().await;
    let text = section(
        "one",
        &[store.address],
        "security = \"tls\"\nca = \"x.pem\"",
    );
    let made = Backends::new(&config(&text), Parts::default(), means(), None);
    assert!(made.unwrap_err().to_string().contains("backend.one.ca"));
}

#[tokio::test]
async fn a_routing_server_by_https_is_proven_too() {
    let authority = Authority::new();
    let acceptor = acceptor(&authority.vouch_for("127.0.0.1"), Admits::Anybody);
    let server = Scripted::new(move |socket| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut socket) = acceptor.accept(socket).await else {
                return;
            };
            while line(&mut socket).await != "\r\n" {}
            say(&mut socket, b"HTTP/1.1 200 OK\r\n\r\n{\"backend\":\"one\"}").await;
            socket.shutdown().await.unwrap();
        }
    })
    .await;
    let store = Scripted::saying(GREETING).await;
    let text = section("one", &[store.address], "");
    let url = format!("https://{}/", server.address);
    let config = config(&format!(
        "{text}[routing.lookup]\nurl = \"{url}\"\nca = \"ca.pem\"\n"
    ));
    for (ours, expected) in [
        (authority.certificate(), Ok(())),
        (Authority::new().certificate(), Err(Unreachable::Lookup)),
    ] {
        let parts = Parts {
            lookup_authorities: vec![ours],
            ..Parts::default()
        };
        let backends = Backends::new(&config, parts, means(), None).unwrap();
        assert_eq!(reached(&backends).await, expected);
    }
}
