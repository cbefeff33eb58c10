//! `handset gallery`: all encrypted pictures of a message, several on their way; a line for each, and those that fail do not stop the
//! rest. What is no picture is left out, and its key is not revealed.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use getrandom::SysRng;
use handset::{
    Error, FetchRequest, Fetched, Format, Holdings, Kind, Mailbox, Meter, PartPath, Piece, Pin,
    Prepared, Scope, Uid,
};
use rand_core::UnwrapErr;
use serde_json::{Value, json};

use crate::args::{Account, FormatName, GalleryArguments};
use crate::exit::{Exit, Failure};
use crate::fetch::{before, file_name};
use crate::output::{Existing, Output};
use crate::progress::Progress;
use crate::screen::{self, Style, safe, size};
use crate::session::{self, Session};
use crate::structure::section;
use crate::wanted::{self, asked, measured, put};
use crate::{identity, keys};

pub(crate) async fn run(
    account: &Account,
    arguments: &GalleryArguments,
    style: Style,
) -> Result<(), Failure> {
    let holder = keys::holder(account)?;
    let holder = holder
        .ok_or_else(|| Failure::new(Exit::Usage, "--key with --cert, or --pkcs12, is needed"))?;
    let holdings = Holdings {
        keys: std::slice::from_ref(&holder),
        pin: session::pin(account)?,
    };
    let mut session = Session::open(account).await?;
    let requests = requests(&mut session, account, arguments).await?;
    session.pause();
    let mut album = Album {
        account,
        arguments,
        requests: &requests,
        outputs: outputs(arguments, &requests)?,
        known: holdings.pin,
        came: Vec::new(),
        revealed: BTreeSet::new(),
        failed: None,
        progress: Progress::show(session.meter.clone()),
        meter: session.meter.clone(),
        style,
    };
    let mut rng = UnwrapErr(SysRng);
    let mut told = |index: usize, piece: Piece<'_>| album.hear(index, piece);
    let done = session
        .client
        .gallery(
            &requests,
            arguments.in_flight,
            holdings,
            &session::now,
            &mut rng,
            &mut told,
        )
        .await;
    album.progress = Progress::none();
    done.map_err(Failure::from)?;
    let air = session.meter.air();
    session.close().await;
    if style == Style::Json {
        let mut value = json!({ "parts": album.came });
        put(&mut value, "over_the_air_octets", json!(air.total()));
        match album.failed {
            Some(failure) => return Err(failure.beside(value)),
            None => screen::say_json(&value),
        }
        return Ok(());
    }
    screen::note(&format!("Over the air: {} in all.", size(air.total())));
    album.failed.map_or(Ok(()), Err)
}

/// The parts that are named, or all that are encrypted by themselves.
async fn requests(
    session: &mut Session,
    account: &Account,
    arguments: &GalleryArguments,
) -> Result<Vec<FetchRequest>, Failure> {
    let (mailbox, uid) = (session::mailbox(account), Uid(arguments.uid));
    let named = !arguments.sections.is_empty();
    let sections = if named {
        let named = arguments.sections.iter().map(|text| section(text));
        named.collect::<Result<_, _>>()?
    } else {
        encrypted(session, &mailbox, uid).await?
    };
    if sections.is_empty() {
        return Err(Failure::new(
            Exit::NotFound,
            "the message has no part that is encrypted by itself; of one that is encrypted whole: handset fetch UID SECTION --inner SECTION",
        ));
    }
    let request = |section| FetchRequest::new(mailbox.clone(), uid, section);
    let asked = |section| {
        let request = asked(request(section), &arguments.wanted, None)?;
        // Who names a part has seen what it is.
        let only = if named {
            None
        } else {
            kind(arguments, request.format)
        };
        Ok(FetchRequest { only, ..request })
    };
    sections.into_iter().map(asked).collect()
}

/// What a gallery is of: pictures, unless another type is asked for, or any.
fn kind(arguments: &GalleryArguments, format: Option<Format>) -> Option<Kind> {
    match arguments.wanted.format {
        Some(FormatName::Default) => None,
        Some(_) | None => Some(format.map_or(Kind::Picture, Format::kind)),
    }
}

async fn encrypted(
    session: &mut Session,
    mailbox: &Mailbox,
    uid: Uid,
) -> Result<Vec<PartPath>, Failure> {
    let message = session.client.structure(mailbox, uid).await?;
    let alone = message.encrypted().filter(|part| part.scope == Scope::Part);
    Ok(alone.map(|part| part.section.clone()).collect())
}

/// A place for each, before anything is revealed.
fn outputs(
    arguments: &GalleryArguments,
    requests: &[FetchRequest],
) -> Result<Vec<Option<Output>>, Failure> {
    let existing = if arguments.force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    fs::create_dir_all(&arguments.folder)
        .map_err(|error| Failure::output(&arguments.folder, &error))?;
    let reserve = |request: &FetchRequest| {
        let path = path(arguments, request, request.format);
        let output = Output::reserve(&path, existing);
        output
            .map(Some)
            .map_err(|error| Failure::output(&path, &error))
    };
    requests.iter().map(reserve).collect()
}

fn path(arguments: &GalleryArguments, request: &FetchRequest, format: Option<Format>) -> PathBuf {
    let name = file_name(arguments.uid, &request.section.to_string(), format);
    arguments.folder.join(name)
}

/// What came so far.
struct Album<'a> {
    account: &'a Account,
    arguments: &'a GalleryArguments,
    requests: &'a [FetchRequest],
    outputs: Vec<Option<Output>>,
    known: Pin,
    came: Vec<Value>,
    /// Those whose key was revealed.
    revealed: BTreeSet<usize>,
    /// The first that failed: the command does not end as if nothing had.
    failed: Option<Failure>,
    progress: Progress,
    meter: Meter,
    style: Style,
}

impl Album<'_> {
    fn hear(&mut self, index: usize, piece: Piece<'_>) {
        match piece {
            Piece::Revealing(prepared) => {
                self.revealed.insert(index);
                self.revealing(index, prepared);
            }
            Piece::Came(came) => match *came {
                Ok(fetched) => self.came(index, &fetched),
                Err(error @ Error::OtherKind) => self.left_out(index, &error),
                Err(error) if self.revealed.contains(&index) => {
                    self.fails(index, Failure::from(error).after_reveal());
                }
                Err(error) => self.fails(index, Failure::from(error)),
            },
        }
    }

    /// Once for all parts who it is that they are revealed to; for each, that it is.
    fn revealing(&mut self, index: usize, prepared: &Prepared) {
        if self.known == Pin::FirstUse {
            let identity = prepared.recipient.identity;
            self.known = Pin::Known(identity);
            if let Err(failure) = session::remember(self.account, identity) {
                self.failed.get_or_insert(failure);
            }
        }
        if self.style == Style::Text {
            let lines = before(prepared);
            let shown = if index == 0 { lines.len() } else { 1 };
            lines.iter().take(shown).for_each(|line| self.note(line));
        }
    }

    /// A word while progress is shown.
    fn note(&mut self, line: &str) {
        self.progress = Progress::none();
        screen::note(line);
        self.progress = Progress::show(self.meter.clone());
    }

    fn came(&mut self, index: usize, fetched: &Fetched) {
        let Some(request) = self.requests.get(index) else {
            return;
        };
        let path = path(self.arguments, request, Some(fetched.format));
        let output = self.outputs.get_mut(index).and_then(Option::take);
        let Some(output) = output else { return };
        if let Err(error) = output.commit_as(&path, fetched.content.expose()) {
            return self.fails(index, Failure::output(&path, &error).after_reveal());
        }
        let octets = u64::try_from(fetched.content.len()).unwrap_or(u64::MAX);
        self.say(
            index,
            &format!(
                "{}: {}, {}",
                path.display(),
                measured(&fetched.measure),
                size(octets)
            ),
        );
        let mut value = wanted::as_json(fetched, &path);
        put(&mut value, "section", json!(request.section.to_string()));
        put(
            &mut value,
            "revealed_to",
            identity::as_json(&fetched.report.recipient),
        );
        self.came.push(value);
    }

    /// It is nothing that was asked for: no failure.
    fn left_out(&mut self, index: usize, why: &Error) {
        self.say(index, &format!("left out: {why}"));
        let section = self.requests.get(index).map(|one| one.section.to_string());
        self.came
            .push(json!({ "section": section, "left_out": why.to_string() }));
    }

    fn fails(&mut self, index: usize, failure: Failure) {
        self.say(index, &format!("failed: {}", failure.words()));
        let mut value = failure.to_json();
        let section = self.requests.get(index).map(|one| one.section.to_string());
        put(&mut value, "section", json!(section));
        self.came.push(value);
        self.failed.get_or_insert(failure);
    }

    fn say(&mut self, index: usize, words: &str) {
        if self.style == Style::Text {
            let (number, all) = (index.saturating_add(1), self.requests.len());
            self.note(&format!("[{number}/{all}] {}", safe(words)));
        }
    }
}
