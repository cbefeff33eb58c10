use super::*;
use crate::{
    backend::Means, loader::Loader, registry::Registry, serve::Stop, shared::Parts, snapshot,
    traces::Tracer, vaults::Vaults, workers::Workers,
};

fn shared(snapshot: Snapshot) -> Arc<Shared> {
    let (_stop, stopping) = watch::channel(Stop::No);
    Arc::new(Shared::new(Parts {
        snapshot,
        vaults: Vaults::none(),
        loader: Loader::none(),
        means: Means::of_nobody(),
        registry: Registry::new(),
        tracer: Tracer::off(),
        stopping,
        workers: Workers::start(1).unwrap(),
    }))
}

/// The kernel has told them that they are connected, before the door was told to close.
#[tokio::test]
async fn who_waits_at_a_door_that_closes_is_let_in() {
    let snapshot = snapshot::tests::build(&snapshot::tests::sources("", "")).unwrap();
    let address = snapshot.config.addresses().next().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let local = listener.local_addr().unwrap();
    let shared = shared(snapshot.clone());
    let (mut doors, mut gone) = Doors::new(Arc::clone(&shared));
    let opened = known(vec![(address, listener)]).unwrap();
    assert!(doors.suffice(&snapshot, &opened));
    doors.change(&snapshot, opened);
    assert!(doors.suffice(&snapshot, &[]));
    let clients: Vec<_> = (0..3)
        .map(|_| std::net::TcpStream::connect(local).unwrap())
        .collect();
    doors.close().await;
    assert!(std::net::TcpStream::connect(local).is_err());
    drop(clients);
    // Everybody who was let in leaves again.
    assert!(gone.recv().await.is_none());
    assert_eq!(shared.metrics.counted(Event::ConnectionOpened), 3);
    assert_eq!(shared.metrics.open(), 0);
}
