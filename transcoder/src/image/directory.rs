//! Directories of TIFF 6.0 (§2) and BigTIFF: the fields of a page, or of EXIF. Nothing is allocated: values are read from the
//! file when they are asked for.

use super::octets::Octets;
use crate::refusal::Refusal;

/// A file with what its first octets say of its fields.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    octets: &'a [u8],
    order: Order,
    form: Form,
}

/// TIFF 6.0 §2: which octet of a number comes first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Order {
    Little,
    Big,
}

impl Order {
    /// The number that `octets`, of which there are at most eight, are.
    fn number(self, octets: &[u8]) -> u64 {
        let join = |number: u64, octet: &u8| number.wrapping_shl(8) | u64::from(*octet);
        match self {
            Self::Little => octets.iter().rev().fold(0, join),
            Self::Big => octets.iter().fold(0, join),
        }
    }
}

/// How wide counts and offsets are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// 32 bits.
    Classic,
    /// 64 bits.
    BigTiff,
}

impl Form {
    /// Octets of an offset, and of a field's count and of what stands for its values.
    const fn wide(self) -> usize {
        match self {
            Self::Classic => 4,
            Self::BigTiff => 8,
        }
    }

    /// Octets of an entry: tag, type, count, values or where they are.
    const fn entry(self) -> usize {
        match self {
            Self::Classic => 12,
            Self::BigTiff => 20,
        }
    }
}

impl<'a> File<'a> {
    /// Gives the place of the first directory too.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where the header is not whole.
    pub(super) fn open(octets: &'a [u8]) -> Result<(Self, u64), Refusal> {
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
        let first = file.number(&mut header, form.wide())?;
        Ok((file, first))
    }

    /// The directory at `offset`: a count, entries, and the place of the next (TIFF 6.0 §2).
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where it is not whole, or has no entries.
    pub(super) fn directory(self, offset: u64) -> Result<Directory<'a>, Refusal> {
        let mut octets = self.at(offset)?;
        let count = match self.form {
            Form::Classic => self.number(&mut octets, 2)?,
            Form::BigTiff => self.number(&mut octets, 8)?,
        };
        let count = usize::try_from(count).map_err(|_| Refusal::Damaged)?;
        let len = count.checked_mul(self.form.entry());
        let entries = octets.take(len.filter(|len| *len > 0).ok_or(Refusal::Damaged)?)?;
        Ok(Directory {
            file: self,
            count,
            entries,
            next: self.number(&mut octets, self.form.wide())?,
        })
    }

    /// Which octet of a number comes first.
    pub(super) fn order(self) -> Order {
        self.order
    }

    fn at(self, offset: u64) -> Result<Octets<'a>, Refusal> {
        let mut octets = Octets::of(self.octets);
        octets.take(usize::try_from(offset).map_err(|_| Refusal::Damaged)?)?;
        Ok(octets)
    }

    fn number(self, octets: &mut Octets<'_>, len: usize) -> Result<u64, Refusal> {
        Ok(self.order.number(octets.take(len)?))
    }
}

/// One directory: the fields of a page.
#[derive(Clone, Copy)]
pub(super) struct Directory<'a> {
    file: File<'a>,
    count: usize,
    entries: &'a [u8],
    next: u64,
}

impl<'a> Directory<'a> {
    /// How many entries it has; at least one.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The place of the next directory; zero where there is none.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// The file that it stands in.
    pub(super) fn file(&self) -> File<'a> {
        self.file
    }

    /// The values of the field `tag`, which are whole numbers or octets. `None` where there is no such field.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for values of another type, and for such that are not in the file.
    pub(super) fn numbers(&self, tag: u16) -> Result<Option<Numbers<'a>>, Refusal> {
        let Some((kind, entry)) = self.entry(tag) else {
            return Ok(None);
        };
        // TIFF 6.0 §2: BYTE, UNDEFINED; SHORT; LONG, SLONG; and BigTIFF's LONG8. Some programs write an orientation as SLONG.
        let width = match kind {
            1 | 7 => 1,
            3 => 2,
            4 | 9 => 4,
            16 => 8,
            _other => return Err(Refusal::Damaged),
        };
        let octets = self.values(entry, width)?;
        Ok(Some(Numbers {
            octets,
            width,
            order: self.file.order,
        }))
    }

    /// The first value of the field `tag`; what is more than 32 bits is the most that they hold.
    ///
    /// # Errors
    /// As [`Self::numbers`].
    pub(super) fn number(&self, tag: u16) -> Result<Option<u32>, Refusal> {
        let first = self.numbers(tag)?.and_then(|numbers| numbers.get(0));
        Ok(first.map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
    }

    /// The octets of the field `tag`.
    ///
    /// # Errors
    /// As [`Self::numbers`].
    pub(super) fn octets(&self, tag: u16) -> Result<Option<&'a [u8]>, Refusal> {
        Ok(self.numbers(tag)?.map(|numbers| numbers.octets))
    }

    /// The values of the field `tag`, which are RATIONAL: numerators and denominators by turns.
    ///
    /// # Errors
    /// As [`Self::numbers`].
    pub(super) fn ratios(&self, tag: u16) -> Result<Option<Numbers<'a>>, Refusal> {
        match self.entry(tag) {
            None => Ok(None),
            Some((5, entry)) => Ok(Some(Numbers {
                octets: self.values(entry, 8)?,
                width: 4,
                order: self.file.order,
            })),
            Some(_) => Err(Refusal::Damaged),
        }
    }

    /// The type of the field `tag`, and its count and values. The last one counts where there are several.
    fn entry(&self, tag: u16) -> Option<(u64, &'a [u8])> {
        let order = self.file.order;
        let mut entries = self.entries.chunks_exact(self.file.form.entry()).rev();
        entries.find_map(|entry| {
            let (named, entry) = entry.split_at_checked(2)?;
            let (kind, entry) = entry.split_at_checked(2)?;
            (order.number(named) == tag.into()).then(|| (order.number(kind), entry))
        })
    }

    /// The octets of the values of `entry`, each of `width`: in the entry where they fit, else where it says.
    fn values(&self, entry: &'a [u8], width: usize) -> Result<&'a [u8], Refusal> {
        let wide = self.file.form.wide();
        let mut entry = Octets::of(entry);
        let count = self.file.number(&mut entry, wide)?;
        let count = usize::try_from(count).map_err(|_| Refusal::Damaged)?;
        let len = count.checked_mul(width).ok_or(Refusal::Damaged)?;
        if len <= wide {
            return entry.take(len);
        }
        let offset = self.file.number(&mut entry, wide)?;
        self.file.at(offset)?.take(len)
    }
}

/// Values of one field.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    octets: &'a [u8],
    width: usize,
    order: Order,
}

impl<'a> Numbers<'a> {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.octets.len().checked_div(self.width).unwrap_or(0)
    }

    /// The one at `at`.
    pub(super) fn get(&self, at: usize) -> Option<u64> {
        let start = at.checked_mul(self.width)?;
        let octets = self.octets.get(start..)?.get(..self.width)?;
        Some(self.order.number(octets))
    }

    /// All of them.
    pub(super) fn iter(self) -> impl Iterator<Item = u64> + 'a {
        let octets = self.octets.chunks_exact(self.width.max(1));
        octets.map(move |octets| self.order.number(octets))
    }
}
