//! Who may come in: callers that mean this machine, and that show the token.

use hyper::{
    HeaderMap, Request, StatusCode,
    header::{AUTHORIZATION, HOST},
    http::uri::Authority,
};

use super::{TokenDigest, socket::Caller};

/// What a listener asks of its callers.
#[derive(Clone, Debug)]
pub(super) enum Door {
    /// The token.
    Token(TokenDigest),
    /// A token, and there is none.
    Closed,
    /// Nothing more: the socket file's mode has let them in.
    FileMode,
    /// Nothing: there is nothing but `/metrics`.
    Metrics,
}

/// Why a caller does not come in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Refusal {
    /// Its request has no `Host`, or several.
    NoHost,
    /// It meant another machine: a web page may do that to a browser here, by DNS rebinding.
    OtherHost,
    /// It shows no token.
    NoToken,
    /// It shows a wrong one.
    WrongToken,
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::NoHost => StatusCode::BAD_REQUEST, // RFC 9112 §3.2
            Self::OtherHost => StatusCode::MISDIRECTED_REQUEST, // RFC 9110 §15.5.20
            Self::NoToken | Self::WrongToken => StatusCode::UNAUTHORIZED,
        }
    }

    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::NoHost => "no Host, or several",
            Self::OtherHost => "Host is not this machine",
            Self::NoToken => "no token",
            Self::WrongToken => "wrong token",
        }
    }
}

impl Door {
    /// Lets a request in, or says why not.
    pub(super) fn admit<B>(&self, caller: Caller, request: &Request<B>) -> Result<(), Refusal> {
        match caller {
            Caller::Tcp(_) => means_this_machine(request)?,
            Caller::Unix => {}
        }
        match self {
            Self::Token(digest) => {
                let shown = bearer(request.headers()).ok_or(Refusal::NoToken)?;
                if digest.matches(shown) {
                    Ok(())
                } else {
                    Err(Refusal::WrongToken)
                }
            }
            Self::Closed => Err(Refusal::NoToken),
            Self::FileMode | Self::Metrics => Ok(()),
        }
    }
}

/// Both the target, where it names a host, and `Host` must name this machine.
fn means_this_machine<B>(request: &Request<B>) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return Err(Refusal::NoHost);
    };
    let host = Authority::try_from(host.as_bytes()).map_err(|_| Refusal::OtherHost)?;
    let target = request.uri().authority();
    if is_here(&host) && target.is_none_or(is_here) {
        Ok(())
    } else {
        Err(Refusal::OtherHost)
    }
}

fn is_here(authority: &Authority) -> bool {
    let host = authority.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let loopback = address
        .parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback());
    // RFC 6761 §6.3: localhost is always this machine.
    (loopback || host.eq_ignore_ascii_case("localhost")) && !authority.as_str().contains('@')
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750 §2.1); the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"Bearer ";
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return None;
    };
    let (scheme, token) = value.as_bytes().split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn admitted(door: &Door, caller: Caller, headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let mut request = Request::builder().uri("/health");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        door.admit(caller, &request.body(()).unwrap())
    }

    fn tcp() -> Caller {
        Caller::Tcp("127.0.0.1:5".parse().unwrap())
    }

    #[test]
    fn only_the_token_opens() {
        let door = Door::Token(TokenDigest::of(TOKEN).unwrap());
        for (value, wanted) in [
            (format!("Bearer {TOKEN}"), Ok(())),
            (format!("bearer {TOKEN}"), Ok(())),
            (format!("Bearer {TOKEN}0"), Err(Refusal::WrongToken)),
            (format!("Bearer {}", &TOKEN[1..]), Err(Refusal::WrongToken)),
            ("Bearer ".to_owned(), Err(Refusal::NoToken)),
            (format!("Basic {TOKEN}"), Err(Refusal::NoToken)),
            (TOKEN.to_owned(), Err(Refusal::NoToken)),
        ] {
            let shown = [("authorization", value.as_str())];
            let came = admitted(&door, Caller::Unix, &shown);
            assert_eq!(came.is_ok(), wanted.is_ok(), "{value}");
        }
        assert_eq!(admitted(&door, Caller::Unix, &[]), Err(Refusal::NoToken));
        let right = format!("Bearer {TOKEN}");
        let twice = [("authorization", right.as_str()); 2];
        assert_eq!(admitted(&door, Caller::Unix, &twice), Err(Refusal::NoToken));
    }

    #[test]
    fn a_name_that_was_bound_to_this_machine_is_not_this_machine() {
        for here in [
            "localhost",
            "LOCALHOST:9993",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:9",
        ] {
            assert_eq!(
                admitted(&Door::Metrics, tcp(), &[("host", here)]),
                Ok(()),
                "{here}"
            );
        }
        for there in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.0.2.1",
            "evil@localhost",
            "localhost@evil",
            "[::2]",
            "0.0.0.0",
        ] {
            let came = admitted(&Door::Metrics, tcp(), &[("host", there)]);
            assert_eq!(came, Err(Refusal::OtherHost), "{there}");
        }
        let twice = [("host", "localhost"); 2];
        assert_eq!(
            admitted(&Door::Metrics, tcp(), &twice),
            Err(Refusal::NoHost)
        );
        assert_eq!(admitted(&Door::Metrics, tcp(), &[]), Err(Refusal::NoHost));
    }
}
