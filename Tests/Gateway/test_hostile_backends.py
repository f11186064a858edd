"""HTTP-proxy routes between a hostile client and a hostile backend: neither writes what the other side reads."""

import json
import socket
import threading

import pytest

from .peers import exchange

OK = b"HTTP/1.1 200 OK\r\n"
INJECTED = "%0d%0aX-Evil:%20yes%0d%0a%0d%0aGET%20%2fsmuggled%20HTTP%2f1.1%0d%0a"


class Backend:
    """Keeps what it is sent, byte for byte, and answers with the bytes it is told, one request a connection."""

    def __init__(self):
        self.answer, self.heads = b"", []
        self.server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer:
            peer.settimeout(60)
            received = b""
            while b"\r\n\r\n" not in received:
                piece = peer.recv(65_536)
                if not piece:
                    return
                received += piece
            head, _, body = received.partition(b"\r\n\r\n")
            self.heads.append(head.decode("latin-1").split("\r\n"))
            length = next(
                (int(line.split(":")[1]) for line in self.heads[-1] if line.lower().startswith("content-length:")), 0)
            while len(body) < length:
                body += peer.recv(65_536)
            assert len(body) == length, body
            peer.sendall(self.answer)

    def close(self):
        self.server.close()


@pytest.fixture(scope="module")
def backend():
    made = Backend()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(start, backend):
    url = f"http://127.0.0.1:{backend.port}"
    return start(httpApi={"routes": [
        {"route": "$default", "function": "told"}, {"route": "ANY /api/{proxy+}", "url": url + "/base/{proxy}"},
        {"route": "ANY /mapped/{id}", "url": url + "/mapped", "requestParameters": {
            "append:header.x-id": "$request.path.id", "overwrite:header.x-query": "$request.querystring.q",
            "overwrite:path": "/new/${request.path.id}", "append:querystring.id": "$request.path.id"}}]})


@pytest.fixture
def seen(gateway, backend):
    """seen(bytes) -> the head that the backend gets of this request, as lines; there is one."""
    def ask(data):
        backend.answer, before = OK + b"Connection: close\r\nContent-Length: 2\r\n\r\nok", len(backend.heads)
        (reply,) = exchange(gateway.port, data)
        assert (reply.status, reply.body) == (200, b"ok"), reply
        (head,) = backend.heads[before:]
        assert not [line for line in head[1:] if line.lower().startswith(("x-evil:", "get "))], head
        return head
    return ask


def get(path, fields=""):
    return f"GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n"


# What the backend reads

@pytest.mark.parametrize("path", [
    f"/api/a{INJECTED}", f"/api/a?b={INJECTED}", f"/api/a?{INJECTED}=b", "/api/a%00b", "/api/%7f", "/api/a%20HTTP/1.1"],
    ids=["path", "value", "name", "NUL", "DEL", "a version"])
def test_a_request_line_stays_one(seen, path):
    line = seen(get(path))[0]
    assert line.count(" ") == 2 and line.endswith(" HTTP/1.1") and line.startswith("GET /base/")


@pytest.mark.parametrize("path", [f"/mapped/a{INJECTED}", f"/mapped/a?q={INJECTED}", "/mapped/a%00b?q=%00"])
def test_mapped_values_write_no_second_line(seen, path):
    head = seen(get(path))
    assert head[0].count(" ") == 2 and head[0].startswith("GET /new/a")


def test_mapped_values_that_are_harmless_arrive(seen):
    head = [line.lower() for line in seen(get("/mapped/a%20b?q=1"))]
    assert "x-id: a b" in head and "x-query: 1" in head


def test_chunks_become_a_length(seen):
    head = seen("POST /api/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                "5;x=y\r\nhello\r\n0\r\nX-Evil: yes\r\nContent-Length: 0\r\n\r\n")
    lengths = [line for line in head if line.lower().startswith(("content-length", "transfer-encoding"))]
    assert [line.lower() for line in lengths] == ["content-length: 5"]


@pytest.mark.parametrize("fields", [
    "Connection: X-Mine, close\r\nX-Mine: 1\r\n", "TE: trailers\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n",
    "Keep-Alive: 5\r\n", "Proxy-Authorization: Basic eA==\r\n", "Proxy-Connection: keep-alive\r\n", "Trailer: X\r\n"],
    ids=lambda fields: fields.split(":")[0])
def test_fields_of_the_callers_connection_stay_there(seen, fields):
    names = {line.split(":")[0].strip().lower() for line in seen(get("/api/a", fields))[1:]}
    assert not names & {"x-mine", "te", "upgrade", "keep-alive", "proxy-authorization", "proxy-connection", "trailer"}


def test_a_caller_cannot_take_the_gateways_own_fields_away(seen):
    head = seen(get("/api/a", "Connection: X-Forwarded-For, Host, Via, Forwarded\r\n"))
    names = [line.split(":")[0].lower() for line in head[1:]]
    assert names.count("host") == 1 and {"x-forwarded-for", "via", "forwarded"} <= set(names)


def test_a_host_does_not_say_who_asks(seen):
    head = seen("GET /api/a HTTP/1.1\r\nHost: a;for=10.0.0.9\r\n\r\n")
    (forwarded,) = [line for line in head if line.lower().startswith("forwarded:")]
    assert 'host="a;for=10.0.0.9"' in forwarded


# What the client reads

ANSWERS = {
    "no HTTP": b"nonsense\r\n\r\n", "nothing": b"", "half a head": OK + b"Content-Le",
    "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "a status of words": b"HTTP/1.1 OK\r\n\r\n",
    "four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 5\r\n\r\nokabc",
    "a negative length": OK + b"Content-Length: -1\r\n\r\nok",
    "a length of words": OK + b"Content-Length: two\r\n\r\nok",
    "another coding": OK + b"Transfer-Encoding: gzip\r\n\r\nok",
    "a malformed chunk": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "an unended chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "a body that is short": OK + b"Content-Length: 50\r\n\r\nok",
    "a NUL": OK + b"X-A: \x00\r\nContent-Length: 2\r\n\r\nok",
    "a name with a space": OK + b"X A: b\r\nContent-Length: 2\r\n\r\nok",
    "a fold": OK + b"X-A: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_malformed_answer_is_none(gateway, backend, answer):
    backend.answer = answer
    replies = exchange(gateway.port, get("/api/a") + get("/behind"))
    assert [reply.status for reply in replies] == [503, 200], replies
    assert json.loads(replies[0].body) == {"message": "Service Unavailable"}


@pytest.mark.parametrize("answer", [
    OK + b"Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nX-Evil: yes\r\nContent-Length: 4\r\n\r\nevil",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 3 + OK + b"Content-Length: 2\r\n\r\nok",
    b"HTTP/1.1 103 Early Hints\r\nX-Evil: yes\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nok",
    OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Evil: yes\r\n\r\n",
    OK + b"Connection: close\r\n\r\nok", b"HTTP/1.0 200 OK\r\n\r\nok",
    OK + b"Content-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    OK + b"X-A: a\rX-Evil: yes\r\nContent-Length: 2\r\n\r\nok", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    OK + b"Connection: X-Evil\r\nX-Evil: yes\r\nContent-Length: 2\r\n\r\nok",
], ids=["a second answer", "continue", "early hints", "trailers", "until the end", "HTTP/1.0",
        "a length beside chunks", "a bare CR", "only LFs", "fields of its connection"])
def test_only_the_answer_comes_through(gateway, backend, answer):
    backend.answer = answer
    replies = exchange(gateway.port, get("/api/a") + get("/behind"))
    assert [(reply.status, reply.all("x-evil")) for reply in replies] == [(200, []), (200, [])]
    assert replies[0].body == b"ok" and json.loads(replies[1].body)["rawPath"] == "/behind"


def test_an_endless_head_of_a_backend_is_given_up(gateway, backend):
    backend.answer = OK + b"X-A: b\r\n" * 200_000
    replies = exchange(gateway.port, get("/api/a") + get("/behind"))
    assert [reply.status for reply in replies] == [503, 200]
