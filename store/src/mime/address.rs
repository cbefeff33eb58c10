//! Address lists of a header (RFC 5322 §3.4), as ENVELOPE wants them: names unquoted, comments read as names where there is
//! none, groups marked by addresses without a host (RFC 3501 §7.4.2).

/// One address of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The display name.
    pub(crate) name: Option<Vec<u8>>,
    /// Before the `@`; a group's name where there is no host; nothing at a group's end.
    pub(crate) local: Option<Vec<u8>>,
    /// After the `@`.
    pub(crate) host: Option<Vec<u8>>,
}

/// Addresses of one field that are read.
const MOST_ADDRESSES: usize = 1000;

/// Reads an unfolded address list. What makes no sense is passed over.
pub(crate) fn addresses(text: &[u8]) -> Vec<Entry> {
    let mut reader = Reader {
        rest: text,
        ..Reader::default()
    };
    while reader.entries.len() < MOST_ADDRESSES && reader.step() {}
    reader.end_address();
    reader.entries
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a [u8],
    entries: Vec<Entry>,
    /// Words so far: a display name, if `<` or `:` follows.
    phrase: Vec<u8>,
    /// The same without blanks: an address, if it has an `@`.
    address: Vec<u8>,
    /// Where in `address` the `@` stands.
    at: Option<usize>,
    /// What was between `<` and `>`: address and place of the `@`.
    angle: Option<(Vec<u8>, Option<usize>)>,
    comment: Option<Vec<u8>>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn step(&mut self) -> bool {
        let Some(octet) = self.next() else {
            return false;
        };
        match octet {
            b',' => self.end_address(),
            b';' => {
                self.end_address();
                self.entries.push(Entry::default());
            }
            b':' => self.begin_group(),
            b'<' => self.angle(),
            b'(' => self.comment = Some(self.comment_text()),
            b'"' => {
                let text = self.quoted();
                self.word(&text);
            }
            b' ' | b'\t' => {
                if !self.phrase.is_empty() && !self.phrase.ends_with(b" ") {
                    self.phrase.push(b' ');
                }
            }
            b'@' => {
                self.at = Some(self.address.len());
                self.word(b"@");
            }
            _ => self.word(&[octet]),
        }
        true
    }

    fn word(&mut self, text: &[u8]) {
        self.phrase.extend_from_slice(text);
        self.address.extend_from_slice(text);
    }

    fn begin_group(&mut self) {
        let name = self.phrase.trim_ascii().to_vec();
        self.forget();
        self.entries.push(Entry {
            local: Some(name),
            ..Entry::default()
        });
    }

    fn end_address(&mut self) {
        let phrase = Some(self.phrase.trim_ascii().to_vec()).filter(|phrase| !phrase.is_empty());
        let comment = self.comment.take();
        let (name, address, at) = match self.angle.take() {
            Some((address, at)) => (phrase.or(comment), address, at),
            None => (comment, std::mem::take(&mut self.address), self.at),
        };
        self.forget();
        if address.is_empty() && name.is_none() {
            return;
        }
        let (local, host) = match at {
            Some(at) => (address[..at].to_vec(), address[at + 1..].to_vec()),
            None => (address, Vec::new()),
        };
        self.entries.push(Entry {
            name,
            local: Some(local),
            host: Some(host),
        });
    }

    fn forget(&mut self) {
        self.phrase.clear();
        self.address.clear();
        self.at = None;
        self.comment = None;
    }

    fn angle(&mut self) {
        let mut address = Vec::new();
        let mut at = None;
        while let Some(octet) = self.next() {
            match octet {
                b'>' => break,
                b'"' => address.extend(self.quoted()),
                b'(' => drop(self.comment_text()),
                b' ' | b'\t' => {}
                // RFC 5322 §4.4: an obsolete route before the address is ignored.
                b':' if address.first() == Some(&b'@') => {
                    address.clear();
                    at = None;
                }
                b'@' => {
                    at = Some(address.len());
                    address.push(octet);
                }
                _ => address.push(octet),
            }
        }
        self.angle = Some((address, at));
    }

    fn quoted(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        while let Some(octet) = self.next() {
            match octet {
                b'"' => break,
                b'\\' => text.extend(self.next()),
                _ => text.push(octet),
            }
        }
        text
    }

    fn comment_text(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 1_u32;
        while let Some(octet) = self.next() {
            match octet {
                b'\\' => {
                    text.extend(self.next());
                    continue;
                }
                b'(' => depth += 1,
                b')' if depth == 1 => break,
                b')' => depth -= 1,
                _ => {}
            }
            text.push(octet);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(part: Option<&Vec<u8>>) -> String {
        part.map_or_else(
            || "NIL".to_owned(),
            |octets| String::from_utf8_lossy(octets).into_owned(),
        )
    }

    fn read(list: &str) -> Vec<String> {
        let entries = addresses(list.as_bytes());
        let written = entries.iter().map(|entry| {
            format!(
                "{}|{}|{}",
                text(entry.name.as_ref()),
                text(entry.local.as_ref()),
                text(entry.host.as_ref())
            )
        });
        written.collect()
    }

    #[test]
    fn the_forms_of_rfc_5322_are_read() {
        assert_eq!(read("a@b.c"), ["NIL|a|b.c"]);
        assert_eq!(
            read("Ann B <a@b>, \"C, D\" <c@d>"),
            ["Ann B|a|b", "C, D|c|d"]
        );
        assert_eq!(read("a@b (Ann (B))"), ["Ann (B)|a|b"]);
        assert_eq!(read("<@x,@y:a@b>"), ["NIL|a|b"]);
        assert_eq!(
            read("Friends: a@b, C <c@d>;, e@f"),
            [
                "NIL|Friends|NIL",
                "NIL|a|b",
                "C|c|d",
                "NIL|NIL|NIL",
                "NIL|e|f"
            ]
        );
        assert_eq!(read("\"a@x\"@b"), ["NIL|a@x|b"]);
        assert_eq!(read("undisclosed"), ["NIL|undisclosed|"]);
        assert!(read(" , ,").is_empty());
    }

    #[test]
    fn unfinished_lists_end() {
        for list in ["\"", "<", "(", "a@", "<a@", "(\\", ":", ";", "<@:"] {
            read(list);
        }
    }
}
