"""HTTP API: what a function is called with, payload formats 2.0 and 1.0."""

import base64
import re

import pytest


@pytest.fixture(scope="module")
def gateway(start):
    return start(httpApi={
        "routes": [
            {"route": "$default", "function": "told"},
            {"route": "ANY /first/{proxy+}", "function": "told", "payloadFormat": "1.0"},
            {"route": "GET /pets/{id}", "function": "told"},
            {"route": "ANY /v1", "function": "told", "payloadFormat": "1.0"}],
        "stages": {"$default": {}, "dev": {"variables": {"color": "blue", "size": "7"}}}})


HOST = "mumblelocal.execute-api.us-east-1.amazonaws.com"


def test_the_whole_event_of_format_2(gateway):
    answer = gateway.send("GET", "/dev/pets/7?parameter1=value1&parameter1=value2&parameter2=value", [
        ("Header1", "value1"), ("Header2", "value1"), ("Header2", "value2"), ("User-Agent", "agent"),
        ("Cookie", "cookie1=a; cookie2=b")], host=HOST)
    event = answer.event
    context = event["requestContext"]
    assert list(event) == [
        "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers", "queryStringParameters",
        "requestContext", "pathParameters", "isBase64Encoded", "stageVariables"]
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["time"])
    assert isinstance(context["timeEpoch"], int) and context["timeEpoch"] > 1_600_000_000_000
    trace = event["headers"].pop("x-amzn-trace-id")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", trace)
    assert re.fullmatch(r"[A-Za-z0-9+/_-]{15}=", context["requestId"])
    assert event == {
        "version": "2.0",
        "routeKey": "GET /pets/{id}",
        "rawPath": "/dev/pets/7",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1=a", "cookie2=b"],
        "headers": {
            "host": HOST, "header1": "value1", "header2": "value1,value2", "user-agent": "agent",
            "x-forwarded-for": "127.0.0.1", "x-forwarded-port": "80", "x-forwarded-proto": "http"},
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "requestContext": {
            "accountId": "000000000000", "apiId": "mumblelocal", "domainName": HOST, "domainPrefix": "mumblelocal",
            "http": {
                "method": "GET", "path": "/dev/pets/7", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                "userAgent": "agent"},
            "requestId": answer.headers["apigw-requestid"], "routeKey": "GET /pets/{id}", "stage": "dev",
            "time": context["time"], "timeEpoch": context["timeEpoch"]},
        "pathParameters": {"id": "7"},
        "isBase64Encoded": False,
        "stageVariables": {"color": "blue", "size": "7"}}


def test_the_whole_event_of_format_1(gateway):
    answer = gateway.send("POST", "/dev/v1?parameter1=value1&parameter1=value2&parameter2=value", [
        ("Header1", "value1"), ("header2", "value1"), ("Header2", "value2"), ("User-Agent", "agent"),
        ("Cookie", "a=b; c=d"), ("Content-Type", "text/plain")], body="Hello from Lambda!", host=HOST)
    event = answer.event
    context = event["requestContext"]
    trace = event["headers"].pop("X-Amzn-Trace-Id")
    assert event["multiValueHeaders"].pop("X-Amzn-Trace-Id") == [trace]
    assert list(event) == [
        "version", "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "requestContext", "pathParameters", "stageVariables", "body",
        "isBase64Encoded"]
    headers = {
        "Host": HOST, "header1": "value1", "header2": "value2", "User-Agent": "agent", "cookie": "a=b; c=d",
        "content-type": "text/plain", "Content-Length": "18", "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Port": "80", "X-Forwarded-Proto": "http"}
    assert event == {
        "version": "1.0", "resource": "/v1", "path": "/dev/v1", "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {
            **{name: [value] for name, value in headers.items()}, "header2": ["value1", "value2"]},
        "queryStringParameters": {"parameter1": "value2", "parameter2": "value"},
        "multiValueQueryStringParameters": {"parameter1": ["value1", "value2"], "parameter2": ["value"]},
        "requestContext": {
            "accountId": "000000000000", "apiId": "mumblelocal", "authorizer": {"claims": None, "scopes": None},
            "domainName": HOST, "domainPrefix": "mumblelocal", "extendedRequestId": answer.headers["apigw-requestid"],
            "httpMethod": "POST",
            "identity": {
                "accessKey": None, "accountId": None, "caller": None, "cognitoAuthenticationProvider": None,
                "cognitoAuthenticationType": None, "cognitoIdentityId": None, "cognitoIdentityPoolId": None,
                "principalOrgId": None, "sourceIp": "127.0.0.1", "user": None, "userAgent": "agent", "userArn": None},
            "path": "/dev/v1", "protocol": "HTTP/1.1", "requestId": answer.headers["apigw-requestid"],
            "requestTime": context["requestTime"], "requestTimeEpoch": context["requestTimeEpoch"],
            "resourceId": None, "resourcePath": "/v1", "stage": "dev"},
        "pathParameters": None, "stageVariables": {"color": "blue", "size": "7"}, "body": "Hello from Lambda!",
        "isBase64Encoded": False}


@pytest.mark.parametrize("key", ["cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"])
def test_what_is_absent_is_left_out_of_format_2(gateway, key):
    assert key not in gateway.send("GET", "/x").event


@pytest.mark.parametrize("key", [
    "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"])
def test_what_is_absent_is_null_in_format_1(gateway, key):
    event = gateway.send("GET", "/v1").event
    assert key in event and event[key] is None


def test_a_greedy_route_in_format_1(gateway):
    event = gateway.send("GET", "/first/a/b%20c").event
    assert event["resource"] == event["requestContext"]["resourcePath"] == "/first/{proxy+}"
    assert event["pathParameters"] == {"proxy": "a/b c"}
    assert event["path"] == "/first/a/b c"


@pytest.mark.parametrize("query,joined", [
    ("a=1", {"a": "1"}), ("a", {"a": ""}), ("a=", {"a": ""}), ("a=1&a=2&a=1", {"a": "1,2,1"}),
    ("a=1,2", {"a": "1,2"}), ("a%20b=c%2Bd", {"a b": "c+d"}), ("a=b+c", {"a": "b c"}), ("a=b=c", {"a": "b=c"}),
    ("x[]=1&x[]=2", {"x[]": "1,2"}), ("%C3%A9=%E2%82%AC", {"é": "€"})])
def test_query_parameters_are_decoded_and_joined(gateway, query, joined):
    event = gateway.send("GET", "/x?" + query).event
    assert event["rawQueryString"] == query and event["queryStringParameters"] == joined


@pytest.mark.parametrize("path,raw", [("/a%20b", "/a b"), ("/a//b", "/a//b"), ("/a/", "/a/"), ("/%C3%A9", "/é")])
def test_the_path_is_decoded(gateway, path, raw):
    event = gateway.send("GET", path).event
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == raw


BODY = '{"a":"é"}'.encode()


@pytest.mark.parametrize("kind", [
    "application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain", "text/html;charset=utf-8",
    "text/csv", "application/xml", "application/javascript"])
@pytest.mark.parametrize("path", ["/x", "/v1"])
def test_text_stays_text(gateway, kind, path):
    event = gateway.send("POST", path, {"Content-Type": kind}, body=BODY).event
    assert event["body"] == BODY.decode() and event["isBase64Encoded"] is False


@pytest.mark.parametrize("kind", [
    None, "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/octet-stream",
    "image/png", "application/pdf"])
@pytest.mark.parametrize("path", ["/x", "/v1"])
def test_everything_else_is_base_64(gateway, kind, path):
    event = gateway.send("POST", path, {"Content-Type": kind} if kind else {}, body=BODY).event
    assert base64.b64decode(event["body"]) == BODY and event["isBase64Encoded"] is True


def test_text_that_is_no_text_is_base_64(gateway):
    event = gateway.send("POST", "/x", {"Content-Type": "text/plain"}, body=b"\xff\xfe").event
    assert base64.b64decode(event["body"]) == b"\xff\xfe" and event["isBase64Encoded"] is True


def test_header_names_are_small_letters_and_values_joined(gateway):
    headers = gateway.send("GET", "/x", [("X-A", "1"), ("x-a", "2"), ("ACCEPT", "a, b")]).event["headers"]
    assert headers["x-a"] == "1,2" and headers["accept"] == "a, b" and "X-A" not in headers


def test_cookies_are_apart_and_trimmed(gateway):
    event = gateway.send("GET", "/x", [("Cookie", "a=b;  c=d ;e"), ("Cookie", 'f="g"')]).event
    assert event["cookies"] == ["a=b", "c=d", "e", 'f="g"'] and "cookie" not in event["headers"]


def test_a_proxy_chain_is_kept(gateway):
    headers = gateway.send("GET", "/x", {"X-Forwarded-For": "10.0.0.1, 10.0.0.2"}).event["headers"]
    assert headers["x-forwarded-for"] == "10.0.0.1, 10.0.0.2, 127.0.0.1"


def test_a_given_trace_is_kept(gateway):
    trace = "Root=1-5e6a8e3f-0123456789abcdef01234567"
    assert gateway.send("GET", "/x", {"X-Amzn-Trace-Id": trace}).event["headers"]["x-amzn-trace-id"] == trace


def test_methods_are_as_they_were_sent(gateway):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert gateway.send(method, "/x").event["requestContext"]["http"]["method"] == method


def test_request_ids_differ(gateway):
    ids = {gateway.send("GET", "/x").event["requestContext"]["requestId"] for _ in range(5)}
    assert len(ids) == 5
