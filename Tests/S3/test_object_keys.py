"""Keys are any UTF-8 up to 1,024 bytes: nothing in them is a path, an escape or a case to fold."""

import unicodedata
from urllib.parse import quote

import pytest

from .conftest import refused

KEYS = [
    "plain", ".", "..", "../", "../../etc/passwd", "/", "//", "/leading", "trailing/", "a//b", "a/./b", "a/../b", "./a",
    "a/.", "a/..", "sp ace", " ", "a+b", "a%2Fb", "%", "%25", "%zz", "a?b", "a#b", "a&b=c;d", "a:b", "a\\b", "~", "*",
    "\"'<>&", "tab\tkey", "line\nfeed", "carriage\rreturn", "\x01\x1f", "\x7f", "ünïcödé", "你好/世界", "🎉🏳️‍🌈",
    "\u202e right to left", "\ufeff", "\ufffd", "\U0010ffff", "COM1", "nul", "a" * 255, "x/" * 512, "é" * 512]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: ascii(key)[1:25])
def test_a_key_comes_back_as_it_was_given(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("one,other", [
    ("a", "A"), ("a", "a/"), ("a/b", "a//b"), ("a/b", "a/./b"), ("b", "a/../b"), ("a", "/a"), ("a b", "a+b"),
    ("a/b", "a%2Fb"), ("a%2Fb", "a%252Fb"), ("é", "e\u0301"), ("ß", "ss"), ("ﬁ", "fi"), ("\u00c5", "\u212b"), (".", ".."),
    ("a", "a "), ("i", "ı"), ("a\u200b", "a")], ids=ascii)
def test_two_keys_that_resemble_each_other_are_two_objects(s3, bucket, one, other):
    assert one != other
    s3.put_object(Bucket=bucket, Key=one, Body=b"one")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key=other)
    s3.put_object(Bucket=bucket, Key=other, Body=b"other")
    assert s3.get_object(Bucket=bucket, Key=one)["Body"].read() == b"one"
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted([one, other], key=str.encode)


@pytest.mark.parametrize("path,key", [
    ("a%20b", "a b"), ("a+b", "a+b"), ("a%2Bb", "a+b"), ("a%2fb", "a/b"), ("a%252Fb", "a%2Fb"), ("%61", "a"),
    ("a//b", "a//b"), ("/a", "/a"), ("a/../b", "a/../b"), ("%2e%2e/a", "../a"), ("a%3Fb", "a?b"), ("a;b,c", "a;b,c"),
    ("a:b@c", "a:b@c"), ("(a)!*'$", "(a)!*'$"), ("a%C3%A9", "aé"), ("a%26b", "a&b"), ("a=b&c", "a=b&c")])
def test_a_path_is_decoded_once_and_never_normalised(raw, s3, bucket, path, key):
    assert raw("PUT", f"/{bucket}/{path}", body=b"v").status == 200
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    assert raw("GET", f"/{bucket}/{path}").body == b"v"
    assert raw("GET", f"/{bucket}/{quote(key, safe='')}").body == b"v"


@pytest.mark.parametrize("path", ["%ff", "%C3%28", "a%ED%A0%80", "%F4%90%80%80", "%C0%AF"])
def test_a_key_that_is_not_utf_8_is_refused(raw, bucket, path):
    raw("PUT", f"/{bucket}/{path}", body=b"v").is_error("InvalidURI", 400, "Couldn't parse the specified URI.")


@pytest.mark.parametrize("path", ["a%00b", "%00", "dir/%00/x"])
def test_a_key_with_nul_is_refused(raw, endpoint, s3, bucket, path):
    assert raw("PUT", f"/{bucket}/{path}", body=b"v").status == 400
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("key", ["x" * 1024, "é" * 512, "/" * 1024, "../" * 341 + "x", "🎉" * 256], ids=lambda key: ascii(key[:2]))
def test_a_key_may_have_1024_bytes(s3, bucket, key):
    assert len(key.encode()) == 1024
    s3.put_object(Bucket=bucket, Key=key, Body=b"v")
    assert s3.head_object(Bucket=bucket, Key=key)["ContentLength"] == 1


@pytest.mark.parametrize("method", ["put_object", "get_object", "delete_object", "create_multipart_upload"])
@pytest.mark.parametrize("key", ["x" * 1025, "x" + "é" * 512], ids=["ascii", "utf8"])
def test_a_key_of_1025_bytes_is_refused(s3, bucket, method, key):
    with refused("KeyTooLongError", 400, "Your key is too long") as refusal:
        getattr(s3, method)(Bucket=bucket, Key=key)
    assert (refusal.elements["Size"], refusal.elements["MaxSizeAllowed"]) == ("1025", "1024")


def test_keys_are_listed_by_their_bytes(s3, bucket):
    keys = ["a", "B", "é", "z", "~", "\U0001f389", "\uffee", "a/", "a!", "10", "9", "", " "]
    keys = [key for key in keys if key]
    for key in keys:
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    listed = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert listed == sorted(keys, key=str.encode)


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_a_prefix_compares_bytes_and_not_letters(s3, bucket, form):
    s3.put_object(Bucket=bucket, Key="é/x", Body=b"")
    prefix = unicodedata.normalize(form, "é/")
    count = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"]
    assert count == (1 if prefix == "é/" else 0)


@pytest.mark.parametrize("key", ["../x", "a//b", "%2F", "e\u0301", "sp ace", "a+b", "a\tb"], ids=ascii)
def test_a_key_is_copied_and_deleted_by_name(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=b"v")
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"v"
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key}]})
    assert [entry["Key"] for entry in answer["Deleted"]] == [key]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["copy"]
