//! `handset fetch`: says what will be revealed and to whom, reveals it, and says what it cost.

use std::path::{Path, PathBuf};

use getrandom::SysRng;
use handset::{
    Acquaintance, Air, Consent, Error, FetchRequest, Fetched, Format, Holder, Holdings, Integrity,
    KeyBinding, Origin, Prepared, Revealed, SandboxLevel, Scope, SealTo, SmimeAlgorithm, Uid,
    addressee,
};
use rand_core::{CryptoRng, UnwrapErr};
use serde_json::{Value, json};

use crate::args::{Account, FetchArguments, FormatName, SealName, SmimeName};
use crate::exit::{Exit, Failure};
use crate::output::{Existing, Output};
use crate::screen::{self, Style, safe, size};
use crate::session::{self, Session};
use crate::structure::{scope_name, section};
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
    let written = output.commit(fetched.picture.expose());
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
    Ok(FetchRequest {
        inner,
        width: arguments.width.or(arguments.size),
        height: arguments.height.or(arguments.size),
        octets: arguments.bytes,
        format: format(arguments)?,
        seal: seal(arguments),
        consent,
        ..FetchRequest::new(session::mailbox(account), Uid(arguments.uid), section)
    })
}

fn seal(arguments: &FetchArguments) -> SealTo {
    match (arguments.seal, arguments.smime_algorithm) {
        (SealName::Session, _) => SealTo::Session,
        (SealName::Smime, SmimeName::Gcm) => SealTo::Smime(SmimeAlgorithm::Aes256Gcm),
        (SealName::Smime, SmimeName::GcmHkdf) => SealTo::Smime(SmimeAlgorithm::Aes256GcmHkdf),
        (SealName::Smime, SmimeName::Cbc) => SealTo::Smime(SmimeAlgorithm::Aes256Cbc),
    }
}

/// As told, else by the output file's name, else JPEG. A name that says another format than told is a mistake.
fn format(arguments: &FetchArguments) -> Result<Format, Failure> {
    let told = arguments.format.map(|name| match name {
        FormatName::Jpeg => Format::Jpeg,
        FormatName::Png => Format::Png,
        FormatName::Webp => Format::WebP,
    });
    let named = arguments.output.as_deref().and_then(format_of_name);
    match (told, named) {
        (Some(told), Some(named)) if told != named => Err(Failure::new(
            Exit::Usage,
            "--format and the output file's name say different formats",
        )),
        (told, named) => Ok(told.or(named).unwrap_or(Format::Jpeg)),
    }
}

fn format_of_name(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => Some(Format::Jpeg),
        "png" => Some(Format::Png),
        "webp" => Some(Format::WebP),
        _ => None,
    }
}

fn output_path(arguments: &FetchArguments, format: Format) -> PathBuf {
    let extension = match format {
        Format::Jpeg => "jpg",
        Format::Png => "png",
        Format::WebP => "webp",
    };
    // Only what `section` accepted gets here: numbers and points.
    let name = || {
        PathBuf::from(format!(
            "{}-{}.{extension}",
            arguments.uid, arguments.section
        ))
    };
    arguments.output.clone().unwrap_or_else(name)
}

/// What is about to be revealed, and to whom.
fn before(prepared: &Prepared) -> Vec<String> {
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
    let Fetched {
        width,
        height,
        format,
        report,
        ..
    } = fetched;
    let octets = octets(fetched);
    let mut lines = vec![
        format!(
            "{}: {} × {} pixels, {}, {}.",
            path.display(),
            width,
            height,
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
        lines.push("WARNING: the part was encrypted without integrity (CBC): anybody on the way could have altered the picture.".into());
    }
    if fetched.origin == Origin::AnybodyWithTheCertificate {
        lines.push("The result was sealed to your certificate: that it comes from the vault is the proxy's word.".into());
    }
    lines
}

fn octets(fetched: &Fetched) -> u64 {
    u64::try_from(fetched.picture.len()).unwrap_or(u64::MAX)
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
    json!({
        "result_file": path.display().to_string(),
        "result_type": fetched.format.name(),
        "result_width": fetched.width,
        "result_height": fetched.height,
        "result_octets": octets(fetched),
        "sealed_octets": report.sealed_octets,
        "source_type": fetched.source_type,
        "source_octets": fetched.source_octets,
        "part_octets": report.part_octets,
        "over_the_air_octets": air.total(),
        "sent_octets": air.sent,
        "received_octets": air.received,
        "conversion_octets": report.air.total(),
        "integrity": fetched.integrity == Integrity::Authenticated,
        "made_by_vault": fetched.origin == Origin::Vault,
        "revealed": {
            "mailbox": String::from_utf8_lossy(revealed.mailbox.as_bytes()),
            "uid_validity": revealed.uid_validity.value(),
            "uid": revealed.uid.value(),
            "section": revealed.section.to_string(),
            "algorithm": addressee::algorithm(revealed.algorithm),
            "bound_to_algorithm": revealed.binding == KeyBinding::Derived,
            "key_opens": scope_name(revealed.scope),
        },
        "revealed_to": identity::as_json(&report.recipient),
    })
}
