//! Searches a process's memory, or any octets, for what is left of a secret: raw, hex and base64, whole or by windows.
//!
//! A window is 8 octets of the secret; the search finds it at any place. Encoded forms are looked for as the encoding of every
//! window, base64 in its three alignments, so that a fragment is found as well as the whole.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// Octets in one window of a secret.
const WINDOW: usize = 8;
/// Octets of memory read at once; neighbours overlap, so nothing is lost at a border.
const CHUNK: usize = 1 << 20;
const OVERLAP: usize = 64;

/// One secret to look for.
pub struct Wanted {
    /// What it is, for the report.
    pub name: &'static str,
    /// Its octets.
    pub octets: Vec<u8>,
}

/// One place where something of a secret was found.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Hit {
    /// Which secret.
    pub name: &'static str,
    /// In which form.
    pub form: &'static str,
    /// Where: a mapping of the process, or a file.
    pub place: String,
}

/// All windows of all secrets in all forms, ready to be looked for.
pub struct Search {
    /// First eight octets of a form → the whole forms that begin so.
    needles: HashMap<u64, Vec<Needle>>,
}

struct Needle {
    octets: Vec<u8>,
    name: &'static str,
    form: &'static str,
}

impl Search {
    /// Prepares the search. Windows that say nothing (all octets alike) are left out.
    #[must_use]
    pub fn for_all(wanted: &[Wanted]) -> Self {
        let mut search = Self {
            needles: HashMap::new(),
        };
        for secret in wanted {
            for window in secret.octets.windows(WINDOW) {
                if window.iter().any(|octet| *octet != window[0]) {
                    search.add_window(secret.name, window);
                }
            }
        }
        search
    }

    fn add_window(&mut self, name: &'static str, window: &[u8]) {
        self.add(name, "raw", window.to_vec());
        let mut reversed = window.to_vec();
        reversed.reverse();
        self.add(name, "reversed", reversed);
        self.add(name, "hex", hex(window).into_bytes());
        self.add(name, "HEX", hex(window).to_uppercase().into_bytes());
        for (form, engine) in [
            ("base64", &STANDARD_NO_PAD),
            ("base64url", &URL_SAFE_NO_PAD),
        ] {
            for lead in 0..3 {
                self.add(name, form, inner_base64(engine, window, lead));
            }
        }
    }

    fn add(&mut self, name: &'static str, form: &'static str, octets: Vec<u8>) {
        if octets.len() >= WINDOW {
            let start = key(&octets);
            self.needles
                .entry(start)
                .or_default()
                .push(Needle { octets, name, form });
        }
    }

    /// Looks through `octets`; `place` names them in the hits.
    #[must_use]
    pub fn octets(&self, octets: &[u8], place: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (at, window) in octets.windows(WINDOW).enumerate() {
            let Some(needles) = self.needles.get(&key(window)) else {
                continue;
            };
            for needle in needles {
                if octets[at..].starts_with(&needle.octets) {
                    hits.push(Hit {
                        name: needle.name,
                        form: needle.form,
                        place: place.to_owned(),
                    });
                }
            }
        }
        hits
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
                self.range(&memory, start..end, line, &mut looked);
            }
        }
        Ok(looked)
    }

    fn range(&self, memory: &File, range: std::ops::Range<u64>, line: &str, looked: &mut Looked) {
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
                Err(_) => looked.unreadable += wanted as u64,
            }
            at += CHUNK as u64;
        }
    }
}

/// What a look through a process gave.
#[derive(Debug, Default)]
pub struct Looked {
    /// Octets that were read.
    pub octets: u64,
    /// Octets that the kernel did not give out.
    pub unreadable: u64,
    /// What was found.
    pub hits: Vec<Hit>,
}

fn readable_range(line: &str) -> Option<(u64, u64)> {
    let mut fields = line.split_ascii_whitespace();
    let (start, end) = fields.next()?.split_once('-')?;
    let readable = fields.next()?.starts_with('r');
    let special = line.ends_with("[vvar]") || line.ends_with("[vsyscall]");
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

/// The characters that `window` alone decides when it stands `lead` octets into a group of three.
fn inner_base64(engine: &impl base64::Engine, window: &[u8], lead: usize) -> Vec<u8> {
    let mut padded = vec![0; lead];
    padded.extend_from_slice(window);
    let text = engine.encode(&padded).into_bytes();
    let first = (lead * 8).div_ceil(6);
    let last = (padded.len() * 8) / 6;
    text[first..last].to_vec()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    fn secret() -> Vec<u8> {
        (0..32_u8)
            .map(|n| n.wrapping_mul(37).wrapping_add(11))
            .collect()
    }

    fn forms_found(hay: &[u8]) -> Vec<&'static str> {
        let wanted = [Wanted {
            name: "key",
            octets: secret(),
        }];
        let mut forms: Vec<_> = Search::for_all(&wanted)
            .octets(hay, "here")
            .iter()
            .map(|hit| hit.form)
            .collect();
        forms.sort_unstable();
        forms.dedup();
        forms
    }

    #[test]
    fn every_form_is_found_whole_and_in_part() {
        let secret = secret();
        assert!(forms_found(b"nothing to be seen here, really nothing").is_empty());
        assert_eq!(
            forms_found(&[b"xx", &secret[5..13], b"yy"].concat()),
            ["raw"]
        );
        assert!(forms_found(hex(&secret[3..20]).as_bytes()).contains(&"hex"));
        assert!(forms_found(hex(&secret).to_uppercase().as_bytes()).contains(&"HEX"));
        for lead in 0..3 {
            let text = STANDARD_NO_PAD.encode([&vec![9; lead], &secret[2..22]].concat());
            assert!(
                forms_found(text.as_bytes()).contains(&"base64"),
                "lead {lead}"
            );
        }
    }

    #[test]
    fn a_secret_in_this_very_process_is_found() {
        let wanted = [Wanted {
            name: "key",
            octets: secret(),
        }];
        let looked = Search::for_all(&wanted)
            .process(std::process::id())
            .unwrap();
        assert!(looked.octets > 1_000_000);
        assert!(looked.hits.iter().any(|hit| hit.form == "raw"));
    }
}
