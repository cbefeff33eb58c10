//! A proxy that says anything at all: every answer ends in time, in bounds, and without panic.

#![cfg(test)]

mod played;

use std::time::Duration;

use handset::{Bounds, Connection, Deadlines, Error, Mailbox, ProtocolFault, Step, Uid};
use played::{BINDING, DEADLINES};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wire::imap::CommandBody;

const GREETING: &[u8] = b"* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n";
const LOGIN: &[u8] = b"H1 OK [CAPABILITY IMAP4rev1 LITERAL+ CONVERT KEYREVEAL BINARY] in\r\n";

/// Plays `script` at once, whatever is asked, and then stays silent or closes.
async fn scripted(script: Vec<u8>, after: After) -> Result<handset::Client, Error> {
    let (near, mut far) = tokio::io::duplex(1024 * 1024);
    tokio::spawn(async move {
        far.write_all(&script).await.unwrap_or_default();
        if matches!(after, After::Close) {
            far.shutdown().await.unwrap_or_default();
        }
        let mut ignored = Vec::new();
        far.read_to_end(&mut ignored).await.unwrap_or_default();
    });
    Connection::over(near, BINDING, DEADLINES)
        .await?
        .login("me", b"secret")
        .await
}

#[derive(Clone, Copy)]
enum After {
    Close,
    Silence,
}

async fn after_login(script: &[u8], after: After) -> handset::Client {
    scripted([GREETING, LOGIN, script].concat(), after)
        .await
        .unwrap()
}

async fn structure(script: &[u8], after: After) -> Error {
    let mut client = after_login(script, after).await;
    client
        .structure(&Mailbox::new(b"INBOX"), Uid::new(7).unwrap())
        .await
        .err()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_left_in_time() {
    let error = structure(b"", After::Silence).await;
    assert!(matches!(
        error,
        Error::Deadline(Step::Silence | Step::Answer)
    ));
    let (near, _far) = tokio::io::duplex(16);
    let error = Connection::over(near, BINDING, DEADLINES)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::Deadline(_)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_drips_octets_for_ever_is_left_in_time() {
    let (near, mut far) = tokio::io::duplex(1024);
    tokio::spawn(async move {
        far.write_all(&[GREETING, LOGIN].concat())
            .await
            .unwrap_or_default();
        while far.write_all(b"* OK still here\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    });
    let connection = Connection::over(near, BINDING, DEADLINES).await.unwrap();
    let mut client = connection.login("me", b"secret").await.unwrap();
    let error = client
        .command(CommandBody::Noop, Bounds::SMALL)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::Deadline(Step::Answer)));
}

#[tokio::test]
async fn a_server_that_goes_says_so_or_not_and_both_are_errors() {
    assert!(matches!(
        structure(b"", After::Close).await,
        Error::Closed(_) | Error::Network(_)
    ));
    let error = structure(b"* BYE \x1b[31mgo away\r\n", After::Close).await;
    assert!(matches!(&error, Error::Closed(said) if said.as_str() == "\u{fffd}[31mgo away"));
}

#[tokio::test]
async fn sizes_are_refused_when_they_are_announced() {
    for announced in [
        "100000000",
        "4294967295",
        "9223372036854775807",
        "99999999999999999999999",
    ] {
        let script = format!("* 1 FETCH (UID 7 BODY[2]<0> {{{announced}}}\r\n");
        let error = structure(script.as_bytes(), After::Silence).await;
        assert!(
            matches!(
                error,
                Error::Protocol(ProtocolFault::TooLarge | ProtocolFault::Framing)
            ),
            "{announced}: {error:?}"
        );
    }
}

#[tokio::test]
async fn answers_without_end_are_cut_off() {
    let error = structure(&b"* OK still here\r\n".repeat(5000), After::Silence).await;
    assert!(matches!(error, Error::Protocol(ProtocolFault::TooMany)));
    let error = structure(
        &[b"* OK ", vec![b'a'; 200_000].as_slice()].concat(),
        After::Silence,
    )
    .await;
    assert!(matches!(error, Error::Protocol(ProtocolFault::TooLarge)));
}

#[tokio::test]
async fn an_answer_to_another_command_is_none() {
    let error = structure(b"H9 OK done\r\n", After::Silence).await;
    assert!(matches!(error, Error::Protocol(ProtocolFault::Syntax)));
    let error = structure(b"+ go on\r\n", After::Silence).await;
    assert!(matches!(error, Error::Protocol(ProtocolFault::Syntax)));
}

#[tokio::test]
async fn a_session_that_somebody_is_logged_in_on_already_is_refused() {
    let error = scripted(b"* PREAUTH welcome\r\n".to_vec(), After::Silence)
        .await
        .err()
        .unwrap();
    assert!(matches!(error, Error::Protocol(ProtocolFault::Preauth)));
}

#[tokio::test]
async fn a_refused_login_is_no_login() {
    let script = [GREETING, b"H1 NO [AUTHENTICATIONFAILED] no\r\n"].concat();
    let error = scripted(script, After::Silence).await.err().unwrap();
    assert!(matches!(&error, Error::Login(said) if said.as_str() == "no"));
    let disabled = b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n".to_vec();
    assert!(matches!(
        scripted(disabled, After::Silence).await,
        Err(Error::Login(_))
    ));
}

#[tokio::test]
async fn a_password_with_nul_is_not_sent() {
    let (near, _far) = tokio::io::duplex(1024);
    let mut near = near;
    near.write_all(b"").await.unwrap();
    let connection = played::connection(played::Play::default()).await.0.unwrap();
    assert!(matches!(
        connection.login("me", b"a\0b").await,
        Err(Error::Credentials)
    ));
}

/// A piece of an answer: something that IMAP has, cut and mixed with something that it has not.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: [&[u8]; 12] = [
        b"* OK [UIDVALIDITY 44] x\r\n",
        b"* 1 EXISTS\r\n",
        b"H2 OK done\r\n",
        b"H3 OK done\r\n",
        b"H4 NO [CANNOT] no\r\n",
        b"* 1 FETCH (UID 7 BODYSTRUCTURE (\"application\" \"pkcs7-mime\" NIL NIL NIL \"base64\" 9 NIL NIL NIL NIL))\r\n",
        b"* 1 FETCH (UID 7 BODY[1]<0> {9}\r\nMIIBBBBBB)\r\n",
        b"* KEYREVEAL \"AAAA\"\r\n",
        b"* 1 CONVERTED (TAG \"H4\") (UID 7 BINARY.SIZE[1] 3 BINARY[1] ~{3}\r\n\0\0\0)\r\n",
        b"* BYE bye\r\n",
        b"+ \r\n",
        b"((((((((((((((((((((((((((((((((((((((((((((((((((",
    ];
    prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(any::<u8>(), 0..64),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_a_server_says_the_handset_ends_without_panic(pieces in proptest::collection::vec(piece(), 0..12), raw in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let said = pieces.concat();
            let script = if raw { said } else { [GREETING, LOGIN, &said].concat() };
            let Ok(mut client) = scripted(script, After::Close).await else { return };
            let keys = [played::holder()];
            let fetched = client.fetch_converted(&played::request("1"), played::known(&keys), &played::clock, &mut played::rng()).await;
            assert!(fetched.is_err());
        });
    }
}

const _: fn() = || {
    fn is_send<T: Send>(_: &T) {}
    fn check(
        client: &mut handset::Client,
        request: &handset::FetchRequest,
        holdings: handset::Holdings<'_>,
    ) {
        let mut rng = played::rng();
        is_send(&client.fetch_converted(request, holdings, &played::clock, &mut rng));
    }
    let _ = (check, Deadlines::PATIENT);
};
