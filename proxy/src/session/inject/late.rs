//! A DONE that met the end of its IDLE on the way: the store, which had ended the IDLE by itself, takes it for a command
//! and says BAD. That is nobody's answer.

use wire::imap::{StatusKind, Tag};

use super::{Session, Taken};

#[derive(Debug, Default)]
pub(super) enum LateDone {
    #[default]
    No,
    /// The store was told DONE for this IDLE.
    Told(Tag),
    /// And has ended it, perhaps before it heard that: a BAD may come before it answers anything else.
    Possible,
}

impl LateDone {
    /// The store was told DONE.
    pub(super) fn told(&mut self, tag: &Tag) {
        *self = Self::Told(tag.clone());
    }

    /// The store has answered a command that was under way.
    pub(super) fn answered(&mut self, tag: &Tag) {
        *self = match self {
            Self::Told(told) if told == tag => Self::Possible,
            Self::Told(told) => Self::Told(told.clone()),
            Self::No | Self::Possible => Self::No,
        };
    }

    /// Whether this is the one BAD.
    fn is_meant(&mut self, tag: Option<&Tag>, kind: StatusKind) -> bool {
        let done = tag.is_none_or(|tag| tag.as_str().eq_ignore_ascii_case("DONE"));
        let meant = matches!(self, Self::Possible) && kind == StatusKind::Bad && done;
        if meant {
            *self = Self::No;
        }
        meant
    }
}

impl Session {
    /// The BAD to a DONE that came too late is not the client's.
    pub(in crate::session) fn take_late_done(
        &mut self,
        tag: Option<&Tag>,
        kind: StatusKind,
    ) -> Taken {
        let known = tag.is_some_and(|tag| self.outstanding.has(tag));
        let meant = self
            .injector()
            .is_some_and(|injector| !known && injector.late_done.is_meant(tag, kind));
        if meant { Taken::Yes } else { Taken::No }
    }

    /// The store has said `+` to what came behind a DONE.
    pub(in crate::session) fn late_done_is_over(&mut self) {
        if let Some(injector) = self.injector() {
            injector.late_done = LateDone::No;
        }
    }
}
