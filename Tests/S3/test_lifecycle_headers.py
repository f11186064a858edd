"""The headers in which answers tell what lifecycle rules will do. That is not waited for here."""

import datetime
import re

import pytest

from .lifecycle import DATE, UTC, put, rule

DAY = datetime.timedelta(days=1)
EXPIRATION = re.compile(r'^expiry-date="(.+)", rule-id="(.+)"$')


def told(text):
    date, name = EXPIRATION.match(text).groups()
    return datetime.datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC), name


def check(text, name, days):
    """The date is the midnight that follows so many days from now."""
    date, found = told(text)
    now = datetime.datetime.now(UTC)
    assert found == name
    assert (date.hour, date.minute, date.second) == (0, 0, 0)
    assert days * DAY - DAY / 24 < date - now <= (days + 1) * DAY


def writes(s3, bucket, key):
    yield "put", lambda: s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    yield "copy", lambda: s3.copy_object(Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": "source"})
    yield "complete", lambda: upload(s3, bucket, key)
    yield "get", lambda: s3.get_object(Bucket=bucket, Key=key)
    yield "head", lambda: s3.head_object(Bucket=bucket, Key=key)


def upload(s3, bucket, key):
    begun = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key=key, UploadId=begun, PartNumber=1, Body=b"x")
    return s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=begun,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})


@pytest.mark.parametrize("name", ["put", "copy", "complete", "get", "head"])
def test_an_answer_tells_when_the_object_expires(s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="source", Body=b"x")
    s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")
    put(s3, bucket, rule(ID="all logs", Expiration={"Days": 7}))
    answer = dict(writes(s3, bucket, "logs/a"))[name]()
    check(answer["Expiration"], "all logs", 7)


@pytest.mark.parametrize("name", ["put", "get", "head"])
def test_an_answer_about_another_object_tells_nothing(s3, bucket, name):
    s3.put_object(Bucket=bucket, Key="other/a", Body=b"x")
    put(s3, bucket, rule())
    assert "Expiration" not in dict(writes(s3, bucket, "other/a"))[name]()


def test_an_expiry_by_date_is_told(s3, bucket):
    put(s3, bucket, rule(Expiration={"Date": DATE}))
    assert s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")["Expiration"] == (
        'expiry-date="Wed, 01 Jan 2031 00:00:00 GMT", rule-id="rule"')


def test_the_soonest_expiry_is_told(s3, bucket):
    put(s3, bucket, rule(ID="late", Filter={}, Expiration={"Days": 10}), rule(ID="soon", Expiration={"Days": 3}))
    check(s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")["Expiration"], "soon", 3)


def test_of_equal_expiries_the_first_rule_is_told(s3, bucket):
    put(s3, bucket, rule(ID="1st", Filter={}), rule(ID="2nd"))
    check(s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")["Expiration"], "1st", 30)


@pytest.mark.parametrize("members", [
    {"Status": "Disabled"}, {"Expiration": {"ExpiredObjectDeleteMarker": True}},
    {"Expiration": None, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
    {"Expiration": None, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
], ids=["disabled", "markers", "transition", "noncurrent"])
def test_a_rule_that_expires_no_current_object_is_not_told(s3, bucket, members):
    put(s3, bucket, rule(**members))
    assert "Expiration" not in s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")


@pytest.mark.parametrize("size, is_told", [(10, False), (11, True), (19, True), (20, False)])
def test_sizes_count_exclusively(s3, bucket, size, is_told):
    put(s3, bucket, rule(Filter={"And": {"ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 20}}))
    s3.put_object(Bucket=bucket, Key="a", Body=b"x" * size)
    assert ("Expiration" in s3.head_object(Bucket=bucket, Key="a")) == is_told


def test_removed_rules_are_told_no_more(s3, bucket):
    put(s3, bucket, rule())
    s3.put_object(Bucket=bucket, Key="logs/a", Body=b"x")
    s3.delete_bucket_lifecycle(Bucket=bucket)
    assert "Expiration" not in s3.head_object(Bucket=bucket, Key="logs/a")


def test_a_version_asked_for_by_its_id_tells_nothing(s3, versioned_bucket):
    put(s3, versioned_bucket, rule())
    made = s3.put_object(Bucket=versioned_bucket, Key="logs/a", Body=b"x")
    check(made["Expiration"], "rule", 30)
    assert "Expiration" not in s3.head_object(Bucket=versioned_bucket, Key="logs/a", VersionId=made["VersionId"])


def test_a_new_upload_tells_when_it_is_aborted(s3, bucket):
    put(s3, bucket, rule(Expiration=None, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2}))
    begun = s3.create_multipart_upload(Bucket=bucket, Key="logs/a")
    assert begun["AbortRuleId"] == "rule"
    left = begun["AbortDate"] - datetime.datetime.now(UTC)
    assert 2 * DAY - DAY / 24 < left <= 3 * DAY
    assert begun["AbortDate"].hour == begun["AbortDate"].minute == 0


def test_listed_parts_tell_when_their_upload_is_aborted(s3, bucket):
    put(s3, bucket, rule(Expiration=None, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2}))
    begun = s3.create_multipart_upload(Bucket=bucket, Key="logs/a")
    listed = s3.list_parts(Bucket=bucket, Key="logs/a", UploadId=begun["UploadId"])
    assert (listed["AbortDate"], listed["AbortRuleId"]) == (begun["AbortDate"], "rule")


def test_an_upload_of_another_key_tells_nothing(s3, bucket):
    put(s3, bucket, rule(Expiration=None, AbortIncompleteMultipartUpload={"DaysAfterInitiation": 2}))
    begun = s3.create_multipart_upload(Bucket=bucket, Key="other")
    assert "AbortDate" not in begun and "AbortRuleId" not in begun
