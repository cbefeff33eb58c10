"""Copies every message of every mailbox with imaplib into files: FOLDER/MAILBOX/UID, and its flags and date beside it.

Arguments: host, port, user, password, the authority's certificate, the folder.
"""

import imaplib
import os
import re
import ssl
import sys


def mailboxes(client):
    for line in client.list()[1]:
        yield re.search(rb'" ("?)([^"]*)\1$', line).group(2).decode()


def main():
    host, port, user, password, authority, folder = sys.argv[1:7]
    client = imaplib.IMAP4_SSL(host, int(port), ssl_context=ssl.create_default_context(cafile=authority))
    client.login(user, password)
    for mailbox in mailboxes(client):
        place = os.path.join(folder, mailbox.replace("/", "."))
        os.makedirs(place)
        client.select(f'"{mailbox}"', readonly=True)
        data = client.uid("FETCH", "1:*", "(INTERNALDATE BODY.PEEK[])")[1]
        for item in data:
            if isinstance(item, tuple):
                uid = re.search(rb"UID (\d+)", item[0]).group(1).decode()
                with open(os.path.join(place, uid), "wb") as file:
                    file.write(item[0] + b"\n" + item[1])
    client.logout()


main()
