//! A command's name, read off its first line alone: all that a relay needs.

use super::super::cursor::Cursor;
use super::super::tag::Tag;

/// A command's name, its UID form being a name of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Name {
    /// `CAPABILITY`
    Capability,
    /// `NOOP`
    Noop,
    /// `LOGOUT`
    Logout,
    /// `ID`
    Id,
    /// `STARTTLS`
    Starttls,
    /// `LOGIN`
    Login,
    /// `AUTHENTICATE`
    Authenticate,
    /// `ENABLE`
    Enable,
    /// `SELECT`
    Select,
    /// `EXAMINE`
    Examine,
    /// `CREATE`
    Create,
    /// `DELETE`
    Delete,
    /// `RENAME`
    Rename,
    /// `SUBSCRIBE`
    Subscribe,
    /// `UNSUBSCRIBE`
    Unsubscribe,
    /// `LIST`
    List,
    /// `LSUB`
    Lsub,
    /// `NAMESPACE`
    Namespace,
    /// `STATUS`
    Status,
    /// `APPEND`
    Append,
    /// `IDLE`
    Idle,
    /// `CLOSE`
    Close,
    /// `UNSELECT`
    Unselect,
    /// `CHECK`
    Check,
    /// `EXPUNGE`
    Expunge,
    /// `UID EXPUNGE`
    UidExpunge,
    /// `SEARCH`
    Search,
    /// `UID SEARCH`
    UidSearch,
    /// `FETCH`
    Fetch,
    /// `UID FETCH`
    UidFetch,
    /// `STORE`
    Store,
    /// `UID STORE`
    UidStore,
    /// `COPY`
    Copy,
    /// `UID COPY`
    UidCopy,
    /// `MOVE`
    Move,
    /// `UID MOVE`
    UidMove,
    /// `CONVERT`
    Convert,
    /// `UID CONVERT`
    UidConvert,
    /// `CONVERSIONS`
    Conversions,
    /// `KEYREVEAL`
    KeyReveal,
    /// `COMPRESS` (RFC 4978)
    Compress,
    /// `NOTIFY` (RFC 5465)
    Notify,
    /// `UNAUTHENTICATE` (RFC 8437)
    Unauthenticate,
    /// Any other.
    Unknown,
}

impl Name {
    /// The tag and name on a command's first line (without CRLF and literal announcement). `None`: this is no command.
    #[must_use]
    pub fn of_line(text: &[u8]) -> Option<(Tag, Self)> {
        todo!()
    }
}

/// Whether a line, without its CRLF, is the DONE that ends an IDLE (RFC 2177).
#[must_use]
pub fn is_done(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"DONE")
}
