//! Our own store, embedded in the test's process.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use store::{Account, Config, Limits};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::dovecot::{ANN, BOB, User, deliver, make_maildir};
use super::scratch::Scratch;

/// The embedded store, serving the mailboxes of its users.
#[derive(Debug)]
pub struct Embedded {
    /// Ended, with its connections, before its folder goes.
    runtime: Option<Runtime>,
    /// Where it listens.
    pub address: SocketAddr,
    users: Vec<User>,
    scratch: Scratch,
}

impl Embedded {
    /// Starts it with the mailboxes of [`ANN`] and [`BOB`], empty.
    ///
    /// # Panics
    /// When it cannot listen.
    #[must_use]
    pub fn start() -> Self {
        Self::start_for(&[ANN, BOB])
    }

    /// Starts it with the mailboxes of `users`, empty.
    ///
    /// # Panics
    /// When it cannot listen.
    #[must_use]
    pub fn start_for(users: &[User]) -> Self {
        let scratch = Scratch::new();
        for user in users {
            make_maildir(&maildir(scratch.path(), *user));
        }
        let mut embedded = Self {
            runtime: None,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            users: users.to_vec(),
            scratch,
        };
        embedded.restart();
        embedded
    }

    /// Ends it with all its connections, and starts it again on the same mailboxes.
    ///
    /// # Panics
    /// When it cannot listen.
    pub fn restart(&mut self) {
        self.end();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build();
        let runtime = runtime.expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .expect("a listener");
        self.address = listener.local_addr().expect("its address");
        let account = |user: &User| Account {
            user: user.name.to_owned(),
            password: user.password.to_owned(),
            maildir: self.maildir(*user),
        };
        let config = Config {
            accounts: self.users.iter().map(account).collect(),
            limits: Limits::modest(),
        };
        runtime.spawn(async move {
            store::serve(config, listener)
                .await
                .expect("the store serves")
        });
        self.runtime = Some(runtime);
    }

    /// The user's Maildir.
    #[must_use]
    pub fn maildir(&self, user: User) -> PathBuf {
        maildir(self.scratch.path(), user)
    }

    /// Puts a message into the user's INBOX.
    pub fn deliver(&self, user: User, message: &[u8]) {
        deliver(&self.maildir(user), message);
    }

    fn end(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.end();
    }
}

fn maildir(scratch: &Path, user: User) -> PathBuf {
    scratch.join(user.name)
}
