"""A routing server: answers GET ?user=NAME from a JSON file of names and backends that is read anew each time.

A name that the file has not is unknown (404); the name "broken" gets no useful answer. Each question is printed.
Arguments: the port, the file.
"""

import http.server
import json
import sys
import urllib.parse


class Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        user = query.get("user", [""])[0]
        print(user, flush=True)
        with open(sys.argv[2], encoding="utf-8") as file:
            backend = json.load(file).get(user)
        if user == "broken":
            self.answer(500, b"no")
        elif backend is None:
            self.answer(404, b"")
        else:
            self.answer(200, json.dumps({"backend": backend}).encode())

    def answer(self, status, octets):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answering).serve_forever()
