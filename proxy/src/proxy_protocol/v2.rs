//! Version 2: sixteen octets, the two ends, and fields that are checked and passed over.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{
    crc32c,
    header::{Ends, Fault, Header, MOST_OCTETS, Reading, agrees},
};

pub(super) const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// Signature, command, family, length.
const START: usize = 16;

/// Version 2 and the command: LOCAL, PROXY.
pub(super) const LOCAL: u8 = 0x20;
pub(super) const PROXY: u8 = 0x21;

/// Family and transport.
pub(super) const TCP4: u8 = 0x11;
pub(super) const TCP6: u8 = 0x21;
pub(super) const UNSPEC: u8 = 0x00;
const UNIX: u8 = 0x31;
const UNIX_OCTETS: usize = 216;

/// The field that holds the name asked for in TLS (PP2_TYPE_AUTHORITY).
pub(super) const AUTHORITY: u8 = 0x02;
/// The field that holds the checksum (PP2_TYPE_CRC32C).
const CHECKSUM: u8 = 0x03;

pub(super) fn read(octets: &[u8]) -> Reading {
    if !agrees(octets, SIGNATURE) {
        return Reading::Broken(Fault::Signature);
    }
    let Some((start, rest)) = octets.split_first_chunk::<START>() else {
        return Reading::More(START.saturating_sub(octets.len()));
    };
    let [.., command, family, high, low] = *start;
    if !matches!(command, LOCAL | PROXY) {
        return Reading::Broken(Fault::Command);
    }
    let length = usize::from(u16::from_be_bytes([high, low]));
    let whole = START.saturating_add(length);
    if whole > MOST_OCTETS {
        return Reading::Broken(Fault::TooLong);
    }
    let (Some(header), Some(block)) = (octets.get(..whole), rest.get(..length)) else {
        return Reading::More(whole.saturating_sub(octets.len()));
    };
    let read = match command {
        // The block is to be passed over, its family unseen.
        LOCAL => Ok(Header::Unknown),
        _ => proxied(family, block, header),
    };
    match read {
        Ok(header) => Reading::Whole {
            header,
            octets: whole,
        },
        Err(fault) => Reading::Broken(fault),
    }
}

fn proxied(family: u8, block: &[u8], whole: &[u8]) -> Result<Header, Fault> {
    let (header, fields) = match family {
        UNSPEC => (Header::Unknown, block),
        TCP4 => ends::<4, 12>(block)?,
        TCP6 => ends::<16, 36>(block)?,
        UNIX => {
            let (_, fields) = block.split_at_checked(UNIX_OCTETS).ok_or(Fault::Length)?;
            (Header::Unknown, fields)
        }
        _ => return Err(Fault::Family),
    };
    check_fields(fields, whole)?;
    Ok(header)
}

fn ends<const ADDRESS: usize, const BOTH: usize>(block: &[u8]) -> Result<(Header, &[u8]), Fault>
where
    [u8; ADDRESS]: Address,
{
    let (ends, fields) = block.split_first_chunk::<BOTH>().ok_or(Fault::Length)?;
    let read = |ends: &mut &[u8]| -> Option<[u8; ADDRESS]> {
        let (address, rest) = ends.split_first_chunk()?;
        *ends = rest;
        Some(*address)
    };
    let mut ends = ends.as_slice();
    let (client, server) = (read(&mut ends), read(&mut ends));
    let (Some(client), Some(server), &[a, b, c, d]) = (client, server, ends) else {
        return Err(Fault::Length);
    };
    let header = Header::Proxied(Ends {
        client: SocketAddr::new(client.address(), u16::from_be_bytes([a, b])),
        server: SocketAddr::new(server.address(), u16::from_be_bytes([c, d])),
    });
    Ok((header, fields))
}

/// The octets of an address of either family.
trait Address {
    fn address(self) -> IpAddr;
}

impl Address for [u8; 4] {
    fn address(self) -> IpAddr {
        Ipv4Addr::from(self).into()
    }
}

impl Address for [u8; 16] {
    fn address(self) -> IpAddr {
        Ipv6Addr::from(self).into()
    }
}

/// Type, length, value: each must lie within the header, and a checksum must be right.
fn check_fields(mut fields: &[u8], whole: &[u8]) -> Result<(), Fault> {
    while !fields.is_empty() {
        let (&[kind, high, low], rest) = fields.split_first_chunk().ok_or(Fault::Length)?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (value, behind) = rest.split_at_checked(length).ok_or(Fault::Length)?;
        if kind == CHECKSUM {
            let at = whole.len().saturating_sub(rest.len());
            check_sum(value, at, whole)?;
        }
        fields = behind;
    }
    Ok(())
}

/// The checksum is that of the header with zeros where the checksum stands.
fn check_sum(value: &[u8], at: usize, whole: &[u8]) -> Result<(), Fault> {
    let wanted = u32::from_be_bytes(value.try_into().map_err(|_| Fault::Length)?);
    let mut zeroed = whole.to_vec();
    if let Some(sum) = zeroed.get_mut(at..at.saturating_add(4)) {
        sum.fill(0);
    }
    if crc32c::of(&zeroed) == wanted {
        Ok(())
    } else {
        Err(Fault::Checksum)
    }
}
