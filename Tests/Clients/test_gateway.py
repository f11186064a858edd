"""The gateway over sockets: what browsers and curl see."""

import http.client
import json
import os
import signal
import threading
import urllib.parse

import pytest

import journey
from running import MANIFEST, SPEECH, is_alive, until

LARGE = b'{"message":"Request Entity Too Large"}'


def wav(size):
    """A WAV header and so much silence."""
    with open(SPEECH, "rb") as file:
        header = file.read(44)
    return header + bytes(size - 44)


def send(emulator, method, path, body=None, headers=None):
    """One raw exchange; urllib would hide statuses and rewrite headers."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(emulator.gateway).netloc, timeout=60)
    connection.request(method, path, body=body, headers=headers or {})
    response = connection.getresponse()
    answer = journey.Answer(response.status, journey.lowered(dict(response.getheaders())), response.read())
    connection.close()
    return answer


def test_binary_body_is_stored_directly_and_understood(emulator):
    with open(SPEECH, "rb") as file:
        audio = file.read()
    answer = send(emulator, "POST", "/api/v1/audio/upload", audio, {"content-type": "audio/wav"})
    assert answer.status == 200, answer.body
    heard = journey.call(
        "POST", emulator.gateway + "/api/v1/speech-to-text", {"audioId": answer.json()["audioId"]})
    assert "sun is shining" in heard.json()["transcript"]


@pytest.mark.parametrize("size,status", [(4 << 20, 200), (5 << 20, 413), (11 << 20, 413)])
def test_body_limits_are_lambdas_and_the_gateways(emulator, size, status):
    answer = send(emulator, "POST", "/api/v1/audio/upload", wav(size), {"content-type": "audio/wav"})
    assert answer.status == status, answer.body[:200]
    if status == 413:
        assert answer.body == LARGE


def test_preflight(emulator):
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    answer = send(emulator, "OPTIONS", "/api/v1/counter/increment", headers=asked)
    assert answer.status == 204 and answer.body == b""
    assert answer.headers["access-control-allow-origin"] in ("*", "https://app.example")
    assert "POST" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize("method,path,status", [
    ("POST", "/api/v1/counter/increment", 400), ("GET", "/api/v1/weather?lat=abc&lon=1", 400),
    ("GET", "/api/v1/gallery?userId=u&cursor=forged", 400), ("GET", "/api/v1/gallery/00000000-0000-4000-8000-000000000000", 404),
    ("POST", "/api/v1/generate", 400)])
def test_errors_are_documents_with_cors(emulator, method, path, status):
    headers = {"Origin": "https://app.example", "content-type": "application/json"}
    answer = send(emulator, method, path, b"{}" if method == "POST" else None, headers)
    assert answer.status == status, answer.body
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "requestId"} and error["message"]
    assert "access-control-allow-origin" in answer.headers
    assert answer.headers["apigw-requestid"]


def test_increments_through_the_whole_path_add_up(emulator):
    def work():
        for _ in range(25):
            answer = journey.call("POST", emulator.gateway + "/api/v1/counter/increment", {
                "resource_id": "sum", "counter_type": "like", "delta": 2})
            assert answer.status == 200, answer.body

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = journey.call("GET", emulator.gateway + "/api/v1/counter/sum/like").json()
    assert counted["current_value"] == 400


def test_concurrency_beyond_the_reserved_one_is_throttled(start, tmp_path):
    with open(MANIFEST) as file:
        manifest = json.load(file)
    manifest["functions"]["health"]["reservedConcurrency"] = 0
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(manifest))
    running = start(manifest=path)
    answer = send(running, "GET", "/api/v1/health")
    assert (answer.status, answer.json()) == (503, {"message": "Service Unavailable"})
    client = running.client("lambda")
    with pytest.raises(client.exceptions.TooManyRequestsException) as caught:
        client.invoke(FunctionName="health")
    assert caught.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"


def test_lambda_takes_large_payloads_and_refuses_larger(emulator):
    client = emulator.client("lambda")
    event = json.dumps({"padding": "x" * (3 << 20)})
    answer = client.invoke(FunctionName="health", Payload=event)
    assert answer["StatusCode"] == 200 and answer["FunctionError"] == "Unhandled"
    with pytest.raises(Exception) as caught:
        client.invoke(FunctionName="health", Payload=json.dumps({"padding": "x" * (6 << 20)}))
    assert "413" in str(caught.value) or "TooLarge" in str(caught.value)


def test_nothing_is_left_running(start):
    running = start()
    for path in ("/api/v1/health", "/api/v1/weather?lat=1&lon=1"):
        assert send(running, "GET", path).status == 200
    children = [int(pid) for pid in os.popen(f"pgrep -P {running.process.pid}").read().split()]
    assert children
    running.process.send_signal(signal.SIGKILL)
    running.close()
    until(lambda: not any(is_alive(pid) for pid in children), f"the end of {children}")
