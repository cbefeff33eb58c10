//! The log at its most talkative holds no secret, whatever went well or wrong.

use std::collections::HashSet;

use tests::harness::dovecot::{ANN, User};
use tests::harness::imap::Client;
use tests::harness::keyhole::{Behind, Keyhole, Settings, serve};
use tests::residue::{Form, Search, Wanted};

use crate::mail::{Mailbox, samples};
use crate::show::Handset;
use crate::specimen;

/// Where a client that errs may put what nobody should read.
const CANARY: &str = "kx7Qm2vTz9LwRb4NfYc8";

fn talkative() -> Settings {
    Settings {
        log: "level = \"trace\"\n".to_owned(),
        ..Settings::default()
    }
}

/// Everything that a user does, and much that nobody should; gives what was secret in it.
fn use_it(keyhole: &Keyhole, mailbox: &Mailbox) -> Vec<Wanted> {
    let mut wanted = mailbox.wanted.clone();
    for message in &mailbox.octets {
        wanted.extend(samples("encrypted part", message));
    }
    wanted.push(Wanted::new("password", ANN.password.as_bytes()));
    wanted.push(Wanted::new("canary", CANARY.as_bytes()));
    let mut handset = Handset::new(keyhole);
    for uid in 1..=mailbox.messages {
        let ready = handset.prepare(mailbox, uid);
        wanted.push(Wanted::new("sealed reveal", ready.sealed()));
        let result = handset.send(&ready).expect("a result");
        wanted.extend(samples("sealed result", result.octets()));
        // A reveal that was used up is refused.
        assert!(handset.send(&ready).is_err());
    }
    handset.logout();
    err(keyhole);
    wanted
}

/// Puts the canary wherever a client can put something.
fn err(keyhole: &Keyhole) {
    let connect = || Client::tls(keyhole.address, &keyhole.certificate.authority);
    let refused = |client: &mut Client, text: &str| {
        assert!(!client.command(text).is_ok(), "{text}");
    };
    let mut client = connect();
    refused(&mut client, &format!("LOGIN ann {CANARY}"));
    refused(&mut client, &format!("LOGIN {CANARY} {CANARY}"));
    refused(&mut client, &format!("{CANARY} {CANARY}"));
    client.login(User { ..ANN });
    refused(&mut client, &format!("SELECT {CANARY}"));
    assert!(client.command("SELECT INBOX").is_ok());
    refused(&mut client, &format!("KEYREVEAL 1 ({CANARY})"));
    let container = "\"application/vnd.keyhole.sealed\"";
    let kind = "\"u.urn:x-keyhole:type\" \"image/jpeg\"";
    for parameters in [
        format!("{kind} \"u.urn:x-keyhole:reveal\" \"{CANARY}\""),
        format!("{kind} \"pix-x\" \"{CANARY}\""),
        format!("\"u.urn:x-keyhole:type\" \"{CANARY}\""),
    ] {
        let convert = format!("UID CONVERT 1 ({container} ({parameters})) BINARY[2]");
        refused(&mut client, &convert);
    }
    let mut broken = connect();
    broken.write(format!("a LOGIN {{7+}}\r\n{CANARY}\r\n\0{CANARY}\r\n").as_bytes());
}

#[test]
fn the_log_holds_no_secret_at_its_most_talkative() {
    let mailbox = Mailbox::new();
    let behind = Behind::embedded(&mailbox.store);
    let mut keyhole = Keyhole::start_by(&behind, &talkative(), |configuration| {
        let mut command = serve(specimen(), configuration);
        command
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        command
    });
    let wanted = use_it(&keyhole, &mailbox);
    keyhole.wait_for("client_failed", |_| true);
    assert!(keyhole.terminate().success());
    let log = keyhole.log();
    for event in [
        "login_refused",
        "reveal_refused",
        "command_refused",
        "conversion_done",
    ] {
        assert!(log.contains(event), "{event} did not happen: {log}");
    }
    let search = Search::for_all(&wanted);
    println!(
        "{} octets of log searched for {} secrets",
        log.len(),
        wanted.len()
    );
    assert_eq!(search.octets(log.as_bytes(), "log"), HashSet::new());
    for secret in &wanted {
        control(&search, &log, secret);
    }
}

/// A line with a secret in it is found, in whatever form.
fn control(search: &Search, log: &str, secret: &Wanted) {
    for form in Form::ALL {
        let planted = [log.as_bytes(), b"\n", &form.write(&secret.octets)].concat();
        let tail = &planted[planted.len().saturating_sub(4096)..];
        let hits = search.octets(tail, "log");
        let found = hits
            .iter()
            .any(|hit| hit.name == secret.name && hit.form == form);
        assert!(found, "{} as {form:?} not found", secret.name);
    }
}
