"""What a browser is told that asks whether it may send a request."""

import pytest

from .cors import ORIGIN, cors_headers, preflight, put, rule


def test_a_preflight_says_what_the_rule_allows(raw, s3, bucket):
    put(s3, bucket, rule(
        ["PUT", "GET"], [ORIGIN], AllowedHeaders=["X-Own", "content-type"], ExposeHeaders=["ETag", "X-More"],
        MaxAgeSeconds=600))
    answer = preflight(raw, f"/{bucket}/k", method="PUT", headers="X-OWN, Content-Type")
    assert (answer.status, answer.body) == (200, b"")
    headers = answer.headers
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Methods"] == "PUT, GET"
    assert headers["Access-Control-Allow-Headers"] == "x-own, content-type"
    assert headers["Access-Control-Expose-Headers"] == "ETag, X-More"
    assert headers["Access-Control-Max-Age"] == "600"
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert headers["Vary"] == "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


def test_any_origin_gets_no_credentials(raw, s3, bucket):
    put(s3, bucket, rule())
    answer = preflight(raw, f"/{bucket}/k")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert cors_headers(answer) == {"access-control-allow-origin", "access-control-allow-methods"}


def test_a_preflight_needs_no_object(raw, s3, bucket):
    put(s3, bucket, rule(["DELETE"]))
    assert preflight(raw, f"/{bucket}/absent", method="DELETE").status == 200


def test_a_preflight_of_the_bucket_itself(raw, s3, bucket):
    put(s3, bucket, rule())
    assert preflight(raw, f"/{bucket}").status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE", "HEAD"])
def test_each_method_has_to_be_allowed(raw, s3, bucket, method):
    put(s3, bucket, rule([method]))
    for asked in ["GET", "PUT", "POST", "DELETE", "HEAD"]:
        assert preflight(raw, f"/{bucket}/k", method=asked).status == (200 if asked == method else 403)


@pytest.mark.parametrize("pattern,origin,fits", [
    ("https://app.example.com", "https://app.example.com", True),
    ("https://app.example.com", "http://app.example.com", False),
    ("https://app.example.com", "https://app.example.com:8443", False),
    ("https://app.example.com", "https://APP.example.com", False),
    ("https://*.example.com", "https://a.b.example.com", True),
    ("https://*.example.com", "https://example.com", False),
    ("*.example.com", "https://a.example.com", True),
    ("http://localhost:*", "http://localhost:3000", True),
    ("http://localhost:*", "https://localhost:3000", False),
    ("http*://a.example", "https://a.example", True),
    ("https://example.*", "https://example.org.evil", True),
    ("null", "null", True),
])
def test_how_origins_match(raw, s3, bucket, pattern, origin, fits):
    put(s3, bucket, rule(origins=[pattern]))
    answer = preflight(raw, f"/{bucket}/k", origin)
    assert answer.status == (200 if fits else 403)
    assert answer.headers["Access-Control-Allow-Origin"] == (origin if fits else None)


@pytest.mark.parametrize("allowed,asked,fits", [
    (["*"], "x-anything, content-type", True),
    (["x-own"], "X-Own", True),
    (["X-Own"], "x-own", True),
    (["x-amz-*"], "x-amz-meta-a,x-amz-date", True),
    (["x-amz-*"], "x-amz-date,authorization", False),
    (["*-date"], "x-amz-date", True),
    (["x-own"], "x-own-more", False),
    ([], "x-own", False),
    ([], None, True),
])
def test_how_headers_match(raw, s3, bucket, allowed, asked, fits):
    put(s3, bucket, rule(AllowedHeaders=allowed))
    answer = preflight(raw, f"/{bucket}/k", headers=asked)
    assert answer.status == (200 if fits else 403)


def test_the_first_rule_that_fits_decides(raw, s3, bucket):
    put(s3, bucket,
        rule(["PUT"], [ORIGIN], MaxAgeSeconds=1), rule(["GET", "PUT"], ["https://*"], MaxAgeSeconds=2),
        rule(["GET"], ["*"], MaxAgeSeconds=3))
    assert preflight(raw, f"/{bucket}/k", method="PUT").headers["Access-Control-Max-Age"] == "1"
    assert preflight(raw, f"/{bucket}/k", method="GET").headers["Access-Control-Max-Age"] == "2"
    assert preflight(raw, f"/{bucket}/k", "http://x").headers["Access-Control-Max-Age"] == "3"


def test_a_rule_has_to_allow_everything_by_itself(raw, s3, bucket):
    put(s3, bucket, rule(["GET"], [ORIGIN]), rule(["PUT"], ["https://other.example"]))
    assert preflight(raw, f"/{bucket}/k", method="PUT").status == 403


def test_a_preflight_without_origin(raw, s3, bucket):
    put(s3, bucket, rule())
    preflight(raw, f"/{bucket}/k", origin=None).is_error(
        "BadRequest", 400, "Insufficient information. Origin request header needed.")


def test_a_preflight_without_method(raw, s3, bucket):
    put(s3, bucket, rule())
    preflight(raw, f"/{bucket}/k", method=None).is_error(
        "BadRequest", 400, "Invalid Access-Control-Request-Method: null")


def test_a_preflight_for_a_method_that_s3_does_not_know(raw, s3, bucket):
    put(s3, bucket, rule())
    preflight(raw, f"/{bucket}/k", method="PATCH").is_error(
        "BadRequest", 400, "Invalid Access-Control-Request-Method: PATCH")


@pytest.mark.parametrize("path,resource", [("", "BUCKET"), ("/k", "OBJECT")])
def test_a_preflight_where_nothing_is_configured(raw, bucket, path, resource):
    document = preflight(raw, f"/{bucket}{path}", method="PUT").is_error(
        "AccessForbidden", 403, "CORSResponse: CORS is not enabled for this bucket.")
    assert (document["Method"], document["ResourceType"]) == ("PUT", resource)


@pytest.mark.parametrize("method,named", [(None, "OPTIONS"), ("PATCH", "PATCH")])
def test_what_is_not_configured_comes_before_the_method(raw, bucket, method, named):
    document = preflight(raw, f"/{bucket}", method=method).is_error(
        "AccessForbidden", 403, "CORSResponse: CORS is not enabled for this bucket.")
    assert document["Method"] == named


@pytest.mark.parametrize("method,named", [(None, "OPTIONS"), ("PUT", "PUT")])
def test_a_preflight_for_no_bucket(raw, method, named):
    document = preflight(raw, "/no-such-bucket-for-preflight", method=method).is_error(
        "AccessForbidden", 403, "CORSResponse: Bucket not found")
    assert (document["Method"], document["ResourceType"]) == (named, "BUCKET")


def test_a_preflight_needs_an_origin_before_all_else(raw, bucket):
    for path in [f"/{bucket}", "/no-such-bucket-for-preflight"]:
        preflight(raw, path, origin=None).is_error("BadRequest", 400, "Origin request header needed")


def test_a_referer_is_no_origin(raw, s3, bucket):
    put(s3, bucket, rule())
    raw("OPTIONS", f"/{bucket}/k", {"Referer": ORIGIN}, sign=False).is_error("BadRequest", 400)


def test_an_empty_origin_may_be_configured_and_fits_nobody(raw, s3, bucket):
    put(s3, bucket, rule(origins=[""]))
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"][0]["AllowedOrigins"] == [""]
    assert preflight(raw, f"/{bucket}/k").status == 403


@pytest.mark.parametrize("given,shown", [(["x-amz-Id-2", "ETAG"], "x-amz-Id-2, ETAG"), (["a"], "a")])
def test_exposed_headers_are_shown_as_configured(raw, s3, bucket, given, shown):
    put(s3, bucket, rule(ExposeHeaders=given))
    assert preflight(raw, f"/{bucket}/k").headers["Access-Control-Expose-Headers"] == shown


def test_an_age_of_zero_is_told(raw, s3, bucket):
    put(s3, bucket, rule(MaxAgeSeconds=0))
    assert preflight(raw, f"/{bucket}/k").headers["Access-Control-Max-Age"] == "0"


@pytest.mark.parametrize("suffix", ["?acl", "?cors", "?versionId=null", "?uploads", "?list-type=2"])
def test_a_preflight_may_be_about_any_operation(raw, s3, bucket, suffix):
    put(s3, bucket, rule(["PUT"], [ORIGIN]))
    assert preflight(raw, f"/{bucket}{suffix}", method="PUT").status == 200


def test_a_preflight_of_an_expired_url_is_answered(raw, s3, bucket):
    put(s3, bucket, rule(["PUT"], [ORIGIN], AllowedHeaders=["*"]))
    query = ("X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=none%2F20200101%2Fus-east-1%2Fs3%2Faws4_request"
             "&X-Amz-Date=20200101T000000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=0")
    answer = preflight(raw, f"/{bucket}/k?{query}", method="PUT", headers="content-type,x-amz-acl")
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type, x-amz-acl"


@pytest.mark.parametrize("listed", ["a,b", "a, b", " a ,b ", ",a,,b,", "a\t,\tb"])
def test_lists_of_headers_are_read_as_lists(raw, s3, bucket, listed):
    put(s3, bucket, rule(AllowedHeaders=["a", "b"]))
    answer = preflight(raw, f"/{bucket}/k", headers=listed)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Headers"] == "a, b"


@pytest.mark.parametrize("count", [1, 50, 200])
def test_many_headers_are_judged_one_by_one(raw, s3, bucket, count):
    put(s3, bucket, rule(AllowedHeaders=["x-amz-meta-*", "content-type"]))
    good = [f"x-amz-meta-{number}" for number in range(count)]
    assert preflight(raw, f"/{bucket}/k", headers=",".join(good)).status == 200
    assert preflight(raw, f"/{bucket}/k", headers=",".join([*good, "x-other"])).status == 403


def test_a_preflight_that_no_rule_allows(raw, s3, bucket):
    put(s3, bucket, rule(origins=["https://other.example"]))
    answer = preflight(raw, f"/{bucket}/k")
    document = answer.is_error("AccessForbidden", 403, "CORSResponse: This CORS request is not allowed. ")
    assert document["ResourceType"] == "OBJECT"
    assert not cors_headers(answer)


def test_a_preflight_to_the_host_of_the_bucket(raw, s3, bucket, endpoint):
    put(s3, bucket, rule(["PUT"], [ORIGIN]))
    answer = preflight(raw, "/k", method="PUT", host=endpoint.virtual_host(bucket))
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
