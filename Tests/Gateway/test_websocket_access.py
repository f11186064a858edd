"""WebSocket API: the authorizer of $connect, throttles and the limits of connections."""

import json
import time

import pytest
import websocket

from . import sockets
from .conftest import told
from .sockets import Client, Events, refused, replying, route

ARN = "arn:aws:execute-api:us-east-1:000000000000:guarded/dev/$connect"


@pytest.fixture(scope="module")
def gateway(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "apiId": "guarded", "stages": {"dev": {"variables": {"mode": "x"}}, "bare": {}},
        "authorizers": {"door": {"function": "judge", "identitySource": [
            "route.request.header.Token", "route.request.querystring.who", "stageVariables.mode",
            "context.identity.sourceIp"]}},
        "routes": [route("$connect", authorizer="door"), route("$disconnect"), replying("say")]})


def open_with(gateway, judge, path="/dev?who=me", **more):
    return Client(gateway, path, header=["Token: t", "judge: " + told(judge)], **more)


def refused_with(gateway, judge=None, path="/dev?who=me", header=("Token: t",)):
    status, _, body = refused(
        gateway, path, header=[*header, *([] if judge is None else ["judge: " + told(judge)])])
    return status, json.loads(body)["message"]


def authorizer_event(gateway, judge):
    """What the authorizer was called with: the context has it as text."""
    return json.loads(authorizer_context(gateway, judge)["event"])


def authorizer_context(gateway, judge):
    client = open_with(gateway, judge)
    event = Events(gateway).of(client.id, "CONNECT")[0]
    client.close()
    return event["requestContext"]["authorizer"]


def test_an_allowed_client_is_connected(gateway):
    client = open_with(gateway, {"allow": ["self"]})
    assert client.ask('{"action": "say"}') == '{"action": "say"}'
    client.close()


@pytest.mark.parametrize("resource", [
    ARN, ARN.replace("dev", "*"), "arn:aws:execute-api:*:*:guarded/*", "*", ARN[:-1] + "?"])
def test_policies_that_speak_of_connect(gateway, resource):
    open_with(gateway, {"allow": [resource]}).close()


@pytest.mark.parametrize("judge", [
    {"deny": ["self"]}, {"allow": ["self"], "deny": ["*"]}, {"allow": [ARN.replace("dev", "other")]},
    {"allow": [ARN.replace("$connect", "$default")]}, {"allow": []}])
def test_a_denied_client_is_forbidden(gateway, judge):
    assert refused_with(gateway, judge) == (403, "Forbidden")


@pytest.mark.parametrize("judge", [
    {"error": "it failed"}, {"raw": "no json"}, {"raw": "null"}, {"answer": {"principalId": "me"}}, {"simple": True},
    {"allow": ["self"], "context": {"nested": {"a": 1}}}])
def test_an_authorizer_that_fails_is_an_error(gateway, judge):
    assert refused_with(gateway, judge) == (500, "Internal server error")


def test_an_authorizer_may_say_unauthorized(gateway):
    assert refused_with(gateway, {"error": "Unauthorized"}) == (401, "Unauthorized")


@pytest.mark.parametrize("path,header", [
    ("/dev?who=me", ()), ("/dev?who=me", ("Token;",)), ("/dev", ("Token: t",)), ("/dev?who=", ("Token: t",)),
    ("/bare?who=me", ("Token: t",))], ids=["no-header", "empty-header", "no-query", "empty-query", "no-variable"])
def test_without_an_identity_nobody_is_asked(gateway, path, header):
    before = int(authorizer_context(gateway, {"allow": ["self"]})["count"])
    assert refused_with(gateway, None, path, [one.replace(";", ":") for one in header]) == (401, "Unauthorized")
    assert int(authorizer_context(gateway, {"allow": ["self"]})["count"]) == before + 1


def test_the_event_of_an_authorizer_is_complete(gateway):
    event = authorizer_event(gateway, {"allow": ["self"]})
    assert list(event) == [
        "type", "methodArn", "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters",
        "stageVariables", "requestContext"]
    assert event["type"] == "REQUEST" and event["methodArn"] == ARN
    assert event["queryStringParameters"] == {"who": "me"} and event["stageVariables"] == {"mode": "x"}
    assert event["headers"]["Token"] == "t" and event["multiValueHeaders"]["Token"] == ["t"]
    context = event["requestContext"]
    assert (context["routeKey"], context["eventType"]) == ("$connect", "CONNECT")
    assert context["connectionId"] and "authorizer" not in context


def test_the_context_is_in_every_event_as_strings(gateway):
    client = open_with(gateway, {
        "allow": ["self"], "principal": "user-1", "context": {"a": "text", "n": 7, "b": True, "none": None}})
    connection = client.id
    client.ask({"action": "say"})
    client.close()
    events = Events(gateway)
    seen = [events.of(connection, kind)[0] for kind in ("CONNECT", "MESSAGE", "DISCONNECT")]
    assert [one["requestContext"]["eventType"] for one in seen] == ["CONNECT", "MESSAGE", "DISCONNECT"]
    for one in seen:
        authorizer = one["requestContext"]["authorizer"]
        assert (authorizer["a"], authorizer["n"], authorizer["b"]) == ("text", "7", "true")
        assert authorizer["principalId"] == "user-1" and authorizer["integrationLatency"] >= 0
        assert "none" not in authorizer


def test_its_answers_are_not_kept(gateway):
    counts = [int(authorizer_context(gateway, {"allow": ["self"]})["count"]) for _ in range(2)]
    assert counts[1] == counts[0] + 1


@pytest.fixture(scope="module")
def throttled(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "stages": {"dev": {}, "slow": {"throttling": {"rateLimit": 0, "burstLimit": 2}}},
        "routes": [replying("say"), replying("rare", throttling={"rateLimit": 0, "burstLimit": 3})]})


def living(start, **limits):
    """A gateway whose connections live for so long. Its messages have no route: none waits for a function."""
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "limits": limits, "routes": [route("$connect"), route("$disconnect")]})


def test_a_throttled_message_is_told_and_the_connection_stays(throttled):
    client = Client(throttled)
    answers = [client.ask({"action": "rare"}) for _ in range(5)]
    assert [json.loads(one).get("message") for one in answers] == [None, None, None] + ["Too Many Requests"] * 2
    assert client.ask('{"action": "say"}') == '{"action": "say"}'
    client.close()


def test_a_stages_throttle_is_each_routes(throttled):
    client = Client(throttled, "/slow")
    answers = [json.loads(client.ask({"action": "say"})).get("message") for _ in range(3)]
    assert answers == [None, None, "Too Many Requests"]
    client.close()


def test_an_idle_connection_goes_away(start):
    gateway = living(start, idleSeconds=2)
    client = Client(gateway, header=["X-Mark: idle"])
    assert client.closed() == (1001, "Going away")
    events = Events(gateway)
    connection = events.marked("idle")["requestContext"]["connectionId"]
    context = events.of(connection, "DISCONNECT")[0]["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1001, "Going away")


def test_a_connection_that_is_used_goes_away_after_its_total(start):
    """What is idle lives for ten minutes here: only the other limit can end it."""
    client = Client(living(start, totalSeconds=3))
    while True:
        try:
            client.connection.ping()
        except OSError:
            # It was closed on the other side while this went out; the close frame is there to be read.
            pass
        opcode, data = client.connection.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            break
        assert opcode == websocket.ABNF.OPCODE_PONG
        time.sleep(0.1)
    assert data[:2] == (1001).to_bytes(2, "big")


def test_new_connections_are_limited(start):
    gateway = start(functions=sockets.FUNCTIONS, webSocketApi={
        "limits": {"newConnections": {"rateLimit": 0, "burstLimit": 3}}, "routes": [replying("say")]})
    for _ in range(3):
        Client(gateway).close()
    status, _, body = refused(gateway)
    assert (status, json.loads(body)["message"]) == (429, "Too Many Requests")


def test_a_throttled_connect_is_refused(start):
    gateway = start(functions=sockets.FUNCTIONS, webSocketApi={
        "routes": [route("$connect", throttling={"rateLimit": 0, "burstLimit": 1})]})
    Client(gateway).close()
    assert refused(gateway)[0] == 429


def test_an_emulator_that_stops_says_going_away(start):
    gateway = start(functions=sockets.FUNCTIONS, webSocketApi={"routes": [replying("say")]})
    client = Client(gateway)
    client.ask('{"action": "say"}')
    import threading
    stopping = threading.Thread(target=gateway.stop)
    stopping.start()
    assert client.closed() == (1001, "Going away")
    client.connection.shutdown()
    stopping.join()
