"""Versioning: configuration, versions of objects, delete markers, suspended buckets."""

import pytest

from .conftest import error_of, refused

FORGED = "HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD"


def put(s3, bucket, key="k", body=b"x", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)


def body(s3, bucket, key="k", **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def suspend(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


@pytest.fixture
def suspended_bucket(s3, versioned_bucket):
    """A bucket with one version of `k`, then suspended; (name, version)."""
    version = put(s3, versioned_bucket, body=b"versioned")["VersionId"]
    suspend(s3, versioned_bucket)
    return versioned_bucket, version


# Configuration


def test_a_new_bucket_has_no_versioning_status(s3, bucket):
    answer = s3.get_bucket_versioning(Bucket=bucket)
    assert "Status" not in answer and "MFADelete" not in answer


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_the_status_is_kept(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_the_status_may_change_back_and_forth(s3, bucket):
    for status in ["Enabled", "Suspended", "Enabled", "Enabled"]:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_a_status_is_needed(s3, bucket):
    with refused(
        "IllegalVersioningConfigurationException", 400, "The Versioning element must be specified"
    ):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={})


@pytest.mark.parametrize("status", ["enabled", "Disabled", "On"])
def test_an_unknown_status_is_malformed(s3, bucket, status):
    with refused("MalformedXML", 400):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


@pytest.mark.parametrize("call", ["get_bucket_versioning", "put_bucket_versioning"])
def test_the_bucket_must_exist(s3, bucket, call):
    more = {} if call.startswith("get") else {"VersioningConfiguration": {"Status": "Enabled"}}
    with refused("NoSuchBucket", 404):
        getattr(s3, call)(Bucket=f"{bucket}-absent", **more)


# Unversioned


def test_an_unversioned_bucket_tells_of_no_versions(s3, bucket):
    assert "VersionId" not in put(s3, bucket)
    assert "VersionId" not in s3.get_object(Bucket=bucket, Key="k")
    assert "VersionId" not in s3.head_object(Bucket=bucket, Key="k")
    answer = s3.delete_object(Bucket=bucket, Key="k")
    assert "VersionId" not in answer and "DeleteMarker" not in answer


def test_an_unversioned_object_is_the_null_version(s3, bucket):
    put(s3, bucket, body=b"plain")
    assert body(s3, bucket, VersionId="null") == b"plain"


def test_a_null_version_may_be_deleted_by_name(s3, bucket):
    put(s3, bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("version", ["1", "null2", FORGED, "x" * 32, "ünsinn"])
@pytest.mark.parametrize("call", ["get_object", "delete_object", "get_object_tagging"])
def test_a_version_identifier_that_was_never_given_out_is_refused(s3, bucket, call, version):
    put(s3, bucket)
    with refused("InvalidArgument", 400, "Invalid version id specified") as refusal:
        getattr(s3, call)(Bucket=bucket, Key="k", VersionId=version)
    assert refusal.elements["ArgumentName"] == "versionId"
    assert refusal.elements["ArgumentValue"] == version


# Enabled


def test_every_write_makes_a_version(s3, versioned_bucket):
    first = put(s3, versioned_bucket, body=b"1")["VersionId"]
    second = put(s3, versioned_bucket, body=b"2")["VersionId"]
    assert first != second and len(first) == len(second) == 32
    assert body(s3, versioned_bucket) == b"2"
    assert body(s3, versioned_bucket, VersionId=first) == b"1"
    assert body(s3, versioned_bucket, VersionId=second) == b"2"


@pytest.mark.parametrize("call", ["get_object", "head_object"])
def test_reads_tell_the_version(s3, versioned_bucket, call):
    first = put(s3, versioned_bucket)["VersionId"]
    second = put(s3, versioned_bucket)["VersionId"]
    assert getattr(s3, call)(Bucket=versioned_bucket, Key="k")["VersionId"] == second
    assert getattr(s3, call)(Bucket=versioned_bucket, Key="k", VersionId=first)["VersionId"] == first


def test_each_version_keeps_its_own_metadata(s3, versioned_bucket):
    first = put(s3, versioned_bucket, Metadata={"n": "1"}, ContentType="text/one")["VersionId"]
    put(s3, versioned_bucket, Metadata={"n": "2"}, ContentType="text/two")
    answer = s3.head_object(Bucket=versioned_bucket, Key="k", VersionId=first)
    assert (answer["Metadata"], answer["ContentType"]) == ({"n": "1"}, "text/one")
    answer = s3.head_object(Bucket=versioned_bucket, Key="k")
    assert (answer["Metadata"], answer["ContentType"]) == ({"n": "2"}, "text/two")


def test_an_object_from_before_stays_as_the_null_version(s3, bucket):
    put(s3, bucket, body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    put(s3, bucket, body=b"after")
    assert body(s3, bucket) == b"after"
    assert body(s3, bucket, VersionId="null") == b"before"


def test_deleting_makes_a_marker(s3, versioned_bucket):
    version = put(s3, versioned_bucket)["VersionId"]
    answer = s3.delete_object(Bucket=versioned_bucket, Key="k")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert answer["DeleteMarker"] is True and answer["VersionId"] != version
    assert body(s3, versioned_bucket, VersionId=version) == b"x"


def test_markers_stack(s3, versioned_bucket):
    markers = {s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"] for _ in range(3)}
    assert len(markers) == 3
    answer = s3.list_object_versions(Bucket=versioned_bucket)
    assert {entry["VersionId"] for entry in answer["DeleteMarkers"]} == markers


@pytest.mark.parametrize("call,code", [("get_object", "NoSuchKey"), ("head_object", "404")])
def test_behind_a_marker_there_is_no_object(s3, versioned_bucket, call, code):
    put(s3, versioned_bucket)
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"]
    refusal = error_of(lambda: getattr(s3, call)(Bucket=versioned_bucket, Key="k"))
    assert (refusal.code, refusal.status) == (code, 404)
    assert refusal.headers["x-amz-delete-marker"] == "true"
    assert refusal.headers["x-amz-version-id"] == marker


def test_a_key_without_versions_has_no_marker_header(s3, versioned_bucket):
    refusal = error_of(lambda: s3.get_object(Bucket=versioned_bucket, Key="absent"))
    assert (refusal.code, refusal.status) == ("NoSuchKey", 404)
    assert "x-amz-delete-marker" not in refusal.headers and "x-amz-version-id" not in refusal.headers


def test_a_marker_cannot_be_read(s3, versioned_bucket):
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"]
    with refused(
        "MethodNotAllowed", 405, "The specified method is not allowed against this resource."
    ) as refusal:
        s3.get_object(Bucket=versioned_bucket, Key="k", VersionId=marker)
    assert (refusal.elements["Method"], refusal.elements["ResourceType"]) == ("GET", "DeleteMarker")
    assert refusal.headers["allow"] == "DELETE"
    assert refusal.headers["x-amz-delete-marker"] == "true"


def test_the_head_of_a_marker(s3, versioned_bucket):
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"]
    with refused("405", 405) as refusal:
        s3.head_object(Bucket=versioned_bucket, Key="k", VersionId=marker)
    assert refusal.headers["allow"] == "DELETE"


def test_deleting_a_marker_brings_the_object_back(s3, versioned_bucket):
    put(s3, versioned_bucket, body=b"back")
    marker = s3.delete_object(Bucket=versioned_bucket, Key="k")["VersionId"]
    answer = s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId=marker)
    assert (answer["DeleteMarker"], answer["VersionId"]) == (True, marker)
    assert body(s3, versioned_bucket) == b"back"


def test_deleting_a_version_is_for_good(s3, versioned_bucket):
    version = put(s3, versioned_bucket)["VersionId"]
    answer = s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId=version)
    assert answer["VersionId"] == version and "DeleteMarker" not in answer
    with refused("NoSuchVersion", 404, "The specified version does not exist.") as refusal:
        s3.get_object(Bucket=versioned_bucket, Key="k", VersionId=version)
    assert (refusal.elements["Key"], refusal.elements["VersionId"]) == ("k", version)


def test_deleting_the_newest_version_uncovers_the_one_below(s3, versioned_bucket):
    put(s3, versioned_bucket, body=b"old")
    newest = put(s3, versioned_bucket, body=b"new")["VersionId"]
    s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId=newest)
    assert body(s3, versioned_bucket) == b"old"


def test_deleting_an_old_version_leaves_the_newest(s3, versioned_bucket):
    old = put(s3, versioned_bucket, body=b"old")["VersionId"]
    put(s3, versioned_bucket, body=b"new")
    s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId=old)
    assert body(s3, versioned_bucket) == b"new"


def test_a_version_may_be_deleted_twice(s3, versioned_bucket):
    version = put(s3, versioned_bucket)["VersionId"]
    for _ in range(2):
        answer = s3.delete_object(Bucket=versioned_bucket, Key="k", VersionId=version)
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


@pytest.mark.parametrize("call", ["get_object", "get_object_tagging"])
def test_a_version_belongs_to_its_key(s3, versioned_bucket, call):
    version = put(s3, versioned_bucket, key="one")["VersionId"]
    put(s3, versioned_bucket, key="two")
    with refused("NoSuchVersion", 404):
        getattr(s3, call)(Bucket=versioned_bucket, Key="two", VersionId=version)


@pytest.mark.parametrize("version", ["1", FORGED])
def test_identifiers_are_checked_in_versioned_buckets_too(s3, versioned_bucket, version):
    put(s3, versioned_bucket)
    with refused("InvalidArgument", 400, "Invalid version id specified"):
        s3.get_object(Bucket=versioned_bucket, Key="k", VersionId=version)


def test_the_head_of_an_unknown_version(s3, versioned_bucket):
    put(s3, versioned_bucket)
    with refused("400", 400):
        s3.head_object(Bucket=versioned_bucket, Key="k", VersionId=FORGED)


def test_a_versioned_key_without_a_null_version(s3, versioned_bucket):
    put(s3, versioned_bucket)
    with refused("NoSuchVersion", 404):
        s3.get_object(Bucket=versioned_bucket, Key="k", VersionId="null")


def test_a_bucket_with_versions_is_not_empty(s3, versioned_bucket):
    s3.delete_object(Bucket=versioned_bucket, Key="k")
    with refused("BucketNotEmpty", 409, "You must delete all versions in the bucket."):
        s3.delete_bucket(Bucket=versioned_bucket)


def test_a_multipart_upload_makes_a_version(s3, versioned_bucket):
    old = put(s3, versioned_bucket)["VersionId"]
    upload = s3.create_multipart_upload(Bucket=versioned_bucket, Key="k")["UploadId"]
    part = s3.upload_part(Bucket=versioned_bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")
    answer = s3.complete_multipart_upload(
        Bucket=versioned_bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    assert answer["VersionId"] not in (None, old)
    assert s3.head_object(Bucket=versioned_bucket, Key="k")["VersionId"] == answer["VersionId"]


# Suspended


def test_a_write_while_suspended_tells_no_version(s3, suspended_bucket):
    bucket, _ = suspended_bucket
    assert "VersionId" not in put(s3, bucket)
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == "null"


def test_versions_from_before_stay_while_suspended(s3, suspended_bucket):
    bucket, version = suspended_bucket
    put(s3, bucket, body=b"null")
    assert body(s3, bucket) == b"null"
    assert body(s3, bucket, VersionId=version) == b"versioned"


def test_while_suspended_there_is_one_null_version(s3, suspended_bucket):
    bucket, version = suspended_bucket
    put(s3, bucket, body=b"1")
    put(s3, bucket, body=b"2")
    answer = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in answer["Versions"]] == ["null", version]
    assert body(s3, bucket, VersionId="null") == b"2"


def test_deleting_while_suspended_makes_a_null_marker(s3, suspended_bucket):
    bucket, version = suspended_bucket
    put(s3, bucket)
    answer = s3.delete_object(Bucket=bucket, Key="k")
    assert (answer["DeleteMarker"], answer["VersionId"]) == (True, "null")
    listing = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listing["DeleteMarkers"]] == ["null"]
    assert [entry["VersionId"] for entry in listing["Versions"]] == [version]


def test_a_null_marker_is_replaced_by_the_next_write(s3, suspended_bucket):
    bucket, version = suspended_bucket
    s3.delete_object(Bucket=bucket, Key="k")
    put(s3, bucket, body=b"again")
    listing = s3.list_object_versions(Bucket=bucket)
    assert "DeleteMarkers" not in listing
    assert [entry["VersionId"] for entry in listing["Versions"]] == ["null", version]


def test_null_markers_do_not_stack(s3, suspended_bucket):
    bucket, _ = suspended_bucket
    for _ in range(2):
        s3.delete_object(Bucket=bucket, Key="k")
    assert len(s3.list_object_versions(Bucket=bucket)["DeleteMarkers"]) == 1


def test_deleting_the_null_version_uncovers_the_one_below(s3, suspended_bucket):
    bucket, version = suspended_bucket
    put(s3, bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert s3.get_object(Bucket=bucket, Key="k")["VersionId"] == version


def test_switched_on_again_the_null_version_is_kept(s3, suspended_bucket):
    bucket, version = suspended_bucket
    put(s3, bucket, body=b"null")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    newest = put(s3, bucket, body=b"new")["VersionId"]
    listing = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listing["Versions"]] == [newest, "null", version]


def test_a_null_version_below_others_is_replaced_where_it_stands(s3, bucket):
    put(s3, bucket, body=b"before")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = put(s3, bucket)["VersionId"]
    suspend(s3, bucket)
    put(s3, bucket, body=b"after")
    listing = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listing["Versions"]] == ["null", version]
    assert body(s3, bucket, VersionId="null") == b"after"


def test_a_never_versioned_bucket_may_be_suspended(s3, bucket):
    put(s3, bucket, body=b"1")
    suspend(s3, bucket)
    put(s3, bucket, body=b"2")
    listing = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listing["Versions"]] == ["null"]
    assert s3.delete_object(Bucket=bucket, Key="k")["VersionId"] == "null"
