"""Requests that are no uploads are answered by their heads too: nobody sends a body in vain."""

import base64
import json
import zlib
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .heads import Upload, head

# Whatever takes a body, or could be sent with one.
DOCUMENTS = [
    ("PUT", "?policy"), ("PUT", "?cors"), ("PUT", "?tagging"), ("PUT", "?acl"), ("PUT", "?versioning"),
    ("PUT", "?website"), ("PUT", "?lifecycle"), ("PUT", "?notification"), ("PUT", "?replication"),
    ("PUT", "?encryption"), ("PUT", "?logging"), ("PUT", "?publicAccessBlock"), ("PUT", "?ownershipControls"),
    ("PUT", "?accelerate"), ("PUT", "?requestPayment"), ("PUT", "?object-lock"), ("PUT", "?inventory&id=a"),
    ("PUT", "/k?tagging"), ("PUT", "/k?acl"), ("PUT", "/k?retention"), ("PUT", "/k?legal-hold"),
    ("POST", "?delete"), ("POST", "/k?restore"), ("POST", "/k?uploadId=none")]
BODILESS = [("GET", ""), ("GET", "/k"), ("DELETE", "/k"), ("POST", "/k?uploads"), ("GET", "?list-type=2")]
# What nobody without a name may do in a bucket that permits nothing.
REFUSED_TO_ALL = [
    case for case in DOCUMENTS + BODILESS if case[1] != "?delete"]  # which is judged key by key


@pytest.fixture(autouse=True)
def plain_only(endpoint):
    if urlsplit(endpoint.base).scheme != "http":
        pytest.skip("talks without TLS")


@pytest.mark.parametrize("method,path", DOCUMENTS + BODILESS, ids=lambda value: value or "bucket")
def test_a_wrong_signature_is_told_instead_of_100(endpoint, bucket, method, path):
    with Upload(endpoint, head(endpoint, f"/{bucket}{path}", 3000, method=method, secret="wrong")) as upload:
        answer = upload.answer()
        answer.is_error("SignatureDoesNotMatch", 403)
        assert answer.headers["Connection"] == "close"


@pytest.mark.parametrize("method,path", DOCUMENTS + BODILESS, ids=lambda value: value or "bucket")
def test_an_old_signature_is_told_instead_of_100(endpoint, bucket, method, path):
    with Upload(endpoint, head(endpoint, f"/{bucket}{path}", 3000, method=method, seconds=-1000)) as upload:
        upload.answer().is_error("RequestTimeTooSkewed", 403)


@pytest.mark.parametrize("method,path", DOCUMENTS[:4] + DOCUMENTS[-3:] + BODILESS, ids=lambda value: value or "bucket")
def test_an_unknown_key_is_told_instead_of_100(endpoint, bucket, method, path):
    with Upload(endpoint, head(endpoint, f"/{bucket}{path}", 3000, method=method, key="AKIDNOBODY")) as upload:
        upload.answer().is_error("InvalidAccessKeyId", 403)


@pytest.mark.parametrize("method,path", REFUSED_TO_ALL, ids=lambda value: value or "bucket")
def test_a_nameless_request_is_refused_instead_of_100(endpoint, bucket, method, path):
    with Upload(endpoint, head(endpoint, f"/{bucket}{path}", 3000, method=method, sign=False)) as upload:
        upload.answer().is_error("AccessDenied", 403)


@pytest.mark.parametrize("status", [403, 200])
def test_a_document_that_a_policy_may_judge_is_asked_for(endpoint, open_bucket, s3, status):
    """The policy permits one tag; which one is sent nobody knows by the head."""
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"v")
    condition = {"StringEquals": {"s3:RequestObjectTag/a": "1"}}
    s3.put_bucket_policy(Bucket=open_bucket, Policy=json.dumps({"Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:PutObjectTagging", "Condition": condition,
        "Resource": f"arn:aws:s3:::{open_bucket}/*"}]}))
    value = "1" if status == 200 else "2"
    body = f"<Tagging><TagSet><Tag><Key>a</Key><Value>{value}</Value></Tag></TagSet></Tagging>".encode()
    checksum = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    data = head(endpoint, f"/{open_bucket}/k?tagging", len(body), {"x-amz-checksum-crc32": checksum}, sign=False)
    with Upload(endpoint, data) as upload:
        assert upload.interim().startswith("HTTP/1.1 100 ")
        upload.send(body)
        assert upload.answer().status == status


@pytest.mark.parametrize("method,path", DOCUMENTS[:-1], ids=lambda value: value)
def test_a_document_that_is_waited_for_is_asked_for(endpoint, s3, bucket, method, path):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    with Upload(endpoint, head(endpoint, f"/{bucket}{path}", 3000, method=method)) as upload:
        assert upload.interim().startswith("HTTP/1.1 100 ")


@pytest.mark.parametrize("method,path", [("PUT", "?nonsense&acl&cors"), ("PATCH", ""), ("POST", "/k?tagging")])
def test_what_is_no_operation_is_told_instead_of_100(endpoint, bucket, method, path):
    with Upload(endpoint, head(endpoint, f"/{bucket}{path}", 3000, method=method)) as upload:
        assert upload.answer().status in (400, 405)


@pytest.mark.parametrize("change", [
    lambda query: query.replace("X-Amz-Expires=300", "X-Amz-Expires=301"),
    lambda query: query.replace("X-Amz-Signature=", "X-Amz-Signature=0"), lambda query: query + "&acl"])
def test_a_tampered_url_is_told_instead_of_100(endpoint, bucket, change):
    base = urlsplit(endpoint.base)
    request = AWSRequest("PUT", f"http://{base.netloc}/{bucket}/k")
    ours = endpoint.session.get_credentials()
    S3SigV4QueryAuth(
        Credentials(ours.access_key, ours.secret_key, ours.token), "s3", endpoint.region, 300).add_auth(request)
    parts = urlsplit(request.url)
    path = f"{parts.path}?{change(parts.query)}"
    with Upload(endpoint, head(endpoint, path, 9 << 20, sign=False)) as upload:
        upload.answer().is_error("SignatureDoesNotMatch", 403)


def test_an_expired_url_is_told_instead_of_100(endpoint, bucket):
    url = endpoint.client(signature_version="s3").generate_presigned_url(
        "put_object", {"Bucket": bucket, "Key": "k"}, ExpiresIn=-10)
    parts = urlsplit(url)
    with Upload(endpoint, head(endpoint, f"{parts.path}?{parts.query}", 9 << 20, sign=False)) as upload:
        upload.answer().is_error("AccessDenied", 403, "Request has expired")


@pytest.mark.parametrize("content_type,code,status", [
    ("text/plain", "PreconditionFailed", 412), ("multipart/form-data", "MalformedPOSTRequest", 400)])
def test_a_form_that_is_none_is_told_instead_of_100(endpoint, bucket, content_type, code, status):
    data = head(endpoint, f"/{bucket}", 9 << 20, {"Content-Type": content_type}, method="POST", sign=False)
    with Upload(endpoint, data) as upload:
        upload.answer().is_error(code, status)


def test_a_refusal_reaches_a_client_that_sends_its_document_on(endpoint, bucket):
    with Upload(endpoint, head(endpoint, f"/{bucket}?policy", 8 << 20, expect=False, secret="wrong")) as upload:
        for _ in range(8):
            upload.send(b"x" * (1 << 20))
        upload.answer().is_error("SignatureDoesNotMatch", 403)


def test_requests_behind_a_refused_body_are_not_served(endpoint, s3, bucket):
    """A body that is dropped may look like a request."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    inner = head(endpoint, f"/{bucket}/k", 0, method="DELETE", expect=False)
    with Upload(endpoint, head(endpoint, f"/{bucket}?policy", 8 << 20, expect=False, secret="wrong")) as upload:
        upload.send(inner * 10)
        upload.answer().is_error("SignatureDoesNotMatch", 403)
        upload.send(inner)
        assert upload.socket.recv(1) == b""
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"v"
