//! The fields inside a loader's frame, written and read. Whatever is too short, too long or left over is an error.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    net::SocketAddr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::frames::{FrameError, MAX_FRAME, Wiped};
use crate::sources::{Found, Identity, Sources};

/// One frame being written; the first time only its octets are counted.
pub(super) struct Writer {
    octets: Wiped,
    counted: usize,
    mode: Mode,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    Counts,
    Writes,
}

impl Writer {
    /// The frame that `write` writes. It is asked twice: first for how much room it needs, so that no octet is ever moved.
    pub(super) fn measured(kind: u8, write: impl Fn(&mut Self)) -> Result<Wiped, FrameError> {
        let mut measure = Self::new(Mode::Counts, 0);
        measure.octet(kind);
        write(&mut measure);
        let length = measure.counted;
        if length > MAX_FRAME {
            return Err(FrameError::TooLong);
        }
        let announced = u32::try_from(length).map_err(|_| FrameError::TooLong)?;
        let mut frame = Self::new(Mode::Writes, length.saturating_add(4));
        frame.array(&announced.to_be_bytes());
        frame.octet(kind);
        write(&mut frame);
        Ok(frame.octets)
    }

    fn new(mode: Mode, room: usize) -> Self {
        Self {
            octets: Zeroizing::new(Vec::with_capacity(room)),
            counted: 0,
            mode,
        }
    }

    fn array(&mut self, octets: &[u8]) {
        self.counted = self.counted.saturating_add(octets.len());
        if self.mode == Mode::Writes {
            self.octets.extend_from_slice(octets);
        }
    }

    fn octet(&mut self, value: u8) {
        self.array(&[value]);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.array(&value.to_be_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.array(&value.to_be_bytes());
    }

    /// A number of things to come. More than fit are refused for the frame's length before that.
    fn count(&mut self, number: usize) {
        self.u32(u32::try_from(number).unwrap_or(u32::MAX));
    }

    /// Octets with their number before them.
    fn octets(&mut self, octets: &[u8]) {
        self.count(octets.len());
        self.array(octets);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.octets(text.as_bytes());
    }

    pub(super) fn addresses(&mut self, addresses: &[SocketAddr]) {
        self.count(addresses.len());
        for address in addresses {
            self.text(&address.to_string());
        }
    }

    pub(super) fn path(&mut self, path: &Path) {
        self.octets(path.as_os_str().as_bytes());
    }

    pub(super) fn found(&mut self, found: &Found) {
        match found {
            Found::File { mode, octets } => {
                self.octet(1);
                self.u32(*mode);
                self.octets(octets);
            }
            Found::Nothing(why) => {
                self.octet(0);
                self.text(why);
            }
        }
    }

    pub(super) fn sources(&mut self, sources: &Sources) {
        self.text(&sources.text);
        self.count(sources.files.len());
        for (path, found) in &sources.files {
            self.path(path);
            self.found(found);
        }
        self.count(sources.names.len());
        for ((host, port), found) in &sources.names {
            self.text(host);
            self.u16(*port);
            match found {
                Ok(addresses) => {
                    self.octet(1);
                    self.addresses(addresses);
                }
                Err(why) => {
                    self.octet(0);
                    self.text(why);
                }
            }
        }
        self.octet(u8::from(sources.roots.is_some()));
        let roots = sources.roots.as_deref().unwrap_or_default();
        self.count(roots.len());
        for root in roots {
            self.octets(root);
        }
        self.identity(sources.identity);
    }

    fn identity(&mut self, identity: Option<Identity>) {
        match identity {
            None => self.octet(0),
            Some(Identity::File(mode)) => {
                self.octet(1);
                self.u32(mode);
            }
            Some(Identity::Folder) => self.octet(2),
            Some(Identity::Nothing) => self.octet(3),
        }
    }
}

/// What is left of a frame being read. Nothing is taken room for that is not there.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], FrameError> {
        let (array, rest) = self.0.split_first_chunk().ok_or(FrameError::Malformed)?;
        self.0 = rest;
        Ok(*array)
    }

    pub(super) fn octet(&mut self) -> Result<u8, FrameError> {
        self.array::<1>().map(|[value]| value)
    }

    pub(super) fn u16(&mut self) -> Result<u16, FrameError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, FrameError> {
        self.array().map(u32::from_be_bytes)
    }

    fn count(&mut self) -> Result<usize, FrameError> {
        usize::try_from(self.u32()?).map_err(|_| FrameError::TooLong)
    }

    fn octets(&mut self) -> Result<&'a [u8], FrameError> {
        let length = self.count()?;
        let (octets, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(FrameError::Malformed)?;
        self.0 = rest;
        Ok(octets)
    }

    pub(super) fn text(&mut self) -> Result<String, FrameError> {
        let text = std::str::from_utf8(self.octets()?).map_err(|_| FrameError::Malformed)?;
        Ok(text.to_owned())
    }

    /// As many as are announced; each takes an octet at least, so that the frame's own length bounds them.
    fn several<T>(
        &mut self,
        mut one: impl FnMut(&mut Self) -> Result<T, FrameError>,
    ) -> Result<Vec<T>, FrameError> {
        let mut all = Vec::new();
        for _ in 0..self.count()? {
            all.push(one(self)?);
        }
        Ok(all)
    }

    pub(super) fn addresses(&mut self) -> Result<Vec<SocketAddr>, FrameError> {
        self.several(|fields| fields.text()?.parse().map_err(|_| FrameError::Malformed))
    }

    pub(super) fn path(&mut self) -> Result<PathBuf, FrameError> {
        Ok(PathBuf::from(OsStr::from_bytes(self.octets()?)))
    }

    pub(super) fn found(&mut self) -> Result<Found, FrameError> {
        match self.octet()? {
            0 => Ok(Found::Nothing(self.text()?)),
            1 => Ok(Found::File {
                mode: self.u32()?,
                octets: Zeroizing::new(self.octets()?.to_vec()),
            }),
            2.. => Err(FrameError::Malformed),
        }
    }

    pub(super) fn sources(&mut self) -> Result<Sources, FrameError> {
        let text = self.text()?;
        let files = self.several(|fields| Ok((fields.path()?, fields.found()?)))?;
        let names = self.several(Self::name)?;
        let wanted = self.octet()?;
        let roots = self.several(|fields| fields.octets().map(<[u8]>::to_vec))?;
        Ok(Sources {
            text,
            files: BTreeMap::from_iter(files),
            names: BTreeMap::from_iter(names),
            roots: (wanted == 1).then_some(roots),
            identity: self.identity()?,
        })
    }

    #[expect(
        clippy::type_complexity,
        reason = "one entry of `Sources::names`, as it is there"
    )]
    fn name(&mut self) -> Result<((String, u16), Result<Vec<SocketAddr>, String>), FrameError> {
        let name = (self.text()?, self.u16()?);
        match self.octet()? {
            0 => Ok((name, Err(self.text()?))),
            1 => Ok((name, Ok(self.addresses()?))),
            2.. => Err(FrameError::Malformed),
        }
    }

    fn identity(&mut self) -> Result<Option<Identity>, FrameError> {
        Ok(match self.octet()? {
            0 => None,
            1 => Some(Identity::File(self.u32()?)),
            2 => Some(Identity::Folder),
            3 => Some(Identity::Nothing),
            4.. => return Err(FrameError::Malformed),
        })
    }

    /// `value`, if nothing is left over.
    pub(super) fn end<T>(self, value: T) -> Result<T, FrameError> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(FrameError::Malformed)
        }
    }
}
