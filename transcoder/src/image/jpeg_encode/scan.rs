//! Scans: what each brings of a picture, and in which order its blocks come (T.81 §A.2, §G.1.1.1).

use super::bands::{Band, Coder};
use super::levels::Levels;
use super::quantise::Steps;
use super::symbols::{Counts, Symbols, Tables, show_first, show_others};
use super::{Block, Component, Kind, Transformed};

/// What a scan brings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pass {
    /// Everything: the only scan of a sequential file.
    Whole,
    /// The first coefficients of all components.
    Firsts,
    /// Of one component, some of the others.
    Band(Band),
}

/// A scan, counted.
pub(super) struct Scan {
    pub(super) pass: Pass,
    pub(super) tables: Tables,
    /// Octets of its tables and its header.
    pub(super) header: u64,
    /// Octets behind these, but for those that are stuffed.
    pub(super) coded: u64,
}

/// The steps of light and of colour.
pub(super) struct BothSteps(pub(super) [Steps; 2]);

impl BothSteps {
    #[inline]
    pub(super) fn of(&self, kind: Kind) -> &Steps {
        let [light, colour] = &self.0;
        match kind {
            Kind::Light => light,
            Kind::Colour => colour,
        }
    }
}

impl Scan {
    pub(super) fn of(pass: Pass, counts: &Counts, components: usize) -> Self {
        let tables = counts.tables();
        let members = match pass {
            Pass::Whole | Pass::Firsts => components,
            Pass::Band(_) => 1,
        };
        let header = SCAN_LEN.saturating_add(members.saturating_mul(2));
        let header = tables.used().fold(header, |len, (_, table)| {
            let table = TABLE_LEN.saturating_add(table.symbols.len());
            len.saturating_add(table)
        });
        Self {
            pass,
            header: u64::try_from(header).unwrap_or(u64::MAX),
            coded: counts.len(&tables).div_ceil(8),
            tables,
        }
    }

    /// All its octets, but for those that are stuffed.
    pub(super) fn octets(&self) -> u64 {
        self.header.saturating_add(self.coded)
    }
}

/// Octets of SOS without its members and of DHT without its tables; and of a table without its symbols.
const SCAN_LEN: usize = 2 + 6 + 4;
const TABLE_LEN: usize = 17;

impl Transformed {
    /// Shows all that a scan has.
    pub(super) fn show(&self, pass: Pass, steps: &BothSteps, symbols: &mut impl Symbols) {
        match pass {
            Pass::Whole => self.interleaved(|component, last, block| {
                let levels = steps.of(component.kind).quantised(block);
                show_first(levels.at(0), last, component.kind, symbols);
                show_others(&levels, component.kind, symbols);
            }),
            Pass::Firsts => self.interleaved(|component, last, block| {
                let first = steps.of(component.kind).first(block);
                show_first(first, last, component.kind, symbols);
            }),
            Pass::Band(band) => {
                if let Some(component) = self.components.get(band.component) {
                    let mut coder = Coder::new(band, component.kind);
                    component.levels(1, steps, |levels| {
                        coder.block(levels, |low| levels.significant(low), symbols);
                    });
                    coder.end_run(symbols);
                }
            }
        }
    }

    /// Counts bands of one component side by side, in one row of blocks out of so many. No band leaves more than one bit for
    /// later.
    pub(super) fn count_bands(&self, bands: &[Band], of: usize, steps: &BothSteps) -> Vec<Counts> {
        let component = bands
            .first()
            .and_then(|band| self.components.get(band.component));
        let Some(component) = component else {
            return Vec::new();
        };
        let start = |band: &Band| (Coder::new(*band, component.kind), Counts::default());
        let mut coders: Vec<_> = bands.iter().map(start).collect();
        component.levels(of, steps, |levels| {
            let masks = [0, 1].map(|low| levels.significant(low));
            let significant = |low| masks.get(usize::from(low)).copied().unwrap_or(0);
            for (coder, counts) in &mut coders {
                coder.block(levels, significant, counts);
            }
        });
        let ended = coders.into_iter().map(|(mut coder, mut counts)| {
            coder.end_run(&mut counts);
            counts
        });
        ended.collect()
    }

    /// Shows all blocks unit by unit (T.81 §A.2.3), each with the place of its component's last first coefficient.
    fn interleaved(&self, mut show: impl FnMut(&Component, &mut i32, &Block)) {
        let mut last = [0; 3];
        let units = self.components.first().map_or(0, Component::units);
        let across = self.components.first().map_or(0, Component::units_across);
        let (mut row, mut column) = (0_usize, 0_usize);
        for _ in 0..units {
            for (component, last) in self.components.iter().zip(&mut last) {
                component.unit(row, column, |block| show(component, last, block));
            }
            column = column.saturating_add(1);
            if column == across {
                (row, column) = (row.saturating_add(1), 0);
            }
        }
    }
}

impl Component {
    fn units_across(&self) -> usize {
        self.across.checked_div(self.factor).unwrap_or(0)
    }

    fn units(&self) -> usize {
        let blocks = self.factor.saturating_mul(self.factor);
        self.blocks.len().checked_div(blocks).unwrap_or(0)
    }

    /// Shows the blocks of one unit.
    fn unit(&self, row: usize, column: usize, mut show: impl FnMut(&Block)) {
        let left = column.saturating_mul(self.factor);
        let top = row.saturating_mul(self.factor);
        for row in top..top.saturating_add(self.factor) {
            let begin = row.saturating_mul(self.across).saturating_add(left);
            let end = begin.saturating_add(self.factor);
            for block in self.blocks.get(begin..end).unwrap_or_default() {
                show(block);
            }
        }
    }

    /// Shows the blocks row by row, quantised, without those that only fill up the units: a component alone in its scan has
    /// none of these (T.81 §A.2.2). Of rows, one out of so many.
    fn levels(&self, one_of: usize, steps: &BothSteps, mut show: impl FnMut(&Levels)) {
        let steps = steps.of(self.kind);
        let (across, down) = self.own;
        let rows = self.blocks.chunks_exact(self.across).take(down);
        for row in rows.step_by(one_of) {
            for block in row.iter().take(across) {
                show(&steps.quantised(block));
            }
        }
    }
}
