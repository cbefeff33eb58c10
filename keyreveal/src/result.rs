//! The result of a conversion, sealed to the session: a key exported from the reveal's HPKE context, as RFC 9458 §4.4 does for
//! responses, under labels of our own. The result is written, padded and sealed in one buffer.

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce, Tag};
use hkdf::Hkdf;
use rand_core::CryptoRng;
use secret::{Plaintext, SecretBytes};
use sha2::Sha256;
use static_assertions::assert_not_impl_any;
use zeroize::Zeroizing;

use crate::cbor::{Malformed, Reader, Writer};
use crate::form::Charset;
use crate::inner::Kind;
use crate::padded_len;

/// The version of a picture's result, which handsets of the first day read.
const PICTURE_VERSION: u64 = 1;
/// The version of every other result.
const VERSION: u64 = 2;

/// Octets of the secret exported from the HPKE context: the larger of Nk and Nn (RFC 9458 §4.4).
pub(crate) const SECRET_LEN: usize = 32;
/// Octets of the response nonce, for the same reason.
const RESPONSE_NONCE_LEN: usize = 32;
const NONCE_LEN: usize = 12;
const TAG_LEN: usize = 16;
/// Octets of the CBOR's length before the CBOR.
const LENGTH_LEN: usize = 4;
/// A media type has at most 127 octets on each side of its slash (RFC 6838 §4.2).
const MAX_TYPE_NAME: usize = 127;

/// Whether the encrypted part could have been altered unseen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Integrity {
    /// The format has none (CBC): anybody on the way could have altered the part.
    None,
    /// The content's tag was right.
    Authenticated,
}

impl Integrity {
    pub(crate) const ALL: [Self; 2] = [Self::None, Self::Authenticated];

    fn number(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Authenticated => 1,
        }
    }
}

/// How much of the source came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// All of it.
    Whole,
    /// Its beginning, as far as the octets or the time that were asked for reach.
    Cut,
}

impl Extent {
    pub(crate) const ALL: [Self; 2] = [Self::Whole, Self::Cut];

    fn number(self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::Cut => 1,
        }
    }
}

/// How large the converted part is, as its kind is measured.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Measure {
    /// A picture's, in pixels.
    Picture {
        /// Width.
        width: u32,
        /// Height.
        height: u32,
    },
    /// A text's.
    Text {
        /// The charset that it is in.
        charset: Charset,
        /// How much of the source it is.
        extent: Extent,
    },
    /// A sound's.
    Sound {
        /// How long it lasts.
        milliseconds: u32,
        /// How much of the source it is.
        extent: Extent,
    },
}

impl Measure {
    /// The kind that is measured so.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Picture { .. } => Kind::Picture,
            Self::Text { .. } => Kind::Text,
            Self::Sound { .. } => Kind::Sound,
        }
    }

    /// Version and the fields 3 and 4.
    fn write(&self, w: &mut Writer<'_>, media_type: &str) {
        let version = match self {
            Self::Picture { .. } => PICTURE_VERSION,
            Self::Text { .. } | Self::Sound { .. } => VERSION,
        };
        w.unsigned(1_u64).unsigned(version);
        w.unsigned(2_u64).text(media_type).unsigned(3_u64);
        match self {
            Self::Picture { width, height } => {
                w.unsigned(*width).unsigned(4_u64).unsigned(*height);
            }
            Self::Text { charset, extent } => {
                w.array(2).unsigned(1_u64).text(charset.as_str());
                w.unsigned(4_u64).unsigned(extent.number());
            }
            Self::Sound {
                milliseconds,
                extent,
            } => {
                w.array(2).unsigned(2_u64).unsigned(*milliseconds);
                w.unsigned(4_u64).unsigned(extent.number());
            }
        }
    }

    /// The fields 3 and 4 of a picture's result.
    fn read_picture(r: &mut Reader<'_>) -> Result<Self, ResultError> {
        Ok(Self::Picture {
            width: r.key(3)?.narrow()?,
            height: r.key(4)?.narrow()?,
        })
    }

    /// The fields 3 and 4 of another result.
    fn read(r: &mut Reader<'_>) -> Result<Self, ResultError> {
        r.key(3)?.array(2)?;
        match r.unsigned()? {
            1 => {
                let name = r.text()?;
                let charset = Charset::new(name).filter(|charset| charset.as_str() == name);
                Ok(Self::Text {
                    charset: charset.ok_or(ResultError)?,
                    extent: extent(r)?,
                })
            }
            2 => Ok(Self::Sound {
                milliseconds: r.narrow()?,
                extent: extent(r)?,
            }),
            0 | 3.. => Err(ResultError),
        }
    }
}

fn extent(r: &mut Reader<'_>) -> Result<Extent, ResultError> {
    let number = r.key(4)?.unsigned()?;
    Extent::ALL
        .into_iter()
        .find(|known| u64::from(known.number()) == number)
        .ok_or(ResultError)
}

/// The converted part and what is known of it.
pub struct ResultPart {
    /// Its media type.
    pub media_type: String,
    /// How large it is.
    pub measure: Measure,
    /// What the source's format proves.
    pub integrity: Integrity,
    /// Media type of the source, as found in the opened part.
    pub source_type: String,
    /// Octets of the source.
    pub source_octets: u64,
    /// The converted part's own octets.
    pub octets: Plaintext,
}

assert_not_impl_any!(ResultPart: Clone, PartialEq, std::fmt::Debug);

/// Not a result of this exchange, or an altered one; when sealing: one that the format cannot carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResultError;

impl std::fmt::Display for ResultError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not a result of this exchange, or an altered one")
    }
}

impl std::error::Error for ResultError {}

impl From<Malformed> for ResultError {
    fn from(_: Malformed) -> Self {
        Self
    }
}

impl ResultPart {
    fn write(&self, octets: &mut Vec<u8>) {
        let mut w = Writer::new(octets);
        w.map(8);
        self.measure.write(&mut w, &self.media_type);
        w.unsigned(5_u64).unsigned(self.integrity.number());
        w.unsigned(6_u64).text(&self.source_type);
        w.unsigned(7_u64).unsigned(self.source_octets);
        w.unsigned(8_u64).bytes(self.octets.expose());
    }

    fn read(octets: &[u8]) -> Result<Self, ResultError> {
        let mut r = Reader::new(octets);
        r.map(8)?;
        let version = r.key(1)?.unsigned()?;
        let media_type = checked_type(r.key(2)?.text()?)?;
        let measure = match version {
            PICTURE_VERSION => Measure::read_picture(&mut r)?,
            VERSION => Measure::read(&mut r)?,
            0 | 3.. => return Err(ResultError),
        };
        let integrity = r.key(5)?.unsigned()?;
        let integrity = Integrity::ALL
            .into_iter()
            .find(|known| u64::from(known.number()) == integrity)
            .ok_or(ResultError)?;
        let source_type = checked_type(r.key(6)?.text()?)?;
        let source_octets = r.key(7)?.unsigned()?;
        let octets = plaintext(r.key(8)?.bytes()?)?;
        r.end()?;
        Ok(Self {
            media_type,
            measure,
            integrity,
            source_type,
            source_octets,
            octets,
        })
    }

    /// At least as many octets as [`ResultPart::write`] writes: seven keys' heads, numbers and a charset take fewer than 96.
    fn room(&self) -> usize {
        [self.media_type.len(), self.source_type.len(), 96]
            .into_iter()
            .fold(self.octets.len(), usize::saturating_add)
    }
}

/// Takes a media type: `type/subtype` in the characters of RFC 6838 §4.2 and lower case, so that it is safe to print.
pub(crate) fn checked_type(text: &str) -> Result<String, ResultError> {
    let (kind, subtype) = text.split_once('/').ok_or(ResultError)?;
    let restricted = |octet: u8| match octet {
        b'a'..=b'z' | b'0'..=b'9' => true,
        _ => b"!#$&-^_.+".contains(&octet),
    };
    let name =
        |name: &str| (1..=MAX_TYPE_NAME).contains(&name.len()) && name.bytes().all(restricted);
    (name(kind) && name(subtype))
        .then(|| text.to_owned())
        .ok_or(ResultError)
}

/// Copies octets into memory of their own.
pub(crate) fn plaintext(octets: &[u8]) -> Result<Plaintext, ResultError> {
    let mut copy = Plaintext::with_limit(octets.len());
    copy.extend(octets).map_err(|_| ResultError)?;
    Ok(copy)
}

/// What both ends hold after the reveal.
struct Shared {
    secret: SecretBytes,
    enc: Vec<u8>,
}

impl Shared {
    /// RFC 9458 §4.4: the response's key and nonce from the secret, the encapsulated key and the response nonce.
    fn keys(
        &self,
        response_nonce: &[u8],
    ) -> Result<(Aes256Gcm, Nonce<aes_gcm::aead::consts::U12>), ResultError> {
        let salt = [&self.enc, response_nonce].concat();
        let prk = Hkdf::<Sha256>::new(Some(&salt), self.secret.expose());
        let mut key = Zeroizing::new([0; 32]);
        prk.expand(b"key", &mut *key).map_err(|_| ResultError)?;
        let mut nonce = [0; NONCE_LEN];
        prk.expand(b"nonce", &mut nonce).map_err(|_| ResultError)?;
        Ok((Aes256Gcm::new((&*key).into()), nonce.into()))
    }
}

/// Seals the one result of an opened reveal.
pub struct ResultSealer(Shared);

assert_not_impl_any!(ResultSealer: Clone, PartialEq, std::fmt::Debug);

impl ResultSealer {
    pub(crate) fn new(secret: SecretBytes, enc: Vec<u8>) -> Self {
        Self(Shared { secret, enc })
    }

    /// The sealed, padded result.
    ///
    /// # Errors
    /// [`ResultError`] for a part that the format cannot carry: 4 GiB or more, a media type that is none, or no memory for it.
    pub fn seal(self, part: &ResultPart, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ResultError> {
        checked_type(&part.media_type)?;
        checked_type(&part.source_type)?;
        let mut out = padded(part)?;
        let (response_nonce, sealed) = out
            .split_first_chunk_mut::<RESPONSE_NONCE_LEN>()
            .ok_or(ResultError)?;
        rng.fill_bytes(response_nonce);
        let (cipher, nonce) = self.0.keys(response_nonce)?;
        let tag = cipher
            .encrypt_inout_detached(&nonce, &[], sealed.into())
            .map_err(|_| ResultError)?;
        out.extend_from_slice(&tag);
        Ok(out)
    }
}

/// Room for the response nonce, then the padded plaintext, in a buffer that will not grow: it holds plaintext until it is sealed in place.
fn padded(part: &ResultPart) -> Result<Vec<u8>, ResultError> {
    let most = padded_len(LENGTH_LEN.saturating_add(part.room()));
    let mut out = Vec::new();
    out.try_reserve_exact(
        most.saturating_add(RESPONSE_NONCE_LEN)
            .saturating_add(TAG_LEN),
    )
    .map_err(|_| ResultError)?;
    out.resize(RESPONSE_NONCE_LEN.saturating_add(LENGTH_LEN), 0);
    part.write(&mut out);
    let used = out.len().saturating_sub(RESPONSE_NONCE_LEN);
    let cbor_len = u32::try_from(used.saturating_sub(LENGTH_LEN)).map_err(|_| ResultError)?;
    let length = out
        .get_mut(RESPONSE_NONCE_LEN..)
        .and_then(|rest| rest.first_chunk_mut());
    *length.ok_or(ResultError)? = cbor_len.to_be_bytes();
    out.resize(RESPONSE_NONCE_LEN.saturating_add(padded_len(used)), 0);
    Ok(out)
}

/// Opens the result of one sealed reveal.
pub struct ResultOpener(Shared);

assert_not_impl_any!(ResultOpener: Clone, PartialEq, std::fmt::Debug);

impl ResultOpener {
    pub(crate) fn new(secret: SecretBytes, enc: Vec<u8>) -> Self {
        Self(Shared { secret, enc })
    }

    /// The result, if this exchange's vault made it. A result fetched short or wrong may be fetched, and opened, again.
    ///
    /// # Errors
    /// [`ResultError`].
    pub fn open(&self, sealed: &[u8]) -> Result<ResultPart, ResultError> {
        let (response_nonce, rest) = sealed
            .split_first_chunk::<RESPONSE_NONCE_LEN>()
            .ok_or(ResultError)?;
        let (ct, tag) = rest.split_last_chunk::<TAG_LEN>().ok_or(ResultError)?;
        let mut opened = plaintext(ct)?;
        let (cipher, nonce) = self.0.keys(response_nonce)?;
        cipher
            .decrypt_inout_detached(&nonce, &[], opened.expose_mut().into(), &Tag::from(*tag))
            .map_err(|_| ResultError)?;
        unpadded(opened.expose())
    }
}

/// Reads the CBOR out of its padding, which must be exactly what [`padded`] makes.
fn unpadded(opened: &[u8]) -> Result<ResultPart, ResultError> {
    let (length, rest) = opened.split_first_chunk().ok_or(ResultError)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| ResultError)?;
    let (cbor, padding) = rest.split_at_checked(length).ok_or(ResultError)?;
    let expected = padded_len(LENGTH_LEN.saturating_add(length));
    if opened.len() != expected || padding.iter().any(|octet| *octet != 0) {
        return Err(ResultError);
    }
    ResultPart::read(cbor)
}

#[cfg(test)]
mod tests;
