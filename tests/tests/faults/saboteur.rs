//! Somebody between proxy and store who breaks one thing on one connection: holds, cuts, adds or changes octets of the store's
//! at a place named by what the store says there. All other connections pass untouched.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tests::harness::wait;

const READ: usize = 16 * 1024;

/// What goes wrong, once.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    /// Where: behind the first of these octets that any connection's store says from now on.
    at: Vec<u8>,
    /// How many octets later.
    after: usize,
    act: Act,
}

/// What happens at the place.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Nothing more comes before [`Saboteur::release`].
    Hold,
    /// The connection is closed.
    Close,
    /// These octets come instead of as many of the store's.
    Overwrite(Vec<u8>),
    /// These octets come instead of the place's name.
    Replace(Vec<u8>),
}

impl Fault {
    /// A fault right behind `at`.
    pub(crate) fn at(at: &str, act: Act) -> Self {
        Self::after(at, 0, act)
    }

    /// A fault `after` octets behind `at`.
    pub(crate) fn after(at: &str, after: usize, act: Act) -> Self {
        let at = at.as_bytes().to_vec();
        Self { at, after, act }
    }
}

/// How far the one fault has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Progress {
    /// It waits for its place.
    Armed,
    /// It happened.
    Happened,
    /// What was held may go on.
    Released,
}

#[derive(Debug)]
struct Plan {
    fault: Option<Fault>,
    progress: Progress,
}

/// The one who breaks things. What it holds goes on when it is dropped.
#[derive(Debug)]
pub(crate) struct Saboteur {
    /// The store's address, to the proxy.
    pub(crate) address: SocketAddr,
    plan: Arc<Mutex<Plan>>,
}

impl Saboteur {
    /// Stands before the store at `store`.
    pub(crate) fn before(store: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a listener");
        let plan = Arc::new(Mutex::new(Plan {
            fault: None,
            progress: Progress::Released,
        }));
        let saboteur = Self {
            address: listener.local_addr().expect("its address"),
            plan: Arc::clone(&plan),
        };
        std::thread::spawn(move || {
            for proxy in listener.incoming().map_while(Result::ok) {
                // A store that is not there is a connection closed at once.
                if let Ok(store) = TcpStream::connect(store) {
                    join(&proxy, &store, &plan);
                }
            }
        });
        saboteur
    }

    /// From now on `fault` waits for its place.
    pub(crate) fn arm(&self, fault: Fault) {
        *locked(&self.plan) = Plan {
            fault: Some(fault),
            progress: Progress::Armed,
        };
    }

    /// Whether the fault has happened.
    pub(crate) fn has_happened(&self) -> bool {
        locked(&self.plan).progress != Progress::Armed
    }

    /// Waits until the fault has happened.
    pub(crate) fn happened(&self) {
        wait::until("the fault to happen", || self.has_happened().then_some(()));
    }

    /// Lets go on what is held, and forgets a fault that has not happened.
    pub(crate) fn release(&self) {
        *locked(&self.plan) = Plan {
            fault: None,
            progress: Progress::Released,
        };
    }
}

impl Drop for Saboteur {
    fn drop(&mut self) {
        self.release();
    }
}

fn locked(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Carries octets between the two, each way on a thread of its own.
fn join(proxy: &TcpStream, store: &TcpStream, plan: &Arc<Mutex<Plan>>) {
    let end = |stream: &TcpStream| {
        stream.set_nodelay(true).expect("no delay");
        stream.try_clone().expect("a second handle")
    };
    let (mut from_proxy, mut to_store) = (end(proxy), end(store));
    std::thread::spawn(move || {
        // However it ends, the other side is told; it may know already.
        std::io::copy(&mut from_proxy, &mut to_store).ok();
        to_store.shutdown(Shutdown::Write).ok();
    });
    let (mut from_store, to_proxy) = (end(store), end(proxy));
    let mut carrier = Carrier {
        to: to_proxy,
        plan: Arc::clone(plan),
        kept: Vec::new(),
        doing: Doing::Watching,
    };
    std::thread::spawn(move || {
        carrier.carry(&mut from_store).ok();
        for stream in [&from_store, &carrier.to] {
            stream.shutdown(Shutdown::Both).ok();
        }
    });
}

/// The way from the store to the proxy, where the fault happens.
struct Carrier {
    to: TcpStream,
    plan: Arc<Mutex<Plan>>,
    /// Octets that may be the beginning of the place.
    kept: Vec<u8>,
    doing: Doing,
}

enum Doing {
    Watching,
    /// So many octets pass, then it happens.
    Counting(usize, Act),
    /// So many octets of the store's are forgotten.
    Forgetting(usize),
}

impl Carrier {
    fn carry(&mut self, store: &mut TcpStream) -> std::io::Result<()> {
        let mut run = vec![0; READ];
        loop {
            let taken = store.read(&mut run)?;
            if taken == 0 {
                return self.to.write_all(&self.kept);
            }
            let mut octets = std::mem::take(&mut self.kept);
            octets.extend_from_slice(&run[..taken]);
            while !octets.is_empty() {
                octets = self.pass(octets)?;
            }
        }
    }

    /// Passes what may pass now and gives back what is to be looked at again.
    fn pass(&mut self, octets: Vec<u8>) -> std::io::Result<Vec<u8>> {
        match std::mem::replace(&mut self.doing, Doing::Watching) {
            Doing::Watching => self.watch(octets),
            Doing::Counting(left, act) if octets.len() < left => {
                self.doing = Doing::Counting(left - octets.len(), act);
                self.to.write_all(&octets).map(|()| Vec::new())
            }
            Doing::Counting(left, act) => {
                self.to.write_all(&octets[..left])?;
                self.act(act)?;
                Ok(octets[left..].to_vec())
            }
            Doing::Forgetting(left) => {
                let forgotten = left.min(octets.len());
                if forgotten < left {
                    self.doing = Doing::Forgetting(left - forgotten);
                }
                Ok(octets[forgotten..].to_vec())
            }
        }
    }

    /// Looks for the place; what cannot belong to it any more passes.
    fn watch(&mut self, octets: Vec<u8>) -> std::io::Result<Vec<u8>> {
        let Some((fault, place)) = self.take_fault(&octets) else {
            let kept = locked(&self.plan)
                .fault
                .as_ref()
                .map_or(0, |fault| beginning(&octets, &fault.at));
            let sure = octets.len() - kept;
            self.kept = octets[sure..].to_vec();
            return self.to.write_all(&octets[..sure]).map(|()| Vec::new());
        };
        let end = place + fault.at.len();
        match fault.act {
            Act::Replace(instead) => {
                self.to.write_all(&octets[..place])?;
                locked(&self.plan).progress = Progress::Happened;
                self.to.write_all(&instead)?;
            }
            // It happens now, not with the store's next octet.
            act if fault.after == 0 => {
                self.to.write_all(&octets[..end])?;
                self.act(act)?;
            }
            act => {
                self.to.write_all(&octets[..end])?;
                self.doing = Doing::Counting(fault.after, act);
            }
        }
        Ok(octets[end..].to_vec())
    }

    /// The fault, if its place is in these octets, and where.
    fn take_fault(&self, octets: &[u8]) -> Option<(Fault, usize)> {
        let mut plan = locked(&self.plan);
        let fault = plan.fault.as_ref()?;
        let place = octets
            .windows(fault.at.len())
            .position(|window| window == fault.at)?;
        plan.fault.take().map(|fault| (fault, place))
    }

    fn act(&mut self, act: Act) -> std::io::Result<()> {
        locked(&self.plan).progress = Progress::Happened;
        match act {
            Act::Hold => wait::until("the release of what is held", || {
                (locked(&self.plan).progress == Progress::Released).then_some(())
            }),
            Act::Close => return Err(ErrorKind::ConnectionAborted.into()),
            Act::Overwrite(octets) => {
                self.to.write_all(&octets)?;
                self.doing = Doing::Forgetting(octets.len());
            }
            Act::Replace(_) => {}
        }
        Ok(())
    }
}

/// How many octets at the end of `octets` may be the beginning of `place`.
fn beginning(octets: &[u8], place: &[u8]) -> usize {
    let most = octets.len().min(place.len() - 1);
    (1..=most)
        .rev()
        .find(|&length| octets.ends_with(&place[..length]))
        .unwrap_or(0)
}

/// What arrives of `said`, written in two pieces cut at `cut`, under `fault`.
fn arrives(said: &[u8], cut: usize, fault: Fault) -> Vec<u8> {
    let store = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let saboteur = Saboteur::before(store.local_addr().unwrap());
    saboteur.arm(fault);
    let mut proxy = TcpStream::connect(saboteur.address).unwrap();
    let (mut connection, _) = store.accept().unwrap();
    connection.set_nodelay(true).unwrap();
    connection.write_all(&said[..cut]).unwrap();
    connection.write_all(&said[cut..]).unwrap();
    drop(connection);
    let mut arrived = Vec::new();
    proxy.read_to_end(&mut arrived).unwrap();
    arrived
}

#[test]
fn a_fault_happens_at_its_place_however_the_octets_are_cut() {
    let said = b"aab {3}xyz end";
    for cut in 0..said.len() {
        let fault = |after, act| Fault::after("ab {3}", after, act);
        let cases = [
            (fault(1, Act::Overwrite(b"--".to_vec())), "aab {3}x-- end"),
            (fault(0, Act::Overwrite(b"--".to_vec())), "aab {3}--z end"),
            (fault(0, Act::Replace(b"{9}".to_vec())), "a{9}xyz end"),
            (fault(2, Act::Close), "aab {3}xy"),
        ];
        for (fault, expected) in cases {
            let arrived = arrives(said, cut, fault.clone());
            assert_eq!(arrived, expected.as_bytes(), "{fault:?} cut at {cut}");
        }
    }
}
