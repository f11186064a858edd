"""GET /runtime/invocation/next: what a runtime is told of an invocation."""

import base64
import json
import re
import time
import uuid

import pytest

SEEN = "result = {name.lower(): value for name, value in event.headers.items()}"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:script"


def seen(scripts, **parameters):
    """The headers of the event, by lower-case name."""
    return scripts.value(SEEN, **parameters)


def test_the_request_id_is_that_of_the_call(scripts):
    result = scripts.run(SEEN)
    assert result.json["lambda-runtime-aws-request-id"] == result.request_id
    assert str(uuid.UUID(result.request_id)) == result.request_id


def test_each_invocation_has_its_own_id(scripts):
    ids = {seen(scripts)["lambda-runtime-aws-request-id"] for _ in range(5)}
    assert len(ids) == 5


def test_the_deadline_is_in_milliseconds_of_the_epoch(scripts):
    before = time.time() * 1000
    deadline = seen(scripts)["lambda-runtime-deadline-ms"]
    after = time.time() * 1000
    assert re.fullmatch(r"\d{13}", deadline)
    # The function's timeout is 60 s; clocks are read in whole milliseconds.
    assert before - 1 <= int(deadline) - 60_000 <= after + 1


@pytest.mark.parametrize("name, parameters, arn", [
    ("script", {}, FUNCTION),
    (FUNCTION, {}, FUNCTION),
    ("000000000000:script", {}, FUNCTION),
    ("000000000000:function:script", {}, FUNCTION),
    ("script", {"Qualifier": "$LATEST"}, FUNCTION + ":$LATEST"),
    ("script:$LATEST", {}, FUNCTION + ":$LATEST"),
    (FUNCTION + ":$LATEST", {}, FUNCTION + ":$LATEST"),
    ("script:$LATEST", {"Qualifier": "$LATEST"}, FUNCTION + ":$LATEST"),
])
def test_the_arn_is_the_one_that_was_invoked(scripts, name, parameters, arn):
    assert seen(scripts, name=name, **parameters)["lambda-runtime-invoked-function-arn"] == arn


def test_the_trace_id_has_its_three_parts(scripts):
    trace = seen(scripts)["lambda-runtime-trace-id"]
    assert re.match(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01](;Lineage=.*)?$", trace)


def test_a_trace_id_of_the_caller_is_passed_on(scripts):
    root = f"1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = f"Root={root};Parent=53995c3f42cd8ad8;Sampled=1"

    scripts.client.meta.events.register("before-sign.lambda.Invoke", add)
    try:
        trace = seen(scripts)["lambda-runtime-trace-id"]
    finally:
        scripts.client.meta.events.unregister("before-sign.lambda.Invoke", add)
    assert trace.startswith(f"Root={root};") and "Sampled=1" in trace


def test_the_event_is_json(scripts):
    assert seen(scripts)["content-type"] == "application/json"


@pytest.mark.parametrize("name", [
    "lambda-runtime-client-context", "lambda-runtime-cognito-identity", "lambda-runtime-aws-tenant-id"])
def test_a_header_without_value_is_not_sent(scripts, name):
    assert name not in seen(scripts)


@pytest.mark.parametrize("context", [
    {"client": {"app_title": "mumble"}, "custom": {"a": "b"}, "env": {}},
    {"custom": {"text": "grüße"}},
    {},
])
def test_the_client_context_comes_decoded(scripts, context):
    encoded = base64.b64encode(json.dumps(context).encode()).decode()
    found = seen(scripts, ClientContext=encoded)["lambda-runtime-client-context"]
    assert json.loads(found.encode("latin-1").decode("utf-8")) == context


@pytest.mark.parametrize("body", [
    b"{}", b"null", b"17", b'"text"', b"[1, 2]", b'{"b":1,  "a":2}', b' {"spaced" : true} ', "\"é\"".encode()])
def test_the_event_is_byte_for_byte_that_of_the_caller(scripts, body):
    assert scripts.service.call("bytes", body).payload == body


def test_an_empty_body_becomes_an_empty_object(scripts):
    assert scripts.service.call("bytes").payload == b"{}"


def test_polling_again_before_the_answer_gives_the_event_again(scripts):
    assert scripts.value("result = runtime.next().request_id == event.request_id")


def test_a_poll_gets_nothing_until_there_is_an_event(scripts):
    """No empty answer keeps it alive: the next thing to come is the next event."""
    first = scripts.run("""
        runtime.respond(event.request_id, "first")
        polled = runtime.next()
        runtime.respond(polled.request_id, [polled.status, polled.json["mark"]])
        answered = True
        """)
    assert first.json == "first"
    time.sleep(1)
    assert scripts.value("", event={"mark": "second"}) == [200, "second"]


def test_a_dropped_poll_is_forgotten(scripts):
    """The event goes to the poll that is still there, and the process is not restarted."""
    assert scripts.value("""
        runtime.respond(event.request_id, os.getpid())
        dropped = Runtime()
        dropped.connection.request("GET", "/2018-06-01/runtime/invocation/next")
        dropped.connection.close()
        answered = True
        """) == scripts.value("result = os.getpid()")
