use crate::text::tests::{converted, declared, plain};
use crate::text::{Parameters, Source, Target};

const INVITATION: &str = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
    BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n\
    SUMMARY:Plan\\, again\r\nDTSTART;TZID=Europe/Berlin:20261124T100000\r\n\
    DTEND;TZID=Europe/Berlin:20261124T113000\r\nRRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4\r\n\
    LOCATION:Room 5\r\nORGANIZER;CN=\"Ann: A\":mailto:ann@example.org\r\n\
    ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:mailto:bob@example.org\r\n\
    ATTENDEE;ROLE=OPT-PARTICIPANT:mailto:eve@\r\n example.org\r\n\
    DESCRIPTION:First line\\nsecond\r\nBEGIN:VALARM\r\nDESCRIPTION:not shown\r\nEND:VALARM\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn an_invitation_says_what_when_where_and_who() {
    let expected = "Invitation\r\n\r\nPlan, again\r\n\r\n\
        When: Tuesday 2026-11-24 10:00 to 11:30 (Europe/Berlin)\r\n\
        Repeats: every week on Tuesday, 4 times\r\nWhere: Room 5\r\n\
        Organizer: Ann: A <ann@example.org>\r\nAttendees:\r\n\r\n\
        - Bob <bob@example.org>, comes\r\n- eve@example.org, optional\r\n\r\n\
        First line\r\nsecond\r\n";
    assert_eq!(plain(INVITATION, Source::Calendar), expected);
}

#[test]
fn a_whole_day_ends_on_its_last_day() {
    let day = |end: &str| {
        let event = format!("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20261124\nDTEND:{end}\nEND:VEVENT\n");
        plain(&event, Source::Calendar)
    };
    assert!(day("20261125").contains("When: Tuesday 2026-11-24\r\n"));
    assert!(day("20261127").contains("When: Tuesday 2026-11-24 to Thursday 2026-11-26\r\n"));
}

/// What is shown of an event, as one line.
fn event(lines: &str) -> String {
    let event = format!("BEGIN:VEVENT\r\n{lines}END:VEVENT\r\n");
    let shown = plain(&event, Source::Calendar);
    let words: Vec<&str> = shown.split_whitespace().collect();
    words.join(" ")
}

/// RFC 5545 §3.2.19: each property has a zone of its own.
#[test]
fn a_start_and_an_end_in_two_zones_are_told_in_both() {
    for (start, end, told) in [
        (
            ";TZID=Europe/Berlin:20261124T100000",
            ";TZID=America/New_York:20261124T130000",
            "Tuesday 2026-11-24 10:00 (Europe/Berlin) to Tuesday 2026-11-24 13:00 (America/New_York)",
        ),
        (
            ";TZID=Europe/Berlin:20261124T100000",
            ":20261124T120000Z",
            "Tuesday 2026-11-24 10:00 (Europe/Berlin) to Tuesday 2026-11-24 12:00 UTC",
        ),
        (
            ":20261124T100000Z",
            ":20261124T120000Z",
            "Tuesday 2026-11-24 10:00 to 12:00 UTC",
        ),
        (
            ":20261124T100000",
            ":20261124T120000",
            "Tuesday 2026-11-24 10:00 to 12:00",
        ),
    ] {
        let shown = event(&format!("DTSTART{start}\r\nDTEND{end}\r\n"));
        assert!(shown.ends_with(&format!("When: {told}")), "{shown}");
    }
}

/// RFC 5545 §3.8.5.1 and 2: a series without its exceptions is another series.
#[test]
fn dates_that_are_added_and_excepted_are_told() {
    let shown = event(
        "DTSTART;TZID=Europe/Berlin:20261124T100000\r\nRRULE:FREQ=WEEKLY\r\n\
         EXDATE;TZID=Europe/Berlin:20261201T100000\r\n\
         EXDATE;TZID=Europe/Berlin:20261208T100000,\r\n 20261215T100000\r\n\
         EXDATE:20261222T090000Z\r\n\
         RDATE;VALUE=PERIOD:20270101T100000Z/PT1H,20270102T100000Z/PT1H\r\n",
    );
    let expected = "Also on: Friday 2027-01-01 10:00 UTC, Saturday 2027-01-02 10:00 UTC \
        Not on: Tuesday 2026-12-01 10:00, Tuesday 2026-12-08 10:00, Tuesday 2026-12-15 \
        10:00 (Europe/Berlin), Tuesday 2026-12-22 09:00 UTC";
    assert!(shown.ends_with(expected), "{shown}");
}

/// RFC 5545 §3.1: a line may be folded inside a character.
#[test]
fn a_character_that_is_folded_is_whole() {
    let folded = b"BEGIN:VEVENT\r\nSUMMARY:M\xc3\r\n \xbcller\r\nEND:VEVENT\r\n";
    let shift = b"BEGIN:VEVENT\r\nSUMMARY:\x93\r\n \xfa\x96\x7b\r\nEND:VEVENT\r\n";
    let utf16 = "BEGIN:VEVENT\r\nSUMMARY:Mü\r\n ller\r\nEND:VEVENT\r\n".encode_utf16();
    let utf16: Vec<u8> = utf16.flat_map(u16::to_be_bytes).collect();
    let jis = b"BEGIN:VEVENT\r\nSUMMARY:\x1b$BF|\x1b(B\r\n \x1b$BK\\\x1b(B\r\nEND:VEVENT\r\n";
    for (octets, charset, text) in [
        (&folded[..], Some("utf-8"), "Müller\r\n"),
        (folded, None, "Müller\r\n"),
        (shift, Some("shift_jis"), "日本\r\n"),
        (&utf16, Some("utf-16"), "Müller\r\n"),
        (jis, Some("iso-2022-jp"), "日本\r\n"),
    ] {
        let (to, usual) = (Target::Plain, Parameters::USUAL);
        let shown = declared(octets, Source::Calendar, charset, to, &usual).unwrap();
        assert_eq!(shown.octets.expose(), text.as_bytes(), "{charset:?}");
    }
    let card = b"BEGIN:VCARD\r\nFN:M\xc3\r\n \xbcller\r\nEND:VCARD\r\n";
    let card = converted(card, Source::Vcard, Target::Plain).unwrap();
    assert_eq!(card, "Müller\r\n");
}
