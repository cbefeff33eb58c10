//! Whatever client, store, vault and warden say, and however time passes: a session neither panics nor grows without
//! bound, keeps refused commands from the store, and once over stays over.

use std::time::Duration;

use bolero::check;
use keyreveal::KeyId;
use proxy::{
    clock::Moment,
    config::{Compress, CompressStore, Identify, MasterForm, UrlAuth},
    metrics::Way,
    peer::{Peer, Word},
    session::{
        Facts, Greeted, Handed, Handshake, MasterLogin, Neighbour, Protection, Request, Session,
        Settings, StoreTraits, Unreachable, Warden, facts::TTL,
    },
};
use wire::{
    Confidential, Ends, Frame, Framer, Position, Side, Sync, frame,
    imap::{Capabilities, Name, Tag, sasl::Mechanism},
};

/// More octets than ever wait for anybody: what is let in at once, what is held back, and one answer.
const MOST_WAITING: usize = 512 * 1024;

fn settings() -> Settings {
    let second = Duration::from_secs(1);
    Settings {
        client: frame::Limits {
            line: 8192,
            literal: 1 << 20,
        },
        statements: 4,
        lifetime: 60 * second,
        kept_results: 2,
        kept_octets: 1 << 16,
        part_octets: 1 << 16,
        presets: proxy::config::Presets::default(),
        job: 20 * second,
        login: 60 * second,
        idle: 1860 * second,
        unread: 120 * second,
        compress: Compress::UnlessRevealed,
    }
}

fn facts(choice: u8) -> Facts {
    let address = std::net::SocketAddr::from(([192, 0, 2, 7], 40_000));
    let word = match choice % 2 {
        0 => Word::Stranger,
        _ => Word::Trusted,
    };
    Facts {
        protection: if choice % 5 == 4 {
            Protection::Clear
        } else {
            Protection::Tls
        },
        session_id: "s".to_owned(),
        peer: Peer::direct(address, address, word),
        mechanisms: vec![
            Mechanism::Plain,
            Mechanism::Login,
            Mechanism::ScramSha1,
            Mechanism::ScramSha256,
            Mechanism::OAuthBearer,
            Mechanism::XOAuth2,
            Mechanism::External,
        ],
        external: choice.is_multiple_of(3).then(|| "joe".to_owned()),
        ttl: TTL,
        warden: Warden::Alive,
    }
}

/// What the shell brings back from a dial.
fn dialled(choice: u8) -> Result<Greeted, Unreachable> {
    let all = [
        "ID",
        "SASL-IR",
        "AUTH=PLAIN",
        "AUTH=SCRAM-SHA-1",
        "AUTH=XOAUTH2",
        "LITERAL+",
    ];
    let offers = &all[..usize::from(choice) % (all.len() + 1)];
    match choice % 8 {
        7 => Err(Unreachable::Unavailable),
        _ => Ok(Greeted {
            capabilities: Capabilities::of(offers),
            traits: StoreTraits {
                master: Some(MasterLogin {
                    user: "m".to_owned(),
                    password: Confidential::new(b"p".to_vec()),
                    form: MasterForm::Asterisk,
                }),
                identify: Identify::Yes,
                urlauth: UrlAuth::Refused,
                compress: CompressStore::WhereOffered,
                answer: Duration::from_secs(30),
                renew_idle: Duration::from_secs(60),
            },
        }),
    }
}

/// Sentences that lead deep into the machine sooner than chance would.
const CLIENT: [&str; 18] = [
    "a LOGIN u p\r\n",
    "a ID (\"name\" \"x\" \"x-proxy-ttl\" \"3\")\r\n",
    "a STARTTLS\r\n",
    "a AUTHENTICATE SCRAM-SHA-1 biwsbj11LHI9eA==\r\n",
    "a AUTHENTICATE XOAUTH2 dXNlcj11AWF1dGg9QmVhcmVyIHgBAQ==\r\n",
    "a AUTHENTICATE EXTERNAL =\r\n",
    "*\r\n",
    "a AUTHENTICATE PLAIN\r\n",
    "AGpvZQBwdw==\r\n",
    "a SELECT inbox\r\n",
    "a UID CONVERT 4 (\"application/vnd.keyhole.sealed\" (\"u.urn:x-keyhole:type\" image/jpeg)) BINARY[1]\r\n",
    "a UID CONVERT 4 (NIL) AVAILABLECONVERSIONS[1]\r\n",
    "a KEYREVEAL 2\r\n",
    "a CONVERSIONS \"*\" \"*\"\r\n",
    "a IDLE\r\n",
    "DONE\r\n",
    "a APPEND m {5+}\r\n",
    "a COMPRESS DEFLATE\r\n",
];

const STORE: [&str; 16] = [
    "keyhole2 OK [CAPABILITY IMAP4rev1 BINARY COMPRESS=DEFLATE] hi\r\n",
    "a OK done\r\n",
    "+ eA==\r\n",
    "keyhole2 NO no\r\n",
    "* VANISHED 1:3\r\n",
    "a NO no\r\n",
    "+ go\r\n",
    "* OK [UIDVALIDITY 7] v\r\n",
    "* 2 FETCH (UID 4 BODYSTRUCTURE (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 10))\r\n",
    "* 2 FETCH (UID 4 BODY[1] {10}\r\n0123456789)\r\n",
    "keyhole1 OK done\r\n",
    "keyhole2 OK done\r\n",
    "keyhole3 OK done\r\n",
    "* 1 EXPUNGE\r\n",
    "* CAPABILITY IMAP4rev1\r\n",
    "* BYE\r\n",
];

/// One play: each step is an actor and what it does.
fn play(steps: &[(u8, u8, Vec<u8>)]) {
    let mut now = Moment::at(Duration::from_secs(1));
    let first = steps.first().map_or(0, |(_, choice, _)| *choice);
    let mut session = Session::new(settings(), facts(first), now);
    let mut sent = Vec::new();
    for (actor, choice, octets) in steps {
        let was_over = session.is_over();
        step(&mut session, *actor, *choice, octets, now);
        now = now.plus(Duration::from_millis(u64::from(*choice) * 40));
        while let Some(request) = session.request() {
            let lets_go = matches!(
                request,
                Request::Dismiss | Request::Drop(_) | Request::HangUp
            );
            assert!(
                !was_over || lets_go,
                "a session that is over asks for {request:?}"
            );
        }
        while session.record().is_some() {}
        go_straight(&mut session, *choice, now);
        for way in [Way::ToClient, Way::ToStore, Way::ToVault] {
            assert!(session.outbox(way).len() <= MOST_WAITING, "{way:?}");
        }
        assert!(!was_over || session.is_over());
        if choice % 2 == 0 {
            sent.extend(drain(&mut session, now));
        }
    }
    sent.extend(drain(&mut session, now));
    assert_hidden_commands_stay_here(&sent);
}

/// Reads what the store got as a store reads it.
fn assert_hidden_commands_stay_here(sent: &[u8]) {
    let mut framer = Framer::new(Side::Client, settings().client);
    let mut input = sent;
    while let Ok(Some(frame)) = framer.next(&mut input) {
        let Frame::Line(line) = frame else { continue };
        if line.position == Position::First {
            let read = Name::of_line(line.text());
            let compresses = |(tag, name): &(Tag, Name)| {
                *name == Name::Compress && !tag.as_str().starts_with("keyhole")
            };
            assert!(
                !read.as_ref().is_some_and(compresses),
                "COMPRESS is ours alone"
            );
            let name = read.map(|(_, name)| name);
            assert_ne!(name, Some(Name::Starttls));
            assert_ne!(name, Some(Name::KeyReveal));
        }
        if matches!(line.ends, Ends::Literal(literal) if literal.sync == Sync::Synchronising) {
            return; // whether its octets follow, only the other direction would tell
        }
    }
}

/// Some of what may pass unseen does.
fn go_straight(session: &mut Session, choice: u8, now: Moment) {
    for from in [Neighbour::Client, Neighbour::Store] {
        let may = session.straight(from);
        session.passed(from, may.min(u64::from(choice % 4)), now);
    }
}

fn step(session: &mut Session, actor: u8, choice: u8, octets: &[u8], now: Moment) {
    let pick = |sentences: &[&str]| {
        sentences[usize::from(choice) % sentences.len()]
            .as_bytes()
            .to_vec()
    };
    match actor % 12 {
        10 => session.dialled(dialled(choice), now),
        11 if choice.is_multiple_of(16) => session.kick(now),
        11 if choice % 4 == 1 => session.secured(Handshake::default(), now),
        0 | 1 if session.wants_client() => session.client_octets(&pick(&CLIENT), now),
        2 | 3 if session.wants_store() => session.store_octets(&pick(&STORE), now),
        4 if session.wants_client() => session.client_octets(octets, now),
        5 if session.wants_store() => session.store_octets(octets, now),
        6 => session.vault_octets(octets, now),
        7 => session.tick(now),
        8 => session.answered(
            Some(vec![Ok(Handed {
                key_id: KeyId([choice; 16]),
                statement: octets.to_vec(),
            })]),
            now,
        ),
        9 => match choice % 8 {
            0 => session.client_ended(now),
            1 => session.store_ended(now),
            2 => session.vault_ended(now),
            3 => session.drain(now),
            4 => session.warden_gone(),
            _ => {}
        },
        _ => {}
    }
}

/// Takes away all that waits, and gives what the store gets.
fn drain(session: &mut Session, now: Moment) -> Vec<u8> {
    let mut sent = Vec::new();
    for way in [Way::ToClient, Way::ToStore, Way::ToVault] {
        while !session.outbox(way).is_empty() {
            let front = session.outbox(way).front().to_vec();
            session.wrote(way, front.len(), now);
            if way == Way::ToStore {
                sent.extend(front);
            }
        }
    }
    sent
}

#[test]
fn no_play_breaks_a_session() {
    check!()
        .with_type::<Vec<(u8, u8, Vec<u8>)>>()
        .with_iterations(20_000)
        .with_max_len(4096)
        .for_each(|steps| play(steps));
}

/// LOGIN, dialled, accepted, our COMPRESS answered, SELECT, its validity, OK.
const OPENING: [(u8, u8); 7] = [(0, 0), (10, 0), (2, 0), (2, 10), (0, 9), (2, 7), (2, 1)];

#[test]
fn the_opening_leads_to_the_deep_end() {
    let now = Moment::at(Duration::from_secs(1));
    let mut session = Session::new(settings(), facts(0), now);
    for (actor, choice) in OPENING {
        step(&mut session, actor, choice, &[], now);
        drop(drain(&mut session, now));
    }
    assert_eq!(session.user(), Some("u"));
}

/// The same, behind a login, so that the deep end is reached every time.
#[test]
fn no_play_breaks_a_session_that_is_open() {
    check!()
        .with_type::<Vec<(u8, u8, Vec<u8>)>>()
        .with_iterations(20_000)
        .with_max_len(4096)
        .for_each(|steps| {
            let opened = OPENING.map(|(actor, choice)| (actor, choice, Vec::new()));
            let all: Vec<_> = opened.into_iter().chain(steps.iter().cloned()).collect();
            play(&all);
        });
}
