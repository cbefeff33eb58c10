//! The conversion itself: gather, send the reveal, take the sealed result; and send the same again, to see it refused.

use std::num::NonZeroU32;

use envelope::entity::Extent;
use keyreveal::names::PARAM_REVEAL;
use rand_core::CryptoRng;
use wire::imap::command::Addressing;
use wire::imap::convert::{BadParameters, Converted, ConvertedAttribute, ErrorCode, ErrorPhrase};
use wire::imap::response::{Code, StatusKind};
use wire::imap::{CommandBody, PartPath, Response};

use crate::air::Air;
use crate::client::Selected;
use crate::error::{Missing, NoConversion, ProtocolFault, RequestFault, Said, Scope, Unverified};
use crate::exchange::{Answer, Bounds};
use crate::head::{Head, Lengthened};
use crate::report::Fetched;
use crate::request::FetchRequest;
use crate::reveal::{
    Gathered, Holdings, Prepared, check_consent, check_kind, inner_extent, outer_scope, scope_of,
};
use crate::{Client, Error};

/// What came back, still sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SealedResult {
    pub(crate) octets: Vec<u8>,
    pub(crate) air: Air,
}

impl SealedResult {
    /// The octets, as the vault sealed them.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Octets of the sealed result.
    #[must_use]
    pub fn len(&self) -> usize {
        self.octets.len()
    }

    /// Whether nothing came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

/// What came of a reveal that was sent a second time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Resent {
    /// It was refused, as it must be; this is what the server said.
    Refused(Said),
    /// It was answered with a result: the promise of one-time use is broken.
    Answered,
}

impl Client {
    /// Fetches one part converted: everything from the first look to the checked result.
    ///
    /// `clock` gives seconds of Unix time. To tell the user before anything is revealed, use [`Client::prepare`],
    /// [`Client::send`] and [`Prepared::open`] instead.
    ///
    /// # Errors
    /// Any; each [`Error`] says whether the key was revealed.
    pub async fn fetch_converted(
        &mut self,
        request: &FetchRequest,
        holdings: Holdings<'_>,
        clock: &(dyn Fn() -> u64 + Sync),
        rng: &mut impl CryptoRng,
    ) -> Result<Fetched, Error> {
        let prepared = self.prepare(request, holdings, clock, rng).await?;
        let sealed = self.send(&prepared).await?;
        prepared.open(&sealed, holdings.keys, rng)
    }

    /// Does everything up to the reveal, which is not sent yet. The proxy holds a vault ready until its key statement expires.
    ///
    /// # Errors
    /// Any that says nothing was revealed.
    pub async fn prepare(
        &mut self,
        request: &FetchRequest,
        holdings: Holdings<'_>,
        clock: &(dyn Fn() -> u64 + Sync),
        rng: &mut impl CryptoRng,
    ) -> Result<Prepared, Error> {
        let gathered = self.gather(request, holdings, rng).await?;
        self.draft(request, gathered, holdings, clock(), rng)?
            .seal(rng)
    }

    /// Looks at the part, and asks for a key statement only when nothing speaks against revealing its key.
    ///
    /// # Errors
    /// [`Error::Lacks`], [`Error::NotFound`], [`Error::NotOpenable`], [`Error::NoKey`], [`Error::WouldRevealWholeMessage`],
    /// [`Error::NoStatement`].
    pub async fn gather(
        &mut self,
        request: &FetchRequest,
        holdings: Holdings<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Gathered, Error> {
        self.check_converts()?;
        let message = self.structure(&request.mailbox, request.uid).await?;
        let part = message
            .find(&request.section)
            .ok_or(Error::NotFound(Missing::Section))?;
        let outer = outer_scope(request, part);
        check_consent(request.consent, outer)?;
        let mut head = self.head(&request.mailbox, request.uid, part).await?;
        let scope = self.scope(request, outer, &mut head, holdings, rng).await?;
        let statement = self.key_statement().await?;
        Ok(Gathered {
            scope,
            head,
            statement,
        })
    }

    /// How much the part's key opens, as far as need be from a longer look at it; held against what the user agreed to, and against the
    /// kind that alone is wanted.
    pub(crate) async fn scope(
        &mut self,
        request: &FetchRequest,
        outer: Scope,
        head: &mut Head,
        holdings: Holdings<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<Scope, Error> {
        let mut extent = inner_extent(head, holdings.keys, rng)?;
        while extent == Extent::Unknown
            && self.lengthen(head, request.uid).await? == Lengthened::Yes
        {
            extent = inner_extent(head, holdings.keys, rng)?;
        }
        let scope = if outer == Scope::Part {
            scope_of(extent)
        } else {
            outer
        };
        check_consent(request.consent, scope)?;
        check_kind(request.only, extent)?;
        Ok(scope)
    }

    /// Sends the reveal and takes the sealed result. From here on the key counts as revealed, whatever comes back.
    ///
    /// # Errors
    /// [`Error::RevealRefused`], [`Error::NoConversion`], or what went wrong with the connection.
    pub async fn send(&mut self, prepared: &Prepared) -> Result<SealedResult, Error> {
        self.select(&prepared.request.mailbox).await?;
        let before = self.meter().air();
        let answer = self.convert(prepared).await?;
        let octets = sealed_result(answer, &prepared.request.section)?;
        Ok(SealedResult {
            octets,
            air: self.meter().air().since(before),
        })
    }

    /// Sends the same command with the same sealed reveal again, on whichever mailbox is open.
    ///
    /// # Errors
    /// What went wrong with the connection; a refusal is no error here.
    pub async fn resend(&mut self, prepared: &Prepared) -> Result<Resent, Error> {
        let answer = self.convert(prepared).await?;
        match sealed_result(answer, &prepared.request.section) {
            Ok(_) => Ok(Resent::Answered),
            Err(Error::RevealRefused(said) | Error::Refused(said)) => Ok(Resent::Refused(said)),
            Err(other) => Err(other),
        }
    }

    async fn convert(&mut self, prepared: &Prepared) -> Result<Answer, Error> {
        let (command, bounds) = converting(prepared);
        self.command(command, bounds).await
    }

    pub(crate) fn selected_for(&self, request: &FetchRequest) -> Result<&Selected, Error> {
        let selected = self
            .selected()
            .filter(|selected| selected.mailbox == request.mailbox);
        selected.ok_or(Error::Request(RequestFault::Context))
    }
}

/// The command that reveals, and what may come of it.
pub(crate) fn converting(prepared: &Prepared) -> (CommandBody, Bounds) {
    let command = CommandBody::Convert(Addressing::Uid, prepared.command.clone());
    let bounds = Bounds::of(prepared.request.largest_result());
    (command, bounds)
}

/// The octets of the one CONVERTED that answers this command.
pub(crate) fn sealed_result(answer: Answer, part: &PartPath) -> Result<Vec<u8>, Error> {
    let converted = answer
        .untagged
        .iter()
        .find_map(|response| answering(response, &answer));
    let Some(converted) = converted else {
        return Err(without_conversion(&answer));
    };
    let mut size = None;
    let mut octets = None;
    for attribute in &converted.attributes {
        match outcome(attribute, part)? {
            Told::Size(told) => size = Some(told),
            Told::Octets(told) => octets = Some(told),
            Told::Other => {}
        }
    }
    let octets = octets.ok_or_else(|| without_conversion(&answer))?;
    // RFC 5259 §8.3: the size is exact.
    if size != u64::try_from(octets.len()).ok() {
        return Err(Error::Unverified(Unverified::Size));
    }
    Ok(octets.to_vec())
}

fn answering<'a>(response: &'a Response, answer: &Answer) -> Option<&'a Converted> {
    let Response::Converted(converted) = response else {
        return None;
    };
    (converted.tag == answer.tag).then_some(converted)
}

enum Told<'a> {
    Size(u64),
    Octets(&'a [u8]),
    Other,
}

/// What one attribute tells of `part`; an ERROR phrase anywhere is the answer.
fn outcome<'a>(attribute: &'a ConvertedAttribute, wanted: &PartPath) -> Result<Told<'a>, Error> {
    match attribute {
        ConvertedAttribute::BinarySize { part, outcome } => {
            let size = outcome.as_ref().map_err(of_phrase)?;
            Ok(if part == wanted {
                Told::Size(*size)
            } else {
                Told::Other
            })
        }
        ConvertedAttribute::Binary {
            part,
            origin,
            outcome,
        } => {
            let octets = outcome.as_ref().map_err(of_phrase)?;
            let whole = part == wanted && origin.is_none();
            Ok(octets
                .as_deref()
                .filter(|_| whole)
                .map_or(Told::Other, Told::Octets))
        }
        ConvertedAttribute::Uid(_)
        | ConvertedAttribute::BodyPartStructure { .. }
        | ConvertedAttribute::AvailableConversions { .. }
        | ConvertedAttribute::Header { .. } => Ok(Told::Other),
    }
}

/// RFC 5259 §9: what an ERROR phrase in place of a result means.
fn of_phrase(phrase: &ErrorPhrase) -> Error {
    let said = Said::new(&phrase.text);
    match &phrase.code {
        ErrorCode::TempFail(minutes) => Error::NoConversion(NoConversion::Later {
            said,
            minutes: minutes.map(NonZeroU32::get),
        }),
        ErrorCode::BadParameters(bad) if bad.iter().any(names_reveal) => Error::RevealRefused(said),
        ErrorCode::BadParameters(bad) if bad.iter().any(|bad| bad.from.is_none()) => {
            Error::NotFound(Missing::Section)
        }
        ErrorCode::BadParameters(_) | ErrorCode::MissingParameters(_) => {
            Error::NoConversion(NoConversion::Impossible(said))
        }
    }
}

fn names_reveal(bad: &BadParameters) -> bool {
    bad.parameters
        .iter()
        .any(|(name, _)| name.as_str() == PARAM_REVEAL)
}

/// The command ended without a CONVERTED: the tagged answer is all there is.
fn without_conversion(answer: &Answer) -> Error {
    let said = answer.said();
    match (&answer.status.kind, &answer.status.code) {
        (StatusKind::Ok, _) => Error::Protocol(ProtocolFault::Incomplete),
        (_, Some(Code::Cannot)) => Error::RevealRefused(said),
        (_, Some(Code::TempFail | Code::Unavailable | Code::Limit)) => {
            Error::NoConversion(NoConversion::Later {
                said,
                minutes: None,
            })
        }
        (_, Some(Code::NonExistent)) => Error::NotFound(Missing::Message),
        (_, _) => Error::Refused(said),
    }
}
