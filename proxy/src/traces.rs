//! Traces: what a session's time went into, as spans that a collector of OpenTelemetry gets by OTLP over HTTP.
//!
//! A span never waits for anybody: where the queue is full it is dropped and counted. What a span may say is an enum with
//! no room for an address, a mailbox, a user or a key. Where traces are off, a span is one null pointer.

mod collector;
mod encode;
mod exporter;

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use crate::{
    clock::{self, Clock, Moment},
    config::{self, BackendName},
    event::Event,
    metrics::{ListenerKind, Mechanism, Metrics, Stage, Way},
};

pub use collector::Collector;
pub use exporter::Exporter;

/// Spans that may wait to be exported; more are dropped.
const QUEUE: usize = 2048;

/// The most that one span says.
const MOST_ATTRIBUTES: usize = 16;

/// Begins traces. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tracer(Option<Arc<Sampling>>);

#[derive(Debug)]
struct Sampling {
    queue: mpsc::Sender<Ended>,
    one_of: u64,
    clock: Clock,
    /// The time since 1970 at the clock's first moment.
    epoch: Duration,
    metrics: Arc<Metrics>,
}

/// What a span is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SpanName {
    /// A session, from accept to its end: the root.
    Session,
    /// The TLS handshake with the client; on a pass-through port, the wait for its ClientHello.
    Handshake,
    /// A login, from its command to its answer.
    Login,
    /// In a login: finding the user's backend.
    Route,
    /// In a login: reaching the backend.
    Dial,
    /// A CONVERT with a reveal.
    Convert,
    /// In a session: a KEYREVEAL's wait for the warden's vaults.
    VaultWait,
    /// In a CONVERT: the part, on its way from the store to the vault.
    Fetch,
    /// In a CONVERT: the vault's work, until the sealed result is there.
    Transcode,
}

impl SpanName {
    /// The name that the collector gets.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Handshake => "handshake",
            Self::Login => "login",
            Self::Route => "route",
            Self::Dial => "dial",
            Self::Convert => "convert",
            Self::VaultWait => "vault_wait",
            Self::Fetch => "fetch",
            Self::Transcode => "transcode",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and rightly.
    Refused,
    /// Something broke.
    Failed,
    /// Nobody said: the session went away meanwhile.
    Abandoned,
}

impl Outcome {
    /// The attribute's value.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}

/// All that a span may say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attribute {
    /// What the listener does.
    Listener(ListenerKind),
    /// The backend.
    Backend(BackendName),
    /// How the client logged in.
    Mechanism(Mechanism),
    /// Where the way to the backend failed.
    Stage(Stage),
    /// How many octets went this way.
    Octets(Way, u64),
    /// What the log says of it.
    Event(Event),
}

/// A span that has ended.
#[derive(Debug)]
struct Ended {
    trace: [u8; 16],
    span: [u8; 8],
    parent: Option<[u8; 8]>,
    name: SpanName,
    /// Since 1970.
    start: Duration,
    /// None: it goes on.
    end: Option<Duration>,
    outcome: Outcome,
    attributes: Vec<Attribute>,
}

/// A span that goes on until it is dropped.
#[derive(Debug)]
#[must_use = "a span that is dropped has ended"]
pub struct Span(Option<Box<Open>>);

#[derive(Debug)]
struct Open {
    sampling: Arc<Sampling>,
    ended: Ended,
}

/// Where further spans may begin: a span, as whoever works for it elsewhere knows it.
#[derive(Clone, Debug, Default)]
pub struct Within(Option<Box<Place>>);

#[derive(Clone, Debug)]
struct Place {
    sampling: Arc<Sampling>,
    trace: [u8; 16],
    span: [u8; 8],
}

impl Within {
    /// Begins a span there.
    pub fn span(&self, name: SpanName) -> Span {
        let open = self.0.as_ref().and_then(|place| {
            let Place {
                sampling,
                trace,
                span,
            } = place.as_ref();
            Open::new(sampling, *trace, Some(*span), name)
        });
        Span(open.map(Box::new))
    }
}

/// The span of a whole session.
#[derive(Debug)]
#[must_use = "a trace that is dropped has ended"]
pub struct SessionTrace(Span);

impl Tracer {
    /// Where there are no traces.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// Where there are: the tracer, and the exporter, whose task must run.
    #[must_use]
    pub fn start(
        traces: &config::Traces,
        collector: Collector,
        clock: Clock,
        metrics: &Arc<Metrics>,
    ) -> (Self, Exporter) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let sampling = Sampling {
            queue,
            one_of: traces.one_of.max(1).into(),
            clock,
            epoch: clock::unix_time().saturating_sub(clock.now().since(<_>::default())),
            metrics: Arc::clone(metrics),
        };
        let patience = traces.timeout_seconds.duration();
        let exporter = Exporter::new(waiting, collector, patience, Arc::clone(metrics));
        (Self(Some(Arc::new(sampling))), exporter)
    }

    /// A tracer of every session, and what it has heard of since the last look.
    #[cfg(test)]
    pub(crate) fn heard(clock: Clock) -> (Self, impl FnMut() -> Vec<(&'static str, Outcome)>) {
        let (queue, mut waiting) = mpsc::channel(QUEUE);
        let sampling = Sampling {
            queue,
            one_of: 1,
            clock,
            epoch: Duration::ZERO,
            metrics: Arc::default(),
        };
        let ended = move || {
            let next = std::iter::from_fn(|| waiting.try_recv().ok());
            next.map(|ended: Ended| (ended.name.word(), ended.outcome))
                .collect()
        };
        (Self(Some(Arc::new(sampling))), ended)
    }

    /// The trace of session `number`, if it is one of those that are traced. The number itself is not told.
    pub fn session(&self, number: u64, kind: ListenerKind) -> SessionTrace {
        let sampling = self.0.as_ref();
        let open = sampling
            .filter(|sampling| number.is_multiple_of(sampling.one_of))
            .and_then(Sampling::root);
        let mut span = Span(open.map(Box::new));
        span.tell(Attribute::Listener(kind));
        SessionTrace(span)
    }
}

impl Sampling {
    /// A new trace; none where the system has no random octets, which it does not tell the client.
    fn root(self: &Arc<Self>) -> Option<Open> {
        let trace = random()?;
        Open::new(self, trace, None, SpanName::Session)
    }

    fn now(&self) -> Duration {
        self.at(self.clock.now())
    }

    /// A moment, since 1970.
    fn at(&self, moment: Moment) -> Duration {
        self.epoch.saturating_add(moment.since(<_>::default()))
    }
}

/// An identifier that nobody else has.
fn random<const N: usize>() -> Option<[u8; N]> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).ok()?;
    Some(octets)
}

impl Open {
    fn new(
        sampling: &Arc<Sampling>,
        trace: [u8; 16],
        parent: Option<[u8; 8]>,
        name: SpanName,
    ) -> Option<Self> {
        let now = sampling.now();
        Some(Self {
            sampling: Arc::clone(sampling),
            ended: Ended {
                trace,
                span: random()?,
                parent,
                name,
                start: now,
                end: None,
                outcome: Outcome::Abandoned,
                attributes: Vec::new(),
            },
        })
    }
}

impl SessionTrace {
    /// Whether the session is traced.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.0.is_some()
    }

    /// Begins a span in the session.
    pub fn span(&self, name: SpanName) -> Span {
        self.0.child(name)
    }

    /// Says something of the session.
    pub fn tell(&mut self, attribute: Attribute) {
        self.0.tell(attribute);
    }

    /// Says what came of the session.
    pub fn outcome(&mut self, outcome: Outcome) {
        self.0.outcome(outcome);
    }
}

impl Span {
    /// One that nobody hears of.
    pub fn none() -> Self {
        Self(None)
    }

    /// Begins a span within this one.
    pub fn child(&self, name: SpanName) -> Self {
        let open = self.0.as_ref().and_then(|open| {
            let within = &open.ended;
            Open::new(&open.sampling, within.trace, Some(within.span), name)
        });
        Self(open.map(Box::new))
    }

    /// Says something of it; what is too much is left out.
    pub fn tell(&mut self, attribute: Attribute) {
        if let Some(open) = &mut self.0
            && open.ended.attributes.len() < MOST_ATTRIBUTES
        {
            open.ended.attributes.push(attribute);
        }
    }

    /// Says what came of it.
    pub fn outcome(&mut self, outcome: Outcome) {
        if let Some(open) = &mut self.0 {
            open.ended.outcome = outcome;
        }
    }

    /// It began this long ago.
    pub fn began_ago(&mut self, ago: Duration) {
        if let Some(open) = &mut self.0 {
            open.ended.start = open.sampling.now().saturating_sub(ago);
        }
    }

    /// It began at this moment.
    pub fn began_at(&mut self, moment: Moment) {
        if let Some(open) = &mut self.0 {
            open.ended.start = open.sampling.at(moment);
        }
    }

    /// It was over at this moment, however long it is kept.
    pub fn over_at(&mut self, moment: Moment) {
        if let Some(open) = &mut self.0 {
            open.ended.end = Some(open.sampling.at(moment));
        }
    }

    /// For whoever works for it elsewhere.
    pub fn within(&self) -> Within {
        Within(self.0.as_ref().map(|open| {
            Box::new(Place {
                sampling: Arc::clone(&open.sampling),
                trace: open.ended.trace,
                span: open.ended.span,
            })
        }))
    }

    /// Ends it with this outcome.
    pub fn end(mut self, outcome: Outcome) {
        self.outcome(outcome);
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        let Open {
            sampling,
            mut ended,
        } = *open;
        ended.end.get_or_insert_with(|| sampling.now());
        if sampling.queue.try_send(ended).is_err() {
            sampling.metrics.spans_dropped(1);
        }
    }
}

#[cfg(test)]
mod tests;
