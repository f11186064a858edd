"""HTTP API: routes that pass requests to another server."""

import json
import threading

import pytest
from listening import Handler, Server


class Backend(Server):
    """Answers with what it was sent; a query of `status=`, `header=` and `sleep=` says otherwise. `events` is set when
    a sleeping request may go on."""

    def __init__(self):
        backend, self.gate = self, threading.Event()

        class Telling(Handler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                if "sleep" in self.path:
                    backend.gate.wait(30)
                told = json.loads(self.headers.get("X-Tell") or "{}")
                content = told.get("body", json.dumps({
                    "method": self.command, "target": self.path, "body": body.decode("latin-1"),
                    "headers": [[name.lower(), value] for name, value in self.headers.items()]})).encode()
                self.send_response(told.get("status", 200))
                for name, value in told.get("headers", [["Content-Type", "application/json"]]):
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer

        super().__init__(Telling)

    def close(self):
        self.gate.set()
        super().close()


@pytest.fixture(scope="module")
def backend():
    backend = Backend()
    yield backend
    backend.close()


@pytest.fixture(scope="module")
def gateway(start, backend):
    return start(httpApi={
        "cors": {"allowOrigins": ["*"]},
        "authorizers": {"judge": {
            "type": "lambda", "function": "judge", "enableSimpleResponses": True,
            "identitySource": ["$request.header.Authorization"]}},
        "routes": [
            {"route": "ANY /api/{proxy+}", "url": backend.url + "/base/{proxy}"},
            {"route": "GET /fixed", "url": backend.url + "/elsewhere?key=1"},
            {"route": "GET /pets/{id}/toys/{toy}", "url": backend.url + "/toys/{toy}/of/{id}"},
            {"route": "GET /staged", "url": "http://${stageVariables.host}/staged/${stageVariables.name}"},
            {"route": "GET /slow", "url": backend.url + "/sleep", "timeoutMilliseconds": 200},
            {"route": "GET /gone", "url": "http://127.0.0.1:9/"},
            {"route": "GET /guarded", "url": backend.url + "/", "authorizer": "judge"},
            {"route": "ANY /mapped/{id}", "url": backend.url + "/x", "requestParameters": {
                "overwrite:path": "/new/${request.path.id}", "append:header.x-stage": "$context.stage",
                "overwrite:querystring.q": "2", "overwrite:header.host": "named.example"},
             "responseParameters": {"200": {"append:header.x-back": "$response.header.x-from"},
                                    "404": {"overwrite:statuscode": "410"}}}],
        "stages": {"$default": {"variables": {"host": f"127.0.0.1:{backend.port}", "name": "red"}}, "dev": {}}})


def seen(answer):
    """What the backend was sent."""
    assert answer.status == 200, answer.body
    request = answer.json
    request["fields"] = dict(request["headers"])
    return request


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_method_path_query_and_body_are_passed_on(gateway, method):
    request = seen(gateway.send(method, "/api/a/b?c=d&c=e%20f", {"Content-Type": "text/plain"}, body="the body"))
    assert (request["method"], request["target"]) == (method, "/base/a/b?c=d&c=e%20f")
    assert request["body"] == "the body" and request["fields"]["content-length"] == "8"


@pytest.mark.parametrize("path,target", [
    ("/fixed?a=b", "/elsewhere?key=1&a=b"), ("/fixed", "/elsewhere?key=1"), ("/pets/7/toys/ball", "/toys/ball/of/7"),
    ("/pets/a%20b/toys/%C3%A9", "/toys/%C3%A9/of/a%20b"), ("/staged", "/staged/red"), ("/api/a//b/", "/base/a//b/"),
    ("/dev/api/a", "/base/a")])
def test_the_url_is_made_of_the_routes(gateway, path, target):
    assert seen(gateway.send("GET", path))["target"] == target


def test_a_variable_without_a_value_is_an_error(gateway):
    assert gateway.send("GET", "/dev/staged").message == (500, "Internal Server Error")


def test_the_callers_headers_are_passed_on(gateway):
    request = seen(gateway.send("GET", "/api/a", [
        ("X-A", "1"), ("X-A", "2"), ("Accept", "text/html"), ("User-Agent", "agent"), ("Cookie", "a=b; c=d"),
        ("Authorization", "secret")]))
    assert [value for name, value in request["headers"] if name == "x-a"] in (["1", "2"], ["1,2"], ["1, 2"])
    fields = request["fields"]
    assert (fields["accept"], fields["user-agent"], fields["cookie"], fields["authorization"]) == (
        "text/html", "agent", "a=b; c=d", "secret")


def test_the_backend_is_told_who_asks(gateway, backend):
    fields = seen(gateway.send("GET", "/api/a", host="shop.example"))["fields"]
    assert fields["host"] == f"127.0.0.1:{backend.port}"
    assert fields["forwarded"] == "by=127.0.0.1;for=127.0.0.1;host=shop.example;proto=http"
    assert fields["via"] == "HTTP/1.1 AmazonAPIGateway" and fields["x-amzn-trace-id"].startswith("Root=1-")


@pytest.mark.parametrize("name,value", [
    ("Connection", "x-private"), ("Keep-Alive", "timeout=5"), ("TE", "trailers"), ("Proxy-Authorization", "x"),
    ("Upgrade", "h2c")])
def test_headers_of_the_connection_are_not(gateway, name, value):
    request = seen(gateway.send("GET", "/api/a", [(name, value), ("X-Private", "1")]))
    assert request["fields"].get(name.lower()) != value
    if name == "Connection":
        assert "x-private" not in request["fields"]


def told(**answer):
    return {"X-Tell": json.dumps(answer)}


@pytest.mark.parametrize("status", [200, 201, 302, 404, 500, 503])
def test_any_status_is_passed_back(gateway, status):
    answer = gateway.send("GET", "/api/a", told(status=status, headers=[["X-From", "b"]], body="text"))
    assert answer.status == status and answer.headers["x-from"] == "b" and answer.body == b"text"


def test_headers_are_passed_back(gateway):
    answer = gateway.send("GET", "/api/a", told(headers=[
        ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["Keep-Alive", "timeout=9"], ["apigw-requestid", "mine"]]))
    assert [value for name, value in answer.fields if name.lower() == "set-cookie"] == ["a=1", "b=2"]
    assert "keep-alive" not in answer.headers and answer.headers["apigw-requestid"] != "mine"


def test_head_is_passed_on(gateway):
    answer = gateway.send("HEAD", "/api/a")
    assert answer.status == 200 and answer.body == b""


def test_the_gateways_cors_headers_replace_the_backends(gateway):
    answer = gateway.send("GET", "/api/a", {
        "Origin": "https://a.example", **told(headers=[["Access-Control-Allow-Origin", "https://b.example"]])})
    assert answer.headers.get_all("access-control-allow-origin") == ["*"]


def test_a_backend_that_takes_too_long_is_503(gateway):
    assert gateway.send("GET", "/slow").message == (503, "Service Unavailable")


def test_a_backend_that_is_not_there_is_503(gateway):
    assert gateway.send("GET", "/gone").message == (503, "Service Unavailable")


def test_an_authorizer_comes_before(gateway):
    assert gateway.send("GET", "/guarded").message == (401, "Unauthorized")
    assert gateway.send("GET", "/guarded", {"Authorization": "x"}).status == 200


def test_parameters_are_mapped_both_ways(gateway):
    answer = gateway.send("GET", "/mapped/7?q=1", told(headers=[["X-From", "b"]]))
    assert answer.headers["x-back"] == "b"
    request = seen(gateway.send("GET", "/mapped/7?q=1"))
    assert request["target"] == "/new/7?q=2" and request["fields"]["x-stage"] == "$default"
    assert request["fields"]["host"] == "named.example"
    assert gateway.send("GET", "/mapped/7", told(status=404)).status == 410


@pytest.mark.parametrize("path", ["/api/a%0d%0aX-Evil:%201", "/mapped/a%0d%0aX-Evil:%201", "/api/a%20HTTP/1.1"])
def test_a_path_begins_no_header_of_its_own(gateway, path):
    answer = gateway.send("GET", path)
    assert answer.status == 200 and "x-evil" not in seen(answer)["fields"]
    assert " " not in answer.json["target"] and "\r" not in answer.json["target"]


def test_large_bodies_pass_both_ways(gateway):
    body = "x" * (8 << 20)
    request = seen(gateway.send("POST", "/api/a", body=body))
    assert len(request["body"]) == len(body)
    assert gateway.send("POST", "/api/a", body="x" * ((10 << 20) + 1)).message == (413, "Request Entity Too Large")
