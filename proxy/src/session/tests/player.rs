//! A client that keeps to its script: it waits for `+` where it must, hears responses as a client does, and minds what it
//! may not be told.

use std::collections::VecDeque;

use wire::{Collected, Collector, Framer, Side};

use super::settings;

/// What a client does next.
#[derive(Clone, Debug)]
pub(super) enum Word {
    /// It begins a command.
    Say(String),
    /// It goes on with one.
    More(String),
    /// It waits for a `+`.
    AwaitPlus,
    /// It says nothing for some turns.
    Pause,
}

impl Word {
    pub(super) fn said(&self) -> &str {
        match self {
            Self::Say(text) | Self::More(text) => text,
            Self::AwaitPlus | Self::Pause => "",
        }
    }
}

#[derive(Debug)]
pub(super) struct Client {
    script: VecDeque<Word>,
    framer: Framer,
    collector: Collector,
    /// What it was told, whole.
    pub(super) responses: Vec<String>,
    pluses: usize,
    paused: usize,
    /// Commands whose first line it has sent whole.
    sent: usize,
}

impl Client {
    pub(super) fn new() -> Self {
        Self {
            script: VecDeque::new(),
            framer: Framer::new(Side::Store, settings().client),
            collector: Collector::new(usize::MAX),
            responses: Vec::new(),
            pluses: 0,
            paused: 0,
            sent: 0,
        }
    }

    pub(super) fn will_say(&mut self, words: Vec<Word>) {
        self.script.extend(words);
    }

    pub(super) fn is_done(&self) -> bool {
        self.script.is_empty()
    }

    /// Whether it is in IDLE and has not begun to end it.
    pub(super) fn is_in_idle(&self) -> bool {
        matches!(self.script.front(), Some(Word::Pause))
    }

    /// At most `most` octets of what it may say now.
    pub(super) fn says(&mut self, most: usize) -> String {
        let mut said = String::new();
        while said.len() < most {
            let answered = self.is_answered();
            match self.script.front_mut() {
                None => break,
                Some(Word::AwaitPlus) if self.pluses > 0 => {
                    self.pluses -= 1;
                    self.script.pop_front();
                }
                Some(Word::Pause) if self.paused >= 12 => {
                    self.paused = 0;
                    self.script.pop_front();
                }
                Some(Word::Pause) => {
                    self.paused += 1;
                    break;
                }
                Some(Word::AwaitPlus) if answered => self.gives_up(),
                Some(Word::AwaitPlus) => break,
                Some(word @ (Word::Say(_) | Word::More(_))) => {
                    let begins = usize::from(matches!(word, Word::Say(_)));
                    let (Word::Say(text) | Word::More(text)) = word else {
                        break;
                    };
                    let cut = (most - said.len()).min(text.len());
                    said.push_str(&text[..cut]);
                    text.drain(..cut);
                    if text.is_empty() {
                        self.script.pop_front();
                        self.sent += begins;
                    }
                }
            }
        }
        said
    }

    /// Whether the command that it is saying has its answer already.
    fn is_answered(&self) -> bool {
        let answer = format!("t{} ", self.sent.saturating_sub(1));
        self.responses.iter().any(|told| told.starts_with(&answer))
    }

    /// RFC 9051 §4.3: what it would have said of this command it says no more.
    fn gives_up(&mut self) {
        while let Some(Word::AwaitPlus | Word::More(_) | Word::Pause) = self.script.front() {
            self.script.pop_front();
        }
    }

    pub(super) fn hears(&mut self, told: &str) {
        let mut input = told.as_bytes();
        while let Some(frame) = self.framer.next(&mut input).unwrap() {
            let Collected::Whole(raw) = self.collector.take(&frame) else {
                continue;
            };
            let response = String::from_utf8(raw).unwrap();
            self.pluses += usize::from(response.starts_with('+'));
            // RFC 9051 §7.5.1: never while no command is in progress.
            let gone = response.contains(" EXPUNGE\r") || response.starts_with("* VANISHED");
            assert!(
                !gone || self.answered() < self.sent,
                "{response} {:?}",
                self.responses
            );
            self.responses.push(response);
        }
    }

    /// How many of its commands are answered.
    pub(super) fn answered(&self) -> usize {
        self.responses
            .iter()
            .filter(|response| response.starts_with('t'))
            .count()
    }
}

/// What a client makes of what it is told.
pub(super) fn heard(text: &str) -> Vec<String> {
    let mut framer = Framer::new(Side::Store, settings().client);
    let mut collector = Collector::new(usize::MAX);
    let mut input = text.as_bytes();
    let mut responses = Vec::new();
    while let Some(frame) = framer.next(&mut input).unwrap() {
        if let Collected::Whole(raw) = collector.take(&frame) {
            responses.push(String::from_utf8(raw).unwrap());
        }
    }
    assert!(framer.is_at_boundary());
    responses
}
