//! The threads that carry connections: each with a runtime of its own, so that a connection stays with one processor and
//! its two sockets wake nobody else.

use std::{
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use tokio::{runtime, sync::oneshot};

/// All workers. Dropping it ends them, and with them whatever they still carry.
#[derive(Debug)]
pub(crate) struct Workers(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    runtime: runtime::Handle,
    carries: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// One connection more, until it is dropped.
struct Carried(Arc<AtomicUsize>);

impl Drop for Carried {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Workers {
    /// Starts `count` workers.
    ///
    /// # Errors
    /// Where the operating system refuses a thread or an epoll descriptor.
    pub(crate) fn start(count: usize) -> io::Result<Self> {
        let mut places = places(count).into_iter();
        (0..count.max(1))
            .map(|number| Worker::start(number, places.next()))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// As many as there are processors.
    pub(crate) fn usual() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from)
    }

    /// Has the least busy worker carry a connection to its end. `connection` makes the future on the worker, so that its
    /// sockets are registered there.
    pub(crate) fn carry<F>(&self, connection: impl FnOnce() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let least = |worker: &&Worker| worker.carries.load(Ordering::Relaxed);
        let Some(worker) = self.0.iter().min_by_key(least) else {
            return;
        };
        worker.carries.fetch_add(1, Ordering::Relaxed);
        let carried = Carried(Arc::clone(&worker.carries));
        worker.runtime.spawn(async move {
            connection().await;
            drop(carried);
        });
    }

    /// The workers' runtimes, for whoever wants to know whether they still work.
    pub(crate) fn runtimes(&self) -> impl Iterator<Item = &runtime::Handle> {
        self.0.iter().map(|worker| &worker.runtime)
    }
}

/// A processor for each of `count` workers; none where there are more workers than processors, or fewer: then it is
/// the kernel's to say who works where. A worker that stays on its processor finds its connections in that one's
/// caches, and no worker waits behind another for a processor while the next one is idle.
fn places(count: usize) -> Vec<CpuSet> {
    let Ok(allowed) = sched_getaffinity(None) else {
        return Vec::new();
    };
    if usize::try_from(allowed.count()) != Ok(count) {
        return Vec::new();
    }
    let allowed = (0..CpuSet::MAX_CPU).filter(|&processor| allowed.is_set(processor));
    allowed
        .map(|processor| {
            let mut place = CpuSet::new();
            place.set(processor);
            place
        })
        .collect()
}

impl Worker {
    fn start(number: usize, place: Option<CpuSet>) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name(format!("worker {number}"))
            .spawn(move || {
                if let Some(place) = place {
                    // Refused, it works as well wherever the kernel puts it.
                    sched_setaffinity(None, &place).ok();
                }
                // An error: the sender is gone, which says the same.
                drop(runtime.block_on(stopped));
            })?;
        Ok(Self {
            runtime: handle,
            carries: Arc::default(),
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            drop(worker.stop.take());
        }
        let own = std::thread::current().id();
        for worker in &mut self.0 {
            // The last who had it may be a connection of a worker's: that one ends when it comes to look.
            let thread = worker.thread.take();
            if let Some(thread) = thread.filter(|thread| thread.thread().id() != own) {
                // A worker that panicked has ended too.
                drop(thread.join());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    #[test]
    fn as_many_workers_as_processors_have_one_each_and_others_none() {
        let processors = Workers::usual();
        let places = super::places(processors);
        assert_eq!(places.len(), processors);
        assert!(places.iter().all(|place| place.count() == 1));
        let mut all = CpuSet::new();
        for processor in 0..CpuSet::MAX_CPU {
            if places.iter().any(|place| place.is_set(processor)) {
                all.set(processor);
            }
        }
        assert_eq!(usize::try_from(all.count()), Ok(processors));
        assert!(super::places(processors + 1).is_empty());
        assert!(super::places(0).is_empty());
    }

    use super::*;

    #[test]
    fn connections_are_spread_over_the_workers() {
        let workers = Workers::start(2).unwrap();
        let (told, threads) = mpsc::channel();
        for _ in 0..4 {
            let told = told.clone();
            workers.carry(move || async move {
                told.send(std::thread::current().id()).unwrap();
                std::future::pending::<()>().await;
            });
        }
        let mut seen: Vec<_> = (0..4).map(|_| threads.recv().unwrap()).collect();
        seen.sort_by_key(|id| format!("{id:?}"));
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[2], seen[3]);
        assert_ne!(seen[1], seen[2]);
    }

    #[test]
    fn a_worker_may_be_the_last_who_has_them() {
        let workers = Arc::new(Workers::start(2).unwrap());
        let (go, gone) = oneshot::channel::<()>();
        let (told, ended) = mpsc::channel();
        let last = Arc::clone(&workers);
        workers.carry(move || async move {
            drop(gone.await);
            drop(last);
            told.send(()).unwrap();
        });
        drop(workers);
        go.send(()).unwrap();
        assert_eq!(ended.recv(), Ok(()));
    }

    #[test]
    fn what_they_carry_ends_with_them() {
        let workers = Workers::start(1).unwrap();
        let (told, ended) = mpsc::channel::<()>();
        workers.carry(move || async move {
            let _told = told;
            std::future::pending::<()>().await;
        });
        drop(workers);
        assert_eq!(ended.recv(), Err(mpsc::RecvError));
    }
}
