//! However logins, their challenges, refusals and the cuts of the network follow on one another: every command is answered
//! once and in order, the store hears nothing but what was parsed, and only what it has accepted is believed.

use std::collections::VecDeque;

use base64::{Engine, engine::general_purpose::STANDARD};
use proptest::prelude::*;

use super::{
    player::{Client, Word},
    *,
};

/// By which road somebody logs in.
#[derive(Clone, Copy, Debug)]
enum Road {
    Login,
    LoginLiteral,
    Plain,
    PlainAtOnce,
    Obsolete,
    Scram,
    Bearer,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    Accepted,
    Refused,
    Bye,
    Unreachable,
    /// The client says `*`.
    CalledOff,
    /// It says something that is no base64.
    Garbled,
}

fn logins() -> impl Strategy<Value = Vec<(Road, Fate)>> {
    let road = prop::sample::select(vec![
        Road::Login,
        Road::LoginLiteral,
        Road::Plain,
        Road::PlainAtOnce,
        Road::Obsolete,
        Road::Scram,
        Road::Bearer,
    ]);
    let fate = prop::sample::select(vec![
        Fate::Accepted,
        Fate::Refused,
        Fate::Bye,
        Fate::Unreachable,
        Fate::CalledOff,
        Fate::Garbled,
    ]);
    prop::collection::vec((road, fate), 1..4)
}

fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// What a client says, and whether it comes to a dial.
fn words(tag: &str, road: Road, fate: Fate) -> (Vec<Word>, Dial) {
    let last = |message: String| match fate {
        Fate::CalledOff => "*\r\n".to_owned(),
        Fate::Garbled => "t9 LOGIN u p\r\n".to_owned(),
        Fate::Accepted | Fate::Refused | Fate::Bye | Fate::Unreachable => format!("{message}\r\n"),
    };
    let asked = |mechanism: &str, message: String| {
        vec![
            Word::Say(format!("{tag} AUTHENTICATE {mechanism}\r\n")),
            Word::AwaitPlus,
            Word::More(last(message)),
        ]
    };
    let dials = match fate {
        Fate::CalledOff | Fate::Garbled => Dial::No,
        Fate::Accepted | Fate::Refused | Fate::Bye | Fate::Unreachable => Dial::Yes,
    };
    match road {
        Road::Login => (vec![Word::Say(format!("{tag} LOGIN u p\r\n"))], Dial::Yes),
        Road::LoginLiteral => (
            vec![
                Word::Say(format!("{tag} LOGIN {{1}}\r\n")),
                Word::AwaitPlus,
                Word::More("u {3+}\r\np\"\\\r\n".to_owned()),
            ],
            Dial::Yes,
        ),
        Road::Plain => (asked("PLAIN", base64("\0u\0p")), dials),
        Road::PlainAtOnce => {
            let message = base64("\0u\0p");
            (
                vec![Word::Say(format!("{tag} AUTHENTICATE PLAIN {message}\r\n"))],
                Dial::Yes,
            )
        }
        Road::Obsolete => {
            let mut words = vec![
                Word::Say(format!("{tag} AUTHENTICATE LOGIN\r\n")),
                Word::AwaitPlus,
                Word::More(format!("{}\r\n", base64("u"))),
                Word::AwaitPlus,
            ];
            words.push(Word::More(last(base64("p"))));
            (words, dials)
        }
        // Called off in the middle, when the store has been dialled.
        Road::Scram | Road::Bearer => {
            let (mechanism, first) = match road {
                Road::Scram => ("SCRAM-SHA-256", base64("n,,n=u,r=x")),
                _ => ("XOAUTH2", base64("user=u\u{1}auth=Bearer x\u{1}\u{1}")),
            };
            let mut words = vec![Word::Say(format!(
                "{tag} AUTHENTICATE {mechanism} {first}\r\n"
            ))];
            if fate != Fate::Unreachable {
                words.push(Word::AwaitPlus);
                words.push(Word::More(last(String::new())));
            }
            (words, Dial::Yes)
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dial {
    Yes,
    No,
}

/// A store that asks once where there is something to ask, and then does what fate wants.
#[derive(Debug, Default)]
struct Store {
    input: String,
    output: VecDeque<u8>,
    asked: bool,
    noops: usize,
}

impl Store {
    fn take(&mut self, sent: &str, fate: Fate) {
        self.input.push_str(sent);
        while let Some(end) = self.input.find("\r\n") {
            let line: String = self.input.drain(..end + 2).collect();
            if line.starts_with("keyhole1 ID (\"x-session-id\"") {
                self.output.extend(b"* ID NIL\r\nkeyhole1 OK\r\n");
            } else if line.contains("SCRAM") || line.contains("XOAUTH2") {
                self.asked = true;
                self.output.extend(b"+ eA==\r\n");
            } else if line.starts_with("keyhole2 ") || self.asked {
                assert!(
                    self.asked || line.contains(" LOGIN u ") || line.contains(" PLAIN "),
                    "{line}"
                );
                self.asked = false;
                self.verdict(fate);
            } else {
                let tag = line.strip_suffix(" NOOP\r\n").unwrap();
                self.output.extend(format!("{tag} OK\r\n").bytes());
                self.noops += 1;
            }
        }
    }

    fn verdict(&mut self, fate: Fate) {
        self.output.extend(match fate {
            Fate::Accepted => {
                &b"* 3 EXISTS\r\nkeyhole2 OK [CAPABILITY IMAP4rev1 X] hello u\r\n"[..]
            }
            Fate::Bye => b"* BYE full\r\n",
            Fate::Refused | Fate::Unreachable | Fate::CalledOff | Fate::Garbled => {
                b"keyhole2 NO u is unknown\r\n"
            }
        });
    }
}

/// What one login is to be answered.
fn answer(nth: usize, road: Road, fate: Fate) -> String {
    let exchange = matches!(
        road,
        Road::Plain | Road::Obsolete | Road::Scram | Road::Bearer
    );
    let told = match fate {
        Fate::Accepted => "OK [CAPABILITY IMAP4rev1 COMPRESS=DEFLATE KEYREVEAL] Logged in",
        Fate::Bye => "NO [UNAVAILABLE] The mail store failed; try again later",
        Fate::Unreachable => "NO [UNAVAILABLE] The mail store cannot be reached; try again later",
        Fate::CalledOff if exchange => "BAD The login is called off",
        Fate::Garbled if exchange => "BAD This is no base64",
        Fate::Refused | Fate::CalledOff | Fate::Garbled => {
            "NO [AUTHENTICATIONFAILED] Authentication failed"
        }
    };
    format!("t{nth} {told}\r\n")
}

fn play(logins: &[(Road, Fate)], cuts: &[usize]) -> Result<(), TestCaseError> {
    let mut play = Play::new();
    let mut client = Client::new();
    let (mut expected, mut dials) = (Vec::new(), VecDeque::new());
    let mut accepted = false;
    for (nth, (road, fate)) in logins.iter().enumerate() {
        let (words, dial) = words(&format!("t{nth}"), *road, *fate);
        client.will_say(words);
        expected.push(answer(nth, *road, *fate));
        if dial == Dial::Yes {
            dials.push_back(*fate);
        }
        accepted = *fate == Fate::Accepted;
        if accepted {
            break;
        }
    }
    let over = !accepted && expected.len() == 3;
    // Pipelined behind the last login, whatever comes of it.
    client.will_say(vec![Word::Say("t8 NOOP\r\n".to_owned())]);
    if !over {
        expected.push(
            if accepted {
                "t8 OK\r\n"
            } else {
                "t8 OK Nothing new\r\n"
            }
            .to_owned(),
        );
    }
    let (mut store, mut fate) = (Store::default(), Fate::Refused);
    let mut outcomes = 0;
    let mut cuts = cuts.iter().copied().cycle();
    for step in 0..20_000 {
        let cut = cuts.next().unwrap();
        match step % 4 {
            0 if play.session.wants_client() => {
                let run = client.says(cut);
                play.client(&run);
            }
            1 if play.session.wants_store() => {
                let run: Vec<u8> = store.output.drain(..cut.min(store.output.len())).collect();
                play.store(str::from_utf8(&run).unwrap());
            }
            2 => store.take(&play.sent(), fate),
            _ => client.hears(&play.told()),
        }
        for request in play.requested() {
            match request {
                Request::Dial { user } => {
                    prop_assert_eq!(user, "u");
                    fate = dials.pop_front().unwrap();
                    let reached = match fate {
                        Fate::Unreachable => Err(Unreachable::Unavailable),
                        _ => Ok(Greeted {
                            traits: StoreTraits {
                                identify: Identify::Yes,
                                ..traits()
                            },
                            ..greeted(&[
                                "ID",
                                "AUTH=PLAIN",
                                "AUTH=SCRAM-SHA-256",
                                "AUTH=XOAUTH2",
                                "SASL-IR",
                            ])
                        }),
                    };
                    store = Store::default();
                    play.session.dialled(reached, play.now);
                    play.collect();
                }
                Request::LoginOutcome(_) => outcomes += 1,
                _ => {}
            }
        }
    }
    client.hears(&play.told());
    let tagged: Vec<_> = client
        .responses
        .iter()
        .filter(|response| response.starts_with('t'))
        .cloned()
        .collect();
    prop_assert_eq!(tagged, expected);
    prop_assert_eq!(play.session.is_over(), over);
    prop_assert_eq!(play.session.user().is_some(), accepted);
    prop_assert!(dials.is_empty() && outcomes <= logins.len());
    prop_assert_eq!(store.noops, usize::from(accepted));
    let leaked = client
        .responses
        .iter()
        .any(|response| response.contains("EXISTS") || response.contains("unknown"));
    prop_assert!(!leaked);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_login_comes_to_it_is_answered_once_and_believed_only_if_the_store_does(
        logins in logins(),
        cuts in prop::collection::vec(1..60_usize, 4..20),
    ) {
        play(&logins, &cuts)?;
    }
}
