//! What warden and vault are told on their command lines: the one channel that is left where the environment is empty.
//! Written and read here, so that whoever starts them and they themselves cannot disagree.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use crate::sandbox::Requirement;

/// Whether keys are kept in memory that not even the kernel maps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SecretMemory {
    /// `memfd_secret(2)` where the kernel has it, else locked memory.
    Auto,
    /// Locked memory, so that a memory search sees the page (tests), or where secret memory hinders hibernation.
    Off,
}

/// How each vault is started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VaultOptions {
    /// What happens where a layer of the sandbox is missing.
    pub requirement: Requirement,
    /// Where keys are kept.
    pub secret_memory: SecretMemory,
    /// Octets of address space, program included (`RLIMIT_AS`).
    pub address_space: u64,
    /// Seconds of processor time, start included (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
}

/// How the warden is started.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WardenOptions {
    /// The Ed25519 identity key; made, readable by its owner alone, if there is none.
    pub identity: PathBuf,
    /// The first arguments that make this very program a vault, such as `vault`.
    pub vault_role: Vec<OsString>,
    /// How many vaults wait ready.
    pub pool: usize,
    /// How many vaults may live at once, waiting ones included.
    pub live: usize,
    /// How long a vault lives once a client has its statement.
    pub lifetime: Duration,
    /// How each vault is started. The requirement is the warden's own too.
    pub vault: VaultOptions,
}

/// An argument is unknown, is there twice, lacks its value, or is missing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OptionsError {
    /// The argument's name.
    pub argument: String,
}

impl std::fmt::Display for OptionsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "argument {}: missing, unknown or of no use",
            self.argument
        )
    }
}

impl std::error::Error for OptionsError {}

const REQUIREMENT: &str = "--sandbox";
const SECRET_MEMORY: &str = "--secret-memory";
const ADDRESS_SPACE: &str = "--address-space";
const CPU_SECONDS: &str = "--cpu-seconds";
const IDENTITY: &str = "--identity";
const VAULT_ROLE: &str = "--vault-role";
const POOL: &str = "--pool";
const LIVE: &str = "--live";
const LIFETIME: &str = "--lifetime-ms";

impl VaultOptions {
    /// The arguments that [`VaultOptions::from_args`] reads.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let requirement = match self.requirement {
            Requirement::Full => "full",
            Requirement::BestEffort => "best-effort",
        };
        let secret_memory = match self.secret_memory {
            SecretMemory::Auto => "auto",
            SecretMemory::Off => "off",
        };
        let pairs = [
            (REQUIREMENT, requirement.to_owned()),
            (SECRET_MEMORY, secret_memory.to_owned()),
            (ADDRESS_SPACE, self.address_space.to_string()),
            (CPU_SECONDS, self.cpu_seconds.to_string()),
        ];
        let mut args = Vec::new();
        for (name, value) in pairs {
            args.extend([name.into(), value.into()]);
        }
        args
    }

    /// Reads [`VaultOptions::to_args`].
    ///
    /// # Errors
    /// [`OptionsError`] names the argument that is missing, unknown or unreadable.
    pub fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Self, OptionsError> {
        let mut args = Arguments::read(args)?;
        let options = Self::take(&mut args)?;
        args.end(options)
    }

    fn take(args: &mut Arguments) -> Result<Self, OptionsError> {
        Ok(Self {
            requirement: args.take_as(REQUIREMENT, |value| match value {
                "full" => Some(Requirement::Full),
                "best-effort" => Some(Requirement::BestEffort),
                _other => None,
            })?,
            secret_memory: args.take_as(SECRET_MEMORY, |value| match value {
                "auto" => Some(SecretMemory::Auto),
                "off" => Some(SecretMemory::Off),
                _other => None,
            })?,
            address_space: args.take_as(ADDRESS_SPACE, |value| value.parse().ok())?,
            cpu_seconds: args.take_as(CPU_SECONDS, |value| value.parse().ok())?,
        })
    }
}

impl WardenOptions {
    /// The arguments that [`WardenOptions::from_args`] reads.
    #[must_use]
    pub fn to_args(&self) -> Vec<OsString> {
        let mut args = vec![IDENTITY.into(), self.identity.clone().into_os_string()];
        for role in &self.vault_role {
            args.extend([VAULT_ROLE.into(), role.clone()]);
        }
        let pairs = [
            (POOL, self.pool.to_string()),
            (LIVE, self.live.to_string()),
            (LIFETIME, self.lifetime.as_millis().to_string()),
        ];
        for (name, value) in pairs {
            args.extend([name.into(), value.into()]);
        }
        args.extend(self.vault.to_args());
        args
    }

    /// Reads [`WardenOptions::to_args`].
    ///
    /// # Errors
    /// [`OptionsError`] names the argument that is missing, unknown or unreadable.
    pub fn from_args(args: impl IntoIterator<Item = OsString>) -> Result<Self, OptionsError> {
        let mut args = Arguments::read(args)?;
        let options = Self {
            identity: args.take(IDENTITY)?.into(),
            vault_role: args.take_all(VAULT_ROLE),
            pool: args.take_as(POOL, |value| value.parse().ok())?,
            live: args.take_as(LIVE, |value| value.parse().ok())?,
            lifetime: args.take_as(LIFETIME, |value| {
                // A frame carries it as 32 bits.
                value
                    .parse::<u32>()
                    .ok()
                    .map(u64::from)
                    .map(Duration::from_millis)
            })?,
            vault: VaultOptions::take(&mut args)?,
        };
        args.end(options)
    }
}

/// Names and values not yet taken.
struct Arguments(Vec<(String, OsString)>);

impl Arguments {
    fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, OptionsError> {
        let mut args = args.into_iter();
        let mut pairs = Vec::new();
        while let Some(name) = args.next() {
            let name = name.to_string_lossy().into_owned();
            let Some(value) = args.next() else {
                return Err(OptionsError { argument: name });
            };
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    fn take_all(&mut self, wanted: &str) -> Vec<OsString> {
        let (taken, rest) = std::mem::take(&mut self.0)
            .into_iter()
            .partition::<Vec<_>, _>(|(name, _)| name == wanted);
        self.0 = rest;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    fn take(&mut self, wanted: &str) -> Result<OsString, OptionsError> {
        let mut values = self.take_all(wanted);
        match (values.pop(), values.is_empty()) {
            (Some(value), true) => Ok(value),
            (Some(_) | None, _) => Err(unusable(wanted)),
        }
    }

    fn take_as<T>(
        &mut self,
        wanted: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, OptionsError> {
        let value = self.take(wanted)?;
        OsStr::to_str(&value)
            .and_then(read)
            .ok_or_else(|| unusable(wanted))
    }

    fn end<T>(self, options: T) -> Result<T, OptionsError> {
        match self.0.into_iter().next() {
            None => Ok(options),
            Some((argument, _)) => Err(OptionsError { argument }),
        }
    }
}

fn unusable(argument: &str) -> OptionsError {
    OptionsError {
        argument: argument.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> WardenOptions {
        WardenOptions {
            identity: "/etc/keyhole/identity.pem".into(),
            vault_role: vec!["vault".into(), "--quiet".into()],
            pool: 2,
            live: 64,
            lifetime: Duration::from_secs(120),
            vault: VaultOptions {
                requirement: Requirement::Full,
                secret_memory: SecretMemory::Off,
                address_space: 1 << 30,
                cpu_seconds: 20,
            },
        }
    }

    #[test]
    fn options_are_read_as_they_were_written() {
        let options = options();
        assert_eq!(
            VaultOptions::from_args(options.vault.to_args()),
            Ok(options.vault.clone())
        );
        assert_eq!(WardenOptions::from_args(options.to_args()), Ok(options));
    }

    #[test]
    fn an_argument_that_is_missing_unknown_or_twice_is_named() {
        let whole = options().vault.to_args();
        let missing = whole[2..].to_vec();
        let mut unknown = whole.clone();
        unknown.extend(["--debug".into(), "1".into()]);
        let mut twice = whole.clone();
        twice.extend([CPU_SECONDS.into(), "1".into()]);
        let mut valueless = whole;
        valueless.push(POOL.into());
        for (args, name) in [
            (missing, REQUIREMENT),
            (unknown, "--debug"),
            (twice, CPU_SECONDS),
            (valueless, POOL),
        ] {
            assert_eq!(VaultOptions::from_args(args), Err(unusable(name)));
        }
    }
}
