//! Key statements that no vault made.

use keyreveal::{
    ChannelBinding, Identity, KeyId, OneTimeKey, Promises, Retention, SandboxLevel,
    SignedStatement, Statement, Suite, Verified, sign,
};

use super::phone::{rng, unix_time};

/// How long they are good for, in seconds.
const LIFETIME: u64 = 100;

/// The base64 in a line `* KEYREVEAL "…"`.
#[must_use]
pub fn text(line: &[u8]) -> Option<&[u8]> {
    let text = line.strip_prefix(b"* KEYREVEAL \"")?;
    text.split(|octet| *octet == b'"').next()
}

/// Such a line.
#[must_use]
pub fn line(signed: &[u8]) -> Vec<u8> {
    let text = SignedStatement::to_base64(signed);
    format!("* KEYREVEAL \"{text}\"\r\n").into_bytes()
}

/// A statement of a key that was just made and that nobody has.
#[must_use]
pub fn forged(channel_binding: ChannelBinding) -> Statement {
    let suite = Suite::X25519Aes256Gcm;
    Statement {
        key_id: KeyId::generate(&mut rng()),
        suite,
        public_key: OneTimeKey::generate(suite, &mut rng()).public_key(),
        expires: unix_time() + LIFETIME,
        channel_binding,
        promises: Promises {
            sandbox: SandboxLevel::Full,
            retention: Retention::None,
        },
        program: [7; 32],
    }
}

/// What a signed statement for this connection says, whoever signed it.
///
/// # Panics
/// When it is none.
#[must_use]
pub fn read(signed: &[u8], binding: &ChannelBinding) -> Statement {
    let identity = SignedStatement::claimed_identity(signed).expect("an identity");
    let verified = SignedStatement::verify(signed, &identity, binding, 0);
    verified.expect("a statement").statement().clone()
}

/// A statement that was checked, by a handset that believes anybody.
///
/// # Panics
/// When it is for another connection than it says.
#[must_use]
pub fn believed(statement: &Statement) -> Verified {
    let anybody = Identity::generate(&mut rng());
    let signed = sign(statement, &anybody);
    let verified = SignedStatement::verify(
        &signed,
        &anybody.public(),
        &statement.channel_binding,
        unix_time(),
    );
    verified.expect("a statement")
}
