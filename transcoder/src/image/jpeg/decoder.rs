//! A picture decoded row by row at its scale.

use zeroize::Zeroizing;

use super::coefficients::{Coefficients, Kept};
use super::colour::Colour;
use super::frame::Frame;
use super::header::Header;
use super::marker::{Markers, Process, Segment};
use super::plane::Plane;
use super::scale::Scale;
use super::scan::{Scan, ScanHeader};
use super::tables::{Steps, Tables};
use super::upsample::Upsampling;
use crate::budget::Budget;
use crate::image::picture::Channels;
use crate::image::rows::Rows;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// A decoder that has given out some rows.
pub(in crate::image) struct Decoder<'a> {
    /// The size of the picture in the file.
    whole: Size,
    size: Size,
    colour: Colour,
    scale: Scale,
    scans: Vec<Scan<'a>>,
    coefficients: Coefficients,
    components: Vec<Lines>,
    /// How many bands are decoded, of how many.
    decoded: usize,
    bands: usize,
    /// Rows of pixels in a band.
    band_rows: usize,
    /// The row to be given out next.
    next: usize,
    /// Room for the sums of an upsampling.
    sums: Zeroizing<Vec<u16>>,
}

/// One component on its way to rows of pixels.
struct Lines {
    steps: Steps,
    plane: Plane,
    upsampling: Upsampling,
    /// Room for one upsampled row.
    line: Zeroizing<Vec<u8>>,
}

impl<'a> Decoder<'a> {
    /// A decoder of `input`, whose `header` was read before. Nothing but tables is read here.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] or [`Refusal::Exceeded`].
    pub(in crate::image) fn new(
        input: &'a [u8],
        header: &Header,
        scale: Scale,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        Self::with(&Tables::default(), input, header, scale, budget)
    }

    /// A decoder of `input`, before whose first segment `tables` stand.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub(in crate::image) fn with(
        tables: &Tables,
        input: &'a [u8],
        header: &Header,
        scale: Scale,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let frame = &header.frame;
        let reading = Reading::of(tables.clone(), input, header, scale, budget)?;
        let size = scale.of(frame.size);
        let mut components = Vec::with_capacity(4);
        for (component, steps) in frame.components.iter().zip(reading.steps) {
            let plane = Plane::of(frame, *component, scale, budget)?;
            let upsampling = Upsampling::of(frame, *component, plane.width());
            let len = match upsampling {
                Upsampling::None => 0,
                Upsampling::Across
                | Upsampling::Down
                | Upsampling::Both
                | Upsampling::Nearest { .. } => width(size).max(plane.width().saturating_mul(2)),
            };
            let mut line = budget.room(len)?;
            line.resize(len, 0);
            let steps = steps.ok_or(Refusal::Damaged)?; // no scan brought it
            components.push(Lines {
                steps,
                plane,
                upsampling,
                line,
            });
        }
        let mut sums = budget.room(width(size).saturating_add(1))?;
        sums.resize(width(size).saturating_add(1), 0);
        Ok(Self {
            whole: frame.size,
            size,
            colour: header.colour,
            scale,
            scans: reading.scans,
            coefficients: Coefficients::of(frame, reading.kept, budget)?,
            components,
            decoded: 0,
            bands: frame.units().down,
            band_rows: frame.highest.saturating_mul(scale.samples()),
            next: 0,
            sums,
        })
    }

    /// Decodes the next band.
    fn decode_band(&mut self) -> Result<(), Refusal> {
        self.coefficients.clear();
        for scan in &mut self.scans {
            scan.read_band(&mut self.coefficients)?;
        }
        for (at, lines) in self.components.iter_mut().enumerate() {
            let blocks = self.coefficients.plane(at)?;
            lines
                .plane
                .fill(self.decoded, blocks, &lines.steps, self.scale);
        }
        self.decoded = self.decoded.saturating_add(1);
        Ok(())
    }
}

impl Rows for Decoder<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn extent(&self) -> (f64, f64) {
        self.scale.extent(self.whole)
    }

    fn channels(&self) -> Channels {
        self.colour.channels()
    }

    fn next_row(&mut self, row: &mut [u8]) -> Result<(), Refusal> {
        let at = self.next;
        // Upsampling looks at the row below, which may be the next band's.
        let band = at.checked_div(self.band_rows).unwrap_or(0);
        while self.decoded < self.bands.min(band.saturating_add(2)) {
            self.decode_band()?;
        }
        for lines in &mut self.components {
            if lines.upsampling != Upsampling::None {
                lines
                    .upsampling
                    .row(&lines.plane, at, &mut self.sums, &mut lines.line);
            }
        }
        let mut samples: [&[u8]; 4] = [&[]; 4];
        for (place, lines) in samples.iter_mut().zip(&self.components) {
            *place = match lines.upsampling {
                Upsampling::None => lines.plane.row(at),
                Upsampling::Across
                | Upsampling::Down
                | Upsampling::Both
                | Upsampling::Nearest { .. } => &lines.line,
            };
        }
        self.colour.row(samples, row);
        self.next = self.next.saturating_add(1);
        Ok(())
    }
}

/// What is read of a file before its first row is asked for.
struct Reading<'a> {
    kept: Kept,
    /// Those that bring something of what is kept, in the file's order.
    scans: Vec<Scan<'a>>,
    /// The steps of each component, where a scan has brought it.
    steps: Vec<Option<Steps>>,
}

impl<'a> Reading<'a> {
    fn of(
        mut tables: Tables,
        input: &'a [u8],
        header: &Header,
        scale: Scale,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let frame = &header.frame;
        let kept = match scale {
            Scale::Eighth => Kept::Dc,
            Scale::Whole | Scale::Half | Scale::Quarter => Kept::All,
        };
        let mut left = header.scans;
        let mut reading = Self {
            kept,
            scans: Vec::new(),
            steps: vec![None; frame.components.len()],
        };
        let mut markers = Markers::of(input)?;
        loop {
            match markers.next()? {
                Segment::QuantisationTables(octets) => tables.take_steps(octets)?,
                Segment::HuffmanTables(octets) => tables.take_codes(octets)?,
                Segment::RestartInterval(octets) => tables.take_restart_interval(octets)?,
                Segment::Scan(octets) => {
                    let named = ScanHeader::read(octets, frame)?;
                    reading.latch(&named, frame, &tables)?;
                    if !named.is_idle(kept) {
                        let coded = markers.coded();
                        let scan = Scan::of(&named, coded, frame, &tables, kept, budget)?;
                        reading.scans.push(scan);
                    }
                    left = left.saturating_sub(1);
                    if left == 0 {
                        return Ok(reading); // the header was read up to the end
                    }
                    markers.pass_coded()?;
                }
                Segment::Frame(..) | Segment::Application(..) | Segment::Other => (),
                Segment::End => return Err(Refusal::Damaged), // before the last scan
            }
        }
    }

    /// The steps of a component are those that stand when its first scan comes (T.81 §B.2.4.1 lets a table be replaced
    /// only when no component needs it any more).
    fn latch(&mut self, scan: &ScanHeader, frame: &Frame, tables: &Tables) -> Result<(), Refusal> {
        for member in &scan.members {
            let component = frame.components.get(member.component);
            let table = component.ok_or(Refusal::Damaged)?.table;
            let place = self.steps.get_mut(member.component);
            let place = place.ok_or(Refusal::Damaged)?;
            match (&place, frame.process) {
                (None, _) => *place = Some(*tables.steps(table)?),
                (Some(_), Process::Progressive) => (),
                // T.81 §4.10: in sequential files, each component comes once.
                (Some(_), Process::Sequential) => return Err(Refusal::Damaged),
            }
        }
        Ok(())
    }
}

fn width(size: Size) -> usize {
    usize::try_from(size.width()).unwrap_or(usize::MAX)
}
