"""WebSocket API: messages, their routes and what comes back."""

import json
import threading

import pytest
import websocket

from . import sockets
from .sockets import Client, Events, frame, replying, route


@pytest.fixture(scope="module")
def gateway(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={"apiId": "chat", "routes": [
        route("$connect"), route("$disconnect"), replying("say"), replying("7"), replying("true"), replying("a/b"),
        route("silent"), replying("slow", timeoutMilliseconds=300)]})


@pytest.fixture(scope="module")
def with_default(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "routes": [replying("$default"), replying("say"), replying("$connect"), replying("$disconnect")]})


@pytest.fixture(scope="module")
def events(gateway):
    return Events(gateway)


@pytest.fixture
def client(gateway):
    made = Client(gateway)
    yield made
    made.close()


@pytest.fixture
def default_client(with_default):
    made = Client(with_default)
    yield made
    made.close()


@pytest.mark.parametrize("message", [
    {"action": "say", "x": 1}, {"action": 7}, {"action": True}, {"action": "a/b"}])
def test_a_message_goes_to_the_route_that_it_names(client, message):
    assert json.loads(client.ask(message)) == message


@pytest.mark.parametrize("message", [
    "no json", "", "[]", "null", '"say"', "{}", '{"action": null}', '{"action": "SAY"}', '{"action": "say "}',
    '{"action": ["say"]}', '{"action": {"say": 1}}', '{"Action": "say"}', '{"action": "other"}',
    '{"action": "$connect"}', '{"action": "$disconnect"}', '{"action": "$default"}', '{"action": 7.5}'])
def test_without_a_route_a_message_is_forbidden(client, message):
    complaint = client.ask(message)
    told = json.loads(complaint)
    assert told["message"] == "Forbidden"
    assert complaint == (
        f'{{"message": "Forbidden", "connectionId":"{told["connectionId"]}", "requestId":"{told["requestId"]}"}}')


@pytest.mark.parametrize("message", [
    "no json", "[]", '{"action": "other"}', '{"action": "$connect"}', '{"action": "$disconnect"}', '{"more": 1}'])
def test_the_default_route_takes_what_no_other_does(with_default, default_client, message):
    assert default_client.ask(message) == message
    seen = Events(with_default).message(message)["requestContext"]
    assert seen["routeKey"] == "$default" and seen["eventType"] == "MESSAGE"


def test_a_message_event_is_complete(client, events):
    connection = client.id
    client.ask({"action": "say", "text": "ä€😀"})
    event = events.of(connection, "MESSAGE")[0]
    assert list(event) == ["requestContext", "body", "isBase64Encoded"]
    assert json.loads(event["body"]) == {"action": "say", "text": "ä€😀"} and event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert list(context) == [
        "routeKey", "messageId", "eventType", "extendedRequestId", "requestTime", "messageDirection", "stage",
        "connectedAt", "requestTimeEpoch", "identity", "requestId", "domainName", "connectionId", "apiId"]
    assert context["routeKey"] == "say" and context["apiId"] == "chat" and context["connectionId"] == connection
    assert context["messageId"].endswith("=") and context["messageId"] != context["requestId"]


def test_each_message_has_ids_of_its_own(client, events):
    for _ in range(3):
        client.ask({"action": "say"})
    contexts = [one["requestContext"] for one in events.of(client.id, "MESSAGE", 3)]
    assert len({one["messageId"] for one in contexts}) == len({one["requestId"] for one in contexts}) == 3
    assert len({one["connectedAt"] for one in contexts}) == 1


def test_without_a_route_response_nothing_comes_back(client):
    client.send({"action": "silent", "tell": {"answer": {"statusCode": 200, "body": "nobody hears this"}}})
    assert client.ask('{"action": "say"}') == '{"action": "say"}'


@pytest.mark.parametrize("answer,text", [
    ({"statusCode": 200, "body": "hi"}, "hi"),
    ({"statusCode": 500, "body": "also this"}, "also this"),
    ({"statusCode": 200, "body": "aGk=", "isBase64Encoded": True}, "hi"),
    ({"statusCode": 200}, ""), ({"statusCode": 200, "body": None}, ""), ({"body": "no status"}, "no status"),
    ({"statusCode": 200, "headers": {"X-A": "b"}, "body": "ä"}, "ä")])
def test_a_route_response_is_the_functions_body(client, answer, text):
    assert client.ask({"action": "say", "tell": {"answer": answer}}) == text


@pytest.mark.parametrize("key", ["say", "silent"])
@pytest.mark.parametrize("instruction", [
    {"error": "it failed"}, {"raw": "null"}, {"raw": "no json"}, {"raw": "{}"},
    {"answer": {"statusCode": 200, "Data": 1}}])
def test_a_failed_function_is_told_and_the_connection_stays(client, key, instruction):
    told = json.loads(client.ask({"action": key, "tell": instruction}))
    assert told["message"] == "Internal server error" and told["connectionId"] == client.id
    assert client.ask('{"action": "say"}') == '{"action": "say"}'


def test_a_function_that_is_too_slow_is_told(client):
    told = json.loads(client.ask({"action": "slow", "tell": {"sleep": 2}}))
    assert told["message"] == "Endpoint request timed out"


@pytest.mark.parametrize("size", [1, 125, 126, 32_768])
def test_messages_of_one_frame(client, size):
    message = json.dumps({"action": "say", "x": ""})
    message = message[:-2] + "x" * (size - len(message)) + '"}' if size > len(message) else "x" * size
    answer = client.ask(message)
    # One byte names no route.
    assert answer == message if size > 1 else "Forbidden" in answer


def test_a_message_of_128_kb_in_frames_of_32_kb(client):
    message = '{"action":"say","x":"' + "y" * (131_072 - 23) + '"}'
    assert len(message) == 131_072
    pieces = [message[start:start + 32_768].encode() for start in range(0, 131_072, 32_768)]
    for index, piece in enumerate(pieces):
        client.connection.sock.sendall(frame(0 if index else 1, piece, fin=index == 3))
    assert client.text() == message


def test_a_long_answer_comes_in_frames_of_32_kb(client):
    client.send({"action": "say", "tell": {"size": 100_000}})
    frames = [client.connection.recv_frame() for _ in range(4)]
    assert [len(one.data) for one in frames] == [32_768, 32_768, 32_768, 1_696]
    assert [(one.opcode, one.fin) for one in frames] == [(1, 0), (0, 0), (0, 0), (0, 1)]


def test_an_answer_beyond_128_kb_is_an_error(client):
    told = json.loads(client.ask({"action": "say", "tell": {"size": 131_073}}))
    assert told["message"] == "Internal server error"


def test_pings_are_answered(client):
    client.connection.ping(b"are you there")
    opcode, data = client.connection.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"are you there")


def test_a_ping_between_the_frames_of_a_message(client):
    sock = client.connection.sock
    sock.sendall(frame(1, b'{"action":', fin=False) + frame(9, b"p") + frame(10, b"unasked") + frame(0, b'"say"}'))
    opcode, data = client.connection.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_PONG, b"p")
    assert client.text() == '{"action":"say"}'


@pytest.mark.parametrize("wire,code", [
    (frame(2, b"binary"), 1003),
    (frame(1, b"x", mask=False), 1002),
    (frame(1, b"x", reserved=4), 1002),
    (frame(1, b"x", reserved=1), 1002),
    (frame(3, b"x"), 1002),
    (frame(11), 1002),
    (frame(0, b"x"), 1002),
    (frame(1, b"x", fin=False) + frame(1, b"y"), 1002),
    (frame(9, b"x", fin=False), 1002),
    (frame(9, b"x" * 126), 1002),
    (frame(1, b"\xff"), 1007),
    (frame(1, b"\xc3", fin=False) + frame(0, b"\x28"), 1007),
    (frame(1, b"\xed\xa0\x80"), 1007),
    (frame(1, b"x", length=32_769), 1009),
    (frame(1, b"x", length=1 << 40), 1009),
    (frame(1, b"x" * 32_768, fin=False) + 3 * frame(0, b"x" * 32_768, fin=False) + frame(0, b"x"), 1009),
    (frame(8, b"\x03"), 1002),
    (frame(8, b"\x03\xed"), 1002),
    (frame(8, b"\x03\xe8\xff"), 1007),
    (b"\x81\xfe\x00\x05", 1002),
    (b"\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff", 1002),
], ids=str)
def test_frames_against_the_rules_close_the_connection(gateway, wire, code):
    client = Client(gateway)
    client.connection.sock.sendall(wire)
    assert client.closed()[0] == code
    assert client.connection.sock.recv(1) == b""


@pytest.mark.parametrize("sent,answered", [
    (b"", b""), (b"\x03\xe8", b"\x03\xe8"), (b"\x0f\xa0bye", b"\x0f\xa0"), (b"\x0b\xb8", b"\x0b\xb8")])
def test_a_close_is_answered_with_its_code(gateway, sent, answered):
    client = Client(gateway)
    client.connection.sock.sendall(frame(8, sent) + frame(1, b"nobody reads this"))
    opcode, data = client.connection.recv_data(control_frame=True)
    assert (opcode, data) == (websocket.ABNF.OPCODE_CLOSE, answered)
    assert client.connection.sock.recv(1) == b""


def test_answers_go_to_those_who_asked(gateway):
    clients = [Client(gateway) for _ in range(20)]
    def talk(index):
        for turn in range(5):
            message = json.dumps({"action": "say", "from": index, "turn": turn})
            assert clients[index].ask(message) == message
    threads = [threading.Thread(target=talk, args=(index,)) for index in range(20)]
    failures = []
    threading.excepthook = lambda told: failures.append(told.exc_value)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    threading.excepthook = threading.__excepthook__
    for client in clients:
        client.close()
    assert not failures


@pytest.mark.parametrize("message,key", [
    ({"a": "x", "b": "y"}, "x/y"), ({"a": "x"}, "$default"), ({"a": {"b": "x"}, "b": "y"}, "$default")])
def test_an_expression_of_several_values(start_once, message, key):
    client = Client(start_once)
    text = client.ask(message)
    assert Events(start_once).message(text)["requestContext"]["routeKey"] == key
    client.close()


@pytest.fixture(scope="module")
def start_once(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "routeSelectionExpression": "${request.body.a}/${request.body.b}",
        "routes": [replying("x/y"), replying("$default")]})
