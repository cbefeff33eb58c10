//! Which backend a name stands for.

use super::hello::Verdict;
use crate::config::{BackendName, HostPattern, Passthrough};

/// Why a connection has nowhere to go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unrouted {
    /// No route has the name, and there is no default.
    Name,
    /// The client asks for no name, and there is no backend for that.
    NoName,
}

/// The backend for a client that asks for `name`: that of the name itself, else that of the longest `*.domain` above it,
/// else the default. Without a name: the one for that.
///
/// # Errors
/// [`Unrouted`].
pub fn route<'a>(
    passthrough: &'a Passthrough,
    name: Option<&str>,
) -> Result<&'a BackendName, Unrouted> {
    let Some(name) = name else {
        return passthrough.no_name.as_ref().ok_or(Unrouted::NoName);
    };
    let routes = &passthrough.routes;
    routes
        .get(&HostPattern::Exact(name.to_owned()))
        .or_else(|| above(name).find_map(|domain| routes.get(&HostPattern::Below(domain))))
        .or(passthrough.default.as_ref())
        .ok_or(Unrouted::Name)
}

/// The domains above `name`, each with its leading dot, the longest first.
fn above(name: &str) -> impl Iterator<Item = String> + '_ {
    name.match_indices('.')
        .filter_map(|(at, _)| name.get(at..).map(str::to_owned))
}

impl Verdict {
    /// The name, for [`route`]; `Err`: it does not show.
    pub(super) fn name(self) -> Result<Option<String>, super::hello::Reason> {
        match self {
            Self::Name(name) => Ok(Some(name)),
            Self::NoName => Ok(None),
            Self::CannotTell(reason) => Err(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passthrough(rest: &str) -> Passthrough {
        let text = format!("address = '127.0.0.1:993'\n{rest}");
        toml::from_str(&text).unwrap()
    }

    const ROUTES: &str = "[routes]\n'a.example.org' = 'exact'\n'*.example.org' = 'wide'\n'*.b.example.org' = 'narrow'";

    #[test]
    fn the_most_exact_route_wins() {
        let passthrough = passthrough(&format!("default = 'default'\n{ROUTES}"));
        let to = |name| route(&passthrough, Some(name)).unwrap().as_str();
        assert_eq!(to("a.example.org"), "exact");
        assert_eq!(to("c.example.org"), "wide");
        assert_eq!(to("b.example.org"), "wide");
        assert_eq!(to("x.a.example.org"), "wide");
        assert_eq!(to("x.b.example.org"), "narrow");
        assert_eq!(to("x.y.b.example.org"), "narrow");
        assert_eq!(to("example.org"), "default");
        assert_eq!(to("aexample.org"), "default");
        assert_eq!(to("org"), "default");
    }

    #[test]
    fn without_a_route_there_is_nowhere_to_go() {
        let strict = passthrough(ROUTES);
        assert_eq!(route(&strict, Some("other.org")), Err(Unrouted::Name));
        assert_eq!(route(&strict, None), Err(Unrouted::NoName));
        let kind = passthrough(&format!("no_name = 'old'\n{ROUTES}"));
        assert_eq!(route(&kind, None).unwrap().as_str(), "old");
        assert_eq!(route(&kind, Some("other.org")), Err(Unrouted::Name));
    }
}
