//! The server at work: waits for signals and for the loader's news, and lets everybody leave in the end.

use std::{convert::Infallible, io, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

use super::{
    Stop,
    reload::{self, Next, NextError},
    signals::{Signals, Wanted},
};
use crate::{
    admin::{Reload, Reloaded},
    event::{Event, Record},
    listen::Doors,
    loader::News,
    shared::Shared,
    sources::Found,
    systemd::{self, Manager},
};

/// How long the warden's task may take to end once nobody can ask it any more.
const WARDEN_TASK: Duration = Duration::from_secs(1);

/// A server that lets clients in.
pub(super) struct Running {
    pub(super) shared: Arc<Shared>,
    pub(super) doors: Doors,
    /// Ends when the doors and all connections are gone.
    pub(super) gone: mpsc::Receiver<Infallible>,
    pub(super) news: mpsc::Receiver<News>,
    /// Administrators who want what SIGHUP does.
    pub(super) reloads: mpsc::Receiver<Reload>,
    pub(super) manager: Manager,
    pub(super) stop: watch::Sender<Stop>,
    pub(super) warden: JoinHandle<()>,
}

/// A reload under way: what it will come to and who wants to know, and those who asked meanwhile. Files may have changed since
/// it began to read them: who came later wants to know of the next one.
#[derive(Default)]
struct Reloading {
    next: Option<JoinHandle<Result<Next, NextError>>>,
    asked: Vec<Reload>,
    again: Option<Vec<Reload>>,
}

/// Who wants a reload to begin.
enum Asker {
    /// An operator, by a signal.
    Signal,
    /// An administrator, who wants to know what comes of it.
    Administrator(Reload),
}

impl Running {
    /// Serves until the end is wanted and everybody has left, or had the time to.
    pub(super) async fn run(mut self) -> io::Result<()> {
        let mut signals = Signals::new()?;
        Record::of(Event::Ready).log(&self.shared.metrics);
        self.manager.ready(&self.status());
        self.work(&mut signals).await;
        self.drain(&mut signals).await;
        Ok(())
    }

    async fn work(&mut self, signals: &mut Signals) {
        let mut reload = Reloading::default();
        let mut maps = Maps::default();
        loop {
            tokio::select! {
                wanted = signals.next() => match wanted {
                    Wanted::Reload => self.ask(&mut reload, Asker::Signal),
                    Wanted::End => return,
                },
                Some(asked) = self.reloads.recv() => {
                    self.ask(&mut reload, Asker::Administrator(asked));
                }
                next = reload.next() => self.finish(&mut reload, next),
                Some(News::Map(path, found)) = self.news.recv() => {
                    maps.waiting = Some((path, found));
                    self.next_map(&mut maps);
                }
                () = maps.read() => self.next_map(&mut maps),
                () = systemd::watch(&self.manager, || pulse(&self.shared)) => {}
            }
        }
    }

    /// Begins a reload, now or after the one under way.
    fn ask(&mut self, reload: &mut Reloading, asker: Asker) {
        reload.wanted_by(asker);
        if reload.next.is_none() {
            self.begin(reload);
        }
    }

    /// Asks the loader.
    fn begin(&mut self, reload: &mut Reloading) {
        self.manager.reloading();
        let loading = reload::next(Arc::clone(&self.shared), self.doors.addresses());
        reload.next = Some(tokio::spawn(loading));
    }

    fn finish(&mut self, reload: &mut Reloading, next: Result<Next, NextError>) {
        let (status, told) = match next.and_then(|next| self.replace(next)) {
            Ok(()) => {
                Record::of(Event::ConfigReloaded).log(&self.shared.metrics);
                self.shared.loader.settle();
                (self.status(), Reloaded::Done)
            }
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().next().unwrap_or_default();
                Record::of(Event::ConfigRefused)
                    .reason(why)
                    .log(&self.shared.metrics);
                let status = format!("{}; the last reload was refused: {why}", self.status());
                (status, Reloaded::Refused(why.to_owned()))
            }
        };
        for asked in reload.asked.drain(..) {
            // Whoever asked may have gone.
            drop(asked.answer.send(told.clone()));
        }
        match reload.again.take() {
            Some(asked) => {
                reload.asked = asked;
                self.begin(reload);
            }
            None => self.manager.ready(&status),
        }
    }

    /// Puts the next configuration in the place of the one that holds: all of it, or nothing.
    fn replace(&mut self, next: Next) -> Result<(), NextError> {
        let now = self.shared.current.now();
        if let Some(key) = now.needs_restart(&next.snapshot) {
            return Err(NextError::NeedsRestart(key));
        }
        let opened = crate::listen::known(next.opened).map_err(NextError::System)?;
        if !self.doors.suffice(&next.snapshot, &opened) {
            return Err(NextError::SocketMissing);
        }
        // Nothing below can fail. Connections that come in between see the new configuration by their old door, which is as if
        // they had come a moment later.
        self.shared.replace(next.snapshot.clone());
        self.doors.change(&next.snapshot, opened);
        Ok(())
    }

    /// Reads the map that waits, unless one is being read. A map is long: connections do not wait for that. News of a map that
    /// a reload has left is no news any more.
    fn next_map(&self, maps: &mut Maps) {
        if maps.reading.is_some() {
            return;
        }
        let Some((path, found)) = maps.waiting.take() else {
            return;
        };
        let snapshot = self.shared.current.now();
        if snapshot.config.routing.map.as_ref() != Some(&path) {
            return;
        }
        match found {
            Found::File { octets, .. } => {
                maps.reading = Some(tokio::task::spawn_blocking(move || {
                    match snapshot.backends.routes().read_map(&octets) {
                        Ok(()) | Err(_) => {} // logged
                    }
                }));
            }
            Found::Nothing(why) => Record::of(Event::MapRefused)
                .reason(&why)
                .log(&self.shared.metrics),
        }
    }

    fn status(&self) -> String {
        format!("listening at {} addresses", self.doors.addresses().len())
    }

    /// Closes the doors and waits for those inside; a second wish to end is obeyed at once.
    async fn drain(self, signals: &mut Signals) {
        let metrics = Arc::clone(&self.shared.metrics);
        self.manager.stopping();
        Record::of(Event::Draining)
            .count(metrics.open())
            .log(&metrics);
        self.stop.send_replace(Stop::Yes);
        let deadline = self.shared.current.now().config.server.drain_seconds;
        let Self {
            shared,
            doors,
            mut gone,
            manager,
            warden,
            ..
        } = self;
        let leaving = async {
            doors.close().await;
            drop(shared);
            while gone.recv().await.is_some() {}
            // The last session took the last means of asking with it: the warden's task has ended, or does now.
            drop(tokio::time::timeout(WARDEN_TASK, warden).await);
        };
        tokio::select! {
            _ = tokio::time::timeout(deadline.duration(), leaving) => {}
            () = signals.end() => {}
            () = systemd::watch(&manager, || async {}) => {}
        }
        metrics.tell();
        Record::of(Event::Stopped).log(&metrics);
    }
}

/// The map that is being read, and the newest that came meanwhile: one after the other, so that the newest stays.
#[derive(Default)]
struct Maps {
    reading: Option<JoinHandle<()>>,
    waiting: Option<(PathBuf, Found)>,
}

impl Maps {
    /// Until the map that is being read is read; for ever, if there is none. Dropping the future loses nothing.
    async fn read(&mut self) {
        let Some(reading) = &mut self.reading else {
            return std::future::pending().await;
        };
        // One that broke off left the old map.
        drop(reading.await);
        self.reading = None;
    }
}

impl Reloading {
    fn wanted_by(&mut self, asker: Asker) {
        let asked = match &self.next {
            Some(_) => self.again.get_or_insert_default(),
            None => &mut self.asked,
        };
        match asker {
            Asker::Signal => {}
            Asker::Administrator(wish) => asked.push(wish),
        }
    }

    /// What the reload under way came to; for ever, if there is none. Dropping the future loses nothing.
    async fn next(&mut self) -> Result<Next, NextError> {
        let Some(next) = &mut self.next else {
            return std::future::pending().await;
        };
        let next = next.await.unwrap_or(Err(NextError::Broken));
        self.next = None;
        next
    }
}

/// Answers if every worker still gives new work a turn. One that does not is what the watchdog is for.
async fn pulse(shared: &Shared) {
    for worker in shared.workers.runtimes() {
        drop(worker.spawn(async {}).await);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    fn wish() -> Asker {
        let (answer, _) = oneshot::channel();
        Asker::Administrator(Reload { answer })
    }

    #[tokio::test]
    async fn who_asks_during_a_reload_is_told_of_the_next_one() {
        let mut reload = Reloading::default();
        reload.wanted_by(wish());
        reload.next = Some(tokio::spawn(std::future::pending()));
        reload.wanted_by(wish());
        reload.wanted_by(Asker::Signal);
        assert_eq!(reload.asked.len(), 1);
        assert_eq!(reload.again.map(|asked| asked.len()), Some(1));
    }
}
