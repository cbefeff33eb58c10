//! TIFF 6.0 and BigTIFF: the chain of directories, one a page. Only the first is decoded; all are paid for.

use image::metadata::Orientation;

use super::{Survey, paid};
use crate::budget::Budget;
use crate::image::octets::Octets;
use crate::refusal::Refusal;

/// Octets that the decoder of whole pictures takes a pixel: all samples (at most four of 16 bits) once more, before they are
/// given out.
const WORKING_OCTETS: u64 = 8;

/// Octets of an entry in a classic directory: the least that an entry takes of the file.
const LEAST_ENTRY: usize = 12;

/// TIFF 6.0 §8: the fields that are read here.
const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const COMPRESSION: u16 = 259;
const ORIENTATION: u16 = 274;

pub(in crate::image) fn survey(input: &[u8], budget: &mut Budget) -> Result<Survey, Refusal> {
    let (file, mut at) = File::open(input)?;
    // Directories that do not overlap have no more entries than this: what has more goes in circles.
    let mut entries = input.len() / LEAST_ENTRY;
    let mut first = None;
    while at != 0 {
        let page = file.page(at, &mut entries)?;
        let size = paid(page.width, page.height, budget)?;
        if first.is_none() {
            page.is_supported()?;
            first = Some((size, page.orientation()));
        }
        at = page.next;
    }
    let (size, orientation) = first.ok_or(Refusal::Damaged)?;
    Ok(Survey {
        size,
        orientation,
        working: 0, // strips are paid for where their rows are read
    })
}

/// What the first directory of `file` says of the orientation: EXIF is a TIFF file without a picture.
pub(in crate::image) fn orientation(file: &[u8]) -> Orientation {
    let first = || {
        let (file, at) = File::open(file)?;
        let mut entries = file.octets.len() / LEAST_ENTRY;
        file.page(at, &mut entries)
    };
    let is_tiff = file.starts_with(b"II*\0") || file.starts_with(b"MM\0*");
    let first = is_tiff.then(first).and_then(Result::ok);
    first.map_or(Orientation::NoTransforms, |page| page.orientation())
}

/// What a picture costs that is not read by strips.
pub(in crate::image) fn whole(survey: &Survey) -> Survey {
    Survey {
        working: survey.size.pixels().saturating_mul(WORKING_OCTETS),
        ..*survey
    }
}

/// The file with what its first octets say of its fields.
struct File<'a> {
    octets: &'a [u8],
    order: Order,
    form: Form,
}

/// TIFF 6.0 §2: which octet of a number comes first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Order {
    Little,
    Big,
}

/// How wide offsets are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// 32 bits.
    Classic,
    /// 64 bits.
    BigTiff,
}

/// What one directory says.
#[derive(Default)]
struct Page {
    width: u32,
    height: u32,
    compression: u32,
    orientation: u32,
    next: u64,
}

impl Page {
    fn orientation(&self) -> Orientation {
        let said = u8::try_from(self.orientation).ok();
        said.and_then(Orientation::from_exif)
            .unwrap_or(Orientation::NoTransforms)
    }

    /// TIFF 6.0 §8: only compressions whose decoder takes no more memory than the page's size says. JPEG in TIFF has
    /// a size of its own.
    fn is_supported(&self) -> Result<(), Refusal> {
        match self.compression {
            // Default, none, Group 4, LZW, Deflate, PackBits, Deflate by its old number.
            0 | 1 | 4 | 5 | 8 | 32_773 | 32_946 => Ok(()),
            2 | 3 | 6 | 7 | 9..=32_772 | 32_774..=32_945 | 32_947.. => Err(Refusal::Unsupported),
        }
    }
}

impl<'a> File<'a> {
    /// Gives the place of the first directory too.
    fn open(octets: &'a [u8]) -> Result<(Self, u64), Refusal> {
        let (order, form) = match octets {
            [b'I', _, 42, ..] => (Order::Little, Form::Classic),
            [b'I', ..] => (Order::Little, Form::BigTiff),
            [_, _, _, 42, ..] => (Order::Big, Form::Classic),
            [] | [..] => (Order::Big, Form::BigTiff),
        };
        let file = Self {
            octets,
            order,
            form,
        };
        let mut header = file.at(4)?;
        if form == Form::BigTiff {
            header.take(4)?; // how wide an offset is, and zero
        }
        let first = file.offset(&mut header)?;
        Ok((file, first))
    }

    fn at(&self, offset: u64) -> Result<Octets<'a>, Refusal> {
        let mut octets = Octets::of(self.octets);
        octets.take(usize::try_from(offset).map_err(|_| Refusal::Damaged)?)?;
        Ok(octets)
    }

    /// TIFF 6.0 §2: a directory is a count, entries, and the place of the next.
    fn page(&self, at: u64, entries_left: &mut usize) -> Result<Page, Refusal> {
        let mut octets = self.at(at)?;
        let mut page = Page::default();
        let entries = self.count(&mut octets)?;
        *entries_left = entries_left.checked_sub(entries).ok_or(Refusal::Damaged)?;
        for _ in 0..entries {
            let (tag, value) = self.entry(&mut octets)?;
            match tag {
                IMAGE_WIDTH => page.width = value,
                IMAGE_LENGTH => page.height = value,
                COMPRESSION => page.compression = value,
                ORIENTATION => page.orientation = value,
                _other => (),
            }
        }
        page.next = self.offset(&mut octets)?;
        Ok(page)
    }

    /// One entry: its tag, and its value if that is one BYTE, SHORT, LONG, SLONG or LONG8. Other values stay zero, which is no size.
    fn entry(&self, octets: &mut Octets<'a>) -> Result<(u16, u32), Refusal> {
        let tag = self.short(octets)?;
        let kind = self.short(octets)?;
        self.offset(octets)?; // count
        let value = match self.form {
            Form::Classic => octets.take(4)?,
            Form::BigTiff => octets.take(8)?,
        };
        let mut value = Octets::of(value);
        let value = match kind {
            1 => u64::from(value.octet()?),
            3 => u64::from(self.short(&mut value)?),
            4 | 9 => u64::from(self.long(&mut value)?),
            16 if self.form == Form::BigTiff => self.long8(&mut value)?,
            _other => 0,
        };
        Ok((tag, u32::try_from(value).unwrap_or(u32::MAX)))
    }

    /// How many entries a directory has. None is against TIFF 6.0 §2.
    fn count(&self, octets: &mut Octets<'a>) -> Result<usize, Refusal> {
        let count = match self.form {
            Form::Classic => u64::from(self.short(octets)?),
            Form::BigTiff => self.long8(octets)?,
        };
        let count = usize::try_from(count).map_err(|_| Refusal::Damaged)?;
        (count > 0).then_some(count).ok_or(Refusal::Damaged)
    }

    fn offset(&self, octets: &mut Octets<'a>) -> Result<u64, Refusal> {
        match self.form {
            Form::Classic => self.long(octets).map(u64::from),
            Form::BigTiff => self.long8(octets),
        }
    }

    fn short(&self, octets: &mut Octets<'a>) -> Result<u16, Refusal> {
        let octets = octets.array()?;
        Ok(match self.order {
            Order::Little => u16::from_le_bytes(octets),
            Order::Big => u16::from_be_bytes(octets),
        })
    }

    fn long(&self, octets: &mut Octets<'a>) -> Result<u32, Refusal> {
        let octets = octets.array()?;
        Ok(match self.order {
            Order::Little => u32::from_le_bytes(octets),
            Order::Big => u32::from_be_bytes(octets),
        })
    }

    fn long8(&self, octets: &mut Octets<'a>) -> Result<u64, Refusal> {
        let octets = octets.array()?;
        Ok(match self.order {
            Order::Little => u64::from_le_bytes(octets),
            Order::Big => u64::from_be_bytes(octets),
        })
    }
}
