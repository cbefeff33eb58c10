//! Lists in lists, of whose items the author said nothing but how deep they lie.

use super::{Element, Marker, Page};
use crate::text::room::Flow;

/// How many lists are open.
#[derive(Default)]
pub(in crate::text) struct Lists(usize);

/// Of Word's nine levels.
const DEEPEST_LIST: usize = 9;

impl Lists {
    /// Opens or closes lists until so many are open.
    pub(in crate::text) fn set(&mut self, wanted: usize, page: &mut Page) -> Flow {
        let list = Element::List(Marker::Bullet);
        let wanted = wanted.min(DEEPEST_LIST);
        while self.0 < wanted {
            page.open(list)?;
            self.0 = self.0.saturating_add(1);
        }
        while self.0 > wanted {
            page.close(list)?;
            self.0 = self.0.saturating_sub(1);
        }
        Ok(())
    }
}
