//! The ClientHello itself (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), out of its records.

use std::net::IpAddr;

use super::Reason;

/// The handshake message, while its fragments come.
#[derive(Debug)]
pub(super) struct Message {
    octets: Vec<u8>,
    limit: usize,
}

/// Type and length.
const START: usize = 4;
/// RFC 8446 §4: HandshakeType client_hello.
const CLIENT_HELLO: u8 = 1;
/// RFC 6066 §3: ExtensionType server_name, NameType host_name.
const SERVER_NAME: u16 = 0;
const HOST_NAME: u8 = 0;
/// RFC 1035 §2.3.4, without the root's length octet and the first label's: the most octets of a name, of a label.
const MOST_IN_NAME: usize = 253;
const MOST_IN_LABEL: usize = 63;

impl Message {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            octets: Vec::new(),
            limit,
        }
    }

    /// Takes a fragment. `None`: the message is not whole. Inside: the name asked for, if there is one.
    pub(super) fn take(&mut self, fragment: &[u8]) -> Result<Option<Option<String>>, Reason> {
        self.octets.extend_from_slice(fragment);
        if self
            .octets
            .first()
            .is_some_and(|kind| *kind != CLIENT_HELLO)
        {
            return Err(Reason::NotHello);
        }
        let Some((&[_, a, b, c], rest)) = self.octets.split_first_chunk::<START>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([0, a, b, c]);
        let length = usize::try_from(length).map_err(|_| Reason::TooLarge)?;
        if length > self.limit {
            return Err(Reason::TooLarge);
        }
        match rest.get(..length) {
            Some(body) => name_in(body).map(Some),
            None => Ok(None),
        }
    }
}

/// What is left to read of a structure.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn octets(&mut self, length: usize) -> Result<&'a [u8], Reason> {
        let (octets, rest) = self.0.split_at_checked(length).ok_or(Reason::Form)?;
        self.0 = rest;
        Ok(octets)
    }

    fn one(&mut self) -> Result<u8, Reason> {
        let (&octet, rest) = self.0.split_first().ok_or(Reason::Form)?;
        self.0 = rest;
        Ok(octet)
    }

    fn two(&mut self) -> Result<u16, Reason> {
        let (&octets, rest) = self.0.split_first_chunk().ok_or(Reason::Form)?;
        self.0 = rest;
        Ok(u16::from_be_bytes(octets))
    }

    /// A vector whose length stands in one octet before it.
    fn short_vector(&mut self) -> Result<&'a [u8], Reason> {
        let length = self.one()?;
        self.octets(length.into())
    }

    /// A vector whose length stands in two octets before it.
    fn vector(&mut self) -> Result<&'a [u8], Reason> {
        let length = self.two()?;
        self.octets(length.into())
    }
}

fn name_in(body: &[u8]) -> Result<Option<String>, Reason> {
    let mut rest = Rest(body);
    let [major, _] = rest.two()?.to_be_bytes();
    rest.octets(32)?; // random
    let session = rest.short_vector()?;
    let suites = rest.vector()?;
    let compression = rest.short_vector()?;
    let even = suites.len() & 1 == 0;
    if major != 3 || session.len() > 32 || suites.is_empty() || !even || compression.is_empty() {
        return Err(Reason::Form);
    }
    // RFC 5246 §7.4.1.2: a hello may end without extensions.
    if rest.0.is_empty() {
        return Ok(None);
    }
    let extensions = rest.vector()?;
    if !rest.0.is_empty() {
        return Err(Reason::Form);
    }
    among(Rest(extensions))
}

/// Unknown extensions (and GREASE, RFC 8701) are passed over. RFC 8446 §4.2: none comes twice; here the one that counts.
fn among(mut extensions: Rest<'_>) -> Result<Option<String>, Reason> {
    let mut list = None;
    while !extensions.0.is_empty() {
        let kind = extensions.two()?;
        let content = extensions.vector()?;
        if kind == SERVER_NAME && list.replace(content).is_some() {
            return Err(Reason::Name);
        }
    }
    list.map_or(Ok(None), |list| in_list(Rest(list)))
}

/// RFC 6066 §3: a list of names, at most one of each type; only one type was ever defined.
fn in_list(mut extension: Rest<'_>) -> Result<Option<String>, Reason> {
    let mut list = Rest(extension.vector()?);
    if !extension.0.is_empty() {
        return Err(Reason::Form);
    }
    let kind = list.one()?;
    let name = list.vector()?;
    if kind != HOST_NAME || !list.0.is_empty() {
        return Err(Reason::Name);
    }
    host_name(name)
}

/// A name in lower case, without the dot of the root. RFC 6066 §3: an address is not a name; whoever sends one (some
/// clients do) asks for no name.
fn host_name(octets: &[u8]) -> Result<Option<String>, Reason> {
    let text = std::str::from_utf8(octets).map_err(|_| Reason::Name)?;
    if text.parse::<IpAddr>().is_ok() {
        return Ok(None);
    }
    // RFC 6066 §3 wants no trailing dot. The name with one is the same name: no other could be meant.
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.len() <= MOST_IN_NAME && text.split('.').all(is_label) {
        Ok(Some(text.to_ascii_lowercase()))
    } else {
        Err(Reason::Name)
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    (1..=MOST_IN_LABEL).contains(&label.len()) && label.bytes().all(allowed)
}
