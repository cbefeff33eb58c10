//! Which charset a label means: WHATWG's table, the names that mail adds to it, and the strict sense of a few when text is written.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// A charset that is read. Most are written too: [`Charset::is_written`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Charset {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
}

/// How its octets are made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    /// As WHATWG has it.
    Web(&'static Encoding),
    /// Read as WHATWG has it, which gives the octets 80 to 9F letters of Windows. Written without them: who asked
    /// for ISO 8859 may not know them.
    Narrow(&'static Encoding),
    /// Read as WHATWG has it; written in seven bits.
    Ascii,
    /// UTF-16 of one order of octets, without a mark.
    Utf16(Order),
    /// UTF-16 whose order a mark tells; big-endian where none does (RFC 2781 §4.3).
    Utf16Marked,
    /// RFC 2152: read only.
    Utf7,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    Big,
    Little,
}

/// Labels longer than this are none: WHATWG's longest has 19 octets, IANA's 45.
const LONGEST_LABEL: usize = 64;

/// What IANA or mail programs call by other names than WHATWG does.
const MAIL: [(&str, &str); 14] = [
    ("utf8mb4", "utf-8"),
    ("cp65001", "utf-8"),
    ("utf-8-sig", "utf-8"),
    ("ascii-8bit", "us-ascii"),
    ("latin-1", "iso-8859-1"),
    ("8859_1", "iso-8859-1"),
    ("iso8859_1", "iso-8859-1"),
    ("cp932", "shift_jis"),
    ("windows-932", "shift_jis"),
    ("cp936", "gbk"),
    ("windows-936", "gbk"),
    ("cp949", "euc-kr"),
    ("cp950", "big5"),
    ("macroman", "macintosh"),
];

/// IANA's names for the charsets that WHATWG widens to those of Windows, with the aliases of each.
pub(crate) const NARROW: [(&str, &[&str]); 3] = [
    (
        "iso-8859-1",
        &[
            "iso-8859-1",
            "iso8859-1",
            "iso88591",
            "iso_8859-1",
            "iso_8859-1:1987",
            "iso-ir-100",
            "latin1",
            "l1",
            "ibm819",
            "cp819",
            "csisolatin1",
        ],
    ),
    (
        "iso-8859-9",
        &[
            "iso-8859-9",
            "iso8859-9",
            "iso88599",
            "iso_8859-9",
            "iso_8859-9:1989",
            "iso-ir-148",
            "latin5",
            "l5",
            "csisolatin5",
        ],
    ),
    ("iso-8859-11", &["iso-8859-11", "iso8859-11", "iso885911"]),
];

const ASCII: [&str; 6] = [
    "us-ascii",
    "ascii",
    "ansi_x3.4-1968",
    "iso646-us",
    "us",
    "csascii",
];

const UTF7: [&str; 4] = ["utf-7", "utf7", "unicode-1-1-utf-7", "csutf7"];

impl Charset {
    /// UTF-8.
    pub const UTF_8: Self = Self {
        name: "utf-8",
        form: Form::Web(UTF_8),
    };

    /// Windows' Latin, which WHATWG takes for all unlabelled western text.
    pub const WINDOWS_1252: Self = Self {
        name: "windows-1252",
        form: Form::Web(WINDOWS_1252),
    };

    /// The charset that `label` means, in whatever case, white space around it disregarded. `None`: no charset that is
    /// read, which includes those that WHATWG forbids to read (ISO-2022-KR, ISO-2022-CN, HZ).
    #[must_use]
    pub fn for_label(label: &str) -> Option<Self> {
        let label = bare(label);
        if label.len() > LONGEST_LABEL {
            return None;
        }
        let label = label.to_ascii_lowercase();
        let aliased = MAIL.iter().find(|(alias, _)| *alias == label);
        let label = aliased.map_or(label.as_str(), |(_, meant)| meant);
        Self::of_mail(label).or_else(|| Self::of_web(label))
    }

    /// What must be told apart where WHATWG does not.
    fn of_mail(label: &str) -> Option<Self> {
        let (name, form) = match label {
            "utf-16" => ("utf-16", Form::Utf16Marked),
            "utf-16be" | "unicodefffe" => ("utf-16be", Form::Utf16(Order::Big)),
            _other if ASCII.contains(&label) => ("us-ascii", Form::Ascii),
            _other if UTF7.contains(&label) => ("utf-7", Form::Utf7),
            _other => {
                let (name, _) = NARROW.iter().find(|(_, labels)| labels.contains(&label))?;
                (*name, Form::Narrow(Encoding::for_label(name.as_bytes())?))
            }
        };
        Some(Self { name, form })
    }

    fn of_web(label: &str) -> Option<Self> {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
        let form = if encoding == encoding_rs::UTF_16LE {
            Form::Utf16(Order::Little)
        } else {
            Form::Web(encoding)
        };
        Some(Self {
            name: lower(encoding),
            form,
        })
    }

    /// Its name as a `charset` parameter has it, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Whether text can be written in it.
    #[must_use]
    pub fn is_written(self) -> bool {
        self.form != Form::Utf7
    }

    /// Whether every character has octets in it.
    #[must_use]
    pub fn is_universal(self) -> bool {
        match self.form {
            Form::Web(encoding) => encoding == UTF_8 || encoding == encoding_rs::GB18030,
            Form::Utf16(_) | Form::Utf16Marked => true,
            Form::Narrow(_) | Form::Ascii | Form::Utf7 => false,
        }
    }

    /// Whether octets mean what those before them say. Two texts that both end in ASCII are not joined octet by octet then:
    /// WHATWG takes a change of state that changes nothing for damage.
    #[must_use]
    pub fn has_states(self) -> bool {
        self.form == Form::Web(encoding_rs::ISO_2022_JP) || self.form == Form::Utf7
    }

    /// Whether its octets may stand in an encoded-word and in a line: the ASCII octets mean ASCII.
    #[must_use]
    pub fn is_of_octets(self) -> bool {
        match self.form {
            Form::Web(_) | Form::Narrow(_) | Form::Ascii => true,
            Form::Utf16(_) | Form::Utf16Marked | Form::Utf7 => false,
        }
    }
}

/// Whether `label` means a charset that is known and that WHATWG forbids to read (ISO-2022-KR, ISO-2022-CN, HZ): its octets look like
/// another text than they are, so nothing else that could be guessed is right.
#[must_use]
pub fn is_forbidden(label: &str) -> bool {
    Encoding::for_label(bare(label).as_bytes()) == Some(encoding_rs::REPLACEMENT)
}

fn bare(label: &str) -> &str {
    label.trim_matches(|c: char| c.is_ascii_whitespace() || c == '"')
}

/// WHATWG's name in lower case: IANA's names are so too, case aside.
fn lower(encoding: &'static Encoding) -> &'static str {
    let name = encoding.name();
    LOWER
        .iter()
        .find(|lower| lower.eq_ignore_ascii_case(name))
        .copied()
        .unwrap_or(name)
}

pub(crate) const LOWER: [&str; 39] = [
    "utf-8",
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "gbk",
    "gb18030",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "shift_jis",
    "euc-kr",
    "utf-16be",
    "utf-16le",
    "x-user-defined",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_mean_what_whatwg_and_mail_say() {
        for (label, name) in [
            ("UTF-8", "utf-8"),
            (" \"iso-8859-1\" ", "iso-8859-1"),
            ("Latin1", "iso-8859-1"),
            ("ANSI_X3.4-1968", "us-ascii"),
            ("cp1252", "windows-1252"),
            ("gb2312", "gbk"),
            ("ks_c_5601-1987", "euc-kr"),
            ("cp932", "shift_jis"),
            ("UTF-16", "utf-16"),
            ("utf-16le", "utf-16le"),
            ("unicode", "utf-16le"),
            ("UTF-7", "utf-7"),
            ("tis-620", "windows-874"),
            ("csISO2022JP", "iso-2022-jp"),
        ] {
            let charset = Charset::for_label(label);
            assert_eq!(charset.map(Charset::name), Some(name), "{label}");
        }
    }

    #[test]
    fn what_is_no_charset_or_one_that_hides_octets_is_none() {
        for label in ["", "nowhere", "iso-2022-kr", "hz-gb-2312", &"u".repeat(70)] {
            assert_eq!(Charset::for_label(label), None, "{label}");
        }
    }

    #[test]
    fn every_name_is_a_label_of_its_own_charset() {
        for name in LOWER {
            assert_eq!(Charset::for_label(name).map(Charset::name), Some(name));
        }
    }
}
