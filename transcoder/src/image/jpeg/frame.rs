//! The frame header (T.81 §B.2.2), and how components lie in blocks of eight by eight samples (§A.2).

use super::marker::Process;
use crate::image::octets::Octets;
use crate::image::size::Size;
use crate::refusal::Refusal;

/// T.81 §B.2.3: no MCU of several components has more blocks.
const MOST_BLOCKS: usize = 10;

/// One component, as the frame header describes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Component {
    /// Ci, which scans name.
    pub(super) identifier: u8,
    /// Hi: samples across for each [`Frame::widest`] of the finest component; 1 to 4.
    pub(super) across: usize,
    /// Vi: the same downwards.
    pub(super) down: usize,
    /// Tqi: its quantisation table; 0 to 3.
    pub(super) table: usize,
}

/// What the frame header says.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) process: Process,
    pub(super) size: Size,
    pub(super) width: usize,
    pub(super) height: usize,
    /// One, three or four.
    pub(super) components: Vec<Component>,
    /// The largest of all `across`.
    pub(super) widest: usize,
    /// The largest of all `down`.
    pub(super) highest: usize,
}

/// So many blocks or MCUs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Extent {
    pub(super) across: usize,
    pub(super) down: usize,
}

impl Frame {
    /// # Errors
    /// [`Refusal::Damaged`] for a header against T.81; [`Refusal::Unsupported`] for twelve bits a sample, a height that
    /// comes later (DNL), or two components, which mean nothing to anybody.
    pub(super) fn read(process: Process, mut header: Octets<'_>) -> Result<Self, Refusal> {
        if header.octet()? != 8 {
            return Err(Refusal::Unsupported);
        }
        let (height, width) = (header.u16_be()?, header.u16_be()?);
        // No width at all is damage, whatever the height.
        if height == 0 && width != 0 {
            return Err(Refusal::Unsupported);
        }
        let size = Size::declared(width.into(), height.into())?;
        let components = components(&mut header)?;
        let widest = components.iter().map(|component| component.across).max();
        let highest = components.iter().map(|component| component.down).max();
        Ok(Self {
            process,
            size,
            width: width.into(),
            height: height.into(),
            components,
            widest: widest.unwrap_or(1),
            highest: highest.unwrap_or(1),
        })
    }

    /// The MCUs of a scan in which all components come (T.81 §A.2.3).
    pub(super) fn units(&self) -> Extent {
        Extent {
            across: self.width.div_ceil(self.widest.saturating_mul(8)),
            down: self.height.div_ceil(self.highest.saturating_mul(8)),
        }
    }

    /// The blocks that `component` has where it comes alone (T.81 §A.2.2): those with samples of the picture.
    pub(super) fn blocks(&self, component: Component) -> Extent {
        let size = self.scaled(component, 8);
        Extent {
            across: size.across.div_ceil(8),
            down: size.down.div_ceil(8),
        }
    }

    /// The blocks that `component` has in whole MCUs.
    pub(super) fn padded(&self, component: Component) -> Extent {
        let units = self.units();
        Extent {
            across: units.across.saturating_mul(component.across),
            down: units.down.saturating_mul(component.down),
        }
    }

    /// The samples of the picture that `component` has with `side` samples left of eight.
    pub(super) fn scaled(&self, component: Component, side: usize) -> Extent {
        let of = |length: usize, own: usize, finest: usize| {
            let scaled = length.saturating_mul(own).saturating_mul(side);
            scaled.div_ceil(finest.saturating_mul(8))
        };
        Extent {
            across: of(self.width, component.across, self.widest),
            down: of(self.height, component.down, self.highest),
        }
    }
}

fn components(header: &mut Octets<'_>) -> Result<Vec<Component>, Refusal> {
    let count = header.octet()?;
    if !matches!(count, 1 | 3 | 4) {
        return Err(match count {
            0 => Refusal::Damaged,
            1..=u8::MAX => Refusal::Unsupported,
        });
    }
    let mut components: Vec<Component> = Vec::with_capacity(4);
    for _ in 0..count {
        let component = component(header.array()?)?;
        let twice = |known: &Component| known.identifier == component.identifier;
        if components.iter().any(twice) {
            return Err(Refusal::Damaged);
        }
        components.push(component);
    }
    if header.left() != 0 {
        return Err(Refusal::Damaged);
    }
    if let [alone] = components.as_mut_slice() {
        // A component that always comes alone has MCUs of one block, whatever its factors (T.81 §A.2.2).
        (alone.across, alone.down) = (1, 1);
    }
    Ok(components)
}

fn component([identifier, sampling, table]: [u8; 3]) -> Result<Component, Refusal> {
    let (across, down) = (sampling >> 4, sampling & 15);
    if !(1..=4).contains(&across) || !(1..=4).contains(&down) || table > 3 {
        return Err(Refusal::Damaged);
    }
    Ok(Component {
        identifier,
        across: across.into(),
        down: down.into(),
        table: table.into(),
    })
}

/// Whether T.81 lets `components` come in one MCU.
pub(super) fn interleave(components: &[Component]) -> bool {
    let blocks = components
        .iter()
        .map(|one| one.across.saturating_mul(one.down));
    components.len() == 1 || blocks.sum::<usize>() <= MOST_BLOCKS
}
