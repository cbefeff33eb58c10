//! Takes spans off the queue and sends them, some at a time. What the collector does not take is dropped and counted: to keep
//! it would be to let a collector decide how much memory the server has.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{Collector, Ended, encode};
use crate::{
    event::{Event, Record},
    metrics::Metrics,
};

/// Spans in one export.
const BATCH: usize = 512;

/// How long a span waits for others to be sent with.
const WAIT: Duration = Duration::from_secs(2);

/// Sends spans to the collector.
#[derive(Debug)]
pub struct Exporter {
    waiting: mpsc::Receiver<Ended>,
    collector: Collector,
    patience: Duration,
    metrics: Arc<Metrics>,
}

impl Exporter {
    pub(super) fn new(
        waiting: mpsc::Receiver<Ended>,
        collector: Collector,
        patience: Duration,
        metrics: Arc<Metrics>,
    ) -> Self {
        Self {
            waiting,
            collector,
            patience,
            metrics,
        }
    }

    /// Sends until the last tracer and the last span are gone, and what is left then.
    pub async fn run(mut self) {
        let mut batch = Vec::new();
        while self.waiting.recv_many(&mut batch, BATCH).await > 0 {
            // Full, or nobody is left, or time is up: the batch is sent whichever it was.
            drop(tokio::time::timeout(WAIT, fill(&mut self.waiting, &mut batch)).await);
            self.export(&batch).await;
            batch.clear();
        }
    }

    async fn export(&self, batch: &[Ended]) {
        let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
        let sending = self.collector.post(encode::request(batch));
        let why = match tokio::time::timeout(self.patience, sending).await {
            Ok(Ok(())) => return self.metrics.spans_sent(count),
            Ok(Err(why)) => why.reason(),
            Err(_) => "the collector took too long",
        };
        self.metrics.spans_dropped(count);
        Record::of(Event::TraceExportFailed)
            .reason(why)
            .count(count)
            .log(&self.metrics);
    }
}

async fn fill(waiting: &mut mpsc::Receiver<Ended>, batch: &mut Vec<Ended>) {
    while batch.len() < BATCH {
        let room = BATCH.saturating_sub(batch.len());
        if waiting.recv_many(batch, room).await == 0 {
            return;
        }
    }
}
