//! seccomp: tables of system calls made into filters.

use std::collections::BTreeMap;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch, apply_filter,
};

use super::{Role, Stands, allowed, denied};

/// One line of a table: a system call, what its arguments must be for the line to count, and why it is there.
pub(super) struct Line {
    pub(super) call: i64,
    pub(super) when: &'static [Argument],
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "the reason is for whoever reads the table")
    )]
    pub(super) why: &'static str,
}

/// What the argument of that index must be. Numbers are compared by their low 32 bits, which are all that the kernel looks at.
#[derive(Clone, Copy)]
pub(super) enum Argument {
    /// This number.
    Is(u8, u32),
    /// Any other number.
    IsNot(u8, u32),
    /// A number with all of these bits.
    Has(u8, u32),
    /// A number with none of these bits.
    HasNone(u8, u32),
    /// Any other process than this one, by its id.
    IsNotUs(u8),
    /// The null pointer.
    Null(u8),
    /// Any other pointer.
    NotNull(u8),
}

/// A line that counts whatever the arguments are.
pub(super) const fn always(call: i64, why: &'static str) -> Line {
    Line {
        call,
        when: &[],
        why,
    }
}

/// A line that counts when all conditions hold.
pub(super) const fn when(call: i64, when: &'static [Argument], why: &'static str) -> Line {
    Line { call, when, why }
}

/// Installs the role's filters.
pub(super) fn install(role: Role<'_>) -> Stands {
    let programs = match role {
        Role::Vault { .. } => vault(),
        Role::Warden { .. } => denying(&[denied::WARDEN]),
        Role::Server { .. } => denying(&[denied::CHILDLESS, denied::SERVER]),
        Role::Loader => denying(&[denied::CHILDLESS, denied::LOADER]),
    };
    // The kernel asks every filter that was ever installed and obeys the strictest.
    programs
        .map_err(|_| ())
        .and_then(|programs| {
            programs
                .iter()
                .try_for_each(|program| apply_filter(program).map_err(|_| ()))
        })
        .into()
}

/// Death and not an error number: a call that is not listed means that somebody else's code is running by now, and an error
/// would only let it try the next thing.
fn vault() -> Result<Vec<BpfProgram>, BackendError> {
    let allow = compile(
        allowed::VAULT,
        SeccompAction::KillProcess,
        SeccompAction::Allow,
    )?;
    Ok(vec![allow])
}

/// An error number and not death: libraries probe, and a server that dies of a probe serves nobody.
fn denying(role: &[&[Line]]) -> Result<Vec<BpfProgram>, BackendError> {
    let mut programs = foreign_numbers();
    programs.push(refusing(denied::UNKNOWN, libc::ENOSYS)?);
    for lines in [denied::ALWAYS].iter().chain(role) {
        programs.push(refusing(lines, libc::EPERM)?);
    }
    Ok(programs)
}

fn refusing(lines: &[Line], number: i32) -> Result<BpfProgram, BackendError> {
    let refuse = SeccompAction::Errno(number.unsigned_abs());
    compile(lines, SeccompAction::Allow, refuse)
}

fn compile(
    lines: &[Line],
    otherwise: SeccompAction,
    listed: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for line in lines {
        let rules = rules.entry(line.call).or_default();
        if !line.when.is_empty() {
            rules.push(rule(line.when)?);
        }
    }
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    SeccompFilter::new(rules, otherwise, listed, arch)?.try_into()
}

fn rule(conditions: &[Argument]) -> Result<SeccompRule, BackendError> {
    let conditions: Result<Vec<_>, _> = conditions
        .iter()
        .map(|argument| condition(*argument))
        .collect();
    SeccompRule::new(conditions?)
}

fn condition(argument: Argument) -> Result<SeccompCondition, BackendError> {
    use SeccompCmpArgLen::{Dword, Qword};
    use SeccompCmpOp::{Eq, MaskedEq, Ne};
    let (index, len, op, value) = match argument {
        Argument::Is(index, number) => (index, Dword, Eq, number),
        Argument::IsNot(index, number) => (index, Dword, Ne, number),
        Argument::Has(index, bits) => (index, Dword, MaskedEq(bits.into()), bits),
        Argument::HasNone(index, bits) => (index, Dword, MaskedEq(bits.into()), 0),
        Argument::IsNotUs(index) => (index, Dword, Ne, std::process::id()),
        Argument::Null(index) => (index, Qword, Eq, 0),
        Argument::NotNull(index) => (index, Qword, Ne, 0),
    };
    SeccompCondition::new(index, len, op, value.into())
}

/// x86-64 has every call a second time under another number (the x32 ABI), which a list of what is denied would miss.
#[cfg(target_arch = "x86_64")]
fn foreign_numbers() -> Vec<BpfProgram> {
    use seccompiler::sock_filter;
    const LOAD_CALL: sock_filter = sock_filter {
        code: 0x20,
        jt: 0,
        jf: 0,
        k: 0,
    };
    const IF_X32: sock_filter = sock_filter {
        code: 0x35,
        jt: 0,
        jf: 1,
        k: 0x4000_0000,
    };
    const fn give(action: u32) -> sock_filter {
        sock_filter {
            code: 0x06,
            jt: 0,
            jf: 0,
            k: action,
        }
    }
    vec![vec![
        LOAD_CALL,
        IF_X32,
        give(libc::SECCOMP_RET_KILL_PROCESS),
        give(libc::SECCOMP_RET_ALLOW),
    ]]
}

#[cfg(not(target_arch = "x86_64"))]
fn foreign_numbers() -> Vec<BpfProgram> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [&[Line]; 7] = [
        allowed::VAULT,
        denied::UNKNOWN,
        denied::ALWAYS,
        denied::WARDEN,
        denied::CHILDLESS,
        denied::SERVER,
        denied::LOADER,
    ];

    #[test]
    fn every_line_has_its_reason() {
        for line in TABLES.into_iter().flatten() {
            assert!(line.why.len() > 10, "system call {}", line.call);
        }
    }

    #[test]
    fn no_table_lists_a_call_with_and_without_conditions() {
        for table in TABLES {
            for line in table.iter().filter(|line| line.when.is_empty()) {
                let lines = table.iter().filter(|other| other.call == line.call);
                assert_eq!(lines.count(), 1, "system call {}", line.call);
            }
        }
    }

    #[test]
    fn every_table_compiles() {
        assert!(vault().is_ok());
        for role in [
            denied::WARDEN,
            denied::CHILDLESS,
            denied::SERVER,
            denied::LOADER,
        ] {
            assert!(denying(&[role]).is_ok());
        }
    }
}
