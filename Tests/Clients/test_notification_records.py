"""What functions are told of events in buckets, field by field, and which events a rule covers."""

import datetime
import hashlib
import re

import pytest
import requests

from . import recorder
from .recorder import listen, put, unconfined  # noqa: F401


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One emulator for the tests of what records say; each uses a bucket of its own."""
    with recorder.serve(tmp_path_factory.mktemp("events")) as served:
        yield served


@pytest.fixture
def told(shared, request):
    """told(events, action, versioning=False) -> the records of what `action(s3, bucket)` did, in that order.

    As on AWS, functions may be told of two events in any order, and `sequencer` tells which came first.
    """
    emulator, folder = shared
    s3 = emulator.client("s3")
    bucket = "b" + hashlib.md5(request.node.name.encode()).hexdigest()

    def run(events, action, count=1, versioning=None, prepare=None):
        s3.create_bucket(Bucket=bucket)
        if versioning:
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        if prepare:
            prepare(s3, bucket)
        if versioning == "Suspended":
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        listen(s3, bucket, events=events)
        result = action(s3, bucket)
        records = recorder.wait(folder, count, bucket=bucket)
        return sorted(records, key=lambda record: record["s3"]["object"]["sequencer"]), result

    return run


def upload(s3, bucket):
    begun = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="key", UploadId=begun, PartNumber=1, Body=b"something")
    return s3.complete_multipart_upload(
        Bucket=bucket, Key="key", UploadId=begun,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})


def post(s3, bucket):
    form = s3.generate_presigned_post(Bucket=bucket, Key="key")
    answer = requests.post(form["url"], data=form["fields"], files={"file": b"something"}, timeout=60)
    assert answer.status_code == 204, answer.text


# What records say

def test_a_record_field_by_field(told):
    before = datetime.datetime.now(datetime.timezone.utc)
    (record,), answer = told(["s3:ObjectCreated:*"], lambda s3, bucket: put(s3, bucket, "a@b c/d.txt"))
    bucket = record["s3"]["bucket"]
    assert list(record) == [
        "eventVersion", "eventSource", "awsRegion", "eventTime", "eventName", "userIdentity", "requestParameters",
        "responseElements", "s3"]
    assert (record["eventVersion"], record["eventSource"]) == ("2.1", "aws:s3")
    assert (record["awsRegion"], record["eventName"]) == ("us-east-1", "ObjectCreated:Put")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["eventTime"])
    happened = datetime.datetime.fromisoformat(record["eventTime"].replace("Z", "+00:00"))
    assert abs(happened - before) < datetime.timedelta(seconds=300)
    assert re.fullmatch(r"AWS:AIDA[A-Z2-7]{17}", record["userIdentity"]["principalId"])
    assert record["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert record["responseElements"] == {
        "x-amz-request-id": headers["x-amz-request-id"], "x-amz-id-2": headers["x-amz-id-2"]}
    assert list(record["s3"]) == ["s3SchemaVersion", "configurationId", "bucket", "object"]
    assert (record["s3"]["s3SchemaVersion"], record["s3"]["configurationId"]) == ("1.0", "cfg")
    assert bucket["arn"] == f"arn:aws:s3:::{bucket['name']}"
    assert re.fullmatch(r"A[A-Z2-7]{13}", bucket["ownerIdentity"]["principalId"])
    object = record["s3"]["object"]
    assert re.fullmatch(r"[0-9A-F]{18}", object.pop("sequencer"))
    assert object == {"key": "a%40b+c/d.txt", "size": 9, "eTag": "437b930db84b8079c2dd804a71936b5f"}


CREATIONS = {
    "ObjectCreated:Put": put,
    "ObjectCreated:Copy": lambda s3, bucket: s3.copy_object(
        Bucket=bucket, Key="key", CopySource={"Bucket": bucket, "Key": "source"}),
    "ObjectCreated:CompleteMultipartUpload": upload,
    "ObjectCreated:Post": post,
}


@pytest.mark.parametrize("name", CREATIONS)
def test_each_way_to_create_an_object(told, name):
    (record,), _ = told(
        ["s3:ObjectCreated:*"], CREATIONS[name], prepare=lambda s3, bucket: put(s3, bucket, "source"))
    assert record["eventName"] == name
    assert record["s3"]["object"]["size"] == 9
    tag = record["s3"]["object"]["eTag"]
    assert tag.endswith("-1") if "Multipart" in name else tag == "437b930db84b8079c2dd804a71936b5f"


@pytest.mark.parametrize("name", CREATIONS)
def test_each_way_alone(told, name):
    """A rule for one event is told of no other."""
    def everything(s3, bucket):
        for create in CREATIONS.values():
            create(s3, bucket)
        s3.delete_object(Bucket=bucket, Key="source")
    records, _ = told([f"s3:{name}"], everything, prepare=lambda s3, bucket: put(s3, bucket, "source"))
    assert [record["eventName"] for record in records] == [name]


KEYS = {
    "plain": ("plain", "plain"), "space": ("a b", "a+b"), "plus": ("a+b", "a%2Bb"), "slashes": ("/a//b/", "/a//b/"),
    "percent": ("a%20b", "a%2520b"), "umlaut": ("ä", "%C3%A4"), "emoji": ("😀", "%F0%9F%98%80"),
    "marks": ("!'()*~", "%21%27%28%29*%7E"), "equals": ("a=b&c?d#e", "a%3Db%26c%3Fd%23e"),
}


@pytest.mark.parametrize("key, expected", KEYS.values(), ids=KEYS.keys())
def test_keys_are_encoded_as_forms_are(told, key, expected):
    (record,), _ = told(["s3:ObjectCreated:*"], lambda s3, bucket: put(s3, bucket, key))
    assert record["s3"]["object"]["key"] == expected


def test_a_deleted_object(told):
    (record,), _ = told(
        ["s3:ObjectRemoved:*"], lambda s3, bucket: s3.delete_object(Bucket=bucket, Key="key"), prepare=put)
    assert record["eventName"] == "ObjectRemoved:Delete"
    assert list(record["s3"]["object"]) == ["key", "sequencer"]


def test_each_deleted_object_of_a_batch(told):
    def delete(s3, bucket):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in ["a", "absent", "b"]]})
    records, _ = told(
        ["s3:ObjectRemoved:*"], delete, count=2,
        prepare=lambda s3, bucket: [put(s3, bucket, key) for key in ["a", "b"]])
    assert sorted(record["s3"]["object"]["key"] for record in records) == ["a", "b"]


def test_a_version_is_named_while_versioning_is_enabled(told):
    (record,), answer = told(["s3:ObjectCreated:*"], put, versioning="Enabled")
    assert record["s3"]["object"]["versionId"] == answer["VersionId"]


def test_no_version_is_named_while_versioning_is_suspended(told):
    (record,), _ = told(["s3:ObjectCreated:*"], put, versioning="Suspended")
    assert "versionId" not in record["s3"]["object"]


def test_a_delete_marker(told):
    (record,), answer = told(
        ["s3:ObjectRemoved:*"], lambda s3, bucket: s3.delete_object(Bucket=bucket, Key="key"),
        versioning="Enabled", prepare=put)
    assert record["eventName"] == "ObjectRemoved:DeleteMarkerCreated"
    object = record["s3"]["object"]
    assert object["versionId"] == answer["VersionId"]
    assert object["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"
    assert "size" not in object


def test_a_version_deleted_for_good(told):
    made = {}
    (record,), _ = told(
        ["s3:ObjectRemoved:*"],
        lambda s3, bucket: s3.delete_object(Bucket=bucket, Key="key", VersionId=made["id"]), versioning="Enabled",
        prepare=lambda s3, bucket: made.update(id=put(s3, bucket)["VersionId"]))
    assert record["eventName"] == "ObjectRemoved:Delete"
    assert record["s3"]["object"]["versionId"] == made["id"]


def test_sequencers_grow(told):
    records, _ = told(
        ["s3:ObjectCreated:*"], lambda s3, bucket: [put(s3, bucket, body=b"x" * size) for size in (3, 1, 5, 2, 4)],
        count=5)
    assert [record["s3"]["object"]["size"] for record in records] == [3, 1, 5, 2, 4]
    assert len({record["s3"]["object"]["sequencer"] for record in records}) == 5


def test_a_restore(told):
    def restore(s3, bucket):
        return s3.restore_object(Bucket=bucket, Key="key", RestoreRequest={"Days": 1})
    records, _ = told(
        ["s3:ObjectRestore:*"], restore, count=2,
        prepare=lambda s3, bucket: s3.put_object(Bucket=bucket, Key="key", Body=b"x", StorageClass="GLACIER"))
    assert [record["eventName"] for record in records] == ["ObjectRestore:Post", "ObjectRestore:Completed"]
    data = records[1]["glacierEventData"]["restoreEventData"]
    assert data["lifecycleRestoreStorageClass"] == "GLACIER"
    assert data["lifecycleRestorationExpiryTime"].endswith("T00:00:00.000Z")


FILTERS = {
    "prefix": ({"prefix": "in/"}, ["in/a.txt", "in/b.jpg"]), "suffix": ({"suffix": ".jpg"}, ["in/b.jpg", "out/c.jpg"]),
    "both": ({"prefix": "in/", "suffix": ".jpg"}, ["in/b.jpg"]), "case": ({"suffix": ".JPG"}, []),
    "encoded": ({"prefix": "in%2F"}, ["in/a.txt", "in/b.jpg"]),
}


@pytest.mark.parametrize("given, expected", FILTERS.values(), ids=FILTERS.keys())
def test_filters(shared, request, given, expected):
    emulator, folder = shared
    s3, bucket = emulator.client("s3"), f"filter-{request.node.callspec.id}"
    s3.create_bucket(Bucket=bucket)
    rules = [{"Name": name, "Value": value} for name, value in given.items()]
    listen(s3, bucket, Filter={"Key": {"FilterRules": rules}}, events=["s3:ObjectCreated:*"])
    for key in ["in/a.txt", "in/b.jpg", "out/c.jpg", "out/d"]:
        put(s3, bucket, key)
    # An event of another bucket that comes last: what was to come before it has come.
    listen_last(s3, bucket + "-last")
    put(s3, bucket + "-last")
    recorder.wait(folder, 1, bucket=bucket + "-last")
    found = recorder.wait(folder, len(expected), bucket=bucket)
    assert sorted(one["s3"]["object"]["key"] for one in found) == expected


def listen_last(s3, bucket):
    s3.create_bucket(Bucket=bucket)
    listen(s3, bucket)
