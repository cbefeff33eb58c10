//! Another rate: a polyphase filter, a sinc under a Kaiser window, from block to block.
//!
//! The output's grid lies on the input's at phases that repeat; each has its row of coefficients. Where there are more
//! phases than [`MOST_ROWS`] (odd rates only), the nearest row is taken: an error below -55 dB at the very top of the band.

use zeroize::Zeroizing;

use super::decode::Mono;
use crate::budget::Budget;
use crate::refusal::Refusal;

/// Rows of coefficients at most.
const MOST_ROWS: u32 = 640;

/// Zero crossings on each side of the sinc.
const CROSSINGS: f64 = 16.0;

/// The shape of the window: stops below -80 dB.
const BETA: f64 = 8.0;

/// Where the band ends, of the lower Nyquist frequency: the filter's slope lies between this and the whole.
const PASSED: f64 = 0.92;

/// Samples multiplied at once.
const LANES: usize = 8;

/// Takes blocks at one rate and gives them at another.
pub(super) enum Resampler {
    /// The rates are the same.
    Same,
    /// They are not.
    Filter(Box<Filter>),
}

/// The filter and where it stands.
pub(super) struct Filter {
    rows: Vec<Zeroizing<Vec<f32>>>,
    /// Reduced: `up` outputs for `down` inputs.
    up: u64,
    down: u64,
    taps: usize,
    /// The input from the first sample that the next output needs.
    held: Mono,
    /// Where in its input sample the next output lies, in `up`ths.
    phase: u64,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// A filter from `from` to `to` samples per second.
    ///
    /// # Errors
    /// When its coefficients cost more memory than the budget has.
    pub(super) fn new(from: u32, to: u32, budget: &mut Budget) -> Result<Self, Refusal> {
        if from == to {
            return Ok(Self::Same);
        }
        let common = common_divisor(from, to);
        let up = to.checked_div(common).ok_or(Refusal::Unsupported)?;
        let down = from.checked_div(common).ok_or(Refusal::Unsupported)?;
        let cutoff = PASSED * (f64::from(to) / f64::from(from)).min(1.0);
        let taps = taps(cutoff);
        let rows = up.min(MOST_ROWS);
        let mut table = Vec::new();
        for row in 0..rows {
            let mut coefficients = budget.room(taps)?;
            fill(
                &mut coefficients,
                taps,
                cutoff,
                f64::from(row) / f64::from(rows),
            );
            table.push(coefficients);
        }
        let mut held = Mono::default();
        held.resize((taps / 2).saturating_sub(1), 0.0);
        Ok(Self::Filter(Box::new(Filter {
            rows: table,
            up: u64::from(up),
            down: u64::from(down),
            taps,
            held,
            phase: 0,
            taken: 0,
            given: 0,
        })))
    }

    /// Takes `block`, and gives what can be said by now.
    pub(super) fn push(&mut self, block: Mono) -> Mono {
        match self {
            Self::Same => block,
            Self::Filter(filter) => {
                filter.taken = filter
                    .taken
                    .saturating_add(super::decode::octets_of(block.len()));
                filter.held.extend_from_slice(&block);
                filter.run(u64::MAX)
            }
        }
    }

    /// The rest, once there is no more.
    pub(super) fn finish(self) -> Mono {
        match self {
            Self::Same => Mono::default(),
            Self::Filter(mut filter) => {
                let silence = filter.held.len().saturating_add(filter.taps);
                filter.held.resize(silence, 0.0);
                let all = rescaled(filter.taken, filter.up, filter.down);
                filter.run(all)
            }
        }
    }
}

/// How many samples `taken` become, rounded up.
pub(super) fn rescaled(taken: u64, up: u64, down: u64) -> u64 {
    taken.saturating_mul(up).div_ceil(down.max(1))
}

impl Filter {
    /// Outputs while there is input for them, up to `all` since the beginning.
    fn run(&mut self, all: u64) -> Mono {
        let mut out = Mono::default();
        let mut at = 0_usize;
        while self.given < all {
            let Some(window) = at
                .checked_add(self.taps)
                .and_then(|end| self.held.get(at..end))
            else {
                break;
            };
            out.push(dot(self.row(), window));
            self.given = self.given.saturating_add(1);
            let phase = self.phase.saturating_add(self.down);
            let steps = phase.checked_div(self.up).unwrap_or(0);
            self.phase = phase.checked_rem(self.up).unwrap_or(0);
            at = at.saturating_add(usize::try_from(steps).unwrap_or(usize::MAX));
        }
        // What is behind is not needed again. A step is shorter than the filter, so it never leads beyond what is held.
        let behind = at.min(self.held.len());
        self.held.drain(..behind);
        out
    }

    fn row(&self) -> &[f32] {
        let rows = super::decode::octets_of(self.rows.len());
        let row = self.phase.saturating_mul(rows).checked_div(self.up);
        row.and_then(|row| self.rows.get(usize::try_from(row).ok()?))
            .map_or(&[], |row| row.as_slice())
    }
}

fn dot(row: &[f32], window: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (a, b) in row.chunks_exact(LANES).zip(window.chunks_exact(LANES)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// The filter's length: even, and whole lanes.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 35 and 1,600: rates differ by 48 at most"
)]
fn taps(cutoff: f64) -> usize {
    ((2.0 * CROSSINGS / cutoff).ceil() as usize).next_multiple_of(LANES)
}

/// One row: the coefficients for an output that lies `phase` behind the sample in the middle.
fn fill(row: &mut Vec<f32>, taps: usize, cutoff: f64, phase: f64) {
    let half = u32::try_from(taps / 2).map_or(1.0, f64::from);
    let raw = |tap: u32| {
        let t = f64::from(tap) - (half - 1.0) - phase;
        sinc(cutoff * t) * kaiser(t / half)
    };
    let taps = u32::try_from(taps).unwrap_or(0);
    let sum: f64 = (0..taps).map(raw).sum();
    row.extend((0..taps).map(|tap| narrowed(raw(tap) / sum)));
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a coefficient needs no more than single precision"
)]
fn narrowed(coefficient: f64) -> f32 {
    coefficient as f32
}

fn sinc(x: f64) -> f64 {
    let x = x * std::f64::consts::PI;
    if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
}

fn kaiser(x: f64) -> f64 {
    let inside = 1.0 - x * x;
    if inside <= 0.0 {
        return 0.0;
    }
    bessel(BETA * inside.sqrt()) / bessel(BETA)
}

/// The modified Bessel function of the first kind, order 0, by its series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..40_u32 {
        let factor = x / (2.0 * f64::from(k));
        term *= factor * factor;
        sum += term;
    }
    sum
}

fn common_divisor(mut a: u32, mut b: u32) -> u32 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a
}
