//! The name that a client asks for leads to the store that has its mail.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};

use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::mail;
use tests::harness::program::attempt;
use tests::harness::python::{self, Road, Writing};

use crate::{port, start};

/// Three stores; Ann's mail says at which one it is.
struct Scene {
    stores: [Dovecot; 3],
    keyhole: Keyhole,
    open: SocketAddr,
    closed: SocketAddr,
}

const PLACES: [&str; 3] = ["main", "tenants", "rest"];

impl Scene {
    fn new() -> Self {
        let stores = PLACES.map(|place| {
            let store = Dovecot::start();
            store.deliver(ANN, &mail::message(place, b"\r\nhere\r\n"));
            store
        });
        let routes = "routes = { \"localhost\" = \"main\", \"*.example.org\" = \"tenants\" }\n";
        let (open, first) = port(&format!("default = \"rest\"\nno_name = \"main\"\n{routes}"));
        let (closed, second) = port(routes);
        let sections: Vec<String> = PLACES
            .iter()
            .zip(&stores)
            .map(|(place, store)| Behind::dovecot(store).section(place))
            .collect();
        let more = format!(
            "{first}{second}{}[routing]\ndefault = \"store\"\n",
            sections.concat()
        );
        let keyhole = start(&Behind::dovecot(&stores[0]), "", &more);
        Self {
            stores,
            keyhole,
            open,
            closed,
        }
    }
}

/// Whose word curl takes on who the server is.
enum Trust<'a> {
    Authority(&'a Path),
    Anybody,
}

/// What curl sees of Ann's first message when it asks for the host `name`.
fn curl(address: SocketAddr, name: &str, trust: Trust<'_>) -> Output {
    let port = address.port();
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--max-time", "20", "--user"]);
    command.arg(format!("{}:{}", ANN.name, ANN.password));
    command
        .arg("--resolve")
        .arg(format!("{name}:{port}:{}", address.ip()));
    match trust {
        Trust::Authority(authority) => command.arg("--cacert").arg(authority),
        Trust::Anybody => command.arg("--insecure"),
    };
    command.arg(format!("imaps://{name}:{port}/INBOX;UID=1"));
    attempt(&mut command)
}

fn leads_to(output: &Output, place: &str) {
    let said = String::from_utf8_lossy(&output.stdout);
    let subject = format!("Subject: {place}\r\n");
    assert!(said.contains(&subject), "{place}: {output:?}");
}

#[test]
fn a_name_leads_to_the_store_of_its_route() {
    let mut scene = Scene::new();
    let authority = &scene.stores[0].certificate.authority;
    leads_to(
        &curl(scene.open, "localhost", Trust::Authority(authority)),
        "main",
    );
    for (name, place) in [
        ("imap.example.org", "tenants"),
        ("A.B.Example.ORG", "tenants"),
        ("example.org", "rest"),
        ("mail.example.net", "rest"),
    ] {
        leads_to(&curl(scene.open, name, Trust::Anybody), place);
    }
    // An address is no name: curl asks for none.
    leads_to(&curl(scene.open, "127.0.0.1", Trust::Anybody), "main");
    scene
        .keyhole
        .wait_for("passthrough_routed", |record| record["backend"] == "rest");
}

#[test]
fn a_name_without_a_route_is_refused_where_nothing_else_is_said() {
    let mut scene = Scene::new();
    for name in ["mail.example.net", "127.0.0.1"] {
        let output = curl(scene.closed, name, Trust::Anybody);
        assert!(!output.status.success(), "{name}: {output:?}");
    }
    for reason in ["no route has the name asked for", "no name asked for"] {
        scene
            .keyhole
            .wait_for("passthrough_refused", |record| record["reason"] == reason);
    }
    leads_to(
        &curl(scene.closed, "x.example.org", Trust::Anybody),
        "tenants",
    );
}

#[test]
fn imaplib_sees_the_same_through_it_as_directly() {
    let scene = Scene::new();
    let store = &scene.stores[0];
    let road = Road::Tls(&store.certificate.authority);
    let through = python::see(scene.open, road, ANN, Writing::Exact);
    assert!(through.contains("main"), "{through}");
    assert_eq!(through, python::see(store.tls, road, ANN, Writing::Exact));
}
