//! The last rows in linear light, as many as one row of the result is made of.

use zeroize::Zeroizing;

use super::kernel::Window;
use super::zeros;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// Values that are summed side by side.
const LANES: usize = 16;

/// Rows in planes: all first samples, then all second ones. Each is written over the oldest.
pub(super) struct Ring {
    rows: Zeroizing<Vec<f32>>,
    row_len: usize,
    plane_len: usize,
    capacity: usize,
    /// How many rows were written in all.
    written: usize,
}

impl Ring {
    /// Room for `capacity` rows of `N` planes of at least `plane_len` values.
    pub(super) fn new<const N: usize>(
        plane_len: usize,
        capacity: usize,
        budget: &mut Budget,
    ) -> Result<Self, Refusal> {
        let plane_len = plane_len.next_multiple_of(LANES);
        let row_len = plane_len.saturating_mul(N);
        Ok(Self {
            rows: zeros(row_len.saturating_mul(capacity), budget)?,
            row_len,
            plane_len,
            capacity,
            written: 0,
        })
    }

    pub(super) fn row_len(&self) -> usize {
        self.row_len
    }

    pub(super) fn plane_len(&self) -> usize {
        self.plane_len
    }

    /// The place of the next row, which is written now: its planes, with what was there before.
    pub(super) fn next(&mut self) -> std::slice::ChunksExactMut<'_, f32> {
        let begin = self.begin(self.written);
        let end = begin.saturating_add(self.row_len);
        self.written = self.written.saturating_add(1);
        let row = self.rows.get_mut(begin..end).unwrap_or_default();
        row.chunks_exact_mut(self.plane_len)
    }

    fn begin(&self, row: usize) -> usize {
        let place = row.checked_rem(self.capacity).unwrap_or(0);
        place.saturating_mul(self.row_len)
    }

    /// Whether every row of `window` was written.
    pub(super) fn holds(&self, window: Window<'_>) -> bool {
        window.start.saturating_add(used(window).len()) <= self.written
    }

    /// Fills `sum` with the rows of `window`, each times its weight.
    pub(super) fn weighted(&self, window: Window<'_>, sum: &mut [f32]) {
        let rows = (window.start..).map(|row| {
            let begin = self.begin(row);
            let end = begin.saturating_add(self.row_len);
            let row = self.rows.get(begin..end).unwrap_or_default();
            row.as_chunks::<LANES>().0
        });
        let weighted: Vec<_> = rows.zip(used(window)).collect();
        for (at, sums) in sum.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
            let mut lanes = [0.0; LANES];
            for (row, weight) in &weighted {
                if let Some(values) = row.get(at) {
                    for (lane, value) in lanes.iter_mut().zip(values) {
                        *lane += value * **weight;
                    }
                }
            }
            *sums = lanes;
        }
    }
}

/// The weights of `window` without the zeros behind them.
fn used(window: Window<'_>) -> &[f32] {
    let last = window.weights.iter().rposition(|weight| *weight != 0.0);
    let len = last.map_or(0, |last| last.saturating_add(1));
    window.weights.get(..len).unwrap_or_default()
}
