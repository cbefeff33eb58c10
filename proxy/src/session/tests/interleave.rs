//! However commands, the store's data, commands of ours, renewals of IDLE and the cuts of the network interleave: the
//! client gets every response of the store's in order, the store gets every relayed command in order, ours stand between,
//! each whole, and of its IDLE the client sees one beginning and one end.

mod store;

use proptest::prelude::*;
use vault::frames::{Frame as _, FrameReader, FromVault, ToVault};
use wire::imap::CommandBody;

use super::{
    super::inject::Errand,
    convert::with_keys,
    player::{Client, Word, heard},
    *,
};
use store::{DATA, Fate, Literal, Mailbox, Store};

/// What a client may do.
#[derive(Clone, Debug)]
enum Act {
    Noop,
    Append(Vec<(usize, Literal)>, Fate),
    Idle,
    Convert,
    Conversions,
    Compress,
    Refused,
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
        4 => (prop::collection::vec(literal(), 1..4), fate())
            .prop_map(|(literals, fate)| Act::Append(literals, fate)),
        3 => Just(Act::Idle),
        2 => Just(Act::Convert),
        1 => Just(Act::Conversions),
        1 => Just(Act::Compress),
        1 => Just(Act::Refused),
    ];
    prop::collection::vec(act, 1..12)
}

fn literal() -> impl Strategy<Value = (usize, Literal)> {
    let kind = prop_oneof![Just(Literal::Follows), Just(Literal::Waits)];
    (0..40_usize, kind)
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        2 => Just(Fate::Taken),
        1 => (0..4_usize).prop_map(Fate::Refused),
        1 => (0..4_usize).prop_map(Fate::Enough),
    ]
}

fn ours() -> impl Strategy<Value = Vec<Ours>> {
    let ours = prop_oneof![
        20 => Just(Ours::Nothing),
        1 => Just(Ours::Inject),
        1 => Just(Ours::Renew),
    ];
    prop::collection::vec(ours, 10..60)
}

/// What a client says of a command with literals that look like commands.
fn append(tag: &str, literals: &[(usize, Literal)], fate: Fate) -> Vec<Word> {
    let mut said = format!("{tag} APPEND {}", Mailbox::name(literals, fate));
    let mut words = Vec::new();
    for (size, literal) in literals {
        let content: String = SMUGGLED.chars().cycle().take(*size).collect();
        match literal {
            Literal::Follows => said += &format!(" {{{size}+}}\r\n{content}"),
            Literal::Waits => {
                said += &format!(" {{{size}}}\r\n");
                words.extend([Word::More(std::mem::take(&mut said)), Word::AwaitPlus]);
                said = content;
            }
        }
    }
    words.push(Word::More(said + "\r\n"));
    if let Some(Word::More(first)) = words.first() {
        words[0] = Word::Say(first.clone());
    }
    words
}

/// What no store may take for commands.
const SMUGGLED: &str = "}\r\nt0 DELETE y\r\n";

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
        Act::Append(literals, fate) => (append(&tag, literals, *fate), None),
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
            Some(format!(
                "* OK [KEYREVEAL (\"text/plain\") (\"text/plain\" \"text/html\")] Inside a container\r\n{tag} OK These are all\r\n"
            )),
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
            None if matches!(
                act,
                Act::Idle | Act::Append(_, Fate::Refused(_) | Fate::Enough(_))
            ) => {}
            None => {
                let said: String = words.iter().map(Word::said).collect();
                relayed.push(pieces(&said).concat());
            }
        }
        client.will_say(words);
    }
    let mut store = Store::new(chatter);
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
