"""REST API: what becomes of a function's answer."""

import base64

import pytest


@pytest.fixture(scope="module")
def gateway(start):
    return start(restApi={
        "binaryMediaTypes": ["image/png"],
        "routes": [
            {"route": "ANY /{proxy+}", "function": "told"},
            {"route": "GET /fast", "function": "told", "timeoutMilliseconds": 100}]})


def send(gateway, answer, **arguments):
    return gateway.send("GET", "/prod/x", tell={"answer": answer}, **arguments)


@pytest.mark.parametrize("answer", [
    {}, [], "text", 7, None, True, {"statusCode": 200, "extra": 1}, {"statusCode": 200, "cookies": ["a=b"]},
    {"message": "hello"}, {"statusCode": "abc"}, {"statusCode": 42}, {"statusCode": 1000}, {"statusCode": None},
    {"statusCode": 200, "headers": []}, {"statusCode": 200, "headers": "x"},
    {"statusCode": 200, "headers": {"a": {}}}, {"statusCode": 200, "headers": {"a": ["1"]}},
    {"statusCode": 200, "multiValueHeaders": {"a": "1"}}, {"statusCode": 200, "multiValueHeaders": []},
    {"statusCode": 200, "body": {"a": 1}}, {"statusCode": 200, "body": [1]},
    {"statusCode": 200, "headers": {"a b": "1"}}, {"statusCode": 200, "headers": {"a": "1\r\nb: 2"}},
])
def test_a_malformed_answer_is_502(gateway, answer):
    given = send(gateway, answer)
    assert given.message == (502, "Internal server error")
    assert given.headers["x-amzn-ErrorType"] == "InternalServerErrorException"


def test_an_answer_that_is_no_json_is_502(gateway):
    assert gateway.send("GET", "/prod/x", tell={"raw": "{nonsense"}).message == (502, "Internal server error")


def test_a_function_that_fails_is_502(gateway):
    assert gateway.send("GET", "/prod/x", tell={"error": "no"}).message == (502, "Internal server error")


def test_a_function_that_exits_is_502(gateway):
    assert gateway.send("GET", "/prod/x", tell={"exit": 3}).message == (502, "Internal server error")


def test_a_function_that_is_too_slow_is_504(gateway):
    answer = gateway.send("GET", "/prod/fast", tell={"sleep": 2})
    assert answer.message == (504, "Endpoint request timed out")


@pytest.mark.parametrize("answer,status,body", [
    ({"statusCode": 201}, 201, b""),
    ({"statusCode": "202", "body": "x"}, 202, b"x"),
    ({"headers": {"a": "1"}}, 200, b""),
    ({"body": "only"}, 200, b"only"),
    ({"statusCode": 200, "headers": None, "body": None}, 200, b""),
    ({"statusCode": 404, "body": "no"}, 404, b"no"),
    ({"statusCode": 204, "body": "dropped"}, 204, b""),
    ({"statusCode": 200, "isBase64Encoded": False, "body": "héllo"}, 200, "héllo".encode()),
])
def test_a_proper_answer_is_sent(gateway, answer, status, body):
    given = send(gateway, answer)
    assert (given.status, given.body) == (status, body)


def test_json_is_the_usual_content_type(gateway):
    assert send(gateway, {"statusCode": 200, "body": "x"}).headers["content-type"] == "application/json"


def test_a_function_says_another_content_type(gateway):
    answer = send(gateway, {"statusCode": 200, "headers": {"content-TYPE": "text/html"}, "body": "x"})
    assert answer.headers.get_all("content-type") == ["text/html"]


@pytest.mark.parametrize("value,text", [(True, "true"), (False, "false"), (7, "7"), ("x", "x")])
def test_header_values_may_be_scalars(gateway, value, text):
    assert send(gateway, {"statusCode": 200, "headers": {"X-A": value}}).headers["x-a"] == text


def test_multi_value_headers_are_lines_of_their_own(gateway):
    answer = send(gateway, {"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]}})
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_headers_of_both_kinds_are_sent_multi_first(gateway):
    answer = send(gateway, {
        "statusCode": 200, "headers": {"x-a": "single", "x-b": "2"}, "multiValueHeaders": {"X-A": ["1", "2"]}})
    assert answer.headers.get_all("x-a") == ["1", "2", "single"] and answer.headers["x-b"] == "2"


@pytest.mark.parametrize("name", [
    "Authorization", "Connection", "Content-Length", "Date", "Server", "WWW-Authenticate", "x-amzn-RequestId"])
def test_some_headers_are_remapped(gateway, name):
    answer = send(gateway, {"statusCode": 200, "headers": {name: "mine"}, "body": "x"})
    assert answer.headers[f"x-amzn-Remapped-{name}"] == "mine"
    assert "mine" not in answer.headers.get_all(name, [])


@pytest.mark.parametrize("accept,decoded", [
    ("image/png", True), ("image/png, text/html", True), ("text/html, image/png", False), (None, False),
    ("image/jpeg", False), ("*/*", False)])
def test_a_binary_answer_is_decoded_when_the_first_accepted_type_is_binary(gateway, accept, decoded):
    data = bytes(range(256))
    text = base64.b64encode(data).decode()
    answer = send(
        gateway, {"statusCode": 200, "isBase64Encoded": True, "body": text},
        headers={"Accept": accept} if accept else {})
    assert answer.body == (data if decoded else text.encode())


def test_every_answer_names_its_trace(gateway):
    assert send(gateway, {"statusCode": 200}).headers["X-Amzn-Trace-Id"].startswith("Root=1-")


def test_refusals_have_the_identifiers_of_the_request(gateway):
    answer = gateway.send("GET", "/other/x")
    assert len(answer.headers["x-amzn-RequestId"]) == 36 and answer.headers["x-amz-apigw-id"].endswith("=")
    assert answer.headers["content-type"] == "application/json"


def test_a_header_block_of_more_than_10240_bytes_is_refused(gateway):
    answer = gateway.send("GET", "/prod/x", {"X-Long": "x" * 10_300})
    assert answer.status == 431
