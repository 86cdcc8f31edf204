"""A stand-in for a service: answers what every service answers.

`DUMMY_FAILS=name` makes one exit at its start, `DUMMY_HANGS=name` never answer; with `DUMMY_CHOSE` the first user has
chosen another password; a service's variables are shown at `/environment`.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = os.environ["ASSISTANT_RUN"].rpartition(":")[2]
ANSWERS = {
    "/readyz": {"ready": True, "checks": {}},
    "/livez": {},
    "/topology": [f"{NAME}.some.thing_happened.v1"],
    "/working": {f"{NAME}.some.thing_happened.v1": 2},
    "/breakers": [{"dependency": "openai", "state": "closed"}] if NAME == "ingress" else [],
    "/internal/summary": {"channel": "open", "unanswered": 0},
    "/internal/first-account": {"as_configured": "DUMMY_CHOSE" not in os.environ},
    "/environment": dict(os.environ),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.path in ANSWERS
        body = json.dumps(ANSWERS.get(self.path)).encode()
        self.send_response(200 if known else 404)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    if os.environ.get("DUMMY_FAILS") == NAME:
        print("the dummy refuses to start", flush=True)
        sys.exit(3)
    if os.environ.get("DUMMY_HANGS") == NAME:
        time.sleep(600)
    ThreadingHTTPServer((os.environ["SERVICE_HOST"], int(os.environ["SERVICE_PORT"])), Handler).serve_forever()
