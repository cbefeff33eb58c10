//! What a file says of itself before anything is decoded: size, colour, orientation, profile, and that it is whole.
//! Of metadata nothing else is read.

use image::metadata::Orientation;
use zeroize::Zeroizing;

use super::colour::Colour;
use super::frame::Frame;
use super::marker::{Markers, Process, Segment};
use crate::budget::Budget;
use crate::image::size::Size;
use crate::image::turning::Turning;
use crate::refusal::Refusal;

/// More scans than any encoder writes (a progressive file has about ten). Each costs a pass over all coefficients,
/// so a file of a few octets a scan could otherwise take minutes.
const MOST_SCANS: u32 = 64;

/// What stands before an XMP packet in APP1 (XMP Specification Part 3).
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";

/// A whole file's header. Nothing is allocated for the picture yet.
pub(in crate::image) struct Header {
    pub(super) frame: Frame,
    pub(super) colour: Colour,
    pub(super) scans: u32,
    orientation: Orientation,
    profile: Option<Zeroizing<Vec<u8>>>,
}

impl Header {
    /// Walks `input` from SOI to EOI, as fast as memory is read. Octets after EOI are left alone: telephones put whole
    /// other files there. A sequential file may have lost its EOI: whether its last scan is all there shows when that is
    /// decoded. Of a progressive one, nobody would know which scans are gone. Does not pay for pixels.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] for a file that is cut off or against T.81, [`Refusal::Unsupported`] for a kind that is not
    /// read, and [`Refusal::Exceeded`] where the profile does not fit into `budget`.
    pub(in crate::image) fn read(input: &[u8], budget: &mut Budget) -> Result<Self, Refusal> {
        let mut markers = Markers::of(input)?;
        let mut frame = None;
        let mut scans = 0_u32;
        let mut applications = Applications::default();
        loop {
            match markers.next()? {
                Segment::Frame(process, header) => {
                    let read = Frame::read(process, header)?;
                    if frame.replace(read).is_some() {
                        return Err(Refusal::Damaged); // T.81 §B.2.1: one frame
                    }
                }
                Segment::Scan(_) if frame.is_none() => return Err(Refusal::Damaged),
                Segment::Scan(_) => {
                    scans = scans.saturating_add(1);
                    if scans > MOST_SCANS {
                        return Err(Refusal::Unsupported);
                    }
                    match (markers.pass_coded(), &frame) {
                        (Ok(()), _) => (),
                        (Err(_), Some(frame)) if frame.process == Process::Sequential => break,
                        (Err(refusal), _) => return Err(refusal),
                    }
                }
                Segment::Application(number, octets) => applications.take(number, octets),
                Segment::QuantisationTables(_)
                | Segment::HuffmanTables(_)
                | Segment::RestartInterval(_)
                | Segment::Other => (),
                Segment::End => break,
            }
        }
        let frame = frame.filter(|_| scans > 0).ok_or(Refusal::Damaged)?;
        Ok(Self {
            colour: applications.colour(&frame),
            orientation: applications.turning.orientation(),
            profile: applications.profile(budget)?,
            frame,
            scans,
        })
    }

    /// The size of the whole picture, as the camera lay.
    pub(in crate::image) fn size(&self) -> Size {
        self.frame.size
    }

    /// Has the components mean `colour`, as what the picture stands in says so.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] where it has not as many.
    pub(in crate::image) fn mean(&mut self, colour: Colour) -> Result<(), Refusal> {
        if self.frame.components.len() != colour.channels().count() {
            return Err(Refusal::Damaged);
        }
        self.colour = colour;
        Ok(())
    }

    /// How the picture is to be turned before anybody sees it.
    pub(in crate::image) fn orientation(&self) -> Orientation {
        self.orientation
    }

    /// The ICC profile that says what the samples mean, taken out.
    pub(in crate::image) fn take_profile(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        self.profile.take()
    }
}

/// What stands in APPn segments and matters.
#[derive(Default)]
struct Applications<'a> {
    jfif: bool,
    /// The transform that Adobe's segment names.
    adobe: Option<u8>,
    turning: Turning,
    /// Sequence number, count, octets.
    profile: Vec<(u8, u8, &'a [u8])>,
}

impl<'a> Applications<'a> {
    fn take(&mut self, number: u8, octets: &'a [u8]) {
        match number {
            0 if octets.starts_with(b"JFIF\0") => self.jfif = true,
            1 if octets.starts_with(b"Exif\0\0") => self.turning.take_exif(octets),
            1 => {
                if let Some(packet) = octets.strip_prefix(XMP) {
                    self.turning.take_xmp(packet);
                }
            }
            2 => {
                let chunk = octets.strip_prefix(b"ICC_PROFILE\0");
                if let Some([sequence, count, rest @ ..]) = chunk
                    && self.profile.len() < 255
                {
                    self.profile.push((*sequence, *count, rest));
                }
            }
            // "Adobe", version, two words of flags, transform (Adobe technical note 5116).
            14 if octets.starts_with(b"Adobe") => self.adobe = octets.get(11).copied(),
            0..=u8::MAX => (),
        }
    }

    fn colour(&self, frame: &Frame) -> Colour {
        let identifiers = frame
            .components
            .iter()
            .map(|component| component.identifier);
        match (frame.components.len(), self.jfif, self.adobe) {
            (1, _, _) => Colour::Grey,
            // JFIF allows nothing else, whatever Adobe's segment says.
            (3, true, _) => Colour::YCbCr,
            (3, false, Some(0)) => Colour::Rgb,
            (3, false, None) if identifiers.eq(*b"RGB") => Colour::Rgb,
            (3, false, Some(_) | None) => Colour::YCbCr,
            (_, _, None | Some(0)) => Colour::Cmyk,
            (_, _, Some(_)) => Colour::Ycck,
        }
    }

    /// ICC.1 §B.4: chunks numbered from one, each saying how many there are. One that is missing or there twice makes
    /// the profile unreadable, which is as if there were none.
    fn profile(&mut self, budget: &mut Budget) -> Result<Option<Zeroizing<Vec<u8>>>, Refusal> {
        self.profile
            .sort_unstable_by_key(|(sequence, _, _)| *sequence);
        let all = u8::try_from(self.profile.len()).unwrap_or(0);
        let in_order = self.profile.iter().zip(1..=all);
        let whole = all > 0
            && in_order.fold(true, |whole, ((sequence, count, _), wanted)| {
                whole && *sequence == wanted && *count == all
            });
        if !whole {
            return Ok(None);
        }
        let len = self.profile.iter().map(|(_, _, octets)| octets.len()).sum();
        let mut profile = budget.room(len)?;
        for (_, _, octets) in &self.profile {
            profile.extend_from_slice(octets);
        }
        Ok(Some(profile))
    }
}
