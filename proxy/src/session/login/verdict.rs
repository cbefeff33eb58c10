//! What a store's refusal of a login is to the client: the code where one helps, and never a text of the store's, for that
//! may tell users from those who are none.

use wire::imap::Code;

use crate::session::Outcome;

/// Whatever was wrong with name or password.
pub(super) const WRONG: &str = "Authentication failed";

/// A refusal as the client and the shell are told.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) code: Code,
    pub(super) text: &'static str,
    pub(super) outcome: Outcome,
}

/// What a NO or BAD with this code means (RFC 5530 §3).
pub(super) fn of(code: Option<&Code>) -> Verdict {
    let known = code.and_then(|code| PASSED.iter().find(|(known, ..)| known == code));
    match known {
        Some((code, text, outcome)) => Verdict {
            code: code.clone(),
            text,
            outcome: *outcome,
        },
        None => Verdict {
            code: Code::AuthenticationFailed,
            text: WRONG,
            outcome: Outcome::Refused,
        },
    }
}

/// The codes that pass. Only a store that says of itself that it fails counts as failed: any client can reach the limits
/// of its own user, and must not close the store to others by that.
const PASSED: [(Code, &str, Outcome); 9] = [
    (
        Code::AuthorizationFailed,
        "Not allowed to act for this user",
        Outcome::Refused,
    ),
    (Code::Expired, "The password has expired", Outcome::Refused),
    (
        Code::ContactAdmin,
        "Ask the administrator",
        Outcome::Refused,
    ),
    (
        Code::Unavailable,
        "The mail store is not available now",
        Outcome::Failed,
    ),
    (Code::InUse, "The mailbox is in use", Outcome::Undecided),
    (
        Code::Limit,
        "A limit of the mail store is reached",
        Outcome::Undecided,
    ),
    (Code::ServerBug, "The mail store failed", Outcome::Failed),
    (
        Code::PrivacyRequired,
        "The mail store wants encryption",
        Outcome::Undecided,
    ),
    (
        Code::Cannot,
        "The mail store cannot do this",
        Outcome::Undecided,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_name_and_a_wrong_password_look_alike() {
        for code in [
            None,
            Some(Code::AuthenticationFailed),
            Some(Code::NonExistent),
            Some(Code::Unknown(b"NOUSER".to_vec())),
        ] {
            let verdict = of(code.as_ref());
            assert_eq!(
                (verdict.code, verdict.text),
                (Code::AuthenticationFailed, WRONG)
            );
        }
    }

    #[test]
    fn what_helps_the_client_passes_and_tells_whose_fault_it_is() {
        assert_eq!(of(Some(&Code::Expired)).code, Code::Expired);
        assert_eq!(of(Some(&Code::Expired)).outcome, Outcome::Refused);
        assert_eq!(of(Some(&Code::Unavailable)).outcome, Outcome::Failed);
        assert_eq!(of(Some(&Code::ServerBug)).outcome, Outcome::Failed);
    }

    #[test]
    fn what_a_client_can_bring_about_is_no_failure_of_the_store_s() {
        for code in [
            Code::Limit,
            Code::InUse,
            Code::Cannot,
            Code::PrivacyRequired,
        ] {
            assert_eq!(of(Some(&code)).outcome, Outcome::Undecided, "{code:?}");
        }
    }
}
