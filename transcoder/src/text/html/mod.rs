//! HTML and XHTML: what a person would read of it. Scripts, styles, forms and whatever would be fetched stay behind.
//!
//! The markup is cut into tags by the rules of the HTML standard (§13.2.5); the tree is a simpler one than a browser's, because what comes out is
//! written anew and escaped, so that it cannot matter how a browser would have nested what came in.

mod attributes;
mod elements;
mod reader;
mod references;
mod tokens;

use charset::Charset;

use self::reader::Reader;
use self::tokens::{Syntax, Token, Tokens};
use super::Source;
use super::page::Page;
use super::room::Flow;

/// Reads `text` onto `page`.
pub(super) fn read(text: &str, from: Source, page: &mut Page) -> Flow {
    let syntax = match from == Source::Xhtml {
        true => Syntax::Xml,
        false => Syntax::Html,
    };
    let mut reader = Reader::new(page);
    for token in Tokens::new(text, syntax) {
        match token {
            Token::Text(text) => reader.text(text)?,
            Token::Title(title) => reader.title(title)?,
            Token::Start(tag) => reader.start(&tag)?,
            Token::End(name) => reader.end(name)?,
        }
    }
    reader.finish()
}

/// Octets that a browser reads to learn the charset (HTML standard §13.2.3.2).
const PRESCANNED: usize = 1024;

/// The charset that a document says it is in: `<meta charset>`, `<meta http-equiv>` or an XML declaration. One that says UTF-16
/// is in UTF-8, since it was read so far by octets.
pub(super) fn said_charset(octets: &[u8]) -> Option<Charset> {
    let head = octets.get(..PRESCANNED).unwrap_or(octets);
    let head = charset::decode(Charset::WINDOWS_1252, head);
    let label = declared_by_xml(&head).or_else(|| {
        Tokens::new(&head, Syntax::Html).find_map(|token| match token {
            Token::Start(tag) if tag.is("meta") => of_meta(&tag),
            Token::Start(_) | Token::End(_) | Token::Text(_) | Token::Title(_) => None,
        })
    })?;
    let charset = Charset::for_label(&label)?;
    Some(if charset.is_of_octets() {
        charset
    } else {
        Charset::UTF_8
    })
}

fn of_meta(tag: &tokens::Tag<'_>) -> Option<String> {
    if let Some(label) = tag.attribute("charset") {
        return Some(label.to_owned());
    }
    let content = tag.attribute("content")?.to_ascii_lowercase();
    let (_, after) = content.split_once("charset")?;
    let label = after.trim_start().strip_prefix('=')?.trim_start();
    let label = label.trim_start_matches(['"', '\'']);
    let end = label.find([';', ' ', '"', '\'']);
    Some(label.get(..end.unwrap_or(label.len()))?.to_owned())
}

fn declared_by_xml(head: &str) -> Option<String> {
    let (declaration, _) = head.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, after) = declaration.split_once("encoding")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (label, _) = after.strip_prefix(quote)?.split_once(quote)?;
    Some(label.to_owned())
}

#[cfg(test)]
mod tests;
