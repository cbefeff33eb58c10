//! What is converted into what, and why something is not.

use std::num::NonZeroU16;

use envelope::sealer::SealAlgorithm;
use keyreveal::{
    Extent, Fallback, InnerType, Kind, Measure, PictureForm, Seal, SoundForm, TextForm, names,
};
use vault::frames::{Failure, Limits, Resource, SourceKind, offered};

use crate::scenario::{Question, entity, part, photograph};
use crate::{Attempt, assert_is_the_thumbnail, photograph_part, session};

/// What is wrong with the opened part: said where a tag proved the part, and not where somebody may have altered it to learn it.
#[test]
fn reasons_are_told_of_authenticated_parts_only() {
    let photograph = photograph();
    let cut = &photograph[..photograph.len() / 3];
    let cases: [(Vec<u8>, Failure); 5] = [
        (
            entity("text/plain", b"hello"),
            Failure::NotConvertible(SourceKind::Text),
        ),
        (
            entity("image/svg+xml", b"<svg/>"),
            Failure::NotConvertible(SourceKind::Image),
        ),
        (
            entity("image/png", &photograph),
            Failure::NotConvertible(SourceKind::Image),
        ),
        (
            entity("application/octet-stream", b"MZ"),
            Failure::NotConvertible(SourceKind::Other),
        ),
        (entity("image/jpeg", cut), Failure::Damaged),
    ];
    for (entity, failure) in cases {
        let proven = session(part(&entity, SealAlgorithm::Aes256Gcm));
        assert_eq!(proven.fails(), failure);
        let unproven = session(part(&entity, SealAlgorithm::Aes256Cbc));
        assert_eq!(unproven.fails(), Failure::Refused, "{failure:?}");
    }
}

#[test]
fn each_budget_is_kept_and_named() {
    type Limit = fn(&mut Limits);
    let limited: [(Limit, Failure); 3] = [
        (
            |limits| limits.pixels = 640 * 480 - 1,
            Failure::Exceeded(Resource::Pixels),
        ),
        (
            |limits| limits.memory = 10_000,
            Failure::Exceeded(Resource::Memory),
        ),
        (
            |limits| limits.input_octets = 10_000,
            Failure::Exceeded(Resource::Input),
        ),
    ];
    for (limit, failure) in limited {
        let mut attempt = session(photograph_part(SealAlgorithm::Aes256Gcm));
        limit(&mut attempt.job.limits);
        assert_eq!(attempt.fails(), failure);
    }
}

#[test]
fn an_inner_section_is_found_or_said_to_be_missing() {
    let photograph = photograph();
    let mut entity = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n\r\n".to_vec();
    entity.extend_from_slice(&photograph);
    entity.extend_from_slice(b"\r\n--b--\r\n");
    let part = part(&entity, SealAlgorithm::Aes256Gcm);
    let ask = |inner: &str| {
        let asked = Question::session().with(names::PARAM_INNER, inner);
        Attempt::new(part.clone(), &asked, Seal::Session)
    };
    assert_is_the_thumbnail(&session(part.clone()).succeeds());
    assert_is_the_thumbnail(&ask("2").succeeds());
    assert_eq!(ask("1").fails(), Failure::NotConvertible(SourceKind::Text));
    assert_eq!(ask("3").fails(), Failure::NoSuchSection);
}

/// What fills in the request's gaps stands beside the context: it is no part of what the reveal is compared with, and what the
/// request says goes before it.
#[test]
fn without_a_type_what_comes_is_what_the_server_falls_back_on() {
    let small = PictureForm {
        width: NonZeroU16::new(40),
        ..PictureForm::default()
    };
    let fallback = Fallback::new(
        (InnerType::Png, small),
        (InnerType::Plain, TextForm::default()),
        (InnerType::Ogg, SoundForm::default()),
    )
    .unwrap();
    let mut open = Question::session();
    open.parameters.clear();
    let mut said = open.clone();
    said.parameters.push(("pix-x".into(), "80".into()));
    let part = photograph_part(SealAlgorithm::Aes256Gcm);
    for (asked, width, height) in [(open, 40, 30), (said, 80, 60)] {
        let mut attempt = Attempt::new(part.clone(), &asked, Seal::Session);
        attempt.job.fallback = fallback.encode();
        let result = attempt.succeeds();
        assert_eq!(result.media_type, "image/png");
        assert_eq!(result.measure, Measure::Picture { width, height });
    }
    let mut attempt = session(part);
    attempt.job.fallback = b"not CBOR".to_vec();
    assert_eq!(attempt.fails(), Failure::Refused);
}

/// A promise to clients: CONVERSIONS and every check of the server follow from this list.
#[test]
fn every_type_that_is_offered_is_made() {
    for media in offered() {
        let source = match media.kind() {
            Kind::Picture => entity("image/jpeg", &photograph()),
            Kind::Text => entity("text/plain; charset=iso-8859-1", b"Gr\xfc\xdfe\r\n"),
            Kind::Sound => entity("audio/x-wav", &silence()),
        };
        let mut asked = Question::session().with(names::PARAM_TYPE, media.name());
        if media.kind() != Kind::Picture {
            asked
                .parameters
                .retain(|(name, _)| !name.starts_with("pix"));
        }
        let part = part(&source, SealAlgorithm::Aes256Gcm);
        let result = Attempt::new(part, &asked, Seal::Session).succeeds();
        assert_eq!(result.media_type, media.name());
        assert_eq!(result.measure.kind(), media.kind());
    }
}

/// A second of it: RIFF WAVE, 8000 samples of 16 bits.
fn silence() -> Vec<u8> {
    let mut wave = b"RIFF\xa4\x3e\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    wave.extend(8000_u32.to_le_bytes());
    wave.extend(16_000_u32.to_le_bytes());
    wave.extend(b"\x02\0\x10\0data\x80\x3e\0\0");
    wave.extend([0; 16_000]);
    wave
}

/// An hour, of which nobody knows how long it is before it is decoded, must not run into the vault's end: that would be told as a
/// failure that may pass, again and again.
#[test]
fn a_sound_is_cut_to_what_there_is_time_for() {
    let hour = include_bytes!("../../../transcoder/tests/audio/seeds/hour.flac");
    let part = part(&entity("audio/flac", hour), SealAlgorithm::Aes256Gcm);
    for (seconds, lasts) in [(None, 80_000), (Some("5"), 5_000), (Some("3600"), 80_000)] {
        let mut asked = Question::session();
        asked.parameters.clear();
        let seconds = seconds.map(|seconds| (names::PARAM_SECONDS.into(), seconds.into()));
        asked.parameters.extend(seconds);
        asked
            .parameters
            .push((names::PARAM_TYPE.into(), "audio/ogg".into()));
        let mut attempt = Attempt::new(part.clone(), &asked, Seal::Session);
        attempt.job.limits.deadline_ms = 2_000;
        let cut = Measure::Sound {
            milliseconds: lasts,
            extent: Extent::Cut,
        };
        assert_eq!(attempt.succeeds().measure, cut);
    }
}

/// A message of texts and attachments: for a picture the first one in it, wherever it is.
#[test]
fn in_a_message_within_the_first_picture_is_found() {
    let mut inner = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n".to_vec();
    inner.extend(entity("image/jpeg", &photograph()));
    inner.extend_from_slice(b"\r\n--b--\r\n");
    let part = part(&inner, SealAlgorithm::Aes256Gcm);
    assert_is_the_thumbnail(&session(part.clone()).succeeds());
    let sound = Question::session().with(names::PARAM_TYPE, "audio/ogg");
    let mut sound = sound.clone();
    sound
        .parameters
        .retain(|(name, _)| !name.starts_with("pix"));
    let attempt = Attempt::new(part, &sound, Seal::Session);
    let none = Failure::NotConvertible(SourceKind::Multipart);
    assert_eq!(attempt.fails(), none);
}

/// What stands in a multipart of these parts.
fn mixed(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut all = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
    for part in parts {
        all.extend_from_slice(b"--b\r\n");
        all.extend_from_slice(part);
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(b"--b--\r\n");
    all
}

/// The type that the sender's program did not know, and the picture that nobody here reads, stand in the way of none that is read.
#[test]
fn the_first_picture_that_is_read_is_found_whatever_it_is_called() {
    let text = entity("text/plain", b"hello");
    let untold = entity("application/octet-stream; name=x.jpg", &photograph());
    let heic = entity("image/heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let wrong = entity("image/jpeg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let odd = entity("application/octet-stream; name=x.bin", b"MZ");
    let told = entity("image/jpeg", &photograph());
    for parts in [
        vec![text.clone(), untold.clone()],
        vec![heic.clone(), told],
        vec![wrong, odd.clone(), untold],
    ] {
        let part = part(&mixed(&parts), SealAlgorithm::Aes256Gcm);
        assert_is_the_thumbnail(&session(part).succeeds());
    }
    let unread = part(&mixed(&[text.clone(), heic]), SealAlgorithm::Aes256Gcm);
    let reason = Failure::NotConvertible(SourceKind::UnreadImage);
    assert_eq!(session(unread).fails(), reason);
    let none = part(&mixed(&[text, odd]), SealAlgorithm::Aes256Gcm);
    let reason = Failure::NotConvertible(SourceKind::Multipart);
    assert_eq!(session(none).fails(), reason);
}

#[test]
fn a_byte_budget_is_kept() {
    let asked = Question::session().with(names::PARAM_OCTETS, "3000");
    let part = photograph_part(SealAlgorithm::Aes256Gcm);
    let result = Attempt::new(part.clone(), &asked, Seal::Session).succeeds();
    assert!(result.octets.len() <= 3000);
    let asked = Question::session().with(names::PARAM_OCTETS, "10");
    let attempt = Attempt::new(part, &asked, Seal::Session);
    assert_eq!(attempt.fails(), Failure::CannotFit);
}

/// RFC 2046 §4.5.1: the type says nothing. What the octets say holds, for what comes out and for what may be asked; a name helps
/// where they say nothing.
#[test]
fn an_untold_part_is_what_its_octets_are() {
    let page = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
        2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
        3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Root 1 0 R>>";
    for (parameter, octets, source, made) in [
        ("", &photograph()[..], "image/jpeg", "image/jpeg"),
        ("", page, "application/pdf", "text/plain"),
        ("", b"{\\rtf1 a}", "text/rtf", "text/plain"),
        ("", &silence(), "audio/vnd.wave", "audio/ogg"),
        (
            "; name*=utf-8''%C3%BC.CSV",
            b"a,b\r\n",
            "text/csv",
            "text/plain",
        ),
    ] {
        let entity = entity(&format!("application/octet-stream{parameter}"), octets);
        let result = with_fallback(&entity).succeeds();
        assert_eq!(
            (result.source_type.as_str(), result.media_type.as_str()),
            (source, made)
        );
    }
    for (parameter, octets) in [
        ("", &b"a,b\r\n"[..]),
        ("; name=a.csv", b"a\0b"),
        ("; name=a.exe", b"MZ"),
    ] {
        let entity = entity(&format!("application/octet-stream{parameter}"), octets);
        let nothing = Failure::NotConvertible(SourceKind::Other);
        assert_eq!(with_fallback(&entity).fails(), nothing);
    }
    // A picture is asked for, and the part is sound.
    let sound = part(
        &entity("application/octet-stream", &silence()),
        SealAlgorithm::Aes256Gcm,
    );
    let other = Failure::NotConvertible(SourceKind::Audio);
    assert_eq!(session(sound).fails(), other);
}

/// `entity`, of which nothing is said but that it is to be made smaller.
fn with_fallback(entity: &[u8]) -> Attempt {
    let fallback = Fallback::new(
        (InnerType::Jpeg, PictureForm::default()),
        (InnerType::Plain, TextForm::default()),
        (InnerType::Ogg, SoundForm::default()),
    )
    .unwrap();
    let mut open = Question::session();
    open.parameters.clear();
    let part = part(entity, SealAlgorithm::Aes256Gcm);
    let mut attempt = Attempt::new(part, &open, Seal::Session);
    attempt.job.fallback = fallback.encode();
    attempt
}
