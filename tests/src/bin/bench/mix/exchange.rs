//! One command of the soak and the one answer that it may have.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::Chance;
use crate::body;
use crate::client::Client;
use crate::failure::Failure;

/// The largest message that a session appends.
const APPENDED: u32 = 100_000;

/// A command.
pub(super) enum Exchange {
    Noop,
    Capability,
    Select,
    Status(u32),
    Search(u32),
    Flags(u32, u32),
    Body(u32),
    Part(u32, u64, u64),
    /// A literal that does not wait (RFC 7888 §4): octets of a message, so many.
    Append(u32, u64),
}

impl Exchange {
    /// A random one.
    pub(super) fn draw(chance: &mut Chance) -> Self {
        // From the fourth on: the large ones are for downloads.
        let number = 3 + chance.below(body::MESSAGES - 10);
        match chance.below(20) {
            0..=3 => Self::Noop,
            4 => Self::Capability,
            5 => Self::Select,
            6 => Self::Status(number),
            7 | 8 => Self::Search(number),
            9..=11 => Self::Flags(number, number + chance.below(5)),
            12..=15 => Self::Body(number),
            16 | 17 => {
                let origin = u64::from(chance.below(30_000));
                Self::Part(number, origin, u64::from(chance.below(20_000)))
            }
            _ => Self::Append(number, u64::from(chance.below(APPENDED))),
        }
    }

    /// Writes the command.
    pub(super) fn write(&self, tag: &str, octets: &mut Vec<u8>) {
        let text = match self {
            Self::Noop => "NOOP".to_owned(),
            Self::Capability => "CAPABILITY".to_owned(),
            Self::Select => "SELECT INBOX".to_owned(),
            Self::Status(number) => format!("STATUS box{number} (MESSAGES)"),
            Self::Search(from) => format!("SEARCH {from}"),
            Self::Flags(first, last) => format!("FETCH {first}:{last} (UID FLAGS RFC822.SIZE)"),
            Self::Body(number) => format!("FETCH {number} BODY.PEEK[]"),
            Self::Part(number, origin, length) => {
                format!("FETCH {number} (BODY.PEEK[]<{origin}.{}>)", length + 1)
            }
            Self::Append(_, length) => format!("APPEND INBOX {{{length}+}}"),
        };
        octets.extend_from_slice(format!("{tag} {text}\r\n").as_bytes());
        if let Self::Append(number, length) = self {
            octets.extend_from_slice(body::run(*number, 0, *length));
            octets.extend_from_slice(b"\r\n");
        }
    }

    /// Reads the answer, and tells how many octets of messages came or went.
    pub(super) async fn read(&self, tag: &str, client: &mut Client) -> Result<u64, Failure> {
        match self {
            Self::Noop => ended(client, tag, "OK").await.map(|()| 0),
            Self::Capability => {
                exactly(client, |line| line.starts_with("* CAPABILITY IMAP4rev1")).await?;
                ended(client, tag, "OK").await.map(|()| 0)
            }
            Self::Select => {
                let answer = client.tagged(tag).await?;
                expect(&answer, |answer| answer.starts_with("OK [READ-WRITE]")).map(|()| 0)
            }
            Self::Status(number) => {
                let wanted = format!("* STATUS box{number} (MESSAGES {})", body::MESSAGES);
                exactly(client, |line| line == wanted).await?;
                ended(client, tag, "OK").await.map(|()| 0)
            }
            Self::Search(from) => {
                let wanted = format!("* SEARCH {from} {} {}", from + 1, from + 2);
                exactly(client, |line| line == wanted).await?;
                ended(client, tag, "OK").await.map(|()| 0)
            }
            Self::Flags(first, last) => {
                for number in *first..=*last {
                    let size = body::octets(number);
                    let wanted = format!(
                        "* {number} FETCH (UID {number} FLAGS (\\Seen) RFC822.SIZE {size})"
                    );
                    exactly(client, |line| line == wanted).await?;
                }
                ended(client, tag, "OK").await.map(|()| 0)
            }
            Self::Body(number) => body_of(client, tag, *number, (0, u64::MAX)).await,
            Self::Part(number, origin, length) => {
                body_of(client, tag, *number, (*origin, length + 1)).await
            }
            Self::Append(number, length) => {
                let digest = body::digest(body::run(*number, 0, *length));
                let wanted = format!("OK [APPENDUID 1 {digest}]");
                ended(client, tag, &wanted).await.map(|()| *length)
            }
        }
    }
}

/// The part of a message from `origin` on, `most` octets at most.
async fn body_of(
    client: &mut Client,
    tag: &str,
    number: u32,
    (origin, most): (u64, u64),
) -> Result<u64, Failure> {
    let wanted = body::octets(number).saturating_sub(origin).min(most);
    let octets = client.literal_line(number).await?;
    expect(&format!("{octets} octets instead of {wanted}"), |_| {
        octets == wanted
    })?;
    client.body(number, origin, octets).await?;
    exactly(client, |line| line == ")").await?;
    ended(client, tag, "OK").await.map(|()| octets)
}

/// IDLE until `wait` is over; new mail may be told meanwhile, and nothing else.
pub(super) async fn idle(client: &mut Client, wait: Duration) -> Result<(), Failure> {
    let tag = client.tag();
    client.send(format!("{tag} IDLE\r\n").as_bytes()).await?;
    exactly(client, |line| line.starts_with('+')).await?;
    // Whole lines only: a wait that ends within one would lose its beginning.
    let until = Instant::now() + wait;
    while timeout_at(until, client.some()).await.is_ok() {
        exactly(client, is_new_mail).await?;
    }
    client.send(b"DONE\r\n").await?;
    loop {
        let line = client.line().await?;
        if line.starts_with(&format!("{tag} OK")) {
            return Ok(());
        }
        expect(&line, is_new_mail)?;
    }
}

fn is_new_mail(line: &str) -> bool {
    let number = line
        .strip_prefix("* ")
        .and_then(|line| line.strip_suffix(" EXISTS"));
    number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// APPEND of a literal that waits for the continuation.
pub(super) async fn append_waiting(
    client: &mut Client,
    chance: &mut Chance,
) -> Result<u64, Failure> {
    let (tag, number) = (client.tag(), 3 + chance.below(900));
    let octets = body::run(number, 0, u64::from(chance.below(APPENDED)));
    let announced = format!("{tag} APPEND INBOX {{{}}}\r\n", octets.len());
    client.send(announced.as_bytes()).await?;
    exactly(client, |line| line.starts_with('+')).await?;
    client.send(&[octets, b"\r\n"].concat()).await?;
    let wanted = format!("OK [APPENDUID 1 {}]", body::digest(octets));
    ended(client, &tag, &wanted).await?;
    Ok(octets.len() as u64)
}

async fn exactly(client: &mut Client, pleases: impl Fn(&str) -> bool) -> Result<(), Failure> {
    let line = client.line().await?;
    expect(&line, pleases)
}

/// The very next line must be the tagged response, and begin like this.
async fn ended(client: &mut Client, tag: &str, wanted: &str) -> Result<(), Failure> {
    exactly(client, |line| {
        let rest = line
            .strip_prefix(tag)
            .and_then(|line| line.strip_prefix(' '));
        rest.is_some_and(|rest| rest.starts_with(wanted))
    })
    .await
}

fn expect(line: &str, pleases: impl FnOnce(&str) -> bool) -> Result<(), Failure> {
    match pleases(line) {
        true => Ok(()),
        false => Err(Failure::Answer(line.to_owned())),
    }
}
