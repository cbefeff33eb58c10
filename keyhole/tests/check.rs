//! `keyhole check` and `keyhole identity` as an operator meets them: the program itself, files, exit codes.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const SAMPLE: &str = include_str!("../../deploy/keyhole.toml");

/// A folder with a certificate and key, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("keyhole-check-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("the test's own files and programs");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .expect("the test's own files and programs");
        fs::write(path.join("fullchain.pem"), made.cert.pem())
            .expect("the test's own files and programs");
        fs::write(path.join("key.pem"), made.signing_key.serialize_pem())
            .expect("the test's own files and programs");
        fs::set_permissions(path.join("key.pem"), fs::Permissions::from_mode(0o600))
            .expect("the test's own files and programs");
        Self(path)
    }

    /// The sample configuration with this folder in the place of the system's.
    fn sample(&self) -> String {
        let here = self.0.display().to_string();
        SAMPLE
            .replace("/etc/keyhole/tls", &here)
            .replace("/var/lib/keyhole", &here)
    }

    fn write(&self, text: &str) -> PathBuf {
        let path = self.0.join("keyhole.toml");
        fs::write(&path, text).expect("the test's own files and programs");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn keyhole(role: &str, config: &Path) -> Output {
    let program = env!("CARGO_BIN_EXE_keyhole");
    Command::new(program)
        .arg(role)
        .arg("--config")
        .arg(config)
        .output()
        .expect("the test's own files and programs")
}

fn complaint(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("the test's own files and programs")
}

#[test]
fn the_sample_configuration_is_accepted() {
    let folder = Folder::new("sample");
    let output = keyhole("check", &folder.write(&folder.sample()));
    assert_eq!(output.status.code(), Some(0), "{}", complaint(&output));
}

#[test]
fn everything_that_is_wrong_is_told_with_line_and_remedy() {
    let folder = Folder::new("wrong");
    let output = keyhole(
        "check",
        &folder.write(&folder.sample().replace("security =", "securitty =")),
    );
    assert_eq!(output.status.code(), Some(78));
    let told = complaint(&output);
    assert!(
        told.contains("line ") && told.contains("securitty") && told.contains("remedy: "),
        "{told}"
    );

    fs::set_permissions(folder.0.join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let text = folder
        .sample()
        .replace("identity = \"", "identity = \"/nowhere");
    let output = keyhole("check", &folder.write(&text));
    assert_eq!(output.status.code(), Some(78));
    let told = complaint(&output);
    assert!(
        told.contains("chmod 0640") && told.contains("/nowhere"),
        "both are told: {told}"
    );
}

#[test]
fn a_server_does_not_start_with_a_wrong_configuration() {
    let folder = Folder::new("serve");
    fs::remove_file(folder.0.join("key.pem")).unwrap();
    let output = keyhole("serve", &folder.write(&folder.sample()));
    assert_eq!(output.status.code(), Some(78), "{}", complaint(&output));
    assert!(complaint(&output).contains("imap.key"));
}

#[test]
fn the_identity_is_made_once_and_then_stays() {
    let folder = Folder::new("identity");
    let config = folder.write(&folder.sample());
    let first = keyhole("identity", &config);
    assert_eq!(first.status.code(), Some(0), "{}", complaint(&first));
    let second = keyhole("identity", &config);
    assert_eq!(first.stdout, second.stdout);
    let mode = fs::metadata(folder.0.join("identity.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = String::from_utf8(first.stdout).unwrap();
    assert!(text.contains("fingerprint "), "{text}");
}

#[test]
fn the_roles_that_the_program_starts_itself_are_of_no_use_by_hand() {
    for role in ["warden", "vault"] {
        let output = Command::new(env!("CARGO_BIN_EXE_keyhole"))
            .arg(role)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(complaint(&output).contains("not by hand"));
    }
}
