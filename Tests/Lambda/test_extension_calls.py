"""The Extensions API call by call, by extensions within the function's own process."""

import uuid

import pytest

from .bootstraps import python
from .conftest import Service, written

# Calls that are made before the first poll; what they answered is what the function answers.
CALLS = """
import threading
found = {}

def note(name, answer):
    try:
        found[name] = [answer.status, answer.json]
    except ValueError:
        found[name] = [answer.status, answer.body.decode()]

def named(name):
    return Extension(name)

note("no name", Extension("").register("INVOKE"))
note("unknown event", named("a").register("RUN"))
note("lower-case event", named("a").register("invoke"))
note("shutdown", named("a").register("SHUTDOWN"))
note("both", named("a").register("INVOKE", "SHUTDOWN"))
register = "/2020-01-01/extension/register"
note("no body", named("a").call("POST", register, b"", Lambda_Extension_Name="a"))
note("no JSON", named("a").call("POST", register, b"{", Lambda_Extension_Name="a"))
note("no list", named("a").call("POST", register, {"events": "INVOKE"}, Lambda_Extension_Name="a"))
note("keys", named("a").call(
    "POST", register, {"events": [], "configurationKeys": ["x"]}, Lambda_Extension_Name="a"))
one = named("one")
note("registers", one.register("INVOKE"))
found["identifier"] = one.identifier
note("twice", named("one").register("INVOKE"))
note("no events", named("none").register())
for call, path in (("next", "event/next"), ("init", "init/error"), ("exit", "exit/error")):
    path = "/2020-01-01/extension/" + path
    method = "GET" if call == "next" else "POST"
    type_header = {"Lambda_Extension_Function_Error_Type": "Extension.X"}
    note(call + " without", one.call(method, path, Lambda_Extension_Identifier=None, **type_header))
    note(call + " invalid", one.call(method, path, Lambda_Extension_Identifier="no-uuid", **type_header))
    unknown = "11111111-2222-3333-4444-555555555555"
    note(call + " unknown", one.call(method, path, Lambda_Extension_Identifier=unknown, **type_header))
two = named("two")
two.register("INVOKE")
note("init without type", two.call("POST", "/2020-01-01/extension/init/error", b"{}"))
note("exit without type", two.call("POST", "/2020-01-01/extension/exit/error", b"{}"))
note("init error", two.report("init"))
note("init error again", two.report("init"))
note("next after init error", two.next())
note("exit after init error", two.report("exit"))
three = named("three")
three.register()
note("exit error", three.report("exit"))
note("next after exit error", three.next())
for method, path in (("GET", register), ("PUT", register), ("POST", "/2020-01-01/extension/event/next"),
                     ("GET", "/2020-01-01/extension/init/error"), ("POST", "/2022-07-01/telemetry")):
    found[method + " " + path] = one.call(method, path).status
note("unknown path", one.call("GET", "/2020-01-01/extension/other"))
found["two"], found["three"] = two.identifier, three.identifier
"""
MANY = """
found = {}
for number in range(12):
    answer = Extension(f"e{number}").register()
    found[str(number)] = [answer.status, answer.json]
"""
# The extension's own thread: each invocation waits for it, and it for each invocation.
THREAD = """
import threading
events = []
extension = Extension("inside")
extension.register("INVOKE")

def watch():
    while True:
        events.append(extension.next().json)

threading.Thread(target=watch, daemon=True).start()
runtime = Runtime()
while True:
    event = runtime.next()
    late = Extension("late").register("INVOKE")
    runtime.respond(event.request_id, [events, late.status, late.json])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    # Some of the extensions of `calls` never poll: it answers from a failed init, which needs no polls.
    functions = {
        "calls": {"code": python(CALLS + "Runtime().fail_init(found)\nos._exit(1)"), "timeout": 20},
        "many": {"code": python(MANY + "Runtime().fail_init(found)\nos._exit(1)"), "timeout": 20},
        "thread": {"code": python(THREAD), "timeout": 20, "reservedConcurrency": 1},
    }
    service = Service(folder, functions)
    yield service
    service.emulator.stop()


@pytest.fixture(scope="module")
def found(made):
    return made.call("calls").json


def error(kind, message):
    return [403, {"errorMessage": message, "errorType": kind}]


UNSUPPORTED = "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"


@pytest.mark.parametrize("name, expected", [
    ("no name", error("Extension.InvalidExtensionName", "Empty extension name")),
    ("unknown event", error("Extension.InvalidEventType", "RUN: ErrorInvalidEventType")),
    ("lower-case event", error("Extension.InvalidEventType", "invoke: ErrorInvalidEventType")),
    ("shutdown", error("Extension.InvalidEventType", UNSUPPORTED)),
    ("both", error("Extension.InvalidEventType", UNSUPPORTED)),
    ("keys", error(
        "InvalidRequestFormat", "configurationKeys are deprecated; use environment variables instead")),
    ("no body", error("InvalidRequestFormat", "unexpected end of JSON input")),
    ("registers", [200, {"functionName": "calls", "functionVersion": "$LATEST", "handler": "calls"}]),
    ("twice", error("Extension.InvalidExtensionState", "Extension with this name already registered")),
    ("init without type", error("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")),
    ("exit without type", error("Extension.MissingHeader", "Lambda-Extension-Function-Error-Type not found")),
    ("init error", [202, {"status": "OK"}]),
    ("init error again", [202, {"status": "OK"}]),
    ("exit error", [202, {"status": "OK"}]),
    ("unknown path", [404, "404 page not found\n"]),
])
def test_a_call(found, name, expected):
    assert found[name] == expected


@pytest.mark.parametrize("name", ["no JSON", "no list"])
def test_a_document_that_is_none(found, name):
    status, document = found[name]
    assert status == 403 and document["errorType"] == "InvalidRequestFormat"


def test_an_extension_without_events_registers(found):
    assert found["no events"][0] == 200


def test_an_identifier_is_a_uuid(found):
    assert str(uuid.UUID(found["identifier"])) == found["identifier"]


@pytest.mark.parametrize("call", ["next", "init", "exit"])
@pytest.mark.parametrize("given, kind, message", [
    ("without", "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"),
    ("invalid", "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier")])
def test_a_call_without_a_proper_identifier(found, call, given, kind, message):
    assert found[f"{call} {given}"] == error(kind, message)


@pytest.mark.parametrize("call", ["next", "init", "exit"])
def test_a_call_with_an_unknown_identifier(found, call):
    status, document = found[f"{call} unknown"]
    assert status == 403 and document["errorType"] == "Extension.UnknownExtensionIdentifier"


@pytest.mark.parametrize("name, who, source, target", [
    ("next after init error", "two", "InitError", "Ready"),
    ("exit after init error", "two", "InitError", "ExitError"),
    ("next after exit error", "three", "ExitError", "Ready")])
def test_a_state_that_does_not_allow_it(found, name, who, source, target):
    assert found[name] == error(
        "Extension.InvalidExtensionState",
        f"State transition from {source} to {target} failed for extension {found[who]}. "
        "Error: State transition is not allowed")


@pytest.mark.parametrize("call", [
    "GET /2020-01-01/extension/register", "PUT /2020-01-01/extension/register",
    "POST /2020-01-01/extension/event/next", "GET /2020-01-01/extension/init/error",
    "POST /2022-07-01/telemetry"])
def test_a_method_that_does_not_fit(found, call):
    assert found[call] == 405


def test_ten_extensions_and_no_more(made):
    answers = made.call("many").json
    assert [answers[str(number)][0] for number in range(10)] == [200] * 10
    assert answers["10"] == answers["11"] == error("Extension.TooManyExtensions", "Extension limit (10) reached")


def test_an_internal_extension_gets_invocations(made):
    ids = []
    for number in range(3):
        got = made.call("thread", number)
        ids.append(got.request_id)
        # The event may come while the answer is being made.
        seen = [event["requestId"] for event in got.json[0]]
        assert seen in (ids, ids[:-1])
        assert all(event["eventType"] == "INVOKE" for event in got.json[0])


def test_registration_is_closed_after_the_init(made):
    _, status, document = made.call("thread", 1).json
    assert status == 403
    assert document == {
        "errorMessage": "Extension registration closed already", "errorType": "Extension.RegistrationClosed"}


def test_an_environment_with_an_internal_extension_stays_warm(made):
    made.call("thread", 1)
    made.call("thread", 2)
    assert written(made, "thread", "INIT_START").count("INIT_START") == 1
