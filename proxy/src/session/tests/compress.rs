//! COMPRESS with either neighbour, and why it keeps reveals away and they it.

use super::*;

#[test]
fn the_client_s_stream_changes_right_behind_our_ok() {
    let mut play = Play::open();
    play.client("a COMPRESS DEFLATE\r\n\x01\x02");
    let told = "a OK Compression begins\r\n";
    let compress = Request::Compress {
        neighbour: Neighbour::Client,
        plain: told.len(),
        early: vec![1, 2],
    };
    assert_eq!(play.requested(), [compress]);
    assert_eq!(play.told(), told);
    assert_eq!(play.sent(), "");
    play.refused(
        "b COMPRESS DEFLATE\r\n",
        "b NO [COMPRESSIONACTIVE] Compression is active already\r\n",
    );
    play.passes("c NOOP\r\n", "c OK\r\n");
}

#[test]
fn compression_waits_for_what_is_under_way() {
    let mut play = Play::open();
    play.client("a NOOP\r\nb COMPRESS DEFLATE\r\n");
    play.store("* LIST () \"/\" {3}\r\na");
    assert_eq!(play.requested(), []);
    play.store("bc\r\na OK\r\n* LIST () \"/\" {3}\r\na");
    assert_eq!(play.requested(), [], "a response is half relayed");
    play.store("bc\r\n");
    let before = "* LIST () \"/\" {3}\r\nabc\r\na OK\r\n* LIST () \"/\" {3}\r\nabc\r\n";
    let told = format!("{before}b OK Compression begins\r\n");
    let compress = Request::Compress {
        neighbour: Neighbour::Client,
        plain: told.len(),
        early: Vec::new(),
    };
    assert_eq!(play.requested(), [compress]);
    assert_eq!(play.told(), told);
}

#[test]
fn compress_excludes_reveals_and_they_it() {
    let mut play = Play::open();
    play.client("a COMPRESS DEFLATE\r\n");
    play.told();
    play.refused(
        "b KEYREVEAL\r\n",
        "b NO [CANNOT] Not on a compressed connection\r\n",
    );
    play.refused(
        "c CONVERSIONS \"*\" \"*\"\r\n",
        "c NO [CANNOT] Not on a compressed connection\r\n",
    );
    play.store("* CAPABILITY IMAP4rev1 BINARY\r\n");
    assert_eq!(play.told(), "* CAPABILITY IMAP4rev1 BINARY\r\n");

    let mut play = super::convert::with_keys();
    play.refused(
        "b COMPRESS DEFLATE\r\n",
        "b NO [CANNOT] Not offered by this server\r\n",
    );
    play.store("* CAPABILITY IMAP4rev1\r\n");
    assert_eq!(play.told(), "* CAPABILITY IMAP4rev1 KEYREVEAL\r\n");
}

#[test]
fn the_configuration_may_allow_both_or_none() {
    let settings = |compress| Settings {
        compress,
        ..settings()
    };
    let mut play = Play::open_with(settings(Compress::Always), traits(), "IMAP4rev1");
    assert!(play.told().contains("COMPRESS=DEFLATE KEYREVEAL"));
    play.client("a COMPRESS DEFLATE\r\n");
    play.requested();
    play.client("b KEYREVEAL\r\n");
    assert_eq!(play.requested().len(), 1);
    let mut play = Play::open_with(settings(Compress::Never), traits(), "IMAP4rev1");
    assert!(!play.told().contains("COMPRESS"));
    play.refused(
        "a COMPRESS DEFLATE\r\n",
        "a NO [CANNOT] Not offered by this server\r\n",
    );
}

#[test]
fn another_algorithm_is_bad() {
    let mut play = Play::open();
    play.refused("a COMPRESS ZSTD\r\n", "a BAD Only DEFLATE is known\r\n");
    play.refused("b COMPRESS\r\n", "b BAD Wrong syntax at octet 10\r\n");
}

#[test]
fn the_way_to_the_store_is_compressed_on_its_own() {
    let traits = StoreTraits {
        compress: CompressStore::WhereOffered,
        ..traits()
    };
    let mut play = Play::open_with(settings(), traits.clone(), "IMAP4rev1 COMPRESS=DEFLATE");
    assert_eq!(play.sent(), "keyhole1 COMPRESS DEFLATE\r\n");
    play.told();
    play.client("a NOOP\r\n");
    assert_eq!(play.sent(), "", "nothing goes in clear behind COMPRESS");
    play.store("keyhole1 OK go\r\n\x07\x08");
    let compress = Request::Compress {
        neighbour: Neighbour::Store,
        plain: 0,
        early: vec![7, 8],
    };
    assert_eq!(play.requested(), [compress]);
    // The command that waited goes compressed already.
    assert_eq!(play.sent(), "a NOOP\r\n");
    play.store("a OK\r\n");
    assert_eq!(play.told(), "a OK\r\n");

    let mut play = Play::open_with(settings(), traits.clone(), "IMAP4rev1 COMPRESS=DEFLATE");
    assert_eq!(play.sent(), "keyhole1 COMPRESS DEFLATE\r\n");
    play.store("keyhole1 NO not now\r\n");
    assert_eq!(play.requested(), []);
    let mut play = Play::open_with(settings(), traits, "IMAP4rev1");
    assert_eq!(play.sent(), "");
}
