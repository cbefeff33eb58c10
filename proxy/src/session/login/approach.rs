//! A login in words for the store that was dialled: who asks, then the credentials, in one piece where the store lets us.
//!
//! Nothing is repeated from the client's octets: all is written anew from what was parsed.

use std::collections::VecDeque;

use wire::{
    Confidential,
    imap::{
        Capabilities, Code, Command, CommandBody, Encoded, Literals, StatusKind, Tag, capability,
        encode::LITERAL_MINUS,
        sasl::{
            ClientLine, Mechanism, Plain,
            scram::{Binding, ClientFirst},
        },
    },
};
use zeroize::Zeroizing;

use super::{
    Attempt, Phase,
    credentials::{Credentials, Proof, Road},
    identity,
    upstream::{Challenges, Upstream},
    verdict,
};
use crate::{
    clock::Moment,
    config::{Identify, MasterForm},
    event::Event,
    session::{Greeted, MasterLogin, Outcome, Session},
};

/// Octets to be sent with a `+` of the store's between each two.
pub(super) type Pieces = VecDeque<Zeroizing<Vec<u8>>>;

/// Why this store cannot be told these credentials.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum NoWay {
    /// It does not offer what is needed.
    NotOffered,
    /// It offers channel binding, of which this client believes that it is not offered: it would call it a downgrade
    /// (RFC 5802 §6).
    LooksLikeDowngrade,
    /// It has no master login.
    NoMaster,
    /// The client gives a name that is the master's, or would make it look as if the master had logged in.
    Masters,
}

impl NoWay {
    fn text(self) -> &'static str {
        match self {
            Self::NotOffered => "The mail store does not offer this login",
            Self::LooksLikeDowngrade => "Channel binding is not relayed; log in without it",
            Self::NoMaster => "Certificates are not taken for this mail store",
            Self::Masters => verdict::WRONG,
        }
    }
}

/// Tags for the two commands of ours that come before anything of the client's.
const IDENTIFIES: &str = "keyhole1";
const LOGS_IN: &str = "keyhole2";

impl Session {
    /// The store is there.
    pub(super) fn approach(
        &mut self,
        tag: Tag,
        began: Moment,
        credentials: Credentials,
        greeted: Greeted,
        now: Moment,
    ) {
        let Greeted {
            capabilities,
            traits,
        } = greeted;
        self.store.connect(&self.settings, &traits, now);
        let Credentials { user, proof } = credentials;
        let way = Tag::new(LOGS_IN).ok_or(NoWay::NotOffered).and_then(|tag| {
            Ok((
                tag.clone(),
                way(tag, &user, proof, &capabilities, traits.master)?,
            ))
        });
        let Some(entrance) = self.entrance() else {
            return;
        };
        let (own, (mut pieces, challenges)) = match way {
            Ok(way) => way,
            Err(no_way) => {
                // `end_attempt` answers whoever has an attempt under way.
                let phase = Phase::Answering(Box::new(Upstream::silent(tag.clone())));
                entrance.attempt = Some(Attempt { tag, began, phase });
                return self.no_way(no_way, now);
            }
        };
        let identified = identify(&capabilities, traits.identify)
            .map(|tag| (identity::for_store(&entrance.facts, &entrance.fields), tag));
        let mut first = Zeroizing::new(Vec::new());
        let identifies = identified.map(|(fields, tag)| {
            let body = CommandBody::Id(fields);
            let command = Command {
                tag: tag.clone(),
                body,
            };
            first.extend_from_slice(command.encode(Literals::Synchronising).octets());
            tag
        });
        // One write: the store sees both at once, and nobody waits for Nagle.
        first.extend_from_slice(&pieces.pop_front().unwrap_or_default());
        let upstream = Upstream::new(identifies, own, pieces, challenges, user);
        entrance.attempt = Some(Attempt {
            tag,
            began,
            phase: Phase::Answering(Box::new(upstream)),
        });
        self.out.send_wiped(first);
    }

    fn no_way(&mut self, no_way: NoWay, now: Moment) {
        self.out.record_reason(Event::LoginRefused, no_way.text());
        let (code, outcome) = match no_way {
            NoWay::NotOffered | NoWay::LooksLikeDowngrade | NoWay::NoMaster => {
                (Code::Cannot, Outcome::Undecided)
            }
            // As for a wrong password, by which it might be guessed.
            NoWay::Masters => (Code::AuthenticationFailed, Outcome::Refused),
        };
        self.end_unjudged(StatusKind::No, Some(code), no_way.text(), outcome, now);
    }
}

/// The tag of an ID, if the store is to be told who the client is.
fn identify(store: &Capabilities, identify: Identify) -> Option<Tag> {
    match identify {
        Identify::Yes if store.contains("ID") => Tag::new(IDENTIFIES),
        Identify::Yes | Identify::No => None,
    }
}

/// How the store is told.
fn way(
    tag: Tag,
    user: &str,
    proof: Proof,
    store: &Capabilities,
    master: Option<MasterLogin>,
) -> Result<(Pieces, Challenges), NoWay> {
    if master
        .as_ref()
        .is_some_and(|master| names_master(user, &proof, master))
    {
        return Err(NoWay::Masters);
    }
    let pieces = match proof {
        Proof::Password { road, plain } => password(tag, road, &plain, store)?,
        Proof::Certificate => {
            let master = master.ok_or(NoWay::NoMaster)?;
            password(tag, Road::Authenticate, &by_master(user, master), store)?
        }
        Proof::Exchange {
            mechanism,
            initial,
            binding,
        } => {
            if !store.contains(&mechanism.capability()) {
                return Err(NoWay::NotOffered);
            }
            let binds = store.contains(&[&mechanism.capability(), "-PLUS"].concat());
            if binds && binding == Binding::NotOffered {
                return Err(NoWay::LooksLikeDowngrade);
            }
            return Ok((
                authenticate(tag, mechanism, initial, store),
                Challenges::Clients,
            ));
        }
    };
    Ok((pieces, Challenges::Nobodys))
}

/// Whether one of the names that a client gives is the master's, or holds the sign behind which the store reads that.
/// Stores mostly do not tell cases of a name apart.
fn names_master(user: &str, proof: &Proof, master: &MasterLogin) -> bool {
    let own = match proof {
        Proof::Password { plain, .. } => Some(plain.user.clone()),
        Proof::Exchange {
            mechanism: Mechanism::ScramSha1 | Mechanism::ScramSha256,
            initial,
            ..
        } => ClientFirst::parse(initial).map(|first| first.user),
        Proof::Exchange { .. } | Proof::Certificate => None,
    };
    own.iter().map(String::as_str).chain([user]).any(|name| {
        let joins = match master.form {
            MasterForm::Asterisk => name.contains('*'),
            MasterForm::Authzid => false,
        };
        joins || name.eq_ignore_ascii_case(&master.user)
    })
}

/// The proxy's own login for a user.
fn by_master(user: &str, master: MasterLogin) -> Plain {
    let MasterLogin {
        user: name,
        password,
        form,
    } = master;
    let (authorize, user) = match form {
        MasterForm::Authzid => (user.to_owned(), name),
        MasterForm::Asterisk => (String::new(), [user, "*", &name].concat()),
    };
    Plain {
        authorize,
        user,
        password,
    }
}

/// A password, by the command that it came by if the store takes that, else by the other.
fn password(tag: Tag, road: Road, plain: &Plain, store: &Capabilities) -> Result<Pieces, NoWay> {
    let by_plain = store.contains(capability::AUTH_PLAIN);
    // LOGIN has no identity to act as.
    let alone = plain.authorize.is_empty() || plain.authorize == plain.user;
    let by_login = alone && !store.contains(capability::LOGINDISABLED);
    match (road, by_login, by_plain) {
        (Road::Login, true, _) | (Road::Authenticate, true, false) => Ok(login(tag, plain)),
        (Road::Authenticate, _, true) | (Road::Login, false, true) => {
            Ok(authenticate(tag, Mechanism::Plain, plain.encode(), store))
        }
        (_, false, false) => Err(NoWay::NotOffered),
    }
}

fn login(tag: Tag, plain: &Plain) -> Pieces {
    let body = CommandBody::Login {
        user: plain.user.clone().into_bytes(),
        password: plain.password.clone(),
    };
    // As for every command: no literal before the store asks for it.
    pieces(Command { tag, body }.encode(Literals::Synchronising))
}

/// With the initial response where the store takes one (RFC 4959) and it is no longer than anybody expects a line to be;
/// else after the store's `+`.
fn authenticate(
    tag: Tag,
    mechanism: Mechanism,
    initial: Confidential,
    store: &Capabilities,
) -> Pieces {
    let at_once = store.contains(capability::SASL_IR) && initial.expose().len() <= LITERAL_MINUS;
    let (now, later) = if at_once {
        (Some(initial), None)
    } else {
        (None, Some(initial))
    };
    let body = CommandBody::Authenticate {
        mechanism,
        initial: now,
    };
    let mut pieces = pieces(Command { tag, body }.encode(Literals::Synchronising));
    pieces.extend(later.map(|message| {
        Zeroizing::new([ClientLine::encode(message.expose()).expose(), b"\r\n"].concat())
    }));
    pieces
}

fn pieces(encoded: Encoded) -> Pieces {
    let pieces = encoded
        .pieces()
        .map(|piece| Zeroizing::new(piece.to_vec()))
        .collect();
    drop(Zeroizing::new(encoded.into_octets())); // it holds them too, and is wiped
    pieces
}
