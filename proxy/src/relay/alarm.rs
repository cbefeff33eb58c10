//! One timer for all deadlines of a connection. It is set anew only when a deadline comes nearer: most move away with each
//! octet, and a timer that rings too early costs less than one that is moved each time.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::Sleep;

use crate::clock::{Clock, Moment};

/// Rings at a deadline.
#[derive(Debug)]
pub(super) struct Alarm {
    clock: Clock,
    set: Option<(Moment, Pin<Box<Sleep>>)>,
}

impl Alarm {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, set: None }
    }

    /// Ready when `deadline` has come; never, if there is none.
    pub(super) fn poll(&mut self, deadline: Option<Moment>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        loop {
            let left = self.clock.until(deadline);
            if left.is_zero() {
                return Poll::Ready(());
            }
            let (at, sleep) = self
                .set
                .get_or_insert_with(|| (deadline, Box::pin(tokio::time::sleep(left))));
            if *at > deadline {
                sleep.as_mut().reset(tokio::time::Instant::now() + left);
                *at = deadline;
            }
            ready!(sleep.as_mut().poll(cx));
            self.set = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, time::Duration};

    use super::*;

    #[tokio::test]
    async fn it_rings_at_the_last_deadline_it_was_told() {
        let clock = Clock::start();
        let mut alarm = Alarm::new(clock);
        let near = clock.now().plus(Duration::from_millis(30));
        let far = clock.now().plus(Duration::from_millis(80));
        for deadline in [far, near, far] {
            let first = poll_fn(|cx| Poll::Ready(alarm.poll(Some(deadline), cx))).await;
            assert!(first.is_pending());
        }
        poll_fn(|cx| alarm.poll(Some(far), cx)).await;
        assert!(clock.now() >= far);
    }
}
