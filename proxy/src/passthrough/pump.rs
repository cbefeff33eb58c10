//! Two sockets, each given what the other sends, until both have said that they are done.
//!
//! While nothing flows nothing is held: octets are read into one buffer of the thread, and written from it at once.
//! Only what the other side does not take is kept, and then nothing more is read: at most one buffer's octets a way.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use crate::{
    metrics::{Metrics, Way},
    registry::Listing,
};

/// Octets read at once. Measured with 16 connections: 64 KiB cost a third more processor time, 128 KiB a fifth.
const BUFFER_OCTETS: usize = 256 * 1024;
/// Buffers that one connection may carry before others get their turn.
const ROUNDS: usize = 8;
/// How often an idle deadline is looked at within its time; it is kept to the part of it that this makes.
const TICKS: u32 = 4;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER_OCTETS]);
}

/// How many octets went each way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Carried {
    /// From the client.
    pub to_store: u64,
    /// From the store.
    pub to_client: u64,
}

/// How a connection came to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum End {
    /// Both sides said that they are done.
    Done,
    /// A socket failed, or a side reset its connection.
    Failed,
    /// Nothing flowed for too long.
    Idle,
}

/// The two sockets, and what is between them.
#[derive(Debug)]
pub struct Pump {
    client: TcpStream,
    store: TcpStream,
    to_store: Half,
    to_client: Half,
    idle: Idle,
    metrics: Arc<Metrics>,
    listing: Listing,
}

impl Pump {
    /// A pump between `client` and `store`, which closes both when nothing flowed for `idle`: a quarter of it later at
    /// the latest.
    #[must_use]
    pub fn new(
        client: TcpStream,
        store: TcpStream,
        idle: Duration,
        metrics: Arc<Metrics>,
        listing: Listing,
    ) -> Self {
        Self {
            client,
            store,
            to_store: Half::default(),
            to_client: Half::default(),
            idle: Idle::new(idle),
            metrics,
            listing,
        }
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Carries what can be carried now. Ready when the connection is over; not to be polled again then.
    pub fn poll_pump(&mut self, cx: &mut Context<'_>) -> Poll<(Carried, End)> {
        let before = self.carried();
        let up = self.to_store.poll(&mut self.client, &mut self.store, cx);
        let down = self.to_client.poll(&mut self.store, &mut self.client, cx);
        let carried = self.carried();
        self.count(before, carried);
        if carried != before {
            self.idle.flowed();
        }
        let end = match (up, down) {
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) => End::Failed,
            (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => End::Done,
            (Poll::Pending, _) | (_, Poll::Pending) => ready!(self.idle.poll(cx)),
        };
        Poll::Ready((carried, end))
    }

    fn carried(&self) -> Carried {
        Carried {
            to_store: self.to_store.carried,
            to_client: self.to_client.carried,
        }
    }

    fn count(&self, before: Carried, now: Carried) {
        for (way, before, now) in [
            (Way::ToStore, before.to_store, now.to_store),
            (Way::ToClient, before.to_client, now.to_client),
        ] {
            if now > before {
                let octets = now.saturating_sub(before);
                self.metrics.add_octets(way, octets);
                self.listing.add_octets(way, octets);
            }
        }
    }
}

/// One way of the two.
#[derive(Debug, Default)]
struct Half {
    /// What was read and could not be written; empty but while the taker stalls.
    kept: Vec<u8>,
    /// How many of them are written by now.
    written: usize,
    carried: u64,
    flow: Flow,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Flow {
    #[default]
    Open,
    /// The giver is done, and the taker was told.
    Ended,
}

impl Half {
    /// Ready: the giver is done, and the taker knows, or one of them failed.
    fn poll(
        &mut self,
        from: &mut TcpStream,
        to: &mut TcpStream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        for _ in 0..ROUNDS {
            ready!(self.poll_kept(to, cx))?;
            if self.flow == Flow::Ended {
                return Poll::Ready(Ok(()));
            }
            ready!(BUFFER.with_borrow_mut(|buffer| self.poll_carry(from, to, buffer, cx)))?;
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes what was kept.
    fn poll_kept(&mut self, to: &mut TcpStream, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest @ [_, ..]) = self.kept.get(self.written..) {
            let wrote = ready!(Pin::new(&mut *to).poll_write(cx, rest))?;
            self.wrote(wrote)?;
            self.written = self.written.saturating_add(wrote);
        }
        self.kept = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Reads once, and writes it at once; keeps the rest.
    fn poll_carry(
        &mut self,
        from: &mut TcpStream,
        to: &mut TcpStream,
        buffer: &mut [u8],
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(from).poll_read(cx, &mut buffer))?;
        let octets = buffer.filled();
        if octets.is_empty() {
            self.flow = Flow::Ended;
            return Pin::new(to).poll_shutdown(cx);
        }
        let wrote = match Pin::new(to).poll_write(cx, octets)? {
            Poll::Ready(wrote) => {
                self.wrote(wrote)?;
                wrote
            }
            Poll::Pending => 0,
        };
        self.kept = octets.get(wrote..).unwrap_or_default().to_vec();
        Poll::Ready(Ok(()))
    }

    fn wrote(&mut self, octets: usize) -> io::Result<()> {
        if octets == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.carried = self
            .carried
            .saturating_add(u64::try_from(octets).unwrap_or(u64::MAX));
        Ok(())
    }
}

/// A deadline that is looked at a few times in its length, and not moved whenever something flows.
#[derive(Debug)]
struct Idle {
    tick: Pin<Box<Sleep>>,
    each: Duration,
    /// Ticks since something flowed.
    quiet: u32,
}

impl Idle {
    fn new(idle: Duration) -> Self {
        let each = idle.checked_div(TICKS).unwrap_or(idle);
        Self {
            tick: Box::pin(tokio::time::sleep(each)),
            each,
            quiet: 0,
        }
    }

    fn flowed(&mut self) {
        self.quiet = 0;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            ready!(self.tick.as_mut().poll(cx));
            // The tick in which something flowed is not a whole one.
            if self.quiet >= TICKS {
                return Poll::Ready(End::Idle);
            }
            self.quiet = self.quiet.saturating_add(1);
            let next = Instant::now().checked_add(self.each);
            self.tick.as_mut().reset(next.unwrap_or_else(Instant::now));
        }
    }
}
