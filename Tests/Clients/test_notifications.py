"""Event notifications from buckets to functions: declared in the manifest or put by a client, exact in what they
say, and delivered at least once, whatever happens to the emulator."""

import datetime
import hashlib
import json
import re
import subprocess
import time

import pytest
import recorder
import requests
from botocore.exceptions import ClientError
from conftest import EMULATOR, clean

EVERYTHING = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]


def arn(name):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def listen(s3, bucket, function="record", events=EVERYTHING, **more):
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"Id": "cfg", "LambdaFunctionArn": arn(function), "Events": events, **more}]})


def wait(folder, count, function=None, seconds=20):
    """So many records, once they are there."""
    end = time.time() + seconds
    while time.time() < end:
        found = recorder.records(folder, function)
        if len(found) >= count:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{len(recorder.records(folder, function))} of {count} events came in {seconds} s")


class Service:
    """An emulator with recording functions."""

    def __init__(self, start, folder, buckets, functions):
        self.folder, self.start = str(folder), start
        self.manifest = recorder.write_manifest(self.folder, buckets, functions)
        self.run()

    def run(self):
        self.emulator = self.start(manifest=self.manifest)
        self.s3 = self.emulator.client("s3")

    def wait(self, count, **more):
        return wait(self.folder, count, **more)


@pytest.fixture
def service(start, tmp_path):
    """service(buckets, functions) -> a running Service."""

    def make(buckets=({"name": "source"},), functions=None):
        return Service(start, tmp_path, list(buckets), functions or {"record": {}})

    return make


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One emulator for the tests of what records say; each uses a bucket of its own."""
    from conftest import Emulator
    folder = tmp_path_factory.mktemp("events")
    manifest = recorder.write_manifest(str(folder), [], {"record": {}})
    emulator = Emulator(folder / "data", manifest=manifest)
    yield emulator, str(folder)
    emulator.stop()


@pytest.fixture
def told(shared, request):
    """told(events, action, versioning=False) -> the records of what `action(s3, bucket)` did."""
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
        end = time.time() + 20
        while time.time() < end:
            mine = [one for one in recorder.records(folder) if one["s3"]["bucket"]["name"] == bucket]
            if len(mine) >= count:
                return mine, result
            time.sleep(0.02)
        raise AssertionError(f"{len(mine)} of {count} events came")

    return run


def put(s3, bucket, key="key", body=b"something"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body)


def upload(s3, bucket):
    begun = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="key", UploadId=begun, PartNumber=1, Body=b"something")
    return s3.complete_multipart_upload(
        Bucket=bucket, Key="key", UploadId=begun,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})


def post(s3, bucket):
    form = s3.generate_presigned_post(Bucket=bucket, Key="key")
    answer = requests.post(form["url"], data=form["fields"], files={"file": b"something"}, timeout=10)
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
    assert abs(happened - before) < datetime.timedelta(seconds=10)
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
        ["s3:ObjectCreated:*"], lambda s3, bucket: [put(s3, bucket) for _ in range(5)], count=5)
    sequencers = [record["s3"]["object"]["sequencer"] for record in records]
    assert sequencers == sorted(sequencers) and len(set(sequencers)) == 5


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
    end = time.time() + 20
    while time.time() < end:
        names = [(one["s3"]["bucket"]["name"], one["s3"]["object"]["key"]) for one in recorder.records(folder)]
        if (bucket + "-last", "key") in names and len(expected) <= sum(name == bucket for name, _ in names):
            break
        time.sleep(0.02)
    assert sorted(key for name, key in names if name == bucket) == expected


def listen_last(s3, bucket):
    s3.create_bucket(Bucket=bucket)
    listen(s3, bucket)


# Destinations

def test_a_function_of_the_manifest_is_a_destination(shared):
    emulator, _ = shared
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="destinations")
    for name in ["record", "record:$LATEST"]:
        listen(s3, "destinations", name)
    found = s3.get_bucket_notification_configuration(Bucket="destinations")["LambdaFunctionConfigurations"]
    assert found[0]["LambdaFunctionArn"] == arn("record:$LATEST")


@pytest.mark.parametrize("name", ["absent", "record:live"])
def test_no_other_function_is_a_destination(shared, name):
    emulator, _ = shared
    s3 = emulator.client("s3")
    bucket = "refused-" + name.replace(":", "-")
    s3.create_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as caught:
        listen(s3, bucket, name)
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidArgument"
    assert error["ArgumentValue1"] == f"Not authorized to invoke function [{arn(name)}]"


def test_an_absent_destination_that_was_not_looked_for_is_told_nothing(service):
    run = service([{"name": "source", "notifications": []}])
    run.s3.put_bucket_notification_configuration(
        Bucket="source", SkipDestinationValidation=True,
        NotificationConfiguration={
            "QueueConfigurations": [
                {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q", "Events": ["s3:ObjectRemoved:*"]}],
            "LambdaFunctionConfigurations": [
                {"LambdaFunctionArn": arn("absent"), "Events": ["s3:ObjectCreated:*"]}]})
    assert put(run.s3, "source")["ResponseMetadata"]["HTTPStatusCode"] == 200
    line = run.emulator.process.stderr.readline()
    assert "ObjectCreated:Put of source/key was not delivered to function 'absent'" in line


# The manifest

def notification(**more):
    return {"function": "record", "events": EVERYTHING, **more}


def test_a_bucket_of_the_manifest_tells_a_function(service):
    run = service([{"name": "source", "notifications": [notification(prefix="in/")]}])
    put(run.s3, "source", "out/a")
    put(run.s3, "source", "in/a")
    (record,) = run.wait(1)
    assert record["s3"]["object"]["key"] == "in/a"
    assert record["s3"]["configurationId"] == "manifest-1-record"


def test_what_the_manifest_declares_is_read_back(service):
    run = service([{"name": "source", "notifications": [notification(suffix=".png")]}])
    found = run.s3.get_bucket_notification_configuration(Bucket="source")["LambdaFunctionConfigurations"]
    assert found == [{
        "Id": "manifest-1-record", "LambdaFunctionArn": arn("record"), "Events": EVERYTHING,
        "Filter": {"Key": {"FilterRules": [{"Name": "Suffix", "Value": ".png"}]}}}]


def test_two_functions_of_one_bucket(service):
    run = service(
        [{"name": "source", "notifications": [
            {"function": "made", "events": ["s3:ObjectCreated:*"]},
            {"function": "gone", "events": ["s3:ObjectRemoved:*"]}]}], {"made": {}, "gone": {}})
    put(run.s3, "source")
    run.s3.delete_object(Bucket="source", Key="key")
    assert [one["eventName"] for one in run.wait(1, function="made")] == ["ObjectCreated:Put"]
    assert [one["eventName"] for one in run.wait(1, function="gone")] == ["ObjectRemoved:Delete"]


def test_the_presigned_and_the_large(service):
    run = service([{"name": "source", "notifications": [notification()]}])
    url = run.s3.generate_presigned_url("put_object", Params={"Bucket": "source", "Key": "large"})
    assert requests.put(url, data=b"x" * 3_000_000, timeout=10).status_code == 200
    (record,) = run.wait(1)
    assert record["s3"]["object"]["size"] == 3_000_000


# At least once

def test_events_wait_for_the_next_start(service):
    run = service([{"name": "source", "notifications": [notification()]}], {"record": {"RECORD_SECONDS": "30"}})
    keys = {f"k{n}" for n in range(20)}
    for key in keys:
        put(run.s3, "source", key)
    run.wait(1)
    run.emulator.kill()
    early = {one["s3"]["object"]["key"] for one in recorder.records(run.folder)}
    assert len(early) < 20
    # The functions are quick now; those that were cut off are told again.
    recorder.write_manifest(run.folder, [{"name": "source", "notifications": [notification()]}], {"record": {}})
    run.run()
    end = time.time() + 20
    while time.time() < end and {one["s3"]["object"]["key"] for one in recorder.records(run.folder)} != keys:
        time.sleep(0.05)
    records = recorder.records(run.folder)
    assert {one["s3"]["object"]["key"] for one in records} == keys
    # One key may have been put just before the kill without having been called; each cut-off call came again.
    assert len(records) >= 20 + len(early)


def test_events_survive_a_clean_stop(service):
    run = service([{"name": "source", "notifications": [notification()]}], {"record": {"RECORD_SECONDS": "30"}})
    for n in range(10):
        put(run.s3, "source", f"k{n}")
    run.wait(1)
    run.emulator.stop()
    recorder.write_manifest(run.folder, [{"name": "source", "notifications": [notification()]}], {"record": {}})
    run.run()
    end = time.time() + 20
    while time.time() < end and len({one["s3"]["object"]["key"] for one in recorder.records(run.folder)}) < 10:
        time.sleep(0.05)
    assert len({one["s3"]["object"]["key"] for one in recorder.records(run.folder)}) == 10


def test_a_kill_right_after_the_answer_loses_no_event(service):
    run = service([{"name": "source", "notifications": [notification()]}])
    keys = set()
    for round in range(3):
        for n in range(10):
            put(run.s3, "source", f"r{round}-{n}")
            keys.add(f"r{round}-{n}")
        run.emulator.kill()
        run.run()
    end = time.time() + 20
    while time.time() < end and {one["s3"]["object"]["key"] for one in recorder.records(run.folder)} != keys:
        time.sleep(0.05)
    assert {one["s3"]["object"]["key"] for one in recorder.records(run.folder)} == keys


def test_delivered_events_are_not_told_again(service):
    run = service([{"name": "source", "notifications": [notification()]}])
    for n in range(20):
        put(run.s3, "source", f"k{n}")
    run.wait(20)
    time.sleep(1.5)
    run.emulator.stop()
    run.run()
    put(run.s3, "source", "last")
    run.wait(21)
    time.sleep(1.5)
    assert len(recorder.records(run.folder)) == 21


def test_a_slow_function_holds_up_no_other(service):
    run = service(
        [{"name": "source", "notifications": [
            {"function": "slow", "events": ["s3:ObjectCreated:*"], "prefix": "slow/"},
            {"function": "quick", "events": ["s3:ObjectCreated:*"], "prefix": "quick/"}]}],
        {"slow": {"RECORD_SECONDS": "20"}, "quick": {}})
    for n in range(20):
        put(run.s3, "source", f"slow/{n}")
    for n in range(20):
        put(run.s3, "source", f"quick/{n}")
    assert len(run.wait(20, function="quick", seconds=15)) == 20


def test_a_failing_function_holds_up_no_other_event(service):
    run = service([{"name": "source", "notifications": [notification()]}], {"record": {"RECORD_FAILS": "1"}})
    for n in range(12):
        put(run.s3, "source", f"k{n}")
    assert len({one["s3"]["object"]["key"] for one in run.wait(12)}) == 12


def test_pending_events_pass_the_check_of_the_store(service, tmp_path):
    run = service([{"name": "source", "notifications": [notification()]}], {"record": {"RECORD_SECONDS": "30"}})
    for n in range(10):
        put(run.s3, "source", f"k{n}")
    run.emulator.kill()
    done = subprocess.run(
        [EMULATOR, "verify", "--data", run.emulator.folder, "--json"], capture_output=True, text=True, env=clean())
    assert json.loads(done.stdout)["ok"] is True, done.stdout


# The command line says what is wrong with a manifest

WRONG = {
    "function": ({"function": "recorr", "events": EVERYTHING}, "did you mean 'record'?"),
    "event": ({"function": "record", "events": ["s3:ObjectCreatd:*"]}, "did you mean 's3:ObjectCreated:*'?"),
    "field": ({"function": "record", "events": EVERYTHING, "sufix": "x"}, "did you mean 'suffix'?"),
    "no events": ({"function": "record", "events": []}, "lists no event"),
    "no function": ({"events": EVERYTHING}, "lacks the field 'function'"),
}


@pytest.mark.parametrize("given, text", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_notification_in_the_manifest(tmp_path, given, text):
    path = recorder.write_manifest(str(tmp_path), [{"name": "source", "notifications": [given]}], {"record": {}})
    done = subprocess.run(
        [EMULATOR, "start", "--manifest", path, "--data", str(tmp_path / "data"), "--port", "0", "--aws-port", "0"],
        capture_output=True, text=True, env=clean(), timeout=20)
    assert done.returncode == 65
    assert text in done.stderr and "serverless-manifest.json:1: 'buckets.0.notifications.0" in done.stderr


def test_overlapping_notifications_in_the_manifest(tmp_path):
    path = recorder.write_manifest(
        str(tmp_path), [{"name": "source", "notifications": [notification(), notification(prefix="in/")]}],
        {"record": {}})
    done = subprocess.run(
        [EMULATOR, "start", "--manifest", path, "--data", str(tmp_path / "data"), "--port", "0", "--aws-port", "0"],
        capture_output=True, text=True, env=clean(), timeout=20)
    assert done.returncode == 65
    assert "'buckets.0.notifications.1' cannot be used: Configuration is ambiguously defined." in done.stderr
