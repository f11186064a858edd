"""POST /runtime/invocation/{id}/error and /runtime/init/error, and paths that do not exist."""

import base64
import re

import pytest
from running import until

from . import bootstraps
from .test_runtime_api_response import OK, answers, invalid

ERROR = {"errorMessage": "it broke", "errorType": "Broken", "stackTrace": ["one", "two"]}


def test_the_body_of_an_error_is_passed_through(scripts):
    got, notes = answers(scripts, f"note(runtime.fail(event.request_id, {ERROR!r}))")
    assert notes == [OK]
    assert got.status == 200 and got.error == "Unhandled" and got.json == ERROR


@pytest.mark.parametrize("body", [b"plain words", b"", b"\x00\xff", b"[1]", b'{"errorMessage": "x",  "more": 1}'],
                         ids=["text", "empty", "binary", "array", "spaced"])
def test_an_error_may_be_any_bytes(scripts, body):
    got = scripts.run(f"runtime.fail(event.request_id, {body!r}); answered = True")
    assert got.status == 200 and got.error == "Unhandled" and got.payload == body


def tail(result):
    return base64.b64decode(result.headers["x-amz-log-result"]).decode()


@pytest.mark.parametrize("given, kept", [
    ("Runtime.Unknown", "Runtime.Unknown"), ("Runtime.ImportModuleError", "Runtime.ImportModuleError"),
    ("Function.Whatever", "Function.Whatever"), ("Function.x", "Function.Unknown"),
    ("Function.With_Underscore", "Function.Unknown"), ("Function.", "Function.Unknown"),
    ("Function.Two.Dots", "Function.Unknown"), ("Runtime.lower", "Runtime.Unknown"),
    ("Other.Thing", "Runtime.Unknown"), ("Broken", "Runtime.Unknown"), (None, "Runtime.Unknown")])
def test_the_category_of_an_error_is_in_the_report(scripts, given, kept):
    headers = {"Lambda-Runtime-Function-Error-Type": given} if given else {}
    got = scripts.run(f"runtime.fail(event.request_id, {ERROR!r}, {headers!r}); answered = True", LogType="Tail")
    assert got.json == ERROR
    found = re.search(r"Status: error\tError Type: (\S+)", tail(got))
    assert found and found.group(1) == kept


def test_the_cause_for_x_ray_may_be_long(scripts):
    cause = '{"working_directory": "' + "x" * 64_000 + '"}'
    got, notes = answers(
        scripts,
        f"note(runtime.fail(event.request_id, {ERROR!r}, {{'Lambda-Runtime-Function-XRay-Error-Cause': {cause!r}}}))")
    assert notes == [OK] and got.json == ERROR


def test_a_cause_within_the_body_stays_here(scripts):
    wrapped = {**ERROR, "errorCause": {"exceptions": []}}
    got = scripts.run(f"""
        runtime.fail(
            event.request_id, {wrapped!r}, {{"Content-Type": "application/vnd.aws.lambda.error.cause+json"}})
        answered = True
        """)
    assert got.json == ERROR


def test_a_body_with_a_cause_that_is_no_error(scripts):
    got = scripts.run("""
        runtime.fail(event.request_id, b"{", {"Content-Type": "application/vnd.aws.lambda.error.cause+json"})
        answered = True
        """)
    assert got.json == "Invalid error body"


def test_the_process_goes_on_after_an_error(scripts):
    before = scripts.value("result = os.getpid()")
    scripts.run(f"runtime.fail(event.request_id, {ERROR!r}); answered = True")
    assert scripts.value("result = os.getpid()") == before


INIT = """
import sys
answer = Runtime().fail_init(%r, {"Lambda-Runtime-Function-Error-Type": "Runtime.NoConfig"})
print("told", answer.status, answer.json)
sys.exit(1)
"""


def test_the_invoker_gets_the_words_of_a_failed_init(service):
    made = service(broken=bootstraps.python(INIT % ERROR))
    got = made.call("broken", {}, LogType="Tail")
    assert got.status == 200 and got.error == "Unhandled" and got.json == ERROR
    assert "Status: error\tError Type: Runtime.NoConfig" in tail(got)
    until(lambda: made.call("broken") and "told 202 {'status': 'OK'}" in made.log("broken"), "what it was told")


def test_each_call_tries_a_failed_init_again(service):
    made = service(broken=bootstraps.python(INIT % ERROR))
    assert [made.call("broken").json for _ in range(3)] == [ERROR] * 3


def test_an_init_error_without_body(service):
    made = service(broken=bootstraps.python("import sys\nRuntime().fail_init(b'')\nsys.exit(3)"))
    got = made.call("broken")
    assert got.error == "Unhandled"
    assert got.json["errorType"] == "Runtime.ExitError" and "exit status 3" in got.json["errorMessage"]


def said_in_time(made, words):
    """A process whose init failed is ended soon: on a busy machine it may say its words at a later try alone."""
    def said():
        assert made.call("broken").json == {"errorMessage": "first"}
        return words in made.log("broken")
    return until(said, words)


def test_a_second_init_error_is_refused(service):
    made = service(broken=bootstraps.python("""
import sys
runtime = Runtime()
runtime.fail_init({"errorMessage": "first"})
second = runtime.fail_init({"errorMessage": "second"})
print("second", second.status, json.dumps(second.json))
sys.exit(1)
"""))
    assert said_in_time(made, "second 403")
    assert invalid("InitError", "InitError")[1]["errorMessage"] in made.log("broken")


def test_a_poll_after_an_init_error_is_refused(service):
    made = service(broken=bootstraps.python("""
import sys
runtime = Runtime()
runtime.fail_init({"errorMessage": "first"})
answer = runtime.call("GET", "/2018-06-01/runtime/invocation/next")
print("polled", answer.status, json.dumps(answer.json))
sys.exit(1)
"""))
    assert said_in_time(made, invalid("InitError", "Ready")[1]["errorMessage"])


def test_an_answer_before_the_first_poll_is_refused(service):
    made = service(early=bootstraps.python("""
early = Runtime().respond("0", "early")
serve(lambda event, headers: [early.status, early.json["errorType"]])
"""))
    assert made.call("early").json == [400, "InvalidRequestID"]


@pytest.mark.parametrize("method, path", [
    ("GET", "/"), ("GET", "/2018-06-01"), ("GET", "/2018-06-01/runtime"), ("GET", "/2018-06-02/ping"),
    ("GET", "/2018-06-01/runtime/invocation"), ("POST", "/2018-06-01/runtime/invocation/x/answer"),
    ("GET", "/2018-06-01/runtime/restore/next"), ("POST", "/2018-06-01/runtime/restore/error"),
    ("POST", "/2018-06-01/runtime/invocation/x/response/y"), ("GET", "/2018-06-01/runtime/invocation/next/x"),
    ("POST", "/2018-06-01/runtime/init"), ("GET", "/2019-01-01/extension/register")])
def test_a_path_that_does_not_exist(scripts, method, path):
    assert scripts.value(f"""
        answer = runtime.call({method!r}, {path!r})
        result = [answer.status, answer.body.decode()]
        """) == [404, "404 page not found\n"]


@pytest.mark.parametrize("method, path", [
    ("POST", "/2018-06-01/runtime/invocation/next"), ("PUT", "/2018-06-01/runtime/invocation/x/response"),
    ("GET", "/2018-06-01/runtime/invocation/x/response"), ("GET", "/2018-06-01/runtime/invocation/x/error"),
    ("GET", "/2018-06-01/runtime/init/error"), ("POST", "/2018-06-01/ping"), ("DELETE", "/2018-06-01/ping")])
def test_a_method_that_does_not_fit_the_path(scripts, method, path):
    assert scripts.value(f"result = runtime.call({method!r}, {path!r}).status") == 405


def test_ping(scripts):
    assert scripts.value("""
        answer = runtime.call("GET", "/2018-06-01/ping")
        result = [answer.status, answer.body.decode()]
        """) == [200, "pong"]


def test_the_api_listens_on_this_machine_only(scripts):
    assert scripts.value("result = runtime.address").startswith("127.0.0.1:")


def test_several_connections_serve_one_runtime(scripts):
    """A runtime may post on another connection than it polls on."""
    assert scripts.run("""
        other = Runtime()
        other.respond(event.request_id, "by another connection")
        answered = True
        """).json == "by another connection"
