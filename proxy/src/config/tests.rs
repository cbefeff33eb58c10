use super::*;

pub(crate) const SMALL: &str = r#"
[[imap]]
address = "127.0.0.1:1993"
certificate = "cert.pem"
key = "key.pem"

[backend.store]
addresses = ["127.0.0.1:1143"]
security = "loopback"

[vault]
identity = "identity.pem"
"#;

#[test]
fn the_smallest_file_is_enough() {
    let config = Config::read(SMALL).unwrap();
    let vault = config.vault.unwrap();
    assert_eq!(vault.pool.number(), 4);
    assert_eq!(vault.sandbox, Sandbox::Full);
    assert!(
        config.imap[0].idle_seconds.number() >= 1800,
        "RFC 9051 §5.4"
    );
}

/// Replaces a line, reads, and gives the error.
fn refused(from: &str, to: &str) -> ConfigError {
    assert!(SMALL.contains(from));
    Config::read(&SMALL.replace(from, to)).unwrap_err()
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_known_ones() {
    let error = refused(
        "security = \"loopback\"",
        "security = \"loopback\"\nsecure = 1",
    );
    assert_eq!(error.line(), Some(10));
    assert!(error.to_string().contains("secure"), "{error}");
    assert!(error.remedy().contains("connect_seconds"), "{error}");
}

#[test]
fn cleartext_to_another_machine_is_refused() {
    let error = refused("127.0.0.1:1143", "imap.example.org:143");
    assert_eq!(error.line(), Some(9));
    assert!(error.remedy().contains("security = \"tls\""), "{error}");
}

#[test]
fn a_number_out_of_range_is_refused_where_it_stands() {
    let error = refused("identity = \"identity.pem\"", "identity = \"i\"\npool = 0");
    assert_eq!(error.line(), Some(13));
    assert!(error.to_string().contains("from 1 to 256"), "{error}");
}

#[test]
fn a_missing_section_is_named() {
    let error = Config::read("[[imap]]\naddress = \"127.0.0.1:1\"\n").unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert!(!error.remedy().is_empty());
}

#[test]
fn a_backend_that_is_not_there_is_named() {
    let routed = format!("{SMALL}\n[routing]\ndefault = \"elsewhere\"\n");
    let error = Config::read(&routed).unwrap_err();
    assert!(error.to_string().contains("elsewhere"), "{error}");
}

#[test]
fn an_optional_proxy_header_is_refused_where_clients_wait_for_a_greeting() {
    let listener = |kind: &str, policy: &str| {
        let text = format!(
            "{SMALL}\n[[passthrough]]\naddress = \"127.0.0.1:2\"\nkind = \"{kind}\"\n\
                 admission.proxy_protocol = \"{policy}\"\nroutes = {{}}\n"
        );
        Config::read(&text).map(drop)
    };
    for kind in ["imap-starttls", "smtp-starttls"] {
        assert!(listener(kind, "optional").is_err(), "{kind}");
        assert_eq!(listener(kind, "required"), Ok(()));
    }
    assert_eq!(listener("tls", "optional"), Ok(()));
}

#[test]
fn an_admin_port_wants_a_token_and_loopback() {
    for (admin, wanted) in [
        ("address = \"127.0.0.1:9\"", "admin.token"),
        ("address = \"192.0.2.1:9\"", "not on this machine"),
    ] {
        let error = Config::read(&format!("{SMALL}\n[admin]\n{admin}\n")).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    let socket = format!("{SMALL}\n[admin]\naddress = \"unix:/run/keyhole/admin\"\n");
    assert!(Config::read(&socket).is_ok());
}

#[test]
fn authorities_are_a_word_or_a_file() {
    let ca = |ca: &str| {
        let text = SMALL.replace("security =", &format!("ca = \"{ca}\"\nsecurity ="));
        let config = Config::read(&text).unwrap();
        config.backend.values().next().unwrap().ca.clone()
    };
    assert_eq!(ca("public"), Authorities::Public);
    assert_eq!(ca("system"), Authorities::System);
    assert_eq!(ca("/a/ca.pem"), Authorities::File("/a/ca.pem".into()));
}

#[test]
fn the_sample_configuration_is_readable() {
    let config = Config::read(include_str!("../../../deploy/keyhole.toml")).unwrap();
    let store = config.backend.values().next().unwrap();
    assert_eq!(store.security.get_ref(), &Security::Tls);
}
