//! WebP's container (RFC 9649 §2): a RIFF file of chunks.

use super::octets::Octets;
use crate::refusal::Refusal;

/// The chunks of a file, whose length must be what it says.
///
/// # Errors
/// [`Refusal::Damaged`] where the file is cut off.
pub(super) fn chunks(input: &[u8]) -> Result<Octets<'_>, Refusal> {
    let mut octets = Octets::of(input);
    octets.take(4)?; // "RIFF"
    let len = octets.u32_le()?;
    let mut file = Octets::of(octets.take_announced(len)?);
    file.take(4)?; // "WEBP"
    Ok(file)
}

/// RFC 9649 §2.3: name, length, data, and an octet of padding after an odd length.
///
/// # Errors
/// [`Refusal::Damaged`] where it is cut off.
pub(super) fn chunk<'a>(octets: &mut Octets<'a>) -> Result<([u8; 4], &'a [u8]), Refusal> {
    let name = octets.array()?;
    let len = octets.u32_le()?;
    let data = octets.take_announced(len)?;
    if len % 2 == 1 {
        octets.take(1)?;
    }
    Ok((name, data))
}

/// A file of one lossy picture without alpha.
#[derive(Default)]
pub(super) struct Lossy<'a> {
    /// All of its "VP8 " chunk.
    pub(super) frame: &'a [u8],
    /// The ICC profile.
    pub(super) profile: Option<&'a [u8]>,
    /// EXIF metadata.
    pub(super) exif: Option<&'a [u8]>,
}

impl<'a> Lossy<'a> {
    /// `None` for a file that is lossless, has alpha or moves.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where a chunk is cut off.
    pub(super) fn of(input: &'a [u8]) -> Result<Option<Self>, Refusal> {
        let mut file = chunks(input)?;
        let mut found = Self::default();
        while file.left() > 0 {
            let (name, data) = chunk(&mut file)?;
            match &name {
                b"VP8 " if found.frame.is_empty() => found.frame = data,
                b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" => return Ok(None),
                b"ICCP" => found.profile = found.profile.or(Some(data)),
                b"EXIF" => found.exif = found.exif.or(Some(data)),
                _other => (),
            }
        }
        Ok((!found.frame.is_empty()).then_some(found))
    }
}
