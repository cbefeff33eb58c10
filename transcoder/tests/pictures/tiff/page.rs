//! TIFF files made octet by octet.

/// Which octet of a number comes first, and how wide offsets are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Little,
    Big,
    BigTiff,
}

pub(crate) const FORMS: [Form; 3] = [Form::Little, Form::Big, Form::BigTiff];

impl Form {
    fn octets(self, number: u64, len: usize) -> Vec<u8> {
        match self {
            Self::Little | Self::BigTiff => number.to_le_bytes()[..len].to_vec(),
            Self::Big => number.to_be_bytes()[8 - len..].to_vec(),
        }
    }

    /// A sample of sixteen bits.
    pub(crate) fn deep(self, sample: u16) -> [u8; 2] {
        self.octets(sample.into(), 2).try_into().unwrap()
    }
}

/// The values of a field.
#[derive(Clone)]
pub(crate) enum Values {
    Octets(Vec<u8>),
    Short(Vec<u16>),
    Long(Vec<u32>),
    Ratios(Vec<(u32, u32)>),
}

/// A page: its fields, and its strips or tiles.
#[derive(Clone)]
pub(crate) struct Page {
    fields: Vec<(u16, Values)>,
    pieces: Vec<Vec<u8>>,
}

impl Page {
    /// Of `bits` a sample and as many samples a pixel as there are, with a "PhotometricInterpretation".
    pub(crate) fn new((width, height): (u32, u32), bits: &[u16], photometric: u16) -> Self {
        let page = Self {
            fields: Vec::new(),
            pieces: Vec::new(),
        };
        page.with(256, Values::Long(vec![width]))
            .with(257, Values::Long(vec![height]))
            .with(258, Values::Short(bits.to_vec()))
            .short(262, photometric)
            .short(277, bits.len() as u16)
    }

    /// With this field, whatever it was before.
    pub(crate) fn with(mut self, tag: u16, values: Values) -> Self {
        self.fields.retain(|(known, _)| *known != tag);
        self.fields.push((tag, values));
        self
    }

    pub(crate) fn without(mut self, tag: u16) -> Self {
        self.fields.retain(|(known, _)| *known != tag);
        self
    }

    pub(crate) fn short(self, tag: u16, value: u16) -> Self {
        self.with(tag, Values::Short(vec![value]))
    }

    /// With strips of so many rows.
    pub(crate) fn strips(mut self, rows: u32, pieces: Vec<Vec<u8>>) -> Self {
        self.pieces = pieces;
        self.with(278, Values::Long(vec![rows]))
    }

    /// With tiles of this size.
    pub(crate) fn tiles(mut self, (width, height): (u32, u32), pieces: Vec<Vec<u8>>) -> Self {
        self.pieces = pieces;
        self.with(322, Values::Long(vec![width]))
            .with(323, Values::Long(vec![height]))
    }

    /// The file: header, pieces, values, and the directory last.
    pub(crate) fn file(&self, form: Form) -> Vec<u8> {
        let (header, wide) = match form {
            Form::Little => (b"II*\0".to_vec(), 4),
            Form::Big => (b"MM\0*".to_vec(), 4),
            Form::BigTiff => (b"II+\0\x08\0\0\0".to_vec(), 8),
        };
        let mut file = header;
        let start = file.len();
        file.resize(start + wide, 0);
        let mut places = Vec::new();
        for piece in &self.pieces {
            places.push(file.len() as u32);
            file.extend(piece);
        }
        let lens = self.pieces.iter().map(|piece| piece.len() as u32).collect();
        let is_tiled = self.fields.iter().any(|(tag, _)| *tag == 322);
        let (offsets, counts) = if is_tiled { (324, 325) } else { (273, 279) };
        let mut fields = self.fields.clone();
        for (tag, values) in [(offsets, places), (counts, lens)] {
            if !fields.iter().any(|(known, _)| *known == tag) {
                fields.push((tag, Values::Long(values)));
            }
        }
        fields.retain(|(_, values)| !matches!(values, Values::Octets(octets) if octets.is_empty()));
        fields.sort_by_key(|(tag, _)| *tag);
        let mut directory = form.octets(fields.len() as u64, if wide == 8 { 8 } else { 2 });
        for (tag, values) in fields {
            let number = |number: u64, len| form.octets(number, len);
            let (kind, count, mut octets): (u64, usize, Vec<u8>) = match values {
                Values::Octets(octets) => (7, octets.len(), octets),
                Values::Short(all) => {
                    let octets = all.iter().flat_map(|one| number((*one).into(), 2));
                    (3, all.len(), octets.collect())
                }
                Values::Long(all) => {
                    let octets = all.iter().flat_map(|one| number((*one).into(), 4));
                    (4, all.len(), octets.collect())
                }
                Values::Ratios(all) => {
                    let both = all.iter().flat_map(|(above, below)| [*above, *below]);
                    let octets = both.flat_map(|one| number(one.into(), 4));
                    (5, all.len(), octets.collect())
                }
            };
            if octets.len() > wide {
                let place = file.len() as u64;
                file.extend(octets);
                octets = form.octets(place, wide);
            }
            octets.resize(wide, 0);
            directory.extend(form.octets(tag.into(), 2));
            directory.extend(form.octets(kind, 2));
            directory.extend(form.octets(count as u64, wide));
            directory.extend(octets);
        }
        let place = form.octets(file.len() as u64, wide);
        file[start..start + wide].copy_from_slice(&place);
        file.extend(directory);
        file.extend(vec![0; wide]);
        file
    }
}

/// Samples of `bits` each in octets, the first at the high end; each row from an octet of its own.
pub(crate) fn packed(samples: &[u16], bits: u16, row: usize) -> Vec<u8> {
    let rows = samples.chunks(row).map(|row| {
        let mut octets = vec![0_u8; (row.len() * usize::from(bits)).div_ceil(8)];
        let all = row
            .iter()
            .flat_map(|sample| (0..bits).rev().map(move |bit| sample >> bit & 1));
        for (at, bit) in all.enumerate() {
            octets[at / 8] |= (bit as u8) << (7 - at % 8);
        }
        octets
    });
    rows.flatten().collect()
}

/// A sample of sixteen bits to which `sample` is the nearest of eight; at other places it is another.
pub(crate) fn deepened(sample: u8, at: usize) -> u16 {
    let off = (at * 37 % 201) as i32 - 100;
    (i32::from(sample) * 257 + off).clamp(0, 65_535) as u16
}
