"""Policies obeyed: whom, what and which objects a statement means, and its conditions."""

import datetime
import hashlib

import pytest

from . import access
from .access import arn, statement
from .conftest import refused

# Who is who

def test_a_denial_stops_the_owner_too(s3, endpoint, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with access.policy(s3, bucket, statement("Deny", "s3:GetObject", arn(bucket, "*"))):
        with refused("AccessDenied", 403):
            s3.get_object(Bucket=bucket, Key="k")
        s3.put_object(Bucket=bucket, Key="k", Body=b"y")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"y"


def test_a_denial_names_action_and_resource(s3, endpoint, bucket):
    s3.put_object(Bucket=bucket, Key="a b", Body=b"x")
    with access.policy(s3, bucket, statement("Deny", "s3:GetObject", arn(bucket, "*"))):
        with refused("AccessDenied", 403, "is not authorized to perform: s3:GetObject",
                     f"\"{arn(bucket, 'a b')}\"", "with an explicit deny in a resource-based policy"):
            s3.get_object(Bucket=bucket, Key="a b")


def test_a_denied_head_has_no_body(s3, raw, bucket):
    with access.policy(s3, bucket, statement("Deny", "s3:GetObject", arn(bucket, "*"))):
        answer = raw("HEAD", f"/{bucket}/k")
    assert (answer.status, answer.body) == (403, b"")


def test_a_denial_stands_above_a_permission(s3, anonymous, open_bucket):
    for key in ["public/k", "public/secret/k"]:
        s3.put_object(Bucket=open_bucket, Key=key, Body=b"x")
    with access.policy(
            s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, "public/*")),
            statement("Deny", "s3:GetObject", arn(open_bucket, "public/secret/*"))):
        assert anonymous.get_object(Bucket=open_bucket, Key="public/k")["Body"].read() == b"x"
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=open_bucket, Key="public/secret/k")


def test_the_owner_takes_back_a_policy_that_denies_all(s3, bucket):
    access.put_policy(s3, bucket, statement("Deny", "s3:*", [arn(bucket), arn(bucket, "*")]))
    assert "Deny" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    with refused("AccessDenied", 403):
        s3.list_objects_v2(Bucket=bucket)
    s3.delete_bucket_policy(Bucket=bucket)
    s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("principal", ["account", "arn", "everyone", "list"])
def test_the_account_is_named_in_several_ways(s3, endpoint, bucket, principal):
    account = access.account(endpoint)
    principal = {
        "account": {"AWS": account}, "arn": {"AWS": f"arn:aws:iam::{account}:root"}, "everyone": {"AWS": "*"},
        "list": {"AWS": [account]}}[principal]
    with access.policy(s3, bucket, statement("Deny", "s3:GetObject", arn(bucket, "*"), principal)):
        with refused("AccessDenied", 403):
            s3.get_object(Bucket=bucket, Key="k")


def test_a_statement_for_the_account_is_not_for_the_world(s3, endpoint, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    with access.policy(
            s3, open_bucket,
            statement("Allow", "s3:GetObject", arn(open_bucket, "*"), {"AWS": access.account(endpoint)})):
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=open_bucket, Key="k")


def test_not_principal_means_all_others(s3, endpoint, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    spared = {"Effect": "Deny", "NotPrincipal": {"AWS": f"arn:aws:iam::{access.account(endpoint)}:root"},
              "Action": "s3:GetObject", "Resource": arn(open_bucket, "*")}
    with access.policy(s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, "*")), spared):
        assert s3.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=open_bucket, Key="k")


# Which objects

@pytest.mark.parametrize("pattern, key, allowed", [
    ("*", "any/key", True), ("images/*", "images/a.png", True), ("images/*", "images/deep/a.png", True),
    ("images/*", "texts/a.txt", False), ("images/*", "images", False), ("*.png", "a.png", True),
    ("*.png", "deep/a.png", True), ("*.png", "a.jpg", False), ("a?c", "abc", True), ("a?c", "ac", False),
    ("a?c", "abbc", False), ("a*c*e", "abcde", True), ("a*c*e", "abcd", False), ("Key", "key", False),
    ("key", "key", True), ("key", "key2", False), ("ü/*", "ü/ö", True), ("100%", "100%", True),
    ("${*}", "*", True), ("${*}", "x", False)])
def test_patterns_of_keys(s3, anonymous, open_bucket, pattern, key, allowed):
    s3.put_object(Bucket=open_bucket, Key=key, Body=b"x")
    access.put_policy(s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, pattern)))
    if allowed:
        assert anonymous.get_object(Bucket=open_bucket, Key=key)["Body"].read() == b"x"
    else:
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=open_bucket, Key=key)


@pytest.mark.parametrize("action, allowed", [
    ("s3:GetObject", True), ("s3:Get*", True), ("s3:getobject", True), ("S3:GETOBJECT", True), ("s3:*", True),
    ("s3:GetObjec?", True), ("s3:*Object", True), ("s3:GetObject?*", False), ("s3:PutObject", False),
    ("s3:GetObjectVersion", False), ("s3:GetObjectTagging", False)])
def test_patterns_of_actions(s3, anonymous, open_bucket, action, allowed):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.put_policy(s3, open_bucket, statement("Allow", action, arn(open_bucket, "*")))
    if allowed:
        anonymous.get_object(Bucket=open_bucket, Key="k")
    else:
        with refused("AccessDenied", 403):
            anonymous.get_object(Bucket=open_bucket, Key="k")


def test_not_resource_spares_what_it_names(s3, bucket):
    for key in ["kept/k", "other/k"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    spared = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "NotResource": arn(bucket, "kept/*")}
    with access.policy(s3, bucket, spared):
        s3.get_object(Bucket=bucket, Key="kept/k")
        with refused("AccessDenied", 403):
            s3.get_object(Bucket=bucket, Key="other/k")


def test_not_action_denies_all_but_what_it_names(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    spared = {"Effect": "Deny", "Principal": "*", "NotAction": "s3:GetObject", "Resource": arn(bucket, "*")}
    with access.policy(s3, bucket, spared):
        s3.get_object(Bucket=bucket, Key="k")
        for call in [lambda: s3.put_object(Bucket=bucket, Key="k", Body=b"y"),
                     lambda: s3.delete_object(Bucket=bucket, Key="k")]:
            with refused("AccessDenied", 403):
                call()


# Operations and their actions

OPERATIONS = [
    ("s3:ListBucket", "list_objects", {}), ("s3:ListBucket", "list_objects_v2", {}),
    ("s3:ListBucketMultipartUploads", "list_multipart_uploads", {}), ("s3:GetBucketLocation", "get_bucket_location", {}),
    ("s3:GetBucketVersioning", "get_bucket_versioning", {}), ("s3:GetBucketAcl", "get_bucket_acl", {}),
    ("s3:GetBucketCORS", "get_bucket_cors", {}), ("s3:GetBucketPublicAccessBlock", "get_public_access_block", {}),
    ("s3:GetBucketOwnershipControls", "get_bucket_ownership_controls", {}),
    ("s3:GetBucketPolicyStatus", "get_bucket_policy_status", {}), ("s3:GetBucketTagging", "get_bucket_tagging", {}),
    ("s3:PutBucketTagging", "delete_bucket_tagging", {}), ("s3:PutBucketCORS", "delete_bucket_cors", {}),
    ("s3:GetBucketWebsite", "get_bucket_website", {}), ("s3:DeleteBucketWebsite", "delete_bucket_website", {}),
    ("s3:GetEncryptionConfiguration", "get_bucket_encryption", {}),
    ("s3:GetReplicationConfiguration", "get_bucket_replication", {}), ("s3:GetBucketLogging", "get_bucket_logging", {}),
    ("s3:GetAccelerateConfiguration", "get_bucket_accelerate_configuration", {}),
    ("s3:GetBucketRequestPayment", "get_bucket_request_payment", {}),
    ("s3:PutBucketVersioning", "put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ("s3:PutBucketPublicAccessBlock", "delete_public_access_block", {}),
    ("s3:PutBucketOwnershipControls", "delete_bucket_ownership_controls", {}), ("s3:DeleteBucket", "delete_bucket", {}),
]


@pytest.mark.parametrize("action, operation, parameters", OPERATIONS, ids=[entry[1] for entry in OPERATIONS])
def test_an_operation_on_a_bucket_has_its_action(s3, bucket, action, operation, parameters):
    with access.policy(s3, bucket, statement("Deny", action, arn(bucket))):
        with refused("AccessDenied", 403, f"perform: {action} on"):
            getattr(s3, operation)(Bucket=bucket, **parameters)


def test_a_denied_listing_denies_the_head_of_the_bucket(s3, bucket):
    with access.policy(s3, bucket, statement("Deny", "s3:ListBucket", arn(bucket))):
        with refused("403", 403):
            s3.head_bucket(Bucket=bucket)


@pytest.mark.parametrize("action, operation, parameters", [
    ("s3:PutObject", "put_object", {"Body": b"y"}), ("s3:DeleteObject", "delete_object", {}),
    ("s3:PutObject", "create_multipart_upload", {}), ("s3:GetObjectAcl", "get_object_acl", {}),
    ("s3:PutObjectAcl", "put_object_acl", {"ACL": "bucket-owner-full-control"}),
    ("s3:PutObjectAcl", "put_object", {"Body": b"y", "ACL": "bucket-owner-full-control"})])
def test_an_operation_on_an_object_has_its_action(s3, bucket, action, operation, parameters):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with access.policy(s3, bucket, statement("Deny", action, arn(bucket, "*"))):
        with refused("AccessDenied", 403, f"perform: {action} on"):
            getattr(s3, operation)(Bucket=bucket, Key="k", **parameters)
        assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"x"


def test_parts_are_puts(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    part = {"Bucket": bucket, "Key": "k", "UploadId": upload}
    with access.policy(s3, bucket, statement("Deny", "s3:PutObject", arn(bucket, "*"))):
        for call in [lambda: s3.upload_part(PartNumber=1, Body=b"x", **part),
                     lambda: s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "x"}]}, **part)]:
            with refused("AccessDenied", 403, "s3:PutObject"):
                call()
    with access.policy(s3, bucket, statement("Deny", "s3:ListMultipartUploadParts", arn(bucket, "*"))):
        with refused("AccessDenied", 403):
            s3.list_parts(**part)
    with access.policy(s3, bucket, statement("Deny", "s3:AbortMultipartUpload", arn(bucket, "*"))):
        with refused("AccessDenied", 403):
            s3.abort_multipart_upload(**part)
    s3.abort_multipart_upload(**part)


def test_a_copy_reads_its_source(s3, make_bucket):
    source, target = make_bucket(), make_bucket()
    s3.put_object(Bucket=source, Key="k", Body=b"x")
    with access.policy(s3, source, statement("Deny", "s3:GetObject", arn(source, "*"))):
        with refused("AccessDenied", 403, "s3:GetObject"):
            s3.copy_object(Bucket=target, Key="k", CopySource={"Bucket": source, "Key": "k"})
    s3.copy_object(Bucket=target, Key="k", CopySource={"Bucket": source, "Key": "k"})


def test_a_copy_of_a_version_reads_a_version(s3, versioned_bucket):
    version = s3.put_object(Bucket=versioned_bucket, Key="k", Body=b"x")["VersionId"]
    copy = {"Bucket": versioned_bucket, "Key": "k2"}
    with access.policy(s3, versioned_bucket, statement("Deny", "s3:GetObjectVersion", arn(versioned_bucket, "*"))):
        s3.copy_object(CopySource={"Bucket": versioned_bucket, "Key": "k"}, **copy)
        with refused("AccessDenied", 403, "s3:GetObjectVersion"):
            s3.copy_object(CopySource={"Bucket": versioned_bucket, "Key": "k", "VersionId": version}, **copy)


def test_a_denial_of_deletes_is_told_for_each_key(s3, bucket):
    for key in ["held/k", "free/k"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    with access.policy(s3, bucket, statement("Deny", "s3:DeleteObject", arn(bucket, "held/*"))):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "held/k"}, {"Key": "free/k"}]})
    assert [entry["Key"] for entry in answer["Deleted"]] == ["free/k"]
    assert [(entry["Key"], entry["Code"]) for entry in answer["Errors"]] == [("held/k", "AccessDenied")]
    s3.head_object(Bucket=bucket, Key="held/k")


# Conditions

CONDITIONS = [
    ("prefix", {"StringEquals": {"s3:prefix": "a/"}}, {"Prefix": "a/"}, {"Prefix": "b/"}),
    ("no prefix", {"StringEquals": {"s3:prefix": ["", "a/"]}}, {"Prefix": "a/"}, {}),
    ("prefix pattern", {"StringLike": {"s3:prefix": "a/*"}}, {"Prefix": "a/b"}, {"Prefix": "b"}),
    ("delimiter", {"StringEquals": {"s3:delimiter": "/"}}, {"Delimiter": "/"}, {"Delimiter": "-"}),
    ("max-keys", {"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"MaxKeys": 10}, {"MaxKeys": 11}),
    ("max-keys as number", {"NumericEquals": {"s3:max-keys": 7}}, {"MaxKeys": 7}, {"MaxKeys": 8}),
]


@pytest.mark.parametrize("condition, fits, fails", [c[1:] for c in CONDITIONS], ids=[c[0] for c in CONDITIONS])
def test_conditions_on_listings(s3, anonymous, open_bucket, condition, fits, fails):
    access.put_policy(s3, open_bucket, statement("Allow", "s3:ListBucket", arn(open_bucket), Condition=condition))
    anonymous.list_objects_v2(Bucket=open_bucket, **fits)
    with refused("AccessDenied", 403):
        anonymous.list_objects_v2(Bucket=open_bucket, **fails)


WRITES = [
    ("acl", {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}, {"ACL": "bucket-owner-full-control"}, {}),
    ("encryption", {"StringEquals": {"s3:x-amz-server-side-encryption": "AES256"}}, {"ServerSideEncryption": "AES256"}, {}),
    ("no encryption", {"Null": {"s3:x-amz-server-side-encryption": "true"}}, {}, {"ServerSideEncryption": "AES256"}),
    ("class", {"StringNotEquals": {"s3:x-amz-storage-class": "STANDARD_IA"}}, {}, {"StorageClass": "STANDARD_IA"}),
    ("class if", {"StringEqualsIfExists": {"s3:x-amz-storage-class": "STANDARD"}}, {}, {"StorageClass": "STANDARD_IA"}),
    ("condition", {"StringEquals": {"s3:if-none-match": "*"}}, {"IfNoneMatch": "*"}, {}),
]


@pytest.mark.parametrize("condition, fits, fails", [w[1:] for w in WRITES], ids=[w[0] for w in WRITES])
def test_conditions_on_writes(s3, anonymous, open_bucket, condition, fits, fails):
    may_put = statement("Allow", "s3:PutObject", arn(open_bucket, "*"), Condition=condition)
    access.put_policy(s3, open_bucket, may_put, statement("Allow", "s3:PutObjectAcl", arn(open_bucket, "*")))
    anonymous.put_object(Bucket=open_bucket, Key="fits", Body=b"x", **fits)
    with refused("AccessDenied", 403):
        anonymous.put_object(Bucket=open_bucket, Key="fails", Body=b"x", **fails)


@pytest.mark.parametrize("condition, allowed", [
    ({"StringEquals": {"aws:UserAgent": "Tests"}}, True), ({"StringLike": {"aws:UserAgent": "T*s"}}, True),
    ({"StringEquals": {"aws:UserAgent": "tests"}}, False), ({"StringEqualsIgnoreCase": {"aws:UserAgent": "tests"}}, True),
    ({"StringLike": {"aws:Referer": ["http://www.example.com/*", "http://example.com/*"]}}, True),
    ({"StringLike": {"aws:Referer": "http://example.org/*"}}, False),
    ({"StringNotLike": {"aws:Referer": "http://example.org/*"}}, True),
    ({"StringEquals": {"AWS:useragent": "Tests"}}, True),
    ({"StringLike": {"aws:Referer": "http://example.com/*"}, "StringEquals": {"aws:UserAgent": "Tests"}}, True),
    ({"StringLike": {"aws:Referer": "http://example.com/*"}, "StringEquals": {"aws:UserAgent": "Other"}}, False),
    ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, True),
    ({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, False),
    ({"NumericGreaterThan": {"aws:EpochTime": "1577836800"}}, True),
    ({"Null": {"aws:Referer": "false"}}, True), ({"Null": {"aws:Referer": "true"}}, False),
    ({"Null": {"aws:PrincipalArn": "true"}}, True), ({"StringEquals": {"aws:PrincipalArn": "x"}}, False),
    ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, True), ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
    ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False)])
def test_conditions_on_requests(s3, raw, open_bucket, condition, allowed):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.put_policy(s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, "*"), Condition=condition))
    answer = raw("GET", f"/{open_bucket}/k", sign=False,
                 headers={"User-Agent": "Tests", "Referer": "http://example.com/page"})
    assert answer.status == (200 if allowed else 403), answer


def test_a_time_in_the_past_ends_a_permission(s3, anonymous, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    tomorrow = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    for time, allowed in [(tomorrow, True), (tomorrow - datetime.timedelta(days=2), False)]:
        access.put_policy(s3, open_bucket, statement(
            "Allow", "s3:GetObject", arn(open_bucket, "*"),
            Condition={"DateLessThan": {"aws:CurrentTime": time.strftime("%Y-%m-%dT%H:%M:%SZ")}}))
        if allowed:
            anonymous.get_object(Bucket=open_bucket, Key="k")
        else:
            with refused("AccessDenied", 403):
                anonymous.get_object(Bucket=open_bucket, Key="k")


@pytest.mark.parametrize("condition", [
    {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}, {"NumericGreaterThan": {"s3:signatureAge": "-1000000"}},
    {"StringEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}])
def test_a_policy_may_judge_how_a_request_is_signed(s3, endpoint, raw, bucket, condition):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = endpoint.client(signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    path = "/" + url.split("/", 3)[3]
    with access.policy(s3, bucket, statement("Deny", "s3:GetObject", arn(bucket, "*"), Condition=condition)):
        raw("GET", path, sign=False).is_error("AccessDenied", 403)
    assert raw("GET", path, sign=False).body == b"x"


def test_headers_may_be_told_from_queries(s3, raw, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    condition = {"StringNotEquals": {"s3:authType": "REST-HEADER"}}
    with access.policy(s3, bucket, statement("Deny", "s3:GetObject", arn(bucket, "*"), Condition=condition)):
        raw("GET", "/" + url.split("/", 3)[3], sign=False).is_error("AccessDenied", 403)
        assert raw("GET", f"/{bucket}/k").body == b"x"


def test_a_version_may_be_named_in_a_condition(s3, anonymous, versioned_bucket):
    s3.delete_public_access_block(Bucket=versioned_bucket)
    one, two = (s3.put_object(Bucket=versioned_bucket, Key="k", Body=body)["VersionId"] for body in [b"1", b"2"])
    access.allow_all(
        s3, versioned_bucket, "s3:GetObjectVersion", Condition={"StringEquals": {"s3:VersionId": one}})
    assert anonymous.get_object(Bucket=versioned_bucket, Key="k", VersionId=one)["Body"].read() == b"1"
    with refused("AccessDenied", 403):
        anonymous.get_object(Bucket=versioned_bucket, Key="k", VersionId=two)


def test_variables_stand_for_values_of_the_request(s3, raw, open_bucket):
    for key in ["alpha/k", "beta/k"]:
        s3.put_object(Bucket=open_bucket, Key=key, Body=b"x")
    access.put_policy(s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, "${aws:UserAgent}/*")))
    for agent, key, status in [("alpha", "alpha/k", 200), ("alpha", "beta/k", 403), ("beta", "beta/k", 200)]:
        assert raw("GET", f"/{open_bucket}/{key}", sign=False, headers={"User-Agent": agent}).status == status


def test_policies_of_2008_have_no_variables(s3, raw, open_bucket):
    s3.put_object(Bucket=open_bucket, Key="alpha/k", Body=b"x")
    access.put_policy(
        s3, open_bucket, statement("Allow", "s3:GetObject", arn(open_bucket, "${aws:UserAgent}/*")), version="2008-10-17")
    assert raw("GET", f"/{open_bucket}/alpha/k", sign=False, headers={"User-Agent": "alpha"}).status == 403


@pytest.mark.parametrize("query", ["", "X-Amz-Content-Sha256=UNSIGNED-PAYLOAD"])
def test_a_hash_that_a_policy_demands_is_held_against_the_body(s3, raw, open_bucket, query):
    digest = hashlib.sha256(b"right").hexdigest()
    access.put_policy(s3, open_bucket, statement(
        "Allow", "s3:PutObject", arn(open_bucket, "*"),
        Condition={"StringEquals": {"s3:x-amz-content-sha256": digest}}))
    sent = {"x-amz-content-sha256": digest}
    wrong = raw("PUT", f"/{open_bucket}/k?{query}", sent, b"wrong", sign=False)
    wrong.is_error("XAmzContentSHA256Mismatch", 400)
    assert raw("PUT", f"/{open_bucket}/k?{query}", sent, b"right", sign=False).status == 200
