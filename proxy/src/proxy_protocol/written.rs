//! A header for a store, in one piece, to be written before anything else.

use std::net::{IpAddr, Ipv6Addr};

use super::v2;
use crate::{config::ProxyProtocolOut, peer::Peer};

/// The header that tells a store who the client is; empty, if it wants none.
#[must_use]
pub fn written(form: ProxyProtocolOut, peer: &Peer) -> Vec<u8> {
    match form {
        ProxyProtocolOut::Off => Vec::new(),
        ProxyProtocolOut::V1 => line(peer),
        ProxyProtocolOut::V2 => octets(peer),
    }
}

/// The header that tells a store that nobody stands behind the connection: the proxy itself looks whether it is there.
#[must_use]
pub fn written_for_nobody(form: ProxyProtocolOut) -> Vec<u8> {
    match form {
        ProxyProtocolOut::Off => Vec::new(),
        ProxyProtocolOut::V1 => b"PROXY UNKNOWN\r\n".to_vec(),
        ProxyProtocolOut::V2 => local(),
    }
}

fn local() -> Vec<u8> {
    let mut header = v2::SIGNATURE.to_vec();
    header.extend([v2::LOCAL, v2::UNSPEC, 0, 0]);
    header
}

/// The two addresses in one family: a socket of both families tells IPv4 as `::ffff:192.0.2.1`.
enum Pair {
    V4([u8; 4], [u8; 4]),
    V6(Ipv6Addr, Ipv6Addr),
}

fn pair(peer: &Peer) -> Pair {
    let mapped = |address: IpAddr| match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    };
    match (
        peer.client.ip().to_canonical(),
        peer.server.ip().to_canonical(),
    ) {
        (IpAddr::V4(client), IpAddr::V4(server)) => Pair::V4(client.octets(), server.octets()),
        (client, server) => Pair::V6(mapped(client), mapped(server)),
    }
}

fn line(peer: &Peer) -> Vec<u8> {
    let ports = (peer.client.port(), peer.server.port());
    let (family, client, server) = match pair(peer) {
        Pair::V4(client, server) => ("TCP4", IpAddr::from(client), IpAddr::from(server)),
        Pair::V6(client, server) => ("TCP6", client.into(), server.into()),
    };
    format!(
        "PROXY {family} {client} {server} {} {}\r\n",
        ports.0, ports.1
    )
    .into_bytes()
}

fn octets(peer: &Peer) -> Vec<u8> {
    let (family, mut block) = match pair(peer) {
        Pair::V4(client, server) => (v2::TCP4, [client, server].concat()),
        Pair::V6(client, server) => (v2::TCP6, [client.octets(), server.octets()].concat()),
    };
    block.extend(peer.client.port().to_be_bytes());
    block.extend(peer.server.port().to_be_bytes());
    if let Some(name) = &peer.name
        && let Ok(length) = u8::try_from(name.len())
    {
        block.extend([v2::AUTHORITY, 0, length]);
        block.extend(name.as_bytes());
    }
    // At most 36 octets of addresses and 258 of a name: the length always fits.
    let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
    let start = [v2::PROXY, family];
    [
        v2::SIGNATURE.as_slice(),
        &start,
        &length.to_be_bytes(),
        &block,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        peer::Word,
        proxy_protocol::{Ends, Header, Reading, read},
    };
    use proptest::prelude::*;
    use std::net::SocketAddr;

    fn peer(client: SocketAddr, server: SocketAddr, name: Option<String>) -> Peer {
        let mut peer = Peer::direct(client, server, Word::Stranger);
        peer.name = name;
        peer
    }

    #[test]
    fn the_name_asked_for_goes_along_in_version_2() {
        let ends = ("192.0.2.1:1".parse(), "198.51.100.7:993".parse());
        let peer = peer(ends.0.unwrap(), ends.1.unwrap(), Some("a.org".to_owned()));
        let octets = written(ProxyProtocolOut::V2, &peer);
        assert!(octets.ends_with(b"\x02\0\x05a.org"), "{octets:?}");
        assert_eq!(
            written(ProxyProtocolOut::V1, &peer),
            b"PROXY TCP4 192.0.2.1 198.51.100.7 1 993\r\n"
        );
        assert!(written(ProxyProtocolOut::Off, &peer).is_empty());
    }

    #[test]
    fn a_pair_of_two_families_is_told_in_the_wider_one() {
        let ends = ("192.0.2.1:1".parse(), "[2001:db8::2]:993".parse());
        let peer = peer(ends.0.unwrap(), ends.1.unwrap(), None);
        assert_eq!(
            written(ProxyProtocolOut::V1, &peer),
            b"PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 1 993\r\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(
            client in any::<SocketAddr>(),
            server in any::<SocketAddr>(),
            name in proptest::option::of("[a-z.]{0,255}"),
        ) {
            let peer = peer(client, server, name);
            for form in [ProxyProtocolOut::V1, ProxyProtocolOut::V2] {
                let octets = written(form, &peer);
                let Reading::Whole { header: Header::Proxied(Ends { client: read_client, server: read_server }), octets: length } = read(&octets) else {
                    return Err(TestCaseError::fail(format!("{octets:?}")));
                };
                prop_assert_eq!(length, octets.len());
                prop_assert_eq!(read_client.ip().to_canonical(), client.ip().to_canonical());
                prop_assert_eq!(read_server.ip().to_canonical(), server.ip().to_canonical());
                prop_assert_eq!((read_client.port(), read_server.port()), (client.port(), server.port()));
            }
        }
    }
}
