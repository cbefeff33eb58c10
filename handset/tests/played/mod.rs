//! A proxy and its vault, played by the test: the real formats over a duplex, none of the real processes.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use envelope::recipient::{Certificate, Holder, PrivateKey};
use envelope::sealer::{SealAlgorithm, seal};
use envelope::{ContentKey, Opener, TransferEncoding};
use getrandom::SysRng;
use handset::{Client, Connection, Deadlines, FetchRequest, Holdings, Mailbox, PartPath, Pin, Uid};
use keyreveal::{
    Asked, ChannelBinding, Context, Identity, Integrity, KeyId, Measure, OneTimeKey, Promises,
    ResultPart, ResultSealer, Retention, Reveal, SandboxLevel, Seal, SealedReveal, SignedStatement,
    Statement, Suite, names, sign,
};
use rand_core::UnwrapErr;
use secret::{Pages, Plaintext};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use wire::imap::convert::{
    BadParameters, Convert, ConvertItem, Converted, ConvertedAttribute, ErrorCode, ErrorPhrase,
    ParameterName,
};
use wire::imap::fetch::FetchItem;
use wire::imap::response::{Code, Response, Status, StatusKind};
use wire::imap::{
    Command, CommandBody, FetchAttribute, FetchResponse, MediaType, Section, SeqNum, Tag,
};
use wire::{Collected, Collector, Framer, Limits, Side};

pub(crate) const BINDING: ChannelBinding = ChannelBinding([7; 32]);
pub(crate) const USER: &str = "me";
pub(crate) const UID_VALIDITY: u32 = 44;
pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(20),
    silence: Duration::from_secs(20),
    answer: Duration::from_secs(60),
};

/// A JPEG's start, 320 × 240, and something that stands for its pixels.
pub(crate) const PICTURE: &[u8] = &[
    0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 17, 8, 0, 240, 1, 64, 3, 9, 9, 9, 9, 9, 9,
];

/// One encrypted photograph beside a text.
pub(crate) const BESIDE: &str = "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)\
    (\"application\" \"pkcs7-mime\" (\"smime-type\" \"authEnveloped-data\" \"name\" \"smime.p7m\") NIL NIL \"base64\" OCTETS NIL \
    (\"attachment\" (\"filename\" \"=?utf-8?q?Urlaub_=C3=BCber?=.p7m\")) NIL NIL) \"mixed\" (\"boundary\" \"x\") NIL NIL NIL)";
/// A text, and a message in the message that is encrypted whole.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) const FORWARDED: &str = "((\"text\" \"plain\" NIL NIL NIL \"7bit\" 5 1 NIL NIL NIL NIL)\
    (\"message\" \"rfc822\" NIL NIL NIL \"7bit\" 9 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) \
    (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" OCTETS NIL NIL NIL NIL) 3 NIL NIL NIL NIL) \
    \"mixed\" (\"boundary\" \"x\") NIL NIL NIL)";
/// The whole message encrypted.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) const WHOLE: &str = "(\"application\" \"pkcs7-mime\" (\"smime-type\" \"enveloped-data\") NIL NIL \"base64\" OCTETS NIL NIL NIL NIL)";

pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

pub(crate) fn clock() -> u64 {
    NOW
}

pub(crate) fn holder() -> Holder {
    let key = PrivateKey::from_pem(include_str!("../vectors/p256-key.pem"), None).unwrap();
    let certificate =
        Certificate::from_pem(include_str!("../vectors/p256-certificate.pem")).unwrap();
    Holder::new(key, certificate).unwrap()
}

pub(crate) fn identity(seed: u8) -> Identity {
    Identity::from_seed(&secret::SecretBytes::copied_from(&[seed; 32])).unwrap()
}

pub(crate) fn known(keys: &[Holder]) -> Holdings<'_> {
    Holdings {
        keys,
        pin: Pin::Known(identity(1).public()),
    }
}

pub(crate) fn request(section: &str) -> FetchRequest {
    let section = PartPath::new(section).unwrap();
    FetchRequest::new(Mailbox::new(b"INBOX"), Uid::new(7).unwrap(), section)
}

/// A photograph as an S/MIME part in base64.
pub(crate) fn encrypted(algorithm: SealAlgorithm) -> Vec<u8> {
    let header = b"Content-Type: image/jpeg\r\nContent-Transfer-Encoding: binary\r\n\r\n";
    encrypted_entity(header, algorithm)
}

/// What begins so and goes on with 30,000 octets, as an S/MIME part in base64.
pub(crate) fn encrypted_entity(beginning: &[u8], algorithm: SealAlgorithm) -> Vec<u8> {
    let mut entity = beginning.to_vec();
    entity.extend((0..30_000_u32).map(|n| (n % 251) as u8));
    let to = [holder().certificate().clone()];
    let encoded = STANDARD.encode(seal(&entity, &to, algorithm, &mut rng()).unwrap());
    let lines: Vec<&[u8]> = encoded.as_bytes().chunks(76).collect();
    lines.join(&b"\r\n"[..])
}

/// How the proxy plays. The default is honest.
pub(crate) struct Play {
    pub(crate) greeting: &'static str,
    pub(crate) capabilities: &'static str,
    /// Who signs.
    pub(crate) signer: Identity,
    /// Who signs the first statement, the second, and so on, by seed, where it is not always the same.
    pub(crate) signers: &'static [u8],
    pub(crate) expires: u64,
    pub(crate) binding: ChannelBinding,
    pub(crate) structure: &'static str,
    pub(crate) part: Vec<u8>,
    /// Changes what is stated after it was signed.
    pub(crate) forge: fn(&mut Vec<u8>),
    /// Changes the result before the vault seals it.
    pub(crate) alter: fn(&mut ResultPart),
    /// Changes the sealed result.
    pub(crate) tamper: fn(&mut Vec<u8>),
    /// Changes what goes out in answer to UID CONVERT.
    pub(crate) answer: fn(Vec<u8>, &Tag) -> Vec<u8>,
}

impl Default for Play {
    fn default() -> Self {
        Self {
            greeting: "* OK ready",
            capabilities: "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN BINARY CONVERT KEYREVEAL",
            signer: identity(1),
            signers: &[],
            expires: NOW + 120,
            binding: BINDING,
            structure: BESIDE,
            part: encrypted(SealAlgorithm::Aes256GcmHkdf),
            forge: |_| {},
            alter: |_| {},
            tamper: |_| {},
            answer: |octets, _| octets,
        }
    }
}

/// What the played proxy heard: names of commands, and what it learnt.
pub(crate) type Heard = Arc<Mutex<Vec<String>>>;

#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) fn heard(log: &Heard, name: &str) -> usize {
    log.lock()
        .unwrap()
        .iter()
        .filter(|heard| *heard == name)
        .count()
}

/// A client that is logged in with a proxy that plays so.
#[allow(dead_code, reason = "not every test file asks for it")]
pub(crate) async fn client(play: Play) -> (Client, Heard) {
    let (connection, log) = connection(play).await;
    (
        connection.unwrap().login(USER, b"secret").await.unwrap(),
        log,
    )
}

pub(crate) async fn connection(play: Play) -> (Result<Connection, handset::Error>, Heard) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let log = Heard::default();
    tokio::spawn(
        Stage {
            play,
            log: log.clone(),
            vaults: Vec::new(),
        }
        .perform(far),
    );
    (Connection::over(near, BINDING, DEADLINES).await, log)
}

struct Stage {
    play: Play,
    log: Heard,
    /// Those that wait: key id, key, statement.
    vaults: Vec<(KeyId, OneTimeKey, Vec<u8>)>,
}

impl Stage {
    async fn perform(mut self, mut stream: DuplexStream) {
        stream
            .write_all(format!("{}\r\n", self.play.greeting).as_bytes())
            .await
            .unwrap();
        let mut framer = Framer::new(
            Side::Client,
            Limits {
                line: 8192,
                literal: 65536,
            },
        );
        let mut collector = Collector::new(65536);
        let mut arrived = [0; 4096];
        loop {
            let count = stream.read(&mut arrived).await.unwrap_or(0);
            if count == 0 {
                return;
            }
            let mut input = &arrived[..count];
            while let Some(frame) = framer.next(&mut input).unwrap() {
                let waits = matches!(&frame, wire::Frame::Line(line) if matches!(line.ends, wire::Ends::Literal(literal) if literal.sync == wire::Sync::Synchronising));
                let collected = collector.take(&frame);
                if waits {
                    stream.write_all(b"+ go on\r\n").await.unwrap();
                }
                let Collected::Whole(raw) = collected else {
                    continue;
                };
                let answer = self.answer(Command::parse(&raw).unwrap());
                if stream.write_all(&answer).await.is_err() {
                    return;
                }
            }
        }
    }

    fn answer(&mut self, command: Command) -> Vec<u8> {
        let tag = command.tag;
        let done = |untagged: String| format!("{untagged}{tag} OK done\r\n").into_bytes();
        let (name, answer) = match command.body {
            CommandBody::Capability => (
                "CAPABILITY",
                done(format!("* CAPABILITY {}\r\n", self.play.capabilities)),
            ),
            CommandBody::Login { .. } => ("LOGIN", done(String::new())),
            CommandBody::Authenticate { .. } => ("AUTHENTICATE", done(String::new())),
            CommandBody::Examine(_) => (
                "EXAMINE",
                done(format!(
                    "* 1 EXISTS\r\n* OK [UIDVALIDITY {UID_VALIDITY}] valid\r\n"
                )),
            ),
            CommandBody::Fetch { items, set, .. }
                if set.single().is_none_or(|uid| uid.get() == 7) =>
            {
                ("FETCH", self.fetch(&items, &tag))
            }
            CommandBody::KeyReveal(asked) => {
                let statements = (0..asked.count).map(|_| self.statement()).collect();
                ("KEYREVEAL", done(statements))
            }
            CommandBody::Convert(_, convert) => ("CONVERT", self.convert(&convert, &tag)),
            CommandBody::Logout => ("LOGOUT", done("* BYE bye\r\n".into())),
            _ => ("OTHER", done(String::new())),
        };
        self.log.lock().unwrap().push(name.into());
        answer
    }

    fn fetch(&self, items: &[FetchItem], tag: &Tag) -> Vec<u8> {
        let structure = self
            .play
            .structure
            .replace("OCTETS", &self.play.part.len().to_string());
        let structure = wire::imap::BodyStructure::parse(structure.as_bytes()).unwrap();
        let attributes = items.iter().map(|item| match item {
            FetchItem::BodyStructure => FetchAttribute::BodyStructure(structure.clone()),
            FetchItem::Section {
                section,
                partial: Some(partial),
                ..
            } => {
                let from = (partial.offset as usize).min(self.play.part.len());
                let to = (from + partial.length.get() as usize).min(self.play.part.len());
                FetchAttribute::Section {
                    section: Section::part(section.part.clone()),
                    origin: Some(partial.offset),
                    octets: Some(self.play.part[from..to].to_vec()),
                }
            }
            FetchItem::Rfc822Size => FetchAttribute::Rfc822Size(123_456),
            FetchItem::Envelope => FetchAttribute::Envelope(wire::imap::Envelope {
                subject: Some(b"=?utf-8?q?Gr=C3=BC=C3=9Fe?= \x1b[31m".to_vec()),
                ..wire::imap::Envelope::default()
            }),
            _ => FetchAttribute::Uid(Uid::new(7).unwrap()),
        });
        let fetch = FetchResponse {
            message: SeqNum::new(1).unwrap(),
            attributes: attributes.collect(),
        };
        let mut answer = fetch.encode();
        answer.extend(format!("{tag} OK done\r\n").into_bytes());
        answer
    }

    fn statement(&mut self) -> String {
        let key = OneTimeKey::generate(Suite::X25519Aes256Gcm, &mut rng());
        let statement = Statement {
            key_id: KeyId::generate(&mut rng()),
            suite: Suite::X25519Aes256Gcm,
            public_key: key.public_key(),
            expires: self.play.expires,
            channel_binding: self.play.binding,
            promises: Promises {
                sandbox: SandboxLevel::Full,
                retention: Retention::None,
            },
            program: [5; 32],
        };
        let signer = self.play.signers.get(self.vaults.len());
        let mut signed = match signer {
            Some(seed) => sign(&statement, &identity(*seed)),
            None => sign(&statement, &self.play.signer),
        };
        (self.play.forge)(&mut signed);
        self.vaults
            .push((statement.key_id, key, statement.payload()));
        format!(
            "* KEYREVEAL \"{}\"\r\n",
            SignedStatement::to_base64(&signed)
        )
    }

    fn convert(&mut self, convert: &Convert, tag: &Tag) -> Vec<u8> {
        let sealed = convert
            .parameter(names::PARAM_REVEAL)
            .and_then(|text| SealedReveal::from_base64(text).ok());
        let opened = sealed.and_then(|sealed| self.open(&sealed, convert));
        let result = opened.and_then(|(reveal, sealer)| self.result(reveal, sealer));
        let answer = match result {
            Some(mut octets) => {
                (self.play.tamper)(&mut octets);
                converted(tag, section(convert), octets)
            }
            None => refused(tag, convert),
        };
        (self.play.answer)(answer, tag)
    }

    fn open(&mut self, sealed: &SealedReveal, convert: &Convert) -> Option<(Reveal, ResultSealer)> {
        let named = |(id, _, _): &(KeyId, OneTimeKey, Vec<u8>)| *id == sealed.key_id();
        let at = self.vaults.iter().position(named)?;
        let (_, key, payload) = self.vaults.remove(at);
        let asked = context(convert)?;
        let (revealed, sealer) = key
            .open(sealed, &payload, &asked, Pages::new(32).unwrap())
            .ok()?;
        Some((revealed.into_reveal(), sealer))
    }

    fn result(&self, reveal: Reveal, sealer: ResultSealer) -> Option<Vec<u8>> {
        let prefix = self.play.part.get(..reveal.prefix_len as usize)?;
        assert_eq!(
            <[u8; 32]>::from(Sha256::digest(prefix)),
            reveal.prefix_digest
        );
        assert_eq!(reveal.total_octets, self.play.part.len() as u64);
        let (seal_to, integrity) = (reveal.seal.clone(), integrity(reveal.algorithm));
        let mut opener = Opener::new(content_key(reveal), TransferEncoding::Base64, 100_000);
        opener.take(&self.play.part).ok()?;
        let source_octets = opener.finish().ok()?.plaintext().len() as u64;
        let mut part = ResultPart {
            media_type: "image/jpeg".into(),
            measure: Measure::Picture {
                width: 320,
                height: 240,
            },
            integrity,
            source_type: "image/jpeg".into(),
            source_octets,
            octets: Plaintext::adopt(PICTURE.to_vec()),
        };
        (self.play.alter)(&mut part);
        match seal_to {
            Seal::Session => sealer.seal(&part, &mut rng()).ok(),
            Seal::Smime { certificate, .. } => {
                let entity = part.to_entity().ok()?;
                let to = Certificate::from_der(&certificate).ok()?;
                seal(entity.expose(), &[to], SealAlgorithm::Aes256Gcm, &mut rng()).ok()
            }
        }
    }
}

fn integrity(algorithm: keyreveal::ContentAlgorithm) -> Integrity {
    use keyreveal::ContentAlgorithm::{Aes128Cbc, Aes128Gcm, Aes192Cbc, Aes256Cbc, Aes256Gcm};
    match algorithm {
        Aes128Gcm | Aes256Gcm => Integrity::Authenticated,
        Aes128Cbc | Aes192Cbc | Aes256Cbc => Integrity::None,
    }
}

fn content_key(reveal: Reveal) -> ContentKey {
    let algorithm = match reveal.algorithm {
        keyreveal::ContentAlgorithm::Aes128Gcm => envelope::ContentAlgorithm::Aes128Gcm,
        keyreveal::ContentAlgorithm::Aes256Gcm => envelope::ContentAlgorithm::Aes256Gcm,
        keyreveal::ContentAlgorithm::Aes128Cbc => envelope::ContentAlgorithm::Aes128Cbc,
        keyreveal::ContentAlgorithm::Aes192Cbc => envelope::ContentAlgorithm::Aes192Cbc,
        keyreveal::ContentAlgorithm::Aes256Cbc => envelope::ContentAlgorithm::Aes256Cbc,
    };
    ContentKey {
        key: reveal.key,
        algorithm,
        nonce: reveal.nonce,
    }
}

/// What the proxy is asked to do, by its own reading of the command.
fn context(convert: &Convert) -> Option<Context> {
    let section = convert.items.iter().find_map(|item| match item {
        ConvertItem::Binary { part, .. } => Some(part.to_string()),
        _ => None,
    })?;
    let values: Vec<(String, String)> = convert
        .parameters
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value).into_owned(),
            )
        })
        .collect();
    let parameters: Vec<(&str, &str)> = values
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    let asked = Asked {
        user: USER,
        mailbox: b"INBOX",
        uid_validity: NonZeroU32::new(UID_VALIDITY)?,
        uid: convert.set.single()?,
        section: &section,
        container: convert.target.as_ref()?.name(),
        parameters: &parameters,
    };
    Context::new(asked).ok()
}

pub(crate) fn converted(tag: &Tag, part: PartPath, octets: Vec<u8>) -> Vec<u8> {
    let attributes = vec![
        ConvertedAttribute::Uid(Uid::new(7).unwrap()),
        ConvertedAttribute::BinarySize {
            part: part.clone(),
            outcome: Ok(octets.len() as u64),
        },
        ConvertedAttribute::Binary {
            part,
            origin: None,
            outcome: Ok(Some(octets)),
        },
    ];
    let converted = Converted {
        message: SeqNum::new(1).unwrap(),
        tag: tag.clone(),
        attributes,
    };
    let mut answer = converted.encode();
    answer.extend(Status::tagged(tag, StatusKind::Ok, None, "done").encode());
    answer
}

/// The section that all items are about.
fn section(convert: &Convert) -> PartPath {
    let part = convert.items.iter().find_map(|item| match item {
        ConvertItem::BinarySize(part) => Some(part.clone()),
        _ => None,
    });
    part.unwrap()
}

fn refused(tag: &Tag, convert: &Convert) -> Vec<u8> {
    let reveal = ParameterName::new(names::PARAM_REVEAL).unwrap();
    let bad = BadParameters {
        from: MediaType::new(names::CONTAINER_SMIME),
        to: convert.target.clone().unwrap(),
        parameters: vec![(reveal, Vec::new())],
    };
    failed(
        tag,
        ErrorPhrase {
            text: b"The reveal was refused".to_vec(),
            code: ErrorCode::BadParameters(vec![bad]),
        },
    )
}

pub(crate) fn failed(tag: &Tag, phrase: ErrorPhrase) -> Vec<u8> {
    let part = PartPath::new("2").unwrap();
    let attributes = vec![
        ConvertedAttribute::Uid(Uid::new(7).unwrap()),
        ConvertedAttribute::Binary {
            part,
            origin: None,
            outcome: Err(phrase),
        },
    ];
    let converted = Converted {
        message: SeqNum::new(1).unwrap(),
        tag: tag.clone(),
        attributes,
    };
    let mut answer = Response::Converted(converted).encode();
    answer.extend(
        Status::tagged(
            tag,
            StatusKind::No,
            Some(Code::Cannot),
            "The reveal was refused",
        )
        .encode(),
    );
    answer
}
