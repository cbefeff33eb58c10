//! A certificate authority for one test, and server certificates for 127.0.0.1 from it, and clients'. Made by OpenSSL.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::run;

/// A server's certificate and key, PEM.
#[derive(Clone, Debug)]
pub struct ServerCertificate {
    /// What clients trust.
    pub authority: PathBuf,
    /// The certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// Makes an authority and a certificate for `localhost` and 127.0.0.1 in `folder`.
///
/// # Panics
/// When OpenSSL does not.
#[must_use]
pub fn make(folder: &Path) -> ServerCertificate {
    let path = |name: &str| folder.join(name);
    run(openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "30",
    ])
    .args(["-subj", "/CN=Keyhole test authority"])
    .arg("-keyout")
    .arg(path("authority-key.pem"))
    .arg("-out")
    .arg(path("authority.pem")));
    run(openssl(&[
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
    ])
    .args(["-subj", "/CN=localhost"])
    .arg("-keyout")
    .arg(path("server-key.pem"))
    .arg("-out")
    .arg(path("server.csr")));
    fs::write(
        path("server.ext"),
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n",
    )
    .expect("the extensions");
    run(openssl(&["x509", "-req", "-days", "30"])
        .arg("-in")
        .arg(path("server.csr"))
        .arg("-CA")
        .arg(path("authority.pem"))
        .arg("-CAkey")
        .arg(path("authority-key.pem"))
        .arg("-CAcreateserial")
        .arg("-extfile")
        .arg(path("server.ext"))
        .arg("-out")
        .arg(path("server.pem")));
    ServerCertificate {
        authority: path("authority.pem"),
        certificate: path("server.pem"),
        key: path("server-key.pem"),
    }
}

/// Makes a certificate for a client of this name (CN), with a mail address if there is one, from the authority that [`make`] left
/// in `folder`.
///
/// # Panics
/// When OpenSSL does not.
#[must_use]
pub fn make_for_client(folder: &Path, name: &str, mail: Option<&str>) -> ServerCertificate {
    let path = |kind: &str| folder.join(format!("client-{name}{kind}"));
    run(openssl(&["req", "-new", "-newkey", "ec", "-nodes"])
        .args(["-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-subj", &format!("/CN={name}")])
        .arg("-keyout")
        .arg(path("-key.pem"))
        .arg("-out")
        .arg(path(".csr")));
    let mail = mail.map_or_else(String::new, |mail| format!("subjectAltName=email:{mail}\n"));
    fs::write(
        path(".ext"),
        format!("{mail}basicConstraints=critical,CA:FALSE\nextendedKeyUsage=clientAuth\n"),
    )
    .expect("the extensions");
    run(openssl(&["x509", "-req", "-days", "30"])
        .arg("-in")
        .arg(path(".csr"))
        .arg("-CA")
        .arg(folder.join("authority.pem"))
        .arg("-CAkey")
        .arg(folder.join("authority-key.pem"))
        .arg("-CAcreateserial")
        .arg("-extfile")
        .arg(path(".ext"))
        .arg("-out")
        .arg(path(".pem")));
    ServerCertificate {
        authority: folder.join("authority.pem"),
        certificate: path(".pem"),
        key: path("-key.pem"),
    }
}

fn openssl(arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments);
    command
}
