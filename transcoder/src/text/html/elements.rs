//! What each element of HTML is to a reader.

use crate::text::page::{Element, Gap, Level, Marker, Style};

/// What an element does where its tag stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Role {
    /// It is one of the page's.
    Is(Element),
    /// It is on lines of its own.
    Apart(Gap),
    Link,
    Picture,
    Break,
    Rule,
    /// Its text is as any other.
    Nothing,
}

/// The longest name that is known, in octets.
const LONGEST: usize = 10;

pub(super) fn role(name: &str) -> Role {
    if name.len() > LONGEST {
        return match name.eq_ignore_ascii_case("figcaption") {
            true => Role::Apart(Gap::Line),
            false => Role::Nothing,
        };
    }
    match name.to_ascii_lowercase().as_str() {
        "p" => Role::Apart(Gap::Paragraph),
        "h1" => Role::Is(Element::Heading(Level::First)),
        "h2" => Role::Is(Element::Heading(Level::Second)),
        "h3" | "h4" | "h5" | "h6" => Role::Is(Element::Heading(Level::Third)),
        "ul" | "menu" | "dir" => Role::Is(Element::List(Marker::Bullet)),
        "ol" => Role::Is(Element::List(Marker::Number)),
        "li" => Role::Is(Element::Item),
        "blockquote" => Role::Is(Element::Quote),
        "pre" | "listing" => Role::Is(Element::Preformatted),
        "table" => Role::Is(Element::Table),
        "tr" => Role::Is(Element::Row),
        "th" => Role::Is(Element::HeaderCell),
        "td" => Role::Is(Element::Cell),
        "b" | "strong" => Role::Is(Element::Inline(Style::Strong)),
        "i" | "em" | "cite" | "var" | "dfn" => Role::Is(Element::Inline(Style::Emphasis)),
        "u" | "ins" => Role::Is(Element::Inline(Style::Underlined)),
        "s" | "strike" | "del" => Role::Is(Element::Inline(Style::Struck)),
        "code" | "tt" | "kbd" | "samp" => Role::Is(Element::Inline(Style::Code)),
        "sub" => Role::Is(Element::Inline(Style::Subscript)),
        "sup" => Role::Is(Element::Inline(Style::Superscript)),
        "a" => Role::Link,
        "img" | "image" => Role::Picture,
        "br" => Role::Break,
        "hr" => Role::Rule,
        "div" | "section" | "article" | "header" | "footer" | "aside" | "nav" | "main"
        | "center" | "address" | "form" | "fieldset" | "legend" | "figure" | "dt" | "dd" | "dl"
        | "caption" | "details" | "summary" | "option" | "body" | "figcaption" => {
            Role::Apart(Gap::Line)
        }
        _unknown => Role::Nothing,
    }
}
