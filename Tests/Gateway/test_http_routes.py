"""HTTP API: which route answers a request."""

import pytest

ROUTES = [
    "GET /", "GET /pets", "ANY /pets", "GET /pets/{id}", "GET /pets/dog", "POST /pets/{id}/toys", "ANY /pets/{id+}",
    "GET /a/{x}", "ANY /a/{proxy+}", "GET /deep/{one}/{two}/end", "GET /deep/fixed/{two}/end", "ANY /files/{proxy+}",
    "GET /files/public/{proxy+}", "GET /files/{kind}/thumb", "HEAD /head", "GET /only"]


@pytest.fixture(scope="module")
def gateway(start):
    return start(httpApi={"routes": [{"route": key, "function": "told"} for key in ROUTES]})


@pytest.mark.parametrize("method,path,key,parameters", [
    ("GET", "/", "GET /", None),
    ("GET", "/pets", "GET /pets", None),
    ("PUT", "/pets", "ANY /pets", None),
    ("GET", "/pets/dog", "GET /pets/dog", None),
    ("GET", "/pets/cat", "GET /pets/{id}", {"id": "cat"}),
    ("DELETE", "/pets/dog", "ANY /pets/{id+}", {"id": "dog"}),
    ("POST", "/pets/1/toys", "POST /pets/{id}/toys", {"id": "1"}),
    ("GET", "/pets/1/toys", "ANY /pets/{id+}", {"id": "1/toys"}),
    ("GET", "/a/1", "GET /a/{x}", {"x": "1"}),
    ("POST", "/a/1", "ANY /a/{proxy+}", {"proxy": "1"}),
    ("GET", "/deep/fixed/b/end", "GET /deep/fixed/{two}/end", {"two": "b"}),
    ("GET", "/deep/a/b/end", "GET /deep/{one}/{two}/end", {"one": "a", "two": "b"}),
    ("GET", "/files/public/a/b", "GET /files/public/{proxy+}", {"proxy": "a/b"}),
    ("POST", "/files/public/a", "ANY /files/{proxy+}", {"proxy": "public/a"}),
    ("GET", "/files/public/thumb", "GET /files/{kind}/thumb", {"kind": "public"}),
    ("GET", "/pets/a%20b", "GET /pets/{id}", {"id": "a b"}),
    ("GET", "/pets/a%2Fb", "GET /pets/{id}", {"id": "a/b"}),
])
def test_the_most_specific_route_is_selected(gateway, method, path, key, parameters):
    event = gateway.send(method, path).event
    assert event["routeKey"] == event["requestContext"]["routeKey"] == key
    assert event.get("pathParameters") == parameters


@pytest.mark.parametrize("method,path", [
    ("GET", "/nothing"), ("POST", "/only"), ("GET", "/only/"), ("GET", "/deep/a/b"), ("GET", "/head"),
    ("POST", "/"), ("GET", "/files/"), ("GET", "/files"), ("GET", "//only")])
def test_what_no_route_matches_is_not_found(gateway, method, path):
    assert gateway.send(method, path).message == (404, "Not Found")


def test_the_answer_to_head_has_no_body(gateway):
    answer = gateway.send("HEAD", "/head")
    assert answer.status == 200 and answer.body == b"" and int(answer.headers["content-length"]) > 100


def test_an_api_is_chosen_by_host_and_by_path(gateway):
    named = gateway.send("GET", "/only", host="mumblelocal.execute-api.us-east-1.amazonaws.com").event
    assert named["requestContext"]["domainPrefix"] == "mumblelocal"
    assert gateway.send("GET", "/only", api="mumblelocal").event["rawPath"] == "/only"
    assert gateway.send("GET", "/only", api="other").message == (404, "Not Found")
