"""Ownership controls: whether access control lists count."""

import base64
import hashlib

import pytest

from .conftest import error_of, refused, unique

OWNERSHIPS = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]


def controls(*ownerships):
    return {"Rules": [{"ObjectOwnership": ownership} for ownership in ownerships]}


def ownership_of(s3, bucket):
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    return [rule["ObjectOwnership"] for rule in rules]


def test_a_new_bucket_has_no_lists(s3, bucket):
    assert ownership_of(s3, bucket) == ["BucketOwnerEnforced"]


@pytest.mark.parametrize("ownership", OWNERSHIPS)
def test_ownership_is_chosen_at_creation(s3, make_bucket, ownership):
    assert ownership_of(s3, make_bucket(ObjectOwnership=ownership)) == [ownership]


@pytest.mark.parametrize("ownership", OWNERSHIPS)
def test_ownership_may_be_changed(s3, bucket, ownership):
    answer = s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls(ownership))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert ownership_of(s3, bucket) == [ownership]


def test_deleting_the_controls_is_final_and_may_be_repeated(s3, bucket):
    for _ in range(2):
        assert s3.delete_bucket_ownership_controls(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("OwnershipControlsNotFoundError", 404, "The bucket ownership controls were not found") as refusal:
        s3.get_bucket_ownership_controls(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


@pytest.mark.parametrize("ownership", ["Mine", "bucketownerenforced", ""])
def test_a_bucket_is_not_created_with_an_unknown_ownership(s3, ownership):
    name = unique()
    refusal = error_of(lambda: s3.create_bucket(Bucket=name, ObjectOwnership=ownership))
    assert (refusal.code, refusal.status) == ("InvalidArgument", 400)
    assert refusal.message == f"Invalid x-amz-object-ownership header: {ownership}"
    assert refusal.elements["ArgumentName"] == "x-amz-object-ownership"


@pytest.mark.parametrize("ownerships", [["Mine"], [], ["ObjectWriter", "BucketOwnerPreferred"], [""]])
def test_the_controls_are_one_known_rule(s3, bucket, ownerships):
    with refused("MalformedXML", 400):
        s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls(*ownerships))
    assert ownership_of(s3, bucket) == ["BucketOwnerEnforced"]


@pytest.mark.parametrize("body", [
    b"<OwnershipControls><Rule/></OwnershipControls>", b"<Other/>", b"<OwnershipControls>", b"text"])
def test_a_malformed_document_is_refused(raw, bucket, body):
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    raw("PUT", f"/{bucket}?ownershipControls", headers={"Content-MD5": digest}, body=body).is_error(
        "MalformedXML", 400)


@pytest.mark.parametrize("operation, parameters", [
    ("get_bucket_ownership_controls", {}), ("delete_bucket_ownership_controls", {}),
    ("put_bucket_ownership_controls", {"OwnershipControls": controls("ObjectWriter")})])
def test_an_absent_bucket_is_missed(s3, operation, parameters):
    with refused("NoSuchBucket", 404):
        getattr(s3, operation)(Bucket=unique(), **parameters)


# Lists that do not count

@pytest.mark.parametrize("canned", ["public-read", "public-read-write", "authenticated-read", "private", "bucket-owner-read"])
def test_an_enforced_owner_takes_no_lists_of_objects(s3, bucket, canned):
    with refused("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL=canned)
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("operation, parameters", [
    ("create_multipart_upload", {}), ("copy_object", {"CopySource": "{}/source"}), ("put_object_acl", {})])
def test_no_operation_brings_a_list(s3, bucket, operation, parameters):
    for key in ["source", "k"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    parameters = {name: value.replace("{}", bucket) for name, value in parameters.items()}
    with refused("AccessControlListNotSupported", 400):
        getattr(s3, operation)(Bucket=bucket, Key="k", ACL="public-read", **parameters)


@pytest.mark.parametrize("canned", ["public-read", "private", "log-delivery-write"])
def test_an_enforced_owner_takes_no_list_of_the_bucket(s3, bucket, canned):
    with refused("AccessControlListNotSupported", 400):
        s3.put_bucket_acl(Bucket=bucket, ACL=canned)


def test_full_control_for_the_owner_may_be_said(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="bucket-owner-full-control")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_granting_headers_are_refused_alike(s3, bucket):
    with refused("AccessControlListNotSupported", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x",
                      GrantRead='uri="http://acs.amazonaws.com/groups/global/AllUsers"')


def test_reading_a_list_shows_the_owner(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for answer in [s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")]:
        [grant] = answer["Grants"]
        assert grant["Permission"] == "FULL_CONTROL"
        assert grant["Grantee"]["ID"] == answer["Owner"]["ID"]


def test_lists_count_again_when_the_owner_is_not_enforced(s3, anonymous, acl_bucket):
    s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL="public-read")
    s3.put_bucket_ownership_controls(Bucket=acl_bucket, OwnershipControls=controls("BucketOwnerEnforced"))
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=acl_bucket, Key="k")
    assert len(s3.get_object_acl(Bucket=acl_bucket, Key="k")["Grants"]) == 1
    s3.put_bucket_ownership_controls(Bucket=acl_bucket, OwnershipControls=controls("BucketOwnerPreferred"))
    assert anonymous.get_object(Bucket=acl_bucket, Key="k")["Body"].read() == b"x"


def test_a_bucket_that_grants_something_cannot_be_enforced(s3, acl_bucket):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read")
    with refused("InvalidBucketAclWithObjectOwnership", 400,
                 "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"):
        s3.put_bucket_ownership_controls(Bucket=acl_bucket, OwnershipControls=controls("BucketOwnerEnforced"))
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="private")
    s3.put_bucket_ownership_controls(Bucket=acl_bucket, OwnershipControls=controls("BucketOwnerEnforced"))


# CreateBucket with a list

@pytest.mark.parametrize("canned", ["public-read", "public-read-write", "authenticated-read", "log-delivery-write"])
def test_a_new_bucket_whose_owner_is_enforced_takes_no_list(s3, canned):
    with refused("InvalidBucketAclWithObjectOwnership", 400,
                 "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"):
        s3.create_bucket(Bucket=unique(), ACL=canned)


@pytest.mark.parametrize("canned", ["public-read", "public-read-write", "authenticated-read"])
def test_a_new_bucket_is_never_public(s3, canned):
    with refused("InvalidBucketAclWithBlockPublicAccessError", 400,
                 "Bucket cannot have public ACLs set with BlockPublicAccess enabled"):
        s3.create_bucket(Bucket=unique(), ACL=canned, ObjectOwnership="ObjectWriter")


@pytest.mark.parametrize("ownership", OWNERSHIPS)
def test_a_private_list_may_always_be_said(s3, make_bucket, ownership):
    name = make_bucket(ACL="private", ObjectOwnership=ownership)
    assert len(s3.get_bucket_acl(Bucket=name)["Grants"]) == 1


def test_a_new_bucket_may_grant_to_log_delivery(s3, make_bucket):
    name = make_bucket(ACL="log-delivery-write", ObjectOwnership="BucketOwnerPreferred")
    grants = s3.get_bucket_acl(Bucket=name)["Grants"]
    assert sorted(grant["Permission"] for grant in grants) == ["FULL_CONTROL", "READ_ACP", "WRITE"]
