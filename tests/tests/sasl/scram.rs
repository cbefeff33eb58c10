//! The client's side of SCRAM (RFC 5802) without channel binding.

use std::num::NonZeroU32;

use ::tests::harness::dovecot::User;
use aws_lc_rs::{digest, hmac, pbkdf2};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
}

/// One exchange. Its nonce is the same every time: only the server's has to be fresh here.
#[derive(Debug)]
pub(crate) struct Scram {
    hash: Hash,
    user: User,
    /// What the server must sign.
    signature: Vec<u8>,
}

const NONCE: &str = "fyko+d2lbbFgONRv9qkxdawL";

impl Scram {
    pub(crate) fn new(hash: Hash, user: User) -> Self {
        Self {
            hash,
            user,
            signature: Vec::new(),
        }
    }

    /// `n`: the client has no channel binding.
    pub(crate) fn first(&self) -> Vec<u8> {
        format!("n,,{}", self.first_bare()).into_bytes()
    }

    fn first_bare(&self) -> String {
        format!("n={},r={NONCE}", self.user.name)
    }

    pub(crate) fn proof(&mut self, challenge: &[u8]) -> Vec<u8> {
        let challenge = String::from_utf8(challenge.to_vec()).expect("a challenge");
        let field = |name: &str| {
            let mut fields = challenge.split(',');
            let field = fields.find_map(|field| field.strip_prefix(name));
            field.unwrap_or_else(|| panic!("{name} in {challenge}"))
        };
        let nonce = field("r=");
        assert!(nonce.starts_with(NONCE), "{challenge}");
        let salt = STANDARD.decode(field("s=")).expect("a salt");
        let rounds = field("i=").parse().expect("a count");
        let ending = format!("c=biws,r={nonce}");
        let message = format!("{},{challenge},{ending}", self.first_bare());
        let salted = self.salted(&salt, rounds);
        let client_key = self.sign(&salted, b"Client Key");
        let stored_key = digest::digest(self.digest(), &client_key);
        let signature = self.sign(stored_key.as_ref(), message.as_bytes());
        let proof: Vec<u8> = client_key
            .iter()
            .zip(&signature)
            .map(|(a, b)| a ^ b)
            .collect();
        let server_key = self.sign(&salted, b"Server Key");
        self.signature = self.sign(&server_key, message.as_bytes());
        format!("{ending},p={}", STANDARD.encode(proof)).into_bytes()
    }

    /// The server knows the password too: a proxy in between that changed a letter would be seen here.
    pub(crate) fn verify(&self, last: &[u8]) {
        let last = String::from_utf8_lossy(last);
        assert_eq!(last, format!("v={}", STANDARD.encode(&self.signature)));
    }

    fn digest(&self) -> &'static digest::Algorithm {
        match self.hash {
            Hash::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => &digest::SHA256,
        }
    }

    fn sign(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        let algorithm = match self.hash {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
        };
        hmac::sign(&hmac::Key::new(algorithm, key), text)
            .as_ref()
            .to_vec()
    }

    fn salted(&self, salt: &[u8], rounds: NonZeroU32) -> Vec<u8> {
        let (algorithm, octets) = match self.hash {
            Hash::Sha1 => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            Hash::Sha256 => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
        };
        let mut salted = vec![0; octets];
        pbkdf2::derive(
            algorithm,
            rounds,
            salt,
            self.user.password.as_bytes(),
            &mut salted,
        );
        salted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the standard for SHA-256, with our nonce's place taken by its own.
    #[test]
    fn a_password_is_salted_as_in_the_standard() {
        let user = User {
            name: "user",
            password: "pencil",
        };
        let scram = Scram::new(Hash::Sha256, user);
        let salt = STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let salted = scram.salted(&salt, NonZeroU32::new(4096).unwrap());
        let message = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
                       r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
                       c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        let server_key = scram.sign(&salted, b"Server Key");
        let signature = scram.sign(&server_key, message.as_bytes());
        assert_eq!(
            STANDARD.encode(signature),
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
        );
    }
}
