"""What the tests of hostile requests share: a gateway, and the proof that nothing ran that must not."""

import json
from urllib.parse import unquote, urlsplit

import pytest

from Lambda.collector import Collector

from .peers import exchange

# A request that must never run: it stands in or behind those that are refused.
SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
GET = "GET /smuggled HTTP/1.1\r\n"
CHUNKED = "POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
MIB = 1 << 20


@pytest.fixture(scope="module")
def gateway(start):
    collector = Collector()
    collector.answers["smuggled"] = {"return": {"statusCode": 200}}
    made = start(
        httpApi={"routes": [
            {"route": "$default", "function": "told"}, {"route": "ANY /smuggled", "function": "smuggled"}]},
        functions={"smuggled": collector.function()})
    # The first segment of its paths is a stage: /smuggled is the root of one.
    rest = start(
        restApi={"stages": {"prod": {}, "smuggled": {}}, "routes": [
            {"route": "ANY /", "function": "smuggled"}, {"route": "ANY /{proxy+}", "function": "told"}]},
        functions={"smuggled": collector.function()})
    made.collector, made.rest = collector, rest
    made.ports = {"gateway": made.port, "rest": rest.port, "aws": urlsplit(made.emulator.aws).port}
    yield made
    collector.close()


class API:
    """An API whose paths below `prefix` go to `told`, and what is different of it."""

    def __init__(self, gateway, prefix, path, too_long, failed):
        self.gateway, self.port, self.prefix = gateway, gateway.port, prefix
        # The event's member that has the path; the gateway's words to bodies that are too long, and to bad answers.
        self.path, self.too_long, self.failed = path, too_long, failed

    def at(self, data, *paths):
        """A request for one of the paths, as this API has it."""
        for path in paths:
            data = data.replace(f" {path}", f" {self.prefix}{path}")
        return data

    def event(self, reply):
        assert reply.status == 200, reply
        return json.loads(reply.body)

    def path_of(self, reply):
        """Without the stage, decoded; a REST API tells it as it was sent."""
        return self.decoded(self.event(reply))

    def decoded(self, event):
        return event[self.path] if self.path == "rawPath" else unquote(event[self.path])


@pytest.fixture(params=["http", "rest"])
def api(gateway, request):
    """An HTTP API, and a REST API."""
    if request.param == "http":
        return API(gateway, "", "rawPath", "Request Entity Too Large", (500, "Internal Server Error"))
    return API(gateway.rest, "/prod", "path", "Request Too Long", (502, "Internal server error"))


@pytest.fixture(params=["gateway", "rest", "aws"])
def port(gateway, request):
    return gateway.ports[request.param]


@pytest.fixture
def ran(gateway):
    """ran() -> how many requests for /smuggled were served since the test began."""
    before = len(gateway.collector.of("smuggled"))

    def count():
        # These are meant to: what came before them has arrived.
        for each in (gateway, gateway.rest):
            assert each.send("GET", "/smuggled").status == 200
        return len(gateway.collector.of("smuggled")) - before - 2

    return count


def refused(port, data, status):
    """One answer with that status, and the end of the connection by the server."""
    replies = exchange(port, data, ends=False)
    assert [reply.status for reply in replies] == [status], replies
    assert replies[0].closes
    return replies[0]
