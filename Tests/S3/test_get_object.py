"""GetObject and HeadObject: answers, absent objects, absent buckets."""

import datetime

import pytest

from .conftest import error_of, refused


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_an_object_is_described(s3, bucket, call):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentType="text/plain")
    answer = getattr(s3, call)(Bucket=bucket, Key="k")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert (answer["ContentLength"], answer["ContentType"]) == (5, "text/plain")
    assert (answer["ETag"], answer["AcceptRanges"]) == (put["ETag"], "bytes")
    assert answer["ServerSideEncryption"] == "AES256"
    age = datetime.datetime.now(datetime.timezone.utc) - answer["LastModified"]
    assert abs(age.total_seconds()) < 900
    for absent in ("VersionId", "DeleteMarker", "StorageClass", "PartsCount", "Restore", "Expiration", "TagCount"):
        assert absent not in answer


def test_a_head_has_no_body(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    answer = raw("HEAD", f"/{bucket}/k")
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (200, b"", "5")


def test_get_and_head_have_the_same_headers(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", Metadata={"a": "1"}, CacheControl="no-cache")
    own = {"date", "x-amz-request-id", "x-amz-id-2", "connection"}
    got, head = (
        {name.lower(): value for name, value in raw(method, f"/{bucket}/k").headers.items()
         if name.lower() not in own}
        for method in ("GET", "HEAD"))
    assert got == head


def test_times_are_whole_seconds(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    header = raw("GET", f"/{bucket}/k").headers["Last-Modified"]
    datetime.datetime.strptime(header, "%a, %d %b %Y %H:%M:%S GMT")
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"]
    assert listed == s3.head_object(Bucket=bucket, Key="k")["LastModified"]


@pytest.mark.parametrize("call,code", [("get_object", "NoSuchKey"), ("head_object", "404")])
def test_an_absent_object(s3, bucket, call, code):
    refusal = error_of(lambda: getattr(s3, call)(Bucket=bucket, Key="absent"))
    assert (refusal.code, refusal.status) == (code, 404)
    if call == "get_object":
        assert refusal.elements["Key"] == "absent"


@pytest.mark.parametrize("call,code", [("get_object", "NoSuchBucket"), ("head_object", "404")])
def test_an_absent_bucket(s3, bucket, call, code):
    refusal = error_of(lambda: getattr(s3, call)(Bucket=f"{bucket}-absent", Key="k"))
    assert (refusal.code, refusal.status) == (code, 404)


def test_checksums_are_told_on_request_only(s3_when_required, bucket):
    s3_when_required.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
    plain = s3_when_required.get_object(Bucket=bucket, Key="k")
    assert "ChecksumSHA256" not in plain and "ChecksumType" not in plain
    asked = s3_when_required.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert asked["ChecksumSHA256"] == "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    assert asked["ChecksumType"] == "FULL_OBJECT"


def test_without_a_checksum_s3_computes_its_own(s3_when_required, bucket):
    s3_when_required.put_object(Bucket=bucket, Key="k", Body=b"123456789")
    answer = s3_when_required.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert answer["ChecksumCRC64NVME"] == "rosUhgp5mIg="
    assert answer["ChecksumType"] == "FULL_OBJECT"


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_other_methods(raw, s3, bucket, method):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    answer = raw(method, f"/{bucket}/k")
    error = answer.is_error("MethodNotAllowed", 405, "The specified method is not allowed")
    assert error["Method"] == method


def test_a_hint_of_the_client_is_read_over(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert raw("GET", f"/{bucket}/k?x-id=GetObject").body == b"hello"


def test_reading_goes_on_after_a_deletion(s3, bucket):
    body = bytes(1_000_000)
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    stream = s3.get_object(Bucket=bucket, Key="k")["Body"]
    start = stream.read(10)
    s3.delete_object(Bucket=bucket, Key="k")
    assert start + stream.read() == body


def test_an_empty_version_identifier(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    answer = raw("GET", f"/{bucket}/k?versionId=")
    error = answer.is_error("InvalidArgument", 400, "Version id cannot be the empty string")
    assert error["ArgumentName"] == "versionId"


@pytest.mark.parametrize("name", ["response-etag", "response-x", "response-content-length"])
def test_a_header_that_nobody_may_override(raw, s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    error = raw("GET", f"/{bucket}/k?{name}=dummy").is_error(
        "InvalidArgument", 400, f"{name} is not in the set of overridable response headers. Please refer to the S3 API "
        "documentation for a complete list of overridable response headers.")
    assert (error["ArgumentName"], error["ArgumentValue"]) == (name, "dummy")
    assert raw("HEAD", f"/{bucket}/k?{name}=dummy").status == 400


def test_two_subresources_at_once(raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert raw("GET", f"/{bucket}/k?tagging&acl").status == 400


def test_an_object_of_a_deleted_bucket(s3, make_bucket):
    name = make_bucket()
    s3.delete_bucket(Bucket=name)
    with refused("NoSuchBucket", 404):
        s3.get_object(Bucket=name, Key="k")
