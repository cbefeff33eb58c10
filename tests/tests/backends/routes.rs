//! Which user is at which store: by the configuration, by a file that changes, by a server that is asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::harness::dovecot::User;
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::mail;
use tests::harness::program::{Running, free_address, wait_for_listener};
use tests::harness::scratch::Scratch;

use crate::stranger;

const SECRET: &str = "one secret for all";
const JOE: User = named("joe");
const KIM: User = named("kim@b.example");
const LEA: User = named("lea@x.y.c.example");
const MAX: User = named("max");
const BROKEN: User = named("broken");
const ALL: [User; 5] = [JOE, KIM, LEA, MAX, BROKEN];

const fn named(name: &'static str) -> User {
    User {
        name,
        password: SECRET,
    }
}

/// Two stores that know the same users; a mailbox of the first has one message, of the second two.
struct Stores {
    first: Embedded,
    second: Embedded,
}

impl Stores {
    fn start() -> Self {
        let message = mail::message("hello", b"\r\nhello\r\n");
        let (first, second) = (Embedded::start_for(&ALL), Embedded::start_for(&ALL));
        for user in ALL {
            first.deliver(user, &message);
            second.deliver(user, &message);
            second.deliver(user, &message);
        }
        Self { first, second }
    }

    fn before(&self, routing: &str) -> Keyhole {
        let second = Behind::embedded(&self.second).section("second");
        let settings = Settings {
            vault: "pool = 1\n".to_owned(),
            more: format!("{second}[routing]\n{routing}"),
            ..Settings::default()
        };
        Keyhole::start_with(&Behind::embedded(&self.first), &settings)
    }
}

/// The first or the second.
fn store_of(keyhole: &Keyhole, user: User) -> usize {
    let mut client = stranger(keyhole);
    client.login(user);
    let said = client.command("STATUS INBOX (MESSAGES)").text();
    let at = |number: &usize| said.contains(&format!("(MESSAGES {number})"));
    [1, 2].into_iter().find(at).expect("a store's mailbox")
}

/// What a login is answered.
fn answer(keyhole: &Keyhole, user: User) -> String {
    let mut client: Client = stranger(keyhole);
    client
        .command(&format!("LOGIN {} \"{}\"", user.name, user.password))
        .tagged
}

#[test]
fn the_most_exact_pattern_of_the_configuration_wins() {
    let stores = Stores::start();
    let keyhole = stores.before(
        "users = { \"@*.c.example\" = \"second\", \"@b.example\" = \"second\", \"joe\" = \"second\", \"*\" = \"store\" }\n",
    );
    let found = [JOE, KIM, LEA, MAX].map(|user| store_of(&keyhole, user));
    assert_eq!(found, [2, 2, 2, 1]);
}

#[test]
fn nobody_without_a_store_learns_that_he_has_none() {
    let stores = Stores::start();
    let mut keyhole = stores.before("users = { \"joe\" = \"second\" }\n");
    assert_eq!(store_of(&keyhole, JOE), 2);
    let wrong = "NO [AUTHENTICATIONFAILED]";
    let nowhere = answer(&keyhole, MAX);
    assert!(nowhere.starts_with(wrong), "{nowhere}");
    keyhole.wait_for("store_unreachable", |record| record["reason"] == "no route");
}

/// As the documentation wants it: beside it, then renamed.
fn write_over(map: &Path, text: &str) {
    let beside = map.with_extension("new");
    fs::write(&beside, text).expect("the new map");
    fs::rename(&beside, map).expect("the map");
}

#[test]
fn a_map_that_changes_holds_from_the_next_login_on() {
    let stores = Stores::start();
    let folder = Scratch::new();
    let map = folder.join("users.map");
    write_over(&map, "joe store\n@b.example second # everybody there\n");
    let routing = format!("map = \"{}\"\ndefault = \"store\"\n", map.display());
    let mut keyhole = stores.before(&routing);
    assert_eq!([JOE, KIM].map(|user| store_of(&keyhole, user)), [1, 2]);
    write_over(&map, "joe second\nmax second\n* store\n");
    keyhole.wait_for("map_reloaded", |record| record["count"] == 3);
    let found = [JOE, KIM, MAX].map(|user| store_of(&keyhole, user));
    assert_eq!(found, [2, 1, 2]);
    write_over(&map, "joe store\nkim nowhere\n");
    keyhole.wait_for("map_refused", |record| record["count"] == 2);
    assert_eq!([JOE, MAX].map(|user| store_of(&keyhole, user)), [2, 2]);
}

/// A routing server, and the file that it answers from.
struct Asked {
    _program: Running,
    url: String,
    file: PathBuf,
    _folder: Scratch,
}

impl Asked {
    fn start() -> Self {
        let folder = Scratch::new();
        let file = folder.join("users.json");
        fs::write(&file, "{\"joe\": \"second\"}").expect("its answers");
        let address = free_address();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/lookup.py");
        let mut program = Running::start(
            Command::new("python3")
                .arg(script)
                .arg(address.port().to_string())
                .arg(&file)
                .stdout(std::process::Stdio::null()),
        );
        wait_for_listener(address, || program.ended().is_none());
        Self {
            _program: program,
            url: format!("http://{address}/route"),
            file,
            _folder: folder,
        }
    }
}

#[test]
fn a_server_that_is_asked_says_where() {
    let stores = Stores::start();
    let asked = Asked::start();
    let routing = format!(
        "default = \"store\"\n[routing.lookup]\nurl = \"{}\"\ncache_seconds = 3600\nunknown_seconds = 1\n",
        asked.url
    );
    let mut keyhole = stores.before(&routing);
    assert_eq!([JOE, MAX].map(|user| store_of(&keyhole, user)), [2, 1]);
    // What was found is kept; what was not known is asked again soon.
    fs::write(&asked.file, "{\"joe\": \"store\", \"max\": \"second\"}").expect("other answers");
    tests::harness::wait::until("the user to be known", || {
        (store_of(&keyhole, MAX) == 2).then_some(())
    });
    assert_eq!(store_of(&keyhole, JOE), 2);
    // A failure never leads to the default.
    let refused = answer(&keyhole, BROKEN);
    assert!(refused.starts_with("NO [UNAVAILABLE]"), "{refused}");
    keyhole.wait_for("lookup_failed", |_| true);
}
