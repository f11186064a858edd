"""Several invocations at once in one environment (AWS_LAMBDA_MAX_CONCURRENCY)."""

import base64
import concurrent.futures
import json
import socket
import threading
import time

import pytest
from running import until

from .bootstraps import python
from .conftest import gate_at

# As many threads as Lambda says, each with a connection of its own. `meet` waits for all calls of a group.
THREADS = """
import threading, time
count = int(os.environ["AWS_LAMBDA_MAX_CONCURRENCY"])
barrier = threading.Barrier(4)
lock = threading.Lock()
notes = []

def work(runtime, event):
    what = event.json
    if what.get("meet"):
        barrier.wait(30)
    if what.get("hold"):
        hold()
    if "sleep" in what:
        time.sleep(what["sleep"])
    while what.get("until refused") and not notes:
        time.sleep(0.01)
    if what.get("exit"):
        os._exit(what["exit"])
    if what.get("fail"):
        return runtime.fail(event.request_id, {"errorMessage": what["fail"], "errorType": "Told"})
    if what.get("stream"):
        return runtime.stream(event.request_id, [b"%d," % what["stream"]] * 100)
    if what.get("twice"):
        runtime.respond(event.request_id, "first")
        answer = runtime.respond(event.request_id, "second")
        notes.append([answer.status, answer.json["errorType"]])
        return answer
    if what.get("say"):
        print("SAID", what["say"], flush=True)
    value = [process(), what, event.headers["Lambda-Runtime-Aws-Request-Id"], list(notes)]
    return runtime.respond(event.request_id, value)

def serve_one():
    runtime = Runtime()
    while True:
        answer = work(runtime, runtime.next())
        if answer.status != 202:
            notes.append([answer.status, answer.json["errorType"]])

for _ in range(count):
    threading.Thread(target=serve_one).start()
"""


@pytest.fixture
def several(service):
    """several(**manifest keys) -> a service whose function `f` takes four invocations at once."""
    def make(code=THREADS, **more):
        return service(f={
            "code": python(code), "concurrencyPerEnvironment": 4, "reservedConcurrency": 4, "timeout": 30, **more})
    return make


def together(made, events, **parameters):
    """Calls at the same time; their results, in the order of the events."""
    with concurrent.futures.ThreadPoolExecutor(len(events)) as pool:
        return list(pool.map(lambda event: made.call("f", event, **parameters), events))


def test_one_process_serves_calls_at_the_same_time(several):
    """Each waits for the three others within the function."""
    made = several()
    results = together(made, [{"meet": True, "n": number} for number in range(4)])
    assert [result.error for result in results] == [None] * 4
    assert len({result.json[0] for result in results}) == 1
    assert [result.json[1]["n"] for result in results] == [0, 1, 2, 3]
    assert [result.json[2] for result in results] == [result.request_id for result in results]


def test_the_function_is_told_how_many(several):
    made = several("serve(lambda event, headers: os.environ.get('AWS_LAMBDA_MAX_CONCURRENCY'))")
    assert made.call("f").json == "4"


def test_a_function_with_one_at_a_time_is_not_told(scripts):
    assert scripts.value("result = os.environ.get('AWS_LAMBDA_MAX_CONCURRENCY')") is None


def test_more_calls_take_another_environment(several, gate):
    made = several(reservedConcurrency=8, environment=gate_at(gate))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(made.call, "f", {"hold": True}) for _ in range(4)]
        gate.wait(4)
        other = made.call("f", {}).json[0]
        gate.open()
        assert len({one.result().json[0] for one in slow} | {other}) == 2


def test_calls_beyond_the_concurrency_are_refused(several, gate):
    made = several(environment=gate_at(gate))
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(made.call, "f", {"hold": True}) for _ in range(4)]
        gate.wait(4)
        with pytest.raises(made.client.exceptions.TooManyRequestsException):
            made.call("f", {})
        gate.open()
        assert all(one.result().error is None for one in slow)


def test_each_caller_gets_its_own_answer(several):
    made = several(reservedConcurrency=4)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(
            lambda number: (number, made.call("f", {"n": number, "sleep": number % 5 / 100})), range(60)))
    assert all(result.json[1]["n"] == number and result.json[2] == result.request_id for number, result in results)
    assert len({result.json[0] for _, result in results}) == 1


def test_an_error_is_that_of_one_call(several):
    made = several()
    results = together(made, [{"meet": True}, {"meet": True, "fail": "as told"}, {"meet": True}, {"meet": True}])
    assert [result.error for result in results] == [None, "Unhandled", None, None]
    assert results[1].json == {"errorMessage": "as told", "errorType": "Told"}


def test_a_crash_ends_all_calls_of_the_process(several):
    made = several()
    results = together(made, [{"meet": True, "sleep": 20}] * 3 + [{"meet": True, "exit": 3}])
    for result in results:
        assert result.error == "Unhandled" and result.json["errorType"] == "Runtime.ExitError"
        assert result.json["errorMessage"] == f"RequestId: {result.request_id} Error: Runtime exited with error: exit status 3"
    assert made.call("f", {"n": 1}).error is None


def test_one_that_runs_out_of_time_leaves_the_others_alone(several, gate):
    made = several(timeout=8, environment=gate_at(gate))
    # The start of the process is not in the time of those that follow.
    assert made.call("f", {}).error is None
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        slow = pool.submit(made.call, "f", {"hold": True})
        gate.wait()
        # The other has this much time left when the first has none.
        time.sleep(4)
        other = pool.submit(made.call, "f", {"hold": True})
        assert slow.result().json["errorType"] == "Sandbox.Timedout"
        assert not other.done()
        gate.open()
        assert other.result().error is None


def test_a_process_that_has_only_late_calls_left_is_ended(several):
    made = several(timeout=5)
    first = made.call("f", {}).json[0]
    assert made.call("f", {"sleep": 60}).json["errorType"] == "Sandbox.Timedout"
    assert made.call("f", {}).json[0] != first


def test_a_late_answer_is_refused(several, gate):
    made = several(timeout=8, environment=gate_at(gate))
    assert made.call("f", {}).error is None
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        late = pool.submit(made.call, "f", {"hold": True})
        gate.wait()
        time.sleep(4)
        # Keeps the process until the late answer has come.
        other = pool.submit(made.call, "f", {"until refused": True})
        assert late.result().json["errorType"] == "Sandbox.Timedout"
        gate.open()
        assert other.result().json[3] == [[400, "InvalidRequestID"]]


def test_a_second_answer_is_refused(several):
    made = several()
    assert made.call("f", {"twice": True}).json == "first"
    found = until(lambda: made.call("f", {}).json[3], "the second answer")
    assert found[0] == [400, "InvalidRequestID"]


def test_streams_at_the_same_time(several):
    made = several()

    def ask(number):
        answer = made.client.invoke_with_response_stream(
            FunctionName="f", Payload=json.dumps({"meet": True, "stream": number}))
        events = list(answer["EventStream"])
        assert not events[-1]["InvokeComplete"].get("ErrorCode")
        return b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1])

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(1, 5))) == [b"%d," % number * 100 for number in range(1, 5)]


def test_each_call_has_its_lines_in_the_log(several):
    made = several()
    results = together(made, [{"meet": True, "say": f"words{number}"} for number in range(4)], LogType="Tail")
    for number, result in enumerate(results):
        log = base64.b64decode(result.headers["x-amz-log-result"]).decode()
        assert f"START RequestId: {result.request_id}" in log and f"REPORT RequestId: {result.request_id}" in log
        assert f"SAID words{number}" in log


def test_an_init_that_fails(several):
    made = several("import sys\nRuntime().fail_init({'errorMessage': 'no'})\nsys.exit(1)")
    assert [result.json for result in together(made, [{}] * 3)] == [{"errorMessage": "no"}] * 3


def test_a_process_that_exits_in_the_init(several):
    made = several("import sys\nsys.exit(7)")
    for result in together(made, [{}] * 3):
        assert result.json["errorType"] == "Runtime.ExitError" and "exit status 7" in result.json["errorMessage"]


def test_an_environment_ends_with_the_emulator(several):
    made = several()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(made.client.invoke, FunctionName="f", Payload=b'{"sleep": 25}')
        until(lambda: "START RequestId" in made.log("f"), "the call runs")
        made.emulator.stop()
        assert slow.exception(timeout=60) is not None


def test_our_own_runtime_serves_calls_at_the_same_time(service):
    """The weather service of the test answers only when three handlers ask it at once."""
    barrier = threading.Barrier(3)

    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        def answer(peer):
            with peer:
                peer.recv(65_536)
                barrier.wait(60)
                body = b'{"message": "later"}'
                peer.sendall(
                    b"HTTP/1.1 503 Later\r\nContent-Type: application/json\r\nConnection: close\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(body) + body)

        def accept():
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(peer,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        made = service(
            weather={
                "executable": "weather", "timeout": 60, "reservedConcurrency": 3, "concurrencyPerEnvironment": 3,
                "environment": {
                    "OPENWEATHER_API_KEY": "k", "TABLE_NAME": "t", "BUCKET_NAME": "b", "CURSOR_SECRET": "c" * 32,
                    "OPENWEATHER_BASE_URL": f"http://127.0.0.1:{server.getsockname()[1]}"}},
            more={"httpApi": {"routes": [{"route": "GET /weather", "function": "weather"}]}})

        def ask(_):
            event = {
                "version": "2.0", "routeKey": "GET /api/v1/weather", "rawPath": "/api/v1/weather",
                "rawQueryString": "lat=52.5&lon=13.4", "queryStringParameters": {"lat": "52.5", "lon": "13.4"},
                "headers": {}, "isBase64Encoded": False,
                "requestContext": {
                    "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
                    "routeKey": "GET /api/v1/weather", "stage": "$default", "time": "t", "timeEpoch": 1,
                    "http": {"method": "GET", "path": "/api/v1/weather", "protocol": "HTTP/1.1",
                             "sourceIp": "127.0.0.1", "userAgent": "t"}}}
            return made.call("weather", event)

        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            results = list(pool.map(ask, range(3)))
    assert [result.error for result in results] == [None] * 3, [result.payload for result in results]
    assert made.log("weather").count("INIT_START") == 1
