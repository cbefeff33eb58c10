//! Real clients fetch a whole tree of mailboxes directly and through the proxy, and have the same files afterwards.
//!
//! | module | holds |
//! | --- | --- |
//! | [`tree`] | the mail: about 200 messages, odd ones among them |
//! | [`copies`] | what a client has fetched, file by file |
//! | [`programs`] | how each client is told what to fetch |

#![cfg(test)]

mod copies;
mod programs;
mod tree;

use std::path::Path;
use std::thread;

use tests::harness::dovecot::Dovecot;
use tests::harness::keyhole::{Behind, Keyhole, Place};
use tests::harness::scratch::Scratch;

use copies::Copies;

/// Has `client` fetch everything by both roads. At least so many files must come: nothing fetched is nothing proven.
fn compare(least: usize, client: impl Fn(&Place, &Path) -> Copies + Sync) {
    let dovecot = Dovecot::start();
    tree::fill(&dovecot);
    let keyhole = Keyhole::start(&Behind::dovecot(&dovecot));
    let directly = Place {
        address: dovecot.tls,
        authority: dovecot.certificate.authority.clone(),
    };
    let fetch = |place: &Place| {
        let folder = Scratch::new();
        client(place, folder.path())
    };
    let (direct, relayed) = thread::scope(|scope| {
        let direct = scope.spawn(|| fetch(&directly));
        let relayed = fetch(&keyhole.place());
        (direct.join().expect("a direct client"), relayed)
    });
    assert!(direct.files() >= least, "{} files", direct.files());
    relayed.is_the_same_as(&direct);
}

#[test]
fn mbsync_fetches_the_same_files() {
    compare(tree::MESSAGES, programs::mbsync);
}

#[test]
fn offlineimap_fetches_the_same_files() {
    compare(tree::MESSAGES, programs::offlineimap);
}

#[test]
fn imaplib_fetches_the_same_files() {
    compare(tree::MESSAGES, programs::imaplib);
}

#[test]
fn curl_fetches_the_same_files() {
    compare(tree::MESSAGES, programs::curl);
}

#[test]
fn neomutt_copies_the_same_mailbox() {
    compare(1, programs::neomutt);
}
