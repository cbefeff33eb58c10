use proptest::prelude::*;

use crate::budget::Resource;
use crate::refusal::Refusal;
use crate::text::tests::{converted, plain};
use crate::text::{Source, Target};

fn clean(input: &str) -> String {
    let page = converted(input.as_bytes(), Source::Html, Target::Html).unwrap();
    let (_, body) = page.split_once("<body>\r\n").unwrap();
    body.strip_suffix("</body></html>\r\n").unwrap().to_owned()
}

fn text(input: &str) -> String {
    plain(input, Source::Html)
}

#[test]
fn a_letter_keeps_its_structure_as_text() {
    let input = "<html><head><title>T</title><style>p { color: red }</style></head><body>\
        <h1>Hello</h1><p>One two\nthree <b>four</b>.<p>Read <a href='https://example.org/x'>this</a>\
        or <a href=\"mailto:a@b\">a@b</a>.<ul><li>first<li>second<ol><li>inner</ol></ul>\
        <blockquote><p>said</p><p>more</p></blockquote><pre>a  b\n c</pre><script>evil()</script>";
    let expected = "Hello\r\n\r\nOne two three four.\r\n\r\nRead this[1]or a@b.\r\n\r\n\
        - first\r\n- second\r\n  1. inner\r\n\r\n> said\r\n>\r\n> more\r\n\r\na  b\r\n c\r\n\r\n\
        [1] https://example.org/x\r\n";
    assert_eq!(text(input), expected);
}

#[test]
fn tables_are_aligned_and_layout_tables_run() {
    let table =
        "<table><tr><th>Item<th>Price</tr><tr><td>Tea<td>1 €</tr><tr><td>Long cake<td>20 €</table>";
    let expected =
        "Item      | Price\r\n----------+------\r\nTea       | 1 €\r\nLong cake | 20 €\r\n";
    assert_eq!(text(table), expected);
    let layout = format!("<table><tr><td>{table}</td></tr><tr><td><p>below</td></tr></table>");
    assert!(
        text(&layout).starts_with(&expected[..17]),
        "{}",
        text(&layout)
    );
    assert!(text(&layout).ends_with("below\r\n"));
}

#[test]
fn lines_are_wrapped_at_words() {
    let wrapped = text(&format!("<p>{}</p>", "word ".repeat(40)));
    assert!(
        wrapped
            .lines()
            .all(|line| line.len() <= 72 && line.len() > 10)
    );
    assert_eq!(wrapped.split_whitespace().count(), 40);
    let wide = text(&"日".repeat(100));
    assert!(wide.lines().all(|line| line.chars().count() <= 36));
}

#[test]
fn nothing_remote_and_nothing_active_is_left() {
    let hostile = "<base href=//evil><meta http-equiv=refresh content='0;url=http://evil'>\
        <link rel=stylesheet href=http://evil/x.css><style>@import 'http://evil'</style>\
        <body background=http://evil/b.png onload=evil()><img src=http://evil/pixel.gif width=1>\
        <img src=http://evil/a.png alt='A <b> \"c\"'><img src='CID:part1@x' alt=logo>\
        <a href=' jAva\nscript:evil()'>x</a><a href='data:text/html,evil'>y</a>\
        <a href='https://good/?a=1&amp;b=\"' onclick=evil() style='x'>z</a>\
        <svg onload=evil()><image href=http://evil/></svg><form action=http://evil><input name=q></form>\
        <iframe src=http://evil></iframe><object data=http://evil></object><video poster=http://evil>\
        <math><mtext><style><img src=x onerror=evil()></style></mtext></math>\
        <p style='background:url(http://evil)' title=\"><script>evil()</script>\">t";
    let page = clean(hostile);
    for gone in [
        "evil", "script", "style", "onload", "onerror", "meta", "base",
    ] {
        assert!(!page.contains(gone), "{gone} in {page}");
    }
    assert!(
        page.contains("<img src=\"cid:part1@x\" alt=\"[logo]\">"),
        "{page}"
    );
    assert!(page.contains("[A &lt;b&gt; &quot;c&quot;]"), "{page}");
    assert!(
        page.contains("<a href=\"https://good/?a=1&amp;b=&quot;\">z</a>"),
        "{page}"
    );
}

/// What commands a terminal is in no plain text, and no address is shown as another than it is.
#[test]
fn nothing_turns_or_commands_what_is_shown() {
    let hostile = "<pre>a&#27;[2Jb</pre><table><tr><th>c&#27;]0;x&#7;<th>d</tr><tr><td>e&#8;<td>f</table>\
        <p>&#27;[31mg <a href='http://h/&#x202e;moc.knab&#x2066;'>h</a>";
    for shown in [text(hostile), clean(hostile)] {
        let unseen = |c: char| c.is_control() && !matches!(c, '\r' | '\n');
        assert!(!shown.contains(unseen), "{shown:?}");
        assert!(
            shown.contains("http://h/%E2%80%AEmoc.knab%E2%81%A6"),
            "{shown}"
        );
    }
}

/// In XML an element that closes itself hides nothing behind it; in HTML it does.
#[test]
fn an_element_that_closes_itself_is_empty_in_xml() {
    for tag in [
        "<script src='x'/>",
        "<title/>",
        "<textarea />",
        "<iframe src=\"a\"/>",
    ] {
        let input = format!("<p>a</p>{tag}<p>b</p>");
        assert_eq!(plain(&input, Source::Xhtml), "a\r\n\r\nb\r\n", "{tag}");
        assert_eq!(plain(&input, Source::Html), "a\r\n", "{tag}");
    }
}

#[test]
fn what_authors_leave_open_is_closed() {
    for (input, page) in [
        ("a<b>b<p>c</i>d", "a<b>b\r\n<p>cd</b>"),
        ("<li>a<li>b", "<ul><li>a</li>\r\n<li>b</li>\r\n</ul>\r\n"),
        ("<td>a</td></table>b", "a<br>\r\nb"),
        (
            "<table><td>a<tr><td>b</table>",
            "<table><tr><td>a</td></tr>\r\n<tr><td>b</td></tr>\r\n</table>\r\n",
        ),
        (
            "a < b <3 <!-- c --!> d <!--> e </ f> g",
            "a &lt; b &lt;3 d e g",
        ),
        ("a<br/>b<hr>c", "a<br>\r\nb<hr>\r\nc"),
        (
            "<a href=http://x>y<a href=http://z>w",
            "<a href=\"http://x\">y</a><a href=\"http://z\">w</a>",
        ),
    ] {
        assert_eq!(clean(input), page, "{input}");
    }
}

#[test]
fn the_charset_is_found_where_the_document_says_it() {
    for head in [
        "<meta charset=koi8-r>",
        "<META http-equiv=Content-Type content='text/html; charset=\"koi8-r\"'>",
        "<?xml version='1.0' encoding='koi8-r'?>",
    ] {
        let mut input = head.as_bytes().to_vec();
        input.extend(b"<p>\xcd\xcf\xd3");
        let page = converted(&input, Source::Xhtml, Target::Plain).unwrap();
        assert_eq!(page, "мос\r\n", "{head}");
    }
}

/// Each of these is quadratic or worse in some parser or renderer.
#[test]
fn hostile_markup_costs_what_it_is_long() {
    let attributes: String = (0..200_000).map(|n| format!(" a{n}=1")).collect();
    for input in [
        format!("<a{attributes}>x"),
        "<div>".repeat(200_000),
        "<b><i><u>".repeat(100_000),
        "<!---->".repeat(200_000),
        "<!----!>".repeat(200_000),
        "<title>".repeat(100_000),
        "&amp".repeat(200_000),
        "<a href=x".repeat(100_000),
        "<tr><td>x".repeat(100_000),
        format!("<table>{}</table>", "<tr><td>x<td>y".repeat(150_000)),
        "<p><a href=http://x/>y</a>".repeat(30_000),
        format!("<table>{}", "<td>x".repeat(100_000)),
    ] {
        for to in Target::ALL {
            converted(input.as_bytes(), Source::Html, to).unwrap();
        }
    }
}

#[test]
fn nesting_without_end_is_refused() {
    for open in ["<table><tr><td>", "<ul><li>", "<blockquote>"] {
        let input = open.repeat(100_000);
        for to in Target::ALL {
            let refused = converted(input.as_bytes(), Source::Html, to);
            assert_eq!(refused, Err(Refusal::Exceeded(Resource::Depth)), "{open}");
        }
    }
}

proptest! {
    #[test]
    fn no_markup_makes_it_panic(input in "(<|</|>|&|;|=|\"|'| |!--|--|table|td|tr|li|ul|a href=http:|b|pre|\\PC){0,60}") {
        for to in Target::ALL {
            converted(input.as_bytes(), Source::Html, to).unwrap();
        }
    }

    /// What was cleaned is clean, but for where its lines end.
    #[test]
    fn cleaning_twice_is_cleaning_once(input in "(<b>|</b>|<p>|<ul>|<li>|</ul>|<td>|<table>|<tr>|</table>|<a href=http:x>|</a>|<pre>|</pre>|<br>|x|y z| |&amp;|<h1>|</h1>){0,30}") {
        let once = clean(&input);
        let words = |page: &str| {
            let page = page.replace("<br>", "").replace("<p>", "");
            page.split_whitespace().collect::<String>()
        };
        prop_assert_eq!(words(&clean(&once)), words(&once));
    }
}
