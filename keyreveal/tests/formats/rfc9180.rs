//! The published vectors: RFC 9180 A.1.1 (X25519, HKDF-SHA256, AES-128-GCM, base mode), and the same inputs under AES-256-GCM,
//! held against the `hpke` crate and against the second implementation that the other tests use.

use crate::support::second::{Hpke, derive_key_pair, expand, extract, public_of, shared_secret};
use crate::support::{hex, unhex};
use hpke::aead::{AesGcm128, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, Serializable};

const IKM_R: &str = "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037";
const SK_R: &str = "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8";
const PK_R: &str = "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d";
const SK_E: &str = "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736";
const ENC: &str = "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431";
const SHARED: &str = "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc";
const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";
const PLAINTEXT: &str = "4265617574792069732074727574682c20747275746820626561757479";
const AAD: &str = "436f756e742d30";

/// One AEAD's values.
struct Expected {
    aead: u8,
    key: &'static str,
    base_nonce: &'static str,
    exporter: &'static str,
    ct: &'static str,
}

const RFC_9180_A_1_1: Expected = Expected {
    aead: 1,
    key: "4531685d41d65f03dc48f6b8302c05b0",
    base_nonce: "56d890e5accaaf011cff4b7d",
    exporter: "45ff1c2e220db587171952c0592d5f5ebe103f1561a2614e38f2ffd47e99e3f8",
    ct: "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
};

const SAME_WITH_AES_256: Expected = Expected {
    aead: 2,
    key: "a2863277956ec56c4f9f16b43665870daa2403d0d22baceff6551c4ff35b8528",
    base_nonce: "94fc3a5af015ec686da39ff8",
    exporter: "1de04acd4387c1d4a50b2615c6c46f9c0fd311ba06c106d04e3a4f16f75bc7d3",
    ct: "090b7dc225419f7da9e8b460becfbb96a26c7964d79b8010d397fa838530a32a397b14f5776db19ff5e57734e0",
};

fn array(text: &str) -> [u8; 32] {
    unhex(text).try_into().unwrap()
}

#[test]
fn the_second_implementation_gives_the_published_values() {
    let (sk_r, pk_r) = derive_key_pair(&unhex(IKM_R));
    assert_eq!((hex(&sk_r), hex(&pk_r)), (SK_R.into(), PK_R.into()));
    assert_eq!(hex(&public_of(array(SK_E))), ENC);
    let shared = shared_secret(array(SK_E), pk_r, array(ENC), pk_r);
    assert_eq!(hex(&shared), SHARED);
    assert_eq!(shared_secret(sk_r, array(ENC), array(ENC), pk_r), shared);
    for expected in [RFC_9180_A_1_1, SAME_WITH_AES_256] {
        let hpke = Hpke::new(expected.aead, &shared, &unhex(INFO));
        assert_eq!(hex(&hpke.key), expected.key);
        assert_eq!(hex(&hpke.base_nonce), expected.base_nonce);
        assert_eq!(hex(&hpke.exporter_secret), expected.exporter);
        let ct = hpke.seal(&unhex(AAD), &unhex(PLAINTEXT));
        assert_eq!(hex(&ct), expected.ct);
    }
}

/// RFC 5869 A.1.
#[test]
fn the_second_hkdf_gives_the_published_values() {
    let prk = extract(&unhex("000102030405060708090a0b0c"), &[0x0b; 22]);
    assert_eq!(
        hex(&prk),
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    );
    assert_eq!(
        hex(&expand(&prk, &unhex("f0f1f2f3f4f5f6f7f8f9"), 42)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    );
}

fn open_with_the_hpke_crate<A: hpke::aead::Aead>(ct: &str) -> (Vec<u8>, Vec<u8>) {
    let private = <X25519HkdfSha256 as Kem>::PrivateKey::from_bytes(&unhex(SK_R)).unwrap();
    let enc = <X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(&unhex(ENC)).unwrap();
    let mut context = hpke::setup_receiver::<A, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private,
        &enc,
        &unhex(INFO),
    )
    .unwrap();
    let mut exported = vec![0; 32];
    context.export(b"TestContext", &mut exported).unwrap();
    (context.open(&unhex(ct), &unhex(AAD)).unwrap(), exported)
}

#[test]
fn the_hpke_crate_opens_the_published_messages() {
    let (private, public) = X25519HkdfSha256::derive_keypair(&unhex(IKM_R));
    // The crate clamps a private key when it serialises it (RFC 7748 §5); the RFC prints it as derived.
    let mut clamped = unhex(SK_R);
    clamped[0] &= 248;
    clamped[31] = clamped[31] & 127 | 64;
    assert_eq!(private.to_bytes().to_vec(), clamped);
    assert_eq!(hex(&public.to_bytes()), PK_R);
    let (plaintext, exported) = open_with_the_hpke_crate::<AesGcm128>(RFC_9180_A_1_1.ct);
    assert_eq!(hex(&plaintext), PLAINTEXT);
    // RFC 9180 A.1.1.2, the third exported value.
    assert_eq!(
        hex(&exported),
        "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"
    );
    let (plaintext, exported) = open_with_the_hpke_crate::<AesGcm256>(SAME_WITH_AES_256.ct);
    assert_eq!(hex(&plaintext), PLAINTEXT);
    let shared = unhex(SHARED);
    assert_eq!(
        exported,
        Hpke::new(2, &shared, &unhex(INFO)).export(b"TestContext")
    );
}
