//! While reveals run and after them, the memory of the network-facing process and of the warden holds nothing of them.

use std::collections::HashSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::harness::keyhole::{Behind, Keyhole, Settings, children, serve};
use tests::harness::scratch::Scratch;
use tests::harness::wait;
use tests::residue::{Form, Hit, Looked, Search, Wanted};
use tests::secrets::OneTime;

use crate::mail::Mailbox;
use crate::show::Handset;
use crate::{as_root, specimen};

/// Reveals in each way of keeping keys.
const REVEALS: u32 = 20;

/// What the server may know: it passes by in every reveal. That it is seen shows that the looks come at the right moments.
const PUBLIC: &str = "sealed reveal";

/// What all looks at one server gave together.
#[derive(Debug, Default)]
struct Watched {
    looks: u32,
    octets: u64,
    unreadable: u64,
    hits: HashSet<Hit>,
    /// Looks that saw what may be seen.
    public: u32,
}

impl Watched {
    fn add(&mut self, looked: Looked) {
        let is_public = |hit: &Hit| hit.name == PUBLIC;
        self.looks += 1;
        self.octets += looked.octets;
        self.unreadable += looked.unreadable;
        self.public += u32::from(looked.hits.iter().any(is_public));
        self.hits
            .extend(looked.hits.into_iter().filter(|hit| !is_public(hit)));
    }

    /// Looks once through each of the processes.
    fn look(&mut self, search: &Search, processes: &[u32]) {
        for process in processes {
            self.add(search.process(*process).expect("its memory"));
        }
    }
}

/// A server under observation.
struct Server {
    keyhole: Keyhole,
    warden: u32,
}

impl Server {
    fn start(mailbox: &Mailbox, settings: &Settings, leak: Option<&std::path::Path>) -> Self {
        let behind = Behind::embedded(&mailbox.store);
        let keyhole = Keyhole::start_by(&behind, settings, |configuration| {
            let mut command = serve(specimen(), configuration);
            if let Some(file) = leak {
                command.arg("--leak").arg(file);
            }
            command
        });
        let warden = keyhole.warden();
        let below = children(keyhole.process());
        assert_eq!(below, [warden, keyhole.loader()], "the server's children");
        Self { keyhole, warden }
    }

    /// The processes that must never know anything.
    fn processes(&self) -> [u32; 3] {
        [self.keyhole.process(), self.warden, self.keyhole.loader()]
    }

    /// One reveal, watched from before it is sent until its result is here; gives what was secret in it.
    fn reveal(
        &self,
        handset: &mut Handset,
        mailbox: &Mailbox,
        uid: u32,
        watched: &mut Watched,
    ) -> Vec<Wanted> {
        let ready = handset.prepare(mailbox, uid);
        let (vault, key) = ready.vault(self.warden);
        is_in(vault, &key);
        let exchange = ready.exchange(&key);
        let mut wanted = [key.wanted(), exchange.wanted()].concat();
        let public = [Wanted::new(PUBLIC, ready.sealed())];
        let search = Search::for_all(&[&public, wanted.as_slice(), &mailbox.wanted].concat());
        let result = self.watch(&search, watched, || handset.send(&ready));
        wanted.extend(ready.open(&result.expect("a result"), &exchange));
        wanted
    }

    /// Does something while another thread looks again and again; the last look is after it.
    fn watch<T>(&self, search: &Search, watched: &mut Watched, work: impl FnOnce() -> T) -> T {
        let over = AtomicBool::new(false);
        let processes = self.processes();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !over.load(Ordering::Acquire) {
                    watched.look(search, &processes);
                }
                watched.look(search, &processes);
            });
            let worked = work();
            over.store(true, Ordering::Release);
            worked
        })
    }

    /// Every vault that was handed out has ended as it should, and no process but the pool is left.
    fn vaults_are_gone(&mut self, handed_out: usize) {
        let ended = wait::until("the ends of the vaults", || {
            let ended = self.keyhole.events("vault_ended");
            (ended.len() >= handed_out).then_some(ended)
        });
        assert_eq!(ended.len(), handed_out);
        for record in ended {
            assert_eq!(record["exit"], "status 0", "{record}");
        }
        wait::until("a pool and nothing else", || {
            (children(self.warden).len() <= POOL).then_some(())
        });
    }
}

/// Vaults that wait ready, as the settings say.
const POOL: usize = 2;

fn settings(secret_memory: &str) -> Settings {
    Settings {
        vault: format!("secret_memory = \"{secret_memory}\"\npool = {POOL}\n"),
        ..Settings::default()
    }
}

/// The vault itself does hold its key before the reveal comes: the key is the right one, and the search sees into such processes.
fn is_in(vault: u32, key: &OneTime) {
    let looked = Search::for_all(&key.wanted()).process(vault);
    let looked = looked.expect("the vault's memory");
    let found = |hit: &Hit| hit.name == "one-time private key" && hit.form == Form::Raw;
    assert!(looked.hits.iter().any(found), "not found in its own vault");
}

/// All reveals of one server; gives all that was secret in them.
fn reveals(mailbox: &Mailbox, secret_memory: &str) -> Vec<Wanted> {
    let mut server = Server::start(mailbox, &settings(secret_memory), None);
    let mut handset = Handset::new(&server.keyhole);
    let (mut during, mut after) = (Watched::default(), Watched::default());
    let mut wanted = mailbox.wanted.clone();
    for number in 0..REVEALS {
        let uid = number % mailbox.messages + 1;
        wanted.extend(server.reveal(&mut handset, mailbox, uid, &mut during));
    }
    server.vaults_are_gone(REVEALS as usize);
    let search = Search::for_all(&wanted);
    after.look(&search, &server.processes());
    handset.logout();
    after.look(&search, &server.processes());
    for (when, watched) in [("during", &during), ("after", &after)] {
        report(&format!("secret_memory {secret_memory}, {when}"), watched);
        assert_eq!(watched.hits, HashSet::new(), "{when}");
        assert_eq!(watched.unreadable, 0, "{when}");
    }
    assert!(during.public >= REVEALS, "the looks saw no reveal pass by");
    println!("  {} secrets, {} windows", wanted.len(), search.needles());
    wanted
}

fn report(when: &str, watched: &Watched) {
    println!(
        "{when}: {} looks, {} MiB searched, {} octets unreadable, {} hits ({} looks saw the sealed reveal)",
        watched.looks,
        watched.octets >> 20,
        watched.unreadable,
        watched.hits.len(),
        watched.public
    );
}

/// The same server with all those secrets in its hands: each is found, in each form.
fn control(mailbox: &Mailbox, wanted: &[Wanted]) {
    let folder = Scratch::new();
    let file = folder.join("secrets");
    let lines = wanted.iter().map(|secret| Form::Hex.write(&secret.octets));
    fs::write(&file, lines.collect::<Vec<_>>().join(b"\n".as_slice())).expect("the secrets");
    let server = Server::start(mailbox, &settings("auto"), Some(&file));
    let mut handset = Handset::new(&server.keyhole);
    let mut ignored = Watched::default();
    server.reveal(&mut handset, mailbox, mailbox.messages, &mut ignored);
    let search = Search::for_all(wanted);
    let mut leaking = Watched::default();
    leaking.look(&search, &[server.keyhole.process()]);
    report("control, the server leaks", &leaking);
    let found: HashSet<(&str, Form)> = leaking
        .hits
        .iter()
        .map(|hit| (hit.name.as_str(), hit.form))
        .collect();
    let names: HashSet<&str> = wanted.iter().map(|secret| secret.name.as_str()).collect();
    for name in &names {
        for form in Form::ALL {
            assert!(
                found.contains(&(name, form)),
                "{name} as {form:?} not found"
            );
        }
    }
    println!(
        "  {} kinds of secrets, each in {} forms",
        names.len(),
        Form::ALL.len()
    );
    let mut warden = Watched::default();
    warden.look(&search, &[server.warden]);
    assert_eq!(warden.hits, HashSet::new(), "the warden got something");
}

#[test]
fn reveals_leave_nothing_in_the_network_facing_process_nor_in_the_warden() {
    as_root();
    let mailbox = Mailbox::new();
    let mut wanted = reveals(&mailbox, "auto");
    wanted.extend(reveals(&mailbox, "off"));
    control(&mailbox, &wanted);
}
