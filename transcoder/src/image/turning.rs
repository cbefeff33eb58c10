//! How the metadata of a file says that the picture is to be turned, in whichever form it comes.

use image::metadata::Orientation;

use super::{exif, xmp};

/// What was found so far. The first that says something counts, and EXIF before XMP: a program that turns a picture and knows no
/// XMP leaves there what is no longer so.
#[derive(Clone, Copy, Default)]
pub(super) struct Turning {
    exif: Option<Orientation>,
    xmp: Option<Orientation>,
}

impl Turning {
    /// EXIF metadata.
    pub(super) fn take_exif(&mut self, metadata: &[u8]) {
        self.exif = self.exif.or_else(|| exif::orientation(metadata));
    }

    /// An XMP packet.
    pub(super) fn take_xmp(&mut self, packet: &[u8]) {
        self.xmp = self.xmp.or_else(|| xmp::orientation(packet));
    }

    /// How the picture is to be turned; where nothing is said, not at all.
    pub(super) fn orientation(self) -> Orientation {
        let said = self.exif.or(self.xmp);
        said.unwrap_or(Orientation::NoTransforms)
    }
}
