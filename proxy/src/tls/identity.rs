//! Who a client's certificate is for: the login name that EXTERNAL stands for (RFC 4422 Appendix A).
//!
//! The certificate was verified before; here it is only read. See docs/decisions/0048.

use rustls::pki_types::CertificateDer;
use x509_cert::{
    Certificate,
    der::{
        Decode as _,
        asn1::{Ia5StringRef, PrintableStringRef, Utf8StringRef},
        oid::ObjectIdentifier,
    },
    ext::pkix::{SubjectAltName, name::GeneralName},
};

/// `id-at-commonName` (RFC 5280 Appendix A.1).
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// `id-ce-subjectAltName` (RFC 5280 §4.2.1.6).
const ALTERNATIVE_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");

/// The longest name that is taken.
const LONGEST: usize = 255;

/// The login name that a verified certificate is for: its one mail address (rfc822Name), else, if it has no such name at all, its
/// one common name. None, where that leaves a choice: a certificate for two users is for neither.
pub(crate) fn client_identity(certificate: &CertificateDer<'_>) -> Option<String> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let addresses = mail_addresses(&certificate)?;
    let name = match addresses.as_slice() {
        [] => common_name(&certificate)?,
        [one] => one.clone(),
        [_, _, ..] => return None,
    };
    let plain = !name.is_empty() && name.len() <= LONGEST && !name.chars().any(char::is_control);
    plain.then_some(name)
}

/// None, where the extension cannot be read.
fn mail_addresses(certificate: &Certificate) -> Option<Vec<String>> {
    let extensions = certificate.tbs_certificate().extensions();
    let extension = extensions
        .into_iter()
        .flatten()
        .find(|extension| extension.extn_id == ALTERNATIVE_NAME);
    let Some(extension) = extension else {
        return Some(Vec::new());
    };
    let names = SubjectAltName::from_der(extension.extn_value.as_bytes()).ok()?;
    let addresses = names.0.iter().filter_map(|name| match name {
        GeneralName::Rfc822Name(address) => Some(address.as_str().to_owned()),
        GeneralName::OtherName(_)
        | GeneralName::DnsName(_)
        | GeneralName::DirectoryName(_)
        | GeneralName::EdiPartyName(_)
        | GeneralName::UniformResourceIdentifier(_)
        | GeneralName::IpAddress(_)
        | GeneralName::RegisteredId(_) => None,
    });
    Some(addresses.collect())
}

fn common_name(certificate: &Certificate) -> Option<String> {
    let subject = certificate.tbs_certificate().subject();
    let mut names = subject.iter().filter(|one| one.oid == COMMON_NAME);
    let only = names.next().filter(|_| names.next().is_none())?;
    let value = &only.value;
    let text = value
        .decode_as::<Utf8StringRef<'_>>()
        .map(|text| text.as_str().to_owned());
    let text = text.or_else(|_| {
        let printable = value.decode_as::<PrintableStringRef<'_>>();
        printable.map(|text| text.as_str().to_owned())
    });
    text.or_else(|_| {
        let ia5 = value.decode_as::<Ia5StringRef<'_>>();
        ia5.map(|text| text.as_str().to_owned())
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, string::Ia5String};

    use super::*;

    fn identity(common: &[&str], addresses: &[&str]) -> Option<String> {
        let mut params = CertificateParams::new(vec!["host.example.org".to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        for name in common {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        for address in addresses {
            let address = Ia5String::try_from(*address).unwrap();
            params.subject_alt_names.push(SanType::Rfc822Name(address));
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        client_identity(certificate.der())
    }

    #[test]
    fn a_certificate_is_for_its_one_mail_address_before_its_name() {
        let bob = Some("bob@example.org".to_owned());
        assert_eq!(identity(&["Bob"], &["bob@example.org"]), bob);
        assert_eq!(identity(&["bob"], &[]), Some("bob".to_owned()));
    }

    #[test]
    fn a_certificate_for_two_or_nobody_is_for_nobody() {
        assert_eq!(
            identity(&["bob"], &["a@example.org", "b@example.org"]),
            None
        );
        assert_eq!(identity(&[], &[]), None);
        assert_eq!(identity(&["bob\r\n"], &[]), None);
        assert_eq!(
            client_identity(&CertificateDer::from(vec![0x30, 0x80])),
            None
        );
    }
}
