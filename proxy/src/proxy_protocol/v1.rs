//! Version 1: one line of ASCII, its fields one space apart.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::header::{Ends, Fault, Header, Reading, agrees};

pub(super) const START: &[u8; 6] = b"PROXY ";

/// The longest line, CRLF included (specification §2.1).
pub(super) const MOST_OCTETS: usize = 107;

/// The octets of the shortest line that has still to come its end: `PROXY UNKNOWN` CRLF.
const SHORTEST: usize = 15;

pub(super) fn read(octets: &[u8]) -> Reading {
    if !agrees(octets, START) {
        return Reading::Broken(Fault::Line);
    }
    let within = octets.get(..MOST_OCTETS).unwrap_or(octets);
    let Some(end) = within.iter().position(|octet| *octet == b'\n') else {
        return match MOST_OCTETS.checked_sub(octets.len()) {
            None | Some(0) => Reading::Broken(Fault::TooLong),
            Some(_) => Reading::More(SHORTEST.saturating_sub(octets.len()).max(1)),
        };
    };
    let line = within.get(START.len()..end).unwrap_or_default();
    match line.strip_suffix(b"\r").and_then(fields) {
        Some(header) => Reading::Whole {
            header,
            octets: end.saturating_add(1),
        },
        None => Reading::Broken(Fault::Line),
    }
}

fn fields(line: &[u8]) -> Option<Header> {
    let line = std::str::from_utf8(line).ok()?;
    if line.contains(['\r', '\0']) {
        return None;
    }
    let mut fields = line.split(' ');
    let family = fields.next()?;
    let mut next = || fields.next();
    let ends = match family {
        // Whatever follows is to be ignored.
        "UNKNOWN" => return Some(Header::Unknown),
        "TCP4" => ends(&mut next, |text| {
            text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
        }),
        "TCP6" => ends(&mut next, |text| {
            text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
        }),
        _ => None,
    }?;
    fields.next().is_none().then_some(Header::Proxied(ends))
}

fn ends<'a>(
    next: &mut impl FnMut() -> Option<&'a str>,
    address: impl Fn(&str) -> Option<IpAddr>,
) -> Option<Ends> {
    let client = address(next()?)?;
    let server = address(next()?)?;
    Some(Ends {
        client: SocketAddr::new(client, port(next()?)?),
        server: SocketAddr::new(server, port(next()?)?),
    })
}

/// Digits without leading zeros (`+1` would parse, too).
fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    let zeros = text.len() > 1 && text.starts_with('0');
    text.parse().ok().filter(|_| digits && !zeros)
}
