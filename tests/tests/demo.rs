//! The demo does what the README says: a thumbnail that is the photograph, a replay that is refused, and a command to try next
//! that works.

#![cfg(test)]

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tests::harness::footprint::is_alive;
use tests::harness::keyhole::descendants;
use tests::harness::program::{Running, attempt, ours, run};
use tests::harness::scratch::Scratch;
use tests::harness::{ssim, wait};

fn photograph() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../keyhole/assets/photograph.jpg")
}

/// The demo's server is gone with the demo.
fn assert_nobody_listens(address: &Value) {
    let address: SocketAddr = address.as_str().unwrap().parse().unwrap();
    assert!(
        TcpStream::connect(address).is_err(),
        "{address} still answers"
    );
}

#[test]
fn the_demo_ends_in_a_thumbnail_and_says_so_in_json() {
    let folder = Scratch::new();
    let mut command = Command::new(ours("keyhole"));
    command
        .args(["demo", "--once", "--json", "--folder"])
        .arg(folder.join("demo"));
    // Twice: an earlier demo's folder is replaced.
    for _ in 0..2 {
        let output = run(&mut command);
        let text = String::from_utf8(output.stdout).unwrap();
        let said: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        let number = |name: &str| {
            said[name]
                .as_u64()
                .unwrap_or_else(|| panic!("no {name} in {said}"))
        };
        assert!(
            number("over_the_air_octets") * 20 <= number("part_octets"),
            "{said}"
        );
        assert_eq!(
            (&said["replay"], &said["vault_exit"]),
            (&"refused".into(), &0.into()),
            "{said}"
        );
        assert!(number("elapsed_ms") > 0, "{said}");
        assert_nobody_listens(&said["proxy"]);
        let file = std::fs::read(said["result_file"].as_str().unwrap()).unwrap();
        assert_eq!(number("result_octets"), file.len() as u64);
        assert_eq!(
            image::guess_format(&file).unwrap().to_mime_type(),
            said["result_type"]
        );
        let picture = image::load_from_memory(&file).unwrap();
        assert_eq!(number("result_width"), u64::from(picture.width()));
        assert_eq!(number("result_height"), u64::from(picture.height()));
        assert!(
            ssim::against(&picture, &image::open(photograph()).unwrap()) > 0.9,
            "{said}"
        );
    }
}

#[test]
fn a_folder_that_is_not_the_demos_is_left_alone() {
    let folder = Scratch::new();
    std::fs::write(folder.join("mine"), "mine").unwrap();
    let output = attempt(
        Command::new(ours("keyhole"))
            .args(["demo", "--once", "--folder"])
            .arg(folder.path()),
    );
    assert!(!output.status.success());
    assert_eq!(std::fs::read(folder.join("mine")).unwrap(), b"mine");
}

#[test]
fn the_command_to_try_next_works_while_the_demo_stays_up() {
    let folder = Scratch::new();
    let mut command = Command::new(ours("keyhole"));
    command
        .args(["demo", "--folder"])
        .arg(folder.join("demo"))
        .stdout(Stdio::piped());
    let mut demo = Running::start(&mut command);
    let mut lines = BufReader::new(demo.child().stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let mut words: Vec<String> = Vec::new();
    for line in lines
        .by_ref()
        .skip_while(|line| !line.contains("--bin handset"))
    {
        let ends = !line.ends_with('\\');
        words.extend(
            line.trim_end_matches('\\')
                .split_whitespace()
                .map(str::to_owned),
        );
        if ends {
            break;
        }
    }
    let arguments = words.iter().skip_while(|word| *word != "--").skip(1);
    let output = run(Command::new(ours("handset"))
        .args(arguments)
        .current_dir(folder.path()));
    let picture = image::open(folder.join("larger.jpg")).unwrap();
    assert_eq!(
        picture.width(),
        640,
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(demo.ended().is_none());
    let below = descendants(demo.id());
    assert!(
        below.len() >= 3,
        "the server, its warden and a vault: {below:?}"
    );
    demo.terminate();
    wait::until("every process of the demo's to be gone", || {
        (!below.iter().any(|process| is_alive(*process))).then_some(())
    });
}
