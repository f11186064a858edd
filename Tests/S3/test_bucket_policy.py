"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus, and what a policy's statements do."""

import datetime
import json

import pytest

import access
from access import arn, statement
from conftest import error_of, refused, unique


def malformed(s3, bucket, policy):
    """The text with which a policy is refused."""
    policy = policy if isinstance(policy, str) else json.dumps(policy)
    refusal = error_of(lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy))
    assert (refusal.code, refusal.status) == ("MalformedPolicy", 400), refusal.message
    return refusal.message


# The document

def test_a_bucket_without_policy_says_so(s3, bucket):
    with refused("NoSuchBucketPolicy", 404, "The bucket policy does not exist") as refusal:
        s3.get_bucket_policy(Bucket=bucket)
    assert refusal.elements["BucketName"] == bucket


def test_a_policy_comes_back(s3, endpoint, bucket):
    policy = access.document(
        statement("Allow", ["s3:GetObject"], arn(bucket, "*"), {"AWS": access.account(endpoint)}, Sid="Own"))
    assert s3.put_bucket_policy(Bucket=bucket, Policy=policy)["ResponseMetadata"]["HTTPStatusCode"] in (200, 204)
    stored = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    assert stored["Statement"][0]["Sid"] == "Own" and stored["Version"] == "2012-10-17"


def test_a_second_policy_replaces_the_first(s3, endpoint, bucket):
    for sid in ["First", "Second"]:
        access.put_policy(
            s3, bucket,
            statement("Allow", "s3:GetObject", arn(bucket, "*"), {"AWS": access.account(endpoint)}, Sid=sid))
    statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert [entry["Sid"] for entry in statements] == ["Second"]


def test_deleting_a_policy_is_final_and_may_be_repeated(s3, endpoint, bucket):
    access.put_policy(s3, bucket, statement("Allow", "s3:GetObject", arn(bucket, "*"), {"AWS": access.account(endpoint)}))
    for _ in range(2):
        assert s3.delete_bucket_policy(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)


@pytest.mark.parametrize("operation, parameters", [
    ("get_bucket_policy", {}), ("delete_bucket_policy", {}), ("get_bucket_policy_status", {}),
    ("put_bucket_policy", {"Policy": "{}"})])
def test_an_absent_bucket_is_missed(s3, operation, parameters):
    with refused("NoSuchBucket", 404):
        getattr(s3, operation)(Bucket=unique(), **parameters)


def test_the_policy_goes_with_its_bucket(s3, endpoint, make_bucket):
    name = make_bucket()
    access.put_policy(s3, name, statement("Allow", "s3:GetObject", arn(name, "*"), {"AWS": access.account(endpoint)}))
    s3.delete_bucket(Bucket=name)
    make_bucket(Bucket=name)
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=name)


# What is refused

@pytest.mark.parametrize("text", ["invalid json", "[]", "\"{}\"", " {\"Version\": \"2012-10-17\"}", "null"])
def test_a_policy_starts_with_a_brace(s3, bucket, text):
    assert malformed(s3, bucket, text) == "Policies must be valid JSON and the first byte must be '{'"


@pytest.mark.parametrize("text", ["{", "{\"Version\": }", "{\"Statement\": [}", "{} {}"])
def test_a_policy_is_json(s3, bucket, text):
    assert malformed(s3, bucket, text) == "This policy contains invalid Json"


@pytest.mark.parametrize("policy", [{}, {"Version": "2012-10-17"}, {"Id": "x"}])
def test_a_policy_has_statements(s3, bucket, policy):
    assert malformed(s3, bucket, policy) == "Missing required field Statement"


def test_statements_may_not_be_none(s3, bucket):
    assert "Statement is empty" in malformed(s3, bucket, {"Version": "2012-10-17", "Statement": []})


@pytest.mark.parametrize("version", ["2012-10-18", "", "2015-01-01"])
def test_a_policy_has_one_of_two_versions(s3, bucket, version):
    text = malformed(s3, bucket, {"Version": version, "Statement": [statement("Allow", "s3:*", arn(bucket, "*"))]})
    assert text == "The policy must contain a valid version string"


@pytest.mark.parametrize("field", ["Effect", "Principal", "Action", "Resource"])
def test_a_statement_is_complete(s3, bucket, field):
    incomplete = statement("Deny", "s3:GetObject", arn(bucket, "*"))
    del incomplete[field]
    assert malformed(s3, bucket, access.document(incomplete)) == f"Missing required field {field}"


@pytest.mark.parametrize("effect", ["allow", "DENY", "Maybe", ""])
def test_an_effect_is_allow_or_deny(s3, bucket, effect):
    policy = access.document(statement(effect, "s3:GetObject", arn(bucket, "*")))
    assert malformed(s3, bucket, policy) == f"Invalid effect: {effect}"


@pytest.mark.parametrize("principal", [
    "me", "", {"AWS": "me"}, {"AWS": "12345"}, {"AWS": "arn:aws:iam::12:root"}, {"AWS": []}, {"aws": "*"},
    {"AWS": "arn:aws:s3:::bucket"}, {"AWS": "arn:aws:iam::*:root"}, {"CanonicalUser": "abc"}, {}])
def test_a_principal_is_somebody(s3, bucket, principal):
    policy = access.document(statement("Deny", "s3:GetObject", arn(bucket, "*"), principal))
    assert malformed(s3, bucket, policy) == "Invalid principal in policy"


@pytest.mark.parametrize("action", ["s3:NoSuchThing", "GetObject", "ec2:RunInstances", "", "s3:", ["s3:GetObject", "s3:Got*"]])
def test_an_action_exists(s3, bucket, action):
    policy = access.document(statement("Deny", action, arn(bucket, "*")))
    assert malformed(s3, bucket, policy) == "Policy has invalid action"


@pytest.mark.parametrize("resource", [
    "arn:aws:s3:::another-bucket/*", "{}", "*", "arn:aws:s3:::*", "", "arn:aws:ec2:::{}/*",
    ["arn:aws:s3:::{}/*", "arn:aws:s3:::another-bucket/*"]])
def test_a_resource_is_of_this_bucket(s3, bucket, resource):
    fill = (lambda text: text.replace("{}", bucket))
    resource = [fill(one) for one in resource] if isinstance(resource, list) else fill(resource)
    policy = access.document(statement("Deny", "s3:GetObject", resource))
    assert malformed(s3, bucket, policy) == "Policy has invalid resource"


@pytest.mark.parametrize("action, key", [
    ("s3:GetObject", None), ("s3:ListBucket", "*"), (["s3:GetObject", "s3:ListBucket"], "*"),
    (["s3:GetObject", "s3:ListBucket"], None), ("s3:PutBucketPolicy", "a/b"), ("s3:DeleteObject*", None)])
def test_an_action_has_something_to_act_upon(s3, bucket, action, key):
    policy = access.document(statement("Deny", action, arn(bucket, key)))
    assert malformed(s3, bucket, policy) == "Action does not apply to any resource(s) in statement"


@pytest.mark.parametrize("operator", ["StringSame", "stringequals", "NumericAlmost", "ForSomeValues:StringEquals"])
def test_a_condition_has_a_known_operator(s3, bucket, operator):
    policy = access.document(
        statement("Deny", "s3:GetObject", arn(bucket, "*"), Condition={operator: {"aws:SourceIp": "1.2.3.4"}}))
    assert malformed(s3, bucket, policy) == f"Invalid Condition type : {operator}"


@pytest.mark.parametrize("key", ["s3:x-acl", "nonsense", "s3:nothing"])
def test_a_condition_has_a_known_key(s3, bucket, key):
    policy = access.document(
        statement("Deny", "s3:GetObject", arn(bucket, "*"), Condition={"StringEquals": {key: "x"}}))
    assert malformed(s3, bucket, policy) == "Policy has an invalid condition key"


@pytest.mark.parametrize("address", ["123", "1.2.3.4/33", "300.1.1.1", "somewhere"])
def test_an_address_in_a_condition_is_one(s3, bucket, address):
    policy = access.document(
        statement("Deny", "s3:GetObject", arn(bucket, "*"), Condition={"IpAddress": {"aws:SourceIp": address}}))
    assert malformed(s3, bucket, policy) == "Invalid IP address in Conditions"


@pytest.mark.parametrize("place", ["policy", "statement"])
def test_an_unknown_field_is_refused(s3, bucket, place):
    policy = json.loads(access.document(statement("Deny", "s3:GetObject", arn(bucket, "*"))))
    (policy if place == "policy" else policy["Statement"][0])["Extra"] = "x"
    assert malformed(s3, bucket, policy) == "Unknown field Extra"


def test_a_refused_policy_leaves_the_old_one(s3, endpoint, bucket):
    access.put_policy(
        s3, bucket, statement("Allow", "s3:GetObject", arn(bucket, "*"), {"AWS": access.account(endpoint)}, Sid="Old"))
    malformed(s3, bucket, {"Version": "2012-10-17"})
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Sid"] == "Old"


def test_a_policy_of_twenty_kilobytes_is_too_large(s3, bucket):
    policy = access.document(statement("Deny", "s3:GetObject", [arn(bucket, f"{n:04}" + "x" * 100) for n in range(200)]))
    assert len(policy) > 20 * 1024
    refusal = error_of(lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy))
    assert refusal.status == 400


@pytest.mark.parametrize("resource", ["arn:aws:s3:::{}", "arn:aws:s3:::{}/*", "arn:aws:s3:::{}*", "arn:aws:s3:::{}/a?/*"])
def test_all_actions_apply_to_any_resource(s3, bucket, resource):
    resource = resource.replace("{}", bucket)
    elsewhere = {"IpAddress": {"aws:SourceIp": "192.0.2.1"}}
    with access.policy(s3, bucket, statement("Deny", "s3:*", resource, Condition=elsewhere)):
        assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]["Resource"] == resource


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


# Public or not

@pytest.mark.parametrize("statements, public", [
    ([("Allow", "*", {})], True), ([("Deny", "*", {})], False), ([("Allow", {"AWS": "*"}, {})], True),
    ([("Allow", "account", {})], False), ([("Deny", "*", {}), ("Allow", "account", {})], False),
    ([("Allow", "account", {}), ("Allow", "*", {})], True),
    ([("Allow", "*", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})], False),
    ([("Allow", "*", {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}})], True),
    ([("Allow", "*", {"StringLike": {"aws:Referer": "http://example.com/*"}})], True),
    ([("Allow", "*", {"StringEquals": {"aws:SourceVpc": "vpc-91237329"}})], False),
    ([("Allow", "*", {"StringLike": {"aws:SourceVpc": "vpc-*"}})], True),
    ([("Allow", "*", {"StringEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}})], False),
    ([("Allow", "*", {"StringNotEquals": {"aws:SourceVpc": "vpc-91237329"}})], True),
    ([("Allow", "*", {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}})], False)])
def test_the_status_says_whether_a_policy_is_public(s3, endpoint, open_bucket, statements, public):
    account = {"AWS": access.account(endpoint)}
    access.put_policy(s3, open_bucket, *(
        statement(effect, "s3:GetObject", arn(open_bucket, "*"), account if who == "account" else who,
                  **({"Condition": condition} if condition else {}))
        for effect, who, condition in statements))
    try:
        status = s3.get_bucket_policy_status(Bucket=open_bucket)["PolicyStatus"]
    finally:
        s3.delete_bucket_policy(Bucket=open_bucket)
    assert status == {"IsPublic": public}


def test_a_bucket_without_policy_has_no_status(s3, bucket):
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy_status(Bucket=bucket)
