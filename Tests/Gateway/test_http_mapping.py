"""HTTP API: parameter mapping, on routes with a function."""

import json

import pytest

REQUEST = {
    "append:header.x-static": "static", "overwrite:header.x-one": "$request.header.x-two",
    "remove:header.x-gone": "", "append:header.x-missing": "$request.header.not-there",
    "append:header.x-query": "$request.querystring.q", "append:header.x-path": "$request.path.id",
    "append:header.x-whole": "$request.path", "append:header.x-body": "$request.body.pet.names[1]",
    "append:header.x-object": "$request.body.pet", "append:header.x-stage": "$stageVariables.color",
    "append:header.x-context": "$context.routeKey", "append:header.x-mixed": "${request.path.id}-${context.stage}!",
    "append:header.x-appended": "two", "append:querystring.added": "$context.apiId",
    "overwrite:querystring.q": "changed", "remove:querystring.gone": "''"}
RESPONSE = {
    "200": {
        "append:header.x-a": "$response.header.x-from", "overwrite:header.x-b": "${response.body.name}/${context.stage}",
        "remove:header.x-secret": "", "overwrite:statuscode": "201"},
    "404": {"overwrite:statuscode": "$response.header.x-code"},
    "500": {"append:header.x-failed": "$context.requestId"}}


@pytest.fixture(scope="module")
def gateway(start):
    return start(httpApi={
        "routes": [
            {"route": "POST /pets/{id}", "function": "told", "requestParameters": REQUEST},
            {"route": "GET /moved/{id}", "function": "told", "requestParameters": {
                "overwrite:path": "/new/$/${request.path.id}"}},
            {"route": "GET /back", "function": "told", "responseParameters": RESPONSE},
            {"route": "GET /plain", "function": "told"}],
        "stages": {"$default": {"variables": {"color": "red"}}}})


@pytest.fixture(scope="module")
def mapped(gateway):
    return gateway.send(
        "POST", "/pets/7%2F8?q=1&q=2&gone=x&kept=y", [
            ("X-One", "1"), ("X-Two", "2"), ("X-Two", "3"), ("X-Gone", "x"), ("X-Appended", "one"),
            ("Content-Type", "application/json")],
        body=json.dumps({"pet": {"names": ["a", "b"]}})).event


@pytest.mark.parametrize("name,value", [
    ("x-static", "static"), ("x-one", "2,3"), ("x-query", "1,2"), ("x-path", "7/8"), ("x-whole", "/pets/7%2F8"),
    ("x-body", "b"), ("x-object", '{"names":["a","b"]}'), ("x-stage", "red"), ("x-context", "POST /pets/{id}"),
    ("x-mixed", "7/8-$default!"), ("x-appended", "one,two"), ("x-gone", None), ("x-missing", None)])
def test_headers_are_mapped(mapped, name, value):
    assert mapped["headers"].get(name) == value


def test_the_query_is_mapped(mapped):
    assert mapped["queryStringParameters"] == {"kept": "y", "q": "changed", "added": "mumblelocal"}


def test_the_path_is_mapped(gateway):
    assert gateway.send("GET", "/moved/a%20b").event["rawPath"] == "/new/$/a b"


def test_nothing_else_is_changed(gateway):
    assert gateway.send("GET", "/plain?q=1", {"x-gone": "x"}).event["headers"]["x-gone"] == "x"


def test_a_response_is_mapped(gateway):
    answer = gateway.send("GET", "/back", tell={"answer": {
        "statusCode": 200, "headers": {"x-from": "there", "x-secret": "s", "x-b": "old"}, "body": '{"name":"n"}'}})
    assert answer.status == 201
    assert answer.headers["x-a"] == "there" and answer.headers["x-b"] == "n/$default"
    assert "x-secret" not in answer.headers and answer.body == b'{"name":"n"}'


@pytest.mark.parametrize("code,status", [("410", 410), ("none", 404), ("99", 404)])
def test_the_status_of_a_response_is_mapped(gateway, code, status):
    assert gateway.send("GET", "/back", tell={"answer": {
        "statusCode": 404, "headers": {"x-code": code}}}).status == status


def test_a_mapping_is_of_one_status(gateway):
    answer = gateway.send("GET", "/back", tell={"answer": {"statusCode": 202, "headers": {"x-secret": "s"}}})
    assert answer.status == 202 and answer.headers["x-secret"] == "s"


@pytest.mark.parametrize("body", ["a\r\nset-cookie: b=c", "a\nb", "a\u0000b"])
def test_a_mapped_value_begins_no_header_of_its_own(gateway, body):
    answer = gateway.send("GET", "/back", tell={"answer": {"statusCode": 200, "body": json.dumps({"name": body})}})
    assert answer.status == 201 and "set-cookie" not in answer.headers and "x-b" not in answer.headers
    path = gateway.send("POST", "/pets/a%0d%0ax-evil:1", body="").event
    assert "x-evil" not in path["headers"] and "x-path" not in path["headers"]
