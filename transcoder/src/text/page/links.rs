//! Where the links of a plain page lead: a number in the text, the addresses at its end.

use crate::text::draft::Draft;
use crate::text::room::{Flow, Room, Stop};

#[derive(Default)]
pub(super) struct Links {
    targets: Vec<Draft>,
    open: Option<Open>,
}

struct Open {
    target: Draft,
    /// What is shown as the link, as far as it could be the target itself.
    shown: Draft,
}

/// How many of the latest links are looked at for the same target.
const LATEST: usize = 32;

impl Links {
    pub(super) fn begin(&mut self, target: &str) {
        self.open = Some(Open {
            target: Draft::new(target),
            shown: Draft::default(),
        });
    }

    /// Takes note of text that may be inside a link.
    pub(super) fn shown(&mut self, text: &str) {
        if let Some(open) = &mut self.open
            && open.shown.len() <= open.target.len()
        {
            open.shown.push_str(text);
        }
    }

    /// The mark that goes behind the link; none where its text says the target. Room is kept for the target.
    ///
    /// # Errors
    /// [`Stop::Full`].
    pub(super) fn end(&mut self, room: &mut Room) -> Result<Option<String>, Stop> {
        let Some(open) = self.open.take() else {
            return Ok(None);
        };
        if says(&open.shown, &open.target) {
            return Ok(None);
        }
        let mut latest = self.targets.iter().enumerate().rev().take(LATEST);
        if let Some((index, _)) = latest.find(|(_, target)| ***target == *open.target) {
            return Ok(Some(mark(index)));
        }
        let index = self.targets.len();
        room.keep(&line(index, &open.target))?;
        self.targets.push(open.target);
        Ok(Some(mark(index)))
    }

    /// Writes the targets.
    pub(super) fn list(self, room: &mut Room) -> Flow {
        for (index, target) in self.targets.iter().enumerate() {
            room.conclude(&line(index, target))?;
        }
        Ok(())
    }
}

fn mark(index: usize) -> String {
    format!("[{}]", index.saturating_add(1))
}

/// A line of the list; the first has a blank one before it.
fn line(index: usize, target: &str) -> Draft {
    let mut line = Draft::new(if index == 0 { "\r\n" } else { "" });
    line.push_str(&mark(index));
    line.push_str(" ");
    line.push_str(target);
    line.push_str("\r\n");
    line
}

fn says(shown: &str, target: &str) -> bool {
    let shown = shown.trim().trim_end_matches('/');
    let bare = target.trim_end_matches('/');
    let schemes = ["", "mailto:", "tel:", "https://", "http://"];
    schemes
        .iter()
        .any(|scheme| bare.strip_prefix(scheme) == Some(shown))
}
