"""URLs that carry their own authorisation."""

import base64
import hashlib
import time
import zlib
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from running import until

from . import wire


@pytest.fixture
def presign(endpoint):
    """presign(method, path, headers=...) -> path with the signed query."""
    def make(method, path, expires=300, headers=None, host=None, seconds=0, region=None, secret=None, key=None,
             token=None, payload_hash=None):
        ours = endpoint.session.get_credentials()
        credentials = Credentials(key or ours.access_key, secret or ours.secret_key, token or ours.token)
        base = urlsplit(endpoint.base_for(host))
        request = AWSRequest(
            method, f"{base.scheme}://{host or base.netloc}{path}",
            headers={**(headers or {}), **({"Host": host} if host else {})})

        class Auth(S3SigV4QueryAuth):
            def _modify_request_before_signing(self, request):
                request.context["timestamp"] = wire.stamp(seconds)
                if payload_hash:
                    mark = "&" if "?" in request.url else "?"
                    request.url += f"{mark}X-Amz-Content-Sha256={payload_hash}"
                super()._modify_request_before_signing(request)

            def payload(self, request):
                return payload_hash or super().payload(request)

        Auth(credentials, "s3", region or endpoint.region, expires=expires).add_auth(request)
        parts = urlsplit(request.url)
        return f"{parts.path}?{parts.query}"
    return make


@pytest.fixture
def key(s3, bucket):
    """The path of an object that holds `v`."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"v", ContentType="text/old")
    return f"/{bucket}/k"


@pytest.fixture
def follow(raw):
    """follow(method, path, headers, body): without any other signature."""
    def send(method, path, headers=None, body=b"", **more):
        return raw(method, path, headers, body, sign=False, **more)
    return send


def changed(path, **values):
    """The path with query parameters replaced, or with None removed. `_` in names stands for a dash."""
    plain, _, query = path.partition("?")
    items = dict(parse_qsl(query, keep_blank_values=True))
    for name, value in values.items():
        name = name.replace("_", "-")
        if value is None:
            items.pop(name)
        else:
            items[name] = value
    return f"{plain}?{urlencode(items, quote_via=quote)}"


def test_a_signed_url_needs_nothing_else(presign, follow, key):
    assert follow("GET", presign("GET", key)).body == b"v"


@pytest.mark.parametrize("method,status", [("GET", 200), ("HEAD", 200), ("PUT", 200), ("DELETE", 204)])
def test_a_url_is_for_one_method(presign, follow, key, method, status):
    path = presign(method, key)
    for other in ["GET", "PUT", "DELETE", "HEAD"]:
        if other != method:
            assert follow(other, path, body=b"x" if other == "PUT" else b"").status == 403
    assert follow(method, path, body=b"x" if method == "PUT" else b"").status == status


@pytest.mark.parametrize("name", ["a b", "é/ü", "a+b", "../x", "a%2Fb", "a//b", "x?y=z&#"])
def test_any_key_can_be_signed(presign, follow, s3, bucket, name):
    path = f"/{bucket}/{quote(name)}"
    assert follow("PUT", presign("PUT", path), body=b"v").status == 200
    assert s3.get_object(Bucket=bucket, Key=name)["Body"].read() == b"v"
    assert follow("GET", presign("GET", path)).body == b"v"


def test_boto3s_urls_work(endpoint, follow, s3, bucket):
    client = endpoint.client(signature_version="s3v4")
    url = client.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k", "ContentType": "text/x"})
    parts = urlsplit(url)
    assert follow("PUT", f"{parts.path}?{parts.query}", {"Content-Type": "text/x"}, b"v").status == 200
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "text/x"
    follow("PUT", f"{parts.path}?{parts.query}", {"Content-Type": "text/y"}, b"v").is_error(
        "SignatureDoesNotMatch", 403)
    follow("PUT", f"{parts.path}?{parts.query}", body=b"v").is_error("SignatureDoesNotMatch", 403)


def test_a_url_for_a_virtual_host(endpoint, presign, follow, key, bucket):
    host = endpoint.virtual_host(bucket)
    path = presign("GET", "/k", host=host)
    assert follow("GET", path, host=host).body == b"v"
    if not endpoint.is_aws:
        follow("GET", path).is_error("SignatureDoesNotMatch", 403)


# Time


def test_an_expired_url_is_refused(presign, follow, key):
    document = follow("GET", presign("GET", key, expires=60, seconds=-100)).is_error(
        "AccessDenied", 403, "Request has expired")
    assert document["X-Amz-Expires"] == "60"
    assert document["Expires"].endswith("Z") and document["ServerTime"].endswith("Z")
    assert document["Expires"] < document["ServerTime"]


def test_a_url_expires_while_it_is_used(presign, follow, key):
    began = time.monotonic()
    path = presign("GET", key, expires=2)
    answer = follow("GET", path)
    # A machine may be so slow that the time is over by then.
    assert answer.status == 200 or time.monotonic() - began > 1
    until(lambda: follow("GET", path).status == 403, "the end of the URL's time")
    follow("GET", path).is_error("AccessDenied", 403, "Request has expired")


def test_a_url_of_the_future_is_refused(presign, follow, key):
    follow("GET", presign("GET", key, seconds=3600)).is_error("AccessDenied", 403, "Request is not yet valid")


def test_an_old_url_may_live_for_a_week(presign, follow, key):
    assert follow("GET", presign("GET", key, expires=604800, seconds=-3 * 86400)).body == b"v"


@pytest.mark.parametrize("value,message", [
    ("604801", "X-Amz-Expires must be less than a week (in seconds)"), ("-1", "X-Amz-Expires must be non-negative"),
    ("soon", "X-Amz-Expires should be a number"), ("1.5", "X-Amz-Expires should be a number")])
def test_a_life_span_that_cannot_be_is_refused(presign, follow, key, value, message):
    follow("GET", changed(presign("GET", key), X_Amz_Expires=value)).is_error(
        "AuthorizationQueryParametersError", 400, message)


# Damage


@pytest.mark.parametrize("name", [
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_parameter_is_refused(presign, follow, key, name, value):
    answer = follow("GET", changed(presign("GET", key), **{name: value}))
    answer.is_error("AuthorizationQueryParametersError", 400)
    assert answer.message == (
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")


@pytest.mark.parametrize("values,code,status,text", [
    ({"X_Amz_Signature": "0" * 64}, "SignatureDoesNotMatch", 403, "does not match the signature you provided"),
    ({"X_Amz_Expires": "301"}, "SignatureDoesNotMatch", 403, ""),
    ({"added": "1"}, "SignatureDoesNotMatch", 403, ""),
    ({"x-amz-acl": "public-read"}, "SignatureDoesNotMatch", 403, ""),
    ({"response-content-type": "text/html"}, "SignatureDoesNotMatch", 403, ""),
    ({"versionId": "null"}, "SignatureDoesNotMatch", 403, ""),
    ({"X_Amz_Algorithm": "AWS4-HMAC-SHA1"}, "AuthorizationQueryParametersError", 400, "X-Amz-Algorithm only supports"),
    ({"X_Amz_Date": "2026-01-01"}, "AuthorizationQueryParametersError", 400, "X-Amz-Date must be in the ISO8601 Long"),
    ({"X_Amz_Credential": "x"}, "AuthorizationQueryParametersError", 400,
     "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed"),
    ({"X_Amz_Security_Token": "t"}, "InvalidToken", 400, "The provided token is malformed or otherwise invalid."),
], ids=range(10))
def test_a_tampered_url_is_refused(presign, follow, key, values, code, status, text):
    follow("GET", changed(presign("GET", key), **values)).is_error(code, status, text)


def test_a_url_for_another_key_is_refused(presign, follow, key):
    follow("GET", presign("GET", key).replace("/k?", "/l?")).is_error("SignatureDoesNotMatch", 403)


def test_a_url_in_another_case_of_its_key_is_refused(presign, follow, key):
    follow("GET", presign("GET", key).replace("/k?", "/K?")).is_error("SignatureDoesNotMatch", 403)


def test_the_order_of_parameters_does_not_matter(presign, follow, key):
    plain, _, query = presign("GET", key).partition("?")
    assert follow("GET", f"{plain}?{'&'.join(reversed(query.split('&')))}").body == b"v"


def test_an_unknown_key_is_refused(presign, follow, key):
    follow("GET", presign("GET", key, key="AKIAUNKNOWN")).is_error("InvalidAccessKeyId", 403)


def test_another_region_is_refused(presign, follow, key, endpoint):
    document = follow("GET", presign("GET", key, region="mars-1")).is_error(
        "AuthorizationQueryParametersError", 400,
        f"Error parsing the X-Amz-Credential parameter; the region 'mars-1' is wrong; expecting '{endpoint.region}'")
    assert document["Region"] == endpoint.region


# Headers


@pytest.mark.parametrize("headers", [
    {"x-amz-meta-a": "1"}, {"x-amz-acl": "public-read"}, {"x-amz-storage-class": "STANDARD_IA"},
    {"x-amz-meta-b": "1", "x-amz-meta-a": "2"}, {"X-Amz-Copy-Source": "/other/key"}])
def test_headers_of_amazon_must_be_signed(presign, follow, key, headers):
    document = follow("PUT", presign("PUT", key), headers, b"new").is_error(
        "AccessDenied", 403, "There were headers present in the request which were not signed")
    assert sorted(document["HeadersNotSigned"].split(", ")) == sorted(name.lower() for name in headers)


@pytest.mark.parametrize("headers", [
    {"Content-Type": "text/new"}, {"Cache-Control": "no-store"}, {"User-Agent": "x"}, {"Origin": "http://a"}, {"X-Own": "1"}])
def test_other_headers_need_no_signature(presign, follow, key, headers):
    assert follow("PUT", presign("PUT", key), headers, b"new").status == 200


def test_a_range_needs_no_signature(presign, follow, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    answer = follow("GET", presign("GET", f"/{bucket}/k"), {"Range": "bytes=2-4"})
    assert (answer.status, answer.body) == (206, b"234")


def test_a_signed_header_must_be_sent_as_signed(presign, follow, key):
    path = presign("PUT", key, headers={"x-amz-meta-a": "1"})
    assert follow("PUT", path, {"x-amz-meta-a": "1"}, b"v").status == 200
    follow("PUT", path, {"x-amz-meta-a": "2"}, b"v").is_error("SignatureDoesNotMatch", 403)
    follow("PUT", path, body=b"v").is_error("SignatureDoesNotMatch", 403)


@pytest.mark.parametrize("query,header,value", [
    ("x-amz-meta-who=me", "x-amz-meta-who", "me"), ("X-Amz-Meta-Who=Me", "x-amz-meta-who", "Me"),
    ("x-amz-storage-class=STANDARD_IA", "x-amz-storage-class", "STANDARD_IA"),
    ("x-amz-website-redirect-location=%2Fother", "x-amz-website-redirect-location", "/other")])
def test_headers_of_amazon_may_stand_in_the_query(presign, follow, raw, bucket, query, header, value):
    assert follow("PUT", presign("PUT", f"/{bucket}/k?{query}"), body=b"v").status == 200
    assert raw("HEAD", f"/{bucket}/k").headers[header] == value


def test_a_checksum_in_the_query_counts(presign, follow, bucket):
    good = presign("PUT", f"/{bucket}/k?x-amz-checksum-crc32=" + quote("8JMpjQ==", safe=""))
    assert follow("PUT", good, body=b"other").status == 400
    follow("PUT", good, body=b"other").is_error("BadDigest", 400, "The CRC32 you specified did not match")


def test_a_body_is_not_signed(presign, follow, key):
    path = presign("PUT", key)
    assert follow("PUT", path, body=b"anything").status == 200
    assert follow("PUT", path, body=b"anything else").status == 200


# A hash in the query


def pinned(presign, path, content, method="PUT"):
    """A URL that is signed for one body: the hash stands in the query and in the canonical request."""
    return presign(method, path, payload_hash=hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_500_000])
def test_a_url_may_pin_the_hash_of_its_body(presign, follow, s3, bucket, size):
    body = b"x" * size
    assert follow("PUT", pinned(presign, f"/{bucket}/k", body), body=body).status == 200
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


@pytest.mark.parametrize("size", [0, 1, 70_000, 1_500_000])
def test_another_body_than_the_pinned_one_is_refused(presign, follow, s3, bucket, size):
    body = b"x" * size
    document = follow("PUT", pinned(presign, f"/{bucket}/k", b"other"), body=body).is_error(
        "XAmzContentSHA256Mismatch", 400)
    assert document["ClientComputedContentSHA256"] == hashlib.sha256(b"other").hexdigest()
    assert document["S3ComputedContentSHA256"] == hashlib.sha256(body).hexdigest()
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_pinned_hash_is_held_against_a_part(presign, follow, s3, bucket):
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    path = f"/{bucket}/k?partNumber=1&uploadId={upload_id}"
    follow("PUT", pinned(presign, path, b"other"), body=b"v").is_error("XAmzContentSHA256Mismatch", 400)
    assert follow("PUT", pinned(presign, path, b"v"), body=b"v").status == 200
    assert len(s3.list_parts(Bucket=bucket, Key="k", UploadId=upload_id)["Parts"]) == 1


@pytest.mark.parametrize("padding", [0, 60_000])
def test_a_pinned_hash_is_held_against_a_document(presign, follow, s3, bucket, padding):
    body = b"<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet>" + b" " * padding + b"</Tagging>"
    path = f"/{bucket}?tagging&x-amz-checksum-crc32=" + quote(
        base64.b64encode(zlib.crc32(body).to_bytes(4, "big")), safe="")
    follow("PUT", pinned(presign, path, b"other"), body=body).is_error("XAmzContentSHA256Mismatch", 400)
    assert follow("PUT", pinned(presign, path, body), body=body).status == 204
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "1"}]


def test_the_pinned_hash_is_signed(presign, follow, bucket):
    path = pinned(presign, f"/{bucket}/k", b"a")
    other = changed(path, X_Amz_Content_Sha256=hashlib.sha256(b"b").hexdigest())
    follow("PUT", other, body=b"b").is_error("SignatureDoesNotMatch", 403)
    follow("PUT", changed(path, X_Amz_Content_Sha256=None), body=b"b").is_error("SignatureDoesNotMatch", 403)


def test_a_pinned_hash_that_is_none_is_refused(presign, follow, bucket):
    document = follow("PUT", presign("PUT", f"/{bucket}/k", payload_hash="abc"), body=b"v").is_error(
        "InvalidArgument", 400, "x-amz-content-sha256 must be UNSIGNED-PAYLOAD")
    assert document["ArgumentValue"] == "abc"


def test_a_url_may_say_that_its_body_is_not_signed(presign, follow, bucket):
    path = presign("PUT", f"/{bucket}/k", payload_hash="UNSIGNED-PAYLOAD")
    assert follow("PUT", path, body=b"anything").status == 200


# Overrides

OVERRIDES = {
    "response-content-type": "text/html", "response-content-language": "de", "response-expires": "never",
    "response-cache-control": "no-cache", "response-content-disposition": 'attachment; filename="ü.txt"',
    "response-content-encoding": "identity"}


@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_signed_url_may_override_a_header(presign, follow, key, name, method):
    value = OVERRIDES[name].replace("ü", "u")
    answer = follow(method, presign(method, f"{key}?{name}={quote(value, safe='')}"))
    assert answer.status == 200
    assert answer.headers[name.removeprefix("response-")] == value


def test_several_overrides_at_once(s3, bucket, key):
    got = s3.get_object(
        Bucket=bucket, Key="k", ResponseContentType="a/b", ResponseCacheControl="c", ResponseContentLanguage="d",
        ResponseContentEncoding="e", ResponseContentDisposition="f")
    assert [got[name] for name in (
        "ContentType", "CacheControl", "ContentLanguage", "ContentEncoding", "ContentDisposition")] == [
            "a/b", "c", "d", "e", "f"]


def test_an_override_beyond_latin_1_is_refused(raw, key):
    document = raw("GET", f"{key}?response-content-type=%E4%BD%A0").is_error(
        "InvalidArgument", 400, "Header value cannot be represented using ISO-8859-1.")
    assert document["ArgumentName"] == "response-content-type"


def test_an_override_does_not_change_the_object(s3, raw, bucket, key):
    raw("GET", f"{key}?response-content-type=a%2Fb")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "text/old"
