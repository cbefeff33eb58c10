//! The scans of a file: the one of a sequential file, or those of a progressive one by which it is shortest. One
//! quantisation serves both, so which it is costs nothing but octets.

use super::bands::{Band, Turn};
use super::scan::{BothSteps, Pass, Scan};
use super::{Layout, Transformed};

/// The last coefficient.
const LAST: u8 = 63;

/// Behind which coefficient light is cut into two bands, and how many of its lowest bits come later. More choices than these
/// shorten a file by less than a thousandth.
const CUTS: [u8; 2] = [2, 8];
const LOWS: [u8; 2] = [0, 1];

/// The same for colour, which has too little in it for more; zero: it is not cut.
const COLOUR_CUTS: [u8; 2] = [0, 2];

/// How many rows of blocks are counted to choose by, and a few more.
const SAMPLED: usize = 8;

/// Bands that bring all of a component.
type Way = Vec<Band>;

impl Transformed {
    /// The scans of the shortest progressive file, as far as some of the blocks tell.
    pub(super) fn progressive(&self, steps: &BothSteps) -> Layout {
        let mut passes = vec![Pass::Firsts];
        for component in 0..self.components.len() {
            let ways = if component == 0 {
                light(component)
            } else {
                colour(component)
            };
            let shortest = self.shortest_way(component, ways, steps);
            passes.extend(shortest.into_iter().map(Pass::Band));
        }
        Layout(passes)
    }

    /// The one of the ways of coding a component that takes fewest octets.
    fn shortest_way(&self, component: usize, ways: Vec<Way>, steps: &BothSteps) -> Way {
        let mut bands: Vec<Band> = Vec::new();
        for band in ways.iter().flatten() {
            if !bands.contains(band) {
                bands.push(*band);
            }
        }
        let of = self.components.get(component);
        let rows = of.map_or(0, |component| component.own.1);
        let one_of = (rows / SAMPLED).max(1);
        let share = u64::try_from(one_of).unwrap_or(1);
        let counts = self.count_bands(&bands, one_of, steps);
        let scans = bands.iter().zip(&counts);
        let scans = scans.map(|(band, counts)| Scan::of(Pass::Band(*band), counts, 1));
        let scans: Vec<Scan> = scans.collect();
        let octets = |band: &Band| {
            let scan = scans.iter().find(|scan| scan.pass == Pass::Band(*band));
            let all = |scan: &Scan| scan.coded.saturating_mul(share);
            scan.map_or(u64::MAX, |scan| all(scan).saturating_add(scan.header))
        };
        let total = |way: &Way| way.iter().map(octets).fold(0, u64::saturating_add);
        ways.into_iter().min_by_key(total).unwrap_or_default()
    }
}

/// All ways for light.
pub(super) fn light(component: usize) -> Vec<Way> {
    let pairs = LOWS.into_iter().flat_map(|low| CUTS.map(|cut| (low, cut)));
    pairs.map(|(low, cut)| way(component, cut, low)).collect()
}

/// All ways for colour.
pub(super) fn colour(component: usize) -> Vec<Way> {
    COLOUR_CUTS.map(|cut| way(component, cut, 0)).into()
}

/// The bands of a component that is cut behind one of its coefficients, and of which so many low bits come later.
fn way(component: usize, cut: u8, low: u8) -> Way {
    let band = |from, to, turn, low| Band {
        component,
        from,
        to,
        turn,
        low,
    };
    let mut way = Vec::new();
    if cut > 0 {
        way.push(band(1, cut, Turn::Initial, low));
    }
    way.push(band(cut.saturating_add(1), LAST, Turn::Initial, low));
    for low in (0..low).rev() {
        way.push(band(1, LAST, Turn::Refining, low));
    }
    way
}
