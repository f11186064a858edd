"""PutBucketCors, GetBucketCors, DeleteBucketCors, and what a browser is told by the rules."""

import base64
import hashlib
import json

import pytest

from .conftest import refused
from .cors import ORIGIN, cors_headers, preflight, put, rule
from .forms import Form


# The configuration

def test_a_new_bucket_has_no_rules(s3, bucket):
    with refused("NoSuchCORSConfiguration", 404, "The CORS configuration does not exist") as refusal:
        s3.get_bucket_cors(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


def test_rules_are_returned_as_sent(s3, bucket):
    rules = [
        rule(["PUT", "GET"], [ORIGIN, "http://*.example.org"], ID="first", AllowedHeaders=["X-Own-*", "Content-Type"],
             ExposeHeaders=["ETag", "x-amz-Version-id"], MaxAgeSeconds=3000),
        rule(["HEAD"], ["*"]),
    ]
    put(s3, bucket, *rules)
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == rules


def test_a_put_replaces_all_rules(s3, bucket):
    put(s3, bucket, rule(ID="a"), rule(ID="b"))
    put(s3, bucket, rule(ID="c"))
    assert [found["ID"] for found in s3.get_bucket_cors(Bucket=bucket)["CORSRules"]] == ["c"]


def test_deleting_rules_is_fine_twice(s3, bucket):
    put(s3, bucket, rule())
    for _ in range(2):
        assert s3.delete_bucket_cors(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)


def test_a_hundred_rules_fit(s3, bucket):
    put(s3, bucket, *[rule(ID=str(number)) for number in range(100)])
    assert len(s3.get_bucket_cors(Bucket=bucket)["CORSRules"]) == 100
    with refused("MalformedXML", 400):
        put(s3, bucket, *[rule() for _ in range(101)])


@pytest.mark.parametrize("broken", [
    [], [{"AllowedOrigins": ["*"]}], [{"AllowedMethods": ["GET"]}], [{}],
], ids=["no rule", "no method", "no origin", "nothing"])
def test_rules_without_what_they_need_are_malformed(s3, bucket, broken):
    with refused("MalformedXML", 400):
        put(s3, bucket, *broken)


@pytest.mark.parametrize("content", [
    "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin><Unknown/></CORSRule>",
    "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
    "<MaxAgeSeconds>soon</MaxAgeSeconds></CORSRule>",
    "<CORSRule><ID>a</ID><ID>b</ID><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>",
    "<CORSRule>",
], ids=["unknown element", "age in words", "two ids", "cut off"])
def test_documents_of_another_shape_are_malformed(raw, bucket, content):
    body = f"<CORSConfiguration>{content}</CORSConfiguration>".encode()
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    raw("PUT", f"/{bucket}?cors", {"Content-MD5": digest}, body).is_error("MalformedXML", 400)


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "get", "*"])
def test_methods_that_no_rule_may_name(s3, bucket, method):
    with refused(
            "InvalidRequest", 400,
            f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"):
        put(s3, bucket, rule([method]))


@pytest.mark.parametrize("more,text", [
    ({"origins": ["http://*.*"]}, 'AllowedOrigin "http://*.*" can not have more than one wildcard.'),
    ({"AllowedHeaders": ["*-*"]}, 'AllowedHeader "*-*" can not have more than one wildcard.'),
    ({"ExposeHeaders": ["x-*"]}, 'ExposeHeader "x-*" contains wildcard.'),
], ids=["origin", "header", "exposed header"])
def test_wildcards_too_many(s3, bucket, more, text):
    with refused("InvalidRequest", 400, text):
        put(s3, bucket, rule(**more))


def test_an_id_has_255_characters_at_most(s3, bucket):
    put(s3, bucket, rule(ID="i" * 255))
    with refused("InvalidArgument", 400):
        put(s3, bucket, rule(ID="i" * 256))


def test_a_document_needs_a_digest(raw, bucket):
    body = b"<CORSConfiguration/>"
    raw("PUT", f"/{bucket}?cors", {}, body).is_error("InvalidRequest", 400, "Content-MD5")


@pytest.mark.parametrize("call", ["get", "put", "delete"])
def test_rules_of_no_bucket(s3, call):
    name = "no-such-bucket-for-cors"
    with refused("NoSuchBucket", 404):
        if call == "put":
            put(s3, name, rule())
        else:
            getattr(s3, f"{call}_bucket_cors")(Bucket=name)


# Actual requests

@pytest.mark.parametrize("origins,expected", [([ORIGIN], ORIGIN), (["*"], "*"), (["https://*"], ORIGIN)])
def test_an_actual_request_says_who_may_read_the_answer(raw, s3, bucket, origins, expected):
    put(s3, bucket, rule(origins=origins, ExposeHeaders=["ETag"], MaxAgeSeconds=5))
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN})
    assert (answer.status, answer.body) == (200, b"data")
    assert answer.headers["Access-Control-Allow-Origin"] == expected
    assert answer.headers["Access-Control-Allow-Methods"] == "GET"
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag"
    assert answer.headers["Access-Control-Allow-Headers"] is None
    assert answer.headers["Vary"].startswith("Origin")


def test_another_origin_gets_the_answer_without_permission(raw, s3, bucket):
    put(s3, bucket, rule(origins=["https://other.example"]))
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN})
    assert (answer.status, answer.body) == (200, b"data")
    assert not cors_headers(answer)


def test_without_origin_nothing_is_said(raw, s3, bucket):
    put(s3, bucket, rule())
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    assert not cors_headers(raw("GET", f"/{bucket}/k"))


def test_an_actual_request_with_a_method_that_is_not_allowed(raw, s3, bucket):
    put(s3, bucket, rule(["GET"]))
    answer = raw("PUT", f"/{bucket}/k", {"Origin": ORIGIN}, b"data")
    assert answer.status == 200
    assert not cors_headers(answer)


@pytest.mark.parametrize("method,status", [("GET", 404), ("HEAD", 404), ("DELETE", 204)])
def test_every_answer_is_decorated(raw, s3, bucket, method, status):
    put(s3, bucket, rule(["GET", "HEAD", "DELETE"]))
    answer = raw(method, f"/{bucket}/absent", {"Origin": ORIGIN})
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_refusal_for_want_of_a_signature_is_decorated(raw, s3, bucket):
    put(s3, bucket, rule())
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN}, sign=False)
    answer.is_error("AccessDenied", 403)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_wrong_signature_is_decorated(raw, s3, bucket):
    put(s3, bucket, rule())
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN}, secret="wrong")
    answer.is_error("SignatureDoesNotMatch", 403)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_listing_is_decorated(raw, s3, bucket):
    put(s3, bucket, rule())
    assert raw("GET", f"/{bucket}", {"Origin": ORIGIN}).headers["Access-Control-Allow-Origin"] == "*"


def test_a_presigned_url_in_a_browser(raw, s3, bucket, endpoint):
    put(s3, bucket, rule(["PUT"], [ORIGIN], AllowedHeaders=["*"]))
    url = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    path = url.removeprefix(endpoint.base)
    assert preflight(raw, path, method="PUT", headers="content-type").status == 200
    answer = raw("PUT", path, {"Origin": ORIGIN}, b"data", sign=False)
    assert answer.status == 200, answer
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_rules_hold_for_the_host_of_the_bucket(raw, s3, bucket, endpoint):
    put(s3, bucket, rule(origins=[ORIGIN]))
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = raw("GET", "/k", {"Origin": ORIGIN}, host=endpoint.virtual_host(bucket))
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_changed_rules_hold_at_once(raw, s3, bucket):
    put(s3, bucket, rule(["GET"]))
    assert preflight(raw, f"/{bucket}/k").status == 200
    put(s3, bucket, rule(["PUT"]))
    assert preflight(raw, f"/{bucket}/k").status == 403
    s3.delete_bucket_cors(Bucket=bucket)
    preflight(raw, f"/{bucket}/k").is_error("AccessForbidden", 403, "CORS is not enabled")


def test_a_form_of_a_page_is_decorated(s3, bucket, endpoint):
    put(s3, bucket, rule(["POST"], [ORIGIN], ExposeHeaders=["ETag", "Location"]))
    answer = Form(endpoint, bucket).send(headers={"Origin": ORIGIN})
    assert answer.status == 204, answer
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["Access-Control-Expose-Headers"] == "ETag, Location"
    refusal = Form(endpoint, bucket, secret="wrong").send(headers={"Origin": ORIGIN})
    assert refusal.status == 403
    assert refusal.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_a_public_object_for_a_page(raw, s3, bucket):
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]}))
    put(s3, bucket, rule())
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN}, sign=False)
    assert (answer.status, answer.body) == (200, b"data")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert cors_headers(answer) == {"access-control-allow-origin", "access-control-allow-methods"}


@pytest.mark.parametrize("status,headers", [
    (206, {"Range": "bytes=0-1"}), (304, {"If-None-Match": "{etag}"}),
    (412, {"If-Match": '"other"'}), (416, {"Range": "bytes=99-"}),
])
def test_every_status_is_decorated(raw, s3, bucket, status, headers):
    put(s3, bucket, rule())
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"data")["ETag"]
    sent = {name: value.format(etag=etag) for name, value in headers.items()}
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN, **sent})
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_request_that_announces_a_method_is_judged_by_it(raw, s3, bucket):
    put(s3, bucket, rule(["PUT"], [ORIGIN]))
    s3.put_object(Bucket=bucket, Key="k", Body=b"data")
    assert not cors_headers(raw("GET", f"/{bucket}/k", {"Origin": ORIGIN}))
    answer = raw("GET", f"/{bucket}/k", {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"})
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT"
