//! Buffers that a thread has once, for whichever of its connections is read just now.

use std::cell::RefCell;

use super::Place;

/// Octets that are read at once. Measured: 128 KiB cost half as much processor time per gigabyte as 16 KiB, and 256 KiB a
/// tenth less than that.
const OCTETS: usize = 256 * 1024;

/// Room for one read, through all layers. What lies in it belongs to nobody once the read is dealt with.
#[derive(Debug)]
pub(crate) struct Room {
    /// As the socket gave it.
    pub(super) wire: Box<[u8]>,
    /// Decrypted.
    pub(super) clear: Box<[u8]>,
    /// Decompressed.
    pub(super) flat: Box<[u8]>,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::new(Room::new());
}

impl Room {
    fn new() -> Self {
        let octets = || vec![0; OCTETS].into_boxed_slice();
        Self {
            wire: octets(),
            clear: octets(),
            flat: octets(),
        }
    }

    /// Lends this thread's room. Not to be called from inside itself.
    pub(crate) fn with<T>(read: impl FnOnce(&mut Self) -> T) -> T {
        ROOM.with(|room| match room.try_borrow_mut() {
            Ok(mut room) => read(&mut room),
            // Somebody called it from inside itself: correct, but dear.
            Err(_) => read(&mut Self::new()),
        })
    }

    /// Room for what is neither TLS nor compressed.
    pub(crate) fn wire(&mut self) -> &mut [u8] {
        &mut self.wire
    }

    pub(super) fn at(&mut self, place: Place) -> &mut [u8] {
        match place {
            Place::Wire => &mut self.wire,
            Place::Clear => &mut self.clear,
        }
    }
}
