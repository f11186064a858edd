"""An HTTP server on this machine that stands behind the gateway."""

import json
import threading

from listening import Handler, Server


class Backend(Server):
    """Answers with what `script` says, one (status, headers, body) after the other and the last one for ever; without a
    script with a JSON description of the request. `requests` has them all."""

    def __init__(self, *script):
        self.script, self.requests, self.lock = list(script), [], threading.Lock()
        self.gate = threading.Event()
        self.gate.set()
        backend = self

        class Scripted(Handler):
            protocol_version = "HTTP/1.1"
            # Head and body leave at once: else each answer waits for a delayed acknowledgement.
            wbufsize = 1 << 20
            disable_nagle_algorithm = True

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                request = {
                    "method": self.command, "target": self.path, "headers": self.headers.items(),
                    "body": self.rfile.read(length).decode("latin-1")}
                with backend.lock:
                    backend.requests.append(request)
                    script = backend.script
                    answer = (script.pop(0) if len(script) > 1 else script[0]) if script else None
                backend.gate.wait(60)
                if answer is None:
                    answer = (200, {"Content-Type": "application/json"}, json.dumps(request))
                if answer == "close":
                    self.close_connection = True
                    return
                status, headers, body = answer
                body = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in headers.items() if isinstance(headers, dict) else headers:
                    self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD" and status not in (204, 304):
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer

        super().__init__(Scripted)

    def close(self):
        self.gate.set()
        super().close()


def header(request, name):
    """All values of a header that a backend has got, joined."""
    return ",".join(value for field, value in request["headers"] if field.lower() == name.lower())


def unused_url():
    """A URL of this machine where nobody listens, nor ever does: a port that was freed may be another's by then."""
    return "http://127.0.0.1:1"
