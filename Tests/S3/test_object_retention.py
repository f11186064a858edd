"""Retention and legal hold of versions, and what they forbid."""

import datetime

import pytest
from botocore.exceptions import ClientError
from running import until

from .conftest import error_of, refused
from .locks import MISSING, PROTECTED, governed, put, retain, retention, soon


@pytest.fixture
def locked_bucket(make_bucket):
    """A new bucket with Object Lock and no default retention."""
    return make_bucket(ObjectLockEnabledForBucket=True)


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
    version = put(s3, locked_bucket, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=soon(5))

    def is_deleted():
        try:
            s3.delete_object(Bucket=locked_bucket, Key="k", VersionId=version)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
            return False
        return True

    until(is_deleted, "the end of the retention")


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
