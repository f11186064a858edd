"""Many clients at once against all kinds of API: none is lost, and throttles hold. `make bench-load` is the long run.

What is asserted holds on a machine of any speed: a bucket gives what it holds and what has come since, never more.
"""

import asyncio
import json
import subprocess
import threading
from urllib.parse import urlsplit

import pytest
from crowd import Crowd, Ready, allow_many_files
from Lambda import bootstraps
from running import BINARIES, EMULATOR, clean, until

from .peers import Peer, exchange
from .sockets import Client

RATE, BURST = 50, 20

# Forty calls at once in one process.
SEVERAL = """
import threading
def serve_one():
    runtime = Runtime()
    while True:
        invocation = runtime.next()
        runtime.respond(invocation.request_id, {"statusCode": 200, "body": "ok"})
for _ in range(int(os.environ["AWS_LAMBDA_MAX_CONCURRENCY"])):
    threading.Thread(target=serve_one).start()
"""


@pytest.fixture(scope="module")
def backend():
    """A server behind the gateway, on a thread of its own."""
    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), []

    def serve():
        server = loop.run_until_complete(loop.create_server(Ready, "127.0.0.1", 0, backlog=1_024))
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(60)
    yield f"http://127.0.0.1:{ports[0]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(60)


def apis(backend):
    throttling = {"rateLimit": RATE, "burstLimit": BURST}
    mock = {
        "type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "integrationResponses": [
            {"statusCode": 200, "responseTemplates": {"application/json": "$context.requestTimeEpoch"}}]}
    return {
        "httpApi": {"routes": [
            {"route": "GET /function", "function": "several"},
            {"route": "GET /throttled", "function": "several", "throttling": throttling},
            {"route": "GET /proxied/{path+}", "url": backend + "/{path}"}]},
        "restApi": {
            "stages": {"prod": {"methodSettings": {"/throttled/GET": {"throttling": throttling}}}},
            "routes": [
                {"route": "GET /throttled", "integration": mock}, {"route": "GET /function", "function": "several"}]},
        "webSocketApi": {"routes": []}}


@pytest.fixture(scope="module")
def gateway(start, backend):
    return start(
        functions={"several": {
            "code": bootstraps.python(SEVERAL), "concurrencyPerEnvironment": 40, "reservedConcurrency": 160}},
        **apis(backend))


REST, SOCKETS = "/_aws/execute-api/mumblerest/prod", "/_aws/execute-api/mumblews/dev"


def test_200_clients_lose_no_answer_and_throttles_hold(gateway):
    assert gateway.send("GET", "/function").status == 200
    crowd = Crowd(gateway.host, gateway.port)
    crowd.add("HTTP API, function", "GET /function", 40)
    crowd.add("REST API, function", f"GET {REST}/function", 20)
    crowd.add("HTTP API, proxied", "GET /proxied/a/b?c=d", 40)
    throttled = [
        crowd.add("HTTP API, throttled", "GET /throttled", 40, (200, 429)),
        crowd.add("REST API, throttled", f"GET {REST}/throttled", 40, (200, 429))]
    sockets = crowd.add_sockets("WebSocket API", SOCKETS, 20)
    crowd.run(seconds=5)
    assert crowd.failures() == []
    for part in crowd.parts:
        assert part.errors == 0 and part.answered == part.sent >= part.clients, part.name
    assert sockets.answers[101] == 20 and sockets.answers["message"] >= 20
    for part in throttled:
        assert min(BURST, part.sent) <= part.answers[200] <= BURST + RATE * (crowd.ended - crowd.began) + 1, part.name


def test_a_gateway_that_was_busy_is_as_it_was(gateway):
    assert gateway.send("GET", "/function").body == b"ok"
    client = Client(gateway, SOCKETS)
    assert client.id
    client.close()


class Limited:
    """An emulator whose shell lets it open so many files."""

    def __init__(self, folder, limits):
        self.manifest = bootstraps.manifest(folder, {}, restApi={"routes": [{"route": "GET /a", "integration": {
            "type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "integrationResponses": [{"statusCode": 200}]}}]})
        command = [
            EMULATOR, "start", "--json", "--manifest", str(self.manifest), "--data", str(folder / "data"), "--bin",
            BINARIES, "--port", "0", "--aws-port", "0"]
        # The shell's own words: exec keeps the process.
        self.process = subprocess.Popen(
            ["sh", "-c", f'ulimit {limits} && exec "$@"', "sh", *command], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=clean())
        self.port = urlsplit(json.loads(self.process.stdout.readline())["gateway"]).port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.words = self.end()

    def end(self):
        """What it has said."""
        self.process.terminate()
        return self.process.communicate(timeout=60)[1]


def test_more_connections_than_the_shell_allows_files(tmp_path):
    """The soft limit is the emulator's to raise."""
    with Limited(tmp_path, "-S -n 256") as limited:
        crowd = Crowd("127.0.0.1", limited.port)
        part = crowd.add("clients", "GET /prod/a", 400)
        crowd.run(seconds=1)
        assert crowd.failures() == [] and part.answers[200] >= 400
    assert "This process may open" not in limited.words


def test_beyond_the_hard_limit_clients_are_told_and_others_served(tmp_path):
    allow_many_files()
    with Limited(tmp_path, "-n 512") as limited:
        # A few too many: of those that come at once, 64 are told why.
        held = [Peer(limited.port) for _ in range(250)]
        # What stays open is served; those that came too late have an answer all the same.
        refused = held[-1].until_end()
        assert refused.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"may not open many more (ulimit -n)" in refused
        held[0].send("GET /prod/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert [reply.status for reply in held[0].replies()] == [200]
        for peer in held:
            peer.socket.close()
        until(lambda: exchange(limited.port, "GET /prod/a HTTP/1.1\r\nHost: a\r\n\r\n")[0].status == 200,
              "there is room again")
    assert "This process may open 512 files: beyond 256 connections clients get 503." in limited.words
