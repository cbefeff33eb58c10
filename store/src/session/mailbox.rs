//! LIST, LSUB, NAMESPACE and STATUS.

use wire::imap::command::{List, StatusItem};
use wire::imap::flag::Keyword;
use wire::imap::response::{Listed, MailboxStatus, Response};
use wire::imap::{Flag, Mailbox};

use super::Done;
use crate::config::Account;
use crate::fault::Fault;
use crate::mailboxes::{self, DELIMITER, Snapshot, Turn};
use crate::maildir::Arrival;
use crate::output::Output;

/// LIST (RFC 3501 §6.3.8) with the attributes of RFC 3348.
pub(super) fn list(account: &Account, list: &List, out: &mut Output) -> Result<Done, Fault> {
    // RFC 5258 is not announced.
    if !list.select.is_empty() || list.returns.is_some() {
        return Err(Fault::Cannot);
    }
    for pattern in &list.patterns {
        if pattern.is_empty() {
            out.push(&Response::List(listed(Mailbox::new(b""), &["Noselect"])).encode())?;
            continue;
        }
        for (mailbox, attributes) in matching(account, &list.reference, pattern)? {
            out.push(&Response::List(listed(mailbox, &attributes)).encode())?;
        }
    }
    Done::plainly("Listed")
}

/// LSUB (RFC 3501 §6.3.9): every mailbox is subscribed to.
pub(super) fn lsub(
    account: &Account,
    reference: &Mailbox,
    pattern: &[u8],
    out: &mut Output,
) -> Result<Done, Fault> {
    for (mailbox, _) in matching(account, reference, pattern)? {
        out.push(&Response::Lsub(listed(mailbox, &[])).encode())?;
    }
    Done::plainly("Listed")
}

fn matching(
    account: &Account,
    reference: &Mailbox,
    pattern: &[u8],
) -> Result<Vec<(Mailbox, Vec<&'static str>)>, Fault> {
    let all = mailboxes::list(&account.maildir)?;
    let mut canonical = reference.as_bytes().to_vec();
    canonical.extend_from_slice(pattern);
    let canonical = fold_inbox(&canonical);
    let found = all
        .iter()
        .filter(|mailbox| mailboxes::matches(&canonical, mailbox.as_bytes()));
    Ok(found
        .map(|mailbox| (mailbox.clone(), vec![children(mailbox, &all)]))
        .collect())
}

/// INBOX is written in any case (RFC 3501 §5.1), also in a pattern.
fn fold_inbox(pattern: &[u8]) -> Vec<u8> {
    Mailbox::new(pattern).as_bytes().to_vec()
}

/// RFC 3348 §3
fn children(mailbox: &Mailbox, all: &[Mailbox]) -> &'static str {
    let below = |other: &Mailbox| {
        let rest = other.as_bytes().strip_prefix(mailbox.as_bytes());
        rest.is_some_and(|rest| rest.first() == Some(&DELIMITER))
    };
    if all.iter().any(below) {
        "HasChildren"
    } else {
        "HasNoChildren"
    }
}

fn listed(mailbox: Mailbox, attributes: &[&str]) -> Listed {
    Listed {
        attributes: attributes
            .iter()
            .filter_map(|name| Keyword::new(name))
            .collect(),
        delimiter: Some(DELIMITER),
        mailbox,
    }
}

/// NAMESPACE (RFC 2342): one personal namespace without a prefix.
pub(super) fn namespace(out: &mut Output) -> Result<Done, Fault> {
    out.push(&Response::Namespace(b"((\"\" \".\")) NIL NIL".to_vec()).encode())?;
    Done::plainly("These")
}

/// STATUS (RFC 3501 §6.3.10).
pub(super) fn status(
    account: &Account,
    mailbox: &Mailbox,
    items: &[StatusItem],
    turn: &Turn,
    out: &mut Output,
) -> Result<Done, Fault> {
    let maildir = mailboxes::find(&account.maildir, mailbox)?.ok_or(Fault::NoMailbox)?;
    let snapshot = mailboxes::snapshot(&maildir, turn)?;
    let told: Option<Vec<_>> = items
        .iter()
        .map(|item| Some((*item, value(*item, &snapshot)?)))
        .collect();
    let status = MailboxStatus {
        mailbox: mailbox.clone(),
        items: told.ok_or(Fault::Cannot)?,
    };
    out.push(&Response::MailboxStatus(status).encode())?;
    Done::plainly("So it is")
}

fn value(item: StatusItem, snapshot: &Snapshot) -> Option<u64> {
    let files = || snapshot.messages.iter().map(|(_, file)| file);
    match item {
        StatusItem::Messages => Some(files().count() as u64),
        StatusItem::Recent => {
            Some(files().filter(|file| file.arrival == Arrival::New).count() as u64)
        }
        StatusItem::UidNext => Some(snapshot.next.into()),
        StatusItem::UidValidity => Some(snapshot.validity.into()),
        StatusItem::Unseen => Some(
            files()
                .filter(|file| !file.flags.contains(&Flag::Seen))
                .count() as u64,
        ),
        StatusItem::Deleted => Some(
            files()
                .filter(|file| file.flags.contains(&Flag::Deleted))
                .count() as u64,
        ),
        // Extensions that are not announced.
        StatusItem::Size | StatusItem::HighestModSeq => None,
    }
}
