//! Texts, documents and sound, end to end: the real command, the real proxy, vaults and store.

#![cfg(test)]

use std::f32::consts::TAU;
use std::fs;
use std::io::Cursor;

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::{AnimationDecoder as _, Delay, Frame, Rgba, RgbaImage};
use serde_json::Value;
use tests::harness::dovecot::{ANN, Dovecot};
use tests::harness::handset::Handset;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::mail;
use tests::harness::openssl::{self, Cipher, KeyKind, Layout, Recipient, Transport};
use tests::harness::scratch::Scratch;

/// A place with one message of one encrypted entity.
struct Place {
    handset: Handset,
    _dovecot: Dovecot,
    _keyhole: Keyhole,
    _folder: Scratch,
}

impl Place {
    fn with(entity: &[u8]) -> Self {
        let folder = Scratch::new();
        let ann = Recipient::make(folder.path(), "ann", KeyKind::P256);
        let cipher = Cipher::Aes256Gcm;
        let cms = openssl::encrypt(entity, &ann, cipher, Transport::EcdhSha256, Layout::Stream);
        let dovecot = Dovecot::start();
        let message = mail::message_with_parts("papers", &[mail::smime_part(&cms, cipher)]);
        dovecot.deliver(ANN, &message);
        let keyhole = Keyhole::start(&Behind::dovecot(&dovecot));
        Self {
            handset: Handset::new(&keyhole, ANN, &ann),
            _dovecot: dovecot,
            _keyhole: keyhole,
            _folder: folder,
        }
    }

    fn fetch(&self, options: &[&str]) -> (Value, Vec<u8>) {
        self.handset.fetch(1, "2", options)
    }
}

fn text(octets: Vec<u8>) -> String {
    String::from_utf8(octets).expect("UTF-8")
}

fn letter() -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../transcoder/tests/documents");
    fs::read(format!("{folder}/letter.docx")).expect("a letter")
}

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

#[test]
fn a_letter_comes_as_its_text() {
    let place = Place::with(&mail::entity(DOCX, "letter.docx", &letter()));
    let (report, octets) = place.fetch(&["--type", "text"]);
    assert_eq!(report["result_type"], "text/plain", "{report}");
    let plain = text(octets);
    assert!(plain.len() > 20 && plain.len() < letter().len(), "{plain}");
    assert!(!plain.contains('<'), "{plain}");
}

#[test]
fn a_page_comes_without_what_would_call_home_and_in_the_charset_asked_for() {
    let html = "<html><head><meta charset=utf-8><script>steal()</script></head><body onload='steal()'>\
                <h1>Caf\u{e9} \u{20ac} 3</h1><img src='https://spy.example/p.gif' alt='a dot'>\
                <p>See <a href='https://shop.example/'>the shop</a>.</p></body></html>";
    let place = Place::with(&mail::entity("text/html", "page.html", html.as_bytes()));
    let (_, octets) = place.fetch(&["--type", "html"]);
    let small = text(octets);
    assert!(
        small.contains("Caf\u{e9}") && small.contains("https://shop.example/"),
        "{small}"
    );
    for remote in ["spy.example", "script", "onload"] {
        assert!(!small.contains(remote), "{remote} in {small}");
    }
    let (_, octets) = place.fetch(&["--type", "text", "--charset", "iso-8859-15"]);
    assert!(
        octets.windows(6).any(|run| run == b"Caf\xe9 \xa4"),
        "{octets:?}"
    );
    let (refused, _) =
        place
            .handset
            .try_fetch(1, "2", &["--type", "text", "--charset", "us-ascii"]);
    assert_eq!(refused.code, 10, "{}", refused.said);
    let options = [
        "--type",
        "text",
        "--charset",
        "us-ascii",
        "--replacement",
        "?",
    ];
    let (_, octets) = place.fetch(&options);
    assert!(text(octets).contains("Caf? ? 3"));
}

/// ISO 32000-1 §7.5: one page with a word and a dark square.
fn paper() -> Vec<u8> {
    let content = "BT /F1 48 Tf 72 700 Td (Invoice) Tj ET 0.1 0.1 0.4 rg 72 400 200 200 re f";
    let stream = format!("<</Length {}>>stream\n{content}\nendstream", content.len());
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        &stream,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut places = String::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let table = file.len();
    file.push_str(&format!(
        "xref\n0 6\n0000000000 65535 f \n{places}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n"
    ));
    file.into_bytes()
}

#[test]
fn a_paper_comes_as_text_and_as_a_picture_of_its_first_page() {
    let place = Place::with(&mail::entity("application/pdf", "paper.pdf", &paper()));
    let (_, octets) = place.fetch(&["--type", "text"]);
    assert!(text(octets).contains("Invoice"));
    let (report, octets) = place.fetch(&["--type", "png", "--size", "200"]);
    assert_eq!(report["result_height"], 200, "{report}");
    let picture = image::load_from_memory(&octets)
        .expect("a picture")
        .to_rgb8();
    let inside = picture.get_pixel(picture.width() / 4, picture.height() * 4 / 10);
    let corner = picture.get_pixel(2, 2);
    assert!(inside[0] < 80 && inside[2] < 150, "{inside:?}");
    assert!(corner[0] > 240, "{corner:?}");
}

#[test]
fn all_texts_of_a_multipart_come_as_one() {
    let plain =
        b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nDas Dorf hei\xdft so.\r\n".to_vec();
    let parts = [plain, mail::entity(DOCX, "letter.docx", &letter())];
    let place = Place::with(&mail::multipart(&parts, "=_inner"));
    let (_, octets) = place.fetch(&["--type", "text", "--reveal-whole-message"]);
    let whole = text(octets);
    assert!(whole.contains("hei\u{df}t so."), "{whole}");
    assert!(whole.len() > 60, "{whole}");
}

/// RFC 2361, PCM: two seconds of a tone, two channels.
fn recording() -> Vec<u8> {
    let rate = 44_100_u32;
    let samples = (0..rate * 2).flat_map(|at| {
        let tone = (TAU * 440.0 * at as f32 / rate as f32).sin() * 12_000.0;
        [tone as i16, tone as i16 / 2]
    });
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let len = u32::try_from(data.len()).expect("a length");
    let mut file = b"RIFF".to_vec();
    file.extend((len + 36).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    file.extend(rate.to_le_bytes());
    file.extend((rate * 4).to_le_bytes());
    file.extend(b"\x04\0\x10\0data");
    file.extend(len.to_le_bytes());
    file.extend(data);
    file
}

#[test]
fn a_recording_comes_as_a_voice_note() {
    let place = Place::with(&mail::entity("audio/x-wav", "note.wav", &recording()));
    let (report, octets) = place.fetch(&["--type", "ogg", "--rate", "12000"]);
    assert!(octets.starts_with(b"OggS"), "{report}");
    assert!(octets.windows(8).any(|run| run == b"OpusHead"));
    assert!(
        octets.len() < 6_000,
        "{} octets for two seconds",
        octets.len()
    );
    assert_eq!(report["result_milliseconds"], 2000, "{report}");
    let (report, first) = place.fetch(&["--type", "ogg", "--seconds", "1", "--rate", "12000"]);
    assert_eq!(report["result_milliseconds"], 1000, "{report}");
    assert_eq!(report["result_whole"], false, "{report}");
    assert!(first.len() < octets.len());
    let (_, usual) = place.fetch(&["--type", "default"]);
    assert!(
        usual.starts_with(b"OggS"),
        "sound becomes sound where nobody says otherwise"
    );
}

/// Twelve frames of a bar that moves, each shown for a tenth of a second.
fn moving() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    encoder.set_repeat(Repeat::Infinite).expect("a GIF");
    for frame in 0..12_u32 {
        let bar = RgbaImage::from_fn(240, 120, |x, _| match x / 20 == frame {
            true => Rgba([200, 30, 30, 255]),
            false => Rgba([250, 250, 240, 255]),
        });
        let delay = Delay::from_numer_denom_ms(100, 1);
        let frame = Frame::from_parts(bar, 0, 0, delay);
        encoder.encode_frame(frame).expect("a GIF");
    }
    drop(encoder);
    file
}

#[test]
fn what_moves_comes_as_fewer_frames_that_last_as_long() {
    let place = Place::with(&mail::entity("image/gif", "bar.gif", &moving()));
    let (ended, _) = place.handset.try_fetch(1, "2", &["--frames", "4"]);
    assert_eq!(ended.code, 2, "the file is named as a JPEG: {}", ended.json);
    assert!(!ended.said.contains("Revealing"), "{}", ended.said);
    let (report, octets) = place.fetch(&["--type", "gif", "--frames", "4", "--size", "60"]);
    assert_eq!(report["result_width"], 60, "{report}");
    let frames = GifDecoder::new(Cursor::new(&octets)).expect("a GIF");
    let frames = frames.into_frames().collect_frames().expect("frames");
    assert_eq!(frames.len(), 4);
    let shown = frames.iter().map(|frame| frame.delay().numer_denom_ms().0);
    assert_eq!(shown.sum::<u32>(), 1200);
    let red = |frame: &Frame, x: u32| frame.buffer().get_pixel(x, 15).0[1] < 100;
    let places: Vec<u32> = frames
        .iter()
        .filter_map(|frame| (0..60).find(|x| red(frame, *x)))
        .collect();
    assert!(places.len() == 4 && places.is_sorted(), "{places:?}");
    // Without it, a still picture of the first.
    let (_, octets) = place.fetch(&["--type", "png", "--size", "60"]);
    let still = image::load_from_memory(&octets).expect("a PNG").to_rgba8();
    assert!(still.get_pixel(2, 15).0[1] < 100, "the bar is at the left");
}
