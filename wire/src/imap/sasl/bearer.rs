//! OAUTHBEARER (RFC 7628) and its older form XOAUTH2: whom the message logs in. The token itself is not looked at.

use super::scram::saslname;
use crate::confidential::Confidential;

/// What ends a field, and, twice, the message (RFC 7628 §3.1, `kvsep`).
const SEPARATOR: char = '\u{1}';

/// The answer of an OAUTHBEARER client to the server's error (RFC 7628 §3.2.3).
pub const ACKNOWLEDGED: &[u8] = b"\x01";

/// Whom an OAUTHBEARER message (`n,a=user,` and fields) logs in; `None` when it is none or names nobody.
#[must_use]
pub fn oauthbearer_user(message: &Confidential) -> Option<String> {
    let text = str::from_utf8(message.expose()).ok()?;
    let (header, fields) = text.split_once(SEPARATOR)?;
    // RFC 7628 §3.1: no channel binding; "y" and "n" mean the same to whoever binds nothing.
    let named = header
        .strip_prefix("n,a=")
        .or_else(|| header.strip_prefix("y,a="))?;
    let user = saslname(named.strip_suffix(',')?)?;
    has_token(fields).then_some(user)
}

/// Whom an XOAUTH2 message (`user=` and the token) logs in; `None` when it is none.
#[must_use]
pub fn xoauth2_user(message: &Confidential) -> Option<String> {
    let text = str::from_utf8(message.expose()).ok()?;
    let (user, fields) = text.split_once(SEPARATOR)?;
    let user = user.strip_prefix("user=")?;
    let fits = !user.is_empty() && !user.contains('\0') && has_token(fields);
    fits.then(|| user.to_owned())
}

/// Whether these fields end as they must and hold an `auth`.
fn has_token(fields: &str) -> bool {
    let Some(fields) = fields.strip_suffix("\u{1}\u{1}") else {
        return false;
    };
    fields.split(SEPARATOR).any(|field| {
        field
            .split_once('=')
            .is_some_and(|(name, value)| name.eq_ignore_ascii_case("auth") && !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Confidential {
        Confidential::new(text.as_bytes().to_vec())
    }

    #[test]
    fn the_user_is_read() {
        let bearer = "n,a=user@example.com,\u{1}host=server.example.com\u{1}port=143\u{1}auth=Bearer vF9dft4qmT\u{1}\u{1}";
        assert_eq!(
            oauthbearer_user(&message(bearer)).unwrap(),
            "user@example.com"
        );
        let older = "user=someuser@example.com\u{1}auth=Bearer ya29.vF9dft4qmT\u{1}\u{1}";
        assert_eq!(
            xoauth2_user(&message(older)).unwrap(),
            "someuser@example.com"
        );
    }

    #[test]
    fn what_names_nobody_or_has_no_token_is_refused() {
        for text in [
            "",
            "n,,\u{1}auth=Bearer x\u{1}\u{1}",
            "n,a=u,\u{1}\u{1}",
            "n,a=u,\u{1}auth=Bearer x\u{1}",
            "n,a=u\u{1}auth=Bearer x\u{1}\u{1}",
            "p=x,a=u,\u{1}auth=Bearer x\u{1}\u{1}",
            "n,a=u,\u{1}auth=\u{1}\u{1}",
        ] {
            assert_eq!(oauthbearer_user(&message(text)), None, "{text:?}");
        }
        for text in [
            "",
            "user=\u{1}auth=Bearer x\u{1}\u{1}",
            "user=u\u{1}\u{1}",
            "user=u\u{1}auth=Bearer x",
        ] {
            assert_eq!(xoauth2_user(&message(text)), None, "{text:?}");
        }
    }
}
