use std::{io::Write as _, os::unix::net::UnixStream};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use zeroize::Zeroizing;

use super::{frames::FrameReader, *};
use crate::sources::Identity;

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

fn sources() -> Sources {
    let file = Found::File {
        mode: 0o600,
        octets: Zeroizing::new(b"key".to_vec()),
    };
    Sources {
        text: "text".to_owned(),
        files: [
            ("/a".into(), file),
            ("/b".into(), Found::Nothing("no".to_owned())),
        ]
        .into(),
        names: [
            (("host".to_owned(), 993), Ok(vec![address(1)])),
            (("other".to_owned(), 1), Err("no".to_owned())),
        ]
        .into(),
        roots: Some(vec![b"root".to_vec()]),
        identity: Some(Identity::File(0o640)),
    }
}

fn written_and_read(frame: &FromLoader) -> FromLoader {
    let octets = frame.encode().unwrap();
    let mut reader = FrameReader::default();
    let (last, first) = octets.split_last().unwrap();
    assert_eq!(reader.next(&mut &*first), Ok(None), "an octet is missing");
    let read = reader.next(&mut &[*last][..]).unwrap().unwrap();
    FromLoader::decode(&read).unwrap()
}

#[test]
fn every_frame_is_read_as_it_was_written() {
    for frame in [
        FromLoader::Hello,
        FromLoader::Loaded {
            sources: sources(),
            opened: vec![address(1), "[::1]:993".parse().unwrap()],
        },
        FromLoader::Loaded {
            sources: Sources::default(),
            opened: Vec::new(),
        },
        FromLoader::Resolved(vec![address(1)]),
        FromLoader::Refused("why".to_owned()),
        FromLoader::Map {
            path: "/map".into(),
            found: Found::Nothing("gone".to_owned()),
        },
    ] {
        assert_eq!(written_and_read(&frame), frame);
    }
    let asked = ToLoader::Load {
        kept: vec![address(1)],
    };
    assert_eq!(ToLoader::decode(&asked.encode().unwrap()[4..]), Ok(asked));
}

#[test]
fn no_room_is_taken_for_more_than_may_come() {
    let mut reader = FrameReader::default();
    let too_long = u32::try_from(frames::MAX_FRAME + 1).unwrap().to_be_bytes();
    assert_eq!(
        reader.next(&mut &too_long[..]),
        Err(frames::FrameError::TooLong)
    );
    // So many addresses are announced, and none is there.
    assert!(ToLoader::decode(&[1, 0xff, 0xff, 0xff, 0xff]).is_err());
}

/// The two ends: one to ask by, and the loader's own, over which the test speaks.
async fn connected() -> (Loader, UnixStream, mpsc::Receiver<News>, Arc<Metrics>) {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let (tell, news) = mpsc::channel(1);
    let metrics = Arc::new(Metrics::new());
    theirs
        .write_all(&FromLoader::Hello.encode().unwrap())
        .unwrap();
    let (loader, task) = connect(ours.into(), tell, Arc::clone(&metrics))
        .await
        .unwrap();
    tokio::spawn(task.run());
    (loader, theirs, news, metrics)
}

fn say(theirs: &mut UnixStream, frame: &FromLoader) {
    theirs.write_all(&frame.encode().unwrap()).unwrap();
}

#[tokio::test]
async fn answers_come_in_the_order_of_asking_and_news_between_them() {
    let (loader, mut theirs, mut news, _) = connected().await;
    let first = tokio::spawn({
        let loader = loader.clone();
        async move { loader.resolve("one", 1).await }
    });
    tokio::task::yield_now().await;
    let second = tokio::spawn(async move { loader.load(Vec::new()).await });
    tokio::task::yield_now().await;
    say(&mut theirs, &FromLoader::Resolved(vec![address(1)]));
    say(
        &mut theirs,
        &FromLoader::Map {
            path: "/map".into(),
            found: Found::Nothing("gone".to_owned()),
        },
    );
    say(&mut theirs, &FromLoader::Refused("no".to_owned()));
    assert_eq!(first.await.unwrap(), Ok(vec![address(1)]));
    assert!(matches!(news.recv().await, Some(News::Map(..))));
    assert_eq!(
        second.await.unwrap().unwrap_err(),
        LoadError::Refused("no".to_owned())
    );
}

#[tokio::test]
async fn a_configuration_comes_with_its_sockets() {
    let (loader, theirs, _news, _) = connected().await;
    let loading = tokio::spawn(async move { loader.load(Vec::new()).await });
    tokio::task::yield_now().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let frame = FromLoader::Loaded {
        sources: sources(),
        opened: vec![address(0)],
    };
    let octets = frame.encode().unwrap();
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut rights = SendAncillaryBuffer::new(&mut space);
    let descriptors = [std::os::fd::AsFd::as_fd(&listener)];
    assert!(rights.push(SendAncillaryMessage::ScmRights(&descriptors)));
    let octets = [io::IoSlice::new(&octets)];
    sendmsg(&theirs, &octets, &mut rights, SendFlags::empty()).unwrap();
    let loaded = loading.await.unwrap().unwrap();
    assert_eq!(loaded.sources, sources());
    let [(given, socket)] = loaded.opened.try_into().unwrap();
    assert_eq!(given, address(0));
    assert_eq!(socket.local_addr().unwrap(), listener.local_addr().unwrap());
}

#[tokio::test]
async fn a_loader_that_is_gone_or_speaks_nonsense_is_told_once_and_asked_no_more() {
    for nonsense in [&b""[..], &[0, 0, 0, 1, 9], &[0, 0, 0, 1, 1]] {
        let (loader, mut theirs, _news, metrics) = connected().await;
        theirs.write_all(nonsense).unwrap();
        drop(theirs);
        let answer = loader.load(Vec::new()).await;
        assert_eq!(answer.unwrap_err(), LoadError::Lost);
        assert_eq!(loader.resolve("x", 1).await, Err(LoadError::Lost));
        assert_eq!(metrics.counted(Event::LoaderLost), 1);
    }
}

#[tokio::test]
async fn a_socket_that_does_not_come_is_no_socket() {
    let (loader, mut theirs, _news, metrics) = connected().await;
    let loading = tokio::spawn(async move { loader.load(Vec::new()).await });
    tokio::task::yield_now().await;
    say(
        &mut theirs,
        &FromLoader::Loaded {
            sources: sources(),
            opened: vec![address(0)],
        },
    );
    assert_eq!(loading.await.unwrap().unwrap_err(), LoadError::Lost);
    while metrics.counted(Event::LoaderLost) == 0 {
        tokio::task::yield_now().await;
    }
}
