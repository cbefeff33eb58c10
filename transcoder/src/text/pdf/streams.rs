//! What the streams of a PDF inflate to, measured before anybody keeps it: the library that reads them takes memory as it goes.

use flate2::{Decompress, FlushDecompress, Status};
use zeroize::Zeroizing;

use crate::budget::Budget;
use crate::refusal::Refusal;

/// Octets that are inflated at a time, to be forgotten.
const RUN: usize = 64 * 1024;

/// Names of filters that make much of little, in the two spellings of each (ISO 32000-1 table 6 and 94).
const FILTERS: [&[u8]; 6] = [
    b"/FlateDecode",
    b"/Fl ",
    b"/LZWDecode",
    b"/LZW ",
    b"/RunLengthDecode",
    b"/RL ",
];
/// How far before a stream its dictionary is looked for.
const DICTIONARY: usize = 1024;

/// Pays for what all streams inflate to.
///
/// # Errors
/// [`Refusal::Exceeded`]: more than the budget has. [`Refusal::Unsupported`]: one stream is deflated twice, which no program does
/// that means well.
pub(super) fn measure(octets: &[u8], budget: &mut Budget) -> Result<(), Refusal> {
    let mut rest = octets;
    while let Some(at) = next_stream(rest) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        let dictionary = before.len().saturating_sub(DICTIONARY);
        let dictionary = before.get(dictionary..).unwrap_or_default();
        if times_filtered(dictionary) > 1 {
            return Err(Refusal::Unsupported);
        }
        let content = from.get(STREAM.len()..).unwrap_or_default();
        let content = content
            .strip_prefix(b"\r\n")
            .or_else(|| content.strip_prefix(b"\n"))
            .or_else(|| content.strip_prefix(b"\r"))
            .unwrap_or(content);
        let read = inflated(content, budget)?;
        rest = content.get(read..).unwrap_or_default();
    }
    Ok(())
}

const STREAM: &[u8] = b"stream";

/// Where `stream` stands next that is not the end of `endstream`.
fn next_stream(octets: &[u8]) -> Option<usize> {
    let mut from = 0_usize;
    loop {
        let found = octets
            .get(from..)?
            .windows(STREAM.len())
            .position(|window| window == STREAM)?;
        let at = from.checked_add(found)?;
        if !octets.get(..at)?.ends_with(b"end") {
            return Some(at);
        }
        from = at.checked_add(STREAM.len())?;
    }
}

/// How many filters of the last dictionary inflate.
fn times_filtered(before: &[u8]) -> usize {
    let own = before.windows(3).rposition(|window| window == b"obj");
    let own = before.get(own.unwrap_or(0)..).unwrap_or_default();
    let times = FILTERS.iter().map(|filter| {
        let windows = own.windows(filter.len());
        windows.filter(|window| window == filter).count()
    });
    times.sum()
}

/// Inflates what `octets` begin with and pays for it; gives how many of them were read. What is not deflated costs nothing here: it
/// is no longer than the file.
fn inflated(octets: &[u8], budget: &mut Budget) -> Result<usize, Refusal> {
    let mut inflater = Decompress::new(true);
    let mut run = Zeroizing::new(vec![0_u8; RUN]);
    loop {
        let read = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
        let before = inflater.total_out();
        let rest = octets.get(read..).unwrap_or_default();
        let status = inflater.decompress(rest, &mut run, FlushDecompress::None);
        let made = inflater.total_out().saturating_sub(before);
        budget.take_memory(made)?;
        match status {
            Ok(Status::Ok) if made > 0 => {}
            Ok(Status::Ok | Status::BufError | Status::StreamEnd) | Err(_) => {
                let read = usize::try_from(inflater.total_in()).unwrap_or(usize::MAX);
                // Of what is no deflate some octets were read all the same: the next stream may be among them.
                return Ok(if inflater.total_out() > 0 { read } else { 0 });
            }
        }
    }
}
