"""Compressed bodies in both directions."""

import gzip
import json
import zlib

import pytest

from .wire import send

GET = "DynamoDB_20120810.GetItem"


@pytest.fixture(scope="module")
def long_item(endpoint, table):
    key = {"pk": {"S": "long"}}
    item = {**key, "text": {"S": "compressible " * 1000}}
    assert send(endpoint, "DynamoDB_20120810.PutItem", {"TableName": table, "Item": item}).status == 200
    return {"TableName": table, "Key": key}, item


def test_long_answers_are_compressed_when_asked(endpoint, long_item):
    request, item = long_item
    answer = send(endpoint, GET, request, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json["Item"] == item


def test_the_checksum_covers_the_compressed_bytes(endpoint, long_item):
    answer = send(endpoint, GET, long_item[0], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["x-amz-crc32"] == str(zlib.crc32(answer.body))


def test_the_length_is_that_of_the_compressed_bytes(endpoint, long_item):
    answer = send(endpoint, GET, long_item[0], headers={"Accept-Encoding": "gzip"})
    assert int(answer.headers["Content-Length"]) == len(answer.body) < 3000


@pytest.mark.parametrize("accepted", ["gzip, deflate", "deflate, gzip", "gzip;q=1.0", "gzip, deflate, br"])
def test_lists_of_codings(endpoint, long_item, accepted):
    answer = send(endpoint, GET, long_item[0], headers={"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.json["Item"] == long_item[1]


@pytest.mark.parametrize("accepted", [None, "identity", "deflate", "br"])
def test_not_compressed_unless_asked(endpoint, long_item, accepted):
    answer = send(endpoint, GET, long_item[0], headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.body)["Item"] == long_item[1]


@pytest.mark.parametrize("request_body", [{}, {"Limit": 0}], ids=["success", "error"])
def test_tiny_answers_are_not_compressed(endpoint, request_body):
    answer = send(endpoint, body={"Limit": 1, **request_body}, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_compressed_requests(endpoint, table, key):
    body = gzip.compress(json.dumps({"TableName": table, "Item": {**key, "a": {"S": "b"}}}).encode())
    answer = send(endpoint, "DynamoDB_20120810.PutItem", body, headers={"Content-Encoding": "gzip"})
    assert answer.status == 200
    got = send(endpoint, GET, {"TableName": table, "Key": key})
    assert got.json["Item"] == {**key, "a": {"S": "b"}}


def test_compressed_in_both_directions(endpoint, long_item):
    body = gzip.compress(json.dumps(long_item[0]).encode())
    answer = send(endpoint, GET, body, headers={"Content-Encoding": "gzip", "Accept-Encoding": "gzip"})
    assert answer.json["Item"] == long_item[1] and answer.crc_is_right


def put(endpoint, table, key, coding, change):
    """PutItem with the body as `change` makes it; the answer, and whether the item is there."""
    body = change(json.dumps({"TableName": table, "Item": {**key, "a": {"S": "b"}}}).encode())
    answer = send(endpoint, "DynamoDB_20120810.PutItem", body, headers={"Content-Encoding": coding})
    return answer, "Item" in send(endpoint, GET, {"TableName": table, "Key": key, "ConsistentRead": True}).json


@pytest.mark.parametrize("coding, change", [
    ("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress),
    ("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
    ("gzip", lambda body: gzip.compress(body) + b"junk"), ("gzip", lambda body: gzip.compress(body) + b"\x00" * 9)],
    ids=["gzip", "capitals", "deflate", "two members", "text behind it", "zeros behind it"])
def test_codings_of_requests(endpoint, table, key, coding, change):
    answer, written = put(endpoint, table, key, coding, change)
    assert (answer.status, written) == (200, True)


def flipped(body):
    packed = bytearray(gzip.compress(body))
    packed[-6] ^= 1
    return bytes(packed)


@pytest.mark.parametrize("coding, change", [
    ("gzip", bytes), ("gzip", lambda body: b""), ("gzip", lambda body: gzip.compress(body)[:-1]), ("gzip", flipped),
    ("gzip", lambda body: b"\x1f\x8b" + b"\x00" * 30), ("gzip", zlib.compress),
    ("deflate", bytes), ("deflate", lambda body: b""), ("deflate", lambda body: zlib.compress(body)[:-1]),
    ("deflate", gzip.compress), ("unheard-of", bytes), ("unheard-of", gzip.compress)],
    ids=["plain", "empty", "short", "damaged", "junk", "deflate", "deflate, plain", "deflate, empty", "deflate, short",
         "deflate, gzip", "unknown, plain", "unknown, gzip"])
def test_bodies_that_do_not_have_their_coding_write_nothing(endpoint, table, key, coding, change):
    answer, written = put(endpoint, table, key, coding, change)
    assert (answer.status, written) == (500, False)
    assert answer.type.endswith("#InternalServerError")


def test_compressed_text_that_is_no_json(endpoint):
    answer = send(endpoint, body=gzip.compress(b"{"), headers={"Content-Encoding": "gzip"})
    assert answer.json == {"__type": "com.amazon.coral.service#SerializationException"}

