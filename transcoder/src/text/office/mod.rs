//! The text of Office documents: Word, Excel and PowerPoint (ECMA-376), OpenDocument. Headings, lists, tables and links are kept;
//! pictures, charts, comments, notes and what was deleted stay behind. Macros are never looked at.

mod archive;
mod cells;
mod odf;
mod package;
mod presentation;
mod serial;
mod sheet;
mod word;
mod xml;

use self::archive::Archive;
use super::Source;
use super::page::Page;
use super::room::Flow;
use crate::budget::Budget;

/// Reads a document of Word onto `page`.
pub(super) fn docx(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    word::read(octets, page, budget)
}

/// Reads a workbook of Excel onto `page`, a table for each sheet.
pub(super) fn xlsx(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    sheet::read(octets, page, budget)
}

/// Reads a presentation of PowerPoint onto `page`, slide by slide.
pub(super) fn pptx(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    presentation::read(octets, page, budget)
}

/// Reads an OpenDocument text, spreadsheet or presentation onto `page`.
pub(super) fn odf(octets: &[u8], page: &mut Page, budget: &mut Budget) -> Flow {
    odf::read(octets, page, budget)
}

/// Which document an archive is, by the part that each must have. `None`: none that is read, or no archive.
pub(super) fn recognise(octets: &[u8], budget: &mut Budget) -> Option<Source> {
    let archive = Archive::open(octets, budget).ok()?;
    let office = MAIN_PARTS.iter().find(|(part, _)| archive.has(part));
    if let Some((_, source)) = office {
        return Some(*source);
    }
    let own = archive.read(OPEN_DOCUMENT, budget).ok()??;
    let named = Source::from_name(std::str::from_utf8(&own).ok()?.trim())?;
    let open = matches!(named, Source::Odt | Source::Ods | Source::Odp);
    open.then_some(named)
}

/// What a reader opens first.
const MAIN_PARTS: [(&str, Source); 3] = [
    ("word/document.xml", Source::Docx),
    ("xl/workbook.xml", Source::Xlsx),
    ("ppt/presentation.xml", Source::Pptx),
];

/// The entry in which an OpenDocument file says what it is (part 2, §3.3).
const OPEN_DOCUMENT: &str = "mimetype";

#[cfg(test)]
mod tests;
