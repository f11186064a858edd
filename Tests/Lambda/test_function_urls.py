"""Function URLs: the operations, and what is served at them."""

import base64
import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from . import bootstraps
from .conftest import error_of
from .functions import ARN, MISSING

FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html")


class Page:
    """One answer at a function URL."""

    def __init__(self, url, method="GET", path="", body=None, headers=()):
        parts = urlsplit(url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
        connection.putrequest(method, path or "/", skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", parts.netloc)
        for name, value in dict(headers).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        connection.close()

    @property
    def json(self):
        return json.loads(self.body)


@pytest.fixture
def url(create, lambda_client):
    """url(bootstrap, **parameters) -> the address of a function that everybody may call."""
    def make(code="serve(lambda event, headers: event)", public=True, **parameters):
        name = create(bootstraps.python(code))
        make.name = name
        parameters.setdefault("AuthType", "NONE")
        answer = lambda_client.create_function_url_config(FunctionName=name, **parameters)
        if public:
            lambda_client.add_permission(
                FunctionName=name, StatementId="all", Action="lambda:InvokeFunctionUrl", Principal="*",
                FunctionUrlAuthType="NONE")
        return answer["FunctionUrl"]

    return make


def test_a_url_is_described(create, lambda_client):
    name = create()
    answer = lambda_client.create_function_url_config(
        FunctionName=name, AuthType="NONE", Cors={"AllowOrigins": ["*"], "MaxAge": 5})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert answer["FunctionArn"] == ARN + name and answer["AuthType"] == "NONE"
    assert answer["Cors"] == {"AllowOrigins": ["*"], "MaxAge": 5} and answer["InvokeMode"] == "BUFFERED"
    labels = urlsplit(answer["FunctionUrl"]).hostname.split(".")
    assert len(labels[0]) == 32 and labels[1:] == ["lambda-url", "us-east-1", "localhost"]
    stored = lambda_client.get_function_url_config(FunctionName=name)
    assert stored["FunctionUrl"] == answer["FunctionUrl"] and "LastModifiedTime" in stored


def test_there_is_one_url_for_each_qualifier(create, lambda_client):
    name = create(Publish=True)
    lambda_client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    lambda_client.create_function_url_config(FunctionName=name, AuthType="NONE")
    lambda_client.create_function_url_config(FunctionName=name, AuthType="AWS_IAM", Qualifier="live")
    listed = lambda_client.list_function_url_configs(FunctionName=name)["FunctionUrlConfigs"]
    assert [config["FunctionArn"] for config in listed] == [ARN + name, f"{ARN}{name}:live"]
    error = error_of(lambda_client, lambda c: c.create_function_url_config(FunctionName=name, AuthType="NONE"))
    assert (error.status, error.message) == (
        409, f"Failed to create function url config for [functionArn = {ARN}{name}]. Error message:  "
        "FunctionUrlConfig exists for this Lambda function")


@pytest.mark.parametrize("qualifier", ["1", "$LATEST"])
def test_versions_have_no_urls(create, lambda_client, qualifier):
    name = create(Publish=True)
    error = error_of(lambda_client, lambda c: c.create_function_url_config(
        FunctionName=name, AuthType="NONE", Qualifier=qualifier))
    assert error.code == "ValidationException" and f"Value '{qualifier}' at 'qualifier'" in error.message


@pytest.mark.parametrize("parameters, part", [
    ({"AuthType": "SOME"}, "Value 'SOME' at 'authType' failed to satisfy constraint: Member must satisfy enum value set: [NONE, AWS_IAM]"),
    ({"AuthType": "NONE", "InvokeMode": "X"}, "Value 'X' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]"),
    ({"AuthType": "NONE", "Cors": {"MaxAge": 86401}}, "Value '86401' at 'cors.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400"),
])
def test_values_out_of_shape_are_refused(create, lambda_client, parameters, part):
    name = create()
    error = error_of(lambda_client, lambda c: c.create_function_url_config(FunctionName=name, **parameters))
    assert error.message == "1 validation error detected: " + part


@pytest.mark.parametrize("ask, message", [
    (lambda c, n: c.create_function_url_config(FunctionName="absent", AuthType="NONE"), "Function does not exist"),
    (lambda c, n: c.create_function_url_config(FunctionName=n, AuthType="NONE", Qualifier="no"), "Function does not exist"),
    (lambda c, n: c.get_function_url_config(FunctionName=n), MISSING),
    (lambda c, n: c.update_function_url_config(FunctionName=n, AuthType="NONE"), MISSING),
    (lambda c, n: c.delete_function_url_config(FunctionName=n), MISSING),
])
def test_what_is_not_there_is_not_found(create, lambda_client, ask, message):
    name = create()
    error = error_of(lambda_client, lambda c: ask(c, name))
    assert (error.status, error.message) == (404, message)


def test_the_event_has_payload_format_2(url):
    address = url()
    page = Page(address, "POST", "/a%2Fb/c?x=1&x=2&y=%20", b'{"q":1}', {
        "Content-Type": "application/json", "Cookie": "a=1; b=2", "X-Own": "v", "X-Forwarded-For": "1.2.3.4",
        "User-Agent": "test"})
    event = page.json
    assert page.status == 200 and page.headers["Content-Type"] == "application/json"
    assert (event["version"], event["routeKey"]) == ("2.0", "$default")
    assert event["rawPath"] == "/a%2Fb/c" and event["rawQueryString"] == "x=1&x=2&y=%20"
    assert event["queryStringParameters"] == {"x": "1,2", "y": " "}
    assert event["cookies"] == ["a=1", "b=2"] and "cookie" not in event["headers"]
    assert event["headers"]["x-own"] == "v" and event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["body"] == '{"q":1}' and event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert context["accountId"] == "anonymous" and context["stage"] == "$default"
    assert context["apiId"] == context["domainPrefix"] == urlsplit(address).hostname.split(".")[0]
    assert context["http"] == {
        "method": "POST", "path": "/a%2Fb/c", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"}
    assert "pathParameters" not in event and "stageVariables" not in event


@pytest.mark.parametrize("kind, is_text", [
    ("text/plain; charset=utf-8", True), ("application/json", True), ("application/xml", True),
    ("application/problem+json", True), ("image/svg+xml", True), ("application/octet-stream", False),
    ("multipart/form-data; boundary=x", False), ("application/x-www-form-urlencoded", False), (None, False),
])
def test_bodies_that_are_no_text_are_base64(url, kind, is_text):
    event = Page(url(), "POST", "/", b"a=b", {"Content-Type": kind} if kind else {}).json
    assert event["isBase64Encoded"] is not is_text
    assert event["body"] == ("a=b" if is_text else base64.b64encode(b"a=b").decode())


@pytest.mark.parametrize("answer, status, kind, body", [
    ("{'statusCode': 201, 'headers': {'X-A': 'b', 'content-type': 'text/x'}, 'body': 'hi'}", 201, "text/x", b"hi"),
    ("{'statusCode': 200, 'body': 'e'}", 200, "application/json", b"e"),
    ("{'statusCode': 200, 'body': 'aGk=', 'isBase64Encoded': True}", 200, "application/json", b"hi"),
    ("{'statusCode': 204}", 204, "application/json", b""),
    ("{'a': [1, 2]}", 200, "application/json", b'{"a":[1,2]}'),
    ("'hello'", 200, "application/json", b"hello"),
    ("[1, 'x']", 200, "application/json", b'[1,"x"]'),
    ("7", 200, "application/json", b"7"),
    ("None", 200, "application/json", b"null"),
])
def test_answers_are_inferred(url, answer, status, kind, body):
    page = Page(url(f"serve(lambda event, headers: {answer})"))
    assert (page.status, page.headers["Content-Type"], page.body) == (status, kind, body)


def test_cookies_become_headers(url):
    page = Page(url("serve(lambda event, headers: {'statusCode': 200, 'cookies': ['a=1', 'b=2; Path=/']})"))
    assert page.headers.get_all("Set-Cookie") == ["a=1", "b=2; Path=/"]


@pytest.mark.parametrize("code", [
    "def fail(event, headers):\n    raise ValueError('x')\nserve(fail)",
    "import os\nserve(lambda event, headers: os._exit(3))",
    "serve(lambda event, headers: {'statusCode': 'soon'})",
    "serve(lambda event, headers: {'statusCode': 200, 'body': 5})",
    "serve(lambda event, headers: {'statusCode': 200, 'headers': {'a b': 'c'}})",
])
def test_what_a_function_does_wrong_is_502(url, code):
    page = Page(url(code))
    assert (page.status, page.body) == (502, b"Internal Server Error")


def test_an_unknown_url_is_forbidden(url):
    port = urlsplit(url()).port
    page = Page(f"http://{'x' * 32}.lambda-url.us-east-1.localhost:{port}/")
    assert (page.status, page.json) == (403, {"Message": None})


def test_without_a_permission_nobody_may_call(url):
    page = Page(url(public=False))
    assert (page.status, page.json) == (403, {"Message": FORBIDDEN})
    assert page.headers["x-amzn-ErrorType"] == "AccessDeniedException"


def test_a_url_of_a_deleted_alias_refuses_everybody(create, lambda_client):
    name = create(bootstraps.python("serve(lambda event, headers: 'here')"), Publish=True)
    lambda_client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    address = lambda_client.create_function_url_config(
        FunctionName=name, AuthType="NONE", Qualifier="live")["FunctionUrl"]
    lambda_client.add_permission(
        FunctionName=name, Qualifier="live", StatementId="all", Action="lambda:InvokeFunctionUrl",
        Principal="*", FunctionUrlAuthType="NONE")
    assert Page(address).body == b"here"
    lambda_client.delete_alias(FunctionName=name, Name="live")
    assert (Page(address).status, Page(address).json) == (403, {"Message": FORBIDDEN})


def test_no_concurrency_is_429(url, lambda_client):
    address = url()
    lambda_client.put_function_concurrency(FunctionName=url.name, ReservedConcurrentExecutions=0)
    assert Page(address).status == 429


def test_six_megabytes_are_the_most(url):
    page = Page(url(), "POST", "/", b"x" * (6 * 1024 * 1024 + 1), {"Content-Type": "text/plain"})
    assert page.status == 413


def signed(address, key="test", secret="test", service="lambda", body=b""):
    parts = urlsplit(address)
    request = AWSRequest("POST", address + "p?a=1", {"Host": parts.netloc, "Content-Type": "text/plain"}, body)
    SigV4Auth(Credentials(key, secret), service, "us-east-1").add_auth(request)
    headers = {name: value for name, value in request.headers.items() if name != "Host"}
    return Page(address, "POST", "/p?a=1", body, headers)


def test_a_signed_call_tells_who_calls(url):
    event = signed(url(public=False, AuthType="AWS_IAM"), body=b"x").json
    assert event["requestContext"]["accountId"] == "000000000000"
    assert event["requestContext"]["authorizer"]["iam"]["accessKey"] == "test"
    assert event["body"] == "x"


@pytest.mark.parametrize("changes", [
    {"secret": "wrong"}, {"service": "execute-api"}, {"key": "nobody"}])
def test_a_bad_signature_is_forbidden(url, changes):
    assert signed(url(public=False, AuthType="AWS_IAM"), **changes).status == 403


def test_an_unsigned_call_of_a_private_url_is_forbidden(url):
    page = Page(url(AuthType="AWS_IAM"))
    assert (page.status, page.json) == (403, {"Message": FORBIDDEN})


CORS = {
    "AllowOrigins": ["https://a.example"], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["x-own"],
    "ExposeHeaders": ["x-seen"], "MaxAge": 60, "AllowCredentials": True}


def test_preflights_do_not_reach_the_function(url):
    page = Page(url("import os\nserve(lambda event, headers: os._exit(1))", Cors=CORS), "OPTIONS", headers={
        "Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
    assert (page.status, page.body) == (200, b"")
    assert page.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert page.headers["Access-Control-Allow-Methods"] == "GET,POST"
    assert page.headers["Access-Control-Allow-Headers"] == "x-own"
    assert page.headers["Access-Control-Max-Age"] == "60"
    assert page.headers["Access-Control-Allow-Credentials"] == "true"


def test_another_origin_is_told_nothing(url):
    page = Page(url(Cors=CORS), "OPTIONS", headers={
        "Origin": "https://b.example", "Access-Control-Request-Method": "POST"})
    assert "Access-Control-Allow-Origin" not in page.headers


def test_rules_are_added_to_what_the_function_says(url):
    code = "serve(lambda event, headers: {'statusCode': 200, 'headers': {'Access-Control-Allow-Origin': '*'}})"
    page = Page(url(code, Cors=CORS), headers={"Origin": "https://a.example"})
    assert sorted(page.headers.get_all("Access-Control-Allow-Origin")) == ["*", "https://a.example"]
    assert page.headers["Access-Control-Expose-Headers"] == "x-seen"


def test_without_rules_questions_go_to_the_function(url):
    page = Page(url("serve(lambda event, headers: event['requestContext']['http']['method'])"), "OPTIONS", headers={
        "Origin": "https://a.example", "Access-Control-Request-Method": "POST"})
    assert page.body == b"OPTIONS"


def test_a_changed_url_keeps_its_address(url, lambda_client):
    address = url(Cors=CORS)
    answer = lambda_client.update_function_url_config(
        FunctionName=url.name, AuthType="AWS_IAM", Cors={}, InvokeMode="RESPONSE_STREAM")
    assert answer["FunctionUrl"] == address and answer["AuthType"] == "AWS_IAM"
    assert answer["InvokeMode"] == "RESPONSE_STREAM" and "Cors" not in answer


def test_a_deleted_url_is_unknown(url, lambda_client):
    address = url()
    assert Page(address).status == 200
    lambda_client.delete_function_url_config(FunctionName=url.name)
    assert (Page(address).status, Page(address).json) == (403, {"Message": None})


def test_a_streaming_url_answers_for_those_who_do_not_stream(url):
    page = Page(url("serve(lambda event, headers: {'statusCode': 202, 'body': 'x'})", InvokeMode="RESPONSE_STREAM"))
    assert (page.status, page.body) == (202, b"x")


STREAM = """
import json, socket
def pieces(go):
    yield json.dumps({"statusCode": 203, "headers": {"X-Own": "v"}, "cookies": ["a=1"]}).encode() + bytes(8)
    yield b"first"
    # Until the test says so.
    socket.create_connection(("127.0.0.1", int(go))).recv(1)
    yield b"second"
runtime = Runtime()
while True:
    event = runtime.next()
    runtime.stream(event.request_id, pieces(event.json["queryStringParameters"]["go"]), {
        "Content-Type": "application/vnd.awslambda.http-integration-response"})
"""


def test_a_streamed_answer_comes_as_it_is_made(url):
    parts = urlsplit(url(STREAM, InvokeMode="RESPONSE_STREAM"))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    go = listener.getsockname()[1]
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=60)
    connection.request("GET", f"/?go={go}", headers={"Host": parts.netloc})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["X-Own"], answer.headers["Set-Cookie"]) == (203, "v", "a=1")
    assert answer.read(5) == b"first"
    # Only now does the function go on.
    listener.accept()[0].close()
    listener.close()
    assert answer.read() == b"second"
    connection.close()

