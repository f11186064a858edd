"""HTTP API: CORS."""

import pytest

APP, OTHER = "https://app.example", "https://other.example"


@pytest.fixture(scope="module")
def gateway(start):
    routes = [{"route": "GET /a", "function": "told"}, {"route": "ANY /any", "function": "told"},
              {"route": "OPTIONS /own", "function": "told"}, {"route": "GET /own", "function": "told"},
              {"route": "GET /guarded", "function": "told", "authorizer": "judge"}]
    return start(httpApi={
        "cors": {
            "allowOrigins": [APP, "http://*"], "allowMethods": ["GET", "POST"],
            "allowHeaders": ["content-type", "x-a"], "exposeHeaders": ["etag", "date"], "maxAge": 600,
            "allowCredentials": True},
        "authorizers": {"judge": {
            "type": "lambda", "function": "judge", "enableSimpleResponses": True,
            "identitySource": ["$request.header.Authorization"]}},
        "routes": routes})


@pytest.fixture(scope="module")
def everybody(start):
    return start(httpApi={
        "cors": {"allowOrigins": ["*"], "allowMethods": ["*"], "allowHeaders": ["*"]},
        "authorizers": {"judge": {
            "type": "lambda", "function": "judge", "identitySource": ["$request.header.Authorization"]}},
        "routes": [
            {"route": "$default", "function": "told", "authorizer": "judge"},
            {"route": "OPTIONS /open/{proxy+}", "function": "told"}]})


def preflight(gateway, path, origin=APP):
    return gateway.send("OPTIONS", path, {"Origin": origin, "Access-Control-Request-Method": "GET"})


def cors(answer):
    return {
        name.lower()[len("access-control-"):]: value for name, value in answer.fields
        if name.lower().startswith("access-control-")}


@pytest.mark.parametrize("path", ["/a", "/any", "/guarded", "/no/such/route"])
def test_the_gateway_answers_preflights_itself(gateway, path):
    answer = preflight(gateway, path)
    assert answer.status == 204 and answer.body == b""
    assert cors(answer) == {
        "allow-origin": APP, "allow-methods": "GET,POST", "allow-headers": "content-type,x-a", "max-age": "600",
        "allow-credentials": "true"}
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("origin", [OTHER, "https://APP.example", "https://app.example:8443", "null", "https://app.example.evil"])
def test_an_origin_that_is_not_allowed_gets_no_header(gateway, origin):
    answer = preflight(gateway, "/a", origin)
    assert answer.status == 204 and cors(answer) == {}


@pytest.mark.parametrize("origin", ["http://x", "http://localhost:3000"])
def test_a_scheme_may_be_allowed_as_a_whole(gateway, origin):
    assert cors(preflight(gateway, "/a", origin))["allow-origin"] == origin


def test_a_route_for_options_answers_itself(gateway):
    answer = gateway.send(
        "OPTIONS", "/own", {"Origin": APP, "Access-Control-Request-Method": "GET"},
        tell={"answer": {"statusCode": 202}})
    assert answer.status == 202 and cors(answer)["allow-origin"] == APP


@pytest.mark.parametrize("headers", [{}, {"Origin": APP}, {"Access-Control-Request-Method": "GET"}])
def test_options_that_is_no_preflight_is_a_request(gateway, headers):
    assert gateway.send("OPTIONS", "/a", headers).message == (404, "Not Found")


def test_a_request_gets_its_headers(gateway):
    answer = gateway.send("GET", "/a", {"Origin": APP})
    assert cors(answer) == {"allow-origin": APP, "expose-headers": "etag,date", "allow-credentials": "true"}


def test_a_request_without_an_origin_gets_none(gateway):
    assert cors(gateway.send("GET", "/a")) == {}


@pytest.mark.parametrize("origin", [APP, None])
def test_headers_of_the_function_are_replaced(gateway, origin):
    answer = gateway.send("GET", "/a", {"Origin": origin} if origin else {}, tell={"answer": {
        "statusCode": 200, "headers": {
            "Access-Control-Allow-Origin": "https://mine.example", "Access-Control-Allow-Methods": "DELETE"}}})
    assert cors(answer).get("allow-origin") == origin and "allow-methods" not in cors(answer)


@pytest.mark.parametrize("path,tell,status", [
    ("/nothing", None, 404), ("/guarded", None, 401), ("/a", {"error": "x"}, 500)])
def test_the_gateways_own_refusals_have_them_too(gateway, path, tell, status):
    answer = gateway.send("GET", path, {"Origin": APP}, tell=tell)
    assert answer.status == status and cors(answer)["allow-origin"] == APP


def test_everybody_is_a_star(everybody):
    answer = preflight(everybody, "/open/x", OTHER)
    assert cors(answer)["allow-origin"] == "*" and "vary" not in answer.headers


def test_the_default_route_takes_preflights_with_its_authorizer(everybody):
    answer = preflight(everybody, "/x", OTHER)
    assert answer.message == (401, "Unauthorized") and cors(answer)["allow-origin"] == "*"


def test_a_route_for_options_beside_it_lets_them_pass(everybody):
    assert preflight(everybody, "/open/x", OTHER).status == 200
