"""UploadPartCopy."""

import hashlib

import pytest

from .conftest import refused
from .uploads import LARGE, Upload, copy_part, crc32


@pytest.fixture
def upload(s3, bucket):
    """upload(**CreateMultipartUpload parameters) -> Upload"""
    return lambda **more: Upload(s3, bucket, **more)


@pytest.fixture
def source(s3, bucket):
    """The source of copies, ten bytes."""
    s3.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    return {"Bucket": bucket, "Key": "source"}


def test_a_whole_object_as_part(upload, source):
    made = upload()
    result = copy_part(made, source)["CopyPartResult"]
    assert result["ETag"] == f'"{hashlib.md5(b"0123456789").hexdigest()}"'
    assert result["LastModified"]
    made.complete()
    assert made.body() == b"0123456789"


@pytest.mark.parametrize("range,body", [("bytes=0-0", b"0"), ("bytes=2-5", b"2345"), ("bytes=0-9", b"0123456789")])
def test_a_range_as_part(upload, source, range, body):
    made = upload()
    copy_part(made, source, CopySourceRange=range)
    made.complete()
    assert made.body() == body


@pytest.mark.parametrize("range", ["0-2", "bytes=0", "bytes=hello-world", "bytes=0-bar", "bytes=hello-", "bytes=0-2,3-5",
                                   "bytes=5-", "bytes=-5", "bytes=5-2"])
def test_ranges_that_are_none(upload, source, range):
    with refused(
        "InvalidArgument", 400, "The x-amz-copy-source-range value must be of the form bytes=first-last"
    ) as refusal:
        copy_part(upload(), source, CopySourceRange=range)
    assert refusal.elements["ArgumentName"] == "x-amz-copy-source-range"


@pytest.mark.parametrize("range", ["bytes=0-10", "bytes=10-12", "bytes=100-200"])
def test_ranges_behind_the_end(upload, source, range):
    with refused("InvalidArgument", 400, "Range specified is not valid for source object of size: 10"):
        copy_part(upload(), source, CopySourceRange=range)


def test_a_part_of_a_version(s3, versioned_bucket):
    old = s3.put_object(Bucket=versioned_bucket, Key="source", Body=b"old")["VersionId"]
    s3.put_object(Bucket=versioned_bucket, Key="source", Body=b"new")
    made = Upload(s3, versioned_bucket)
    answer = copy_part(made, {"Bucket": versioned_bucket, "Key": "source", "VersionId": old})
    assert answer["CopySourceVersionId"] == old
    assert made.complete()["VersionId"]
    assert made.body() == b"old"


def test_a_part_of_an_absent_object(upload, bucket):
    with refused("NoSuchKey", 404):
        copy_part(upload(), {"Bucket": bucket, "Key": "absent"})


@pytest.mark.parametrize("holds", [True, False])
def test_a_part_on_a_condition(s3, upload, source, holds):
    tag = s3.head_object(**source)["ETag"] if holds else '"0123456789abcdef0123456789abcdef"'
    if holds:
        copy_part(upload(), source, CopySourceIfMatch=tag)
        return
    with refused("PreconditionFailed", 412) as refusal:
        copy_part(upload(), source, CopySourceIfMatch=tag)
    assert refusal.elements["Condition"] == "x-amz-copy-source-If-Match"


def test_copied_and_sent_parts_together(upload, source):
    made = upload()
    made.part(1, LARGE)
    copy_part(made, source, 2)
    made.complete()
    assert made.body() == LARGE + b"0123456789"


def test_a_copied_part_gets_the_upload_s_checksum(upload, source):
    made = upload(ChecksumAlgorithm="CRC32")
    result = copy_part(made, source)["CopyPartResult"]
    assert result["ChecksumCRC32"] == crc32(b"0123456789")
