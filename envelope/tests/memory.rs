//! A part of 25 MiB opens in about the memory of one part. Alone in its program, since it measures the process.
#![cfg(test)]

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::Command;

use envelope::cms::read_header;
use envelope::recipient::{Certificate, Holder, PrivateKey};
use envelope::{ContentKey, Opener, TransferEncoding};
use getrandom::SysRng;
use getrandom::rand_core::UnwrapErr;

const PART: usize = 25 * 1024 * 1024;
/// How much of a part's start holds its header.
const HEAD: usize = 16 * 1024;
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/alice.pem");
const KEY: &str = include_str!("vectors/alice.key");

/// A field of `/proc/self/status`, in octets.
fn memory(field: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<usize>().unwrap() * 1024
}

/// Octets of memory that are resident now; the highest is counted anew from here on.
fn resident() -> usize {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    memory("VmRSS:")
}

/// A part of zeros, sealed to the certificate in pieces of indefinite length.
fn seal(folder: &Path, cipher: &str) {
    File::create(folder.join("plain"))
        .unwrap()
        .set_len(PART as u64)
        .unwrap();
    let done = Command::new("openssl")
        .args(["cms", "-encrypt", "-binary", cipher, "-stream"])
        .args(["-outform", "DER", "-in", "plain", "-out", "sealed"])
        .arg(CERTIFICATE)
        .current_dir(folder)
        .status();
    assert!(done.unwrap().success());
}

fn key(head: &[u8]) -> ContentKey {
    let certificate = std::fs::read_to_string(CERTIFICATE).unwrap();
    let holder = Holder::new(
        PrivateKey::from_pem(KEY, None).unwrap(),
        Certificate::from_pem(&certificate).unwrap(),
    );
    let header = read_header(head, TransferEncoding::Identity).unwrap();
    holder
        .unwrap()
        .unwrap(&header, &mut UnwrapErr(SysRng))
        .unwrap()
}

#[test]
fn a_large_part_takes_about_its_own_memory() {
    let folder = std::env::temp_dir().join(format!("envelope-memory-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for cipher in ["-aes-256-gcm", "-aes-256-cbc"] {
        seal(&folder, cipher);
        let sealed = folder.join("sealed");
        let octets = usize::try_from(sealed.metadata().unwrap().len()).unwrap();
        // While the room grows, the last smaller one is still there; where it is known how much comes, it does not grow.
        for (expected, most) in [(0, PART * 7 / 4), (octets, PART * 9 / 8)] {
            let mut part = BufReader::new(File::open(&sealed).unwrap());
            let mut run = vec![0; HEAD];
            part.read_exact(&mut run).unwrap();
            let key = key(&run);
            let before = resident();
            let opener = Opener::new(key, TransferEncoding::Identity, PART + 16);
            let mut opener = opener.expecting(expected);
            let mut len = run.len();
            while len > 0 {
                opener.take(&run[..len]).unwrap();
                len = part.read(&mut run).unwrap();
            }
            let proven = opener.finish().unwrap();
            assert_eq!(proven.plaintext().len(), PART);
            let grown = memory("VmHWM:") - before;
            assert!(
                grown < most,
                "{cipher}, {expected} expected: {grown} octets more"
            );
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
