//! Response codes (RFC 9051 §7.1, RFC 5530, RFC 5259 §9, RFC 4315, RFC 7162, RFC 9585).

use super::super::capability::Capabilities;
use super::super::flag::Flag;
use super::super::sequence::{SequenceSet, Uid, UidValidity};

/// A response code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Code {
    /// `ALERT`
    Alert,
    /// `ALREADYEXISTS`
    AlreadyExists,
    /// `APPENDUID`
    AppendUid(UidValidity, SequenceSet),
    /// `AUTHENTICATIONFAILED`
    AuthenticationFailed,
    /// `AUTHORIZATIONFAILED`
    AuthorizationFailed,
    /// `BADCHARSET`
    BadCharset(Vec<Vec<u8>>),
    /// `CANNOT`
    Cannot,
    /// `CAPABILITY`
    Capability(Capabilities),
    /// `CLIENTBUG`
    ClientBug,
    /// `CLOSED`
    Closed,
    /// `CONTACTADMIN`
    ContactAdmin,
    /// `COPYUID`
    CopyUid(UidValidity, SequenceSet, SequenceSet),
    /// `CORRUPTION`
    Corruption,
    /// `EXPIRED`
    Expired,
    /// `EXPUNGEISSUED`
    ExpungeIssued,
    /// `HASCHILDREN`
    HasChildren,
    /// `HIGHESTMODSEQ`
    HighestModSeq(u64),
    /// `INUSE`
    InUse,
    /// `LIMIT`
    Limit,
    /// `MAXCONVERTMESSAGES` (RFC 5259 §8.5)
    MaxConvertMessages(u32),
    /// `MAXCONVERTPARTS` (RFC 5259 §8.5)
    MaxConvertParts(u32),
    /// `NOMODSEQ`
    NoModSeq,
    /// `NONEXISTENT`
    NonExistent,
    /// `NOPERM`
    NoPerm,
    /// `NOTSAVED`
    NotSaved,
    /// `OVERQUOTA`
    OverQuota,
    /// `PARSE`
    Parse,
    /// `PERMANENTFLAGS`
    PermanentFlags(Vec<Flag>),
    /// `PRIVACYREQUIRED`
    PrivacyRequired,
    /// `READ-ONLY`
    ReadOnly,
    /// `READ-WRITE`
    ReadWrite,
    /// `SERVERBUG`
    ServerBug,
    /// `TEMPFAIL` (RFC 5259 §9)
    TempFail,
    /// `TOOBIG` (RFC 7889)
    TooBig,
    /// `TRYCREATE`
    TryCreate,
    /// `UIDNEXT`
    UidNext(Uid),
    /// `UIDNOTSTICKY`
    UidNotSticky,
    /// `UIDVALIDITY`
    UidValidity(UidValidity),
    /// `UNAVAILABLE`
    Unavailable,
    /// `UNKNOWN-CTE` (RFC 3516)
    UnknownCte,
    /// `UNSEEN` (RFC 3501)
    Unseen(u32),
    /// One that is not known here, as written between the brackets.
    Unknown(Vec<u8>),
}
