"""The reading calls of apigatewayv2 and apigateway: what the manifest declares, as AWS describes it."""

import json
import os
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError
from openapi_spec_validator import validate

from . import sockets
from .sockets import replying, route


@pytest.fixture(scope="module")
def gateway(start):
    return start(
        functions=sockets.FUNCTIONS,
        httpApi={
            "cors": {"allowOrigins": ["https://a.example"], "allowMethods": ["GET"], "maxAge": 60},
            "routes": [
                {"route": "GET /pets/{id}", "function": "told"}, {"route": "ANY /files/{proxy+}", "function": "told"},
                {"route": "$default", "function": "judge"}]},
        webSocketApi={
            "apiId": "chat", "stages": {
                "dev": {"variables": {"color": "red"}, "throttling": {"rateLimit": 10, "burstLimit": 5}}, "prod": {}},
            "authorizers": {"door": {"function": "judge", "identitySource": ["route.request.header.Auth"]}},
            "routes": [route("$connect", authorizer="door"), replying(
                "say", timeoutMilliseconds=500, throttling={"rateLimit": 1.5, "burstLimit": 2}), route("$disconnect")]})


@pytest.fixture(scope="module")
def v2(gateway):
    return gateway.emulator.client("apigatewayv2")


@pytest.fixture(scope="module")
def v1(gateway):
    return gateway.emulator.client("apigateway")


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


def body(answer):
    return {key: value for key, value in answer.items() if key not in ("ResponseMetadata", "NextToken")}


def test_apis_of_both_kinds_are_listed(v2):
    apis = {one["ApiId"]: one for one in v2.get_apis()["Items"]}
    assert {one: apis[one]["ProtocolType"] for one in apis} == {"mumblelocal": "HTTP", "chat": "WEBSOCKET"}


def test_an_http_api_is_described(v2):
    api = v2.get_api(ApiId="mumblelocal")
    assert api["ApiEndpoint"] == "https://mumblelocal.execute-api.us-east-1.amazonaws.com"
    assert api["RouteSelectionExpression"] == "$request.method $request.path"
    assert api["CorsConfiguration"] == {
        "AllowCredentials": False, "AllowMethods": ["GET"], "AllowOrigins": ["https://a.example"], "MaxAge": 60}
    assert api["CreatedDate"].year >= 2020 and api["DisableExecuteApiEndpoint"] is False


def test_a_websocket_api_is_described(v2):
    api = v2.get_api(ApiId="chat")
    assert api["ApiEndpoint"] == "wss://chat.execute-api.us-east-1.amazonaws.com"
    assert api["RouteSelectionExpression"] == "$request.body.action"
    assert "CorsConfiguration" not in api


def test_a_list_has_what_get_has(v2):
    assert v2.get_apis()["Items"][0] == body(v2.get_api(ApiId="mumblelocal"))
    for one in v2.get_routes(ApiId="chat")["Items"]:
        assert one == body(v2.get_route(ApiId="chat", RouteId=one["RouteId"]))
    for one in v2.get_integrations(ApiId="chat")["Items"]:
        assert one == body(v2.get_integration(ApiId="chat", IntegrationId=one["IntegrationId"]))
    for one in v2.get_stages(ApiId="chat")["Items"]:
        assert one == body(v2.get_stage(ApiId="chat", StageName=one["StageName"]))
    for one in v2.get_authorizers(ApiId="chat")["Items"]:
        assert one == body(v2.get_authorizer(ApiId="chat", AuthorizerId=one["AuthorizerId"]))
    for one in v2.get_deployments(ApiId="chat")["Items"]:
        assert one == body(v2.get_deployment(ApiId="chat", DeploymentId=one["DeploymentId"]))


def test_routes_lead_to_their_integrations(v2):
    routes = {one["RouteKey"]: one for one in v2.get_routes(ApiId="mumblelocal")["Items"]}
    assert set(routes) == {"GET /pets/{id}", "ANY /files/{proxy+}", "$default"}
    assert {one["AuthorizationType"] for one in routes.values()} == {"NONE"}
    kind, integration = routes["$default"]["Target"].split("/")
    found = v2.get_integration(ApiId="mumblelocal", IntegrationId=integration)
    assert kind == "integrations" and found["IntegrationType"] == "AWS_PROXY"
    assert found["IntegrationUri"] == "arn:aws:lambda:us-east-1:000000000000:function:judge"
    assert found["PayloadFormatVersion"] == "2.0" and found["TimeoutInMillis"] == 30_000


def test_routes_of_a_websocket_api(v2):
    routes = {one["RouteKey"]: one for one in v2.get_routes(ApiId="chat")["Items"]}
    assert routes["say"]["RouteResponseSelectionExpression"] == "$default"
    assert "RouteResponseSelectionExpression" not in routes["$connect"]
    authorizer = v2.get_authorizer(ApiId="chat", AuthorizerId=routes["$connect"]["AuthorizerId"])
    assert routes["$connect"]["AuthorizationType"] == "CUSTOM"
    assert (authorizer["Name"], authorizer["AuthorizerType"]) == ("door", "REQUEST")
    assert authorizer["IdentitySource"] == ["route.request.header.Auth"]
    assert authorizer["AuthorizerUri"].endswith(":function:judge/invocations")
    integration = v2.get_integration(ApiId="chat", IntegrationId=routes["say"]["Target"].split("/")[1])
    assert integration["TimeoutInMillis"] == 500
    assert integration["IntegrationUri"].startswith("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/")
    responses = v2.get_route_responses(ApiId="chat", RouteId=routes["say"]["RouteId"])["Items"]
    assert [one["RouteResponseKey"] for one in responses] == ["$default"]


def test_stages_with_variables_and_throttles(v2):
    dev = v2.get_stage(ApiId="chat", StageName="dev")
    assert dev["StageVariables"] == {"color": "red"} and dev["AutoDeploy"] is True
    assert dev["DefaultRouteSettings"]["ThrottlingRateLimit"] == 10
    assert dev["RouteSettings"]["say"] == {"ThrottlingBurstLimit": 2, "ThrottlingRateLimit": 1.5}
    assert v2.get_stage(ApiId="mumblelocal", StageName="$default")["StageName"] == "$default"
    deployments = v2.get_deployments(ApiId="chat")["Items"]
    assert [one["DeploymentStatus"] for one in deployments] == ["DEPLOYED"]
    assert dev["DeploymentId"] == deployments[0]["DeploymentId"]


def test_lists_have_pages(v2):
    first = v2.get_routes(ApiId="chat", MaxResults="2")
    second = v2.get_routes(ApiId="chat", MaxResults="2", NextToken=first["NextToken"])
    assert len(first["Items"]) == 2 and len(second["Items"]) == 1 and "NextToken" not in second
    assert [*first["Items"], *second["Items"]] == v2.get_routes(ApiId="chat")["Items"]


@pytest.mark.parametrize("call,arguments,message", [
    ("get_api", {"ApiId": "none"}, "Invalid API identifier specified 000000000000:none"),
    ("get_routes", {"ApiId": "none"}, "Invalid API identifier specified 000000000000:none"),
    ("get_route", {"ApiId": "chat", "RouteId": "none"}, "Invalid Route identifier specified none"),
    ("get_integration", {"ApiId": "chat", "IntegrationId": "none"}, "Invalid Integration identifier specified none"),
    ("get_stage", {"ApiId": "chat", "StageName": "none"}, "Invalid Stage identifier specified none"),
    ("get_authorizer", {"ApiId": "chat", "AuthorizerId": "none"}, "Invalid Authorizer identifier specified none"),
    ("get_deployment", {"ApiId": "chat", "DeploymentId": "none"}, "Invalid Deployment identifier specified none"),
    ("get_model", {"ApiId": "chat", "ModelId": "none"}, "Invalid Model identifier specified none"),
])
def test_what_is_not_there_is_not_found(v2, call, arguments, message):
    assert refusal(getattr(v2, call), **arguments) == (404, "NotFoundException", message)


def test_empty_lists(v2, v1):
    assert v2.get_models(ApiId="chat")["Items"] == v2.get_domain_names()["Items"] == v2.get_vpc_links()["Items"] == []
    assert v1.get_rest_apis()["items"] == v1.get_api_keys()["items"] == v1.get_usage_plans()["items"] == []
    assert v1.get_domain_names()["items"] == []


@pytest.mark.parametrize("call,arguments", [
    ("create_api", {"Name": "x", "ProtocolType": "HTTP"}), ("delete_api", {"ApiId": "chat"}),
    ("create_route", {"ApiId": "chat", "RouteKey": "x"}), ("update_stage", {"ApiId": "chat", "StageName": "dev"})])
def test_changes_are_the_manifests(v2, call, arguments):
    status, code, message = refusal(getattr(v2, call), **arguments)
    assert (status, code) == (400, "BadRequestException") and "manifest" in message


@pytest.mark.parametrize("call,arguments", [
    ("get_rest_api", {"restApiId": "none"}), ("get_resources", {"restApiId": "none"}),
    ("get_stages", {"restApiId": "chat"})])
def test_rest_apis_are_another_service(v1, call, arguments):
    status, code, message = refusal(getattr(v1, call), **arguments)
    assert (status, code) == (404, "NotFoundException")
    assert message == f"Invalid API identifier specified 000000000000:{arguments['restApiId']}"


def test_the_account_is_described(v1):
    assert v1.get_account()["throttleSettings"] == {"burstLimit": 5000, "rateLimit": 10000.0}


def test_a_wrong_signature_is_refused(gateway):
    client = gateway.emulator.client("apigatewayv2", secret="wrong")
    assert refusal(client.get_apis)[:2] == (403, "InvalidSignatureException")


def test_an_http_api_is_exported(v2):
    document = json.loads(v2.export_api(ApiId="mumblelocal", Specification="OAS30", OutputType="JSON")["body"].read())
    assert document["openapi"] == "3.0.1"
    operation = document["paths"]["/pets/{id}"]["get"]
    assert operation["x-amazon-apigateway-integration"]["payloadFormatVersion"] == "2.0"
    assert operation["parameters"][0]["name"] == "id"
    assert document["paths"]["/$default"]["x-amazon-apigateway-any-method"]["isDefaultRoute"] is True
    assert document["x-amazon-apigateway-cors"]["allowOrigins"] == ["https://a.example"]
    validate(document)


def test_the_command_line_interface_reads_the_same(gateway):
    command = os.path.join(os.path.dirname(sys.executable), "aws")
    environment = {
        "PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1", "HOME": str(gateway.folder)}
    told = subprocess.run(
        [command, "apigatewayv2", "get-routes", "--api-id", "chat", "--endpoint-url", gateway.emulator.aws,
         "--query", "Items[].RouteKey", "--output", "json"],
        env=environment, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == ["$connect", "say", "$disconnect"]
