use super::*;

const DOWN: Unreachable = Unreachable::Unavailable(Stage::Greeting);

async fn fails(backends: &Backends, number: u8) {
    assert_eq!(
        backends.dial("joe", &client(number)).await.unwrap_err(),
        DOWN
    );
}

/// Backends whose only address two clients have closed.
async fn down() -> (Scripted, Backends) {
    let store = Scripted::broken().await;
    let backends = one(&[store.address], "");
    for number in [1, 1, 1, 1, 1, 1, 2] {
        fails(&backends, number).await;
    }
    (store, backends)
}

#[tokio::test]
async fn an_address_that_fails_two_clients_is_left_alone() {
    let store = Scripted::broken().await;
    let backends = one(&[store.address], "");
    for _ in 0..20 {
        fails(&backends, 1).await;
    }
    assert_eq!(store.connections(), 20, "one client closes nothing");
    fails(&backends, 2).await;
    assert_eq!(counted(&backends, Event::BackendDown), 1);
    fails(&backends, 3).await;
    assert_eq!(store.connections(), 21, "it is not even tried");
    let health = backends.health();
    let health = health.first().unwrap();
    assert_eq!((health.state.word(), health.failures), ("down", 21));
    assert_eq!(health.last_failure, Some(Stage::Greeting));
}

#[tokio::test]
async fn the_next_address_is_tried_and_the_dead_one_comes_last() {
    let store = Scripted::saying(GREETING).await;
    let backends = one(&[nobody().await, store.address], "");
    for _ in 0..10 {
        let upstream = backends.dial("joe", &client(1)).await.unwrap();
        assert_eq!(upstream.ticket.address(), store.address);
    }
    let failed = counted(&backends, Event::StoreUnreachable);
    assert!(failed <= 1, "the dead one was tried {failed} times");
}

#[tokio::test]
async fn connections_go_where_there_are_fewest() {
    let stores = [
        Scripted::saying(GREETING).await,
        Scripted::saying(GREETING).await,
    ];
    let backends = one(&[stores[0].address, stores[1].address], "");
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(backends.dial("joe", &client(1)).await.unwrap());
    }
    assert_eq!(stores[0].connections(), 4);
    assert_eq!(stores[1].connections(), 4);
}

#[tokio::test]
async fn when_every_address_is_dead_the_client_knows_soon() {
    let dead = [
        nobody().await,
        nobody().await,
        nobody().await,
        nobody().await,
    ];
    let backends = one(&dead, "");
    let why = backends.dial("joe", &client(1)).await.unwrap_err();
    assert_eq!(why, Unreachable::Unavailable(Stage::Connect));
    assert_eq!(
        counted(&backends, Event::StoreUnreachable),
        3,
        "three tries"
    );
}

#[tokio::test]
async fn wrong_passwords_never_close_an_address_and_silent_stores_do() {
    let store = Scripted::saying(GREETING).await;
    let backends = one(&[store.address], "");
    for number in 1..=20 {
        let mut upstream = backends.dial("joe", &client(number)).await.unwrap();
        upstream.ticket.refused();
    }
    assert_eq!(counted(&backends, Event::BackendDown), 0);
    for number in 1..=5 {
        let mut upstream = backends.dial("joe", &client(number)).await.unwrap();
        upstream.ticket.failed();
    }
    assert_eq!(counted(&backends, Event::BackendDown), 1);
    let why = backends.dial("joe", &client(1)).await.unwrap_err();
    assert_eq!(why, Unreachable::Unavailable(Stage::Login));
}

#[tokio::test]
async fn health_and_connections_outlive_a_reload() {
    let (store, before) = down().await;
    let text = section("one", &[store.address], "answer_seconds = 20");
    let means = before.0.means.clone();
    let after = Backends::new(&config(&text), Parts::default(), means, Some(&before)).unwrap();
    let connections = store.connections();
    fails(&after, 9).await;
    assert_eq!(store.connections(), connections, "it is still left alone");
}

#[tokio::test]
async fn an_address_that_works_again_is_used_again() {
    let answers = Arc::new(AtomicUsize::new(0));
    let calls = Arc::clone(&answers);
    let store = Scripted::new(move |mut socket| {
        let calls = Arc::clone(&calls);
        async move {
            if calls.fetch_add(1, Ordering::SeqCst) >= 5 {
                drop(socket.write_all(GREETING).await);
                wait_for_end(&mut socket).await;
            }
        }
    })
    .await;
    let backends = one(&[store.address], "breaker = { cool_seconds = 1 }");
    for number in 1..=5 {
        fails(&backends, number).await;
    }
    fails(&backends, 1).await;
    let cooled = async {
        while backends.dial("joe", &client(1)).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), cooled)
        .await
        .unwrap();
    assert_eq!(answers.load(Ordering::SeqCst), 6, "one try was enough");
    assert_eq!(counted(&backends, Event::BackendUp), 1);
}
