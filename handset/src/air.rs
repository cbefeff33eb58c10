//! What goes over the air: every octet that the connection sends or receives beneath TLS is counted here, handshake included.
//! Never looks at an octet.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Octets that went over the air, in both directions.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Air {
    /// From the handset to the server.
    pub sent: u64,
    /// From the server to the handset.
    pub received: u64,
}

impl Air {
    /// Both directions together.
    #[must_use]
    pub fn total(self) -> u64 {
        self.sent.saturating_add(self.received)
    }

    /// What came after `earlier`, an earlier reading of the same meter.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            sent: self.sent.saturating_sub(earlier.sent),
            received: self.received.saturating_sub(earlier.received),
        }
    }
}

/// How far the literal that is now arriving has come; zero of zero between literals.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Arriving {
    /// Octets that are here.
    pub here: u64,
    /// Octets that the server announced.
    pub announced: u64,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
    here: AtomicU64,
    announced: AtomicU64,
}

/// Reads the counters of one connection; may be cloned into a task that shows progress.
#[derive(Clone, Debug, Default)]
pub struct Meter(Arc<Counts>);

impl Meter {
    /// What went over the air so far.
    #[must_use]
    pub fn air(&self) -> Air {
        Air {
            sent: self.0.sent.load(Ordering::Relaxed),
            received: self.0.received.load(Ordering::Relaxed),
        }
    }

    /// The literal that is now arriving.
    #[must_use]
    pub fn arriving(&self) -> Arriving {
        Arriving {
            here: self.0.here.load(Ordering::Relaxed),
            announced: self.0.announced.load(Ordering::Relaxed),
        }
    }

    /// Notes how far a literal has come.
    pub(crate) fn note(&self, arriving: Arriving) {
        self.0.here.store(arriving.here, Ordering::Relaxed);
        self.0
            .announced
            .store(arriving.announced, Ordering::Relaxed);
    }
}

/// A stream whose octets are counted.
pub(crate) struct Counted<S> {
    stream: S,
    meter: Meter,
}

impl<S> Counted<S> {
    pub(crate) fn new(stream: S, meter: Meter) -> Self {
        Self { stream, meter }
    }
}

fn count(counter: &AtomicU64, octets: usize) {
    counter.fetch_add(u64::try_from(octets).unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = room.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(task, room);
        let after = room.filled().len();
        count(&self.meter.0.received, after.saturating_sub(before));
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        task: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(task, octets);
        if let Poll::Ready(Ok(written)) = &polled {
            count(&self.meter.0.sent, *written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn every_octet_is_counted_once_in_its_direction() {
        let (near, mut far) = tokio::io::duplex(16);
        let meter = Meter::default();
        let mut counted = Counted::new(near, meter.clone());
        let peer = tokio::spawn(async move {
            let mut heard = [0; 100];
            far.read_exact(&mut heard).await.unwrap();
            far.write_all(&[7; 40]).await.unwrap();
        });
        counted.write_all(&[1; 100]).await.unwrap();
        let mut answer = Vec::new();
        counted.read_to_end(&mut answer).await.unwrap();
        peer.await.unwrap();
        let air = meter.air();
        assert_eq!((air.sent, air.received, air.total()), (100, 40, 140));
        assert_eq!(
            air.since(Air {
                sent: 90,
                received: 40
            }),
            Air {
                sent: 10,
                received: 0
            }
        );
    }
}
