//! The attributes of a tag, by the states of the HTML standard (§13.2.5.32 to 40).

/// Name and value of the first attributes.
pub(super) type Attributes<'a> = Vec<(&'a str, &'a str)>;

/// No tag of a person has more; further ones are passed over.
const MOST: usize = 24;

/// The attributes that `text` begins with, and what stands behind the `>` of the tag. `None`: the tag never ends.
pub(super) fn scan(text: &str) -> Option<(Attributes<'_>, &str)> {
    let mut attributes = Attributes::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c| is_space(c) || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            return Some((attributes, after));
        }
        let (name, after) = name(rest)?;
        let unassigned = after.trim_start_matches(is_space);
        let (value, after) = match unassigned.strip_prefix('=') {
            Some(assigned) => value(assigned.trim_start_matches(is_space))?,
            None => ("", after),
        };
        if attributes.len() < MOST {
            attributes.push((name, value));
        }
        rest = after;
    }
}

/// A name ends before white space, `/`, `>` or `=`; a `=` at its start is part of it.
fn name(text: &str) -> Option<(&str, &str)> {
    let first = text.chars().next()?;
    let others = text.get(first.len_utf8()..)?;
    let end = others.find(|c| is_space(c) || matches!(c, '/' | '>' | '='))?;
    text.split_at_checked(end.checked_add(first.len_utf8())?)
}

fn value(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote);
        }
    }
    let end = text.find(|c| is_space(c) || c == '>')?;
    text.split_at_checked(end)
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0c')
}
