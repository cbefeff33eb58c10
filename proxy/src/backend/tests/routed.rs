use super::*;

/// Two backends, a routing server at `lookup` and a default.
fn with_lookup(stores: &[Scripted; 2], lookup: SocketAddr) -> Backends {
    let text = section("one", &[stores[0].address], "") + &section("two", &[stores[1].address], "");
    backends(&format!(
        "{text}[routing]\ndefault = \"one\"\n[routing.lookup]\nurl = \"http://{lookup}/\"\ntimeout_seconds = 1\n"
    ))
}

async fn stores() -> [Scripted; 2] {
    [
        Scripted::saying(GREETING).await,
        Scripted::saying(GREETING).await,
    ]
}

/// A routing server that always answers so.
async fn server(answer: &'static str) -> Scripted {
    Scripted::new(move |mut socket| async move {
        while line(&mut socket).await != "\r\n" {}
        say(&mut socket, answer.as_bytes()).await;
    })
    .await
}

async fn backend_of_joe(backends: &Backends) -> Result<String, Unreachable> {
    let upstream = backends.dial("joe", &client(1)).await?;
    Ok(upstream.backend.name.to_string())
}

#[tokio::test]
async fn a_routing_server_that_fails_leads_nobody_to_the_default() {
    let stores = stores().await;
    let dead = with_lookup(&stores, nobody().await);
    assert_eq!(backend_of_joe(&dead).await, Err(Unreachable::Lookup));
    assert_eq!(counted(&dead, Event::LookupFailed), 1);
    let server = server("HTTP/1.1 503 Busy\r\n\r\n").await;
    let busy = with_lookup(&stores, server.address);
    assert_eq!(backend_of_joe(&busy).await, Err(Unreachable::Lookup));
    assert_eq!(stores[0].connections() + stores[1].connections(), 0);
}

#[tokio::test]
async fn a_routing_server_says_which_backend_or_that_it_does_not_know() {
    let stores = stores().await;
    let two = server("HTTP/1.1 200 OK\r\n\r\n{\"backend\":\"two\"}").await;
    let found = backend_of_joe(&with_lookup(&stores, two.address)).await;
    assert_eq!(found.as_deref(), Ok("two"));
    let unknown = server("HTTP/1.1 404 Not Found\r\n\r\n").await;
    let found = backend_of_joe(&with_lookup(&stores, unknown.address)).await;
    assert_eq!(found.as_deref(), Ok("one"), "the default is next");
}

/// Backends whose one store is at `localhost`, which is said to be at `told`.
fn at_localhost(told: SocketAddr) -> Backends {
    let port = told.port();
    let text =
        format!("[backend.one]\naddresses = [\"localhost:{port}\"]\nsecurity = \"loopback\"\n");
    let table = BTreeMap::from([(("localhost".to_owned(), port), vec![told])]);
    let means = means();
    let names = Names::new(Resolver::Fixed(table), means.clock);
    let means = Means {
        names: Arc::new(names),
        ..means
    };
    Backends::new(&config(&text), Parts::default(), means, None).unwrap()
}

#[tokio::test]
async fn a_name_is_looked_up_and_cleartext_stays_on_this_machine() {
    let store = Scripted::saying(GREETING).await;
    assert!(backend_of_joe(&at_localhost(store.address)).await.is_ok());
    let elsewhere = SocketAddr::from(([192, 0, 2, 1], 143));
    assert_eq!(
        backend_of_joe(&at_localhost(elsewhere)).await,
        Err(Unreachable::Unavailable(Stage::Resolve))
    );
}

#[tokio::test]
async fn a_new_map_moves_the_next_login_and_no_session() {
    let stores = stores().await;
    let text = section("one", &[stores[0].address], "") + &section("two", &[stores[1].address], "");
    let backends = backends(&format!("{text}[routing]\nmap = \"users\"\n"));
    assert_eq!(backend_of_joe(&backends).await, Err(Unreachable::NoRoute));
    backends.routes().read_map(b"joe one\n").unwrap();
    let session = backends.dial("joe", &client(1)).await.unwrap();
    backends.routes().read_map(b"joe two\n").unwrap();
    assert_eq!(backend_of_joe(&backends).await.as_deref(), Ok("two"));
    assert_eq!(session.backend.name.as_str(), "one");
    assert!(backends.routes().read_map(b"joe nowhere\n").is_err());
    assert_eq!(backend_of_joe(&backends).await.as_deref(), Ok("two"));
}
