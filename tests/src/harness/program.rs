//! Programs that a test starts: ended by their process when the test ends.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use super::wait;

/// A running program, ended when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    name: String,
}

impl Running {
    /// Starts `command` without input.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).spawn();
        let child = child
            .unwrap_or_else(|error| panic!("{name} does not start: {error}; was tests/setup run?"));
        Self { child, name }
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The child itself, for its streams.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours can be asked")
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it does not.
    pub fn terminate(&mut self) -> ExitStatus {
        if let Some(status) = self.ended() {
            return status;
        }
        let id = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        rustix::process::kill_process(id.expect("a process id"), rustix::process::Signal::TERM)
            .expect("SIGTERM");
        let name = self.name.clone();
        wait::until(&format!("{name} to end"), || self.ended())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Runs a command to its end.
///
/// # Panics
/// When it cannot be started or does not succeed; what it said goes along.
pub fn run(command: &mut Command) -> Output {
    let output = attempt(command);
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a command to its end, whatever that is.
///
/// # Panics
/// When it cannot be started.
pub fn attempt(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output();
    output
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}; was tests/setup run?"))
}

/// One of our programs, built in the profile of the tests.
///
/// # Panics
/// When it is not built: `tests/run` builds it before the tests.
#[must_use]
pub fn ours(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("this program");
    // A test is target/PROFILE/deps/TEST, the bench target/PROFILE/bench.
    let folder = own
        .ancestors()
        .skip(1)
        .find(|folder| !folder.ends_with("deps"));
    let program = folder.expect("target/PROFILE").join(name);
    assert!(
        program.exists(),
        "{} is not built: cargo build --workspace --bins",
        program.display()
    );
    program
}

/// An address on loopback that was free a moment ago.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address")
}

/// Waits until somebody listens at `address`; `alive` is asked whether that can still happen.
///
/// # Panics
/// When nobody does.
pub fn wait_for_listener(address: SocketAddr, mut alive: impl FnMut() -> bool) {
    wait::until(&format!("a listener at {address}"), || {
        assert!(
            alive(),
            "the program that should listen at {address} has ended"
        );
        TcpStream::connect(address).ok()
    });
}
