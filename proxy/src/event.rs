//! What is logged: events with stable names and an allow-list of fields, as text or JSON.
//!
//! A record holds no octet of a session but the login name that the store accepted. `docs/operations.md`
//! lists every name; a test holds the two together.

use std::{net::SocketAddr, time::Duration};

use tracing_subscriber::{Layer, filter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{BackendName, LogFormat, LogLevel},
    metrics::Metrics,
};

/// How much an event matters.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Severity {
    /// Something that an operator should look at.
    Error,
    /// A neighbour did something wrong, or was refused.
    Warn,
    /// The ordinary course.
    Info,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident;)*) => {
        /// Something that happened, under the name that never changes.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum Event { $($(#[$doc])* $variant,)* }

        impl Event {
            /// Every event, in the order of their counters.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much it matters.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }
        }
    };
}

events! {
    /// A listener accepts connections at `address`.
    Listening = "listening", Info;
    /// The server does its work.
    Ready = "ready", Info;
    /// The server was asked to stop: no new connections, the others get a BYE.
    Draining = "draining", Info;
    /// The server is about to exit.
    Stopped = "stopped", Info;
    /// A counter's value, told at exit.
    Counter = "counter", Info;
    /// A connection could not be accepted (no descriptors, most often).
    AcceptFailed = "accept_failed", Error;
    /// The warden is gone: no more reveals until the server is started again.
    WardenLost = "warden_lost", Error;
    /// A vault that was handed out is gone, and how it ended.
    VaultEnded = "vault_ended", Info;
    /// A client's connection was accepted.
    ConnectionOpened = "connection_opened", Info;
    /// A client's connection was refused by a limit.
    ConnectionRefused = "connection_refused", Warn;
    /// A client did not finish the TLS handshake.
    HandshakeFailed = "handshake_failed", Warn;
    /// A client's connection is over.
    ConnectionClosed = "connection_closed", Info;
    /// The store could not be reached, or its TLS certificate was not the right one.
    StoreUnreachable = "store_unreachable", Error;
    /// The store greeted with BYE or PREAUTH.
    StoreRefused = "store_refused", Error;
    /// The store closed, hung or broke the protocol in the middle of a session.
    StoreFailed = "store_failed", Error;
    /// The store accepted a login.
    LoginAccepted = "login_accepted", Info;
    /// A login was refused, by the store or here.
    LoginRefused = "login_refused", Warn;
    /// A command was refused here.
    CommandRefused = "command_refused", Warn;
    /// A client broke the protocol so that nothing but closing helps.
    ClientFailed = "client_failed", Warn;
    /// A client was idle for too long, or did not read its answers.
    ClientTimedOut = "client_timed_out", Warn;
    /// Key statements were given out.
    StatementsIssued = "statements_issued", Info;
    /// Key statements were asked for and not given.
    StatementsRefused = "statements_refused", Warn;
    /// A conversion was answered with data.
    ConversionDone = "conversion_done", Info;
    /// A conversion was answered with an error phrase or a NO for a clear reason.
    ConversionRefused = "conversion_refused", Warn;
    /// A reveal was refused: the one answer.
    RevealRefused = "reveal_refused", Warn;
    /// A vault died, stalled or said something it must not.
    VaultFailed = "vault_failed", Error;
    /// A login waits because its address has failed before.
    LoginDelayed = "login_delayed", Info;
    /// Octets came behind STARTTLS in clear: they were thrown away.
    StarttlsInjection = "starttls_injection", Warn;
    /// A connection has come through too many proxies.
    LoopDetected = "loop_detected", Error;
    /// A PROXY protocol header was missing, broken, or came from where it is not believed.
    ProxyHeaderRefused = "proxy_header_refused", Warn;
    /// A connection is passed on unopened.
    PassthroughRouted = "passthrough_routed", Info;
    /// A connection to be passed on was closed: no route, or no ClientHello.
    PassthroughRefused = "passthrough_refused", Warn;
    /// A backend's address failed so often that it is left alone for a while.
    BackendDown = "backend_down", Error;
    /// A backend's address that was left alone works again.
    BackendUp = "backend_up", Info;
    /// The users' map was read again.
    MapReloaded = "map_reloaded", Info;
    /// The users' map has changed and cannot be used; the old one stays.
    MapRefused = "map_refused", Error;
    /// The routing server did not answer, or not so that it can be used.
    LookupFailed = "lookup_failed", Error;
    /// The configuration was read again and holds from now on.
    ConfigReloaded = "config_reloaded", Info;
    /// The configuration was read again and is wrong; the old one stays.
    ConfigRefused = "config_refused", Error;
    /// A listener is gone from the configuration; its connections live on.
    ListenerClosed = "listener_closed", Info;
    /// An administrator ended a session.
    SessionKicked = "session_kicked", Warn;
    /// A caller of the admin listener was refused.
    AdminRefused = "admin_refused", Warn;
    /// Traces could not be sent to the collector.
    TraceExportFailed = "trace_export_failed", Warn;
    /// The loader is gone: no more reloads, and names are not looked up again.
    LoaderLost = "loader_lost", Error;
}

/// One line of the log, being filled in. Only the fields named here exist.
#[derive(Clone, Debug)]
#[must_use = "a record says nothing until it is logged"]
pub struct Record<'a> {
    event: Event,
    session: Option<u64>,
    address: Option<SocketAddr>,
    user: Option<String>,
    key_id: Option<String>,
    backend: Option<String>,
    exit: Option<String>,
    reason: Option<&'a str>,
    count: Option<u64>,
    octets: Option<u64>,
    milliseconds: Option<u64>,
}

impl<'a> Record<'a> {
    /// A record of `event` with no field yet.
    pub fn of(event: Event) -> Self {
        Self {
            event,
            session: None,
            address: None,
            user: None,
            key_id: None,
            backend: None,
            exit: None,
            reason: None,
            count: None,
            octets: None,
            milliseconds: None,
        }
    }

    /// The connection's number.
    pub fn session(mut self, number: u64) -> Self {
        self.session = Some(number);
        self
    }

    /// A socket address: a listener's, a client's or the store's.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The login name, once the store has accepted it; escaped and cut, so that it stays on its line.
    pub fn user(mut self, user: &[u8]) -> Self {
        self.user = Some(user.escape_ascii().to_string().chars().take(64).collect());
        self
    }

    /// A vault's key id.
    pub fn key_id(mut self, key_id: &[u8; 16]) -> Self {
        self.key_id = Some(hex(key_id));
        self
    }

    /// The name of a `[backend.NAME]`.
    pub fn backend(mut self, name: &BackendName) -> Self {
        self.backend = Some(name.to_string());
        self
    }

    /// How a vault ended: `status 0`, `signal 9`.
    pub fn exit(mut self, exit: String) -> Self {
        self.exit = Some(exit);
        self
    }

    /// A reason, in words of our own.
    pub fn reason(mut self, reason: &'a str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// How many.
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }

    /// How many octets.
    pub fn octets(mut self, octets: u64) -> Self {
        self.octets = Some(octets);
        self
    }

    /// How long it took.
    pub fn milliseconds(mut self, milliseconds: u64) -> Self {
        self.milliseconds = Some(milliseconds);
        self
    }

    /// What happened.
    #[must_use]
    pub fn event(&self) -> Event {
        self.event
    }

    /// How long it took, if that was said.
    #[must_use]
    pub(crate) fn took(&self) -> Option<Duration> {
        self.milliseconds.map(Duration::from_millis)
    }

    /// Counts the event and writes the line.
    pub fn log(self, metrics: &Metrics) {
        metrics.count(self.event);
        self.write();
    }

    /// Writes the line alone: for events that are told, not counted.
    pub(crate) fn write(self) {
        match self.event.severity() {
            Severity::Error => self.at_error(),
            Severity::Warn => self.at_warn(),
            Severity::Info => self.at_info(),
        }
    }
}

// tracing fixes a call's level and fields when it is compiled; hence one method for each level.
macro_rules! at_level {
    ($method:ident, $level:ident) => {
        impl Record<'_> {
            fn $method(self) {
                tracing::event!(
                    target: "keyhole",
                    tracing::Level::$level,
                    event = self.event.name(),
                    session = self.session,
                    address = self.address.map(tracing::field::display),
                    user = self.user,
                    key_id = self.key_id,
                    backend = self.backend,
                    exit = self.exit,
                    reason = self.reason,
                    count = self.count,
                    octets = self.octets,
                    milliseconds = self.milliseconds,
                );
            }
        }
    };
}
at_level!(at_error, ERROR);
at_level!(at_warn, WARN);
at_level!(at_info, INFO);

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// Sends records to standard error from now on. A second call changes nothing.
pub fn install(format: LogFormat, level: LogLevel) {
    let level = match level {
        LogLevel::Error => tracing::Level::ERROR,
        LogLevel::Warn => tracing::Level::WARN,
        LogLevel::Info => tracing::Level::INFO,
        LogLevel::Trace => tracing::Level::TRACE,
    };
    // Nothing but our own records is written, at any level: a library's trace could hold octets.
    let ours = filter::Targets::new().with_target("keyhole", level);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false);
    let installed = match format {
        LogFormat::Text => tracing_subscriber::registry()
            .with(lines.with_ansi(false).with_filter(ours))
            .try_init(),
        LogFormat::Json => tracing_subscriber::registry()
            .with(lines.json().flatten_event(true).with_filter(ours))
            .try_init(),
    };
    // Somebody else's subscriber (a test's) is in place already: it hears the records instead.
    drop(installed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_events_share_a_name() {
        let mut names: Vec<_> = Event::ALL.iter().map(|event| event.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Event::ALL.len());
    }

    #[test]
    fn operations_md_lists_every_event() {
        let text = include_str!("../../docs/operations.md");
        for event in Event::ALL {
            let row = format!("| `{}` |", event.name());
            assert!(text.contains(&row), "docs/operations.md lacks {row}");
        }
    }

    #[test]
    fn a_login_name_stays_on_its_line() {
        let record = Record::of(Event::LoginAccepted).user(b"eve\r\nevent=\"stopped\"\x1b[2J");
        let user = record.user.unwrap();
        assert!(user.bytes().all(|octet| (b' '..=b'~').contains(&octet)));
    }
}
