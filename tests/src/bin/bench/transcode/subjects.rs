//! Who takes part: processes that convert the file that an order names, and answer with a line of JSON. The orders are in
//! `tests/bench/peers/transcode/orders.h`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::failure::Failure;
use crate::program::{Role, succeed};

/// The one version of sharp that is measured.
const SHARP: &str = "sharp@0.35.5";

/// Octets of addresses that libvips may take: some broken files would fill the machine's memory.
const ADDRESSES: u64 = 4 << 30;

const SOURCES: [(&str, &str); 4] = [
    (
        "orders.h",
        include_str!("../../../../bench/peers/transcode/orders.h"),
    ),
    (
        "libvips.c",
        include_str!("../../../../bench/peers/transcode/libvips.c"),
    ),
    (
        "turbojpeg.c",
        include_str!("../../../../bench/peers/transcode/turbojpeg.c"),
    ),
    (
        "sharp.js",
        include_str!("../../../../bench/peers/transcode/sharp.js"),
    ),
];

/// A subject.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Who {
    Ours,
    Libvips,
    Turbojpeg,
    Sharp,
}

impl Who {
    const ALL: [Self; 4] = [Self::Ours, Self::Libvips, Self::Turbojpeg, Self::Sharp];

    /// What tables call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Libvips => "libvips",
            Self::Turbojpeg => "turbojpeg 1/8 chain",
            Self::Sharp => "sharp",
        }
    }
}

/// The programs of all subjects, or why there is none.
pub(crate) struct Programs {
    libvips: Result<PathBuf, Failure>,
    turbojpeg: Result<PathBuf, Failure>,
    sharp: Result<PathBuf, Failure>,
}

impl Programs {
    /// Builds the peers in `folder`.
    pub(crate) fn build(folder: &Path) -> Result<Self, Failure> {
        let libvips = Self::build_libvips(folder)?;
        Ok(Self {
            turbojpeg: compile(folder, "turbojpeg", "libturbojpeg"),
            sharp: install_sharp(folder),
            ..libvips
        })
    }

    /// Builds libvips' in `folder`, and no other peer's.
    pub(crate) fn build_libvips(folder: &Path) -> Result<Self, Failure> {
        for (name, text) in SOURCES {
            fs::write(folder.join(name), text)?;
        }
        let absent = |name: &str| Failure::NotStarted(name.to_owned(), "not built".to_owned());
        Ok(Self {
            libvips: compile(folder, "libvips", "vips"),
            turbojpeg: Err(absent("turbojpeg")),
            sharp: Err(absent("sharp")),
        })
    }

    fn command(&self, who: Who) -> Result<Command, Failure> {
        match who {
            Who::Ours => {
                let mut command = Command::new(std::env::current_exe()?);
                command.arg("transcode-subject");
                Ok(command)
            }
            Who::Libvips => {
                let program = self.libvips.clone()?;
                let mut command = Command::new("prlimit");
                command.arg(format!("--as={ADDRESSES}")).arg(program);
                command.env("VIPS_WARNING", "0"); // of broken files it says the same a thousand times
                Ok(command)
            }
            Who::Turbojpeg => self.turbojpeg.clone().map(Command::new),
            Who::Sharp => {
                let script = self.sharp.clone()?;
                let mut command = Command::new("node");
                command.arg(script);
                Ok(command)
            }
        }
    }

    /// Starts a process of `who`.
    pub(crate) fn start(&self, who: Who) -> Result<Role, Failure> {
        Role::run(&mut self.command(who)?)
    }
}

fn compile(folder: &Path, name: &str, package: &str) -> Result<PathBuf, Failure> {
    let flags = Command::new("pkg-config")
        .args(["--cflags", "--libs", package])
        .output()?;
    let flags = String::from_utf8_lossy(&flags.stdout).into_owned();
    let program = folder.join(name);
    let mut command = Command::new("cc");
    command.args(["-O2", "-o"]).arg(&program);
    command.arg(folder.join(format!("{name}.c")));
    succeed(command.args(flags.split_whitespace()))?;
    Ok(program)
}

/// Fetches sharp from the registry, with the libvips that it brings; where there is no network, its rows say so.
fn install_sharp(folder: &Path) -> Result<PathBuf, Failure> {
    let mut command = Command::new("npm");
    command.args(["install", SHARP, "--no-save", "--no-audit", "--no-fund"]);
    command.arg("--ignore-scripts").arg("--prefix").arg(folder);
    succeed(&mut command)?;
    Ok(folder.join("sharp.js"))
}

/// A process of each subject, started when it is first asked. One that has died is started again.
pub(crate) struct Field<'a> {
    programs: &'a Programs,
    running: Vec<(Who, Option<Role>)>,
}

impl<'a> Field<'a> {
    /// Nobody runs yet.
    pub(crate) fn new(programs: &'a Programs) -> Self {
        Self {
            programs,
            running: Who::ALL.map(|who| (who, None)).into(),
        }
    }

    /// Gives an order and waits for the answer.
    pub(crate) fn ask(&mut self, who: Who, order: &str) -> Result<Value, Failure> {
        self.ask_by(who, |role| role.ask(order))
    }

    /// The same, but who takes longer than `limit` is killed.
    pub(crate) fn ask_within(
        &mut self,
        who: Who,
        order: &str,
        limit: Duration,
    ) -> Result<Value, Failure> {
        self.ask_by(who, |role| role.ask_within(order, limit))
    }

    fn ask_by(
        &mut self,
        who: Who,
        ask: impl FnOnce(&mut Role) -> Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        let place = self.running.iter_mut().find(|(found, _)| *found == who);
        let (_, place) = place.ok_or(Failure::Closed)?;
        let mut role = match place.take() {
            Some(role) => role,
            None => self.programs.start(who)?,
        };
        let answer = ask(&mut role);
        // Whoever gave a reason is still there.
        if matches!(answer, Ok(_) | Err(Failure::Load(_))) {
            *place = Some(role);
        }
        answer
    }
}

/// A number of an answer.
pub(crate) fn number(answer: &Value, name: &str) -> Result<f64, Failure> {
    let number = answer.get(name).and_then(Value::as_f64);
    number.ok_or_else(|| Failure::Answer(answer.to_string()))
}
