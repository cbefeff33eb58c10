//! Each extension carried: one scripted dialogue, spoken with the store directly and through the proxy, says the same octets.
//!
//! | module | extensions |
//! | --- | --- |
//! | [`enabling`] | ENABLE, UTF8=ACCEPT, LITERAL+ |
//! | [`waiting`] | IDLE, NOTIFY |
//! | [`resyncing`] | CONDSTORE, QRESYNC |
//! | [`moving`] | UIDPLUS, MOVE |
//! | [`appending`] | MULTIAPPEND, CATENATE, BINARY |
//! | [`annotating`] | METADATA, QUOTA, ACL |
//! | [`searching`] | SORT, THREAD, ESEARCH |
//! | [`mailboxes`] | NAMESPACE, SPECIAL-USE, LIST-EXTENDED, LIST-STATUS |
//! | [`dialogue`] | who speaks, and how the two are compared |
//!
//! A test names what the store must offer, and the proxy must announce: nothing is left out in silence. The two stores are
//! Debian's: neither knows IMAP4rev2, UTF8=ACCEPT or LITERAL-, and Cyrus 3.6 has no NOTIFY.

#![cfg(test)]

mod annotating;
mod appending;
mod dialogue;
mod enabling;
mod mailboxes;
mod moving;
mod resyncing;
mod searching;
mod waiting;
