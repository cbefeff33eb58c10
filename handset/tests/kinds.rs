//! Texts and sounds: what comes back is held against what was asked for, each as its kind is measured.

#![cfg(test)]

mod played;

use handset::{
    Charset, Error, Extent, FetchRequest, Fetched, Format, Measure, PresetName, Seconds, Unverified,
};
use keyreveal::ResultPart;
use played::{Play, client, clock, holder, known, request, rng};
use secret::Plaintext;

async fn fetched(alter: fn(&mut ResultPart), request: FetchRequest) -> Result<Fetched, Error> {
    let keys = [holder()];
    let play = Play {
        alter,
        ..Play::default()
    };
    let (mut client, _) = client(play).await;
    client
        .fetch_converted(&request, known(&keys), &clock, &mut rng())
        .await
}

fn text(part: &mut ResultPart) {
    part.media_type = "text/plain".into();
    part.measure = Measure::Text {
        charset: Charset::new("utf-8").unwrap(),
        extent: Extent::Cut,
    };
    part.octets = Plaintext::adopt("Grüße\r\n".into());
}

fn latin(part: &mut ResultPart) {
    text(part);
    part.measure = Measure::Text {
        charset: Charset::new("iso-8859-1").unwrap(),
        extent: Extent::Whole,
    };
    part.octets = Plaintext::adopt(b"Gr\xfc\xdfe\r\n".to_vec());
}

fn sound(part: &mut ResultPart) {
    part.media_type = "audio/ogg".into();
    part.measure = Measure::Sound {
        milliseconds: 20_060,
        extent: Extent::Cut,
    };
    part.octets = Plaintext::adopt(b"OggS and so on".to_vec());
}

fn asking(format: Option<Format>) -> FetchRequest {
    FetchRequest {
        format,
        ..request("2")
    }
}

#[tokio::test]
async fn a_text_and_a_sound_come_back_with_what_is_known_of_them() {
    let came = fetched(text, asking(Some(Format::Plain))).await.unwrap();
    let extent = Extent::Cut;
    let charset = Charset::new("utf-8").unwrap();
    assert_eq!(came.measure, Measure::Text { charset, extent });
    assert_eq!(came.content.expose(), "Grüße\r\n".as_bytes());
    let seconds = FetchRequest {
        seconds: Seconds::new(20),
        ..asking(Some(Format::Ogg))
    };
    let came = fetched(sound, seconds).await.unwrap();
    assert_eq!(came.format, Format::Ogg);
    let latin_asked = FetchRequest {
        charset: Charset::new("ISO-8859-1"),
        ..asking(Some(Format::Plain))
    };
    assert!(fetched(latin, latin_asked).await.is_ok());
    // What is left to the server comes as it has it.
    assert!(fetched(sound, asking(None)).await.is_ok());
    let preset = FetchRequest {
        preset: PresetName::new("2g"),
        ..asking(Some(Format::Plain))
    };
    assert!(fetched(latin, preset).await.is_ok(), "a preset may say so");
}

#[tokio::test]
async fn what_was_not_asked_for_is_thrown_away() {
    let plain = || asking(Some(Format::Plain));
    let invalid: fn(&mut ResultPart) = |part| {
        text(part);
        part.octets = Plaintext::adopt(b"Gr\xfc\xdfe\r\n".to_vec());
    };
    let markup: fn(&mut ResultPart) = |part| {
        sound(part);
        part.octets = Plaintext::adopt(b"<html>".to_vec());
    };
    let mislabelled: fn(&mut ResultPart) = |part| {
        text(part);
        part.media_type = "image/jpeg".into();
    };
    let short = FetchRequest {
        seconds: Seconds::new(19),
        ..asking(Some(Format::Ogg))
    };
    let narrow = FetchRequest {
        width: std::num::NonZeroU16::new(100),
        ..asking(None)
    };
    let cases = [
        (
            text as fn(&mut ResultPart),
            asking(Some(Format::Jpeg)),
            Unverified::MediaType,
        ),
        (latin, plain(), Unverified::Charset),
        (invalid, plain(), Unverified::Charset),
        (sound, short, Unverified::Dimensions),
        (markup, asking(Some(Format::Ogg)), Unverified::MediaType),
        (mislabelled, asking(None), Unverified::MediaType),
        (text, narrow, Unverified::MediaType),
    ];
    for (index, (alter, request, expected)) in cases.into_iter().enumerate() {
        let refused = fetched(alter, request).await.err();
        assert!(
            matches!(refused, Some(Error::Unverified(why)) if why == expected),
            "case {index}: {refused:?}"
        );
    }
}
