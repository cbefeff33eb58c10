//! Which charset the octets of a document are in: `\ansicpg` says it for all, a font's `\fcharset` or `\cpg` for what is set in it.

use std::collections::BTreeMap;

use charset::{Charset, decode};
use zeroize::Zeroizing;

/// How octets of text are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Coding {
    Charset(Charset),
    /// A font of signs: what is above ASCII is some mark. Which, only the font knows.
    Signs,
}

/// The fonts of a document, by their numbers.
pub(super) struct Fonts {
    document: Coding,
    usual: i32,
    told: BTreeMap<i32, Coding>,
    /// The font whose entry is being read.
    entry: i32,
}

/// Fonts further on in the table are in the document's charset.
const MOST: usize = 4096;

/// What stands for a sign.
pub(super) const SIGN: char = '\u{2022}';

impl Default for Fonts {
    fn default() -> Self {
        Self {
            document: Coding::Charset(Charset::WINDOWS_1252),
            usual: 0,
            told: BTreeMap::new(),
            entry: 0,
        }
    }
}

impl Fonts {
    /// `\ansi`, `\mac`, `\pc`, `\pca`, `\ansicpg`.
    pub(super) fn set_document(&mut self, page: usize) {
        self.document = Coding::Charset(of_page(page));
    }

    /// `\deff`
    pub(super) fn set_usual(&mut self, font: i32) {
        self.usual = font;
    }

    /// What follows in the table is of this font.
    pub(super) fn begin_entry(&mut self, font: i32) {
        self.entry = font;
    }

    /// `\fcharset`
    pub(super) fn entry_is_of(&mut self, family: usize) {
        if let Some(coding) = of_family(family) {
            self.tell(coding);
        }
    }

    /// `\cpg`
    pub(super) fn entry_is_of_page(&mut self, page: usize) {
        self.tell(Coding::Charset(of_page(page)));
    }

    fn tell(&mut self, coding: Coding) {
        if self.told.len() < MOST {
            self.told.insert(self.entry, coding);
        }
    }

    /// Of text in `font`; without one, in the usual.
    pub(super) fn coding(&self, font: Option<i32>) -> Coding {
        let font = font.unwrap_or(self.usual);
        self.told.get(&font).copied().unwrap_or(self.document)
    }
}

impl Coding {
    pub(super) fn text(self, octets: &[u8]) -> Zeroizing<String> {
        match self {
            Self::Charset(charset) => decode(charset, octets),
            Self::Signs => {
                let mut text =
                    Zeroizing::new(String::with_capacity(octets.len().saturating_mul(3)));
                let read = |octet: &u8| match octet.is_ascii() {
                    true => char::from(*octet),
                    false => SIGN,
                };
                text.extend(octets.iter().map(read));
                text
            }
        }
    }
}

/// The charset of a code page. In one that is not read, what is not ASCII does not decode, and is U+FFFD: as UTF-8 it is so.
fn of_page(page: usize) -> Charset {
    let label = match page {
        866 => "ibm866".to_owned(),
        874 | 1250..=1258 => format!("windows-{page}"),
        932 | 936 | 949 | 950 => format!("cp{page}"),
        10000 => "macintosh".to_owned(),
        10001 => "shift_jis".to_owned(),
        10002 => "big5".to_owned(),
        10003 => "euc-kr".to_owned(),
        10007 => "x-mac-cyrillic".to_owned(),
        10008 => "gbk".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        28592..=28606 => format!("iso-8859-{}", page.saturating_sub(28590)),
        0 | 28591 => "windows-1252".to_owned(),
        _unread => "utf-8".to_owned(),
    };
    Charset::for_label(&label).unwrap_or(Charset::UTF_8)
}

/// What a number behind `\fcharset` means; `None` is the document's own.
fn of_family(family: usize) -> Option<Coding> {
    let page = match family {
        0 => 1252,
        2 => return Some(Coding::Signs),
        77 => 10000,
        78 => 10001,
        79 => 10003,
        80 => 10008,
        81 => 10002,
        89 => 10007,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        // Of other pages of the Macintosh, of Johab, and of DOS.
        82..=88 | 130 | 254 | 255 => 437,
        _other => return None,
    };
    Some(Coding::Charset(of_page(page)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_families_are_the_charsets_they_name() {
        for (page, name) in [
            (1252, "windows-1252"),
            (1251, "windows-1251"),
            (932, "shift_jis"),
            (950, "big5"),
            (65001, "utf-8"),
            (28605, "iso-8859-15"),
            (10000, "macintosh"),
            (437, "utf-8"),
        ] {
            assert_eq!(of_page(page).name(), name, "{page}");
        }
        for (family, name) in [(0, "windows-1252"), (204, "windows-1251"), (129, "euc-kr")] {
            let charset = Charset::for_label(name).unwrap();
            assert_eq!(of_family(family), Some(Coding::Charset(charset)));
        }
        assert_eq!(of_family(1), None);
    }

    #[test]
    fn a_font_that_says_nothing_is_in_the_document_s_charset() {
        let mut fonts = Fonts::default();
        fonts.set_document(1251);
        fonts.begin_entry(3);
        fonts.entry_is_of(2);
        let document = Coding::Charset(of_page(1251));
        assert_eq!(fonts.coding(Some(3)), Coding::Signs);
        assert_eq!(fonts.coding(Some(4)), document);
        assert_eq!(fonts.coding(None), document);
        fonts.set_usual(3);
        assert_eq!(fonts.coding(None), Coding::Signs);
        assert_eq!(&*Coding::Signs.text(b"a\xb7"), "a•");
    }
}
