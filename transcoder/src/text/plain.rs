//! Plain text. It keeps its lines: what format=flowed (RFC 3676) says by spaces at their ends stays said.

use super::Extent;
use super::page::{Element, Gap, Page};
use super::room::{CUT, Flow, Room, Stop};
use crate::refusal::Refusal;

/// `text` as it is, with CRLF at the end of each line.
pub(super) fn pass(text: &str, mut room: Room) -> Result<(Room, Extent), Refusal> {
    room.reserve(CUT);
    match lines(text, &mut room) {
        Ok(()) => {
            room.release(CUT);
            Ok((room, Extent::Whole))
        }
        Err(Stop::Full) => match room.conclude(CUT) {
            Ok(()) => Ok((room, Extent::Cut)),
            Err(stop) => Err(super::refused(stop)),
        },
        Err(Stop::Refused(refusal)) => Err(refusal),
    }
}

fn lines(text: &str, room: &mut Room) -> Flow {
    let mut rest = text;
    while let Some(at) = rest.find(['\r', '\n']) {
        let (line, end) = rest.split_at(at);
        room.put_prose(line)?;
        room.put("\r\n")?;
        rest = end
            .strip_prefix("\r\n")
            .or_else(|| end.strip_prefix(['\r', '\n']))
            .unwrap_or_default();
    }
    room.put_prose(rest)
}

/// `text` on a page, line by line.
pub(super) fn read(text: &str, page: &mut Page) -> Flow {
    page.open(Element::Preformatted)?;
    for line in text.lines() {
        page.text(line)?;
        page.line_break()?;
    }
    page.close(Element::Preformatted)?;
    page.separate(Gap::Line)
}
