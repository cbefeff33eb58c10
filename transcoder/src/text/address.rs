//! Where a link may lead: only to what a person's tap may begin.

use super::draft::Draft;

/// Schemes of links. Nothing else is a link any more.
const SCHEMES: [&str; 4] = ["http:", "https:", "mailto:", "tel:"];
/// Longer addresses are not kept.
pub(super) const LONGEST: usize = 4096;

/// The address of a link, if it is one of a kind that a person follows.
pub(super) fn followed(written: &str) -> Option<Draft> {
    if written.len() > LONGEST {
        return None;
    }
    let mut address = Draft::default();
    // As browsers do, so that no scheme is hidden from the check below.
    for character in written.trim_matches(|c: char| c <= ' ').chars() {
        match character {
            '\t' | '\n' | '\r' => {}
            ' ' => address.push_str("%20"),
            control if control.is_control() => {}
            other => address.push(other),
        }
    }
    let known = |scheme: &&str| without_scheme(&address, scheme).is_some();
    SCHEMES.iter().any(known).then_some(address)
}

/// What follows `scheme`, which is told in whatever case.
pub(super) fn without_scheme<'a>(address: &'a str, scheme: &str) -> Option<&'a str> {
    let (own, rest) = address.split_at_checked(scheme.len())?;
    own.eq_ignore_ascii_case(scheme).then_some(rest)
}
