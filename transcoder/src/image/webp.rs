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

/// Whether the file has frames, and not one picture.
///
/// # Errors
/// [`Refusal::Damaged`] where a chunk is cut off.
pub(super) fn moves(input: &[u8]) -> Result<bool, Refusal> {
    let mut file = chunks(input)?;
    while file.left() > 0 {
        let (name, _) = chunk(&mut file)?;
        match &name {
            b"ANMF" => return Ok(true),
            // RFC 9649 §2.5: what comes behind the one chunk of a simple file is nothing.
            b"VP8 " | b"VP8L" => return Ok(false),
            _other => (),
        }
    }
    Ok(false)
}

/// A file of one lossy picture without alpha.
#[derive(Default)]
pub(super) struct Lossy<'a> {
    /// All of its "VP8 " chunk.
    pub(super) frame: &'a [u8],
    /// The ICC profile.
    pub(super) profile: Option<&'a [u8]>,
}

impl<'a> Lossy<'a> {
    /// `None` for a file that is lossless, has alpha or moves.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where a chunk is cut off.
    pub(super) fn of(input: &'a [u8]) -> Result<Option<Self>, Refusal> {
        let mut file = chunks(input)?;
        let mut found = Self::default();
        let (name, data) = chunk(&mut file)?;
        match &name {
            b"VP8X" => (),
            b"VP8 " => {
                // RFC 9649 §2.5: what comes behind the one chunk of a simple file is nothing.
                found.frame = data;
                return Ok(Some(found));
            }
            _other => return Ok(None),
        }
        while file.left() > 0 {
            let (name, data) = chunk(&mut file)?;
            match &name {
                b"VP8 " if found.frame.is_empty() => found.frame = data,
                b"VP8L" | b"ALPH" | b"ANIM" | b"ANMF" => return Ok(None),
                b"ICCP" => found.profile = found.profile.or(Some(data)),
                _other => (),
            }
        }
        Ok((!found.frame.is_empty()).then_some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(all: &[(&[u8; 4], &[u8])], behind: &[u8]) -> Vec<u8> {
        let mut inner = b"WEBP".to_vec();
        for (name, data) in all {
            inner.extend(*name);
            inner.extend((data.len() as u32).to_le_bytes());
            inner.extend(*data);
            inner.resize(inner.len().next_multiple_of(2), 0);
        }
        inner.extend(behind);
        let mut file = b"RIFF".to_vec();
        file.extend((inner.len() as u32).to_le_bytes());
        file.extend(inner);
        file
    }

    #[test]
    fn one_lossy_picture_is_found_with_its_metadata() {
        let file = file(
            &[
                (b"VP8X", &[0; 10]),
                (b"ICCP", b"colours"),
                (b"VP8 ", b"picture"),
                (b"EXIF", b"turned"),
                (b"XMP ", b"text"),
            ],
            &[],
        );
        let lossy = Lossy::of(&file).unwrap().unwrap();
        assert_eq!(lossy.frame, b"picture");
        assert_eq!(lossy.profile, Some(b"colours".as_slice()));
    }

    #[test]
    fn what_comes_behind_a_simple_file_is_nothing() {
        let lossy = file(&[(b"VP8 ", b"picture")], b"more");
        assert_eq!(Lossy::of(&lossy).unwrap().unwrap().frame, b"picture");
        let lossless = file(&[(b"VP8L", b"picture")], b"more");
        assert!(Lossy::of(&lossless).unwrap().is_none());
    }

    #[test]
    fn alpha_frames_and_lossless_pictures_are_of_another_kind() {
        for name in [b"ALPH", b"ANIM", b"ANMF", b"VP8L"] {
            let all: [(&[u8; 4], &[u8]); 3] =
                [(b"VP8X", &[0; 10]), (name, b"it"), (b"VP8 ", b"picture")];
            assert!(Lossy::of(&file(&all, &[])).unwrap().is_none());
            let nothing = file(&[(b"VP8X", &[0; 10])], &[]);
            assert!(Lossy::of(&nothing).unwrap().is_none());
        }
    }
}
