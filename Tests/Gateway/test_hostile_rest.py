"""What would like to be more than a value in a REST API: mapped values, overridden methods, keys, models, the cache."""

import concurrent.futures
import json

import pytest
from Lambda import bootstraps

from . import programs
from .backend import Backend, header
from .peers import exchange

EVIL = "x%0d%0aX-Evil:%20yes%0d%0a%0d%0aGET%20/smuggled%20HTTP/1.1"
KEYS = {"one": "the-key-of-one-0123456789", "two": "the-key-of-two-0123456789"}
DIGITS = {"type": "object", "properties": {
    "id": {"type": "string", "pattern": "^[0-9]+$"}, "ids": {"type": "array", "uniqueItems": True},
    "names": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+$"}},
    "tree": {"$ref": "#/definitions/tree"}}, "definitions": {
        "tree": {"type": "object", "properties": {"next": {"$ref": "#/definitions/tree"}}}}}


@pytest.fixture(scope="module")
def backend():
    made = Backend()
    yield made
    made.close()


def mock(response, template='{"statusCode": 200}'):
    return {
        "type": "MOCK", "requestTemplates": {"application/json": template},
        "integrationResponses": [{"statusCode": 200, **response}]}


@pytest.fixture(scope="module")
def gateway(start, backend):
    query, path, key = "method.request.querystring.q", "method.request.path.id", "method.request.header.X-In"
    routes = [
        {"route": "GET /echo/{id}", "integration": mock({"responseParameters": {
            "method.response.header.X-Query": query, "method.response.header.X-Path": path,
            "method.response.header.X-Header": key, "method.response.header.Location": query}})},
        {"route": "GET /overridden", "integration": mock({"responseTemplates": {"application/json":
            "#set($context.responseOverride.header.X-Out = $input.params('q'))"
            "#set($context.responseOverride.header[$input.params('name')] = 'named')"
            "#set($context.responseOverride.status = $input.params('status'))done"}})},
        {"route": "GET /mapped/{id}", "integration": {
            "type": "HTTP_PROXY", "uri": backend.url + "/things/{thing}", "httpMethod": "GET", "requestParameters": {
                "integration.request.path.thing": path, "integration.request.header.X-Mapped": query,
                "integration.request.querystring.page": query}}},
        {"route": "POST /template", "integration": {
            "type": "HTTP", "uri": backend.url + "/x", "requestTemplates": {
                "application/json": "{\"said\": \"$util.escapeJavaScript($input.path('$.text'))\"}"},
            "integrationResponses": [{"statusCode": 200}]}},
        {"route": "POST /rendered", "integration": mock(
            {"responseTemplates": {"text/plain": "$input.body|$input.params('q')"}})},
        {"route": "ANY /any", "function": "told"}, {"route": "ANY /proxied", "url": backend.url + "/any"},
        {"route": "GET /only", "function": "told"}, {"route": "GET /keyed", "function": "told", "apiKeyRequired": True},
        {"route": "GET /metered", "integration": mock({}), "apiKeyRequired": True},
        {"route": "POST /model", "function": "told", "requestModels": {"application/json": "Digits"},
         "requestValidator": {"validateRequestBody": True}},
        {"route": "GET /pets/{id}", "function": "told", "cacheKeyParameters": [query]},
        {"route": "GET /pets/{id}/{proxy+}", "function": "told", "cacheKeyParameters": [query]}]
    # One environment: it counts its calls.
    once = {"code": bootstraps.python(programs.TOLD), "reservedConcurrency": 1}
    return start(functions={"told": once}, restApi={
        "models": {"Digits": DIGITS}, "stages": {"prod": {}, "kept": {
            "cacheClusterEnabled": True, "methodSettings": {"*/*": {"requireAuthorizationForCacheControl": False}}}},
        "apiKeys": [{"name": name, "value": value} for name, value in KEYS.items()],
        "usagePlans": [
            {"name": "few", "apiKeys": ["one"], "stages": ["prod"], "throttle": {"rateLimit": 0, "burstLimit": 7}},
            {"name": "elsewhere", "apiKeys": ["two"], "stages": ["kept"]}],
        "routes": routes})


# Mapped values

@pytest.mark.parametrize("path", [
    f"/prod/echo/{EVIL.replace('/', '%2F')}", f"/prod/echo/a?q={EVIL}", "/prod/echo/a%00b?q=%00",
    "/prod/echo/a%0ab?q=%0a", "/prod/echo/a%0db?q=%0d"], ids=["path", "query", "NUL", "LF", "CR"])
def test_a_mapped_value_begins_no_header(gateway, path):
    (reply,) = exchange(gateway.port, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
    assert reply.status == 200 and not reply.all("x-evil")


def test_mapped_values_that_are_harmless_arrive(gateway):
    answer = gateway.send("GET", "/prod/echo/a%20b?q=c", {"X-In": "d"})
    assert [answer.headers[f"X-{name}"] for name in ("Query", "Path", "Header")] == ["c", "a b", "d"]


@pytest.mark.parametrize("query", [
    f"q={EVIL}", f"name={EVIL}", "name=X-Evil:%20yes%0d%0aX", "name=a%20b", "name=", "name=%0d%0a", "status=99",
    "status=200%20OK%0d%0aX-Evil:%20yes", "status=1000"])
def test_an_override_writes_no_head(gateway, query):
    (reply,) = exchange(gateway.port, f"GET /prod/overridden?{query} HTTP/1.1\r\nHost: a\r\n\r\n")
    assert (reply.status, reply.body) == (200, b"done") and not reply.all("x-evil")


def test_an_override_does_not_frame_the_answer(gateway):
    for name in ("Content-Length", "Transfer-Encoding", "Connection"):
        data = f"GET /prod/overridden?name={name} HTTP/1.1\r\nHost: a\r\n\r\n"
        replies = exchange(gateway.port, data + "GET /prod/only HTTP/1.1\r\nHost: a\r\n\r\n")
        assert [reply.status for reply in replies] == [200, 200] and replies[0].body == b"done"


@pytest.mark.parametrize("path", [
    f"/prod/mapped/{EVIL.replace('/', '%2F')}", f"/prod/mapped/a?q={EVIL}"], ids=["path", "query"])
def test_a_mapped_value_writes_no_line_for_the_backend(gateway, backend, path):
    before = len(backend.requests)
    (reply,) = exchange(gateway.port, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
    assert reply.status in (200, 500)
    for request in backend.requests[before:]:
        assert request["target"].startswith("/things/") and header(request, "X-Evil") == ""


@pytest.mark.parametrize("value", ["..%2F..%2Fadmin%3Fa%3Db%23c", "..", "%2e%2e", "%2E%2E%2Fadmin", "a%2F..%2F..%2Fb"])
def test_a_path_parameter_does_not_leave_its_folder(gateway, backend, value):
    before = len(backend.requests)
    assert gateway.send("GET", f"/prod/mapped/{value}").message == (400, "Bad Request")
    assert len(backend.requests) == before


def test_a_path_parameter_begins_no_query(gateway):
    seen = gateway.send("GET", "/prod/mapped/a%3Fb=c%23d").json
    assert seen["target"] == "/things/a%3Fb%3Dc%23d"


@pytest.mark.parametrize("text", [
    '", "admin": true, "x": "', "$context.stage", "#set($a = 1)$a", "$input.params()", "#foreach($i in [1..9])$i#end",
    "\\", "\u2028\u0000\r\n", "${jndi:ldap://a}"])
def test_a_value_in_a_template_is_text(gateway, text):
    seen = gateway.send("POST", "/prod/template", body=json.dumps({"text": text})).json
    # Escaped for JavaScript: JSON has no \' but these values have none.
    assert json.loads(seen["body"]) == {"said": text}


def test_a_value_is_not_rendered_again(gateway):
    answer = gateway.send(
        "POST", "/prod/rendered?q=%24context.stage", {"Accept": "text/plain"}, body='{"statusCode": 200}')
    assert answer.body.endswith(b"|$context.stage")


# Methods

@pytest.mark.parametrize("override", [
    "GET /smuggled HTTP/1.1", "get\tx", "G\u00c9T", "CONNECT", "TRACE", "ANY", "*", "", "GET,POST", "x" * 5_000])
def test_an_override_that_is_no_method_does_not_count(gateway, backend, override):
    answer = gateway.send("POST", "/prod/any", {"X-HTTP-Method-Override": override.encode("latin-1")})
    assert answer.event["httpMethod"] == "POST"
    assert gateway.send("POST", "/prod/proxied", {"X-HTTP-Method-Override": override.encode("latin-1")}).json[
        "method"] == "POST"


@pytest.mark.parametrize("override,method", [("GET", "GET"), ("get", "GET"), ("Delete", "DELETE"), ("PATCH", "PATCH")])
def test_an_override_that_is_one_counts(gateway, override, method):
    assert gateway.send("POST", "/prod/any", {"X-HTTP-Method-Override": override}).event["httpMethod"] == method


def test_an_override_opens_no_other_resource(gateway):
    headers = {"X-HTTP-Method-Override": "DELETE"}
    assert gateway.send("GET", "/prod/only", headers).message == (403, "Missing Authentication Token")


def test_an_override_to_head_keeps_the_answers_in_step(gateway):
    data = "GET /prod/any HTTP/1.1\r\nHost: a\r\nX-HTTP-Method-Override: HEAD\r\n\r\n"
    replies = exchange(gateway.port, data + "GET /prod/only HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [reply.status for reply in replies] == [200, 200]
    assert json.loads(replies[1].body)["path"] == "/only"


# API keys

@pytest.mark.parametrize("headers", [
    {}, {"x-api-key": ""}, {"x-api-key": "one"}, {"x-api-key": KEYS["one"].upper()}, {"x-api-key": KEYS["one"] + "x"},
    {"x-api-key": KEYS["one"][:-1]}, {"x-api-key": KEYS["two"]}, {"x-api-key": "x" * 9_000}, {"x-api-key": "*"},
    {"x-api-key": f"{KEYS['one']}, {KEYS['two']}"}, {"Authorization": KEYS["one"]},
    {"x-api-key": "\u00e9".encode("latin-1")}], ids=range(12))
def test_what_is_no_key_opens_nothing(gateway, headers):
    assert gateway.send("GET", "/prod/keyed", headers).message == (403, "Forbidden")


@pytest.mark.parametrize("path", [f"/prod/keyed?x-api-key={KEYS['one']}", f"/prod/keyed?apiKey={KEYS['one']}"])
def test_a_key_in_the_query_is_none(gateway, path):
    assert gateway.send("GET", path).message == (403, "Forbidden")


def test_a_plans_burst_is_not_more_for_those_who_come_together(gateway):
    def ask(_):
        return gateway.send("GET", "/prod/metered", {"x-api-key": KEYS["one"]}).status

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(ask, range(64)))
    assert (statuses.count(200), statuses.count(429)) == (7, 57)


# Models

def nested(depth):
    return '{"tree":' + '{"next":' * depth + "{}" + "}" * depth + "}"


@pytest.mark.parametrize("body", [
    nested(300), nested(5_000), nested(100_000), "[" * 100_000, '{"tree":' + "[" * 400 + "]" * 400 + "}",
    '{"id":"' + "9" * 1_000_000 + 'x"}', '{"ids":[' + ",".join(map(str, range(200_000))) + ",0]}",
    '{"names":[' + ",".join(["1"] * 500_000) + "]}", '{"names":[' + ",".join(['"a1"'] * 100_000) + "]}",
    '{"id":1e999999999}', '{"id":"\\ud800"', "\ufeff{}1", '{"id":' + "9" * 100_000 + "}"],
    ids=["deep", "deeper", "deepest", "open brackets", "deep lists", "a long text", "a long list", "many wrong types",
         "many wrong texts", "a large number", "half a pair", "a byte order mark", "a long number"])
def test_a_body_that_is_made_to_hurt_is_refused_and_others_are_served(gateway, body):
    answer = gateway.send("POST", "/prod/model", {"Content-Type": "application/json"}, body=body)
    assert answer.message == (400, "Invalid request body")
    assert gateway.send("GET", "/prod/only").status == 200


@pytest.mark.parametrize("body", [
    nested(30), '{"id":"' + "9" * 500_000 + '"}', '{"ids":[' + ",".join(map(str, range(100_000))) + "]}",
    '{"names":[' + ",".join(['"a"'] * 100_000) + "]}"], ids=["nested", "a long text", "a long list", "many texts"])
def test_a_large_body_that_is_valid_passes(gateway, body):
    answer = gateway.send(
        "POST", "/prod/model", {"Content-Type": "application/json"}, body=body, tell={"answer": {"statusCode": 201}})
    assert answer.status == 201


# The cache

def number(gateway, path, headers=()):
    answer = gateway.send("GET", path, headers)
    assert answer.status == 200, answer.body
    return answer.headers["x-call"]


@pytest.mark.parametrize("first,second", [
    ("/kept/pets/a%2Fb", "/kept/pets/a/b"), ("/kept/pets/c?q=1%26q%3D2", "/kept/pets/c?q=1&q=2"),
    ("/kept/pets/d?q=1%0A%202", "/kept/pets/d?q=1&q=2"), ("/kept/pets/e%0Aquerystring%20q%0A%201", "/kept/pets/e?q=1"),
    ("/kept/pets/f%3Fq=1", "/kept/pets/f?q=1"), ("/kept/pets/g?q=", "/kept/pets/g"),
    ("/kept/pets/h?q=A", "/kept/pets/h?q=a")])
def test_what_looks_alike_is_kept_apart(gateway, first, second):
    assert number(gateway, first) != number(gateway, second)


def test_a_refusal_is_not_what_others_get(gateway):
    tell = {"answer": {"statusCode": 500, "body": "poison"}}
    assert gateway.send("GET", "/kept/pets/i", tell=tell).status == 500
    assert gateway.send("GET", "/kept/pets/i").status == 200


@pytest.mark.parametrize("headers", [
    {"X-Forwarded-Host": "evil.example"}, {"X-Original-URL": "/prod/only"}, {"X-Rewrite-URL": "/prod/only"},
    {"X-HTTP-Method": "DELETE"}, {"X-Method-Override": "DELETE"}])
def test_fields_that_others_obey_change_nothing(gateway, headers):
    event = gateway.send("GET", "/prod/only?mark=1", headers).event
    assert (event["path"], event["httpMethod"]) == ("/only", "GET")
    assert event["requestContext"]["domainName"] == "127.0.0.1"
