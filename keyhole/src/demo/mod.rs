//! `keyhole demo`: the whole system on one bare machine, with a fresh user, a real photograph and every process in its place.
//!
//! The store runs in this process; the proxy is the program itself, started as a child with a configuration of its own, so its
//! warden and vaults are the real ones. The handset is the library. Everything listens on loopback.

mod mailbox;
mod outcome;
mod server;
mod visit;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;

use crate::demo::mailbox::{Mailbox, USER, write_private};
use crate::demo::outcome::{Replay, Teller};
use crate::demo::server::Server;

/// What the demo's folder holds once the demo made it; a folder without it is somebody else's and is left alone.
const MARK: &str = ".keyhole-demo";

/// Arguments of `keyhole demo`.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Exit after the run, instead of staying up
    #[arg(long)]
    pub once: bool,
    /// Print one JSON object as the last line
    #[arg(long)]
    pub json: bool,
    /// Where the demo's keys, mail and thumbnail go; an earlier demo's folder is replaced
    #[arg(long, value_name = "FOLDER", default_value = "keyhole-demo")]
    pub folder: PathBuf,
    /// The proxy's port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

/// Runs the demo.
///
/// # Errors
/// The first thing that went wrong, in words for a terminal.
pub fn run(options: &Options) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(told("starting"))?;
    let mut teller = Teller::new(options);
    let folder = fresh_folder(&options.folder).map_err(told("making the folder"))?;
    let mut rng = rand_core::UnwrapErr(getrandom::SysRng);
    let mailbox = mailbox::create(&folder, &mut rng).map_err(told("making the mailbox"))?;
    let password = make_password(&folder, &mut rng).map_err(told("making a password"))?;
    teller.mail_made(&mailbox);
    let store = runtime
        .block_on(start_store(&mailbox, &password))
        .map_err(told("starting the store"))?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let mut proxy = Server::start(&folder, listen, store).map_err(told("starting the proxy"))?;
    teller.servers_up(store, &proxy);
    let outcome = runtime.block_on(visit::run(
        &folder,
        &mailbox,
        &password,
        &mut proxy,
        &mut teller,
    ))?;
    teller.done(&outcome, &proxy, &folder);
    if let Replay::Answered = outcome.replay {
        return Err("the reveal was answered a second time".to_owned());
    }
    if !options.once {
        teller.staying_up(&proxy, &mailbox, &folder);
        runtime
            .block_on(until_stopped(&mut proxy))
            .map_err(told("waiting"))?;
    }
    proxy.stop().map_err(told("stopping the proxy"))
}

fn told<E: std::fmt::Display>(doing: &'static str) -> impl Fn(E) -> String {
    move |error| format!("{doing}: {error}")
}

/// An empty folder; an earlier demo's is emptied first.
fn fresh_folder(folder: &Path) -> io::Result<PathBuf> {
    if folder.join(MARK).exists() {
        fs::remove_dir_all(folder)?;
    } else if folder.exists() && fs::read_dir(folder)?.next().is_some() {
        let text = format!(
            "{} is not empty and no demo's; name another with --folder",
            folder.display()
        );
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join(MARK), "")?;
    folder.canonicalize()
}

fn make_password(folder: &Path, rng: &mut impl rand_core::CryptoRng) -> io::Result<String> {
    let password = format!("{:016x}", rng.next_u64());
    write_private(&folder.join("password"), password.as_bytes())?;
    Ok(password)
}

/// Starts the store on a free loopback port; it runs as long as the runtime does.
async fn start_store(mailbox: &Mailbox, password: &str) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let account = store::Account {
        user: USER.to_owned(),
        password: password.to_owned(),
        maildir: mailbox.maildir.clone(),
    };
    let config = store::Config {
        accounts: vec![account],
        limits: store::Limits::modest(),
    };
    tokio::spawn(async move {
        if let Err(error) = store::serve(config, listener).await {
            tracing::error!(%error, "the demo's store ended");
        }
    });
    Ok(address)
}

/// Until somebody asks the demo to stop, or the proxy ends.
async fn until_stopped(proxy: &mut Server) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => Ok(()),
        _ = terminate.recv() => Ok(()),
        ended = proxy.ended() => ended,
    }
}
