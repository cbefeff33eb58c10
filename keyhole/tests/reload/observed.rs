//! What an operator sees of sessions: the list, the counters, the spans that a collector gets.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::net::UnixStream,
    sync::{Arc, Mutex},
};

use rustls::{ClientConfig, ClientConnection, RootCertStore};
use serde_json::Value;

use crate::scene::{Scene, free_address, wait_until};

/// A collector of OpenTelemetry's: every span that it was sent, and every octet.
#[derive(Clone, Default)]
struct Collector {
    spans: Arc<Mutex<Vec<Value>>>,
    octets: Arc<Mutex<String>>,
}

impl Collector {
    fn start() -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let collector = Self::default();
        let taking = collector.clone();
        std::thread::spawn(move || {
            for exporter in listener.incoming().flatten() {
                taking.take(exporter);
            }
        });
        (collector, address)
    }

    fn take(&self, exporter: TcpStream) {
        let mut reader = BufReader::new(exporter);
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            let field = line.to_ascii_lowercase();
            if let Some(octets) = field.strip_prefix("content-length:") {
                length = octets.trim().parse().unwrap();
            }
            self.octets.lock().unwrap().push_str(&line);
            line.clear();
        }
        let mut content = vec![0; length];
        reader.read_exact(&mut content).unwrap();
        let told: Value = serde_json::from_slice(&content).unwrap();
        let spans = &told["resourceSpans"][0]["scopeSpans"][0]["spans"];
        let spans = spans.as_array().unwrap().clone();
        self.spans.lock().unwrap().extend(spans);
        let content = String::from_utf8(content).unwrap();
        self.octets.lock().unwrap().push_str(&content);
        let mut exporter = reader.into_inner();
        write!(exporter, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{}}").unwrap();
    }

    /// Waits until there are at least so many spans of this name, and gives them.
    fn wait_for(&self, name: &str, number: usize) -> Vec<Value> {
        wait_until(name, || {
            let spans = self.spans.lock().unwrap();
            let found: Vec<_> = spans.iter().filter(|span| span["name"] == name).collect();
            (found.len() >= number).then(|| found.into_iter().cloned().collect())
        })
    }
}

/// The value of a span's attribute.
fn said<'a>(span: &'a Value, key: &str) -> &'a Value {
    let mut all = span["attributes"].as_array().unwrap().iter();
    let found = all.find(|attribute| attribute["key"] == key);
    found.map_or(&Value::Null, |attribute| &attribute["value"]["stringValue"])
}

/// What the admin listener answers.
fn asked(scene: &Scene, target: &str) -> String {
    let mut socket = UnixStream::connect(scene.folder.join("admin")).unwrap();
    write!(socket, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    let (head, content) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    content.to_owned()
}

/// The sessions, once they are as `wanted` says.
fn sessions(scene: &Scene, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    wait_until("the sessions", || {
        let listed: Value = serde_json::from_str(&asked(scene, "/sessions")).unwrap();
        let listed = listed["sessions"].as_array().unwrap().clone();
        wanted(&listed).then_some(listed)
    })
}

fn scene(more: &str) -> Scene {
    let mut scene = Scene::files();
    let admin = format!(
        "[admin]\naddress = \"unix:{}/admin\"\n{more}",
        scene.folder.display()
    );
    scene.configure("", &admin);
    let mut command = scene.command();
    scene.run(&mut command);
    scene
}

#[test]
fn who_is_logged_in_is_listed_with_backend_and_idle() {
    let scene = scene("");
    let mut client = scene.client();
    let [session] = &sessions(&scene, |all| all.len() == 1 && all[0]["state"] == "open")[..] else {
        panic!("one session")
    };
    assert_eq!(session["user"], "ann");
    assert_eq!(session["backend"], "store");
    client.command("SELECT INBOX").unwrap();
    client.begin("i IDLE").unwrap();
    sessions(&scene, |all| all[0]["state"] == "idle");
    drop(client);
    sessions(&scene, <[Value]>::is_empty);
}

#[test]
fn logins_are_counted_by_how_and_what_came_of_them() {
    let scene = scene("");
    drop(scene.client());
    let mut stranger =
        crate::client::Client::connect(scene.address, "localhost", &scene.trusted).unwrap();
    stranger.command("AUTHENTICATE PLAIN AAAA").unwrap_err();
    let metrics = wait_until("the counters", || {
        let metrics = asked(&scene, "/metrics");
        metrics
            .contains("keyhole_logins_total{mechanism=\"plain\",outcome=\"refused\"} 1")
            .then_some(metrics)
    });
    for line in [
        "keyhole_logins_total{mechanism=\"login-command\",outcome=\"accepted\"} 1",
        "keyhole_login_duration_seconds_count 2",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    let connected = metrics
        .lines()
        .find_map(|line| line.strip_prefix("keyhole_backend_connect_duration_seconds_count "));
    assert_ne!(connected, Some("0"));
}

#[test]
fn a_collector_is_told_how_a_session_went_and_nothing_of_whose_it_was() {
    let (collector, address) = Collector::start();
    let scene = scene(&format!(
        "[traces]\nendpoint = \"http://{address}/v1/traces\"\n"
    ));
    let mut client = scene.client();
    client.command("SELECT canary-mailbox").unwrap();
    client.command("LOGOUT").unwrap();
    drop(client);
    let [session] = &collector.wait_for("session", 1)[..] else {
        panic!("one session")
    };
    assert_eq!(said(session, "keyhole.outcome"), "done");
    let under = |child: &str, parent: &Value, outcome: &str| {
        let [span] = &collector.wait_for(child, 1)[..] else {
            panic!("one {child}")
        };
        assert_eq!(span["parentSpanId"], parent["spanId"], "{child}");
        assert_eq!(said(span, "keyhole.outcome"), outcome, "{child}");
        span.clone()
    };
    under("handshake", session, "done");
    let login = under("login", session, "done");
    assert_eq!(said(&login, "keyhole.mechanism"), "login-command");
    assert_eq!(said(&login, "keyhole.backend"), "store");
    under("route", &login, "done");
    under("dial", &login, "done");
    let told = collector.octets.lock().unwrap();
    for canary in ["ann", "secret", "canary", &scene.address.to_string()] {
        assert!(!told.contains(canary), "{canary} is in {told}");
    }
}

#[test]
fn a_connection_that_is_passed_on_is_listed_and_traced() {
    let (collector, address) = Collector::start();
    let front = free_address();
    let scene = scene(&format!(
        "[traces]\nendpoint = \"http://{address}/v1/traces\"\n\
         [[passthrough]]\naddress = \"{front}\"\nroutes = {{ \"localhost\" = \"store\" }}\n"
    ));
    let mut client = TcpStream::connect(front).unwrap();
    client.write_all(&hello()).unwrap();
    let listed = sessions(&scene, |all| {
        all.iter().any(|session| session["backend"] == "store")
    });
    assert_eq!(listed[0]["state"], "passthrough");
    drop(client);
    let session = &collector.wait_for("session", 1)[0];
    assert_eq!(said(session, "keyhole.listener"), "passthrough");
    for name in ["handshake", "dial"] {
        let span = &collector.wait_for(name, 1)[0];
        assert_eq!(span["parentSpanId"], session["spanId"]);
    }
    assert!(!collector.octets.lock().unwrap().contains("localhost"));
}

/// A ClientHello that asks for localhost.
fn hello() -> Vec<u8> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = "localhost".try_into().unwrap();
    let mut octets = Vec::new();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    connection.write_tls(&mut octets).unwrap();
    octets
}
