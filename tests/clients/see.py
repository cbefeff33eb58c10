"""Reads all it can of an INBOX with imaplib and prints what it saw, one thing a line.

Two roads to one server must make it print the same text. Two servers with the same mail may write a string as a literal or
quoted, and nothing as NIL or as an empty string: "leveled" prints these alike.
Arguments: host, port, user, password, the authority's certificate or "-" for no TLS, "exact" or "leveled".
"""

import hashlib
import imaplib
import re
import ssl
import sys

SECTIONS = ["", "HEADER", "TEXT", "1", "1.MIME", "2", "2.MIME", "2.HEADER", "2.1", "2.TEXT", "3", "9",
            "HEADER.FIELDS (SUBJECT DATE X-NONE)", "HEADER.FIELDS.NOT (RECEIVED)"]
PARTIALS = ["", "<0.1>", "<5.100>", "<0.100000000>", "<100000000.5>"]
SEARCHES = ["ALL", "UNSEEN", "SEEN", "FLAGGED", "NOT DELETED", 'SUBJECT "photo"', 'FROM "mathilde"', "LARGER 2000",
            "SMALLER 2000", "UID 2:*", "SINCE 1-Jan-2020", 'BODY "attached"', 'TEXT "example.org"', "OR SEEN UNSEEN",
            "SENTON 23-Nov-2026", 'HEADER Message-ID ""', "KEYWORD nothing", "1,3:*"]


def connect(host, port, user, password, authority):
    if authority == "-":
        client = imaplib.IMAP4(host, int(port))
    else:
        client = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=authority))
    client.login(user, password)
    return client


def digest(octets):
    return octets if len(octets) < 200 else b"%d octets, %s" % (len(octets), hashlib.sha256(octets).hexdigest().encode())


def level(item):
    """A response with its literals written as if they were quoted, and nothing as an empty string."""
    before, octets = item if isinstance(item, tuple) else (item, None)
    before = re.sub(rb" NIL\)$", b' "")', before)
    return before if octets is None else re.sub(rb"~?{\d+}$", b'"', before) + octets + b'"'


def show(what, answer):
    """Prints an answer, what is long as its digest."""
    kind, data = answer
    flat = []
    if sys.argv[6] == "leveled" and all(isinstance(item, (bytes, tuple)) for item in data):
        flat.append(b"".join(level(item) for item in data))
    else:
        for item in data:
            flat.extend(item if isinstance(item, tuple) else [item])
    print(what, kind, [digest(item) if isinstance(item, bytes) else item for item in flat])


def main():
    client = connect(*sys.argv[1:6])
    show("LIST", client.list())
    show("STATUS", client.status("INBOX", "(MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"))
    show("EXAMINE", client.select("INBOX", readonly=True))
    for uid in client.uid("SEARCH", None, "ALL")[1][0].split():
        for item in ["FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE",
                     "RFC822.HEADER", "BINARY.SIZE[2]", "BINARY.PEEK[2]", "BINARY.PEEK[2]<3.9>"]:
            show(item, client.uid("FETCH", uid, f"({item})"))
        for section in SECTIONS:
            for partial in PARTIALS:
                what = f"BODY.PEEK[{section}]{partial}"
                show(what, client.uid("FETCH", uid, f"({what})"))
    for search in SEARCHES:
        show(search, client.uid("SEARCH", None, search))
        show(search, client.search(None, search))
    client.logout()


main()
