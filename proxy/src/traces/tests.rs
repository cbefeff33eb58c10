//! Traces against a collector of the test's own, over real sockets.

use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use toml::Spanned;

use super::*;

fn traces(endpoint: &str, one_of: u32) -> config::Traces {
    config::Traces {
        endpoint: Spanned::new(0..0, endpoint.to_owned()),
        ca: None,
        one_of,
        timeout_seconds: config::Seconds::try_from(2).unwrap(),
    }
}

async fn collector() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, format!("http://{address}/v1/traces"))
}

/// Takes one request, answers with `status`, and gives its head and content.
async fn take<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, status: &str) -> (String, Value) {
    let mut octets = Vec::new();
    loop {
        let read = stream.read_buf(&mut octets).await.unwrap();
        assert!(read > 0, "the request breaks off");
        let text = String::from_utf8_lossy(&octets).into_owned();
        let Some((head, content)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let head = head.to_lowercase();
        let (_, length) = head.split_once("content-length: ").unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if content.len() < length {
            continue;
        }
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        return (head, serde_json::from_str(content).unwrap());
    }
}

fn start(traces: &config::Traces) -> (Tracer, Exporter, Arc<Metrics>) {
    let metrics = Arc::new(Metrics::new());
    let collector = Collector::find(traces).unwrap();
    let (tracer, exporter) = Tracer::start(traces, collector, Clock::start(), &metrics);
    (tracer, exporter, metrics)
}

fn spans(request: &Value) -> Vec<Value> {
    let spans = &request["resourceSpans"][0]["scopeSpans"][0]["spans"];
    spans.as_array().unwrap().clone()
}

/// The value of a span's attribute.
fn said<'a>(span: &'a Value, key: &str) -> &'a Value {
    let mut all = span["attributes"].as_array().unwrap().iter();
    let found = all.find(|attribute| attribute["key"] == key);
    found.map_or(&Value::Null, |attribute| &attribute["value"])
}

fn play(tracer: &Tracer, number: u64) {
    let mut session = tracer.session(number, ListenerKind::Imap);
    session.span(SpanName::Handshake).end(Outcome::Done);
    let mut login = session.span(SpanName::Login);
    login.tell(Attribute::Mechanism(Mechanism::Plain));
    let mut dial = login.child(SpanName::Dial);
    dial.tell(Attribute::Backend(
        BackendName::try_from("north".to_owned()).unwrap(),
    ));
    dial.tell(Attribute::Stage(Stage::Tls));
    dial.end(Outcome::Failed);
    login.end(Outcome::Refused);
    session.tell(Attribute::Octets(Way::ToStore, u64::MAX));
    session.tell(Attribute::Event(Event::StoreUnreachable));
}

fn check(request: &Value) {
    let resource = &request["resourceSpans"][0]["resource"];
    assert_eq!(said(resource, "service.name")["stringValue"], "keyhole");
    let spans = spans(request);
    let names: Vec<_> = spans
        .iter()
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["handshake", "dial", "login", "session"]);
    let [handshake, dial, login, session] = &spans[..] else {
        panic!()
    };
    for (child, parent) in [(handshake, session), (dial, login), (login, session)] {
        assert_eq!(child["parentSpanId"], parent["spanId"]);
        assert_eq!(child["traceId"], session["traceId"]);
        let start = |span: &Value| {
            span["startTimeUnixNano"]
                .as_str()
                .unwrap()
                .parse::<u64>()
                .unwrap()
        };
        assert!(start(child) >= start(parent));
    }
    assert_eq!(session["parentSpanId"], "");
    assert_eq!(session["traceId"].as_str().unwrap().len(), 32);
    assert_eq!(session["spanId"].as_str().unwrap().len(), 16);
    assert_eq!(session["kind"], 2);
    assert_eq!(said(session, "keyhole.listener")["stringValue"], "imap");
    let octets = said(session, "keyhole.octets_to_store");
    assert_eq!(octets["intValue"], u64::MAX.to_string());
    assert_eq!(
        said(session, "keyhole.event")["stringValue"],
        "store_unreachable"
    );
    assert_eq!(said(session, "keyhole.outcome")["stringValue"], "abandoned");
    assert_eq!(
        (&dial["status"]["code"], &login["status"]["code"]),
        (&2.into(), &0.into())
    );
    assert_eq!(said(dial, "keyhole.stage")["stringValue"], "tls");
    assert_eq!(said(dial, "keyhole.backend")["stringValue"], "north");
}

#[tokio::test]
async fn a_collector_gets_a_sessions_spans() {
    let (listener, endpoint) = collector().await;
    let (tracer, exporter, metrics) = start(&traces(&endpoint, 1));
    let exporting = tokio::spawn(exporter.run());
    play(&tracer, 7);
    drop(tracer);
    let (head, request) = take(listener.accept().await.unwrap().0, "200 OK").await;
    assert!(head.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    check(&request);
    exporting.await.unwrap();
    assert_eq!(metrics.dropped_spans(), 0);
    assert_eq!(metrics.counted(Event::TraceExportFailed), 0);
}

#[tokio::test]
async fn a_collector_far_away_is_spoken_to_in_tls_and_must_prove_its_name() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let path = std::env::temp_dir().join(format!("keyhole-traces-{}", std::process::id()));
    std::fs::write(&path, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(server));
    let (listener, endpoint) = collector().await;
    let port = endpoint.split([':', '/']).nth(4).unwrap();
    let mut trusting = traces(&format!("https://localhost:{port}/v1/traces"), 1);
    for (ca, failures) in [(Some(path.clone()), 0), (None, 1)] {
        trusting.ca = ca;
        let (tracer, exporter, metrics) = start(&trusting);
        let exporting = tokio::spawn(exporter.run());
        play(&tracer, 7);
        drop(tracer);
        let accepted = acceptor.accept(listener.accept().await.unwrap().0).await;
        match accepted {
            Ok(stream) => check(&take(stream, "200 OK").await.1),
            Err(_) => assert_eq!(failures, 1),
        }
        exporting.await.unwrap();
        assert_eq!(metrics.counted(Event::TraceExportFailed), failures);
    }
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn a_collector_that_is_down_or_refuses_costs_its_spans_and_nothing_else() {
    let (listener, endpoint) = collector().await;
    let (tracer, exporter, metrics) = start(&traces(&endpoint, 1));
    let exporting = tokio::spawn(exporter.run());
    play(&tracer, 1);
    drop(tracer);
    drop(take(listener.accept().await.unwrap().0, "503 Later").await);
    exporting.await.unwrap();
    assert_eq!(metrics.counted(Event::TraceExportFailed), 1);
    assert_eq!(metrics.dropped_spans(), 4);
    drop(listener);
    let (tracer, exporter, metrics) = start(&traces(&endpoint, 1));
    play(&tracer, 1);
    drop(tracer);
    exporter.run().await;
    assert_eq!(metrics.counted(Event::TraceExportFailed), 1);
    assert_eq!(metrics.dropped_spans(), 4);
}

#[tokio::test]
async fn a_collector_that_hangs_is_given_up() {
    let (listener, endpoint) = collector().await;
    let (tracer, exporter, metrics) = start(&traces(&endpoint, 1));
    play(&tracer, 1);
    drop(tracer);
    let hanging = tokio::spawn(async move {
        let stream = listener.accept().await.unwrap();
        std::future::pending::<()>().await;
        drop(stream);
    });
    let exporting = tokio::time::timeout(Duration::from_secs(30), exporter.run());
    exporting.await.expect("given up");
    assert_eq!(metrics.counted(Event::TraceExportFailed), 1);
    hanging.abort();
}

#[tokio::test]
async fn a_full_queue_drops_and_counts_and_never_waits() {
    let (_listener, endpoint) = collector().await;
    let (tracer, _exporter, metrics) = start(&traces(&endpoint, 1));
    for _ in 0..QUEUE + 3 {
        drop(tracer.session(0, ListenerKind::Passthrough));
    }
    assert_eq!(metrics.dropped_spans(), 3);
}

#[tokio::test]
async fn one_of_so_many_sessions_is_traced_and_none_where_traces_are_off() {
    let (_listener, endpoint) = collector().await;
    let (tracer, _exporter, _) = start(&traces(&endpoint, 4));
    let traced = |tracer: &Tracer| {
        let sessions = (0..40).map(|number| tracer.session(number, ListenerKind::Imap));
        sessions.filter(|session| session.0.0.is_some()).count()
    };
    assert_eq!(traced(&tracer), 10);
    assert_eq!(traced(&Tracer::off()), 0);
    let idle = Tracer::off().session(0, ListenerKind::Imap);
    assert!(idle.span(SpanName::Login).0.is_none());
    assert_eq!(size_of::<SessionTrace>(), size_of::<usize>());
}

#[tokio::test]
async fn a_span_says_so_much_and_no_more() {
    let (_listener, endpoint) = collector().await;
    let (tracer, _exporter, _) = start(&traces(&endpoint, 1));
    let mut session = tracer.session(0, ListenerKind::Imap);
    for _ in 0..100 {
        session.tell(Attribute::Stage(Stage::Tls));
    }
    let open = session.0.0.as_ref().unwrap();
    assert_eq!(open.ended.attributes.len(), MOST_ATTRIBUTES);
}

#[test]
fn an_endpoint_without_tls_is_on_this_machine() {
    for good in [
        "http://127.0.0.1:4318/v1/traces",
        "http://[::1]/",
        "http://localhost:1",
    ] {
        assert!(Collector::find(&traces(good, 1)).is_ok(), "{good}");
    }
    for wrong in [
        "",
        "127.0.0.1:4318",
        "http://192.0.2.1/v1/traces",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1/",
        "http:///v1",
        "https://192.0.2.1:99999/",
    ] {
        let error = Collector::find(&traces(wrong, 1)).unwrap_err();
        assert!(
            error.to_string().contains("traces.endpoint"),
            "{wrong}: {error}"
        );
    }
    assert!(Collector::find(&traces("https://192.0.2.1/v1/traces", 1)).is_ok());
}

#[test]
fn observability_md_lists_every_span() {
    let page = include_str!("../../../docs/observability.md");
    for name in [
        SpanName::Session,
        SpanName::Handshake,
        SpanName::Login,
        SpanName::Route,
        SpanName::Dial,
        SpanName::Convert,
        SpanName::VaultWait,
        SpanName::Fetch,
        SpanName::Transcode,
    ] {
        let row = format!("| `{}` |", name.word());
        assert!(page.contains(&row), "docs/observability.md lacks {row}");
    }
}
