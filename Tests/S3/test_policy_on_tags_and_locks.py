"""Policies that look at tags, locks and encryption, and the permissions that such requests need."""

import datetime

import pytest

from . import access
from .access import arn, statement
from .conftest import refused


def tags(**pairs):
    return {"TagSet": [{"Key": key, "Value": value} for key, value in pairs.items()]}


def tagged(s3, bucket, key, **pairs):
    s3.put_object(Bucket=bucket, Key=key, Body=b"x", Tagging="&".join(f"{k}={v}" for k, v in pairs.items()))


# Tags that an object has

@pytest.mark.parametrize("pairs, allowed", [
    ({"public": "yes"}, True), ({"public": "no"}, False), ({}, False), ({"Public": "yes"}, False),
    ({"other": "yes", "public": "yes"}, True)])
def test_a_tag_of_the_object_permits_to_read_it(s3, anonymous, open_bucket, pairs, allowed):
    tagged(s3, open_bucket, "k", **pairs)
    access.allow_all(
        s3, open_bucket, "s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/public": "yes"}})
    if allowed:
        assert anonymous.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"
    else:
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=open_bucket, Key="k")


def test_tagging_an_object_opens_and_closes_it(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(
        s3, open_bucket, "s3:GetObject", Condition={"StringEquals": {"s3:ExistingObjectTag/public": "yes"}})
    for value, allowed in [("yes", True), ("no", False), ("yes", True)]:
        s3.put_object_tagging(Bucket=open_bucket, Key="k", Tagging=tags(public=value))
        if allowed:
            anonymous.get_object(Bucket=open_bucket, Key="k")
        else:
            with refused("AccessDenied", 403):
                anonymous.get_object(Bucket=open_bucket, Key="k")


def test_a_tag_of_a_version_counts_for_that_version(s3, anonymous, versioned_bucket):
    s3.delete_public_access_block(Bucket=versioned_bucket)
    versions = [
        s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x", Tagging=f"public={value}")["VersionId"]
        for value in ["yes", "no"]]
    access.allow_all(
        s3, versioned_bucket, "s3:GetObjectVersion",
        Condition={"StringEquals": {"s3:ExistingObjectTag/public": "yes"}})
    anonymous.get_object(Bucket=versioned_bucket, Key="k", VersionId=versions[0])
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=versioned_bucket, Key="k", VersionId=versions[1])


def test_a_tag_may_protect_from_deletion(s3, bucket):
    tagged(s3, bucket, "held", keep="yes")
    tagged(s3, bucket, "free", keep="no")
    held = statement("Deny", "s3:DeleteObject", arn(bucket, "*"),
                     Condition={"StringEquals": {"s3:ExistingObjectTag/keep": "yes"}})
    with access.policy(s3, bucket, held):
        with refused("AccessDenied", 403):
            s3.delete_object(Bucket=bucket, Key="held")
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "held"}, {"Key": "free"}]})
    assert [entry["Key"] for entry in answer["Deleted"]] == ["free"]
    assert [entry["Key"] for entry in answer["Errors"]] == ["held"]


# Tags that a request brings

@pytest.mark.parametrize("tagging, allowed", [
    ("team=blue", True), ("team=red", False), (None, False), ("team=blue&x=y", True), ("Team=blue", False)])
def test_a_policy_may_demand_a_tag(s3, anonymous, open_bucket, tagging, allowed):
    access.put_policy(
        s3, open_bucket, statement("Allow", "s3:PutObjectTagging", arn(open_bucket, "*")),
        statement("Allow", "s3:PutObject", arn(open_bucket, "*"),
                  Condition={"StringEquals": {"s3:RequestObjectTag/team": "blue"}}))
    more = {"Tagging": tagging} if tagging else {}
    if allowed:
        anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"x", **more)
    else:
        with refused("AccessDenied", 403):
            anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"x", **more)


@pytest.mark.parametrize("tagging, allowed", [("a=1", True), ("a=1&b=2", True), ("a=1&c=3", False), ("c=3", False)])
def test_a_policy_may_bound_the_keys_of_tags(s3, anonymous, open_bucket, tagging, allowed):
    access.put_policy(
        s3, open_bucket, statement("Allow", "s3:PutObjectTagging", arn(open_bucket, "*")),
        statement("Allow", "s3:PutObject", arn(open_bucket, "*"),
                  Condition={"ForAllValues:StringLike": {"s3:RequestObjectTagKeys": ["a", "b"]}}))
    if allowed:
        anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"x", Tagging=tagging)
    else:
        with refused("AccessDenied", 403):
            anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"x", Tagging=tagging)


def test_tags_in_a_document_are_seen_too(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    denied = statement("Deny", "s3:PutObjectTagging", arn(bucket, "*"),
                       Condition={"StringEquals": {"s3:RequestObjectTag/team": "red"}})
    with access.policy(s3, bucket, denied):
        s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags(team="blue"))
        with refused("AccessDenied", 403):
            s3.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags(team="red"))
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == tags(team="blue")["TagSet"]


@pytest.mark.parametrize("action, operation, parameters", [
    ("s3:GetObjectTagging", "get_object_tagging", {}), ("s3:DeleteObjectTagging", "delete_object_tagging", {}),
    ("s3:PutObjectTagging", "put_object_tagging", {"Tagging": {"TagSet": []}}),
    ("s3:PutObjectTagging", "put_object", {"Body": b"y", "Tagging": "a=b"}),
    ("s3:PutObjectTagging", "create_multipart_upload", {"Tagging": "a=b"}),
    ("s3:GetObjectAttributes", "get_object_attributes", {"ObjectAttributes": ["ETag"]}),
    ("s3:GetObject", "get_object_attributes", {"ObjectAttributes": ["ETag"]})])
def test_an_operation_on_an_object_has_its_action(s3, bucket, action, operation, parameters):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with access.policy(s3, bucket, statement("Deny", action, arn(bucket, "*"))):
        with refused("AccessDenied", 403, f"perform: {action} on"):
            getattr(s3, operation)(Bucket=bucket, Key="k", **parameters)


@pytest.mark.parametrize("action, operation, parameters", [
    ("s3:GetObjectVersionTagging", "get_object_tagging", {}),
    ("s3:DeleteObjectVersionTagging", "delete_object_tagging", {}),
    ("s3:PutObjectVersionTagging", "put_object_tagging", {"Tagging": {"TagSet": []}}),
    ("s3:GetObjectVersionAttributes", "get_object_attributes", {"ObjectAttributes": ["ETag"]}),
    ("s3:GetObjectVersion", "head_object", {}), ("s3:DeleteObjectVersion", "delete_object", {}),
    ("s3:GetObjectVersionAcl", "get_object_acl", {})])
def test_an_operation_on_a_version_has_an_action_of_its_own(s3, versioned_bucket, action, operation, parameters):
    version = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")["VersionId"]
    call = getattr(s3, operation)
    with access.policy(s3, versioned_bucket, statement("Deny", action, arn(versioned_bucket, "*"))):
        code = "403" if operation == "head_object" else "AccessDenied"
        with refused(code, 403):
            call(Bucket=versioned_bucket, Key="k", VersionId=version, **parameters)
        call(Bucket=versioned_bucket, Key="k", **parameters)


def test_a_denied_listing_of_versions(s3, versioned_bucket):
    with access.policy(s3, versioned_bucket, statement("Deny", "s3:ListBucketVersions", arn(versioned_bucket))):
        with refused("AccessDenied", 403, "s3:ListBucketVersions"):
            s3.list_object_versions(Bucket=versioned_bucket)
        s3.list_objects_v2(Bucket=versioned_bucket)


# Locks

@pytest.fixture
def locked_bucket(make_bucket):
    return make_bucket(ObjectLockEnabledForBucket=True)


def later(**delta):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)


@pytest.mark.parametrize("action, operation, parameters", [
    ("s3:GetObjectRetention", "get_object_retention", {}), ("s3:GetObjectLegalHold", "get_object_legal_hold", {}),
    ("s3:PutObjectLegalHold", "put_object_legal_hold", {"LegalHold": {"Status": "OFF"}}),
    ("s3:PutObjectLegalHold", "put_object", {"Body": b"y", "ObjectLockLegalHoldStatus": "OFF"})])
def test_locks_have_their_actions(s3, locked_bucket, action, operation, parameters):
    s3.put_object(Bucket=locked_bucket, Key="k", Body=b"x")
    with access.policy(s3, locked_bucket, statement("Deny", action, arn(locked_bucket, "*"))):
        with refused("AccessDenied", 403, f"perform: {action} on"):
            getattr(s3, operation)(Bucket=locked_bucket, Key="k", **parameters)


def test_a_policy_may_forbid_to_bypass_governance(s3, locked_bucket):
    version = s3.put_object(
        Bucket=locked_bucket, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=later(hours=1))["VersionId"]
    bypass = {"Bucket": locked_bucket, "Key": "k", "VersionId": version, "BypassGovernanceRetention": True}
    with access.policy(s3, locked_bucket, statement("Deny", "s3:BypassGovernanceRetention", arn(locked_bucket, "*"))):
        with refused("AccessDenied", 403):
            s3.delete_object(**bypass)
    s3.delete_object(**bypass)


def test_deleting_many_may_not_bypass_governance_either(s3, anonymous, locked_bucket):
    s3.delete_public_access_block(Bucket=locked_bucket)
    version = s3.put_object(
        Bucket=locked_bucket, Key="k", Body=b"x", ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate=later(hours=1))["VersionId"]
    entry = {"Key": "k", "VersionId": version}
    access.allow_all(s3, locked_bucket, "s3:DeleteObjectVersion")
    for bypass in [False, True]:
        answer = anonymous.delete_objects(
            Bucket=locked_bucket, Delete={"Objects": [entry]}, BypassGovernanceRetention=bypass)
        assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [("k", "AccessDenied")]
    s3.delete_object(Bucket=locked_bucket, BypassGovernanceRetention=True, **entry)


@pytest.mark.parametrize("days, allowed", [(1, True), (30, False)])
def test_a_policy_may_bound_retention(s3, locked_bucket, days, allowed):
    denied = statement("Deny", "s3:PutObjectRetention", arn(locked_bucket, "*"),
                       Condition={"NumericGreaterThan": {"s3:object-lock-remaining-retention-days": "10"}})
    parameters = {"Bucket": locked_bucket, "Key": "k", "Body": b"x", "ObjectLockMode": "GOVERNANCE",
                  "ObjectLockRetainUntilDate": later(days=days)}
    with access.policy(s3, locked_bucket, denied):
        if allowed:
            s3.put_object(**parameters)
        else:
            with refused("AccessDenied", 403):
                s3.put_object(**parameters)


# Encryption

@pytest.mark.parametrize("header, allowed", [("aws:kms", True), ("AES256", False), (None, False)])
def test_a_policy_may_demand_a_kind_of_encryption(s3, bucket, header, allowed):
    denied = statement("Deny", "s3:PutObject", arn(bucket, "*"),
                       Condition={"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}})
    more = {"ServerSideEncryption": header} if header else {}
    with access.policy(s3, bucket, denied):
        if allowed:
            s3.put_object(Bucket=bucket, Key="k", Body=b"x", **more)
        else:
            with refused("AccessDenied", 403, "with an explicit deny in a resource-based policy"):
                s3.put_object(Bucket=bucket, Key="k", Body=b"x", **more)
