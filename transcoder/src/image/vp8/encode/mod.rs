//! VP8 key frames (RFC 6386), which lossy WebP files are, written.

mod bools;
mod choose;
mod coded;
mod colour;
mod costs;
mod encoder;
mod estimate;
mod frame;
mod modes;
mod parts;
mod quantise;
mod samples;
mod statistics;
mod tokens;
mod transform;
mod trial;
mod whole;

pub(in crate::image) use self::encoder::Encoder;
pub(in crate::image) use self::quantise::Coarseness;

#[cfg(test)]
mod tests;
