use super::*;

fn file(name: &str, octets: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("keyhole-sources-{name}-{}", std::process::id()));
    std::fs::write(&path, octets).unwrap();
    path
}

fn sources(path: &Path) -> Sources {
    let mut sources = Sources::default();
    sources.files.insert(path.to_owned(), Found::at(path, FILE));
    sources
}

#[test]
fn a_key_that_others_may_read_is_refused_with_the_command_that_helps() {
    let path = file("mode", b"key");
    let with_mode = |mode| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let sources = sources(&path);
        let octets = sources.secret("imap.key", &path, NOT_FOR_ALL);
        octets.map(<[u8]>::to_vec)
    };
    let error = with_mode(0o644).unwrap_err();
    assert!(error.remedy().starts_with("chmod 0640 "), "{error}");
    assert_eq!(with_mode(0o640), Ok(b"key".to_vec()));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn what_is_no_file_or_too_large_is_not_read() {
    let path = file("large", &[b'x'; 9]);
    assert!(matches!(Found::at(&path, 9), Found::File { .. }));
    assert!(matches!(Found::at(&path, 8), Found::Nothing(_)));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(Found::at(&path, 8), Found::Nothing(_)));
    assert!(matches!(Found::at(Path::new("/"), FILE), Found::Nothing(_)));
    assert!(matches!(
        Found::at(Path::new("/dev/zero"), FILE),
        Found::Nothing(_)
    ));
}

#[test]
fn everything_that_a_configuration_names_is_read_but_the_identity_key() {
    let (certificate, identity) = (file("certificate", b"c"), file("identity", b"i"));
    let map = file("map", b"m");
    let text = format!(
        "[[imap]]\naddress = \"127.0.0.1:1993\"\ncertificate = \"{c}\"\nkey = \"/nowhere/key\"\n\
         client_ca = \"{c}\"\n[backend.store]\naddresses = [\"localhost:1143\"]\nsecurity = \"loopback\"\n\
         [routing]\nmap = \"{m}\"\n[vault]\nidentity = \"{i}\"\n",
        c = certificate.display(),
        m = map.display(),
        i = identity.display()
    );
    let sources = Sources::named_by(&text);
    assert_eq!(sources.file("x", &certificate).unwrap(), b"c");
    assert_eq!(sources.file("x", &map).unwrap(), b"m");
    assert!(sources.file("x", Path::new("/nowhere/key")).is_err());
    assert!(!sources.files.contains_key(&identity));
    assert!(matches!(sources.identity, Some(Identity::File(_))));
    let store = sources.names.values().next().unwrap().as_ref().unwrap();
    assert!(store.iter().all(|address| address.ip().is_loopback()));
    for path in [certificate, identity, map] {
        std::fs::remove_file(path).unwrap();
    }
}
