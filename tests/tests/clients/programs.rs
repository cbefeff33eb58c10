//! The clients, each told to fetch all of Ann's mail from a place into a folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use tests::harness::dovecot::ANN;
use tests::harness::keyhole::Place;
use tests::harness::program::run;

use crate::copies::Copies;
use crate::tree::{MAILBOXES, ODD, SMALL};

/// Longer than any of them takes.
const SECONDS: &str = "100";

/// A command that is ended when it takes too long.
fn bounded(program: &str) -> Command {
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", SECONDS, program]);
    command
}

fn write(folder: &Path, name: &str, text: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("a client's configuration");
    path
}

fn mails(folder: &Path) -> std::path::PathBuf {
    let mails = folder.join("mails");
    fs::create_dir(&mails).expect("a folder for mail");
    mails
}

pub(crate) fn mbsync(place: &Place, folder: &Path) -> Copies {
    let mails = mails(folder);
    let text = format!(
        "IMAPAccount ann\nHost localhost\nPort {port}\nUser {user}\nPass \"{password}\"\nSSLType IMAPS\n\
         SystemCertificates no\nCertificateFile {authority}\n\n\
         IMAPStore far\nAccount ann\n\n\
         MaildirStore near\nPath {mails}/\nInbox {mails}/INBOX\nSubFolders Verbatim\n\n\
         Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState {folder}/state/\n",
        port = place.address.port(),
        user = ANN.name,
        password = ANN.password,
        authority = place.authority.display(),
        mails = mails.display(),
        folder = folder.display(),
    );
    fs::create_dir(folder.join("state")).expect("a folder for its state");
    let configuration = write(folder, "mbsyncrc", &text);
    run(bounded("mbsync").arg("-c").arg(configuration).arg("-a"));
    Copies::in_maildirs(&mails)
}

pub(crate) fn offlineimap(place: &Place, folder: &Path) -> Copies {
    let mails = mails(folder);
    let text = format!(
        "[general]\nmetadata = {folder}/metadata\naccounts = ann\nui = quiet\nsocktimeout = 60\n\
         [Account ann]\nlocalrepository = near\nremoterepository = far\n\
         [Repository near]\ntype = Maildir\nlocalfolders = {mails}\n\
         [Repository far]\ntype = IMAP\nremotehost = localhost\nremoteport = {port}\nremoteuser = {user}\n\
         remotepass = {password}\nssl = yes\nsslcacertfile = {authority}\nreadonly = True\n",
        folder = folder.display(),
        mails = mails.display(),
        port = place.address.port(),
        user = ANN.name,
        password = ANN.password,
        authority = place.authority.display(),
    );
    let configuration = write(folder, "offlineimaprc", &text);
    run(bounded("offlineimap")
        .env("HOME", folder)
        .arg("-o")
        .arg("-c")
        .arg(configuration));
    Copies::in_maildirs(&mails)
}

pub(crate) fn imaplib(place: &Place, folder: &Path) -> Copies {
    let mails = mails(folder);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/mirror.py");
    run(bounded("python3")
        .arg(script)
        .arg(place.address.ip().to_string())
        .arg(place.address.port().to_string())
        .args([ANN.name, ANN.password])
        .arg(&place.authority)
        .arg(&mails));
    Copies::below(&mails)
}

/// UIDs of new mailboxes go from 1 without a gap.
pub(crate) fn curl(place: &Place, folder: &Path) -> Copies {
    let mails = mails(folder);
    let inbox = [("INBOX", SMALL + ODD)];
    let others = MAILBOXES.map(|name| (name, if name == "Empty" { 0 } else { SMALL }));
    for (mailbox, messages) in inbox.into_iter().chain(others) {
        if messages == 0 {
            continue;
        }
        run(bounded("curl")
            .args(["--silent", "--show-error", "--fail-early", "--cacert"])
            .arg(&place.authority)
            .args(["--user", &format!("{}:{}", ANN.name, ANN.password)])
            .arg("--output")
            .arg(mails.join(format!("{mailbox}-#1")))
            .arg(format!(
                "imaps://{}/{mailbox};UID=[1-{messages}]",
                place.address
            )));
    }
    Copies::below(&mails)
}

/// neomutt wants a terminal: `script` gives it one.
pub(crate) fn neomutt(place: &Place, folder: &Path) -> Copies {
    let mails = mails(folder);
    let text = format!(
        "set folder = \"imaps://{user}@localhost:{port}/\"\nset spoolfile = \"imaps://{user}@localhost:{port}/INBOX\"\n\
         set imap_user = \"{user}\"\nset imap_pass = \"{password}\"\n\
         set ssl_ca_certificates_file = \"{authority}\"\nset certificate_file = \"{authority}\"\n\
         set confirmappend = no\nset confirmcreate = no\nset quit = yes\nset delete = no\nset mbox_type = mbox\nset wait_key = no\n\
         set sort = mailbox-order\nset imap_check_subscribed = no\nset tmpdir = \"{folder}\"\nset read_inc = 0\nset net_inc = 0\n\
         push \"<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>{mails}/all<enter><quit>\"\n",
        user = ANN.name,
        port = place.address.port(),
        password = ANN.password,
        authority = place.authority.display(),
        folder = folder.display(),
        mails = mails.display(),
    );
    let configuration = write(folder, "neomuttrc", &text);
    run(bounded("script")
        .env("TERM", "xterm")
        .env("HOME", folder)
        .arg("--quiet")
        .arg("--return")
        .arg("--command")
        .arg(format!("neomutt -n -F {}", configuration.display()))
        .arg(folder.join("screen")));
    let mut copies = Copies::below(&mails);
    // Whoever comes first is told that mail is recent: which of the two that is, is chance.
    copies.forget(b"Status: O");
    let octets = fs::metadata(mails.join("all")).map_or(0, |file| file.len());
    let screen = fs::read(folder.join("screen")).unwrap_or_default();
    assert!(
        octets > 6_000_000,
        "{octets} octets: {}",
        screen.escape_ascii()
    );
    copies
}
