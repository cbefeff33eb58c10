//! What a whole reveal costs the processor, beside the bare conversion of the same photograph: the real server with its warden and
//! vaults, a store in this process, and the real handset.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ::tests::harness::dovecot::ANN;
use ::tests::harness::embedded::Embedded;
use ::tests::harness::handset::Handset;
use ::tests::harness::keyhole::{Behind, Keyhole};
use ::tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use ::tests::harness::scratch::Scratch;
use ::tests::harness::{mail, wait};

use crate::contest::progress;
use crate::failure::Failure;
use crate::process::Tree;
use crate::relay::Length;
use crate::report::{Goal, Row, median};

use super::Ground;
use super::corpus::{Class, Picture, Process, Sampling, Size};
use super::subjects::{Field, Programs, Who, number};

/// The photograph: as telephones make them.
pub(crate) const CLASS: Class = Class::Jpeg(Size::Mp12, Process::Baseline, Sampling::S420);

/// Reveals in a batch: processor time of processes that have ended is known to a hundredth of a second only.
fn batch(length: Length) -> u32 {
    match length {
        Length::Quick => 20,
        Length::Full => 60,
    }
}
const BATCHES: usize = 3;

/// How the photograph lies in the encrypted entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Entity {
    /// In base64, as mail programs put it.
    Base64,
    /// As it is.
    Binary,
}

/// Processor seconds of one reveal.
#[derive(Clone, Copy, Debug)]
struct Spent {
    /// Of warden and vaults.
    vaults: f64,
    /// Of the server with all below it.
    all: f64,
    /// Of the bare conversion, between the reveals.
    bare: f64,
    /// Of the same by libvips.
    libvips: f64,
}

/// Milliseconds of CPU, with the photograph in base64 and as it is.
pub(crate) fn rows(ground: &Ground, length: Length) -> Vec<Row> {
    let Some(picture) = ground.of(CLASS).next() else {
        return Vec::new();
    };
    let programs = AssertUnwindSafe(&ground.programs);
    let measured = |entity: Entity| {
        // The harness panics where a test would fail.
        let done = catch_unwind(|| measure(&programs, picture, entity, length));
        let done = done.unwrap_or_else(|_| Err(Failure::System("the harness gave up".to_owned())));
        let shown = done.as_ref().map(|spent| format!("{spent:?}"));
        progress(
            &format!("a reveal, {entity:?}, CPU s"),
            &shown.map_err(Clone::clone),
        );
        done.map_err(|why| why.to_string())
    };
    let (base64, binary) = (measured(Entity::Base64), measured(Entity::Binary));
    let row = |what: &str, spent: &Result<Spent, String>, part: Part, peer: Part, goal| {
        let milliseconds = |part: Part| {
            let spent = spent.as_ref().map_err(Clone::clone)?;
            Ok(part(spent) * 1e3)
        };
        Row {
            name: format!("a whole reveal, CPU ms, {what}"),
            ours: milliseconds(part),
            peer: milliseconds(peer),
            goal,
        }
    };
    let (vaults, all, bare): (Part, Part, Part) =
        (|spent| spent.vaults, |spent| spent.all, |spent| spent.bare);
    vec![
        row(
            "warden and vaults, vs the bare conversion",
            &base64,
            vaults,
            bare,
            Some(Goal::AtMost(1.15)),
        ),
        row(
            "the same without base64, vs the bare conversion",
            &binary,
            vaults,
            bare,
            None,
        ),
        row(
            "the server with them, vs the bare conversion",
            &base64,
            all,
            bare,
            None,
        ),
        row(
            "warden and vaults, vs libvips' bare conversion",
            &base64,
            vaults,
            |spent| spent.libvips,
            None,
        ),
    ]
}

/// One figure of [`Spent`].
type Part = fn(&Spent) -> f64;

/// Reveals and bare conversions, the latter in a process that does nothing else, batch by batch in turn.
fn measure(
    programs: &Programs,
    picture: &Picture,
    entity: Entity,
    length: Length,
) -> Result<Spent, Failure> {
    let mut field = Field::new(programs);
    let order = format!("cpu {} {}", batch(length), picture.path.display());
    let folder = Scratch::new();
    let recipient = Recipient::make(folder.path(), "ann", KeyKind::P256);
    let store = Embedded::start();
    store.deliver(
        ANN,
        &message(&std::fs::read(&picture.path)?, entity, &recipient),
    );
    let keyhole = Keyhole::start(&Behind::embedded(&store));
    let handset = Handset::new(&keyhole, ANN, &recipient);
    reveal(&handset);
    let (warden, server) = (Tree(keyhole.warden()), Tree(keyhole.process()));
    let mut batches: Vec<Spent> = Vec::new();
    for _ in 0..BATCHES {
        settle(warden);
        let before = (warden.cpu_seconds(), server.cpu_seconds());
        for _ in 0..batch(length) {
            reveal(&handset);
        }
        settle(warden);
        let each = |after: f64, before: f64| (after - before) / f64::from(batch(length));
        batches.push(Spent {
            vaults: each(warden.cpu_seconds(), before.0),
            all: each(server.cpu_seconds(), before.1),
            bare: number(&field.ask(Who::Ours, &order)?, "cpu")?,
            libvips: number(&field.ask(Who::Libvips, &order)?, "cpu")?,
        });
    }
    let middle = |part: Part| median(batches.iter().map(part).collect()).ok_or(Failure::Closed);
    Ok(Spent {
        vaults: middle(|spent| spent.vaults)?,
        all: middle(|spent| spent.all)?,
        bare: middle(|spent| spent.bare)?,
        libvips: middle(|spent| spent.libvips)?,
    })
}

fn reveal(handset: &Handset) {
    let (_report, _picture) = handset.fetch(1, "2", &["--size", "320"]);
}

fn message(photograph: &[u8], entity: Entity, recipient: &Recipient) -> Vec<u8> {
    let (kind, name) = ("image/jpeg", "photograph.jpg");
    let entity = match entity {
        Entity::Base64 => mail::entity(kind, name, photograph),
        Entity::Binary => mail::binary_entity(kind, name, photograph),
    };
    let cipher = Cipher::Aes256Gcm;
    let cms = openssl::encrypt(
        &entity,
        recipient,
        cipher,
        Transport::EcdhSha256,
        Layout::Stream,
    );
    mail::message_with_parts("a photograph", &[mail::smime_part(&cms, cipher)])
}

/// Waits until the vault that takes the place of the last one is ready and nothing more is spent.
fn settle(warden: Tree) {
    let mut last = warden.cpu_seconds();
    wait::until("the vaults to rest", || {
        std::thread::sleep(REST);
        let now = warden.cpu_seconds();
        let rests = now <= last;
        last = now;
        rests.then_some(())
    });
}

const REST: std::time::Duration = std::time::Duration::from_millis(100);
