//! Resource limits, soft and hard alike: a table for each role.

use rustix::process::{Resource, Rlimit, setrlimit};

use super::{Role, Stands};

/// A limit and why it is set.
struct Limit {
    resource: Resource,
    at: u64,
    #[expect(dead_code, reason = "the reason is for whoever reads the table")]
    why: &'static str,
}

const NO_CORE: Limit = Limit {
    resource: Resource::Core,
    at: 0,
    why: "a core file would hold keys and plaintext",
};

/// Sets the role's limits.
pub(super) fn set(role: Role<'_>) -> Stands {
    let limits = match role {
        Role::Vault {
            address_space,
            cpu_seconds,
        } => vault(address_space, cpu_seconds),
        Role::Warden { .. } | Role::Server { .. } | Role::Loader => vec![NO_CORE],
    };
    let set = limits.iter().try_for_each(|limit| {
        let at = Rlimit {
            current: Some(limit.at),
            maximum: Some(limit.at),
        };
        setrlimit(limit.resource, at)
    });
    set.into()
}

fn vault(address_space: u64, cpu_seconds: u64) -> Vec<Limit> {
    vec![
        NO_CORE,
        Limit {
            resource: Resource::Cpu,
            at: cpu_seconds,
            why: "a decoder that never ends does end",
        },
        Limit {
            resource: Resource::As,
            at: address_space,
            why: "a bomb that gets past the budgets takes this process only",
        },
        Limit {
            resource: Resource::Fsize,
            at: 0,
            why: "no octet is written to any file",
        },
        Limit {
            resource: Resource::Nproc,
            at: 0,
            why: "no second process or thread (root is not bound by it, but by seccomp)",
        },
        Limit {
            resource: Resource::Nofile,
            at: 1,
            why: "descriptor 0 is in use, and no other can be had",
        },
    ]
}
