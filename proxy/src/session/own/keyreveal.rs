//! KEYREVEAL (`docs/protocol.md`): one-time keys for this connection, each with its signed statement.

use std::time::Duration;

use keyreveal::Suite;
use vault::frames::NoVault;
use wire::imap::{Code, Response, StatusKind, Tag, command::KeyReveal};

use super::{COMPRESSED, Running, Session, Stage};
use crate::{
    clock::Moment,
    event::{Event, Record},
    session::{Answer, Warden, compress::May, output::Request, settings::WARDEN},
};

/// The most statements that one command may ask for.
const MOST: u8 = 8;

/// How long before its vault's end a key is not used any more; a tenth of its life where that is shorter.
const EXPIRES_EARLY: Duration = Duration::from_secs(1);

/// A KEYREVEAL that waits for the warden.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    tag: Tag,
    deadline: Moment,
}

impl Asking {
    pub(super) fn tag(&self) -> &Tag {
        &self.tag
    }

    pub(super) fn deadline(&self) -> Moment {
        self.deadline
    }
}

/// Why no statement is given.
#[derive(Clone, Copy, Debug)]
enum Refused {
    Count,
    Suite,
    Limit,
    Unavailable,
    Compressed,
}

impl Refused {
    fn told(self) -> (StatusKind, Option<Code>, &'static str) {
        match self {
            Self::Count => (
                StatusKind::Bad,
                None,
                "One to eight statements can be asked for",
            ),
            Self::Suite => (
                StatusKind::No,
                Some(Code::Cannot),
                "None of these suites is known here",
            ),
            Self::Limit => (
                StatusKind::No,
                Some(Code::Limit),
                "Too many statements are unused",
            ),
            Self::Unavailable => (
                StatusKind::No,
                Some(Code::Unavailable),
                "No key can be made now",
            ),
            Self::Compressed => (StatusKind::No, Some(Code::Cannot), COMPRESSED),
        }
    }
}

impl Session {
    pub(super) fn start_keyreveal(&mut self, tag: Tag, asked: &KeyReveal, now: Moment) {
        match self.may_ask(asked) {
            Ok((count, suite, user)) => {
                self.reveals();
                self.out.request(Request::NewVaults { count, suite, user });
                let asking = Asking {
                    tag,
                    deadline: now.plus(WARDEN),
                };
                if let Some(own) = self.own_mut() {
                    own.running = Some(Running::KeyReveal(asking));
                }
            }
            Err(refused) => self.refuse_statements(&tag, refused),
        }
    }

    fn may_ask(&self, asked: &KeyReveal) -> Result<(u8, Suite, String), Refused> {
        let count = u8::try_from(asked.count).map_err(|_| Refused::Count)?;
        if count == 0 || count > MOST {
            return Err(Refused::Count);
        }
        // No list: any suite. Otherwise the first of the client's that is known here.
        let mut wanted = asked
            .suites
            .iter()
            .filter_map(|name| Suite::from_name(name));
        let any = asked.suites.is_empty().then_some(Suite::X25519Aes256Gcm);
        let suite = any.or_else(|| wanted.next()).ok_or(Refused::Suite)?;
        if self.may_reveal() == May::No {
            return Err(Refused::Compressed);
        }
        if self.warden == Warden::Gone {
            return Err(Refused::Unavailable);
        }
        let Stage::Open(open) = &self.stage else {
            return Err(Refused::Unavailable);
        };
        if open.own.keys.len() + usize::from(count) > self.settings.statements {
            return Err(Refused::Limit);
        }
        Ok((count, suite, open.user.clone()))
    }

    fn refuse_statements(&mut self, tag: &Tag, refused: Refused) {
        let (kind, code, text) = refused.told();
        self.out.record_reason(Event::StatementsRefused, text);
        self.out.complete(tag, kind, code, text);
    }

    pub(super) fn finish_keyreveal(&mut self, asking: &Asking, answers: Vec<Answer>, now: Moment) {
        self.done();
        let expires = now.plus(usable(self.settings.lifetime));
        let mut given: u64 = 0;
        let mut refused = Refused::Unavailable;
        for answer in answers {
            match answer {
                Ok(handed) => {
                    given += 1;
                    self.out.tell(statement(&handed.statement));
                    if let Some(own) = self.own_mut() {
                        own.keys.add(handed.key_id, expires);
                    }
                }
                Err(NoVault::Limit) => refused = Refused::Limit,
                Err(NoVault::Suite) => refused = Refused::Suite,
                Err(NoVault::Unavailable) => refused = Refused::Unavailable,
            }
        }
        if given == 0 {
            self.refuse_statements(&asking.tag, refused);
            return;
        }
        self.out
            .records
            .push_back(Record::of(Event::StatementsIssued).count(given));
        self.out.complete(
            &asking.tag,
            StatusKind::Ok,
            None,
            "Each key opens one reveal",
        );
    }
}

/// How long a key can be used from when it comes here: a little less than its vault lives, which has been counting since
/// it was assigned, so that a reveal that comes too late is refused here rather than met by a vault that is ending.
fn usable(lifetime: Duration) -> Duration {
    lifetime.saturating_sub(EXPIRES_EARLY.min(lifetime / 10))
}

fn statement(signed: &[u8]) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    Response::KeyReveal(STANDARD.encode(signed).into_bytes()).encode()
}
