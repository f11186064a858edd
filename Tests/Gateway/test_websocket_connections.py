"""WebSocket API: `@connections`, by which functions reach clients."""

import http.client
import json
import resource
import threading
from datetime import datetime, timezone
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from . import sockets
from .sockets import Client, Events, replying, route

NOBODY = "L0SM9cOFvHcCIhw="


@pytest.fixture(scope="module")
def gateway(start):
    return start(functions=sockets.FUNCTIONS, webSocketApi={
        "stages": {"dev": {}, "other": {}},
        "limits": {"newConnections": {"rateLimit": 10_000, "burstLimit": 10_000}}, "routes": [route("$connect"), route("$disconnect"), replying("say")]})


def management(gateway, endpoint=None, key="test", secret="test"):
    return boto3.client(
        "apigatewaymanagementapi", endpoint_url=endpoint or gateway.url + "/dev", region_name="us-east-1",
        aws_access_key_id=key, aws_secret_access_key=secret,
        config=Config(retries={"max_attempts": 1, "mode": "standard"}, max_pool_connections=64))


@pytest.fixture(scope="module", params=["gateway", "stage-on-aws-port", "aws-port", "path"])
def api(gateway, request):
    """The endpoints that a client may be given."""
    return management(gateway, {
        "gateway": gateway.url + "/dev", "stage-on-aws-port": gateway.emulator.aws + "/dev",
        "aws-port": gateway.emulator.aws, "path": gateway.url + "/_aws/execute-api/mumblews/dev"}[request.param])


@pytest.fixture
def client(gateway):
    made = Client(gateway)
    yield made
    made.close()


def error(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"].get("Message")


def test_a_message_reaches_its_client(api, client):
    assert api.post_to_connection(ConnectionId=client.id, Data=b"hello")["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert client.text() == "hello"


def test_a_connection_is_described(api, client):
    found = api.get_connection(ConnectionId=client.id)
    assert found["Identity"]["SourceIp"] == "127.0.0.1"
    assert found["ConnectedAt"] <= found["LastActiveAt"] <= datetime.now(timezone.utc)


def test_a_connection_is_closed_and_its_function_hears(gateway, api):
    client, connection = (made := Client(gateway)), made.id
    assert api.delete_connection(ConnectionId=connection)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert client.closed()[0] == 1000
    context = Events(gateway).of(connection, "DISCONNECT")[0]["requestContext"]
    assert context["disconnectStatusCode"] == 1000
    assert error(api.post_to_connection, ConnectionId=connection, Data=b"x")[:2] == (410, "GoneException")


@pytest.mark.parametrize("call", ["post_to_connection", "get_connection", "delete_connection"])
def test_who_is_not_there_is_gone(api, call):
    more = {"Data": b"x"} if call == "post_to_connection" else {}
    assert error(getattr(api, call), ConnectionId=NOBODY, **more)[:2] == (410, "GoneException")


@pytest.mark.parametrize("id", ["xyz", "L0SM9cOFvHcCIhw", "=" * 17, "L0SM9cOFvHcCIh*=", "a/b", "ä"])
def test_what_is_no_id_is_a_bad_request(api, id):
    status, code, message = error(api.post_to_connection, ConnectionId=id, Data=b"x")
    assert (status, code, message) == (400, "BadRequestException", f"Invalid connectionId: {id}")


@pytest.mark.parametrize("data", [b"", b"x" * 131_072, "ä€😀".encode()])
def test_messages_up_to_128_kb_are_sent(api, client, data):
    api.post_to_connection(ConnectionId=client.id, Data=data)
    assert client.text() == data.decode()


def test_a_message_beyond_128_kb_is_too_large(api, client):
    status, code, _ = error(api.post_to_connection, ConnectionId=client.id, Data=b"x" * 131_073)
    assert (status, code) == (413, "PayloadTooLargeException")


def test_a_long_message_comes_in_frames_of_32_kb(gateway, client):
    management(gateway).post_to_connection(ConnectionId=client.id, Data=b"x" * 70_000)
    frames = [client.connection.recv_frame() for _ in range(3)]
    assert [len(one.data) for one in frames] == [32_768, 32_768, 4_464]


def test_everything_is_text(gateway, client):
    management(gateway).post_to_connection(ConnectionId=client.id, Data=b"a\xffb")
    opcode, data = client.connection.recv_data()
    assert opcode == 1 and data.decode() == "a\ufffdb"


def test_within_connect_the_connection_is_gone(start):
    """The function of $connect posts to its own connection and tells what came of it by its status."""
    code = """
runtime = Runtime()
while True:
    invocation = runtime.next()
    connection = invocation.json["requestContext"]["connectionId"]
    runtime.respond(invocation.request_id, {"statusCode": post(connection)})
"""
    library = '''
import datetime, hashlib, hmac, http.client, urllib.parse
def post(connection):
    address = urllib.parse.urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc
    path = "/@connections/" + urllib.parse.quote(connection, safe="")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{now[:8]}/us-east-1/execute-api/aws4_request"
    hashed = hashlib.sha256(b"early").hexdigest()
    canonical = "\\n".join([
        "POST", "/%40connections/" + urllib.parse.quote(urllib.parse.quote(connection, safe=""), safe=""), "",
        f"host:{address}", f"x-amz-date:{now}", "", "host;x-amz-date", hashed])
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (now[:8], "us-east-1", "execute-api", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    client = http.client.HTTPConnection(address, timeout=30)
    client.request("POST", path, body=b"early", headers={"X-Amz-Date": now, "Authorization":
        f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}, SignedHeaders=host;x-amz-date, "
        f"Signature={signature}"})
    return client.getresponse().status
'''
    from Lambda import bootstraps
    gateway = start(
        functions={"poster": bootstraps.python(library + code)},
        webSocketApi={"routes": [route("$connect", function="poster")]})
    assert sockets.refused(gateway)[0] == 410


def call(gateway, method, path, body=b"", key="test", secret="test", service="execute-api", sign=True, port=None,
         headers=None):
    url = (port or gateway.url) + path
    request = AWSRequest(method=method, url=url, data=body, headers=headers or {})
    if sign:
        SigV4Auth(Credentials(key, secret), service, "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request(method, path, body=body, headers=dict(request.headers))
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, answer.headers.get("x-amzn-ErrorType"), body


@pytest.mark.parametrize("path", ["/dev/@connections/", "/dev/%40connections/"])
@pytest.mark.parametrize("mark", ["=", "%3D", "%3d"])
def test_paths_of_all_spellings(gateway, client, path, mark):
    assert call(gateway, "POST", path + client.id.replace("=", mark), b"hi")[0] == 200
    assert client.text() == "hi"


def test_who_does_not_sign_is_forbidden(gateway, client):
    for port in (gateway.url, gateway.emulator.aws):
        status, kind, body = call(gateway, "POST", f"/dev/@connections/{client.id}", b"hi", sign=False, port=port)
        assert (status, kind) == (403, "MissingAuthenticationTokenException")
        assert json.loads(body) == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize("given,kind", [
    ({"secret": "wrong"}, "InvalidSignatureException"), ({"key": "who"}, "UnrecognizedClientException"),
    ({"service": "s3"}, "InvalidSignatureException")])
def test_a_signature_that_is_not_good_is_forbidden(gateway, client, given, kind):
    status, type, body = call(gateway, "POST", f"/dev/@connections/{client.id}", b"hi", **given)
    assert (status, type) == (403, kind) and json.loads(body)["message"]


def test_another_stage_does_not_know_the_connection(gateway, client):
    assert call(gateway, "POST", f"/other/@connections/{client.id}", b"hi")[:2] == (410, "GoneException")
    assert call(gateway, "POST", f"/none/@connections/{client.id}", b"hi")[:2] == (403, "ForbiddenException")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "HEAD", "OPTIONS"])
def test_other_methods_are_not_there(gateway, client, method):
    assert call(gateway, method, f"/dev/@connections/{client.id}")[:2] == (403, "MissingAuthenticationTokenException")


@pytest.fixture
def many_files():
    """This process may have 8,192 open files, or as many as the machine lets it."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8_192 if most == resource.RLIM_INFINITY else min(most, 8_192)
    if soft != resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, most))


def test_a_broadcast_to_1000_open_connections(gateway, many_files):
    clients = [Client(gateway) for _ in range(1_000)]
    ids = [None] * 1_000
    for client in clients:
        client.send("who am I")
    for index, client in enumerate(clients):
        ids[index] = client.json()["connectionId"]
    assert len(set(ids)) == 1_000
    api, failures = management(gateway), []
    def post(part):
        for connection in part:
            try:
                api.post_to_connection(ConnectionId=connection, Data=f"to {connection}".encode())
            except ClientError as caught:
                failures.append(caught)
    threads = [threading.Thread(target=post, args=(ids[start::8],)) for start in range(8)]
    for thread in threads:
        thread.start()
    for index, client in enumerate(clients):
        assert client.text() == f"to {ids[index]}"
    for thread in threads:
        thread.join()
    assert not failures
    for client in clients:
        client.connection.shutdown()
