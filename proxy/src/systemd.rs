//! What the service manager is told (sd_notify(3)): ready, reloading, stopping, and that the server still works.
//!
//! The socket is connected before the sandbox takes local sockets away. Messages are best effort: a manager that does not listen
//! must not stop the mail.

use std::{
    io,
    os::{linux::net::SocketAddrExt as _, unix::net::SocketAddr, unix::net::UnixDatagram},
    time::Duration,
};

use crate::clock::monotonic_microseconds;

/// The longest status that is sent.
const STATUS: usize = 256;

/// The service manager, if there is one.
#[derive(Debug, Default)]
pub struct Manager {
    socket: Option<UnixDatagram>,
    watchdog: Option<Duration>,
}

impl Manager {
    /// Connects to the manager at `address` (NOTIFY_SOCKET: a path, or `@` and an abstract name). It is told within each `watchdog`
    /// (WATCHDOG_USEC) that the server works, if it wants that.
    ///
    /// # Errors
    /// Where nobody listens there.
    pub fn connect(address: &str, watchdog: Option<Duration>) -> io::Result<Self> {
        let socket = UnixDatagram::unbound()?;
        let address = match address.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name)?,
            None => SocketAddr::from_pathname(address)?,
        };
        socket.connect_addr(&address)?;
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket: Some(socket),
            watchdog: watchdog.filter(|watchdog| !watchdog.is_zero()),
        })
    }

    /// How often it is to be told that the server works: twice in the time that it waits.
    pub(crate) fn watchdog(&self) -> Option<Duration> {
        self.watchdog.map(|watchdog| watchdog / 2)
    }

    /// The start or a reload is over; `status` says how things are.
    pub(crate) fn ready(&self, status: &str) {
        self.say(&format!("READY=1\nSTATUS={}", line(status)));
    }

    /// The configuration is being read again.
    pub(crate) fn reloading(&self) {
        let now = monotonic_microseconds();
        self.say(&format!("RELOADING=1\nMONOTONIC_USEC={now}"));
    }

    /// The server lets its connections end.
    pub(crate) fn stopping(&self) {
        self.say("STOPPING=1\nSTATUS=waiting for connections to end");
    }

    /// The server works.
    pub(crate) fn alive(&self) {
        self.say("WATCHDOG=1");
    }

    fn say(&self, message: &str) {
        let sent = self
            .socket
            .as_ref()
            .map(|socket| socket.send(message.as_bytes()));
        // A manager whose socket is full or gone hears nothing; there is nobody else to tell.
        drop(sent);
    }
}

/// A status has one line, and an end.
fn line(status: &str) -> String {
    let plain = status.chars().filter(|letter| !letter.is_control());
    plain.take(STATUS).collect()
}

/// Tells the manager twice in each of its watchdog's times that the server works, as long as `pulse` answers in time. A server that
/// hangs says nothing, and the manager starts it again.
pub(crate) async fn watch<Pulse>(manager: &Manager, pulse: impl Fn() -> Pulse)
where
    Pulse: Future<Output = ()>,
{
    let Some(every) = manager.watchdog() else {
        return std::future::pending().await;
    };
    let mut beat = tokio::time::interval(every);
    loop {
        beat.tick().await;
        if tokio::time::timeout(every, pulse()).await.is_ok() {
            manager.alive();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A manager, and where it listens.
    fn manager(name: &str, watchdog: Option<Duration>) -> (Manager, UnixDatagram) {
        let name = format!("keyhole-{name}-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let listening = UnixDatagram::bind_addr(&address).unwrap();
        listening.set_nonblocking(true).unwrap();
        let manager = Manager::connect(&format!("@{name}"), watchdog).unwrap();
        (manager, listening)
    }

    fn heard(listening: &UnixDatagram) -> Vec<String> {
        let mut room = [0; 1024];
        std::iter::from_fn(|| listening.recv(&mut room).ok().map(|octets| octets as u64))
            .map(|octets| octets.to_string())
            .collect()
    }

    #[test]
    fn a_status_stays_on_its_line() {
        let (manager, listening) = manager("status", None);
        manager.ready("one\nREADY=0");
        let mut room = [0; 1024];
        let octets = listening.recv(&mut room).unwrap();
        assert_eq!(&room[..octets], b"READY=1\nSTATUS=oneREADY=0");
        assert_eq!(manager.watchdog(), None);
    }

    #[tokio::test]
    async fn a_server_that_works_says_so_twice_in_time_and_one_that_hangs_says_nothing() {
        let every = Duration::from_millis(40);
        let (manager, listening) = manager("watch", Some(every));
        let working = watch(&manager, || std::future::ready(()));
        drop(tokio::time::timeout(every * 20, working).await);
        assert!(heard(&listening).len() >= 4);
        let hanging = watch(&manager, std::future::pending);
        drop(tokio::time::timeout(every * 10, hanging).await);
        assert_eq!(heard(&listening).len(), 0);
    }

    #[test]
    fn without_a_manager_nothing_is_said_and_nothing_fails() {
        Manager::default().ready("well");
        assert!(Manager::connect("/nowhere/notify", None).is_err());
    }
}
