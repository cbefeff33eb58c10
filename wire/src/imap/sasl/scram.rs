//! The first message of SCRAM (RFC 5802 §7): who logs in, and what the client says of channel binding. The rest of the
//! exchange passes unread: nothing in it is for anybody between the two ends.

use crate::confidential::Confidential;

/// What a client says of channel binding (RFC 5802 §7, `gs2-cbind-flag`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Binding {
    /// `n`: it knows of none.
    Unsupported,
    /// `y`: it could, and believes that the server could not.
    NotOffered,
    /// `p=`: it binds.
    Required,
}

/// `client-first-message`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientFirst {
    /// Of channel binding.
    pub binding: Binding,
    /// Whom to act as, if that is said.
    pub authorize: Option<String>,
    /// Whose password it is.
    pub user: String,
}

impl ClientFirst {
    /// Reads the message; `None` when it is not that, or wants an extension (`m=`) that nobody knows.
    #[must_use]
    pub fn parse(message: &Confidential) -> Option<Self> {
        let text = str::from_utf8(message.expose()).ok()?;
        let (flag, rest) = text.split_once(',')?;
        let binding = match flag {
            "n" => Binding::Unsupported,
            "y" => Binding::NotOffered,
            _ => flag.strip_prefix("p=").map(|_| Binding::Required)?,
        };
        let (authorize, bare) = rest.split_once(',')?;
        let authorize = match authorize {
            "" => None,
            named => Some(saslname(named.strip_prefix("a=")?)?),
        };
        let mut fields = bare.split(',');
        let user = saslname(fields.next()?.strip_prefix("n=")?)?;
        fields
            .next()?
            .strip_prefix("r=")
            .filter(|nonce| !nonce.is_empty())?;
        Some(Self {
            binding,
            authorize,
            user,
        })
    }

    /// Whom it logs in: the identity to act as if one is given, else the one that the password is for.
    #[must_use]
    pub fn identity(&self) -> &str {
        self.authorize.as_deref().unwrap_or(&self.user)
    }
}

/// `saslname`: `=2C` is a comma, `=3D` an equals sign, and no other `=` may stand there. Never empty.
pub(super) fn saslname(text: &str) -> Option<String> {
    let mut parts = text.split('=');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let (sign, rest) = part
            .strip_prefix("2C")
            .map(|rest| (',', rest))
            .or_else(|| part.strip_prefix("3D").map(|rest| ('=', rest)))?;
        name.push(sign);
        name.push_str(rest);
    }
    let fits = !name.is_empty() && !name.contains('\0');
    fits.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<ClientFirst> {
        ClientFirst::parse(&Confidential::new(text.as_bytes().to_vec()))
    }

    #[test]
    fn the_user_and_the_binding_are_read() {
        // RFC 7677 §3.
        let read = first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").unwrap();
        assert_eq!(
            (read.binding, read.identity()),
            (Binding::Unsupported, "user")
        );
        let read = first("y,a=ann=2Cb,n=j=3Doe,r=x,ext=1").unwrap();
        assert_eq!(
            (read.binding, read.identity()),
            (Binding::NotOffered, "ann,b")
        );
        assert_eq!(read.user, "j=oe");
        let read = first("p=tls-exporter,,n=u,r=x").unwrap();
        assert_eq!(read.binding, Binding::Required);
    }

    #[test]
    fn what_is_no_first_message_is_refused() {
        for text in [
            "",
            "n",
            "n,",
            "n,,",
            "x,,n=u,r=x",
            "n,b=a,n=u,r=x",
            "n,,m=1,n=u,r=x",
            "n,,n=,r=x",
            "n,,n=u",
            "n,,n=u,r=",
            "n,,n=a=b,r=x",
            "n,,n=a=,r=x",
            "n,a=,n=u,r=x",
            "n,,n=a\0b,r=x",
        ] {
            assert_eq!(first(text), None, "{text:?}");
        }
    }
}
