"""Text that would like to be more: in requests on its way into events, and in a function's answer."""

import json
from urllib.parse import urlsplit

import pytest

from .conftest import told
from .hostile import api, gateway  # noqa: F401, fixtures
from .peers import exchange

# What is written into events stays a value

INJECTED = "%0d%0aX-Evil:%20yes%0d%0a%0d%0aHTTP/1.1%20200%20OK"


def names(event):
    return {name.lower() for name in event["headers"]}


def test_line_ends_in_a_path_are_characters_of_the_path(api):
    event = api.gateway.send("GET", f"{api.prefix}/a{INJECTED}").event
    assert api.decoded(event) == "/a\r\nX-Evil: yes\r\n\r\nHTTP/1.1 200 OK"
    assert "x-evil" not in names(event)


def test_line_ends_in_a_query_are_characters_of_its_value(api):
    event = api.gateway.send("GET", f"{api.prefix}/a?a={INJECTED}").event
    assert event.get("rawQueryString") in (None, f"a={INJECTED}")
    assert event["queryStringParameters"] == {"a": "\r\nX-Evil: yes\r\n\r\nHTTP/1.1 200 OK"}
    assert "x-evil" not in names(event)


def test_quotes_in_a_request_do_not_leave_their_string(api):
    evil = '"},"requestContext":{"accountId":"0'
    event = api.gateway.send("GET", f"{api.prefix}/%22,%22version%22:%229", {"x-quoted": evil, "cookie": evil}).event
    assert event.get("version", "2.0") == "2.0" and api.decoded(event) == '/","version":"9'
    assert event["headers"]["x-quoted"] == evil
    assert evil in event.get("cookies", []) + [event["headers"].get("cookie")]
    assert event["requestContext"]["accountId"] != "0"


# Response splitting

def split(api, answer):
    """The raw answers to a request whose function returns `answer`, and to one behind it."""
    head = f"GET {api.prefix}/split HTTP/1.1\r\nHost: a\r\ntell: {told({'answer': answer})}\r\n\r\n"
    return exchange(api.port, head + f"GET {api.prefix}/behind HTTP/1.1\r\nHost: a\r\n\r\n")


EVIL = "x\r\nX-Evil: yes\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
SPLITS = {
    "a value": {"headers": {"x-a": EVIL}}, "a name": {"headers": {"x-a: 1\r\nx-evil": "yes"}},
    "a name with a space": {"headers": {"x a": "1"}}, "an empty name": {"headers": {"": "1"}},
    "a name with a colon": {"headers": {"x:": "1"}}, "a bare CR": {"headers": {"x-a": "1\rx-evil: yes"}},
    "a bare LF": {"headers": {"x-a": "1\nx-evil: yes"}}, "a NUL": {"headers": {"x-a": "1\x00"}},
    "a location": {"statusCode": 302, "headers": {"location": "/" + EVIL}},
    "a content type": {"headers": {"content-type": "text/plain" + EVIL}},
    "a cookie": {"cookies": ["a=" + EVIL]}, "a second cookie": {"cookies": ["a=b", "c\r\nd"]},
    "a status": {"statusCode": "200 OK\r\nX-Evil: yes"}, "a status with a reason": {"statusCode": "200 Fine"},
    "an interim status": {"statusCode": 100}, "switching protocols": {"statusCode": 101},
    "early hints": {"statusCode": 103}, "a status beyond 599": {"statusCode": 600}, "no status": {"statusCode": 0},
    "a negative status": {"statusCode": -200}, "a large status": {"statusCode": 10**20},
}


@pytest.mark.parametrize("answer", SPLITS.values(), ids=SPLITS.keys())
def test_a_function_cannot_write_a_second_answer(api, answer):
    replies = split(api, {"statusCode": 200, "body": "b", **answer})
    status, message = api.failed
    assert [reply.status for reply in replies] == [status, 200], replies
    assert json.loads(replies[0].body) == {"message": message}
    assert not replies[0].all("x-evil") and api.path_of(replies[1]) == "/behind"


SEVERAL = {
    "a value": {"x-a": [EVIL]}, "a second value": {"x-a": ["1", EVIL]}, "a name": {"x-a: 1\r\nx-evil": ["yes"]},
    "a bare CR": {"x-a": ["1\rx-evil: yes"]}, "a bare LF": {"x-a": ["1\nx-evil: yes"]}, "a NUL": {"x-a": ["1\x00"]},
    "a cookie": {"Set-Cookie": ["a=b", "c=" + EVIL]}}


@pytest.mark.parametrize("headers", SEVERAL.values(), ids=SEVERAL.keys())
def test_headers_of_several_values_cannot_either(gateway, headers):
    data = "GET /prod/split HTTP/1.1\r\nHost: a\r\ntell: " + told(
        {"answer": {"statusCode": 200, "multiValueHeaders": headers}}) + "\r\n\r\n"
    replies = exchange(gateway.rest.port, data + "GET /prod/behind HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [reply.status for reply in replies] == [502, 200], replies
    assert not replies[0].all("x-evil") and json.loads(replies[1].body)["path"] == "/behind"


@pytest.fixture(scope="module")
def url(gateway):
    """The host of the function's URL, which the AWS port serves."""
    client = gateway.emulator.client("lambda")
    client.add_permission(
        FunctionName="told", StatementId="all", Action="lambda:InvokeFunctionUrl", Principal="*",
        FunctionUrlAuthType="NONE")
    return urlsplit(client.create_function_url_config(FunctionName="told", AuthType="NONE")["FunctionUrl"]).netloc


@pytest.mark.parametrize("answer", SPLITS.values(), ids=SPLITS.keys())
def test_at_its_url_a_function_cannot_either(gateway, url, answer):
    answer = {"statusCode": 200, "body": "b", **answer}
    head = f"GET /split HTTP/1.1\r\nHost: {url}\r\ntell: {told({'answer': answer})}\r\n\r\n"
    replies = exchange(gateway.ports["aws"], head + f"GET /behind HTTP/1.1\r\nHost: {url}\r\n\r\n")
    assert [reply.status for reply in replies] == [502, 200], replies
    assert not replies[0].all("x-evil") and json.loads(replies[1].body)["rawPath"] == "/behind"


@pytest.mark.parametrize("name, value", [
    ("content-length", "1"), ("Content-Length", "99999"), ("transfer-encoding", "chunked"), ("connection", "close"),
    ("Connection", "x-kept"), ("keep-alive", "timeout=0"), ("upgrade", "h2c"), ("trailer", "x"), ("te", "trailers"),
    ("proxy-authenticate", "Basic")])
def test_a_function_does_not_frame_its_answer(api, name, value):
    replies = split(api, {
        "statusCode": 200, "headers": {name: value, "x-kept": "1"}, "body": json.dumps({api.path: "/split"})})
    assert [api.path_of(reply) for reply in replies] == ["/split", "/behind"]
    assert replies[0].all("x-kept") == ["1"]
    assert replies[0].all(name.lower()) == ([str(len(replies[0].body))] if name.lower() == "content-length" else [])


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_has_none(api, status):
    replies = split(api, {"statusCode": status, "body": EVIL})
    assert [reply.status for reply in replies] == [status, 200]


def test_a_body_that_looks_like_an_answer_is_a_body(api):
    replies = split(api, {"statusCode": 200, "body": EVIL})
    assert [reply.status for reply in replies] == [200, 200] and replies[0].body == EVIL.encode()
