//! SEARCH: its keys (RFC 9051 §6.4.4, RFC 3501 §6.4.4) and its responses (RFC 9051 §7.3.4, RFC 3501 §7.2.5).

mod esearch;

use super::cursor::{Cursor, Fault, Parsed};
use super::date::Date;
use super::encode::Encoder;
use super::envelope::spaced;
use super::flag::Keyword;
use super::sequence::SequenceSet;
pub(crate) use esearch::correlator;
pub use esearch::{Esearch, Numbers};

/// A search key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SearchKey {
    /// `ALL`
    All,
    /// `ANSWERED`
    Answered,
    /// `DELETED`
    Deleted,
    /// `DRAFT`
    Draft,
    /// `FLAGGED`
    Flagged,
    /// `NEW` (RFC 3501): recent and not seen
    New,
    /// `OLD` (RFC 3501): not recent
    Old,
    /// `RECENT` (RFC 3501)
    Recent,
    /// `SEEN`
    Seen,
    /// `UNANSWERED`
    Unanswered,
    /// `UNDELETED`
    Undeleted,
    /// `UNDRAFT`
    Undraft,
    /// `UNFLAGGED`
    Unflagged,
    /// `UNSEEN`
    Unseen,
    /// `KEYWORD flag`
    Keyword(Keyword),
    /// `UNKEYWORD flag`
    Unkeyword(Keyword),
    /// `BCC string`
    Bcc(Vec<u8>),
    /// `BODY string`
    Body(Vec<u8>),
    /// `CC string`
    Cc(Vec<u8>),
    /// `FROM string`
    From(Vec<u8>),
    /// `SUBJECT string`
    Subject(Vec<u8>),
    /// `TEXT string`
    Text(Vec<u8>),
    /// `TO string`
    To(Vec<u8>),
    /// `HEADER field string`
    Header {
        /// The field's name.
        field: Vec<u8>,
        /// What it must hold; empty: that the field is there.
        value: Vec<u8>,
    },
    /// `BEFORE date`
    Before(Date),
    /// `ON date`
    On(Date),
    /// `SINCE date`
    Since(Date),
    /// `SENTBEFORE date`
    SentBefore(Date),
    /// `SENTON date`
    SentOn(Date),
    /// `SENTSINCE date`
    SentSince(Date),
    /// `LARGER n`
    Larger(u64),
    /// `SMALLER n`
    Smaller(u64),
    /// `UID set`
    Uid(SequenceSet),
    /// A sequence set
    Messages(SequenceSet),
    /// `NOT key`
    Not(Box<SearchKey>),
    /// `OR key key`
    Or(Box<SearchKey>, Box<SearchKey>),
    /// `(key ...)`, or the keys of a command one after another
    And(Vec<SearchKey>),
}

/// What a SEARCH asks to be told (RFC 4731, RFC 5182).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SearchReturn {
    /// `MIN`
    Min,
    /// `MAX`
    Max,
    /// `ALL`
    All,
    /// `COUNT`
    Count,
    /// `SAVE`
    Save,
}

/// The arguments of SEARCH and UID SEARCH.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Search {
    /// What to return; `None`: no RETURN given, so (in IMAP4rev1) the plain SEARCH response.
    pub returns: Option<Vec<SearchReturn>>,
    /// The charset of the strings, as written.
    pub charset: Option<Vec<u8>>,
    /// All of these; never none.
    pub keys: Vec<SearchKey>,
}

impl Search {
    /// Reads SEARCH's arguments.
    pub(crate) fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let returns = if cursor.eat_word(b"RETURN") {
            Some(Self::parse_returns(cursor)?)
        } else {
            None
        };
        let charset = if cursor.eat_word(b"CHARSET") {
            Some(Self::parse_charset(cursor)?)
        } else {
            None
        };
        let mut keys = vec![SearchKey::parse(cursor)?];
        while cursor.eat(b' ') {
            cursor.node()?;
            keys.push(SearchKey::parse(cursor)?);
        }
        Ok(Self {
            returns,
            charset,
            keys,
        })
    }

    fn parse_returns(cursor: &mut Cursor<'_>) -> Parsed<Vec<SearchReturn>> {
        let returns = spaced(cursor, |cursor| cursor.list(SearchReturn::parse))?;
        cursor.space()?;
        // RFC 9051 §6.4.4: an empty list is ALL.
        Ok(if returns.is_empty() {
            vec![SearchReturn::All]
        } else {
            returns
        })
    }

    fn parse_charset(cursor: &mut Cursor<'_>) -> Parsed<Vec<u8>> {
        let charset = spaced(cursor, astring)?;
        cursor.space()?;
        Ok(charset)
    }

    pub(crate) fn write(&self, out: &mut Encoder) {
        if let Some(returns) = &self.returns {
            out.raw(b"RETURN ").list(returns, |out, option| {
                out.raw(option.word());
            });
            out.space();
        }
        if let Some(charset) = &self.charset {
            out.raw(b"CHARSET ").astring(charset).space();
        }
        out.spaced(&self.keys, |out, key| key.write(out));
    }
}

impl SearchReturn {
    const ALL: [Self; 5] = [Self::Min, Self::Max, Self::All, Self::Count, Self::Save];

    fn word(self) -> &'static [u8] {
        match self {
            Self::Min => b"MIN",
            Self::Max => b"MAX",
            Self::All => b"ALL",
            Self::Count => b"COUNT",
            Self::Save => b"SAVE",
        }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        let word = cursor.atom()?;
        Self::ALL
            .into_iter()
            .find(|option| option.word().eq_ignore_ascii_case(word))
            .ok_or(error)
    }
}

impl SearchKey {
    fn parse(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        match cursor.peek() {
            Some(b'(') => {
                let keys = cursor.list(Self::parse)?;
                if keys.is_empty() {
                    cursor.unexpected()
                } else {
                    Ok(Self::And(keys))
                }
            }
            Some(b'0'..=b'9' | b'*' | b'$') => SequenceSet::parse(cursor).map(Self::Messages),
            _ => Self::parse_named(cursor),
        }
    }

    fn parse_named(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let error = cursor.error(Fault::Syntax);
        let name = cursor.atom()?.to_ascii_uppercase();
        match name.as_slice() {
            b"ALL" => Ok(Self::All),
            b"ANSWERED" => Ok(Self::Answered),
            b"DELETED" => Ok(Self::Deleted),
            b"DRAFT" => Ok(Self::Draft),
            b"FLAGGED" => Ok(Self::Flagged),
            b"NEW" => Ok(Self::New),
            b"OLD" => Ok(Self::Old),
            b"RECENT" => Ok(Self::Recent),
            b"SEEN" => Ok(Self::Seen),
            b"UNANSWERED" => Ok(Self::Unanswered),
            b"UNDELETED" => Ok(Self::Undeleted),
            b"UNDRAFT" => Ok(Self::Undraft),
            b"UNFLAGGED" => Ok(Self::Unflagged),
            b"UNSEEN" => Ok(Self::Unseen),
            name => {
                cursor.space()?;
                Self::parse_argument(name, cursor)?.ok_or(error)
            }
        }
    }

    /// Reads what follows a key that has arguments; `None`: there is no such key.
    fn parse_argument(name: &[u8], cursor: &mut Cursor<'_>) -> Parsed<Option<Self>> {
        Ok(Some(match name {
            b"KEYWORD" => Self::Keyword(Keyword::parse(cursor)?),
            b"UNKEYWORD" => Self::Unkeyword(Keyword::parse(cursor)?),
            b"BCC" => Self::Bcc(astring(cursor)?),
            b"BODY" => Self::Body(astring(cursor)?),
            b"CC" => Self::Cc(astring(cursor)?),
            b"FROM" => Self::From(astring(cursor)?),
            b"SUBJECT" => Self::Subject(astring(cursor)?),
            b"TEXT" => Self::Text(astring(cursor)?),
            b"TO" => Self::To(astring(cursor)?),
            b"HEADER" => Self::Header {
                field: astring(cursor)?,
                value: spaced(cursor, astring)?,
            },
            b"BEFORE" => Self::Before(Date::parse(cursor)?),
            b"ON" => Self::On(Date::parse(cursor)?),
            b"SINCE" => Self::Since(Date::parse(cursor)?),
            b"SENTBEFORE" => Self::SentBefore(Date::parse(cursor)?),
            b"SENTON" => Self::SentOn(Date::parse(cursor)?),
            b"SENTSINCE" => Self::SentSince(Date::parse(cursor)?),
            b"LARGER" => Self::Larger(cursor.number64()?),
            b"SMALLER" => Self::Smaller(cursor.number64()?),
            b"UID" => Self::Uid(SequenceSet::parse(cursor)?),
            b"NOT" => Self::Not(Box::new(cursor.nested(Self::parse)?)),
            b"OR" => cursor.nested(Self::parse_or)?,
            _ => return Ok(None),
        }))
    }

    fn parse_or(cursor: &mut Cursor<'_>) -> Parsed<Self> {
        let first = Self::parse(cursor)?;
        Ok(Self::Or(
            Box::new(first),
            Box::new(spaced(cursor, Self::parse)?),
        ))
    }

    fn write(&self, out: &mut Encoder) {
        match self {
            Self::All => out.raw(b"ALL"),
            Self::Answered => out.raw(b"ANSWERED"),
            Self::Deleted => out.raw(b"DELETED"),
            Self::Draft => out.raw(b"DRAFT"),
            Self::Flagged => out.raw(b"FLAGGED"),
            Self::New => out.raw(b"NEW"),
            Self::Old => out.raw(b"OLD"),
            Self::Recent => out.raw(b"RECENT"),
            Self::Seen => out.raw(b"SEEN"),
            Self::Unanswered => out.raw(b"UNANSWERED"),
            Self::Undeleted => out.raw(b"UNDELETED"),
            Self::Undraft => out.raw(b"UNDRAFT"),
            Self::Unflagged => out.raw(b"UNFLAGGED"),
            Self::Unseen => out.raw(b"UNSEEN"),
            Self::Keyword(keyword) => out.raw(b"KEYWORD ").raw(keyword.as_str().as_bytes()),
            Self::Unkeyword(keyword) => out.raw(b"UNKEYWORD ").raw(keyword.as_str().as_bytes()),
            Self::Bcc(text) => out.raw(b"BCC ").string(text),
            Self::Body(text) => out.raw(b"BODY ").string(text),
            Self::Cc(text) => out.raw(b"CC ").string(text),
            Self::From(text) => out.raw(b"FROM ").string(text),
            Self::Subject(text) => out.raw(b"SUBJECT ").string(text),
            Self::Text(text) => out.raw(b"TEXT ").string(text),
            Self::To(text) => out.raw(b"TO ").string(text),
            Self::Header { field, value } => {
                out.raw(b"HEADER ").astring(field).space().string(value)
            }
            Self::Before(date) => write_date(b"BEFORE ", *date, out),
            Self::On(date) => write_date(b"ON ", *date, out),
            Self::Since(date) => write_date(b"SINCE ", *date, out),
            Self::SentBefore(date) => write_date(b"SENTBEFORE ", *date, out),
            Self::SentOn(date) => write_date(b"SENTON ", *date, out),
            Self::SentSince(date) => write_date(b"SENTSINCE ", *date, out),
            Self::Larger(octets) => out.raw(b"LARGER ").number(*octets),
            Self::Smaller(octets) => out.raw(b"SMALLER ").number(*octets),
            Self::Uid(set) => write_set(b"UID ", set, out),
            Self::Messages(set) => write_set(b"", set, out),
            Self::Not(key) => {
                key.write(out.raw(b"NOT "));
                out
            }
            Self::Or(first, second) => {
                first.write(out.raw(b"OR "));
                second.write(out.space());
                out
            }
            Self::And(keys) => out.list(keys, |out, key| key.write(out)),
        };
    }
}

fn write_date<'e>(name: &[u8], date: Date, out: &'e mut Encoder) -> &'e mut Encoder {
    date.write(out.raw(name));
    out
}

fn write_set<'e>(name: &[u8], set: &SequenceSet, out: &'e mut Encoder) -> &'e mut Encoder {
    set.write(out.raw(name));
    out
}

/// Reads an astring into octets of its own.
pub(crate) fn astring(cursor: &mut Cursor<'_>) -> Parsed<Vec<u8>> {
    cursor.astring().map(|octets| octets.into_owned())
}
