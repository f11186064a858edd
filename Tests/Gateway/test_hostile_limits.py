"""Requests that are too large, too slow, too many on one connection, or half there."""

import concurrent.futures
import http.client
import json
import threading

import pytest

from .hostile import CHUNKED, GET, MIB, SMUGGLED, api, gateway, port, ran, refused  # noqa: F401, fixtures
from .peers import Peer, exchange

HOST = "\r\nHost: a\r\n\r\n"


# Limits

def padded(size, first="GET / HTTP/1.1", name="X-Padding"):
    """A request whose line and fields with their line ends have so many bytes, the empty line not counted."""
    fixed = f"{first}\r\nHost: a\r\n{name}: \r\n"
    return f"{first}\r\nHost: a\r\n{name}: {'x' * (size - len(fixed))}\r\n\r\n"


def test_10240_bytes_of_head_are_taken(api):
    (reply,) = exchange(api.port, padded(10_240, f"GET {api.prefix}/a HTTP/1.1"))
    assert reply.status == 200


@pytest.mark.parametrize("data", [
    padded(10_241, "GET /smuggled HTTP/1.1"), padded(20_000, "GET /smuggled HTTP/1.1"),
    padded(10_241, "GET /smuggled?" + "a" * 6_000 + " HTTP/1.1"),
    GET + "Host: a\r\n" + "".join(f"X-{number}: {'y' * 500}\r\n" for number in range(30)) + "\r\n",
], ids=["one field", "a long one", "with the target", "many fields"])
def test_a_head_beyond_10240_bytes_is_refused(api, ran, data):
    replies = exchange(api.port, data)
    assert [(reply.status, json.loads(reply.body)["message"]) for reply in replies] == [
        (431, "Request Header Fields Too Large")]
    assert ran() == 0


@pytest.mark.parametrize("data, gateway_status, aws_status", [
    ("GET /" + "a" * 70_000 + " HTTP/1.1" + HOST, 414, 400),
    ("G" * 70_000, 414, 400),
    (GET + "Host: a\r\nX: " + "y" * 70_000 + "\r\n\r\n", 431, 400),
    (GET + "Host: a\r\nX: " + "y" * 70_000, 431, 400),
    (GET + "Host: a\r\n" + "X: y\r\n" * 300 + "\r\n", 431, 400),
    (GET + "X" * 70_000, 431, 400),
], ids=["a long target", "an endless method", "a long value", "an endless value", "many fields", "an endless name"])
@pytest.mark.parametrize("which", ["gateway", "rest", "aws"])
def test_no_head_is_read_without_end(gateway, which, data, gateway_status, aws_status):
    refused(gateway.ports[which], data, aws_status if which == "aws" else gateway_status)


def test_ten_megabytes_go_to_the_function_that_can_take_six(api, ran):
    """10 MB pass the gateway; Lambda's own limit is what stops them."""
    head = b"POST /smuggled HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (10 * MIB)
    (reply,) = exchange(api.port, head + b"x" * (10 * MIB))
    assert (reply.status, json.loads(reply.body)) == (413, {"message": api.too_long})
    assert ran() == 0


@pytest.mark.parametrize("length", [10 * MIB + 1, 12 * MIB, 1 << 40, 999_999_999_999_999_999])
def test_a_body_beyond_ten_megabytes_is_refused(api, length):
    """By its head, or at the latest when that much has come."""
    with Peer(api.port) as peer:
        try:
            peer.send(f"POST {api.prefix}/a HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")
            peer.send(b"x" * min(length, 12 * MIB))
            peer.end()
        except OSError:
            pass
        (reply,) = peer.replies()
    assert (reply.status, json.loads(reply.body)) == (413, {"message": api.too_long})


def test_chunks_beyond_ten_megabytes_are_refused(api):
    chunk = b"100000\r\n" + b"x" * MIB + b"\r\n"
    replies = exchange(api.port, api.at(CHUNKED, "/chunks").encode() + chunk * 12 + b"0\r\n\r\n")
    assert [(reply.status, json.loads(reply.body)) for reply in replies] == [(413, {"message": api.too_long})]


def test_what_follows_a_refused_body_is_no_request(api, ran):
    body = SMUGGLED.encode() * 100
    data = b"POST /smuggled HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n" + body
    assert [reply.status for reply in exchange(api.port, data)] == [413]
    assert ran() == 0


# Several requests on one connection

def test_pipelined_requests_are_answered_in_their_order(api):
    replies = exchange(api.port, "".join(
        f"POST {api.prefix}/{number} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello" for number in range(20)))
    assert [api.path_of(reply) for reply in replies] == [f"/{number}" for number in range(20)]


def test_after_an_error_nothing_more_is_answered(port):
    replies = exchange(port, "GET /a HTTP/1.1\r\nHost: a\r\n\r\n" + "BAD\r\n\r\n" + SMUGGLED * 5)
    assert [reply.status for reply in replies][1:] == [400]


def test_a_body_is_no_request(api, ran):
    data = f"POST {api.prefix}/outer HTTP/1.1\r\nHost: a\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}"
    (reply,) = exchange(api.port, data)
    assert api.path_of(reply) == "/outer"
    assert ran() == 0


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "OPTIONS"])
def test_any_method_may_have_a_body(api, method):
    behind = "GET /behind HTTP/1.1\r\nHost: a\r\n\r\n"
    data = f"{method} /outer HTTP/1.1\r\nHost: a\r\nContent-Length: {len(SMUGGLED)}\r\n\r\n{SMUGGLED}" + behind
    replies = exchange(api.port, api.at(data, "/outer", "/behind"), heads=1 if method == "HEAD" else 0)
    assert [reply.status for reply in replies] == [200, 200]
    assert api.path_of(replies[1]) == "/behind"


def test_what_follows_close_is_not_read(api, ran):
    replies = exchange(api.port, "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + SMUGGLED)
    assert len(replies) == 1 and replies[0].closes
    assert ran() == 0


@pytest.mark.parametrize("data", [
    GET + "Host", GET + "Host: a\r\n", GET + "Host: a\r\nContent-Length: 5\r\n\r\nhell", CHUNKED + "5\r\nhel",
    CHUNKED + "5\r\nhello\r\n0\r\n"],
    ids=["half a field", "no empty line", "a body that is short", "half a chunk", "no end of the chunks"])
def test_half_a_request_does_not_run(api, ran, data):
    replies = exchange(api.port, data.replace("/chunks", "/smuggled"))
    assert [reply.status for reply in replies] in ([], [400])
    assert ran() == 0


# What a client asks of the connection

def test_a_body_is_asked_for_when_the_client_waits(api):
    with Peer(api.port) as peer:
        peer.send(f"POST {api.prefix}/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        interim = peer.socket.recv(65_536)
        assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.send("hello")
        peer.end()
        assert [reply.status for reply in peer.replies()] == [200]


@pytest.mark.parametrize("fields, status", [
    ("Content-Length: 99999999\r\nExpect: 100-continue\r\n", 413),
    ("Content-Length: x\r\nExpect: 100-continue\r\n", 400),
    ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n", 400),
], ids=["too large", "malformed", "two framings"])
def test_a_body_that_is_refused_is_not_asked_for(api, fields, status):
    refused(api.port, f"POST /smuggled HTTP/1.1\r\nHost: a\r\n{fields}\r\n", status)


@pytest.mark.parametrize("fields", [
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n",
    "Connection: Upgrade\r\nUpgrade: TLS/1.2\r\n", "Upgrade: h2c\r\n"], ids=["HTTP/2", "TLS", "without Connection"])
def test_other_protocols_are_not_spoken(api, fields):
    replies = exchange(api.port, f"GET {api.prefix}/a HTTP/1.1\r\nHost: a\r\n{fields}\r\n" + SMUGGLED)
    assert [reply.status for reply in replies] == [200, 200] and not replies[0].all("upgrade")


@pytest.mark.parametrize("version, connection, closes", [
    ("1.1", "close", True), ("1.1", "Close", True), ("1.1", "x, close", True), ("1.1", "keep-alive", False),
    ("1.1", "x", False), ("1.0", "close", True), ("1.0", "x", True), ("1.0", "keep-alive", False)])
def test_who_closes(api, version, connection, closes):
    data = f"GET {api.prefix}/a HTTP/{version}\r\nHost: a\r\nConnection: {connection}\r\n\r\n"
    replies = exchange(api.port, data + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
    assert len(replies) == (1 if closes else 2)
    assert replies[0].closes == closes


# Time

@pytest.fixture(scope="module")
def impatient(start):
    return start(
        httpApi={"routes": [{"route": "$default", "function": "told"}]},
        options=("--idle-timeout", "3", "--body-timeout", "3"))


def drip(port, data, received):
    """Sends byte by byte, slowly and without end."""
    with Peer(port) as peer:
        peer.socket.settimeout(0.1)
        while True:
            for number in range(len(data)):
                try:
                    peer.send(data[number:number + 1])
                    received.append(peer.socket.recv(65_536))
                    return
                except TimeoutError:
                    pass
                except OSError:
                    received.append(b"")
                    return


def test_slow_heads_end_and_keep_nobody_out(impatient):
    """200 clients send a byte now and then; others are served, and each of the slow ones is let go."""
    ended = []
    head = b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n"
    threads = [threading.Thread(target=drip, args=(impatient.port, head, ended)) for _ in range(200)]
    for thread in threads:
        thread.start()
    served = 0
    while not ended:
        try:
            assert impatient.send("GET", "/served").event["rawPath"] == "/served"
            served += 1
        except (OSError, http.client.HTTPException):
            # So busy a machine that this one was slow, too, and was let go.
            pass
    assert served
    for thread in threads:
        thread.join(60)
    assert len(ended) == 200
    assert all(answer == b"" or answer.startswith(b"HTTP/1.1 408 ") for answer in ended)
    assert sum(answer.startswith(b"HTTP/1.1 408 ") for answer in ended) > 100


SILENT = {
    "nothing": b"", "a byte": b"G", "half a head": b"GET / HTTP/1.1\r\nHost: a\r\n", "empty lines": b"\r\n\r\n",
    "a length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf",
    "chunks": CHUNKED.encode() + b"5\r\nhe"}


@pytest.fixture(scope="module")
def silent(impatient):
    """What clients that fall silent are told; all of them wait at once."""
    with concurrent.futures.ThreadPoolExecutor(len(SILENT)) as pool:
        told = pool.map(lambda beginning: exchange(impatient.port, beginning, ends=False), SILENT.values())
        return dict(zip(SILENT, told))


@pytest.mark.parametrize("what", SILENT)
def test_a_client_that_falls_silent_is_let_go(silent, what):
    assert [(reply.status, reply.closes) for reply in silent[what]] == ([(408, True)] if SILENT[what] else [])


@pytest.mark.parametrize("beginning", [
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", CHUNKED.encode() + b"F0000\r\n"],
    ids=["a length", "chunks"])
def test_a_body_that_trickles_is_let_go(impatient, beginning):
    """Ten bytes a second at most, each within the time that a silent client has."""
    told = []
    with Peer(impatient.port) as peer:
        peer.send(beginning)
        while not told:
            try:
                peer.send(b"x")
                peer.socket.settimeout(0.1)
                told.append(peer.socket.recv(65_536))
            except TimeoutError:
                pass
    assert told[0].startswith(b"HTTP/1.1 408 ")
