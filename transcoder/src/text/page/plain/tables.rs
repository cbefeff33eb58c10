//! Tables on a plain page: held until they end and are shown whole, or written as they come where that cannot be.

use super::{Layout, Writer};
use crate::text::page::Gap;
use crate::text::page::grid::{Begins, Role, Rows, Shape, Table};
use crate::text::room::Flow;

impl Writer {
    pub(super) fn held(&mut self) -> Option<&mut Table> {
        match self.tables.last_mut() {
            Some(Layout::Held(table)) => Some(table),
            Some(Layout::Running) | None => None,
        }
    }

    pub(super) fn begin_table(&mut self, rows: Rows) -> Flow {
        self.release()?;
        let nested = !self.tables.is_empty();
        self.separate(if nested { Gap::Line } else { Gap::Paragraph })?;
        self.tables.push(Layout::Held(Table::new(rows)));
        Ok(())
    }

    pub(super) fn end_table(&mut self) -> Flow {
        let layout = self.tables.pop();
        let nested = !self.tables.is_empty();
        if let Some(Layout::Held(table)) = layout {
            self.show(table)?;
        }
        self.separate(if nested { Gap::Line } else { Gap::Paragraph })
    }

    /// Writes what a table holds so far; what comes of it runs.
    fn release(&mut self) -> Flow {
        if let Some(layout) = self.tables.last_mut()
            && let Layout::Held(table) = std::mem::replace(layout, Layout::Running)
        {
            self.run(&table)?;
        }
        Ok(())
    }

    pub(super) fn row(&mut self) -> Flow {
        if self.held().is_some_and(|table| table.is_to_be_continued()) {
            self.show_so_far()?;
        }
        match self.held() {
            Some(table) => {
                table.begin_row();
                Ok(())
            }
            None => self.separate(Gap::Line),
        }
    }

    pub(super) fn begin_cell(&mut self, role: Role) -> Flow {
        match self.held() {
            Some(table) if table.is_full() => self.release(),
            Some(table) => {
                table.begin_cell(role);
                Ok(())
            }
            None => self.separate(Gap::Line),
        }
    }

    pub(super) fn end_cell(&mut self) -> Flow {
        match self.held() {
            Some(_) => Ok(()),
            None => self.separate(Gap::Line),
        }
    }

    /// Shows the records that are held; those that follow are held anew, under the same header.
    fn show_so_far(&mut self) -> Flow {
        let Some(Layout::Held(table)) = self.tables.pop() else {
            return Ok(());
        };
        let next = table.continued();
        self.show(table)?;
        self.separate(Gap::Line)?;
        self.tables.push(Layout::Held(next));
        Ok(())
    }

    fn show(&mut self, mut table: Table) -> Flow {
        table.tidy();
        match table.shape(self.columns, self.blocks.indentation()) {
            Shape::Columns(widths, fit) => table.draw(&widths, fit, |line| self.whole_line(line)),
            Shape::Fields => table.fields(|begins, name, cell| {
                self.separate(match begins {
                    Begins::Row => Gap::Paragraph,
                    Begins::Cell => Gap::Line,
                })?;
                if let Some(name) = name {
                    self.text(name)?;
                    self.text(": ")?;
                }
                for (index, line) in cell.lines().enumerate() {
                    if index > 0 {
                        self.separate(Gap::Line)?;
                    }
                    self.text(line)?;
                }
                Ok(())
            }),
            Shape::Running => self.run(&table),
        }
    }

    fn run(&mut self, table: &Table) -> Flow {
        table.running(|cell| {
            for line in cell.lines() {
                self.separate(Gap::Line)?;
                self.text(line)?;
            }
            Ok(())
        })
    }
}
