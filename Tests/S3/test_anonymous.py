"""What somebody without credentials may do."""

import json

import pytest
from botocore.exceptions import ClientError

from . import access
from .access import arn, statement
from .conftest import error_of, refused, unique

READS = {
    "get_object": {"Key": "k"}, "head_object": {"Key": "k"}, "get_object_acl": {"Key": "k"},
    "get_object_tagging": {"Key": "k"}, "get_object_attributes": {"Key": "k", "ObjectAttributes": ["ETag"]},
    "head_bucket": {}, "list_objects": {}, "list_objects_v2": {}, "list_object_versions": {},
    "list_multipart_uploads": {}, "get_bucket_location": {}, "get_bucket_acl": {}, "get_bucket_policy": {},
    "get_bucket_versioning": {}, "get_bucket_cors": {}, "get_public_access_block": {},
    "get_bucket_ownership_controls": {}, "get_bucket_policy_status": {}, "get_bucket_tagging": {},
}
WRITES = {
    "put_object": {"Key": "k", "Body": b"x"}, "delete_object": {"Key": "k"},
    "create_multipart_upload": {"Key": "k"}, "delete_bucket": {}, "delete_bucket_policy": {},
    "put_bucket_versioning": {"VersioningConfiguration": {"Status": "Enabled"}},
    "delete_public_access_block": {}, "delete_bucket_cors": {}, "delete_bucket_tagging": {},
    "put_object_acl": {"Key": "k", "ACL": "private"}, "put_bucket_acl": {"ACL": "private"},
}


def status_of(call, **parameters):
    try:
        return call(**parameters)["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("operation", sorted(READS))
def test_a_new_bucket_shows_nothing_to_the_world(s3, anonymous, bucket, operation):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert status_of(getattr(anonymous, operation), Bucket=bucket, **READS[operation]) == 403


@pytest.mark.parametrize("operation", sorted(WRITES))
def test_a_new_bucket_takes_nothing_from_the_world(s3, anonymous, bucket, operation):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert status_of(getattr(anonymous, operation), Bucket=bucket, **WRITES[operation]) == 403
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_the_refusal_says_access_denied(anonymous, bucket):
    with refused("AccessDenied", 403, "Access Denied"):
        anonymous.get_object(Bucket=bucket, Key="k")


def test_an_absent_key_of_a_closed_bucket_is_refused_not_missed(anonymous, bucket):
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=bucket, Key="absent")


def test_an_absent_bucket_is_told_to_anybody(anonymous):
    with refused("NoSuchBucket", 404):
        anonymous.get_object(Bucket=unique(), Key="k")


def test_nobody_creates_a_bucket_without_a_name(anonymous):
    with refused("AccessDenied", 403):
        anonymous.create_bucket(Bucket=unique())


@pytest.mark.parametrize("body", [b"", b"some bytes", b"x" * 100_000])
def test_a_policy_lets_the_world_read_objects(s3, anonymous, open_bucket, body):
    s3.put_object(Bucket=open_bucket, Key="page", Body=body)
    access.allow_all(s3, open_bucket, "s3:GetObject")
    assert anonymous.get_object(Bucket=open_bucket, Key="page")["Body"].read() == body
    assert anonymous.head_object(Bucket=open_bucket, Key="page")["ContentLength"] == len(body)


def test_reading_objects_does_not_allow_listing_them(s3, anonymous, open_bucket):
    access.allow_all(s3, open_bucket, "s3:GetObject")
    with refused("AccessDenied", 403):
        anonymous.list_objects_v2(Bucket=open_bucket)


def test_reading_objects_does_not_allow_writing_them(s3, anonymous, open_bucket):
    access.allow_all(s3, open_bucket, "s3:GetObject")
    with refused("AccessDenied", 403):
        anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"x")


def test_an_absent_key_is_refused_to_whom_may_not_list(s3, anonymous, open_bucket):
    access.allow_all(s3, open_bucket, "s3:GetObject")
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=open_bucket, Key="absent")
    with refused("403", 403):
        anonymous.head_object(Bucket=open_bucket, Key="absent")


def test_an_absent_key_is_missed_by_whom_may_list(s3, anonymous, open_bucket):
    access.put_policy(
        s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, "*")),
        statement("Allow", "s3:ListBucket", arn(open_bucket)))
    with refused("NoSuchKey", 404):
        anonymous.get_object(Bucket=open_bucket, Key="absent")
    with refused("404", 404):
        anonymous.head_object(Bucket=open_bucket, Key="absent")


def test_a_policy_lets_the_world_list(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:ListBucket", resource=arn(open_bucket))
    assert [entry["Key"] for entry in anonymous.list_objects_v2(Bucket=open_bucket)["Contents"]] == ["k"]
    assert [entry["Key"] for entry in anonymous.list_objects(Bucket=open_bucket)["Contents"]] == ["k"]
    assert anonymous.head_bucket(Bucket=open_bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=open_bucket, Key="k")


def test_a_policy_lets_the_world_write(s3, anonymous, open_bucket):
    access.allow_all(s3, open_bucket, "s3:PutObject")
    anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"from nobody")
    assert s3.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"from nobody"
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=open_bucket, Key="k")


def test_a_policy_lets_the_world_delete(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:DeleteObject")
    anonymous.delete_object(Bucket=open_bucket, Key="k")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=open_bucket, Key="k")


def test_deleting_many_is_judged_key_by_key(s3, anonymous, open_bucket):
    for key in ["may/a", "may/b", "no/c"]:
        s3.put_object(Bucket=open_bucket, Key=key, Body=b"x")
    access.allow_all(s3, open_bucket, "s3:DeleteObject", resource=arn(open_bucket, "may/*"))
    answer = anonymous.delete_objects(
        Bucket=open_bucket, Delete={"Objects": [{"Key": key} for key in ["may/a", "no/c", "may/b"]]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["may/a", "may/b"]
    assert [(entry["Key"], entry["Code"], entry["Message"]) for entry in answer["Errors"]] == [
        ("no/c", "AccessDenied", "Access Denied")]
    assert s3.get_object(Bucket=open_bucket, Key="no/c")["Body"].read() == b"x"


def test_a_version_needs_its_own_permission(s3, anonymous, versioned_bucket):
    s3.delete_public_access_block(Bucket=versioned_bucket)
    version = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")["VersionId"]
    access.allow_all(s3, versioned_bucket, "s3:GetObject")
    assert anonymous.get_object(Bucket=versioned_bucket, Key="k")["Body"].read() == b"x"
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=versioned_bucket, Key="k", VersionId=version)
    access.allow_all(s3, versioned_bucket, "s3:GetObjectVersion")
    assert anonymous.get_object(Bucket=versioned_bucket, Key="k", VersionId=version)["Body"].read() == b"x"
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=versioned_bucket, Key="k")


def test_removing_a_version_needs_its_own_permission(s3, anonymous, versioned_bucket):
    s3.delete_public_access_block(Bucket=versioned_bucket)
    version = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")["VersionId"]
    access.allow_all(s3, versioned_bucket, "s3:DeleteObject")
    with refused("AccessDenied", 403):
        anonymous.delete_object(Bucket=versioned_bucket, Key="k", VersionId=version)
    assert anonymous.delete_object(Bucket=versioned_bucket, Key="k")["DeleteMarker"] is True


def test_copying_needs_both_ends(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="from/k", Body=b"x")
    copy = {"Bucket": open_bucket, "Key": "to/k", "CopySource": {"Bucket": open_bucket, "Key": "from/k"}}
    may_write = statement("Allow", "s3:PutObject", arn(open_bucket, "to/*"))
    may_read = statement("Allow", "s3:GetObject", arn(open_bucket, "from/*"))
    for statements in [[may_write], [may_read]]:
        access.put_policy(s3, open_bucket, *statements)
        with refused("AccessDenied", 403):
            anonymous.copy_object(**copy)
    access.put_policy(s3, open_bucket, may_write, may_read)
    anonymous.copy_object(**copy)
    assert s3.get_object(Bucket=open_bucket, Key="to/k")["Body"].read() == b"x"


def test_tags_in_a_write_need_their_own_permission(s3, anonymous, open_bucket):
    access.allow_all(s3, open_bucket, "s3:PutObject")
    with refused("AccessDenied", 403):
        anonymous.put_object(Bucket=open_bucket, Key="k", Body=b"x", Tagging="a=b")


@pytest.mark.parametrize("name", ["ResponseContentType", "ResponseCacheControl", "ResponseContentDisposition"])
def test_only_signed_requests_set_headers_of_the_answer(s3, anonymous, open_bucket, name):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:GetObject")
    with refused("InvalidRequest", 400, "anonymous GET requests"):
        anonymous.get_object(Bucket=open_bucket, Key="k", **{name: "text/plain"})


def test_uploads_in_parts_need_a_name(s3, anonymous, open_bucket):
    access.allow_all(s3, open_bucket, "s3:PutObject")
    with refused("AccessDenied", 403):
        anonymous.create_multipart_upload(Bucket=open_bucket, Key="k")


def test_a_wrong_signature_is_not_taken_for_none(s3, endpoint, open_bucket, raw):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:GetObject")
    assert raw("GET", f"/{open_bucket}/k", sign=False).body == b"x"
    raw("GET", f"/{open_bucket}/k", secret="wrong").is_error("SignatureDoesNotMatch", 403)


def test_the_world_reads_by_host_name_too(s3, open_bucket, raw, endpoint):
    s3.put_object(Bucket=open_bucket, Key="page.html", Body=b"<p>", ContentType="text/html")
    access.allow_all(s3, open_bucket, "s3:GetObject")
    answer = raw("GET", "/page.html", host=endpoint.virtual_host(open_bucket), sign=False)
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"<p>", "text/html")


@pytest.mark.parametrize("operation, parameters", [
    ("get_bucket_policy", {}), ("delete_bucket_policy", {}), ("put_bucket_policy", {"Policy": "{}"})])
def test_a_policy_is_the_owners_even_when_it_allows_everything(s3, anonymous, open_bucket, operation, parameters):
    access.put_policy(
        s3, open_bucket, statement("Allow", "s3:*", [arn(open_bucket), arn(open_bucket, "*")]))
    anonymous.get_bucket_versioning(Bucket=open_bucket)
    assert status_of(getattr(anonymous, operation), Bucket=open_bucket, **parameters) in (403, 405)
    assert "s3:*" in s3.get_bucket_policy(Bucket=open_bucket)["Policy"]


def test_access_ends_with_the_policy(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:GetObject")
    anonymous.get_object(Bucket=open_bucket, Key="k")
    s3.delete_bucket_policy(Bucket=open_bucket)
    assert error_of(lambda: anonymous.get_object(Bucket=open_bucket, Key="k")).code == "AccessDenied"


def test_a_list_lets_nobody_delete_a_version(s3, anonymous, acl_bucket):
    s3.put_bucket_versioning(Bucket=acl_bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read-write")
    version = s3.put_object(Bucket=acl_bucket, Key="k", Body=b"x")["VersionId"]
    with refused("AccessDenied", 403):
        anonymous.delete_object(Bucket=acl_bucket, Key="k", VersionId=version)


@pytest.mark.parametrize("acl", ["private", "public-read", "bucket-owner-full-control"])
def test_a_list_that_lets_the_world_write_takes_lists_with_the_objects(s3, anonymous, acl_bucket, acl):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read-write")
    anonymous.put_object(Bucket=acl_bucket, Key="k", Body=b"x", ACL=acl)
    assert s3.list_objects_v2(Bucket=acl_bucket)["KeyCount"] == 1
    # The list of an object that is there is another matter.
    with refused("AccessDenied", 403):
        anonymous.put_object_acl(Bucket=acl_bucket, Key="k", ACL="public-read-write")


@pytest.mark.parametrize("caller", ["anonymous", "${aws:userid}"])
def test_a_condition_that_everybody_fulfils_is_public(s3, bucket, caller):
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*",
         "Condition": {"StringEquals": {"aws:userid": caller}}}]}
    with refused("AccessDenied", 403):
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
