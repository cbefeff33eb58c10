//! Landlock: which files a role may use. Files must be covered for the layer to stand; TCP ports (Linux 6.7) and signals to
//! others (Linux 6.12) are covered where the kernel knows how, and by seccomp everywhere.

use std::path::PathBuf;

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

/// Closes every file but the role's own.
pub(super) fn close(role: Role<'_>) -> Stands {
    let (open, access): (&[PathBuf], BitFlags<AccessFs>) = match role {
        Role::Vault { .. } => (&[], BitFlags::EMPTY),
        Role::Warden { program } => (program, AccessFs::Execute | AccessFs::ReadFile),
        Role::Server { read } => (read, AccessFs::ReadFile | AccessFs::ReadDir),
    };
    let restricted = handled(role)
        .and_then(|ruleset| with_rules(ruleset, open, access))
        .and_then(|ruleset| Ok(ruleset.restrict_self()?));
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
