//! Markup cut into tags and text. One pass, no copy, and no more than a few attributes held of a tag however many it has.

use super::attributes::{Attributes, scan};

/// A stretch of markup. Text still has its references.
pub(super) enum Token<'a> {
    Text(&'a str),
    /// What stands in `<title>`.
    Title(&'a str),
    Start(Tag<'a>),
    /// The name of what ends.
    End(&'a str),
}

/// A start tag.
pub(super) struct Tag<'a> {
    pub(super) name: &'a str,
    attributes: Attributes<'a>,
}

impl<'a> Tag<'a> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of the first attribute of this name, with its references.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut all = self.attributes.iter();
        let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }
}

pub(super) struct Tokens<'a> {
    rest: &'a str,
    syntax: Syntax,
}

/// By which rules a tag ends.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Syntax {
    Html,
    /// `<script/>` has no content, so what follows is not its.
    Xml,
}

/// Elements whose content is no markup (HTML standard §13.2.5.2 and 5) and not for a reader.
const RAW: [&str; 7] = [
    "script", "style", "xmp", "iframe", "noembed", "noframes", "textarea",
];

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str, syntax: Syntax) -> Self {
        Self { rest: text, syntax }
    }

    fn take(&mut self, len: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(len).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// What begins with `<`; `None` where that is only text.
    fn markup(&mut self) -> Option<Piece<'a>> {
        let after = self.rest.get(1..)?;
        let first = after.bytes().next()?;
        match first {
            b'a'..=b'z' | b'A'..=b'Z' => Some(self.start_tag(after)),
            b'/' => {
                let name = after.get(1..)?;
                match name.bytes().next()? {
                    b'a'..=b'z' | b'A'..=b'Z' => Some(self.end_tag(name)),
                    _ => Some(self.skip_until(">")),
                }
            }
            b'!' if after.starts_with("!--") => Some(self.comment(after)),
            b'!' | b'?' => Some(self.skip_until(">")),
            _ => None,
        }
    }

    fn start_tag(&mut self, after: &'a str) -> Piece<'a> {
        let (name, written) = named(after);
        let Some((attributes, rest)) = scan(written) else {
            // A tag that never ends is no tag, and nothing comes after it.
            self.rest = "";
            return Piece::Nothing;
        };
        self.rest = rest;
        let own = written.len().saturating_sub(rest.len());
        let closed = written.get(..own).is_some_and(|own| own.ends_with("/>"));
        if closed && self.syntax == Syntax::Xml && has_raw_content(name) {
            return Piece::Nothing;
        }
        if name.eq_ignore_ascii_case("title") {
            return Piece::Token(Token::Title(self.raw(name)));
        }
        if name.eq_ignore_ascii_case("plaintext") {
            let len = self.rest.len();
            return Piece::Token(Token::Text(self.take(len)));
        }
        if has_raw_content(name) {
            self.raw(name);
            return Piece::Nothing;
        }
        Piece::Token(Token::Start(Tag { name, attributes }))
    }

    fn end_tag(&mut self, name: &'a str) -> Piece<'a> {
        let (name, attributes) = named(name);
        match scan(attributes) {
            Some((_, rest)) => {
                self.rest = rest;
                Piece::Token(Token::End(name))
            }
            None => {
                self.rest = "";
                Piece::Nothing
            }
        }
    }

    /// What stands before the end tag of `name`; that is passed over.
    fn raw(&mut self, name: &str) -> &'a str {
        let mut searched = 0_usize;
        while let Some(found) = self.rest.get(searched..).and_then(|rest| rest.find("</")) {
            let at = searched.saturating_add(found);
            let own = at.saturating_add(2);
            let end = own.saturating_add(name.len());
            let is_name = self
                .rest
                .get(own..end)
                .is_some_and(|own| own.eq_ignore_ascii_case(name));
            let after = self.rest.get(end..).and_then(|rest| rest.bytes().next());
            if is_name && after.is_none_or(ends_name) {
                let content = self.take(at);
                self.skip_until(">");
                return content;
            }
            searched = own;
        }
        let len = self.rest.len();
        self.take(len)
    }

    /// HTML standard §13.2.5.43 to 52.
    fn comment(&mut self, after: &'a str) -> Piece<'a> {
        let begun = after.get("!--".len()..).unwrap_or_default();
        if begun.starts_with('>') || begun.starts_with("->") {
            return self.skip_until(">");
        }
        let mut dashes = begun.match_indices('-').map(|(at, _)| begun.get(at..));
        self.rest = dashes
            .find_map(|rest| {
                let rest = rest?.strip_prefix("--")?;
                rest.strip_prefix('>').or_else(|| rest.strip_prefix("!>"))
            })
            .unwrap_or_default();
        Piece::Nothing
    }

    fn skip_until(&mut self, end: &str) -> Piece<'a> {
        self.rest = self.rest.split_once(end).map_or("", |(_, rest)| rest);
        Piece::Nothing
    }
}

enum Piece<'a> {
    Token(Token<'a>),
    /// It says nothing to a reader.
    Nothing,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while !self.rest.is_empty() {
            if !self.rest.starts_with('<') {
                let len = self.rest.find('<').unwrap_or(self.rest.len());
                return Some(Token::Text(self.take(len)));
            }
            match self.markup() {
                Some(Piece::Token(token)) => return Some(token),
                Some(Piece::Nothing) => {}
                None => return Some(Token::Text(self.take(1))),
            }
        }
        None
    }
}

fn has_raw_content(name: &str) -> bool {
    let mut known = RAW.iter().chain(&["title"]);
    known.any(|raw| raw.eq_ignore_ascii_case(name))
}

/// The name that `text` begins with, and what follows.
fn named(text: &str) -> (&str, &str) {
    let end = text.bytes().position(ends_name).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn ends_name(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c' | b'/' | b'>')
}
