"""The public access block of a bucket, and what each of its settings stops."""

import base64
import hashlib
import itertools

import pytest

from . import access
from .access import arn, statement
from .conftest import error_of, refused, unique

SETTINGS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]


def block(s3, bucket, *names):
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={name: name in names for name in SETTINGS})


def test_a_new_bucket_blocks_everything(s3, bucket):
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == dict.fromkeys(SETTINGS, True)


@pytest.mark.parametrize("names", [
    names for count in range(5) for names in itertools.combinations(SETTINGS, count)], ids="+".join)
def test_each_setting_comes_back(s3, bucket, names):
    block(s3, bucket, *names)
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == {name: name in names for name in SETTINGS}


def test_a_setting_that_is_not_named_is_off(s3, bucket):
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert found == {name: name == "BlockPublicAcls" for name in SETTINGS}


def test_deleting_the_block_is_final_and_may_be_repeated(s3, bucket):
    for _ in range(2):
        assert s3.delete_public_access_block(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchPublicAccessBlockConfiguration", 404,
                 "The public access block configuration was not found") as refusal:
        s3.get_public_access_block(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


def test_putting_the_block_answers_without_a_body(raw, bucket):
    body = b"<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    answer = raw("PUT", f"/{bucket}?publicAccessBlock", headers={"Content-MD5": digest}, body=body)
    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize("operation, parameters", [
    ("get_public_access_block", {}), ("delete_public_access_block", {}),
    ("put_public_access_block", {"PublicAccessBlockConfiguration": {"BlockPublicAcls": True}})])
def test_an_absent_bucket_is_missed(s3, operation, parameters):
    with refused("NoSuchBucket", 404):
        getattr(s3, operation)(Bucket=unique(), **parameters)


def test_an_empty_configuration_is_refused(s3, bucket):
    refusal = error_of(lambda: s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={}))
    assert refusal.status == 400


# BlockPublicPolicy

def test_a_public_policy_is_refused(s3, bucket):
    block(s3, bucket, "BlockPublicPolicy")
    with refused("AccessDenied", 403, "is not authorized to perform: s3:PutBucketPolicy",
                 "because public policies are blocked by the BlockPublicPolicy block public access setting"):
        access.allow_all(s3, bucket, "s3:GetObject")
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)


@pytest.mark.parametrize("effect, principal, condition", [
    ("Deny", "*", {}), ("Allow", "account", {}),
    ("Allow", "*", {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}})])
def test_a_policy_that_is_not_public_is_taken(s3, endpoint, bucket, effect, principal, condition):
    principal = {"AWS": access.account(endpoint)} if principal == "account" else principal
    with access.policy(s3, bucket, statement(effect, "s3:GetObject", arn(bucket, "*"), principal, **condition)):
        s3.get_bucket_policy(Bucket=bucket)


@pytest.mark.parametrize("setting", [name for name in SETTINGS if name != "BlockPublicPolicy"])
def test_other_settings_take_a_public_policy(s3, bucket, setting):
    block(s3, bucket, setting)
    access.allow_all(s3, bucket, "s3:GetObject")
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is True


def test_a_policy_that_is_there_stays(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:GetObject")
    block(s3, open_bucket, "BlockPublicPolicy")
    assert anonymous.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"


# RestrictPublicBuckets

def test_a_public_policy_lets_in_nobody_while_restricted(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:GetObject")
    block(s3, open_bucket, "RestrictPublicBuckets")
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=open_bucket, Key="k")
    assert s3.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"
    block(s3, open_bucket)
    assert anonymous.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"


def test_a_policy_for_known_places_is_not_restricted(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    halves = [f"{first}.0.0.0/8" for first in range(256)]
    access.allow_all(
        s3, open_bucket, "s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": halves}})
    block(s3, open_bucket, "RestrictPublicBuckets", "BlockPublicPolicy")
    assert s3.get_bucket_policy_status(Bucket=open_bucket)["PolicyStatus"]["IsPublic"] is False
    assert anonymous.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"


# BlockPublicAcls

@pytest.mark.parametrize("canned", ["public-read", "public-read-write", "authenticated-read"])
def test_a_public_list_of_a_bucket_is_refused(s3, acl_bucket, canned):
    block(s3, acl_bucket, "BlockPublicAcls")
    with refused("AccessDenied", 403, "s3:PutBucketAcl", "blocked by the BlockPublicAcls block public access setting"):
        s3.put_bucket_acl(Bucket=acl_bucket, ACL=canned)


@pytest.mark.parametrize("canned", ["public-read", "public-read-write", "authenticated-read"])
def test_a_public_list_of_an_object_is_refused(s3, acl_bucket, canned):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x")
    block(s3, acl_bucket, "BlockPublicAcls")
    with refused("AccessDenied", 403):
        s3.put_object_acl(Bucket=acl_bucket, Key="k", ACL=canned)


@pytest.mark.parametrize("operation, parameters", [
    ("put_object", {"Body": b"x"}), ("create_multipart_upload", {}), ("copy_object", {"CopySource": "{}/source"})])
def test_an_object_with_a_public_list_is_refused(s3, acl_bucket, operation, parameters):
    s3.put_object(Bucket=acl_bucket, Key="source", Body=b"x")
    block(s3, acl_bucket, "BlockPublicAcls")
    parameters = {name: value.replace("{}", acl_bucket) if isinstance(value, str) else value
                  for name, value in parameters.items()}
    with refused("AccessDenied", 403):
        getattr(s3, operation)(Bucket=acl_bucket, Key="k", ACL="public-read", **parameters)


@pytest.mark.parametrize("canned", ["private", "bucket-owner-full-control", "log-delivery-write"])
def test_other_lists_are_taken(s3, acl_bucket, canned):
    block(s3, acl_bucket, "BlockPublicAcls")
    s3.put_bucket_acl(Bucket=acl_bucket, ACL=canned)


def test_a_granted_group_counts_like_a_canned_list(s3, acl_bucket):
    block(s3, acl_bucket, "BlockPublicAcls")
    with refused("AccessDenied", 403):
        s3.put_bucket_acl(Bucket=acl_bucket, GrantRead=f'uri="{access.ALL_USERS}"')


# IgnorePublicAcls

def test_a_public_list_counts_for_nothing_while_ignored(s3, anonymous, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="public-read")
    assert anonymous.get_object(Bucket=acl_bucket, Key="k")["Body"].read() == b"x"
    block(s3, acl_bucket, "IgnorePublicAcls")
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=acl_bucket, Key="k")
    groups = [grant["Grantee"].get("URI") for grant in s3.get_object_acl(Bucket=acl_bucket, Key="k")["Grants"]]
    assert access.ALL_USERS in groups
    block(s3, acl_bucket)
    assert anonymous.get_object(Bucket=acl_bucket, Key="k")["Body"].read() == b"x"


def test_a_public_list_of_the_bucket_may_be_ignored_too(s3, anonymous, acl_bucket):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read")
    anonymous.list_objects_v2(Bucket=acl_bucket)
    block(s3, acl_bucket, "IgnorePublicAcls")
    with refused("AccessDenied", 403):
        anonymous.list_objects_v2(Bucket=acl_bucket)
