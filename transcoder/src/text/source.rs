//! The types of text and documents that are read, the two that are written, and every pair with its parameters.

/// A type that is read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Source {
    /// `text/plain`
    Plain,
    /// `text/html`
    Html,
    /// `application/xhtml+xml`
    Xhtml,
    /// `text/enriched` (RFC 1896)
    Enriched,
    /// `text/richtext` (RFC 1341), which came before it
    RichText,
    /// `text/csv` (RFC 4180)
    Csv,
    /// `text/tab-separated-values`
    Tsv,
    /// `text/markdown` (RFC 7763): plain text as it is
    Markdown,
    /// `text/calendar` (RFC 5545)
    Calendar,
    /// `text/vcard` (RFC 6350), and the versions before it
    Vcard,
    /// Word
    Docx,
    /// Excel
    Xlsx,
    /// PowerPoint
    Pptx,
    /// OpenDocument text
    Odt,
    /// OpenDocument spreadsheet
    Ods,
    /// OpenDocument presentation
    Odp,
    /// `application/pdf`
    Pdf,
    /// `text/rtf`: Rich Text Format
    Rtf,
}

/// The registered name of each.
const NAMES: [(Source, &str); 18] = [
    (Source::Plain, "text/plain"),
    (Source::Html, "text/html"),
    (Source::Xhtml, "application/xhtml+xml"),
    (Source::Enriched, "text/enriched"),
    (Source::RichText, "text/richtext"),
    (Source::Csv, "text/csv"),
    (Source::Tsv, "text/tab-separated-values"),
    (Source::Markdown, "text/markdown"),
    (Source::Calendar, "text/calendar"),
    (Source::Vcard, "text/vcard"),
    (
        Source::Docx,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        Source::Xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        Source::Pptx,
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    (Source::Odt, "application/vnd.oasis.opendocument.text"),
    (
        Source::Ods,
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (
        Source::Odp,
        "application/vnd.oasis.opendocument.presentation",
    ),
    (Source::Pdf, "application/pdf"),
    (Source::Rtf, "text/rtf"),
];

/// Names that are in mail but not in the registry, obsolete there, or the second for the same.
const OTHER_NAMES: [(&str, Source); 10] = [
    ("text/x-vcard", Source::Vcard),
    ("text/directory", Source::Vcard),
    ("text/x-vcalendar", Source::Calendar),
    ("text/comma-separated-values", Source::Csv),
    ("text/x-markdown", Source::Markdown),
    ("text/x-amp-html", Source::Html),
    ("text/watch-html", Source::Html),
    ("application/x-pdf", Source::Pdf),
    ("application/rtf", Source::Rtf),
    ("application/x-rtf", Source::Rtf),
];

impl Source {
    /// Every type that is read.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.into_iter().map(|(source, _)| source)
    }

    /// The registered name, in lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(source, _)| *source == self);
        found.map_or("", |(_, name)| name)
    }

    /// The type of this name, in whatever case; the unregistered names that mail programs write are known too.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let registered = NAMES.iter().find(|(_, own)| own.eq_ignore_ascii_case(name));
        let registered = registered.map(|(source, _)| *source);
        registered.or_else(|| {
            let other = OTHER_NAMES
                .iter()
                .find(|(own, _)| own.eq_ignore_ascii_case(name));
            other.map(|(_, source)| *source)
        })
    }

    /// The type that a part of this name is read as. RFC 2046 §4.1.4: a subtype of `text` that is not known is read as plain text.
    #[must_use]
    pub fn of_part(name: &str) -> Option<Self> {
        let text = || {
            let (top_level, _) = name.split_once('/')?;
            top_level
                .eq_ignore_ascii_case("text")
                .then_some(Self::Plain)
        };
        Self::from_name(name).or_else(text)
    }

    /// Whether it is text that a person reads as it is.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Plain | Self::Markdown)
    }

    /// Whether a `charset` parameter says anything of its octets.
    #[must_use]
    pub fn has_charset(self) -> bool {
        match self {
            Self::Plain
            | Self::Html
            | Self::Xhtml
            | Self::Enriched
            | Self::RichText
            | Self::Csv
            | Self::Tsv
            | Self::Markdown
            | Self::Calendar
            | Self::Vcard => true,
            Self::Docx
            | Self::Xlsx
            | Self::Pptx
            | Self::Odt
            | Self::Ods
            | Self::Odp
            | Self::Pdf
            // It says it itself.
            | Self::Rtf => false,
        }
    }
}

/// A type that is written.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Target {
    /// `text/plain`
    Plain,
    /// `text/html`: small, and with nothing remote in it
    Html,
}

impl Target {
    /// Every type that is written.
    pub const ALL: [Self; 2] = [Self::Plain, Self::Html];

    /// The registered name, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "text/plain",
            Self::Html => "text/html",
        }
    }

    /// The target of this name, in whatever case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|target| target.name().eq_ignore_ascii_case(name))
    }
}

/// What a pair can be asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Parameter {
    /// [`super::Parameters::charset`]
    Charset,
    /// [`super::Parameters::unknown_character_replacement`]
    UnknownCharacterReplacement,
    /// [`super::Parameters::columns`]
    Columns,
    /// [`super::Parameters::octets`]
    Octets,
}

impl Parameter {
    /// Its registered media feature tag (RFC 2506); those that have none are named by whoever speaks to the client.
    #[must_use]
    pub const fn registered(self) -> Option<&'static str> {
        match self {
            Self::Charset => Some("charset"),
            Self::UnknownCharacterReplacement => Some("unknown-character-replacement"),
            Self::Columns | Self::Octets => None,
        }
    }
}

const OF_TEXT: [Parameter; 4] = [
    Parameter::Charset,
    Parameter::UnknownCharacterReplacement,
    Parameter::Octets,
    Parameter::Columns,
];

/// Every pair of a type that is read and a type that is written, and what each can be asked for. A parameter that is not
/// listed means nothing to the pair.
pub fn pairs() -> impl Iterator<Item = (Source, Target, &'static [Parameter])> {
    Source::all().flat_map(|from| {
        Target::ALL
            .into_iter()
            .map(move |to| (from, to, of(from, to)))
    })
}

fn of(from: Source, to: Target) -> &'static [Parameter] {
    let [without_columns @ .., _] = &OF_TEXT;
    match to {
        Target::Plain if !from.is_plain() => &OF_TEXT,
        Target::Plain | Target::Html => without_columns,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_in_whatever_case() {
        for source in Source::all() {
            assert_eq!(
                Source::from_name(&source.name().to_uppercase()),
                Some(source)
            );
        }
        assert_eq!(Source::from_name("TEXT/X-VCARD"), Some(Source::Vcard));
        assert_eq!(Source::from_name("application/rtf"), Some(Source::Rtf));
        assert_eq!(Source::from_name("application/msword"), None);
    }

    #[test]
    fn an_unknown_text_is_read_as_plain_text() {
        for (name, read) in [
            ("text/x-patch", Some(Source::Plain)),
            ("Text/XML", Some(Source::Plain)),
            ("text/html", Some(Source::Html)),
            ("text/tab-separated-values", Some(Source::Tsv)),
            ("texts/x", None),
            ("text", None),
            ("application/xml", None),
        ] {
            assert_eq!(Source::of_part(name), read, "{name}");
        }
        assert_eq!(Source::from_name("text/x-patch"), None);
    }

    /// RFC 5259 §7.1.
    #[test]
    fn plain_text_to_plain_text_can_be_asked_for_its_charset() {
        let mut pairs = pairs();
        let found = pairs.find(|(from, to, _)| *from == Source::Plain && *to == Target::Plain);
        let (_, _, parameters) = found.unwrap();
        assert!(parameters.contains(&Parameter::Charset));
        assert!(parameters.contains(&Parameter::UnknownCharacterReplacement));
        assert!(!parameters.contains(&Parameter::Columns));
    }
}
