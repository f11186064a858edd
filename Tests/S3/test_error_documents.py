"""What every answer carries, and the shape of S3's error document."""

import pytest

from .conftest import error_of, refused, unique


def test_a_good_answer_carries_request_identifiers(raw, bucket):
    answer = raw("GET", f"/{bucket}")
    assert answer.status == 200
    assert answer.headers["x-amz-request-id"] and answer.headers["x-amz-id-2"]
    assert answer.headers["Server"] == "AmazonS3"
    assert answer.headers["Date"].endswith(" GMT")


def test_a_refusal_repeats_its_identifiers_in_the_document(raw, bucket):
    answer = raw("GET", f"/{bucket}/absent")
    document = answer.is_error("NoSuchKey", 404, "The specified key does not exist.")
    assert document["RequestId"] == answer.headers["x-amz-request-id"]
    assert document["HostId"] == answer.headers["x-amz-id-2"]
    assert answer.headers["Content-Type"] == "application/xml"


def test_an_error_document_has_no_namespace_and_no_resource(raw, bucket):
    answer = raw("GET", f"/{bucket}/absent")
    assert b"xmlns" not in answer.body and b"<Resource>" not in answer.body


def test_an_absent_key_is_named(s3, bucket):
    with refused("NoSuchKey", 404, "The specified key does not exist.") as refusal:
        s3.get_object(Bucket=bucket, Key="absent/ü&<")
    assert refusal.elements["Key"] == "absent/ü&<"


def test_an_absent_bucket_is_named_before_its_key(s3):
    name = unique()
    refusal = error_of(lambda: s3.get_object(Bucket=name, Key="k"))
    assert (refusal.code, refusal.status) == ("NoSuchBucket", 404)
    assert refusal.message == "The specified bucket does not exist"
    assert refusal.elements["BucketName"] == name


@pytest.mark.parametrize("path", ["/{}/absent", "/absent-{}", "/absent-{}/k"])
def test_a_refused_head_has_no_body(raw, bucket, path):
    answer = raw("HEAD", path.format(bucket))
    assert (answer.status, answer.body) == (404, b"")
    assert answer.headers["x-amz-request-id"]
