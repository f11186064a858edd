"""REST API: mock and HTTP integrations, their templates and mappings."""

import json

import pytest

from .backend import Backend, header, unused_url

OK = [{"statusCode": 200}]


def mock(template, responses=None, **more):
    templates = {"application/json": template} if isinstance(template, str) else template
    return {"type": "MOCK", "requestTemplates": templates, "integrationResponses": responses or OK, **more}


def show(template, content_type="application/json"):
    """A mock that answers with what a template makes of the request."""
    return mock('{"statusCode": 200}', [{"statusCode": 200, "responseTemplates": {content_type: template}}])


SHOWN = {
    "body": "$input.body", "context": "$context.stage $context.httpMethod $context.resourcePath $context.identity.sourceIp",
    "variables": "$stageVariables.color ${stageVariables.color}", "unknown": "[$context.nothing][$!nothing][$stageVariables.no]",
    "param": "$input.params('q') $input.params('X-Head') $input.params('none')",
    "params": "$input.params().querystring.q $input.params().header.get('X-Head')",
    "set": "#set($a = 1)#set($b = $a + 2)$b #set($t = 'x')${t}y \"$t\"",
    "if": "#if($input.params('q') == 'a')one#elseif($input.params('q') == 'b')two#{else}three#end",
    "foreach": "#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end",
    "logic": "#if(true && !false)a#end#if(false || $x)b#end#if(2 > 1 && 1 <= 1)c#end",
    "text": "$input.params('q').toUpperCase() $input.params('q').length() $input.params('q').replace('a', 'b')",
    "util": "$util.urlEncode('a b&c') $util.urlDecode('a%20b') $util.base64Encode('hi') $util.base64Decode('aGk=')",
    "escape": "$util.escapeJavaScript(\"it's\")", "parse": "$util.parseJson('{\"a\":{\"b\":7}}').a.b",
    "comment": "a## gone\nb#* gone *#c", "escaped": "\\$context.stage costs $5 #1", "list": "#set($l = [])#if($l.add('x'))#end$l $l.size()"}

TAKEN = {
    "path": "$input.path('$')", "list": "$input.path('$.list')", "json": "$input.json('$.a')",
    "loop": "#foreach($one in $input.path('$.list'))<$one.name>#end"}


# An event that tells the function what its header says.
EVENT = """#set($tell = $input.params('tell')){"name": "$input.params('name')"#if($tell != ''), "headers": {"tell": "$tell"}#end}"""
CHOICES = [
    {"selectionPattern": "missing.*", "statusCode": 404, "responseParameters": {
        "method.response.header.X-Kind": "integration.response.body.errorType"},
     "responseTemplates": {"application/json": '{"why":$input.json(\'$.errorMessage\')}'}},
    {"selectionPattern": "(\\n|.)+", "statusCode": 500},
    {"statusCode": 201, "responseTemplates": {"application/json": '{"got":$input.json(\'$\')}'}}]


NAMED = {f"integration.request.header.{name}": f"'{value}'" for name, value in {
    "Host": "other.example", "User-Agent": "mine", "Accept": "text/x"}.items()}


@pytest.fixture(scope="module")
def backend():
    backend = Backend()
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def gateway(start, backend):
    responses = [
        {"selectionPattern": "4\\d{2}", "statusCode": 404, "responseTemplates": {"application/json": '{"missing":true}'}},
        {"selectionPattern": "5\\d{2}", "statusCode": 500},
        {"statusCode": 201, "responseParameters": {
            "method.response.header.X-Fixed": "'fixed'", "method.response.header.X-Query": "method.request.querystring.q",
            "method.response.header.X-Stage": "context.stage", "method.response.header.X-Color": "stageVariables.color"}}]
    http = [
        {"selectionPattern": "2\\d{2}", "statusCode": 200, "responseParameters": {
            "method.response.header.X-Type": "integration.response.header.Content-Type",
            "method.response.header.X-Method": "integration.response.body.method"},
         "responseTemplates": {"application/json": '{"backend":$input.json(\'$\')}'}}]
    routes = [
        {"route": f"ANY /show/{name}", "integration": show(template, "text/plain")} for name, template in SHOWN.items()]
    routes += [
        {"route": f"POST /taken/{name}", "integration": {
            "type": "HTTP", "uri": backend.url + "/x", "requestTemplates": {"application/json": template},
            "integrationResponses": OK}}
        for name, template in TAKEN.items()]
    routes += [
        {"route": "GET /mock/{status}", "integration": mock("{\"statusCode\": $input.params('status')}", responses)},
        {"route": "GET /bare", "integration": mock('{"statusCode": 500}', [{"selectionPattern": "2\\d{2}", "statusCode": 200}])},
        {"route": "GET /broken", "integration": mock("no JSON at all")},
        {"route": "GET /texted", "integration": mock('{"statusCode": "200"}')},
        {"route": "POST /passed", "integration": mock({})},
        {"route": "POST /never", "integration": mock('{"statusCode": 200}', passthroughBehavior="NEVER")},
        {"route": "POST /some", "integration": mock('{"statusCode": 200}', passthroughBehavior="WHEN_NO_TEMPLATES")},
        {"route": "POST /none", "integration": mock({}, passthroughBehavior="WHEN_NO_TEMPLATES")},
        {"route": "GET /override", "integration": mock('{"statusCode": 200}', [{
            "statusCode": 200, "responseTemplates": {"application/json":
                "#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-Tea = 'pot'){}"}}])},
        {"route": "OPTIONS /cors", "integration": mock('{"statusCode": 200}', [{
            "statusCode": 200, "responseParameters": {
                "method.response.header.Access-Control-Allow-Origin": "'*'",
                "method.response.header.Access-Control-Allow-Methods": "'GET,POST'"}}])},
        {"route": "ANY /proxy/{proxy+}", "url": backend.url + "/base/{proxy}"},
        {"route": "GET /variable", "url": "${stageVariables.backend}/x?fixed=1"},
        {"route": "GET /mapped/{id}", "integration": {
            "type": "HTTP_PROXY", "uri": backend.url + "/things/{thing}", "httpMethod": "POST", "requestParameters": {
                "integration.request.path.thing": "method.request.path.id",
                "integration.request.header.X-From": "context.stage",
                "integration.request.querystring.page": "method.request.querystring.p"}}},
        {"route": "GET /named/{id}", "integration": {
            "type": "HTTP_PROXY", "uri": backend.url + "/public/{id}", "requestParameters": NAMED}},
        {"route": "POST /named/{id}", "integration": {
            "type": "HTTP", "uri": backend.url + "/public/{id}", "requestParameters": NAMED,
            "integrationResponses": OK}},
        {"route": "POST /http/{id}", "integration": {
            "type": "HTTP", "uri": backend.url + "/items/{id}", "httpMethod": "PUT",
            "requestTemplates": {"application/json": '{"wrapped":$input.json(\'$\'),"id":"$input.params(\'id\')"}'},
            "requestParameters": {"integration.request.header.X-Const": "'c'"}, "integrationResponses": http}},
        {"route": "ANY /aws", "integration": {
            "type": "AWS", "function": "told", "requestTemplates": {"application/json": EVENT}, "integrationResponses": CHOICES}},
        {"route": "POST /aws/passed", "integration": {"type": "AWS", "function": "told", "integrationResponses": OK}},
        {"route": "POST /aws/never", "integration": {
            "type": "AWS", "function": "told", "passthroughBehavior": "NEVER", "integrationResponses": OK}},
        {"route": "GET /aws/none", "integration": {
            "type": "AWS", "function": "told", "integrationResponses": [{"selectionPattern": ".*", "statusCode": 200}]}},
        {"route": "GET /aws/slow", "timeoutMilliseconds": 100, "integration": {
            "type": "AWS", "function": "told", "requestTemplates": {"application/json": EVENT}, "integrationResponses": OK}},
        {"route": "GET /gone", "url": unused_url()}]
    return start(restApi={
        "stages": {"prod": {"variables": {"color": "red", "backend": backend.url}}}, "routes": routes})


def shown(gateway, name, query, headers):
    answer = gateway.send("GET", f"/prod/show/{name}{query}", headers)
    assert answer.status == 200, answer.body
    return answer.body.decode()


@pytest.mark.parametrize("name,query,text", [
    ("body", "", "{}"), ("context", "", "prod GET /show/context 127.0.0.1"), ("variables", "", "red red"),
    ("unknown", "", "[][][]"), ("param", "?q=1", "1 h "), ("params", "?q=1", "1 h"), ("set", "", '3 xy "x"'),
    ("if", "?q=a", "one"), ("if", "?q=b", "two"), ("if", "", "three"), ("foreach", "", "1,2,3"), ("logic", "", "ac"),
    ("text", "?q=abc", "ABC 3 bbc"), ("util", "", "a+b%26c a b aGk= hi"), ("escape", "", "it\\'s"), ("parse", "", "7"),
    ("comment", "", "abc"), ("escaped", "", "$context.stage costs $5 #1"), ("list", "", '["x"] 1')])
def test_a_template_is_rendered(gateway, name, query, text):
    assert shown(gateway, name, query, {"X-Head": "h"}) == text


@pytest.mark.parametrize("name,body,text", [
    ("path", {"foo": "bar", "n": 1}, "{foo=bar, n=1}"), ("path", {"list": [{"a": 1}]}, '{list=[{"a":1}]}'),
    ("list", {"list": [{"a": 1}, "x"]}, '[{"a":1},"x"]'), ("json", {"a": {"b": [1, "x"]}}, '{"b":[1,"x"]}'),
    ("json", {"a": "x"}, '"x"'), ("loop", {"list": [{"name": "a"}, {"name": "b"}]}, "<a><b>")])
def test_a_template_takes_the_body_apart(gateway, name, body, text):
    assert gateway.send("POST", f"/prod/taken/{name}", body=json.dumps(body)).json["body"] == text


@pytest.mark.parametrize("status,answered", [("200", 201), ("299", 201), ("404", 404), ("418", 404), ("503", 500)])
def test_the_integration_response_is_selected_by_status(gateway, status, answered):
    assert gateway.send("GET", f"/prod/mock/{status}").status == answered


def test_the_default_response_maps_headers(gateway):
    answer = gateway.send("GET", "/prod/mock/200?q=7")
    assert [answer.headers[f"X-{name}"] for name in ("Fixed", "Query", "Stage", "Color")] == ["fixed", "7", "prod", "red"]


def test_a_mapping_without_a_value_is_left_out(gateway):
    assert "X-Query" not in gateway.send("GET", "/prod/mock/200").headers


@pytest.mark.parametrize("path", ["bare", "broken", "texted"])
def test_a_mock_without_a_fitting_answer_is_an_error(gateway, path):
    assert gateway.send("GET", f"/prod/{path}").message == (500, "Internal server error")


@pytest.mark.parametrize("path,content_type,status", [
    ("passed", "application/json", 200), ("never", "text/plain", 415), ("never", "application/json", 200),
    ("some", "text/plain", 415), ("some", "application/json", 200), ("none", "text/plain", 200)])
def test_bodies_without_a_template_pass_or_not(gateway, path, content_type, status):
    answer = gateway.send("POST", f"/prod/{path}", {"Content-Type": content_type}, body='{"statusCode": 200}')
    assert answer.status == status
    if status == 415:
        assert answer.message == (415, "Unsupported Media Type")


def test_a_template_overrides_status_and_headers(gateway):
    answer = gateway.send("GET", "/prod/override")
    assert answer.status == 418 and answer.headers["X-Tea"] == "pot"


def test_cors_is_a_mock(gateway):
    answer = gateway.send("OPTIONS", "/prod/cors", {"Origin": "https://a.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET,POST"


@pytest.mark.parametrize("method,path,target", [
    ("GET", "/a/b?c=d%20e&c=f", "/base/a/b?c=d%20e&c=f"), ("POST", "/x", "/base/x"), ("DELETE", "/a%20b", "/base/a%20b")])
def test_a_proxy_passes_method_path_query_and_body_on(gateway, method, path, target):
    body = "hello" if method == "POST" else None
    seen = gateway.send(method, "/prod/proxy" + path, body=body).json
    assert (seen["method"], seen["target"], seen["body"]) == (method, target, body or "")


def test_a_proxys_url_has_stage_variables(gateway, backend):
    assert gateway.send("GET", "/prod/variable?a=b").json["target"] == "/x?fixed=1&a=b"


def test_a_proxy_sends_its_own_fields(gateway, backend):
    seen = gateway.send("GET", "/prod/proxy/x", {"X-Forwarded-For": "10.0.0.1"}).json
    assert header(seen, "Host") == backend.url.removeprefix("http://")
    assert header(seen, "X-Forwarded-For") == "10.0.0.1, 127.0.0.1"
    assert header(seen, "X-Amzn-Apigateway-Api-Id") == "mumblerest"
    assert header(seen, "User-Agent") == "AmazonAPIGateway_mumblerest"
    assert header(seen, "X-Amzn-Trace-Id").startswith("Root=1-")


@pytest.mark.parametrize("name", ["Connection", "Keep-Alive", "TE", "Upgrade", "X-Mine"])
def test_a_proxy_drops_fields_of_the_connection(gateway, name):
    headers = {"Connection": "keep-alive, X-Mine", "Keep-Alive": "1", "TE": "trailers", "Upgrade": "h2c", "X-Mine": "1"}
    assert header(gateway.send("GET", "/prod/proxy/x", headers).json, name) == ""


def test_parameters_are_mapped_to_the_backends_request(gateway):
    seen = gateway.send("GET", "/prod/mapped/7?p=3").json
    assert (seen["method"], seen["target"]) == ("POST", "/things/7?p=3&page=3")
    assert header(seen, "X-From") == "prod"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_mapped_names_of_both_sides_arrive(gateway, method):
    seen = gateway.send(method, "/prod/named/7", {"User-Agent": "yours", "Accept": "text/y"}).json
    assert [header(seen, name) for name in ("Host", "User-Agent", "Accept")] == ["other.example", "mine", "text/x"]


@pytest.mark.parametrize("path,target", [
    ("/named/..%2F..%2Fadmin", "/public/..%2F..%2Fadmin"), ("/named/a%2Fb", "/public/a%2Fb"),
    ("/proxy/a%2Fb/c", "/base/a/b/c")])
def test_only_a_greedy_variable_has_slashes(gateway, path, target):
    assert gateway.send("GET", "/prod" + path, {"Accept": "application/json"}).json["target"] == target


@pytest.mark.parametrize("path", ["/named/..", "/named/%2e%2e", "/proxy/../admin", "/proxy/a/..%2F..%2F..%2Fadmin"])
def test_a_path_cannot_lead_out_of_the_integrations_folder(gateway, backend, path):
    before = len(backend.requests)
    assert gateway.send("GET", "/prod" + path).message == (400, "Bad Request")
    assert len(backend.requests) == before


def test_the_answers_headers_are_remapped(gateway):
    answer = gateway.send("GET", "/prod/proxy/x")
    assert "Python" in answer.headers["x-amzn-Remapped-Server"] and answer.headers["x-amzn-Remapped-Date"]
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_an_http_integration_sends_what_its_template_makes(gateway):
    answer = gateway.send("POST", "/prod/http/9?ignored=1", {"X-Caller": "no"}, body='{"a": 1}')
    seen = answer.json["backend"]
    assert (seen["method"], seen["target"]) == ("PUT", "/items/9")
    assert json.loads(seen["body"]) == {"wrapped": {"a": 1}, "id": "9"}
    assert header(seen, "X-Const") == "c" and header(seen, "X-Caller") == ""
    assert answer.headers["X-Type"] == "application/json" and answer.headers["X-Method"] == "PUT"


def test_a_backend_that_is_not_there_is_an_error(gateway):
    assert gateway.send("GET", "/prod/gone").message == (500, "Internal server error")


def test_a_templated_function_gets_the_templates_event_and_its_result_is_a_body(gateway):
    answer = gateway.send("GET", "/prod/aws?name=ada")
    result = answer.json["got"]
    assert answer.status == 201 and json.loads(result["body"]) == {"name": "ada"} and result["statusCode"] == 200
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("message,status", [
    ("missing: 7", 404), ("is missing", 500), ("a\nb", 500)])
def test_an_error_message_selects_the_integration_response(gateway, message, status):
    answer = gateway.send("GET", "/prod/aws", tell={"error": message})
    assert answer.status == status
    if status == 404:
        assert answer.json == {"why": message} and answer.headers["X-Kind"] == "Error"
    else:
        assert answer.json["errorMessage"] == message


def test_a_result_with_an_error_message_is_no_error(gateway):
    assert gateway.send("GET", "/prod/aws", tell={"answer": {"errorMessage": "missing"}}).status == 201


def test_a_body_without_a_template_is_the_event(gateway):
    answer = gateway.send("POST", "/prod/aws/passed", body='{"a": 1}')
    assert answer.status == 200 and json.loads(answer.json["body"]) == {"a": 1}


def test_an_event_that_is_no_json_is_refused_by_the_function_service(gateway):
    answer = gateway.send("POST", "/prod/aws/passed", body="no json")
    assert answer.status == 200 and answer.json["Type"] == "User"
    assert answer.json["message"].startswith("Could not parse request body into json: ")


@pytest.mark.parametrize("method,path,status,message", [
    ("POST", "/never", 415, "Unsupported Media Type"), ("GET", "/none", 500, "Internal server error")])
def test_a_templated_function_without_a_fitting_template_or_response_is_an_error(gateway, method, path, status, message):
    assert gateway.send(method, "/prod/aws" + path).message == (status, message)


def test_a_templated_function_that_takes_too_long_is_given_up(gateway):
    assert gateway.send("GET", "/prod/aws/slow", tell={"sleep": 5}).message == (504, "Endpoint request timed out")
