//! iCalendar (RFC 5545): what, when, where, who. Times are told in the zone that the organizer named; alarms, definitions of
//! zones and attachments stay behind.

mod recurrence;
mod time;

use self::time::{Dates, Time};
use super::content_line::{ContentLine, unescaped};
use super::draft::Draft;
use super::moment::duration;
use super::page::{Element, Gap, Level, Marker, Page};
use super::room::{Flow, Stop};
use crate::budget::Resource;
use crate::refusal::Refusal;

/// Components in components; the standard has two (RFC 5545 §3.6).
const DEEPEST: usize = 16;

/// Reads `text`, in lines that are whole, onto `page`, an entry after the other.
pub(super) fn read(text: &str, page: &mut Page) -> Flow {
    let mut reader = Reader {
        page,
        open: Vec::new(),
        entry: None,
    };
    for line in text.lines() {
        reader.line(line)?;
    }
    reader.show()
}

struct Reader<'p> {
    page: &'p mut Page,
    /// The component that lines are in; alarms in events among them.
    open: Vec<Component>,
    entry: Option<Entry>,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Component {
    Calendar,
    /// An event, something to do, or a journal's entry.
    Entry,
    Unshown,
}

/// An event, as far as it is shown.
#[derive(Default)]
struct Entry {
    summary: Draft,
    start: Option<Time>,
    end: Option<Time>,
    due: Option<Time>,
    duration: Draft,
    repeats: Draft,
    added: Dates,
    excepted: Dates,
    occurrence: Option<Time>,
    location: Draft,
    organizer: Draft,
    attendees: Vec<Draft>,
    status: Draft,
    url: Draft,
    description: Draft,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> Flow {
        let Some(line) = ContentLine::parse(line) else {
            return Ok(());
        };
        if line.is("BEGIN") {
            return self.begin(line.value.trim());
        }
        if line.is("END") {
            return match self.open.pop() {
                Some(Component::Entry) => self.show(),
                Some(Component::Calendar | Component::Unshown) | None => Ok(()),
            };
        }
        match self.open.last() {
            Some(Component::Entry) => {
                if let Some(entry) = &mut self.entry {
                    entry.take(&line);
                }
                Ok(())
            }
            Some(Component::Calendar) if line.is("METHOD") => self.method(line.value.trim()),
            Some(Component::Calendar | Component::Unshown) | None => Ok(()),
        }
    }

    fn begin(&mut self, name: &str) -> Flow {
        if self.open.len() >= DEEPEST {
            return Err(Stop::Refused(Refusal::Exceeded(Resource::Depth)));
        }
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let component = if is("VCALENDAR") {
            Component::Calendar
        } else if is("VEVENT") || is("VTODO") || is("VJOURNAL") {
            self.entry = Some(Entry::default());
            Component::Entry
        } else {
            Component::Unshown
        };
        self.open.push(component);
        Ok(())
    }

    /// RFC 5546 §1.4.
    fn method(&mut self, name: &str) -> Flow {
        let said = match name.to_ascii_uppercase().as_str() {
            "REQUEST" => "Invitation",
            "REPLY" => "Answer to an invitation",
            "CANCEL" => "Cancelled",
            "COUNTER" => "Another time is proposed",
            "DECLINECOUNTER" => "The other time is declined",
            "REFRESH" => "The latest version is asked for",
            "ADD" => "More dates",
            _published => return Ok(()),
        };
        self.page.text(said)?;
        self.page.separate(Gap::Paragraph)
    }

    fn show(&mut self) -> Flow {
        match self.entry.take() {
            Some(entry) => entry.show(self.page),
            None => Ok(()),
        }
    }
}

impl Entry {
    fn take(&mut self, line: &ContentLine<'_>) {
        match line.name.to_ascii_uppercase().as_str() {
            "SUMMARY" => self.summary = unescaped(line.value),
            "DTSTART" => self.start = Some(Time::of(line)),
            "DTEND" => self.end = Some(Time::of(line)),
            "DUE" => self.due = Some(Time::of(line)),
            "DURATION" => self.duration = Draft::new(line.value),
            "RRULE" => self.repeats = Draft::new(line.value),
            "RDATE" => self.added.take(line),
            "EXDATE" => self.excepted.take(line),
            "RECURRENCE-ID" => self.occurrence = Some(Time::of(line)),
            "LOCATION" => self.location = unescaped(line.value),
            "ORGANIZER" => self.organizer = person(line),
            "ATTENDEE" => self.attendees.push(attendee(line)),
            "STATUS" => self.status = Draft::new(line.value),
            "URL" => self.url = Draft::new(line.value),
            "DESCRIPTION" => self.description = unescaped(line.value),
            _unshown => {}
        }
    }

    fn show(&self, page: &mut Page) -> Flow {
        page.open(Element::Heading(Level::Second))?;
        page.text(match self.summary.trim() {
            "" => "(no title)",
            summary => summary,
        })?;
        page.close(Element::Heading(Level::Second))?;
        page.field("When", &self.when())?;
        page.field("Due", &told(self.due.as_ref()))?;
        page.field("Instead of", &told(self.occurrence.as_ref()))?;
        page.field("Repeats", &recurrence::in_words(&self.repeats))?;
        page.field("Also on", &self.added.told())?;
        page.field("Not on", &self.excepted.told())?;
        page.field("Where", &self.location)?;
        page.field("Organizer", &self.organizer)?;
        page.field("Status", &self.status.to_ascii_lowercase())?;
        page.field("Link", &self.url)?;
        self.show_attendees(page)?;
        if !self.description.trim().is_empty() {
            page.separate(Gap::Paragraph)?;
            page.lines(self.description.trim())?;
        }
        page.separate(Gap::Paragraph)
    }

    fn show_attendees(&self, page: &mut Page) -> Flow {
        if self.attendees.is_empty() {
            return Ok(());
        }
        page.separate(Gap::Line)?;
        page.text("Attendees:")?;
        page.open(Element::List(Marker::Bullet))?;
        for attendee in &self.attendees {
            page.open(Element::Item)?;
            page.text(attendee)?;
            page.close(Element::Item)?;
        }
        page.close(Element::List(Marker::Bullet))
    }

    fn when(&self) -> Draft {
        let Some(start) = &self.start else {
            return Draft::default();
        };
        let mut text = match &self.end {
            Some(end) => start.until(end),
            None => start.told(),
        };
        if let Some(length) = duration(&self.duration) {
            text.push_str(", ");
            text.push_str(&length);
        }
        text
    }
}

fn told(time: Option<&Time>) -> Draft {
    time.map(Time::told).unwrap_or_default()
}

/// `Name <address>`, as far as there is either.
fn person(line: &ContentLine<'_>) -> Draft {
    let name = line.parameter("CN").unwrap_or_default();
    let name = name.trim();
    let value = line.value.trim();
    let scheme = value.get(..7).filter(|s| s.eq_ignore_ascii_case("mailto:"));
    let address = value.get(scheme.map_or(0, str::len)..).unwrap_or_default();
    let mut text = Draft::new(name);
    if name.is_empty() || name == address {
        return Draft::new(address);
    }
    text.push_str(" <");
    text.push_str(address);
    text.push_str(">");
    text
}

/// RFC 5545 §3.2.12 and 16.
fn attendee(line: &ContentLine<'_>) -> Draft {
    let mut text = person(line);
    let parameter = |name: &str| line.parameter(name).map(|value| value.to_ascii_uppercase());
    let said = match parameter("PARTSTAT").as_deref() {
        Some("ACCEPTED") => Some("comes"),
        Some("DECLINED") => Some("does not come"),
        Some("TENTATIVE") => Some("may come"),
        Some("DELEGATED") => Some("sends somebody else"),
        Some("COMPLETED") => Some("done"),
        Some("IN-PROCESS") => Some("at work"),
        Some(_) | None => None,
    };
    let role = match parameter("ROLE").as_deref() {
        Some("OPT-PARTICIPANT") => Some("optional"),
        Some("CHAIR") => Some("chair"),
        Some("NON-PARTICIPANT") => Some("for information"),
        Some(_) | None => None,
    };
    for word in [said, role].into_iter().flatten() {
        text.push_str(", ");
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests;
