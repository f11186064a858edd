"""Requests that are no requests, or two at once: each has one answer, and nothing behind it runs.

The answers are those of RFC 9110 and 9112, where they leave a choice the strict one: whatever two servers in a row
could read in two ways is refused, and the connection ends with the refusal.
"""

import json

import pytest

from .conftest import told
from .hostile import CHUNKED, GET, SMUGGLED, api, gateway, port, ran, refused  # noqa: F401, fixtures
from .peers import Peer, exchange

HOST = "\r\nHost: a\r\n\r\n"


def post(fields, body=""):
    return f"POST /smuggled HTTP/1.1\r\nHost: a\r\n{fields}\r\n{body}{SMUGGLED}"


FRAMING = {
    "CL.TE": (post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG"), 400),
    "TE.CL": (post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\nGPOST / HTTP/1.1\r\n0\r\n\r\n"), 400),
    "CL.0": (post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
    "two lengths": (post("Content-Length: 5\r\nContent-Length: 0\r\n", "hello"), 400),
    "twice the same length": (post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400),
    "lengths in any case": (post("Content-Length: 5\r\ncontent-length: 6\r\n", "hello"), 400),
    "a list of lengths": (post("Content-Length: 5, 5\r\n", "hello"), 400),
    "a signed length": (post("Content-Length: +5\r\n", "hello"), 400),
    "a negative length": (post("Content-Length: -1\r\n"), 400),
    "a hexadecimal length": (post("Content-Length: 0x5\r\n", "hello"), 400),
    "a length with a space": (post("Content-Length: 5 0\r\n", "hello"), 400),
    "a length with a fraction": (post("Content-Length: 5.0\r\n", "hello"), 400),
    "a length with an exponent": (post("Content-Length: 1e1\r\n", "hello"), 400),
    "a length with an underscore": (post("Content-Length: 1_0\r\n", "hello"), 400),
    "an empty length": (post("Content-Length:\r\n"), 400),
    "a length beyond 64 bits": (post("Content-Length: 18446744073709551621\r\n", "hello"), 400),
    "a length in other digits": (post("Content-Length: \u00b2\r\n", "hello"), 400),
    "a length behind a vertical tab": (post("Content-Length: \x0b5\r\n", "hello"), 400),
    "two codings": (post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n"), 400),
    "chunked twice": (post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 501),
    "gzip and chunked": (post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501),
    "chunked is not last": (post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 501),
    "identity": (post("Transfer-Encoding: identity\r\n"), 501),
    "an unknown coding": (post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501),
    "a quoted coding": (post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 501),
    "a coding with a parameter": (post("Transfer-Encoding: chunked;a=b\r\n", "0\r\n\r\n"), 501),
    "an empty coding": (post("Transfer-Encoding:\r\n"), 400),
    "a coding behind a vertical tab": (post("Transfer-Encoding: \x0bchunked\r\n", "0\r\n\r\n"), 400),
    "a coding behind a NUL": (post("Transfer-Encoding: \x00chunked\r\n", "0\r\n\r\n"), 400),
    "a space before the colon": (post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400),
    "a tab before the colon": (post("Content-Length\t: 5\r\n", "hello"), 400),
    "a fold": (post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400),
    "a fold with a tab": (post("X: a\r\n\tTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
    "a field before the first": (f"POST / HTTP/1.1\r\n Content-Length: 5\r\nHost: a\r\n\r\nhello{SMUGGLED}", 400),
    "a bare LF": (post("X: a\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
    "a bare CR": (post("X: a\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400),
    "only LFs": ("POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n" + SMUGGLED, 400),
    "an empty line of LF": (f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\nhello{SMUGGLED}", 400),
    "CR CR LF": (post("X: a\r\r\nContent-Length: 5\r\n", "hello"), 400),
    "chunks in HTTP/1.0": (
        f"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}", 400),
}


@pytest.mark.parametrize("data, status", FRAMING.values(), ids=FRAMING.keys())
def test_where_a_body_ends_has_one_reading(port, ran, data, status):
    refused(port, data, status)
    assert ran() == 0


CHUNKS = {
    "no size": "\r\n\r\n", "letters": "xyz\r\n",
    "a sign": "+5\r\nhello\r\n0\r\n\r\n", "a minus": "-5\r\nhello\r\n0\r\n\r\n",
    "a prefix": "0x5\r\nhello\r\n0\r\n\r\n", "a space before": " 5\r\nhello\r\n0\r\n\r\n",
    "a space behind": "5 \r\nhello\r\n0\r\n\r\n", "an underscore": "1_0\r\nhello\r\n0\r\n\r\n",
    "a comma": "5,5\r\nhello\r\n0\r\n\r\n", "more than 64 bits": "10000000000000005\r\nhello\r\n0\r\n\r\n",
    "very many digits": "0" * 40 + "5\r\nhello\r\n0\r\n\r\n", "a bare LF behind the size": "5\nhello\r\n0\r\n\r\n",
    "a bare CR behind the size": "5\rhello\r\n0\r\n\r\n", "a bare LF behind the data": "5\r\nhello\n0\r\n\r\n",
    "data beyond the size": "5\r\nhello world\r\n0\r\n\r\n", "data short of the size": "5\r\nhell\r\n0\r\n\r\n",
    "a bare LF in an extension": "5;a\nb\r\nhello\r\n0\r\n\r\n",
    "a bare CR in an extension": "5;a\rb\r\nhello\r\n0\r\n\r\n",
    "a NUL in an extension": "5;\x00\r\nhello\r\n0\r\n\r\n", "an endless extension": "5;" + "a" * 70_000,
    "many long extensions": "".join("1;" + "a" * 4_000 + "\r\nx\r\n" for _ in range(10)),
    "a trailer without a colon": "0\r\nnonsense\r\n\r\n", "a folded trailer": "0\r\nX: a\r\n b\r\n\r\n",
    "a trailer with a bare LF": "0\r\nX: a\nY: b\r\n\r\n",
    "a trailer with a space before the colon": "0\r\nX : a\r\n\r\n",
    "a trailer with a NUL": "0\r\nX: \x00\r\n\r\n",
}


@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS.keys())
def test_a_malformed_chunk_ends_the_connection(api, ran, body):
    refused(api.port, CHUNKED.replace("/chunks", "/smuggled") + body + SMUGGLED, 400)
    assert ran() == 0


@pytest.mark.parametrize("body", [
    "5\r\nhello\r\n0\r\n\r\n", "1;a=b\r\nh\r\n4;\"c d\"\r\nello\r\n0;last\r\n\r\n", "005\r\nhello\r\n000\r\n\r\n",
    "3\r\nhel\r\n2\r\nlo\r\n0\r\nX-Trailer: 1\r\n\r\n", "5\t;a\r\nhello\r\n0\r\n\r\n",
], ids=["one", "extensions", "zeros", "trailers", "space before an extension"])
def test_well_formed_chunks_are_a_body(api, body):
    data = CHUNKED.replace("Host: a", "Host: a\r\nContent-Type: text/plain") + body
    (reply,) = exchange(api.port, api.at(data, "/chunks"))
    assert api.event(reply)["body"] == "hello"


@pytest.mark.parametrize("name", ["Content-Length", "Host", "Authorization", "tell", "Transfer-Encoding"])
def test_a_trailer_never_becomes_a_header(api, name):
    value = {"Content-Length": "99", "Transfer-Encoding": "gzip"}.get(name, told({"error": "obeyed"}))
    data = CHUNKED + f"0\r\n{name}: {value}\r\n\r\n" + CHUNKED + "0\r\n\r\n"
    replies = exchange(api.port, api.at(data, "/chunks"))
    assert [reply.status for reply in replies] == [200, 200]
    headers = {field.lower(): given for field, given in json.loads(replies[0].body)["headers"].items()}
    assert headers.get(name.lower()) in (None, "a", "chunked")


LINES = {
    "no target": ("GET HTTP/1.1" + HOST, 400), "HTTP/0.9": ("GET /" + HOST, 400),
    "two spaces": ("GET  / HTTP/1.1" + HOST, 400), "two spaces before the version": ("GET /  HTTP/1.1" + HOST, 400),
    "a space behind": ("GET / HTTP/1.1 " + HOST, 400), "tabs": ("GET\t/\tHTTP/1.1" + HOST, 400),
    "a space before": (" GET / HTTP/1.1" + HOST, 400), "a vertical tab": ("GET\x0b/ HTTP/1.1" + HOST, 400),
    "a space in the target": ("GET /a b HTTP/1.1" + HOST, 400), "a NUL": ("GET /\x00 HTTP/1.1" + HOST, 400),
    "a DEL": ("GET /\x7f HTTP/1.1" + HOST, 400), "a fragment": ("GET /a#b HTTP/1.1" + HOST, 400),
    "no UTF-8": ("GET /\xff HTTP/1.1" + HOST, 400), "a bare CR": ("GET /a\rb HTTP/1.1" + HOST, 400),
    "a bare LF": ("GET / HTTP/1.1\nHost: a\r\n\r\n", 400), "a colon in the method": ("GET: / HTTP/1.1" + HOST, 400),
    "a method in parentheses": ("(GET) / HTTP/1.1" + HOST, 400), "no method": (" / HTTP/1.1" + HOST, 400),
    "a method beyond ASCII": ("G\xc9T / HTTP/1.1" + HOST, 400), "small letters": ("GET / http/1.1" + HOST, 400),
    "another protocol": ("GET / HTTPS/1.1" + HOST, 400), "no minor version": ("GET / HTTP/1" + HOST, 400),
    "two digits": ("GET / HTTP/1.10" + HOST, 400), "a comma": ("GET / HTTP/1,1" + HOST, 400),
    "a sign": ("GET / HTTP/+1.1" + HOST, 400), "HTTP/2": ("GET / HTTP/2.0" + HOST, 505),
    "HTTP/2 without TLS": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505), "HTTP/0": ("GET / HTTP/0.9" + HOST, 505),
    "a target without a slash": ("GET a HTTP/1.1" + HOST, 400), "a query alone": ("GET ?a HTTP/1.1" + HOST, 400),
    "a star": ("GET * HTTP/1.1" + HOST, 400), "an authority": ("GET a:80 HTTP/1.1" + HOST, 400),
    "a tunnel": ("CONNECT a:80 HTTP/1.1" + HOST, 501), "a tunnel to a path": ("CONNECT / HTTP/1.1" + HOST, 400),
    "another scheme": ("GET ftp://a/ HTTP/1.1" + HOST, 400), "no host": ("GET http:///a HTTP/1.1" + HOST, 400),
    "a user": ("GET http://user@a/ HTTP/1.1" + HOST, 400), "a TLS hello": ("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
    "an SSH client": ("SSH-2.0-OpenSSH_9.9\r\n\r\n", 400), "JSON": ('{"a": 1}\r\n\r\n', 400),
    "a PROXY line": ("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1" + HOST, 400),
}


@pytest.mark.parametrize("data, status", LINES.values(), ids=LINES.keys())
def test_a_malformed_request_line_is_refused(port, ran, data, status):
    refused(port, data + SMUGGLED, status)
    assert ran() == 0


FIELDS = {
    "no Host": GET + "\r\n", "two Hosts": GET + "Host: a\r\nHost: b\r\n\r\n",
    "the same Host twice": GET + "Host: a\r\nHost: a\r\n\r\n",
    "a path in Host": GET + "Host: a/b\r\n\r\n", "a user in Host": GET + "Host: u@a\r\n\r\n",
    "a space in Host": GET + "Host: a b\r\n\r\n", "a query in Host": GET + "Host: a?b\r\n\r\n",
    "two hosts in one": GET + "Host: a\\b\r\n\r\n",
    "no colon": GET + "Host: a\r\nnonsense\r\n\r\n", "no name": GET + "Host: a\r\n: x\r\n\r\n",
    "a space in a name": GET + "Host: a\r\nX Y: z\r\n\r\n", "a quote in a name": GET + "Host: a\r\n\"X\": z\r\n\r\n",
    "a name beyond ASCII": GET + "Host: a\r\nX\xe9: z\r\n\r\n", "a NUL in a name": GET + "Host: a\r\nX\x00: z\r\n\r\n",
    "a NUL in a value": GET + "Host: a\r\nX: \x00\r\n\r\n", "a bare CR in a value": GET + "Host: a\r\nX: a\rb\r\n\r\n",
    "an escape in a value": GET + "Host: a\r\nX: \x1b[2J\r\n\r\n",
    "a DEL in a value": GET + "Host: a\r\nX: \x7f\r\n\r\n",
    "a fold": GET + "Host: a\r\nX: a\r\n b\r\n\r\n", "a folded Host": GET + "Host:\r\n a\r\n\r\n",
    "a line of spaces": GET + "Host: a\r\n   \r\n\r\n",
}


@pytest.mark.parametrize("data", FIELDS.values(), ids=FIELDS.keys())
def test_a_malformed_field_is_refused(port, ran, data):
    refused(port, data + SMUGGLED, 400)
    assert ran() == 0


# What looks odd and is right

@pytest.mark.parametrize("data, path", [
    ("\r\n\r\nGET @/a HTTP/1.1" + HOST, "/a"), ("GET @/a HTTP/1.9" + HOST, "/a"),
    ("GET http://a@/b HTTP/1.1" + HOST, "/b"), ("GET @/a HTTP/1.0\r\n\r\n", "/a"),
    ("GET @//a//b HTTP/1.1" + HOST, "//a//b"), ("GET @/a/../b HTTP/1.1" + HOST, "/a/../b"),
    ("GET @/%00 HTTP/1.1" + HOST, "/\x00"), ("GET @/%zz HTTP/1.1" + HOST, "/%zz"),
    ("GET @/a HTTP/1.1\r\nHost:\r\n\r\n", "/a"), ("GET @/a HTTP/1.1\r\nhOsT:a\r\nX:\r\nX: \t\r\n\r\n", "/a"),
    ("POST @/a HTTP/1.1\r\nHost: a\r\nContent-Length: 005\r\n\r\nhello", "/a"),
], ids=["empty lines first", "a later minor version", "an absolute target", "HTTP/1.0", "empty segments", "dots",
        "an encoded NUL", "no hex digits", "an empty Host", "empty values", "a length with zeros"])
def test_the_unusual_is_served(api, data, path):
    (reply,) = exchange(api.port, data.replace("@", api.prefix))
    assert api.path_of(reply) == path


def test_an_absolute_target_without_a_path_is_the_root(gateway):
    (reply,) = exchange(gateway.port, "GET HTTP://a HTTP/1.1" + HOST)
    assert json.loads(reply.body)["rawPath"] == "/"


def test_the_targets_authority_beats_the_host(api):
    (reply,) = exchange(
        api.port, f"GET http://target.example:81{api.prefix}/x HTTP/1.1\r\nHost: field.example\r\n\r\n")
    event = api.event(reply)
    assert [value for name, value in event["headers"].items() if name.lower() == "host"] == ["target.example:81"]
    assert event["requestContext"]["domainName"] == "target.example"


@pytest.mark.parametrize("which, status", [("gateway", 200), ("rest", 403), ("aws", 404)])
def test_one_byte_at_a_time_is_the_same_request(gateway, which, status):
    data = b"GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with Peer(gateway.ports[which]) as peer:
        for number in range(len(data)):
            peer.send(data[number:number + 1])
        (reply,) = peer.replies()
    assert reply.status == status
