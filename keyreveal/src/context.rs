//! What a reveal may be used for. Both ends build a [`Context`] through [`Context::new`], each from what it knows itself,
//! and the vault compares them whole.

use std::num::NonZeroU32;

use crate::cbor::{Malformed, Reader, Writer};
use crate::names::{PARAM_INNER, PARAM_REVEAL};

/// More octets than any honest context has; a reveal holds one beside a certificate.
const MAX_CONTEXT: usize = 4096;

/// What is asked, in the words of the IMAP command; [`Context::new`] brings it into its normal form.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The identity logged in as: LOGIN's user name, or PLAIN's authorisation identity, or else its authentication identity.
    pub user: &'a str,
    /// The selected mailbox's name as sent.
    pub mailbox: &'a [u8],
    /// The selected mailbox's UIDVALIDITY.
    pub uid_validity: NonZeroU32,
    /// The message.
    pub uid: NonZeroU32,
    /// The section in the brackets of BINARY, like `1.2`; empty for the whole message.
    pub section: &'a str,
    /// CONVERT's target type.
    pub container: &'a str,
    /// Every conversion parameter as sent; the reveal itself may be among them and is left out.
    pub parameters: &'a [(&'a str, &'a str)],
}

/// Who asks for what, in normal form. Two contexts are equal only if every field is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Context {
    user: String,
    mailbox: Vec<u8>,
    uid_validity: NonZeroU32,
    uid: NonZeroU32,
    section: String,
    inner: Option<String>,
    container: String,
    /// In the order of RFC 8949 §4.2.1, which for these names is: shorter first, then by octets.
    parameters: Vec<(String, String)>,
}

/// Why no context can be built, or none read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ContextError {
    /// A section that is no list of part numbers in plain decimal.
    Section,
    /// The same parameter name twice.
    DuplicateParameter,
    /// More octets than a context may have.
    TooLong,
    /// Not the one permitted encoding of a context.
    Malformed,
}

impl std::fmt::Display for ContextError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Section => "not a list of part numbers",
            Self::DuplicateParameter => "a parameter given twice",
            Self::TooLong => "too long",
            Self::Malformed => "not the one encoding of a context",
        })
    }
}

impl std::error::Error for ContextError {}

impl From<Malformed> for ContextError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

impl Context {
    /// The normal form of what is asked.
    ///
    /// # Errors
    /// A [`ContextError`] for a section that is none, a parameter given twice, or too many octets.
    pub fn new(asked: Asked<'_>) -> Result<Self, ContextError> {
        if !asked.section.is_empty() {
            part_numbers(asked.section).ok_or(ContextError::Section)?;
        }
        let mut parameters = normal_parameters(asked.parameters)?;
        let inner = take(&mut parameters, PARAM_INNER);
        if let Some(inner) = &inner {
            part_numbers(inner).ok_or(ContextError::Section)?;
        }
        let context = Self {
            user: asked.user.to_owned(),
            mailbox: normal_mailbox(asked.mailbox),
            uid_validity: asked.uid_validity,
            uid: asked.uid,
            section: asked.section.to_owned(),
            inner,
            container: asked.container.to_ascii_lowercase(),
            parameters,
        };
        if context.encode().len() > MAX_CONTEXT {
            return Err(ContextError::TooLong);
        }
        Ok(context)
    }

    /// The one encoding of this context.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Writer::octets(|w| {
            w.map(if self.inner.is_some() { 8 } else { 7 });
            w.unsigned(1_u64).text(&self.user);
            w.unsigned(2_u64).bytes(&self.mailbox);
            w.unsigned(3_u64).unsigned(self.uid_validity.get());
            w.unsigned(4_u64).unsigned(self.uid.get());
            w.unsigned(5_u64).text(&self.section);
            if let Some(inner) = &self.inner {
                w.unsigned(6_u64).text(inner);
            }
            w.unsigned(7_u64).text(&self.container);
            w.unsigned(8_u64).text_map(&self.parameters);
        })
    }

    /// Reads the one encoding.
    ///
    /// # Errors
    /// [`ContextError::Malformed`] for anything else.
    pub fn decode(octets: &[u8]) -> Result<Self, ContextError> {
        if octets.len() > MAX_CONTEXT {
            return Err(ContextError::TooLong);
        }
        let context = read(octets)?;
        // What `new` would have brought into another form was not the normal form.
        if context.encode() != octets {
            return Err(ContextError::Malformed);
        }
        Ok(context)
    }

    /// The identity logged in as.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The mailbox's name: as sent, but INBOX in upper case.
    #[must_use]
    pub fn mailbox(&self) -> &[u8] {
        &self.mailbox
    }

    /// The mailbox's UIDVALIDITY.
    #[must_use]
    pub fn uid_validity(&self) -> NonZeroU32 {
        self.uid_validity
    }

    /// The message.
    #[must_use]
    pub fn uid(&self) -> NonZeroU32 {
        self.uid
    }

    /// The section of the message.
    #[must_use]
    pub fn section(&self) -> &str {
        &self.section
    }

    /// The section inside the opened entity, where one was asked for.
    #[must_use]
    pub fn inner(&self) -> Option<&str> {
        self.inner.as_deref()
    }

    /// The container's media type, in lower case.
    #[must_use]
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The conversion parameters but the reveal and the inner section: name in lower case, value as sent.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn read(octets: &[u8]) -> Result<Context, ContextError> {
    let mut r = Reader::new(octets);
    let pairs = r.map_of_any()?;
    let user = r.key(1)?.text()?;
    let mailbox = r.key(2)?.bytes()?;
    let uid_validity = non_zero(r.key(3)?)?;
    let uid = non_zero(r.key(4)?)?;
    let section = r.key(5)?.text()?;
    let inner = match pairs {
        7 => None,
        8 => Some(r.key(6)?.text()?),
        _ => return Err(ContextError::Malformed),
    };
    let container = r.key(7)?.text()?;
    let mut parameters = r.key(8)?.text_map()?;
    r.end()?;
    parameters.extend(inner.map(|inner| (PARAM_INNER, inner)));
    Context::new(Asked {
        user,
        mailbox,
        uid_validity,
        uid,
        section,
        container,
        parameters: &parameters,
    })
}

fn non_zero(r: &mut Reader<'_>) -> Result<NonZeroU32, Malformed> {
    NonZeroU32::new(r.narrow()?).ok_or(Malformed)
}

/// RFC 9051 §5.1: INBOX is the one name that is the same in any case. Every other name is compared as it was sent.
fn normal_mailbox(name: &[u8]) -> Vec<u8> {
    if name.eq_ignore_ascii_case(b"INBOX") {
        b"INBOX".to_vec()
    } else {
        name.to_vec()
    }
}

/// Names in lower case, because RFC 2506 §2.2 does not tell case apart, each once, without the reveal, in the map's order.
fn normal_parameters(sent: &[(&str, &str)]) -> Result<Vec<(String, String)>, ContextError> {
    let mut parameters: Vec<(String, String)> = sent
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned()))
        .collect();
    parameters.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    let twice = |pair: &[(String, String)]| matches!(pair, [(a, _), (b, _)] if a == b);
    if parameters.windows(2).any(twice) {
        return Err(ContextError::DuplicateParameter);
    }
    take(&mut parameters, PARAM_REVEAL);
    Ok(parameters)
}

/// Takes a parameter out.
fn take(parameters: &mut Vec<(String, String)>, wanted: &str) -> Option<String> {
    let at = parameters.iter().position(|(name, _)| name == wanted)?;
    Some(parameters.remove(at).1)
}

/// The part numbers of a section (RFC 9051 §9, `section-part`): non-zero, in plain decimal, so that each has one spelling.
pub(crate) fn part_numbers(section: &str) -> Option<Vec<NonZeroU32>> {
    section.split('.').map(plain_decimal).collect()
}

/// A number of digits alone, not starting with zero.
pub(crate) fn plain_decimal<T: std::str::FromStr>(text: &str) -> Option<T> {
    let plain = text.bytes().all(|octet| octet.is_ascii_digit()) && !text.starts_with('0');
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked() -> Asked<'static> {
        Asked {
            user: "ann",
            mailbox: b"inbox",
            uid_validity: NonZeroU32::MIN,
            uid: NonZeroU32::MAX,
            section: "1.2",
            container: "Application/Vnd.Keyhole.Sealed",
            parameters: &[
                ("u.urn:x-keyhole:type", "image/jpeg"),
                ("PIX-X", "320"),
                ("U.urn:x-keyhole:Reveal", "g1A="),
                ("u.urn:x-keyhole:INNER", "2"),
            ],
        }
    }

    #[test]
    fn what_is_asked_has_one_normal_form() {
        let context = Context::new(asked()).unwrap();
        assert_eq!(context.mailbox(), b"INBOX");
        assert_eq!(context.container(), "application/vnd.keyhole.sealed");
        assert_eq!(context.inner(), Some("2"));
        assert_eq!(
            context.parameters().collect::<Vec<_>>(),
            [("pix-x", "320"), ("u.urn:x-keyhole:type", "image/jpeg")]
        );
        let reordered = Context::new(Asked {
            mailbox: b"InBoX",
            parameters: &[
                ("u.urn:x-keyhole:inner", "2"),
                ("pix-x", "320"),
                ("u.urn:x-keyhole:type", "image/jpeg"),
            ],
            ..asked()
        });
        assert_eq!(reordered, Ok(context));
    }

    #[test]
    fn only_inbox_itself_is_the_same_in_any_case() {
        for name in [&b"inbox/Sub"[..], b"Inbox2", b"sent"] {
            let mailbox = Asked {
                mailbox: name,
                ..asked()
            };
            assert_eq!(Context::new(mailbox).unwrap().mailbox(), name);
        }
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let twice = Asked {
            parameters: &[("pix-x", "1"), ("pix-y", "1"), ("Pix-X", "1")],
            ..asked()
        };
        assert_eq!(Context::new(twice), Err(ContextError::DuplicateParameter));
    }

    #[test]
    fn a_section_has_one_spelling() {
        for section in ["0", "01", "1.", ".1", "+1", "1.0", "1.TEXT", "4294967296"] {
            let asked = Asked { section, ..asked() };
            assert_eq!(Context::new(asked), Err(ContextError::Section), "{section}");
        }
        let whole = Asked {
            section: "",
            ..asked()
        };
        assert_eq!(Context::new(whole).unwrap().section(), "");
    }

    #[test]
    fn too_much_is_refused() {
        let user = "u".repeat(MAX_CONTEXT);
        let asked = Asked {
            user: &user,
            ..asked()
        };
        assert_eq!(Context::new(asked), Err(ContextError::TooLong));
        assert_eq!(
            Context::decode(&vec![0; MAX_CONTEXT + 1]),
            Err(ContextError::TooLong)
        );
    }

    #[test]
    fn a_form_that_is_not_the_normal_one_is_not_read() {
        let octets = Context::new(asked()).unwrap().encode();
        let replaced = |from: &[u8], to: &[u8]| {
            let at = octets.windows(from.len()).position(|w| w == from).unwrap();
            let mut octets = octets.clone();
            octets[at..at + from.len()].copy_from_slice(to);
            Context::decode(&octets)
        };
        assert!(replaced(b"ann", b"bob").is_ok());
        assert!(replaced(b"INBOX", b"inbox").is_err());
        assert!(replaced(b"vnd", b"VND").is_err());
        assert!(replaced(b"pix-x", b"PIX-X").is_err());
        assert!(replaced(b"1.2", b"1.0").is_err());
    }

    proptest! {
        #[test]
        fn a_context_reads_as_it_was_written(
            user in "\\PC{0,20}",
            mailbox in proptest::collection::vec(any::<u8>(), 0..20),
            uid in 1_u32..,
            section in "([1-9][0-9]{0,3}(\\.[1-9]){0,3})?",
            names in proptest::collection::btree_set("[a-z.:-]{0,40}", 0..5),
        ) {
            let parameters: Vec<_> = names.iter().map(|name| (name.as_str(), "é")).collect();
            let context = Context::new(Asked {
                user: &user,
                mailbox: &mailbox,
                uid: NonZeroU32::new(uid).unwrap(),
                section: &section,
                parameters: &parameters,
                ..asked()
            }).unwrap();
            prop_assert_eq!(Context::decode(&context.encode()), Ok(context));
        }
    }
}
