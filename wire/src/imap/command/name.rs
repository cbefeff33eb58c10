//! A command's name, read off its first line alone: all that a relay needs.

use super::super::cursor::{Cursor, Fault, Parsed};
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
    /// `GENURLAUTH` (RFC 4467)
    GenUrlAuth,
    /// `RESETKEY` (RFC 4467)
    ResetKey,
    /// `URLFETCH` (RFC 4467)
    UrlFetch,
    /// `GETQUOTA` (RFC 9208)
    GetQuota,
    /// `GETQUOTAROOT` (RFC 9208)
    GetQuotaRoot,
    /// `SETQUOTA` (RFC 9208)
    SetQuota,
    /// `GETMETADATA` (RFC 5464)
    GetMetadata,
    /// `SETMETADATA` (RFC 5464)
    SetMetadata,
    /// `SORT` (RFC 5256)
    Sort,
    /// `THREAD` (RFC 5256)
    Thread,
    /// `SETACL` (RFC 4314)
    SetAcl,
    /// `DELETEACL` (RFC 4314)
    DeleteAcl,
    /// `GETACL` (RFC 4314)
    GetAcl,
    /// `LISTRIGHTS` (RFC 4314)
    ListRights,
    /// `MYRIGHTS` (RFC 4314)
    MyRights,
    /// `CANCELUPDATE` (RFC 5267)
    CancelUpdate,
    /// `ESEARCH` (RFC 7377)
    Esearch,
    /// `REPLACE` (RFC 8508)
    Replace,
    /// `LANGUAGE` (RFC 5255)
    Language,
    /// `COMPARATOR` (RFC 5255)
    Comparator,
    /// `UID SORT` (RFC 5256)
    UidSort,
    /// `UID THREAD` (RFC 5256)
    UidThread,
    /// `UID REPLACE` (RFC 8508)
    UidReplace,
    /// Any other.
    Unknown,
}

const NAMES: [(&str, Name); 56] = [
    ("CAPABILITY", Name::Capability),
    ("NOOP", Name::Noop),
    ("LOGOUT", Name::Logout),
    ("ID", Name::Id),
    ("STARTTLS", Name::Starttls),
    ("LOGIN", Name::Login),
    ("AUTHENTICATE", Name::Authenticate),
    ("ENABLE", Name::Enable),
    ("SELECT", Name::Select),
    ("EXAMINE", Name::Examine),
    ("CREATE", Name::Create),
    ("DELETE", Name::Delete),
    ("RENAME", Name::Rename),
    ("SUBSCRIBE", Name::Subscribe),
    ("UNSUBSCRIBE", Name::Unsubscribe),
    ("LIST", Name::List),
    ("LSUB", Name::Lsub),
    ("NAMESPACE", Name::Namespace),
    ("STATUS", Name::Status),
    ("APPEND", Name::Append),
    ("IDLE", Name::Idle),
    ("CLOSE", Name::Close),
    ("UNSELECT", Name::Unselect),
    ("CHECK", Name::Check),
    ("EXPUNGE", Name::Expunge),
    ("SEARCH", Name::Search),
    ("FETCH", Name::Fetch),
    ("STORE", Name::Store),
    ("COPY", Name::Copy),
    ("MOVE", Name::Move),
    ("CONVERT", Name::Convert),
    ("CONVERSIONS", Name::Conversions),
    ("KEYREVEAL", Name::KeyReveal),
    ("COMPRESS", Name::Compress),
    ("NOTIFY", Name::Notify),
    ("UNAUTHENTICATE", Name::Unauthenticate),
    ("GENURLAUTH", Name::GenUrlAuth),
    ("RESETKEY", Name::ResetKey),
    ("URLFETCH", Name::UrlFetch),
    ("GETQUOTA", Name::GetQuota),
    ("GETQUOTAROOT", Name::GetQuotaRoot),
    ("SETQUOTA", Name::SetQuota),
    ("GETMETADATA", Name::GetMetadata),
    ("SETMETADATA", Name::SetMetadata),
    ("SORT", Name::Sort),
    ("THREAD", Name::Thread),
    ("SETACL", Name::SetAcl),
    ("DELETEACL", Name::DeleteAcl),
    ("GETACL", Name::GetAcl),
    ("LISTRIGHTS", Name::ListRights),
    ("MYRIGHTS", Name::MyRights),
    ("CANCELUPDATE", Name::CancelUpdate),
    ("ESEARCH", Name::Esearch),
    ("REPLACE", Name::Replace),
    ("LANGUAGE", Name::Language),
    ("COMPARATOR", Name::Comparator),
];

const UID_NAMES: [(&str, Name); 10] = [
    ("EXPUNGE", Name::UidExpunge),
    ("SEARCH", Name::UidSearch),
    ("FETCH", Name::UidFetch),
    ("STORE", Name::UidStore),
    ("COPY", Name::UidCopy),
    ("MOVE", Name::UidMove),
    ("CONVERT", Name::UidConvert),
    ("SORT", Name::UidSort),
    ("THREAD", Name::UidThread),
    ("REPLACE", Name::UidReplace),
];

impl Name {
    /// The tag and name on a command's first line (without CRLF and literal announcement). `None`: this is no command.
    #[must_use]
    pub fn of_line(text: &[u8]) -> Option<(Tag, Self)> {
        let mut cursor = Cursor::new(text);
        let tag = Tag::parse(&mut cursor).ok()?;
        cursor.space().ok()?;
        let (name, _) = Self::parse(&mut cursor).ok()?;
        Some((tag, name))
    }

    /// Reads a name, and the name as it was written, without `UID `.
    pub(super) fn parse<'a>(cursor: &mut Cursor<'a>) -> Parsed<(Self, &'a str)> {
        if cursor.eat_word(b"UID") {
            cursor.space()?;
            return Self::parse_word(cursor, &UID_NAMES);
        }
        Self::parse_word(cursor, &NAMES)
    }

    fn parse_word<'a>(cursor: &mut Cursor<'a>, names: &[(&str, Self)]) -> Parsed<(Self, &'a str)> {
        let error = cursor.error(Fault::Syntax);
        let word = cursor.word()?;
        // A name ends where the line does, or at a space: `NOOP(` is no NOOP.
        if !cursor.is_at_end() && cursor.peek() != Some(b' ') {
            return Err(error);
        }
        let known = names
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(word));
        Ok((known.map_or(Self::Unknown, |(_, name)| *name), word))
    }
}

/// Whether a line, without its CRLF, is the DONE that ends an IDLE (RFC 2177).
#[must_use]
pub fn is_done(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"DONE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_off_the_first_line() {
        for (line, name) in [
            (&b"a1 noop"[..], Name::Noop),
            (b"a1 UID FETCH 1 (BODY[])", Name::UidFetch),
            (b"a1 uid convert 1 (", Name::UidConvert),
            (b"a1 LOGIN ", Name::Login),
            (b"a1 UID NOOP", Name::Unknown),
            (b"a1 UIDFETCH 1", Name::Unknown),
            (b"a1 XYZ", Name::Unknown),
            (b"a1 uid replace 1 m {3}", Name::UidReplace),
            (b"a1 GETQUOTAROOT m", Name::GetQuotaRoot),
        ] {
            let (tag, found) = Name::of_line(line).unwrap();
            assert_eq!((tag.as_str(), found), ("a1", name), "{line:?}");
        }
    }

    #[test]
    fn what_is_no_command_has_no_name() {
        for line in [
            &b""[..],
            b"DONE",
            b"a1 ",
            b" a1 NOOP",
            b"+ NOOP",
            b"* NOOP",
            b"a1  NOOP",
            b"a1 \"NOOP\"",
            b"a1 NOOP(",
            b"a1 UID",
        ] {
            assert_eq!(Name::of_line(line), None, "{line:?}");
        }
    }
}
