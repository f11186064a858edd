"""PutBucketLifecycleConfiguration, GetBucketLifecycleConfiguration, DeleteBucketLifecycle."""

import base64
import datetime
import hashlib
import uuid

import pytest

from .conftest import refused
from .lifecycle import DATE, get, put, rule

# What comes back

FILTERS = {
    "empty filter": {"Filter": {}},
    "empty prefix": {"Filter": {"Prefix": ""}},
    "prefix": {"Filter": {"Prefix": "a/b c+é&<"}},
    "tag": {"Filter": {"Tag": {"Key": "k", "Value": "v"}}},
    "tag with empty value": {"Filter": {"Tag": {"Key": "k", "Value": ""}}},
    "greater than": {"Filter": {"ObjectSizeGreaterThan": 500}},
    "greater than zero": {"Filter": {"ObjectSizeGreaterThan": 0}},
    "less than": {"Filter": {"ObjectSizeLessThan": 64000}},
    "two tags": {"Filter": {"And": {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}}},
    "prefix and tag": {"Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "a", "Value": "1"}]}}},
    "empty prefix and tag": {"Filter": {"And": {"Prefix": "", "Tags": [{"Key": "a", "Value": "1"}]}}},
    "range of sizes": {"Filter": {"And": {"ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 2000}}},
    "prefix and range": {
        "Filter": {"And": {"Prefix": "p", "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 2000}}},
    "everything": {
        "Filter": {
            "And": {
                "Prefix": "p", "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 2000,
                "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]}}},
}


@pytest.mark.parametrize("members", FILTERS.values(), ids=FILTERS.keys())
def test_a_filter_comes_back_as_it_was_put(s3, bucket, members):
    put(s3, bucket, rule(**members))
    assert get(s3, bucket)["Rules"] == [rule(**members)]


ACTIONS = {
    "days": {"Expiration": {"Days": 1}},
    "date": {"Expiration": {"Date": DATE}},
    "expired delete markers": {"Expiration": {"ExpiredObjectDeleteMarker": True}},
    "expired delete markers off": {"Expiration": {"ExpiredObjectDeleteMarker": False}},
    "transition by days": {"Expiration": None, "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]},
    "transition at once": {"Expiration": None, "Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}]},
    "transition by date": {"Expiration": None, "Transitions": [{"Date": DATE, "StorageClass": "GLACIER"}]},
    "several transitions": {
        "Expiration": {"Days": 400},
        "Transitions": [
            {"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 60, "StorageClass": "GLACIER"},
            {"Days": 150, "StorageClass": "DEEP_ARCHIVE"}]},
    "noncurrent": {"NoncurrentVersionExpiration": {"NoncurrentDays": 5}},
    "noncurrent but newest": {
        "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 3}},
    "noncurrent transitions": {
        "NoncurrentVersionTransitions": [
            {"NoncurrentDays": 30, "StorageClass": "ONEZONE_IA"},
            {"NoncurrentDays": 60, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}]},
    "uploads": {"Expiration": None, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
}


@pytest.mark.parametrize("members", ACTIONS.values(), ids=ACTIONS.keys())
def test_an_action_comes_back_as_it_was_put(s3, bucket, members):
    put(s3, bucket, rule(**members))
    assert get(s3, bucket)["Rules"] == [rule(**members)]


def test_a_disabled_rule_comes_back(s3, bucket):
    put(s3, bucket, rule(Status="Disabled"))
    assert get(s3, bucket)["Rules"] == [rule(Status="Disabled")]


def test_rules_keep_their_order(s3, bucket):
    rules = [rule(ID=name, Filter={"Prefix": name}) for name in ["z", "a", "m"]]
    put(s3, bucket, *rules)
    assert get(s3, bucket)["Rules"] == rules


def test_rules_of_the_older_form_come_back_so(s3, bucket):
    old = [rule(ID=name, Filter=None, Prefix=f"{name}/") for name in ["a", "b"]]
    put(s3, bucket, *old)
    assert get(s3, bucket)["Rules"] == old


def test_the_older_operation_puts_the_same_rules(s3, bucket):
    s3.put_bucket_lifecycle(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": "old", "Prefix": "tmp/", "Status": "Enabled", "Expiration": {"Days": 3}}]})
    assert get(s3, bucket)["Rules"] == [
        {"ID": "old", "Prefix": "tmp/", "Status": "Enabled", "Expiration": {"Days": 3}}]


def test_a_rule_without_an_id_gets_one(s3, bucket):
    put(s3, bucket, rule(ID=None))
    made = get(s3, bucket)["Rules"][0]["ID"]
    assert str(uuid.UUID(base64.b64decode(made).decode())) == base64.b64decode(made).decode()


def test_rules_without_ids_get_different_ones(s3, bucket):
    put(s3, bucket, rule(ID=None), rule(ID=None, Filter={"Prefix": "other"}))
    assert len({one["ID"] for one in get(s3, bucket)["Rules"]}) == 2


def test_putting_replaces_all_rules(s3, bucket):
    put(s3, bucket, rule(ID="first"), rule(ID="second", Filter={"Prefix": "x"}))
    put(s3, bucket, rule(ID="third"))
    assert [one["ID"] for one in get(s3, bucket)["Rules"]] == ["third"]


def test_a_thousand_rules_fit(s3, bucket):
    put(s3, bucket, *(rule(ID=f"r{n}", Filter={"Prefix": f"{n}/"}) for n in range(1000)))
    assert len(get(s3, bucket)["Rules"]) == 1000


def test_an_id_may_have_255_characters(s3, bucket):
    put(s3, bucket, rule(ID="i" * 255))
    assert get(s3, bucket)["Rules"][0]["ID"] == "i" * 255


def test_overlapping_filters_are_fine(s3, bucket):
    put(s3, bucket, rule(ID="all", Filter={}), rule(ID="logs", Expiration={"Days": 3}))
    assert len(get(s3, bucket)["Rules"]) == 2


# Small objects

def test_small_objects_do_not_move_unless_said(s3, bucket):
    answer = put(s3, bucket, rule())
    assert answer["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"
    assert get(s3, bucket)["TransitionDefaultMinimumObjectSize"] == "all_storage_classes_128K"


@pytest.mark.parametrize("choice", ["all_storage_classes_128K", "varies_by_storage_class"])
def test_what_small_objects_do_is_kept(s3, bucket, choice):
    answer = put(s3, bucket, rule(), TransitionDefaultMinimumObjectSize=choice)
    assert answer["TransitionDefaultMinimumObjectSize"] == choice
    assert get(s3, bucket)["TransitionDefaultMinimumObjectSize"] == choice


def test_an_unknown_choice_for_small_objects_is_refused(s3, bucket):
    with refused("InvalidRequest", 400, "Invalid TransitionDefaultMinimumObjectSize found: value"):
        put(s3, bucket, rule(), TransitionDefaultMinimumObjectSize="value")


# Absent and deleted

def test_a_new_bucket_has_no_rules(s3, bucket):
    with refused("NoSuchLifecycleConfiguration", 404, "The lifecycle configuration does not exist") as refusal:
        get(s3, bucket)
    assert refusal.elements["BucketName"] == bucket


def test_deleted_rules_are_gone(s3, bucket):
    put(s3, bucket, rule())
    assert s3.delete_bucket_lifecycle(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchLifecycleConfiguration", 404):
        get(s3, bucket)


def test_deleting_no_rules_is_fine(s3, bucket):
    assert s3.delete_bucket_lifecycle(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_a_new_bucket_of_the_same_name_has_no_rules(s3, make_bucket):
    name = make_bucket()
    put(s3, name, rule())
    s3.delete_bucket(Bucket=name)
    make_bucket(Bucket=name)
    with refused("NoSuchLifecycleConfiguration", 404):
        get(s3, name)


CALLS = {
    "put": lambda s3: put(s3, "no-such-bucket-mumble-5e1f", rule()),
    "get": lambda s3: get(s3, "no-such-bucket-mumble-5e1f"),
    "delete": lambda s3: s3.delete_bucket_lifecycle(Bucket="no-such-bucket-mumble-5e1f"),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_bucket_that_is_not_there(s3, call):
    with refused("NoSuchBucket", 404):
        call(s3)


# Refused as malformed

MALFORMED = {
    "status in lower case": {"Status": "enabled"},
    "status disabled in lower case": {"Status": "disabled"},
    "unknown status": {"Status": "invalid"},
    "no status": {"Status": None},
    "neither filter nor prefix": {"Filter": None},
    "filter and prefix": {"Prefix": "p"},
    "two predicates without And": {"Filter": {"Prefix": "p", "Tag": {"Key": "k", "Value": "v"}}},
    "And beside a predicate": {
        "Filter": {"Prefix": "p", "And": {"Prefix": "q", "Tags": [{"Key": "k", "Value": "v"}]}}},
    "And of one prefix": {"Filter": {"And": {"Prefix": "p"}}},
    "And of one tag": {"Filter": {"And": {"Tags": [{"Key": "k", "Value": "v"}]}}},
    "marker with days": {"Expiration": {"ExpiredObjectDeleteMarker": True, "Days": 3}},
    "marker with date": {"Expiration": {"ExpiredObjectDeleteMarker": True, "Date": DATE}},
    "days and date": {"Expiration": {"Days": 3, "Date": DATE}},
    "empty expiration": {"Expiration": {}},
    "transition without class": {"Transitions": [{"Days": 30}]},
    "transition without time": {"Transitions": [{"StorageClass": "GLACIER"}]},
    "transition with two times": {"Transitions": [{"Days": 30, "Date": DATE, "StorageClass": "GLACIER"}]},
    "transition to an unknown class": {"Transitions": [{"Days": 30, "StorageClass": "ICE"}]},
    "noncurrent without days": {"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 2}},
    "empty noncurrent": {"NoncurrentVersionExpiration": {}},
    "noncurrent transition without days": {"NoncurrentVersionTransitions": [{"StorageClass": "GLACIER"}]},
    "noncurrent transition without class": {"NoncurrentVersionTransitions": [{"NoncurrentDays": 30}]},
    "empty abort": {"Expiration": None, "AbortIncompleteMultipartUpload": {}},
}


@pytest.mark.parametrize("members", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed(s3, bucket, members):
    with refused("MalformedXML", 400, "The XML you provided was not well-formed"):
        put(s3, bucket, rule(**members))


def test_no_rules_are_malformed(s3, bucket):
    with refused("MalformedXML", 400):
        put(s3, bucket)


def test_more_than_a_thousand_rules_are_malformed(s3, bucket):
    with refused("MalformedXML", 400):
        put(s3, bucket, *(rule(ID=f"r{n}", Filter={"Prefix": f"{n}/"}) for n in range(1001)))


@pytest.mark.parametrize("document", [
    b"", b"no XML", b"<LifecycleConfiguration>", b"<Wrong/>",
    b"<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Wrong/></Rule></LifecycleConfiguration>",
    b"<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Days>x</Days></Expiration></Rule>"
    b"</LifecycleConfiguration>",
    b"<LifecycleConfiguration><Rule><Filter/><Status>Enabled</Status><Expiration><Date>Fri, 01 Jan 2016 00:00:00 GMT"
    b"</Date></Expiration></Rule></LifecycleConfiguration>",
])
def test_a_document_of_another_form_is_malformed(raw, bucket, document):
    answer = raw("PUT", f"/{bucket}?lifecycle", headers=md5(document), body=document)
    answer.is_error("MalformedXML", 400, "The XML you provided was not well-formed")


def md5(document):
    return {"Content-MD5": base64.b64encode(hashlib.md5(document).digest()).decode()}


def test_a_document_without_a_digest_is_refused(raw, bucket):
    answer = raw("PUT", f"/{bucket}?lifecycle", body=b"<LifecycleConfiguration/>")
    answer.is_error("InvalidRequest", 400, "Missing required header for this request: Content-MD5")


# Refused by name

ARGUMENTS = {
    "long id": ({"ID": "i" * 256}, "ID length should not exceed allowed limit of 255", "ID"),
    "no days": ({"Expiration": {"Days": 0}}, "'Days' for Expiration action must be a positive integer", "Days"),
    "negative days": (
        {"Expiration": {"Days": -1}}, "'Days' for Expiration action must be a positive integer", "Days"),
    "not midnight": (
        {"Expiration": {"Date": DATE + datetime.timedelta(hours=2)}}, "'Date' must be at midnight GMT", "Date"),
    "transition not at midnight": (
        {"Expiration": None,
         "Transitions": [{"Date": DATE + datetime.timedelta(seconds=1), "StorageClass": "GLACIER"}]},
        "'Date' must be at midnight GMT", "Date"),
    "negative transition": (
        {"Transitions": [{"Days": -1, "StorageClass": "GLACIER"}]},
        "'Days' in Transition action must be nonnegative", "Days"),
    "too early for STANDARD_IA": (
        {"Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]},
        "'Days' in Transition action must be greater than or equal to 30 for storageClass 'STANDARD_IA'", "Days"),
    "too early for ONEZONE_IA": (
        {"Transitions": [{"Days": 0, "StorageClass": "ONEZONE_IA"}]},
        "'Days' in Transition action must be greater than or equal to 30 for storageClass 'ONEZONE_IA'", "Days"),
    "back to STANDARD": (
        {"Transitions": [{"Days": 30, "StorageClass": "STANDARD"}]},
        "Invalid target Storage class for Transition action", "StorageClass"),
    "expiration with the transition": (
        {"Expiration": {"Days": 30}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
        "'Days' in the Expiration action for filter '(prefix=logs/)' must be greater than 'Days' in the Transition "
        "action", "Days"),
    "classes in the wrong order": (
        {"Expiration": None, "Transitions": [
            {"Days": 200, "StorageClass": "GLACIER"}, {"Days": 100, "StorageClass": "DEEP_ARCHIVE"}]},
        "must be greater than 'Days' in the 'Transition' action for StorageClass 'GLACIER'", "Days"),
    "no noncurrent days": (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 0}},
        "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer", "NoncurrentDays"),
    "no newer versions": (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 0}},
        "'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be a positive integer",
        "NewerNoncurrentVersions"),
    "too many newer versions": (
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 101}},
        "NewerNoncurrentVersions", "NewerNoncurrentVersions"),
    "no days for uploads": (
        {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}},
        "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
        "DaysAfterInitiation"),
}


@pytest.mark.parametrize("members, text, argument", ARGUMENTS.values(), ids=ARGUMENTS.keys())
def test_invalid_argument(s3, bucket, members, text, argument):
    with refused("InvalidArgument", 400, text) as refusal:
        put(s3, bucket, rule(**members))
    assert refusal.elements["ArgumentName"] == argument


REQUESTS = {
    "no action": ({"Expiration": None}, "At least one action needs to be specified in a rule"),
    "uploads by tag": (
        {"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        "AbortIncompleteMultipartUpload cannot be specified with Tags."),
    "uploads by size": (
        {"Filter": {"ObjectSizeGreaterThan": 5}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}},
        "AbortIncompleteMultipartUpload cannot be specified with Object Size."),
    "markers by tag": (
        {"Filter": {"Tag": {"Key": "k", "Value": "v"}}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        "ExpiredObjectDeleteMarker cannot be specified with Tags."),
    "markers by size": (
        {"Filter": {"ObjectSizeLessThan": 5}, "Expiration": {"ExpiredObjectDeleteMarker": True}},
        "ExpiredObjectDeleteMarker cannot be specified with Object Size."),
    "a tag twice": (
        {"Filter": {"And": {"Tags": [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]}}},
        "Duplicate Tag Keys are not allowed."),
    "smaller than nothing": (
        {"Filter": {"ObjectSizeLessThan": 0}}, "'ObjectSizeLessThan' should be between 1 and 1099511627776000."),
    "an empty range of sizes": (
        {"Filter": {"And": {"ObjectSizeGreaterThan": 10, "ObjectSizeLessThan": 10}}},
        "'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'."),
    "one class twice": (
        {"Expiration": None, "Transitions": [
            {"Days": 30, "StorageClass": "GLACIER"}, {"Days": 60, "StorageClass": "GLACIER"}]},
        "'StorageClass' must be different for 'Transition' actions in same 'Rule' with filter '(prefix=logs/)'"),
    "days and dates mixed": (
        {"Expiration": {"Date": DATE}, "Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]},
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter "
        "'(prefix=logs/)'"),
}


@pytest.mark.parametrize("members, text", REQUESTS.values(), ids=REQUESTS.keys())
def test_invalid_request(s3, bucket, members, text):
    with refused("InvalidRequest", 400, text):
        put(s3, bucket, rule(**members))


def test_one_id_for_two_rules(s3, bucket):
    with refused("InvalidArgument", 400, "Rule ID must be unique. Found same ID for more than one rule"):
        put(s3, bucket, rule(), rule(Filter={"Prefix": "other"}))


def test_a_filter_after_a_rule_of_the_older_form(s3, bucket):
    with refused("InvalidRequest", 400, "Filter element can only be used in Lifecycle V2."):
        put(s3, bucket, rule(ID="old", Filter=None, Prefix="a"), rule())


def test_a_rule_of_the_older_form_after_a_filter(s3, bucket):
    with refused("InvalidRequest", 400, "Base level prefix cannot be used in Lifecycle V2"):
        put(s3, bucket, rule(), rule(ID="old", Filter=None, Prefix="a"))


def test_overlapping_prefixes_of_the_older_form(s3, bucket):
    with refused("InvalidRequest", 400, "for same action type 'Expiration'"):
        put(s3, bucket, rule(ID="1", Filter=None, Prefix=""), rule(ID="2", Filter=None, Prefix="a"))


def test_newer_versions_in_the_older_form(s3, bucket):
    with refused("InvalidRequest", 400, "NewerNoncurrentVersions element can only be used in Lifecycle V2."):
        put(s3, bucket, rule(
            Filter=None, Prefix="a",
            NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}))


def test_refused_rules_leave_those_that_were_there(s3, bucket):
    put(s3, bucket, rule(ID="kept"))
    with refused("InvalidArgument", 400):
        put(s3, bucket, rule(ID="refused", Expiration={"Days": 0}))
    assert [one["ID"] for one in get(s3, bucket)["Rules"]] == ["kept"]
