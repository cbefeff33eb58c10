//! `handset identity`.

use handset::{Acquaintance, IdentityKey, Recipient, SandboxLevel};
use serde_json::{Value, json};

use crate::args::{Account, IdentityAction};
use crate::exit::Failure;
use crate::screen::{self, Style};
use crate::session::{Session, identity, known, now, pin, remember, server_label};

pub(crate) async fn run(
    account: &Account,
    action: IdentityAction,
    style: Style,
) -> Result<(), Failure> {
    match action {
        IdentityAction::Show => show(account, style).await,
        IdentityAction::Pin { identity: text } => {
            let identity = identity(&text)?;
            remember(account, identity)?;
            pinned(&server_label(account)?, identity, style);
            Ok(())
        }
        IdentityAction::Known => {
            list(&known(account)?.to_text(), style);
            Ok(())
        }
    }
}

/// The identity that signs the proxy's statements now; another than the known one is a failure, as in a fetch.
async fn show(account: &Account, style: Style) -> Result<(), Failure> {
    let pin = pin(account)?;
    let mut session = Session::open(account).await?;
    let statement = session.client.key_statement().await?;
    let recipient = session.client.check_statement(&statement, pin, now())?;
    session.pause();
    session.close().await;
    match style {
        Style::Text => show_text(&recipient),
        Style::Json => screen::say_json(&as_json(&recipient)),
    }
    Ok(())
}

fn show_text(recipient: &Recipient) {
    let Recipient {
        identity,
        acquaintance,
        promises,
        program,
    } = recipient;
    screen::say(&format!("identity     {identity}"));
    screen::say(&format!("fingerprint  {}", identity.fingerprint()));
    screen::say(&format!(
        "state        {}",
        acquaintance_name(*acquaintance)
    ));
    screen::say(&format!("sandbox      {}", sandbox_name(promises.sandbox)));
    screen::say(&format!("program      sha256 {}", screen::hex(program)));
    if *acquaintance == Acquaintance::FirstUse {
        screen::note("Compare it with what the operator says, then: handset identity pin IDENTITY");
    }
}

/// The one to whom something is revealed, for a program.
pub(crate) fn as_json(recipient: &Recipient) -> Value {
    json!({
        "identity": recipient.identity.to_string(),
        "fingerprint": recipient.identity.fingerprint(),
        "state": acquaintance_name(recipient.acquaintance),
        "sandbox": sandbox_name(recipient.promises.sandbox),
        "program_sha256": screen::hex(&recipient.program),
    })
}

fn acquaintance_name(acquaintance: Acquaintance) -> &'static str {
    match acquaintance {
        Acquaintance::Pinned => "known",
        Acquaintance::FirstUse => "first-use",
    }
}

/// How far a vault is shut in, by the proxy's word.
pub(crate) fn sandbox_name(level: SandboxLevel) -> &'static str {
    match level {
        SandboxLevel::None => "none",
        SandboxLevel::BestEffort => "best effort",
        SandboxLevel::Full => "full",
    }
}

fn pinned(server: &str, identity: IdentityKey, style: Style) {
    match style {
        Style::Text => screen::note(&format!(
            "{server} must have the identity {} from now on.",
            identity.fingerprint()
        )),
        Style::Json => {
            screen::say_json(&json!({ "server": server, "identity": identity.to_string() }))
        }
    }
}

fn list(text: &str, style: Style) {
    let entries = text.lines().filter_map(|line| line.split_once(' '));
    match style {
        Style::Text => {
            entries.for_each(|(server, identity)| screen::say(&format!("{server}  {identity}")))
        }
        Style::Json => {
            let known: Vec<_> = entries
                .map(|(server, identity)| json!({ "server": server, "identity": identity }))
                .collect();
            screen::say_json(&json!({ "known": known }));
        }
    }
}
