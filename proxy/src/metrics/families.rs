//! Every metric's name, kind and meaning. `docs/observability.md` lists them; a test holds the two together.

/// What a metric's values are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Durations in buckets.
    Histogram,
}

/// A metric.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Its one-line meaning.
    pub help: &'static str,
}

macro_rules! families {
    ($($constant:ident = $name:literal, $kind:ident, $help:literal;)*) => {
        $(pub(super) const $constant: Family = Family { name: $name, kind: Kind::$kind, help: $help };)*

        /// Every metric, in the order of the exposition.
        pub const ALL: &[Family] = &[$($constant,)*];
    };
}

families! {
    BUILD = "keyhole_build_info", Gauge, "Always 1; the label names the version.";
    STARTED = "keyhole_start_time_seconds", Gauge, "When the server started, in seconds since 1970.";
    RESIDENT = "keyhole_resident_memory_bytes", Gauge, "Resident memory of the server, without warden and vaults.";
    EVENTS = "keyhole_events_total", Counter, "Events, by the names that the log has.";
    CONNECTIONS = "keyhole_connections_total", Counter, "Client connections accepted.";
    OPEN = "keyhole_connections_open", Gauge, "Client connections open now.";
    REFUSED = "keyhole_connections_refused_total", Counter, "Client connections closed at once because of a limit.";
    HANDSHAKES = "keyhole_tls_handshakes_total", Counter, "TLS handshakes with clients.";
    LOGINS = "keyhole_logins_total", Counter, "Logins, by mechanism and outcome.";
    LOGIN_TIME = "keyhole_login_duration_seconds", Histogram, "From a login's command to its answer, penalties and connecting included.";
    PENALTIES = "keyhole_login_penalties_total", Counter, "Logins that had to wait because their address had failed before.";
    RELAYED = "keyhole_relayed_bytes_total", Counter, "Octets sent, by whom they went to.";
    CONNECT_TIME = "keyhole_backend_connect_duration_seconds", Histogram, "From the first packet to a backend to its greeting, successes only.";
    ADDRESSES = "keyhole_backend_addresses", Gauge, "Addresses of a backend, by state.";
    BACKEND_OPEN = "keyhole_backend_connections", Gauge, "Connections open to a backend.";
    FAILURES = "keyhole_backend_failures_total", Counter, "Failures on the way to a backend, by stage.";
    VAULTS_LIVE = "keyhole_vaults_live", Gauge, "Vaults that were handed out and live.";
    VAULTS_STARTED = "keyhole_vaults_started_total", Counter, "Vaults handed out.";
    VAULTS_ENDED = "keyhole_vaults_ended_total", Counter, "Vaults ended, by outcome.";
    CONVERSIONS = "keyhole_conversions_total", Counter, "Conversions asked for, by outcome.";
    RELOADS = "keyhole_reloads_total", Counter, "Reloads of the configuration, by outcome.";
    SPANS = "keyhole_trace_spans_total", Counter, "Trace spans ended, by whether the collector got them.";
}
