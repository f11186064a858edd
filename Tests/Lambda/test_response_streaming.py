"""Answers that a runtime makes while it posts them, for invokers who take the whole and for those who do not."""

import base64
import json
import os
import socket
import threading
import time

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from running import until

from . import bootstraps
from .conftest import error_of
from .test_runtime_api_response import OK, answers

ERROR = {"errorMessage": "broke off", "errorType": "Midway"}
TRAILERS = {
    "Lambda-Runtime-Function-Error-Type": "Runtime.StreamError",
    "Lambda-Runtime-Function-Error-Body": base64.b64encode(json.dumps(ERROR).encode()).decode()}
MiB = 1024 * 1024


def stream(scripts, code, **parameters):
    """Invokes with response streaming; yields (kind, content) of each event as it comes."""
    client = parameters.pop("client", scripts.client)
    answer = client.invoke_with_response_stream(
        FunctionName=parameters.pop("name", scripts.name),
        Payload=json.dumps({"code": code, **parameters.pop("event", {})}), **parameters)
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST"
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    for event in answer["EventStream"]:
        [(kind, content)] = event.items()
        yield kind, content.get("Payload") if kind == "PayloadChunk" else content


def whole(scripts, code, **parameters):
    """The bytes of all chunks, and what InvokeComplete says."""
    events = list(stream(scripts, code, **parameters))
    assert [kind for kind, _ in events[:-1]] == ["PayloadChunk"] * (len(events) - 1)
    assert events[-1][0] == "InvokeComplete"
    return b"".join(payload for _, payload in events[:-1]), events[-1][1]


# An invoker who takes the whole


@pytest.mark.parametrize("pieces", [[], [b"one"], [b"one, ", b"two, ", b"three"], [b"\x00" * 100_000] * 5])
def test_a_streamed_response_is_gathered(scripts, pieces):
    got, notes = answers(scripts, f"note(runtime.stream(event.request_id, {pieces!r}))")
    assert notes == [OK]
    assert got.error is None and got.payload == b"".join(pieces)


def test_a_gathered_response_may_have_six_mebibytes(scripts):
    got, notes = answers(scripts, f"note(runtime.stream(event.request_id, [b'x' * {MiB}] * 6))")
    assert notes == [OK] and len(got.payload) == 6 * MiB


def test_a_gathered_response_must_not_be_larger(scripts):
    before = scripts.value("result = os.getpid()")
    got = scripts.run(f"""
        try:
            answer = runtime.stream(event.request_id, [b"x" * {MiB}] * 7)
            notes.append(answer.status)
        except OSError:
            # The answer may come, and the connection close, before everything was sent.
            notes.append(413)
        runtime.connection.close()
        answered = True
        """)
    assert got.error == "Unhandled" and got.json["errorType"] == "Function.ResponseSizeTooLarge"
    assert scripts.value("result = [os.getpid(), notes.pop()]") == [before, 413]


def test_an_error_in_the_trailers_is_that_of_the_invocation(scripts):
    got, notes = answers(scripts, f"note(runtime.stream(event.request_id, [b'half'], trailers={TRAILERS!r}))")
    assert notes == [OK]
    assert got.error == "Unhandled" and got.json == ERROR


def test_the_connection_is_kept_after_a_stream(scripts):
    assert scripts.value("""
        notes[:] = [runtime.connection.sock.getsockname()]
        runtime.stream(event.request_id, [b"null"])
        answered = True
        """) is None
    assert scripts.value("result = notes.pop() == runtime.connection.sock.getsockname()")


# InvokeWithResponseStream


def test_the_pieces_make_the_payload(scripts):
    payload, complete = whole(
        scripts, "runtime.stream(event.request_id, [b'one, ', b'two']); answered = True")
    assert payload == b"one, two"
    assert not complete.get("ErrorCode") and not complete.get("ErrorDetails")


def test_a_piece_arrives_when_it_is_sent(scripts):
    """The function sends its next piece only when the invoker has the one before."""
    code = """
import socket
def pieces():
    with socket.create_connection(("127.0.0.1", event.json["port"])) as peer:
        for number in range(5):
            yield b"%d" % number
            assert peer.recv(1) == b"."
runtime.stream(event.request_id, pieces())
answered = True
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        events = stream(scripts, code, event={"port": server.getsockname()[1]})
        found = []
        peer = None
        for kind, content in events:
            if kind != "PayloadChunk":
                assert not content.get("ErrorCode")
                break
            found.append(content)
            peer = peer or server.accept()[0]
            peer.sendall(b".")
        peer.close()
    assert found == [b"0", b"1", b"2", b"3", b"4"]


def test_an_answer_in_one_piece_is_one_chunk(scripts):
    events = list(stream(scripts, "result = {'a': 1}"))
    assert [kind for kind, _ in events] == ["PayloadChunk", "InvokeComplete"]
    assert json.loads(events[0][1]) == {"a": 1}


def test_an_empty_stream_is_only_complete(scripts):
    assert [kind for kind, _ in stream(scripts, "runtime.stream(event.request_id, []); answered = True")] == [
        "InvokeComplete"]


def test_an_error_instead_of_an_answer(scripts):
    payload, complete = whole(scripts, f"runtime.fail(event.request_id, {ERROR!r}); answered = True")
    assert complete["ErrorCode"] == "Unhandled" and json.loads(complete["ErrorDetails"]) == ERROR
    assert json.loads(payload) == ERROR


def test_an_error_in_the_middle(scripts):
    payload, complete = whole(
        scripts, f"runtime.stream(event.request_id, [b'half'], trailers={TRAILERS!r}); answered = True")
    assert payload == b"half"
    assert complete["ErrorCode"] == "Unhandled" and json.loads(complete["ErrorDetails"]) == ERROR


@pytest.mark.parametrize("code, message", [
    ("os._exit(7)", "Runtime exited with error: exit status 7"),
    ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
    ("os._exit(0)", "Runtime exited without providing a reason")])
@pytest.mark.parametrize("begun", [True, False], ids=["midway", "before"])
def test_a_process_that_ends(scripts, code, message, begun):
    if begun:
        code = f"""
def pieces():
    yield b"half"
    {code}
runtime.stream(event.request_id, pieces())
"""
    payload, complete = whole(scripts, code)
    details = json.loads(complete["ErrorDetails"])
    assert complete["ErrorCode"] == "Unhandled" and details["errorType"] == "Runtime.ExitError"
    assert details["errorMessage"].endswith(f"Error: {message}")
    assert payload == b"half" if begun else json.loads(payload) == details


def test_a_stream_that_takes_too_long(service):
    made = service(slow={"timeout": 4, "code": bootstraps.python("""
import time
runtime = Runtime()
def pieces():
    yield b"half"
    time.sleep(60)
while True:
    event = runtime.next()
    runtime.stream(event.request_id, pieces())
""")})
    answer = made.client.invoke_with_response_stream(FunctionName="slow")
    events = list(answer["EventStream"])
    assert events[0]["PayloadChunk"]["Payload"] == b"half"
    complete = events[-1]["InvokeComplete"]
    assert complete["ErrorCode"] == "Unhandled"
    details = json.loads(complete["ErrorDetails"])
    assert details["errorType"] == "Sandbox.Timedout"
    assert details["errorMessage"].endswith("Task timed out after 4.00 seconds")


def test_a_stream_that_is_cut_off_by_its_runtime(scripts):
    payload, complete = whole(scripts, """
import socket
host, port = runtime.address.split(":")
with socket.create_connection((host, int(port))) as peer:
    peer.sendall((
        f"POST /2018-06-01/runtime/invocation/{event.request_id}/response HTTP/1.1\\r\\nHost: x\\r\\n"
        "Transfer-Encoding: chunked\\r\\nLambda-Runtime-Function-Response-Mode: streaming\\r\\n\\r\\n"
        "4\\r\\nhalf\\r\\n").encode())
answered = True
""")
    assert payload == b"half" and complete["ErrorCode"] == "Unhandled"
    assert json.loads(complete["ErrorDetails"])["errorType"] == "Runtime.TruncatedResponse"


def test_the_log_comes_with_the_end(scripts):
    _, complete = whole(
        scripts, "print('said by the function', flush=True); runtime.stream(event.request_id, [b'1']); answered = True",
        LogType="Tail")
    log = base64.b64decode(complete["LogResult"]).decode()
    assert "START RequestId:" in log and "said by the function" in log and "REPORT RequestId:" in log


def test_no_log_unless_asked_for(scripts):
    _, complete = whole(scripts, "result = 1")
    assert not complete.get("LogResult")


def test_a_dry_run_runs_nothing(scripts):
    before = scripts.value("notes.append('mark'); result = len(notes)")
    answer = scripts.client.invoke_with_response_stream(
        FunctionName="script", InvocationType="DryRun", Payload=b'{"code": "notes.append(1)"}')
    assert answer["StatusCode"] == 204
    assert scripts.value("result = len(notes)") == before


@pytest.mark.parametrize("parameters, code, status", [
    ({"FunctionName": "missing"}, "ResourceNotFoundException", 404),
    ({"FunctionName": "script", "Qualifier": "7"}, "ResourceNotFoundException", 404),
    ({"FunctionName": "script", "Payload": b"{"}, "InvalidRequestContentException", 400),
    ({"FunctionName": "script", "InvocationType": "Event"}, "ValidationException", 400),
    ({"FunctionName": "script", "Payload": b'"' + b"x" * (6 * MiB) + b'"'}, "RequestEntityTooLargeException", 413),
])
def test_a_refusal_is_a_plain_error(scripts, parameters, code, status):
    client = boto3.client(
        "lambda", endpoint_url=scripts.service.emulator.aws, region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False))
    refusal = error_of(client, lambda client: client.invoke_with_response_stream(**parameters))
    assert (refusal.code, refusal.status) == (code, status)


def test_a_long_stream_passes_without_being_kept(scripts):
    """The emulator holds a few pieces at a time, whatever the length."""
    before = resident(scripts)
    size = highest = 0
    code = f"runtime.stream(event.request_id, (b'x' * {MiB} for _ in range(150))); answered = True"
    for kind, content in stream(scripts, code):
        if kind == "PayloadChunk":
            size += len(content)
            highest = max(highest, resident(scripts))
        else:
            assert not content.get("ErrorCode")
    assert size == 150 * MiB
    assert highest - before < 40 * MiB


def resident(scripts):
    """Bytes of memory that the emulator has."""
    with open(f"/proc/{scripts.service.emulator.process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_slow_reader_holds_the_function_back(scripts):
    """What nobody reads is not sent: the function waits, and the emulator keeps next to nothing."""
    before = resident(scripts)
    code = f"""
import socket
peer = socket.create_connection(("127.0.0.1", event.json["port"]))
def pieces():
    for number in range(100):
        peer.sendall(b".")
        yield b"x" * {MiB}
runtime.stream(event.request_id, pieces())
answered = True
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        events = stream(scripts, code, event={"port": server.getsockname()[1]})
        next(events)
        peer = server.accept()[0]
        sent = 0
        peer.settimeout(2)
        try:
            # The kernel's buffers take some pieces; then it stands still.
            while sent < 100:
                sent += len(peer.recv(100))
        except TimeoutError:
            pass
        assert 0 < sent < 60 and resident(scripts) - before < 40 * MiB
        *chunks, last = events
        assert last[0] == "InvokeComplete" and not last[1].get("ErrorCode")
        peer.close()


def test_the_largest_stream_and_beyond(scripts):
    size = 0
    code = f"runtime.stream(event.request_id, (b'x' * {MiB} for _ in range(201)))"
    for kind, content in stream(scripts, f"""
try:
    {code}
except OSError:
    pass
runtime.connection.close()
answered = True
"""):
        if kind == "PayloadChunk":
            size += len(content)
        else:
            assert content["ErrorCode"] == "Unhandled"
            assert json.loads(content["ErrorDetails"])["errorType"] == "Function.ResponseSizeTooLarge"
    assert 199 * MiB <= size <= 200 * MiB


def test_an_invoker_who_goes_away_does_not_stop_the_function(scripts):
    code = f"""
runtime.stream(event.request_id, (b"x" * {MiB} for _ in range(50)))
notes.append("ran to its end")
answered = True
"""
    scripts.run("notes.clear()")
    answer = scripts.client.invoke_with_response_stream(
        FunctionName="script", Payload=json.dumps({"code": code}))
    next(iter(answer["EventStream"]))
    answer["EventStream"].close()

    def ended():
        try:
            return scripts.value("result = list(notes)") == ["ran to its end"]
        except ClientError as error:
            # Its one environment is still busy.
            assert error.response["Error"]["Code"] == "TooManyRequestsException"
            return False

    until(ended, "the function has ended")


def test_streams_at_the_same_time(scripts):
    found = []
    lock = threading.Lock()

    def ask(number):
        payload, _ = whole(
            scripts, f"runtime.stream(event.request_id, [b'%d,' % {number}] * 1000); answered = True", name="many")
        with lock:
            found.append((number, payload))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(number, b"%d," % number * 1000) for number in range(8)]


def test_the_timeout_counts_from_the_event_not_from_the_first_piece(service):
    made = service(slow={"timeout": 2, "code": bootstraps.python("""
import time
runtime = Runtime()
def pieces():
    for _ in range(100):
        yield b"."
        time.sleep(0.1)
while True:
    event = runtime.next()
    runtime.stream(event.request_id, pieces())
""")})
    began = time.monotonic()
    events = list(made.client.invoke_with_response_stream(FunctionName="slow")["EventStream"])
    assert events[-1]["InvokeComplete"]["ErrorCode"] == "Unhandled"
    # 100 pieces would take ten seconds.
    assert len(events) < 100 and time.monotonic() - began > 1.5
