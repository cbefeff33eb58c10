//! IMAP before TLS (RFC 9051 §6.2.1, §6.1).

use wire::{
    Ends, Frame, Framer, Limits, Side,
    imap::{
        capability::{Capabilities, IMAP4REV1, LOGINDISABLED, STARTTLS},
        command::Name,
        response::{Code, Kind, Response, Status, StatusKind},
        tag::Tag,
    },
};

use super::{Answered, Heard, Unready};

/// The longest command line; before STARTTLS nobody has much to say. ID may be the longest (RFC 2971 §3.3).
const LIMITS: Limits = Limits {
    line: 8192,
    literal: 8192,
};
/// Commands that help nobody to get to TLS, before the client is told to go.
const MOST_REFUSED: u8 = 10;
/// The tag of our one command to a store.
const TAG: &str = "keyhole";

fn capabilities() -> Capabilities {
    Capabilities::of(&[IMAP4REV1, STARTTLS, LOGINDISABLED])
}

#[derive(Debug)]
pub(super) struct Greeter {
    framer: Framer,
    refused: u8,
    pub(super) out: Vec<u8>,
}

impl Greeter {
    pub(super) fn new() -> Self {
        let code = Some(Code::Capability(capabilities()));
        Self {
            framer: Framer::new(Side::Client, LIMITS),
            refused: 0,
            out: Status::untagged(StatusKind::Ok, code, "Ready for STARTTLS").encode(),
        }
    }

    pub(super) fn hear(&mut self, mut octets: &[u8]) -> Heard {
        loop {
            let line = match self.framer.next(&mut octets) {
                Ok(Some(Frame::Line(line))) => line,
                Ok(None) => return Heard::More,
                // A literal that comes unasked may hold a password: its octets are no commands.
                Ok(Some(Frame::Octets { .. })) | Err(_) => return self.farewell(),
            };
            let command = Name::of_line(line.text());
            let ends = match line.ends {
                Ends::Crlf => Complete::Yes,
                // The tagged answer instead of `+` calls the literal off; one that comes in any case ends it all.
                Ends::Literal(_) if self.framer.literal_refused().is_ok() => Complete::No,
                Ends::Literal(_) | Ends::Unfinished => return self.farewell(),
            };
            match command {
                Some((tag, Name::Starttls)) if ends == Complete::Yes && bare(&line, &tag) => {
                    self.tagged(&tag, StatusKind::Ok, None, "Begin TLS negotiation now");
                    return Heard::Starttls {
                        thrown: octets.len(),
                    };
                }
                Some((tag, Name::Logout)) => {
                    self.untagged(StatusKind::Bye, None, "Goodbye");
                    self.tagged(&tag, StatusKind::Ok, None, "LOGOUT completed");
                    return Heard::Over;
                }
                Some((tag, name)) => self.answer(&tag, name, ends),
                None => self.refuse(|greeter| {
                    greeter.untagged(StatusKind::Bad, None, "This is no command");
                }),
            }
            if self.refused > MOST_REFUSED {
                return self.farewell();
            }
        }
    }

    fn answer(&mut self, tag: &Tag, name: Name, ends: Complete) {
        match (name, ends) {
            (Name::Capability, Complete::Yes) => {
                self.out
                    .extend(Response::Capability(capabilities()).encode());
                self.tagged(tag, StatusKind::Ok, None, "CAPABILITY completed");
            }
            (Name::Noop, Complete::Yes) => {
                self.tagged(tag, StatusKind::Ok, None, "NOOP completed");
            }
            (Name::Id, Complete::Yes) => {
                self.out.extend(Response::Id(Vec::new()).encode());
                self.tagged(tag, StatusKind::Ok, None, "ID completed");
            }
            // RFC 9051 §6.2.3, RFC 5530 §3.
            (Name::Login | Name::Authenticate, _) => self.refuse(|greeter| {
                let code = Some(Code::PrivacyRequired);
                greeter.tagged(tag, StatusKind::No, code, "Not before STARTTLS");
            }),
            // All else is for after TLS, or not for this form.
            (_, Complete::Yes | Complete::No) => self.refuse(|greeter| {
                greeter.tagged(tag, StatusKind::Bad, None, "Not before STARTTLS");
            }),
        }
    }

    fn refuse(&mut self, tell: impl FnOnce(&mut Self)) {
        self.refused = self.refused.saturating_add(1);
        tell(self);
    }

    fn farewell(&mut self) -> Heard {
        let code = Some(Code::ClientBug);
        self.untagged(
            StatusKind::Bye,
            code,
            "What was sent cannot be followed any further",
        );
        Heard::Over
    }

    fn tagged(&mut self, tag: &Tag, kind: StatusKind, code: Option<Code>, text: &str) {
        self.out
            .extend(Status::tagged(tag, kind, code, text).encode());
    }

    fn untagged(&mut self, kind: StatusKind, code: Option<Code>, text: &str) {
        self.out.extend(Status::untagged(kind, code, text).encode());
    }
}

/// Whether a command ended with its first line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Complete {
    Yes,
    /// It announced a literal, which was called off.
    No,
}

/// Whether a STARTTLS has no argument.
fn bare(line: &wire::Line, tag: &Tag) -> bool {
    let length = tag.as_str().len().saturating_add(" STARTTLS".len());
    line.text().len() == length
}

#[derive(Debug)]
pub(super) struct Asker {
    framer: Framer,
    greeted: Greeted,
    pub(super) out: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Greeted {
    No,
    Yes,
}

/// Untagged lines that a store may say before its answer.
const MOST_SAID: usize = 64;

impl Asker {
    pub(super) fn new() -> Self {
        Self {
            framer: Framer::new(Side::Store, LIMITS),
            greeted: Greeted::No,
            out: Vec::new(),
        }
    }

    pub(super) fn hear(&mut self, mut octets: &[u8]) -> Answered {
        for _ in 0..MOST_SAID {
            let line = match self.framer.next(&mut octets) {
                Ok(Some(Frame::Line(line))) if line.ends == Ends::Crlf => line,
                Ok(None) => return Answered::More,
                Ok(Some(_)) | Err(_) => return Answered::Not(Unready::Form),
            };
            match (self.greeted, Kind::of_line(line.text())) {
                (Greeted::No, Kind::Status(StatusKind::Ok)) => {
                    self.greeted = Greeted::Yes;
                    self.out.extend(format!("{TAG} STARTTLS\r\n").into_bytes());
                }
                // PREAUTH would be somebody's session (RFC 9051 §11.1); BYE is no.
                (_, Kind::Status(StatusKind::PreAuth | StatusKind::Bye)) => {
                    return Answered::Not(Unready::Greeting);
                }
                (Greeted::Yes, Kind::Tagged(tag, kind)) if tag.as_str() == TAG => {
                    return answered(kind, octets);
                }
                (Greeted::Yes, Kind::Status(_) | Kind::Capability | Kind::Untagged) => {}
                (Greeted::No, _) | (Greeted::Yes, _) => return Answered::Not(Unready::Form),
            }
        }
        Answered::Not(Unready::Form)
    }
}

fn answered(kind: StatusKind, behind: &[u8]) -> Answered {
    match kind {
        StatusKind::Ok if behind.is_empty() => Answered::GoOn,
        StatusKind::Ok => Answered::Not(Unready::Injection),
        StatusKind::No | StatusKind::Bad | StatusKind::Bye | StatusKind::PreAuth => {
            Answered::Not(Unready::Starttls)
        }
    }
}
