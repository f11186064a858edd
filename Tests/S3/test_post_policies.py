"""The policy of a browser's form: what it allows, who signed it, and how it is refused."""

import pytest

from .forms import empty, expiration, multipart, post

TYPE = ("Content-Type", "text/plain")


# Policies


def test_a_policy_may_name_its_parts_in_any_case(form, bucket):
    conditions = [{"bUcKeT": bucket}, ["StArTs-WiTh", "$KeY", "k"], ["EQ", "$CONTENT-type", "text/plain"]]
    assert form(fields=dict([TYPE]), uncovered=["bucket", "key", "Content-Type"],
                conditions=conditions).send().status == 204


@pytest.mark.parametrize("condition,printed", [
    (["eq", "$key", "other"], '["eq", "$key", "other"]'),
    ({"key": "other"}, '["eq", "$key", "other"]'),
    ({"Key": "K"}, '["eq", "$Key", "K"]'),
    (["eq", "key", "k"], '["eq", "key", "k"]'),
    (["starts-with", "$key", "x"], '["starts-with", "$key", "x"]'),
    (["starts-with", "key", ""], '["starts-with", "key", ""]'),
    (["eq", "$acl", "private"], '["eq", "$acl", "private"]'),
    (["starts-with", "$x-amz-meta-a", "1"], '["starts-with", "$x-amz-meta-a", "1"]'),
    (["starts-with", "$Content-Type", "image/"], '["starts-with", "$Content-Type", "image/"]'),
    (["content-length-range", "test", "10"], '["content-length-range", "test", "10"]'),
    ({"bucket": "another"}, '["eq", "$bucket", "another"]'),
    (["eq", "$key", 'a"b'], '["eq", "$key", "a\\"b"]'),
])
def test_a_condition_that_does_not_hold_is_printed(form, s3, bucket, condition, printed):
    answer = form(fields=dict([TYPE]), conditions=[condition]).send()
    answer.is_error("AccessDenied", 403)
    assert answer.message == f"Invalid according to Policy: Policy Condition failed: {printed}"
    assert empty(s3, bucket)


@pytest.mark.parametrize("types,status", [
    ("image/png", 204), ("image/png,image/gif", 204), ("image/png, image/gif", 204), ("image/png,text/html", 403)])
def test_each_of_several_content_types_must_fit(form, types, status):
    fields = {"Content-Type": types}
    assert form(fields=fields, conditions=[["starts-with", "$Content-Type", "image/"]]).send().status == status


@pytest.mark.parametrize("uncovered", ["key", "x-amz-date", "x-amz-meta-a", "acl", "Content-Type", "bucket"])
def test_a_field_without_condition_is_refused(form, uncovered):
    fields = {"x-amz-meta-a": "1", "acl": "bucket-owner-full-control", "Content-Type": "text/plain"}
    form(fields=fields, uncovered=[uncovered]).send().is_error(
        "AccessDenied", 403, f"Invalid according to Policy: Extra input fields: {uncovered}")


def test_a_field_to_be_ignored_needs_no_condition(form):
    assert form(fields={"x-ignore-me": "1"}, uncovered=["x-ignore-me"]).send().status == 204


@pytest.mark.parametrize("size,code,element", [
    (4, "EntityTooSmall", "MinSizeAllowed"), (5, None, None), (10, None, None), (11, "EntityTooLarge", "MaxSizeAllowed")])
@pytest.mark.parametrize("bounds", [[5, 10], ["5", "10"]])
def test_the_size_must_be_in_range(form, size, code, element, bounds):
    answer = form(file=b"x" * size, conditions=[["content-length-range", *bounds]]).send()
    if code is None:
        assert answer.status == 204
        return
    document = answer.is_error(code, 400, "Your proposed upload")
    assert (document["ProposedSize"], document[element]) == (str(size), "5" if size < 5 else "10")


def test_a_refused_large_file_leaves_nothing(form, s3, bucket):
    document = form(file=b"x" * 3_000_000, conditions=[["content-length-range", 0, 10]]).send().is_error(
        "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size")
    assert document["ProposedSize"] == "3000000"
    assert empty(s3, bucket)


def test_an_expired_policy_is_refused(form):
    form(expires=-10).send().is_error("AccessDenied", 403, "Invalid according to Policy: Policy expired.")


@pytest.mark.parametrize("text", [
    "2099-01-01 00:00:00+00:00", "2099-01-01T00:00:00+02:00", "2099-02-30T00:00:00Z", "tomorrow", ""])
def test_an_expiration_that_is_no_time_is_refused(form, text):
    form(policy={"expiration": text, "conditions": []}).send().is_error(
        "InvalidPolicyDocument", 400, f"Invalid Policy: Invalid 'expiration' value: '{text}'")


ONE = "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified."


@pytest.mark.parametrize("policy,reason", [
    ("nonsense", "Invalid JSON."), ([], "Invalid JSON."), ("", "Invalid JSON."),
    ({"conditions": []}, "Policy missing expiration."),
    ({"expiration": expiration()}, "Policy missing conditions."),
    ({"EXPIRATION": expiration(), "conditions": []}, ""),
    ({"expiration": expiration(), "CONDITIONS": []}, ""),
    ({"expiration": expiration(), "conditions": [], "Statement": []}, "Unexpected: 'statement'"),
    ({"expiration": expiration(), "conditions": {}}, "Invalid 'conditions' value: must be a List."),
    ({"expiration": expiration(), "conditions": [{}]}, ONE),
    ({"expiration": expiration(), "conditions": [{"a": "1", "b": "2"}]}, ONE),
    ({"expiration": expiration(), "conditions": [{"a": 1}]}, "Invalid Simple-Condition: value must be a string."),
    ({"expiration": expiration(), "conditions": [{"a": None}]}, "Invalid JSON."),
    ({"expiration": expiration(), "conditions": [[]]}, "Invalid Condition: missing operation identifier."),
    ({"expiration": expiration(), "conditions": [["ends-with", "$key", "x"]]}, ""),
    ({"expiration": expiration(), "conditions": [["eq", "$key"]]}, ""),
    ({"expiration": expiration(), "conditions": ["key"]}, ""),
    ({"expiration": expiration(), "conditions": [["content-length-range", 0]]}, ""),
    ({"expiration": expiration(), "conditions": [["content-length-range", -1, 0]]}, ""),
    ({"expiration": expiration(), "conditions": [["content-length-range", 0, 512.5]]}, "Invalid JSON."),
])
def test_a_malformed_policy_is_refused(form, policy, reason):
    form(policy=policy).send().is_error("InvalidPolicyDocument", 400, "Invalid Policy: " + reason)


# Signatures


@pytest.mark.parametrize("version", [2, 4])
def test_both_signature_versions_are_believed(form, s3, bucket, version):
    assert form(version=version).send().status == 204
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"content"


@pytest.mark.parametrize("version,field", [(4, "x-amz-signature"), (2, "signature")])
def test_a_wrong_signature_is_refused(form, version, field, s3, bucket):
    sent = form(version=version, change={field: "0" * 64})
    document = sent.send().is_error(
        "SignatureDoesNotMatch", 403, "The request signature we calculated does not match the signature you provided.")
    assert document["StringToSign"] == sent.fields["policy"]
    assert document["SignatureProvided"] == "0" * 64
    assert bytes.fromhex(document["StringToSignBytes"]).decode() == sent.fields["policy"]
    assert "CanonicalRequest" not in document
    assert empty(s3, bucket)


@pytest.mark.parametrize("version", [2, 4])
def test_the_signature_is_judged_before_the_policy(form, version):
    form(version=version, change={"policy": "invalid"}).send().is_error("SignatureDoesNotMatch", 403)


@pytest.mark.parametrize("version,field,named", [
    (4, "x-amz-algorithm", "X-Amz-Algorithm"), (4, "x-amz-credential", "X-Amz-Credential"),
    (4, "x-amz-date", "X-Amz-Date"), (4, "x-amz-signature", "X-Amz-Signature"), (4, "policy", "policy"),
    (2, "AWSAccessKeyId", "AWSAccessKeyId"), (2, "signature", "Signature"), (2, "policy", "policy")])
def test_a_missing_field_is_named(form, version, field, named):
    answer = form(version=version, change={field: None}).send()
    document = answer.is_error("InvalidArgument", 400)
    assert answer.message == (
        f"Bucket POST must contain a field named '{named}'.  If it is specified, please check the order of the "
        "fields.")
    assert (document["ArgumentName"], document["ArgumentValue"]) == (named, "")


@pytest.mark.parametrize("version", [2, 4])
def test_an_unknown_key_is_refused(form, version):
    document = form(version=version, access_key="AKIAUNKNOWN").send().is_error(
        "InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records.")
    assert document["AWSAccessKeyId"] == "AKIAUNKNOWN"


@pytest.mark.parametrize("given,name,message", [
    ({"region": "mars-1"}, "X-Amz-Credential", "the region 'mars-1' is wrong; expecting '"),
    ({"service": "ec2"}, "X-Amz-Credential", 'incorrect service "ec2". This endpoint belongs to "s3".'),
    ({"change": {"x-amz-credential": "test/20260101/s3"}}, "X-Amz-Credential", "the Credential is mal-formed"),
    ({"change": {"x-amz-date": "yesterday"}}, "X-Amz-Date", "X-Amz-Date must be formated via ISO8601 Long format"),
    ({"algorithm": "AWS4-HMAC-SHA1"}, "X-Amz-Algorithm", "X-Amz-Algorithm only supports"),
])
def test_a_malformed_claim_is_refused(form, given, name, message):
    assert form(**given).send().is_error("InvalidArgument", 400, message)["ArgumentName"] == name


def test_a_token_for_a_lasting_key_is_refused(form):
    document = form(token="not-a-token").send().is_error("InvalidToken", 400)
    assert document["Token-0"] == "not-a-token"


def test_a_form_without_policy_and_signature_is_refused(endpoint, bucket):
    body = multipart([("key", "k"), ("file", b"x")])
    post(endpoint, bucket, body).is_error("AccessDenied", 403, "Access Denied")


def test_a_policy_without_signature_is_refused(endpoint, bucket, form):
    body = multipart([("key", "k"), ("policy", form().fields["policy"]), ("file", b"x")])
    post(endpoint, bucket, body).is_error("AccessDenied", 403, "Access Denied")


def test_a_form_without_policy_may_bring_a_list_where_the_world_may_write(endpoint, s3, acl_bucket):
    s3.put_bucket_acl(Bucket=acl_bucket, ACL="public-read-write")
    body = multipart([("key", "k"), ("acl", "public-read"), ("file", b"x")])
    assert post(endpoint, acl_bucket, body).status == 204
    assert not empty(s3, acl_bucket)
