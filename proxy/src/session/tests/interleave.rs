//! However commands, the store's data, commands of ours, renewals of IDLE and the cuts of the network interleave: the
//! client gets every response of the store's in order, the store gets every relayed command in order, ours stand between,
//! each whole, and of its IDLE the client sees one beginning and one end.

use std::collections::VecDeque;

use proptest::prelude::*;
use vault::frames::{Frame as _, FrameReader, FromVault, ToVault};
use wire::imap::CommandBody;

use super::{
    super::inject::Errand,
    convert::with_keys,
    player::{Client, Word, heard},
    *,
};

/// What a client may do.
#[derive(Clone, Debug)]
enum Act {
    Noop,
    Append(usize, Literal),
    Idle,
    Convert,
    Conversions,
    Compress,
    Refused,
}

/// How a client sends its literals.
#[derive(Clone, Copy, Debug)]
enum Literal {
    Waits,
    Follows,
}

/// What we do meanwhile.
#[derive(Clone, Copy, Debug)]
enum Ours {
    Nothing,
    Inject,
    Renew,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => Just(Act::Noop),
        1 => (0..40_usize).prop_map(|size| Act::Append(size, Literal::Follows)),
        1 => (0..40_usize).prop_map(|size| Act::Append(size, Literal::Waits)),
        3 => Just(Act::Idle),
        2 => Just(Act::Convert),
        1 => Just(Act::Conversions),
        1 => Just(Act::Compress),
        1 => Just(Act::Refused),
    ];
    prop::collection::vec(act, 1..12)
}

fn ours() -> impl Strategy<Value = Vec<Ours>> {
    let ours = prop_oneof![
        20 => Just(Ours::Nothing),
        1 => Just(Ours::Inject),
        1 => Just(Ours::Renew),
    ];
    prop::collection::vec(ours, 10..60)
}

/// Untagged data that a store says whenever it likes; none of it is ours.
const DATA: [&str; 5] = [
    "* 9 EXISTS\r\n",
    "* 3 FETCH (FLAGS (\\Seen))\r\n",
    "* 5 FETCH (BODY[3] {21}\r\nkeyhole1 OK x {5}\r\n+ )\r\n",
    "* OK still here {5}\r\n",
    "* LIST () \"/\" {6}\r\nt1 OK \r\n",
];

/// What it says only while a command runs that allows it (RFC 9051 §7.5.1, RFC 7162 §3.2.10).
const GONE: [&str; 2] = ["* 7 EXPUNGE\r\n", "* VANISHED 70:72\r\n"];

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
    /// Whether it has said `+` to the literal that is awaited.
    invited: bool,
    /// The IDLE that it is in.
    idle: Option<String>,
    /// Whether the client is in IDLE, whatever the store has been told.
    client_idles: bool,
}

impl Store {
    fn take(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        while let Some(command) = self.whole_command() {
            // Ours and the client's are never under way together.
            let ours = command.starts_with("keyhole");
            let mixed = self
                .commands
                .iter()
                .any(|other| other.starts_with("keyhole") || ours);
            assert!(!mixed, "{command} behind {:?}", self.commands);
            self.commands.push_back(command);
        }
    }

    /// A command of the few forms that this store knows, whole; in IDLE, DONE.
    fn whole_command(&mut self) -> Option<String> {
        let text = String::from_utf8(self.input.clone()).unwrap();
        let line = text.find("\r\n")? + 2;
        let announced = text[..line]
            .rsplit_once('{')
            .and_then(|(_, size)| size.strip_suffix("}\r\n"));
        let size = announced.map(|size| {
            size.strip_suffix('+')
                .unwrap_or(size)
                .parse::<usize>()
                .unwrap()
        });
        let waits = announced.is_some_and(|size| !size.ends_with('+'));
        if waits && !self.invited {
            self.invited = true;
            self.say("+ go\r\n");
        }
        let len = line + size.map_or(0, |size| size + 2);
        if self.input.len() < len {
            return None;
        }
        self.invited = false;
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

    fn say_gone(&mut self) {
        if let Some(which) = self.chatter.front() {
            self.say(GONE[which % GONE.len()]);
        }
    }

    /// What of IDLE the client is told and what not, the client's side of the model tells apart.
    fn say_of_idle(&mut self, text: &str) {
        self.output.extend(text.bytes());
    }

    /// Answers the next command.
    fn answer(&mut self) {
        let Some(command) = self.commands.pop_front() else {
            if self.idle.is_some() {
                self.say_gone();
            }
            return;
        };
        let tag = command.trim_end().split(' ').next().unwrap();
        if let Some(idle) = self.idle.take() {
            assert_eq!(command, "DONE\r\n", "nothing else may be said in IDLE");
            self.say_gone();
            self.say_of_idle(&format!("{idle} OK idle done\r\n"));
            return;
        }
        if command.ends_with(" IDLE\r\n") {
            self.idle = Some(tag.to_owned());
            self.say_of_idle("+ idling\r\n");
            return;
        }
        self.chat();
        let ours: &[u8] = if command.contains("BODYSTRUCTURE") {
            b"* 2 FETCH (UID 4 BODYSTRUCTURE (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 10))\r\n"
        } else if command.contains("BODY.PEEK[1]") {
            b"* 2 FETCH (UID 4 BODY[1] {19}\r\nt2 OK {9}\r\n+ \r\nabcd)\r\n"
        } else if tag.starts_with("keyhole") {
            assert!(command.ends_with(" NOOP\r\n"), "{command}");
            if self.client_idles {
                self.say_gone();
            }
            b""
        } else {
            self.reached.push(command.clone());
            self.say_gone();
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

/// What a client says for an act, whether it is relayed, and what ours says to it.
fn command(act: &Act, nth: usize, key: &mut u8) -> (Vec<Word>, Option<String>) {
    let tag = format!("t{nth}");
    let say = |text: String| vec![Word::Say(text)];
    match act {
        Act::Noop => (say(format!("{tag} NOOP\r\n")), None),
        Act::Append(size, Literal::Follows) => {
            let literal = "}".repeat(*size);
            (
                say(format!("{tag} APPEND m {{{size}+}}\r\n{literal}\r\n")),
                None,
            )
        }
        Act::Append(size, Literal::Waits) => {
            let announced = Word::Say(format!("{tag} APPEND m {{{size}}}\r\n"));
            let rest = Word::More(format!("{}\r\n", "}".repeat(*size)));
            (vec![announced, Word::AwaitPlus, rest], None)
        }
        Act::Idle => {
            let (begin, end) = (format!("{tag} IDLE\r\n"), "DONE\r\n".to_owned());
            (
                vec![
                    Word::Say(begin),
                    Word::AwaitPlus,
                    Word::Pause,
                    Word::More(end),
                ],
                None,
            )
        }
        Act::Conversions => (
            say(format!("{tag} CONVERSIONS \"text/plain\" \"*\"\r\n")),
            Some(format!("{tag} OK These are all\r\n")),
        ),
        Act::Compress => (
            say(format!("{tag} COMPRESS DEFLATE\r\n")),
            Some(format!("{tag} NO [CANNOT] Not offered by this server\r\n")),
        ),
        Act::Refused => (
            say(format!("{tag} UNAUTHENTICATE {{3+}}\r\nt1 \r\n")),
            Some(format!("{tag} NO [CANNOT] Not offered by this server\r\n")),
        ),
        Act::Convert => {
            *key += 1;
            let convert = super::convert::convert(&tag, *key, "BINARY[1]");
            let answer = format!(
                "* 2 CONVERTED (TAG \"{tag}\") (UID 4 BINARY[1] \"!\")\r\n{tag} OK Converted\r\n"
            );
            (say(convert), Some(answer))
        }
    }
}

/// The acts without those CONVERTs for which there is no key.
fn playable(acts: Vec<Act>) -> Vec<Act> {
    let mut keys = 2;
    let playable = acts.into_iter().filter(|act| {
        let converts = matches!(act, Act::Convert);
        let may = !converts || keys > 0;
        keys -= usize::from(converts && may);
        may
    });
    playable.collect()
}

fn play(
    acts: &[Act],
    chatter: Vec<usize>,
    cuts: &[usize],
    doings: &[Ours],
) -> Result<(), TestCaseError> {
    let mut play = with_keys();
    play.requested();
    let mut key = 0;
    let (mut relayed, mut ours) = (Vec::new(), Vec::new());
    let mut client = Client::new();
    for (nth, act) in acts.iter().enumerate() {
        let (words, answer) = command(act, nth, &mut key);
        match answer {
            Some(answer) => ours.push(answer),
            None if matches!(act, Act::Idle) => {}
            None => relayed.push(words.iter().map(Word::said).collect::<String>()),
        }
        client.will_say(words);
    }
    let mut store = Store {
        input: Vec::new(),
        commands: VecDeque::new(),
        output: VecDeque::new(),
        said: String::new(),
        reached: Vec::new(),
        chatter: chatter.into(),
        invited: false,
        idle: None,
        client_idles: false,
    };
    let mut vault = Vault::default();
    let mut cuts = cuts.iter().copied().cycle();
    let mut doings = doings
        .iter()
        .copied()
        .chain(std::iter::repeat(Ours::Nothing));
    for step in 0..100_000 {
        let cut = cuts.next().unwrap();
        let quiet = client.is_done() && store.is_quiet() && play.session.injector_is_free();
        if quiet && step % 4 == 0 && client.answered() == acts.len() && !play.session.own_runs() {
            break;
        }
        match step % 4 {
            0 if play.session.wants_client() => {
                let run = client.says(cut);
                play.client(&run);
            }
            1 if play.session.wants_store() => {
                let run: Vec<u8> = store.output.drain(..cut.min(store.output.len())).collect();
                play.store(str::from_utf8(&run).unwrap());
            }
            2 => {
                let sent = play.sent();
                store.client_idles = client.is_in_idle();
                store.take(sent.as_bytes());
                if cut % 3 == 0 {
                    store.chat();
                }
                store.answer();
                meddle(&mut play, doings.next().unwrap());
            }
            _ => {
                let worked = play.worked();
                vault.take(&worked, cut % 11);
                vault.answer(&mut play);
                client.hears(&play.told());
            }
        }
        prop_assert!(!play.session.is_over(), "{:?}", play.events);
    }
    client.hears(&play.told());
    prop_assert!(client.is_done() && store.output.is_empty());
    prop_assert_eq!(client.answered(), acts.len());
    prop_assert_eq!(&store.reached, &relayed);
    compare(&client.responses, acts, &ours, &store.said)
}

/// What is ours to do happens at any time.
fn meddle(play: &mut Play, ours: Ours) {
    match ours {
        Ours::Nothing => {}
        Ours::Inject => {
            let deadline = play.now.plus(Duration::from_secs(30));
            play.session
                .inject(CommandBody::Noop, Errand::Noop, deadline, play.now);
        }
        Ours::Renew if play.session.renewal().is_some() => play.session.renew_idle(play.now),
        Ours::Renew => {}
    }
    play.collect();
}

/// Taking ours out, each a response by itself and in order, leaves exactly what the store said; and of each IDLE the client
/// sees one `+` and then one end, however often the store was told of it.
fn compare(
    told: &[String],
    acts: &[Act],
    ours: &[String],
    said: &str,
) -> Result<(), TestCaseError> {
    tags_come_in_order(told, acts)?;
    let mut responses = told.to_vec();
    for nth in (0..acts.len()).filter(|nth| matches!(acts[*nth], Act::Idle)) {
        let begins = responses
            .iter()
            .position(|response| response == "+ idling\r\n");
        let tag = format!("t{nth} OK ");
        let ends = responses
            .iter()
            .position(|response| response.starts_with(&tag));
        prop_assert!(begins.is_some() && begins < ends, "{:?}", responses);
        responses.remove(ends.unwrap());
        responses.remove(begins.unwrap());
    }
    let mut from = 0;
    for ours in ours.iter().flat_map(|answer| heard(answer)) {
        let at = responses
            .iter()
            .skip(from)
            .position(|response| *response == ours);
        let at =
            at.ok_or_else(|| TestCaseError::fail(format!("{ours:?} is not in {responses:?}")))?;
        from += at;
        responses.remove(from);
    }
    prop_assert_eq!(responses, heard(said));
    Ok(())
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
        acts in acts().prop_map(playable),
        chatter in prop::collection::vec(0..DATA.len(), 0..40),
        cuts in prop::collection::vec(1..60_usize, 8..40),
        doings in ours(),
    ) {
        play(&acts, chatter, &cuts, &doings)?;
    }
}
