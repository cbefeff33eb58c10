//! The whole of the metrics, written for a collector.

use crate::{
    admin::{BackendHealth, VaultCounts},
    event::Event,
};

use super::{
    AddressState, HandshakeOutcome, ListenerKind, LoginOutcome, Mechanism, Metrics, Process, Stage,
    VaultOutcome, Way, families, text::Text,
};

/// What others know, at the moment of the exposition.
#[derive(Debug)]
pub struct Scrape<'a> {
    /// This process.
    pub process: &'a Process,
    /// The backends.
    pub backends: &'a [BackendHealth],
    /// The vaults; none where there is no warden.
    pub vaults: Option<VaultCounts>,
}

impl Metrics {
    /// The exposition in text format 0.0.4 ([`super::CONTENT_TYPE`]). Of `scrape` only numbers and backends' names get in.
    #[must_use]
    pub fn exposition(&self, scrape: &Scrape<'_>) -> String {
        let mut text = Text::default();
        process(&mut text, scrape.process);
        self.events(&mut text);
        self.connections(&mut text);
        self.logins(&mut text);
        self.relayed(&mut text);
        text.histogram(families::CONNECT_TIME, &self.connect_time);
        backends(&mut text, scrape.backends);
        if let Some(counts) = &scrape.vaults {
            vaults(&mut text, counts);
        }
        self.outcomes(&mut text);
        text.finish()
    }

    fn events(&self, text: &mut Text) {
        text.family(families::EVENTS);
        for event in Event::ALL {
            let label = [("event", event.name())];
            text.sample(families::EVENTS, &label, self.counted(*event));
        }
    }

    fn connections(&self, text: &mut Text) {
        for (family, counters) in [
            (families::CONNECTIONS, &self.accepted),
            (families::OPEN, &self.open),
            (families::REFUSED, &self.refused),
        ] {
            text.family(family);
            for kind in ListenerKind::ALL {
                let label = [("listener", kind.word())];
                text.sample(family, &label, counters.read(*kind as usize));
            }
        }
        text.family(families::HANDSHAKES);
        for outcome in HandshakeOutcome::ALL {
            let label = [("outcome", outcome.word())];
            let counted = self.handshakes.read(*outcome as usize);
            text.sample(families::HANDSHAKES, &label, counted);
        }
    }

    fn logins(&self, text: &mut Text) {
        text.family(families::LOGINS);
        for mechanism in Mechanism::ALL {
            for outcome in LoginOutcome::ALL {
                let labels = [("mechanism", mechanism.word()), ("outcome", outcome.word())];
                let counted = self.logins_of(*mechanism).read(*outcome as usize);
                text.sample(families::LOGINS, &labels, counted);
            }
        }
        text.histogram(families::LOGIN_TIME, &self.login_time);
        text.single(families::PENALTIES, self.counted(Event::LoginDelayed));
    }

    fn relayed(&self, text: &mut Text) {
        text.family(families::RELAYED);
        for (way, word) in [
            (Way::ToStore, "store"),
            (Way::ToClient, "client"),
            (Way::ToVault, "vault"),
        ] {
            text.sample(families::RELAYED, &[("to", word)], self.octets_sent(way));
        }
    }

    fn outcomes(&self, text: &mut Text) {
        let told = |event| self.counted(event);
        for (family, outcomes) in [
            (
                families::CONVERSIONS,
                &[
                    ("done", told(Event::ConversionDone)),
                    ("refused", told(Event::ConversionRefused)),
                    ("reveal_refused", told(Event::RevealRefused)),
                ][..],
            ),
            (
                families::RELOADS,
                &[
                    ("done", told(Event::ConfigReloaded)),
                    ("refused", told(Event::ConfigRefused)),
                ],
            ),
            (
                families::SPANS,
                &[
                    ("sent", self.spans.read(0)),
                    ("dropped", self.spans.read(1)),
                ],
            ),
        ] {
            text.family(family);
            for (outcome, counted) in outcomes {
                text.sample(family, &[("outcome", outcome)], *counted);
            }
        }
    }
}

fn process(text: &mut Text, process: &Process) {
    text.family(families::BUILD);
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    text.sample(families::BUILD, &version, 1);
    text.single(families::STARTED, process.started());
    if let Some(resident) = process.resident() {
        text.single(families::RESIDENT, resident);
    }
}

fn backends(text: &mut Text, backends: &[BackendHealth]) {
    text.family(families::ADDRESSES);
    for backend in backends {
        for state in AddressState::ALL {
            let labels = [("backend", backend.name.as_str()), ("state", state.word())];
            let addresses = backend.addresses.iter();
            let such = addresses.filter(|address| address.state == *state).count();
            text.sample(families::ADDRESSES, &labels, such as u64);
        }
    }
    text.family(families::BACKEND_OPEN);
    for backend in backends {
        let label = [("backend", backend.name.as_str())];
        text.sample(families::BACKEND_OPEN, &label, backend.connections);
    }
    text.family(families::FAILURES);
    for backend in backends {
        for stage in Stage::ALL {
            let labels = [("backend", backend.name.as_str()), ("stage", stage.word())];
            text.sample(families::FAILURES, &labels, backend.failures(*stage));
        }
    }
}

fn vaults(text: &mut Text, counts: &VaultCounts) {
    text.single(families::VAULTS_LIVE, counts.live);
    text.single(families::VAULTS_STARTED, counts.started);
    text.family(families::VAULTS_ENDED);
    for outcome in VaultOutcome::ALL {
        let label = [("outcome", outcome.word())];
        text.sample(families::VAULTS_ENDED, &label, counts.ended(*outcome));
    }
}
