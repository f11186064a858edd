"""DeleteObject and DeleteObjects: absent keys, lists, quiet answers, versions, conditions."""

import base64
import hashlib
from datetime import datetime

import pytest

from .conftest import refused


def put(s3, bucket, *keys):
    return [s3.put_object(Bucket=bucket, Key=key, Body=b"x").get("VersionId") for key in keys]


def delete(s3, bucket, *objects, **more):
    """DeleteObjects of keys, or of dictionaries for more than the key."""
    entries = [entry if isinstance(entry, dict) else {"Key": entry} for entry in objects]
    return s3.delete_objects(Bucket=bucket, Delete={"Objects": entries, **more})


def keys(s3, bucket):
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def digest(document):
    return {"Content-MD5": base64.b64encode(hashlib.md5(document).digest()).decode()}


# One object


def test_a_deleted_object_is_gone(s3, bucket):
    put(s3, bucket, "k")
    assert s3.delete_object(Bucket=bucket, Key="k")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")


def test_an_absent_object_counts_as_deleted(s3, bucket):
    answer = s3.delete_object(Bucket=bucket, Key="absent")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "DeleteMarker" not in answer


def test_a_deletion_has_no_body(raw, s3, bucket):
    put(s3, bucket, "k")
    answer = raw("DELETE", f"/{bucket}/k")
    assert (answer.status, answer.body) == (204, b"")


def test_only_the_named_object_goes(s3, bucket):
    put(s3, bucket, "a", "a/", "a/b", "A")
    s3.delete_object(Bucket=bucket, Key="a")
    assert keys(s3, bucket) == ["A", "a/", "a/b"]


def test_an_object_of_an_absent_bucket(s3, bucket):
    with refused("NoSuchBucket", 404):
        s3.delete_object(Bucket=f"{bucket}-absent", Key="k")


def test_an_object_with_the_right_tag(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    s3.delete_object(Bucket=bucket, Key="k", IfMatch=etag)
    assert keys(s3, bucket) == []


def test_an_object_with_another_tag(s3, bucket):
    put(s3, bucket, "k")
    with refused(
        "PreconditionFailed", 412, "At least one of the pre-conditions you specified did not hold"
    ) as refusal:
        s3.delete_object(Bucket=bucket, Key="k", IfMatch='"0123456789abcdef0123456789abcdef"')
    assert refusal.elements["Condition"] == "If-Match"
    assert keys(s3, bucket) == ["k"]


def test_any_object_that_exists(s3, bucket):
    put(s3, bucket, "k")
    s3.delete_object(Bucket=bucket, Key="k", IfMatch="*")
    assert keys(s3, bucket) == []


@pytest.mark.parametrize("name", ["x-amz-if-match-last-modified-time", "x-amz-if-match-size"])
def test_conditions_of_directory_buckets(raw, s3, bucket, name):
    put(s3, bucket, "k")
    value = "1" if name.endswith("size") else "Fri, 02 Jan 2026 03:04:05 GMT"
    answer = raw("DELETE", f"/{bucket}/k", {name: value})
    answer.is_error("NotImplemented", 501, "A header you provided implies functionality")
    assert keys(s3, bucket) == ["k"]


@pytest.mark.parametrize("condition", [{"Size": 99}, {"LastModifiedTime": datetime(2015, 1, 1)}, {"Size": 1}])
def test_a_list_with_conditions_of_directory_buckets_deletes_nothing(s3, bucket, condition):
    put(s3, bucket, "k")
    with refused("MalformedXML", 400):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k", **condition}]})
    assert keys(s3, bucket) == ["k"]


# Lists


def test_a_list_is_deleted(s3, bucket):
    put(s3, bucket, "a", "b", "c")
    answer = delete(s3, bucket, "a", "c")
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["a", "c"]
    assert "Errors" not in answer
    assert keys(s3, bucket) == ["b"]


def test_absent_keys_are_deleted_ones(s3, bucket):
    answer = delete(s3, bucket, "absent", "missing")
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["absent", "missing"]
    assert "Errors" not in answer


def test_a_quiet_answer_is_empty(s3, bucket):
    put(s3, bucket, "a")
    answer = delete(s3, bucket, "a", "absent", Quiet=True)
    assert "Deleted" not in answer and "Errors" not in answer
    assert keys(s3, bucket) == []


def test_a_list_that_is_not_quiet(s3, bucket):
    put(s3, bucket, "a")
    assert delete(s3, bucket, "a", Quiet=False)["Deleted"] == [{"Key": "a"}]


@pytest.mark.parametrize(
    "key", ["a b", "a+b", "a&b", "<a>", "ü", "a/b/", "a%20b", "\U0001F600", "a\"b'c", "..", "a\\b", "?x=1", "#"])
def test_keys_are_written_as_they_are(s3, bucket, key):
    put(s3, bucket, key)
    assert delete(s3, bucket, key)["Deleted"] == [{"Key": key}]
    assert keys(s3, bucket) == []


def test_a_thousand_keys(s3, bucket):
    put(s3, bucket, "k500")
    answer = delete(s3, bucket, *[f"k{number}" for number in range(1000)])
    assert len(answer["Deleted"]) == 1000
    assert keys(s3, bucket) == []


def test_more_than_a_thousand_keys(s3, bucket):
    with refused("MalformedXML", 400):
        delete(s3, bucket, *[f"k{number}" for number in range(1001)])


def test_an_empty_list(s3, bucket):
    with refused("MalformedXML", 400):
        delete(s3, bucket)


@pytest.mark.parametrize(
    "document", [b"", b"<Delete>", b"<Delete></Delete>", b"<Delete><Object></Object></Delete>", b"keys",
                 b"<Remove><Object><Key>k</Key></Object></Remove>"])
def test_documents_that_are_no_lists(raw, bucket, document):
    raw("POST", f"/{bucket}?delete", digest(document), document).is_error("MalformedXML", 400)


def test_a_list_needs_a_digest(raw, bucket):
    answer = raw("POST", f"/{bucket}?delete", {}, b"<Delete><Object><Key>k</Key></Object></Delete>")
    answer.is_error("InvalidRequest", 400, "Missing required header for this request: Content-MD5")


def test_a_list_with_a_wrong_digest(raw, s3, bucket):
    put(s3, bucket, "k")
    document = b"<Delete><Object><Key>k</Key></Object></Delete>"
    raw("POST", f"/{bucket}?delete", digest(b"other"), document).is_error("BadDigest", 400)
    assert keys(s3, bucket) == ["k"]


def test_a_list_in_the_namespace(raw, s3, bucket):
    put(s3, bucket, "k")
    document = (b'<?xml version="1.0"?>\n<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">\n'
                b"  <Object><Key>k</Key></Object>\n</Delete>")
    answer = raw("POST", f"/{bucket}?delete", digest(document), document)
    assert answer.status == 200
    assert [child.tag for child in answer.xml] == ["Deleted"]


def test_a_list_for_an_absent_bucket(s3, bucket):
    with refused("NoSuchBucket", 404):
        delete(s3, f"{bucket}-absent", "k")


def test_each_entry_may_have_its_tag(s3, bucket):
    good = s3.put_object(Bucket=bucket, Key="good", Body=b"x")["ETag"]
    put(s3, bucket, "bad")
    answer = delete(
        s3, bucket, {"Key": "good", "ETag": good},
        {"Key": "bad", "ETag": '"0123456789abcdef0123456789abcdef"'})
    assert [entry["Key"] for entry in answer["Deleted"]] == ["good"]
    (error,) = answer["Errors"]
    assert (error["Key"], error["Code"]) == ("bad", "PreconditionFailed")
    assert keys(s3, bucket) == ["bad"]


# Versions


def test_a_list_without_versions_makes_markers(s3, versioned_bucket):
    put(s3, versioned_bucket, "a")
    answer = delete(s3, versioned_bucket, "a", "never")
    for entry in answer["Deleted"]:
        assert entry["DeleteMarker"] is True and entry["DeleteMarkerVersionId"]
        assert "VersionId" not in entry
    listed = s3.list_object_versions(Bucket=versioned_bucket)
    assert {entry["VersionId"] for entry in listed["DeleteMarkers"]} == {
        entry["DeleteMarkerVersionId"] for entry in answer["Deleted"]}


def test_a_list_of_versions(s3, versioned_bucket):
    old, new = put(s3, versioned_bucket, "a", "a")
    answer = delete(s3, versioned_bucket, {"Key": "a", "VersionId": new})
    assert answer["Deleted"] == [{"Key": "a", "VersionId": new}]
    assert s3.head_object(Bucket=versioned_bucket, Key="a")["VersionId"] == old


def test_a_list_of_markers(s3, versioned_bucket):
    put(s3, versioned_bucket, "a")
    marker = s3.delete_object(Bucket=versioned_bucket, Key="a")["VersionId"]
    answer = delete(s3, versioned_bucket, {"Key": "a", "VersionId": marker})
    assert answer["Deleted"] == [
        {"Key": "a", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    assert keys(s3, versioned_bucket) == ["a"]


def test_a_list_with_an_unknown_version(s3, versioned_bucket):
    (version,) = put(s3, versioned_bucket, "a")
    forged = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"
    answer = delete(
        s3, versioned_bucket, {"Key": "a", "VersionId": forged}, {"Key": "a", "VersionId": version})
    assert [entry["VersionId"] for entry in answer["Deleted"]] == [version]
    (error,) = answer["Errors"]
    assert (error["Key"], error["VersionId"], error["Code"]) == ("a", forged, "NoSuchVersion")
    assert error["Message"] == "The specified version does not exist."


def test_a_quiet_list_still_tells_errors(s3, versioned_bucket):
    put(s3, versioned_bucket, "a")
    answer = delete(
        s3, versioned_bucket, "a", {"Key": "a", "VersionId": "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"},
        Quiet=True)
    assert "Deleted" not in answer
    assert [error["Code"] for error in answer["Errors"]] == ["NoSuchVersion"]


def test_the_null_version_in_a_list(s3, bucket):
    put(s3, bucket, "a")
    answer = delete(s3, bucket, {"Key": "a", "VersionId": "null"})
    assert answer["Deleted"] == [{"Key": "a", "VersionId": "null"}]
    assert keys(s3, bucket) == []


def test_while_suspended_markers_are_null(s3, versioned_bucket):
    s3.put_bucket_versioning(Bucket=versioned_bucket, VersioningConfiguration={"Status": "Suspended"})
    put(s3, versioned_bucket, "a")
    answer = delete(s3, versioned_bucket, "a")
    assert answer["Deleted"] == [{"Key": "a", "DeleteMarker": True, "DeleteMarkerVersionId": "null"}]


def test_a_key_and_its_versions_at_once(s3, versioned_bucket):
    versions = put(s3, versioned_bucket, "a", "a", "b")
    answer = delete(
        s3, versioned_bucket, {"Key": "a", "VersionId": versions[0]}, {"Key": "a", "VersionId": versions[1]},
        {"Key": "b", "VersionId": versions[2]})
    assert len(answer["Deleted"]) == 3
    assert "Versions" not in s3.list_object_versions(Bucket=versioned_bucket)
