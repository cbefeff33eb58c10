//! The XML of Office documents, tag by tag. There is no document type in it, so nothing is declared and nothing expands.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::budget::Resource;
use crate::refusal::Refusal;
use crate::text::draft::Draft;
use crate::text::room::{Flow, Stop};

/// A stretch of XML. An empty element begins and ends.
pub(super) enum Node<'a> {
    Start(Tag<'a>),
    /// Its local name.
    End(Draft),
    Text(Draft),
}

/// A start tag.
pub(super) struct Tag<'a>(BytesStart<'a>);

impl Tag<'_> {
    /// The name without its prefix.
    pub(super) fn name(&self) -> &str {
        let name = self.0.name().into_inner();
        name.rsplit(':').next().unwrap_or(name)
    }

    /// The value of the first attribute whose name is this, with its prefix or without.
    pub(super) fn attribute(&self, name: &str) -> Option<Draft> {
        // Checks for names said twice would cost the square of their number.
        let mut attributes = self.0.attributes();
        let mut attributes = attributes.with_checks(false).flatten();
        let found = attributes.find(|attribute| {
            let own = attribute.key.into_inner();
            own == name || own.rsplit(':').next() == Some(name)
        })?;
        Some(Draft::new(
            &found.normalized_value(XmlVersion::Explicit1_0).ok()?,
        ))
    }

    /// The value as a number.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.attribute(name)?.trim().parse().ok()
    }
}

/// Elements in elements: Word writes twenty.
const DEEPEST: usize = 256;

/// Gives the nodes of `octets` one by one.
///
/// # Errors
/// [`Refusal::Damaged`]: no well-formed XML in UTF-8, or with a document type, which Office documents must not have
/// (ECMA-376 part 2 §6.2.5) and which could make a few octets billions. What `each` says.
pub(super) fn nodes(octets: &[u8], mut each: impl FnMut(Node<'_>) -> Flow) -> Flow {
    let damaged = Stop::Refused(Refusal::Damaged);
    let text = std::str::from_utf8(octets).map_err(|_| damaged)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|_| damaged)? {
            Event::Start(tag) => {
                depth = depth.saturating_add(1);
                if depth > DEEPEST {
                    return Err(Stop::Refused(Refusal::Exceeded(Resource::Depth)));
                }
                each(Node::Start(Tag(tag)))?;
            }
            Event::End(tag) => {
                depth = depth.saturating_sub(1);
                let name = tag.name().into_inner();
                let local = name.rsplit(':').next().unwrap_or(name);
                each(Node::End(Draft::new(local)))?;
            }
            Event::Text(text) => each(Node::Text(Draft::new(&text.xml10_content())))?,
            Event::CData(text) => each(Node::Text(Draft::new(&text.xml10_content())))?,
            Event::GeneralRef(reference) => {
                let mut text = Draft::default();
                match reference.resolve_char_ref().map_err(|_| damaged)? {
                    Some(character) => text.push(character),
                    None => text.push_str(
                        resolve_predefined_entity(&reference.xml10_content()).ok_or(damaged)?,
                    ),
                }
                each(Node::Text(text))?;
            }
            Event::DocType(_) => return Err(damaged),
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(damaged),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
        }
    }
}

/// As [`nodes`], without the elements of the names `unread` and all that is in them.
///
/// # Errors
/// As [`nodes`].
pub(super) fn read_nodes(
    octets: &[u8],
    unread: &[&str],
    mut each: impl FnMut(Node<'_>) -> Flow,
) -> Flow {
    let mut deep = 0_usize;
    nodes(octets, |node| match node {
        Node::Start(tag) if deep > 0 || unread.contains(&tag.name()) => {
            deep = deep.saturating_add(1);
            Ok(())
        }
        Node::End(_) if deep > 0 => {
            deep = deep.saturating_sub(1);
            Ok(())
        }
        Node::Text(_) if deep > 0 => Ok(()),
        node @ (Node::Start(_) | Node::End(_) | Node::Text(_)) => each(node),
    })
}
