//! The command line as types. A password or passphrase is never an argument: other users of the machine could read it.

use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use handset::{Charset, Frames, PresetName, Rate, Replacement, Seconds};

/// Parts of an encrypted message, made small by a proxy that is shown just these parts.
#[derive(Debug, Parser)]
#[command(name = "handset", version, about, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) account: Account,
    /// Print one JSON object on standard output, errors included
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) action: Action,
}

const EXAMPLES: &str = "\
Examples:
  handset --server mail.example:993 --user me list
  handset structure 7
  handset --pkcs12 me.p12 fetch 7 2 --size 320 --bytes 40k -o picture.jpg
  handset --pkcs12 me.p12 fetch 7 3 --type text --preset satellite
  handset --pkcs12 me.p12 fetch 7 4 --type ogg --seconds 30 --rate 8000
  handset --pkcs12 me.p12 gallery 7 --preset 2g -o album

What is the same every time can stand in handset.toml (see --config).
Exit codes: 0 done, 2 usage, 3 network, 4 login, 5 not found, 6 no key of ours, 7 would reveal a whole message,
8 other identity, 9 reveal refused, 10 no conversion, 11 result did not verify, 12 output file, 13 a file of ours,
14 the server lacks what is needed.";

/// Where the mail is, who reads it, and whom to trust.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Account")]
pub(crate) struct Account {
    /// The proxy, HOST or HOST:PORT (993 if not given)
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) server: Option<String>,
    /// The name that the server's certificate must have, if not HOST
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// Trust the certificates in this PEM file instead of the authorities built in
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// User name
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Read the password from this file's first line (else it is asked for on the terminal)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Private key, PEM
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "pkcs12")]
    pub(crate) key: Option<PathBuf>,
    /// Its certificate, PEM
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "pkcs12")]
    pub(crate) cert: Option<PathBuf>,
    /// Private key and certificate, PKCS #12
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) pkcs12: Option<PathBuf>,
    /// Read the key's passphrase from this file's first line (else it is asked for on the terminal)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The proxy's identity, as its operator gave it to you; any other is refused
    #[arg(long, global = true, value_name = "IDENTITY")]
    pub(crate) pin: Option<String>,
    /// File of identities seen before (default: known-identities beside handset.toml)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) known: Option<PathBuf>,
    /// Settings (default: handset/handset.toml under the user's configuration folder)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Mailbox [default: INBOX]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) mailbox: Option<String>,
    /// Give up after so many seconds without an octet from the server [default: 60]
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) silence: Option<NonZeroU32>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Action {
    /// List the newest messages of a mailbox
    List(ListArguments),
    /// Show a message's parts: numbers, sizes, and what is encrypted to whom
    Structure(StructureArguments),
    /// Fetch one part, converted: a picture, a document's text, a voice note. Reveals the key of this one part, once
    Fetch(FetchArguments),
    /// Fetch all encrypted pictures of a message, converted, several at a time: reveals the key of each, once
    Gallery(GalleryArguments),
    /// Show or pin the proxy's identity
    #[command(subcommand)]
    Identity(IdentityAction),
}

#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// How many
    #[arg(long, value_name = "N", default_value = "20")]
    pub(crate) newest: NonZeroU32,
}

#[derive(Args, Debug)]
pub(crate) struct StructureArguments {
    /// The message, by UID as `list` shows it
    pub(crate) uid: NonZeroU32,
}

#[derive(Args, Debug)]
pub(crate) struct FetchArguments {
    /// The message, by UID as `list` shows it
    pub(crate) uid: NonZeroU32,
    /// The part, by section as `structure` shows it, like 2 or 1.2
    pub(crate) section: String,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// How the result comes back: to this session alone, or as S/MIME to your certificate
    #[arg(long, default_value = "session")]
    pub(crate) seal: SealName,
    /// How an S/MIME result is encrypted
    #[arg(long, value_name = "ALGORITHM", default_value = "gcm")]
    pub(crate) smime_algorithm: SmimeName,
    /// Section inside the encrypted part, for one that holds several
    #[arg(long, value_name = "SECTION")]
    pub(crate) inner: Option<String>,
    /// Where the picture goes (default: UID-SECTION.FORMAT here)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the output file
    #[arg(long)]
    pub(crate) force: bool,
    /// Allow it where the key opens the whole message: the proxy could read all of it
    #[arg(long)]
    pub(crate) reveal_whole_message: bool,
}

/// What is made of a part, and how large.
#[derive(Args, Debug)]
#[command(next_help_heading = "Result")]
pub(crate) struct Wanted {
    /// For a link of this name, as the operator has it: 2g, satellite, lte, or another
    #[arg(long, value_name = "NAME", value_parser = preset)]
    pub(crate) preset: Option<PresetName>,
    /// Type of the result (default: by the output file's name, else by the other options, else jpeg; the server's with --preset)
    #[arg(long = "type", visible_alias = "format", value_name = "TYPE")]
    pub(crate) format: Option<FormatName>,
    /// Fit a picture into a square of so many pixels
    #[arg(long, value_name = "PIXELS")]
    pub(crate) size: Option<NonZeroU16>,
    /// A picture at most so wide (instead of --size)
    #[arg(long, value_name = "PIXELS")]
    pub(crate) width: Option<NonZeroU16>,
    /// A picture at most so high (instead of --size)
    #[arg(long, value_name = "PIXELS")]
    pub(crate) height: Option<NonZeroU16>,
    /// Of what moves, a GIF of at most so many frames: 2 to 64
    #[arg(long, value_name = "N", value_parser = frames)]
    pub(crate) frames: Option<Frames>,
    /// A text in this charset [default: utf-8]
    #[arg(long, value_name = "NAME", value_parser = charset)]
    pub(crate) charset: Option<Charset>,
    /// In a text, this in the place of what the charset lacks
    #[arg(long, value_name = "TEXT", value_parser = replacement)]
    pub(crate) replacement: Option<Replacement>,
    /// A sound not longer than so many seconds; a longer one is cut
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Option<Seconds>,
    /// A sound of about so many bits in a second at most: 6000 to 510000
    #[arg(long, value_name = "BITS", value_parser = rate)]
    pub(crate) rate: Option<Rate>,
    /// At most so many octets: 40000, 40k, 40Ki, 1M
    #[arg(long, value_name = "OCTETS", value_parser = octets)]
    pub(crate) bytes: Option<NonZeroU32>,
}

#[derive(Args, Debug)]
pub(crate) struct GalleryArguments {
    /// The message, by UID as `list` shows it
    pub(crate) uid: NonZeroU32,
    /// The parts, by section as `structure` shows them (default: all that are pictures, or what --type says)
    pub(crate) sections: Vec<String>,
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    /// How many may be on their way at a time
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=8))]
    pub(crate) in_flight: u8,
    /// Where they go, each as UID-SECTION.FORMAT; made if it is not there
    #[arg(
        short = 'o',
        short_alias = 'f',
        long,
        value_name = "FOLDER",
        default_value = "."
    )]
    pub(crate) folder: PathBuf,
    /// Overwrite files there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityAction {
    /// Connect, and show the identity that the proxy claims and whether it is the known one
    Show,
    /// Remember this identity for the server, in place of the known one
    Pin {
        /// The identity, as the operator gave it to you
        identity: String,
    },
    /// List the identities that are known
    Known,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FormatName {
    Jpeg,
    Png,
    Webp,
    /// The fewest octets, at most 1280 pixels on a side; not every screen shows it
    Avif,
    /// Of at most 256 colours and 1280 pixels on a side; moves with --frames
    Gif,
    /// Plain text
    Text,
    /// Small HTML with nothing remote in it
    Html,
    /// Opus in Ogg
    Ogg,
    /// What the server has for what the part turns out to be
    Default,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SealName {
    /// A key of this session, made for this one result; only the vault that was asked can have made it
    Session,
    /// CMS to your certificate, which any S/MIME program opens
    Smime,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum SmimeName {
    /// AuthEnvelopedData, AES-256-GCM
    Gcm,
    /// The same with the key bound to the algorithm (RFC 9709)
    GcmHkdf,
    /// EnvelopedData, AES-256-CBC: for old programs; has no integrity
    Cbc,
}

fn preset(text: &str) -> Result<PresetName, String> {
    PresetName::new(text).ok_or_else(|| "1 to 32 letters, digits, - and _ are needed".to_owned())
}

fn frames(text: &str) -> Result<Frames, String> {
    let frames = text.parse().ok().and_then(Frames::new);
    frames.ok_or_else(|| "2 to 64 frames are needed".to_owned())
}

fn charset(text: &str) -> Result<Charset, String> {
    Charset::new(text).ok_or_else(|| "a charset's name is needed, like iso-8859-1".to_owned())
}

fn replacement(text: &str) -> Result<Replacement, String> {
    Replacement::new(text).ok_or_else(|| "1 to 16 octets on one line are needed".to_owned())
}

fn seconds(text: &str) -> Result<Seconds, String> {
    let seconds = text.parse().ok().and_then(Seconds::new);
    seconds.ok_or_else(|| "1 to 86400 seconds are needed".to_owned())
}

fn rate(text: &str) -> Result<Rate, String> {
    let rate = text.parse().ok().and_then(Rate::new);
    rate.ok_or_else(|| "6000 to 510000 bits in a second are needed".to_owned())
}

/// `40000`, `40k`, `40Ki`, `1M`, `1Mi`: k and M are decimal, so that a budget is never larger than meant.
fn octets(text: &str) -> Result<NonZeroU32, String> {
    let split = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor: u32 = match unit.trim_end_matches(['B', 'b']) {
        "" => 1,
        "k" | "K" => 1000,
        "Ki" | "ki" => 1024,
        "M" => 1_000_000,
        "Mi" => 1024 * 1024,
        _ => return Err(format!("{unit:?} is no unit: use k, Ki, M or Mi")),
    };
    let number: u32 = digits
        .parse()
        .map_err(|_| "a number is needed".to_owned())?;
    let product = number.checked_mul(factor).and_then(NonZeroU32::new);
    product.ok_or_else(|| "between 1 octet and 4 GB is needed".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_example_can_be_said() {
        let examples = EXAMPLES.lines().map(str::trim);
        let examples: Vec<_> = examples
            .filter(|line| line.starts_with("handset "))
            .collect();
        assert!(!examples.is_empty());
        for example in examples {
            let parsed = Arguments::try_parse_from(example.split(' '));
            assert!(parsed.is_ok(), "{example}: {:?}", parsed.err());
        }
    }

    #[test]
    fn a_byte_budget_is_read_as_people_write_it() {
        let read = |text| octets(text).map(NonZeroU32::get);
        assert_eq!(read("40000"), Ok(40_000));
        assert_eq!(read("40k"), Ok(40_000));
        assert_eq!(read("40KB"), Ok(40_000));
        assert_eq!(read("40Ki"), Ok(40_960));
        assert_eq!(read("1M"), Ok(1_000_000));
        for wrong in ["", "k", "0", "40x", "-1", "99999M", "4 k"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn there_is_no_argument_for_a_password() {
        let command = Arguments::command();
        let names: Vec<_> = command
            .get_arguments()
            .filter_map(|a| a.get_long())
            .collect();
        assert!(!names.contains(&"password") && !names.contains(&"passphrase"));
    }
}
