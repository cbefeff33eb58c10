//! `handset list`.

use handset::{Encryption, Listing, Summary};
use serde_json::{Value, json};

use crate::args::{Account, ListArguments};
use crate::exit::Failure;
use crate::screen::{self, Style, column, safe, size};
use crate::session::{Session, mailbox};

pub(crate) async fn run(
    account: &Account,
    arguments: &ListArguments,
    style: Style,
) -> Result<(), Failure> {
    let mut session = Session::open(account).await?;
    let listing = session
        .client
        .list(&mailbox(account), arguments.newest)
        .await?;
    session.pause();
    match style {
        Style::Text => show(&listing),
        Style::Json => screen::say_json(&as_json(&listing)),
    }
    session.close().await;
    Ok(())
}

fn show(listing: &Listing) {
    screen::say(&format!(
        "{:>8}  {:<19}{:<24}{:>9}  {:<11}Subject",
        "UID", "Date", "From", "Size", "Encrypted"
    ));
    for message in &listing.messages {
        screen::say(&line(message));
    }
    screen::note(&format!(
        "{} of {} messages.",
        listing.messages.len(),
        listing.exists
    ));
}

fn line(message: &Summary) -> String {
    let Summary {
        uid,
        date,
        from,
        subject,
        octets,
        encryption,
    } = message;
    let (date, from) = (column(when(date), 19), column(from, 24));
    let encrypted = column(&words(*encryption), 11);
    format!(
        "{:>8}  {date}{from}{:>9}  {encrypted}{}",
        uid.value(),
        size(*octets),
        safe(subject)
    )
}

/// Day and minute of a date as mail writes it (RFC 5322 §3.3), without the day of the week, the seconds and the zone.
fn when(date: &str) -> &str {
    let day = date.split_once(',').map_or(date, |(_, day)| day).trim();
    match day.match_indices(':').nth(1) {
        Some((seconds, _)) => day.get(..seconds).unwrap_or(day),
        None => day,
    }
}

fn words(encryption: Encryption) -> String {
    match encryption {
        Encryption::None => "no".to_owned(),
        Encryption::Parts(1) => "1 part".to_owned(),
        Encryption::Parts(count) => format!("{count} parts"),
        Encryption::Whole => "whole".to_owned(),
        Encryption::OpenPgp => "OpenPGP".to_owned(),
    }
}

fn as_json(listing: &Listing) -> Value {
    let messages: Vec<Value> = listing.messages.iter().map(message_as_json).collect();
    json!({ "uid_validity": listing.uid_validity.value(), "exists": listing.exists, "messages": messages })
}

fn message_as_json(message: &Summary) -> Value {
    let (kind, parts) = match message.encryption {
        Encryption::None => ("none", 0),
        Encryption::Parts(count) => ("parts", count),
        Encryption::Whole => ("whole", 1),
        Encryption::OpenPgp => ("openpgp", 1),
    };
    json!({
        "uid": message.uid.value(),
        "date": message.date,
        "from": message.from,
        "subject": message.subject,
        "octets": message.octets,
        "encrypted": kind,
        "encrypted_parts": parts,
    })
}

#[cfg(test)]
mod tests {
    use super::when;

    #[test]
    fn a_date_is_shown_to_the_minute() {
        assert_eq!(when("Mon, 23 Nov 2026 10:00:00 +0000"), "23 Nov 2026 10:00");
        assert_eq!(when("23 Nov 2026 10:00 +0000"), "23 Nov 2026 10:00 +0000");
        assert_eq!(when(""), "");
    }
}
