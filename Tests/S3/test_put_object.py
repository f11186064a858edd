"""PutObject: bodies, names, entity tags, digests, answers."""

import base64
import hashlib
import zlib

import pytest

from .conftest import refused

KEYS = [
    "k", "a/b/c", "a//b", "/leading", "trailing/", "a b", "a+b", "a%2Fb", "a%20b", "ü", "ünïcödé/你好", "\U0001F600",
    "..", ".", "../up", "a/../b", "./a", "a\\b", "a?b", "a#b", "a&b=c;d", "'quoted'", '"quoted"', "<tag>", "*",
    "a\tb", "~", "|", "^", "`", "{}", "[]", "@:,$=!()", "x" * 1024, "ä" * 512, "con", "a.", " leading", "trailing ",
    "A", "null", "versions",
]


def md5(body):
    return hashlib.md5(body).hexdigest()


@pytest.mark.parametrize("key", KEYS)
def test_any_key(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_keys_that_look_alike_are_others(s3, bucket):
    keys = ["a/b", "a//b", "/a/b", "a/b/", "A/b", "a%2Fb", "a/./b", "a/c/../b", "\u00e9", "e\u0301"]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    for key in keys:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == len(keys)


@pytest.mark.parametrize("key", ["x" * 1025, "ä" * 513])
def test_a_key_of_more_than_1024_bytes(s3, bucket, key):
    with refused("KeyTooLongError", 400, "Your key is too long") as refusal:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    assert refusal.elements["MaxSizeAllowed"] == "1024"
    assert refusal.elements["Size"] == str(len(key.encode()))


@pytest.mark.parametrize("size", [0, 1, 100, 16 * 1024, 16 * 1024 + 1, 65_536, 1_000_000])
def test_bodies_of_any_size(s3, bucket, size):
    body = bytes(number * 31 % 256 for number in range(size))
    answer = s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert answer["ETag"] == f'"{md5(body)}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert (got["ContentLength"], got["ETag"]) == (size, answer["ETag"])


def test_the_answer(s3, bucket):
    answer = s3.put_object(Bucket=bucket, Key="k", Body=b"hello")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ServerSideEncryption"] == "AES256"
    assert answer["ChecksumCRC32"] == base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
    assert answer["ChecksumType"] == "FULL_OBJECT"
    assert "VersionId" not in answer


def test_overwriting(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"a long first body")
    s3.put_object(Bucket=bucket, Key="k", Body=b"short")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"short"
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 1


def test_an_absent_bucket(s3, bucket):
    with refused("NoSuchBucket", 404, "The specified bucket does not exist") as refusal:
        s3.put_object(Bucket=f"{bucket}-absent", Key="k", Body=b"x")
    assert refusal.elements["BucketName"] == f"{bucket}-absent"


def test_a_right_digest(s3, bucket):
    digest = base64.b64encode(hashlib.md5(b"hello").digest()).decode()
    s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5=digest)


def test_a_wrong_digest(s3, bucket):
    digest = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    with refused(
        "BadDigest", 400, "The Content-MD5 you specified did not match what we received."
    ) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5=digest)
    assert refusal.elements["ExpectedDigest"] == hashlib.md5(b"other").hexdigest()
    assert refusal.elements["CalculatedDigest"] == base64.b64encode(hashlib.md5(b"hello").digest()).decode()
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("digest", ["", "x", "not base64!", "bm90IHNpeHRlZW4="])
def test_a_digest_that_is_none(s3, bucket, digest):
    with refused("InvalidDigest", 400, "The Content-MD5 you specified was invalid."):
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5=digest)


def test_a_refused_body_leaves_the_old_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"old")
    digest = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    with refused("BadDigest", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"new", ContentMD5=digest)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"old"


def test_an_object_is_listed_at_once(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"hello")["ETag"]
    (entry,) = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert (entry["Key"], entry["Size"], entry["ETag"]) == ("k", 5, etag)


def test_a_folder_is_an_empty_object(s3, bucket):
    s3.put_object(Bucket=bucket, Key="folder/")
    assert s3.head_object(Bucket=bucket, Key="folder/")["ContentLength"] == 0
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="folder")


@pytest.mark.parametrize("owner", ["000000000000x", "12", "abcdefghijkl"])
def test_an_owner_that_is_no_account(s3, bucket, owner):
    with refused("InvalidBucketOwnerAWSAccountID", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner=owner)


def test_another_owner_than_expected(s3, bucket):
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ExpectedBucketOwner="111122223333")


def test_a_part_without_its_upload_is_no_object(raw, s3, bucket):
    document = raw("PUT", f"/{bucket}/k?partNumber=1", body=b"part").is_error(
        "InvalidArgument", 400, "This operation does not accept partNumber without uploadId")
    assert (document["ArgumentName"], document["ArgumentValue"]) == ("partNumber", "partNumber")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")
