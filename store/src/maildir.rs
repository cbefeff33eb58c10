//! A Maildir: one file a message, its flags in its name, nothing ever half-written in `new` or `cur`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use wire::imap::Flag;

/// Messages of one mailbox that are looked at.
const MOST_MESSAGES: usize = 100_000;
/// Between a file's unique name and its flags.
const INFO: &str = ":2,";

/// A message's flags: the letters of the file's name, those that have no IMAP flag included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flags(Vec<u8>);

/// The flags that can be kept, with their letters.
pub(crate) const KEPT: [(Flag, u8); 5] = [
    (Flag::Answered, b'R'),
    (Flag::Flagged, b'F'),
    (Flag::Deleted, b'T'),
    (Flag::Seen, b'S'),
    (Flag::Draft, b'D'),
];

fn letter(flag: &Flag) -> Option<u8> {
    KEPT.iter()
        .find(|(kept, _)| kept == flag)
        .map(|&(_, letter)| letter)
}

impl Flags {
    /// The flags of a file's name.
    fn of_info(info: &str) -> Self {
        let mut letters: Vec<u8> = info.bytes().filter(u8::is_ascii_alphabetic).collect();
        letters.sort_unstable();
        letters.dedup();
        Self(letters)
    }

    /// Whether `flag` is set.
    pub(crate) fn contains(&self, flag: &Flag) -> bool {
        letter(flag).is_some_and(|letter| self.0.contains(&letter))
    }

    /// Sets `flag`, if it can be kept.
    pub(crate) fn insert(&mut self, flag: &Flag) {
        if let Some(letter) = letter(flag)
            && let Err(place) = self.0.binary_search(&letter)
        {
            self.0.insert(place, letter);
        }
    }

    /// Takes `flag` away.
    pub(crate) fn remove(&mut self, flag: &Flag) {
        if let Some(letter) = letter(flag) {
            self.0.retain(|&kept| kept != letter);
        }
    }

    /// Takes all flags away that a client can set.
    pub(crate) fn clear(&mut self) {
        self.0
            .retain(|letter| KEPT.iter().all(|(_, known)| known != letter));
    }

    /// The flags in IMAP's words.
    pub(crate) fn to_imap(&self) -> Vec<Flag> {
        let set = KEPT.iter().filter(|(_, letter)| self.0.contains(letter));
        set.map(|(flag, _)| flag.clone()).collect()
    }

    fn info(&self) -> String {
        let letters: String = self.0.iter().map(|&letter| char::from(letter)).collect();
        format!("{INFO}{letters}")
    }
}

/// Whether a message was already offered to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// In `new`.
    New,
    /// In `cur`.
    Known,
}

/// A message's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageFile {
    /// The unique name, which never changes.
    pub(crate) base: String,
    /// Where it is now.
    pub(crate) path: PathBuf,
    /// What its name says.
    pub(crate) flags: Flags,
    /// Where it lies.
    pub(crate) arrival: Arrival,
}

/// One mailbox's folder.
#[derive(Clone, Debug)]
pub(crate) struct Maildir(PathBuf);

static DELIVERED: AtomicU32 = AtomicU32::new(0);

impl Maildir {
    /// The Maildir at `root`, if there is one.
    pub(crate) fn at(root: &Path) -> Option<Self> {
        let complete = ["new", "cur"]
            .iter()
            .all(|folder| root.join(folder).is_dir());
        complete.then(|| Self(root.to_path_buf()))
    }

    /// A file beside the folders, for this store's own use.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// All messages, in the order in which they were delivered.
    pub(crate) fn scan(&self) -> io::Result<Vec<MessageFile>> {
        let mut files = Vec::new();
        // `new` first: what moves meanwhile is then seen twice rather than not at all.
        self.scan_folder("new", Arrival::New, &mut files)?;
        self.scan_folder("cur", Arrival::Known, &mut files)?;
        files.sort_by(|one, other| delivery(&one.base).cmp(&delivery(&other.base)));
        files.dedup_by(|later, earlier| {
            let same = later.base == earlier.base;
            if same && later.arrival == Arrival::Known {
                std::mem::swap(later, earlier);
            }
            same
        });
        Ok(files)
    }

    fn scan_folder(
        &self,
        folder: &str,
        arrival: Arrival,
        files: &mut Vec<MessageFile>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(self.0.join(folder))? {
            let entry = entry?;
            if files.len() >= MOST_MESSAGES {
                break;
            }
            if let Some(name) = entry.file_name().to_str()
                && let Some(file) = message_file(name, entry.path(), arrival)
            {
                files.push(file);
            }
        }
        Ok(())
    }

    /// Moves a message from `new` to `cur`: a client has now seen that it is there.
    pub(crate) fn take_in(&self, file: &MessageFile) -> io::Result<MessageFile> {
        self.place(file, file.flags.clone())
    }

    /// Gives a message other flags.
    pub(crate) fn place(&self, file: &MessageFile, flags: Flags) -> io::Result<MessageFile> {
        let path = self
            .0
            .join("cur")
            .join(format!("{}{}", file.base, flags.info()));
        if path != file.path {
            fs::rename(&file.path, &path)?;
        }
        Ok(MessageFile {
            base: file.base.clone(),
            path,
            flags,
            arrival: Arrival::Known,
        })
    }

    /// Takes a new message in, whole or not at all.
    pub(crate) fn deliver(
        &self,
        octets: &[u8],
        flags: &Flags,
        received: SystemTime,
    ) -> io::Result<String> {
        let base = unique_name();
        fs::create_dir_all(self.0.join("tmp"))?;
        let draft = self.0.join("tmp").join(&base);
        let written = write_message(&draft, octets, received).and_then(|()| {
            let path = self.0.join("cur").join(format!("{base}{}", flags.info()));
            fs::rename(&draft, path)
        });
        if written.is_err() {
            fs::remove_file(&draft)?;
        }
        written.map(|()| base)
    }
}

fn write_message(path: &Path, octets: &[u8], received: SystemTime) -> io::Result<()> {
    let mut file = fs::File::create_new(path)?;
    file.write_all(octets)?;
    file.set_modified(received)?;
    file.sync_all()
}

/// Time, process and count make the name unique, as Maildir's description wants it.
fn unique_name() -> String {
    let now = crate::clock::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    let count = DELIVERED.fetch_add(1, Ordering::Relaxed);
    format!(
        "{}.M{}P{}Q{count}.keyhole",
        now.as_secs(),
        now.subsec_micros(),
        std::process::id()
    )
}

fn message_file(name: &str, path: PathBuf, arrival: Arrival) -> Option<MessageFile> {
    // Names with blanks would not survive the list of UIDs; no deliverer makes them.
    let sound = !name.starts_with('.') && name.bytes().all(|octet| octet.is_ascii_graphic());
    let (base, info) = name.split_once(INFO).unwrap_or((name, ""));
    (sound && !base.is_empty()).then(|| MessageFile {
        base: base.to_owned(),
        path,
        flags: Flags::of_info(info),
        arrival,
    })
}

/// Names begin with the second of delivery.
fn delivery(base: &str) -> (u64, &str) {
    let seconds = base.split('.').next().and_then(|first| first.parse().ok());
    (seconds.unwrap_or(u64::MAX), base)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Folder;

    fn maildir(folder: &Folder) -> Maildir {
        for name in ["new", "cur", "tmp"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
        }
        Maildir::at(folder.path()).unwrap()
    }

    #[test]
    fn flags_live_in_the_name_and_foreign_letters_stay() {
        let folder = Folder::new("maildir");
        let maildir = maildir(&folder);
        fs::write(folder.path().join("cur/1.a:2,PSa"), "x").unwrap();
        let file = maildir.scan().unwrap().remove(0);
        let mut flags = file.flags.clone();
        assert_eq!(flags.to_imap(), [Flag::Seen]);
        flags.clear();
        flags.insert(&Flag::Deleted);
        maildir.place(&file, flags).unwrap();
        assert!(folder.path().join("cur/1.a:2,PTa").exists());
    }

    #[test]
    fn messages_come_in_the_order_of_delivery_each_once() {
        let folder = Folder::new("maildir");
        let maildir = maildir(&folder);
        for name in [
            "new/10.b",
            "cur/9.a:2,S",
            "cur/10.b:2,",
            "new/.hidden",
            "new/with blank",
        ] {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let files = maildir.scan().unwrap();
        let names: Vec<_> = files
            .iter()
            .map(|file| (file.base.as_str(), file.arrival))
            .collect();
        assert_eq!(names, [("9.a", Arrival::Known), ("10.b", Arrival::Known)]);
    }

    #[test]
    fn a_delivered_message_is_there_with_flags_and_date() {
        let folder = Folder::new("maildir");
        let maildir = maildir(&folder);
        let mut flags = Flags::default();
        flags.insert(&Flag::Flagged);
        let received = SystemTime::UNIX_EPOCH + Duration::from_secs(86_400);
        let base = maildir.deliver(b"octets", &flags, received).unwrap();
        let file = maildir.scan().unwrap().remove(0);
        assert_eq!((file.base, file.flags), (base, flags));
        assert_eq!(fs::read(&file.path).unwrap(), b"octets");
        assert_eq!(
            fs::metadata(&file.path).unwrap().modified().unwrap(),
            received
        );
        assert_eq!(fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);
    }
}
