"""If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of GetObject and HeadObject."""

import datetime

import pytest

from .conftest import error_of

OTHER = '"0123456789abcdef0123456789abcdef"'
CALLS = ["get_object", "head_object"]


@pytest.fixture
def object_(s3, bucket):
    """call(name, **conditions) on a new object; its ETag and Last-Modified as attributes."""
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    head = s3.head_object(Bucket=bucket, Key="k")

    def call(name, **conditions):
        return getattr(s3, name)(Bucket=bucket, Key="k", **conditions)

    call.etag, call.modified = head["ETag"], head["LastModified"]
    return call


def later(time, seconds=1):
    return time + datetime.timedelta(seconds=seconds)


@pytest.mark.parametrize("call", CALLS)
def test_a_tag_that_matches(object_, call):
    assert object_(call, IfMatch=object_.etag)["ETag"] == object_.etag


@pytest.mark.parametrize("form", ["{}", '"{}"', ' "{}" ', '"other", "{}"'])
def test_ways_to_write_a_tag(object_, form):
    object_("get_object", IfMatch=form.format(object_.etag.strip('"')))


@pytest.mark.parametrize("call", CALLS)
def test_any_tag_matches(object_, call):
    object_(call, IfMatch="*")


def test_a_tag_that_does_not_match(object_):
    refusal = error_of(lambda: object_("get_object", IfMatch=OTHER))
    assert (refusal.code, refusal.status) == ("PreconditionFailed", 412)
    assert refusal.message == "At least one of the pre-conditions you specified did not hold"
    assert refusal.elements["Condition"] == "If-Match"


def test_the_head_of_a_tag_that_does_not_match(object_):
    refusal = error_of(lambda: object_("head_object", IfMatch=OTHER))
    assert (refusal.code, refusal.status) == ("412", 412)


@pytest.mark.parametrize("call", CALLS)
def test_a_tag_that_the_client_has(object_, call):
    refusal = error_of(lambda: object_(call, IfNoneMatch=object_.etag))
    assert (refusal.code, refusal.status) == ("304", 304)
    assert refusal.headers["etag"] == object_.etag
    assert "last-modified" in refusal.headers


def test_an_answer_without_change_has_no_body(raw, s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    answer = raw("GET", f"/{bucket}/k", {"If-None-Match": etag})
    assert (answer.status, answer.body) == (304, b"")


@pytest.mark.parametrize("call", CALLS)
def test_a_tag_that_the_client_has_not(object_, call):
    object_(call, IfNoneMatch=OTHER)


@pytest.mark.parametrize("call", CALLS)
def test_no_change_since(object_, call):
    refusal = error_of(lambda: object_(call, IfModifiedSince=object_.modified))
    assert (refusal.code, refusal.status) == ("304", 304)


@pytest.mark.parametrize("call", CALLS)
def test_a_change_since(object_, call):
    object_(call, IfModifiedSince=later(object_.modified, -1))


def test_a_date_in_the_future_is_read_over(object_):
    object_("get_object", IfModifiedSince=later(object_.modified, 86400))


@pytest.mark.parametrize("seconds", [0, 1, 86400])
@pytest.mark.parametrize("call", CALLS)
def test_unmodified_since(object_, call, seconds):
    object_(call, IfUnmodifiedSince=later(object_.modified, seconds))


def test_modified_since(object_):
    refusal = error_of(lambda: object_("get_object", IfUnmodifiedSince=later(object_.modified, -1)))
    assert (refusal.code, refusal.status) == ("PreconditionFailed", 412)
    assert refusal.elements["Condition"] == "If-Unmodified-Since"


def test_a_true_match_outweighs_a_date(object_):
    object_("get_object", IfMatch=object_.etag, IfUnmodifiedSince=later(object_.modified, -86400))


def test_a_false_match_outweighs_a_date(object_):
    refusal = error_of(
        lambda: object_("get_object", IfMatch=OTHER, IfUnmodifiedSince=later(object_.modified, 60)))
    assert (refusal.code, refusal.status) == ("PreconditionFailed", 412)


def test_a_tag_the_client_has_outweighs_a_change(object_):
    refusal = error_of(
        lambda: object_(
            "get_object", IfNoneMatch=object_.etag, IfModifiedSince=later(object_.modified, -86400)))
    assert refusal.status == 304


def test_a_tag_the_client_has_not_outweighs_no_change(object_):
    object_("get_object", IfNoneMatch=OTHER, IfModifiedSince=object_.modified)


def test_both_tags_at_once(object_):
    refusal = error_of(lambda: object_("get_object", IfMatch=object_.etag, IfNoneMatch=object_.etag))
    assert refusal.status == 304


@pytest.mark.parametrize("header", ["If-Modified-Since", "If-Unmodified-Since"])
def test_a_date_that_is_none_is_read_over(raw, s3, bucket, header):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert raw("GET", f"/{bucket}/k", {header: "yesterday"}).status == 200


def test_an_absent_object_has_no_conditions(s3, bucket):
    refusal = error_of(lambda: s3.get_object(Bucket=bucket, Key="absent", IfMatch=OTHER))
    assert (refusal.code, refusal.status) == ("NoSuchKey", 404)


def test_conditions_hold_for_the_version_named(s3, versioned_bucket):
    old = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"1")
    new = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"2")
    named = {"Bucket": versioned_bucket, "Key": "k", "VersionId": old["VersionId"]}
    assert s3.get_object(IfMatch=old["ETag"], **named)["Body"].read() == b"1"
    assert error_of(lambda: s3.get_object(IfMatch=new["ETag"], **named)).status == 412
