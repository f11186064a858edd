"""Event notifications from buckets to functions: declared in the manifest or put by a client, and delivered at least
once, whatever happens to the emulator."""

import json
import subprocess

import pytest
import requests
from botocore.exceptions import ClientError
from running import EMULATOR, clean, until

from . import recorder
from .recorder import EVERYTHING, arn, listen, put, unconfined, wait  # noqa: F401


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
    with recorder.serve(tmp_path_factory.mktemp("events")) as served:
        yield served


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
    assert requests.put(url, data=b"x" * 3_000_000, timeout=60).status_code == 200
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
    until(lambda: recorder.keys(run.folder) == keys, "every event")
    # One key may have been put just before the kill without having been called; each cut-off call came again.
    run.wait(20 + len(early))


def test_events_survive_a_clean_stop(service):
    run = service([{"name": "source", "notifications": [notification()]}], {"record": {"RECORD_SECONDS": "30"}})
    for n in range(10):
        put(run.s3, "source", f"k{n}")
    run.wait(1)
    run.emulator.stop()
    recorder.write_manifest(run.folder, [{"name": "source", "notifications": [notification()]}], {"record": {}})
    run.run()
    until(lambda: len(recorder.keys(run.folder)) == 10, "every event")


def test_a_kill_right_after_the_answer_loses_no_event(service):
    run = service([{"name": "source", "notifications": [notification()]}])
    keys = set()
    for round in range(3):
        for n in range(10):
            put(run.s3, "source", f"r{round}-{n}")
            keys.add(f"r{round}-{n}")
        run.emulator.kill()
        run.run()
    until(lambda: recorder.keys(run.folder) == keys, "every event")


def test_delivered_events_are_not_told_again(service):
    run = service([{"name": "source", "notifications": [notification()]}])
    for n in range(20):
        put(run.s3, "source", f"k{n}")

    def ended(count):
        with open(f"{run.emulator.folder}/logs/record.log") as log:
            return log.read().count("REPORT RequestId") == count

    run.wait(20)
    until(lambda: ended(20), "the end of twenty calls")
    run.emulator.stop()
    run.run()
    # What came before it would be told before it.
    put(run.s3, "source", "last")
    run.wait(21)
    until(lambda: ended(21), "the end of the last call")
    assert len(recorder.records(run.folder)) == 21


def test_a_slow_function_holds_up_no_other(service):
    run = service(
        [{"name": "source", "notifications": [
            {"function": "slow", "events": ["s3:ObjectCreated:*"], "prefix": "slow/"},
            {"function": "quick", "events": ["s3:ObjectCreated:*"], "prefix": "quick/"}]}],
        {"slow": {"RECORD_SECONDS": "55"}, "quick": {}})
    for n in range(20):
        put(run.s3, "source", f"slow/{n}")
    for n in range(20):
        put(run.s3, "source", f"quick/{n}")
    assert len(run.wait(20, function="quick", seconds=50)) == 20


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
        capture_output=True, text=True, env=clean(), timeout=60)
    assert done.returncode == 65
    assert text in done.stderr and "serverless-manifest.json:1: 'buckets.0.notifications.0" in done.stderr


def test_overlapping_notifications_in_the_manifest(tmp_path):
    path = recorder.write_manifest(
        str(tmp_path), [{"name": "source", "notifications": [notification(), notification(prefix="in/")]}],
        {"record": {}})
    done = subprocess.run(
        [EMULATOR, "start", "--manifest", path, "--data", str(tmp_path / "data"), "--port", "0", "--aws-port", "0"],
        capture_output=True, text=True, env=clean(), timeout=60)
    assert done.returncode == 65
    assert "'buckets.0.notifications.1' cannot be used: Configuration is ambiguously defined." in done.stderr
