"""Uploads that are answered by their head: before `100 Continue`, before a byte of the body is taken."""

from urllib.parse import urlsplit

import pytest

from .heads import Upload, head

FIVE_GIB = 5 << 30


@pytest.fixture(autouse=True)
def plain_only(endpoint):
    if urlsplit(endpoint.base).scheme != "http":
        pytest.skip("talks without TLS")


@pytest.mark.parametrize("length", [3, 70_000, 3 << 20])
def test_a_body_that_is_waited_for_is_asked_for(endpoint, s3, bucket, length):
    body = b"x" * length
    with Upload(endpoint, head(endpoint, f"/{bucket}/k", length)) as upload:
        assert upload.interim().startswith("HTTP/1.1 100 ")
        upload.socket.sendall(body)
        assert upload.answer().status == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


@pytest.mark.parametrize("length", [1, 100_000, 8 << 20])
def test_an_absent_bucket_is_told_instead_of_100(endpoint, length):
    with Upload(endpoint, head(endpoint, "/no-such-bucket-here-4711/k", length)) as upload:
        upload.answer().is_error("NoSuchBucket", 404)


def test_a_wrong_signature_is_told_instead_of_100(endpoint, bucket):
    with Upload(endpoint, head(endpoint, f"/{bucket}/k", 8 << 20, secret="wrong")) as upload:
        upload.answer().is_error("SignatureDoesNotMatch", 403)


def test_a_nameless_upload_is_refused_instead_of_100(endpoint, bucket):
    with Upload(endpoint, head(endpoint, f"/{bucket}/k", 8 << 20, sign=False)) as upload:
        upload.answer().is_error("AccessDenied", 403)


def test_an_absent_upload_is_told_instead_of_100(endpoint, bucket):
    path = f"/{bucket}/k?partNumber=1&uploadId=none"
    with Upload(endpoint, head(endpoint, path, 8 << 20)) as upload:
        upload.answer().is_error("NoSuchUpload", 404)


@pytest.mark.parametrize("number", ["0", "10001", "x"])
def test_a_wrong_part_number_is_told_instead_of_100(endpoint, s3, bucket, number):
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    path = f"/{bucket}/k?partNumber={number}&uploadId={upload_id}"
    with Upload(endpoint, head(endpoint, path, 8 << 20)) as upload:
        upload.answer().is_error("InvalidArgument", 400)


@pytest.mark.parametrize("header, value, code, status", [
    ("If-None-Match", "*", "PreconditionFailed", 412),
    ("If-Match", '"wrong"', "PreconditionFailed", 412),
    ("If-Match", "*", "NotImplemented", 501),
    ("Content-MD5", "short", "InvalidDigest", 400),
    ("x-amz-storage-class", "NONE", "InvalidStorageClass", 400),
])
def test_a_head_that_cannot_succeed_is_told_instead_of_100(endpoint, s3, bucket, header, value, code, status):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    with Upload(endpoint, head(endpoint, f"/{bucket}/k", 8 << 20, {header: value})) as upload:
        upload.answer().is_error(code, status)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"


@pytest.mark.parametrize("expect", [True, False])
@pytest.mark.parametrize("length", [FIVE_GIB + 1, 6 << 30, 50 << 40])
def test_more_than_five_gib_is_too_large(endpoint, bucket, length, expect):
    with Upload(endpoint, head(endpoint, f"/{bucket}/k", length, expect=expect)) as upload:
        error = upload.answer().is_error(
            "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size")
    assert error["ProposedSize"] == str(length)
    assert error["MaxSizeAllowed"] == str(FIVE_GIB)


def test_a_part_of_more_than_five_gib_is_too_large(endpoint, s3, bucket):
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    path = f"/{bucket}/k?partNumber=1&uploadId={upload_id}"
    with Upload(endpoint, head(endpoint, path, FIVE_GIB + 1)) as upload:
        upload.answer().is_error("EntityTooLarge", 400)


def test_exactly_five_gib_may_come(endpoint, bucket):
    with Upload(endpoint, head(endpoint, f"/{bucket}/k", FIVE_GIB)) as upload:
        assert upload.interim().startswith("HTTP/1.1 100 ")


def test_the_connection_closes_after_a_refusal(endpoint):
    with Upload(endpoint, head(endpoint, "/no-such-bucket-here-4711/k", 8 << 20)) as upload:
        answer = upload.answer()
        assert answer.headers["Connection"] == "close"
        assert upload.socket.recv(1) == b""


def test_a_refusal_reaches_a_client_that_sends_on(endpoint):
    """Without `Expect` the body follows at once; the answer must not be lost in a reset."""
    with Upload(endpoint, head(endpoint, "/no-such-bucket-here-4711/k", 8 << 20, expect=False)) as upload:
        try:
            for _ in range(8):
                upload.socket.sendall(b"x" * (1 << 20))
        except (BrokenPipeError, ConnectionResetError):
            pass
        upload.answer().is_error("NoSuchBucket", 404)
