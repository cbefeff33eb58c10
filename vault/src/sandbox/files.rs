//! Landlock: which files a role may use. Files must be covered for the layer to stand; TCP ports (Linux 6.7) and signals to
//! others (Linux 6.12) are covered where the kernel knows how, and by seccomp everywhere.

use std::path::PathBuf;
use std::sync::LazyLock;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreated, RulesetCreatedAttr as _, RulesetError,
    RulesetStatus, Scope,
};

use super::{Role, Stands};

/// The oldest Landlock: it closes files, which is what the layer is for.
const OLDEST: ABI = ABI::V1;
/// The newest that this table was tried with.
const NEWEST: ABI = ABI::V7;

/// Where all files are: which of them a configuration names is known only when it is read, and it changes.
static EVERYWHERE: LazyLock<[PathBuf; 1]> = LazyLock::new(|| ["/".into()]);

/// Closes every file but the role's own.
pub(super) fn close(role: Role<'_>) -> Stands {
    let (open, access): (&[PathBuf], BitFlags<AccessFs>) = match role {
        Role::Vault { .. } => (&[], BitFlags::EMPTY),
        Role::Warden { program } => (program, AccessFs::Execute | AccessFs::ReadFile),
        Role::Server { read } => (read, AccessFs::ReadFile | AccessFs::ReadDir),
        Role::Loader => (&*EVERYWHERE, AccessFs::ReadFile | AccessFs::ReadDir),
    };
    let restricted = handled(role)
        .and_then(|ruleset| with_rules(ruleset, open, access))
        .and_then(RulesetCreated::restrict_self);
    match restricted.map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced) => Stands::Yes,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Stands::No,
    }
}

fn handled(role: Role<'_>) -> Result<RulesetCreated, RulesetError> {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::from_all(OLDEST))?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?;
    match role {
        Role::Vault { .. } | Role::Warden { .. } => {
            ruleset.handle_access(AccessNet::from_all(NEWEST))?
        }
        // It listens, and it connects to the store.
        Role::Server { .. } => ruleset,
        // It binds what the server listens at, and asks name servers.
        Role::Loader => ruleset,
    }
    .create()
}

fn with_rules(
    mut ruleset: RulesetCreated,
    open: &[PathBuf],
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, RulesetError> {
    for path in open {
        let Ok(place) = PathFd::new(path) else {
            continue;
        };
        let access = if path.is_dir() {
            access
        } else {
            access & AccessFs::from_file(OLDEST)
        };
        ruleset = ruleset.add_rule(PathBeneath::new(place, access))?;
    }
    Ok(ruleset)
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::net::TcpStream;

    use super::*;

    /// Landlock holds the one thread that asks for it, and this thread goes with its test: the other layers are not there.
    fn confined<T: Send + 'static>(role: Role<'static>, attempt: fn() -> T) -> T {
        let thread = std::thread::spawn(move || {
            rustix::thread::set_no_new_privs(true).unwrap();
            assert_eq!(close(role), Stands::Yes);
            attempt()
        });
        thread.join().unwrap()
    }

    const VAULT: Role<'_> = Role::Vault {
        address_space: 0,
        cpu_seconds: 0,
    };

    fn denied<T>(attempt: std::io::Result<T>) -> bool {
        attempt.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    }

    #[test]
    fn landlock_alone_hides_every_file_from_a_vault() {
        assert!(File::open("/etc/passwd").is_ok());
        assert!(confined(VAULT, || denied(File::open("/etc/passwd"))));
        assert!(confined(VAULT, || denied(File::open("/proc/self/mem"))));
        assert!(confined(VAULT, || denied(
            File::options().write(true).open("/dev/null")
        )));
        assert!(confined(VAULT, || denied(std::fs::read_dir("/"))));
        assert!(confined(VAULT, || denied(std::fs::create_dir(
            "/tmp/keyhole-landlock"
        ))));
    }

    /// On a kernel that knows how (Linux 6.7); seccomp does it everywhere.
    #[test]
    fn landlock_alone_closes_tcp_to_a_vault() {
        let outside = TcpStream::connect("127.0.0.1:9").map(drop);
        let inside = confined(VAULT, || TcpStream::connect("127.0.0.1:9").map(drop));
        assert!(!denied(outside));
        assert!(denied(inside));
    }

    #[test]
    fn landlock_alone_keeps_a_loader_from_writing_and_executing() {
        assert!(confined(Role::Loader, || File::open("/etc/passwd").is_ok()));
        assert!(confined(Role::Loader, || denied(
            File::options().write(true).open("/dev/null")
        )));
        assert!(confined(Role::Loader, || denied(std::fs::create_dir(
            "/tmp/keyhole-landlock"
        ))));
        assert!(confined(Role::Loader, || denied(
            std::process::Command::new("/usr/bin/env").spawn()
        )));
    }

    #[test]
    fn a_server_opens_what_it_is_given_and_nothing_else() {
        let given: &'static [PathBuf] = Box::leak(Box::new([
            PathBuf::from("/usr"),
            PathBuf::from("/not/there"),
        ]));
        let server = Role::Server { read: given };
        assert!(confined(server, || File::open("/usr/bin/env").is_ok()));
        assert!(confined(server, || denied(File::open("/etc/passwd"))));
        assert!(confined(server, || denied(
            std::process::Command::new("/usr/bin/env").spawn()
        )));
    }
}
