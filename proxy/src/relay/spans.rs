//! A session's spans, from what the session asks for and logs: the session itself knows of no tracer. Of a session that is
//! not traced this is one null pointer. It must never tell what a span has no attribute for.

use crate::{
    clock::{Clock, Moment},
    config::BackendName,
    event::{Event, Record},
    metrics::Way,
    registry::Entry,
    session::{self, Answered},
    traces::{Attribute, Outcome, SessionTrace, Span, SpanName, Within},
};

/// The spans that go on in one session.
#[derive(Debug)]
pub(crate) struct Spans(Option<Box<Traced>>);

#[derive(Debug)]
struct Traced {
    session: SessionTrace,
    login: Option<Span>,
    vault_wait: Option<Span>,
    conversion: Option<Conversion>,
    outcome: Outcome,
}

/// A vault at work.
#[derive(Debug)]
struct Conversion {
    // Dropped in this order: a collector gets children first.
    transcode: Option<Span>,
    fetch: Option<Span>,
    convert: Span,
    /// When it was last given something, and how much it has been given.
    fed: Option<Moment>,
    octets: u64,
}

impl Spans {
    pub(super) fn new(session: SessionTrace) -> Self {
        Self(session.is_on().then(|| {
            Box::new(Traced {
                session,
                login: None,
                vault_wait: None,
                conversion: None,
                outcome: Outcome::Done,
            })
        }))
    }

    /// A handshake after STARTTLS.
    pub(crate) fn handshake(&self) -> Span {
        let traced = self.0.as_ref();
        traced.map_or_else(Span::none, |traced| {
            traced.session.span(SpanName::Handshake)
        })
    }

    /// A store is dialled for a login.
    pub(super) fn login_begun(&mut self) -> Within {
        let Some(traced) = &mut self.0 else {
            return Within::default();
        };
        let login = traced.session.span(SpanName::Login);
        traced.login.insert(login).within()
    }

    /// It goes to this backend.
    pub(super) fn login_at(&mut self, backend: BackendName) {
        let Some(traced) = &mut self.0 else { return };
        if let Some(login) = &mut traced.login {
            login.tell(Attribute::Backend(backend));
        }
    }

    /// A login has its answer; one that was refused before a store was dialled has no span until now.
    pub(super) fn login_answered(&mut self, answered: Answered) {
        let Some(traced) = &mut self.0 else { return };
        let Answered {
            mechanism,
            outcome,
            took,
        } = answered;
        let login = traced.login.take();
        let mut login = login.unwrap_or_else(|| traced.session.span(SpanName::Login));
        login.began_ago(took);
        login.tell(Attribute::Mechanism(mechanism));
        login.end(match outcome {
            session::Outcome::Accepted => Outcome::Done,
            session::Outcome::Refused | session::Outcome::Undecided => Outcome::Refused,
            session::Outcome::Failed => Outcome::Failed,
        });
    }

    /// The warden is asked for vaults.
    pub(super) fn asked(&mut self) {
        if let Some(traced) = &mut self.0 {
            traced.vault_wait = Some(traced.session.span(SpanName::VaultWait));
        }
    }

    /// The wait for them is over.
    pub(super) fn answered(&mut self, outcome: Outcome) {
        let Some(traced) = &mut self.0 else { return };
        if let Some(wait) = traced.vault_wait.take() {
            wait.end(outcome);
        }
    }

    /// A vault is to work: the part that it needs is asked for at the same time.
    pub(super) fn employed(&mut self) {
        let Some(traced) = &mut self.0 else { return };
        let convert = traced.session.span(SpanName::Convert);
        traced.conversion = Some(Conversion {
            transcode: None,
            fetch: Some(convert.child(SpanName::Fetch)),
            convert,
            fed: None,
            octets: 0,
        });
    }

    /// The vault took octets.
    pub(super) fn fed(&mut self, octets: usize, now: Moment) {
        let Some(conversion) = self.conversion() else {
            return;
        };
        conversion.fed = Some(now);
        let octets = u64::try_from(octets).unwrap_or(u64::MAX);
        conversion.octets = conversion.octets.saturating_add(octets);
    }

    /// The vault says something: what it was fed last was the end of the part.
    pub(super) fn vault_spoke(&mut self) {
        let Some(conversion) = self.conversion() else {
            return;
        };
        let (Some(mut fetch), Some(fed)) = (conversion.fetch.take(), conversion.fed) else {
            return;
        };
        fetch.tell(Attribute::Octets(Way::ToVault, conversion.octets));
        fetch.over_at(fed);
        fetch.end(Outcome::Done);
        let mut transcode = conversion.convert.child(SpanName::Transcode);
        transcode.began_at(fed);
        conversion.transcode = Some(transcode);
    }

    /// The vault has said all that counts; what came of it is told by the record.
    pub(super) fn dismissed(&mut self, clock: Clock) {
        if let Some(conversion) = self.conversion()
            && let Some(transcode) = &mut conversion.transcode
        {
            transcode.over_at(clock.now());
        }
    }

    fn conversion(&mut self) -> Option<&mut Conversion> {
        self.0.as_mut()?.conversion.as_mut()
    }

    /// What the log says tells what came of a conversion, and of the session.
    pub(super) fn heed(&mut self, record: &Record<'_>) {
        let Some(traced) = &mut self.0 else { return };
        match outcome(record.event()) {
            Some((About::Conversion, outcome)) => traced.converted(record, outcome),
            Some((About::Vault, outcome)) => {
                if let Some(conversion) = &mut traced.conversion {
                    conversion.convert.tell(Attribute::Event(record.event()));
                    if let Some(transcode) = conversion.transcode.take() {
                        transcode.end(outcome);
                    }
                }
            }
            Some((About::Session, outcome)) => {
                traced.session.tell(Attribute::Event(record.event()));
                traced.outcome = outcome;
            }
            None => {}
        }
    }

    /// The session is over, in good order.
    pub(super) fn end(&mut self, entry: &Entry) {
        let Some(traced) = self.0.take() else {
            return;
        };
        let Traced {
            mut session,
            login,
            vault_wait,
            conversion,
            outcome,
        } = *traced;
        drop((login, vault_wait, conversion)); // what still went on was abandoned
        for way in [Way::ToStore, Way::ToClient] {
            session.tell(Attribute::Octets(way, entry.octets(way)));
        }
        session.outcome(outcome);
    }
}

impl Traced {
    fn converted(&mut self, record: &Record<'_>, outcome: Outcome) {
        let Some(conversion) = self.conversion.take() else {
            return; // no vault worked for it
        };
        let Conversion {
            transcode,
            fetch,
            mut convert,
            ..
        } = conversion;
        if let Some(transcode) = transcode {
            transcode.end(outcome);
        }
        drop(fetch);
        if let Some(took) = record.took() {
            convert.began_ago(took);
        }
        convert.tell(Attribute::Event(record.event()));
        convert.end(outcome);
    }
}

/// What an event is about, as far as spans tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum About {
    Conversion,
    Vault,
    Session,
}

fn outcome(event: Event) -> Option<(About, Outcome)> {
    let found = TOLD.iter().find(|(known, ..)| *known == event)?;
    let (_, about, outcome) = found;
    Some((*about, *outcome))
}

/// The events that spans tell.
const TOLD: [(Event, About, Outcome); 9] = [
    (Event::ConversionDone, About::Conversion, Outcome::Done),
    (
        Event::ConversionRefused,
        About::Conversion,
        Outcome::Refused,
    ),
    (Event::RevealRefused, About::Conversion, Outcome::Refused),
    (Event::VaultFailed, About::Vault, Outcome::Failed),
    (Event::StoreFailed, About::Session, Outcome::Failed),
    (Event::ClientFailed, About::Session, Outcome::Refused),
    (Event::ClientTimedOut, About::Session, Outcome::Refused),
    (Event::SessionKicked, About::Session, Outcome::Refused),
    (Event::LoopDetected, About::Session, Outcome::Refused),
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{metrics::ListenerKind, traces::Tracer};

    fn second(number: u64) -> Moment {
        Moment::at(Duration::from_secs(number))
    }

    #[test]
    fn a_conversion_is_the_fetch_and_the_vaults_work() {
        let clock = Clock::start();
        let (tracer, mut ended) = Tracer::heard(clock);
        let mut spans = Spans::new(tracer.session(1, ListenerKind::Imap));
        spans.asked();
        spans.answered(Outcome::Done);
        spans.employed();
        spans.fed(70, second(40));
        spans.fed(7, second(50));
        spans.vault_spoke();
        spans.vault_spoke();
        spans.dismissed(clock);
        let done = Record::of(Event::ConversionDone).milliseconds(9000);
        spans.heed(&done);
        let told: Vec<_> = ended().iter().map(|(name, _)| *name).collect();
        assert_eq!(told, ["vault_wait", "fetch", "transcode", "convert"]);
        drop(spans);
        assert_eq!(ended(), [("session", Outcome::Abandoned)]);
    }

    #[test]
    fn a_vault_that_fails_is_a_failure_of_its_work() {
        let (tracer, mut ended) = Tracer::heard(Clock::start());
        let mut spans = Spans::new(tracer.session(1, ListenerKind::Imap));
        spans.employed();
        spans.fed(7, second(50));
        spans.vault_spoke();
        spans.heed(&Record::of(Event::VaultFailed));
        spans.heed(&Record::of(Event::ConversionRefused));
        let told = ended();
        assert!(told.contains(&("transcode", Outcome::Failed)), "{told:?}");
        assert!(told.contains(&("convert", Outcome::Refused)), "{told:?}");
    }

    #[test]
    fn a_session_that_is_not_traced_is_one_pointer() {
        let mut spans = Spans::new(Tracer::off().session(1, ListenerKind::Imap));
        spans.employed();
        assert!(spans.0.is_none());
        assert_eq!(size_of::<Spans>(), size_of::<usize>());
    }
}
