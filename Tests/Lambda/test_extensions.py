"""External extensions: programs in /opt/extensions that live beside the function."""

import os
import socket
import stat
import time
import uuid

import pytest
from running import until

from . import bootstraps
from .bootstraps import python
from .conftest import gate_at

LOOP = """
extension = Extension()
answer = extension.register({events})
say("registered", [answer.status, answer.json, answer.headers["Lambda-Extension-Identifier"]])
while True:
    event = extension.next()
    say("event", event.json)
    if event.json["eventType"] == "SHUTDOWN":
        break
"""
BOTH = LOOP.format(events='"INVOKE", "SHUTDOWN"')
ECHO = "serve(lambda event, headers: event)"


@pytest.fixture
def extended(service, tmp_path):
    """extended(name=code, ...) -> a service whose function `f` has these extensions."""
    def make(function=ECHO, mode=0o755, options=(), more=None, **extensions):
        layer = tmp_path / "layer"
        for name, code in extensions.items():
            path = bootstraps.write(layer / "extensions", name, code if code.startswith("#!") else python(code))
            os.chmod(path, stat.S_IFREG | mode)
        return service(
            options=options,
            f={"code": python(function), "layer": str(layer), "reservedConcurrency": 1, "timeout": 20, **(more or {})})
    return make


def said(made, kind, count=1):
    """So many values, once they are in the log."""
    return until(lambda: found if len(found := made.said("f", kind)) >= count else None, f"{count} of {kind}")


def test_an_extension_gets_each_invocation(extended):
    made = extended(agent=BOTH)
    calls = [made.call("f", number) for number in range(3)]
    assert [call.json for call in calls] == [0, 1, 2]
    events = said(made, "event", 3)
    assert [event["requestId"] for event in events] == [call.request_id for call in calls]
    for event in events:
        assert event["eventType"] == "INVOKE"
        assert event["invokedFunctionArn"] == "arn:aws:lambda:us-east-1:000000000000:function:f"
        assert event["tracing"]["type"] == "X-Amzn-Trace-Id" and event["tracing"]["value"].startswith("Root=1-")
        assert set(event) == {"eventType", "deadlineMs", "requestId", "invokedFunctionArn", "tracing"}


def test_the_deadline_is_that_of_the_function(extended):
    made = extended("serve(lambda event, headers: headers['Lambda-Runtime-Deadline-Ms'])", agent=BOTH)
    deadline = made.call("f").json
    assert [event["deadlineMs"] for event in said(made, "event")] == [int(deadline)]


def test_what_registering_answers(extended):
    made = extended(agent=BOTH)
    made.call("f")
    [[status, answer, identifier]] = said(made, "registered")
    assert status == 200 and answer == {"functionName": "f", "functionVersion": "$LATEST", "handler": "f"}
    assert str(uuid.UUID(identifier)) == identifier


def test_the_account_is_told_to_those_who_ask(extended):
    made = extended(agent="""
extension = Extension()
say("answer", extension.register("INVOKE", Lambda_Extension_Accept_Feature="other, accountId").json)
while True:
    extension.next()
""")
    made.call("f")
    assert said(made, "answer")[0]["accountId"] == "000000000000"


def test_each_event_has_an_identifier(extended):
    made = extended(agent="""
extension = Extension()
extension.register("INVOKE")
while True:
    say("id", extension.next().headers["Lambda-Extension-Event-Identifier"])
""")
    for _ in range(2):
        made.call("f")
    first, second = (uuid.UUID(text) for text in said(made, "id", 2))
    assert first != second


def test_only_those_who_subscribe_get_invocations(extended):
    made = extended(quiet=LOOP.format(events='"SHUTDOWN"'))
    events = made.stop_until(lambda: made.call("f"), lambda: made.said("f", "event"), "the end is told")
    assert [event["eventType"] for event in events] == ["SHUTDOWN"]


def test_several_extensions(extended):
    made = extended(
        one='extension = Extension()\nextension.register("INVOKE")\nwhile True: say("one", extension.next().json)',
        two='extension = Extension()\nextension.register("INVOKE")\nwhile True: say("two", extension.next().json)')
    request = made.call("f").request_id
    assert said(made, "one")[0]["requestId"] == said(made, "two")[0]["requestId"] == request


def told_of_the_end(made, reason="spindown"):
    """The last event of such an end that an extension was told; None when there is none."""
    found = [event for event in made.said("f", "event") if event.get("shutdownReason") == reason]
    return found[-1] if found else None


def test_the_end_of_an_environment(extended):
    made = extended(agent=BOTH)
    before = time.time() * 1000
    last = made.stop_until(lambda: made.call("f"), lambda: told_of_the_end(made), "the end is told")
    assert last["shutdownReason"] == "spindown"
    assert set(last) == {"eventType", "shutdownReason", "deadlineMs"}
    assert before < last["deadlineMs"] < time.time() * 1000 + 3_000


def test_the_runtime_starts_when_all_have_registered(extended):
    made = extended("say('order', 'runtime')\n" + ECHO, agent="""
import time
extension = Extension()
time.sleep(0.5)
say("order", "extension")
extension.register("INVOKE")
while True:
    extension.next()
""")
    made.call("f")
    assert said(made, "order", 2) == ["extension", "runtime"]


def test_the_first_event_waits_until_all_are_ready(extended):
    made = extended("serve(lambda event, headers: say('order', 'invoked'))", agent="""
import time
extension = Extension()
extension.register("INVOKE")
time.sleep(0.5)
say("order", "ready")
while True:
    extension.next()
""")
    made.call("f")
    assert said(made, "order", 2) == ["ready", "invoked"]


def test_an_invocation_ends_when_the_extensions_are_done(extended):
    made = extended("serve(lambda event, headers: say('order', 'invoked'))", agent="""
import time
extension = Extension()
extension.register("INVOKE")
while True:
    extension.next()
    time.sleep(0.5)
    say("order", "done")
""")
    for _ in range(2):
        made.call("f")
    assert said(made, "order", 4) == ["invoked", "done", "invoked", "done"]


def call_in_vain(made, kind):
    assert made.call("f").json["errorType"] == kind


def test_extensions_are_told_of_a_timeout(extended):
    made = extended("import time\nserve(lambda event, headers: time.sleep(60))", agent=BOTH, more={"timeout": 1})
    # A process has two seconds for its end, which on a busy machine may be too few.
    until(lambda: told_of_the_end(made, "timeout") or call_in_vain(made, "Sandbox.Timedout"), "the end is told")


def test_extensions_are_told_of_a_crash(extended):
    made = extended("serve(lambda event, headers: os._exit(4))", agent=BOTH)
    until(lambda: told_of_the_end(made, "failure") or call_in_vain(made, "Runtime.ExitError"), "the end is told")
    assert "exit status 4" in made.call("f").json["errorMessage"]


def test_after_a_crash_extensions_start_anew(extended):
    made = extended("serve(lambda event, headers: os._exit(4) if event == 'crash' else event)", agent=BOTH)
    made.call("f", "crash")
    assert made.call("f", 1).json == 1
    said(made, "registered", 2)


def test_a_runtime_with_extensions_gets_a_signal_before_its_end(extended):
    made = extended("""
import signal
signal.signal(signal.SIGTERM, lambda *_: (say("signal"), os._exit(0)))
serve(lambda event, headers: event)
""", agent=BOTH)
    made.stop_until(
        lambda: made.call("f"), lambda: made.said("f", "signal") and told_of_the_end(made), "both are told")
    assert set(made.said("f", "signal")) == {None}


CRASHES = {
    "in the init": ("import sys\nsys.exit(3)", "Extension.Crash", "exit code 3"),
    "after registering": ("import sys\nExtension().register('INVOKE')\nsys.exit(3)", "Extension.Crash", "exit code 3"),
    "by a signal": ("os.kill(os.getpid(), 9)", "Extension.Crash", "exit code 137"),
    "in an invocation": (
        "import sys\ne = Extension()\ne.register('INVOKE')\ne.next()\nsys.exit(2)", "Extension.Crash", "exit code 2"),
    "after an init error": (
        "import sys\ne = Extension()\ne.register('INVOKE')\nsay('told', e.report('init').status)\nsys.exit(5)",
        "Extension.InitError", "exit code 5"),
    "after an exit error": (
        "import sys\ne = Extension()\ne.register('INVOKE')\ne.next()\nsay('told', e.report('exit').status)\nsys.exit(6)",
        "Extension.ExitError", "exit code 6"),
}


@pytest.mark.parametrize("code, kind, message", CRASHES.values(), ids=CRASHES.keys())
def test_a_crash_of_an_extension_is_one_of_the_function(extended, code, kind, message):
    made = extended("import time\nserve(lambda event, headers: time.sleep(5))", agent=code)
    got = made.call("f")
    assert got.status == 200 and got.error == "Unhandled"
    assert got.json == {"errorType": kind, "errorMessage": f"RequestId: {got.request_id} Error: {message}"}
    assert all(status == 202 for status in made.said("f", "told"))


@pytest.mark.parametrize("code, mode, words", [
    (ECHO, 0o644, "permission denied"), ("#!/nonexistent/interpreter\n", 0o755, "no such file or directory")])
def test_an_extension_that_cannot_be_started(extended, code, mode, words):
    made = extended(agent=code, mode=mode)
    got = made.call("f")
    assert got.error == "Unhandled" and got.json["errorType"] == "Extension.LaunchError"
    assert words in got.json["errorMessage"]


def test_the_log_names_the_extensions(extended):
    made = extended(agent=BOTH)
    made.call("f")
    line = "EXTENSION\tName: agent\tState: Ready\tEvents: [INVOKE,SHUTDOWN]\n"
    until(lambda: line in made.log("f"), "the line")


def test_the_environment_of_an_extension(extended):
    made = extended(
        "say('function', sorted(os.environ))\n" + ECHO, agent="say('extension', sorted(os.environ))\n" + BOTH,
        more={"environment": {"OWN_VARIABLE": "1"}})
    made.call("f")
    [function], [extension] = said(made, "function"), said(made, "extension")
    assert {"AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_ACCESS_KEY_ID", "OWN_VARIABLE", "PATH",
            "AWS_LAMBDA_FUNCTION_NAME"} <= set(extension)
    assert not set(extension) & {
        "_HANDLER", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_EXECUTION_ENV"}
    assert set(extension) < set(function)


def test_an_extension_in_the_shell(extended):
    made = extended(agent=bootstraps.shell("""
api="http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension"
id=$(curl -sSi -H "Lambda-Extension-Name: agent" -d '{"events": ["INVOKE"]}' "$api/register" |
    grep -Fi Lambda-Extension-Identifier | tr -d '[:space:]' | cut -d: -f2)
while true; do echo "SAY event $(curl -sS -H "Lambda-Extension-Identifier: $id" "$api/event/next")"; done
"""))
    request = made.call("f").request_id
    assert said(made, "event")[0]["requestId"] == request


def test_folders_and_other_files_of_a_layer_are_no_extensions(service, tmp_path):
    (tmp_path / "layer" / "extensions" / "folder").mkdir(parents=True)
    (tmp_path / "layer" / "file").write_text("text")
    made = service(f={"code": python(), "layer": str(tmp_path / "layer")})
    assert made.call("f", 1).json == 1 and "EXTENSION" not in made.log("f")


def test_no_extension_outlives_the_emulator(extended):
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = extended(agent="""
import signal, socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
held = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))
""" + BOTH, more={"environment": {"PORT": str(server.getsockname()[1])}})
        made.call("f")
        peer, _ = server.accept()
        made.emulator.kill()
        peer.settimeout(60)
        # The end of the connection is that of the process.
        assert peer.recv(1) == b""
        peer.close()


def test_an_event_is_not_lost_with_a_poll_that_broke_off(extended, gate):
    made = extended(agent="""
import time
extension = Extension()
extension.register("INVOKE")
say("event", extension.next().json)
other = Runtime()
other.connection.request(
    "GET", "/2020-01-01/extension/event/next", headers={"Lambda-Extension-Identifier": extension.identifier})
time.sleep(0.5)
other.connection.close()
time.sleep(0.5)
hold()
while True:
    say("event", extension.next().json)
""", more={"freeze": False, "environment": gate_at(gate)})
    requests = [made.call("f").request_id]
    gate.wait()
    requests.append(made.call("f").request_id)
    gate.open()
    assert [event["requestId"] for event in said(made, "event", 2)] == requests
    assert made.call("f", 1).json == 1


def test_extensions_that_hold_a_port_can_be_started_again(extended):
    """Those of the process before are gone first, although they take their time."""
    made = extended("serve(lambda event, headers: os._exit(4) if event == 'crash' else event)", agent="""
import socket, time
# An address that nobody else uses: no port of it is another's meanwhile.
address = "127.11.13.17"
with socket.create_server((address, 0)) as probe:
    port = probe.getsockname()[1]
path = "/tmp/port"
try:
    with open(path) as file:
        port = int(file.read())
except FileNotFoundError:
    with open(path, "w") as file:
        file.write(str(port))
held = socket.socket()
held.bind((address, port))
held.listen()
extension = Extension()
extension.register("INVOKE", "SHUTDOWN")
while extension.next().json["eventType"] != "SHUTDOWN":
    pass
time.sleep(0.7)
""")
    made.call("f", 0)
    made.call("f", "crash")
    assert made.call("f", 1).json == 1
