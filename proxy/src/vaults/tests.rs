//! The control socket with a warden played by hand.

use std::{io::IoSlice, os::fd::AsFd, os::unix::net::UnixStream as StdStream};

use keyreveal::{ChannelBinding, KeyId, SandboxLevel, Suite};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::AsyncReadExt;

use super::*;

/// The warden's end of the control socket, by hand.
struct ByHand(StdStream);

impl ByHand {
    /// Waits until the question is here: the warden answers nothing before.
    async fn is_asked(&self) {
        let mut socket = self.0.try_clone().unwrap();
        let read = move || std::io::Read::read(&mut socket, &mut [0; 256]).unwrap();
        assert_ne!(tokio::task::spawn_blocking(read).await.unwrap(), 0);
    }

    fn say(&self, frame: &FromWarden) {
        let octets = frame.to_octets().unwrap();
        rustix::io::write(&self.0, &octets).unwrap();
    }
}

/// Hands a vault out as the warden does: its frame, and with it its socket.
pub(crate) fn pass(warden: &StdStream, id: u8, socket: &StdStream) {
    let octets = assigned(id).to_octets().unwrap();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let sockets = [socket.as_fd()];
    assert!(ancillary.push(SendAncillaryMessage::ScmRights(&sockets)));
    let flags = SendFlags::empty();
    sendmsg(warden, &[IoSlice::new(&octets)], &mut ancillary, flags).unwrap();
}

fn hello() -> FromWarden {
    FromWarden::Hello(Hello {
        identity: [1; 32],
        program: [2; 32],
        sandbox: SandboxLevel::Full,
    })
}

fn assigned(id: u8) -> FromWarden {
    FromWarden::Vault(Assigned {
        statement: vec![id],
        key_id: KeyId([id; 16]),
        expires: 9,
    })
}

fn two() -> NewVaults {
    NewVaults {
        count: 2,
        channel_binding: ChannelBinding([3; 32]),
        suite: Suite::X25519Aes256Gcm,
    }
}

async fn connected() -> (ByHand, Vaults, Arc<Metrics>) {
    let (ours, theirs) = StdStream::pair().unwrap();
    let warden = ByHand(theirs);
    warden.say(&hello());
    let metrics = Arc::new(Metrics::new());
    let (vaults, task, _) = connect(ours.into(), Arc::clone(&metrics)).await.unwrap();
    tokio::spawn(task.run());
    (warden, vaults, metrics)
}

#[tokio::test]
async fn each_vault_comes_with_its_own_socket() {
    let (warden, vaults, _) = connected().await;
    let answered = vaults.ask(two());
    warden.is_asked().await;
    let (first, first_vault) = StdStream::pair().unwrap();
    let (second, second_vault) = StdStream::pair().unwrap();
    pass(&warden.0, 1, &first);
    pass(&warden.0, 2, &second);
    let answers = answered.await.unwrap();
    for (answer, (id, mut end)) in answers
        .into_iter()
        .zip([(1, first_vault), (2, second_vault)])
    {
        let mut issued = answer.unwrap();
        assert_eq!(issued.assigned.key_id, KeyId([id; 16]));
        std::io::Write::write_all(&mut end, &[id]).unwrap();
        assert_eq!(issued.socket.read_u8().await.unwrap(), id);
    }
}

#[tokio::test]
async fn a_vault_asked_for_by_a_session_that_is_gone_is_dropped() {
    let (warden, vaults, _) = connected().await;
    let answered = vaults.ask(two());
    warden.is_asked().await;
    drop(answered);
    let (first, mut vault) = StdStream::pair().unwrap();
    pass(&warden.0, 1, &first);
    drop(first);
    warden.say(&FromWarden::None(NoVault::Limit));
    let end = tokio::task::spawn_blocking(move || std::io::Read::read(&mut vault, &mut [0]));
    assert_eq!(
        end.await.unwrap().unwrap(),
        0,
        "the vault sees the end of its socket"
    );
}

#[tokio::test]
async fn when_the_warden_is_gone_nobody_waits_for_it() {
    let (warden, vaults, metrics) = connected().await;
    let answered = vaults.ask(two());
    drop(warden);
    assert!(answered.await.is_err());
    while vaults.is_alive() {
        tokio::task::yield_now().await;
    }
    assert_eq!(metrics.counted(Event::WardenLost), 1);
}

/// A warden that has no vault left and, as the real one, reads nothing while it has too much to say.
fn turn_all_down(socket: &StdStream) {
    let answer = FromWarden::None(NoVault::Limit).to_octets().unwrap();
    let mut reader = FrameReader::new();
    let (mut unsent, mut room) = (0, [0; 4096]);
    socket.set_nonblocking(true).unwrap();
    loop {
        if unsent < 256 {
            match std::io::Read::read(&mut &*socket, &mut room) {
                Ok(0) => return,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => {
                    let mut input = &room[..read.unwrap()];
                    while let Some(ToWarden::NewVaults(asked)) = reader.next(&mut input).unwrap() {
                        unsent += usize::from(asked.count);
                    }
                }
            }
        }
        while unsent > 0 && rustix::io::write(socket, &answer).is_ok() {
            unsent -= 1;
        }
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_flood_of_questions_does_not_make_both_ends_wait_for_each_other() {
    let (warden, vaults, _) = connected().await;
    std::thread::spawn(move || turn_all_down(&warden.0));
    let eight = NewVaults { count: 8, ..two() };
    let flood = async {
        let mut all = Vec::new();
        for _ in 0..1000 {
            while vaults.questions.capacity() == 0 {
                tokio::task::yield_now().await;
            }
            all.push(vaults.ask(eight.clone()));
        }
        for answered in all {
            assert_eq!(answered.await.unwrap().len(), 8);
        }
    };
    let patience = std::time::Duration::from_secs(20);
    tokio::time::timeout(patience, flood)
        .await
        .expect("all are answered");
}

#[tokio::test]
async fn a_question_too_many_is_turned_down_and_the_warden_is_not_thought_dead() {
    let (warden, vaults, _) = connected().await;
    // Nobody answers: what the warden may owe and what may wait is full at last.
    let mut asked = Vec::new();
    while vaults.questions.capacity() > 0 {
        asked.push(vaults.ask(two()));
        tokio::task::yield_now().await;
    }
    let answers = vaults.ask(two()).await.unwrap();
    assert!(matches!(
        answers[..],
        [Err(NoVault::Limit), Err(NoVault::Limit)]
    ));
    assert!(vaults.is_alive());
    drop((asked, warden));
}
