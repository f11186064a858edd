"""What the tests of hostile requests share: a gateway, and the proof that nothing ran that must not."""

from urllib.parse import urlsplit

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
    made = start(
        httpApi={"routes": [
            {"route": "$default", "function": "told"}, {"route": "ANY /smuggled", "function": "smuggled"}]},
        functions={"smuggled": collector.function()})
    made.collector = collector
    made.ports = {"gateway": made.port, "aws": urlsplit(made.emulator.aws).port}
    yield made
    collector.close()


@pytest.fixture(params=["gateway", "aws"])
def port(gateway, request):
    return gateway.ports[request.param]


@pytest.fixture
def ran(gateway):
    """ran() -> how many requests for /smuggled were served since the test began."""
    before = len(gateway.collector.of("smuggled"))

    def count():
        # One that is meant to: what came before it has arrived.
        assert gateway.send("GET", "/smuggled").status == 200
        return len(gateway.collector.of("smuggled")) - before - 1

    return count


def refused(port, data, status):
    """One answer with that status, and the end of the connection by the server."""
    replies = exchange(port, data, ends=False)
    assert [reply.status for reply in replies] == [status], replies
    assert replies[0].closes
    return replies[0]
