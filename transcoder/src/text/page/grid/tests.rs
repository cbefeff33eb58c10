use crate::text::tests::declared;
use crate::text::{Columns, Parameters, Source, Target};

/// As vaults make it.
fn unbroken(input: &[u8], from: Source) -> String {
    let parameters = Parameters {
        columns: Columns::Unbroken,
        ..Parameters::USUAL
    };
    let text = declared(input, from, None, Target::Plain, &parameters).unwrap();
    String::from_utf8(text.octets.expose().to_vec()).unwrap()
}

fn csv(input: &str) -> String {
    unbroken(input.as_bytes(), Source::Csv)
}

#[test]
fn a_long_cell_overflows_and_pads_no_other() {
    let rows = "1,b,c\n".repeat(100);
    let long = "x".repeat(230);
    let table = csv(&format!("{long},y,z\n{rows}"));
    assert_eq!(table.lines().next(), Some(&*format!("{long} | y | z")));
    assert!(table.ends_with("\r\n1 | b | c\r\n"), "{table}");
    // A short table may be padded: it is wide as a whole, or told field by field.
    let names = csv("Name,City of birth\nAnna Example,Rome\nLi,Xi'an\n");
    let expected = "Name         | City of birth\r\n-------------+--------------\r\n\
        Anna Example | Rome\r\nLi           | Xi'an\r\n";
    assert_eq!(names, expected);
}

#[test]
fn nothing_is_padded_at_the_end_of_a_row() {
    assert_eq!(
        csv("a,b,c\n1,,\n2,3,\n4,5,6\n"),
        "a | b | c\r\n--+---+--\r\n1\r\n2 | 3\r\n4 | 5 | 6\r\n"
    );
}

#[test]
fn a_wide_table_is_told_by_its_names_or_in_rows_as_long_as_they_are() {
    let wide = ["one two three"; 12]
        .map(|words| words.to_owned())
        .join(",");
    let names: Vec<String> = (0..12).map(|n| format!("name{n}")).collect();
    let told = csv(&format!("{}\n{wide}\n", names.join(",")));
    assert!(
        told.starts_with("name0: one two three\r\nname1: one"),
        "{told}"
    );
    let bare = csv(&format!("1{wide}\n2{wide}\n"));
    assert_eq!(bare.lines().count(), 2);
    assert!(
        bare.starts_with("1one two three | one two three | one"),
        "{bare}"
    );
    let short = csv(&format!(
        "{}\n{}\n",
        ["a"; 40].join(","),
        ["1"; 40].join(",")
    ));
    assert!(short.starts_with("a: 1\r\na: 1\r\n"), "{short}");
}

/// A table that only lays a page out runs; one of records, or under a header, never does.
#[test]
fn a_cell_of_prose_takes_no_header_away() {
    let prose = "word ".repeat(60);
    let told = csv(&format!("Name,Note\nAnna,{prose}\nLi,\"1\n2\n3\n4\n5\"\n"));
    let expected = format!(
        "Name: Anna\r\nNote: {}\r\n\r\nName: Li\r\nNote: 1\r\n2\r\n3\r\n4\r\n5\r\n",
        prose.trim_end()
    );
    assert_eq!(told, expected);
    let bare = csv(&format!("1,{prose}\n2,b\n"));
    assert_eq!(bare, format!("1\r\n{}\r\n\r\n2\r\nb\r\n", prose.trim_end()));
    let page = |cell| format!("<table><tr><{cell}>Name<{cell}>Note<tr><td>Li<td>{prose}</table>");
    let told = unbroken(page("th").as_bytes(), Source::Html);
    assert!(told.starts_with("Name: Li\r\nNote: word"), "{told}");
    let run = unbroken(page("td").as_bytes(), Source::Html);
    assert!(run.starts_with("Name\r\nNote\r\nLi\r\nword"), "{run}");
}

/// More than is held at a time goes on under the same header.
#[test]
fn a_huge_table_never_loses_its_header() {
    let long = "x".repeat(300);
    let rows: String = (0..40_000).map(|n| format!("{n},b,{long}\n")).collect();
    let told = csv(&format!("Number,Name,Note\n{rows}"));
    assert_eq!(told.matches("Number: ").count(), 40_000);
    assert!(told.ends_with(&format!(
        "\r\n\r\nNumber: 39999\r\nName: b\r\nNote: {long}\r\n"
    )));
    let rows: String = (0..60_000).map(|n| format!("{n},b\n")).collect();
    let table = csv(&format!("Number,Name\n{rows}"));
    assert_eq!(table.matches("Number").count(), 1);
    assert_eq!(table.lines().count(), 60_002);
    assert!(table.ends_with("\r\n59999  | b\r\n"));
}
