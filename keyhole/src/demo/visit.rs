//! The handset's visit: one photograph, one reveal, one thumbnail, and the same reveal tried again.

use std::fs;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use handset::{
    Connection, Deadlines, FetchRequest, Fetched, Holder, Holdings, Mailbox as MailboxName,
    PartPath, Pin, Resent, Server as Address, Trust, Uid,
};
use rand_core::CryptoRng;

use crate::demo::mailbox::{Mailbox, SECTION, USER};
use crate::demo::outcome::{Outcome, Replay, Teller};
use crate::demo::server::Server;

/// The thumbnail fits into a square of so many pixels.
const SIZE: NonZeroU16 = NonZeroU16::new(320).unwrap();

/// Fetches the thumbnail, writes it into `folder`, tries the reveal again.
///
/// # Errors
/// What went wrong, in words for a terminal.
pub(super) async fn run(
    folder: &Path,
    mailbox: &Mailbox,
    password: &str,
    proxy: &mut Server,
    teller: &mut Teller,
) -> Result<Outcome, String> {
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let started = now();
    let connection = connect(proxy).await?;
    let meter = connection.meter();
    let mut client = connection
        .login(USER, password.as_bytes())
        .await
        .map_err(wrong)?;
    let keys = [holder(mailbox)?];
    let holdings = Holdings {
        keys: &keys,
        pin: Pin::FirstUse,
    };
    let prepared = client
        .prepare(&request()?, holdings, &unix_now, &mut rng)
        .await
        .map_err(wrong)?;
    teller.about_to_reveal(&prepared);
    let sealed = client.send(&prepared).await.map_err(wrong)?;
    let over_the_air = meter.air().total();
    let elapsed = started.elapsed();
    let replay = match client.resend(&prepared).await.map_err(wrong)? {
        Resent::Refused(said) => Replay::Refused(said.to_string()),
        Resent::Answered => Replay::Answered,
    };
    let fetched = open(prepared, &sealed, &keys, &mut rng)?;
    client.logout().await;
    Ok(Outcome {
        file: write(folder, &fetched)?,
        over_the_air,
        elapsed,
        replay,
        vault_exit: proxy.vault_exit().map_err(wrong)?,
        fetched,
    })
}

fn wrong(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the demo is a shell: it asks the clock"
)]
fn now() -> Instant {
    Instant::now()
}

/// Seconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "the demo is a shell: it asks the clock"
)]
fn unix_now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

async fn connect(proxy: &Server) -> Result<Connection, String> {
    let pem = fs::read(&proxy.certificate).map_err(wrong)?;
    let trust = Trust::from_pem(&pem).map_err(wrong)?;
    let address = Address::new(&proxy.address.ip().to_string(), proxy.address.port());
    Connection::open(&address, &trust, Deadlines::PATIENT)
        .await
        .map_err(wrong)
}

fn holder(mailbox: &Mailbox) -> Result<Holder, String> {
    let key = fs::read_to_string(&mailbox.key).map_err(wrong)?;
    let certificate = fs::read_to_string(&mailbox.certificate).map_err(wrong)?;
    let key = handset::PrivateKey::from_pem(&key, None).map_err(wrong)?;
    let certificate = handset::Certificate::from_pem(&certificate).map_err(wrong)?;
    Holder::new(key, certificate).map_err(wrong)
}

/// The demo's one photograph, at most [`SIZE`] wide and high.
fn request() -> Result<FetchRequest, String> {
    let uid = Uid::new(1).ok_or("no such UID")?;
    let section = PartPath::new(SECTION).ok_or("no such section")?;
    Ok(FetchRequest {
        width: Some(SIZE),
        height: Some(SIZE),
        ..FetchRequest::new(MailboxName::new(b"INBOX"), uid, section)
    })
}

fn open(
    prepared: handset::Prepared,
    sealed: &handset::SealedResult,
    keys: &[Holder],
    rng: &mut impl CryptoRng,
) -> Result<Fetched, String> {
    prepared.open(sealed, keys, rng).map_err(wrong)
}

fn write(folder: &Path, fetched: &Fetched) -> Result<PathBuf, String> {
    let file = folder.join("thumbnail.jpg");
    fs::write(&file, fetched.content.expose()).map_err(wrong)?;
    Ok(file)
}
