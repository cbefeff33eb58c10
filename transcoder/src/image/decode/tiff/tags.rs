//! The fields that are read of a page, and those of their values that have a name here (TIFF 6.0 §8 where not said otherwise).

pub(super) const BITS_PER_SAMPLE: u16 = 258;
pub(super) const COMPRESSION: u16 = 259;
pub(super) const PHOTOMETRIC_INTERPRETATION: u16 = 262;
pub(super) const FILL_ORDER: u16 = 266;
pub(super) const STRIP_OFFSETS: u16 = 273;
pub(super) const SAMPLES_PER_PIXEL: u16 = 277;
pub(super) const ROWS_PER_STRIP: u16 = 278;
pub(super) const STRIP_BYTE_COUNTS: u16 = 279;
pub(super) const PLANAR_CONFIGURATION: u16 = 284;
/// TIFF 6.0 §11.
pub(super) const T4_OPTIONS: u16 = 292;
/// TIFF 6.0 §11.
pub(super) const T6_OPTIONS: u16 = 293;
/// TIFF 6.0 §14.
pub(super) const PREDICTOR: u16 = 317;
pub(super) const COLOR_MAP: u16 = 320;
/// TIFF 6.0 §15.
pub(super) const TILE_WIDTH: u16 = 322;
/// TIFF 6.0 §15.
pub(super) const TILE_LENGTH: u16 = 323;
/// TIFF 6.0 §15.
pub(super) const TILE_OFFSETS: u16 = 324;
/// TIFF 6.0 §15.
pub(super) const TILE_BYTE_COUNTS: u16 = 325;
/// TIFF 6.0 §16.
pub(super) const INK_SET: u16 = 332;
pub(super) const EXTRA_SAMPLES: u16 = 338;
/// TIFF 6.0 §19.
pub(super) const SAMPLE_FORMAT: u16 = 339;
/// TIFF Technical Note 2.
pub(super) const JPEG_TABLES: u16 = 347;
/// TIFF 6.0 §21.
pub(super) const YCBCR_COEFFICIENTS: u16 = 529;
/// TIFF 6.0 §21.
pub(super) const YCBCR_SUB_SAMPLING: u16 = 530;
/// TIFF 6.0 §20.
pub(super) const REFERENCE_BLACK_WHITE: u16 = 532;
/// ICC.1 §B.4 (TIFF).
pub(super) const ICC_PROFILE: u16 = 34_675;
