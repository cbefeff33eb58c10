//! A logged-in connection: which mailbox is open, and the commands that need no more than that.

use keyreveal::{ChannelBinding, IdentityKey, SignedStatement, Suite};
use wire::imap::capability::{CONVERT, KEYREVEAL};
use wire::imap::command::{KeyReveal, Opening};
use wire::imap::response::{Code, Status};
use wire::imap::{Capabilities, CommandBody, Mailbox, Response, UidValidity};

use crate::Error;
use crate::air::Meter;
use crate::error::{Lacking, Missing, ProtocolFault};
use crate::exchange::{Answer, Bounds, Exchange};

/// A mailbox that is open, for reading only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Selected {
    /// Its name.
    pub mailbox: Mailbox,
    /// What makes its UIDs unique (RFC 9051 §2.3.1.1).
    pub uid_validity: UidValidity,
    /// How many messages it has.
    pub exists: u32,
}

/// A logged-in connection. One command at a time; after an [`Error`] that is not [`Error::Refused`] or a judgement of this
/// library, the connection is out of step and is to be dropped.
pub struct Client {
    pub(crate) exchange: Exchange,
    binding: ChannelBinding,
    capabilities: Capabilities,
    user: String,
    selected: Option<Selected>,
}

impl Client {
    pub(crate) fn new(
        exchange: Exchange,
        binding: ChannelBinding,
        capabilities: Capabilities,
        user: String,
    ) -> Self {
        Self {
            exchange,
            binding,
            capabilities,
            user,
            selected: None,
        }
    }

    /// Counts what goes over the air.
    #[must_use]
    pub fn meter(&self) -> Meter {
        self.exchange.meter()
    }

    /// Who is logged in.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// What the server offers.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// The TLS exporter value of this connection (RFC 9266).
    #[must_use]
    pub fn channel_binding(&self) -> &ChannelBinding {
        &self.binding
    }

    /// The mailbox that is open.
    #[must_use]
    pub fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    /// Runs any command, as it is. For tests, and for what has no method here; the library's own idea of what is selected is
    /// not changed by it.
    ///
    /// # Errors
    /// What goes wrong with the connection; a NO or BAD is in the [`Answer`].
    pub async fn command(&mut self, body: CommandBody, bounds: Bounds) -> Result<Answer, Error> {
        self.exchange.run(body, bounds).await
    }

    /// Opens `mailbox` for reading, unless it is open already.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the server refuses, [`Error::Lacks`] when it gives no UIDVALIDITY.
    pub async fn select(&mut self, mailbox: &Mailbox) -> Result<&Selected, Error> {
        let open = self
            .selected
            .take()
            .filter(|selected| selected.mailbox == *mailbox);
        let selected = match open {
            Some(selected) => selected,
            None => self.examine(mailbox).await?,
        };
        Ok(self.selected.insert(selected))
    }

    async fn examine(&mut self, mailbox: &Mailbox) -> Result<Selected, Error> {
        let opening = Opening {
            mailbox: mailbox.clone(),
            parameters: None,
        };
        let answer = self
            .command(CommandBody::Examine(opening), Bounds::SMALL)
            .await?;
        let said = answer.said();
        let untagged = answer
            .done()
            .map_err(|_| Error::NotFound(Missing::Mailbox(said)))?;
        let uid_validity = untagged.iter().find_map(as_uid_validity);
        let exists = untagged.iter().rev().find_map(as_exists);
        Ok(Selected {
            mailbox: mailbox.clone(),
            uid_validity: uid_validity.ok_or(Error::Lacks(Lacking::UidValidity))?,
            exists: exists.ok_or(Error::Protocol(ProtocolFault::Incomplete))?,
        })
    }

    /// Whether the server converts what is revealed to it.
    ///
    /// # Errors
    /// [`Error::Lacks`] when it does not.
    pub fn check_converts(&self) -> Result<(), Error> {
        let offered = |name| self.capabilities.contains(name);
        if offered(CONVERT) && offered(KEYREVEAL) {
            return Ok(());
        }
        Err(Error::Lacks(Lacking::Conversion))
    }

    /// Asks for a statement of a fresh one-time key; a vault waits behind it until it expires.
    ///
    /// # Errors
    /// [`Error::NoStatement`] when the proxy gives none.
    pub async fn key_statement(&mut self) -> Result<KeyStatement, Error> {
        let statements = self.key_statements(1).await?;
        let first = statements.into_iter().next();
        first.ok_or(Error::Protocol(ProtocolFault::Incomplete))
    }

    /// Asks for so many statements, 1 to 8; there may come fewer, but at least one.
    ///
    /// # Errors
    /// [`Error::NoStatement`] when the proxy gives none.
    pub async fn key_statements(&mut self, count: u8) -> Result<Vec<KeyStatement>, Error> {
        self.check_converts()?;
        let answer = self.command(asking(count), Bounds::SMALL).await?;
        statements(answer)
    }

    /// Says goodbye. Whatever happens, the connection is over.
    pub async fn logout(mut self) {
        // RFC 9051 §6.1.3: BYE comes before the tagged OK; either way nothing is left to do.
        drop(self.exchange.run(CommandBody::Logout, Bounds::SMALL).await);
    }
}

/// A key statement as it came: not checked, so of no use but to be checked, and to show whose it claims to be.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct KeyStatement {
    pub(crate) octets: Vec<u8>,
}

impl KeyStatement {
    /// The `COSE_Sign1` as it came.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The identity that it claims. Proves nothing.
    ///
    /// # Errors
    /// [`Error::Statement`] where it cannot be read.
    pub fn claimed_identity(&self) -> Result<IdentityKey, Error> {
        SignedStatement::claimed_identity(&self.octets).map_err(Error::Statement)
    }
}

/// The command that asks for so many statements, of any suite that is known here.
pub(crate) fn asking(count: u8) -> CommandBody {
    CommandBody::KeyReveal(KeyReveal {
        count: count.into(),
        suites: Suite::ALL.map(|suite| suite.name().into()).to_vec(),
    })
}

/// The statements of its answer; never none.
pub(crate) fn statements(answer: Answer) -> Result<Vec<KeyStatement>, Error> {
    let said = answer.said();
    let untagged = answer.done().map_err(|_| Error::NoStatement(said))?;
    let statements: Vec<_> = untagged
        .iter()
        .filter_map(as_statement)
        .map(|text| SignedStatement::from_base64(text).map(|octets| KeyStatement { octets }))
        .collect::<Result<_, _>>()
        .map_err(Error::Statement)?;
    if statements.is_empty() {
        return Err(Error::Protocol(ProtocolFault::Incomplete));
    }
    Ok(statements)
}

fn as_statement(response: &Response) -> Option<&[u8]> {
    let Response::KeyReveal(text) = response else {
        return None;
    };
    Some(text)
}

fn as_exists(response: &Response) -> Option<u32> {
    let Response::Exists(exists) = response else {
        return None;
    };
    Some(*exists)
}

fn as_uid_validity(response: &Response) -> Option<UidValidity> {
    let Response::Status(Status {
        code: Some(Code::UidValidity(value)),
        ..
    }) = response
    else {
        return None;
    };
    Some(*value)
}
