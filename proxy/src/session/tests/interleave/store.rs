//! The model's store: it answers in order, says other things in between, asks for literals, and skips what it does not want.

use std::collections::VecDeque;

/// How a client sends its literals.
#[derive(Clone, Copy, Debug)]
pub(super) enum Literal {
    Waits,
    Follows,
}

/// What the store makes of a command with literals.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Taken,
    /// It answers instead of asking for one of them, and skips what is left of the line.
    Refused(usize),
    /// It answers as soon as it has one of them, and skips what is left of the line.
    Enough(usize),
}

/// Untagged data that a store says whenever it likes; none of it is ours.
pub(super) const DATA: [&str; 5] = [
    "* 9 EXISTS\r\n",
    "* 3 FETCH (FLAGS (\\Seen))\r\n",
    "* 5 FETCH (BODY[3] {21}\r\nkeyhole1 OK x {5}\r\n+ )\r\n",
    "* OK still here {5}\r\n",
    "* LIST () \"/\" {6}\r\nt1 OK \r\n",
];

/// What it says only while a command runs that allows it (RFC 9051 §7.5.1, RFC 7162 §3.2.10).
const GONE: [&str; 2] = ["* 7 EXPUNGE\r\n", "* VANISHED 70:72\r\n"];

/// The store, which answers commands in order and says other things in between.
pub(super) struct Store {
    input: Vec<u8>,
    commands: VecDeque<String>,
    pub(super) output: VecDeque<u8>,
    /// What it said that is the client's, in order.
    pub(super) said: String,
    /// Relayed commands that reached it, in order.
    pub(super) reached: Vec<String>,
    chatter: VecDeque<usize>,
    /// Literals of the command that comes for which it has said `+`.
    invited: usize,
    /// Whether it skips what is left of a line.
    skips: bool,
    /// The IDLE that it is in.
    idle: Option<String>,
    /// Whether the client is in IDLE, whatever the store has been told.
    pub(super) client_idles: bool,
}

impl Store {
    pub(super) fn new(chatter: Vec<usize>) -> Self {
        Self {
            input: Vec::new(),
            commands: VecDeque::new(),
            output: VecDeque::new(),
            said: String::new(),
            reached: Vec::new(),
            chatter: chatter.into(),
            invited: 0,
            skips: false,
            idle: None,
            client_idles: false,
        }
    }

    pub(super) fn take(&mut self, octets: &[u8]) {
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
        let mut end = 0;
        for nth in 0.. {
            let line = end + text[end..].find("\r\n")? + 2;
            if std::mem::take(&mut self.skips) {
                self.input.drain(..line);
                return self.whole_command();
            }
            let Some(size) = announced(&text[end..line]) else {
                end = line;
                break;
            };
            let mailbox = Mailbox::of(&text);
            if self.invited <= nth {
                // Answers come in order.
                if mailbox.refuses == Some(nth) && !self.commands.is_empty() {
                    return None;
                }
                if mailbox.refuses == Some(nth) {
                    return self.answers_early(&text, line, "NO refused");
                }
                self.invited = nth + 1;
                match mailbox.literals[nth] {
                    Literal::Waits => self.say("+ go\r\n"),
                    Literal::Follows => self.output.extend(b"+ unseen\r\n"),
                }
            }
            end = line + size;
            if text.len() < end {
                return None;
            }
            if mailbox.suffices == Some(nth) && !self.commands.is_empty() {
                return None;
            }
            if mailbox.suffices == Some(nth) {
                self.skips = true;
                return self.answers_early(&text, end, "OK enough");
            }
        }
        self.invited = 0;
        self.input.drain(..end);
        Some(text[..end].to_owned())
    }

    /// Answers a command of which it has read so much.
    fn answers_early(&mut self, text: &str, read: usize, answer: &str) -> Option<String> {
        let tag = text.split(' ').next().unwrap();
        self.say(&format!("{tag} {answer}\r\n"));
        self.invited = 0;
        self.input.drain(..read);
        self.whole_command()
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.input.is_empty() && self.commands.is_empty() && self.output.is_empty()
    }

    pub(super) fn chat(&mut self) {
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
    pub(super) fn answer(&mut self) {
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

/// How large a literal this line announces, to be asked for: no other may reach a store.
fn announced(line: &str) -> Option<usize> {
    let (_, size) = line.strip_suffix("}\r\n")?.rsplit_once('{')?;
    Some(size.parse().expect("a literal that is asked for"))
}

/// A mailbox whose name says what the store makes of it: how the client sends its literals (`w`, `f`), and then which of
/// them is refused (`r`) or enough (`e`).
pub(super) struct Mailbox {
    literals: Vec<Literal>,
    refuses: Option<usize>,
    suffices: Option<usize>,
}

impl Mailbox {
    pub(super) fn of(command: &str) -> Self {
        let name = command.split(' ').nth(2).unwrap();
        let digit = |letter: char| Some(name.split_once(letter)?.1.parse().unwrap());
        Self {
            literals: name
                .chars()
                .filter_map(|letter| match letter {
                    'w' => Some(Literal::Waits),
                    'f' => Some(Literal::Follows),
                    _ => None,
                })
                .collect(),
            refuses: digit('r'),
            suffices: digit('e'),
        }
    }

    pub(super) fn name(literals: &[(usize, Literal)], fate: Fate) -> String {
        let kinds = literals.iter().map(|(_, literal)| match literal {
            Literal::Waits => 'w',
            Literal::Follows => 'f',
        });
        let fate = match fate {
            Fate::Taken => String::new(),
            Fate::Refused(nth) => format!("r{}", nth % literals.len()),
            Fate::Enough(nth) => format!("e{}", nth % literals.len()),
        };
        kinds.collect::<String>() + &fate
    }
}
