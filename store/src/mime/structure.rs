//! Where the parts of a message begin and end, found in one pass over its lines (RFC 2046 §5.1), in memory that does not
//! depend on the message's size.

use std::io;
use std::ops::Range;
use std::path::Path;

use super::header::{DefaultType, Fields};
use super::transfer::TransferEncoding;
use crate::source::{LineEnds, Source};

/// How deep parts are looked into; what is deeper is one opaque part.
const DEEPEST: usize = 16;
/// Parts that are told apart in one message; what follows belongs to the last of them.
const MOST_PARTS: usize = 1000;
/// Octets of one header that are understood; all of it is served.
const LONGEST_HEADER: usize = 64 * 1024;
/// Octets of a line that are looked at. RFC 5322 §2.1.1 allows 998; boundaries have 70 (RFC 2046 §5.1.1).
const LONGEST_LINE: usize = 8 * 1024;

/// A message file's parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Structure {
    /// The message itself.
    pub(crate) message: Message,
    /// RFC822.SIZE
    pub(crate) octets: u64,
    /// How the file can be read.
    pub(crate) line_ends: LineEnds,
}

/// A message: the file's, or one inside a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The message as a part.
    pub(crate) root: Part,
    /// Its header, as far as it is understood.
    pub(crate) header: Vec<u8>,
}

/// One MIME entity.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The header with the empty line that ends it.
    pub(crate) header: Range<u64>,
    /// All after it, without the line end that belongs to the delimiter (RFC 2046 §5.1.1).
    pub(crate) body: Range<u64>,
    /// Line ends in the body.
    pub(crate) lines: u64,
    /// What its header says.
    pub(crate) fields: Fields,
    /// What is in it.
    pub(crate) content: Content,
}

/// What a part holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Octets.
    Leaf,
    /// Parts.
    Multipart(Vec<Part>),
    /// A message (message/rfc822).
    Message(Box<Message>),
}

impl Structure {
    /// Reads the message at `path` once.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut source = Source::open(path)?;
        let mut builder = Builder::new();
        while let Some(run) = source.next_run()? {
            builder.push(run);
        }
        let octets = builder.finish();
        Ok(Self {
            octets,
            line_ends: source.line_ends(),
            message: builder.message(0),
        })
    }

    /// The part that a list of part numbers names (RFC 3501 §6.4.5); none names the message itself.
    pub(crate) fn part(&self, numbers: impl IntoIterator<Item = u32>) -> Option<&Part> {
        let mut here = &self.message.root;
        let mut is_message = true;
        for number in numbers {
            let container = match &here.content {
                Content::Message(inner) if !is_message => {
                    is_message = true;
                    &inner.root
                }
                Content::Message(_) | Content::Leaf | Content::Multipart(_) => here,
            };
            here = match &container.content {
                Content::Multipart(children) => {
                    children.get(usize::try_from(number).ok()?.checked_sub(1)?)?
                }
                // Part 1 of a message that is no multipart is its body.
                Content::Leaf | Content::Message(_) if is_message && number == 1 => container,
                Content::Leaf | Content::Message(_) => return None,
            };
            is_message = false;
        }
        Some(here)
    }
}

/// An entity while its lines come by.
struct Entity {
    header: Range<u64>,
    body: Range<u64>,
    lines_before: u64,
    lines: u64,
    text: Vec<u8>,
    default: DefaultType,
    fields: Option<Fields>,
    shape: Shape,
    children: Vec<usize>,
}

enum Shape {
    InHeader,
    Leaf,
    Message,
    Multipart { delimiter: Vec<u8>, closed: Closed },
}

#[derive(PartialEq, Eq)]
enum Closed {
    No,
    Yes,
}

enum Delimiter {
    Next,
    Close,
}

struct Builder {
    entities: Vec<Entity>,
    /// The entities that the next line belongs to, from the outermost.
    open: Vec<usize>,
    held: Vec<u8>,
    line_start: u64,
    at: u64,
    lines: u64,
}

impl Builder {
    fn new() -> Self {
        let mut builder = Self {
            entities: Vec::new(),
            open: Vec::new(),
            held: Vec::new(),
            line_start: 0,
            at: 0,
            lines: 0,
        };
        builder.begin(0, DefaultType::Text);
        builder
    }

    fn push(&mut self, mut run: &[u8]) {
        while let Some(end) = run.iter().position(|&octet| octet == b'\n') {
            let (piece, rest) = run.split_at(end + 1);
            run = rest;
            self.at += piece.len() as u64;
            if self.held.is_empty() {
                self.line(piece);
            } else {
                self.hold(piece);
                let line = std::mem::take(&mut self.held);
                self.line(&line);
            }
            self.lines += 1;
            self.line_start = self.at;
        }
        self.at += run.len() as u64;
        self.hold(run);
    }

    fn hold(&mut self, piece: &[u8]) {
        let room = LONGEST_LINE.saturating_sub(self.held.len());
        self.held.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    /// Ends everything and says how long the message is.
    fn finish(&mut self) -> u64 {
        if !self.held.is_empty() {
            let line = std::mem::take(&mut self.held);
            self.line(&line);
        }
        self.close(0, self.at, self.lines);
        self.at
    }

    fn line(&mut self, line: &[u8]) {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if let Some((level, delimiter)) = self.delimiter(text) {
            self.delimit(level, &delimiter);
            return;
        }
        let Some(&top) = self.open.last() else { return };
        let entity = &mut self.entities[top];
        match entity.shape {
            Shape::InHeader if text.is_empty() => self.end_header(top),
            Shape::InHeader => {
                let room = LONGEST_HEADER.saturating_sub(entity.text.len());
                entity.text.extend_from_slice(&line[..line.len().min(room)]);
            }
            Shape::Leaf | Shape::Message | Shape::Multipart { .. } => {}
        }
    }

    /// The innermost open multipart that this line delimits.
    fn delimiter(&self, text: &[u8]) -> Option<(usize, Delimiter)> {
        let dashed = text.strip_prefix(b"--")?;
        self.open
            .iter()
            .enumerate()
            .rev()
            .find_map(|(level, &index)| {
                let Shape::Multipart {
                    delimiter,
                    closed: Closed::No,
                } = &self.entities[index].shape
                else {
                    return None;
                };
                let rest = dashed.strip_prefix(delimiter.as_slice())?;
                if rest.starts_with(b"--") {
                    return Some((level, Delimiter::Close));
                }
                // RFC 2046 §5.1.1: nothing but padding follows.
                let next = rest.trim_ascii().is_empty() && self.entities.len() < MOST_PARTS;
                next.then_some((level, Delimiter::Next))
            })
    }

    fn delimit(&mut self, level: usize, delimiter: &Delimiter) {
        // RFC 2046 §5.1.1: the line end before the delimiter belongs to it.
        let end = self.line_start.saturating_sub(2);
        self.close(level + 1, end, self.lines.saturating_sub(1));
        let Some(&index) = self.open.last() else {
            return;
        };
        match delimiter {
            Delimiter::Close => {
                if let Shape::Multipart { closed, .. } = &mut self.entities[index].shape {
                    *closed = Closed::Yes;
                }
            }
            Delimiter::Next => {
                let digest = self.entities[index]
                    .fields
                    .as_ref()
                    .is_some_and(|fields| fields.is_sub("digest"));
                let default = if digest {
                    DefaultType::Message
                } else {
                    DefaultType::Text
                };
                let child = self.begin(self.at, default);
                self.entities[index].children.push(child);
            }
        }
    }

    /// Opens an entity whose header starts at `start`.
    fn begin(&mut self, start: u64, default: DefaultType) -> usize {
        let index = self.entities.len();
        self.entities.push(Entity {
            header: start..start,
            body: start..start,
            lines_before: 0,
            lines: 0,
            text: Vec::new(),
            default,
            fields: None,
            shape: Shape::InHeader,
            children: Vec::new(),
        });
        self.open.push(index);
        index
    }

    /// The empty line has come: what follows is the body.
    fn end_header(&mut self, index: usize) {
        let (at, lines, depth) = (self.at, self.lines + 1, self.open.len());
        let entity = &mut self.entities[index];
        entity.header.end = at;
        entity.body = at..at;
        entity.lines_before = lines;
        let mut fields = Fields::parse(&entity.text, entity.default);
        entity.shape = shape(&fields, depth);
        if matches!(entity.shape, Shape::Leaf) {
            make_opaque(&mut fields);
        }
        let holds_message = matches!(entity.shape, Shape::Message);
        entity.fields = Some(fields);
        if holds_message {
            let child = self.begin(at, DefaultType::Text);
            self.entities[index].children.push(child);
        }
    }

    /// Ends the open entities from `level` inwards: their bodies reach to `end`, or as far as what is in them does. (The empty line
    /// that ends an inner header may be the very line end that a delimiter claims.)
    fn close(&mut self, level: usize, mut end: u64, mut lines: u64) {
        for index in self.open.drain(level.min(self.open.len())..).rev() {
            let entity = &mut self.entities[index];
            if matches!(entity.shape, Shape::InHeader) {
                end = end.max(entity.header.start);
                entity.header.end = end;
                entity.body = end..end;
                entity.shape = Shape::Leaf;
                continue;
            }
            if entity.body.start > end {
                end = entity.body.start;
                lines = lines.max(entity.lines_before);
            }
            entity.body.end = end;
            entity.lines = lines.saturating_sub(entity.lines_before);
        }
    }

    fn message(&mut self, index: usize) -> Message {
        let header = std::mem::take(&mut self.entities[index].text);
        let root = self.part_from(index, &header);
        Message { root, header }
    }

    fn part(&mut self, index: usize) -> Part {
        let header = std::mem::take(&mut self.entities[index].text);
        self.part_from(index, &header)
    }

    fn part_from(&mut self, index: usize, header: &[u8]) -> Part {
        let children = std::mem::take(&mut self.entities[index].children);
        let content = match self.entities[index].shape {
            Shape::InHeader | Shape::Leaf => Content::Leaf,
            Shape::Multipart { .. } => {
                Content::Multipart(children.into_iter().map(|child| self.part(child)).collect())
            }
            Shape::Message => match children.first() {
                Some(&child) => Content::Message(Box::new(self.message(child))),
                None => Content::Leaf,
            },
        };
        let entity = &mut self.entities[index];
        let fields = entity
            .fields
            .take()
            .unwrap_or_else(|| headless(header, entity.default));
        Part {
            header: entity.header.clone(),
            body: entity.body.clone(),
            lines: entity.lines,
            fields,
            content,
        }
    }
}

/// The fields of an entity that ended within its header.
fn headless(header: &[u8], default: DefaultType) -> Fields {
    let mut fields = Fields::parse(header, default);
    make_opaque(&mut fields);
    fields
}

fn shape(fields: &Fields, depth: usize) -> Shape {
    if depth >= DEEPEST {
        return Shape::Leaf;
    }
    if fields.is("multipart") {
        return fields
            .boundary()
            .map_or(Shape::Leaf, |boundary| Shape::Multipart {
                delimiter: boundary.to_vec(),
                closed: Closed::No,
            });
    }
    // RFC 2046 §5.2.1: a message is never encoded.
    let plain = fields.encoding == TransferEncoding::Identity;
    if fields.is("message") && fields.is_sub("rfc822") && plain {
        return Shape::Message;
    }
    Shape::Leaf
}

/// A multipart or message that is not looked into must not claim to be one: BODYSTRUCTURE has no words for it.
fn make_opaque(fields: &mut Fields) {
    if fields.is("multipart") || (fields.is("message") && fields.is_sub("rfc822")) {
        fields.media_type = b"application".to_vec();
        fields.media_subtype = b"octet-stream".to_vec();
        fields.parameters.clear();
    }
}

#[cfg(test)]
mod tests;
