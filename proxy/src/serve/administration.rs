//! What operators see: opened while files may be, served once the server works.

use std::{net::TcpListener, sync::Arc};

use tokio::{sync::mpsc, task::JoinSet};

use super::ServeError;
use crate::{
    admin::{
        self, AddressHealth, AdminListener, AdminState, BackendHealth, Health, Missing, Phase,
        Reload, Source, Sources, TokenDigest,
    },
    backend::{self, Backends, Means},
    clock,
    config::{self, AdminAddress, Config, ConfigError},
    metrics::{Process, Stage},
    serve::Stop,
    shared::Shared,
    snapshot::Snapshot,
    traces::{Collector, Exporter, Tracer},
};

/// Wishes for a reload that may wait.
const RELOADS: usize = 4;

/// The listeners, opened and not yet served.
#[derive(Debug)]
pub(super) struct Administration {
    admin: Option<AdminListener>,
    metrics: Option<TcpListener>,
    collector: Option<Collector>,
    process: Arc<Process>,
}

/// The listeners, served until this is dropped.
#[derive(Debug)]
pub(super) struct Served {
    _tasks: JoinSet<()>,
}

impl Administration {
    /// Opens what the configuration names.
    ///
    /// # Errors
    /// What cannot be opened.
    pub(super) fn open(snapshot: &Snapshot) -> Result<Self, ServeError> {
        let wrong = |error| ServeError::Config(vec![error]);
        let config = &snapshot.config;
        let admin = config
            .admin
            .as_ref()
            .map(open_admin)
            .transpose()
            .map_err(wrong)?;
        let metrics = config.metrics.map(|metrics| {
            TcpListener::bind(metrics.address).map_err(|error| {
                ConfigError::new(
                    format!("metrics.address {}: {error}", metrics.address),
                    "use a free port of this machine",
                )
            })
        });
        let collector = config.traces.as_ref().map(Collector::find);
        Ok(Self {
            admin,
            metrics: metrics.transpose().map_err(wrong)?,
            collector: collector.transpose().map_err(wrong)?,
            process: Arc::new(Process::open(clock::unix_seconds())),
        })
    }

    /// The means to begin traces, and the task that sends them.
    pub(super) fn traces(&mut self, config: &Config, means: &Means) -> (Tracer, Option<Exporter>) {
        match (config.traces.as_ref(), self.collector.take()) {
            (Some(traces), Some(collector)) => {
                let (tracer, exporter) =
                    Tracer::start(traces, collector, means.clock, &means.metrics);
                (tracer, Some(exporter))
            }
            (Some(_) | None, _) => (Tracer::off(), None),
        }
    }

    /// Serves the listeners; wishes for a reload come by the receiver.
    pub(super) fn serve(self, shared: &Arc<Shared>) -> (Served, mpsc::Receiver<Reload>) {
        let (reload, reloads) = mpsc::channel(RELOADS);
        let state = AdminState {
            registry: shared.registry.clone(),
            metrics: Arc::clone(&shared.metrics),
            clock: shared.clock,
            process: self.process,
            sources: sources(shared, reload),
        };
        let mut tasks = JoinSet::new();
        if let Some(listener) = self.admin {
            let token = token(shared);
            let state = state.clone();
            // It ends with the server; a listener that cannot be served was refused when it was opened.
            tasks.spawn(async move { drop(admin::run(listener, token, state).await) });
        }
        if let Some(listener) = self.metrics {
            tasks.spawn(async move { drop(admin::run_metrics(listener, state).await) });
        }
        (Served { _tasks: tasks }, reloads)
    }
}

fn open_admin(admin: &config::Admin) -> Result<AdminListener, ConfigError> {
    AdminListener::bind(admin.address.get_ref()).map_err(|error| {
        let address = match admin.address.get_ref() {
            AdminAddress::Tcp(address) => address.to_string(),
            AdminAddress::Unix(path) => format!("unix:{}", path.display()),
        };
        ConfigError::new(
            format!("admin.address {address}: {error}"),
            "use a free port of this machine, or a socket file in a folder that the server may write to",
        )
    })
}

/// The configuration's, whichever holds. It outlives what is shared: a token must not be gone before its listener.
fn token(shared: &Shared) -> Source<Option<TokenDigest>> {
    let current = shared.current.clone();
    Arc::new(move || current.now().admin_token.clone())
}

/// Weak, so that an administrator's look does not keep the server from ending.
fn sources(shared: &Arc<Shared>, reload: mpsc::Sender<Reload>) -> Sources {
    let (for_backends, for_vaults, for_health) = (
        Arc::downgrade(shared),
        Arc::downgrade(shared),
        Arc::downgrade(shared),
    );
    Sources {
        backends: Arc::new(move || {
            let shared = for_backends.upgrade();
            shared.map_or_else(Vec::new, |shared| health(&shared.current.now().backends))
        }),
        vaults: Arc::new(move || for_vaults.upgrade()?.vaults.counts()),
        health: Arc::new(move || match for_health.upgrade() {
            Some(shared) => health_of(&shared),
            None => Health {
                phase: Phase::Draining,
                missing: Vec::new(),
            },
        }),
        reload,
    }
}

fn health_of(shared: &Shared) -> Health {
    let phase = match *shared.stopping.borrow() {
        Stop::No => Phase::Serving,
        Stop::Yes => Phase::Draining,
    };
    let wants_warden = shared.current.now().config.vault.is_some();
    let warden = (wants_warden && !shared.vaults.is_alive()).then_some(Missing::Warden);
    let loader = (!shared.loader.is_alive()).then_some(Missing::Loader);
    Health {
        phase,
        missing: warden.into_iter().chain(loader).collect(),
    }
}

/// The addresses' health, by backend.
fn health(backends: &Backends) -> Vec<BackendHealth> {
    let mut all: Vec<BackendHealth> = Vec::new();
    for address in backends.health() {
        let backend::AddressHealth {
            backend,
            address,
            state,
            connections,
            failed,
            ..
        } = address;
        if all.last().is_none_or(|last| last.name != backend) {
            all.push(BackendHealth {
                name: backend,
                addresses: Vec::new(),
                failures: Stage::ALL.iter().map(|stage| (*stage, 0)).collect(),
                connections: 0,
            });
        }
        let Some(last) = all.last_mut() else { continue };
        last.addresses.push(AddressHealth { address, state });
        last.connections += connections;
        for ((_, sum), count) in last.failures.iter_mut().zip(failed) {
            *sum += count;
        }
    }
    all
}
