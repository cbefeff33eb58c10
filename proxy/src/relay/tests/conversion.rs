//! With a vault that the test plays, too.

use keyreveal::SealedReveal;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vault::frames::{FrameReader, FromVault, ToVault};

use super::*;
use crate::event::Event;

impl Bench {
    /// Asks for a key and hands out a vault by hand: the vault's end of its socket.
    pub(super) async fn vault(&mut self) -> UnixStream {
        self.client.says("k KEYREVEAL\r\n").await;
        let mut socket = self.warden.try_clone().unwrap();
        let asked = move || std::io::Read::read(&mut socket, &mut [0; 256]).unwrap();
        assert_ne!(tokio::task::spawn_blocking(asked).await.unwrap(), 0);
        let (theirs, vault) = StdStream::pair().unwrap();
        vaults::tests::pass(&self.warden, 1, &theirs);
        drop(theirs);
        let told = "* KEYREVEAL \"AQ==\"\r\nk OK Each key opens one reveal\r\n";
        self.client.hears(told).await;
        vault.set_nonblocking(true).unwrap();
        UnixStream::from_std(vault).unwrap()
    }

    /// Begins a conversion and stops in the middle of the part.
    pub(super) async fn half_way(&mut self, store: &mut End, vault: &mut UnixStream) {
        self.client.says(&convert()).await;
        let wanted = "keyhole1 UID FETCH 4 (UID BODYSTRUCTURE)\r\n";
        store.hears(wanted).await;
        let structure = "* 2 FETCH (UID 4 BODYSTRUCTURE (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 10))\r\n";
        store.says(structure).await;
        store.says("keyhole1 OK done\r\n").await;
        store
            .hears("keyhole2 UID FETCH 4 (UID BODY.PEEK[1])\r\n")
            .await;
        store.says("* 2 FETCH (UID 4 BODY[1] {10}\r\n01234").await;
        let mut reader = FrameReader::new();
        let mut octets = Vec::new();
        loop {
            soon(vault.read_buf(&mut octets)).await.unwrap();
            let mut input = octets.as_slice();
            while let Some(frame) = reader.next::<ToVault>(&mut input).unwrap() {
                if frame == ToVault::Octets(b"01234".to_vec()) {
                    return;
                }
            }
            octets.clear();
        }
    }
}

fn convert() -> String {
    let mut octets = vec![0x84, 1, 0x50];
    octets.extend([1; 16]);
    octets.extend([0x58, 32]);
    octets.extend([1; 32]);
    octets.extend([0x59, 2, 16]);
    octets.extend([2; 528]);
    let reveal = SealedReveal::decode(&octets).unwrap().to_base64();
    format!(
        "c UID CONVERT 4 (\"application/vnd.keyhole.sealed\" (\"u.urn:x-keyhole:type\" image/png \"u.urn:x-keyhole:reveal\" {reveal})) BINARY[1]\r\n"
    )
}

/// All that the vault hears up to its end.
async fn last_words(mut vault: UnixStream) -> Vec<u8> {
    let mut heard = Vec::new();
    // A peer that is gone may also look like a broken pipe.
    drop(soon(vault.read_to_end(&mut heard)).await);
    heard
}

#[tokio::test]
async fn a_client_that_vanishes_takes_vault_and_store_with_it() {
    let (mut bench, mut store) = Bench::selected().await;
    let mut vault = bench.vault().await;
    bench.half_way(&mut store, &mut vault).await;
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    assert_eq!(last_words(vault).await, b"");
    assert_eq!(store.rest().await, "");
}

#[tokio::test]
async fn a_client_that_vanishes_takes_its_unused_vaults_with_it() {
    let (mut bench, _store) = Bench::selected().await;
    let vault = bench.vault().await;
    drop(bench.client);
    soon(bench.relay).await.unwrap();
    assert_eq!(last_words(vault).await, b"");
}

#[tokio::test]
async fn a_store_that_closes_inside_the_part_is_told_of() {
    let (mut bench, mut store) = Bench::selected().await;
    let mut vault = bench.vault().await;
    bench.half_way(&mut store, &mut vault).await;
    drop(store);
    let told = bench.client.rest().await;
    assert!(
        told.starts_with("c NO [UNAVAILABLE] The mail store failed\r\n* BYE [UNAVAILABLE]"),
        "{told}"
    );
    soon(bench.relay).await.unwrap();
    assert_eq!(last_words(vault).await, b"");
    assert_eq!(bench.metrics.counted(Event::StoreFailed), 1);
}

#[tokio::test]
async fn a_vault_that_dies_is_one_failed_conversion() {
    let (mut bench, mut store) = Bench::selected().await;
    let mut vault = bench.vault().await;
    bench.half_way(&mut store, &mut vault).await;
    drop(vault);
    store.says("56789)\r\nkeyhole2 OK done\r\n").await;
    let told = bench.client.line().await;
    assert!(told.contains("TEMPFAIL)"), "{told}");
    bench
        .client
        .hears("c NO [TEMPFAIL] The conversion failed; try again later with a new reveal\r\n")
        .await;
    bench.passes(&mut store, "n NOOP\r\n", "n OK\r\n").await;
    assert_eq!(bench.metrics.counted(Event::VaultFailed), 1);
}

/// Nothing is left of a session whose warden died but the mail.
#[tokio::test]
async fn a_warden_that_dies_leaves_the_mail() {
    let (mut bench, mut store) = Bench::selected().await;
    drop(bench.warden.shutdown(std::net::Shutdown::Both));
    while bench.metrics.counted(Event::WardenLost) == 0 {
        tokio::task::yield_now().await;
    }
    bench.passes_alone(&mut store).await;
    bench.client.says("k KEYREVEAL\r\n").await;
    let told = bench.client.line().await;
    assert!(
        told.starts_with("k NO ") || told.starts_with("k BAD "),
        "{told}"
    );
    bench.passes_alone(&mut store).await;
}

impl Bench {
    async fn passes_alone(&mut self, store: &mut End) {
        self.passes(store, "n NOOP\r\n", "n OK\r\n").await;
    }
}

#[tokio::test]
async fn a_conversion_goes_through_every_socket() {
    let (mut bench, mut store) = Bench::selected().await;
    let mut vault = bench.vault().await;
    bench.half_way(&mut store, &mut vault).await;
    store.says("56789)\r\nkeyhole2 OK done\r\n").await;
    let last = ToVault::End.to_octets().unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(&last) {
        soon(vault.read_buf(&mut heard)).await.unwrap();
    }
    let sealed = vec![b'z'; 60_000];
    let mut result = Vec::new();
    FromVault::Result { octets: 60_000 }
        .encode(&mut result)
        .unwrap();
    FromVault::Run(sealed.clone()).encode(&mut result).unwrap();
    FromVault::Done.encode(&mut result).unwrap();
    vault.write_all(&result).await.unwrap();
    bench
        .client
        .hears("* 2 CONVERTED (TAG \"c\") (UID 4 BINARY[1] {60000}\r\n")
        .await;
    bench
        .client
        .hears(&String::from_utf8(sealed).unwrap())
        .await;
    bench.client.hears(")\r\nc OK Converted\r\n").await;
    assert_eq!(last_words(vault).await, b"", "and then it was let go");
}

#[tokio::test]
async fn a_user_holds_so_many_statements_over_all_connections() {
    let (mut bench, mut store) = Bench::selected().await;
    let unused = bench.unused.clone();
    let elsewhere = |user: &str| unused.take(user.to_owned());
    let (first, second) = (elsewhere("u"), elsewhere("u"));
    assert!(elsewhere("v").is_some(), "another user has places");
    assert!(first.is_some() && second.is_some());
    bench.client.says("n KEYREVEAL\r\n").await;
    let told = "n NO [LIMIT] Too many statements are unused\r\n";
    bench.client.hears(told).await;
    drop(first);
    let mut vault = bench.vault().await;
    assert!(elsewhere("u").is_none(), "its place is taken");
    bench.half_way(&mut store, &mut vault).await;
    assert!(
        elsewhere("u").is_some(),
        "a statement that is used is not unused"
    );
}
