//! The real command, `handset`.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use super::dovecot::User;
use super::keyhole::{Keyhole, Place};
use super::openssl::Recipient;
use super::program::{attempt, ours};
use super::scratch::Scratch;

/// A user's handset: where it connects, who it is, what it keeps.
#[derive(Debug)]
pub struct Handset {
    arguments: Vec<std::ffi::OsString>,
    scratch: Scratch,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// Standard output, the last line of it read as JSON.
    pub json: Value,
    /// Standard error.
    pub said: String,
}

impl Handset {
    /// A handset of `user` at the proxy, with a key.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn new(keyhole: &Keyhole, user: User, recipient: &Recipient) -> Self {
        let key = [
            OsStr::new("--key"),
            recipient.key.as_os_str(),
            OsStr::new("--cert"),
            recipient.certificate.as_os_str(),
        ];
        Self::with_key_options(keyhole, user, &key)
    }

    /// The same with other options for the key.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn with_key_options(keyhole: &Keyhole, user: User, options: &[&OsStr]) -> Self {
        Self::at(&keyhole.place(), user, options)
    }

    /// The same at whatever listens there, the proxy or somebody before it.
    ///
    /// # Panics
    /// When its files cannot be written.
    #[must_use]
    pub fn at(place: &Place, user: User, options: &[&OsStr]) -> Self {
        let scratch = Scratch::new();
        fs::write(scratch.join("password"), user.password).expect("the password");
        fs::write(scratch.join("handset.toml"), "").expect("the settings");
        let mut arguments: Vec<std::ffi::OsString> = Vec::new();
        let mut option = |name: &str, value: &OsStr| {
            arguments.extend([OsStr::new(name).to_owned(), value.to_owned()])
        };
        option("--server", OsStr::new(&place.address.to_string()));
        option("--ca", place.authority.as_os_str());
        option("--user", OsStr::new(user.name));
        option("--password-file", scratch.join("password").as_os_str());
        option("--config", scratch.join("handset.toml").as_os_str());
        option("--known", scratch.join("known-identities").as_os_str());
        arguments.extend(options.iter().map(|option| (*option).to_owned()));
        Self { arguments, scratch }
    }

    /// Runs `handset --json` with these arguments.
    pub fn run<T: AsRef<OsStr>>(&self, arguments: &[T]) -> Ended {
        let output = attempt(
            Command::new(ours("handset"))
                .arg("--json")
                .args(&self.arguments)
                .args(arguments),
        );
        ended(&output)
    }

    /// Fetches a part converted; gives the report and the picture's file.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn fetch(&self, uid: u32, section: &str, options: &[&str]) -> (Value, Vec<u8>) {
        let (ended, path) = self.try_fetch(uid, section, options);
        assert_eq!(
            ended.code, 0,
            "fetch {uid} {section} {options:?}: {} {}",
            ended.json, ended.said
        );
        (ended.json, fs::read(path).expect("the picture"))
    }

    /// Tries to fetch a part converted; gives how it ended and where the picture would be.
    #[must_use]
    pub fn try_fetch(&self, uid: u32, section: &str, options: &[&str]) -> (Ended, PathBuf) {
        let path = self
            .scratch
            .join(&format!("{uid}-{}", section.replace('.', "-")));
        let path = with_extension(&path, options);
        let uid = uid.to_string();
        let mut arguments = vec![OsStr::new("fetch"), OsStr::new(&uid), OsStr::new(section)];
        arguments.extend(options.iter().map(OsStr::new));
        arguments.extend([
            OsStr::new("--force"),
            OsStr::new("--output"),
            path.as_os_str(),
        ]);
        (self.run(&arguments), path)
    }

    /// A file in the handset's folder.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }
}

fn with_extension(path: &Path, options: &[&str]) -> PathBuf {
    let format = (options.iter()).position(|option| ["--format", "--type"].contains(option));
    let name = format.and_then(|at| options.get(at + 1)).copied();
    path.with_extension(match name {
        None => "jpeg",
        Some("text") => "txt",
        Some("default") => "bin",
        Some(name) => name,
    })
}

fn ended(output: &Output) -> Ended {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = text
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok())
        .unwrap_or(Value::Null);
    Ended {
        code: output.status.code().unwrap_or(-1),
        json,
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
