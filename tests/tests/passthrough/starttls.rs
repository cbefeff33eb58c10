//! Ports on which TLS begins later: the conversation before it is ours with both sides, and nothing of it is carried over.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use tests::harness::certificate::{self, ServerCertificate};
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::scratch::Scratch;
use tests::harness::{mail, wait};

use crate::{port, start};

fn imap(dovecot: &Dovecot) -> (SocketAddr, Keyhole) {
    let routes =
        "kind = \"imap-starttls\"\nno_name = \"later\"\nroutes = { \"localhost\" = \"later\" }\n";
    let (address, section) = port(routes);
    let authority = &dovecot.certificate.authority;
    let later = Behind::tls(dovecot.clear, "localhost", authority).section("later");
    let more = format!("{section}{later}[routing]\ndefault = \"store\"\n");
    (address, start(&Behind::dovecot(dovecot), "", &more))
}

#[test]
fn what_stands_behind_starttls_in_clear_reaches_no_store() {
    let dovecot = Dovecot::start();
    dovecot.deliver(ANN, &mail::message("later", b"\r\nlater\r\n"));
    let (address, mut keyhole) = imap(&dovecot);
    let authority = &dovecot.certificate.authority;
    let injected = b"i1 LOGIN ann \"ann's secret\"\r\ni2 NOOP\r\n";
    let (mut client, greeting) = Client::starttls(address, authority, injected);
    assert!(greeting.contains("LOGINDISABLED"), "{greeting}");
    keyhole.wait_for("starttls_injection", |_| true);
    let answer = client.command("NOOP");
    assert!(answer.is_ok() && answer.untagged.is_empty(), "{answer:?}");
    assert!(!client.command("SELECT INBOX").is_ok());
    client.login(ANN);
    let seen = client.command("STATUS INBOX (MESSAGES)").text();
    assert!(seen.contains("(MESSAGES 1)"), "{seen}");
}

#[test]
fn curl_reads_mail_by_starttls() {
    let dovecot = Dovecot::start();
    dovecot.deliver(ANN, &mail::message("by curl", b"\r\nhere\r\n"));
    let (address, _keyhole) = imap(&dovecot);
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--ssl-reqd"])
        .arg("--cacert")
        .arg(&dovecot.certificate.authority)
        .arg("--user")
        .arg(format!("{}:{}", ANN.name, ANN.password))
        .arg(format!("imap://localhost:{}/INBOX;UID=1", address.port()))
        .output()
        .expect("curl");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Subject: by curl\r\n"), "{output:?}");
}

#[test]
fn openssl_speaks_smtp_by_starttls() {
    let folder = Scratch::new();
    let certificate = certificate::make(folder.path());
    let store = submission(&certificate);
    let (address, section) =
        port("kind = \"smtp-starttls\"\nroutes = { \"localhost\" = \"mail\" }\n");
    let mail = Behind::tls(store, "localhost", &certificate.authority).section("mail");
    let more = format!("{section}{mail}[routing]\ndefault = \"store\"\n");
    let mut keyhole = start(&Behind::loopback(store), "", &more);
    let said = openssl(address, &certificate.authority, b"QUIT\r\n");
    assert!(said.contains("221 2.0.0 over TLS"), "{said}");
    keyhole.wait_for("passthrough_routed", |record| record["backend"] == "mail");
}

/// What `openssl s_client` prints when it says `octets` behind STARTTLS, which must verify.
fn openssl(address: SocketAddr, authority: &Path, octets: &[u8]) -> String {
    let mut child = Command::new("openssl")
        .args(["s_client", "-starttls", "smtp", "-servername", "localhost"])
        .args([
            "-quiet",
            "-verify_return_error",
            "-verify_hostname",
            "localhost",
        ])
        .arg("-CAfile")
        .arg(authority)
        .arg("-connect")
        .arg(address.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(octets).expect("it takes octets");
    let mut said = String::new();
    let mut output = child.stdout.take().expect("its output");
    output.read_to_string(&mut said).expect("it says something");
    drop(input);
    wait::until("openssl to end", || child.try_wait().expect("a child"));
    said
}

/// A submission server that takes EHLO, STARTTLS, and QUIT over TLS.
fn submission(certificate: &ServerCertificate) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
    let address = listener.local_addr().expect("its address");
    let config = serving(certificate);
    thread::spawn(move || {
        for proxy in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            // Whoever hangs up in the middle is of no interest.
            thread::spawn(move || drop(submit(proxy, config)));
        }
    });
    address
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

fn submit(mut proxy: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    proxy.write_all(b"220 mail.example.org ESMTP\r\n")?;
    heard(&proxy, "EHLO")?;
    proxy.write_all(b"250-mail.example.org\r\n250 STARTTLS\r\n")?;
    heard(&proxy, "STARTTLS")?;
    proxy.write_all(b"220 2.0.0 go on\r\n")?;
    let connection = ServerConnection::new(config).expect("a TLS server");
    let mut stream = StreamOwned::new(connection, proxy);
    heard(&mut stream, "QUIT")?;
    stream.write_all(b"221 2.0.0 over TLS\r\n")?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Lines, until one begins so.
fn heard(stream: impl Read, wanted: &str) -> std::io::Result<()> {
    // One octet at a time: TLS may follow.
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = String::new();
    while !line.starts_with(wanted) {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}
