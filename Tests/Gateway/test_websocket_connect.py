"""WebSocket API: from the handshake to the open connection."""

import json
import socket

import pytest
import websocket

from . import sockets
from .sockets import Client, Events, refused, route, tell


@pytest.fixture(scope="module")
def gateway(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "stages": {"dev": {}, "prod_2": {"variables": {"color": "red"}}},
        "routes": [route("$connect"), route("$disconnect")]})


@pytest.fixture(scope="module")
def events(gateway):
    return Events(gateway)


def raw(gateway, *lines, method="GET", path="/dev", version="1.1", body=b""):
    """The answer's first line and the rest, for a head of the test's own."""
    head = "\r\n".join([f"{method} {path} HTTP/{version}", f"Host: {gateway.address}", *lines, "", ""])
    with socket.create_connection((gateway.host, gateway.port), timeout=60) as connection:
        connection.sendall(head.encode() + body)
        received = b""
        while b"\r\n\r\n" not in received:
            piece = connection.recv(65_536)
            if not piece:
                break
            received += piece
    return received.decode("latin-1")


GOOD = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]


def test_the_answer_proves_that_the_key_was_read(gateway):
    answer = raw(gateway, *GOOD)
    assert answer.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert "Upgrade: websocket\r\n" in answer and "Connection: Upgrade\r\n" in answer
    assert "ontent-length" not in answer and "ransfer-encoding" not in answer


@pytest.mark.parametrize("lines,status", [
    ([GOOD[0], GOOD[2], GOOD[3]], 426),
    ([GOOD[1], GOOD[2], GOOD[3]], 400),
    (["Connection: close", *GOOD[1:]], 400),
    ([*GOOD[:2], GOOD[3]], 426),
    ([*GOOD[:2], "Sec-WebSocket-Version: 8", GOOD[3]], 426),
    (GOOD[:3], 400),
    ([*GOOD[:3], "Sec-WebSocket-Key: c2hvcnQ="], 400),
    ([*GOOD[:3], "Sec-WebSocket-Key: !"], 400),
    ([*GOOD, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], 400),
])
def test_what_is_no_handshake_opens_nothing(gateway, lines, status):
    assert raw(gateway, *lines).startswith(f"HTTP/1.1 {status} ")


def test_the_handshake_is_a_get_without_a_body(gateway):
    assert raw(gateway, *GOOD, "Content-Length: 0", method="POST").startswith("HTTP/1.1 400 ")
    assert raw(gateway, *GOOD, "Content-Length: 2", body=b"hi").startswith("HTTP/1.1 400 ")


def test_HTTP_10_cannot_switch(gateway):
    assert raw(gateway, *GOOD, version="1.0").startswith("HTTP/1.1 400 ")


def test_tokens_are_found_in_lists_and_in_any_case(gateway):
    lines = ["Connection: keep-alive, UPGRADE", "Upgrade: h2c, WebSocket", *GOOD[2:]]
    assert raw(gateway, *lines).startswith("HTTP/1.1 101 ")


def test_compression_is_not_accepted(gateway):
    answer = raw(gateway, *GOOD, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
    assert answer.startswith("HTTP/1.1 101 ") and "extensions" not in answer.lower()


@pytest.mark.parametrize("path", ["/", "/other", "/dev/more", "/dev/more/", "//dev", "/DEV", "/dev%2F"])
def test_without_a_stage_nothing_is_opened(gateway, path):
    status, _, body = refused(gateway, path)
    told = json.loads(body)
    assert (status, told["message"]) == (403, "Forbidden")
    assert len(told["connectionId"]) == len(told["requestId"]) == 16


def test_the_slash_behind_a_stage_is_nothing(gateway):
    Client(gateway, "/dev/").close()


@pytest.mark.parametrize("status", [200, 201, 204, 299, "200"])
def test_a_good_status_opens(gateway, status):
    Client(gateway, header=[tell(answer={"statusCode": status})]).close()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500, 503, "403"])
def test_any_other_status_is_the_handshakes(gateway, status):
    assert refused(gateway, header=[tell(answer={"statusCode": status, "body": "no"})])[0] == int(status)


@pytest.mark.parametrize("instruction", [
    {"error": "it failed"}, {"raw": "not json"}, {"raw": "null"}, {"raw": "{}"}, {"raw": "[]"}, {"raw": '"text"'},
    {"answer": {"statusCode": "many"}}, {"answer": {"statusCode": 101}}, {"answer": {"statusCode": 200, "more": 1}},
    {"answer": {"statusCode": 200, "body": 7}},
    {"answer": {"statusCode": 200, "body": "*", "isBase64Encoded": True}}])
def test_a_function_that_fails_is_a_bad_gateway(gateway, instruction):
    status, _, body = refused(gateway, header=[tell(**instruction)])
    assert (status, json.loads(body)["message"]) == (502, "Internal server error")
    assert set(json.loads(body)) == {"message", "connectionId", "requestId"}


def test_a_refused_connection_has_no_disconnect(gateway, events):
    _, _, body = refused(gateway, header=[tell(error="it failed")])
    connection = json.loads(body)["connectionId"]
    events.of(connection, "CONNECT")
    other = Client(gateway, header=["X-Mark: other"])
    other.close()
    events.of(events.marked("other")["requestContext"]["connectionId"], "DISCONNECT")
    assert [one["requestContext"]["eventType"] for one in events.all(connection)] == ["CONNECT"]


def test_the_function_chooses_the_subprotocol(gateway):
    answer = {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "b"}}
    client = Client(gateway, subprotocols=["a", "b"], header=[tell(answer=answer)])
    assert client.connection.getsubprotocol() == "b"
    client.close()


def test_a_subprotocol_in_multi_value_headers(gateway):
    answer = {"statusCode": 200, "multiValueHeaders": {"sec-websocket-protocol": ["a"]}}
    client = Client(gateway, subprotocols=["a", "b"], header=[tell(answer=answer)])
    assert client.connection.getsubprotocol() == "a"
    client.close()


def test_without_its_word_no_subprotocol_is_named(gateway):
    assert "protocol:" not in raw(gateway, *GOOD, "Sec-WebSocket-Protocol: a, b").lower()


def test_no_other_header_of_the_function_is_in_the_answer(gateway):
    header = tell(answer={"statusCode": 200, "headers": {"X-Mine": "1", "Set-Cookie": "a=b"}})
    answer = raw(gateway, *GOOD, header).lower()
    assert "x-mine" not in answer and "set-cookie" not in answer


def test_a_subprotocol_cannot_split_the_answer(gateway):
    header = tell(answer={"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "a\r\nX-Evil: 1"}})
    assert "\r\nX-Evil" not in raw(gateway, *GOOD, header)


def test_the_stages_of_an_api_named_by_path_and_by_host(gateway):
    Client(gateway, "/_aws/execute-api/mumblews/dev").close()
    Client(gateway, "/dev", host="mumblews.execute-api.us-east-1.amazonaws.com").close()
    assert raw(gateway, *GOOD, path="/_aws/execute-api/other/dev").startswith("HTTP/1.1 404 ")


def test_a_connect_event_is_complete(gateway, events):
    client = Client(
        gateway, "/prod_2?a=1&a=2&b=x%20y", header=["X-Mine: one", "X-Mine: two"],
        host="mumblews.execute-api.us-east-1.amazonaws.com")
    client.close()
    event = events.where(lambda one: "X-Mine" in one["headers"], "the connect")[0]
    assert list(event) == [
        "headers", "multiValueHeaders", "queryStringParameters", "multiValueQueryStringParameters", "stageVariables",
        "requestContext", "isBase64Encoded"]
    assert event["headers"]["X-Mine"] == "two" and event["multiValueHeaders"]["X-Mine"] == ["one", "two"]
    assert event["headers"]["Host"] == "mumblews.execute-api.us-east-1.amazonaws.com"
    assert event["headers"]["Sec-WebSocket-Version"] == "13" and event["headers"]["Sec-WebSocket-Key"]
    assert event["headers"]["X-Forwarded-For"] == "127.0.0.1"
    assert event["headers"]["X-Amzn-Trace-Id"].startswith("Root=1-")
    assert not {"Upgrade", "Connection"} & set(event["headers"])
    assert event["queryStringParameters"] == {"a": "2", "b": "x y"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["x y"]}
    assert event["stageVariables"] == {"color": "red"} and event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert list(context) == [
        "routeKey", "eventType", "extendedRequestId", "requestTime", "messageDirection", "stage", "connectedAt",
        "requestTimeEpoch", "identity", "requestId", "domainName", "connectionId", "apiId"]
    assert context["routeKey"] == "$connect" and context["messageDirection"] == "IN"
    assert context["apiId"] == "mumblews" and context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["domainName"] == "mumblews.execute-api.us-east-1.amazonaws.com"
    assert context["requestId"] == context["extendedRequestId"] and context["connectionId"].endswith("=")
    assert context["connectedAt"] == context["requestTimeEpoch"] > 1_600_000_000_000


def test_a_connect_without_query_and_variables_leaves_them_out(gateway, events):
    Client(gateway, header=["X-Mark: plain"]).close()
    event = events.marked("plain")
    assert list(event) == ["headers", "multiValueHeaders", "requestContext", "isBase64Encoded"]


@pytest.mark.parametrize("agent", ["test/1.0", None])
def test_the_identity_has_the_user_agent(gateway, events, agent):
    lines = [f"User-Agent: {agent}"] if agent else []
    mark = f"mark-{agent}"
    raw(gateway, *GOOD, f"X-Mark: {mark}", *lines)
    event = events.marked(mark)
    assert event["requestContext"]["identity"].get("userAgent") == agent


def test_a_disconnect_event_is_complete(gateway, events):
    client = Client(gateway, "/prod_2", header=["X-Mark: leaves"])
    connection = events.marked("leaves")["requestContext"]["connectionId"]
    client.connection.send_close(4001, b"I go")
    client.connection.shutdown()
    event = events.of(connection, "DISCONNECT")[0]
    assert list(event) == ["headers", "multiValueHeaders", "stageVariables", "requestContext", "isBase64Encoded"]
    assert event["headers"] == {"Host": "127.0.0.1", "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    assert event["multiValueHeaders"] == {name: [value] for name, value in event["headers"].items()}
    context = event["requestContext"]
    assert list(context) == [
        "routeKey", "disconnectStatusCode", "eventType", "extendedRequestId", "requestTime", "messageDirection",
        "disconnectReason", "stage", "connectedAt", "requestTimeEpoch", "identity", "requestId", "domainName",
        "connectionId", "apiId"]
    assert context["routeKey"] == "$disconnect"
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (4001, "I go")
    assert context["requestTimeEpoch"] >= context["connectedAt"]


@pytest.mark.parametrize("leave,code,reason", [
    (lambda client: client.connection.send_close(1000, b""), 1000, ""),
    (lambda client: client.connection.sock.sendall(sockets.frame(8)), 1005, "Client-side close frame status not set"),
    (lambda client: client.cut(), 1006, "Connection Closed Abnormally"),
    (lambda client: client.connection.send_binary(b"x"), 1003, "Binary frames are not supported"),
], ids=["normal", "without-a-code", "cut", "binary"])
def test_how_a_connection_ended_is_told(gateway, events, leave, code, reason, request):
    mark = f"leaves-{request.node.callspec.id}"
    client = Client(gateway, header=[f"X-Mark: {mark}"])
    connection = events.marked(mark)["requestContext"]["connectionId"]
    leave(client)
    client.connection.shutdown()
    context = events.of(connection, "DISCONNECT")[0]["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (code, reason)


def test_a_client_that_does_not_wait_for_the_answer_is_disconnected(gateway, events):
    """Its function said yes, so it hears of the end."""
    with socket.create_connection((gateway.host, gateway.port), timeout=60) as connection:
        head = "\r\n".join([
            "GET /dev HTTP/1.1", "Host: a", *GOOD, "X-Mark: gone", tell(sleep=0.3, answer={"statusCode": 200}), "", ""])
        connection.sendall(head.encode())
    event = events.marked("gone")
    events.of(event["requestContext"]["connectionId"], "DISCONNECT")


def test_frames_that_come_with_the_handshake_are_not_lost(start):
    gateway = start(functions=sockets.FUNCTIONS, webSocketApi={"routes": [sockets.replying("$default")]})
    with socket.create_connection((gateway.host, gateway.port), timeout=60) as connection:
        head = "\r\n".join(["GET /dev HTTP/1.1", "Host: a", *GOOD, "", ""]).encode()
        connection.sendall(head + sockets.frame(1, b"early"))
        received = b""
        while not received.endswith(b"\x81\x05early"):
            piece = connection.recv(4_096)
            assert piece, received
            received += piece


def test_other_apis_answer_on_the_same_port(start):
    gateway = start(
        functions=sockets.FUNCTIONS, httpApi={"routes": [{"route": "$default", "function": "told"}]},
        webSocketApi={"routes": [route("$connect")]})
    assert gateway.send("GET", "/dev").event["rawPath"] == "/dev"
    Client(gateway).close()
    with pytest.raises(websocket.WebSocketBadStatusException):
        Client(gateway, "/other")
