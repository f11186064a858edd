"""Runtimes that others have written, unchanged: AWS's own for Python, and a shell script with curl."""

import base64
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys

import pytest

from . import bootstraps

PYTHON = os.path.realpath(sys.executable)
HANDLER = '''
import json, logging, os, sys, time

calls = []
logging.getLogger().setLevel(logging.INFO)


class Wrong(Exception):
    pass


def handler(event, context):
    calls.append(event)
    action = event.get("action") if isinstance(event, dict) else None
    if action == "raise":
        raise Wrong("as told")
    if action == "exit":
        sys.exit(int(event["code"]))
    if action == "sleep":
        time.sleep(60)
    if action == "unserialisable":
        return object()
    if action == "large":
        return "x" * event["size"]
    if action == "log":
        print("printed")
        logging.info("logged")
    if action == "context":
        client = context.client_context
        return {
            "id": context.aws_request_id, "arn": context.invoked_function_arn, "name": context.function_name,
            "version": context.function_version, "memory": context.memory_limit_in_mb,
            "group": context.log_group_name, "stream": context.log_stream_name,
            "remaining": context.get_remaining_time_in_millis(), "trace": os.environ.get("_X_AMZN_TRACE_ID"),
            "custom": client and client.custom, "identity": context.identity.cognito_identity_id,
            "tenant": context.tenant_id}
    if action == "count":
        return [os.getpid(), len(calls)]
    return event
'''


def package_files(name):
    """The files of an installed distribution, as (name in the distribution, path)."""
    for file in importlib.metadata.files(name):
        if ".." not in file.parts and "__pycache__" not in file.parts:
            yield str(file), str(file.locate())


def write_package(folder, code, handler="app.handler"):
    """A function's folder as one would zip it: its code, and awslambdaric with what that needs."""
    for name in ("awslambdaric", "simplejson", "snapshot-restore-py"):
        for file, path in package_files(name):
            target = os.path.join(folder, file)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(path, target)
    with open(os.path.join(folder, "app.py"), "w") as file:
        file.write(code)
    return bootstraps.write(folder, "bootstrap", (
        f'#!/bin/sh\nexport PYTHONPATH="$LAMBDA_TASK_ROOT"\nexec {PYTHON} -m awslambdaric {handler}\n'))


@pytest.fixture(scope="module")
def ric(tmp_path_factory):
    """call(name, event, ...) of functions that run under awslambdaric."""
    from .conftest import Service
    folder = tmp_path_factory.mktemp("ric")
    functions = {
        # One environment, so that the next call finds the same process if it lives.
        "app": {"code": HANDLER, "timeout": 30, "memorySize": 256, "reservedConcurrency": 1},
        "slow": {"code": HANDLER, "timeout": 2},
        "broken": {"code": "import a_module_that_does_not_exist"},
        "wrong": {"code": "def handler(event, context)\n    return 1"},
        "raising": {"code": "raise RuntimeError('at the top')"},
        "absent": {"code": "def other(event, context): return 1"},
    }
    for name, function in functions.items():
        function["executable"] = write_package(str(folder / name), function.pop("code"))
    # The interpreter for which the package was installed may lie in a home.
    made = Service(folder, functions, options=["--share", sys.base_prefix])
    yield made
    made.emulator.stop()


@pytest.mark.parametrize("event", [
    {}, {"a": [1, 2.5, None, True]}, [], [1], "text", 17, True, {"text": "grüße 😀"}, {"x": "y" * 1_000_000}],
    ids=["empty", "object", "empty list", "list", "string", "number", "bool", "unicode", "long"])
def test_awslambdaric_answers(ric, event):
    got = ric.call("app", event)
    assert got.error is None and got.json == event


def test_awslambdaric_knows_its_context(ric):
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}, "client": {}, "env": {}}).encode()).decode()
    got = ric.call("app", {"action": "context"}, ClientContext=context)
    found = got.json
    assert found["id"] == got.request_id and found["name"] == "app" and found["version"] == "$LATEST"
    assert found["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:app"
    assert found["memory"] in ("256", 256) and found["group"] == "/aws/lambda/app" and "[$LATEST]" in found["stream"]
    assert 0 < found["remaining"] <= 30_000
    assert found["trace"].startswith("Root=1-")
    assert found["custom"] == {"a": "b"} and found["identity"] is None and found["tenant"] is None


def test_awslambdaric_sees_the_tenant(ric):
    assert ric.call("app", {"action": "context"}, TenantId="blue").json["tenant"] == "blue"


def test_awslambdaric_reports_an_exception(ric):
    got = ric.call("app", {"action": "raise"})
    assert got.status == 200 and got.error == "Unhandled"
    assert got.json["errorMessage"] == "as told" and got.json["errorType"] == "Wrong"
    assert got.json["requestId"] == got.request_id
    assert any("in handler" in line for line in got.json["stackTrace"])


def test_awslambdaric_stays_warm(ric):
    first, second = (ric.call("app", {"action": "count"}).json for _ in range(2))
    assert second == [first[0], first[1] + 1]


def test_awslambdaric_survives_an_exception(ric):
    before = ric.call("app", {"action": "count"}).json
    ric.call("app", {"action": "raise"})
    assert ric.call("app", {"action": "count"}).json == [before[0], before[1] + 2]


def test_awslambdaric_reports_what_is_no_json(ric):
    got = ric.call("app", {"action": "unserialisable"})
    assert got.error == "Unhandled" and got.json["errorType"] == "Runtime.MarshalError"


def test_awslambdaric_answers_too_much(ric):
    """This client ends its process when a response is refused; the next call starts another one."""
    got = ric.call("app", {"action": "large", "size": 7_000_000})
    assert got.error == "Unhandled" and got.json["errorType"] == "Function.ResponseSizeTooLarge"
    assert ric.call("app", {"action": "count"}).error is None


def test_awslambdaric_sends_six_megabytes(ric):
    assert len(ric.call("app", {"action": "large", "size": 6_000_000}).json) == 6_000_000


@pytest.mark.parametrize("code", [1, 3])
def test_awslambdaric_that_exits(ric, code):
    got = ric.call("app", {"action": "exit", "code": code})
    assert got.error == "Unhandled" and got.json["errorType"] == "Runtime.ExitError"
    assert "exit status" in got.json["errorMessage"]
    assert ric.call("app", {"action": "count"}).error is None


def test_awslambdaric_that_takes_too_long(ric):
    got = ric.call("slow", {"action": "sleep"})
    assert got.error == "Unhandled" and got.json["errorType"] == "Sandbox.Timedout"
    assert ric.call("slow", {"a": 1}).json == {"a": 1}


def test_awslambdaric_writes_to_the_log(ric):
    got = ric.call("app", {"action": "log"}, LogType="Tail")
    log = base64.b64decode(got.headers["x-amz-log-result"]).decode()
    assert "printed\n" in log and f"\t{got.request_id}\tlogged" in log


@pytest.mark.parametrize("name, kind", [
    ("broken", "Runtime.ImportModuleError"), ("wrong", "Runtime.UserCodeSyntaxError"),
    ("raising", "RuntimeError"), ("absent", "Runtime.HandlerNotFound")])
def test_awslambdaric_that_cannot_begin(ric, name, kind):
    got = ric.call(name, {})
    assert got.status == 200 and got.error == "Unhandled"
    assert got.json["errorType"] == kind and got.json["errorMessage"]


# A shell script, as one writes it by the documentation of custom runtimes

SHELL = """
set -u
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
headers="$(mktemp)"
while true; do
    event=$(curl -sS -LD "$headers" "$api/invocation/next")
    id=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
    case $event in
        *fail*)
            curl -sS -o /dev/null -H "Lambda-Runtime-Function-Error-Type: Function.ShellError" \\
                -d '{"errorMessage": "told to", "errorType": "ShellError"}' "$api/invocation/$id/error" ;;
        *crash*) exit 5 ;;
        *)
            echo "event: $event"
            curl -sS -o /dev/null -d "[\\"$id\\", $event, $$]" "$api/invocation/$id/response" ;;
    esac
done
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    from .conftest import Service
    folder = tmp_path_factory.mktemp("shell")
    made = Service(folder, {
        "sh": {"code": bootstraps.shell(SHELL), "reservedConcurrency": 1},
        "init": bootstraps.shell(
            'curl -sS -H "Lambda-Runtime-Function-Error-Type: Runtime.NoFile" '
            '-d \'{"errorMessage": "no file", "errorType": "NoFile"}\' '
            '"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/init/error"\nexit 1')})
    yield made
    made.emulator.stop()


def test_curl_is_here():
    assert subprocess.run(["curl", "--version"], capture_output=True, check=True).stdout


@pytest.mark.parametrize("event", [{}, {"a": "b c"}, [1, 2], "ü", 7])
def test_a_shell_script_answers(script, event):
    got = script.call("sh", event)
    assert got.error is None and got.json[:2] == [got.request_id, event]


def test_a_shell_script_stays_warm(script):
    assert script.call("sh", 1).json[2] == script.call("sh", 2).json[2]


def test_a_shell_script_reports_an_error(script):
    got = script.call("sh", "fail")
    assert got.error == "Unhandled" and got.json == {"errorMessage": "told to", "errorType": "ShellError"}


def test_a_shell_script_crashes(script):
    got = script.call("sh", "crash")
    assert got.error == "Unhandled" and "exit status 5" in got.json["errorMessage"]
    assert script.call("sh", 1).error is None


def test_a_shell_script_logs(script):
    got = script.call("sh", {"said": 1}, LogType="Tail")
    assert 'event: {"said": 1}' in base64.b64decode(got.headers["x-amz-log-result"]).decode()


def test_a_shell_script_that_cannot_begin(script):
    assert script.call("init", {}).json == {"errorMessage": "no file", "errorType": "NoFile"}


@pytest.mark.parametrize("size", [100_000, 1_000_000])
def test_a_shell_script_posts_a_file(service, size):
    """curl sends a long body after `Expect: 100-continue`."""
    made = service(big=bootstraps.shell(f"""
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
    id=$(curl -sSi "$api/next" | grep -Fi Lambda-Runtime-Aws-Request-Id | tr -d '[:space:]' | cut -d: -f2)
    head -c {size} /dev/zero | tr '\\0' x | curl -sS -o /dev/null --data-binary @- "$api/$id/response"
done
"""))
    assert made.call("big").payload == b"x" * size


def test_a_shell_script_streams(service):
    made = service(stream=bootstraps.shell("""
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
    id=$(curl -sSi "$api/next" | grep -Fi Lambda-Runtime-Aws-Request-Id | tr -d '[:space:]' | cut -d: -f2)
    { echo one; sleep 0.2; echo two; } | curl -sS -o /dev/null -H "Transfer-Encoding: chunked" \\
        -H "Lambda-Runtime-Function-Response-Mode: streaming" -X POST -T - "$api/$id/response"
done
"""))
    assert made.call("stream").payload == b"one\ntwo\n"
    events = list(made.client.invoke_with_response_stream(FunctionName="stream")["EventStream"])
    assert b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1]) == b"one\ntwo\n"
