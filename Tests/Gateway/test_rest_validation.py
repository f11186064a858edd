"""REST API: request validators, models, gateway responses."""

import json

import pytest

PET = {
    "$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5}, "age": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["cat", "dog"]}, "tags": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "owner": {"$ref": "https://apigateway.amazonaws.com/restapis/mumblerest/models/Owner"}}}
OWNER = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "pattern": "^[a-z]+$"}}}
BOTH = {"validateRequestBody": True, "validateRequestParameters": True}


def route(key, **more):
    return {"route": key, "function": "told", **more}


@pytest.fixture(scope="module")
def gateway(start):
    parameters = {
        "method.request.header.x-header-param": True, "method.request.path.issuer": True,
        "method.request.querystring.qs1": True, "method.request.querystring.optional": False}
    return start(restApi={
        "models": {"Pet": PET, "Owner": OWNER},
        "stages": {"prod": {"variables": {"color": "blue"}}},
        "gatewayResponses": {
            "UNAUTHORIZED": {"statusCode": 418},
            "MISSING_AUTHENTICATION_TOKEN": {
                "statusCode": 404,
                "responseParameters": {
                    "gatewayresponse.header.X-Why": "'no such thing'",
                    "gatewayresponse.header.X-Request": "context.requestId",
                    "gatewayresponse.header.X-Echo": "method.request.header.X-Me",
                    "gatewayresponse.header.X-Color": "stageVariables.color"},
                "responseTemplates": {
                    "application/json":
                        '{"error":$context.error.messageString,"type":"$context.error.responseType",'
                        '"stage":"$context.stage","color":"$stageVariables.color"}',
                    "text/plain": "sorry: $context.error.message"}},
            "BAD_REQUEST_BODY": {
                "statusCode": 422,
                "responseTemplates": {
                    "application/json":
                        '{"message":$context.error.messageString,"why":"$util.escapeJavaScript('
                        '$context.error.validationErrorString)"}'}},
            "DEFAULT_5XX": {"responseTemplates": {"application/json": '{"oops":"$context.error.message"}'}}},
        "routes": [
            route("POST /pets", requestModels={"application/json": "Pet"}, requestValidator=BOTH),
            route("PUT /pets", requestModels={"application/json": "Pet"}),
            route("POST /any", requestModels={"$default": "Pet"}, requestValidator={"validateRequestBody": True}),
            route("GET /need/{issuer}", requestParameters=parameters, requestValidator=BOTH),
            route("GET /lax/{issuer}", requestParameters=parameters),
            route("ANY /fail")]})


def post(gateway, body, path="/prod/pets", content_type="application/json", method="POST"):
    body = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return gateway.send(method, path, {"Content-Type": content_type} if content_type else {}, body=body)


@pytest.mark.parametrize("pet", [
    {"name": "rex"}, {"name": "rex", "age": 3}, {"name": "rex", "kind": "dog", "tags": ["a", "b"]},
    {"name": "rex", "owner": {"id": "ada"}}, {"name": "héééé"}])
def test_a_valid_body_passes(gateway, pet):
    assert json.loads(post(gateway, pet).event["body"]) == pet


@pytest.mark.parametrize("pet,why", [
    ({}, 'object has missing required properties (["name"])'),
    ({"name": 7}, "instance type (integer) does not match any allowed primitive type"),
    ({"name": ""}, "is too short"),
    ({"name": "toolong"}, "is too long"),
    ({"name": "a", "age": -1}, "is lower than the required minimum"),
    ({"name": "a", "age": 1.5}, "instance type (number)"),
    ({"name": "a", "kind": "cow"}, "not found in enum"),
    ({"name": "a", "tags": ["x", "x"]}, "duplicate elements"),
    ({"name": "a", "tags": [1]}, "instance type (integer)"),
    ({"name": "a", "more": 1}, "not allowed by the schema"),
    ({"name": "a", "owner": {}}, 'missing required properties (["id"])'),
    ({"name": "a", "owner": {"id": "A1"}}, "does not match input string"),
    ([], "instance type (array)"),
    ("{nonsense", "Invalid JSON"),
    ("", "missing required properties"),
])
def test_an_invalid_body_is_refused_with_the_reason(gateway, pet, why):
    answer = post(gateway, pet)
    assert answer.message == (422, "Invalid request body")
    assert why in answer.json["why"].replace("\\", ""), answer.json
    assert answer.headers["x-amzn-ErrorType"] == "BadRequestException"


@pytest.mark.parametrize("method,path,content_type", [
    ("POST", "/prod/pets", "text/plain"), ("PUT", "/prod/pets", "application/json")])
def test_without_a_model_or_a_validator_any_body_passes(gateway, method, path, content_type):
    assert post(gateway, {"nope": 1}, path, content_type, method).status == 200


@pytest.mark.parametrize("content_type", [None, "application/json; charset=utf-8"])
def test_json_is_assumed_and_parameters_of_the_type_do_not_count(gateway, content_type):
    assert post(gateway, {}, content_type=content_type).status == 422


@pytest.mark.parametrize("content_type", ["text/plain", "application/json"])
def test_a_default_model_is_for_every_type(gateway, content_type):
    assert post(gateway, {}, "/prod/any", content_type).status == 422


@pytest.mark.parametrize("query,headers,missing", [
    ("", {}, "x-header-param, qs1"),
    ("?qs1=1", {}, "x-header-param"),
    ("", {"X-Header-Param": "1"}, "qs1"),
    ("?qs1=", {"x-header-param": "1"}, "qs1"),
])
def test_missing_parameters_are_named_header_first(gateway, query, headers, missing):
    answer = gateway.send("GET", "/prod/need/me" + query, headers)
    assert answer.message == (400, f"Missing required request parameters: [{missing}]")
    assert answer.headers["x-amzn-ErrorType"] == "BadRequestException"


def test_with_all_required_parameters_a_request_passes(gateway):
    assert gateway.send("GET", "/prod/need/me?qs1=1", {"x-header-param": "1"}).status == 200


def test_parameters_are_not_looked_at_without_a_validator(gateway):
    assert gateway.send("GET", "/prod/lax/me").status == 200


def test_a_gateway_response_changes_status_headers_and_body(gateway):
    answer = gateway.send("GET", "/prod/nothing", {"X-Me": "ada"})
    assert answer.status == 404
    assert answer.json == {
        "error": "Missing Authentication Token", "type": "MISSING_AUTHENTICATION_TOKEN", "stage": "prod",
        "color": "blue"}
    assert answer.headers["X-Why"] == "no such thing" and answer.headers["X-Echo"] == "ada"
    assert answer.headers["X-Color"] == "blue"
    assert answer.headers["X-Request"] == answer.headers["x-amzn-RequestId"]


def test_a_gateway_response_has_a_template_for_each_accepted_type(gateway):
    answer = gateway.send("GET", "/prod/nothing", {"Accept": "text/plain"})
    assert answer.body == b"sorry: Missing Authentication Token"
    assert answer.headers["content-type"] == "text/plain"


def test_the_general_response_counts_for_types_without_their_own(gateway):
    answer = gateway.send("GET", "/prod/fail", tell={"error": "no"})
    assert (answer.status, answer.json) == (502, {"oops": "Internal server error"})


def test_types_of_another_class_stay_as_they_are(gateway):
    assert gateway.send("GET", "/other").message == (403, "Forbidden")
