"""Fields that a browser's form sends more than once.

Several fields of one name are one value, joined by commas: so says the Amazon S3 API Reference of the POST policy's
conditions, with the example of two fields `x-amz-meta-tag`. What is judged is what is stored.
"""

import pytest

from .forms import empty


def failed(answer, text):
    answer.is_error("AccessDenied", 403)
    assert answer.message == f"Invalid according to Policy: Policy Condition failed: {text}"


def test_repeated_metadata_is_stored_joined(form, s3, bucket):
    fields = {"x-amz-meta-tag": "Ninja"}
    assert form(fields=fields, again=[("x-amz-meta-tag", "Stallman")]).send().status == 204
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"tag": "Ninja,Stallman"}


@pytest.mark.parametrize("condition", [
    {"x-amz-meta-tag": "Ninja,Stallman"}, ["eq", "$x-amz-meta-tag", "Ninja,Stallman"],
    ["starts-with", "$x-amz-meta-tag", "Ninja,S"]])
def test_a_condition_sees_the_joined_value(form, condition):
    fields = {"x-amz-meta-tag": "Ninja"}
    again = [("x-amz-meta-tag", "Stallman")]
    answer = form(fields=fields, uncovered=["x-amz-meta-tag"], conditions=[condition], again=again).send()
    assert answer.status == 204, answer.text


@pytest.mark.parametrize("name", ["x-amz-meta-tag", "X-Amz-Meta-Tag", "x-amz-meta-TAG"])
@pytest.mark.parametrize("value", ["Stallman", "Ninja", ""])
def test_a_second_field_does_not_pass_beside_the_condition(form, s3, bucket, name, value):
    condition = {"x-amz-meta-tag": "Ninja"}
    answer = form(fields={"x-amz-meta-tag": "Ninja"}, conditions=[condition], again=[(name, value)]).send()
    failed(answer, '["eq", "$x-amz-meta-tag", "Ninja"]')
    assert empty(s3, bucket)


@pytest.mark.parametrize("field,good,bad", [
    ("acl", "private", "public-read"), ("Content-Type", "image/png", "text/html"),
    ("Cache-Control", "no-store", "max-age=9"), ("Content-Disposition", "inline", "attachment"),
    ("Content-Encoding", "gzip", "br"), ("x-amz-storage-class", "STANDARD", "GLACIER"),
    ("x-amz-server-side-encryption", "AES256", "aws:kms"), ("success_action_status", "200", "201"),
    ("success_action_redirect", "https://a.example/", "https://b.example/"), ("key", "k", "other"),
    ("x-amz-website-redirect-location", "/a", "/b")])
def test_no_field_is_replaced_by_a_second_one(form, s3, bucket, field, good, bad):
    fields = {} if field == "key" else {field: good}
    answer = form(fields=fields, conditions=[["eq", f"${field}", good]], again=[(field, bad)]).send()
    failed(answer, f'["eq", "${field}", "{good}"]')
    assert empty(s3, bucket)


@pytest.mark.parametrize("first", ["x", "user/"])
def test_a_prefix_holds_for_the_key_that_is_stored(form, s3, bucket, first):
    again = [("key", "other/k" if first == "user/" else "user/k")]
    form(key=first, conditions=[["starts-with", "$key", "user/"]], again=again).send()
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    assert all(key.startswith("user/") for key in keys), keys


def test_each_of_repeated_content_types_must_fit(form):
    fields = {"Content-Type": "image/png"}
    condition = ["starts-with", "$Content-Type", "image/"]
    assert form(fields=fields, conditions=[condition], again=[("Content-Type", "image/gif")]).send().status == 204
    answer = form(fields=fields, conditions=[condition], again=[("Content-Type", "text/html")]).send()
    failed(answer, '["starts-with", "$Content-Type", "image/"]')


@pytest.mark.parametrize("field", ["policy", "x-amz-signature", "x-amz-credential"])
def test_a_signature_given_twice_is_refused(form, s3, bucket, field):
    good = form()
    answer = form(again=[(field, good.fields[field])]).send()
    assert answer.status in (400, 403), answer.text
    assert empty(s3, bucket)
