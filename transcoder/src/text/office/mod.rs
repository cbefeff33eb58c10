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

#[cfg(test)]
mod tests;
