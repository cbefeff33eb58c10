//! How long a result is made, so that its length tells little.

/// The padded length of a result of `len` octets: Padmé over a floor of 4096.
#[must_use]
pub fn padded_len(_len: usize) -> usize {
    todo!()
}
