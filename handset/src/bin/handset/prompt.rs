//! Asks for a password or passphrase on the terminal, without echo.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// The longest password taken.
const LONGEST: usize = 1024;
/// What the keys for interrupt, end of input, erase and kill send while the terminal does not act on them itself.
const INTERRUPT: u8 = 0x03;
const END: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
const DELETE: u8 = 0x7f;
const KILL: u8 = 0x15;

/// Asks on the terminal itself, wherever standard input comes from.
pub(crate) fn ask(question: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    write!(terminal, "{question}: ")?;
    let quiet = Quiet::start(&terminal)?;
    let line = read_line(&terminal);
    drop(quiet);
    writeln!(terminal)?;
    line
}

/// Echo is off while this lives. Signals too, since a program that is interrupted here would leave a mute terminal; and with them the
/// terminal's own line editing, which would hold the interrupt key back until the line ends.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn start(terminal: &File) -> io::Result<Self> {
        let terminal = terminal.try_clone()?;
        let before = tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        let off = LocalModes::ECHO | LocalModes::ISIG | LocalModes::ICANON;
        quiet.local_modes.remove(off);
        tcsetattr(&terminal, OptionalActions::Flush, &quiet)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Nothing better can be tried when a terminal is gone.
        let restored = tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
        restored.unwrap_or_default();
    }
}

fn read_line(mut terminal: impl io::Read) -> io::Result<Zeroizing<Vec<u8>>> {
    // Never grows, so no copy is left behind.
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut octet = Zeroizing::new([0]);
    loop {
        if terminal.by_ref().read(octet.as_mut_slice())? == 0 {
            return Ok(line);
        }
        match *octet {
            [b'\n' | b'\r' | END] => return Ok(line),
            [INTERRUPT] => return Err(io::ErrorKind::Interrupted.into()),
            [BACKSPACE | DELETE] => erase(&mut line),
            [KILL] => line.clear(),
            [_] if line.len() == LONGEST => return Err(io::ErrorKind::FileTooLarge.into()),
            [other] => line.push(other),
        }
    }
}

/// Takes the last character back: all octets of it (RFC 3629 §3: the following ones begin with the bits 10).
fn erase(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|octet| octet & 0xc0 == 0x80) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_the_person_ended_it() {
        assert_eq!(
            *read_line(&b"secret word\nrest"[..]).unwrap(),
            b"secret word"
        );
        assert_eq!(*read_line(&b"secret"[..]).unwrap(), b"secret");
    }

    #[test]
    fn what_was_mistyped_can_be_taken_back() {
        let typed = |octets: &[u8]| read_line(octets).unwrap().to_vec();
        assert_eq!(typed(b"secr\x7f\x7fcret\n"), b"secret");
        assert_eq!(typed("sä\u{8}ecret\n".as_bytes()), b"secret");
        assert_eq!(typed(b"\x7f\x7fwrong\x15secret\x04"), b"secret");
    }

    #[test]
    fn an_interrupt_is_no_password() {
        let interrupted = read_line(&b"sec\x03"[..]).unwrap_err();
        assert_eq!(interrupted.kind(), io::ErrorKind::Interrupted);
        assert!(read_line(&[b'a'; LONGEST + 1][..]).is_err());
    }
}
