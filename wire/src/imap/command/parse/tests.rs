use super::super::super::encode::Literals;
use super::super::super::media::{MediaPattern, MediaType};
use super::super::super::section::PartPath;
use super::super::*;
use crate::imap::convert::{ConvertItem, ParameterName};
use crate::imap::cursor::Fault;
use crate::imap::search::SearchKey;
use proptest::collection::vec;
use proptest::prelude::*;

fn body(text: &str) -> CommandBody {
    let raw = format!("a1 {text}\r\n");
    Command::parse(raw.as_bytes())
        .unwrap_or_else(|error| panic!("{text}: {error:?}"))
        .body
}

fn refused(text: &str) -> CommandError {
    let raw = format!("a1 {text}\r\n");
    Command::parse(raw.as_bytes()).expect_err(text)
}

/// Every form of every command, written as our own encoder writes it.
const COMMANDS: &[&str] = &[
    "CAPABILITY",
    "NOOP",
    "LOGOUT",
    "STARTTLS",
    "NAMESPACE",
    "IDLE",
    "CLOSE",
    "UNSELECT",
    "CHECK",
    "EXPUNGE",
    "ID NIL",
    "ID (\"name\" \"x\" \"version\" NIL)",
    "LOGIN joe \"secret\"",
    "LOGIN \"joe \\\"x\\\"\" \"\"",
    "AUTHENTICATE PLAIN",
    "AUTHENTICATE PLAIN AGpvZQBzZWNyZXQ=",
    "AUTHENTICATE PLAIN =",
    "AUTHENTICATE SCRAM-SHA-256",
    "ENABLE CONDSTORE UTF8=ACCEPT",
    "SELECT INBOX",
    "EXAMINE \"a b\" (CONDSTORE)",
    "SELECT x (QRESYNC (1 2 1:3))",
    "CREATE x",
    "DELETE x",
    "RENAME x \"\"",
    "SUBSCRIBE x",
    "UNSUBSCRIBE x",
    "LIST \"\" \"*\"",
    "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (\"INBOX\" \"x/%\") RETURN (CHILDREN STATUS (MESSAGES UNSEEN))",
    "LSUB \"\" \"%\"",
    "STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ)",
    "APPEND x {2+}\r\nhi",
    "APPEND x (\\Seen \\Draft k) \" 1-Jan-2024 00:00:00 +0000\" ~{2+}\r\nh\0",
    "UID EXPUNGE 1:*",
    "FETCH 1 FLAGS",
    "UID FETCH 1:3,5,*:7 (UID BODY.PEEK[HEADER.FIELDS (a b)]<0.10>)",
    "FETCH $ UID",
    "STORE 1 +FLAGS (\\Deleted)",
    "UID STORE 1 -FLAGS.SILENT (k)",
    "STORE 1 FLAGS ()",
    "COPY 1 x",
    "UID COPY 1 x",
    "MOVE 1 x",
    "UID MOVE 1 INBOX",
    "SEARCH ALL",
    "UID SEARCH RETURN (MIN MAX ALL COUNT SAVE) CHARSET UTF-8 NOT SEEN",
    "SEARCH ANSWERED DELETED DRAFT FLAGGED NEW OLD RECENT SEEN UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN",
    "SEARCH KEYWORD a UNKEYWORD b BCC \"x\" BODY \"x\" CC \"x\" FROM \"x\" SUBJECT {2+}\r\n\u{e9} TEXT \"x\" TO \"\"",
    "SEARCH HEADER X-Y \"z\" BEFORE 1-Feb-1994 ON 1-Feb-1994 SINCE 1-Feb-1994 SENTBEFORE 2-Mar-2000 SENTON 2-Mar-2000 SENTSINCE 2-Mar-2000",
    "SEARCH LARGER 5 SMALLER 4294967296 UID 1:* 2,4 OR SEEN (DRAFT NOT (1 2)) $",
    "CONVERSIONS \"*\" \"image/*\"",
    "CONVERSIONS \"text/plain\" \"text/html\"",
    "CONVERT 1 (NIL) BINARY[1]",
    "UID CONVERT 7 (\"application/vnd.keyhole.sealed\" (pix-x 320 u.urn:x-keyhole:type image/png)) (UID BINARY[2]<0.512> BINARY.SIZE[2] BODYPARTSTRUCTURE[2.1] AVAILABLECONVERSIONS[2] BODY[3.MIME])",
    "KEYREVEAL 1",
    "KEYREVEAL 2 (X25519-AES256GCM XWING-AES256GCM)",
];

/// What we write is what we read, command by command.
#[test]
fn every_command_survives_the_wire() {
    for text in COMMANDS {
        let raw = format!("a1 {text}\r\n");
        let command =
            Command::parse(raw.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(
            String::from_utf8_lossy(command.encode(Literals::Plus).octets()),
            raw
        );
    }
}

#[test]
fn an_unknown_command_is_known_by_name_alone() {
    assert_eq!(
        body("XFOO {3}\r\na b (\""),
        CommandBody::Unknown("XFOO".into())
    );
    assert_eq!(
        body("compress deflate"),
        CommandBody::Compress("DEFLATE".into())
    );
}

#[test]
fn an_error_has_the_tag_to_answer_under() {
    for text in [
        "NOOP x",
        "LOGIN a",
        "FETCH 0 UID",
        "FETCH 1",
        "SELECT",
        "SEARCH",
        "UID",
        "SEARCH XYZ",
        "NOOP ",
        "STORE 1 FLAGS",
    ] {
        assert_eq!(refused(text).tag.unwrap().as_str(), "a1", "{text}");
    }
    assert_eq!(refused("FETCH 1 XYZ").name, Some(Name::Fetch));
    for raw in [
        &b"\r\n"[..],
        b" NOOP\r\n",
        b"+ NOOP\r\n",
        b"* NOOP\r\n",
        b"DONE\r\n",
    ] {
        assert_eq!(Command::parse(raw).unwrap_err().tag, None, "{raw:?}");
    }
}

#[test]
fn what_breaks_the_grammar_is_refused() {
    for text in [
        "LOGIN joe",
        "LOGIN joe secret x",
        "LOGIN \"joe secret",
        "LOGIN joe se\"cret",
        "AUTHENTICATE PLAIN %%%",
        "AUTHENTICATE PLAIN ",
        "SELECT a b",
        "LIST \"\"",
        "LIST \"\" ()",
        "STATUS x ()",
        "STATUS x (FOO)",
        "APPEND x \"hi\"",
        "APPEND x {5+}\r\nhi",
        "FETCH 1:2: UID",
        "FETCH 1, UID",
        "FETCH 4294967296 UID",
        "FETCH 1 ()",
        "FETCH 1 (UID) (CHANGEDSINCE 5)",
        "SEARCH ()",
        "SEARCH OR SEEN",
        "SEARCH NOT",
        "SEARCH BEFORE 31-Feb-2020",
        "SEARCH CHARSET UTF-8",
        "SEARCH ALL ",
        "STORE 1 ++FLAGS (x)",
        "STORE 1 FLAGS.LOUD (x)",
        "STORE 1 FLAGS (\\)",
        "CONVERSIONS * *",
        "CONVERSIONS \"a\" \"b/c\"",
        "CONVERSIONS NIL \"*\"",
        "CONVERSIONS \"*\" NIL",
        "CONVERSIONS \"*/png\" \"*\"",
        "CONVERSIONS \"*\"",
        "CONVERSIONS \"*\" \"*\" \"*\"",
        "CONVERSIONS",
        "CONVERT 1 \"image/png\" BINARY[1]",
        "CONVERT 1 () BINARY[1]",
        "CONVERT 1 (\"image\") BINARY[1]",
        "CONVERT 1 (\"image/*\") BINARY[1]",
        "CONVERT 1 (\"image/png\" ()) BINARY[1]",
        "CONVERT 1 (\"image/png\" (pix-x)) BINARY[1]",
        "CONVERT 1 (\"image/png\" (pix-x 1 PIX-X 2)) BINARY[1]",
        "CONVERT 1 (\"image/png\") BINARY[TEXT]",
        "CONVERT 1 (NIL (charset utf-8)) BINARY[1.HEADER]",
        "CONVERT 1 (NIL (charset utf-8)) BODY[HEADER.FIELDS (subject)]",
        "CONVERT 1 (\"image/png\") BODY[TEXT]",
        "CONVERT 1 (\"image/png\") BODY[]",
        "CONVERT 1 (\"image/png\") ()",
        "CONVERT 1 (\"image/png\") FLAGS",
        "CONVERT 1 (\"image/png\") BINARY.PEEK[1]",
        "KEYREVEAL 0",
        "KEYREVEAL 1 ()",
        "KEYREVEAL (X)",
        "KEYREVEAL 1 X",
        "ENABLE",
    ] {
        refused(text);
    }
}

/// The trap of RFC 5259 §12.1: conversion parameters in a section's brackets are an older draft's syntax.
#[test]
fn parameters_stand_in_no_section() {
    refused("CONVERT 1 (NIL) BINARY[1 (charset utf-8)]");
}

#[test]
fn convert_is_read_as_it_is_meant() {
    let CommandBody::Convert(Addressing::Uid, convert) = body(
        "uid convert 7 (\"Application/VND.keyhole.sealed\" (PIX-X {3}\r\n320 u.urn:x-keyhole:reveal \"QUJD\")) (binary[2] UID)",
    ) else {
        panic!()
    };
    assert_eq!(convert.set.single().map(u32::from), Some(7));
    assert_eq!(
        convert.target,
        MediaType::new("application/vnd.keyhole.sealed")
    );
    assert_eq!(convert.parameter("pix-x"), Some(&b"320"[..]));
    assert_eq!(
        convert.parameter("U.urn:x-keyhole:reveal"),
        Some(&b"QUJD"[..])
    );
    let binary = ConvertItem::Binary {
        part: PartPath::new("2").unwrap(),
        partial: None,
    };
    assert_eq!(convert.items, [binary, ConvertItem::Uid]);
}

#[test]
fn conversions_know_wildcards() {
    let CommandBody::Conversions(asked) = body("CONVERSIONS {3}\r\n*/* \"IMAGE/*\"") else {
        panic!()
    };
    assert_eq!(asked.from, MediaPattern::Any);
    let jpeg = MediaType::new("image/jpeg").unwrap();
    assert!(asked.from.matches(&jpeg) && asked.to.matches(&jpeg));
    assert!(!asked.to.matches(&MediaType::new("text/plain").unwrap()));
}

#[test]
fn keyreveal_asks_for_one_unless_it_says_more() {
    assert_eq!(
        body("keyreveal"),
        CommandBody::KeyReveal(KeyReveal {
            count: 1,
            suites: Vec::new()
        })
    );
    refused("KEYREVEAL ");
}

#[test]
fn a_mailbox_is_the_inbox_however_it_is_sent() {
    for text in ["SELECT inbox", "SELECT \"InBox\"", "SELECT {5}\r\nINBOX"] {
        assert!(
            matches!(body(text), CommandBody::Select(opening) if opening.mailbox.is_inbox()),
            "{text}"
        );
    }
}

#[test]
fn literals_in_commands_are_read_in_all_forms() {
    for login in [
        "{3}\r\njoe {1}\r\n)",
        "{3+}\r\njoe {1+}\r\n)",
        "joe {01}\r\n)",
        "\"joe\" \")\"",
    ] {
        let expected = CommandBody::Login {
            user: b"joe".to_vec(),
            password: Confidential::new(b")".to_vec()),
        };
        assert_eq!(body(&format!("LOGIN {login}")), expected, "{login}");
    }
}

#[test]
fn nesting_of_search_keys_has_a_budget() {
    for nested in [
        "NOT ".repeat(100_000),
        "(".repeat(100_000),
        "OR SEEN ".repeat(100_000),
        "OR ".repeat(100_000),
    ] {
        assert_eq!(
            refused(&format!("SEARCH {nested}SEEN")).error.fault,
            Fault::TooDeep
        );
    }
}

#[test]
fn a_client_waits_before_each_synchronising_literal() {
    let command = Command {
        tag: Tag::new("a").unwrap(),
        body: CommandBody::Login {
            user: b"j\xc3\xb6".to_vec(),
            password: Confidential::new(b"a\r\nb".to_vec()),
        },
    };
    let pieces = |literals| {
        command
            .encode(literals)
            .pieces()
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pieces(Literals::Synchronising),
        [&b"a LOGIN {3}\r\n"[..], b"j\xc3\xb6 {4}\r\n", b"a\r\nb\r\n"]
    );
    assert_eq!(
        pieces(Literals::Plus),
        [&b"a LOGIN {3+}\r\nj\xc3\xb6 {4+}\r\na\r\nb\r\n"[..]]
    );
    assert_eq!(pieces(Literals::Minus).len(), 1);
}

/// RFC 7888 §5.
#[test]
fn literal_minus_is_for_small_literals() {
    for (length, count) in [(4096, 1), (4097, 2)] {
        let append = Append {
            mailbox: Mailbox::new(b"x"),
            flags: Vec::new(),
            date: None,
            message: vec![b'x'; length],
        };
        let command = Command {
            tag: Tag::new("a").unwrap(),
            body: CommandBody::Append(append),
        };
        assert_eq!(command.encode(Literals::Minus).pieces().count(), count);
    }
}

/// What a caller puts into a command cannot become another command.
#[test]
fn no_value_ends_a_line() {
    for nasty in [
        "x\r\nb DELETE INBOX",
        "\"",
        "\\",
        "{5}",
        "{5+}",
        "NIL",
        "a\0b",
        "",
        "(",
        "*",
        "ü",
    ] {
        let mailbox = Mailbox::new(nasty.as_bytes());
        let bodies = [
            CommandBody::Select(Opening {
                mailbox: mailbox.clone(),
                parameters: None,
            }),
            CommandBody::Rename {
                from: mailbox.clone(),
                to: mailbox.clone(),
            },
            CommandBody::Id(vec![(nasty.into(), Some(nasty.into()))]),
            CommandBody::Search(
                Addressing::Uid,
                crate::imap::search::Search {
                    returns: None,
                    charset: Some(nasty.into()),
                    keys: vec![SearchKey::Header {
                        field: nasty.into(),
                        value: nasty.into(),
                    }],
                },
            ),
        ];
        for body in bodies {
            let command = Command {
                tag: Tag::new("a").unwrap(),
                body,
            };
            assert_eq!(
                Command::parse(command.encode(Literals::Plus).octets()),
                Ok(command),
                "{nasty:?}"
            );
        }
    }
    let opening = Opening {
        mailbox: Mailbox::new(b"x"),
        parameters: Some(b"(a)\r\nb NOOP".to_vec()),
    };
    let command = Command {
        tag: Tag::new("a").unwrap(),
        body: CommandBody::Select(opening),
    };
    assert_eq!(command.encode(Literals::Plus).octets(), b"a SELECT x\r\n");
}

proptest! {
    /// A CONVERT of any values survives the wire.
    #[test]
    fn converts_survive_the_wire(
        uid in 1..u32::MAX,
        target in proptest::option::of("[a-z]{1,8}/[a-z0-9.+-]{1,8}"),
        parameters in proptest::collection::btree_map("[a-zA-Z][a-zA-Z0-9.:%/-]{0,12}", vec(any::<u8>(), 0..40), 0..4),
        parts in vec(vec(1..99_u32, 0..3), 1..4),
        partial in proptest::option::of((any::<u32>(), 1..u32::MAX)),
    ) {
        let path = |numbers: &Vec<u32>| PartPath(numbers.iter().filter_map(|number| std::num::NonZeroU32::new(*number)).collect());
        let partial = partial.map(|(offset, length)| crate::imap::section::Partial {
            offset: offset.into(),
            length: std::num::NonZeroU64::new(length.into()).unwrap(),
        });
        let mut parameters: Vec<_> =
            parameters.into_iter().map(|(name, value)| (ParameterName::new(&name).unwrap(), value)).collect();
        parameters.sort();
        parameters.dedup_by(|(one, _), (other, _)| one == other);
        let convert = Convert {
            set: SequenceSet::one(std::num::NonZeroU32::new(uid).unwrap()),
            target: target.as_deref().and_then(MediaType::new),
            parameters,
            items: parts.iter().map(|part| ConvertItem::Binary { part: path(part), partial }).collect(),
        };
        let command = Command { tag: Tag::new("a.1").unwrap(), body: CommandBody::Convert(Addressing::Uid, convert) };
        for literals in [Literals::Plus, Literals::Minus, Literals::Synchronising] {
            prop_assert_eq!(Command::parse(command.encode(literals).octets()), Ok(command.clone()));
        }
    }
}
