//! A dialogue with a store, spoken twice: directly as Ann and through the proxy as Bob, each with mailboxes still empty.
//!
//! What differs between two such users of one store is made alike before it is compared: the name, the time that a command
//! took, UIDVALIDITY, which both stores make from the clock, and MAILBOXID, which Cyrus draws by lot.

use tests::harness::cyrus::Cyrus;
use tests::harness::dovecot::{ANN, BOB, Dovecot, User};
use tests::harness::imap::{Answer, Client};
use tests::harness::keyhole::{Behind, Keyhole, Settings};
use tests::harness::wait;

/// Octets of a number that is a time in seconds.
const TIME_DIGITS: usize = 10;

/// One side of a dialogue that is under way.
pub(crate) struct Dialogue {
    client: Client,
    /// A second connection of the same user's, always directly: what it does, the first is told by the store.
    pub(crate) elsewhere: Client,
    heard: Vec<Vec<u8>>,
}

impl Dialogue {
    fn new(client: Client, elsewhere: Client) -> Self {
        Self {
            client,
            elsewhere,
            heard: Vec::new(),
        }
    }

    /// Says `command`, which must succeed.
    pub(crate) fn says(&mut self, command: &str) -> Answer {
        let answer = self.tries(command);
        assert!(answer.is_ok(), "{command}: {answer:?}");
        answer
    }

    /// Says `command`, which must be refused.
    pub(crate) fn is_refused(&mut self, command: &str) {
        let answer = self.tries(command);
        assert!(!answer.is_ok(), "{command}: {answer:?}");
    }

    /// Says `command`.
    pub(crate) fn tries(&mut self, command: &str) -> Answer {
        let tag = self.begins(command);
        self.ends(&tag)
    }

    /// Says `command` and does not wait.
    pub(crate) fn begins(&mut self, command: &str) -> String {
        self.client.send(command)
    }

    /// Waits for what was begun under `tag`.
    pub(crate) fn ends(&mut self, tag: &str) -> Answer {
        let answer = self.client.answer(tag);
        self.heard.extend(answer.untagged.iter().cloned());
        self.heard
            .push(without_time(&answer.tagged).as_bytes().to_vec());
        answer
    }

    /// Waits for one response.
    pub(crate) fn hears(&mut self, start: &str) {
        let response = self.client.response();
        assert!(
            response.starts_with(start.as_bytes()),
            "{start}: {}",
            response.escape_ascii()
        );
        self.heard.push(response);
    }

    /// Waits for one response, whichever NOOP it comes with, and forgets others.
    pub(crate) fn hears_within(&mut self, start: &str) {
        let client = &mut self.client;
        let response = wait::until(start, || {
            let responses = client.command("NOOP").untagged.into_iter();
            let mut wanted = responses.filter(|one| one.starts_with(start.as_bytes()));
            wanted.next()
        });
        self.heard.push(response);
    }

    /// Says `command`, and remembers only how it ended.
    pub(crate) fn completes(&mut self, command: &str) {
        let before = self.heard.len();
        self.tries(command);
        let ended = self.heard.pop();
        self.heard.truncate(before);
        self.heard.extend(ended);
    }

    /// Sends octets that are no command.
    pub(crate) fn writes(&mut self, octets: &[u8]) {
        self.client.write(octets);
    }

    /// Says a command in pieces: between them the store asks to go on.
    pub(crate) fn says_in_pieces(&mut self, pieces: &[&[u8]]) {
        let (first, rest) = pieces.split_first().expect("a command");
        let tag = self.begins(&String::from_utf8_lossy(first));
        for piece in rest {
            self.hears("+");
            self.writes(piece);
            self.writes(b"\r\n");
        }
        let answer = self.ends(&tag);
        assert!(answer.is_ok(), "{answer:?}");
    }

    /// Fills a mailbox with [`MESSAGES`].
    pub(crate) fn fills(&mut self, mailbox: &str) {
        for message in MESSAGES {
            let octets = message.len();
            self.says(&format!(
                "APPEND {mailbox} (\\Seen) \"{DATE}\" {{{octets}+}}\r\n{message}"
            ));
        }
    }

    /// Somebody else appends a message to the mailbox.
    pub(crate) fn is_sent(&mut self, mailbox: &str) {
        let message = MESSAGES[0];
        let answer = self.elsewhere.command(&format!(
            "APPEND {mailbox} \"{DATE}\" {{{}+}}\r\n{message}",
            message.len()
        ));
        assert!(answer.is_ok(), "{answer:?}");
    }
}

/// When every message of a dialogue arrived.
pub(crate) const DATE: &str = "23-Nov-2026 10:00:00 +0000";

/// Mail with something to sort, to thread, to search, and a part in base64.
pub(crate) const MESSAGES: [&str; 4] = [
    "From: Zoe <zoe@example.org>\r\nSubject: apples\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\
     Message-ID: <1@example.org>\r\n\r\nred and green\r\n",
    "From: Ada <ada@example.org>\r\nSubject: Re: apples\r\nDate: Tue, 3 Nov 2026 10:00:00 +0000\r\n\
     Message-ID: <2@example.org>\r\nIn-Reply-To: <1@example.org>\r\nReferences: <1@example.org>\r\n\r\ngreen\r\n",
    "From: Max <max@example.org>\r\nSubject: pears\r\nDate: Sun, 1 Nov 2026 10:00:00 +0000\r\n\
     Message-ID: <3@example.org>\r\n\r\nt1 OK\r\n* BYE\r\n+ {10}\r\n",
    "From: Eva <eva@example.org>\r\nSubject: plums\r\nDate: Wed, 4 Nov 2026 10:00:00 +0000\r\n\
     Message-ID: <4@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
     --b\r\n\r\ntext\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC/w==\r\n--b--\r\n",
];

/// Speaks `script` with Dovecot; `wanted` are the capabilities that it stands on.
pub(crate) fn with_dovecot(wanted: &[&str], script: impl Fn(&mut Dialogue)) {
    let dovecot = Dovecot::start_with_everything();
    compare(dovecot.clear, &Behind::dovecot(&dovecot), wanted, &script);
}

/// The same with Cyrus.
pub(crate) fn with_cyrus(wanted: &[&str], script: impl Fn(&mut Dialogue)) {
    let cyrus = Cyrus::start();
    compare(cyrus.clear, &Behind::cyrus(&cyrus), wanted, &script);
}

fn compare(
    store: std::net::SocketAddr,
    behind: &Behind,
    wanted: &[&str],
    script: &impl Fn(&mut Dialogue),
) {
    let settings = Settings {
        vault: "pool = 1\n".to_owned(),
        ..Settings::default()
    };
    let keyhole = Keyhole::start_with(behind, &settings);
    let directly = |user: User| {
        let mut client = Client::clear(store);
        client.login(user);
        client
    };
    let mut through = Client::tls(keyhole.address, &keyhole.certificate.authority);
    through.login(BOB);
    let direct = spoken(Dialogue::new(directly(ANN), directly(ANN)), wanted, script);
    let relayed = spoken(Dialogue::new(through, directly(BOB)), wanted, script);
    for (relayed, direct) in relayed.iter().zip(&direct) {
        assert_eq!(relayed, direct, "through the proxy, and directly");
    }
    assert_eq!(relayed.len(), direct.len());
}

fn spoken(mut side: Dialogue, wanted: &[&str], script: impl Fn(&mut Dialogue)) -> Vec<String> {
    let offered = side.client.command("CAPABILITY").text();
    for capability in wanted {
        assert!(
            offered
                .split_ascii_whitespace()
                .any(|one| one == *capability),
            "{capability}: {offered}"
        );
    }
    script(&mut side);
    side.heard.iter().map(|heard| alike(heard)).collect()
}

/// Both stores may end their answers with how long it took.
fn without_time(tagged: &str) -> &str {
    match tagged.rsplit_once(" (") {
        Some((before, time)) if time.contains(" sec") => before,
        Some(_) | None => tagged,
    }
}

/// A response as both users would hear it, in printable characters.
fn alike(heard: &[u8]) -> String {
    let text = heard.escape_ascii().to_string();
    let text = text.replace(BOB.name, ANN.name);
    without_times(&without_identifier(&text))
}

/// RFC 8474 §4.1: identifiers are opaque.
fn without_identifier(text: &str) -> String {
    const START: &str = "[MAILBOXID (";
    match text.split_once(START) {
        Some((before, rest)) => {
            let after = rest.split_once(')').expect("the end of an identifier").1;
            format!("{before}{START}<identifier>){after}")
        }
        None => text.to_owned(),
    }
}

fn without_times(text: &str) -> String {
    let mut said = String::new();
    let mut digits = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        said.push_str(if digits.len() == TIME_DIGITS {
            "<time>"
        } else {
            &digits
        });
        digits.clear();
        said.push(character);
    }
    said
}
