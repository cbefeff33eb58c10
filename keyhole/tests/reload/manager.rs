//! The service manager: sockets that it hands over, and what it is told.

use std::{
    net::TcpListener,
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::Signal;

use crate::scene::Scene;

/// Starts the server with a listener as descriptor 3, as a service manager does.
fn activated(scene: &Scene, listener: TcpListener) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args([
            "-c",
            "exec 3<&0 </dev/null; export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" serve --config \"$1\"",
            env!("CARGO_BIN_EXE_keyhole"),
        ])
        .arg(scene.configuration())
        .stdin(OwnedFd::from(listener));
    command
}

#[test]
fn a_socket_that_was_handed_over_is_used_and_survives_the_server() {
    let mut scene = Scene::files();
    let listener = TcpListener::bind(scene.address).unwrap();
    scene.run(&mut activated(&scene, listener.try_clone().unwrap()));
    scene.client().command("NOOP").unwrap();
    assert_eq!(scene.reload()["event"], "config_reloaded");
    scene.client().command("NOOP").unwrap();
    scene.signal(Signal::TERM);
    assert_eq!(scene.ended().code(), Some(0));
    // Whoever comes now waits for the next server.
    let mut next = Scene::files();
    next.address = scene.address;
    next.configure("", "");
    let waiting = std::net::TcpStream::connect(scene.address);
    next.run(&mut activated(&next, listener));
    assert!(waiting.is_ok());
    next.client().command("NOOP").unwrap();
}

#[test]
fn a_socket_that_no_listener_has_is_an_error() {
    let scene = Scene::files();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let output = activated(&scene, listener)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains(&address) && told.contains("remedy"), "{told}");
}

/// The next message that begins so; others before it are passed over.
fn heard(socket: &UnixDatagram, wanted: &str) -> String {
    let mut room = [0; 4096];
    loop {
        let octets = socket
            .recv(&mut room)
            .unwrap_or_else(|error| panic!("{wanted}: {error}"));
        let message = String::from_utf8(room[..octets].to_vec()).unwrap();
        if message.starts_with(wanted) {
            return message;
        }
    }
}

#[test]
fn the_manager_hears_of_every_change_and_that_the_server_lives() {
    let mut scene = Scene::files();
    let path = scene.folder.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut command = scene.command();
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "400000");
    scene.run(&mut command);
    assert!(heard(&socket, "READY=1").contains("STATUS=listening at 1 addresses"));
    for _ in 0..3 {
        heard(&socket, "WATCHDOG=1");
    }
    assert_eq!(scene.reload()["event"], "config_reloaded");
    let reloading = heard(&socket, "RELOADING=1");
    let (_, since) = reloading.split_once("MONOTONIC_USEC=").unwrap();
    assert!(since.parse::<u64>().unwrap() > 0);
    heard(&socket, "READY=1");
    scene.configure("nonsense\n", "");
    assert_eq!(scene.reload()["event"], "config_refused");
    heard(&socket, "RELOADING=1");
    assert!(heard(&socket, "READY=1").contains("refused"));
    scene.signal(Signal::TERM);
    heard(&socket, "STOPPING=1");
    assert_eq!(scene.ended().code(), Some(0));
}
