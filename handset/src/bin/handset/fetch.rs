//! `handset fetch`: says what will be revealed and to whom, reveals it, and says what it cost.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use getrandom::SysRng;
use handset::{
    Acquaintance, Air, Consent, Error, FetchRequest, Fetched, Format, Holder, Holdings, Integrity,
    KeyBinding, Origin, Prepared, Revealed, SandboxLevel, Scope, SealTo, SmimeAlgorithm, Uid,
    addressee,
};
use rand_core::{CryptoRng, UnwrapErr};
use serde_json::{Value, json};

use crate::args::{Account, FetchArguments, SealName, SmimeName};
use crate::exit::{Exit, Failure};
use crate::output::{Existing, Output};
use crate::screen::{self, Style, safe, size};
use crate::session::{self, Session};
use crate::structure::{scope_name, section};
use crate::wanted::{self, asked, extension, measured, put};
use crate::{identity, keys};

pub(crate) async fn run(
    account: &Account,
    arguments: &FetchArguments,
    style: Style,
) -> Result<(), Failure> {
    let request = request(account, arguments)?;
    let path = output_path(arguments, request.format);
    let holder = keys::holder(account)?;
    let holder = holder
        .ok_or_else(|| Failure::new(Exit::Usage, "--key with --cert, or --pkcs12, is needed"))?;
    let holdings = Holdings {
        keys: std::slice::from_ref(&holder),
        pin: session::pin(account)?,
    };
    let existing = if arguments.force {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let output =
        Output::reserve(&path, existing).map_err(|error| Failure::output(&path, &error))?;
    // Without the system's generator nothing can be sealed; then ending at once is right.
    let mut rng = UnwrapErr(SysRng);

    let mut session = Session::open(account).await?;
    let prepared = session
        .client
        .prepare(&request, holdings, &session::now, &mut rng)
        .await?;
    session.pause();
    if prepared.recipient.acquaintance == Acquaintance::FirstUse {
        session::remember(account, prepared.recipient.identity)?;
    }
    before(&prepared).iter().for_each(|line| screen::note(line));
    session.resume();
    let fetched = reveal(&mut session, &prepared, holdings.keys, &mut rng).await;
    let fetched = fetched.map_err(|error| Failure::from(error).after_reveal())?;
    session.pause();
    let path = match (&arguments.output, request.format) {
        (None, None) => file_name(arguments.uid, &arguments.section, Some(fetched.format)),
        (Some(_), _) | (None, Some(_)) => path,
    };
    let written = output.commit_as(&path, fetched.content.expose());
    written.map_err(|error| Failure::output(&path, &error).after_reveal())?;
    let air = session.meter.air();
    session.close().await;
    match style {
        Style::Text => after(&fetched, air, &path)
            .iter()
            .for_each(|line| screen::note(line)),
        Style::Json => screen::say_json(&as_json(&fetched, air, &path)),
    }
    Ok(())
}

/// The step that cannot be taken back.
async fn reveal(
    session: &mut Session,
    prepared: &Prepared,
    keys: &[Holder],
    rng: &mut impl CryptoRng,
) -> Result<Fetched, Error> {
    let sealed = session.client.send(prepared).await?;
    prepared.open(&sealed, keys, rng)
}

fn request(account: &Account, arguments: &FetchArguments) -> Result<FetchRequest, Failure> {
    let inner = arguments.inner.as_deref().map(section).transpose()?;
    let section = section(&arguments.section)?;
    let consent = if arguments.reveal_whole_message {
        Consent::WholeMessage
    } else {
        Consent::OnePart
    };
    let request = FetchRequest {
        inner,
        seal: seal(arguments),
        consent,
        ..FetchRequest::new(session::mailbox(account), Uid(arguments.uid), section)
    };
    asked(request, &arguments.wanted, arguments.output.as_deref())
}

fn seal(arguments: &FetchArguments) -> SealTo {
    match (arguments.seal, arguments.smime_algorithm) {
        (SealName::Session, _) => SealTo::Session,
        (SealName::Smime, SmimeName::Gcm) => SealTo::Smime(SmimeAlgorithm::Aes256Gcm),
        (SealName::Smime, SmimeName::GcmHkdf) => SealTo::Smime(SmimeAlgorithm::Aes256GcmHkdf),
        (SealName::Smime, SmimeName::Cbc) => SealTo::Smime(SmimeAlgorithm::Aes256Cbc),
    }
}

/// The file, if its name is known before what comes is.
fn output_path(arguments: &FetchArguments, format: Option<Format>) -> PathBuf {
    // Only what `section` accepted gets here: numbers and points.
    let name = || file_name(arguments.uid, &arguments.section, format);
    arguments.output.clone().unwrap_or_else(name)
}

/// `UID-SECTION.FORMAT`; without the last where it is the server's to choose.
pub(crate) fn file_name(uid: NonZeroU32, section: &str, format: Option<Format>) -> PathBuf {
    let stem = format!("{uid}-{section}");
    PathBuf::from(match format {
        Some(format) => format!("{stem}.{}", extension(format)),
        None => stem,
    })
}

/// What is about to be revealed, and to whom.
pub(crate) fn before(prepared: &Prepared) -> Vec<String> {
    let Revealed {
        mailbox,
        uid,
        section,
        algorithm,
        binding,
        scope,
        ..
    } = &prepared.revealed;
    let recipient = &prepared.recipient;
    let mailbox = safe(&String::from_utf8_lossy(mailbox.as_bytes()));
    let (algorithm, part) = (addressee::algorithm(*algorithm), size(prepared.part_octets));
    let mut lines = vec![
        format!(
            "Revealing, once: the content key of part {section} of message {uid} in {mailbox} ({part}, {algorithm})."
        ),
        format!(
            "It opens {}.{}",
            scope_words(*scope),
            binding_words(*binding)
        ),
        format!(
            "To: the proxy {} (fingerprint).",
            recipient.identity.fingerprint()
        ),
    ];
    if recipient.acquaintance == Acquaintance::FirstUse {
        lines.push("Its identity was not known before: it is believed and remembered now. Compare it with the operator's word.".into());
    }
    match recipient.promises.sandbox {
        SandboxLevel::Full => {}
        level @ (SandboxLevel::BestEffort | SandboxLevel::None) => {
            lines.push(format!(
                "Its vault is not fully shut in: sandbox {}.",
                identity::sandbox_name(level)
            ));
        }
    }
    lines
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Part => "this part and nothing else",
        Scope::WholeMessage => "THE WHOLE MESSAGE, as you allowed",
        Scope::Neighbours => "every part inside this part, as you allowed",
        Scope::Unknown => "what nobody can tell beforehand, as you allowed",
    }
}

fn binding_words(binding: KeyBinding) -> &'static str {
    match binding {
        KeyBinding::Derived => " The key is of use with this algorithm alone (RFC 9709).",
        KeyBinding::Direct => "",
    }
}

/// What came, and what it cost.
fn after(fetched: &Fetched, air: Air, path: &Path) -> Vec<String> {
    let Fetched { format, report, .. } = fetched;
    let octets = u64::try_from(fetched.content.len()).unwrap_or(u64::MAX);
    let mut lines = vec![
        format!(
            "{}: {}, {}, {}.",
            path.display(),
            measured(&fetched.measure),
            format.name(),
            size(octets)
        ),
        format!(
            "Over the air: {} in all ({} sent, {} received) for a part of {}, {}.",
            size(air.total()),
            size(air.sent),
            size(air.received),
            size(report.part_octets),
            share(air, report.part_octets)
        ),
        format!(
            "Revealed: the key of part {} of message {}. It opens {}.",
            report.revealed.section,
            report.revealed.uid,
            scope_words(report.revealed.scope)
        ),
    ];
    if fetched.integrity == Integrity::None {
        lines.push("WARNING: the part was encrypted without integrity (CBC): anybody on the way could have altered it.".into());
    }
    if fetched.origin == Origin::AnybodyWithTheCertificate {
        lines.push("The result was sealed to your certificate: that it comes from the vault is the proxy's word.".into());
    }
    lines
}

fn share(air: Air, part: u64) -> String {
    let permille = air
        .total()
        .saturating_mul(1000)
        .checked_div(part)
        .unwrap_or_default();
    format!("{}.{} %", permille / 10, permille % 10)
}

fn as_json(fetched: &Fetched, air: Air, path: &Path) -> Value {
    let report = &fetched.report;
    let revealed = &report.revealed;
    let mut value = wanted::as_json(fetched, path);
    let air = [
        ("over_the_air_octets", json!(air.total())),
        ("sent_octets", json!(air.sent)),
        ("received_octets", json!(air.received)),
        ("conversion_octets", json!(report.air.total())),
    ];
    for (name, octets) in air {
        put(&mut value, name, octets);
    }
    put(
        &mut value,
        "integrity",
        json!(fetched.integrity == Integrity::Authenticated),
    );
    put(
        &mut value,
        "made_by_vault",
        json!(fetched.origin == Origin::Vault),
    );
    put(&mut value, "revealed", revealed_json(revealed));
    put(
        &mut value,
        "revealed_to",
        identity::as_json(&report.recipient),
    );
    value
}

fn revealed_json(revealed: &Revealed) -> Value {
    json!({
        "mailbox": String::from_utf8_lossy(revealed.mailbox.as_bytes()),
        "uid_validity": revealed.uid_validity.value(),
        "uid": revealed.uid.value(),
        "section": revealed.section.to_string(),
        "algorithm": addressee::algorithm(revealed.algorithm),
        "bound_to_algorithm": revealed.binding == KeyBinding::Derived,
        "key_opens": scope_name(revealed.scope),
    })
}
