"""HTTP API: how a function's answer becomes a response, payload formats 2.0 and 1.0."""

import base64

import pytest


@pytest.fixture(scope="module")
def gateway(start):
    return start(httpApi={"routes": [
        {"route": "$default", "function": "told"},
        {"route": "ANY /first", "function": "told", "payloadFormat": "1.0"},
        {"route": "GET /slow", "function": "told", "timeoutMilliseconds": 300}]})


def answered(gateway, answer, path="/x"):
    return gateway.send("GET", path, tell={"answer": answer})


@pytest.mark.parametrize("answer,body", [
    ({"a": 1}, b'{"a":1}'), ([1, 2], b"[1,2]"), ("text", b"text"), (7, b"7"), (True, b"true"), (None, b"null"),
    ({}, b"{}"), ({"body": "x"}, b'{"body":"x"}'), ({"statusCode": None, "b": 1}, b'{"statusCode":null,"b":1}')])
def test_a_response_is_inferred_without_a_status(gateway, answer, body):
    got = answered(gateway, answer)
    assert (got.status, got.headers["content-type"], got.body) == (200, "application/json", body)


@pytest.mark.parametrize("status", [200, 201, 299, 301, 400, 404, 418, 500, 503, 599, "202"])
@pytest.mark.parametrize("path", ["/x", "/first"])
def test_the_status_is_the_functions(gateway, status, path):
    assert answered(gateway, {"statusCode": status}, path).status == int(status)


@pytest.mark.parametrize("answer", [
    {"statusCode": "abc"}, {"statusCode": 99}, {"statusCode": 600}, {"statusCode": 200.5}, {"statusCode": [200]},
    {"statusCode": 200, "body": {"a": 1}}, {"statusCode": 200, "body": 7}, {"statusCode": 200, "headers": "x"},
    {"statusCode": 200, "headers": {"a": {"b": 1}}}, {"statusCode": 200, "headers": {"a": ["b"]}},
    {"statusCode": 200, "headers": {"a b": "c"}}, {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
    {"statusCode": 200, "body": "%%%", "isBase64Encoded": True}])
@pytest.mark.parametrize("path", ["/x", "/first"])
def test_an_answer_of_no_valid_shape_is_an_error(gateway, answer, path):
    assert answered(gateway, answer, path).message == (500, "Internal Server Error")


@pytest.mark.parametrize("answer", [{}, {"a": 1}, "text", [1], None, {"statusCode": None}])
def test_format_1_infers_nothing(gateway, answer):
    assert answered(gateway, answer, "/first").message == (500, "Internal Server Error")


@pytest.mark.parametrize("tell", [{"error": "broken"}, {"raw": "no json"}, {"raw": ""}, {"exit": 1}])
@pytest.mark.parametrize("path", ["/x", "/first"])
def test_a_function_that_fails_is_an_error(gateway, tell, path):
    answer = gateway.send("GET", path, tell=tell)
    assert answer.message == (500, "Internal Server Error")
    assert answer.headers["content-type"] == "application/json" and answer.headers["apigw-requestid"]


def test_headers_of_all_simple_types(gateway):
    got = answered(gateway, {"statusCode": 200, "headers": {"X-A": "text", "x-b": 7, "x-c": True, "x-d": None}})
    assert (got.headers["x-a"], got.headers["x-b"], got.headers["x-c"]) == ("text", "7", "true")
    assert "x-d" not in got.headers


def test_cookies_are_headers_of_their_own_in_order(gateway):
    got = answered(gateway, {"statusCode": 200, "cookies": ["b=1; Secure", "a=2"], "headers": {"set-cookie": "c=3"}})
    assert [value for name, value in got.fields if name.lower() == "set-cookie"] == ["c=3", "b=1; Secure", "a=2"]


def test_format_1_knows_no_cookies(gateway):
    assert "set-cookie" not in answered(gateway, {"statusCode": 200, "cookies": ["a=b"]}, "/first").headers


def test_format_2_knows_no_multi_value_headers(gateway):
    assert "x-a" not in answered(gateway, {"statusCode": 200, "multiValueHeaders": {"x-a": ["1", "2"]}}).headers


def test_format_1_joins_both_kinds_of_headers(gateway):
    got = answered(gateway, {
        "statusCode": 200, "headers": {"X-A": "0", "x-b": "b"}, "multiValueHeaders": {"x-a": ["1", "2"]}}, "/first")
    assert sorted(value for name, value in got.fields if name.lower() == "x-a") == ["0", "1", "2"]
    assert got.headers["x-b"] == "b"


def test_the_same_header_and_value_in_both_is_sent_once(gateway):
    got = answered(gateway, {
        "statusCode": 200, "headers": {"x-a": "1"}, "multiValueHeaders": {"x-a": ["1", "2"]}}, "/first")
    assert [value for name, value in got.fields if name.lower() == "x-a"] == ["1", "2"]


@pytest.mark.parametrize("headers", [{"a": "b"}, {"a": [["b"]]}, {"a": ["b\nc"]}, {"a b": ["c"]}, "x"])
def test_multi_value_headers_of_no_valid_shape(gateway, headers):
    assert answered(gateway, {"statusCode": 200, "multiValueHeaders": headers}, "/first").status == 500


def test_a_value_with_commas_stays_one_line(gateway):
    got = answered(gateway, {"statusCode": 200, "headers": {"x-a": "1,2, 3"}})
    assert [value for name, value in got.fields if name.lower() == "x-a"] == ["1,2, 3"]


@pytest.mark.parametrize("path", ["/x", "/first"])
def test_base_64_becomes_bytes_whatever_was_accepted(gateway, path):
    data = bytes(range(256))
    got = gateway.send("GET", path, {"Accept": "text/html"}, tell={"answer": {
        "statusCode": 200, "headers": {"content-type": "image/png"}, "body": base64.b64encode(data).decode(),
        "isBase64Encoded": True}})
    assert got.body == data and got.headers["content-type"] == "image/png"


@pytest.mark.parametrize("path", ["/x", "/first"])
def test_the_usual_content_type_is_plain_text(gateway, path):
    assert answered(gateway, {"statusCode": 200, "body": "x"}, path).headers["content-type"] == (
        "text/plain;charset=UTF-8")


@pytest.mark.parametrize("status", [204, 304])
def test_some_statuses_have_no_body(gateway, status):
    got = answered(gateway, {"statusCode": status, "body": "dropped"})
    assert got.status == status and got.body == b""


@pytest.mark.parametrize("name", ["Connection", "Transfer-Encoding", "Upgrade", "Keep-Alive", "TE", "Trailer"])
def test_headers_of_the_connection_are_dropped(gateway, name):
    got = answered(gateway, {"statusCode": 200, "headers": {name: "x-strange"}, "body": "whole"})
    assert got.body == b"whole" and got.headers.get(name) != "x-strange"


def test_the_length_is_the_gateways(gateway):
    got = answered(gateway, {"statusCode": 200, "headers": {"Content-Length": "1"}, "body": "whole"})
    assert got.body == b"whole" and got.headers["content-length"] == "5"


def test_an_integration_timeout_is_503(gateway):
    assert gateway.send("GET", "/slow", tell={"sleep": 20, "answer": {}}).message == (503, "Service Unavailable")


def test_a_function_in_time_answers(gateway):
    assert gateway.send("GET", "/x", tell={"sleep": 0.4, "answer": {"statusCode": 201}}).status == 201


def test_an_answer_beyond_6_mb_is_an_error(gateway):
    assert gateway.send("GET", "/x", tell={"size": 7 << 20}).status == 500
    assert len(gateway.send("GET", "/x", tell={"size": 5 << 20}).body) == 5 << 20


@pytest.mark.parametrize("size,status", [(4 << 20, 200), (7 << 20, 413), ((10 << 20) + 1, 413)])
def test_bodies_have_lambdas_limit_and_the_gateways(gateway, size, status):
    answer = gateway.send("POST", "/x", {"content-type": "text/plain"}, body=b"x" * size, tell={"answer": "ok"})
    assert answer.status == status
    if status == 413:
        assert answer.message == (413, "Request Entity Too Large")


def test_headers_beyond_10_kb_are_refused(gateway):
    assert gateway.send("GET", "/x", {"x-a": "y" * 9_000}).status == 200
    assert gateway.send("GET", "/x", {"x-a": "y" * 10_300}).status == 431


def test_every_answer_has_a_request_id_and_a_date(gateway):
    got = answered(gateway, {"statusCode": 200})
    assert got.headers["apigw-requestid"].endswith("=") and got.headers["date"].endswith("GMT")
