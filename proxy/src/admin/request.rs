//! What a caller asks for, read strictly: a path that is not here is not here, and a query has no unknown word.

use hyper::{Method, StatusCode};

/// Sessions in an answer where the caller does not say, and the most it may ask for.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1000;

/// What a caller asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Request {
    Sessions {
        user: Option<String>,
        limit: usize,
        after: u64,
    },
    KickNumber(u64),
    KickUser(String),
    Backends,
    Vaults,
    Metrics,
    Health,
    Reload,
}

/// Why it gets nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wrong {
    NotFound,
    /// The path is right; only these methods are.
    Method(&'static str),
    /// The query is wrong.
    Query,
}

impl Wrong {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Query => StatusCode::BAD_REQUEST,
        }
    }
}

impl Request {
    /// Reads a request to the admin listener.
    pub(super) fn read(method: &Method, path: &str, query: Option<&str>) -> Result<Self, Wrong> {
        let query = query.unwrap_or_default();
        let request = match path {
            "/sessions" => return sessions(method, query),
            "/backends" => only(method, &Method::GET, Self::Backends)?,
            "/vaults" => only(method, &Method::GET, Self::Vaults)?,
            "/metrics" => only(method, &Method::GET, Self::Metrics)?,
            "/health" => only(method, &Method::GET, Self::Health)?,
            "/reload" => only(method, &Method::POST, Self::Reload)?,
            path => {
                let number = path.strip_prefix("/sessions/").and_then(number);
                let number = number.ok_or(Wrong::NotFound)?;
                only(method, &Method::DELETE, Self::KickNumber(number))?
            }
        };
        if query.is_empty() {
            Ok(request)
        } else {
            Err(Wrong::Query)
        }
    }

    /// Reads a request to the metrics listener.
    pub(super) fn read_metrics(method: &Method, path: &str) -> Result<Self, Wrong> {
        match path {
            "/metrics" => only(method, &Method::GET, Self::Metrics),
            _ => Err(Wrong::NotFound),
        }
    }
}

/// HEAD is GET without the content, which hyper leaves out (RFC 9110 §9.3.2).
fn only(method: &Method, wanted: &Method, request: Request) -> Result<Request, Wrong> {
    let gets = *wanted == Method::GET;
    if method == wanted || (gets && *method == Method::HEAD) {
        return Ok(request);
    }
    Err(Wrong::Method(match *wanted {
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        _ => "GET, HEAD",
    }))
}

fn sessions(method: &Method, query: &str) -> Result<Request, Wrong> {
    let (mut user, mut limit, mut after) = (None, None, None);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').ok_or(Wrong::Query)?;
        let before = match name {
            "user" => user.replace(decoded(value).ok_or(Wrong::Query)?).is_some(),
            "limit" => limit.replace(number(value).ok_or(Wrong::Query)?).is_some(),
            "after" => after.replace(number(value).ok_or(Wrong::Query)?).is_some(),
            _ => return Err(Wrong::Query),
        };
        if before {
            return Err(Wrong::Query);
        }
    }
    match (method, user, limit, after) {
        (&Method::DELETE, Some(user), None, None) => Ok(Request::KickUser(user)),
        (&Method::DELETE, _, _, _) => Err(Wrong::Query),
        (&Method::GET | &Method::HEAD, user, limit, after) => {
            let limit = limit.map_or(Some(PAGE), |limit| usize::try_from(limit).ok());
            let limit = limit.filter(|limit| (1..=LARGEST_PAGE).contains(limit));
            Ok(Request::Sessions {
                user,
                limit: limit.ok_or(Wrong::Query)?,
                after: after.unwrap_or(0),
            })
        }
        (_, _, _, _) => Err(Wrong::Method("GET, HEAD, DELETE")),
    }
}

/// A decimal number without a sign.
fn number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|octet| octet.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Undoes percent-encoding (RFC 3986 §2.1). A `+` is a plus: login names have them.
fn decoded(text: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: Method, target: &str) -> Result<Request, Wrong> {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        Request::read(&method, path, query)
    }

    #[test]
    fn a_query_is_read_whole_or_refused() {
        let all = Request::Sessions {
            user: None,
            limit: PAGE,
            after: 0,
        };
        assert_eq!(read(Method::GET, "/sessions"), Ok(all));
        let some = Request::Sessions {
            user: Some("b+ö@x".to_owned()),
            limit: 1000,
            after: 7,
        };
        let target = "/sessions?user=b+%C3%b6%40x&limit=1000&after=7";
        assert_eq!(read(Method::GET, target), Ok(some));
        for wrong in [
            "limit=0",
            "limit=1001",
            "limit=+1",
            "limit=",
            "after=-1",
            "user=%",
            "user=%2",
            "user=%zz",
            "user=%ff",
            "users=a",
            "user",
            "limit=1&limit=2",
            "user=a&user=a",
        ] {
            let target = format!("/sessions?{wrong}");
            assert_eq!(read(Method::GET, &target), Err(Wrong::Query), "{wrong}");
        }
        assert_eq!(read(Method::GET, "/health?x=1"), Err(Wrong::Query));
    }

    #[test]
    fn nobody_is_kicked_by_omission() {
        for wrong in [
            "/sessions",
            "/sessions?",
            "/sessions?after=1",
            "/sessions?user=a&limit=1",
        ] {
            assert_eq!(read(Method::DELETE, wrong), Err(Wrong::Query), "{wrong}");
        }
        for wrong in ["/sessions/", "/sessions/x", "/sessions/1/", "/sessions/+1"] {
            assert_eq!(read(Method::DELETE, wrong), Err(Wrong::NotFound), "{wrong}");
        }
        assert_eq!(
            read(Method::DELETE, "/sessions/12"),
            Ok(Request::KickNumber(12))
        );
        let user = Request::KickUser("a".to_owned());
        assert_eq!(read(Method::DELETE, "/sessions?user=a"), Ok(user));
    }

    #[test]
    fn a_wrong_method_is_told_the_right_one() {
        for (method, target, right) in [
            (Method::POST, "/sessions", "GET, HEAD, DELETE"),
            (Method::GET, "/sessions/1", "DELETE"),
            (Method::GET, "/reload", "POST"),
            (Method::POST, "/health", "GET, HEAD"),
            (Method::PUT, "/metrics", "GET, HEAD"),
        ] {
            assert_eq!(read(method, target), Err(Wrong::Method(right)), "{target}");
        }
    }

    proptest::proptest! {
        /// Whatever a caller writes, reading it ends, and a name that was encoded comes out the same.
        #[test]
        fn a_name_survives_its_encoding(name in ".{0,40}", target in "[ -~]{0,60}") {
            let encoded: String = name.bytes().map(|octet| format!("%{octet:02X}")).collect();
            assert_eq!(decoded(&encoded), Some(name));
            drop(read(Method::GET, &target));
            drop(read(Method::DELETE, &format!("/sessions?{target}")));
        }
    }
}
