//! Commands into octets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::encode::{Encoded, Encoder, Literals};
use super::super::fetch::FetchItem;
use super::super::value::Value;
use super::arguments::LIST_SELECTS;
use super::{
    Addressing, Append, Command, CommandBody, IdFields, KeyReveal, List, ListReturn, Opening,
    STATUS_ITEMS, StatusItem, Store, StoreAction, StoreAnswer,
};
use crate::confidential::Confidential;
use crate::frame::Binary;

pub(super) fn command(command: &Command, literals: Literals) -> Encoded {
    let mut out = Encoder::new(literals);
    out.raw(command.tag.as_bytes()).space();
    body(&command.body, &mut out);
    out.finish()
}

fn body(body: &CommandBody, out: &mut Encoder) {
    match body {
        CommandBody::Capability => out.raw(b"CAPABILITY"),
        CommandBody::Noop => out.raw(b"NOOP"),
        CommandBody::Logout => out.raw(b"LOGOUT"),
        CommandBody::Id(fields) => write_id(out.raw(b"ID "), fields),
        CommandBody::Starttls => out.raw(b"STARTTLS"),
        CommandBody::Login { user, password } => out
            .raw(b"LOGIN ")
            .astring(user)
            .space()
            .string(password.expose()),
        CommandBody::Authenticate { mechanism, initial } => {
            out.raw(b"AUTHENTICATE ")
                .astring(mechanism.name().as_bytes());
            write_initial(out, initial.as_ref())
        }
        CommandBody::Enable(names) => out.raw(b"ENABLE ").spaced(names, |out, name| {
            out.astring(name.as_bytes());
        }),
        CommandBody::Select(opening) => write_opening(out.raw(b"SELECT "), opening),
        CommandBody::Examine(opening) => write_opening(out.raw(b"EXAMINE "), opening),
        CommandBody::Create(mailbox) => out.raw(b"CREATE ").mailbox(mailbox),
        CommandBody::Delete(mailbox) => out.raw(b"DELETE ").mailbox(mailbox),
        CommandBody::Rename { from, to } => out.raw(b"RENAME ").mailbox(from).space().mailbox(to),
        CommandBody::Subscribe(mailbox) => out.raw(b"SUBSCRIBE ").mailbox(mailbox),
        CommandBody::Unsubscribe(mailbox) => out.raw(b"UNSUBSCRIBE ").mailbox(mailbox),
        CommandBody::List(list) => write_list(out.raw(b"LIST "), list),
        CommandBody::Lsub { reference, pattern } => {
            out.raw(b"LSUB ").mailbox(reference).space().string(pattern)
        }
        CommandBody::Namespace => out.raw(b"NAMESPACE"),
        CommandBody::Status { mailbox, items } => {
            write_status_items(out.raw(b"STATUS ").mailbox(mailbox).space(), items)
        }
        CommandBody::Append(append) => write_append(out.raw(b"APPEND "), append),
        CommandBody::Idle => out.raw(b"IDLE"),
        CommandBody::Close => out.raw(b"CLOSE"),
        CommandBody::Unselect => out.raw(b"UNSELECT"),
        CommandBody::Check => out.raw(b"CHECK"),
        CommandBody::KeyReveal(key_reveal) => write_key_reveal(out.raw(b"KEYREVEAL"), key_reveal),
        CommandBody::Compress(algorithm) => out.raw(b"COMPRESS ").text(algorithm.as_bytes()),
        CommandBody::Unknown(name) => out.text(name.as_bytes()),
        CommandBody::Expunge(_)
        | CommandBody::Search(..)
        | CommandBody::Fetch { .. }
        | CommandBody::Store(..)
        | CommandBody::Copy { .. }
        | CommandBody::Move { .. }
        | CommandBody::Convert(..)
        | CommandBody::Conversions(_) => {
            selected(body, out);
            out
        }
    };
}

/// Commands about messages and conversions.
fn selected(body: &CommandBody, out: &mut Encoder) {
    match body {
        CommandBody::Expunge(None) => {
            out.raw(b"EXPUNGE");
        }
        CommandBody::Expunge(Some(set)) => set.write(out.raw(b"UID EXPUNGE ")),
        CommandBody::Search(addressing, search) => {
            search.write(addressing.write(out).raw(b"SEARCH "))
        }
        CommandBody::Fetch {
            addressing,
            set,
            items,
        } => {
            set.write(addressing.write(out).raw(b"FETCH "));
            FetchItem::write_all(items, out.space());
        }
        CommandBody::Store(addressing, store) => {
            write_store(addressing.write(out).raw(b"STORE "), store)
        }
        CommandBody::Copy {
            addressing,
            set,
            mailbox,
        } => {
            set.write(addressing.write(out).raw(b"COPY "));
            out.space().mailbox(mailbox);
        }
        CommandBody::Move {
            addressing,
            set,
            mailbox,
        } => {
            set.write(addressing.write(out).raw(b"MOVE "));
            out.space().mailbox(mailbox);
        }
        CommandBody::Convert(addressing, convert) => {
            convert.write(addressing.write(out).raw(b"CONVERT "))
        }
        CommandBody::Conversions(conversions) => conversions.write(out.raw(b"CONVERSIONS ")),
        CommandBody::Capability
        | CommandBody::Noop
        | CommandBody::Logout
        | CommandBody::Id(_)
        | CommandBody::Starttls
        | CommandBody::Login { .. }
        | CommandBody::Authenticate { .. }
        | CommandBody::Enable(_)
        | CommandBody::Select(_)
        | CommandBody::Examine(_)
        | CommandBody::Create(_)
        | CommandBody::Delete(_)
        | CommandBody::Rename { .. }
        | CommandBody::Subscribe(_)
        | CommandBody::Unsubscribe(_)
        | CommandBody::List(_)
        | CommandBody::Lsub { .. }
        | CommandBody::Namespace
        | CommandBody::Status { .. }
        | CommandBody::Append(_)
        | CommandBody::Idle
        | CommandBody::Close
        | CommandBody::Unselect
        | CommandBody::Check
        | CommandBody::KeyReveal(_)
        | CommandBody::Compress(_)
        | CommandBody::Unknown(_) => {}
    }
}

impl Addressing {
    fn write(self, out: &mut Encoder) -> &mut Encoder {
        match self {
            Self::Sequence => out,
            Self::Uid => out.raw(b"UID "),
        }
    }
}

/// Writes ID's parameters, of the command or the response (RFC 2971 §3.3).
pub(in super::super) fn write_id<'e>(out: &'e mut Encoder, fields: &IdFields) -> &'e mut Encoder {
    if fields.is_empty() {
        return out.raw(b"NIL");
    }
    out.list(fields, |out, (name, value)| {
        out.string(name).space().nstring(value.as_deref());
    })
}

fn write_initial<'e>(out: &'e mut Encoder, initial: Option<&Confidential>) -> &'e mut Encoder {
    match initial.map(Confidential::expose) {
        None => out,
        Some(b"") => out.raw(b" ="), // RFC 4959 §3: the empty response
        Some(response) => out.space().raw(STANDARD.encode(response).as_bytes()),
    }
}

fn write_opening<'e>(out: &'e mut Encoder, opening: &Opening) -> &'e mut Encoder {
    out.mailbox(&opening.mailbox);
    // Written anew, so that nothing goes out that was not understood.
    if let Some(Ok(value)) = opening.parameters.as_deref().map(Value::parse) {
        value.write(out.space());
    }
    out
}

fn write_list<'e>(out: &'e mut Encoder, list: &List) -> &'e mut Encoder {
    if !list.select.is_empty() {
        out.list(&list.select, |out, option| {
            let name = LIST_SELECTS
                .iter()
                .find(|(_, meant)| meant == option)
                .map(|(name, _)| *name);
            out.raw(name.unwrap_or_default().as_bytes());
        });
        out.space();
    }
    out.mailbox(&list.reference).space();
    match list.patterns.as_slice() {
        [pattern] => out.string(pattern),
        patterns => out.list(patterns, |out, pattern| {
            out.string(pattern);
        }),
    };
    match &list.returns {
        None => out,
        Some(returns) => out.raw(b" RETURN ").list(returns, write_list_return),
    }
}

fn write_list_return(out: &mut Encoder, option: &ListReturn) {
    match option {
        ListReturn::Subscribed => out.raw(b"SUBSCRIBED"),
        ListReturn::Children => out.raw(b"CHILDREN"),
        ListReturn::SpecialUse => out.raw(b"SPECIAL-USE"),
        ListReturn::Status(items) => write_status_items(out.raw(b"STATUS "), items),
    };
}

fn write_status_items<'e>(out: &'e mut Encoder, items: &[StatusItem]) -> &'e mut Encoder {
    out.list(items, |out, item| item.write(out))
}

impl StatusItem {
    pub(in super::super) fn write(self, out: &mut Encoder) {
        let name = STATUS_ITEMS
            .iter()
            .find(|(_, item)| *item == self)
            .map(|(name, _)| *name);
        out.raw(name.unwrap_or_default().as_bytes());
    }
}

fn write_append<'e>(out: &'e mut Encoder, append: &Append) -> &'e mut Encoder {
    out.mailbox(&append.mailbox).space();
    if !append.flags.is_empty() {
        out.list(&append.flags, |out, flag| flag.write(out)).space();
    }
    if let Some(date) = append.date {
        date.write(out);
        out.space();
    }
    let binary = if append.message.contains(&0) {
        Binary::Yes
    } else {
        Binary::No
    };
    out.literal(&append.message, binary)
}

fn write_store(out: &mut Encoder, store: &Store) {
    store.set.write(out);
    match store.action {
        StoreAction::Replace => out.raw(b" FLAGS"),
        StoreAction::Add => out.raw(b" +FLAGS"),
        StoreAction::Remove => out.raw(b" -FLAGS"),
    };
    match store.answer {
        StoreAnswer::Told => out.space(),
        StoreAnswer::Silent => out.raw(b".SILENT "),
    };
    out.list(&store.flags, |out, flag| flag.write(out));
}

fn write_key_reveal<'e>(out: &'e mut Encoder, key_reveal: &KeyReveal) -> &'e mut Encoder {
    out.space().number(key_reveal.count.into());
    if key_reveal.suites.is_empty() {
        return out;
    }
    out.space().list(&key_reveal.suites, |out, suite| {
        out.astring(suite.as_bytes());
    })
}
