"""RestoreObject, and reading objects of the archive classes before and after."""

import re

import pytest

from .conftest import refused

ARCHIVES = ["GLACIER", "DEEP_ARCHIVE"]
READABLE = ["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"]


def archived(s3, bucket, storage_class="GLACIER", key="old"):
    return s3.put_object(Bucket=bucket, Key=key, Body=b"cold", StorageClass=storage_class)


def restore(s3, bucket, key="old", days=2, tier="Standard", **more):
    return s3.restore_object(
        Bucket=bucket, Key=key, RestoreRequest={"Days": days, "GlacierJobParameters": {"Tier": tier}}, **more)


@pytest.mark.parametrize("storage_class", ARCHIVES)
def test_an_archived_object_is_not_read(s3, bucket, storage_class):
    archived(s3, bucket, storage_class)
    with refused("InvalidObjectState", 403, "not valid for the object's storage class") as refusal:
        s3.get_object(Bucket=bucket, Key="old")
    assert refusal.elements["StorageClass"] == storage_class


@pytest.mark.parametrize("storage_class", READABLE)
def test_an_object_of_another_class_is_read(s3, bucket, storage_class):
    archived(s3, bucket, storage_class)
    assert s3.get_object(Bucket=bucket, Key="old")["Body"].read() == b"cold"


@pytest.mark.parametrize("storage_class", ARCHIVES)
def test_the_head_of_an_archived_object_is_read(s3, bucket, storage_class):
    archived(s3, bucket, storage_class)
    head = s3.head_object(Bucket=bucket, Key="old")
    assert head["StorageClass"] == storage_class
    assert head["ContentLength"] == 4
    assert "Restore" not in head


@pytest.mark.parametrize("storage_class", ARCHIVES)
def test_an_archived_object_is_not_copied(s3, bucket, storage_class):
    archived(s3, bucket, storage_class)
    with refused("InvalidObjectState", 403):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "old"})


def test_no_part_is_copied_from_an_archived_object(s3, bucket):
    archived(s3, bucket)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="copy")["UploadId"]
    with refused("InvalidObjectState", 403):
        s3.upload_part_copy(
            Bucket=bucket, Key="copy", UploadId=upload, PartNumber=1, CopySource={"Bucket": bucket, "Key": "old"})


def test_an_archived_object_is_overwritten(s3, bucket):
    archived(s3, bucket)
    s3.put_object(Bucket=bucket, Key="old", Body=b"warm")
    assert s3.get_object(Bucket=bucket, Key="old")["Body"].read() == b"warm"


def test_an_archived_object_is_deleted(s3, bucket):
    archived(s3, bucket)
    assert s3.delete_object(Bucket=bucket, Key="old")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("storage_class", ARCHIVES)
def test_a_restore_is_accepted(s3, bucket, storage_class):
    archived(s3, bucket, storage_class)
    assert restore(s3, bucket)["ResponseMetadata"]["HTTPStatusCode"] == 202


@pytest.mark.parametrize("tier", ["Standard", "Bulk", "Expedited"])
def test_each_tier_is_accepted(s3, bucket, tier):
    archived(s3, bucket)
    assert restore(s3, bucket, tier=tier)["ResponseMetadata"]["HTTPStatusCode"] == 202


def test_a_restore_without_tier_is_accepted(s3, bucket):
    archived(s3, bucket)
    answer = s3.restore_object(Bucket=bucket, Key="old", RestoreRequest={"Days": 1})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202


def test_a_restore_is_shown(s3, bucket):
    archived(s3, bucket)
    restore(s3, bucket)
    # On AWS hours go by with ongoing-request="true" and no date.
    shown = s3.head_object(Bucket=bucket, Key="old")["Restore"]
    assert re.match(r'^ongoing-request="(true|false)"(, expiry-date="(.+) GMT")?$', shown)


def test_a_restored_object_keeps_its_class(s3, bucket):
    archived(s3, bucket)
    restore(s3, bucket)
    assert s3.head_object(Bucket=bucket, Key="old")["StorageClass"] == "GLACIER"


def test_deep_archive_knows_no_expedited_restore(s3, bucket):
    archived(s3, bucket, "DEEP_ARCHIVE")
    with refused("InvalidArgument", 400, "Retrieval option is not supported by this storage class"):
        restore(s3, bucket, tier="Expedited")


@pytest.mark.parametrize("storage_class", READABLE)
def test_what_is_not_archived_is_not_restored(s3, bucket, storage_class):
    archived(s3, bucket, storage_class)
    with refused("InvalidObjectState", 403, "Restore is not allowed for the object's current storage class"):
        restore(s3, bucket)


@pytest.mark.parametrize("body", [
    {}, {"Days": 1, "GlacierJobParameters": {"Tier": "Fast"}}, {"GlacierJobParameters": {"Tier": "Standard"}},
], ids=["empty", "unknown tier", "no days"])
def test_a_malformed_restore(s3, bucket, body):
    archived(s3, bucket)
    with refused("MalformedXML", 400):
        s3.restore_object(Bucket=bucket, Key="old", RestoreRequest=body)


@pytest.mark.parametrize("days", [0, -1])
def test_a_restore_for_no_days(s3, bucket, days):
    archived(s3, bucket)
    with refused("InvalidArgument", 400):
        restore(s3, bucket, days=days)


def test_a_restore_of_nothing(s3, bucket):
    with refused("NoSuchKey", 404):
        restore(s3, bucket, key="absent")


def test_a_restore_in_a_bucket_that_is_not_there(s3):
    with refused("NoSuchBucket", 404):
        restore(s3, "no-such-bucket-mumble-5e1f")


def test_one_version_is_restored(s3, versioned_bucket):
    first = archived(s3, versioned_bucket)["VersionId"]
    second = archived(s3, versioned_bucket)["VersionId"]
    restore(s3, versioned_bucket, VersionId=first)
    assert "Restore" in s3.head_object(Bucket=versioned_bucket, Key="old", VersionId=first)
    assert "Restore" not in s3.head_object(Bucket=versioned_bucket, Key="old", VersionId=second)


def test_a_delete_marker_is_not_restored(s3, versioned_bucket):
    archived(s3, versioned_bucket)
    marker = s3.delete_object(Bucket=versioned_bucket, Key="old")["VersionId"]
    with refused("MethodNotAllowed", 405):
        restore(s3, versioned_bucket, VersionId=marker)


def test_the_class_is_listed(s3, bucket):
    archived(s3, bucket, "DEEP_ARCHIVE")
    assert s3.list_objects_v2(Bucket=bucket)["Contents"][0]["StorageClass"] == "DEEP_ARCHIVE"
