//! The admin token after a reload, on a port and on a socket file.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
};

use crate::scene::{Scene, free_address};

const OLD: &str = "0123456789abcdef0123456789abcdef";
const NEW: &str = "fedcba9876543210fedcba9876543210";

fn write_token(scene: &Scene, token: &str) {
    let path = scene.folder.join("token");
    fs::write(&path, token).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The first line of the answer to who shows `token`.
fn shown(mut socket: impl Read + Write, token: &str) -> String {
    write!(
        socket,
        "GET /health HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap_or_default().to_owned()
}

fn is_let_in(socket: impl Read + Write, token: &str) -> bool {
    let answer = shown(socket, token);
    assert!(
        answer.contains(" 200 ") || answer.contains(" 401 "),
        "{answer}"
    );
    answer.contains(" 200 ")
}

#[test]
fn after_a_reload_the_new_token_opens_and_the_old_one_no_more() {
    let mut scene = Scene::files();
    let address = free_address();
    write_token(&scene, OLD);
    let token = scene.folder.join("token");
    let admin = format!(
        "[admin]\naddress = \"{address}\"\ntoken = \"{}\"\n",
        token.display()
    );
    scene.configure("", &admin);
    scene.run(&mut scene.command());
    let port = || TcpStream::connect(address).unwrap();
    assert!(is_let_in(port(), OLD) && !is_let_in(port(), NEW));
    write_token(&scene, NEW);
    assert_eq!(scene.reload()["event"], "config_reloaded");
    assert!(is_let_in(port(), NEW) && !is_let_in(port(), OLD));
}

#[test]
fn a_token_added_to_a_socket_file_holds_after_a_reload() {
    let mut scene = Scene::files();
    let path = scene.folder.join("admin");
    let admin = format!("[admin]\naddress = \"unix:{}\"\n", path.display());
    scene.configure("", &admin);
    scene.run(&mut scene.command());
    let file = || UnixStream::connect(&path).unwrap();
    assert!(is_let_in(file(), OLD));
    write_token(&scene, NEW);
    let token = scene.folder.join("token");
    scene.configure("", &format!("{admin}token = \"{}\"\n", token.display()));
    assert_eq!(scene.reload()["event"], "config_reloaded");
    assert!(is_let_in(file(), NEW) && !is_let_in(file(), OLD));
}
