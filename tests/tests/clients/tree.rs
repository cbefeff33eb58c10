//! A tree of mailboxes with about 200 messages: most are small, some are as odd as mail gets.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;

use tests::harness::dovecot::{ANN, Dovecot, deliver, make_maildir};
use tests::harness::mail;

/// Each mailbox below INBOX, as Maildir++ has it, and how it is named by IMAP.
pub(crate) const MAILBOXES: [&str; 4] = ["Archive", "Archive.2026", "Lists", "Empty"];
/// Small messages in INBOX and in each mailbox but the last.
pub(crate) const SMALL: usize = 47;
/// Odd ones, in INBOX.
pub(crate) const ODD: usize = 9;
/// All there is.
pub(crate) const MESSAGES: usize = SMALL * MAILBOXES.len() + ODD;
/// Octets of the large attachment.
const LARGE: u32 = 5 * 1024 * 1024;

/// Fills Ann's mailboxes.
pub(crate) fn fill(dovecot: &Dovecot) {
    let inbox = dovecot.maildir(ANN);
    odd().iter().for_each(|message| deliver(&inbox, message));
    fill_small(&inbox, "INBOX");
    for mailbox in MAILBOXES {
        let folder = inbox.join(format!(".{mailbox}"));
        make_maildir(&folder);
        fs::write(folder.join("maildirfolder"), b"").expect("a folder's mark");
        own(&folder, &inbox);
        if mailbox != "Empty" {
            fill_small(&folder, mailbox);
        }
    }
}

fn own(folder: &Path, like: &Path) {
    let owner = fs::metadata(like).expect("the Maildir");
    for name in ["", "new", "cur", "tmp", "maildirfolder"] {
        chown(folder.join(name), Some(owner.uid()), Some(owner.gid())).expect("an owner");
    }
}

fn fill_small(folder: &Path, name: &str) {
    for number in 0..SMALL {
        let text = format!(
            "Content-Type: text/plain\r\n\r\n{}\r\n",
            "some words of mail ".repeat(number)
        );
        deliver(
            folder,
            &mail::message(&format!("{name} {number}"), text.as_bytes()),
        );
    }
}

fn odd() -> [Vec<u8>; ODD] {
    let large: Vec<u8> = (0..LARGE)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[1])
        .collect();
    let eight_bit: Vec<u8> = (1..=255)
        .filter(|octet| !matches!(octet, b'\r' | b'\n'))
        .collect();
    let text = b"Content-Type: text/plain\r\n\r\n".as_slice();
    let headers: String = (0..2000)
        .map(|n| format!("X-Header-{n}: {}\r\n", "value ".repeat(9)))
        .collect();
    let mut nested = mail::entity("text/plain", "deep.txt", b"deep");
    for depth in 0..12 {
        nested = mail::multipart(&[nested], &format!("=_depth-{depth}"));
    }
    let pieces = |pieces: &[&[u8]]| pieces.concat();
    [
        mail::message("8 bit", &pieces(&[text, &eight_bit, b"\r\n"])),
        mail::message(
            "many headers",
            &pieces(&[headers.as_bytes(), text, b"x\r\n"]),
        ),
        mail::message(
            "a long header",
            format!("X-Long: {}\r\n\r\nx\r\n", "a".repeat(200_000)).as_bytes(),
        ),
        mail::message("nested", &nested),
        mail::message_with_parts("large", &[mail::entity("image/jpeg", "large.jpg", &large)]),
        mail::message("a NUL", &pieces(&[text, b"before\0after\r\n"])),
        mail::message(
            "long lines",
            &pieces(&[text, "x".repeat(300_000).as_bytes(), b"\r\n"]),
        ),
        mail::message(
            "looks like answers",
            &pieces(&[text, b"t1 OK done\r\n* BYE\r\n+ {10}\r\na1 NO\r\n)\r\n"]),
        ),
        mail::message("no end of line", &pieces(&[text, b"no end"])),
    ]
}
