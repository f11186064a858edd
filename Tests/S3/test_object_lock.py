"""Object Lock: configuration, retention, legal hold, what they forbid."""

import datetime
import time

import pytest

from conftest import REGION, error_of, refused, unique

MISSING = "Bucket is missing Object Lock Configuration"
PROTECTED = "Access Denied because object protected by object lock."


def soon(seconds=3600):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return now.replace(microsecond=0)


@pytest.fixture
def locked_bucket(make_bucket):
    """A new bucket with Object Lock and no default retention."""
    return make_bucket(ObjectLockEnabledForBucket=True)


def put(s3, bucket, **more):
    """Puts the object `k`; its version."""
    return s3.put_object(Bucket=bucket, Key="k", Body=b"x", **more)["VersionId"]


def governed(seconds=3600):
    return {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": soon(seconds)}


def retain(s3, bucket, version, mode="GOVERNANCE", until=None, **more):
    return s3.put_object_retention(
        Bucket=bucket, Key="k", VersionId=version,
        Retention={"Mode": mode, "RetainUntilDate": until or soon()}, **more)


def retention(s3, bucket, version):
    return s3.get_object_retention(Bucket=bucket, Key="k", VersionId=version)["Retention"]


def configure(s3, bucket, **default):
    s3.put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": default}})


# Configuration


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


# Retention


def test_a_version_without_retention(s3, locked_bucket):
    version = put(s3, locked_bucket)
    with refused(
        "NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration"
    ):
        retention(s3, locked_bucket, version)


def test_a_retention_is_kept(s3, locked_bucket):
    version, until = put(s3, locked_bucket), soon()
    retain(s3, locked_bucket, version, until=until)
    assert retention(s3, locked_bucket, version) == {"Mode": "GOVERNANCE", "RetainUntilDate": until}


def test_a_retention_is_that_of_one_version(s3, locked_bucket):
    old, new = put(s3, locked_bucket), put(s3, locked_bucket)
    retain(s3, locked_bucket, old)
    with refused("NoSuchObjectLockConfiguration", 404):
        retention(s3, locked_bucket, new)


def test_a_retention_may_become_longer(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed())
    later = soon(7200)
    retain(s3, locked_bucket, version, until=later)
    assert retention(s3, locked_bucket, version)["RetainUntilDate"] == later


def test_a_retention_cannot_become_shorter(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed(7200))
    with refused("AccessDenied", 403, PROTECTED):
        retain(s3, locked_bucket, version, until=soon(3600))


def test_governance_may_be_bypassed(s3, locked_bucket):
    version, until = put(s3, locked_bucket, **governed(7200)), soon(3600)
    retain(s3, locked_bucket, version, until=until, BypassGovernanceRetention=True)
    assert retention(s3, locked_bucket, version)["RetainUntilDate"] == until


def test_governance_may_be_lifted_by_a_bypass(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed())
    s3.put_object_retention(
        Bucket=locked_bucket, Key="k", VersionId=version, Retention={}, BypassGovernanceRetention=True)
    s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version)


def test_governance_cannot_be_lifted_otherwise(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed())
    with refused("AccessDenied", 403, PROTECTED):
        s3.put_object_retention(Bucket=locked_bucket, Key="k", VersionId=version, Retention={})


def test_governance_becomes_compliance_only_by_a_bypass(s3, locked_bucket):
    # Two seconds, so that the bucket can be emptied.
    until = soon(2)
    version = put(s3, locked_bucket, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    with refused("AccessDenied", 403):
        retain(s3, locked_bucket, version, "COMPLIANCE", until)


def test_compliance_stands(s3, locked_bucket):
    until = soon(5)
    version = put(s3, locked_bucket, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    for attempt in (
        lambda: retain(s3, locked_bucket, version, "GOVERNANCE", until, BypassGovernanceRetention=True),
        lambda: retain(s3, locked_bucket, version, "COMPLIANCE", soon(3), BypassGovernanceRetention=True),
        lambda: s3.delete_object(
            Bucket=locked_bucket, Key="k", VersionId=version, BypassGovernanceRetention=True),
    ):
        refusal = error_of(attempt)
        assert (refusal.code, refusal.status) == ("AccessDenied", 403)


@pytest.mark.parametrize(
    "document",
    [
        {"Mode": "GOVERNANCE"},
        {"RetainUntilDate": soon()},
        {"Mode": "governance", "RetainUntilDate": soon()},
        {"Mode": "OTHER", "RetainUntilDate": soon()},
    ],
)
def test_retentions_that_are_malformed(s3, locked_bucket, document):
    version = put(s3, locked_bucket)
    with refused("MalformedXML", 400):
        s3.put_object_retention(Bucket=locked_bucket, Key="k", VersionId=version, Retention=document)


def test_a_retention_until_the_past(s3, locked_bucket):
    version = put(s3, locked_bucket)
    with refused("InvalidArgument", 400, "The retain until date must be in the future!") as refusal:
        retain(s3, locked_bucket, version, until=datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc))
    assert refusal.elements["ArgumentName"] == "RetainUntilDate"
    assert refusal.elements["ArgumentValue"] == "Tue Dec 31 16:00:00 PST 2019"


@pytest.mark.parametrize("call", ["retention", "legal_hold"])
@pytest.mark.parametrize("verb", ["get", "put"])
def test_locks_of_versions_need_a_locked_bucket(s3, versioned_bucket, verb, call):
    put(s3, versioned_bucket)
    more = {
        "put_retention": {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": soon()}},
        "put_legal_hold": {"LegalHold": {"Status": "ON"}},
    }.get(f"{verb}_{call}", {})
    with refused("InvalidRequest", 400, MISSING):
        getattr(s3, f"{verb}_object_{call}")(Bucket=versioned_bucket, Key="k", **more)


@pytest.mark.parametrize("call", ["retention", "legal_hold"])
@pytest.mark.parametrize("verb", ["get", "put"])
def test_locks_need_an_object(s3, locked_bucket, verb, call):
    more = {
        "put_retention": {"Retention": {"Mode": "GOVERNANCE", "RetainUntilDate": soon()}},
        "put_legal_hold": {"LegalHold": {"Status": "ON"}},
    }.get(f"{verb}_{call}", {})
    with refused("NoSuchKey", 404):
        getattr(s3, f"{verb}_object_{call}")(Bucket=locked_bucket, Key="absent", **more)


# Legal hold


@pytest.mark.parametrize("status", ["ON", "OFF"])
def test_a_legal_hold_is_kept(s3, locked_bucket, status):
    put(s3, locked_bucket)
    s3.put_object_legal_hold(Bucket=locked_bucket, Key="k", LegalHold={"Status": status})
    answer = s3.get_object_legal_hold(Bucket=locked_bucket, Key="k")
    assert answer["LegalHold"] == {"Status": status}


def test_a_version_without_legal_hold(s3, locked_bucket):
    put(s3, locked_bucket)
    with refused(
        "NoSuchObjectLockConfiguration", 404, "The specified object does not have a ObjectLock configuration"
    ):
        s3.get_object_legal_hold(Bucket=locked_bucket, Key="k")


@pytest.mark.parametrize("hold", [{}, {"Status": "abc"}, {"Status": "on"}])
def test_legal_holds_that_are_malformed(s3, locked_bucket, hold):
    put(s3, locked_bucket)
    with refused("MalformedXML", 400):
        s3.put_object_legal_hold(Bucket=locked_bucket, Key="k", LegalHold=hold)


def test_a_held_version_cannot_be_deleted(s3, locked_bucket):
    version = put(s3, locked_bucket, ObjectLockLegalHoldStatus="ON")
    with refused("AccessDenied", 403, PROTECTED):
        s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version)
    with refused("AccessDenied", 403):
        s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)


def test_a_version_whose_hold_was_lifted(s3, locked_bucket):
    version = put(s3, locked_bucket, ObjectLockLegalHoldStatus="ON")
    s3.put_object_legal_hold(
        Bucket=locked_bucket, Key="k", VersionId=version, LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version)


# What locks forbid


def test_a_retained_version_cannot_be_deleted(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed())
    with refused("AccessDenied", 403, PROTECTED):
        s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version)
    assert s3.get_object(Bucket=locked_bucket, Key="k")["Body"].read() == b"x"


def test_a_governed_version_is_deleted_by_a_bypass(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed())
    answer = s3.delete_object(
        Bucket=locked_bucket, Key="k", VersionId=version, BypassGovernanceRetention=True)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_retention_that_has_passed_protects_no_more(s3, locked_bucket):
    version = put(s3, locked_bucket, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=soon(2))
    time.sleep(3)
    s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version)


def test_a_locked_object_may_be_hidden_by_a_marker(s3, locked_bucket):
    version = put(s3, locked_bucket, **governed())
    marker = s3.delete_object(Bucket=locked_bucket, Key="k")
    assert marker["DeleteMarker"] is True
    assert s3.get_object(Bucket=locked_bucket, Key="k", VersionId=version)["Body"].read() == b"x"


def test_a_marker_is_never_locked(s3, locked_bucket):
    put(s3, locked_bucket, **governed())
    marker = s3.delete_object(Bucket=locked_bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=marker)
    assert s3.get_object(Bucket=locked_bucket, Key="k")["Body"].read() == b"x"


def test_a_locked_object_may_get_newer_versions(s3, locked_bucket):
    old = put(s3, locked_bucket, **governed())
    new = put(s3, locked_bucket)
    assert s3.head_object(Bucket=locked_bucket, Key="k")["VersionId"] == new
    assert s3.head_object(Bucket=locked_bucket, Key="k", VersionId=old)["ObjectLockMode"] == "GOVERNANCE"


@pytest.mark.parametrize("bypass", [False, True])
def test_a_list_of_deletions_stops_at_locks(s3, locked_bucket, bypass):
    held = put(s3, locked_bucket, **governed())
    free = put(s3, locked_bucket)
    more = {"BypassGovernanceRetention": True} if bypass else {}
    answer = s3.delete_objects(
        Bucket=locked_bucket,
        Delete={"Objects": [{"Key": "k", "VersionId": held}, {"Key": "k", "VersionId": free}]}, **more)
    deleted = {entry["VersionId"] for entry in answer["Deleted"]}
    if bypass:
        assert deleted == {held, free} and "Errors" not in answer
        return
    assert deleted == {free}
    (error,) = answer["Errors"]
    assert (error["Key"], error["VersionId"], error["Code"]) == ("k", held, "AccessDenied")
    assert error["Message"] == PROTECTED


@pytest.mark.parametrize("call", ["get_object_retention", "get_object_legal_hold"])
def test_markers_have_no_locks(s3, locked_bucket, call):
    put(s3, locked_bucket)
    marker = s3.delete_object(Bucket=locked_bucket, Key="k")["VersionId"]
    with refused("MethodNotAllowed", 405):
        getattr(s3, call)(Bucket=locked_bucket, Key="k", VersionId=marker)


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
