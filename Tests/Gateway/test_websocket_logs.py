"""WebSocket API: access logs."""

import json

import pytest
from running import until

from . import sockets
from .conftest import whole_lines
from .sockets import Client, refused, replying, route, tell

VARIABLES = [
    "apiId", "authorizer.color", "authorizer.error", "authorizer.principalId", "connectedAt", "connectionId",
    "disconnectStatusCode", "domainName", "error.message", "error.responseType", "eventType", "extendedRequestId",
    "identity.caller", "identity.sourceIp", "identity.userAgent", "integration.error", "integration.status",
    "integrationLatency", "messageId", "requestId", "requestTime", "requestTimeEpoch", "routeKey", "stage", "status"]
FORMAT = "{" + ",".join(f'"{name}":"$context.{name}"' for name in VARIABLES) + "}"


@pytest.fixture(scope="module")
def gateway(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "apiId": "chat", "accessLog": {"format": FORMAT}, "stages": {
            "dev": {}, "quiet": {"accessLog": {"format": "$context.eventType $context.requestId", "file": "quiet.log"}}},
        "authorizers": {"door": {"function": "judge", "identitySource": ["route.request.header.Auth"]}},
        "routes": [
            route("$connect", authorizer="door"), route("$disconnect"), replying("say"),
            replying("slow", timeoutMilliseconds=200),
            route("blocked", throttling={"rateLimit": 0, "burstLimit": 0})]})


def judged(**judge):
    return {"header": ["Auth: x", tell(**judge).replace("tell: ", "judge: "), "User-Agent: agent"]}


@pytest.fixture
def client(gateway):
    made = Client(gateway, **judged(allow=["*"], principal="somebody", context={"color": "red"}))
    yield made
    made.close()


def line(gateway, condition, what):
    def found():
        lines = whole_lines(gateway.folder / "data" / "logs" / "access-chat.log")
        return next((one for one in map(json.loads, lines) if condition(one)), None)
    return until(found, what, 30)


def of(gateway, connection, kind, key):
    return line(
        gateway, lambda one: (one["connectionId"], one["eventType"], one["routeKey"]) == (connection, kind, key),
        f"{kind} {key} of {connection}")


def test_a_handshake_a_message_and_the_end_are_lines(gateway, client):
    assert client.ask('{"action": "say"}') == '{"action": "say"}'
    opened = of(gateway, client.id, "CONNECT", "$connect")
    assert {name: opened[name] for name in (
        "apiId", "authorizer.color", "authorizer.principalId", "domainName", "identity.sourceIp", "identity.userAgent",
        "integration.status", "stage", "status", "messageId", "error.message", "identity.caller",
        "disconnectStatusCode")} == {
            "apiId": "chat", "authorizer.color": "red", "authorizer.principalId": "somebody", "domainName": "127.0.0.1",
            "identity.sourceIp": "127.0.0.1", "identity.userAgent": "agent", "integration.status": "200", "stage": "dev",
            "status": "200", "messageId": "-", "error.message": "-", "identity.caller": "-",
            "disconnectStatusCode": "-"}
    assert opened["connectedAt"].isdigit() and opened["requestTimeEpoch"].isdigit()
    assert opened["extendedRequestId"] == opened["requestId"] and opened["requestTime"].endswith(" +0000")
    said = of(gateway, client.id, "MESSAGE", "say")
    assert said["status"] == said["integration.status"] == "200" and said["integrationLatency"].isdigit()
    assert said["messageId"].endswith("=") and said["connectedAt"] == opened["connectedAt"]
    connection = client.id
    client.close()
    ended = of(gateway, connection, "DISCONNECT", "$disconnect")
    assert (ended["status"], ended["disconnectStatusCode"]) == ("200", "1000")


@pytest.mark.parametrize("message,key,status,words,kind", [
    ({"action": "none"}, "-", "403", "Forbidden", "ROUTE_NOT_FOUND"),
    ({"action": "blocked"}, "blocked", "429", "Too Many Requests", "THROTTLED"),
    ({"action": "slow", "tell": {"sleep": 5}}, "slow", "504", "Endpoint request timed out", "INTEGRATION_TIMEOUT"),
    ({"action": "say", "tell": {"error": "it broke"}}, "say", "500", "Internal server error", "INTEGRATION_FAILURE")])
def test_a_message_that_fails_says_why(gateway, client, message, key, status, words, kind):
    told = json.loads(client.ask(message))
    found = line(gateway, lambda one: one["requestId"] == told["requestId"], "the message's line")
    assert (found["routeKey"], found["eventType"], found["status"]) == (key, "MESSAGE", status)
    assert (found["error.message"], found["error.responseType"]) == (words, kind)
    if "it broke" in json.dumps(message):
        assert "it broke" in found["integration.error"]


@pytest.mark.parametrize("options,status,words,error", [
    ({}, 401, "Unauthorized", "-"), (judged(deny=["*"]), 403, "Forbidden", "-"),
    (judged(error="it broke"), 500, "Internal server error", "it broke")])
def test_a_handshake_that_is_refused_is_a_line(gateway, options, status, words, error):
    told, _, body = refused(gateway, **options)
    assert told == status
    request = json.loads(body)["requestId"]
    found = line(gateway, lambda one: one["requestId"] == request, "the handshake's line")
    assert (found["status"], found["error.message"], found["authorizer.error"]) == (str(status), words, error)
    assert found["eventType"] == "CONNECT"


def test_a_stage_may_have_a_log_of_its_own(gateway):
    Client(gateway, "/quiet", **judged(allow=["*"])).close()
    path = gateway.folder / "quiet.log"
    lines = until(lambda: found if len(found := whole_lines(path)) == 2 else None, "two lines", 30)
    assert [one.split()[0] for one in lines] == ["CONNECT", "DISCONNECT"]
