//! One client's session: which commands are allowed when, and who carries them out. Blocking; no socket.

mod append;
mod content;
mod fetch;
mod flags;
mod mailbox;
mod search;
mod selected;

use std::sync::Arc;

use wire::imap::command::{Append, CommandBody, Opening};
use wire::imap::response::{Code, Response, Status, StatusKind};
use wire::imap::sasl::{Mechanism, Plain};
use wire::imap::{Capabilities, Command, Mailbox};
use wire::{Confidential, imap};

use crate::config::{Account, Config};
use crate::fault::Fault;
use crate::mailboxes::{self, Turn};
use crate::maildir::Maildir;
use crate::output::{Gone, Output};
use selected::{Access, Selected};

/// What this store can do; nothing else is announced.
const CAPABILITIES: [&str; 12] = [
    "IMAP4rev1",
    imap::capability::SASL_IR,
    imap::capability::LITERAL_PLUS,
    imap::capability::AUTH_PLAIN,
    imap::capability::IDLE,
    imap::capability::BINARY,
    "CHILDREN",
    "ENABLE",
    "ID",
    "NAMESPACE",
    "UIDPLUS",
    "UNSELECT",
];
/// Wrong logins that one connection may try.
const MOST_FAILURES: u32 = 3;

/// What all sessions share.
pub(crate) struct Shared {
    /// The configuration.
    pub(crate) config: Config,
    /// Who may change files now.
    pub(crate) turn: Turn,
}

/// Whether the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// With the next command.
    Goes,
    /// It ends.
    Ends,
}

/// A command that was done: the code and text of its OK.
struct Done {
    code: Option<Code>,
    text: &'static str,
}

impl Done {
    fn plainly(text: &'static str) -> Result<Self, Fault> {
        Ok(Self { code: None, text })
    }
}

enum State {
    NotAuthenticated { failures: u32 },
    Authenticated(Login),
}

/// A user who has logged in.
struct Login {
    account: Account,
    selected: Option<Selected>,
}

/// One client's session.
pub(crate) struct Session {
    shared: Arc<Shared>,
    state: State,
}

impl Session {
    /// A session before its login.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            state: State::NotAuthenticated { failures: 0 },
        }
    }

    /// What the store says first.
    pub(crate) fn greeting() -> Vec<u8> {
        let code = Some(Code::Capability(capabilities()));
        Status::untagged(StatusKind::Ok, code, "Keyhole's store is ready").encode()
    }

    /// Whether somebody has logged in.
    pub(crate) fn is_authenticated(&self) -> bool {
        matches!(self.state, State::Authenticated(_))
    }

    /// Whether IDLE may be begun.
    pub(crate) fn may_idle(&self) -> bool {
        self.is_authenticated()
    }

    /// Tells what has changed in the selected mailbox, for IDLE.
    pub(crate) fn refresh(&mut self, out: &mut Output) -> Result<After, Gone> {
        let told = match &mut self.state {
            State::Authenticated(Login {
                selected: Some(selected),
                ..
            }) => selected.refresh(&self.shared.turn, out),
            State::Authenticated(_) | State::NotAuthenticated { .. } => Ok(()),
        };
        out.flush()?;
        match told {
            Err(Fault::Broken) => Ok(After::Ends),
            // A mailbox that cannot be read now may be readable at the next look.
            Ok(()) | Err(_) => Ok(After::Goes),
        }
    }

    /// Does a command and answers it.
    pub(crate) fn execute(&mut self, command: Command, out: &mut Output) -> Result<After, Gone> {
        let tag = command.tag;
        let logout = matches!(command.body, CommandBody::Logout);
        let done = self.dispatch(command.body, out);
        let (kind, code, text) = match &done {
            Ok(done) => (StatusKind::Ok, done.code.clone(), done.text),
            Err(fault) => {
                let told = fault.told().ok_or(Gone)?;
                (told.kind, told.code, told.text)
            }
        };
        out.push(&Status::tagged(&tag, kind, code, text).encode())?;
        let worn_out =
            matches!(self.state, State::NotAuthenticated { failures } if failures >= MOST_FAILURES);
        if worn_out {
            out.push(&Status::untagged(StatusKind::Bye, None, "Too many wrong logins").encode())?;
        }
        out.flush()?;
        Ok(if logout || worn_out {
            After::Ends
        } else {
            After::Goes
        })
    }

    fn dispatch(&mut self, body: CommandBody, out: &mut Output) -> Result<Done, Fault> {
        match body {
            CommandBody::Capability => {
                out.push(&Response::Capability(capabilities()).encode())?;
                Done::plainly("These")
            }
            CommandBody::Noop => self.noop(out),
            CommandBody::Logout => {
                out.push(&Status::untagged(StatusKind::Bye, None, "Until next time").encode())?;
                Done::plainly("Logged out")
            }
            CommandBody::Id(_) => {
                let name = (b"name".to_vec(), Some(b"keyhole-store".to_vec()));
                out.push(&Response::Id(vec![name]).encode())?;
                Done::plainly("That is who")
            }
            CommandBody::Login { user, password } => self.login(&user, &password),
            CommandBody::Authenticate { mechanism, initial } => {
                self.authenticate(&mechanism, initial.as_ref())
            }
            CommandBody::Starttls => Err(Fault::Cannot),
            CommandBody::Compress(_) | CommandBody::Unknown(_) => Err(Fault::Cannot),
            authenticated => self.dispatch_authenticated(authenticated, out),
        }
    }

    fn dispatch_authenticated(
        &mut self,
        body: CommandBody,
        out: &mut Output,
    ) -> Result<Done, Fault> {
        let State::Authenticated(login) = &mut self.state else {
            return Err(Fault::WrongState);
        };
        let shared = &self.shared;
        match body {
            CommandBody::Enable(_) => {
                // RFC 5161 §3.1: what cannot be enabled is ignored, and here nothing can.
                out.push(&Response::Enabled(Capabilities::default()).encode())?;
                Done::plainly("Nothing to enable")
            }
            CommandBody::Select(opening) => login.open(&opening, Access::ReadWrite, shared, out),
            CommandBody::Examine(opening) => login.open(&opening, Access::ReadOnly, shared, out),
            CommandBody::List(list) => mailbox::list(&login.account, &list, out),
            CommandBody::Lsub { reference, pattern } => {
                mailbox::lsub(&login.account, &reference, &pattern, out)
            }
            CommandBody::Namespace => mailbox::namespace(out),
            CommandBody::Status { mailbox, items } => {
                mailbox::status(&login.account, &mailbox, &items, &shared.turn, out)
            }
            CommandBody::Append(append) => login.append(&append, shared, out),
            selected => login.dispatch_selected(selected, shared, out),
        }
    }

    fn noop(&mut self, out: &mut Output) -> Result<Done, Fault> {
        if let State::Authenticated(Login {
            selected: Some(selected),
            ..
        }) = &mut self.state
        {
            selected.refresh(&self.shared.turn, out)?;
        }
        Done::plainly("Nothing done")
    }

    fn login(&mut self, user: &[u8], password: &Confidential) -> Result<Done, Fault> {
        if self.is_authenticated() {
            return Err(Fault::WrongState);
        }
        let accounts = &self.shared.config.accounts;
        let account = accounts
            .iter()
            .find(|account| account.user.as_bytes() == user);
        match account.filter(|account| is_same(account.password.as_bytes(), password.expose())) {
            Some(account) => {
                self.state = State::Authenticated(Login {
                    account: account.clone(),
                    selected: None,
                });
                Ok(Done {
                    code: Some(Code::Capability(capabilities())),
                    text: "Logged in",
                })
            }
            None => Err(self.wrong_login()),
        }
    }

    /// A login that is refused counts, whatever was wrong with it.
    fn wrong_login(&mut self) -> Fault {
        if let State::NotAuthenticated { failures } = &mut self.state {
            *failures += 1;
        }
        Fault::Login
    }

    /// AUTHENTICATE with the client's response at hand; whoever reads the lines asked for it before.
    fn authenticate(
        &mut self,
        mechanism: &Mechanism,
        response: Option<&Confidential>,
    ) -> Result<Done, Fault> {
        match mechanism {
            Mechanism::Plain => {}
            Mechanism::Login
            | Mechanism::ScramSha1
            | Mechanism::ScramSha256
            | Mechanism::OAuthBearer
            | Mechanism::XOAuth2
            | Mechanism::External
            | Mechanism::Other(_) => return Err(Fault::Cannot),
        }
        let plain = response.and_then(Plain::parse).ok_or(Fault::Sasl)?;
        // RFC 4616 §2: nobody here may act for somebody else.
        if !plain.authorize.is_empty() && plain.authorize != plain.user {
            return Err(self.wrong_login());
        }
        self.login(plain.user.as_bytes(), &plain.password)
    }
}

impl Login {
    fn open(
        &mut self,
        opening: &Opening,
        access: Access,
        shared: &Shared,
        out: &mut Output,
    ) -> Result<Done, Fault> {
        // RFC 3501 §6.3.1: whatever was selected is not any more, even where this fails.
        self.selected = None;
        if opening.parameters.is_some() {
            return Err(Fault::Cannot);
        }
        let maildir = self.maildir(&opening.mailbox)?;
        let selected = self
            .selected
            .insert(Selected::open(maildir, access, &shared.turn)?);
        selected.announce(out)?;
        let code = match access {
            Access::ReadWrite => Code::ReadWrite,
            Access::ReadOnly => Code::ReadOnly,
        };
        Ok(Done {
            code: Some(code),
            text: "Opened",
        })
    }

    fn maildir(&self, mailbox: &Mailbox) -> Result<Maildir, Fault> {
        mailboxes::find(&self.account.maildir, mailbox)?.ok_or(Fault::NoMailbox)
    }

    fn append(
        &mut self,
        append: &Append,
        shared: &Shared,
        out: &mut Output,
    ) -> Result<Done, Fault> {
        let maildir = self.maildir(&append.mailbox)?;
        let code = append::append(&maildir, append, &shared.turn)?;
        if let Some(selected) = &mut self.selected {
            // RFC 3501 §6.3.11: a message appended to the selected mailbox should be told of at once.
            selected.refresh(&shared.turn, out)?;
        }
        Ok(Done {
            code: Some(code),
            text: "Taken in",
        })
    }

    fn dispatch_selected(
        &mut self,
        body: CommandBody,
        shared: &Shared,
        out: &mut Output,
    ) -> Result<Done, Fault> {
        let turn = &shared.turn;
        let selected = self.selected.as_mut();
        match body {
            CommandBody::Check => {
                selected.ok_or(Fault::WrongState)?.refresh(turn, out)?;
                Done::plainly("Checked")
            }
            CommandBody::Close => {
                selected.ok_or(Fault::WrongState)?.close(turn)?;
                self.selected = None;
                Done::plainly("Closed")
            }
            CommandBody::Unselect => {
                self.selected.take().ok_or(Fault::WrongState)?;
                Done::plainly("Left")
            }
            CommandBody::Expunge(set) => {
                selected
                    .ok_or(Fault::WrongState)?
                    .expunge(set.as_ref(), turn, out)?;
                Done::plainly("Removed")
            }
            CommandBody::Fetch {
                addressing,
                set,
                items,
            } => {
                selected
                    .ok_or(Fault::WrongState)?
                    .fetch(addressing, &set, items, turn, out)?;
                Done::plainly("Fetched")
            }
            CommandBody::Search(addressing, search) => {
                selected
                    .ok_or(Fault::WrongState)?
                    .search(addressing, &search, turn, out)?;
                Done::plainly("Searched")
            }
            CommandBody::Store(addressing, store) => {
                selected
                    .ok_or(Fault::WrongState)?
                    .store(addressing, &store, turn, out)?;
                Done::plainly("Stored")
            }
            // An honest NO: this store neither makes, renames nor fills mailboxes, and converts nothing.
            CommandBody::Create(_)
            | CommandBody::Delete(_)
            | CommandBody::Rename { .. }
            | CommandBody::Subscribe(_)
            | CommandBody::Unsubscribe(_)
            | CommandBody::Copy { .. }
            | CommandBody::Move { .. }
            | CommandBody::Convert(..)
            | CommandBody::Conversions(_)
            | CommandBody::KeyReveal(_) => Err(Fault::Cannot),
            // Done elsewhere: by those who call this, and IDLE by the connection.
            CommandBody::Capability
            | CommandBody::Noop
            | CommandBody::Logout
            | CommandBody::Id(_)
            | CommandBody::Login { .. }
            | CommandBody::Authenticate { .. }
            | CommandBody::Starttls
            | CommandBody::Compress(_)
            | CommandBody::Unknown(_)
            | CommandBody::Enable(_)
            | CommandBody::Select(_)
            | CommandBody::Examine(_)
            | CommandBody::List(_)
            | CommandBody::Lsub { .. }
            | CommandBody::Namespace
            | CommandBody::Status { .. }
            | CommandBody::Append(_)
            | CommandBody::Idle => Err(Fault::WrongState),
        }
    }
}

fn capabilities() -> Capabilities {
    Capabilities::of(&CAPABILITIES)
}

/// Compares without telling by time where the difference is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differences = one
        .iter()
        .zip(other)
        .fold(0, |sum, (one, other)| sum | (one ^ other));
    one.len() == other.len() && differences == 0
}
