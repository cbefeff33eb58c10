//! Asks for a password or passphrase on the terminal, without echo.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

/// The longest password taken.
const LONGEST: usize = 1024;
/// What the interrupt key sends while signals are off.
const INTERRUPT: u8 = 0x03;

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

/// Echo and signals are off while this lives. Signals too: a program that is interrupted here must not leave a mute terminal.
struct Quiet {
    terminal: File,
    before: Termios,
}

impl Quiet {
    fn start(terminal: &File) -> io::Result<Self> {
        let terminal = terminal.try_clone()?;
        let before = tcgetattr(&terminal)?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ISIG);
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
            [b'\n' | b'\r'] => return Ok(line),
            [INTERRUPT] => return Err(io::ErrorKind::Interrupted.into()),
            [_] if line.len() == LONGEST => return Err(io::ErrorKind::FileTooLarge.into()),
            [other] => line.push(other),
        }
    }
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
    fn an_interrupt_is_no_password() {
        let interrupted = read_line(&b"sec\x03"[..]).unwrap_err();
        assert_eq!(interrupted.kind(), io::ErrorKind::Interrupted);
        assert!(read_line(&[b'a'; LONGEST + 1][..]).is_err());
    }
}
