use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;
use crate::backend::names::Resolver;

/// A routing server that gives these answers in turn, the last one for ever. An empty one is silence.
struct Oracle {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn oracle(answers: Vec<String>) -> Oracle {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let number = AtomicUsize::new(0);
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(socket.read_u8().await.unwrap());
            }
            let request = String::from_utf8(request).unwrap();
            heard.lock().unwrap().push(request);
            let number = number.fetch_add(1, Ordering::SeqCst);
            let answer = answers[number.min(answers.len() - 1)].clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                drop(socket.write_all(answer.as_bytes()).await);
                if answer.is_empty() {
                    tokio::time::sleep(Duration::from_secs(9)).await;
                }
            });
        }
    });
    Oracle { address, asked }
}

fn http(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn at(name: &str) -> String {
    http("200 OK", &format!("{{\"backend\": \"{name}\"}}"))
}

impl Oracle {
    fn lookup(&self, cache_seconds: u64) -> Lookup {
        let settings = format!(
            "url = \"http://{}/route\"\ntimeout_seconds = 1\ncache_seconds = {cache_seconds}\nunknown_seconds = 1\n",
            self.address
        );
        let clock = Clock::start();
        let names = Names::new(Resolver::Fixed(Default::default()), clock);
        let backends = [name("one"), name("two")].into();
        let means = (Arc::new(names), clock, Arc::new(Metrics::new()));
        Lookup::new(&toml::from_str(&settings).unwrap(), &[], backends, means).unwrap()
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

fn name(text: &str) -> BackendName {
    BackendName::try_from(text.to_owned()).unwrap()
}

fn failures(lookup: &Lookup) -> u64 {
    lookup.0.metrics.counted(Event::LookupFailed)
}

#[tokio::test]
async fn many_logins_of_one_user_are_one_question() {
    let oracle = oracle(vec![at("one")]).await;
    let lookup = oracle.lookup(300);
    let asking = (0..50).map(|_| {
        let lookup = lookup.clone();
        tokio::spawn(async move { lookup.find("joe@a.example").await })
    });
    for found in asking.collect::<Vec<_>>() {
        assert_eq!(found.await.unwrap(), Found::At(name("one")));
    }
    assert_eq!(oracle.asked(), 1);
    let request = oracle.asked.lock().unwrap()[0].clone();
    let wanted = "GET /route?user=joe%40a.example HTTP/1.1\r\n";
    assert!(request.starts_with(wanted), "{request}");
    assert_eq!(lookup.find("eve").await, Found::At(name("one")));
    assert_eq!(oracle.asked(), 2, "another user is another question");
}

#[tokio::test]
async fn who_goes_away_leaves_the_answer_to_the_others() {
    let oracle = oracle(vec![at("two")]).await;
    let lookup = oracle.lookup(300);
    let first = tokio::time::timeout(Duration::from_millis(1), lookup.find("joe"));
    assert!(first.await.is_err(), "the first has gone away");
    assert_eq!(lookup.find("joe").await, Found::At(name("two")));
    assert_eq!(oracle.asked(), 1);
}

#[tokio::test]
async fn a_404_is_an_answer_and_is_kept() {
    let oracle = oracle(vec![http("404 Not Found", "?")]).await;
    let lookup = oracle.lookup(300);
    assert_eq!(lookup.find("joe").await, Found::Unknown);
    assert_eq!(lookup.find("joe").await, Found::Unknown);
    assert_eq!((oracle.asked(), failures(&lookup)), (1, 0));
}

#[tokio::test]
async fn nothing_but_an_answer_is_an_answer() {
    let large = format!(
        "{{\"backend\": \"one\", \"x\": \"{}\"}}",
        "x".repeat(70_000)
    );
    for answer in [
        http("200 OK", "one"),
        http("200 OK", "{}"),
        http("200 OK", "{\"backend\": 1}"),
        http("200 OK", "{\"backend\": \"three\"}"),
        http("200 OK", &large),
        http("500 Oops", "{\"backend\": \"one\"}"),
        http("302 Found\r\nLocation: http://127.0.0.1:1/", ""),
        "* OK hi\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"backend\": \"one\"}".to_owned(),
        String::new(),
    ] {
        let oracle = oracle(vec![answer.clone()]).await;
        let lookup = oracle.lookup(300);
        let short = answer.chars().take(80).collect::<String>();
        assert_eq!(lookup.find("joe").await, Found::Failed, "{short}");
        assert_eq!(failures(&lookup), 1, "{short}");
    }
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let oracle = oracle(vec![http("500 Oops", ""), at("one")]).await;
    let lookup = oracle.lookup(300);
    assert_eq!(lookup.find("joe").await, Found::Failed);
    assert_eq!(lookup.find("joe").await, Found::At(name("one")));
}

#[tokio::test]
async fn a_stale_answer_is_better_than_none() {
    let oracle = oracle(vec![at("two"), http("500 Oops", "")]).await;
    let lookup = oracle.lookup(1);
    assert_eq!(lookup.find("joe").await, Found::At(name("two")));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(lookup.find("joe").await, Found::At(name("two")));
    assert_eq!((oracle.asked(), failures(&lookup)), (2, 1));
    assert_eq!(lookup.find("joe").await, Found::At(name("two")));
    assert_eq!(oracle.asked(), 2, "not every login waits for a dead server");
}

#[tokio::test]
async fn a_name_longer_than_any_is_not_asked_about() {
    let oracle = oracle(vec![at("one")]).await;
    let lookup = oracle.lookup(300);
    assert_eq!(lookup.find(&"x".repeat(513)).await, Found::Unknown);
    assert_eq!(oracle.asked(), 0);
}
