//! The loader's other end: asks it to read the configuration again, to bind what is new in it, and to look names up.
//!
//! The server can open no file any more. One task owns the socket to the process that can, which was started before; everybody
//! else has a handle. The loader is asked for nothing by path: it knows which configuration is ours and reads what that names, so
//! whoever takes this process over gains no file by it.

mod fields;
pub mod frames;
mod socket;

use std::{
    collections::VecDeque,
    io,
    net::{SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use tokio::sync::{mpsc, oneshot};

use crate::{
    event::{Event, Record},
    metrics::Metrics,
    sources::{Found, Sources},
};
use frames::{FromLoader, ToLoader};
use socket::Socket;

/// How long the loader may take for one answer: some names that nobody answers for, one after the other.
const PATIENCE: Duration = Duration::from_secs(120);

/// Questions that may wait to be passed on.
const QUESTIONS: usize = 64;

/// Questions that may wait for their answers.
const MOST_OWED: usize = 16;

/// What a configuration was read into, and the sockets for what is new in it.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) sources: Sources,
    /// By the address that the file gives.
    pub(crate) opened: Vec<(SocketAddr, TcpListener)>,
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum LoadError {
    /// The loader is gone, for good.
    Lost,
    /// It does not answer.
    Late,
    /// In its own words: the file cannot be read, an address cannot be bound, a name is not known.
    Refused(String),
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Lost => "the loader is gone: restart the server",
            Self::Late => "the loader does not answer",
            Self::Refused(why) => why,
        })
    }
}

impl std::error::Error for LoadError {}

/// What the loader says unasked.
#[derive(Debug)]
pub(crate) enum News {
    /// The users' map at this path is another file by now, or none.
    Map(PathBuf, Found),
}

/// Asks the loader. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Loader {
    questions: mpsc::Sender<Question>,
}

#[derive(Debug)]
struct Question {
    asked: ToLoader,
    answer: Option<Answer>,
}

/// Who waits for what.
#[derive(Debug)]
enum Answer {
    Load(oneshot::Sender<Result<Loaded, LoadError>>),
    Resolve(oneshot::Sender<Result<Vec<SocketAddr>, LoadError>>),
}

impl Loader {
    /// Where there is no loader.
    #[must_use]
    pub(crate) fn none() -> Self {
        let (questions, _) = mpsc::channel(1);
        Self { questions }
    }

    /// Reads the configuration again and opens a socket for each listener but those at the addresses `kept`.
    ///
    /// # Errors
    /// [`LoadError`].
    pub(crate) async fn load(&self, kept: Vec<SocketAddr>) -> Result<Loaded, LoadError> {
        let (answer, answered) = oneshot::channel();
        let asked = ToLoader::Load { kept };
        self.ask(asked, Some(Answer::Load(answer))).await?;
        wait(answered).await
    }

    /// Looks a name up, as the system does.
    ///
    /// # Errors
    /// [`LoadError`].
    pub(crate) async fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, LoadError> {
        let (answer, answered) = oneshot::channel();
        let asked = ToLoader::Resolve {
            host: host.to_owned(),
            port,
        };
        self.ask(asked, Some(Answer::Resolve(answer))).await?;
        wait(answered).await
    }

    /// Whether the loader is there.
    pub(crate) fn is_alive(&self) -> bool {
        !self.questions.is_closed()
    }

    /// Tells the loader that what it loaded last is used now: its map is the one to be watched.
    pub(crate) fn settle(&self) {
        let question = Question {
            asked: ToLoader::Settled,
            answer: None,
        };
        // A loader that is gone watches nothing, and that is told elsewhere. One that is behind by so many questions goes on to
        // watch the map before this one.
        drop(self.questions.try_send(question));
    }

    async fn ask(&self, asked: ToLoader, answer: Option<Answer>) -> Result<(), LoadError> {
        let question = Question { asked, answer };
        let asking = self.questions.send(question);
        let asked = tokio::time::timeout(PATIENCE, asking).await;
        asked
            .map_err(|_| LoadError::Late)?
            .map_err(|_| LoadError::Lost)
    }
}

async fn wait<T>(answered: oneshot::Receiver<Result<T, LoadError>>) -> Result<T, LoadError> {
    match tokio::time::timeout(PATIENCE, answered).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(LoadError::Lost),
        Err(_) => Err(LoadError::Late),
    }
}

/// The task's side: owns the socket.
#[derive(Debug)]
pub(crate) struct Task {
    socket: Socket,
    questions: mpsc::Receiver<Question>,
    waiting: VecDeque<Answer>,
    news: mpsc::Sender<News>,
    metrics: Arc<Metrics>,
}

/// Takes the loader's first word, and makes the two ends: the one to ask by, and the one to run.
///
/// # Errors
/// Where the loader closes, or says something else than [`FromLoader::Hello`] first.
pub(crate) async fn connect(
    socket: OwnedFd,
    news: mpsc::Sender<News>,
    metrics: Arc<Metrics>,
) -> io::Result<(Loader, Task)> {
    let mut socket = Socket::new(socket)?;
    if socket.next().await? != FromLoader::Hello {
        return Err(out_of_turn("the loader did not introduce itself"));
    }
    let (sender, questions) = mpsc::channel(QUESTIONS);
    let loader = Loader { questions: sender };
    let task = Task {
        socket,
        questions,
        waiting: VecDeque::new(),
        news,
        metrics,
    };
    Ok((loader, task))
}

impl Task {
    /// Carries questions and answers until the loader is gone or nobody is left who could ask.
    pub(crate) async fn run(mut self) {
        if self.carry().await.is_err() {
            Record::of(Event::LoaderLost).log(&self.metrics);
        }
    }

    async fn carry(&mut self) -> io::Result<()> {
        loop {
            tokio::select! {
                question = self.questions.recv(), if self.waiting.len() < MOST_OWED => match question {
                    Some(question) => self.pass_on(question)?,
                    None => return Ok(()),
                },
                frame = self.socket.next() => self.take(frame?).await?,
            }
        }
    }

    fn pass_on(&mut self, question: Question) -> io::Result<()> {
        let octets = question.asked.encode();
        self.socket
            .send(&octets.map_err(|_| out_of_turn("a question too long"))?);
        self.waiting.extend(question.answer);
        Ok(())
    }

    async fn take(&mut self, frame: FromLoader) -> io::Result<()> {
        if let FromLoader::Map { path, found } = frame {
            // Nobody listens any more when the server is about to end.
            drop(self.news.send(News::Map(path, found)).await);
            return Ok(());
        }
        let waiting = self.waiting.pop_front();
        let waiting =
            waiting.ok_or_else(|| out_of_turn("the loader answered what nobody asked"))?;
        // Whoever asked may not wait any more.
        match (waiting, frame) {
            (Answer::Load(answer), FromLoader::Loaded { sources, opened }) => {
                let opened = self.sockets(opened)?;
                drop(answer.send(Ok(Loaded { sources, opened })));
            }
            (Answer::Load(answer), FromLoader::Refused(why)) => {
                drop(answer.send(Err(LoadError::Refused(why))));
            }
            (Answer::Resolve(answer), FromLoader::Resolved(addresses)) => {
                drop(answer.send(Ok(addresses)));
            }
            (Answer::Resolve(answer), FromLoader::Refused(why)) => {
                drop(answer.send(Err(LoadError::Refused(why))));
            }
            (Answer::Load(_) | Answer::Resolve(_), _) => {
                return Err(out_of_turn("the loader answered something else"));
            }
        }
        Ok(())
    }

    /// The sockets that came along, one for each address.
    fn sockets(&mut self, opened: Vec<SocketAddr>) -> io::Result<Vec<(SocketAddr, TcpListener)>> {
        let with_socket = |address| Ok((address, TcpListener::from(self.socket.descriptor()?)));
        opened.into_iter().map(with_socket).collect()
    }
}

fn out_of_turn(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests;
