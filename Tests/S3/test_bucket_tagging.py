"""PutBucketTagging, GetBucketTagging, DeleteBucketTagging."""

import base64
import hashlib

import pytest

from .conftest import refused


def put(s3, bucket, *tags):
    s3.put_bucket_tagging(
        Bucket=bucket, Tagging={"TagSet": [{"Key": key, "Value": value} for key, value in tags]})


def tags_of(s3, bucket):
    return [(tag["Key"], tag["Value"]) for tag in s3.get_bucket_tagging(Bucket=bucket)["TagSet"]]


def test_a_new_bucket_has_no_tags(s3, bucket):
    with refused("NoSuchTagSet", 404, "The TagSet does not exist") as refusal:
        s3.get_bucket_tagging(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


def test_tags_are_returned(s3, bucket):
    put(s3, bucket, ("project", "mumble"), ("stage", ""))
    assert sorted(tags_of(s3, bucket)) == [("project", "mumble"), ("stage", "")]


def test_a_put_replaces_the_whole_set(s3, bucket):
    put(s3, bucket, ("a", "1"), ("b", "2"))
    put(s3, bucket, ("c", "3"))
    assert tags_of(s3, bucket) == [("c", "3")]


def test_a_put_answers_without_content(raw, bucket):
    body = b"<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"
    answer = raw("PUT", f"/{bucket}?tagging",
                 {"Content-MD5": base64.b64encode(hashlib.md5(body).digest()).decode()}, body)
    assert (answer.status, answer.body) == (204, b"")


def test_deleting_tags_is_fine_twice(s3, bucket):
    put(s3, bucket, ("a", "1"))
    for _ in range(2):
        assert s3.delete_bucket_tagging(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=bucket)


@pytest.mark.parametrize("key,value", [
    ("k" * 128, "v" * 256), ("ключ", "значение"), ("a b", "+-=._:/@"), ("你好", "你 好"), ("k", "0"),
], ids=["longest", "cyrillic", "signs", "chinese", "digit"])
def test_what_a_tag_may_be(s3, bucket, key, value):
    put(s3, bucket, (key, value))
    assert tags_of(s3, bucket) == [(key, value)]


def test_fifty_tags_fit(s3, bucket):
    put(s3, bucket, *[(f"k{number}", "v") for number in range(50)])
    assert len(tags_of(s3, bucket)) == 50
    with refused("BadRequest", 400, "Bucket tag count cannot be greater than 50"):
        put(s3, bucket, *[(f"k{number}", "v") for number in range(51)])


@pytest.mark.parametrize("key,value,text", [
    ("k" * 129, "v", "The TagKey you have provided is invalid"),
    ("", "v", "The TagKey you have provided is invalid"),
    ("a&b", "v", "The TagKey you have provided is invalid"),
    ("k", "v" * 257, "The TagValue you have provided is invalid"),
    ("k", "a,b", "The TagValue you have provided is invalid"),
    ("aws:k", "v", "System tags cannot be added/updated by requester"),
], ids=["long key", "empty key", "sign in key", "long value", "sign in value", "prefix of the system"])
def test_what_a_tag_may_not_be(s3, bucket, key, value, text):
    with refused("InvalidTag", 400, text) as refusal:
        put(s3, bucket, (key, value))
    assert (refusal.elements["TagKey"] or "") == key


def test_a_key_stands_once(s3, bucket):
    with refused("InvalidTag", 400, "Cannot provide multiple Tags with the same key") as refusal:
        put(s3, bucket, ("k", "1"), ("k", "2"))
    assert refusal.elements["TagKey"] == "k"


def test_keys_differ_by_case(s3, bucket):
    put(s3, bucket, ("k", "1"), ("K", "2"))
    assert sorted(tags_of(s3, bucket)) == [("K", "2"), ("k", "1")]


@pytest.mark.parametrize("tag", [{"Key": "k"}, {"Value": "v"}, {}], ids=["no value", "no key", "nothing"])
def test_a_tag_without_key_or_value_is_malformed(s3, bucket, tag):
    with refused("MalformedXML", 400):
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [tag]})


def test_a_refused_set_leaves_the_old_one(s3, bucket):
    put(s3, bucket, ("a", "1"))
    with refused("InvalidTag", 400):
        put(s3, bucket, ("b", "2"), ("b", "3"))
    assert tags_of(s3, bucket) == [("a", "1")]


def test_a_document_needs_a_digest(raw, bucket):
    answer = raw("PUT", f"/{bucket}?tagging", {}, b"<Tagging><TagSet/></Tagging>")
    answer.is_error("InvalidRequest", 400, "Missing required header for this request: Content-MD5")


@pytest.mark.parametrize("call", ["get", "delete", "put"])
def test_tags_of_no_bucket(s3, call):
    name = "no-such-bucket-for-tags"
    with refused("NoSuchBucket", 404):
        if call == "put":
            put(s3, name, ("a", "1"))
        else:
            getattr(s3, f"{call}_bucket_tagging")(Bucket=name)


def test_tags_go_with_their_bucket(s3, make_bucket):
    name = make_bucket()
    put(s3, name, ("a", "1"))
    s3.delete_bucket(Bucket=name)
    make_bucket(Bucket=name)
    with refused("NoSuchTagSet", 404):
        s3.get_bucket_tagging(Bucket=name)
