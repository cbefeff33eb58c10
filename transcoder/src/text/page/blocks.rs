//! What stands before each line of plain text: marks of quotes, marks and indentation of lists.

use super::Marker;
use crate::text::draft::Draft;

/// The blocks that a line is inside of, outermost first.
#[derive(Default)]
pub(super) struct Blocks(Vec<Block>);

enum Block {
    Quote,
    /// A list that is in a list, and not in an item of it, is indented itself.
    List {
        marker: Marker,
        items: u32,
        columns: usize,
    },
    /// Its mark until that is written; then so many columns.
    Item {
        mark: Option<String>,
        columns: usize,
    },
}

/// More blocks than this are not shown: a line would be all indentation.
const SHOWN: usize = 12;

impl Blocks {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a list is open.
    pub(super) fn has_list(&self) -> bool {
        let mut blocks = self.0.iter();
        blocks.any(|block| matches!(block, Block::List { .. }))
    }

    pub(super) fn open_list(&mut self, marker: Marker) {
        let nested = matches!(self.0.last(), Some(Block::List { .. }));
        self.0.push(Block::List {
            marker,
            items: 0,
            columns: if nested { 2 } else { 0 },
        });
    }

    pub(super) fn open_quote(&mut self) {
        self.0.push(Block::Quote);
    }

    pub(super) fn open_item(&mut self) {
        let list = self.0.iter_mut().rev().find_map(|block| match block {
            Block::List { marker, items, .. } => Some((*marker, items)),
            Block::Quote | Block::Item { .. } => None,
        });
        let mark = match list {
            Some((Marker::Number, items)) => {
                *items = items.saturating_add(1);
                format!("{items}. ")
            }
            Some((Marker::Bullet, _)) | None => "- ".to_owned(),
        };
        self.0.push(Block::Item {
            columns: mark.len(),
            mark: Some(mark),
        });
    }

    pub(super) fn close_list(&mut self) {
        if matches!(self.0.last(), Some(Block::List { .. })) {
            self.0.pop();
        }
    }

    pub(super) fn close_item(&mut self) {
        if matches!(self.0.last(), Some(Block::Item { .. })) {
            self.0.pop();
        }
    }

    pub(super) fn close_quote(&mut self) {
        if matches!(self.0.last(), Some(Block::Quote)) {
            self.0.pop();
        }
    }

    /// What stands before the next line; marks of items are used up.
    pub(super) fn before(&mut self) -> Draft {
        let mut before = Draft::default();
        for block in self.0.iter_mut().take(SHOWN) {
            match block {
                Block::Quote => before.push_str("> "),
                Block::List { columns, .. } => before.push_str(&" ".repeat(*columns)),
                Block::Item { mark, columns } => match mark.take() {
                    Some(mark) => before.push_str(&mark),
                    None => before.push_str(&" ".repeat(*columns)),
                },
            }
        }
        before
    }

    /// What stands in a blank line inside the first `inside` blocks.
    pub(super) fn blank(&self, inside: usize) -> Draft {
        let mut blank = Draft::default();
        for block in self.0.iter().take(inside.min(SHOWN)) {
            match block {
                Block::Quote => blank.push_str("> "),
                Block::List { columns, .. } => blank.push_str(&" ".repeat(*columns)),
                Block::Item { columns, .. } => blank.push_str(&" ".repeat(*columns)),
            }
        }
        blank.trim_end();
        blank
    }

    /// The columns that stand before each line.
    pub(super) fn indentation(&self) -> usize {
        let columns = self.0.iter().take(SHOWN).map(|block| match block {
            Block::Quote => 2,
            Block::List { columns, .. } | Block::Item { columns, .. } => *columns,
        });
        columns.sum()
    }
}
