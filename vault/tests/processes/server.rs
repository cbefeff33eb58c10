//! What the network-facing server and its loader can still do in their sandboxes.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;

use crate::forbidden::attempt;
use crate::runner::Test;

pub(crate) const TESTS: &[Test] = &[
    (
        "a_server_serves_inside_its_sandbox",
        a_server_serves_inside_its_sandbox,
    ),
    (
        "a_server_or_loader_still_aborts",
        a_server_or_loader_still_aborts,
    ),
    (
        "a_given_folder_is_read_and_not_written",
        a_given_folder_is_read_and_not_written,
    ),
    (
        "a_loader_reads_looks_up_and_binds_but_takes_no_connection",
        a_loader_reads_looks_up_and_binds_but_takes_no_connection,
    ),
];

/// What the server is given to read: a folder that is there on every machine.
pub(crate) fn given_folder() -> PathBuf {
    PathBuf::from("/usr")
}

/// What a probe may be asked to do besides, by name.
pub(crate) fn allowed(act: &str) -> io::Result<()> {
    match act {
        "serve" => serve(),
        "read-given" => File::open("/usr/bin/env").map(drop),
        "write-given" => File::options().write(true).open("/usr/bin/env").map(drop),
        "load" => load(),
        "take" => take(),
        "abort" => std::process::abort(),
        _unknown => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// A runtime with threads, timers, a listener and a connection to it.
fn serve() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let echo = tokio::task::spawn_blocking(move || {
            let (mut connection, _) = listener.accept()?;
            let mut octets = [0; 5];
            connection.read_exact(&mut octets)?;
            connection.write_all(&octets)
        });
        let mut connection = TcpStream::connect(address)?;
        connection.write_all(b"hello")?;
        let mut octets = [0; 5];
        connection.read_exact(&mut octets)?;
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        let own = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        drop(tokio::net::TcpStream::connect(own.local_addr()?).await?);
        echo.await?
    })
}

/// What a loader is for: a file anywhere, a name, a port.
fn load() -> io::Result<()> {
    File::open("/etc/passwd")?;
    std::fs::read_dir("/etc")?;
    ("localhost", 1).to_socket_addrs()?;
    TcpListener::bind("127.0.0.1:0").map(drop)
}

fn take() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    match listener.accept() {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        other => other.map(drop),
    }
}

fn a_loader_reads_looks_up_and_binds_but_takes_no_connection() {
    assert_eq!(attempt("loader", "load").code(), Some(0));
    assert_eq!(attempt("server", "take").code(), Some(0));
    assert_eq!(attempt("loader", "take").code(), Some(10));
}

fn a_server_serves_inside_its_sandbox() {
    assert_eq!(attempt("server", "serve").code(), Some(0));
}

/// By a signal to itself, not by the fault that follows where that is refused.
fn a_server_or_loader_still_aborts() {
    for role in ["server", "loader"] {
        assert_eq!(attempt(role, "abort").signal(), Some(libc::SIGABRT));
    }
}

fn a_given_folder_is_read_and_not_written() {
    assert_eq!(attempt("server", "read-given").code(), Some(0));
    assert_eq!(attempt("server", "write-given").code(), Some(10));
}
