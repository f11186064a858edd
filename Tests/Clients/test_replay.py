"""`emulator replay`: recorded invocations run again, and the answers are compared."""

import io
import json
import os
import re
import stat
import urllib.request
import zipfile

import pytest
from running import until

from . import commands


class Service:
    """A function whose program can be replaced, with and without a running emulator."""

    def __init__(self, folder, start):
        self.folder = folder
        self.start = start
        self.program = str(folder / "program")
        self.write("result = event")
        self.manifest = commands.write_manifest(folder, {"work": self.program, "other": self.program})
        self.options = ["--manifest", self.manifest, "--data", folder / "data"]
        self.running = None

    def write(self, body):
        commands.write_program(self.program, commands.bootstrap(body))

    def record(self, *events, function="work", options=("--record",)):
        """Runs an emulator that records these events."""
        running = self.start(*options, manifest=self.manifest, folder=self.folder / "data")
        before = len(self.files())
        for event in events:
            running.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
        until(lambda: len(self.files()) >= min(before + len(events), 1000), "the recordings")
        return running

    def files(self):
        folder = self.folder / "data/recordings"
        return sorted(name for name in os.listdir(folder) if name.endswith(".json")) if folder.exists() else []

    def replay(self, *arguments, code=0):
        return commands.printed("replay", *arguments, *self.options, code=code)

    def text(self, *arguments, code=0):
        return commands.run("replay", *arguments, *self.options, code=code)


@pytest.fixture
def service(tmp_path, start):
    return Service(tmp_path, start)


def test_the_same_program_answers_the_same(service):
    service.record({"n": 1}).stop()
    assert service.replay("last")["same"] is True
    assert "The answer is the same" in service.text("last").stdout


def test_differences_are_shown_by_their_path(service):
    service.write("result = {'count': event['n'], 'list': [1, 2], 'old': True}")
    service.record({"n": 1}).stop()
    service.write("result = {'count': event['n'] + 1, 'list': [1, 3, 4], 'new': None}")
    replay = service.replay("last", code=1)
    assert replay["same"] is False
    assert {(one["path"], one.get("before"), one.get("after")) for one in replay["differences"]} == {
        ("count", 1, 2), ("list[1]", 2, 3), ("list[2]", None, 4), ("old", True, None), ("new", None, None)}
    text = service.text("last", code=1).stdout
    for line in ("~ count: 1 -> 2", "+ list[2]: 4", "- old: true", "+ new: null", "5 differences"):
        assert line in text


def test_bodies_of_answers_are_compared_inside(service):
    service.write("result = {'statusCode': 200, 'body': json.dumps({'n': 1, 'm': 1})}")
    service.record({}).stop()
    service.write("result = {'statusCode': 200, 'body': json.dumps({'n': 2, 'm': 1})}")
    assert [one["path"] for one in service.replay("last", code=1)["differences"]] == ["body.n"]


def test_what_always_differs_can_be_ignored(service):
    service.write("result = {'time': time.time(), 'n': {'a': time.time()}, 'm': 1}")
    service.record({}).stop()
    assert len(service.replay("last", code=1)["differences"]) == 2
    replay = service.replay("last", "--ignore", "time", "--ignore", "n")
    assert replay["same"] is True and replay["ignored"] == 2


def test_a_function_that_fails_now_differs(service):
    service.record({"n": 1}).stop()
    service.write("raise SystemExit('broken')")
    replay = service.replay("last", code=1)
    assert "functionError" in [one["path"] for one in replay["differences"]]


def test_a_request_is_known_by_the_beginning_of_its_id(service):
    service.record({"n": 1}, {"n": 2}).stop()
    listed = service.replay("--list")
    assert [entry["function"] for entry in listed] == ["work", "work"]
    first = listed[0]["requestId"]
    assert service.replay(first[:13])["answer"] == {"n": 1}
    assert service.replay("last")["answer"] == {"n": 2}
    assert service.replay(listed[1]["requestId"])["requestId"] == listed[1]["requestId"]


def test_a_request_is_known_by_the_gateways_id(service):
    service.write("result = {'statusCode': 200, 'body': event['rawPath']}")
    running = service.record()
    with urllib.request.urlopen(running.gateway + "/work", timeout=30) as answer:
        identifier = answer.headers["apigw-requestid"]
    until(service.files, "the recording")
    running.stop()
    assert service.replay(identifier)["same"] is True


def test_it_goes_to_the_running_emulator(service):
    service.record({"n": 1})
    before = len(service.files())
    assert service.replay("last")["same"] is True
    until(lambda: len(service.files()) == before + 1, "the replay's own recording")


def test_the_last_call_is_no_replay(service):
    service.write("result = 'old'")
    running = service.record({"n": 1})
    running.stop()
    service.write("result = 'new'")
    service.record()
    for _ in range(2):
        count = len(service.files())
        differences = service.replay("last", code=1)["differences"]
        assert [(one["before"], one["after"]) for one in differences] == [("old", "new")]
        until(lambda: len(service.files()) == count + 1, "the replay's own recording")
    assert [entry["isReplay"] for entry in service.replay("--list")] == [False, True, True]


def test_a_timeout_is_the_same_whatever_request_it_was(service):
    service.manifest = commands.write_manifest(
        service.folder, {"work": {"executable": service.program, "timeout": 1}})
    service.write("time.sleep(60)")
    service.record({}).stop()
    assert service.replay("last")["same"] is True


def test_a_version_runs_again_as_that_version(service):
    running = service.record()
    client = running.client("lambda")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as file:
        program = zipfile.ZipInfo("bootstrap")
        program.external_attr = 0o100755 << 16
        file.writestr(program, commands.bootstrap("result = os.environ['AWS_LAMBDA_FUNCTION_VERSION']"))
    version = client.create_function(
        FunctionName="made", Runtime="provided.al2023", Handler="any", Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": package.getvalue()}, Publish=True)["Version"]
    client.get_waiter("function_active_v2").wait(FunctionName="made")
    client.invoke(FunctionName="made", Qualifier=version, Payload="{}")
    until(service.files, "the recording")
    replay = service.replay("last")
    assert replay["same"] is True and replay["answer"] == version == "1"


def test_what_could_not_run_is_no_difference(service):
    service.record({}).stop()
    commands.write_manifest(service.folder, {"work": {"executable": service.program, "reservedConcurrency": 0}})
    assert "was not run" in service.text("last", code=69).stderr


def test_the_order_of_a_bodys_members_is_no_difference(service):
    service.write("result = {'statusCode': 200, 'body': json.dumps({'n': 1, 'm': 2})}")
    service.record({}).stop()
    service.write("result = {'statusCode': 200, 'body': json.dumps({'m': 2, 'n': 1})}")
    assert service.replay("last")["same"] is True


def test_watching_records_and_replays_on_the_new_program(service):
    service.write("result = 'old'")
    running = service.record({}, options=("--watch",))
    identifier = service.replay("--list")[0]["requestId"]
    service.write("result = 'new'")
    client = running.client("lambda")
    until(lambda: json.load(client.invoke(FunctionName="work")["Payload"]) == "new", "the new program")
    replay = service.replay(identifier, code=1)
    assert [(one["before"], one["after"]) for one in replay["differences"]] == [("old", "new")]


def test_without_the_option_nothing_is_recorded(service):
    running = service.start(manifest=service.manifest, folder=service.folder / "data")
    running.client("lambda").invoke(FunctionName="work", Payload="{}")
    running.stop()
    assert service.files() == []
    assert "--record" in service.text("last", code=66).stderr


@pytest.mark.parametrize("event, path", [
    ({"headers": {"Authorization": "s3cret"}}, "headers.Authorization"),
    ({"headers": {"x-api-key": "s3cret"}}, "headers.x-api-key"),
    ({"multiValueHeaders": {"cookie": ["s3cret"]}}, "multiValueHeaders.cookie"),
    ({"cookies": ["a=s3cret"]}, "cookies"),
    ({"queryStringParameters": {"token": "s3cret"}, "rawQueryString": "token=s3cret"}, "queryStringParameters.token"),
    ({"triggerSource": "UserMigration_Authentication", "request": {"password": "s3cret"}}, "request.password")])
def test_secrets_are_masked(service, event, path):
    service.record(event).stop()
    name = service.files()[-1]
    file = service.folder / "data/recordings" / name
    assert "s3cret" not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert path in service.replay("last")["masked"]


def test_a_secret_can_be_put_back(service):
    service.write("result = event['headers']['authorization'] == 'right'")
    service.record({"headers": {"authorization": "right"}}).stop()
    result = service.text("last", code=1)
    assert "headers.authorization" in result.stderr and "~ answer: true -> false" in result.stdout
    assert service.replay("last", "--set", "headers.authorization=right")["same"] is True


def test_cookies_of_answers_are_masked_on_both_sides(service):
    service.write("result = {'statusCode': 200, 'headers': {'set-cookie': 'a=' + str(time.time())}, 'body': ''}")
    service.record({}).stop()
    assert service.replay("last")["same"] is True


def test_large_events_are_not_kept(service):
    service.record({"text": "x" * 300_000}).stop()
    assert service.replay("--list")[0]["replayable"] is False
    assert "262144" in service.text("last", code=65).stderr


def test_large_answers_are_compared_as_a_whole(service):
    service.write("result = 'x' * 300_000")
    service.record({}).stop()
    assert service.replay("last")["same"] is True
    service.write("result = 'y' * 300_000")
    assert len(service.replay("last", code=1)["differences"]) == 1


def test_the_last_thousand_are_kept_and_no_more(service):
    running = service.record()
    client = running.client("lambda")
    for number in range(1_030):
        client.invoke(FunctionName="work", Payload=json.dumps({"n": number}))
    until(lambda: len(service.files()) == 1_000 and '"n":1029' in (
        service.folder / "data/recordings" / service.files()[-1]).read_text(), "the oldest to go")
    running.stop()
    listed = service.replay("--list", "--lines", "1000")
    assert len(listed) == 1_000
    assert service.replay("last")["answer"] == {"n": 1029}


def test_recordings_survive_a_restart(service):
    service.record({"n": 1}).stop()
    service.record({"n": 2}, function="other").stop()
    assert [entry["function"] for entry in service.replay("--list")] == ["work", "other"]


def test_an_unknown_request_is_said(service):
    service.record({}).stop()
    error = service.text("ffffffff-no-such", code=66).stderr
    assert "--list" in error and "ffffffff-no-such" in error
    assert "--list" in service.text(code=64).stderr


def test_the_list_is_a_table(service):
    service.record({}).stop()
    text = service.text("--list").stdout
    assert re.search(r"REQUEST ID +TIME +FUNCTION +OUTCOME +DURATION", text)
    assert re.search(r"[0-9a-f-]{36} +\d{4}-\d\d-\d\dT\S+ +work +ok +[\d.]+ ms", text)
