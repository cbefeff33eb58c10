//! From a look at a part to a sealed reveal of its key. Everything that could speak against revealing is settled here, before the
//! first octet of a reveal exists; nothing here is asynchronous, so no key is held across an await.

use envelope::cms::Derivation;
use envelope::entity::{Extent, Leaf};
use envelope::recipient::{Holder, UnwrapError};
use envelope::unproven::key_extent;
use envelope::{ContentAlgorithm, ContentKey, TransferEncoding};
use keyreveal::names::PARAM_REVEAL;
use keyreveal::{
    Asked, Context, IdentityKey, Kind, ResultOpener, Reveal, Seal, SealedReveal, SignedStatement,
    StatementError, Verified,
};
use rand_core::CryptoRng;
use sha2::{Digest as _, Sha256};
use wire::imap::convert::{Convert, ConvertItem, ParameterName};
use wire::imap::{MediaType, SequenceSet};

use crate::client::KeyStatement;
use crate::error::{Mismatch, NotOpenable, RequestFault, Said, Scope};
use crate::head::Head;
use crate::pin::Pin;
use crate::report::{Acquaintance, KeyBinding, Recipient, Revealed};
use crate::request::{Consent, FetchRequest, SealTo};
use crate::structure::Part;
use crate::{Client, Error};

/// What the user brings: keys, and what is known of the proxy.
#[derive(Clone, Copy)]
pub struct Holdings<'a> {
    /// Private keys with their certificates.
    pub keys: &'a [Holder],
    /// The identity that the proxy must have.
    pub pin: Pin,
}

/// What was gathered over the network for one reveal. Holds no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Gathered {
    /// How much the part's key opens.
    pub scope: Scope,
    /// The part's beginning.
    pub head: Head,
    /// The proxy's key statement, unchecked.
    pub statement: KeyStatement,
}

/// Everything that will be sealed, and the checked statement to seal it to. Tests alter it; clients have no reason to.
pub struct RevealDraft {
    /// What will be sealed.
    pub reveal: Reveal,
    /// What the conversion will ask for.
    pub request: FetchRequest,
    revealed: Revealed,
    recipient: Recipient,
    part_octets: u64,
    verified: Verified,
}

/// A sealed reveal in its command, ready to be sent. Once: the one-time key is gone when it was used.
pub struct Prepared {
    /// The command, the sealed reveal among its parameters. Tests alter it; clients have no reason to.
    pub command: Convert,
    /// What it will reveal.
    pub revealed: Revealed,
    /// To whom.
    pub recipient: Recipient,
    /// Octets of the encrypted part.
    pub part_octets: u64,
    pub(crate) request: FetchRequest,
    pub(crate) opener: ResultOpener,
}

/// How much the key of `part` opens by all that is known without it.
pub(crate) fn outer_scope(request: &FetchRequest, part: &Part) -> Scope {
    match (part.scope, &request.inner) {
        (Scope::Part, None) => Scope::Part,
        (Scope::Part | Scope::Neighbours | Scope::Unknown, _) => Scope::Neighbours,
        (Scope::WholeMessage, _) => Scope::WholeMessage,
    }
}

/// What the key opens, by its first octets: a list's footer can make a message that was encrypted whole look like one part of two.
/// The key is unwrapped for this look, and gone after it.
pub(crate) fn inner_extent(
    head: &Head,
    keys: &[Holder],
    rng: &mut impl CryptoRng,
) -> Result<Extent, Error> {
    let holder = head.holder(keys).ok_or(Error::NoKey)?;
    let key = holder.unwrap(&head.header, rng).map_err(not_unwrapped)?;
    Ok(key_extent(&head.prefix, head.encoding, &key))
}

/// How much that is.
pub(crate) fn scope_of(extent: Extent) -> Scope {
    match extent {
        Extent::OnePart(_) => Scope::Part,
        Extent::SeveralParts => Scope::Neighbours,
        Extent::Unknown => Scope::Unknown,
    }
}

/// Holds what the part says that it is against what alone is wanted. Of several parts, and where nothing is said, nobody knows.
pub(crate) fn check_kind(only: Option<Kind>, extent: Extent) -> Result<(), Error> {
    let (Some(only), Extent::OnePart(leaf)) = (only, extent) else {
        return Ok(());
    };
    let fits = match leaf {
        Leaf::Picture => only == Kind::Picture,
        Leaf::Sound => only == Kind::Sound,
        Leaf::Other => only == Kind::Text,
    };
    fits.then_some(()).ok_or(Error::OtherKind)
}

/// Holds what would be revealed against what the user agreed to.
pub(crate) fn check_consent(consent: Consent, scope: Scope) -> Result<(), Error> {
    match (consent, scope) {
        (Consent::WholeMessage, _) | (Consent::OnePart, Scope::Part) => Ok(()),
        (Consent::OnePart, Scope::WholeMessage | Scope::Neighbours | Scope::Unknown) => {
            Err(Error::WouldRevealWholeMessage(scope))
        }
    }
}

impl Client {
    /// Checks the statement, unwraps the part's key and puts together what is to be sealed.
    ///
    /// # Errors
    /// [`Error::OtherIdentity`], [`Error::Statement`], [`Error::NoKey`], [`Error::WouldRevealWholeMessage`] and what else
    /// speaks against it. Nothing was revealed.
    pub fn draft(
        &self,
        request: &FetchRequest,
        gathered: Gathered,
        holdings: Holdings<'_>,
        now_unix: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<RevealDraft, Error> {
        check_consent(request.consent, gathered.scope)?;
        let (verified, recipient) = self.verify(&gathered.statement, holdings.pin, now_unix)?;
        let holder = gathered.head.holder(holdings.keys).ok_or(Error::NoKey)?;
        let key = holder
            .unwrap(&gathered.head.header, rng)
            .map_err(not_unwrapped)?;
        let context = self.context(request)?;
        let revealed = self.revealed(request, &gathered)?;
        Ok(RevealDraft {
            reveal: reveal(&gathered.head, key, seal(request.seal, holder), context),
            request: request.clone(),
            revealed,
            recipient,
            part_octets: gathered.head.total_octets,
            verified,
        })
    }

    /// Checks a statement, without revealing anything: who the proxy is and what it promises.
    ///
    /// # Errors
    /// [`Error::OtherIdentity`], [`Error::Statement`].
    pub fn check_statement(
        &self,
        statement: &KeyStatement,
        pin: Pin,
        now_unix: u64,
    ) -> Result<Recipient, Error> {
        self.verify(statement, pin, now_unix)
            .map(|(_, recipient)| recipient)
    }

    /// Whose statement it is, and whether it is for this connection and this moment.
    fn verify(
        &self,
        statement: &KeyStatement,
        pin: Pin,
        now_unix: u64,
    ) -> Result<(Verified, Recipient), Error> {
        let claimed = statement.claimed_identity()?;
        let (expected, acquaintance) = match pin {
            Pin::Known(identity) => (identity, Acquaintance::Pinned),
            Pin::FirstUse => (claimed, Acquaintance::FirstUse),
        };
        let binding = self.channel_binding();
        let verified = SignedStatement::verify(&statement.octets, &expected, binding, now_unix)
            .map_err(|error| not_verified(error, expected, claimed))?;
        let stated = verified.statement();
        let recipient = Recipient {
            identity: expected,
            acquaintance,
            promises: stated.promises,
            program: stated.program,
        };
        Ok((verified, recipient))
    }

    /// Built from what the handset itself asks; the vault builds its own from what the proxy was asked.
    fn context(&self, request: &FetchRequest) -> Result<Context, Error> {
        let selected = self.selected_for(request)?;
        let parameters = request.parameters();
        let parameters: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let asked = Asked {
            user: self.user(),
            mailbox: selected.mailbox.as_bytes(),
            uid_validity: selected.uid_validity.0,
            uid: request.uid.0,
            section: &request.section.to_string(),
            container: request.container(),
            parameters: &parameters,
        };
        Context::new(asked).map_err(|_| Error::Request(RequestFault::Context))
    }

    fn revealed(&self, request: &FetchRequest, gathered: &Gathered) -> Result<Revealed, Error> {
        let content = &gathered.head.header.content;
        Ok(Revealed {
            mailbox: request.mailbox.clone(),
            uid_validity: self.selected_for(request)?.uid_validity,
            uid: request.uid,
            section: request.section.clone(),
            algorithm: content.algorithm,
            binding: match content.derivation {
                Derivation::Direct => KeyBinding::Direct,
                Derivation::CekHkdfSha256 { .. } => KeyBinding::Derived,
            },
            scope: gathered.scope,
        })
    }
}

fn not_verified(error: StatementError, expected: IdentityKey, claimed: IdentityKey) -> Error {
    if expected != claimed || error == StatementError::Signature {
        return Error::OtherIdentity(Box::new(Mismatch { expected, claimed }));
    }
    Error::Statement(error)
}

fn not_unwrapped(error: UnwrapError) -> Error {
    match error {
        UnwrapError::NotARecipient => Error::NoKey,
        UnwrapError::Unsupported => {
            Error::NotOpenable(NotOpenable::Unsupported(Said::new(b"its key management")))
        }
        UnwrapError::Damaged => Error::NotOpenable(NotOpenable::Malformed),
    }
}

fn reveal(head: &Head, key: ContentKey, seal: Seal, context: Context) -> Reveal {
    Reveal {
        key: key.key,
        algorithm: algorithm(key.algorithm),
        nonce: key.nonce,
        encoding: encoding(head.encoding),
        prefix_len: u64::try_from(head.prefix.len()).unwrap_or(u64::MAX),
        prefix_digest: Sha256::digest(&head.prefix).into(),
        total_octets: head.total_octets,
        seal,
        context,
    }
}

fn seal(to: SealTo, holder: &Holder) -> Seal {
    match to {
        SealTo::Session => Seal::Session,
        SealTo::Smime(algorithm) => Seal::Smime {
            certificate: holder.certificate().der().to_vec(),
            algorithm,
        },
    }
}

fn algorithm(algorithm: ContentAlgorithm) -> keyreveal::ContentAlgorithm {
    match algorithm {
        ContentAlgorithm::Aes128Cbc => keyreveal::ContentAlgorithm::Aes128Cbc,
        ContentAlgorithm::Aes192Cbc => keyreveal::ContentAlgorithm::Aes192Cbc,
        ContentAlgorithm::Aes256Cbc => keyreveal::ContentAlgorithm::Aes256Cbc,
        ContentAlgorithm::Aes128Gcm => keyreveal::ContentAlgorithm::Aes128Gcm,
        ContentAlgorithm::Aes256Gcm => keyreveal::ContentAlgorithm::Aes256Gcm,
    }
}

fn encoding(encoding: TransferEncoding) -> keyreveal::TransferEncoding {
    match encoding {
        TransferEncoding::Identity => keyreveal::TransferEncoding::Identity,
        TransferEncoding::Base64 => keyreveal::TransferEncoding::Base64,
        TransferEncoding::QuotedPrintable => keyreveal::TransferEncoding::QuotedPrintable,
    }
}

impl RevealDraft {
    /// Seals. The statement, the key and everything else in the draft are used up.
    ///
    /// # Errors
    /// [`Error::Request`]; nothing was sealed.
    pub fn seal(self, rng: &mut impl CryptoRng) -> Result<Prepared, Error> {
        let sealed = self.verified.seal(self.reveal, rng);
        let (sealed, opener) = sealed.map_err(|_| Error::Request(RequestFault::Seal))?;
        Ok(Prepared {
            command: command(&self.request, &sealed)?,
            revealed: self.revealed,
            recipient: self.recipient,
            part_octets: self.part_octets,
            request: self.request,
            opener,
        })
    }
}

/// RFC 5259 §6: one message, one part, its size before its octets.
fn command(request: &FetchRequest, sealed: &SealedReveal) -> Result<Convert, Error> {
    let fault = Error::Request(RequestFault::Context);
    let mut parameters = request.parameters();
    parameters.push((PARAM_REVEAL, sealed.to_base64()));
    let parameters: Option<Vec<_>> = parameters
        .into_iter()
        .map(|(name, value)| Some((ParameterName::new(name)?, value.into_bytes())))
        .collect();
    let part = request.section.clone();
    Ok(Convert {
        set: SequenceSet::uid(request.uid),
        target: MediaType::new(request.container()),
        parameters: parameters.ok_or(fault)?,
        items: vec![
            ConvertItem::BinarySize(part.clone()),
            ConvertItem::Binary {
                part,
                partial: None,
            },
        ],
    })
}
