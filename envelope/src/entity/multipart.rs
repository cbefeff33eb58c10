//! The parts of a multipart body (RFC 2046 §5.1).

use super::field::next_line;

/// The parts between the delimiters of `boundary`, in order. Preamble and epilogue are passed over; a last part whose
/// closing delimiter is missing goes to the end.
pub(super) fn parts<'a, 'b>(body: &'a [u8], boundary: &'b str) -> Parts<'a, 'b> {
    let mut parts = Parts {
        rest: body,
        boundary: boundary.as_bytes(),
        open: true,
    };
    let _preamble = parts.up_to_delimiter();
    parts
}

/// A line, seen by its boundary.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Line {
    Ordinary,
    Delimiter,
    Close,
}

/// Finds one part after the other.
pub(super) struct Parts<'a, 'b> {
    rest: &'a [u8],
    boundary: &'b [u8],
    /// Whether another part follows.
    open: bool,
}

impl<'a> Iterator for Parts<'a, '_> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.open.then(|| self.up_to_delimiter())
    }
}

impl<'a> Parts<'a, '_> {
    /// What stands before the next delimiter, without the line end that belongs to the delimiter.
    fn up_to_delimiter(&mut self) -> &'a [u8] {
        let start = self.rest;
        loop {
            let before = start.len().saturating_sub(self.rest.len());
            let Some(line) = next_line(&mut self.rest) else {
                self.open = false;
                return start;
            };
            let kind = self.kind(line);
            if kind == Line::Ordinary {
                continue;
            }
            self.open = kind == Line::Delimiter;
            let part = start.get(..before).unwrap_or_default();
            let part = part.strip_suffix(b"\n").unwrap_or(part);
            return part.strip_suffix(b"\r").unwrap_or(part);
        }
    }

    /// RFC 2046 §5.1.1: two hyphens, the boundary, perhaps two more, white space.
    fn kind(&self, line: &[u8]) -> Line {
        let after = line
            .strip_prefix(b"--")
            .and_then(|line| line.strip_prefix(self.boundary));
        let Some(after) = after else {
            return Line::Ordinary;
        };
        let (kind, padding) = match after.strip_prefix(b"--") {
            Some(padding) => (Line::Close, padding),
            None => (Line::Delimiter, after),
        };
        let blank = padding.iter().all(|octet| matches!(octet, b' ' | b'\t'));
        if blank { kind } else { Line::Ordinary }
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    fn split(body: &str) -> Vec<String> {
        parts(body.as_bytes(), "b")
            .map(|part| String::from_utf8(part.to_vec()).unwrap())
            .collect()
    }

    #[test]
    fn delimiters_take_the_line_end_before_them() {
        assert_eq!(
            split("pre\r\n--b\r\none\r\n\r\n--b \t\r\ntwo\r\n--b--\r\nepilogue\r\n--b\r\nno"),
            ["one\r\n", "two"]
        );
        assert_eq!(split("--b\none\n--b--"), ["one"]);
        assert_eq!(split("--b\r\n--b\r\n--b--"), ["", ""]);
    }

    #[test]
    fn what_only_looks_like_a_delimiter_is_content() {
        assert_eq!(
            split("--b\r\n--bc\r\n --b\r\n-b\r\n--b--x\r\n--b--"),
            ["--bc\r\n --b\r\n-b\r\n--b--x"]
        );
    }

    #[test]
    fn a_missing_close_ends_with_the_body() {
        assert_eq!(split("--b\r\none"), ["one"]);
        assert!(split("no delimiter").is_empty());
        assert!(split("").is_empty());
    }
}
