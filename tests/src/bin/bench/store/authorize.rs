//! What nginx's mail proxy asks by HTTP before it connects: everybody may log in, and everybody's mail is here.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// The largest request that is read.
const REQUEST: usize = 16 * 1024;

/// Answers each request with the port of the store.
pub(super) async fn serve(listener: TcpListener, store: u16) {
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(answer(socket, store));
    }
}

async fn answer(mut socket: TcpStream, store: u16) -> std::io::Result<()> {
    socket.set_nodelay(true)?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST {
        if socket.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let answer = format!(
        "HTTP/1.0 200 OK\r\nAuth-Status: OK\r\nAuth-Server: 127.0.0.1\r\nAuth-Port: {store}\r\n\r\n"
    );
    socket.write_all(answer.as_bytes()).await?;
    socket.shutdown().await
}
