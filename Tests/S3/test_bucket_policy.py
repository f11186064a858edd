"""PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy, GetBucketPolicyStatus."""

import json

import pytest

from . import access
from .access import arn, statement
from .conftest import error_of, refused, unique


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


def test_nobody_is_permitted_by_not_being_named(s3, endpoint, bucket):
    allow = statement("Allow", "s3:GetObject", arn(bucket, "*"))
    del allow["Principal"]
    allow["NotPrincipal"] = {"AWS": access.account(endpoint)}
    assert malformed(s3, bucket, access.document(allow)) == "Allow with NotPrincipal is not allowed."


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
