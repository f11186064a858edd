"""The Runtime API in Python's own library alone: `bootstraps.python` puts this before a function's code.

`serve(handler)` is a whole runtime. Tests of the API itself use `Runtime`, which sends what it is told.
"""

import http.client
import json
import os
import sys


MARK = os.urandom(8).hex()


def process():
    """This process and no other: numbers of processes begin anew in each environment, and the kernel gives numbers of
    namespaces that are gone to new ones."""
    return f"{MARK}/{os.getpid()}"


class Answer:
    """What the API answered. `headers` finds names in any case."""

    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()

    @property
    def json(self):
        return json.loads(self.body)


class Runtime:
    """A connection to the API, kept; another one for each further instance."""

    def __init__(self):
        self.address = os.environ["AWS_LAMBDA_RUNTIME_API"]
        self.connection = http.client.HTTPConnection(self.address)

    def call(self, method, path, body=None, headers=()):
        """path: from the host on, such as /2018-06-01/ping."""
        self.connection.request(method, path, body, dict(headers))
        return Answer(self.connection.getresponse())

    def post(self, path, body, headers=()):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        return self.call("POST", "/2018-06-01/runtime" + path, body, headers)

    def next(self):
        """The next event's Answer; `request_id` is the one to answer with."""
        event = self.call("GET", "/2018-06-01/runtime/invocation/next")
        event.request_id = event.headers["Lambda-Runtime-Aws-Request-Id"]
        return event

    def respond(self, request_id, value, headers=()):
        return self.post(f"/invocation/{request_id}/response", value, headers)

    def fail(self, request_id, value, headers=()):
        return self.post(f"/invocation/{request_id}/error", value, headers)

    def stream(self, request_id, pieces, headers=(), trailers=()):
        """Posts a response whose pieces go out as the iterable yields them."""
        connection = self.connection
        connection.putrequest("POST", f"/2018-06-01/runtime/invocation/{request_id}/response")
        fields = {
            "Transfer-Encoding": "chunked", "Lambda-Runtime-Function-Response-Mode": "streaming",
            "Content-Type": "application/octet-stream", **dict(headers)}
        for name, value in fields.items():
            connection.putheader(name, value)
        if trailers:
            connection.putheader("Trailer", ", ".join(dict(trailers)))
        connection.endheaders()
        for piece in pieces:
            connection.send(b"%x\r\n" % len(piece) + piece + b"\r\n")
        ending = "".join(f"{name}: {value}\r\n" for name, value in dict(trailers).items())
        connection.send(b"0\r\n" + ending.encode() + b"\r\n")
        return Answer(connection.getresponse())

    def fail_init(self, value, headers=()):
        return self.post("/init/error", value, headers)


class Extension:
    """An extension's side of the Extensions API."""

    def __init__(self, name=None):
        self.runtime, self.identifier = Runtime(), None
        self.name = os.path.basename(sys.argv[0]) if name is None else name

    def call(self, method, path, body=None, **headers):
        """headers: names with _ for -; `Lambda_Extension_Identifier` is the registered one unless given."""
        if self.identifier and "Lambda_Extension_Identifier" not in headers:
            headers["Lambda_Extension_Identifier"] = self.identifier
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        fields = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        return self.runtime.call(method, path, body, fields)

    def register(self, *events, **headers):
        headers.setdefault("Lambda_Extension_Name", self.name)
        answer = self.call("POST", "/2020-01-01/extension/register", {"events": events}, **headers)
        self.identifier = answer.headers["Lambda-Extension-Identifier"] or self.identifier
        return answer

    def next(self, **headers):
        return self.call("GET", "/2020-01-01/extension/event/next", **headers)

    def report(self, phase, error_type="Extension.Reason", body=b"{}"):
        return self.call(
            "POST", f"/2020-01-01/extension/{phase}/error", body, Lambda_Extension_Function_Error_Type=error_type)


def say(kind, value=None):
    """A line for the log that tests read: its kind and a JSON value."""
    print(f"SAY {kind} {json.dumps(value)}", flush=True)


def hold():
    """Waits until the test's gate (`listening.Gate`) is open; its port is in the function's environment."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["GATE"]))
    connection.request("POST", "/", b"")
    connection.getresponse().read()


def serve(handler):
    """Calls handler(event, headers) for each event; what it raises becomes the invocation's error."""
    runtime = Runtime()
    while True:
        event = runtime.next()
        try:
            result = handler(event.json, event.headers)
        except Exception as problem:
            runtime.fail(event.request_id, {"errorMessage": str(problem), "errorType": type(problem).__name__})
        else:
            runtime.respond(event.request_id, result)


def serve_scripts():
    """Runs the Python of each event's `code` with `event`, `runtime` and `notes`, which outlives the call.

    The answer is what the code leaves in `result`, unless it sets `answered` because it has posted one itself.
    """
    runtime, notes = Runtime(), []
    while True:
        event = runtime.next()
        names = {
            "event": event, "runtime": runtime, "notes": notes, "result": None, "answered": False, "json": json,
            "os": os, "http": http, "Runtime": Runtime, "Answer": Answer}
        try:
            exec(event.json["code"], names)
        except Exception as problem:
            runtime.fail(event.request_id, {"errorMessage": repr(problem), "errorType": type(problem).__name__})
            continue
        if not names["answered"]:
            runtime.respond(event.request_id, names["result"])
