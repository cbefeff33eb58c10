//! A part of 25 MiB opens in about the memory of one part. Alone in its program, since it measures the process.
#![cfg(test)]

mod harness;

use std::fs::File;
use std::io::{BufReader, Read};

use envelope::cms::read_header;
use envelope::{Opener, TransferEncoding};
use harness::{Directory, Key, make_person, person, rng};

const PART: usize = 25 * 1024 * 1024;

/// The most memory that this process ever had resident, in octets.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<usize>()
        .unwrap()
        * 1024
}

#[test]
fn a_large_part_takes_about_its_own_memory() {
    let directory = Directory::new();
    make_person(&directory, "alice", Key::P256);
    File::create(directory.path().join("plain"))
        .unwrap()
        .set_len(PART as u64)
        .unwrap();
    for cipher in ["-aes-256-gcm", "-aes-256-cbc"] {
        directory.openssl(&format!(
            "cms -encrypt -binary {cipher} -stream -outform DER -in plain -out sealed alice.pem"
        ));
        let mut part = BufReader::new(File::open(directory.path().join("sealed")).unwrap());
        let mut run = vec![0; 16 * 1024];
        part.read_exact(&mut run).unwrap();
        let header = read_header(&run, TransferEncoding::Identity).unwrap();
        let key = person(&directory, "alice")
            .unwrap(&header, &mut rng())
            .unwrap();
        let before = peak();
        let mut opener = Opener::new(key, TransferEncoding::Identity, PART + 16);
        let mut len = run.len();
        while len > 0 {
            opener.take(&run[..len]).unwrap();
            len = part.read(&mut run).unwrap();
        }
        let proven = opener.finish().unwrap();
        assert_eq!(proven.plaintext().len(), PART);
        let grown = peak() - before;
        // While the room grows, the last smaller one is still there.
        assert!(grown < PART * 7 / 4, "{cipher}: {grown} octets more");
    }
}
