"""POST /runtime/invocation/{id}/response: what a runtime may post, and what becomes of it."""

import pytest

from .bootstraps import python

LIMIT = 6 * 1024 * 1024 + 100
OK = [202, {"status": "OK"}]


def answers(scripts, code):
    """Runs code that answers its invocation itself, and leaves [status, document] of each call in `notes`.

    Returns what the invoker got, and the notes.
    """
    got = scripts.run("notes.clear()\nanswered = True\n" + CALLS + code)
    return got, scripts.value("result = list(notes)")


CALLS = """
def note(answer):
    try:
        notes.append([answer.status, answer.json])
    except ValueError:
        notes.append([answer.status, answer.body.decode("latin-1")])
"""


def invalid(source, target):
    return [403, {
        "errorMessage": f"State transition from {source} to {target} failed for runtime. "
        "Error: State transition is not allowed",
        "errorType": "InvalidStateTransition"}]


def test_a_response_is_accepted(scripts):
    got, notes = answers(scripts, "note(runtime.respond(event.request_id, 1))")
    assert got.payload == b"1" and notes == [OK]


def test_the_acknowledgement_is_json(scripts):
    _, notes = answers(
        scripts, 'notes.append(runtime.respond(event.request_id, 1).headers["Content-Type"].split(";")[0])')
    assert notes == ["application/json"]


@pytest.mark.parametrize("body", [
    b"null", b"not json", b"{", b'{"a":  1}\n', b"\x00\xff\xfe", b"", b'"text"', "é€😀".encode()],
    ids=["null", "text", "broken", "spaced", "binary", "empty", "string", "utf-8"])
def test_the_invoker_gets_the_bytes_as_they_are(scripts, body):
    got = scripts.run(f"runtime.respond(event.request_id, {body!r}); answered = True")
    assert got.status == 200 and got.error is None and got.payload == body


def test_a_chunked_response_is_one_response(scripts):
    got = scripts.run("""
        runtime.connection.request(
            "POST", f"/2018-06-01/runtime/invocation/{event.request_id}/response", iter([b"[1,", b"2]"]),
            encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
        Answer(runtime.connection.getresponse())
        answered = True
        """)
    assert got.json == [1, 2]


@pytest.mark.parametrize("given", ["another", "00000000-0000-0000-0000-000000000000"])
@pytest.mark.parametrize("call", ["respond", "fail"])
def test_another_request_id_is_refused(scripts, call, given):
    got, notes = answers(scripts, f"""
note(runtime.{call}({given!r}, "wrong"))
note(runtime.respond(event.request_id, "right"))
""")
    assert got.json == "right"
    assert notes == [[400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"}], OK]


@pytest.mark.parametrize("call", ["respond", "fail"])
def test_the_id_of_an_earlier_invocation_is_refused(scripts, call):
    scripts.run("notes.clear(); notes.append(event.request_id)")
    got = scripts.run(f"""
        answer = runtime.{call}(notes.pop(), "late")
        result = [answer.status, answer.json["errorType"]]
        """)
    assert got.json == [400, "InvalidRequestID"]


@pytest.mark.parametrize("first", ["respond", "fail"])
@pytest.mark.parametrize("second, target", [
    ("respond", "InvocationResponse"), ("fail", "InvocationErrorResponse")])
def test_a_second_answer_is_refused(scripts, first, second, target):
    got, notes = answers(scripts, f"""
note(runtime.{first}(event.request_id, "first"))
note(runtime.{second}(event.request_id, "second"))
""")
    assert got.json == "first"
    assert notes == [OK, invalid("RuntimeResponseSentState", target)]


def test_an_init_error_is_refused_while_running(scripts):
    got, notes = answers(scripts, """
note(runtime.fail_init({"errorMessage": "m"}))
note(runtime.respond(event.request_id, 1))
""")
    assert got.json == 1 and notes == [invalid("Running", "InitError"), OK]


def test_an_init_error_is_refused_after_the_answer(scripts):
    _, notes = answers(scripts, """
note(runtime.respond(event.request_id, 1))
note(runtime.fail_init({"errorMessage": "m"}))
""")
    assert notes == [OK, invalid("RuntimeResponseSentState", "InitError")]


@pytest.mark.parametrize("mode", ["Streaming", "STREAMING", "buffered", "stream", "1"])
def test_a_response_mode_that_does_not_exist(scripts, mode):
    got, notes = answers(scripts, f"""
note(runtime.respond(event.request_id, 1, {{"Lambda-Runtime-Function-Response-Mode": {mode!r}}}))
""")
    assert notes == [[400, {
        "errorMessage": "Invalid function response mode", "errorType": "InvalidFunctionResponseMode"}]]
    assert got.error == "Unhandled" and got.json["errorType"] == "Runtime.InvalidResponseModeHeader"


def test_the_largest_response(scripts):
    got, notes = answers(scripts, f'note(runtime.respond(event.request_id, b"x" * {LIMIT}))')
    assert notes == [OK] and len(got.payload) == LIMIT


@pytest.mark.parametrize("size", [LIMIT + 1, 2 * LIMIT])
def test_a_response_that_is_too_large(scripts, size):
    got, notes = answers(scripts, f'note(runtime.respond(event.request_id, b"x" * {size}))')
    assert notes == [[413, {
        "errorMessage": f"Exceeded maximum allowed payload size ({LIMIT} bytes).",
        "errorType": "RequestEntityTooLarge"}]]
    assert got.status == 200 and got.error == "Unhandled"
    assert got.json == {
        "errorMessage": f"Response payload size exceeded maximum allowed payload size ({LIMIT} bytes).",
        "errorType": "Function.ResponseSizeTooLarge"}


def test_the_process_survives_a_response_that_is_too_large(scripts):
    before = scripts.value("result = os.getpid()")
    scripts.run(f'runtime.respond(event.request_id, b"x" * {LIMIT + 1}); answered = True')
    assert scripts.value("result = os.getpid()") == before


TRUNCATED = """
import socket
host, port = runtime.address.split(":")
with socket.create_connection((host, int(port))) as peer:
    peer.sendall((
        f"POST /2018-06-01/runtime/invocation/{event.request_id}/CALL HTTP/1.1\\r\\n"
        "Host: x\\r\\nHEADERS\\r\\n\\r\\nBODY").encode())
    END
answered = True
"""
HALF = """
    peer.shutdown(socket.SHUT_WR)
    answer = http.client.HTTPResponse(peer)
    answer.begin()
    notes.append([answer.status, json.loads(answer.read())])
"""


@pytest.mark.parametrize("headers, body", [
    ("Content-Length: 100", "only this"),
    ("Transfer-Encoding: chunked", "5\\r\\nhello\\r\\n"),
    ("Transfer-Encoding: chunked", "50\\r\\nhello"),
    ("Transfer-Encoding: chunked\\r\\nLambda-Runtime-Function-Response-Mode: streaming", "5\\r\\nhello\\r\\n"),
], ids=["length", "chunks", "chunk", "streaming"])
@pytest.mark.parametrize("end", [HALF, ""], ids=["half closed", "closed"])
def test_a_truncated_response(scripts, headers, body, end):
    code = TRUNCATED.replace("CALL", "response").replace("HEADERS", headers).replace("BODY", body)
    got, notes = answers(scripts, code.replace("    END", end.strip("\n")))
    assert got.status == 200 and got.error == "Unhandled"
    assert got.json["errorType"] == "Runtime.TruncatedResponse"
    if end:
        assert notes == [[400, {
            "errorMessage": "HTTP request detected as truncated", "errorType": "TruncatedHTTPRequest"}]]


def test_a_response_of_a_stale_request_that_breaks_off_harms_nobody(scripts):
    code = TRUNCATED.replace("{event.request_id}", "another").replace("CALL", "response")
    code = code.replace("HEADERS", "Content-Length: 9").replace("BODY", "1").replace("    END", HALF.strip("\n"))
    got, notes = answers(scripts, code + '\nruntime.respond(event.request_id, "right")')
    assert got.json == "right" and notes[0][0] == 400
    assert notes[0][1]["errorType"] == "InvalidRequestID"


def test_what_is_done_after_the_answer_belongs_to_the_invocation(service):
    """The answer goes out when it is posted; the environment is taken again only when it polls."""
    made = service(late={"reservedConcurrency": 1, "code": python("""
import time
runtime, done = Runtime(), []
while True:
    event = runtime.next()
    runtime.respond(event.request_id, [os.getpid(), len(done)])
    time.sleep(0.5)
    done.append(1)
""")})
    first = made.call("late").json
    assert made.call("late").json == [first[0], 1]
