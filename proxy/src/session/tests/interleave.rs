//! However commands, the store's data and the cuts of the network interleave: the client gets every octet of the store's
//! in order, the store gets every relayed command in order, and ours stand between, each whole.

use std::collections::VecDeque;

use proptest::prelude::*;
use vault::frames::{Frame as _, FrameReader, FromVault, ToVault};
use wire::{Collected, Collector, Framer, Side};

use super::{convert::with_keys, *};

/// What a client may do.
#[derive(Clone, Debug)]
enum Act {
    Noop,
    Append(usize),
    Convert,
    Conversions,
    Refused,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => Just(Act::Noop),
        2 => (0..40_usize).prop_map(Act::Append),
        2 => Just(Act::Convert),
        1 => Just(Act::Conversions),
        1 => Just(Act::Refused),
    ];
    prop::collection::vec(act, 1..12)
}

/// Untagged data that a store says whenever it likes; none of it is ours.
const DATA: [&str; 5] = [
    "* 9 EXISTS\r\n",
    "* 3 FETCH (FLAGS (\\Seen))\r\n",
    "* 5 FETCH (BODY[3] {21}\r\nkeyhole1 OK x {5}\r\n+ )\r\n",
    "* OK still here {5}\r\n",
    "* LIST () \"/\" {6}\r\nt1 OK \r\n",
];

/// The store, which answers commands in order and says other things in between.
struct Store {
    input: Vec<u8>,
    commands: VecDeque<String>,
    output: VecDeque<u8>,
    /// What it said that is the client's, in order.
    said: String,
    /// Relayed commands that reached it, in order.
    reached: Vec<String>,
    chatter: VecDeque<usize>,
}

impl Store {
    fn take(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        while let Some(command) = self.whole_command() {
            self.commands.push_back(command);
        }
    }

    /// A command of the few forms that this store knows, whole.
    fn whole_command(&mut self) -> Option<String> {
        let text = String::from_utf8(self.input.clone()).unwrap();
        let line = text.find("\r\n")? + 2;
        let announced = text[..line]
            .rsplit_once('{')
            .and_then(|(_, size)| size.strip_suffix("+}\r\n"));
        let len = match announced {
            Some(size) => line + size.parse::<usize>().unwrap() + 2,
            None => line,
        };
        if self.input.len() < len {
            return None;
        }
        self.input.drain(..len);
        Some(text[..len].to_owned())
    }

    fn is_quiet(&self) -> bool {
        self.input.is_empty() && self.commands.is_empty() && self.output.is_empty()
    }

    fn chat(&mut self) {
        if let Some(which) = self.chatter.pop_front() {
            self.say(DATA[which % DATA.len()]);
        }
    }

    fn say(&mut self, text: &str) {
        self.said.push_str(text);
        self.output.extend(text.bytes());
    }

    /// Answers the next command.
    fn answer(&mut self) {
        let Some(command) = self.commands.pop_front() else {
            return;
        };
        let tag = command.split(' ').next().unwrap();
        self.chat();
        let ours: &[u8] = if command.contains("BODYSTRUCTURE") {
            b"* 2 FETCH (UID 4 BODYSTRUCTURE (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 10))\r\n"
        } else if command.contains("BODY.PEEK[1]") {
            b"* 2 FETCH (UID 4 BODY[1] {19}\r\nt2 OK {9}\r\n+ \r\nabcd)\r\n"
        } else {
            self.reached.push(command.clone());
            self.say(&format!("{tag} OK done\r\n"));
            return;
        };
        self.output.extend(ours);
        self.chat();
        self.output.extend(format!("{tag} OK done\r\n").bytes());
    }
}

/// The vault, which answers each job some time after it has all of the part.
#[derive(Default)]
struct Vault {
    reader: FrameReader,
    part: Vec<u8>,
    answers_in: Option<usize>,
}

impl Vault {
    fn take(&mut self, octets: &[u8], thinks: usize) {
        let mut input = octets;
        while let Some(frame) = self.reader.next::<ToVault>(&mut input).unwrap() {
            match frame {
                ToVault::Assign { .. } => panic!("only the warden assigns"),
                ToVault::Job(_) => self.part.clear(),
                ToVault::Octets(run) => self.part.extend(run),
                ToVault::End => {
                    assert_eq!(self.part, b"t2 OK {9}\r\n+ \r\nabcd");
                    self.answers_in = Some(thinks);
                }
            }
        }
    }

    fn answer(&mut self, play: &mut Play) {
        self.answers_in = match self.answers_in {
            Some(0) => {
                for frame in [
                    FromVault::Result { octets: 1 },
                    FromVault::Run(vec![b'!']),
                    FromVault::Done,
                ] {
                    play.vault(&frame.to_octets().unwrap());
                }
                None
            }
            thinking => thinking.map(|left| left - 1),
        };
    }
}

/// The command of an act, whether it is relayed, and what ours says to it.
fn command(act: &Act, nth: usize, key: &mut u8) -> (String, Option<String>) {
    let tag = format!("t{nth}");
    match act {
        Act::Noop => (format!("{tag} NOOP\r\n"), None),
        Act::Append(size) => (
            format!("{tag} APPEND m {{{size}+}}\r\n{}\r\n", "}".repeat(*size)),
            None,
        ),
        Act::Conversions => (
            format!("{tag} CONVERSIONS \"text/plain\" \"*\"\r\n"),
            Some(format!("{tag} OK These are all\r\n")),
        ),
        Act::Refused => (
            format!("{tag} COMPRESS {{3+}}\r\nt1 \r\n"),
            Some(format!("{tag} NO [CANNOT] Not offered by this server\r\n")),
        ),
        Act::Convert => {
            *key += 1;
            let convert = super::convert::convert(&tag, *key, "BINARY[1]");
            let answer = format!(
                "* 2 CONVERTED (TAG \"{tag}\") (UID 4 BINARY[1] \"!\")\r\n{tag} OK Converted\r\n"
            );
            (convert, (*key <= 2).then_some(answer))
        }
    }
}

/// How many octets the client is to be told in the end.
fn expected(store: &Store, ours: &[String]) -> usize {
    store.said.len() + ours.iter().map(String::len).sum::<usize>()
}

fn play(acts: &[Act], chatter: Vec<usize>, cuts: &[usize]) -> Result<(), TestCaseError> {
    let mut play = with_keys();
    play.requested();
    let mut key = 0;
    let (mut commands, mut relayed, mut ours) = (String::new(), Vec::new(), Vec::new());
    for (nth, act) in acts.iter().enumerate().filter(|(nth, act)| {
        !matches!(act, Act::Convert)
            || acts[..*nth]
                .iter()
                .filter(|act| matches!(act, Act::Convert))
                .count()
                < 2
    }) {
        let (command, answer) = command(act, nth, &mut key);
        commands.push_str(&command);
        match answer {
            Some(answer) => ours.push(answer),
            None => relayed.push(command),
        }
    }
    let mut store = Store {
        input: Vec::new(),
        commands: VecDeque::new(),
        output: VecDeque::new(),
        said: String::new(),
        reached: Vec::new(),
        chatter: chatter.into(),
    };
    let mut vault = Vault::default();
    let mut unsent: VecDeque<u8> = commands.bytes().collect();
    let mut told = String::new();
    let mut cuts = cuts.iter().copied().cycle();
    for step in 0..100_000 {
        let cut = cuts.next().unwrap();
        let quiet = unsent.is_empty() && store.is_quiet() && store.reached.len() == relayed.len();
        if quiet && step % 4 == 0 && told.len() == expected(&store, &ours) {
            break;
        }
        match step % 4 {
            0 if play.session.wants_client() => {
                let run: Vec<u8> = unsent.drain(..cut.min(unsent.len())).collect();
                play.client(str::from_utf8(&run).unwrap());
            }
            1 if play.session.wants_store() => {
                let run: Vec<u8> = store.output.drain(..cut.min(store.output.len())).collect();
                play.store(str::from_utf8(&run).unwrap());
            }
            2 => {
                let sent = play.sent();
                store.take(sent.as_bytes());
                if cut % 3 == 0 {
                    store.chat();
                }
                store.answer();
            }
            _ => {
                let worked = play.worked();
                vault.take(&worked, cut % 11);
                vault.answer(&mut play);
                told.push_str(&play.told());
            }
        }
        prop_assert!(!play.session.is_over(), "{:?}", play.events);
    }
    prop_assert!(unsent.is_empty() && store.output.is_empty());
    prop_assert_eq!(&store.reached, &relayed);
    // Taking ours out, each a response by itself and in order, leaves exactly what the store said.
    let mut responses = responses(&told);
    tags_come_in_order(&responses, acts)?;
    let mut from = 0;
    for ours in ours.iter().flat_map(|answer| self::responses(answer)) {
        let at = responses
            .iter()
            .skip(from)
            .position(|response| *response == ours);
        let at =
            at.ok_or_else(|| TestCaseError::fail(format!("{ours:?} is not in {responses:?}")))?;
        from += at;
        responses.remove(from);
    }
    prop_assert_eq!(responses, self::responses(&store.said));
    Ok(())
}

/// What the client makes of what it is told.
fn responses(text: &str) -> Vec<String> {
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

/// A command of ours waits for the ones before it and holds back the ones after it. Only a refusal may overtake.
fn tags_come_in_order(responses: &[String], acts: &[Act]) -> Result<(), TestCaseError> {
    let mut last = 0;
    for response in responses {
        let number = response
            .strip_prefix('t')
            .and_then(|rest| rest.split(' ').next()?.parse::<usize>().ok());
        let Some(number) = number.filter(|number| !matches!(acts[*number], Act::Refused)) else {
            continue;
        };
        prop_assert!(number >= last, "{} after {}", number, last);
        last = number;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_interleaves_everything_arrives_once_and_in_order(
        acts in acts(),
        chatter in prop::collection::vec(0..DATA.len(), 0..40),
        cuts in prop::collection::vec(1..60_usize, 8..40),
    ) {
        play(&acts, chatter, &cuts)?;
    }
}
