//! An account's mailboxes: INBOX is the Maildir itself, every `.Name` folder in it is one more (Maildir++).

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use wire::imap::Mailbox;

use crate::maildir::{Maildir, MessageFile};
use crate::uids::{Changed, Uids};

/// What separates a name's levels.
pub(crate) const DELIMITER: u8 = b'.';
/// Mailboxes of one account that are listed.
const MOST_MAILBOXES: usize = 10_000;
/// The file with the UIDs.
const UIDS: &str = "keyhole-uids";

/// Makes reading, numbering and renaming of files one step each. Held only within one function, never over an await.
#[derive(Default)]
pub(crate) struct Turn(Mutex<()>);

impl Turn {
    /// Does `work` alone.
    pub(crate) fn alone<T>(&self, work: impl FnOnce() -> T) -> T {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work();
        drop(held);
        done
    }
}

/// A mailbox at one moment.
pub(crate) struct Snapshot {
    /// UIDVALIDITY
    pub(crate) validity: u32,
    /// UIDNEXT
    pub(crate) next: u32,
    /// UID and file of every message, by UID.
    pub(crate) messages: Vec<(u32, MessageFile)>,
}

/// The mailboxes under `root`, INBOX first.
pub(crate) fn list(root: &Path) -> io::Result<Vec<Mailbox>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root)?.take(MOST_MAILBOXES) {
        let entry = entry?;
        if let Some(name) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.strip_prefix('.'))
            && !name.is_empty()
            && !name.starts_with('.')
            && Maildir::at(&entry.path()).is_some()
        {
            names.push(Mailbox::new(name.as_bytes()));
        }
    }
    names.sort();
    names.insert(0, Mailbox::new(b"INBOX"));
    Ok(names)
}

/// The folder of a mailbox. A name that `list` does not give leads nowhere, whatever is written in it.
pub(crate) fn find(root: &Path, mailbox: &Mailbox) -> io::Result<Option<Maildir>> {
    if mailbox.is_inbox() {
        return Ok(Maildir::at(root));
    }
    if !list(root)?.contains(mailbox) {
        return Ok(None);
    }
    let name = str::from_utf8(mailbox.as_bytes()).ok();
    Ok(name.and_then(|name| Maildir::at(&root.join(format!(".{name}")))))
}

/// What is in a mailbox now; new messages get their UIDs.
pub(crate) fn snapshot(maildir: &Maildir, turn: &Turn) -> io::Result<Snapshot> {
    turn.alone(|| {
        let files = maildir.scan()?;
        let path = maildir.beside(UIDS);
        let read = Uids::read(&path)?;
        let mut changed = if read.is_some() {
            Changed::No
        } else {
            Changed::Yes
        };
        let mut uids = read.unwrap_or_else(|| Uids::new(seconds()));
        if uids.reconcile(files.iter().map(|file| file.base.as_str())) == Changed::Yes {
            changed = Changed::Yes;
        }
        if changed == Changed::Yes {
            uids.write(&path)?;
        }
        let numbered = files
            .into_iter()
            .filter_map(|file| Some((uids.uid(&file.base)?, file)));
        let mut messages: Vec<_> = numbered.collect();
        messages.sort_by_key(|(uid, _)| *uid);
        Ok(Snapshot {
            validity: uids.validity(),
            next: uids.next(),
            messages,
        })
    })
}

fn seconds() -> u32 {
    let since = crate::clock::now().duration_since(std::time::SystemTime::UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| u32::try_from(since.as_secs()).ok())
        .unwrap_or(1)
}

/// Whether a LIST pattern matches a name (RFC 3501 §6.3.8): `*` is anything, `%` anything within one level.
pub(crate) fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // Which lengths of the name the pattern so far can match: linear memory, no backtracking.
    let mut reached = vec![false; name.len() + 1];
    reached[0] = true;
    for &octet in pattern {
        let before = reached.clone();
        for at in 0..reached.len() {
            let previous = at
                .checked_sub(1)
                .map(|previous| (reached[previous], before[previous], name[previous]));
            reached[at] = match (octet, previous) {
                (b'*' | b'%', None) => before[at],
                (b'*', Some((reached, ..))) => before[at] || reached,
                (b'%', Some((reached, _, passed))) => {
                    before[at] || (reached && passed != DELIMITER)
                }
                (_, None) => false,
                (_, Some((_, before, passed))) => before && passed == octet,
            };
        }
    }
    reached[name.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Folder;

    fn make(root: &Path) {
        for name in ["new", "cur", "tmp"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
    }

    #[test]
    fn patterns_match_as_rfc_3501_says() {
        for (pattern, name, expected) in [
            ("*", "a.b.c", true),
            ("%", "a.b", false),
            ("%", "a", true),
            ("a.%", "a.b", true),
            ("a.%", "a.b.c", false),
            ("%.c", "a.b.c", false),
            ("*.c", "a.b.c", true),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXbYc", true),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), name.as_bytes()),
                expected,
                "{pattern} {name}"
            );
        }
    }

    #[test]
    fn a_hostile_pattern_costs_no_more_than_its_length() {
        assert!(!matches(&b"*a".repeat(500), &b"a".repeat(400)));
    }

    #[test]
    fn only_mailboxes_are_found_whatever_a_name_says() {
        let folder = Folder::new("mailboxes");
        make(folder.path());
        make(&folder.path().join(".Archive"));
        make(&folder.path().join("outside"));
        let found = |name: &str| {
            find(folder.path(), &Mailbox::new(name.as_bytes()))
                .unwrap()
                .is_some()
        };
        assert!(found("inbox") && found("Archive"));
        for name in [
            "",
            ".",
            "..",
            "./outside",
            "/outside",
            "../..",
            "Archive/../../outside",
            "archive",
        ] {
            assert!(!found(name), "{name}");
        }
    }

    #[test]
    fn uids_are_the_same_after_a_restart() {
        let folder = Folder::new("mailboxes");
        make(folder.path());
        fs::write(folder.path().join("new/2.a"), "x").unwrap();
        fs::write(folder.path().join("new/1.b"), "x").unwrap();
        let maildir = Maildir::at(folder.path()).unwrap();
        let first = snapshot(&maildir, &Turn::default()).unwrap();
        assert_eq!(
            first
                .messages
                .iter()
                .map(|(uid, file)| (*uid, file.base.as_str()))
                .collect::<Vec<_>>(),
            [(1, "1.b"), (2, "2.a")]
        );
        fs::rename(
            folder.path().join("new/1.b"),
            folder.path().join("cur/1.b:2,S"),
        )
        .unwrap();
        let second = snapshot(&maildir, &Turn::default()).unwrap();
        assert_eq!((second.validity, second.next), (first.validity, 3));
        assert_eq!(second.messages[0].0, 1);
    }
}
