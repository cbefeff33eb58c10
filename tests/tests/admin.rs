//! The admin listener at its socket file, asked by curl: who is there, who must go, what is behind, and a reload.

#![cfg(test)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use tests::harness::dovecot::{ANN, BOB, User};
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::program::run;
use tests::harness::scratch::Scratch;
use tests::harness::wait;

const TOKEN: &str = "a-token-of-the-tests-of-32-octets-or-more";

struct Scene {
    keyhole: Keyhole,
    socket: PathBuf,
    _folder: Scratch,
    _store: Embedded,
}

/// What curl was answered.
struct Told {
    status: u32,
    text: String,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

impl Scene {
    fn new() -> Self {
        let folder = Scratch::new();
        let socket = folder.join("admin");
        let token = folder.join("token");
        fs::write(&token, format!("{TOKEN}\n")).expect("the token");
        fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).expect("its mode");
        let store = Embedded::start();
        let settings = Settings {
            vault: "pool = 1\n".to_owned(),
            more: format!(
                "[admin]\naddress = \"unix:{}\"\ntoken = \"{}\"\n",
                socket.display(),
                token.display()
            ),
            ..Settings::default()
        };
        Self {
            keyhole: Keyhole::start_with(&Behind::embedded(&store), &settings),
            socket,
            _folder: folder,
            _store: store,
        }
    }

    /// Asks with the right token.
    fn ask(&self, method: &str, target: &str) -> Told {
        self.ask_as(TOKEN, method, target)
    }

    fn ask_as(&self, token: &str, method: &str, target: &str) -> Told {
        let output = run(Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "30"])
            .args(["--request", method, "--write-out", "\n%{http_code}"])
            .arg("--header")
            .arg(format!("Authorization: Bearer {token}"))
            .arg("--unix-socket")
            .arg(&self.socket)
            .arg(format!("http://localhost{target}")));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (text, status) = said.rsplit_once('\n').expect("a status");
        Told {
            status: status.parse().expect("a status"),
            text: text.to_owned(),
        }
    }

    fn logged_in(&self, user: User) -> Client {
        let mut client = Client::tls(self.keyhole.address, &self.keyhole.certificate.authority);
        client.login(user);
        assert!(client.command("SELECT INBOX").is_ok());
        client
    }

    /// The sessions of one user.
    fn sessions(&self, user: User) -> Vec<Value> {
        let told = self.ask("GET", &format!("/sessions?user={}", user.name));
        assert_eq!(told.status, 200, "{}", told.text);
        told.json()["sessions"].as_array().expect("a list").clone()
    }
}

#[test]
fn whoever_is_there_is_listed() {
    let scene = Scene::new();
    let mut ann = scene.logged_in(ANN);
    let _bob = scene.logged_in(BOB);
    let all = scene.ask("GET", "/sessions").json();
    assert_eq!(all["sessions"].as_array().map(Vec::len), Some(2), "{all}");
    let anns = scene.sessions(ANN);
    let [session] = anns.as_slice() else {
        panic!("{anns:?}");
    };
    assert_eq!(session["user"], "ann");
    assert_eq!(session["backend"], "store");
    assert_eq!(session["listener"], "imap");
    assert_eq!(session["state"], "open");
    let opened = scene.keyhole.events("connection_opened");
    let found = opened
        .iter()
        .any(|one| one["session"] == session["number"] && one["address"] == session["client"]);
    assert!(found, "{session}: {opened:?}");
    assert!(session["octets_to_store"].as_u64() > Some(0), "{session}");
    assert!(session["octets_to_client"].as_u64() > Some(0), "{session}");
    ann.send("IDLE");
    assert!(ann.response().starts_with(b"+"));
    wait::until("the session to be idle", || {
        (scene.sessions(ANN)[0]["state"] == "idle").then_some(())
    });
    drop(ann);
    wait::until("the session to be gone", || {
        scene.sessions(ANN).is_empty().then_some(())
    });
}

#[test]
fn whoever_is_kicked_is_told_bye() {
    let mut scene = Scene::new();
    let (first, second) = (scene.logged_in(ANN), scene.logged_in(ANN));
    let mut bob = scene.logged_in(BOB);
    let number = scene.sessions(ANN)[0]["number"].as_u64().expect("a number");
    let told = scene.ask("DELETE", &format!("/sessions/{number}"));
    assert_eq!((told.status, &told.json()["kicked"]), (200, &1.into()));
    wait::until("the session to be gone", || {
        (scene.sessions(ANN).len() == 1).then_some(())
    });
    let told = scene.ask("DELETE", &format!("/sessions/{number}"));
    assert_eq!(told.status, 404, "{}", told.text);
    let told = scene.ask("DELETE", "/sessions?user=ann");
    assert_eq!(told.json()["kicked"], 1, "{}", told.text);
    for client in [first, second] {
        let rest = client.rest();
        assert!(rest.starts_with("* BYE"), "{rest}");
    }
    scene.keyhole.wait_for("session_kicked", |record| {
        record["session"].as_u64() == Some(number)
    });
    assert_eq!(scene.ask("DELETE", "/sessions").status, 400);
    assert!(bob.command("NOOP").is_ok());
}

#[test]
fn in_idle_too() {
    let scene = Scene::new();
    let mut ann = scene.logged_in(ANN);
    ann.send("IDLE");
    assert!(ann.response().starts_with(b"+"));
    assert_eq!(scene.ask("DELETE", "/sessions?user=ann").status, 200);
    let rest = ann.rest();
    assert!(rest.contains("* BYE"), "{rest}");
}

#[test]
fn backends_vaults_and_health_are_shown() {
    let scene = Scene::new();
    let mut ann = scene.logged_in(ANN);
    let told = scene.ask("GET", "/backends").json();
    let backend = &told["backends"][0];
    assert_eq!(backend["name"], "store");
    assert_eq!(backend["connections"], 1, "{told}");
    assert_eq!(backend["addresses"][0]["state"], "up", "{told}");
    assert!(ann.command("KEYREVEAL").is_ok());
    let vaults = scene.ask("GET", "/vaults").json();
    assert_eq!(
        (&vaults["live"], &vaults["started"]),
        (&1.into(), &1.into())
    );
    drop(ann);
    wait::until("the vault to end unused", || {
        let vaults = scene.ask("GET", "/vaults").json();
        let ended = vaults["ended"].as_array()?.clone();
        let unused = ended.iter().find(|one| one["what"] == "unused")?;
        (unused["count"] == 1 && vaults["live"] == 0).then_some(())
    });
    let health = scene.ask("GET", "/health");
    assert_eq!(health.status, 200);
    let health = health.json();
    assert!(
        health["status"] == "ok"
            || health["missing"]
                .as_array()
                .is_some_and(|all| all == &["sandbox"]),
        "{health}"
    );
}

#[test]
fn metrics_name_nobody() {
    let scene = Scene::new();
    let _ann = scene.logged_in(ANN);
    let told = scene.ask("GET", "/metrics");
    assert_eq!(told.status, 200);
    for wanted in [
        "keyhole_logins_total{mechanism=\"login-command\",outcome=\"accepted\"} 1\n",
        "keyhole_connections_open{listener=\"imap\"} 1\n",
        "keyhole_backend_connections{backend=\"store\"} 1\n",
        "keyhole_backend_addresses{backend=\"store\",state=\"up\"} 1\n",
        "keyhole_tls_handshakes_total{outcome=\"done\"} 1\n",
    ] {
        assert!(told.text.contains(wanted), "{wanted}{}", told.text);
    }
    for secret in ["ann", "INBOX", "127.0.0.1"] {
        assert!(!told.text.contains(secret), "{secret}: {}", told.text);
    }
}

#[test]
fn a_reload_is_told_what_came_of_it() {
    let mut scene = Scene::new();
    let mut ann = scene.logged_in(ANN);
    let told = scene.ask("POST", "/reload");
    assert_eq!(told.status, 200, "{}", told.text);
    scene.keyhole.wait_for("config_reloaded", |_| true);
    let path = &scene.keyhole.configuration;
    let text = fs::read_to_string(path).expect("the configuration");
    fs::write(path, format!("nonsense = 1\n{text}")).expect("nonsense");
    let told = scene.ask("POST", "/reload");
    assert_eq!(told.status, 409, "{}", told.text);
    assert!(
        told.json()["error"]
            .as_str()
            .is_some_and(|error| error.contains("nonsense"))
    );
    assert!(ann.command("NOOP").is_ok());
}

#[test]
fn who_has_not_the_token_is_refused() {
    let mut scene = Scene::new();
    let mode = fs::metadata(&scene.socket)
        .expect("the socket")
        .permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    for token in ["a-token-of-the-tests-of-32-octets-or-mor", "x"] {
        let told = scene.ask_as(token, "GET", "/sessions");
        assert_eq!(told.status, 401, "{}", told.text);
    }
    let record = scene.keyhole.wait_for("admin_refused", |_| true);
    assert!(!record.to_string().contains(TOKEN), "{record}");
}
