"""The zips of `emulator package` in a root file system with an older glibc than Lambda's, and nothing else."""

import json
import os
import queue
import ssl
import subprocess
import threading

import pytest
from listening import Handler, Server
from running import MANIFEST, SPEECH, Emulator, until

from . import commands
from .oldroot import OldRoot

API = "/2018-06-01/runtime/invocation/"
FUNCTIONS = ("health", "audioUpload", "speechToText", "generateImage", "weather", "gallery", "counter")
WEATHER = {"name": "Here", "main": {"temp": 21.5, "humidity": 40}, "weather": [{"description": "clear sky"}]}


class RuntimeAPI(Server):
    """Hands out events, each once, and keeps the answers."""

    def __init__(self):
        events, answers = queue.Queue(), queue.Queue()
        self.events, self.answers = events, answers

        class Calls(Handler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                event = events.get()
                if event is None:
                    self.close_connection = True
                    return
                body = json.dumps(event).encode()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
                self.send_header("Lambda-Runtime-Deadline-Ms", "9999999999999")
                self.send_header(
                    "Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answers.put((self.path, body))
                self.answer(202, b"")

        super().__init__(Calls)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return OldRoot(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zips")
    commands.run("package", "--manifest", MANIFEST, "--skip-build", "--skip-start", "--output", folder)
    return folder


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    instance = Emulator(tmp_path_factory.mktemp("aws") / "data")
    yield instance
    instance.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate authority of our own and a certificate for localhost: paths of both and of the key."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Private authority",
            "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "host.key", "-out", "host.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "host.pem")
    return folder


@pytest.fixture(scope="module")
def https(authority):
    """Answers every GET as a weather service does."""

    class Weather(Handler):
        def do_GET(self):
            self.answer(200, json.dumps(WEATHER).encode())

    server = Server(Weather)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "host.pem", authority / "host.key")
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True, do_handshake_on_connect=False)
    yield f"https://localhost:{server.port}"
    server.close()


class Function:
    """A function out of its zip, in the old root."""

    def __init__(self, root, package, aws, **variables):
        root.unpack(package)
        self.api = RuntimeAPI()
        with open(MANIFEST) as file:
            own = json.load(file)["environment"]
        providers = aws.aws + "/_providers/"
        self.process = root.start("/var/task/bootstrap", environment={
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.port}", "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": aws.aws,
            "OPENAI_API_KEY": "offline", "OPENAI_BASE_URL": providers + "openai/v1",
            "OPENWEATHER_API_KEY": "offline", "OPENWEATHER_BASE_URL": providers + "openweather", **own, **variables})
        self.output = []
        self.reader = threading.Thread(target=lambda: self.output.extend(self.process.stdout), daemon=True)
        self.reader.start()

    def call(self, method, path, document=None, query=""):
        """The function's own answer to what the gateway makes of a request."""
        self.api.events.put({
            "version": "2.0", "routeKey": f"{method} /api/v1{path}", "rawPath": "/api/v1" + path,
            "rawQueryString": query, "headers": {"host": "localhost", "content-type": "application/json"},
            **({"queryStringParameters": dict(part.split("=") for part in query.split("&"))} if query else {}),
            "requestContext": {
                "accountId": "000000000000", "apiId": "old", "domainName": "localhost", "domainPrefix": "localhost",
                "http": {"method": method, "path": "/api/v1" + path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                         "userAgent": "test"},
                "requestId": "old-1", "routeKey": f"{method} /api/v1{path}", "stage": "$default",
                "time": "01/Jan/2026:00:00:00 +0000", "timeEpoch": 1767225600000},
            **({"body": json.dumps(document)} if document else {}), "isBase64Encoded": False})
        until(lambda: not self.api.answers.empty() or self.process.poll() is not None, "an answer")
        assert not self.api.answers.empty(), f"exit {self.process.poll()}: {''.join(self.output)}"
        path, body = self.api.answers.get()
        assert path.startswith(API) and path.endswith("/response"), (path, body, self.output)
        answer = json.loads(body)
        return answer["statusCode"], json.loads(answer["body"])

    def close(self):
        self.process.kill()
        self.process.wait(timeout=60)
        self.reader.join(timeout=60)
        self.process.stdout.close()
        self.api.events.put(None)
        self.api.close()


@pytest.fixture
def start(root, packages, aws):
    started = []

    def make(name, **variables):
        started.append(Function(root, packages / f"{name}.zip", aws, **variables))
        return started[-1]

    yield make
    for function in started:
        function.close()


def test_the_root_is_older_than_lambda(root):
    """And a program that was linked here in the ordinary way does not start there."""
    code, output = root.run("/lib/x86_64-linux-gnu/libc.so.6")
    assert code == 0 and "2.31" in output.splitlines()[0]
    here = tuple(int(part) for part in os.confstr("CS_GNU_LIBC_VERSION").split()[1].split("."))
    if here > (2, 34):
        with open("/usr/bin/env", "rb") as file:
            root.put("var/task/bootstrap", file.read(), 0o755)
        code, output = root.run("/var/task/bootstrap")
        assert code != 0 and "GLIBC_2.34' not found" in output


def test_every_function_of_the_manifest_is_tried():
    with open(MANIFEST) as file:
        assert sorted(json.load(file)["functions"]) == sorted(FUNCTIONS)


CALLS = {
    "health": ("GET", "/health", None, "deep=1"),
    "audioUpload": ("POST", "/audio/upload", {
        "contentType": "audio/wav", "size": os.path.getsize(SPEECH), "userId": "old", "language": "en"}, ""),
    "generateImage": ("POST", "/generate", {
        "prompt": "a lake", "userId": "old", "mood": "calm", "style": "watercolour", "size": "1024x1024"}, ""),
    "weather": ("GET", "/weather", None, "lat=31.23&lon=121.47"),
    "gallery": ("GET", "/gallery", None, "userId=old&limit=10"),
    "counter": ("POST", "/counter/increment", {"resource_id": "old-1", "counter_type": "like", "delta": 1}, ""),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_function_starts_polls_and_answers(start, name):
    method, path, document, query = CALLS[name]
    status, body = start(name).call(method, path, document, query)
    assert status == 200, body


def test_speech_to_text_starts_polls_and_answers(start, root):
    """Of a recording that nobody uploaded there is no transcript, which the function finds in S3 and DynamoDB."""
    document = {"audioId": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "language": "en"}
    status, body = start("speechToText").call("POST", "/speech-to-text", document)
    assert status == 404, body


@pytest.mark.parametrize("name", ["weather", "health"])
def test_https_works_with_the_authorities_of_the_base_image(start, root, authority, https, name):
    """`weather` has OpenSSL in its zip, `health` Mbed TLS."""
    root.trust((authority / "ca.pem").read_bytes())
    function = start(name, OPENWEATHER_BASE_URL=https, OPENAI_BASE_URL=https)
    if name == "weather":
        status, body = function.call("GET", "/weather", None, "lat=1&lon=2")
        assert status == 200 and "clear sky" in json.dumps(body), body
    else:
        status, body = function.call("GET", "/health", None, "deep=1")
        assert body["checks"]["openai"]["state"] == "ok", body
        assert body["checks"]["openweather"]["state"] == "ok", body


@pytest.mark.parametrize("name", ["weather", "health"])
@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_https_refuses_whom_it_cannot_trust(start, root, authority, https, name, wrong):
    stranger = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Private authority",
         "-keyout", "/dev/null"], check=True, capture_output=True).stdout
    root.trust(stranger if wrong == "authority" else (authority / "ca.pem").read_bytes())
    url = https if wrong == "authority" else https.replace("localhost", "127.0.0.1")
    function = start(name, OPENWEATHER_BASE_URL=url, OPENAI_BASE_URL=url)
    if name == "weather":
        # Another place than elsewhere: weather is kept for a while.
        status, body = function.call("GET", "/weather", None, "lat=3&lon=4")
        assert status >= 500, body
    else:
        status, body = function.call("GET", "/health", None, "deep=1")
        assert body["checks"]["openai"]["state"] == "unreachable", body
