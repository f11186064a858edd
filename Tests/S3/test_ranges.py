"""Ranges of GetObject and HeadObject."""

import pytest

from .conftest import error_of, refused

BODY = b"0123456789"

SERVED = [
    ("bytes=0-0", b"0", "0-0"),
    ("bytes=0-4", b"01234", "0-4"),
    ("bytes=4-", b"456789", "4-9"),
    ("bytes=9-9", b"9", "9-9"),
    ("bytes=0-9", BODY, "0-9"),
    ("bytes=0-", BODY, "0-9"),
    ("bytes=0-100", BODY, "0-9"),
    ("bytes=5-100", b"56789", "5-9"),
    ("bytes=-1", b"9", "9-9"),
    ("bytes=-4", b"6789", "6-9"),
    ("bytes=-10", BODY, "0-9"),
    ("bytes=-100", BODY, "0-9"),
]

IGNORED = ["bytes=1-0", "bytes=-", "bytes=--1", "bytes=0--1", "bytes=0-1,3-4", "bytes=0-1,-1", "bytes", "0-4",
           "items=0-4", "bytes=a-b", "bytes=1-b", "bytes 0-4", "bytes=", ""]


@pytest.fixture
def ten(s3, bucket):
    """A bucket whose object `k` has ten bytes."""
    s3.put_object(Bucket=bucket, Key="k", Body=BODY)
    return bucket


@pytest.mark.parametrize("header,body,range", SERVED)
def test_a_range_is_served(s3, ten, header, body, range):
    answer = s3.get_object(Bucket=ten, Key="k", Range=header)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == body
    assert answer["ContentRange"] == f"bytes {range}/10"
    assert answer["ContentLength"] == len(body)
    assert answer["AcceptRanges"] == "bytes"


@pytest.mark.parametrize("header,body,range", SERVED)
def test_a_head_of_a_range(s3, ten, header, body, range):
    answer = s3.head_object(Bucket=ten, Key="k", Range=header)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-range"] == f"bytes {range}/10"
    assert answer["ContentLength"] == len(body)


@pytest.mark.parametrize("header", IGNORED)
def test_a_range_that_is_none_is_read_over(s3, ten, header):
    answer = s3.get_object(Bucket=ten, Key="k", Range=header)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["Body"].read() == BODY
    assert "ContentRange" not in answer


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=100-", "bytes=-0"])
def test_a_range_behind_the_end(s3, ten, header):
    with refused("InvalidRange", 416, "The requested range is not satisfiable") as refusal:
        s3.get_object(Bucket=ten, Key="k", Range=header)
    assert refusal.elements["ActualObjectSize"] == "10"
    assert refusal.elements["RangeRequested"] == header


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0"])
def test_a_head_of_a_range_behind_the_end(s3, ten, header):
    refusal = error_of(lambda: s3.head_object(Bucket=ten, Key="k", Range=header))
    assert (refusal.code, refusal.status) == ("416", 416)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=5-9"])
def test_an_empty_object_has_no_ranges(s3, bucket, header):
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    with refused("InvalidRange", 416) as refusal:
        s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert refusal.elements["ActualObjectSize"] == "0"


@pytest.mark.parametrize("header,shown", [("bytes=0-100", True), ("bytes=0-9", True), ("bytes=0-8", False)])
def test_a_checksum_is_told_of_whole_objects_only(s3_when_required, ten, header, shown):
    answer = s3_when_required.get_object(Bucket=ten, Key="k", Range=header, ChecksumMode="ENABLED")
    assert ("ChecksumCRC32" in answer) == shown
    assert ("ChecksumType" in answer) == shown


def test_a_range_has_the_tag_of_the_whole(s3, ten):
    whole = s3.head_object(Bucket=ten, Key="k")
    part = s3.get_object(Bucket=ten, Key="k", Range="bytes=0-1")
    assert (part["ETag"], part["LastModified"]) == (whole["ETag"], whole["LastModified"])


def test_a_range_of_a_version(s3, versioned_bucket):
    old = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"abcdef")["VersionId"]
    s3.put_object(Bucket=versioned_bucket, Key="k", Body=BODY)
    answer = s3.get_object(Bucket=versioned_bucket, Key="k", VersionId=old, Range="bytes=2-3")
    assert answer["Body"].read() == b"cd"
    assert answer["VersionId"] == old


@pytest.mark.parametrize("first,last", [(0, 0), (16383, 16385), (65535, 65600), (99_999, 99_999), (0, 99_999)])
def test_ranges_of_a_larger_object(s3, bucket, first, last):
    body = bytes(number * 7 % 251 for number in range(100_000))
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    answer = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={first}-{last}")
    assert answer["Body"].read() == body[first:last + 1]


def test_a_range_whose_condition_fails(s3, ten):
    with refused("PreconditionFailed", 412):
        s3.get_object(Bucket=ten, Key="k", Range="bytes=0-1", IfMatch='"other"')


def test_a_range_that_was_not_modified(s3, ten):
    etag = s3.head_object(Bucket=ten, Key="k")["ETag"]
    with refused("304", 304):
        s3.get_object(Bucket=ten, Key="k", Range="bytes=0-1", IfNoneMatch=etag)


# Parts


def test_part_one_of_an_object_in_one_piece(s3, ten):
    answer = s3.get_object(Bucket=ten, Key="k", PartNumber=1)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["Body"].read() == BODY
    assert "PartsCount" not in answer


def test_part_two_of_an_object_in_one_piece(s3, ten):
    with refused("InvalidPartNumber", 416, "The requested partnumber is not satisfiable") as refusal:
        s3.get_object(Bucket=ten, Key="k", PartNumber=2)
    assert refusal.elements["ActualPartCount"] == "1"
    assert refusal.elements["PartNumberRequested"] == "2"


def test_a_head_of_a_part_that_is_not_there(s3, ten):
    with refused("416", 416):
        s3.head_object(Bucket=ten, Key="k", PartNumber=2)


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_a_range_and_a_part_at_once(s3, ten, call):
    refusal = error_of(lambda: getattr(s3, call)(Bucket=ten, Key="k", PartNumber=1, Range="bytes=0-1"))
    assert refusal.status == 400
    if call == "get_object":
        assert refusal.code == "InvalidRequest"
        assert refusal.message == "Cannot specify both Range header and partNumber query parameter"


@pytest.mark.parametrize("number", [0, -1, 10_001])
def test_numbers_that_no_part_has(s3, ten, number):
    with refused(
        "InvalidArgument", 400, "Part number must be an integer between 1 and 10000, inclusive"
    ) as refusal:
        s3.get_object(Bucket=ten, Key="k", PartNumber=number)
    assert refusal.elements == {"ArgumentName": "partNumber", "ArgumentValue": str(number)}
