"""Hostile and broken requests: AWS's error or a closed connection, bounded memory, and the server goes on."""

import contextlib
import gzip
import json
import random
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
from running import Emulator, write_manifest

HEAD = ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
        "X-Amz-Target: DynamoDB_20120810.{}\r\n")
CORAL = "com.amazon.coral.service#"
MIB = 1 << 20
# What one process may ever take while it reads bodies of 16 MiB, one after the other or many at once: a body, its
# JSON tree of up to 28 times that size in the worst case, and the store's own 100 MiB.
PEAK = 768 * MIB
# And when it has answered: what the allocator keeps.
AFTER = 400 * MIB


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad-input")
    manifest = write_manifest(folder, "bad")
    instance = Emulator(folder / "data", "--accept-any-credentials", manifest=manifest)
    client = instance.client("dynamodb")
    client.create_table(
        TableName="table", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    yield instance
    instance.stop()


def memory(server, field):
    """`VmHWM` (the peak) or `VmRSS` (now), bytes."""
    with open(f"/proc/{server.process.pid}/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise AssertionError(field)


@pytest.fixture(autouse=True)
def goes_on(server):
    """After each test a normal request is answered quickly, and memory was bounded."""
    yield
    client = server.client("dynamodb", read_timeout=120)
    start = time.monotonic()
    client.put_item(TableName="table", Item={"pk": {"S": "normal"}, "n": {"N": "1"}})
    assert client.get_item(TableName="table", Key={"pk": {"S": "normal"}})["Item"]["n"] == {"N": "1"}
    assert time.monotonic() - start < 60
    assert memory(server, "VmHWM") < PEAK, f"{memory(server, 'VmHWM') >> 20} MiB"
    assert memory(server, "VmRSS") < AFTER, f"{memory(server, 'VmRSS') >> 20} MiB"


def connect(server, timeout=600):
    url = urlsplit(server.aws)
    connection = socket.create_connection((url.hostname, url.port), timeout=timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_answer(connection):
    """(status, body) of what comes, or (None, what came) when the server closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None, data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(
        b"content-length:")), 0)
    while len(body) < length:
        piece = connection.recv(65536)
        if not piece:
            break
        body += piece
    return int(head.split()[1]), body


def send(server, body, operation="PutItem", headers=""):
    with connect(server) as connection:
        head = HEAD.format(operation) + headers + f"Content-Length: {len(body)}\r\n\r\n"
        # A server may answer a long body before its end; the answer is still to be read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(head.encode() + body)
        return read_answer(connection)


def refused(server, body, code, operation="PutItem", headers="", text=None):
    status, answer = send(server, body, operation, headers)
    assert status == 400, (status, answer[:300])
    document = json.loads(answer)
    assert document["__type"].endswith("#" + code), document
    if text:
        assert text in document.get("message", document.get("Message", "")), document
    return document


def put(value):
    """The bytes of a PutItem request with a value, JSON text, as attribute `a`."""
    return b'{"TableName":"table","Item":{"pk":{"S":"x"},"a":' + value + b"}}"


def filled(unit, size=16 * MIB, start=b"[", end=b"]"):
    """JSON of at most `size` bytes that repeats a unit."""
    count = (size - len(start) - len(end)) // (len(unit) + 1)
    return start + b",".join([unit] * count) + end


def nested(levels, opening, inner, closing):
    return opening * levels + inner + closing * levels


# Large bodies

@pytest.mark.parametrize("unit", [
    b"0", b"[0]", b"{}", b'{"":0}', b'"abc"', b'{"S":"a"}', b'{"NULL":true}', b'{"L":[]}'])
def test_sixteen_megabytes_of_small_values(server, unit):
    body = b'{"TableName":"table","Item":{"pk":{"S":"x"},"a":{"L":' + filled(unit, 16 * MIB - 100) + b"}}}"
    status, answer = send(server, body)
    assert status == 400, answer[:200]


def test_sixteen_megabytes_of_one_string(server):
    refused(server, put(b'{"S":"' + b"a" * (16 * MIB - 100) + b'"}'), "ValidationException",
            text="Item size has exceeded the maximum allowed size")


def test_sixteen_megabytes_of_escapes(server):
    refused(server, put(b'{"S":"' + b"\\u0041" * (2 * MIB) + b'"}'), "ValidationException")


def test_sixteen_megabytes_of_one_name(server):
    refused(server, b'{"' + b"a" * (16 * MIB - 100) + b'":1}', "ValidationException")


def test_sixteen_megabytes_of_members(server):
    body = b"{" + b",".join(b'"%x":0' % number for number in range(1_200_000)) + b"}"
    assert len(body) < 16 * MIB
    refused(server, body, "ValidationException")


def test_more_than_sixteen_megabytes(server):
    assert send(server, b" " * (16 * MIB + 1)) == (413, b"")


def test_many_large_bodies_at_once(server):
    body = put(b'{"L":' + filled(b'{"N":"1"}', 15 * MIB) + b"}")
    results = []

    def one():
        results.append(send(server, body)[0])

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [400] * 8


def test_a_million_elements(server):
    refused(server, put(b'{"L":[' + b",".join([b'{"N":"1"}'] * 1_000_000) + b"]}"), "ValidationException",
            text="Item size has exceeded the maximum allowed size")


def test_a_million_members_of_a_set(server):
    numbers = b",".join(b'"%d"' % number for number in range(1_000_000))
    refused(server, put(b'{"NS":[' + numbers + b"]}"), "ValidationException")


def test_a_million_equal_members_of_a_set(server):
    refused(server, put(b'{"SS":[' + b",".join([b'"a"'] * 1_000_000) + b"]}"), "ValidationException")


def test_a_million_names(server):
    names = b",".join(b'"#a%d":"b"' % number for number in range(800_000))
    body = b'{"TableName":"table","Item":{"pk":{"S":"x"}},"ExpressionAttributeNames":{' + names + b"}}"
    refused(server, body, "ValidationException")


def test_a_long_expression(server):
    body = b'{"TableName":"table","Item":{"pk":{"S":"x"}},"ConditionExpression":"' + b"(" * (8 * MIB) + b'"}'
    refused(server, body, "ValidationException", text="Expression size has exceeded the maximum allowed size")


# Nesting

def test_thirty_one_levels_are_stored(server):
    assert send(server, put(nested(31, b'{"L":[', b'{"S":"a"}', b"]}")))[0] == 200


@pytest.mark.parametrize("levels", [33, 60, 100, 200])
@pytest.mark.parametrize("kind", ["L", "M"])
def test_nesting_beyond_the_limit(server, levels, kind):
    opening, closing = (b'{"L":[', b"]}") if kind == "L" else (b'{"M":{"a":', b"}}")
    refused(server, put(nested(levels, opening, b'{"S":"a"}', closing)), "ValidationException",
            text="Nesting Levels have exceeded supported limits")


@pytest.mark.parametrize("opening,closing", [(b"[", b"]"), (b'{"a":', b"}"), (b'{"L":[', b"]}")])
@pytest.mark.parametrize("levels", [1_000, 100_000, 2_000_000])
def test_absurd_nesting(server, opening, closing, levels):
    body = nested(levels, opening, b"1", closing)
    if len(body) <= 15 * MIB:
        refused(server, body if opening == b'{"a":' else put(body), "SerializationException")


def test_nesting_that_never_closes(server):
    refused(server, b"[" * (15 * MIB), "SerializationException")


# Text

@pytest.mark.parametrize("text", [
    b"\xff", b"\xfe\xff", b"\xc0\x80", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
    b"a\x80", b"\xe2\x82"])
def test_invalid_utf8(server, text):
    assert refused(server, put(b'{"S":"' + text + b'"}'), "SerializationException") == {
        "__type": CORAL + "SerializationException"}


@pytest.mark.parametrize("text", [b"\\ud800", b"\\udc00", b"\\ud800\\ud800", b"\\ud800a", b"\\udc00\\ud800"])
def test_lone_surrogates(server, text):
    refused(server, put(b'{"S":"' + text + b'"}'), "SerializationException")


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b"\xff\xfe", b"\x00"])
def test_bytes_before_the_json(server, mark):
    refused(server, mark + put(b'{"S":"a"}'), "SerializationException")


def test_utf16(server):
    refused(server, put(b'{"S":"a"}').decode().encode("utf-16"), "SerializationException")


def test_of_duplicate_keys_the_last_counts(server):
    assert send(server, b'{"TableName":"nope","TableName":"table","Item":{"pk":{"S":"dup"},"a":{"S":"1"},'
                        b'"a":{"S":"2"}}}')[0] == 200
    got = server.client("dynamodb").get_item(TableName="table", Key={"pk": {"S": "dup"}})
    assert got["Item"]["a"] == {"S": "2"}


def test_two_types_in_one_value(server):
    refused(server, put(b'{"S":"a","N":"1"}'), "ValidationException", text="more than one datatypes set")


def test_a_million_duplicate_keys(server):
    body = b"{" + b",".join([b'"TableName":"no"'] * 900_000) + b"}"
    refused(server, body, "ValidationException")


# Numbers

@pytest.mark.parametrize("number,text", [
    ("1" * 10_000, "Number overflow"), ("0." + "0" * 10_000 + "1", "Number underflow"),
    ("1." + "1" * 10_000, "more than 38 significant digits"), ("1e" + "9" * 10_000, "Number overflow"),
    ("1e-" + "9" * 10_000, "Number underflow"), ("-" * 10_000, "cannot be converted to a numeric value"),
    ("1" * 10_000 + "x", "cannot be converted to a numeric value")])
def test_numbers_of_ten_thousand_digits(server, number, text):
    refused(server, put(json.dumps({"N": number}).encode()), "ValidationException", text=text)


def test_ten_thousand_zeros_are_zero(server):
    assert send(server, put(json.dumps({"N": "0" * 10_000}).encode()))[0] == 200


@pytest.mark.parametrize("number", [b"1" * 10_000, b"-" + b"9" * 10_000, b"1e99999", b"1" * (8 * MIB)])
def test_long_json_numbers(server, number):
    refused(server, b'{"Limit":' + number + b"}", "ValidationException",
            operation="ListTables")


# Operations and codings

@pytest.mark.parametrize("name", ["Nothing", "x" * 5_000, "../../etc/passwd", "%00", "PutItem%20"])
def test_unknown_operations(server, name):
    refused(server, b"{}", "UnknownOperationException", operation=name)


def test_a_gzip_bomb(server):
    bomb = gzip.compress(b" " * (512 * MIB), 9)
    assert send(server, bomb, headers="Content-Encoding: gzip\r\n") == (413, b"")


def test_a_gzip_bomb_of_many_members(server):
    member = gzip.compress(b" " * MIB)
    assert send(server, member * 64, headers="Content-Encoding: gzip\r\n") == (413, b"")


def test_gzip_inside_gzip(server):
    body = gzip.compress(gzip.compress(b"{}"))
    refused(server, body, "SerializationException", headers="Content-Encoding: gzip\r\n")


# Connections

def test_half_a_body_then_the_end(server):
    with connect(server) as connection:
        connection.sendall(HEAD.format("PutItem").encode() + b"Content-Length: 1000\r\n\r\n" + b'{"TableName"')
        connection.shutdown(socket.SHUT_WR)
        assert read_answer(connection) == (None, b"")


def test_half_bodies_that_stay_open(server):
    waiting = []
    for _ in range(200):
        connection = connect(server)
        connection.sendall(HEAD.format("PutItem").encode() + b"Content-Length: 1000000\r\n\r\n" + b"{" * 10_000)
        waiting.append(connection)
    assert send(server, put(b'{"S":"a"}'))[0] == 200
    for connection in waiting:
        connection.close()


def test_a_body_that_comes_slowly(server):
    body = put(b'{"S":"slow"}')
    with connect(server) as connection:
        connection.sendall(HEAD.format("PutItem").encode() + f"Content-Length: {len(body)}\r\n\r\n".encode())
        for position in range(0, len(body), 8):
            connection.sendall(body[position:position + 8])
            time.sleep(0.02)
        assert read_answer(connection)[0] == 200


def test_chunks_of_one_byte(server):
    body = put(b'{"S":"chunks"}')
    with connect(server) as connection:
        connection.sendall(HEAD.format("PutItem").encode() + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(
            b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
        assert read_answer(connection)[0] == 200


def test_a_length_that_lies(server):
    with connect(server) as connection:
        connection.sendall(HEAD.format("PutItem").encode() + b"Content-Length: 99999999999999999999\r\n\r\n")
        assert read_answer(connection)[0] in (400, 413)


def test_thousands_of_junk_connections(server):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    openers = [b"", b"\x16\x03\x01\x02\x00", b"GET", b"POST / HTTP/1.1\r\n", b"\r\n" * 50, b"\x00" * 100,
               HEAD.format("PutItem").encode(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]
    kept = []
    for number in range(3_000):
        connection = connect(server)
        connection.settimeout(5)
        try:
            connection.sendall(chance.choice(openers) + chance.randbytes(chance.randrange(200)))
        except OSError:
            pass
        if chance.random() < 0.5:
            kept.append(connection)
        else:
            connection.close()
        if number % 500 == 0:
            assert send(server, put(b'{"S":"a"}'))[0] == 200
    assert send(server, put(b'{"S":"a"}'))[0] == 200
    for connection in kept:
        connection.close()


def test_random_bytes_as_bodies(server):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chance = random.Random(seed)
    good = put(b'{"M":{"l":{"L":[{"N":"1"},{"SS":["a","b"]}]},"b":{"B":"AAEC"}}}')
    for _ in range(500):
        body = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        assert send(server, bytes(body))[0] in (200, 400)
