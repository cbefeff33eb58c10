//! What most tests stand on: the embedded store, a proxy before it, and somebody to whom mail is encrypted.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::dovecot::{ANN, User};
use super::embedded::Embedded;
use super::keyhole::{Behind, Keyhole, Settings};
use super::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use super::phone::Phone;
use super::scratch::Scratch;
use super::{mail, wait};

/// A store, a proxy, a recipient.
#[derive(Debug)]
pub struct Scene {
    /// The proxy.
    pub keyhole: Keyhole,
    /// The store.
    pub store: Embedded,
    /// Whose key opens the mail, whichever user has it.
    pub recipient: Recipient,
    folder: Scratch,
}

impl Scene {
    /// With the usual proxy.
    #[must_use]
    pub fn new() -> Self {
        Self::with(&Settings::default())
    }

    /// With a proxy as the test wants it.
    #[must_use]
    pub fn with(settings: &Settings) -> Self {
        let store = Embedded::start();
        let keyhole = Keyhole::start_with(&Behind::embedded(&store), settings);
        Self::of(store, keyhole)
    }

    /// With a store and a proxy that the test started.
    #[must_use]
    pub fn of(store: Embedded, keyhole: Keyhole) -> Self {
        let folder = Scratch::new();
        let recipient = Recipient::make(folder.path(), "ann", KeyKind::P256);
        Self {
            keyhole,
            store,
            recipient,
            folder,
        }
    }

    /// Somebody else with a key.
    #[must_use]
    pub fn stranger(&self) -> Recipient {
        Recipient::make(self.folder.path(), "stranger", KeyKind::P256)
    }

    /// An entity encrypted to the recipient.
    #[must_use]
    pub fn encrypt(&self, entity: &[u8], cipher: Cipher) -> Vec<u8> {
        openssl::encrypt(
            entity,
            &self.recipient,
            cipher,
            Transport::EcdhSha256,
            Layout::Der,
        )
    }

    /// A message whose sections 2 and 3 are the same encrypted entity.
    #[must_use]
    pub fn message(&self, entity: &[u8], cipher: Cipher) -> Vec<u8> {
        let part = mail::smime_part(&self.encrypt(entity, cipher), cipher);
        mail::message_with_parts("two of a kind", &[part.clone(), part])
    }

    /// Ann's handset.
    #[must_use]
    pub fn phone(&self) -> Phone {
        self.phone_of(ANN)
    }

    /// Somebody's handset.
    #[must_use]
    pub fn phone_of(&self, user: User) -> Phone {
        Phone::connect(&self.keyhole.place(), user, &self.recipient)
    }

    /// Tries every case on some handset of Ann's, on `phones` of them at a time.
    pub fn on_phones<T: Sync>(
        &self,
        phones: usize,
        cases: &[T],
        attempt: impl Fn(&mut Phone, &T) + Sync,
    ) {
        let share = cases.len().div_ceil(phones).max(1);
        std::thread::scope(|scope| {
            for cases in cases.chunks(share) {
                scope.spawn(|| {
                    let mut phone = self.phone();
                    cases.iter().for_each(|case| attempt(&mut phone, case));
                });
            }
        });
    }

    /// Whether the proxy logged just so many refused reveals.
    ///
    /// # Panics
    /// When it did not.
    pub fn assert_refusals(&self, expected: usize) {
        let logged = || self.keyhole.events("reveal_refused").len();
        wait::until("the refusals to be logged", || {
            (logged() >= expected).then_some(())
        });
        assert_eq!(logged(), expected, "{}", self.keyhole.log());
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// A PNG of one colour, as an entity: a picture that is known again at a glance.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn canary(colour: [u8; 3]) -> Vec<u8> {
    let picture = RgbImage::from_pixel(64, 48, Rgb(colour));
    let mut octets = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture)
        .write_to(&mut octets, ImageFormat::Png)
        .expect("a PNG");
    mail::entity("image/png", "canary.png", octets.get_ref())
}

/// Whether a picture is all of one colour, as near as JPEG comes.
///
/// # Panics
/// When it is no picture.
#[must_use]
pub fn is_canary(picture: &[u8], colour: [u8; 3]) -> bool {
    let picture = image::load_from_memory(picture)
        .expect("a picture")
        .to_rgb8();
    let near = |Rgb(pixel): &Rgb<u8>| {
        let pairs = pixel.iter().zip(colour);
        pairs.into_iter().all(|(is, was)| is.abs_diff(was) <= 8)
    };
    picture.pixels().all(near)
}
