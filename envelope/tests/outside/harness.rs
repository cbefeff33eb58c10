//! What the integration tests share: the installed `openssl`, keys and certificates made by it, and a small temporary
//! directory.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use envelope::cms::{Header, HeaderError, read_header};
use envelope::recipient::{Certificate, Holder, PrivateKey};
use envelope::{ContentKey, Opener, Proven, Refusal, TransferEncoding};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;

/// The system's generator: tests may ask it.
pub(crate) fn rng() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// A directory that goes when it is dropped.
pub(crate) struct Directory(PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "envelope-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        std::fs::write(self.0.join(name), octets).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Runs `openssl` here; its arguments are separated by spaces.
    pub(crate) fn openssl(&self, arguments: &str) {
        let done = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir(&self.0)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "openssl {arguments}: {said}");
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir_all(&self.0);
        assert!(removed.is_ok() || std::thread::panicking());
    }
}

/// What kind of key a person has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Rsa,
    P256,
    X25519,
}

/// Makes `name.key` (PKCS #8) and `name.pem` (certificate).
pub(crate) fn make_person(directory: &Directory, name: &str, key: Key) {
    let subject =
        format!("-subj /CN={name} -addext subjectAltName=email:{name}@example.org -days 30");
    match key {
        Key::Rsa => directory.openssl(&format!(
            "req -x509 -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.pem {subject}"
        )),
        Key::P256 => directory.openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.pem {subject}"
        )),
        Key::X25519 => {
            // Such a key cannot sign: somebody else issues its certificate.
            make_person(directory, "issuer", Key::P256);
            directory.openssl(&format!("genpkey -algorithm X25519 -out {name}.key"));
            directory.openssl(&format!("pkey -in {name}.key -pubout -out {name}.pub"));
            directory.openssl(&format!("req -new -key issuer.key -subj /CN={name} -out {name}.csr"));
            directory.write("ext.cnf", format!("subjectAltName=email:{name}@example.org\nsubjectKeyIdentifier=hash\n"));
            directory.openssl(&format!(
                "x509 -req -in {name}.csr -force_pubkey {name}.pub -CA issuer.pem -CAkey issuer.key \
                 -CAcreateserial -extfile ext.cnf -days 30 -out {name}.pem"
            ));
        }
    }
}

/// The person whose files `make_person` made.
pub(crate) fn person(directory: &Directory, name: &str) -> Holder {
    let key = PrivateKey::from_pem(&directory.text(&format!("{name}.key")), None).unwrap();
    let certificate = Certificate::from_pem(&directory.text(&format!("{name}.pem"))).unwrap();
    Holder::new(key, certificate).unwrap()
}

/// The header, fetched as a handset does: a little first, then as much as is asked for.
pub(crate) fn header(part: &[u8], encoding: TransferEncoding) -> Header {
    let mut wanted = 64;
    loop {
        let prefix = &part[..wanted.min(part.len())];
        match read_header(prefix, encoding) {
            Ok(header) => return header,
            Err(HeaderError::NeedMore { octets }) => {
                assert!(
                    octets > wanted && wanted < part.len(),
                    "asked for {octets} after {wanted}"
                );
                wanted = octets;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Opens a part in runs of `run` octets.
pub(crate) fn open(
    key: ContentKey,
    part: &[u8],
    encoding: TransferEncoding,
    run: usize,
) -> Result<Proven, Refusal> {
    let mut opener = Opener::new(key, encoding, part.len());
    for octets in part.chunks(run) {
        opener.take(octets)?;
    }
    opener.finish()
}

/// What `holder` finds in a part.
pub(crate) fn read(holder: &Holder, part: &[u8], encoding: TransferEncoding) -> Vec<u8> {
    let key = holder.unwrap(&header(part, encoding), &mut rng()).unwrap();
    let opened = open(key, part, encoding, 1000).unwrap();
    opened.plaintext().expose().to_vec()
}

/// Alice of the vectors.
pub(crate) fn alice() -> Holder {
    let key = PrivateKey::from_pem(include_str!("../vectors/alice.key"), None).unwrap();
    Holder::new(
        key,
        Certificate::from_pem(include_str!("../vectors/alice.pem")).unwrap(),
    )
    .unwrap()
}

/// One thing that a fuzzer does to a seed.
#[derive(Clone, Copy, Debug, bolero::TypeGenerator)]
pub(crate) enum Mutation {
    Set(u16, u8),
    Flip(u16, u8),
    Insert(u16, u8),
    Remove(u16),
    Truncate(u16),
}

/// The seed after all of `mutations`, whose places wrap around.
pub(crate) fn mutated(seed: &[u8], mutations: &[Mutation]) -> Vec<u8> {
    let mut octets = seed.to_vec();
    for mutation in mutations {
        let at = |place: u16, len: usize| usize::from(place) % len.max(1);
        let len = octets.len();
        match *mutation {
            Mutation::Insert(place, octet) => octets.insert(at(place, len), octet),
            Mutation::Truncate(place) => octets.truncate(at(place, len)),
            Mutation::Set(..) | Mutation::Flip(..) | Mutation::Remove(_) if len == 0 => {}
            Mutation::Set(place, octet) => octets[at(place, len)] = octet,
            Mutation::Flip(place, bit) => octets[at(place, len)] ^= 1 << (bit % 8),
            Mutation::Remove(place) => drop(octets.remove(at(place, len))),
        }
    }
    octets
}

/// At most four mutations: with more, a seed is hardly a seed any longer.
pub(crate) fn few_mutations() -> impl bolero::ValueGenerator<Output = Vec<Mutation>> {
    bolero::produce::<Vec<Mutation>>().with().len(0..=4_usize)
}
