//! The users' map: lines `pattern backend`, each naming a backend that is there. `#` begins a comment.

use std::collections::HashMap;

use crate::config::{BackendName, Config, ConfigError, UserPattern};

/// Which backend the users of the map are at.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct UsersMap(pub(crate) HashMap<UserPattern, BackendName>);

impl UsersMap {
    /// Reads the file's octets.
    ///
    /// # Errors
    /// The first line that cannot be, names no backend of `config`, or says something else of a pattern than a line before.
    pub(crate) fn read(octets: &[u8], config: &Config) -> Result<Self, ConfigError> {
        let wrong = |line: usize, what: &str| {
            ConfigError::new(
                format!("routing.map line {line}: {what}"),
                "write lines like `bob@example.org store` or `@example.org store`",
            )
        };
        let text = std::str::from_utf8(octets).map_err(|_| wrong(1, "the file is not UTF-8"))?;
        let mut map = HashMap::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let (pattern, backend) = entry(line, config).map_err(|what| wrong(number, what))?;
            let before = map.insert(pattern, backend.clone());
            if before.is_some_and(|before| before != backend) {
                return Err(wrong(number, "two backends for one pattern"));
            }
        }
        Ok(Self(map))
    }
}

fn entry(line: &str, config: &Config) -> Result<(UserPattern, BackendName), &'static str> {
    let mut words = line.split_whitespace();
    let (Some(pattern), Some(backend), None) = (words.next(), words.next(), words.next()) else {
        return Err("not a pattern and a backend");
    };
    let pattern = UserPattern::try_from(pattern.to_owned())?;
    let (name, _) = config
        .backend
        .get_key_value(backend)
        .ok_or("there is no such backend")?;
    Ok((pattern, name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_taken_whole_or_not_at_all() {
        let config = Config::read(include_str!("../../../deploy/keyhole.toml")).unwrap();
        let read = |text: &str| UsersMap::read(text.as_bytes(), &config);
        let map = read("# all\n\nbob@Example.org store # his\n@example.net\tstore\r\n").unwrap();
        assert_eq!(map.0.len(), 2);
        for wrong in ["bob", "bob store more", "bob nowhere", "@ store"] {
            let error = read(&format!("ann store\n{wrong}\n")).unwrap_err();
            assert!(error.to_string().contains("line 2"), "{error}");
        }
        assert!(UsersMap::read(b"\xff store", &config).is_err());
    }
}
