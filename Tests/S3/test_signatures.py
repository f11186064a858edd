"""Requests signed in a header: what is believed, and what is refused with which words."""

import base64
import hashlib
import hmac
import re
from email.utils import formatdate
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from . import wire
from .conftest import refused


def with_authorization(change):
    """An `edit` that rewrites the Authorization header."""
    def edit(pairs):
        for index, (name, value) in enumerate(pairs):
            if name == "Authorization":
                pairs[index] = (name, change(value))
    return edit


def replaced(pattern, text):
    return with_authorization(lambda value: re.sub(pattern, text, value))


def without(*names):
    def edit(pairs):
        pairs[:] = [pair for pair in pairs if pair[0].lower() not in names]
    return edit


def added(name, value):
    return lambda pairs: pairs.append((name, value))


@pytest.fixture
def get(raw, s3, bucket):
    """get(...): GET of an object that exists."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    return lambda **more: raw("GET", f"/{bucket}/k", **more)


def test_a_signed_request_is_believed(get):
    assert get().body == b"v"


@pytest.mark.parametrize("path", [
    "k?a=b&a=a&A=c", "k?b&a", "k?a=%20%2Bb", "k?a=~.-_", "k?a=1%3D2", "k?%C3%A9=%E4%BD%A0", "k?a=%2F%3D",
    "k?x-id=GetObject"])
def test_any_query_can_be_signed(raw, s3, bucket, path):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    assert raw("GET", f"/{bucket}/{path}").status == 200


@pytest.mark.parametrize("path", [
    "a%20b", "a+b", "a%2Bb", "%2F", "a%2fb", "~", "%7E", "%C3%A9", "//a//", "../a", "a/./b/", "!'()*",
    "$&,:;=@", "[x]{y}|", "%22%3C%3E%5C%5E%60"], ids=repr)
def test_any_path_can_be_signed(raw, bucket, path):
    assert raw("PUT", f"/{bucket}/{path}", body=b"v").status == 200
    assert raw("GET", f"/{bucket}/{path}").body == b"v"


@pytest.mark.parametrize("name,value", [
    ("x-amz-meta-a", "  many   spaces  "), ("x-amz-meta-a", "comma, comma"), ("X-Amz-Meta-UPPER", "Value"),
    ("x-amz-meta-empty", ""), ("Content-Type", "text/plain; charset=utf-8")])
def test_headers_are_signed_in_canonical_form(raw, bucket, name, value):
    assert raw("PUT", f"/{bucket}/k", {name: value}, b"v").status == 200


# Refusals


def test_a_wrong_secret_is_told_with_all_that_was_signed(get):
    answer = get(secret="wrong")
    document = answer.is_error("SignatureDoesNotMatch", 403)
    assert answer.message == (
        "The request signature we calculated does not match the signature you provided. Check your key and signing "
        "method.")
    canonical, text = document["CanonicalRequest"], document["StringToSign"]
    assert text.split("\n")[3] == hashlib.sha256(canonical.encode()).hexdigest()
    assert bytes.fromhex(document["CanonicalRequestBytes"]).decode() == canonical
    assert bytes.fromhex(document["StringToSignBytes"]).decode() == text
    assert len(document["SignatureProvided"]) == 64 and document["AWSAccessKeyId"]


def test_an_unknown_key_is_refused(get):
    document = get(key="AKIAUNKNOWN", secret="x").is_error(
        "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
    assert document["AWSAccessKeyId"] == "AKIAUNKNOWN"


def test_a_token_for_a_lasting_key_is_refused(get, endpoint):
    ours = endpoint.session.get_credentials()
    document = get(key=ours.access_key, secret=ours.secret_key, token="not-a-token").is_error(
        "InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
    assert document["Token-0"] == "not-a-token"


@pytest.mark.parametrize("seconds", [-16 * 60, 16 * 60])
def test_a_clock_that_is_wrong_by_more_than_a_quarter_of_an_hour_is_refused(get, seconds):
    document = get(seconds=seconds).is_error(
        "RequestTimeTooSkewed", 403, "The difference between the request time and the current time is too large.")
    assert document["MaxAllowedSkewMilliseconds"] == "900000"
    assert document["RequestTime"] and document["ServerTime"].endswith("Z")


@pytest.mark.parametrize("seconds", [-14 * 60, 14 * 60])
def test_a_clock_that_is_wrong_by_less_is_believed(get, seconds):
    assert get(seconds=seconds).status == 200


def test_another_region_is_refused_with_the_right_one(get, endpoint):
    answer = get(region="mars-1")
    document = answer.is_error("AuthorizationHeaderMalformed", 400)
    assert answer.message == (
        f"The authorization header is malformed; the region 'mars-1' is wrong; expecting '{endpoint.region}'")
    assert document["Region"] == endpoint.region


@pytest.mark.parametrize("edit,code,status,text", [
    (replaced(r"/s3/", "/ec2/"), "AuthorizationHeaderMalformed", 400, 'incorrect service "ec2"'),
    (replaced("aws4_request", "aws5_request"), "AuthorizationHeaderMalformed", 400, 'incorrect terminal "aws5_request"'),
    (replaced(r"/\d{8}/", "/2026/"), "AuthorizationHeaderMalformed", 400, 'incorrect date format "2026"'),
    (replaced(r"/\d{8}/", "/20200101/"), "AuthorizationHeaderMalformed", 400, 'Invalid credential date "20200101"'),
    (replaced("Credential=[^,]+", "Credential=x"), "AuthorizationHeaderMalformed", 400, "the Credential is mal-formed"),
    (replaced("Credential=[^/]+", "Credential="), "AuthorizationHeaderMalformed", 400, "a non-empty Access Key (AKID)"),
    (replaced("Credential=[^,]+, ", ""), "AuthorizationHeaderMalformed", 400, "requires three components"),
    (replaced("SignedHeaders=[^,]+, ", ""), "AuthorizationHeaderMalformed", 400, "requires three components"),
    (replaced(", Signature=.*", ""), "AuthorizationHeaderMalformed", 400, "requires three components"),
    (with_authorization(lambda _: "AWS4-HMAC-SHA256 HAHAHA"), "AuthorizationHeaderMalformed", 400, "three components"),
    (with_authorization(lambda _: "Basic dGVzdDp0ZXN0"), "InvalidArgument", 400, "Unsupported Authorization Type"),
    (with_authorization(lambda _: "nonsense"), "InvalidArgument", 400, "Unsupported Authorization Type"),
    (with_authorization(lambda _: "AWS HAHAHA"), "InvalidArgument", 400, "AWS authorization header is invalid."),
    (with_authorization(lambda _: ""), "AccessDenied", 403, "Access Denied"),
    (without("authorization"), "AccessDenied", 403, "Access Denied"),
    (without("x-amz-date"), "AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"),
    (replaced("Signature=.*", "Signature=" + "0" * 64), "SignatureDoesNotMatch", 403, "does not match"),
    (replaced("Signature=.*", "Signature=short"), "SignatureDoesNotMatch", 403, "does not match"),
    (added("x-amz-meta-late", "1"), "AccessDenied", 403, "There were headers present in the request which were not signed"),
], ids=range(19))
def test_a_damaged_signature_is_refused(get, edit, code, status, text):
    get(edit=edit).is_error(code, status, text)


def test_a_refused_authorization_is_repeated(get):
    document = get(edit=with_authorization(lambda _: "Basic abc")).is_error("InvalidArgument", 400)
    assert (document["ArgumentName"], document["ArgumentValue"]) == ("Authorization", "Basic abc")


@pytest.mark.parametrize("date", ["yesterday", "2026-01-01", "20261301T000000Z", ""])
def test_a_date_that_is_none_is_refused(get, date):
    def edit(pairs):
        without("x-amz-date")(pairs)
        pairs.append(("X-Amz-Date", date))
    get(edit=edit).is_error("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")


def test_unsigned_headers_are_named(get):
    def edit(pairs):
        pairs += [("x-amz-meta-b", "1"), ("x-amz-meta-a", "2")]
    document = get(edit=edit).is_error("AccessDenied", 403)
    assert sorted(document["HeadersNotSigned"].split(", ")) == ["x-amz-meta-a", "x-amz-meta-b"]


def test_two_mechanisms_at_once_are_refused(raw, bucket):
    answer = raw("GET", f"/{bucket}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x")
    document = answer.is_error("InvalidArgument", 400, "Only one auth mechanism allowed")
    assert document["ArgumentName"] == "Authorization"


def test_a_changed_query_is_refused(endpoint, raw, bucket):
    signed = {}
    raw("GET", f"/{bucket}?prefix=a", edit=lambda pairs: signed.update(pairs))
    answer = raw("GET", f"/{bucket}?prefix=b", sign=False, headers={
        name: value for name, value in signed.items() if name.lower() not in ("host", "connection")})
    answer.is_error("SignatureDoesNotMatch", 403)


# The hash of the body


@pytest.mark.parametrize("value", [None, "UNSIGNED-PAYLOAD"])
def test_a_body_is_signed_or_not(raw, bucket, value):
    assert raw("PUT", f"/{bucket}/k", body=b"v", payload_hash=value).status == 200


def test_the_hash_must_be_sent(raw, bucket):
    raw("PUT", f"/{bucket}/k", body=b"v", edit=without("x-amz-content-sha256")).is_error(
        "InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256")


@pytest.mark.parametrize("value", ["nonsense", "0" * 63, "g" * 64, "STREAMING-NONSENSE"])
def test_a_hash_that_is_none_is_refused(raw, bucket, value):
    document = raw("PUT", f"/{bucket}/k", body=b"v", payload_hash=value).is_error(
        "InvalidArgument", 400, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD")
    assert (document["ArgumentName"], document["ArgumentValue"]) == ("x-amz-content-sha256", value)


@pytest.mark.parametrize("size", [1, 20_000, 1_500_000])
def test_a_body_that_is_not_the_signed_one_is_refused(raw, s3, bucket, size):
    wrong = hashlib.sha256(b"other").hexdigest()
    body = b"x" * size
    document = raw("PUT", f"/{bucket}/k", body=body, payload_hash=wrong).is_error(
        "XAmzContentSHA256Mismatch", 400, "The provided 'x-amz-content-sha256' header does not match what was computed.")
    assert document["ClientComputedContentSHA256"] == wrong
    assert document["S3ComputedContentSHA256"] == hashlib.sha256(body).hexdigest()
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


# A plus in a query is a space


def get_signed_as(endpoint, signed, sent, presigned=False):
    """A GET whose path was signed as `signed` and is sent as `sent`."""
    base = urlsplit(endpoint.base)
    request = AWSRequest("GET", f"{base.scheme}://{base.netloc}{signed}", headers={"Host": base.netloc})
    ours = endpoint.session.get_credentials()
    credentials = Credentials(ours.access_key, ours.secret_key, ours.token)
    headers = {"Host": base.netloc, "Connection": "close"}
    if presigned:
        S3SigV4QueryAuth(credentials, "s3", endpoint.region, 300).add_auth(request)
        sent += request.url[request.url.index("&X-Amz-Algorithm="):]
    else:
        wire.Signer(credentials, "s3", endpoint.region).add_auth(request)
        headers |= dict(request.headers.items())
    data = f"GET {sent} HTTP/1.1\r\n".encode() + wire.encode_headers(headers.items()) + b"\r\n"
    return wire.exchange(endpoint.base, data)


@pytest.fixture
def spaced(s3, bucket):
    for key in ("a b", "a+b"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    return f"/{bucket}"


@pytest.mark.parametrize("presigned", [False, True])
@pytest.mark.parametrize("sent", ["a+b", "a%20b"])
def test_a_plus_in_a_query_is_signed_and_read_as_a_space(endpoint, spaced, sent, presigned):
    answer = get_signed_as(endpoint, f"{spaced}?prefix=a%20b", f"{spaced}?prefix={sent}", presigned)
    assert (answer.status, answer.element("Key"), answer.element("Prefix")) == (200, "a b", "a b")


@pytest.mark.parametrize("presigned", [False, True])
def test_an_escaped_plus_is_a_plus(endpoint, spaced, presigned):
    answer = get_signed_as(endpoint, f"{spaced}?prefix=a%2Bb", f"{spaced}?prefix=a%2Bb", presigned)
    assert (answer.status, answer.element("Key")) == (200, "a+b")


@pytest.mark.parametrize("presigned", [False, True])
@pytest.mark.parametrize("signed,sent", [("a%2Bb", "a+b"), ("a%2Bb", "a%20b"), ("a%20b", "a%2Bb")])
def test_a_signature_for_a_plus_is_none_for_a_space(endpoint, spaced, signed, sent, presigned):
    answer = get_signed_as(endpoint, f"{spaced}?prefix={signed}", f"{spaced}?prefix={sent}", presigned)
    answer.is_error("SignatureDoesNotMatch", 403)


# Signature Version 2


def sign_v2(endpoint, method, resource, headers, date, secret=None):
    ours = endpoint.session.get_credentials()
    lower = {name.lower(): value for name, value in headers.items()}
    amazon = "".join(f"{name}:{lower[name]}\n" for name in sorted(lower) if name.startswith("x-amz-"))
    text = f"{method}\n{lower.get('content-md5', '')}\n{lower.get('content-type', '')}\n{date}\n{amazon}{resource}"
    digest = hmac.new((secret or ours.secret_key).encode(), text.encode(), hashlib.sha1).digest()
    return {**headers, "Authorization": f"AWS {ours.access_key}:{base64.b64encode(digest).decode()}"}


def test_version_2_is_believed(endpoint, raw, bucket):
    date = formatdate(usegmt=True)
    headers = sign_v2(
        endpoint, "PUT", f"/{bucket}/a%20b", {"Content-Type": "text/plain", "x-amz-meta-a": "1", "Date": date}, date)
    assert raw("PUT", f"/{bucket}/a%20b", headers, b"v", sign=False).status == 200
    headers = sign_v2(endpoint, "GET", f"/{bucket}/a%20b", {"x-amz-date": date}, "")
    answer = raw("GET", f"/{bucket}/a%20b", headers, sign=False)
    assert (answer.body, answer.headers["x-amz-meta-a"]) == (b"v", "1")


def test_version_2_signs_the_subresource(endpoint, raw, bucket):
    date = formatdate(usegmt=True)
    headers = sign_v2(endpoint, "GET", f"/{bucket}/?location", {"Date": date}, date)
    assert raw("GET", f"/{bucket}?location", headers, sign=False).status == 200
    raw("GET", f"/{bucket}?versioning", headers, sign=False).is_error("SignatureDoesNotMatch", 403)


def test_version_2_of_the_service_itself(endpoint, raw):
    date = formatdate(usegmt=True)
    assert raw("GET", "/", sign_v2(endpoint, "GET", "/", {"Date": date}, date), sign=False).status == 200


def test_version_2_of_a_virtual_host(endpoint, raw, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    date = formatdate(usegmt=True)
    headers = sign_v2(endpoint, "GET", f"/{bucket}/k", {"Date": date}, date)
    assert raw("GET", "/k", headers, sign=False, host=endpoint.virtual_host(bucket)).body == b"v"


def test_version_2_with_a_wrong_secret_is_refused(endpoint, raw, bucket):
    date = formatdate(usegmt=True)
    headers = sign_v2(endpoint, "GET", f"/{bucket}", {"Date": date}, date, secret="wrong")
    document = raw("GET", f"/{bucket}", headers, sign=False).is_error("SignatureDoesNotMatch", 403)
    assert document["StringToSign"].startswith(f"GET\n\n\n{date}\n")
    assert "CanonicalRequest" not in document


@pytest.mark.parametrize("date,code", [
    ("Bad Date", "AccessDenied"), ("", "AccessDenied"), ("Tue, 07 Jul 1950 21:53:04 GMT", "AccessDenied"),
    ("Tue, 07 Jul 2010 21:53:04 GMT", "RequestTimeTooSkewed"), ("Tue, 07 Jul 9999 21:53:04 GMT", "RequestTimeTooSkewed")])
def test_version_2_with_a_wrong_date_is_refused(endpoint, raw, bucket, date, code):
    headers = sign_v2(endpoint, "GET", f"/{bucket}", {"x-amz-date": date}, "")
    raw("GET", f"/{bucket}", headers, sign=False).is_error(code, 403)


def test_boto3_may_sign_with_version_2(endpoint, bucket):
    client = endpoint.client(signature_version="s3")
    client.put_object(Bucket=bucket, Key="a b/é", Body=b"v", Metadata={"m": "1"})
    assert client.get_object(Bucket=bucket, Key="a b/é")["Body"].read() == b"v"
    with refused("NoSuchKey", 404):
        client.get_object(Bucket=bucket, Key="absent")
