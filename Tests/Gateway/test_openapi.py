"""`emulator routes`, `emulator export` and `emulator import`."""

import json
import os
import subprocess

import pytest
from openapi_spec_validator import validate
from running import BINARIES

EMULATOR = os.path.join(BINARIES, "emulator")
HTTP = {
    "cors": {"allowOrigins": ["https://a.example"], "allowMethods": ["GET", "POST"], "maxAge": 60},
    "routes": [
        {"route": "GET /pets", "function": "list"}, {"route": "GET /pets/{id}", "function": "show"},
        {"route": "ANY /files/{proxy+}", "function": "files"}, {"route": "$default", "function": "list"}]}
SOCKET = {
    "apiId": "chat", "routeSelectionExpression": "$request.body.do", "stages": {"live": {}},
    "authorizers": {"door": {"function": "show", "identitySource": ["route.request.header.Auth"]}},
    "routes": [
        {"route": "$connect", "function": "show", "authorizer": "door"}, {"route": "$default", "function": "list"},
        {"route": "say", "function": "show", "timeoutMilliseconds": 100,
         "routeResponseSelectionExpression": "$default"}]}


def write(folder, name="serverless-manifest.json", **parts):
    path = folder / name
    path.write_text(json.dumps({"service": "pets", "functions": {"list": {}, "show": {}, "files": {}}, **parts}))
    return path


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return write(tmp_path_factory.mktemp("manifest"), httpApi=HTTP, webSocketApi=SOCKET)


def run(*arguments, code=0):
    told = subprocess.run([EMULATOR, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert told.returncode == code, (told.returncode, told.stdout, told.stderr)
    return told.stdout if code == 0 else told.stdout + told.stderr


def test_routes_of_all_apis_are_printed(manifest):
    lines = run("routes", "--manifest", manifest).splitlines()
    assert lines[0].split() == ["API", "METHOD", "PATH", "FUNCTION"]
    assert ["mumblelocal", "GET", "/pets/{id}", "show"] in [line.split() for line in lines]
    assert any(line.split()[:3] == ["chat", "MESSAGE", "$connect"] and "(authorizer door)" in line for line in lines)
    assert len(lines) == 8


def test_routes_for_programs(manifest):
    routes = json.loads(run("routes", "--json", "--manifest", manifest))
    assert {"api": "mumblelocal", "type": "HTTP", "route": "GET /pets", "function": "list"} in routes
    assert {"api": "chat", "type": "WEBSOCKET", "route": "$connect", "function": "show", "authorizer": "door"} in routes


@pytest.mark.parametrize("request_,route,function", [
    ("GET /pets", "GET /pets", "list"), ("get /pets/7", "GET /pets/{id}", "show"),
    ("PUT /files/a/b", "ANY /files/{proxy+}", "files"), ("DELETE /none", "$default", "list")])
def test_the_route_that_wins_and_why(manifest, request_, route, function):
    told = json.loads(run("routes", "--json", "--match", request_, "--manifest", manifest))
    assert (told["api"], told["route"], told["function"]) == ("mumblelocal", route, function)
    assert told["why"] == run("routes", "--match", request_, "--manifest", manifest).rstrip("\n")
    assert "because" in told["why"]


@pytest.mark.parametrize("request_,route", [
    ("GET /dev/pets/7", "GET /pets/{id}"), ("GET /dev", "GET /"), ("GET /dev/", "GET /"),
    ("GET /dev/pets/7/", "GET /pets/{id}"), ("GET /dev/pets/7/x", None), ("GET /pets/7", None),
    ("GET /dev2/pets/7", None)])
def test_a_rest_api_is_asked_behind_a_stage(tmp_path, request_, route):
    path = write(tmp_path, restApi={"stages": {"dev": {}}, "routes": [
        {"route": "GET /", "function": "list"}, {"route": "GET /pets/{id}", "function": "show"}]})
    told = run("routes", "--match", request_, "--manifest", path, code=0 if route else 1)
    assert told.startswith(f"{route} ->") if route else "No " in told


def test_a_request_that_a_rest_api_does_not_have_is_told_its_answer(tmp_path):
    path = write(tmp_path, restApi={"routes": [{"route": "GET /", "function": "list"}]})
    assert "403" in (told := run("routes", "--match", "GET /prod/x", "--manifest", path, code=1))
    assert "Missing Authentication Token" in told


@pytest.mark.parametrize("stages,request_,route", [
    ({"v1": {}}, "GET /v1/pets", "GET /pets"), ({"v1": {}}, "GET /pets", None),
    ({"v1": {}, "$default": {}}, "GET /v1/pets", "GET /pets"), ({"v1": {}, "$default": {}}, "GET /pets", "GET /pets")])
def test_an_http_api_is_asked_behind_a_stage_that_it_has(tmp_path, stages, request_, route):
    path = write(tmp_path, httpApi={"stages": stages, "routes": [{"route": "GET /pets", "function": "list"}]})
    told = run("routes", "--match", request_, "--manifest", path, code=0 if route else 1)
    assert told.startswith(f"{route} ->") if route else "404" in told


@pytest.mark.parametrize("message,route", [
    ('{"do": "say"}', "say"), ('{"do": "other"}', "$default"), ("no json", "$default"),
    ('{"do": "$connect"}', "$default"), ("$connect", "$connect")])
def test_the_route_of_a_message(manifest, message, route):
    told = json.loads(run("routes", "--json", "--match", message, "--manifest", manifest))
    assert (told["api"], told["route"]) == ("chat", route)


def test_a_request_that_no_route_takes(tmp_path):
    path = write(tmp_path, httpApi={"routes": [{"route": "GET /pets", "function": "list"}]})
    told = run("routes", "--match", "POST /pets", "--manifest", path, code=1)
    assert "404" in told and "This path has routes for GET." in told


def test_an_event_of_the_connection_that_no_route_takes(tmp_path):
    path = write(tmp_path, webSocketApi={"routes": [{"route": "$default", "function": "list"}]})
    for event in ("$connect", "$disconnect"):
        assert "nothing is called" in run("routes", "--match", event, "--manifest", path, code=1)


def test_an_unknown_api_is_wrong_usage(manifest):
    for command in (["routes", "--match", "GET /"], ["export"]):
        assert "the manifest has: mumblelocal, chat." in run(*command, "--api", "x", "--manifest", manifest, code=64)


def test_the_export_is_openapi_31(manifest):
    document = json.loads(run("export", "--manifest", manifest))
    assert document["openapi"] == "3.1.0" and document["info"]["title"] == "pets"
    validate(document)
    integration = document["paths"]["/pets/{id}"]["get"]["x-amazon-apigateway-integration"]
    assert integration == {
        "payloadFormatVersion": "2.0", "type": "aws_proxy", "httpMethod": "POST",
        "uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
               "arn:aws:lambda:us-east-1:000000000000:function:show/invocations",
        "connectionType": "INTERNET", "timeoutInMillis": 30000}
    assert "x-amazon-apigateway-any-method" in document["paths"]["/files/{proxy+}"]


def test_the_stage_is_in_the_address(manifest):
    document = json.loads(run("export", "--api", "chat", "--stage", "live", "--manifest", manifest))
    assert document["servers"][0]["variables"]["basePath"]["default"] == "live"
    assert "live" in run("export", "--api", "chat", "--stage", "x", "--manifest", manifest, code=64)


@pytest.mark.parametrize("api,part", [("mumblelocal", "httpApi"), ("chat", "webSocketApi")])
def test_what_is_exported_is_imported_again(manifest, tmp_path, api, part):
    exported = tmp_path / "openapi.json"
    exported.write_text(run("export", "--api", api, "--manifest", manifest))
    imported = json.loads(run("import", exported))
    assert list(imported) == [part]
    again = write(tmp_path, **imported)
    assert run("export", "--manifest", again) == exported.read_text()


RICH = {
    "apiId": "rich",
    "authorizers": {
        "guard": {"type": "lambda", "function": "show", "identitySource": ["$request.header.X-Key"],
                  "enableSimpleResponses": True, "resultTtlSeconds": 60},
        "tokens": {"type": "jwt", "issuer": "https://issuer.example", "audience": ["one", "two"]}},
    "routes": [
        {"route": "GET /guarded", "function": "list", "authorizer": "guard"},
        {"route": "GET /scoped", "function": "list", "authorizer": "tokens", "scopes": ["read", "write"]},
        {"route": "ANY /legacy/{proxy+}", "url": "http://127.0.0.1:9/{proxy}", "timeoutMilliseconds": 1000},
        {"route": "GET /old", "function": "show", "payloadFormat": "1.0"}]}


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    return write(tmp_path_factory.mktemp("rich"), httpApi=RICH)


def test_authorizers_are_security_schemes(rich):
    document = json.loads(run("export", "--manifest", rich))
    schemes = document["components"]["securitySchemes"]
    assert schemes["guard"]["name"] == "X-Key" and schemes["guard"]["x-amazon-apigateway-authtype"] == "custom"
    guard = schemes["guard"]["x-amazon-apigateway-authorizer"]
    assert (guard["type"], guard["enableSimpleResponses"]) == ("request", True)
    assert guard["authorizerResultTtlInSeconds"] == 60
    assert schemes["tokens"]["x-amazon-apigateway-authorizer"] == {
        "type": "jwt", "identitySource": "$request.header.Authorization",
        "jwtConfiguration": {"audience": ["one", "two"], "issuer": "https://issuer.example"}}
    assert document["paths"]["/scoped"]["get"]["security"] == [{"tokens": ["read", "write"]}]


def test_routes_to_other_servers_are_http_proxies(rich):
    document = json.loads(run("export", "--manifest", rich))
    operation = document["paths"]["/legacy/{proxy+}"]["x-amazon-apigateway-any-method"]
    integration = operation["x-amazon-apigateway-integration"]
    assert (integration["type"], integration["uri"]) == ("http_proxy", "http://127.0.0.1:9/{proxy}")
    assert integration["timeoutInMillis"] == 1000
    assert "http://127.0.0.1:9/{proxy}" in run("routes", "--manifest", rich)


def test_authorizers_and_backends_are_imported_again(rich, tmp_path):
    exported = tmp_path / "openapi.json"
    exported.write_text(run("export", "--manifest", rich))
    again = write(tmp_path, **json.loads(run("import", exported)))
    assert run("export", "--manifest", again) == exported.read_text()


REST = {
    "apiId": "rest", "disableExecuteApiEndpoint": True, "accessLog": {"format": "$context.requestId"}, "stages": {
        "live": {"variables": {"color": "red"}, "throttling": {"rateLimit": 5, "burstLimit": 2}}},
    "binaryMediaTypes": ["image/*"], "apiKeySource": "AUTHORIZER",
    "models": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
    "gatewayResponses": {"THROTTLED": {
        "statusCode": 420, "responseParameters": {"gatewayresponse.header.X-A": "'a'"},
        "responseTemplates": {"application/json": "{\"m\": $context.error.messageString}"}}},
    "authorizers": {"token": {
        "type": "TOKEN", "function": "show", "identitySource": "method.request.header.X-Token",
        "identityValidationExpression": "a+", "authorizerResultTtlInSeconds": 10}},
    "routes": [
        {"route": "POST /pets", "function": "list", "operationName": "addPet", "apiKeyRequired": True,
         "requestParameters": {"method.request.querystring.q": True, "method.request.header.X-H": True},
         "requestModels": {"application/json": "Pet"}, "authorizer": "token",
         "cacheKeyParameters": ["method.request.querystring.q"],
         "requestValidator": {"validateRequestBody": True, "validateRequestParameters": True}},
        {"route": "GET /mock", "integration": {
            "type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
            "passthroughBehavior": "NEVER", "integrationResponses": [
                {"statusCode": 200, "responseTemplates": {"application/json": "{}"}},
                {"statusCode": 404, "selectionPattern": "4..",
                 "responseParameters": {"method.response.header.X-A": "'a'"}}]}},
        {"route": "GET /http/{id}", "canary": {"legacyUrl": "http://127.0.0.1:9", "percentTraffic": 10}, "integration": {
            "type": "HTTP", "uri": "http://127.0.0.1:9/{id}", "httpMethod": "POST",
            "requestParameters": {"integration.request.header.X-A": "method.request.header.X-B"},
            "requestTemplates": {"application/json": "$input.body"},
            "integrationResponses": [{"statusCode": 200}]}},
        {"route": "PUT /aws", "integration": {
            "type": "AWS", "function": "show", "requestTemplates": {"application/json": "{}"},
            "integrationResponses": [{"statusCode": 200}, {"statusCode": 500, "selectionPattern": ".*broke.*"}]}},
        {"route": "ANY /proxy/{proxy+}", "url": "http://127.0.0.1:9/{proxy}"},
        {"route": "GET /proxy", "integration": {
            "type": "HTTP_PROXY", "uri": "http://127.0.0.1:9/", "httpMethod": "PUT",
            "requestParameters": {"integration.request.querystring.a": "'b'"}}}]}
WHOLE = {
    "defaultThrottling": {"rateLimit": 3, "burstLimit": 1}, "accessLog": {"format": "$context.requestId"},
    "stages": {"$default": {"variables": {"a": "b"}, "routeThrottling": {"GET /a": {"rateLimit": 1, "burstLimit": 1}}}},
    "authorizers": {"tokens": {
        "type": "jwt", "identitySource": ["$request.header.Authorization"], "issuer": "https://issuer.example",
        "audience": ["one"], "jwksUri": "http://127.0.0.1:9/keys"}},
    "routes": [
        {"route": "GET /a", "function": "list", "throttling": {"rateLimit": 0.5, "burstLimit": 2}, "authorizer": "tokens"},
        {"route": "GET /b", "function": "show", "requestParameters": {"append:header.x": "$context.requestId"},
         "responseParameters": {"200": {"overwrite:statuscode": "201"}}}]}


@pytest.mark.parametrize("field,api", [("restApi", REST), ("httpApi", WHOLE), ("webSocketApi", {
    **SOCKET, "limits": {"idleSeconds": 5},
    "routes": [{"route": "$default", "function": "list", "throttling": {"rateLimit": 1, "burstLimit": 1}}]})])
def test_nothing_is_lost_between_export_and_import(tmp_path, field, api):
    exported = tmp_path / "openapi.json"
    exported.write_text(run("export", "--manifest", write(tmp_path, **{field: api})))
    validate(json.loads(exported.read_text()))
    assert json.loads(run("import", exported)) == {field: api}


def test_the_export_of_a_rest_api_has_the_extensions_of_aws(tmp_path):
    document = json.loads(run("export", "--manifest", write(tmp_path, restApi=REST)))
    post = document["paths"]["/pets"]["post"]
    assert post["operationId"] == "addPet"
    assert [(one["in"], one["name"]) for one in post["parameters"]] == [("query", "q"), ("header", "X-H")]
    assert "requestParameters" not in post["x-amazon-apigateway-integration"]
    name = post["x-amazon-apigateway-request-validator"]
    assert document["x-amazon-apigateway-request-validators"][name] == {
        "validateRequestBody": True, "validateRequestParameters": True}
    assert post["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Pet"}
    mock = document["paths"]["/mock"]["get"]["x-amazon-apigateway-integration"]
    assert mock["type"] == "mock" and mock["responses"]["4.."]["statusCode"] == "404"
    http = document["paths"]["/http/{id}"]["get"]["x-amazon-apigateway-integration"]
    assert (http["type"], http["httpMethod"]) == ("http", "POST")
    assert document["x-amazon-apigateway-gateway-responses"]["THROTTLED"]["statusCode"] == "420"


def document(integration, path="/a", method="get", **more):
    return {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {
        path: {method: {"responses": {}, **({"x-amazon-apigateway-integration": integration} if integration else {})}}},
        **more}


LAMBDA = {"type": "AWS_PROXY", "payloadFormatVersion": "2.0", "uri": "arn:aws:lambda:us-east-1:1:function:list"}


def signed(more):
    whole = document(LAMBDA, components={"securitySchemes": {"sigv4": {
        "type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"}}})
    whole["paths"]["/a"]["get"].update(more)
    return whole


def test_a_document_of_another_account_is_imported(tmp_path):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(LAMBDA)))
    assert json.loads(run("import", path)) == {"httpApi": {"routes": [{"route": "GET /a", "function": "list"}]}}


@pytest.mark.parametrize("given,words", [
    ({"swagger": "2.0", "paths": {}}, "Swagger 2.0 is not read"),
    ({"openapi": "3.0.1"}, "'paths' is missing"),
    (document(None), "'paths./a.GET' has no x-amazon-apigateway-integration"),
    (document({**LAMBDA, "uri": "arn:aws:s3:::x"}), "names no function"),
    (document({**LAMBDA, "type": "strange"}), "type 'strange'"),
    (document({**LAMBDA, "type": "aws"}), "maps events by templates"),
    (document({"type": "http", "payloadFormatVersion": "1.0", "uri": "http://127.0.0.1:9/"}), "type 'http'"),
    (signed({"x-amazon-apigateway-auth": {"type": "AWS_IAM"}}), "signed requests only"),
    (signed({"security": [{"sigv4": []}]}), "signed requests only"),
    ("not json", "this is not JSON")])
def test_what_cannot_be_imported_is_told(tmp_path, given, words):
    path = tmp_path / "openapi.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    assert words in run("import", path, code=65)


def test_a_document_that_is_not_there(tmp_path):
    assert "cannot be read" in run("import", tmp_path / "none.json", code=66)


def test_an_unknown_kind_is_wrong_usage(tmp_path):
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(document(LAMBDA)))
    assert "--kind has to be" in run("import", path, "--kind", "graph", code=64)
