//! Before anybody is known: LOGIN and AUTHENTICATE PLAIN are relayed with their very octets, and tell who the user is.

use wire::{
    Confidential, Frame,
    imap::{
        Code, StatusKind, Tag,
        command::IdFields,
        sasl::{ClientLine, Mechanism, Plain},
    },
};
use zeroize::Zeroizing;

use super::{
    Session,
    client::{Waiting, is_plain},
    collecting::Whole,
    outstanding::Effect,
};
use crate::event::Event;

/// What cancels an AUTHENTICATE (RFC 9051 §6.2.2).
const CANCEL: &[u8] = b"*\r\n";

impl Session {
    /// `LOGIN user password`.
    pub(super) fn log_in(&mut self, whole: Whole, user: Vec<u8>) {
        match String::from_utf8(user) {
            Ok(user) => self.replay(whole, Effect::LogsIn(Some(user))),
            Err(_) => self.refuse_login(&whole.tag, StatusKind::Bad, "The user name is not UTF-8"),
        }
    }

    /// `AUTHENTICATE PLAIN [initial]`.
    pub(super) fn authenticate(
        &mut self,
        whole: Whole,
        mechanism: &Mechanism,
        initial: Option<&Confidential>,
    ) {
        match (mechanism, initial) {
            (Mechanism::Other(_), _) => {
                let text = "Only PLAIN and LOGIN are relayed";
                self.refuse_login(&whole.tag, StatusKind::No, text);
            }
            (Mechanism::Plain, None) => {
                let tag = whole.tag.clone();
                self.replay(whole, Effect::LogsIn(None));
                self.client.wait_for(Waiting::Challenge(tag));
            }
            (Mechanism::Plain, Some(message)) => match user_of(message) {
                Some(user) => self.replay(whole, Effect::LogsIn(Some(user))),
                None => self.refuse_login(&whole.tag, StatusKind::Bad, "No PLAIN message"),
            },
        }
    }

    fn refuse_login(&mut self, tag: &Tag, kind: StatusKind, text: &'static str) {
        self.out.record_reason(Event::LoginRefused, text);
        let code = (kind == StatusKind::No).then_some(Code::Cannot);
        self.out.complete(tag, kind, code, text);
    }

    /// The client's line after the store's challenge.
    pub(super) fn take_credentials(&mut self, tag: &Tag, frame: &Frame<'_>) {
        let Frame::Line(line) = frame else { return };
        let user = match ClientLine::parse(line.text()) {
            ClientLine::Response(message) if is_plain(line) => user_of(&message),
            ClientLine::Response(_) | ClientLine::Cancel | ClientLine::Malformed => None,
        };
        let octets = match user {
            Some(user) => {
                self.outstanding.named(tag, user);
                line.octets.clone()
            }
            // Whatever else it was, the store is told that nobody logs in, and says BAD for us.
            None => CANCEL.to_vec(),
        };
        self.out.send_wiped(Zeroizing::new(octets));
    }

    /// ID passes, unless it says what only a proxy that the store trusts may say (`x-originating-ip` and its like).
    pub(super) fn identify(&mut self, whole: Whole, fields: &IdFields) {
        let claims = |name: &[u8]| {
            name.get(..2)
                .is_some_and(|begin| begin.eq_ignore_ascii_case(b"x-"))
        };
        if fields.iter().any(|(name, _)| claims(name)) {
            let text = "Fields that begin with x- are not relayed";
            self.out.record_reason(Event::CommandRefused, text);
            self.out
                .complete(&whole.tag, StatusKind::No, Some(Code::Cannot), text);
        } else {
            self.replay(whole, Effect::None);
        }
    }
}

/// Whom a PLAIN message logs in: the identity to act as if one is given, else the one that the password is for
/// (RFC 4616 §2).
fn user_of(message: &Confidential) -> Option<String> {
    let plain = Plain::parse(message)?;
    let user = if plain.authorize.is_empty() {
        plain.user
    } else {
        plain.authorize
    };
    (!user.is_empty()).then_some(user)
}
