//! A store that alters section 2 when all of it is fetched, which is what the proxy does, and not when a handset reads its
//! beginning.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tests::harness::embedded::Embedded;
use tests::harness::keyhole::{Behind, Keyhole};
use tests::harness::mail;
use tests::harness::middleman::Middleman;
use tests::harness::scene::Scene;

/// How a FETCH response begins its literal for all of section 2.
const WHOLE: &[u8] = b"BODY[2] {";

/// From a CMS object to the one that comes in its place.
type Change = Box<dyn Fn(Vec<u8>) -> Vec<u8> + Send>;

/// A scene whose store is not to be trusted.
pub(crate) struct Faithless {
    pub(crate) scene: Scene,
    change: Arc<Mutex<Change>>,
    _middleman: Middleman,
}

impl Faithless {
    pub(crate) fn new() -> Self {
        let store = Embedded::start();
        let address = store.address;
        Self::before(address, store)
    }

    /// Before whatever store listens in clear at `address`.
    pub(crate) fn before(address: SocketAddr, embedded: Embedded) -> Self {
        let change: Arc<Mutex<Change>> = Arc::new(Mutex::new(Box::new(|cms| cms)));
        let now = Arc::clone(&change);
        let middleman = Middleman::before_store(address, move |response| {
            let change = now.lock().unwrap_or_else(PoisonError::into_inner);
            altered(&response, &change).unwrap_or(response)
        });
        let keyhole = Keyhole::start(&Behind::loopback(middleman.address()));
        Self {
            scene: Scene::of(embedded, keyhole),
            change,
            _middleman: middleman,
        }
    }

    /// From now on the store alters parts so.
    pub(crate) fn alters(&self, change: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static) {
        *self.change.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(change);
    }
}

/// The response with another part; `None` where it holds none.
fn altered(response: &[u8], change: &Change) -> Option<Vec<u8>> {
    let at = response
        .windows(WHOLE.len())
        .position(|window| window == WHOLE)?;
    let number = at + WHOLE.len();
    let end = number + response[number..].iter().position(|octet| *octet == b'}')?;
    let length: usize = str::from_utf8(&response[number..end]).ok()?.parse().ok()?;
    let begin = end + b"}\r\n".len();
    let body = response[begin..begin + length].iter();
    let text: Vec<u8> = body
        .filter(|octet| !octet.is_ascii_whitespace())
        .copied()
        .collect();
    let body = mail::base64_lines(&change(STANDARD.decode(text).ok()?));
    let head = format!("{}}}\r\n", body.len());
    let rest = &response[begin + length..];
    Some([&response[..number], head.as_bytes(), &body, rest].concat())
}
