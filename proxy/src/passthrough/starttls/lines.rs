//! Lines of SMTP out of a stream: ended by CRLF, bounded (RFC 5321 §2.3.8).

/// The octets of a line that has not ended.
#[derive(Debug, Default)]
pub(super) struct Lines {
    held: Vec<u8>,
}

/// The longest line that is taken: commands and replies have 512 octets (RFC 5321 §4.5.3.1), extensions some more.
const MOST_IN_LINE: usize = 2048;

/// A line without its CRLF is too long, or holds an octet that no line may.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoLine;

impl Lines {
    /// The next line without its CRLF, taken off `input`; `None`: it has not ended.
    pub(super) fn next(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, NoLine> {
        let end = input.iter().position(|octet| *octet == b'\n');
        let piece = end.map_or(input.len(), |end| end.saturating_add(1));
        let (piece, rest) = input.split_at_checked(piece).unwrap_or((input, &[]));
        if self.held.len().saturating_add(piece.len()) > MOST_IN_LINE {
            return Err(NoLine);
        }
        self.held.extend_from_slice(piece);
        *input = rest;
        if end.is_none() {
            return Ok(None);
        }
        let held = std::mem::take(&mut self.held);
        let line = held.strip_suffix(b"\r\n").ok_or(NoLine)?;
        if line.iter().any(|octet| matches!(octet, 0 | b'\r')) {
            return Err(NoLine);
        }
        Ok(Some(line.to_vec()))
    }
}
