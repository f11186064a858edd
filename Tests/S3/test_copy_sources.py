"""How the source of a copy is written, and what is refused of it."""

import pytest

from .conftest import refused


@pytest.fixture
def source(s3, bucket):
    """A bucket with the object `source`."""
    s3.put_object(Bucket=bucket, Key="source", Body=b"body")
    return bucket


def copied_by_hand(raw, bucket, source, body=b"", path="copy"):
    return raw("PUT", f"/{bucket}/{path}", {"x-amz-copy-source": source}, body)


@pytest.mark.parametrize("text", ["", "/", "//source", "a/source", "no bucket/source", "!!!/source", "{}%252Fsource"])
def test_sources_without_a_bucket(raw, source, text):
    document = copied_by_hand(raw, source, text.format(source)).is_error(
        "InvalidArgument", 400, "Invalid copy source bucket name")
    assert (document["ArgumentName"], document["ArgumentValue"]) == ("x-amz-copy-source", "x-amz-copy-source")


@pytest.mark.parametrize("text", ["{}/%%%%", "{}/%", "{}/a%2", "{}/%zz", "{}/%FF"])
def test_sources_in_a_broken_encoding(raw, source, text):
    copied_by_hand(raw, source, text.format(source)).is_error(
        "InvalidArgument", 400, "Invalid copy source encoding")


def test_a_source_encoded_as_a_whole(raw, s3, source):
    assert copied_by_hand(raw, source, f"%2F{source}%2Fsource").status == 200
    assert s3.get_object(Bucket=source, Key="copy")["Body"].read() == b"body"


def test_a_copy_has_no_body(raw, s3, source):
    copied_by_hand(raw, source, f"{source}/source", b"body").is_error(
        "InvalidRequest", 400, "The request included a body. Requests of this type must not include a non-empty body.")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=source, Key="copy")


def test_a_part_without_its_upload_is_no_copy(raw, s3, source):
    copied_by_hand(raw, source, f"{source}/source", path="copy?partNumber=1").is_error(
        "InvalidArgument", 400, "This operation does not accept partNumber without uploadId")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=source, Key="copy")
