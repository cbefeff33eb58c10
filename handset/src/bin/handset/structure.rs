//! `handset structure`: the parts of a message, and what is encrypted to whom.

use envelope::Integrity;
use envelope::cms::Recipient;
use handset::addressee;
use handset::{Error, Head, Holder, Mailbox, NotOpenable, Part, PartKind, Scope, Uid};
use serde_json::{Value, json};

use crate::args::{Account, StructureArguments};
use crate::exit::{Exit, Failure};
use crate::keys;
use crate::screen::{self, Style, safe, size};
use crate::session::{Session, mailbox};

/// The most encrypted parts whose beginning is read: each costs octets over the air.
const MOST_HEADS: usize = 32;

/// What is known of one encrypted part.
enum Look {
    Read(Head),
    Unreadable(NotOpenable),
    NotRead,
}

pub(crate) async fn run(
    account: &Account,
    arguments: &StructureArguments,
    style: Style,
) -> Result<(), Failure> {
    let holder = keys::holder(account)?;
    let mut session = Session::open(account).await?;
    let (mailbox, uid) = (mailbox(account), Uid(arguments.uid));
    let message = session.client.structure(&mailbox, uid).await?;
    let mut looks = Vec::new();
    for part in message.encrypted() {
        let look = if looks.len() < MOST_HEADS {
            look(&mut session, &mailbox, uid, part).await?
        } else {
            Look::NotRead
        };
        looks.push((part, look));
    }
    session.pause();
    match style {
        Style::Text => show(&message, &looks, holder.as_ref()),
        Style::Json => screen::say_json(&as_json(&message, &looks, holder.as_ref())),
    }
    session.close().await;
    Ok(())
}

async fn look(
    session: &mut Session,
    mailbox: &Mailbox,
    uid: Uid,
    part: &Part,
) -> Result<Look, Failure> {
    match session.client.head(mailbox, uid, part).await {
        Ok(head) => Ok(Look::Read(head)),
        Err(Error::NotOpenable(why)) => Ok(Look::Unreadable(why)),
        Err(other) => Err(other.into()),
    }
}

fn show(message: &Part, looks: &[(&Part, Look)], holder: Option<&Holder>) {
    for (depth, part) in message.all() {
        let indent = "  ".repeat(depth);
        screen::say(&format!("{indent}{}", line(part)));
        let look = looks.iter().find(|(looked, _)| {
            looked.section == part.section && part.kind == PartKind::SmimeEncrypted
        });
        for line in look
            .map(|(_, look)| encryption(part, look, holder))
            .unwrap_or_default()
        {
            screen::say(&format!("{indent}      {line}"));
        }
    }
}

fn line(part: &Part) -> String {
    let section = if part.section.is_empty() {
        "-".to_owned()
    } else {
        part.section.to_string()
    };
    let name = part
        .name
        .as_deref()
        .map(|name| format!("  {}", safe(name)))
        .unwrap_or_default();
    let octets = match part.kind {
        PartKind::Multipart => String::new(),
        PartKind::Message
        | PartKind::Plain
        | PartKind::SmimeEncrypted
        | PartKind::SmimeOther
        | PartKind::OpenPgp => {
            format!("  {}", size(part.octets))
        }
    };
    format!(
        "{section:<6}{}{octets}{name}{}",
        safe(&part.media_type),
        kind_words(part.kind)
    )
}

fn kind_words(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Multipart | PartKind::Message | PartKind::Plain => "",
        PartKind::SmimeEncrypted => "  [encrypted]",
        PartKind::SmimeOther => "  [S/MIME, not encrypted]",
        PartKind::OpenPgp => "  [OpenPGP, not supported]",
    }
}

fn encryption(part: &Part, look: &Look, holder: Option<&Holder>) -> Vec<String> {
    let head = match look {
        Look::NotRead => return vec!["not looked at".to_owned()],
        Look::Unreadable(why) => {
            return vec![why.to_string()];
        }
        Look::Read(head) => head,
    };
    let mut lines = vec![content_words(head)];
    if part.scope == Scope::WholeMessage {
        lines.push("one key opens the whole message".to_owned());
    }
    lines.extend(
        head.header
            .recipients
            .iter()
            .map(|recipient| recipient_words(recipient, holder)),
    );
    lines
}

fn content_words(head: &Head) -> String {
    let algorithm = addressee::algorithm(head.header.content.algorithm);
    match head.header.integrity() {
        Integrity::Authenticated => format!("{algorithm}, authenticated"),
        Integrity::None => {
            format!("{algorithm}, WITHOUT integrity: anybody on the way could have altered it")
        }
    }
}

fn recipient_words(recipient: &Recipient, holder: Option<&Holder>) -> String {
    let ours = if is_ours(recipient, holder) {
        "  <- your key"
    } else {
        ""
    };
    let (name, method) = (
        addressee::name(&recipient.id),
        addressee::method(&recipient.method),
    );
    format!("to {} by {method}{ours}", safe(&name))
}

fn is_ours(recipient: &Recipient, holder: Option<&Holder>) -> bool {
    holder.is_some_and(|holder| holder.matches(recipient))
}

fn as_json(message: &Part, looks: &[(&Part, Look)], holder: Option<&Holder>) -> Value {
    let parts = message.all();
    let parts: Vec<Value> = parts
        .iter()
        .map(|(depth, part)| {
            let look = looks
                .iter()
                .find(|(looked, _)| std::ptr::eq(*looked, *part));
            json!({
                "section": part.section.to_string(),
                "depth": depth,
                "media_type": part.media_type,
                "name": part.name,
                "octets": part.octets,
                "kind": kind_name(part.kind),
                "key_opens": scope_name(part.scope),
                "encryption": look.map(|(_, look)| look_as_json(look, holder)),
            })
        })
        .collect();
    json!({ "parts": parts })
}

fn look_as_json(look: &Look, holder: Option<&Holder>) -> Value {
    match look {
        Look::NotRead => json!({ "read": false }),
        Look::Unreadable(why) => {
            json!({ "read": false, "why": why.to_string() })
        }
        Look::Read(head) => json!({
            "read": true,
            "algorithm": addressee::algorithm(head.header.content.algorithm),
            "integrity": head.header.integrity() == Integrity::Authenticated,
            "recipients": head.header.recipients.iter().map(|recipient| json!({
                "name": addressee::name(&recipient.id),
                "method": addressee::method(&recipient.method),
                "ours": is_ours(recipient, holder),
            })).collect::<Vec<_>>(),
        }),
    }
}

fn kind_name(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Multipart => "multipart",
        PartKind::Message => "message",
        PartKind::Plain => "plain",
        PartKind::SmimeEncrypted => "smime-encrypted",
        PartKind::SmimeOther => "smime-other",
        PartKind::OpenPgp => "openpgp",
    }
}

pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Part => "part",
        Scope::WholeMessage => "whole-message",
        Scope::Neighbours => "neighbours",
        Scope::Unknown => "unknown",
    }
}

/// A section that is typed by the user.
pub(crate) fn section(text: &str) -> Result<handset::PartPath, Failure> {
    let path = handset::PartPath::new(text).filter(|path| !path.is_empty());
    path.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            format!("{}: a section like 2 or 1.2 is needed", safe(text)),
        )
    })
}
