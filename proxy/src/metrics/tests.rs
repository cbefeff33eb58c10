//! The counters, and the exposition held against the format's own rules.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    admin::{AddressHealth, BackendHealth, VaultCounts},
    config::BackendName,
};

#[test]
fn each_event_has_its_own_counter() {
    let metrics = Metrics::new();
    metrics.count(Event::Ready);
    metrics.count(Event::VaultFailed);
    metrics.count(Event::VaultFailed);
    assert_eq!(metrics.counted(Event::Ready), 1);
    assert_eq!(metrics.counted(Event::VaultFailed), 2);
    assert_eq!(metrics.counted(Event::Stopped), 0);
}

#[test]
fn open_connections_are_those_of_all_listeners() {
    let metrics = Metrics::new();
    metrics.opened();
    metrics.opened_at(ListenerKind::Passthrough);
    metrics.opened_at(ListenerKind::Passthrough);
    metrics.closed_at(ListenerKind::Passthrough);
    assert_eq!(metrics.open(), 2);
    let samples = samples(&exposition(&metrics));
    let accepted = "keyhole_connections_total{listener=\"passthrough\"}";
    assert_eq!(samples[accepted], "2");
}

fn exposition(metrics: &Metrics) -> String {
    let backend = BackendHealth {
        name: BackendName::try_from("north".to_owned()).unwrap(),
        addresses: vec![AddressHealth {
            address: "192.0.2.99:993".parse().unwrap(),
            state: AddressState::Down,
        }],
        failures: vec![(Stage::Tls, 4)],
        connections: 3,
    };
    let vaults = VaultCounts {
        live: 2,
        started: 9,
        ended: vec![(VaultOutcome::Done, 6), (VaultOutcome::Failed, 1)],
    };
    metrics.exposition(&Scrape {
        process: &Process::open(1_800_000_000),
        backends: &[backend],
        vaults: Some(vaults),
    })
}

/// Reads text format 0.0.4 strictly: HELP and TYPE before samples, each family once and whole, names and labels of the
/// allowed form, no sample twice, every value a number. Gives the samples.
fn samples(text: &str) -> BTreeMap<String, String> {
    assert!(text.ends_with('\n'));
    let mut samples = BTreeMap::new();
    let mut families = BTreeSet::new();
    let (mut family, mut kind) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').expect(line);
            assert!(families.insert(name.to_owned()), "{name} twice");
            assert!(!help.is_empty(), "{line}");
            (family, kind) = (name.to_owned(), String::new());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, of) = rest.split_once(' ').expect(line);
            assert_eq!((name, kind.as_str()), (family.as_str(), ""), "{line}");
            assert!(["counter", "gauge", "histogram"].contains(&of), "{line}");
            kind = of.to_owned();
        } else {
            let (series, value) = line.rsplit_once(' ').expect(line);
            assert!(value.parse::<f64>().is_ok_and(|v| v >= 0.0), "{line}");
            check_series(series, &family, &kind);
            let before = samples.insert(series.to_owned(), value.to_owned());
            assert!(before.is_none(), "{series} twice");
        }
    }
    samples
}

fn check_series(series: &str, family: &str, kind: &str) {
    let (name, labels) = match series.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').expect(series)),
        None => (series, ""),
    };
    let suffix = name.strip_prefix(family).expect(series);
    match kind {
        "histogram" => assert!(["_bucket", "_sum", "_count"].contains(&suffix), "{series}"),
        "counter" => assert!(suffix.is_empty() && name.ends_with("_total"), "{series}"),
        _ => assert!(suffix.is_empty() && !name.ends_with("_total"), "{series}"),
    }
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    assert!(
        name.starts_with("keyhole_") && name.chars().all(plain),
        "{series}"
    );
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (name, value) = label.split_once('=').expect(series);
        assert!(ALLOWED.contains(&name), "{series}");
        let value = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        assert!(!value.expect(series).contains(['"', '\\']), "{series}");
    }
}

/// The labels that there may be.
const ALLOWED: [&str; 10] = [
    "backend",
    "event",
    "le",
    "listener",
    "mechanism",
    "outcome",
    "stage",
    "state",
    "to",
    "version",
];

#[test]
fn the_exposition_is_text_format_and_holds_every_family() {
    let text = exposition(&Metrics::new());
    samples(&text);
    let told: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let all: Vec<_> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(told, all);
}

#[test]
fn what_is_counted_is_told() {
    let metrics = Metrics::new();
    metrics.handshake(HandshakeOutcome::Failed);
    metrics.refused_at(ListenerKind::Imap);
    metrics.add_octets(Way::ToVault, 77);
    metrics.login(
        Mechanism::Plain,
        LoginOutcome::Accepted,
        Duration::from_millis(30),
    );
    metrics.backend_connected(Duration::from_millis(3));
    metrics.count(Event::ConversionDone);
    metrics.spans_dropped(5);
    let samples = samples(&exposition(&metrics));
    for (series, value) in [
        ("keyhole_tls_handshakes_total{outcome=\"failed\"}", "1"),
        ("keyhole_connections_refused_total{listener=\"imap\"}", "1"),
        ("keyhole_relayed_bytes_total{to=\"vault\"}", "77"),
        (
            "keyhole_logins_total{mechanism=\"plain\",outcome=\"accepted\"}",
            "1",
        ),
        (
            "keyhole_logins_total{mechanism=\"plain\",outcome=\"refused\"}",
            "0",
        ),
        ("keyhole_login_duration_seconds_bucket{le=\"0.025\"}", "0"),
        ("keyhole_login_duration_seconds_bucket{le=\"0.05\"}", "1"),
        ("keyhole_login_duration_seconds_bucket{le=\"+Inf\"}", "1"),
        ("keyhole_login_duration_seconds_sum", "0.030000"),
        ("keyhole_backend_connect_duration_seconds_count", "1"),
        (
            "keyhole_backend_addresses{backend=\"north\",state=\"down\"}",
            "1",
        ),
        (
            "keyhole_backend_addresses{backend=\"north\",state=\"up\"}",
            "0",
        ),
        (
            "keyhole_backend_failures_total{backend=\"north\",stage=\"tls\"}",
            "4",
        ),
        ("keyhole_backend_connections{backend=\"north\"}", "3"),
        ("keyhole_vaults_ended_total{outcome=\"done\"}", "6"),
        ("keyhole_vaults_ended_total{outcome=\"unused\"}", "0"),
        ("keyhole_conversions_total{outcome=\"done\"}", "1"),
        ("keyhole_events_total{event=\"conversion_done\"}", "1"),
        ("keyhole_trace_spans_total{outcome=\"dropped\"}", "5"),
        ("keyhole_start_time_seconds", "1800000000"),
    ] {
        assert_eq!(
            samples.get(series).map(String::as_str),
            Some(value),
            "{series}"
        );
    }
}

#[test]
fn a_backends_address_is_not_told() {
    assert!(!exposition(&Metrics::new()).contains("192.0.2.99"));
}

#[test]
fn observability_md_lists_every_metric_and_the_values_of_every_label() {
    let page = include_str!("../../../docs/observability.md");
    for family in FAMILIES {
        let row = format!("| `{}` |", family.name);
        assert!(page.contains(&row), "docs/observability.md lacks {row}");
    }
    let words = [
        Mechanism::ALL.iter().map(|v| v.word()).collect::<Vec<_>>(),
        LoginOutcome::ALL.iter().map(|v| v.word()).collect(),
        Stage::ALL.iter().map(|v| v.word()).collect(),
        VaultOutcome::ALL.iter().map(|v| v.word()).collect(),
        ListenerKind::ALL.iter().map(|v| v.word()).collect(),
        AddressState::ALL.iter().map(|v| v.word()).collect(),
    ];
    for word in words.iter().flatten() {
        assert!(
            page.contains(&format!("`{word}`")),
            "docs/observability.md lacks `{word}`"
        );
    }
}
