//! A small IMAP4rev1 store over Maildirs: the embedded backend of `keyhole demo` and of hermetic tests.
//!
//! It serves what a reader needs (FETCH in full with BINARY, SEARCH, flags, EXPUNGE, APPEND, IDLE) and answers everything
//! else with an honest `NO [CANNOT]`. It speaks plainly and without TLS: the listener that [`serve`] gets is a loopback one.
//!
//! | module | holds |
//! | --- | --- |
//! | `config` | accounts and limits |
//! | `serve`, `connection` | sockets, timeouts; what may block runs beside the tasks |
//! | `session` | one client's session; a file a group of commands; blocking, without a socket |
//! | `fault` | what can go wrong, and what the client is told |
//! | `output` | from the session to the socket, bounded |
//! | `mailboxes`, `maildir`, `uids` | the files, and which UID each has |
//! | `source`, `mime` | a message as IMAP shows it, and its parts |
//!
//! One process serves a Maildir at a time; deliveries by others are found, renames by others while it looks may not be.

mod clock;
mod config;
mod connection;
mod date;
mod fault;
mod mailboxes;
mod maildir;
mod mime;
mod output;
#[cfg(test)]
mod scratch;
mod serve;
mod session;
mod source;
mod uids;

pub use config::{Account, Config, Limits};
pub use serve::serve;
