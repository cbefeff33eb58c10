//! What the demo tells: a story for a person, or one JSON object for a program.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use handset::{Fetched, Measure, Prepared};
use serde_json::json;

use crate::demo::Options;
use crate::demo::mailbox::{Mailbox, PHOTOGRAPH, SECTION, USER};
use crate::demo::server::Server;

/// What came of sending the reveal a second time.
pub(super) enum Replay {
    /// Refused, as it must be; what the proxy said.
    Refused(String),
    /// Answered: the promise is broken.
    Answered,
}

/// What came of the visit.
pub(super) struct Outcome {
    /// The picture, and what was given for it.
    pub(super) fetched: Fetched,
    /// Where the picture was written.
    pub(super) file: PathBuf,
    /// Octets on the handset's connection up to the result, both ways, TLS and login included.
    pub(super) over_the_air: u64,
    /// From connecting to the result.
    pub(super) elapsed: Duration,
    /// The second use of the reveal.
    pub(super) replay: Replay,
    /// How the vault's process ended, as the warden saw it: an exit status, or a signal in words.
    pub(super) vault_exit: serde_json::Value,
}

/// Tells what happens, on standard output. Where JSON was asked for the story goes to standard error instead.
pub(super) struct Teller {
    json: bool,
}

impl Teller {
    pub(super) fn new(options: &Options) -> Self {
        Self { json: options.json }
    }

    fn tell(&self, text: &str) {
        // A reader who went away (`| head`) does not stop the demo.
        if self.json {
            drop(writeln!(std::io::stderr(), "{text}"));
        } else {
            drop(writeln!(std::io::stdout(), "{text}"));
        }
    }

    pub(super) fn mail_made(&mut self, mailbox: &Mailbox) {
        self.tell(&format!(
            "A message for {USER}: a photograph of {} octets, encrypted as S/MIME to {USER}'s fresh key;\n\
             section {SECTION} of the message, {} octets in the store.",
            group(PHOTOGRAPH.len() as u64),
            group(mailbox.part_octets as u64),
        ));
    }

    pub(super) fn servers_up(&mut self, store: SocketAddr, proxy: &Server) {
        self.tell(&format!(
            "Store (IMAP, plain) on {store}; proxy (IMAP over TLS) on {}, its warden and its vaults behind it.",
            proxy.address
        ));
    }

    pub(super) fn about_to_reveal(&mut self, prepared: &Prepared) {
        let revealed = &prepared.revealed;
        self.tell(&format!(
            "\nThe handset checked the proxy's key statement (identity {}, seen for the first time).\n\
             It reveals one session key, once: UID {}, section {}, {:?}. No other part, no private key.",
            prepared.recipient.identity, revealed.uid, revealed.section, revealed.algorithm,
        ));
    }

    pub(super) fn done(&mut self, outcome: &Outcome, proxy: &Server, folder: &Path) {
        let fetched = &outcome.fetched;
        let part = fetched.report.part_octets;
        let (width, height) = pixels(fetched);
        self.tell(&format!(
            "\nThe result: {width} x {height} pixels, {} octets, {}.\n\
             Over the air: {} octets for a part of {} ({:.1} %), {} ms.\n\
             The vault that saw the photograph: gone, exit {}.",
            group(fetched.content.len() as u64),
            fetched.format.name(),
            group(outcome.over_the_air),
            group(part),
            percent(outcome.over_the_air, part),
            outcome.elapsed.as_millis(),
            outcome.vault_exit,
        ));
        match &outcome.replay {
            Replay::Refused(said) => self.tell(&format!(
                "The same reveal, sent again: refused (\"{said}\")."
            )),
            Replay::Answered => {
                self.tell("The same reveal, sent again: ANSWERED. This must not be.")
            }
        }
        self.tell(&format!("The thumbnail: {}", outcome.file.display()));
        if self.json {
            let object = object(outcome, proxy, folder);
            drop(writeln!(std::io::stdout(), "{object}"));
        }
    }

    pub(super) fn staying_up(&mut self, proxy: &Server, mailbox: &Mailbox, folder: &Path) {
        let folder = folder.display();
        self.tell(&format!(
            "\nStore and proxy stay up. Try, in another terminal:\n\n\
             cargo run --release --bin handset -- --server {} --ca {} \\\n  \
             --user {USER} --password-file {folder}/password --known {folder}/known-identities \\\n  \
             --key {} --cert {} \\\n  \
             fetch 1 {SECTION} --size 640 --bytes 40k -o larger.jpg\n\n\
             Stop with Ctrl-C.",
            proxy.address,
            proxy.certificate.display(),
            mailbox.key.display(),
            mailbox.certificate.display(),
        ));
    }
}

/// The size of a picture; nothing else is asked for here.
fn pixels(fetched: &Fetched) -> (u32, u32) {
    match fetched.measure {
        Measure::Picture { width, height } => (width, height),
        Measure::Text { .. } | Measure::Sound { .. } => (0, 0),
    }
}

fn object(outcome: &Outcome, proxy: &Server, folder: &Path) -> serde_json::Value {
    let fetched = &outcome.fetched;
    let (width, height) = pixels(fetched);
    json!({
        "part_octets": fetched.report.part_octets,
        "photograph_octets": PHOTOGRAPH.len(),
        "over_the_air_octets": outcome.over_the_air,
        "result_octets": fetched.content.len(),
        "result_type": fetched.format.name(),
        "result_width": width,
        "result_height": height,
        "result_file": outcome.file,
        "replay": match &outcome.replay {
            Replay::Refused(_) => "refused",
            Replay::Answered => "answered",
        },
        "vault_exit": outcome.vault_exit,
        "elapsed_ms": outcome.elapsed.as_millis() as u64,
        "identity": fetched.report.recipient.identity.to_string(),
        "proxy": proxy.address.to_string(),
        "folder": folder,
    })
}

fn percent(of: u64, whole: u64) -> f64 {
    100.0 * of as f64 / whole.max(1) as f64
}

/// `1234567` as `1,234,567`.
fn group(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::group;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(group(0), "0");
        assert_eq!(group(999), "999");
        assert_eq!(group(1000), "1,000");
        assert_eq!(group(1_234_567), "1,234,567");
    }
}
