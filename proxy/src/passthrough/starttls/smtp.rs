//! SMTP before TLS (RFC 5321 §4.1.1, RFC 3207 §4).

use std::net::IpAddr;

use super::{
    Answered, Heard, Unready,
    lines::{Lines, NoLine},
};

/// Commands that help nobody to get to TLS, before the client is told to go.
const MOST_REFUSED: u8 = 10;

/// RFC 5321 §4.1.3: whoever has no name says its address.
fn literal(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("[{address}]"),
        IpAddr::V6(address) => format!("[IPv6:{address}]"),
    }
}

/// The commands that count before TLS.
enum Command {
    Ehlo,
    Noop,
    Quit,
    Starttls,
    /// One of the others, in a form that it must not have.
    Argument,
    /// Anything else.
    Other,
}

impl Command {
    fn of(line: &[u8]) -> Self {
        let verb = line.split(|octet| *octet == b' ').next();
        let verb = verb.unwrap_or_default().to_ascii_uppercase();
        let argument = line.get(verb.len()..).unwrap_or_default().trim_ascii();
        match (verb.as_slice(), argument.is_empty()) {
            (b"EHLO", false) => Self::Ehlo,
            (b"NOOP", _) => Self::Noop,
            (b"QUIT", true) => Self::Quit,
            (b"STARTTLS", true) => Self::Starttls,
            (b"EHLO", true) | (b"QUIT" | b"STARTTLS", false) => Self::Argument,
            _ => Self::Other,
        }
    }
}

#[derive(Debug)]
pub(super) struct Greeter {
    lines: Lines,
    server: String,
    refused: u8,
    pub(super) out: Vec<u8>,
}

impl Greeter {
    pub(super) fn new(server: IpAddr) -> Self {
        let server = literal(server);
        Self {
            lines: Lines::default(),
            out: format!("220 {server} ESMTP ready for STARTTLS\r\n").into_bytes(),
            server,
            refused: 0,
        }
    }

    pub(super) fn hear(&mut self, mut octets: &[u8]) -> Heard {
        loop {
            let line = match self.lines.next(&mut octets) {
                Ok(Some(line)) => line,
                Ok(None) => return Heard::More,
                Err(NoLine) => {
                    self.out.extend(b"500 5.5.2 This is no line; goodbye\r\n");
                    return Heard::Over;
                }
            };
            match Command::of(&line) {
                Command::Starttls => {
                    self.out.extend(b"220 2.0.0 Ready to start TLS\r\n");
                    return Heard::Starttls {
                        thrown: octets.len(),
                    };
                }
                Command::Quit => {
                    self.out.extend(b"221 2.0.0 Goodbye\r\n");
                    return Heard::Over;
                }
                Command::Ehlo => {
                    let answer = format!("250-{}\r\n250 STARTTLS\r\n", self.server);
                    self.out.extend(answer.into_bytes());
                }
                Command::Noop => self.out.extend(b"250 2.0.0 OK\r\n"),
                Command::Argument => self.refuse(b"501 5.5.4 Syntax error in the argument\r\n"),
                // RFC 3207 §4: to all but NOOP, EHLO, STARTTLS and QUIT.
                Command::Other => {
                    self.refuse(b"530 5.7.0 Must issue a STARTTLS command first\r\n");
                }
            }
            if self.refused > MOST_REFUSED {
                self.out
                    .extend(b"421 4.7.0 Too many commands in clear; goodbye\r\n");
                return Heard::Over;
            }
        }
    }

    fn refuse(&mut self, answer: &[u8]) {
        self.refused = self.refused.saturating_add(1);
        self.out.extend(answer);
    }
}

#[derive(Debug)]
pub(super) struct Asker {
    lines: Lines,
    local: String,
    awaited: Awaited,
    starttls: Offered,
    left: u8,
    pub(super) out: Vec<u8>,
}

/// Which reply comes next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Awaited {
    Greeting,
    Ehlo,
    Starttls,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Offered {
    No,
    Yes,
}

/// Lines that a store may say before TLS.
const MOST_SAID: u8 = 128;

impl Asker {
    pub(super) fn new(local: IpAddr) -> Self {
        Self {
            lines: Lines::default(),
            local: literal(local),
            awaited: Awaited::Greeting,
            starttls: Offered::No,
            left: MOST_SAID,
            out: Vec::new(),
        }
    }

    pub(super) fn hear(&mut self, mut octets: &[u8]) -> Answered {
        loop {
            let line = match self.lines.next(&mut octets) {
                Ok(Some(line)) => line,
                Ok(None) => return Answered::More,
                Err(NoLine) => return Answered::Not(Unready::Form),
            };
            let Some((code, last, text)) = reply(&line) else {
                return Answered::Not(Unready::Form);
            };
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                return Answered::Not(Unready::Form);
            }
            if code != self.wanted() {
                return Answered::Not(match self.awaited {
                    Awaited::Greeting => Unready::Greeting,
                    Awaited::Ehlo | Awaited::Starttls => Unready::Starttls,
                });
            }
            if self.awaited == Awaited::Ehlo && text.eq_ignore_ascii_case(b"STARTTLS") {
                self.starttls = Offered::Yes;
            }
            match last {
                Last::No => {}
                // One reply to one command: what comes behind was not asked for.
                Last::Yes if !octets.is_empty() => return Answered::Not(Unready::Injection),
                Last::Yes => match self.next() {
                    Some(answered) => return answered,
                    None => return Answered::More,
                },
            }
        }
    }

    fn wanted(&self) -> &'static [u8; 3] {
        match self.awaited {
            Awaited::Greeting | Awaited::Starttls => b"220",
            Awaited::Ehlo => b"250",
        }
    }

    /// The reply that was awaited is there.
    fn next(&mut self) -> Option<Answered> {
        match (self.awaited, self.starttls) {
            (Awaited::Greeting, _) => {
                let ehlo = format!("EHLO {}\r\n", self.local);
                self.out.extend(ehlo.into_bytes());
                self.awaited = Awaited::Ehlo;
                None
            }
            (Awaited::Ehlo, Offered::Yes) => {
                self.out.extend(b"STARTTLS\r\n");
                self.awaited = Awaited::Starttls;
                None
            }
            (Awaited::Ehlo, Offered::No) => Some(Answered::Not(Unready::Starttls)),
            (Awaited::Starttls, _) => Some(Answered::GoOn),
        }
    }
}

/// Whether a line ends its reply (RFC 5321 §4.2.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Last {
    No,
    Yes,
}

/// Code, whether it is the reply's last line, text.
fn reply(line: &[u8]) -> Option<(&[u8; 3], Last, &[u8])> {
    let (code, rest) = line.split_first_chunk()?;
    match rest.split_first() {
        None => Some((code, Last::Yes, rest)),
        Some((b' ', text)) => Some((code, Last::Yes, text)),
        Some((b'-', text)) => Some((code, Last::No, text)),
        Some(_) => None,
    }
}
