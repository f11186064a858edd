"""REST API: stages, methods, and the event of a Lambda proxy integration."""

import base64
import time

import pytest

ROUTES = [
    "GET /", "GET /pets", "ANY /pets", "GET /pets/{id}", "GET /pets/dog", "POST /pets/{id}/toys", "GET /a/{x}",
    "ANY /a/{proxy+}", "ANY /files/{proxy+}", "GET /only", "PUT /body"]


@pytest.fixture(scope="module")
def gateway(start):
    return start(restApi={
        "stages": {"prod": {}, "dev": {"variables": {"table": "pets-dev", "mode": "x"}}},
        "binaryMediaTypes": ["image/png", "application/zip"],
        "routes": [{"route": key, "function": "told"} for key in ROUTES]
        + [{"route": "GET /named", "function": "told", "operationName": "GetNamed"}]})


@pytest.mark.parametrize("method,path,resource,parameters", [
    ("GET", "/", "/", None),
    ("GET", "", "/", None),
    ("GET", "/pets", "/pets", None),
    ("PUT", "/pets", "/pets", None),
    ("GET", "/pets/dog", "/pets/dog", None),
    ("GET", "/pets/cat", "/pets/{id}", {"id": "cat"}),
    ("POST", "/pets/1/toys", "/pets/{id}/toys", {"id": "1"}),
    ("GET", "/a/1", "/a/{x}", {"x": "1"}),
    ("GET", "/a/1/2", "/a/{proxy+}", {"proxy": "1/2"}),
    ("GET", "/files/a/b.txt", "/files/{proxy+}", {"proxy": "a/b.txt"}),
    ("GET", "/pets/a%20b", "/pets/{id}", {"id": "a b"}),
])
def test_the_most_specific_resource_is_selected(gateway, method, path, resource, parameters):
    event = gateway.send(method, "/prod" + path).event
    assert event["resource"] == event["requestContext"]["resourcePath"] == resource
    assert event["pathParameters"] == parameters


@pytest.mark.parametrize("path,parameter", [("/files/x/", "x"), ("/files/x/y/", "x/y")])
def test_a_slash_at_the_end_stays_in_the_path_but_not_in_the_parameter(gateway, path, parameter):
    event = gateway.send("GET", "/prod" + path).event
    assert event["path"] == path and event["pathParameters"]["proxy"] == parameter


@pytest.mark.parametrize("method,path", [
    ("GET", "/prod/nothing"), ("POST", "/prod/only"), ("DELETE", "/prod"), ("GET", "/prod/pets/1/toys"),
    ("GET", "/prod/files")])
def test_unknown_resources_and_methods_lack_a_token(gateway, method, path):
    answer = gateway.send(method, path)
    assert answer.message == (403, "Missing Authentication Token")
    assert answer.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize("path", ["/", "/other/pets", "/pets", "/PROD/pets", "/production/pets"])
def test_unknown_stages_are_forbidden(gateway, path):
    answer = gateway.send("GET", path)
    assert answer.message == (403, "Forbidden")
    assert answer.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_the_path_has_no_stage_and_the_contexts_has_it(gateway):
    event = gateway.send("GET", "/dev/pets/1").event
    assert event["path"] == "/pets/1"
    assert event["requestContext"]["path"] == "/dev/pets/1"
    assert event["requestContext"]["stage"] == "dev"


def test_the_members_stand_in_awss_order(gateway):
    assert list(gateway.send("GET", "/prod/pets").event) == [
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body",
        "isBase64Encoded"]


def test_what_is_absent_is_null(gateway):
    event = gateway.send("GET", "/prod/pets").event
    for name in ("queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"):
        assert event[name] is None, name
    assert event["isBase64Encoded"] is False


def test_stage_variables_are_in_the_event(gateway):
    assert gateway.send("GET", "/dev/pets").event["stageVariables"] == {"table": "pets-dev", "mode": "x"}


def test_header_names_keep_their_case(gateway):
    event = gateway.send("GET", "/prod/pets", {"tEsT-HEADeR": "aValUE"}).event
    assert event["headers"]["tEsT-HEADeR"] == "aValUE"
    assert event["multiValueHeaders"]["tEsT-HEADeR"] == ["aValUE"]


def test_of_repeated_headers_the_last_value_counts_and_all_are_listed(gateway):
    event = gateway.send("GET", "/prod/pets", [("X-A", "1"), ("X-A", "2"), ("X-A", "3")]).event
    assert event["headers"]["X-A"] == "3"
    assert event["multiValueHeaders"]["X-A"] == ["1", "2", "3"]


@pytest.mark.parametrize("name,shown", [("authorization", "Authorization"), ("user-agent", "User-Agent")])
def test_some_header_names_are_capitalised(gateway, name, shown):
    event = gateway.send("GET", "/prod/pets", {name: "x"}).event
    assert event["headers"][shown] == "x" and name not in event["headers"]


@pytest.mark.parametrize("name", ["Connection", "Content-Length"])
def test_headers_of_the_connection_are_not_in_the_event(gateway, name):
    headers = {"Connection": "keep-alive"} if name == "Connection" else {}
    event = gateway.send("PUT", "/prod/body", headers, body="x").event
    assert name.lower() not in [key.lower() for key in event["headers"]]


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto", "X-Amzn-Trace-Id"])
def test_the_gateways_own_headers_are_in_the_event(gateway, name):
    event = gateway.send("GET", "/prod/pets").event
    assert event["headers"][name] and event["multiValueHeaders"][name] == [event["headers"][name]]


def test_forwarded_addresses_are_appended(gateway):
    event = gateway.send("GET", "/prod/pets", {"X-Forwarded-For": "10.1.2.3"}).event
    assert event["headers"]["X-Forwarded-For"] == "10.1.2.3, 127.0.0.1"


@pytest.mark.parametrize("query,single,several", [
    ("?a=1", {"a": "1"}, {"a": ["1"]}),
    ("?a=1&a=2&b=3", {"a": "2", "b": "3"}, {"a": ["1", "2"], "b": ["3"]}),
    ("?a=x%20y&b=1%2C2", {"a": "x y", "b": "1,2"}, {"a": ["x y"], "b": ["1,2"]}),
    ("?flag", {"flag": ""}, {"flag": [""]}),
    ("?a=1,2", {"a": "1,2"}, {"a": ["1,2"]}),
])
def test_query_parameters_are_decoded_and_listed(gateway, query, single, several):
    event = gateway.send("GET", "/prod/pets" + query).event
    assert event["queryStringParameters"] == single
    assert event["multiValueQueryStringParameters"] == several


@pytest.mark.parametrize("member,value", [
    ("accountId", "000000000000"), ("apiId", "mumblerest"), ("httpMethod", "GET"), ("protocol", "HTTP/1.1"),
    ("resourcePath", "/pets"), ("stage", "prod"), ("path", "/prod/pets")])
def test_the_context_says(gateway, member, value):
    assert gateway.send("GET", "/prod/pets").event["requestContext"][member] == value


def test_identifiers_have_awss_shape(gateway):
    answer = gateway.send("GET", "/prod/pets")
    context = answer.event["requestContext"]
    assert len(context["requestId"]) == 36 and context["requestId"].count("-") == 4
    assert context["extendedRequestId"].endswith("=")
    assert len(context["resourceId"]) == 6 and len(context["deploymentId"]) == 6
    assert answer.headers["x-amzn-RequestId"] == context["requestId"]
    assert answer.headers["x-amz-apigw-id"] == context["extendedRequestId"]
    assert abs(context["requestTimeEpoch"] / 1000 - time.time()) < 120


def test_the_identity_has_all_members(gateway):
    identity = gateway.send("GET", "/prod/pets", {"User-Agent": "me/1"}).event["requestContext"]["identity"]
    assert identity["sourceIp"] == "127.0.0.1" and identity["userAgent"] == "me/1"
    nulls = {name for name, value in identity.items() if value is None}
    assert nulls == {
        "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
        "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user"}


def test_the_host_gives_the_domain(gateway):
    context = gateway.send(
        "GET", "/prod/pets", host="mumblerest.execute-api.us-east-1.amazonaws.com").event["requestContext"]
    assert context["domainName"] == "mumblerest.execute-api.us-east-1.amazonaws.com"
    assert context["domainPrefix"] == "mumblerest"


def test_an_operation_has_its_name(gateway):
    assert gateway.send("GET", "/prod/named").event["requestContext"]["operationName"] == "GetNamed"


@pytest.mark.parametrize("content_type,encoded", [
    ("text/plain", False), ("application/json", False), (None, False), ("application/octet-stream", False),
    ("image/png", True), ("image/PNG; x=1", True), ("application/zip", True), ("image/jpeg", False)])
def test_only_binary_media_types_are_base_64(gateway, content_type, encoded):
    headers = {"Content-Type": content_type} if content_type else {}
    event = gateway.send("PUT", "/prod/body", headers, body="héllo").event
    assert event["isBase64Encoded"] is encoded
    assert event["body"] == (base64.b64encode("héllo".encode()).decode() if encoded else "héllo")


def test_a_method_override_counts(gateway):
    event = gateway.send("POST", "/prod/only", {"X-HTTP-Method-Override": "GET"}).event
    assert event["httpMethod"] == "GET" and event["resource"] == "/only"


def test_a_body_of_more_than_ten_megabytes_is_too_long(gateway):
    answer = gateway.send("PUT", "/prod/body", body=b"x" * (10 * 1024 * 1024 + 1))
    assert answer.message == (413, "Request Too Long")


def test_the_api_is_reached_by_its_id(gateway):
    assert gateway.send("GET", "/prod/only", api="mumblerest").event["resource"] == "/only"
