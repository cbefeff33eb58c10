//! Sealed results, kept so that sizes stay exact and partial requests are answered from the same octets
//! (RFC 5259 §8.2, §8.3). Bounded in number and in octets; the oldest goes first.

use std::{collections::VecDeque, sync::Arc};

use keyreveal::Context;

use crate::session::Settings;

/// The results of one mailbox.
#[derive(Debug, Default)]
pub(in crate::session) struct Kept(VecDeque<(Context, Arc<[u8]>)>);

impl Kept {
    /// The result of this very conversion, if it is still here.
    pub(super) fn find(&self, context: &Context) -> Option<Arc<[u8]>> {
        let (_, sealed) = self.0.iter().find(|(known, _)| known == context)?;
        Some(Arc::clone(sealed))
    }

    /// Keeps a result in the place of an earlier one of the same conversion.
    pub(super) fn keep(&mut self, context: Context, sealed: Arc<[u8]>, settings: &Settings) {
        self.0.retain(|(known, _)| *known != context);
        self.0.push_back((context, sealed));
        while self.0.len() > settings.kept_results || self.octets() > settings.kept_octets {
            self.0.pop_front();
        }
    }

    pub(in crate::session) fn clear(&mut self) {
        self.0.clear();
    }

    #[cfg(test)]
    pub(in crate::session) fn len(&self) -> usize {
        self.0.len()
    }

    fn octets(&self) -> usize {
        self.0.iter().map(|(_, sealed)| sealed.len()).sum()
    }
}
