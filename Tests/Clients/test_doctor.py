"""`emulator doctor`: what would not work on AWS, each with what mends it."""

import json
import os
import subprocess
import zipfile

import pytest

from running import BINARIES, MANIFEST

from .commands import bootstrap, printed, write_manifest, write_program
from .packages import write_package

SCRIPT = "#!/bin/sh\n"

TABLE = {
    "TableName": "things", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}

# Asks DynamoDB for an item, signed by hand: no SDK is installed for functions.
CALLER = '''
import datetime, hashlib, hmac
from urllib.parse import urlparse
address = urlparse(os.environ["AWS_ENDPOINT_URL"]).netloc
def call(operation, document):
    body = json.dumps(document)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = now[:8] + "/us-east-1/dynamodb/aws4_request"
    target = "DynamoDB_20120810." + operation
    canonical = "\\n".join([
        "POST", "/", "", "host:" + address, "x-amz-date:" + now, "x-amz-target:" + target, "",
        "host;x-amz-date;x-amz-target", hashlib.sha256(body.encode()).hexdigest()])
    text = "\\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection(address)
    connection.request("POST", "/", body, {
        "X-Amz-Date": now, "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=" + os.environ["AWS_ACCESS_KEY_ID"] + "/" + scope
        + ", SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + signature})
    answer = connection.getresponse()
    answer.read()
    return answer.status
'''


def doctor(*arguments, code=0, **options):
    return printed("doctor", *arguments, code=code, **options)


def problems(report):
    return [finding["problem"] for finding in report["findings"]]


def test_this_service_is_well(tmp_path):
    """Every sample event of the seven functions is answered, and permissions are what they use."""
    report = doctor("--manifest", MANIFEST, "--bin", BINARIES, "--data", tmp_path / "data", "--packages", tmp_path)
    assert report["errors"] == 0, report
    assert all("not packaged" in problem for problem in problems(report)), report


@pytest.mark.parametrize("program, mode, words, remedy", [
    (SCRIPT, 0o644, "Nobody may execute its bootstrap (mode 0644)", "chmod 755 bootstrap"),
    (SCRIPT, 0o700, "Only its owner, which is root on Lambda, may execute", "chmod 755 bootstrap"),
    ("no program", 0o755, "not an ELF file", "Put a program for Linux there"),
])
def test_a_bad_bootstrap_is_an_error_with_its_remedy(tmp_path, program, mode, words, remedy):
    path = write_package(tmp_path / "a.zip", program, mode=mode)
    report = doctor(path, code=1)
    assert report["errors"] == 1
    assert words in report["findings"][0]["problem"] and remedy in report["findings"][0]["remedy"]


def test_a_good_package_has_no_finding(tmp_path):
    assert doctor(write_package(tmp_path / "a.zip", SCRIPT))["findings"] == []


def test_a_package_without_a_bootstrap_is_an_error(tmp_path):
    report = doctor(write_package(tmp_path / "a.zip", SCRIPT, name="x/bootstrap"), code=1)
    assert "There is no file 'bootstrap' at its root, only x/bootstrap." in problems(report)


def test_a_file_that_is_no_zip_is_an_error(tmp_path):
    (tmp_path / "a.zip").write_text("no zip")
    assert "it is no zip file" in problems(doctor(tmp_path / "a.zip", code=1))[0]


def test_a_program_that_needs_more_than_the_base_image_names_what(tmp_path):
    """The emulator itself needs RocksDB, which provided.al2023 has not."""
    with open(os.path.join(BINARIES, "emulator"), "rb") as file:
        path = write_package(tmp_path / "a.zip", file.read(), method=zipfile.ZIP_STORED)
    found = " ".join(problems(doctor(path, code=1)))
    assert "it needs librocksdb.so" in found and "does not start on provided.al2023" in found


@pytest.fixture(scope="module")
def linked(tmp_path_factory):
    """A program that needs liba.so, which needs libb.so."""
    folder = tmp_path_factory.mktemp("linked")
    for name, text, options in [
            ("libb.so", "int b(void) { return 0; }", ["-shared", "-fPIC"]),
            ("liba.so", "int b(void); int a(void) { return b(); }", ["-shared", "-fPIC", "-L.", "-lb"]),
            ("program", "int a(void); int main(void) { return a(); }", ["-s", "-L.", "-la", "-Wl,-rpath-link,."])]:
        (folder / "text.c").write_text(text)
        subprocess.run(["cc", "text.c", "-o", name, *options], cwd=folder, check=True)
    return {name: (folder / name).read_bytes() for name in ["program", "liba.so", "libb.so"]}


def libraries(path, linked, files):
    write_package(path, linked["program"])
    with zipfile.ZipFile(path, "a") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return path


@pytest.mark.parametrize("files, words", [
    ({}, ["it needs liba.so, which is not there"]),
    ({"deep/liba.so": "liba.so", "lib/libb.so": "libb.so"}, ["it needs liba.so, which is not there"]),
    ({"lib/liba.so": "liba.so"}, ["Its library liba.so is not loaded", "it needs libb.so, which is not there"]),
    ({"lib/liba.so": None, "libb.so": "libb.so"}, ["Its library liba.so is not an ELF file"]),
])
def test_libraries_of_the_package_are_looked_at_as_the_loader_does(tmp_path, linked, files, words):
    files = {path: linked.get(name, b"no library") for path, name in files.items()}
    report = doctor(libraries(tmp_path / "a.zip", linked, files), code=1)
    assert report["errors"] == 1 and all(text in problems(report)[0] for text in words), report


def test_libraries_in_lib_and_at_the_root_are_found(tmp_path, linked):
    files = {"lib/liba.so": linked["liba.so"], "libb.so": linked["libb.so"]}
    assert doctor(libraries(tmp_path / "a.zip", linked, files))["errors"] == 0


@pytest.mark.parametrize("line, words", [
    ("#!/usr/bin/python3", "a script for '/usr/bin/python3', which provided.al2023 does not have"),
    ("#!/bin/sh\r", "ends with a carriage return"),
])
def test_a_script_that_nothing_starts_there_is_an_error(tmp_path, line, words):
    report = doctor(write_package(tmp_path / "a.zip", line + "\n"), code=1)
    assert report["errors"] == 1 and words in problems(report)[0]


@pytest.fixture
def service(tmp_path):
    """Makes a service of one function in Python; returns what commands are to be given."""
    def make(body, before="", values=None, **more):
        write_program(tmp_path / "f.py", bootstrap(body, before))
        write_manifest(tmp_path, {"one": {"executable": "./f.py", **(values or {})}}, **more)
        return ["--manifest", tmp_path / "serverless-manifest.json", "--data", tmp_path / "data"]
    return make


def test_a_function_that_fails_on_its_sample_event_is_an_error(service):
    arguments = service("raise SystemExit(3)")
    report = doctor("one", *arguments, code=1)
    assert any("fails on the sample event 'emulator event http get'" in text for text in problems(report)), report


def test_an_event_beside_the_tests_is_tried(service, tmp_path):
    arguments = service("result = event['wanted']")
    folder = tmp_path / "Tests/Functions/One/Events"
    folder.mkdir(parents=True)
    (folder / "good.json").write_text('{"wanted": 1}')
    (folder / "good.expected.json").write_text("1")
    assert doctor("one", *arguments)["errors"] == 0
    (folder / "other.json").write_text("{}")
    assert "other.json" in problems(doctor("one", *arguments, code=1))[0]


def test_an_action_that_no_permission_allows_is_named_with_the_entry_to_add(service):
    body = 'result = call("GetItem", {"TableName": "things", "Key": {"id": {"S": "1"}}})'
    arguments = service(body, CALLER, tables=[TABLE])
    report = doctor("one", *arguments, code=1)
    finding = next(one for one in report["findings"] if one["severity"] == "error")
    assert "dynamodb:GetItem on table things" in finding["problem"]
    entry = json.loads(finding["remedy"][len("Add "):finding["remedy"].index(" to 'functions")])
    assert entry == {"actions": ["dynamodb:GetItem"], "table": "things"}
    arguments = service(body, CALLER, {"permissions": [entry]}, tables=[TABLE])
    assert doctor("one", *arguments)["errors"] == 0


def test_only_what_was_refused_for_its_form_is_no_use_of_an_action(service):
    body = '''
call("GetItem", {"TableName": "things", "Key": {"wrong": {"S": "1"}}})
call("Query", {"TableName": "things", "KeyConditionExpression": "("})
call("DeleteItem", {"TableName": "gone", "Key": {"id": {"S": "1"}}})
item = {"TableName": "things", "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_exists(id)"}
result = call("PutItem", item)
'''
    report = doctor("one", *service(body, CALLER, tables=[TABLE]), code=1)
    used = [text for text in problems(report) if "dynamodb:" in text]
    assert [text.split("on table")[0] for text in used] == ["It uses dynamodb:DeleteItem ", "It uses dynamodb:PutItem "]


def test_actions_of_a_recorded_run_count_too(service, tmp_path, start):
    body = 'result = call(event["operation"], {"TableName": "things"}) if "operation" in event else 0'
    arguments = service(body, CALLER, tables=[TABLE])
    assert doctor("one", *arguments)["errors"] == 0
    emulator = start("--record", folder=tmp_path / "data", manifest=arguments[1])
    answer = emulator.client("lambda").invoke(FunctionName="one", Payload='{"operation": "Scan"}')
    assert answer["Payload"].read() == b"200"
    emulator.stop()
    report = doctor("one", *arguments, "--skip-events", code=1)
    assert "dynamodb:Scan on table things" in problems(report)[-1] + problems(report)[0]


def test_a_variable_that_a_function_says_it_lacks_is_named(service):
    body = 'result = {"error": "environment variable SHOP_KEY is not set"}'
    report = doctor("one", *service(body), code=1)
    assert any("asked for the variable SHOP_KEY" in text for text in problems(report))
    report = doctor("one", *service(body, passEnvironment=["SHOP_KEY"]))
    assert [one["severity"] for one in report["findings"] if "SHOP_KEY" in one["problem"]] == ["warning"]


def test_what_cannot_be_deployed_is_an_error_with_its_line(service, tmp_path):
    arguments = service("result = 1", values={"freeze": False})
    report = doctor("one", *arguments, code=1)
    finding = next(one for one in report["findings"] if "freeze" in one["problem"])
    lines = (tmp_path / "serverless-manifest.json").read_text().splitlines()
    number = next(i for i, text in enumerate(lines, 1) if '"freeze"' in text)
    assert finding["subject"].endswith(f"serverless-manifest.json:{number}")
