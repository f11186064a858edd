"""Lifecycle rules carried out: by `emulator lifecycle`, which need not wait for days, and by the emulator alone."""

import datetime
import hashlib
import json
import subprocess
import threading
import time

import pytest
from botocore.exceptions import ClientError
from running import EMULATOR, avoid_midnight, clean, until

from . import recorder
from .recorder import unconfined  # noqa: F401

UTC = datetime.timezone.utc
COUNTS = {
    "expired": 0, "markersMade": 0, "markersRemoved": 0, "versionsRemoved": 0, "transitioned": 0,
    "uploadsAborted": 0, "kept": 0}


@pytest.fixture(autouse=True)
def on_one_day():
    """Rules count whole days of UTC."""
    avoid_midnight()


def command(emulator, *options):
    return subprocess.run(
        [EMULATOR, "lifecycle", "--data", emulator.folder, *options], capture_output=True, text=True, env=clean())


def later(emulator, days, bucket=None):
    """What the rules did as of so many days from now; for a bucket, its counts that are not 0."""
    done = command(emulator, "--days", str(days), "--json", *(["--bucket", bucket] if bucket else []))
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    return {name: count for name, count in report["buckets"][bucket].items() if count} if bucket else report


@pytest.fixture
def bucket(s3, request):
    name = "l" + hashlib.md5(request.node.nodeid.encode()).hexdigest()
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def versioned(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def rules(s3, bucket, *members):
    s3.put_bucket_lifecycle_configuration(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": f"r{n}", "Status": "Enabled", "Filter": {}, **one} for n, one in enumerate(members)]})


def put(s3, bucket, key="key", body=b"x", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)


def keys(s3, bucket):
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def is_gone(s3, bucket, key="key"):
    try:
        s3.head_object(Bucket=bucket, Key=key)
        return False
    except ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404
        return True


# The command

def test_nothing_is_due_today(emulator, s3, bucket):
    put(s3, bucket)
    rules(s3, bucket, {"Expiration": {"Days": 1}})
    assert later(emulator, 0, bucket) == {}
    assert keys(s3, bucket) == ["key"]


@pytest.mark.parametrize("days, is_due", [(1, False), (2, True)])
def test_an_object_expires_after_its_days(emulator, s3, bucket, days, is_due):
    put(s3, bucket)
    rules(s3, bucket, {"Expiration": {"Days": 1}})
    assert later(emulator, days, bucket) == ({"expired": 1} if is_due else {})
    assert is_gone(s3, bucket) == is_due


def test_all_counts_are_printed(emulator, s3, bucket):
    rules(s3, bucket, {"Expiration": {"Days": 1}})
    done = command(emulator, "--json", "--bucket", bucket)
    assert json.loads(done.stdout) == {"buckets": {bucket: COUNTS}, "restoresEnded": 0}


def test_what_was_done_is_printed_in_words(emulator, s3, bucket):
    put(s3, bucket)
    rules(s3, bucket, {"Expiration": {"Days": 1}})
    assert command(emulator, "--bucket", bucket).stdout == f"{bucket}: nothing was due\n"
    assert command(emulator, "--bucket", bucket, "--days", "3").stdout == f"{bucket}: 1 objects deleted\n"


def test_a_bucket_without_rules_is_left_alone(emulator, s3, bucket):
    put(s3, bucket)
    done = command(emulator, "--bucket", bucket, "--days", "1000")
    assert done.stdout == "No bucket has lifecycle rules.\n"
    assert keys(s3, bucket) == ["key"]


def test_a_moment_may_be_named(emulator, s3, bucket):
    put(s3, bucket)
    rules(s3, bucket, {"Expiration": {"Days": 1}})
    day = (datetime.datetime.now(UTC) + datetime.timedelta(days=5)).strftime("%Y-%m-%d")
    assert "1 objects deleted" in command(emulator, "--bucket", bucket, "--at", day).stdout


WRONG = {
    "past": (["--at", "2020-01-01"], 64, "is in the past"),
    "no time": (["--at", "tomorrow"], 64, "not 'tomorrow'"),
    "two moments": (["--at", "2099-01-01", "--days", "1"], 64, "exclude each other"),
    "too many days": (["--days", "36501"], 64, "0 to 36500"),
    "no number": (["--days", "x"], 64, "whole number"),
    "argument": (["now"], 64, "one argument too many"),
    "no bucket": (["--bucket", "absent"], None, "The specified bucket does not exist"),
}


@pytest.mark.parametrize("options, code, text", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_says_so(emulator, options, code, text):
    done = command(emulator, *options)
    assert done.returncode == code if code else done.returncode != 0
    assert text in done.stderr


def test_without_a_running_emulator(tmp_path):
    done = subprocess.run(
        [EMULATOR, "lifecycle", "--data", str(tmp_path)], capture_output=True, text=True, env=clean())
    assert done.returncode == 69 and "No emulator runs on" in done.stderr


# What rules do

FILTERS = {
    "prefix": ({"Prefix": "a/"}, ["a/large", "a/small"]),
    "larger": ({"ObjectSizeGreaterThan": 50}, ["a/large", "b/large"]),
    "smaller": ({"ObjectSizeLessThan": 50}, ["a/small", "b/small"]),
    "prefix and size": ({"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 50}}, ["a/large"]),
}


@pytest.mark.parametrize("given, covered", FILTERS.values(), ids=FILTERS.keys())
def test_filters(emulator, s3, bucket, given, covered):
    everything = {"a/large": 100, "a/small": 10, "b/large": 100, "b/small": 10}
    for key, size in everything.items():
        put(s3, bucket, key, b"x" * size)
    rules(s3, bucket, {"Filter": given, "Expiration": {"Days": 1}})
    assert later(emulator, 3, bucket) == {"expired": len(covered)}
    assert keys(s3, bucket) == sorted(set(everything) - set(covered))


def test_a_disabled_rule(emulator, s3, bucket):
    put(s3, bucket)
    rules(s3, bucket, {"Status": "Disabled", "Expiration": {"Days": 1}})
    assert later(emulator, 1000, bucket) == {}


def test_the_older_form(emulator, s3, bucket):
    put(s3, bucket, "tmp/a")
    put(s3, bucket, "a")
    s3.put_bucket_lifecycle(
        Bucket=bucket,
        LifecycleConfiguration={
            "Rules": [{"ID": "old", "Prefix": "tmp/", "Status": "Enabled", "Expiration": {"Days": 1}}]})
    assert later(emulator, 3, bucket) == {"expired": 1}
    assert keys(s3, bucket) == ["a"]


def test_a_date_that_has_passed_acts_by_itself(s3, bucket):
    put(s3, bucket)
    rules(s3, bucket, {"Expiration": {"Date": datetime.datetime(2020, 1, 1, tzinfo=UTC)}})
    until(lambda: is_gone(s3, bucket), "the object expires")


def test_a_date_to_come(emulator, s3, bucket):
    put(s3, bucket)
    day = (datetime.datetime.now(UTC) + datetime.timedelta(days=10)).replace(
        hour=0, minute=0, second=0, microsecond=0)
    rules(s3, bucket, {"Expiration": {"Date": day}})
    assert later(emulator, 9, bucket) == {}
    assert later(emulator, 10, bucket) == {"expired": 1}


def test_a_whole_life_in_a_versioned_bucket(emulator, s3, versioned):
    made = put(s3, versioned)["VersionId"]
    rules(
        s3, versioned, {"Expiration": {"Days": 5}},
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 3}})
    assert later(emulator, 7, versioned) == {"markersMade": 1}
    assert is_gone(s3, versioned)
    assert s3.get_object(Bucket=versioned, Key="key", VersionId=made)["Body"].read() == b"x"
    assert later(emulator, 4, versioned) == {"versionsRemoved": 1}
    assert later(emulator, 7, versioned) == {"markersRemoved": 1}
    s3.delete_bucket(Bucket=versioned)


@pytest.mark.parametrize("kept", [1, 3])
def test_the_newest_noncurrent_versions_stay(emulator, s3, versioned, kept):
    for number in range(6):
        put(s3, versioned, body=b"%d" % number)
    rules(s3, versioned, {
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": kept}})
    assert later(emulator, 3, versioned) == {"versionsRemoved": 5 - kept}
    assert s3.get_object(Bucket=versioned, Key="key")["Body"].read() == b"5"


def test_lone_delete_markers_go(s3, versioned):
    lone = s3.delete_object(Bucket=versioned, Key="lone")["VersionId"]
    put(s3, versioned)
    covering = s3.delete_object(Bucket=versioned, Key="key")["VersionId"]
    rules(s3, versioned, {"Expiration": {"ExpiredObjectDeleteMarker": True}})
    # By itself, as nothing has to be waited for. A marker that is there answers 405.
    until(lambda: status(s3, versioned, "lone", lone) == 404, "the lone marker goes")
    assert status(s3, versioned, "key", covering) == 405


def status(s3, bucket, key, version):
    with pytest.raises(ClientError) as caught:
        s3.head_object(Bucket=bucket, Key=key, VersionId=version)
    return caught.value.response["ResponseMetadata"]["HTTPStatusCode"]


def test_unfinished_uploads_are_aborted(emulator, s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
    s3.upload_part(Bucket=bucket, Key="key", UploadId=upload, PartNumber=1, Body=b"x" * 100_000)
    rules(s3, bucket, {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}})
    assert later(emulator, 2, bucket) == {}
    assert later(emulator, 3, bucket) == {"uploadsAborted": 1}
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_objects_move_down_the_classes(emulator, s3, bucket):
    put(s3, bucket, body=b"x" * 200_000)
    put(s3, bucket, "small")
    rules(s3, bucket, {"Transitions": [
        {"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}]})
    assert later(emulator, 32, bucket) == {"transitioned": 1}
    assert s3.head_object(Bucket=bucket, Key="key")["StorageClass"] == "STANDARD_IA"
    assert later(emulator, 92, bucket) == {"transitioned": 1}
    with pytest.raises(ClientError) as caught:
        s3.get_object(Bucket=bucket, Key="key")
    assert caught.value.response["Error"]["Code"] == "InvalidObjectState"
    assert "StorageClass" not in s3.head_object(Bucket=bucket, Key="small")


def test_a_restored_copy_goes_again(emulator, s3, bucket):
    put(s3, bucket, StorageClass="DEEP_ARCHIVE")
    s3.restore_object(Bucket=bucket, Key="key", RestoreRequest={"Days": 2})
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"x"
    assert 'ongoing-request="false", expiry-date=' in s3.head_object(Bucket=bucket, Key="key")["Restore"]
    assert later(emulator, 4)["restoresEnded"] >= 1
    assert "Restore" not in s3.head_object(Bucket=bucket, Key="key")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="key")


def test_many_objects_go_while_requests_are_answered(start, tmp_path):
    """A sweep over thousands of objects holds up no request."""
    emulator = start(folder=tmp_path / "data")
    s3 = emulator.client("s3", max_pool_connections=16)
    s3.create_bucket(Bucket="many")

    def fill(first):
        for number in range(first, 2_000, 8):
            put(s3, "many", f"old/{number}")

    threads = [threading.Thread(target=fill, args=(first,)) for first in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rules(s3, "many", {"Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}})
    waits, done = [], threading.Event()

    def ask():
        while not done.is_set():
            began = time.time()
            put(s3, "many", "live")
            waits.append(time.time() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert later(emulator, 3, "many") == {"expired": 2_000}
    finally:
        done.set()
        asking.join()
    assert keys(s3, "many") == ["live"]
    # Far less; a busy machine is no fault of the sweep's.
    assert len(waits) > 2 and max(waits) < 30, waits


@pytest.mark.parametrize("occurrence", [1, 150])
def test_a_kill_during_a_sweep_leaves_a_whole_store(start, tmp_path, occurrence):
    folder = tmp_path / "data"
    emulator = start("--fault", f"blobUnlink:{occurrence}", folder=folder)
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="many")
    for number in range(300):
        put(s3, "many", f"k{number}", b"x" * 20_000)
    rules(s3, "many", {"Expiration": {"Days": 1}})
    command(emulator, "--days", "3")
    assert emulator.process.wait(timeout=60) == -9
    checked = subprocess.run(
        [EMULATOR, "verify", "--data", str(folder), "--json"], capture_output=True, text=True, env=clean())
    assert json.loads(checked.stdout)["ok"] is True, checked.stdout
    emulator = start(folder=folder)
    later(emulator, 3)
    assert keys(emulator.client("s3"), "many") == []


def test_rules_survive_a_restart(start, tmp_path):
    emulator = start(folder=tmp_path / "data")
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="kept")
    put(s3, "kept")
    rules(s3, "kept", {"Expiration": {"Days": 1}})
    emulator.kill()
    emulator = start(folder=tmp_path / "data")
    assert later(emulator, 3, "kept") == {"expired": 1}


def test_functions_are_told(start, tmp_path):
    manifest = recorder.write_manifest(
        str(tmp_path),
        [{"name": "source", "notifications": [
            {"function": "record", "events": [
                "s3:LifecycleExpiration:*", "s3:LifecycleTransition", "s3:ObjectRemoved:*"]}]}], {"record": {}})
    emulator = start(folder=tmp_path / "data", manifest=manifest)
    s3 = emulator.client("s3")
    put(s3, "source", "gone")
    put(s3, "source", "moved", b"x" * 131_072)
    rules(
        s3, "source", {"Filter": {"Prefix": "gone"}, "Expiration": {"Days": 1}},
        {"Filter": {"Prefix": "moved"}, "Transitions": [{"Days": 0, "StorageClass": "GLACIER"}]})
    later(emulator, 3)
    records = {one["eventName"]: one for one in recorder.wait(str(tmp_path), 2)}
    assert set(records) == {"LifecycleExpiration:Delete", "LifecycleTransition"}
    assert records["LifecycleTransition"]["lifecycleEventData"] == {
        "transitionEventData": {"destinationStorageClass": "GLACIER"}}
    assert list(records["LifecycleExpiration:Delete"]["s3"]["object"]) == ["key", "sequencer"]
    assert {one["eventVersion"] for one in records.values()} == {"2.3"}
