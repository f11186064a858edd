"""`emulator deploy --endpoint-url` and `emulator diff`: the functions that an emulator runs are the uploaded ones."""

import json
import os
import stat
import uuid

import pytest

import journey
from running import BINARIES, MANIFEST, SPEECH, Emulator

from .commands import bootstrap, printed, run, write_manifest
from .packages import write_package

PNG = b"\x89PNG\r\n\x1a\n"


def functions(manifest=MANIFEST):
    with open(manifest) as file:
        return list(json.load(file)["functions"])


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    """An emulator that runs nothing but what was uploaded, and the folder of the packages."""
    folder = tmp_path_factory.mktemp("deployed")
    for name in functions():
        with open(os.path.join(BINARIES, name), "rb") as file:
            write_package(folder / f"{name}.zip", file.read())
    emulator = Emulator(folder / "data", "--deployed")
    arguments = ["--stage", "dev", "--manifest", MANIFEST, "--packages", folder, "--endpoint-url", emulator.aws]
    before = printed("diff", *arguments, code=1)
    changes = printed("deploy", *arguments)
    yield emulator, arguments, before, changes
    emulator.stop()


def test_each_function_is_uploaded(deployed):
    emulator, _, before, changes = deployed
    assert [change["thing"] for change in changes if change["change"] == "create"] == [
        f"function {name}" for name in functions()]
    assert before == changes
    known = emulator.client("lambda").list_functions()["Functions"]
    assert sorted(one["FunctionName"] for one in known) == sorted(functions())
    assert all(one["CodeSize"] > 100_000 and one["Handler"] == "bootstrap" for one in known)


def test_nothing_differs_after_a_deployment(deployed):
    _, arguments, _, _ = deployed
    assert printed("diff", *arguments) == []
    assert printed("deploy", *arguments) == []


def test_the_journey_passes_on_the_uploaded_functions(deployed):
    emulator = deployed[0]
    user = f"user-{uuid.uuid4()}"
    trip = journey.Journey(emulator.gateway)
    slot = trip.upload(SPEECH, user)
    assert "sun" in trip.transcribe(slot["audioId"])["transcript"].lower()
    image = trip.generate(slot["audioId"], user)
    assert trip.download(image["imageUrl"]).startswith(PNG)
    assert [one["imageId"] for one in trip.gallery(user)["images"]] == [image["imageId"]]
    assert trip.like(image["imageId"], "key-" + user)["current_value"] == 1
    weather = trip.expect(200, "GET", "/weather?lat=31.23&lon=121.47")
    assert weather
    assert trip.expect(200, "GET", "/health?deep=1")["status"] == "ok"


@pytest.fixture
def small(tmp_path, start):
    """A service of one function in Python, deployed; its folder, emulator and arguments."""
    manifest = write_manifest(tmp_path, {"one": {}}, routes={"GET /one": "one"})
    write_package(tmp_path / "one.zip", bootstrap('result = {"statusCode": 200, "body": "first"}'))
    emulator = start("--deployed", manifest=manifest)
    arguments = ["--stage", "dev", "--manifest", manifest, "--packages", tmp_path, "--endpoint-url", emulator.aws]
    run("deploy", *arguments)
    return tmp_path, emulator, arguments


def test_a_new_package_changes_the_code_alone(small):
    folder, emulator, arguments = small
    assert journey.call("GET", emulator.gateway + "/one").body == b"first"
    write_package(folder / "one.zip", bootstrap('result = {"statusCode": 200, "body": "second"}'))
    changes = printed("diff", *arguments, code=1)
    assert [change["thing"] for change in changes] == ["function one"]
    assert changes[0]["details"][0].startswith("code: ")
    assert journey.call("GET", emulator.gateway + "/one").body == b"first"
    assert printed("deploy", *arguments) == changes
    assert journey.call("GET", emulator.gateway + "/one").body == b"second"


def test_changes_of_the_manifest_are_told_and_made(small):
    folder, emulator, arguments = small
    write_manifest(
        folder, {"one": {
            "memorySize": 256, "environment": {"SECRET": "hidden"},
            "eventSources": [{"table": "things", "batchSize": 7}]}}, routes={"GET /one": "one"},
        tables=[{
            "TableName": "things", "BillingMode": "PAY_PER_REQUEST", "TimeToLive": {"AttributeName": "expires"},
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}],
        buckets=[{
            "name": "files", "cors": [{"allowedOrigins": ["*"], "allowedMethods": ["GET"]}],
            "lifecycle": [{"prefix": "tmp/", "expirationDays": 1}],
            "notifications": [{"function": "one", "events": ["s3:ObjectCreated:*"], "prefix": "in/"}]}])
    shown = run("diff", *arguments, code=1).stdout
    assert "MemorySize: 128 becomes 256" in shown and "Variables.SECRET: new" in shown
    assert "create event source one of things" in shown and "notification configuration" in shown
    assert "create table things" in shown and "create bucket files" in shown and "hidden" not in shown
    run("deploy", *arguments)
    assert printed("diff", *arguments) == []
    assert emulator.client("lambda").get_function_configuration(FunctionName="one")["MemorySize"] == 256
    table = emulator.client("dynamodb").describe_time_to_live(TableName="things")["TimeToLiveDescription"]
    assert table["AttributeName"] == "expires"
    rules = emulator.client("s3").get_bucket_lifecycle_configuration(Bucket="files")["Rules"]
    assert rules[0]["Expiration"]["Days"] == 1
    told = emulator.client("s3").get_bucket_notification_configuration(Bucket="files")
    assert told["LambdaFunctionConfigurations"][0]["Events"] == ["s3:ObjectCreated:*"]


def test_without_an_emulator_there_it_says_so(small):
    _, emulator, arguments = small
    emulator.stop()
    assert "does not answer" in run("deploy", *arguments, code=69).stderr


AWS = """#!/bin/sh
case "$2" in
describe-stacks) [ -f "$STACK" ] || { echo "$WORDS" >&2; exit 254; } ;;
get-template) printf '{"TemplateBody": %s}' "$(cat "$STACK")" ;;
esac
"""


NO_STACK = ("An error occurred (ValidationError) when calling the DescribeStacks operation: "
            "Stack with id commands-prod does not exist")


@pytest.fixture
def account(tmp_path):
    """The environment of a command `aws` that knows one stack, in a file that is not there yet."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "aws").write_text(AWS)
    (folder / "aws").chmod(stat.S_IRWXU)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "STACK": str(tmp_path / "stack.json"), "WORDS": NO_STACK}


@pytest.mark.parametrize("words", [
    "An error occurred (ExpiredToken) when calling the DescribeStacks operation: "
    "The security token included in the request is expired",
    'Could not connect to the endpoint URL: "https://cloudformation.us-east-1.amazonaws.com/"',
    "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
])
def test_a_stack_that_cannot_be_asked_for_is_not_taken_for_a_missing_one(tmp_path, account, words):
    manifest = write_manifest(tmp_path, {"one": {}})
    result = run("diff", "--stage", "prod", "--manifest", manifest, env={**account, "WORDS": words}, code=69)
    assert words in result.stderr and "create" not in result.stdout


def test_a_stack_is_compared_with_its_template(tmp_path, account):
    env = account
    manifest = write_manifest(tmp_path, {"one": {}})
    arguments = ["--stage", "prod", "--manifest", manifest]
    assert all(one["change"] == "create" for one in printed("diff", *arguments, env=env, code=1))
    (tmp_path / "stack.json").write_text(run("deploy", *arguments, "--template", "-").stdout)
    assert printed("diff", *arguments, env=env) == []
    write_manifest(tmp_path, {"one": {"memorySize": 512}})
    changes = printed("diff", *arguments, env=env, code=1)
    assert changes == [{
        "change": "update", "thing": "resource OneFunction (AWS::Serverless::Function)",
        "details": ["Properties.MemorySize: 128 becomes 512"]}]
