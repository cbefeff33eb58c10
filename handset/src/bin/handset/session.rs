//! From settings to a logged-in client, and what is known of the proxy's identity. The command's clock is here.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use handset::{
    Client, Connection, Deadlines, IdentityKey, KnownIdentities, Mailbox, Meter, Pin, Server, Trust,
};

use crate::args::Account;
use crate::exit::{Exit, Failure};
use crate::output::{Existing, Output};
use crate::progress::Progress;
use crate::settings::host_and_port;
use crate::{keys, screen};

/// A logged-in client, with its progress on the terminal.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) meter: Meter,
    progress: Progress,
}

impl Session {
    /// Connects and logs in.
    pub(crate) async fn open(account: &Account) -> Result<Self, Failure> {
        let server = server(account)?;
        let trust = trust(account)?;
        let user = account
            .user
            .as_deref()
            .ok_or_else(|| Failure::new(Exit::Usage, "--user is needed"))?;
        let password = keys::password(account, user)?;
        let connection = Connection::open(&server, &trust, deadlines(account)).await?;
        let meter = connection.meter();
        let progress = Progress::show(meter.clone());
        let client = connection.login(user, &password).await?;
        Ok(Self {
            client,
            meter,
            progress,
        })
    }

    /// Takes the progress line away, so that something else can be said.
    pub(crate) fn pause(&mut self) {
        self.progress = Progress::none();
    }

    /// Shows progress again.
    pub(crate) fn resume(&mut self) {
        self.progress = Progress::show(self.meter.clone());
    }

    /// Says goodbye.
    pub(crate) async fn close(self) {
        self.client.logout().await;
    }
}

fn server(account: &Account) -> Result<Server, Failure> {
    let given = account
        .server
        .as_deref()
        .ok_or_else(|| Failure::new(Exit::Usage, "--server is needed"))?;
    let (host, port) = host_and_port(given).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("{}: HOST or HOST:PORT is needed", screen::safe(given)),
        )
    })?;
    let name = account.server_name.as_deref().unwrap_or(host);
    Ok(Server {
        name: name.to_owned(),
        ..Server::new(host, port)
    })
}

fn trust(account: &Account) -> Result<Trust, Failure> {
    let Some(path) = &account.ca else {
        return Ok(Trust::web());
    };
    let pem = fs::read(path).map_err(|error| Failure::file(path, &error))?;
    Trust::from_pem(&pem).map_err(|_| {
        Failure::new(
            Exit::OurFile,
            format!("{}: no certificate in PEM", path.display()),
        )
    })
}

fn deadlines(account: &Account) -> Deadlines {
    let Some(silence) = account.silence else {
        return Deadlines::PATIENT;
    };
    let silence = Duration::from_secs(silence.get().into());
    Deadlines {
        silence,
        connect: silence,
        ..Deadlines::PATIENT
    }
}

/// The mailbox that is meant.
pub(crate) fn mailbox(account: &Account) -> Mailbox {
    handset::mailbox_name::encode(account.mailbox.as_deref().unwrap_or("INBOX"))
}

/// What the known identities call the server.
pub(crate) fn server_label(account: &Account) -> Result<String, Failure> {
    let Server { host, port, .. } = server(account)?;
    Ok(format!("{host}:{port}"))
}

/// Seconds of Unix time.
#[expect(
    clippy::disallowed_methods,
    reason = "the command is the shell that asks the clock"
)]
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// The identity that the proxy must have: given, or seen before.
pub(crate) fn pin(account: &Account) -> Result<Pin, Failure> {
    match &account.pin {
        Some(text) => identity(text).map(Pin::Known),
        None => Ok(known(account)?.pin(&server_label(account)?)),
    }
}

/// Reads an identity as its operator writes it.
pub(crate) fn identity(text: &str) -> Result<IdentityKey, Failure> {
    let parsed = text.trim().parse();
    parsed.map_err(|_| {
        Failure::new(
            Exit::Usage,
            "this is no identity: 44 characters of base64 are needed",
        )
    })
}

/// The identities seen before.
pub(crate) fn known(account: &Account) -> Result<KnownIdentities, Failure> {
    let Some(path) = &account.known else {
        return Ok(KnownIdentities::default());
    };
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(KnownIdentities::default());
        }
        other => other.map_err(|error| Failure::file(path, &error))?,
    };
    KnownIdentities::parse(&text).map_err(|error| {
        let words = format!(
            "{}: line {} is no identity; correct or remove it",
            path.display(),
            error.line
        );
        Failure::new(Exit::OurFile, words)
    })
}

/// Remembers the server's identity for the next time.
pub(crate) fn remember(account: &Account, identity: IdentityKey) -> Result<(), Failure> {
    let path = account
        .known
        .as_deref()
        .ok_or_else(|| Failure::new(Exit::OurFile, "no place for known identities: use --known"))?;
    let mut known = known(account)?;
    known.remember(&server_label(account)?, identity);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, &error))?;
    let output =
        Output::reserve(path, Existing::Replace).map_err(|error| Failure::file(path, &error))?;
    output
        .commit(known.to_text().as_bytes())
        .map_err(|error| Failure::file(path, &error))
}
