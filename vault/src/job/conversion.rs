//! From the opened part to the converted one: which entity, into what, and which reason where there is nothing.

use envelope::Proven;
use envelope::entity::{self, Body, Entity, EntityError};
use keyreveal::{
    Fallback, Form, InnerType, Integrity, Kind, ResultPart, Settled, TextForm, Wanted,
};
use secret::Plaintext;
use zeroize::Zeroizing;

use super::converters::{self, Made, Source, kind, octets};
use super::digest;
use crate::frames::{Failure, Limits, Resource, SourceKind};

/// What is wanted, made of the opened part.
pub(super) fn convert(
    proven: Proven,
    wanted: &Wanted,
    fallback: &Fallback,
    limits: Limits,
) -> Result<ResultPart, Failure> {
    let most = octets(limits.input_octets);
    let integrity = proven.integrity();
    let opened = entity::payload(proven.into_plaintext(), most).map_err(failed)?;
    let entity = Entity::parse(opened.expose()).map_err(failed)?;
    let (made, source_octets) = match chosen(&entity, wanted, limits)? {
        Chosen::Leaf(leaf) => {
            let told = Told::of(leaf);
            let place = leaf.place(opened.expose()).map_err(failed)?;
            // Over the entity that it is in, which is not looked at again.
            let body = Body::decode(opened, place, most).map_err(failed)?;
            of_leaf(&told, &body, wanted, fallback, limits)?
        }
        Chosen::Texts(entity) => of_texts(entity, wanted, fallback, limits)?,
    };
    Ok(ResultPart {
        media_type: made.media.name().to_owned(),
        measure: made.measure,
        integrity: match integrity {
            envelope::Integrity::Authenticated => Integrity::Authenticated,
            envelope::Integrity::None => Integrity::None,
        },
        source_type: made.source_type,
        source_octets: u64::try_from(source_octets).unwrap_or(u64::MAX),
        octets: made.octets,
    })
}

/// What is converted.
enum Chosen<'a, 'b> {
    /// One leaf.
    Leaf(&'b Entity<'a>),
    /// All texts of something that is no leaf.
    Texts(&'b Entity<'a>),
}

/// The section that is asked for; without one, the opened entity, or the leaf in it of the kind that is asked for.
fn chosen<'a, 'b>(
    entity: &'b Entity<'a>,
    wanted: &Wanted,
    limits: Limits,
) -> Result<Chosen<'a, 'b>, Failure> {
    let found = match wanted.inner() {
        Some(numbers) => {
            let section: Vec<u32> = numbers.iter().map(|number| number.get()).collect();
            entity.find(Some(&section)).ok_or(Failure::NoSuchSection)?
        }
        None => entity,
    };
    if found.is_leaf() {
        return Ok(Chosen::Leaf(found));
    }
    let leaf = |kind| first(found, kind, limits).map(Chosen::Leaf);
    let chosen = match wanted.kind() {
        Some(kind @ (Kind::Picture | Kind::Sound)) => leaf(kind),
        Some(Kind::Text) => Some(Chosen::Texts(found)),
        // No kind is asked for: what there is to read, or else to see, or else to hear.
        None if digest::has_text(found) => Some(Chosen::Texts(found)),
        None => leaf(Kind::Picture).or_else(|| leaf(Kind::Sound)),
    };
    chosen.ok_or(Failure::NotConvertible(kind(found.media_type())))
}

/// The first leaf of this kind that is read, depth first. Where none is, the first that says it is of the kind: the reason is told of it.
fn first<'a, 'b>(entity: &'b Entity<'a>, wanted: Kind, limits: Limits) -> Option<&'b Entity<'a>> {
    let mut leaves = Vec::new();
    collect(entity, &mut leaves);
    let of_kind = |leaf: &&&Entity<'_>| is_of(kind(leaf.media_type()), wanted);
    let read = leaves.iter().find(|leaf| is_read(leaf, wanted, limits));
    read.or_else(|| leaves.iter().find(of_kind)).copied()
}

fn collect<'a, 'b>(entity: &'b Entity<'a>, leaves: &mut Vec<&'b Entity<'a>>) {
    if entity.is_leaf() {
        leaves.push(entity);
    }
    for child in entity.children() {
        collect(child, leaves);
    }
}

fn is_of(kind: SourceKind, wanted: Kind) -> bool {
    match wanted {
        Kind::Picture => kind == SourceKind::Image,
        Kind::Sound => kind == SourceKind::Audio,
        Kind::Text => kind == SourceKind::Text,
    }
}

/// Whether a leaf is of this kind, and of a type that is read. One whose type says nothing is looked at.
fn is_read(leaf: &Entity<'_>, wanted: Kind, limits: Limits) -> bool {
    let may_be = is_of(kind(leaf.media_type()), wanted) || leaf.media_type() == UNTOLD;
    let decoded = may_be.then(|| leaf.decode(octets(limits.input_octets)));
    let Some(Ok(body)) = decoded else {
        return false;
    };
    let told = Told::of(leaf);
    converters::is_read(&told.source(body.expose(), limits), wanted)
}

/// A leaf, made what is wanted, and the octets that it had.
fn of_leaf(
    told: &Told,
    body: &Body,
    wanted: &Wanted,
    fallback: &Fallback,
    limits: Limits,
) -> Result<(Made, usize), Failure> {
    let source = told.source(body.expose(), limits);
    let settled = wanted.settle(source.media_type, kind_of(&source)?, fallback);
    let made = made(&source, &settled, limits)?;
    Ok((made, source.octets.len()))
}

/// The one match on what a result is.
fn made(source: &Source<'_>, settled: &Settled, limits: Limits) -> Result<Made, Failure> {
    match &settled.form {
        Form::Picture(form) => {
            converters::picture(source, settled.media, form, settled.frames, limits)
        }
        Form::Text(form) => converters::text(source, settled.media, form, limits),
        Form::Sound(form) => converters::sound(source, settled.media, form, limits),
    }
}

/// All texts of `entity` as one, made what is wanted: first each leaf in UTF-8, then the whole as it is asked for.
fn of_texts(
    entity: &Entity<'_>,
    wanted: &Wanted,
    fallback: &Fallback,
    limits: Limits,
) -> Result<(Made, usize), Failure> {
    let media_type = match kind(entity.media_type()) {
        SourceKind::Message => "message/rfc822",
        SourceKind::Multipart
        | SourceKind::Text
        | SourceKind::Image
        | SourceKind::UnreadImage
        | SourceKind::Audio
        | SourceKind::Video
        | SourceKind::Application
        | SourceKind::Other => "multipart/mixed",
    };
    let settled = wanted.settle(media_type, Kind::Text, fallback);
    let whole = digest::digest(entity, limits, &mut |leaf| plain(leaf, limits))?;
    let source = Source {
        media_type: "text/plain",
        charset: Some("utf-8"),
        header: None,
        octets: whole.expose(),
    };
    let made = made(&source, &settled, limits)?;
    let source_type = media_type.to_owned();
    Ok((
        Made {
            source_type,
            ..made
        },
        entity.body().len(),
    ))
}

/// A leaf's text in UTF-8, all of it.
fn plain(leaf: &Entity<'_>, limits: Limits) -> Result<Plaintext, Failure> {
    let body = leaf.decode(octets(limits.input_octets)).map_err(failed)?;
    let told = Told::of(leaf);
    let source = told.source(body.expose(), limits);
    let form = TextForm::default();
    converters::text(&source, InnerType::Plain, &form, limits).map(|made| made.octets)
}

/// What a leaf's header says of its body.
struct Told {
    media_type: Zeroizing<String>,
    charset: Option<Zeroizing<String>>,
    header: Option<Zeroizing<String>>,
    /// The file's name, where the type says nothing.
    name: Option<Zeroizing<String>>,
}

impl Told {
    fn of(leaf: &Entity<'_>) -> Self {
        let owned = |text: &str| Zeroizing::new(text.to_owned());
        let name = (leaf.media_type() == UNTOLD).then(|| digest::name(leaf));
        Self {
            media_type: owned(leaf.media_type()),
            charset: leaf.parameter("charset").map(owned),
            header: leaf.parameter("header").map(owned),
            name: name.flatten(),
        }
    }

    /// `body`, under the type that it has.
    fn source<'a>(&'a self, body: &'a [u8], limits: Limits) -> Source<'a> {
        let media_type = match self.media_type.as_str() {
            UNTOLD => {
                let name = self.name.as_ref().map(|name| name.as_str());
                converters::recognised(body, name, limits).unwrap_or(UNTOLD)
            }
            told => told,
        };
        let said = |parameter: &'a Option<Zeroizing<String>>| {
            parameter.as_ref().map(|value| value.as_str())
        };
        Source {
            media_type,
            charset: said(&self.charset),
            header: said(&self.header),
            octets: body,
        }
    }
}

/// RFC 2046 §4.5.1: it says nothing of the content; the first octets do.
const UNTOLD: &str = "application/octet-stream";

/// Of which kind a leaf is, for what it becomes where nobody says: documents are read.
fn kind_of(source: &Source<'_>) -> Result<Kind, Failure> {
    match kind(source.media_type) {
        SourceKind::Image | SourceKind::UnreadImage => Ok(Kind::Picture),
        SourceKind::Audio => Ok(Kind::Sound),
        SourceKind::Text | SourceKind::Message => Ok(Kind::Text),
        SourceKind::Application if source.media_type == "application/ogg" => Ok(Kind::Sound),
        // It was not recognised as anything that is read.
        SourceKind::Application if source.media_type == UNTOLD => {
            Err(Failure::NotConvertible(SourceKind::Other))
        }
        SourceKind::Application => Ok(Kind::Text),
        other @ (SourceKind::Video | SourceKind::Multipart | SourceKind::Other) => {
            Err(Failure::NotConvertible(other))
        }
    }
}

fn failed(error: EntityError) -> Failure {
    match error {
        EntityError::NotMime | EntityError::UnknownEncoding => {
            Failure::NotConvertible(SourceKind::Other)
        }
        EntityError::TooComplex => Failure::NotConvertible(SourceKind::Multipart),
        EntityError::Damaged => Failure::Damaged,
        EntityError::Exceeded => Failure::Exceeded(Resource::Input),
    }
}
