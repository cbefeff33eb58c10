//! Opens what came back, and believes nothing of it that cannot be checked: seal, size, format, dimensions, integrity.
//! A result that fails any check is thrown away whole.

use std::num::NonZeroU16;

use envelope::cms::{Kind as CmsKind, read_header};
use envelope::recipient::Holder;
use envelope::{ContentAlgorithm, Opener, TransferEncoding};
use keyreveal::{Integrity, Kind, Measure, ResultPart};
use rand_core::CryptoRng;

use crate::Error;
use crate::convert::SealedResult;
use crate::error::Unverified;
use crate::picture::Picture;
use crate::report::{Fetched, Origin, Report};
use crate::request::{Charset, FetchRequest, Format, SealTo, Seconds, SmimeAlgorithm};
use crate::reveal::Prepared;

impl Prepared {
    /// Opens the result of this reveal, with one of `keys` where it is sealed to a certificate, and checks it against what was
    /// asked for.
    ///
    /// # Errors
    /// [`Error::Unverified`]: the result is none.
    pub fn open(
        &self,
        sealed: &SealedResult,
        keys: &[Holder],
        rng: &mut impl CryptoRng,
    ) -> Result<Fetched, Error> {
        let (part, origin) = match self.request.seal {
            SealTo::Session => {
                let part = self
                    .opener
                    .open(&sealed.octets)
                    .map_err(|_| Unverified::Sealed);
                (part.map_err(Error::Unverified)?, Origin::Vault)
            }
            SealTo::Smime(algorithm) => {
                let part =
                    open_cms(&sealed.octets, algorithm, keys, rng).map_err(Error::Unverified)?;
                (part, Origin::AnybodyWithTheCertificate)
            }
        };
        let format = check(&part, &self.request, self.revealed.algorithm);
        let format = format.map_err(Error::Unverified)?;
        Ok(self.fetched(part, format, origin, sealed))
    }

    fn fetched(
        &self,
        part: ResultPart,
        format: Format,
        origin: Origin,
        sealed: &SealedResult,
    ) -> Fetched {
        Fetched {
            content: part.octets,
            format,
            measure: part.measure,
            source_type: part.source_type,
            source_octets: part.source_octets,
            integrity: part.integrity,
            origin,
            report: Report {
                revealed: self.revealed.clone(),
                recipient: self.recipient,
                part_octets: self.part_octets,
                sealed_octets: u64::try_from(sealed.len()).unwrap_or(u64::MAX),
                air: sealed.air,
            },
        }
    }
}

/// A CMS object to one of our certificates, sealed just as was asked for.
fn open_cms(
    octets: &[u8],
    asked: SmimeAlgorithm,
    keys: &[Holder],
    rng: &mut impl CryptoRng,
) -> Result<ResultPart, Unverified> {
    let header = read_header(octets, TransferEncoding::Identity).map_err(|_| Unverified::Sealed)?;
    if (header.kind, header.content.algorithm) != sealed_as(asked) {
        return Err(Unverified::Sealed);
    }
    let ours = |key: &&Holder| {
        header
            .recipients
            .iter()
            .any(|recipient| key.matches(recipient))
    };
    let holder = keys.iter().find(ours).ok_or(Unverified::Sealed)?;
    let key = holder
        .unwrap(&header, rng)
        .map_err(|_| Unverified::Sealed)?;
    let mut opener = Opener::new(key, TransferEncoding::Identity, octets.len());
    opener.take(octets).map_err(|_| Unverified::Sealed)?;
    let proven = opener.finish().map_err(|_| Unverified::Sealed)?;
    ResultPart::from_entity(proven.plaintext().expose()).map_err(|_| Unverified::Sealed)
}

fn sealed_as(asked: SmimeAlgorithm) -> (CmsKind, ContentAlgorithm) {
    match asked {
        SmimeAlgorithm::Aes256Gcm | SmimeAlgorithm::Aes256GcmHkdf => {
            (CmsKind::AuthEnveloped, ContentAlgorithm::Aes256Gcm)
        }
        SmimeAlgorithm::Aes256Cbc => (CmsKind::Enveloped, ContentAlgorithm::Aes256Cbc),
    }
}

/// Holds a result against what was asked for, against its own octets, and against the part it was made from. Its format.
fn check(
    part: &ResultPart,
    request: &FetchRequest,
    source: ContentAlgorithm,
) -> Result<Format, Unverified> {
    let format = Format::from_name(&part.media_type).ok_or(Unverified::MediaType)?;
    let asked = request.format.is_none_or(|asked| asked == format);
    if !asked || !fits(request, format.kind()) || part.measure.kind() != format.kind() {
        return Err(Unverified::MediaType);
    }
    match &part.measure {
        Measure::Picture { width, height } => {
            check_picture(part, format, (*width, *height), request)?;
        }
        Measure::Text { charset, .. } => check_text(part, charset, request)?,
        Measure::Sound { milliseconds, .. } => check_sound(part, *milliseconds, request)?,
    }
    let budget = request
        .octets
        .map(|octets| usize::try_from(octets.get()).unwrap_or(usize::MAX));
    if budget.is_some_and(|budget| part.octets.len() > budget) {
        return Err(Unverified::Dimensions);
    }
    if part.integrity != proves(source) {
        return Err(Unverified::Integrity);
    }
    Ok(format)
}

/// Whether nothing was asked that a result of this kind cannot have.
fn fits(request: &FetchRequest, kind: Kind) -> bool {
    let picture = request.width.is_some() || request.height.is_some() || request.frames.is_some();
    let text = request.charset.is_some() || request.replacement.is_some();
    let sound = request.seconds.is_some() || request.rate.is_some();
    match kind {
        Kind::Picture => !text && !sound,
        Kind::Text => !picture && !sound,
        Kind::Sound => !picture && !text,
    }
}

fn check_picture(
    part: &ResultPart,
    format: Format,
    stated: (u32, u32),
    request: &FetchRequest,
) -> Result<(), Unverified> {
    let picture = Picture::of(part.octets.expose()).ok_or(Unverified::MediaType)?;
    if picture.format != format {
        return Err(Unverified::MediaType);
    }
    let within =
        |most: Option<NonZeroU16>, has: u32| most.is_none_or(|most| has <= u32::from(most.get()));
    let as_stated = (picture.width, picture.height) == stated;
    if !as_stated || !within(request.width, stated.0) || !within(request.height, stated.1) {
        return Err(Unverified::Dimensions);
    }
    Ok(())
}

/// A text is in the charset that was asked for; where none was, and no preset could say another, in UTF-8.
fn check_text(
    part: &ResultPart,
    charset: &Charset,
    request: &FetchRequest,
) -> Result<(), Unverified> {
    let utf8 = charset.as_str() == "utf-8";
    let asked = match &request.charset {
        Some(asked) => asked == charset,
        None => utf8 || request.preset.is_some() || request.format.is_none(),
    };
    let as_stated = !utf8 || str::from_utf8(part.octets.expose()).is_ok();
    if asked && as_stated {
        Ok(())
    } else {
        Err(Unverified::Charset)
    }
}

/// RFC 6716 §2: the longest packet of Opus, by which a sound that is cut may go over.
const PACKET: u32 = 120;

fn check_sound(
    part: &ResultPart,
    milliseconds: u32,
    request: &FetchRequest,
) -> Result<(), Unverified> {
    // RFC 3533 §6: each page begins so.
    if !part.octets.expose().starts_with(b"OggS") {
        return Err(Unverified::MediaType);
    }
    let most = request.seconds.map(Seconds::number);
    let most = most.map(|seconds| seconds.saturating_mul(1000).saturating_add(PACKET));
    if most.is_some_and(|most| milliseconds > most) {
        return Err(Unverified::Dimensions);
    }
    Ok(())
}

fn proves(source: ContentAlgorithm) -> Integrity {
    match source.integrity() {
        envelope::Integrity::Authenticated => Integrity::Authenticated,
        envelope::Integrity::None => Integrity::None,
    }
}
