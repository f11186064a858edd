"""The Telemetry API and the Logs API before it: what extensions subscribe to is posted to their listener."""

import contextlib
import http.server
import json
import re
import threading

import pytest
from running import until

from . import bootstraps
from .bootstraps import python

AGENT = """
extension = Extension()
extension.register("INVOKE", "SHUTDOWN")
answer = extension.call("PUT", os.environ["API"], json.loads(os.environ["SUBSCRIPTION"]))
print("AGENT subscribed", answer.status, answer.body.decode(), flush=True)
while True:
    event = extension.next().json
    print("AGENT saw", event["eventType"], flush=True)
    if event["eventType"] == "SHUTDOWN":
        break
"""
FUNCTION = """
def handle(event, headers):
    if event == "crash":
        os._exit(1)
    if event == "fail":
        raise ValueError("as told")
    print("FUNCTION saw", json.dumps(event), flush=True)
    return event
serve(handle)
"""
TELEMETRY, LOGS = "/2022-07-01/telemetry", "/2020-08-15/logs"


class Listener(http.server.ThreadingHTTPServer):
    """Keeps the batches that are posted; `failures` tells how many posts it refuses first."""
    daemon_threads = True

    def __init__(self, failures=0):
        self.batches, self.paths, self.types, self.failures = [], [], [], failures
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def events(self):
        return [event for batch in list(self.batches) for event in batch]

    def of(self, kind):
        return [event for event in self.events if event["type"] == kind]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        refused = self.server.failures > 0
        if refused:
            self.server.failures -= 1
        else:
            self.server.paths.append(self.path)
            self.server.types.append(self.headers["Content-Type"])
            self.server.batches.append(json.loads(body))
        self.send_response(500 if refused else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def listening(failures=0):
    listener = Listener(failures)
    yield listener
    listener.shutdown()
    listener.server_close()


@pytest.fixture
def listener():
    with listening() as made:
        yield made


@pytest.fixture
def observed(service, tmp_path, listener):
    """observed(*types, ...) -> a service whose function `f` has an extension that subscribes to these."""
    def make(*types, api=TELEMETRY, version="2022-12-13", function=FUNCTION, to=listener, path="", more=None, **buffering):
        layer = tmp_path / "layer"
        bootstraps.write(layer / "extensions", "agent", python(AGENT))
        host = "sandbox" if api == LOGS else "sandbox.localdomain"
        subscription = {
            "schemaVersion": version, "types": types, "buffering": {"timeoutMs": 25, **buffering},
            "destination": {"protocol": "HTTP", "URI": f"http://{host}:{to.server_address[1]}{path}"}}
        return service(f={
            "code": python(function), "layer": str(layer), "reservedConcurrency": 1, "timeout": 20,
            "environment": {"API": api, "SUBSCRIPTION": json.dumps(subscription)}, **(more or {})})
    return make


def wait(listener, kind, count=1):
    """So many events of a type, once they have come."""
    return until(lambda: found if len(found := listener.of(kind)) >= count else None, f"{count} of {kind}")


def test_lines_of_the_function(observed, listener):
    made = observed("function")
    made.call("f", {"a": 1})
    [event] = wait(listener, "function")
    assert event["record"] == 'FUNCTION saw {"a": 1}'
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
    assert set(event) == {"time", "type", "record"}
    made.call("f", 2)
    wait(listener, "function", 2)
    assert {one["type"] for one in listener.events} == {"function"}


def test_lines_of_the_extension(observed, listener):
    made = observed("extension")
    made.call("f", 1)
    until(lambda: "AGENT saw INVOKE" in [event["record"] for event in listener.events], "the extension's line")
    assert {event["type"] for event in listener.events} == {"extension"}


def test_the_events_of_an_invocation(observed, listener):
    made = observed("platform")
    request = made.call("f", 1).request_id
    [report] = wait(listener, "platform.report")
    [start], [done] = listener.of("platform.start"), listener.of("platform.runtimeDone")
    assert start["record"]["requestId"] == done["record"]["requestId"] == report["record"]["requestId"] == request
    assert start["record"]["version"] == "$LATEST"
    assert start["record"]["tracing"]["type"] == "X-Amzn-Trace-Id"
    assert done["record"]["status"] == report["record"]["status"] == "success"
    assert done["record"]["metrics"]["durationMs"] > 0
    metrics = report["record"]["metrics"]
    assert metrics["memorySizeMB"] == 128 and metrics["maxMemoryUsedMB"] > 0
    assert metrics["billedDurationMs"] >= metrics["durationMs"] > 0 and metrics["initDurationMs"] > 0
    order = [event["type"] for event in listener.events]
    assert order.index("platform.start") < order.index("platform.runtimeDone") < order.index("platform.report")


def test_the_events_of_the_init_come_to_later_subscribers(observed, listener):
    made = observed("platform")
    made.call("f", 1)
    [start] = wait(listener, "platform.initStart")
    assert start["record"]["initializationType"] == "on-demand" and start["record"]["phase"] == "init"
    assert start["record"]["functionName"] == "f" and start["record"]["functionVersion"] == "$LATEST"
    assert "runtimeVersion" in start["record"] and "runtimeVersionArn" in start["record"]
    [done], [report] = wait(listener, "platform.initRuntimeDone"), wait(listener, "platform.initReport")
    assert done["record"]["status"] == "success"
    assert report["record"]["metrics"]["durationMs"] > 0


def test_the_subscription_itself_is_an_event(observed, listener):
    made = observed("platform", "function")
    made.call("f", 1)
    [event] = wait(listener, "platform.telemetrySubscription")
    assert event["record"] == {"name": "agent", "state": "Subscribed", "types": ["platform", "function"]}


def test_the_extension_itself_is_an_event(observed, listener):
    made = observed("platform")
    made.call("f", 1)
    [event] = wait(listener, "platform.extension")
    assert event["record"] == {"name": "agent", "state": "Ready", "events": ["INVOKE", "SHUTDOWN"]}


def test_the_report_of_the_second_invocation_has_no_init(observed, listener):
    made = observed("platform")
    made.call("f", 1)
    made.call("f", 2)
    first, second = wait(listener, "platform.report", 2)
    assert "initDurationMs" in first["record"]["metrics"]
    assert "initDurationMs" not in second["record"]["metrics"]


@pytest.mark.parametrize("event, status, kind", [
    ("fail", "error", "Runtime.Unknown"), ("crash", "error", "Runtime.ExitError")])
def test_the_status_of_a_failure(observed, listener, event, status, kind):
    made = observed("platform")
    made.call("f", event)
    report = wait(listener, "platform.report")[0]["record"]
    assert report["status"] == status and report["errorType"] == kind


def test_the_status_of_a_timeout(observed, listener):
    made = observed(
        "platform", function="import time\nserve(lambda event, headers: time.sleep(60))", more={"timeout": 1})
    made.call("f", 1)
    assert wait(listener, "platform.report")[0]["record"]["status"] == "timeout"


def test_posts_go_to_the_path_as_json(observed, listener):
    made = observed("function", path="/some/where")
    made.call("f", 1)
    wait(listener, "function")
    assert set(listener.paths) == {"/some/where"} and set(listener.types) == {"application/json"}


def test_a_listener_that_fails_at_first_loses_nothing(observed):
    with listening(failures=2) as stubborn:
        made = observed("function", to=stubborn)
        made.call("f", "kept")
        assert [event["record"] for event in wait(stubborn, "function")] == ['FUNCTION saw "kept"']


def test_events_are_gathered(observed, listener):
    made = observed("function", timeoutMs=30_000)
    for number in range(5):
        made.call("f", number)
    assert listener.batches == []
    # The end of the environment does not wait for the time to pass.
    made.emulator.stop()
    assert [len(batch) for batch in listener.batches] == [5]


def test_many_lines_are_posted_in_order(observed, listener):
    made = observed("function", function="""
def handle(event, headers):
    for number in range(3000):
        print("LINE", number)
    sys.stdout.flush()
serve(handle)
""")
    made.call("f", 1)
    assert [event["record"] for event in wait(listener, "function", 3000)] == [f"LINE {n}" for n in range(3000)]


def test_the_older_api(observed, listener):
    made = observed("platform", "function", api=LOGS, version="2020-08-15")
    request = made.call("f", 1).request_id
    [end] = wait(listener, "platform.end")
    assert end["record"]["requestId"] == request
    assert listener.of("platform.start") and wait(listener, "platform.report")
    assert wait(listener, "function")[0]["record"] == "FUNCTION saw 1"
    assert wait(listener, "platform.logsSubscription")[0]["record"]["state"] == "Subscribed"


VALID = {
    "schemaVersion": "2022-12-13", "types": ["platform"],
    "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:1"}}
CASES = {
    "valid": (VALID, 200),
    "version of July": ({**VALID, "schemaVersion": "2022-07-01"}, 200),
    "newest version": ({**VALID, "schemaVersion": "2025-01-29"}, 200),
    "all types": ({**VALID, "types": ["platform", "function", "extension"]}, 200),
    "buffering": ({**VALID, "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25}}, 200),
    "no version": ({key: VALID[key] for key in ("types", "destination")}, 400),
    "unknown version": ({**VALID, "schemaVersion": "2021-01-01"}, 400),
    "no types": ({**VALID, "types": []}, 400),
    "unknown type": ({**VALID, "types": ["platform", "other"]}, 400),
    "types no list": ({**VALID, "types": "platform"}, 400),
    "no destination": ({key: VALID[key] for key in ("types", "schemaVersion")}, 400),
    "another protocol": ({**VALID, "destination": {"protocol": "UDP", "URI": "http://sandbox.localdomain:1"}}, 400),
    "another host": ({**VALID, "destination": {"protocol": "HTTP", "URI": "http://example.com:80"}}, 400),
    "no port": ({**VALID, "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain"}}, 400),
    "a port too high": ({**VALID, "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:70000"}}, 400),
    "another scheme": ({**VALID, "destination": {"protocol": "HTTP", "URI": "https://sandbox.localdomain:1"}}, 400),
    "too few items": ({**VALID, "buffering": {"maxItems": 999}}, 400),
    "too many items": ({**VALID, "buffering": {"maxItems": 10001}}, 400),
    "too few bytes": ({**VALID, "buffering": {"maxBytes": 262143}}, 400),
    "too many bytes": ({**VALID, "buffering": {"maxBytes": 1048577}}, 400),
    "too short": ({**VALID, "buffering": {"timeoutMs": 24}}, 400),
    "too long": ({**VALID, "buffering": {"timeoutMs": 30001}}, 400),
    "a list": ([], 400),
}


@pytest.fixture(scope="module")
def subscriptions(tmp_path_factory):
    """What each of CASES was answered."""
    from .conftest import Service
    made = Service(tmp_path_factory.mktemp("subscriptions"), {"f": {"timeout": 20, "code": python(f"""
cases = json.loads({json.dumps(json.dumps({name: body for name, (body, _) in CASES.items()}))})
found = {{}}
extension = Extension("inside")
for name, body in cases.items():
    if not extension.identifier:
        found["before"] = extension.call("PUT", "{TELEMETRY}", body).status
        extension.register()
    answer = extension.call("PUT", "{TELEMETRY}", body)
    found[name] = [answer.status, answer.body.decode()]
import threading
threading.Thread(target=extension.next, daemon=True).start()
def handle(event, headers):
    answer = extension.runtime.__class__().call(
        "PUT", event, json.dumps(cases["valid"]), {{"Lambda-Extension-Identifier": extension.identifier}})
    return [found, answer.status, answer.json]
serve(handle)
""")}})
    yield made
    made.emulator.stop()


@pytest.mark.parametrize("name", CASES)
def test_a_subscription(subscriptions, name):
    status, body = subscriptions.call("f", TELEMETRY).json[0][name]
    assert status == CASES[name][1]
    if status == 200:
        assert json.loads(body) == "OK"
    else:
        assert json.loads(body)["errorType"] == "ValidationError" and json.loads(body)["errorMessage"]


def test_a_subscription_needs_a_registration(subscriptions):
    assert subscriptions.call("f", TELEMETRY).json[0]["before"] == 403


@pytest.mark.parametrize("api, name", [(TELEMETRY, "Telemetry"), (LOGS, "Logs")])
def test_a_subscription_after_the_init(subscriptions, api, name):
    _, status, body = subscriptions.call("f", api).json
    assert status == 403
    assert body == {
        "errorMessage": f"{name} API subscription is closed already", "errorType": f"{name}.SubscriptionClosed"}
