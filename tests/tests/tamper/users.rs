//! Many users at a time, each with a picture that nobody else has, all else being equal: mailbox, UID, section, size.

use std::sync::Mutex;

use handset::FetchRequest;
use tests::harness::dovecot::User;
use tests::harness::embedded::Embedded;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::openssl::Cipher;
use tests::harness::phone::request;
use tests::harness::scene::{Scene, canary, is_canary};

/// Users, each with a colour that is far from every other.
const USERS: [(&str, [u8; 3]); 8] = [
    ("user1", [0, 0, 0]),
    ("user2", [255, 255, 255]),
    ("user3", [220, 20, 20]),
    ("user4", [20, 220, 20]),
    ("user5", [20, 20, 220]),
    ("user6", [220, 220, 20]),
    ("user7", [20, 220, 220]),
    ("user8", [220, 20, 220]),
];
const FETCHES: usize = 25;

fn user(name: &'static str) -> User {
    User {
        name,
        password: name,
    }
}

#[test]
fn nobody_gets_another_users_picture() {
    let users = USERS.map(|(name, _)| user(name));
    let store = Embedded::start_for(&users);
    let keyhole = Keyhole::start(&Behind::embedded(&store));
    let scene = Scene::of(store, keyhole);
    for (name, colour) in USERS {
        let message = scene.message(&canary(colour), Cipher::Aes256Gcm);
        scene.store.deliver(user(name), &message);
    }
    let seen = Mutex::new(0);
    std::thread::scope(|scope| {
        for (name, colour) in USERS {
            let (scene, seen) = (&scene, &seen);
            scope.spawn(move || {
                fetch_all(scene, user(name), colour);
                *seen.lock().expect("nobody failed") += FETCHES;
            });
        }
    });
    assert_eq!(*seen.lock().expect("nobody failed"), USERS.len() * FETCHES);
    scene.assert_refusals(0);
}

/// On two connections in turn, from both parts, in sizes that others ask for as well.
fn fetch_all(scene: &Scene, user: User, colour: [u8; 3]) {
    let mut phones = [scene.phone_of(user), scene.phone_of(user)];
    for turn in 0..FETCHES {
        let request = FetchRequest {
            width: std::num::NonZeroU16::new(if turn % 3 == 0 { 16 } else { 32 }),
            ..request(1, ["2", "3"][turn / 2 % 2])
        };
        let phone = &mut phones[turn % 2];
        let prepared = phone.prepare(&request).expect("a reveal");
        let fetched = phone.fetch(&prepared).expect("a picture");
        let picture = fetched.content.expose();
        assert!(is_canary(picture, colour), "{} in turn {turn}", user.name);
    }
}
