//! Somebody who listens like a store and plays a bad one.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Part {
    /// Takes connections and says nothing.
    Mute,
    /// Says this and hangs up.
    Says(&'static [u8]),
}

pub(crate) struct Actor {
    pub(crate) address: SocketAddr,
}

impl Actor {
    pub(crate) fn playing(part: Part) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            for proxy in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || play(part, proxy));
            }
        });
        Self { address }
    }
}

fn play(part: Part, mut proxy: TcpStream) {
    match part {
        // Until the proxy has had enough.
        Part::Mute => while proxy.read(&mut [0; 64]).is_ok_and(|taken| taken > 0) {},
        // The proxy may be gone before it is all said.
        Part::Says(text) => drop(proxy.write_all(text)),
    }
}
