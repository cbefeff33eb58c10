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
            turning if turns(turning) => {
                for octet in turning.encode_utf8(&mut [0; 4]).bytes() {
                    address.push_str(&format!("%{octet:02X}"));
                }
            }
            other => address.push(other),
        }
    }
    let known = |scheme: &&str| without_scheme(&address, scheme).is_some();
    SCHEMES.iter().any(known).then_some(address)
}

/// Whether it turns what is written around it (Unicode TR 9), so that an address is shown as another than it is.
fn turns(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What follows `scheme`, which is told in whatever case.
pub(super) fn without_scheme<'a>(address: &'a str, scheme: &str) -> Option<&'a str> {
    let (own, rest) = address.split_at_checked(scheme.len())?;
    own.eq_ignore_ascii_case(scheme).then_some(rest)
}
