//! The admin listener: HTTP/1.1 on loopback or a socket file, where an administrator sees sessions, backends and vaults,
//! ends sessions, reads metrics, and has the configuration read again.
//!
//! It must never hold up a session, speak to another machine, or tell anything to who does not show the token. Each
//! connection carries one request, is bounded in octets and time, and few are open at once.

mod answers;
mod door;
mod request;
mod seams;
mod socket;
mod token;

use std::{convert::Infallible, io, net::TcpListener, sync::Arc, time::Duration};

use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, oneshot};

use crate::{
    clock::{self, Clock},
    event::{Event, Record},
    metrics::{Metrics, Process, Scrape},
    registry::{Registry, Whose},
};

use answers::Answer;
use door::{Door, Refusal};
use request::Request;
use socket::{Caller, Listening, Stream};

pub use seams::{
    AddressHealth, BackendHealth, Health, Missing, Phase, Reload, Reloaded, Source, Sources,
    VaultCounts,
};
pub use socket::AdminListener;
pub use token::{NotAToken, TokenDigest};

/// The most octets of a request's head: all that a request is.
const HEAD_OCTETS: usize = 8 * 1024;

/// The most header fields of a request.
const FIELDS: usize = 64;

/// After a failed accept: long enough for a descriptor to come free.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(50);

/// What callers are granted.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// For the head of a request.
    head: Duration,
    /// For a reload, until the answer is that it still goes on.
    reload: Duration,
    /// For everything together, the caller's reading of the answer included.
    whole: Duration,
    /// Callers at one time; more wait to be accepted.
    at_once: usize,
}

const PATIENCE: Patience = Patience {
    head: Duration::from_secs(5),
    reload: Duration::from_secs(20),
    whole: Duration::from_secs(30),
    at_once: 16,
};

/// What the listener looks at.
#[derive(Clone, Debug)]
pub struct AdminState {
    /// The live sessions.
    pub registry: Registry,
    /// The counters.
    pub metrics: Arc<Metrics>,
    /// The clock that sessions are entered by.
    pub clock: Clock,
    /// This process.
    pub process: Arc<Process>,
    /// What others tell.
    pub sources: Sources,
}

/// Serves the admin listener until it is dropped. What `token` says when a request comes is what its caller must show.
///
/// # Errors
/// Where the socket cannot be used, or is a TCP port without a token, which every user of the machine could use.
pub async fn run(
    listener: AdminListener,
    token: Source<Option<TokenDigest>>,
    state: AdminState,
) -> io::Result<()> {
    let door: Source<Door> = match &listener {
        AdminListener::Tcp(_) if token().is_none() => {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        AdminListener::Tcp(_) => Arc::new(move || token().map_or(Door::Closed, Door::Token)),
        AdminListener::Unix(_) => Arc::new(move || token().map_or(Door::FileMode, Door::Token)),
    };
    serve(listener.start()?, door, state, PATIENCE).await
}

/// Serves `/metrics`, and nothing else, to whoever is on this machine, until it is dropped.
///
/// # Errors
/// Where the socket cannot be used.
pub async fn run_metrics(listener: TcpListener, state: AdminState) -> io::Result<()> {
    let listening = AdminListener::Tcp(listener).start()?;
    serve(listening, Arc::new(|| Door::Metrics), state, PATIENCE).await
}

async fn serve(
    listening: Listening,
    door: Source<Door>,
    state: AdminState,
    patience: Patience,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(patience.at_once));
    let desk = Arc::new(Desk {
        door,
        state,
        patience,
    });
    // Dropped with this future, which ends the callers too.
    let mut callers = tokio::task::JoinSet::new();
    loop {
        while callers.try_join_next().is_some() {}
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return Ok(()); // nobody closes it
        };
        match listening.accept().await {
            Ok((stream, caller)) => {
                let desk = Arc::clone(&desk);
                callers.spawn(async move {
                    desk.receive(stream, caller).await;
                    drop(place);
                });
            }
            Err(_) => {
                Record::of(Event::AcceptFailed).log(&desk.state.metrics);
                tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

/// Where callers are answered.
struct Desk {
    /// It may be another one after a reload.
    door: Source<Door>,
    state: AdminState,
    patience: Patience,
}

impl Desk {
    /// Answers one request.
    async fn receive(&self, stream: Stream, caller: Caller) {
        let service =
            service_fn(async |request| Ok::<_, Infallible>(self.answer(caller, &request).await));
        let connection = http1::Builder::new()
            .keep_alive(false)
            .max_buf_size(HEAD_OCTETS)
            .max_headers(FIELDS)
            .timer(TokioTimer::new())
            .header_read_timeout(self.patience.head)
            .serve_connection(TokioIo::new(stream), service);
        // A caller that breaks off, or is too slow, has only itself to blame.
        drop(tokio::time::timeout(self.patience.whole, connection).await);
    }

    async fn answer(&self, caller: Caller, request: &hyper::Request<Incoming>) -> Answer {
        let door = (self.door)();
        if let Err(refusal) = door.admit(caller, request) {
            self.tell_refused(caller, refusal);
            return answers::refused(refusal);
        }
        if !request.body().is_end_stream() {
            return answers::has_content();
        }
        let (method, uri) = (request.method(), request.uri());
        let read = match door {
            Door::Metrics => Request::read_metrics(method, uri.path()),
            Door::Token(_) | Door::Closed | Door::FileMode => {
                Request::read(method, uri.path(), uri.query())
            }
        };
        match read {
            Ok(request) => self.obey(request).await,
            Err(wrong) => answers::wrong(wrong),
        }
    }

    fn tell_refused(&self, caller: Caller, refusal: Refusal) {
        let record = Record::of(Event::AdminRefused).reason(refusal.reason());
        let record = match caller {
            Caller::Tcp(address) => record.address(address),
            Caller::Unix => record,
        };
        record.log(&self.state.metrics);
    }

    async fn obey(&self, request: Request) -> Answer {
        let sources = &self.state.sources;
        match request {
            Request::Sessions { user, limit, after } => self.list(user.as_deref(), limit, after),
            Request::KickNumber(number) => match self.kick(Whose::Number(number)) {
                0 => answers::no_such_session(),
                kicked => answers::kicked(kicked),
            },
            Request::KickUser(user) => answers::kicked(self.kick(Whose::User(&user))),
            Request::Backends => answers::backends(&(sources.backends)()),
            Request::Vaults => answers::vaults((sources.vaults)().as_ref()),
            Request::Metrics => answers::exposition(self.exposition()),
            Request::Health => answers::health(&(sources.health)()),
            Request::Reload => self.reload().await,
        }
    }

    fn list(&self, user: Option<&str>, limit: usize, after: u64) -> Answer {
        let whose = user.map_or(Whose::Everybody, Whose::User);
        let page = self.state.registry.list(whose, after, limit);
        let (now, second) = (self.state.clock.now(), clock::unix_seconds());
        answers::sessions(page, limit, |listed| {
            second.saturating_sub(now.since(listed.since).as_secs())
        })
    }

    fn kick(&self, whose: Whose<'_>) -> usize {
        let kicked = self.state.registry.kick(whose);
        for number in &kicked {
            Record::of(Event::SessionKicked)
                .session(*number)
                .log(&self.state.metrics);
        }
        kicked.len()
    }

    fn exposition(&self) -> String {
        let sources = &self.state.sources;
        self.state.metrics.exposition(&Scrape {
            process: &self.state.process,
            backends: &(sources.backends)(),
            vaults: (sources.vaults)(),
        })
    }

    async fn reload(&self) -> Answer {
        let (answer, answered) = oneshot::channel();
        let asking = async {
            let asked = self.state.sources.reload.send(Reload { answer }).await;
            asked.map_err(|_| "reloading is over: the loader is gone")?;
            answered.await.map_err(|_| "the reload came to nothing")
        };
        match tokio::time::timeout(self.patience.reload, asking).await {
            Ok(Ok(reloaded)) => answers::reloaded(Some(&reloaded)),
            Ok(Err(why)) => answers::reloaded(Some(&Reloaded::Refused(why.to_owned()))),
            Err(_) => answers::reloaded(None),
        }
    }
}

#[cfg(test)]
mod tests;
