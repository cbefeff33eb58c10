//! Searches a process's memory, or any octets, for what is left of a secret: raw, hex, base64 and more, whole or by windows.
//!
//! A window is 8 octets of the secret; the search finds it at any place. Encoded forms are looked for as the encoding of every
//! window, base64 in its three alignments, so that a fragment is found as well as the whole.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Octets in one window of a secret.
const WINDOW: usize = 8;
/// Octets of memory read at once; neighbours overlap, so nothing is lost at a border.
const CHUNK: usize = 1 << 20;
const OVERLAP: usize = 64;
/// Bits of the sieve that most places of a memory do not pass.
const SIEVE_BITS: u32 = 24;

/// One secret to look for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wanted {
    /// What it is, for the report.
    pub name: String,
    /// Its octets.
    pub octets: Vec<u8>,
}

impl Wanted {
    /// A secret under a name.
    #[must_use]
    pub fn new(name: &str, octets: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            octets: octets.to_vec(),
        }
    }
}

/// How octets may be written down.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Form {
    /// As they are.
    Raw,
    /// The last one first, as a number of the other byte order.
    Reversed,
    /// Hexadecimal digits.
    Hex,
    /// The same in capitals.
    UpperHex,
    /// RFC 4648 §4
    Base64,
    /// RFC 4648 §5
    Base64Url,
    /// Decimal numbers, as Rust prints a slice for debugging.
    Debug,
    /// Decimal numbers, as JSON has them.
    Json,
}

impl Form {
    /// All that are looked for.
    pub const ALL: [Self; 8] = [
        Self::Raw,
        Self::Reversed,
        Self::Hex,
        Self::UpperHex,
        Self::Base64,
        Self::Base64Url,
        Self::Debug,
        Self::Json,
    ];

    /// The octets in this form.
    #[must_use]
    pub fn write(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Raw => octets.to_vec(),
            Self::Reversed => octets.iter().rev().copied().collect(),
            Self::Hex => hex(octets).into_bytes(),
            Self::UpperHex => hex(octets).to_uppercase().into_bytes(),
            Self::Base64 => STANDARD_NO_PAD.encode(octets).into_bytes(),
            Self::Base64Url => URL_SAFE_NO_PAD.encode(octets).into_bytes(),
            Self::Debug => numbers(octets, ", "),
            Self::Json => numbers(octets, ","),
        }
    }

    /// What of the form a window alone decides, wherever in a secret it stands.
    fn of_window(self, window: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Self::Base64 | Self::Base64Url => {
                (0..3).map(|lead| self.inner_base64(window, lead)).collect()
            }
            Self::Raw | Self::Reversed | Self::Hex | Self::UpperHex | Self::Debug | Self::Json => {
                vec![self.write(window)]
            }
        }
    }

    /// The characters that `window` alone decides when it stands `lead` octets into a group of three.
    fn inner_base64(self, window: &[u8], lead: usize) -> Vec<u8> {
        let mut padded = vec![0; lead];
        padded.extend_from_slice(window);
        let first = (lead * 8).div_ceil(6);
        let last = (padded.len() * 8) / 6;
        self.write(&padded)[first..last].to_vec()
    }
}

/// One place where something of a secret was found.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Hit {
    /// Which secret.
    pub name: String,
    /// In which form.
    pub form: Form,
    /// Where: a mapping of the process, or a file.
    pub place: String,
}

/// All windows of all secrets in all forms, ready to be looked for.
pub struct Search {
    names: Vec<String>,
    /// First eight octets of a form → the whole forms that begin so.
    needles: HashMap<u64, Vec<Needle>>,
    /// Which eight octets may be the first of a form.
    sieve: Vec<u64>,
}

struct Needle {
    octets: Box<[u8]>,
    name: usize,
    form: Form,
}

impl Search {
    /// Prepares the search. Windows that say nothing (all octets alike) are left out.
    #[must_use]
    pub fn for_all(wanted: &[Wanted]) -> Self {
        let mut search = Self {
            names: Vec::new(),
            needles: HashMap::new(),
            sieve: vec![0; 1 << (SIEVE_BITS - u64::BITS.ilog2())],
        };
        for secret in wanted {
            search.names.push(secret.name.clone());
            for window in secret.octets.windows(WINDOW) {
                if window.iter().any(|octet| *octet != window[0]) {
                    search.add_window(window);
                }
            }
        }
        search
    }

    /// Adds a window of the secret that was named last.
    fn add_window(&mut self, window: &[u8]) {
        for form in Form::ALL {
            for octets in form.of_window(window) {
                let start = key(&octets);
                let (word, bit) = sieve_place(start);
                self.sieve[word] |= bit;
                self.needles.entry(start).or_default().push(Needle {
                    octets: octets.into(),
                    name: self.names.len() - 1,
                    form,
                });
            }
        }
    }

    /// How many windows in all forms are looked for.
    #[must_use]
    pub fn needles(&self) -> usize {
        self.needles.values().map(Vec::len).sum()
    }

    /// Looks through `octets`; `place` names them in the hits.
    #[must_use]
    pub fn octets(&self, octets: &[u8], place: &str) -> HashSet<Hit> {
        let mut found = HashSet::new();
        for (at, window) in octets.windows(WINDOW).enumerate() {
            for needle in self.starting_with(key(window)) {
                if octets[at..].starts_with(&needle.octets) {
                    found.insert((needle.name, needle.form));
                }
            }
        }
        let hit = |(name, form): (usize, Form)| Hit {
            name: self.names[name].clone(),
            form,
            place: place.to_owned(),
        };
        found.into_iter().map(hit).collect()
    }

    fn starting_with(&self, start: u64) -> &[Needle] {
        let (word, bit) = sieve_place(start);
        if self.sieve[word] & bit == 0 {
            return &[];
        }
        self.needles.get(&start).map_or(&[], Vec::as_slice)
    }

    /// Looks through everything that process `pid` has mapped and that can be read.
    ///
    /// # Errors
    /// When `/proc/PID/maps` or `/proc/PID/mem` cannot be opened: the caller may not look, so it must not say "clean".
    pub fn process(&self, pid: u32) -> io::Result<Looked> {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
        let memory = File::open(format!("/proc/{pid}/mem"))?;
        let mut looked = Looked::default();
        for line in maps.lines() {
            if let Some((start, end)) = readable_range(line) {
                self.range(pid, &memory, start..end, line, &mut looked);
            }
        }
        Ok(looked)
    }

    fn range(
        &self,
        pid: u32,
        memory: &File,
        range: std::ops::Range<u64>,
        line: &str,
        looked: &mut Looked,
    ) {
        let mut room = vec![0; CHUNK + OVERLAP];
        let mut at = range.start;
        while at < range.end {
            let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let wanted = left.min(CHUNK + OVERLAP);
            match memory.read_at(&mut room[..wanted], at) {
                Ok(0) => break,
                Ok(read) => {
                    looked.octets += read as u64;
                    looked.hits.extend(self.octets(&room[..read], line));
                }
                // A program goes on while it is looked at: what it has given back meanwhile holds nothing.
                Err(_) if !is_mapped(pid, at) => break,
                Err(_) => looked.unreadable += wanted as u64,
            }
            at += CHUNK as u64;
        }
    }
}

fn is_mapped(pid: u32, at: u64) -> bool {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let mut ranges = maps.lines().filter_map(readable_range);
    ranges.any(|(start, end)| (start..end).contains(&at))
}

/// What a look through a process gave.
#[derive(Debug, Default)]
pub struct Looked {
    /// Octets that were read.
    pub octets: u64,
    /// Octets that the kernel did not give out.
    pub unreadable: u64,
    /// What was found.
    pub hits: HashSet<Hit>,
}

fn readable_range(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let readable = fields.next()?.starts_with('r');
    // The kernel's clock and its old entry points: no process writes there.
    let special = line.contains("[vvar") || line.ends_with("[vsyscall]");
    if !readable || special {
        return None;
    }
    Some((
        u64::from_str_radix(start, 16).ok()?,
        u64::from_str_radix(end, 16).ok()?,
    ))
}

fn key(octets: &[u8]) -> u64 {
    let mut first = [0; WINDOW];
    first.copy_from_slice(&octets[..WINDOW]);
    u64::from_ne_bytes(first)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn numbers(octets: &[u8], between: &str) -> Vec<u8> {
    let numbers: Vec<String> = octets.iter().map(u8::to_string).collect();
    numbers.join(between).into_bytes()
}

fn sieve_place(start: u64) -> (usize, u64) {
    // Fibonacci hashing: 2^64 divided by the golden ratio.
    let hashed = start.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SIEVE_BITS);
    let word = usize::try_from(hashed / u64::from(u64::BITS)).expect("a short sieve");
    (word, 1 << (hashed % u64::from(u64::BITS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Vec<u8> {
        (0..32_u8)
            .map(|n| n.wrapping_mul(37).wrapping_add(11))
            .collect()
    }

    fn search() -> Search {
        Search::for_all(&[Wanted::new("key", &secret())])
    }

    fn forms_found(hay: &[u8]) -> HashSet<Form> {
        let hits = search().octets(hay, "here");
        hits.into_iter().map(|hit| hit.form).collect()
    }

    #[test]
    fn every_form_is_found_whole_and_in_part() {
        assert!(forms_found(b"nothing to be seen here, really nothing").is_empty());
        for form in Form::ALL {
            for part in [0..32, 5..16, 21..32] {
                let hay = [b"xx".as_slice(), &form.write(&secret()[part]), b"yy"].concat();
                assert!(forms_found(&hay).contains(&form), "{form:?}");
            }
        }
        assert_eq!(forms_found(&secret()[5..13]), HashSet::from([Form::Raw]));
    }

    #[test]
    fn base64_is_found_wherever_the_secret_begins() {
        for lead in 0..3 {
            let text = STANDARD_NO_PAD.encode([&vec![9; lead], &secret()[2..22]].concat());
            let found = forms_found(text.as_bytes());
            assert!(found.contains(&Form::Base64), "lead {lead}");
        }
    }

    #[test]
    fn a_secret_in_this_very_process_is_found() {
        let looked = search().process(std::process::id()).unwrap();
        assert!(looked.octets > 1_000_000);
        assert!(looked.hits.iter().any(|hit| hit.form == Form::Raw));
    }
}
