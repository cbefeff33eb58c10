//! Which mailbox is selected, as the store's answers say (RFC 9051 §3.3, §6.3.2).

use wire::imap::{Mailbox, StatusKind, UidValidity};

use super::outstanding::{Effect, Outstanding};

/// The selected mailbox.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Selected {
    pub(super) mailbox: Mailbox,
    pub(super) validity: UidValidity,
}

/// Follows the answers of SELECT, EXAMINE, CLOSE and UNSELECT.
#[derive(Debug, Default)]
pub(super) struct Selection {
    now: Option<Selected>,
    /// The UIDVALIDITY told while a SELECT is under way.
    told: Option<UidValidity>,
}

/// Whether the mailbox is another one than before, or none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Change {
    Same,
    Left,
}

impl Selection {
    /// The selected mailbox; none also where the store told no UIDVALIDITY, for then no message can be named.
    pub(super) fn now(&self) -> Option<&Selected> {
        self.now.as_ref()
    }

    /// `[UIDVALIDITY n]`, at whatever time.
    pub(super) fn validity(&mut self, validity: UidValidity, outstanding: &Outstanding) -> Change {
        if outstanding.is_selecting() {
            self.told = Some(validity);
            return Change::Same;
        }
        match &mut self.now {
            Some(selected) if selected.validity != validity => {
                selected.validity = validity;
                Change::Left
            }
            Some(_) | None => Change::Same,
        }
    }

    /// `[CLOSED]`: the old mailbox is left, the new one not yet open (RFC 9051 §7.1).
    pub(super) fn closed(&mut self) -> Change {
        self.now = None;
        Change::Left
    }

    /// A relayed command was answered.
    pub(super) fn completed(&mut self, effect: Effect, kind: StatusKind) -> Change {
        match (effect, kind) {
            (Effect::Selects(mailbox), StatusKind::Ok) => {
                let validity = self.told.take();
                self.now = validity.map(|validity| Selected { mailbox, validity });
                Change::Left
            }
            // RFC 9051 §6.3.2: a SELECT that fails leaves no mailbox selected. Of a BAD it does not say: the safe reading.
            (Effect::Selects(_), StatusKind::No | StatusKind::Bad) => {
                self.told = None;
                self.closed()
            }
            (Effect::Deselects, StatusKind::Ok) => self.closed(),
            (Effect::Deselects, StatusKind::No | StatusKind::Bad)
            | (Effect::None | Effect::Idles | Effect::Appends, _)
            | (_, StatusKind::Bye | StatusKind::PreAuth) => Change::Same,
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::imap::Tag;

    use super::*;

    fn selects(name: &[u8]) -> Effect {
        Effect::Selects(Mailbox::new(name))
    }

    /// A SELECT is under way.
    fn selecting() -> Outstanding {
        let mut outstanding = Outstanding::default();
        outstanding.relayed(Tag::new("a").unwrap(), selects(b"any"));
        outstanding
    }

    fn validity(number: u32) -> UidValidity {
        UidValidity::new(number).unwrap()
    }

    #[test]
    fn a_failed_select_leaves_nothing_selected() {
        let mut selection = Selection::default();
        selection.validity(validity(7), &selecting());
        selection.completed(selects(b"inbox"), StatusKind::Ok);
        assert_eq!(selection.now().unwrap().mailbox, Mailbox::new(b"INBOX"));
        assert_eq!(
            selection.completed(selects(b"none"), StatusKind::No),
            Change::Left
        );
        assert_eq!(selection.now(), None);
    }

    #[test]
    fn a_mailbox_without_uidvalidity_cannot_be_named() {
        let mut selection = Selection::default();
        selection.completed(selects(b"inbox"), StatusKind::Ok);
        assert_eq!(selection.now(), None);
    }

    #[test]
    fn the_validity_of_a_failed_select_is_not_the_next_ones() {
        let mut selection = Selection::default();
        selection.validity(validity(7), &selecting());
        selection.completed(selects(b"a"), StatusKind::No);
        selection.completed(selects(b"b"), StatusKind::Ok);
        assert_eq!(selection.now(), None);
    }

    #[test]
    fn a_failed_close_changes_nothing() {
        let mut selection = Selection::default();
        selection.validity(validity(7), &selecting());
        selection.completed(selects(b"a"), StatusKind::Ok);
        assert_eq!(
            selection.completed(Effect::Deselects, StatusKind::Bad),
            Change::Same
        );
        assert!(selection.now().is_some());
        assert_eq!(
            selection.completed(Effect::Deselects, StatusKind::Ok),
            Change::Left
        );
        assert!(selection.now().is_none());
    }
}
