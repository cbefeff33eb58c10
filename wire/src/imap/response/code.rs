//! Response codes (RFC 9051 §7.1, RFC 5530, RFC 5259 §9, RFC 4315, RFC 7162, RFC 9585), and KEYREVEAL's own.

use super::super::capability::Capabilities;
use super::super::cursor::{Cursor, Fault, Parsed};
use super::super::encode::{Encoder, is_quotable};
use super::super::envelope::spaced;
use super::super::flag::Flag;
use super::super::media::MediaType;
use super::super::search::astring;
use super::super::sequence::{SequenceSet, Uid, UidValidity};
use super::super::tag::Tag;

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
    /// `COMPRESSIONACTIVE` (RFC 4978)
    CompressionActive,
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
    /// `INPROGRESS` with the tag of the command that goes on (RFC 9585); how far it has come is neither read nor written
    InProgress(Tag),
    /// `INUSE`
    InUse,
    /// `KEYREVEAL`: of which types a reveal makes which, inside a container (`docs/protocol.md` §5.6)
    KeyReveal {
        /// Of what.
        from: Vec<MediaType>,
        /// What.
        to: Vec<MediaType>,
    },
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

/// Codes that are a name alone.
const BARE: [(&str, Code); 31] = [
    ("ALERT", Code::Alert),
    ("ALREADYEXISTS", Code::AlreadyExists),
    ("AUTHENTICATIONFAILED", Code::AuthenticationFailed),
    ("AUTHORIZATIONFAILED", Code::AuthorizationFailed),
    ("CANNOT", Code::Cannot),
    ("CLIENTBUG", Code::ClientBug),
    ("CLOSED", Code::Closed),
    ("COMPRESSIONACTIVE", Code::CompressionActive),
    ("CONTACTADMIN", Code::ContactAdmin),
    ("CORRUPTION", Code::Corruption),
    ("EXPIRED", Code::Expired),
    ("EXPUNGEISSUED", Code::ExpungeIssued),
    ("HASCHILDREN", Code::HasChildren),
    ("INUSE", Code::InUse),
    ("LIMIT", Code::Limit),
    ("NOMODSEQ", Code::NoModSeq),
    ("NONEXISTENT", Code::NonExistent),
    ("NOPERM", Code::NoPerm),
    ("NOTSAVED", Code::NotSaved),
    ("OVERQUOTA", Code::OverQuota),
    ("PARSE", Code::Parse),
    ("PRIVACYREQUIRED", Code::PrivacyRequired),
    ("READ-ONLY", Code::ReadOnly),
    ("READ-WRITE", Code::ReadWrite),
    ("SERVERBUG", Code::ServerBug),
    ("TEMPFAIL", Code::TempFail),
    ("TOOBIG", Code::TooBig),
    ("TRYCREATE", Code::TryCreate),
    ("UIDNOTSTICKY", Code::UidNotSticky),
    ("UNAVAILABLE", Code::Unavailable),
    ("UNKNOWN-CTE", Code::UnknownCte),
];

impl Code {
    /// What a code is that stands between these brackets. One that is malformed counts as unknown.
    pub(super) fn of(inner: &[u8]) -> Self {
        let mut cursor = Cursor::new(inner);
        match Self::read(&mut cursor) {
            Ok(Some(code)) if cursor.is_at_end() => code,
            Ok(_) | Err(_) => Self::Unknown(inner.to_vec()),
        }
    }

    fn read(cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        let name = cursor.word()?;
        let bare = BARE
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        if let Some((_, code)) = bare {
            return Ok(Some(code.clone()));
        }
        Ok(Some(match name.to_ascii_uppercase().as_str() {
            "APPENDUID" => Self::AppendUid(
                spaced(cursor, UidValidity::parse)?,
                spaced(cursor, SequenceSet::parse)?,
            ),
            "BADCHARSET" if cursor.is_at_end() => Self::BadCharset(Vec::new()),
            "BADCHARSET" => Self::BadCharset(spaced(cursor, |cursor| cursor.list(astring))?),
            "CAPABILITY" => Self::Capability(Capabilities::parse(cursor)?),
            "COPYUID" => Self::CopyUid(
                spaced(cursor, UidValidity::parse)?,
                spaced(cursor, SequenceSet::parse)?,
                spaced(cursor, SequenceSet::parse)?,
            ),
            "HIGHESTMODSEQ" => Self::HighestModSeq(spaced(cursor, Cursor::number64)?),
            "INPROGRESS" => Self::InProgress(spaced(cursor, in_progress)?),
            "KEYREVEAL" => Self::KeyReveal {
                from: spaced(cursor, |cursor| cursor.list(MediaType::parse))?,
                to: spaced(cursor, |cursor| cursor.list(MediaType::parse))?,
            },
            "MAXCONVERTMESSAGES" => Self::MaxConvertMessages(spaced(cursor, Cursor::number)?),
            "MAXCONVERTPARTS" => Self::MaxConvertParts(spaced(cursor, Cursor::number)?),
            "PERMANENTFLAGS" => {
                Self::PermanentFlags(spaced(cursor, |cursor| cursor.list(Flag::parse))?)
            }
            "UIDNEXT" => Self::UidNext(spaced(cursor, Uid::parse)?),
            "UIDVALIDITY" => Self::UidValidity(spaced(cursor, UidValidity::parse)?),
            "UNSEEN" => Self::Unseen(spaced(cursor, Cursor::number)?),
            _ => return Ok(None),
        }))
    }

    /// Writes the code without its brackets.
    pub(super) fn write(&self, out: &mut Encoder) {
        match self {
            Self::AppendUid(validity, set) => {
                out.raw(b"APPENDUID ")
                    .number(validity.value().into())
                    .space();
                set.write(out);
            }
            Self::BadCharset(charsets) => write_charsets(charsets, out),
            Self::Capability(capabilities) => capabilities.write(out.raw(b"CAPABILITY ")),
            Self::CopyUid(validity, from, to) => {
                out.raw(b"COPYUID ").number(validity.value().into()).space();
                from.write(out);
                to.write(out.space());
            }
            Self::HighestModSeq(number) => write_number(b"HIGHESTMODSEQ ", *number, out),
            Self::InProgress(tag) => {
                out.raw(b"INPROGRESS (")
                    .string(tag.as_bytes())
                    .raw(b" NIL NIL)");
            }
            Self::KeyReveal { from, to } => {
                out.raw(b"KEYREVEAL ")
                    .list(from, |out, media| media.write(out))
                    .space()
                    .list(to, |out, media| media.write(out));
            }
            Self::MaxConvertMessages(number) => {
                write_number(b"MAXCONVERTMESSAGES ", (*number).into(), out)
            }
            Self::MaxConvertParts(number) => {
                write_number(b"MAXCONVERTPARTS ", (*number).into(), out)
            }
            Self::PermanentFlags(flags) => {
                out.raw(b"PERMANENTFLAGS ")
                    .list(flags, |out, flag| flag.write(out));
            }
            Self::UidNext(uid) => write_number(b"UIDNEXT ", uid.value().into(), out),
            Self::UidValidity(validity) => {
                write_number(b"UIDVALIDITY ", validity.value().into(), out)
            }
            Self::Unseen(number) => write_number(b"UNSEEN ", (*number).into(), out),
            Self::Unknown(inner) => write_unknown(inner, out),
            Self::Alert
            | Self::AlreadyExists
            | Self::AuthenticationFailed
            | Self::AuthorizationFailed
            | Self::Cannot
            | Self::ClientBug
            | Self::Closed
            | Self::CompressionActive
            | Self::ContactAdmin
            | Self::Corruption
            | Self::Expired
            | Self::ExpungeIssued
            | Self::HasChildren
            | Self::InUse
            | Self::Limit
            | Self::NoModSeq
            | Self::NonExistent
            | Self::NoPerm
            | Self::NotSaved
            | Self::OverQuota
            | Self::Parse
            | Self::PrivacyRequired
            | Self::ReadOnly
            | Self::ReadWrite
            | Self::ServerBug
            | Self::TempFail
            | Self::TooBig
            | Self::TryCreate
            | Self::UidNotSticky
            | Self::Unavailable
            | Self::UnknownCte => {
                let name = BARE
                    .iter()
                    .find(|(_, code)| code == self)
                    .map(|(name, _)| *name);
                out.raw(name.unwrap_or_default().as_bytes());
            }
        }
    }
}

/// `(tag progress goal)`, each of the last two a number or NIL (RFC 9585 §4).
fn in_progress(cursor: &mut Cursor<'_>) -> Parsed<Tag> {
    cursor.expect(b'(')?;
    let error = cursor.error(Fault::Syntax);
    let tag = cursor.astring()?;
    let tag = str::from_utf8(&tag).ok().and_then(Tag::new).ok_or(error)?;
    for _progress_and_goal in 0..2 {
        cursor.space()?;
        cursor.word()?;
    }
    cursor.expect(b')')?;
    Ok(tag)
}

/// Always quoted, since an atom may hold `]`; what cannot be quoted is left out, since a status has no literals.
fn write_charsets(charsets: &[Vec<u8>], out: &mut Encoder) {
    out.raw(b"BADCHARSET");
    let charsets: Vec<&Vec<u8>> = charsets
        .iter()
        .filter(|charset| is_quotable(charset))
        .collect();
    if !charsets.is_empty() {
        out.space().list(&charsets, |out, charset| {
            out.string(charset);
        });
    }
}

/// Writes an unknown code, which must end where its brackets end.
fn write_unknown(inner: &[u8], out: &mut Encoder) {
    if end_of_code(&[inner, b"]"].concat()) == Some(inner.len()) {
        out.text(inner);
    } else {
        let harmless: Vec<u8> = inner
            .iter()
            .copied()
            .filter(|octet| !matches!(octet, b']' | b'"'))
            .collect();
        out.text(&harmless);
    }
}

fn write_number(name: &[u8], number: u64, out: &mut Encoder) {
    out.raw(name).number(number);
}

/// Where `]` ends a code: the first one that is in no quoted string (RFC 9051 §9, `resp-text-code`).
pub(super) fn end_of_code(inner: &[u8]) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    inner.iter().position(|octet| {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' => return !quoted,
            _ => {}
        }
        false
    })
}
