"""API Gateway's behaviour over sockets.

A module has one emulator and as many APIs in its manifest as its tests need:

    @pytest.fixture(scope="module")
    def gateway(start):
        return start(httpApi={"routes": [{"route": "$default", "function": "told"}]})

    def test_x(gateway):
        assert gateway.send("GET", "/a?b=c").event["rawPath"] == "/a"
        assert gateway.send("GET", "/", tell={"answer": {"statusCode": 404}}).status == 404

Every manifest has the functions `told` and `judge` of programs.py, unless it says otherwise.
"""

import base64
import http.client
import json
import shutil
import socket
from urllib.parse import urlsplit

import pytest
from running import Emulator

from Lambda import bootstraps

from . import programs


def told(instruction):
    """The value of a header that tells a function what to do."""
    return base64.b64encode(json.dumps(instruction).encode()).decode()


class Answer:
    """One answer. `headers` finds names in any case; `fields` are the headers in their order."""

    def __init__(self, answer):
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        self.fields = answer.getheaders()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def event(self):
        """The event that the function was called with."""
        assert self.status == 200, (self.status, self.body)
        return self.json

    @property
    def message(self):
        """Status and message of an answer that the gateway gives itself."""
        return self.status, self.json.get("message", self.json.get("Message"))


def whole_lines(path):
    """The lines of a file that is written meanwhile: the last one may be there in part."""
    return path.read_text().rpartition("\n")[0].splitlines()


class Gateway:
    """An emulator with APIs of its own."""

    def __init__(self, folder, options=(), functions=None, env=None, stderr=None, **manifest):
        self.folder = folder
        programs_of = {"told": bootstraps.python(programs.TOLD)}
        # One environment: it counts its calls.
        programs_of["judge"] = {"code": bootstraps.python(programs.JUDGE), "reservedConcurrency": 1}
        self.manifest = bootstraps.manifest(
            folder, programs_of if functions is None else {**programs_of, **functions}, **manifest)
        self.arguments = {"options": options, "env": env, "stderr": stderr}
        self.run()

    def run(self):
        self.emulator = Emulator(
            self.folder / "data", *self.arguments["options"], manifest=self.manifest, env=self.arguments["env"],
            stderr=self.arguments["stderr"])
        self.url = self.emulator.gateway
        self.address = urlsplit(self.url).netloc
        self.host, self.port = urlsplit(self.url).hostname, urlsplit(self.url).port

    def send(self, method, path, headers=(), body=None, tell=None, judge=None, api=None, host=None):
        """One exchange; sends no header of its own but Host and Content-Length.

        headers: a dict, or pairs where a name comes twice. api: asks the API with this id, by path.
        """
        connection = http.client.HTTPConnection(self.address, timeout=120)
        if api:
            path = f"/_aws/execute-api/{api}{path}"
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or self.address)
        pairs = list(headers.items() if isinstance(headers, dict) else headers)
        pairs += [("tell", told(tell))] if tell is not None else []
        pairs += [("judge", told(judge))] if judge is not None else []
        for name, value in pairs:
            connection.putheader(name, value)
        body = body.encode() if isinstance(body, str) else body
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = Answer(connection.getresponse())
        connection.close()
        return answer

    def raw(self, data):
        """Sends bytes on a connection of their own; all that comes until it ends."""
        with socket.create_connection((self.host, self.port), timeout=120) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.recv(65_536):
                received += piece
        return received

    def log(self, name):
        """What is in a function's log file by now."""
        try:
            return (self.folder / "data" / "logs" / f"{name}.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def stop(self):
        self.emulator.stop()

    def restart(self):
        """Ends the emulator as a user would and starts it again on the same data; its ports are others then."""
        self.stop()
        self.run()


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """start(httpApi={...}, restApi={...}, functions={...}, options=(), env=None) -> Gateway, ended with the module."""
    started = []

    def make(**arguments):
        folder = tmp_path_factory.mktemp("gateway")
        started.append((folder, Gateway(folder, **arguments)))
        return started[-1][1]

    yield make
    for folder, gateway in started:
        gateway.stop()
        shutil.rmtree(folder, ignore_errors=True)
