"""Patterns in policies: what `*` and `?` stand for in resources, actions and values, byte by byte."""

import pytest

from . import access


@pytest.fixture
def allowed(s3, anonymous, open_bucket):
    """allowed(pattern, key) -> whether a policy that allows reading `pattern` opens the object `key`."""

    def ask(pattern, key):
        s3.put_object(Bucket=open_bucket, Key=key, Body=b"x")
        access.put_policy(
            s3, open_bucket, access.statement("Allow", "s3:GetObject", access.arn(open_bucket, pattern)))
        try:
            return anonymous.get_object(Bucket=open_bucket, Key=key)["ResponseMetadata"]["HTTPStatusCode"] == 200
        except anonymous.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
            return False

    return ask


@pytest.mark.parametrize("pattern,key,fits", [
    ("*", "a/b/c", True), ("a/*", "a/b", True), ("a/*", "a/", True), ("a/*", "ab", False), ("*.png", "x/y.png", True),
    ("*.png", "x.png.txt", False), ("a*b*c", "aXbYc", True), ("a*b*c", "aXcYb", False), ("a*b*c", "abc", True),
    ("*a*", "bab", True), ("*a*", "bbb", False), ("*aab*", "aaab", True), ("*ab*ab", "abab", True),
    ("*ab*ab", "ab", False), ("?", "a", True), ("?", "ab", False), ("a?c", "a/c", True), ("a?c", "ac", False),
    ("*?x", "ax", True), ("*?x", "x", False), ("?*", "a", True), ("a**b", "ab", True), ("[ab]", "a", False),
    ("[ab]", "[ab]", True), ("A", "a", False), ("a.c", "abc", False), ("ü*", "üx", True), ("?", "ü", True),
    ("a+b", "a+b", True), ("a b", "a b", True), ("*z", "a" * 200 + "z", True), ("*aaaaz", "a" * 500, False),
    ("a*" * 40 + "z", "a" * 300, False), ("a*" * 40 + "z", "a" * 300 + "z", True),
])
def test_how_resources_match(allowed, pattern, key, fits):
    assert allowed(pattern, key) == fits


@pytest.mark.parametrize("action,fits", [
    ("s3:GetObject", True), ("s3:getobject", True), ("S3:GETOBJECT", True), ("s3:Get*", True), ("s3:*Object", True),
    ("s3:*", True), ("*", True), ("s3:GetObjec?", True), ("s3:PutObject", False), ("s3:GetObjectA*", False)])
def test_how_actions_match(s3, anonymous, open_bucket, action, fits):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    everything = [access.arn(open_bucket), access.arn(open_bucket, "*")]
    access.put_policy(s3, open_bucket, access.statement("Allow", action, everything))
    try:
        anonymous.get_object(Bucket=open_bucket, Key="k")
        assert fits
    except anonymous.exceptions.ClientError:
        assert not fits


@pytest.mark.parametrize("operator,value,agent,fits", [
    ("StringLike", "curl/*", "curl/8", True), ("StringLike", "curl/*", "Curl/8", False),
    ("StringLike", "*x*y", "axby", True), ("StringLike", "a?c", "abc", True),
    ("StringEquals", "curl/*", "curl/8", False), ("StringEquals", "curl/*", "curl/*", True),
    ("StringNotLike", "curl/*", "curl/8", False), ("StringNotLike", "curl/*", "wget", True),
    ("StringEqualsIgnoreCase", "CURL", "curl", True), ("StringNotEquals", "curl", "wget", True),
])
def test_how_values_match(s3, raw, open_bucket, operator, value, agent, fits):
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x")
    access.allow_all(s3, open_bucket, "s3:GetObject", Condition={operator: {"aws:UserAgent": value}})
    answer = raw("GET", f"/{open_bucket}/k", {"User-Agent": agent}, sign=False)
    assert answer.status == (200 if fits else 403)


def test_a_policy_with_hundreds_of_conditions_is_judged(s3, anonymous, open_bucket):
    conditions = {f"s3:ExistingObjectTag/{number}": "1" for number in range(250)}
    statements = [
        access.statement("Allow", "s3:GetObject", access.arn(open_bucket, "*")),
        access.statement("Deny", "s3:GetObject", access.arn(open_bucket, "*"),
                         Condition={"StringEquals": conditions})]
    access.put_policy(s3, open_bucket, *statements)
    s3.put_object(Bucket=open_bucket, Key="k", Body=b"x", Tagging="1=1&2=1")
    assert anonymous.get_object(Bucket=open_bucket, Key="k")["Body"].read() == b"x"
