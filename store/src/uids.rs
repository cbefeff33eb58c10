//! Which message has which UID, kept in a small file beside the Maildir's folders, so that a UID stays with its message
//! over restarts (RFC 3501 §2.3.1.1).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// First line of the file, before UIDVALIDITY and UIDNEXT.
const VERSION: &str = "keyhole-uids-1";

/// The UIDs of one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Uids {
    validity: u32,
    next: u32,
    known: HashMap<String, u32>,
}

/// Whether the file must be written again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Yes,
    No,
}

impl Uids {
    /// A mailbox that was never seen before. `validity` is the time in seconds: it must grow (RFC 3501 §2.3.1.1).
    pub(crate) fn new(validity: u32) -> Self {
        Self {
            validity: validity.max(1),
            next: 1,
            known: HashMap::new(),
        }
    }

    /// Reads the file. `None`: there is none, or none that can be trusted.
    pub(crate) fn read(path: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::InvalidData => Ok(None),
                _ => Err(error),
            },
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let mut first = lines.next()?.split(' ');
        if first.next() != Some(VERSION) {
            return None;
        }
        let validity = first
            .next()?
            .parse()
            .ok()
            .filter(|&validity| validity > 0)?;
        let next = first.next()?.parse().ok().filter(|&next| next > 0)?;
        let mut uids = Self {
            validity,
            next,
            known: HashMap::new(),
        };
        let mut given = HashSet::new();
        for line in lines {
            let (uid, base) = line.split_once(' ')?;
            let uid = uid
                .parse()
                .ok()
                .filter(|&uid: &u32| uid > 0 && uid < next && given.insert(uid))?;
            uids.known.insert(base.to_owned(), uid);
        }
        Some(uids)
    }

    /// Writes the file anew, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let mut lines: Vec<_> = self.known.iter().map(|(base, uid)| (*uid, base)).collect();
        lines.sort_unstable();
        let mut text = format!("{VERSION} {} {}\n", self.validity, self.next);
        for (uid, base) in lines {
            text.push_str(&format!("{uid} {base}\n"));
        }
        let draft = path.with_extension("draft");
        let mut file = fs::File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)
    }

    /// Forgets messages that are gone and gives UIDs to those that are new, in their order.
    pub(crate) fn reconcile<'a>(
        &mut self,
        bases: impl Iterator<Item = &'a str> + Clone,
    ) -> Changed {
        let there: HashSet<&str> = bases.clone().collect();
        let before = self.known.len();
        self.known.retain(|base, _| there.contains(base.as_str()));
        let mut changed = if self.known.len() == before {
            Changed::No
        } else {
            Changed::Yes
        };
        for base in bases.clone() {
            if !self.known.contains_key(base) {
                changed = Changed::Yes;
                let Some(next) = self.next.checked_add(1) else {
                    self.renumber(bases);
                    return Changed::Yes;
                };
                self.known.insert(base.to_owned(), self.next);
                self.next = next;
            }
        }
        changed
    }

    /// UIDs are used up: all messages get new ones under a new UIDVALIDITY (RFC 3501 §2.3.1.1).
    fn renumber<'a>(&mut self, bases: impl Iterator<Item = &'a str>) {
        self.validity = self.validity.checked_add(1).unwrap_or(1);
        self.known.clear();
        self.next = 1;
        for base in bases {
            self.known.insert(base.to_owned(), self.next);
            self.next += 1;
        }
    }

    /// UIDVALIDITY
    pub(crate) fn validity(&self) -> u32 {
        self.validity
    }

    /// UIDNEXT
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    /// The UID of the message with this unique name.
    pub(crate) fn uid(&self, base: &str) -> Option<u32> {
        self.known.get(base).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Folder;

    fn with(bases: &[&'static str]) -> Uids {
        let mut uids = Uids::new(7);
        uids.reconcile(bases.iter().copied());
        uids
    }

    #[test]
    fn a_uid_stays_and_is_never_given_again() {
        let mut uids = with(&["a", "b", "c"]);
        assert_eq!(uids.reconcile(["a", "b", "c"].into_iter()), Changed::No);
        assert_eq!(uids.reconcile(["a", "d"].into_iter()), Changed::Yes);
        assert_eq!(
            (uids.uid("a"), uids.uid("c"), uids.uid("d")),
            (Some(1), None, Some(4))
        );
        uids.reconcile(["a"].into_iter());
        assert_eq!(uids.next(), 5);
    }

    #[test]
    fn uids_survive_a_restart() {
        let folder = Folder::new("uids");
        let path = folder.path().join("uids");
        assert_eq!(Uids::read(&path).unwrap(), None);
        let uids = with(&["a", "b"]);
        uids.write(&path).unwrap();
        assert_eq!(Uids::read(&path).unwrap(), Some(uids));
    }

    #[test]
    fn a_file_that_cannot_be_right_is_not_believed() {
        for text in [
            "",
            "other 1 1",
            "keyhole-uids-1 0 1",
            "keyhole-uids-1 1 2\n2 a\n",
            "keyhole-uids-1 1 3\n1 a\n1 b\n",
            "keyhole-uids-1 1 3\n1\n",
        ] {
            assert_eq!(Uids::parse(text), None, "{text}");
        }
    }

    #[test]
    fn used_up_uids_mean_a_new_uidvalidity() {
        let mut uids = Uids {
            validity: 7,
            next: u32::MAX,
            known: HashMap::new(),
        };
        uids.reconcile(["a", "b"].into_iter());
        assert_eq!(
            (uids.validity(), uids.uid("a"), uids.uid("b"), uids.next()),
            (8, Some(1), Some(2), 3)
        );
    }
}
