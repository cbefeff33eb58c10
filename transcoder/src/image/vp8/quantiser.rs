//! What coefficients are multiplied with (RFC 6386 §9.6 and §14.1).

/// RFC 6386 §14.1: for the first coefficient.
const DC: [i16; 128] = [
    4, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 17, 17, 18, 19, 20, 20, 21, 21, 22, 22, 23,
    23, 24, 25, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 37, 38, 39, 40, 41, 42, 43, 44,
    45, 46, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65, 66, 67,
    68, 69, 70, 71, 72, 73, 74, 75, 76, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 91,
    93, 95, 96, 98, 100, 101, 102, 104, 106, 108, 110, 112, 114, 116, 118, 122, 124, 126, 128, 130,
    132, 134, 136, 138, 140, 143, 145, 148, 151, 154, 157,
];

/// RFC 6386 §14.1: for the others.
const AC: [i16; 128] = [
    4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
    29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
    53, 54, 55, 56, 57, 58, 60, 62, 64, 66, 68, 70, 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 94,
    96, 98, 100, 102, 104, 106, 108, 110, 112, 114, 116, 119, 122, 125, 128, 131, 134, 137, 140,
    143, 146, 149, 152, 155, 158, 161, 164, 167, 170, 173, 177, 181, 185, 189, 193, 197, 201, 205,
    209, 213, 217, 221, 225, 229, 234, 239, 245, 249, 254, 259, 264, 269, 274, 279, 284,
];

/// The first coefficient's step and the others', for each kind of block.
#[derive(Clone, Copy)]
pub(super) struct Steps {
    pub(super) luma: [i16; 2],
    /// Of the block that the first coefficients of luma come in.
    pub(super) second: [i16; 2],
    pub(super) chroma: [i16; 2],
}

/// RFC 6386 §9.6: what is added to the index for some kinds of coefficients.
#[derive(Clone, Copy)]
pub(super) struct Deltas {
    pub(super) luma_dc: i16,
    pub(super) second: [i16; 2],
    pub(super) chroma: [i16; 2],
}

impl Deltas {
    /// The same index for all.
    pub(super) const NONE: Self = Self {
        luma_dc: 0,
        second: [0; 2],
        chroma: [0; 2],
    };

    /// The steps for the index `base`.
    pub(super) fn steps(&self, base: i16) -> Steps {
        let [second_dc, second_ac] = self.second.map(|delta| base.wrapping_add(delta));
        let [chroma_dc, chroma_ac] = self.chroma.map(|delta| base.wrapping_add(delta));
        let luma_dc = base.wrapping_add(self.luma_dc);
        let second_ac = i32::from(step(&AC, second_ac)).wrapping_mul(155) / 100;
        Steps {
            luma: [step(&DC, luma_dc), step(&AC, base)],
            second: [
                step(&DC, second_dc).wrapping_mul(2),
                i16::try_from(second_ac).unwrap_or(i16::MAX).max(8),
            ],
            chroma: [step(&DC, chroma_dc).min(132), step(&AC, chroma_ac)],
        }
    }
}

/// The step of an index, which is cut to those that there are.
fn step(steps: &[i16; 128], index: i16) -> i16 {
    let index = usize::try_from(index.clamp(0, 127)).unwrap_or(0);
    steps.get(index).copied().unwrap_or_default()
}
