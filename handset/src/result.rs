//! Opens what came back, and believes nothing of it that cannot be checked: seal, size, format, dimensions, integrity.
//! A result that fails any check is thrown away whole.

use std::num::NonZeroU16;

use envelope::cms::{Kind, read_header};
use envelope::recipient::Holder;
use envelope::{ContentAlgorithm, Opener, TransferEncoding};
use keyreveal::{Integrity, ResultPart};
use rand_core::CryptoRng;

use crate::Error;
use crate::convert::SealedResult;
use crate::error::Unverified;
use crate::picture::Picture;
use crate::report::{Fetched, Origin, Report};
use crate::request::{FetchRequest, Format, SealTo, SmimeAlgorithm};
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
        check(&part, &self.request, self.revealed.algorithm).map_err(Error::Unverified)?;
        Ok(self.fetched(part, origin, sealed))
    }

    fn fetched(&self, part: ResultPart, origin: Origin, sealed: &SealedResult) -> Fetched {
        Fetched {
            picture: part.octets,
            format: self.request.format,
            width: part.width,
            height: part.height,
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

fn sealed_as(asked: SmimeAlgorithm) -> (Kind, ContentAlgorithm) {
    match asked {
        SmimeAlgorithm::Aes256Gcm | SmimeAlgorithm::Aes256GcmHkdf => {
            (Kind::AuthEnveloped, ContentAlgorithm::Aes256Gcm)
        }
        SmimeAlgorithm::Aes256Cbc => (Kind::Enveloped, ContentAlgorithm::Aes256Cbc),
    }
}

/// Holds a result against what was asked for, against its own octets, and against the part it was made from.
fn check(
    part: &ResultPart,
    request: &FetchRequest,
    source: ContentAlgorithm,
) -> Result<(), Unverified> {
    if Format::from_name(&part.media_type) != Some(request.format) {
        return Err(Unverified::MediaType);
    }
    let picture = Picture::of(part.octets.expose()).ok_or(Unverified::MediaType)?;
    if picture.format != request.format {
        return Err(Unverified::MediaType);
    }
    let fits =
        |most: Option<NonZeroU16>, has: u32| most.is_none_or(|most| has <= u32::from(most.get()));
    let as_stated = (picture.width, picture.height) == (part.width, part.height);
    if !as_stated || !fits(request.width, part.width) || !fits(request.height, part.height) {
        return Err(Unverified::Dimensions);
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
    Ok(())
}

fn proves(source: ContentAlgorithm) -> Integrity {
    match source.integrity() {
        envelope::Integrity::Authenticated => Integrity::Authenticated,
        envelope::Integrity::None => Integrity::None,
    }
}
