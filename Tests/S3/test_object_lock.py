"""Object Lock: configuration of buckets, locks of new versions."""

import datetime

import pytest

from .conftest import REGION, refused, unique
from .locks import configure, governed, put, retention, soon


@pytest.fixture
def locked_bucket(make_bucket):
    """A new bucket with Object Lock and no default retention."""
    return make_bucket(ObjectLockEnabledForBucket=True)


def test_object_lock_switches_versioning_on(s3, locked_bucket):
    assert s3.get_bucket_versioning(Bucket=locked_bucket)["Status"] == "Enabled"


def test_a_new_configuration_has_no_rule(s3, locked_bucket):
    answer = s3.get_object_lock_configuration(Bucket=locked_bucket)
    assert answer["ObjectLockConfiguration"] == {"ObjectLockEnabled": "Enabled"}


@pytest.mark.parametrize("period", [{"Days": 1}, {"Years": 1}, {"Days": 36500}, {"Years": 100}])
@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_a_default_retention_is_kept(s3, locked_bucket, mode, period):
    configure(s3, locked_bucket, Mode=mode, **period)
    answer = s3.get_object_lock_configuration(Bucket=locked_bucket)["ObjectLockConfiguration"]
    assert answer == {
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": mode, **period}}}


def test_a_default_retention_may_be_taken_away(s3, locked_bucket):
    configure(s3, locked_bucket, Mode="GOVERNANCE", Days=1)
    s3.put_object_lock_configuration(
        Bucket=locked_bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    answer = s3.get_object_lock_configuration(Bucket=locked_bucket)
    assert "Rule" not in answer["ObjectLockConfiguration"]


def test_a_versioned_bucket_may_be_locked_later(s3, versioned_bucket):
    configure(s3, versioned_bucket, Mode="GOVERNANCE", Days=1)
    answer = s3.get_object_lock_configuration(Bucket=versioned_bucket)
    assert answer["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"


@pytest.mark.parametrize("status", [None, "Suspended"])
def test_only_versioned_buckets_may_be_locked(s3, bucket, status):
    if status:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    with refused(
        "InvalidBucketState", 409,
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    ):
        configure(s3, bucket, Mode="GOVERNANCE", Days=1)


def test_a_bucket_without_lock_has_no_configuration(s3, bucket):
    with refused(
        "ObjectLockConfigurationNotFoundError", 404,
        "Object Lock configuration does not exist for this bucket",
    ) as refusal:
        s3.get_object_lock_configuration(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


def test_versioning_of_a_locked_bucket_cannot_be_suspended(s3, locked_bucket):
    with refused(
        "InvalidBucketState", 409,
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.",
    ):
        s3.put_bucket_versioning(Bucket=locked_bucket, VersioningConfiguration={"Status": "Suspended"})


@pytest.mark.parametrize(
    "configuration",
    [
        {},
        {"ObjectLockEnabled": "Disabled"},
        {"ObjectLockEnabled": "Enabled", "Rule": {}},
        {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Days": 1}}},
        {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE"}}},
        {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "governance", "Days": 1}}},
        {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "OTHER", "Days": 1}}},
        {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1, "Years": 1}},
        },
    ],
)
def test_configurations_that_are_malformed(s3, locked_bucket, configuration):
    with refused("MalformedXML", 400):
        s3.put_object_lock_configuration(Bucket=locked_bucket, ObjectLockConfiguration=configuration)


@pytest.mark.parametrize("period", [{"Days": 0}, {"Days": -1}, {"Years": 0}, {"Years": -5}])
def test_periods_are_positive(s3, locked_bucket, period):
    with refused(
        "InvalidArgument", 400, "Default retention period must be a positive integer value."
    ) as refusal:
        configure(s3, locked_bucket, Mode="GOVERNANCE", **period)
    assert refusal.elements["ArgumentName"] == list(period)[0]


@pytest.mark.parametrize("period", [{"Days": 36501}, {"Years": 101}])
def test_periods_end(s3, locked_bucket, period):
    with refused("InvalidArgument", 400):
        configure(s3, locked_bucket, Mode="GOVERNANCE", **period)


def test_the_wire_of_a_locked_bucket(raw, s3):
    name = unique()
    body = b"" if REGION == "us-east-1" else (
        f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>"
        "</CreateBucketConfiguration>").encode()
    answer = raw("PUT", f"/{name}", {"x-amz-bucket-object-lock-enabled": "true"}, body)
    assert answer.status == 200
    answer = raw("GET", f"/{name}?object-lock")
    assert answer.element("ObjectLockEnabled") == "Enabled"
    s3.delete_bucket(Bucket=name)


# Locks of new versions


def test_a_new_version_may_bring_its_retention(s3, locked_bucket):
    until = soon()
    version = put(s3, locked_bucket, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    assert retention(s3, locked_bucket, version) == {"Mode": "GOVERNANCE", "RetainUntilDate": until}
    head = s3.head_object(Bucket=locked_bucket, Key="k")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert "ObjectLockLegalHoldStatus" not in head


@pytest.mark.parametrize("status", ["ON", "OFF"])
def test_a_new_version_may_bring_its_legal_hold(s3, locked_bucket, status):
    put(s3, locked_bucket, ObjectLockLegalHoldStatus=status)
    answer = s3.get_object_legal_hold(Bucket=locked_bucket, Key="k")
    assert answer["LegalHold"] == {"Status": status}
    assert s3.get_object(Bucket=locked_bucket, Key="k")["ObjectLockLegalHoldStatus"] == status


def test_the_default_retention_is_applied(s3, locked_bucket):
    configure(s3, locked_bucket, Mode="GOVERNANCE", Days=2)
    put(s3, locked_bucket)
    head = s3.head_object(Bucket=locked_bucket, Key="k")
    assert head["ObjectLockMode"] == "GOVERNANCE"
    left = head["ObjectLockRetainUntilDate"] - head["LastModified"]
    assert abs(left.total_seconds() - 2 * 86400) < 60


def test_a_retention_of_its_own_beats_the_default(s3, locked_bucket):
    configure(s3, locked_bucket, Mode="GOVERNANCE", Days=2)
    until = soon()
    version = put(s3, locked_bucket, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    assert retention(s3, locked_bucket, version)["RetainUntilDate"] == until


def test_the_default_does_not_reach_older_versions(s3, locked_bucket):
    version = put(s3, locked_bucket)
    configure(s3, locked_bucket, Mode="GOVERNANCE", Days=2)
    with refused("NoSuchObjectLockConfiguration", 404):
        retention(s3, locked_bucket, version)


def test_a_multipart_upload_may_bring_its_lock(s3, locked_bucket):
    until = soon()
    upload = s3.create_multipart_upload(
        Bucket=locked_bucket, Key="k", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until,
        ObjectLockLegalHoldStatus="OFF")["UploadId"]
    part = s3.upload_part(Bucket=locked_bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"parts")
    s3.complete_multipart_upload(
        Bucket=locked_bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})
    head = s3.head_object(Bucket=locked_bucket, Key="k")
    assert (head["ObjectLockMode"], head["ObjectLockRetainUntilDate"]) == ("GOVERNANCE", until)
    assert head["ObjectLockLegalHoldStatus"] == "OFF"


def test_a_copy_does_not_take_the_lock_along(s3, locked_bucket):
    put(s3, locked_bucket, ObjectLockLegalHoldStatus="ON")
    s3.copy_object(
        Bucket=locked_bucket, Key="copy", CopySource={"Bucket": locked_bucket, "Key": "k"})
    head = s3.head_object(Bucket=locked_bucket, Key="copy")
    assert "ObjectLockLegalHoldStatus" not in head


def test_a_copy_may_bring_its_lock(s3, locked_bucket):
    put(s3, locked_bucket)
    s3.copy_object(
        Bucket=locked_bucket, Key="copy", CopySource={"Bucket": locked_bucket, "Key": "k"}, **governed())
    assert s3.head_object(Bucket=locked_bucket, Key="copy")["ObjectLockMode"] == "GOVERNANCE"


@pytest.mark.parametrize("more", [governed(), {"ObjectLockLegalHoldStatus": "ON"}], ids=["mode", "hold"])
def test_locks_need_a_locked_bucket(s3, versioned_bucket, more):
    with refused("InvalidRequest", 400, "Bucket is missing ObjectLockConfiguration"):
        put(s3, versioned_bucket, **more)


def test_uploads_with_a_lock_need_a_locked_bucket(s3, versioned_bucket):
    with refused("InvalidRequest", 400, "Bucket is missing ObjectLockConfiguration"):
        s3.create_multipart_upload(Bucket=versioned_bucket, Key="k", ObjectLockLegalHoldStatus="ON")


@pytest.mark.parametrize(
    "more", [{"ObjectLockMode": "GOVERNANCE"}, {"ObjectLockRetainUntilDate": soon()}], ids=["mode", "date"])
def test_mode_and_date_go_together(s3, locked_bucket, more):
    with refused(
        "InvalidArgument", 400,
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
    ):
        put(s3, locked_bucket, **more)


def test_an_unknown_mode(s3, locked_bucket):
    with refused("InvalidArgument", 400, "Unknown wormMode directive.") as refusal:
        put(s3, locked_bucket, ObjectLockMode="governance", ObjectLockRetainUntilDate=soon())
    assert refusal.elements["ArgumentName"] == "x-amz-object-lock-mode"
    assert refusal.elements["ArgumentValue"] == "governance"


def test_an_unknown_legal_hold(s3, locked_bucket):
    with refused("InvalidArgument", 400, "Legal Hold must be either of 'ON' or 'OFF'") as refusal:
        put(s3, locked_bucket, ObjectLockLegalHoldStatus="on")
    assert refusal.elements["ArgumentName"] == "x-amz-object-lock-legal-hold"
    assert refusal.elements["ArgumentValue"] == "on"


def test_a_date_of_the_past(s3, locked_bucket):
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    with refused("InvalidArgument", 400, "The retain until date must be in the future!") as refusal:
        put(s3, locked_bucket, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=past)
    assert refusal.elements["ArgumentName"] == "x-amz-object-lock-retain-until-date"


def test_locked_bytes_need_a_digest(s3_when_required, s3, locked_bucket):
    with refused(
        "InvalidRequest", 400,
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock "
        "parameters",
    ):
        put(s3_when_required, locked_bucket, ObjectLockLegalHoldStatus="OFF")
