//! A real TLS client and a real TLS server, which never know.

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    pki_types::{PrivateKeyDer, ServerName},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

const NAMES: [&str; 4] = [
    "exact.example.org",
    "any.example.org",
    "other.test",
    "127.0.0.1",
];

/// Configurations of a client that trusts a server with all of [`NAMES`].
fn configs() -> (TlsConnector, TlsAcceptor) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let names = NAMES.map(str::to_owned).to_vec();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    (Arc::new(client).into(), Arc::new(server).into())
}

#[tokio::test]
async fn tls_is_end_to_end_whichever_route_it_takes() {
    let (connector, acceptor) = configs();
    let routes = "default = 'default'\nno_name = 'no_name'\n[routes]\n'exact.example.org' = 'exact'\n'*.example.org' = 'wild'";
    for (name, backend) in NAMES
        .into_iter()
        .zip(["exact", "wild", "default", "no_name"])
    {
        let stores = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = stores.local_addr().unwrap().port();
        let setup = Setup {
            listener: routes,
            backend: "",
        };
        // The other routes lead nowhere.
        let ports = ["exact", "wild", "default", "no_name"]
            .map(|one| (one, if one == backend { port } else { 1 }));
        let passed = pass_to(setup, &ports, stores).await;
        let server_name = ServerName::try_from(name).unwrap();
        let asked = soon(async {
            let talking = async {
                let mut tls = connector.connect(server_name, passed.client).await.unwrap();
                tls.write_all(b"a LOGOUT\r\n").await.unwrap();
                tls.shutdown().await.unwrap();
                let mut answer = Vec::new();
                tls.read_to_end(&mut answer).await.unwrap();
                answer
            };
            let serving = async {
                let (socket, _) = passed.stores.accept().await.unwrap();
                let mut tls = acceptor.accept(socket).await.unwrap();
                let mut question = Vec::new();
                tls.read_to_end(&mut question).await.unwrap();
                tls.write_all(b"* BYE\r\n").await.unwrap();
                tls.shutdown().await.unwrap();
                let asked = tls.get_ref().1.server_name().map(str::to_owned);
                (question, asked)
            };
            let (answer, (question, asked)) = tokio::join!(talking, serving);
            assert_eq!(
                (answer.as_slice(), question.as_slice()),
                (&b"* BYE\r\n"[..], &b"a LOGOUT\r\n"[..])
            );
            asked
        })
        .await;
        assert_eq!(
            asked.as_deref(),
            Some(name).filter(|name| *name != "127.0.0.1")
        );
        soon(passed.passing).await.unwrap();
    }
}
