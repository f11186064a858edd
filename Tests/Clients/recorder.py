"""A function for tests: a custom runtime that keeps each event as an object of another bucket.

It speaks the Runtime API with Python's own library alone. Its environment says what it does beside that.
"""

import contextlib
import json
import os
import stat
import sys

import pytest
from running import Emulator, until

EVERYTHING = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]

CODE = """#!{python}
import json, os, sys, time, urllib.request, uuid
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
folder = os.environ["RECORD_FOLDER"]
while True:
    with urllib.request.urlopen(api + "next") as answer:
        request, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], answer.read()
    name = os.path.join(folder, f"{{time.time_ns()}}-{{uuid.uuid4().hex}}")
    with open(name + ".new", "wb") as file:
        file.write(event)
    os.rename(name + ".new", name + "." + os.environ["AWS_LAMBDA_FUNCTION_NAME"])
    time.sleep(float(os.environ.get("RECORD_SECONDS", "0")))
    wrong = os.environ.get("RECORD_FAILS") == "1"
    body = json.dumps({{"errorType": "Wrong", "errorMessage": "as told"}} if wrong else None).encode()
    url = api + request + ("/error" if wrong else "/response")
    urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST")).read()
"""


@pytest.fixture(scope="module", autouse=True)
def unconfined():
    """For the modules that import it: the recording function leaves what it got in a folder of this machine, and a
    confined function would not see that folder."""
    os.environ["MUMBLE_ISOLATION"] = "none"
    yield
    del os.environ["MUMBLE_ISOLATION"]


def write_program(folder):
    """The program's path."""
    path = os.path.join(folder, "recorder")
    with open(path, "w") as file:
        file.write(CODE.format(python=sys.executable))
    os.chmod(path, stat.S_IRWXU)
    return path


def write_manifest(folder, buckets, functions):
    """A service of recorders. functions: name -> environment. What they get lies in `folder`/events."""
    events = os.path.join(folder, "events")
    os.makedirs(events, exist_ok=True)
    program = write_program(folder)
    path = os.path.join(folder, "serverless-manifest.json")
    with open(path, "w") as file:
        json.dump({
            "service": "events",
            "functions": {
                name: {"executable": program, "timeout": 60, "environment": {"RECORD_FOLDER": events, **more}}
                for name, more in functions.items()},
            "buckets": buckets,
        }, file)
    return path


def records(folder, function=None):
    """The records that functions got, in the order of their arrival."""
    events = os.path.join(folder, "events")
    found = []
    for name in sorted(os.listdir(events)):
        if name.endswith(".new") or (function and not name.endswith("." + function)):
            continue
        with open(os.path.join(events, name)) as file:
            message = json.load(file)
        assert list(message) == ["Records"] and len(message["Records"]) == 1
        found.append(message["Records"][0])
    return found


def arn(name):
    return f"arn:aws:lambda:us-east-1:000000000000:function:{name}"


def listen(s3, bucket, function="record", events=EVERYTHING, **more):
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [
                {"Id": "cfg", "LambdaFunctionArn": arn(function), "Events": events, **more}]})


def wait(folder, count, function=None, bucket=None, seconds=60):
    """So many records, once they are there."""
    def mine():
        return [one for one in records(folder, function) if bucket in (None, one["s3"]["bucket"]["name"])]

    until(lambda: len(mine()) >= count, f"{count} events", seconds)
    return mine()


def keys(folder):
    """The keys that functions were told of."""
    return {one["s3"]["object"]["key"] for one in records(folder)}


@contextlib.contextmanager
def serve(folder):
    """An emulator with one recording function, for tests that use a bucket each; yields it with its folder."""
    emulator = Emulator(os.path.join(folder, "data"), manifest=write_manifest(str(folder), [], {"record": {}}))
    yield emulator, str(folder)
    emulator.stop()


def put(s3, bucket, key="key", body=b"something"):
    return s3.put_object(Bucket=bucket, Key=key, Body=body)
