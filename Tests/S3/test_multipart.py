"""Multipart uploads from beginning to end, and their parts read again."""

import hashlib

import pytest

from .conftest import refused
from .uploads import LARGE, MIB, Upload, etag


@pytest.fixture
def upload(s3, bucket):
    """upload(**CreateMultipartUpload parameters) -> Upload"""
    return lambda **more: Upload(s3, bucket, **more)


# From beginning to end


def test_an_upload_of_one_part(upload):
    made = upload()
    made.part(1, b"only")
    answer = made.complete()
    assert answer["ETag"] == etag(b"only")
    assert made.body() == b"only"


def test_an_upload_of_several_parts(upload):
    made = upload()
    bodies = [LARGE, b"y" * 6 * MIB, b"end"]
    for number, body in enumerate(bodies, 1):
        assert made.part(number, body)["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert made.complete()["ETag"] == etag(*bodies)
    assert made.body() == b"".join(bodies)


def test_parts_may_come_in_any_order(upload):
    made = upload()
    made.part(2, b"end")
    made.part(1, LARGE)
    made.complete()
    assert made.body() == LARGE + b"end"


def test_numbers_may_have_gaps(upload):
    made = upload()
    made.part(7, LARGE)
    made.part(10_000, b"end")
    assert made.complete()["ETag"] == etag(LARGE, b"end")
    assert made.body() == LARGE + b"end"


def test_a_part_may_be_sent_again(upload):
    made = upload()
    made.part(1, b"first")
    made.part(1, b"second")
    made.complete()
    assert made.body() == b"second"


def test_parts_that_are_not_listed_are_dropped(upload):
    made = upload()
    for number, body in [(1, LARGE), (2, b"dropped"), (3, b"end")]:
        made.part(number, body)
    made.complete(1, 3)
    assert made.body() == LARGE + b"end"


def test_an_empty_part(upload):
    made = upload()
    made.part(1, b"")
    assert made.complete()["ETag"] == etag(b"")
    assert made.body() == b""


def test_the_answers(upload):
    made = upload()
    assert (made.begun["Bucket"], made.begun["Key"]) == (made.bucket, "k")
    assert made.begun["ServerSideEncryption"] == "AES256"
    assert made.part(1, b"x")["ServerSideEncryption"] == "AES256"
    answer = made.complete()
    assert (answer["Bucket"], answer["Key"]) == (made.bucket, "k")
    assert answer["Location"].endswith("/k")
    assert answer["ServerSideEncryption"] == "AES256"
    assert "VersionId" not in answer


def test_an_object_appears_with_its_completion_only(s3, upload):
    made = upload()
    made.part(1, b"x")
    with refused("NoSuchKey", 404):
        made.body()
    assert "Contents" not in s3.list_objects_v2(Bucket=made.bucket)
    made.complete()
    assert s3.list_objects_v2(Bucket=made.bucket)["Contents"][0]["Size"] == 1


def test_an_old_object_stays_until_the_completion(s3, upload):
    made = upload()
    s3.put_object(Bucket=made.bucket, Key="k", Body=b"old")
    made.part(1, b"new")
    assert made.body() == b"old"
    made.complete()
    assert made.body() == b"new"


def test_two_uploads_of_one_key(upload):
    first, second = upload(), upload()
    assert first.id != second.id
    first.part(1, b"first")
    second.part(1, b"second")
    second.complete()
    first.complete()
    assert first.body() == b"first"


def test_a_listing_shows_the_tag_in_parts(s3, upload):
    made = upload()
    made.part(1, b"x")
    made.complete()
    assert s3.list_objects_v2(Bucket=made.bucket)["Contents"][0]["ETag"] == etag(b"x")
    assert s3.head_object(Bucket=made.bucket, Key="k")["ETag"] == etag(b"x")


# Reading parts


def test_parts_are_read_by_number(s3, upload):
    made = upload()
    bodies = [LARGE, b"y" * 6 * MIB, b"end"]
    for number, body in enumerate(bodies, 1):
        made.part(number, body)
    tag = made.complete()["ETag"]
    start = 0
    for number, body in enumerate(bodies, 1):
        answer = s3.get_object(Bucket=made.bucket, Key="k", PartNumber=number)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert answer["Body"].read() == body
        assert (answer["PartsCount"], answer["ETag"]) == (3, tag)
        total = sum(map(len, bodies))
        assert answer["ContentRange"] == f"bytes {start}-{start + len(body) - 1}/{total}"
        head = s3.head_object(Bucket=made.bucket, Key="k", PartNumber=number)
        assert (head["ContentLength"], head["PartsCount"]) == (len(body), 3)
        start += len(body)
    with refused("InvalidPartNumber", 416) as refusal:
        s3.get_object(Bucket=made.bucket, Key="k", PartNumber=4)
    assert refusal.elements["ActualPartCount"] == "3"


def test_without_a_part_number_parts_are_not_counted(s3, upload):
    made = upload()
    made.part(1, b"x")
    made.complete()
    assert "PartsCount" not in s3.get_object(Bucket=made.bucket, Key="k")


@pytest.mark.parametrize("first,last", [(0, 0), (5 * MIB - 1, 5 * MIB), (5 * MIB, 5 * MIB + 2), (100, 5 * MIB + 50)])
def test_ranges_over_parts(s3, upload, first, last):
    made = upload()
    made.part(1, LARGE)
    made.part(2, b"y" * 100)
    made.complete()
    answer = s3.get_object(Bucket=made.bucket, Key="k", Range=f"bytes={first}-{last}")
    assert answer["Body"].read() == (LARGE + b"y" * 100)[first:last + 1]
