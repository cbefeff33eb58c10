//! What a Dovecot that offers all it can is told besides the usual: extensions, mechanisms, a master, a PROXY protocol port.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::dovecot::User;

/// A login that may act for every user.
pub const KEEPER: User = User {
    name: "keeper",
    password: "keeper's secret",
};

/// The key that tokens are signed with.
const TOKEN_KEY: &[u8] = b"what signs the tokens of the tests";
/// How long a token is good for.
const TOKEN_SECONDS: u64 = 3600;

/// Lines of configuration, and the files that they name, in `folder`. Behind a PROXY protocol header are a port in clear and
/// one with TLS.
pub(super) fn configuration(folder: &Path, haproxy: [SocketAddr; 2]) -> String {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("a file of Dovecot's");
        // Dovecot's login processes read some of them as another user.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a mode");
    };
    write("keys/default/HS256/default", &STANDARD.encode(TOKEN_KEY));
    write(
        "masters",
        &format!("{}:{{PLAIN}}{}\n", KEEPER.name, KEEPER.password),
    );
    write(
        "oauth2.conf",
        &format!(
            "introspection_mode = local\nusername_attribute = sub\n\
             local_validation_key_dict = fs:posix:prefix={}/keys/\n",
            folder.display()
        ),
    );
    extensions() + &logins(folder, haproxy)
}

fn extensions() -> String {
    let mailbox = |name: &str| {
        format!("  mailbox {name} {{\n    special_use = \\{name}\n    auto = subscribe\n  }}\n")
    };
    format!(
        "mailbox_list_index = yes
imap_metadata = yes
mail_attribute_dict = file:%h/attributes
mail_plugins = quota acl notify zlib
protocol imap {{
  mail_plugins = $mail_plugins imap_quota imap_acl imap_zlib
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=500M
  acl = vfile
  acl_anyone = allow
  acl_user = %u
}}
namespace inbox {{
  inbox = yes
  separator = /
{boxes}}}
",
        boxes = ["Drafts", "Sent", "Trash"].map(mailbox).concat(),
    )
}

/// These passdbs are asked before the one with the users' passwords.
fn logins(folder: &Path, [clear, tls]: [SocketAddr; 2]) -> String {
    format!(
        "auth_mechanisms = plain login scram-sha-1 scram-sha-256 oauthbearer xoauth2
auth_master_user_separator = *
auth_failure_delay = 1s
login_trusted_networks = 127.0.0.0/8
haproxy_trusted_networks = 127.0.0.0/8
login_log_format_elements = user=<%u> method=%m rip=%r rport=%b lip=%l real=%{{real_rip}} session=<%{{session}}>
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login
  args = {folder}/masters
  master = yes
  result_success = continue
}}
service imap-login {{
  inet_listener imap_haproxy {{
    port = {port}
    haproxy = yes
  }}
  inet_listener imaps_haproxy {{
    port = {tls_port}
    haproxy = yes
    ssl = yes
  }}
}}
",
        folder = folder.display(),
        port = clear.port(),
        tls_port = tls.port(),
    )
}

/// A token for `user`, as an authorization server signs it (RFC 7519, HS256).
///
/// # Panics
/// When the clock is before 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a token says how long it is good"
)]
#[must_use]
pub fn token(user: User) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("a time after 1970").as_secs();
    let claims = format!(
        "{{\"sub\":\"{}\",\"iat\":{now},\"exp\":{}}}",
        user.name,
        now + TOKEN_SECONDS
    );
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, TOKEN_KEY);
    let tag = hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
}
