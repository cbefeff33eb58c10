//! The admin listener over real sockets.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};

use super::*;
use crate::{
    config::{AdminAddress, BackendName},
    metrics::{AddressState, Stage, VaultOutcome, Way},
    peer::{Peer, Word},
    registry::{Entry, State},
};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// What must never be told outside the list of sessions.
const CANARY: &str = "canary";

fn north() -> BackendName {
    BackendName::try_from("north".to_owned()).unwrap()
}

fn state(health: Health) -> (AdminState, mpsc::Receiver<Reload>) {
    let (reload, reloads) = mpsc::channel(1);
    let backends = vec![BackendHealth {
        name: north(),
        addresses: vec![AddressHealth {
            address: "192.0.2.99:993".parse().unwrap(),
            state: AddressState::Trying,
        }],
        failures: vec![(Stage::Connect, 5)],
        connections: 3,
    }];
    let vaults = VaultCounts {
        live: 6,
        started: 20,
        ended: vec![(VaultOutcome::Done, 14)],
    };
    let sources = Sources {
        backends: Arc::new(move || backends.clone()),
        vaults: Arc::new(move || Some(vaults.clone())),
        health: Arc::new(move || health.clone()),
        reload,
    };
    let state = AdminState {
        registry: Registry::new(),
        metrics: Arc::new(Metrics::new()),
        clock: Clock::start(),
        process: Arc::new(Process::open(1)),
        sources,
    };
    (state, reloads)
}

fn well() -> Health {
    Health {
        phase: Phase::Serving,
        missing: Vec::new(),
    }
}

/// A listener on a free port, its task ended with the test.
fn start(door: Door, state: AdminState, patience: Patience) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let listening = AdminListener::Tcp(listener).start().unwrap();
    tokio::spawn(serve(
        listening,
        Arc::new(move || door.clone()),
        state,
        patience,
    ));
    address
}

fn locked(state: &AdminState) -> SocketAddr {
    let digest = TokenDigest::of(TOKEN).unwrap();
    start(Door::Token(digest), state.clone(), PATIENCE)
}

/// Sends octets and reads until the end.
async fn exchange(address: SocketAddr, octets: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may close before it has read everything.
    drop(stream.write_all(octets).await);
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    drop(
        tokio::time::timeout(Duration::from_secs(20), reading)
            .await
            .expect("an end"),
    );
    String::from_utf8(answer).unwrap()
}

/// The status and the content of an answer to who shows the token.
async fn ask(address: SocketAddr, method: &str, target: &str) -> (u16, Value) {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    );
    let answer = exchange(address, head.as_bytes()).await;
    let content = answer
        .split_once("\r\n\r\n")
        .map_or("", |(_, content)| content);
    (
        status(&answer),
        serde_json::from_str(content).unwrap_or(Value::Null),
    )
}

fn status(answer: &str) -> u16 {
    let code = answer.split(' ').nth(1).unwrap_or_default();
    code.parse().unwrap_or(0)
}

fn enter(state: &AdminState, number: u64, user: &str) -> Entry {
    let client = format!("192.0.2.7:{}", 1000 + number).parse().unwrap();
    let peer = Peer::direct(client, "127.0.0.1:993".parse().unwrap(), Word::Stranger);
    let entry = state
        .registry
        .enter(number, "imap 127.0.0.1:993", &peer, state.clock.now());
    entry.user(user);
    entry.backend(&north());
    entry.state(State::Open);
    entry
}

#[tokio::test]
async fn nothing_is_told_without_the_token() {
    let (state, _reloads) = state(well());
    let entry = enter(&state, 1, CANARY);
    let address = locked(&state);
    for shown in [
        "",
        "Authorization: Bearer 0123456789abcdef0123456789abcdeF\r\n",
    ] {
        for target in [
            "GET /sessions",
            "DELETE /sessions/1",
            "GET /nothing",
            "POST /reload",
        ] {
            let head = format!("{target} HTTP/1.1\r\nHost: localhost\r\n{shown}\r\n");
            let answer = exchange(address, head.as_bytes()).await;
            assert_eq!(status(&answer), 401, "{answer}");
            assert!(answer.to_lowercase().contains("www-authenticate: bearer"));
            assert!(!answer.contains(CANARY), "{answer}");
        }
    }
    assert_eq!(state.metrics.counted(Event::AdminRefused), 8);
    assert!(!entry.is_kicked());
}

#[tokio::test]
async fn sessions_are_listed_filtered_and_paged() {
    let (state, _reloads) = state(well());
    let entries: Vec<_> = (1..=5)
        .map(|number| enter(&state, number, if number == 3 { "eve" } else { "bob" }))
        .collect();
    entries[2].add_octets(Way::ToClient, 55);
    let address = locked(&state);
    let (_, eve) = ask(address, "GET", "/sessions?user=eve").await;
    let since = eve["sessions"][0]["since"].as_u64().unwrap();
    assert!(clock::unix_seconds().abs_diff(since) <= 5, "{since}");
    assert_eq!(
        eve,
        json!({ "sessions": [{
        "number": 3, "listener": "imap 127.0.0.1:993", "client": "192.0.2.7:1003", "user": "eve",
        "backend": "north", "state": "open", "since": since,
        "octets_to_store": 0, "octets_to_client": 55,
    }], "next": null })
    );
    let (_, first) = ask(address, "GET", "/sessions?limit=2").await;
    assert_eq!(first["next"], 2);
    let (_, second) = ask(address, "GET", "/sessions?limit=2&after=2").await;
    assert_eq!(second["sessions"][0]["number"], 3);
    let (_, last) = ask(address, "GET", "/sessions?limit=2&after=4").await;
    assert_eq!(
        (&last["sessions"][0]["number"], &last["next"]),
        (&json!(5), &Value::Null)
    );
}

#[tokio::test]
async fn a_kicked_session_ends_and_others_do_not() {
    let (state, _reloads) = state(well());
    let (bob, eve, other) = (
        enter(&state, 1, "bob"),
        enter(&state, 2, "eve"),
        enter(&state, 3, "eve"),
    );
    let address = locked(&state);
    assert_eq!(
        ask(address, "DELETE", "/sessions/1").await,
        (200, json!({"kicked": 1}))
    );
    bob.kicked().await;
    assert!(!eve.is_kicked());
    let both = ask(address, "DELETE", "/sessions?user=eve").await;
    assert_eq!(both, (200, json!({"kicked": 2})));
    eve.kicked().await;
    other.kicked().await;
    assert_eq!(ask(address, "DELETE", "/sessions/9").await.0, 404);
    assert_eq!(
        ask(address, "DELETE", "/sessions?user=nobody").await,
        (200, json!({"kicked": 0}))
    );
    assert_eq!(state.metrics.counted(Event::SessionKicked), 3);
}

#[tokio::test]
async fn backends_and_vaults_are_as_their_sources_say() {
    let (state, _reloads) = state(well());
    let address = locked(&state);
    let (_, told) = ask(address, "GET", "/backends").await;
    let north = &told["backends"][0];
    assert_eq!(north["name"], "north");
    assert_eq!(
        north["addresses"][0],
        json!({"address": "192.0.2.99:993", "state": "trying"})
    );
    assert_eq!(north["failures"][1], json!({"what": "connect", "count": 5}));
    assert_eq!(north["failures"][0]["count"], 0);
    let (_, vaults) = ask(address, "GET", "/vaults").await;
    assert_eq!(
        (&vaults["live"], &vaults["started"]),
        (&json!(6), &json!(20))
    );
    assert_eq!(vaults["ended"][0], json!({"what": "done", "count": 14}));
}

#[tokio::test]
async fn health_says_ok_degraded_and_draining() {
    let all = vec![Missing::Sandbox, Missing::Warden, Missing::Loader];
    let told = json!(["sandbox", "warden", "loader"]);
    for (phase, missing, code, status, names) in [
        (Phase::Serving, Vec::new(), 200, "ok", json!([])),
        (Phase::Serving, all.clone(), 200, "degraded", told.clone()),
        (Phase::Draining, all, 503, "draining", told),
    ] {
        let (state, _reloads) = state(Health { phase, missing });
        let answer = ask(locked(&state), "GET", "/health").await;
        assert_eq!(answer, (code, json!({"status": status, "missing": names})));
    }
}

#[tokio::test]
async fn a_reload_is_answered_as_it_came_out() {
    let (state, mut reloads) = state(well());
    let address = locked(&state);
    let loader = tokio::spawn(async move {
        for outcome in [
            Reloaded::Done,
            Reloaded::Refused("line 3 is wrong".to_owned()),
        ] {
            let Reload { answer } = reloads.recv().await.unwrap();
            answer.send(outcome).unwrap();
        }
    });
    assert_eq!(ask(address, "POST", "/reload").await.0, 200);
    let refused = ask(address, "POST", "/reload").await;
    assert_eq!(refused, (409, json!({"error": "line 3 is wrong"})));
    loader.await.unwrap();
    assert_eq!(
        ask(address, "POST", "/reload").await.0,
        409,
        "the loader is gone"
    );
}

#[tokio::test]
async fn a_reload_that_takes_long_is_answered_before_the_caller_is_cut_off() {
    let (state, _reloads) = state(well());
    let patience = Patience {
        reload: Duration::from_millis(50),
        ..PATIENCE
    };
    let address = start(
        Door::Token(TokenDigest::of(TOKEN).unwrap()),
        state,
        patience,
    );
    assert_eq!(ask(address, "POST", "/reload").await.0, 202);
}

#[tokio::test]
async fn what_is_not_there_or_wrong_is_said_to_be() {
    let (state, _reloads) = state(well());
    let address = locked(&state);
    assert_eq!(ask(address, "GET", "/").await.0, 404);
    assert_eq!(ask(address, "GET", "/sessions/1/x").await.0, 404);
    assert_eq!(ask(address, "GET", "/sessions?limit=0").await.0, 400);
    assert_eq!(ask(address, "DELETE", "/sessions").await.0, 400);
    let head =
        format!("PUT /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    let answer = exchange(address, head.as_bytes()).await.to_lowercase();
    assert_eq!(status(&answer), 405);
    assert!(answer.contains("allow: get, head\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[tokio::test]
async fn a_request_with_content_a_huge_head_or_another_host_is_refused() {
    let (state, _reloads) = state(well());
    let address = locked(&state);
    let with = |more: &str| {
        format!("POST /reload HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n{more}\r\n")
    };
    let here = "Host: localhost\r\n";
    for (more, code) in [
        (format!("{here}Content-Length: 5\r\n"), 413),
        (format!("{here}Transfer-Encoding: chunked\r\n"), 413),
        ("Host: evil.example\r\n".to_owned(), 421),
        (String::new(), 400),
        (format!("{here}X: {}\r\n", "x".repeat(9000)), 431),
        (format!("{here}{}", "X: x\r\n".repeat(70)), 431),
    ] {
        let answer = exchange(address, with(&more).as_bytes()).await;
        assert_eq!(status(&answer), code, "{more:.60}: {answer}");
    }
    let target = format!("GET http://evil.example/health HTTP/1.1\r\n{here}\r\n");
    assert_eq!(status(&exchange(address, target.as_bytes()).await), 421);
}

#[tokio::test]
async fn a_slow_caller_is_cut_off_and_its_place_given_to_the_next() {
    let (state, _reloads) = state(well());
    let patience = Patience {
        head: Duration::from_millis(300),
        at_once: 1,
        ..PATIENCE
    };
    let address = start(
        Door::Token(TokenDigest::of(TOKEN).unwrap()),
        state,
        patience,
    );
    for first in [&b""[..], b"GET /health HTTP/1.1\r\nHost: local"] {
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(first).await.unwrap();
        assert_eq!(ask(address, "GET", "/health").await.0, 200);
        let mut rest = Vec::new();
        drop(slow.read_to_end(&mut rest).await);
        assert!(!rest.starts_with(b"HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn a_caller_that_does_not_read_is_cut_off() {
    let (state, _reloads) = state(well());
    let patience = Patience {
        whole: Duration::from_millis(300),
        reload: Duration::from_secs(60),
        at_once: 1,
        ..PATIENCE
    };
    let address = start(
        Door::Token(TokenDigest::of(TOKEN).unwrap()),
        state,
        patience,
    );
    // Nobody takes this reload: the caller hangs until all patience is spent.
    assert_eq!(ask(address, "POST", "/reload").await.0, 0);
    assert_eq!(ask(address, "GET", "/health").await.0, 200);
}

#[tokio::test]
async fn one_connection_carries_one_request() {
    let (state, _reloads) = state(well());
    let address = locked(&state);
    let head =
        format!("GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    let answers = exchange(address, head.repeat(3).as_bytes()).await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1);
}

#[tokio::test]
async fn the_metrics_listener_tells_metrics_only_and_nobodys_name() {
    let (state, _reloads) = state(well());
    let entry = enter(&state, 1, CANARY);
    Record::of(Event::LoginAccepted)
        .session(1)
        .user(CANARY.as_bytes())
        .address("192.0.2.7:1001".parse().unwrap())
        .log(&state.metrics);
    let address = start(Door::Metrics, state, PATIENCE);
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    let answer = exchange(address, get("/metrics").as_bytes()).await;
    assert_eq!(status(&answer), 200);
    assert!(
        answer.contains("content-type: text/plain; version=0.0.4"),
        "{answer}"
    );
    assert!(answer.contains("keyhole_events_total{event=\"login_accepted\"} 1\n"));
    for name in [CANARY, "192.0.2", "127.0.0.1"] {
        assert!(!answer.contains(name), "{name}");
    }
    assert_eq!(
        status(&exchange(address, get("/sessions").as_bytes()).await),
        404
    );
    drop(entry);
}

#[tokio::test]
async fn a_port_without_a_token_is_not_served_and_a_socket_file_is() {
    let (state, _reloads) = state(well());
    let port = AdminListener::bind(&AdminAddress::Tcp("127.0.0.1:0".parse().unwrap())).unwrap();
    let refused = run(port, Arc::new(|| None), state.clone())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    let path = std::env::temp_dir().join(format!("keyhole-admin-run-{}", std::process::id()));
    let file = AdminListener::bind(&AdminAddress::Unix(path.clone())).unwrap();
    tokio::spawn(run(file, Arc::new(|| None), state));
    let mut stream = tokio::net::UnixStream::connect(&path).await.unwrap();
    stream
        .write_all(b"GET /health HTTP/1.1\r\nHost: any\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(status(&answer), 200);
    std::fs::remove_file(&path).unwrap();
}

/// A status for whoever shows `token`.
async fn shown(address: SocketAddr, token: &str) -> u16 {
    let head =
        format!("GET /health HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    status(&exchange(address, head.as_bytes()).await)
}

#[tokio::test]
async fn the_token_that_holds_now_is_asked_for() {
    const OTHER: &str = "fedcba9876543210fedcba9876543210";
    let (state, _reloads) = state(well());
    let digest = TokenDigest::of(TOKEN).unwrap();
    let holds = Arc::new(std::sync::Mutex::new(Some(digest)));
    let asked = Arc::clone(&holds);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let token: Source<_> = Arc::new(move || asked.lock().unwrap().clone());
    tokio::spawn(run(AdminListener::Tcp(listener), token, state));
    assert_eq!(shown(address, TOKEN).await, 200);
    *holds.lock().unwrap() = Some(TokenDigest::of(OTHER).unwrap());
    assert_eq!(shown(address, TOKEN).await, 401);
    assert_eq!(shown(address, OTHER).await, 200);
    *holds.lock().unwrap() = None;
    assert_eq!(shown(address, OTHER).await, 401, "a port is never open");
}
