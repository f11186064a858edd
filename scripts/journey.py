"""The main job of Mumble over plain HTTP: speak, get a transcript, get a picture, like it.

Used by `make demo`, which prints each step, and by the tests, which assert on each answer.
Standard library only; the upload itself is made by curl, as a person would do it.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass


@dataclass
class Answer:
    """One HTTP answer: status, headers (lower-case names) and body."""

    status: int
    headers: dict
    body: bytes

    def json(self):
        return json.loads(self.body)


def call(method, url, document=None, headers=None):
    """One request; an HTTP error status is an answer, not an exception."""
    data = None if document is None else json.dumps(document).encode()
    all_headers = {"content-type": "application/json"} if data else {}
    all_headers.update(headers or {})
    request = urllib.request.Request(url, data=data, method=method, headers=all_headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(response.status, lowered(response.headers), response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, lowered(error.headers), error.read())


def lowered(headers):
    return {name.lower(): value for name, value in headers.items()}


class Journey:
    """The steps in order; each returns the parsed answer and is noted with its time."""

    def __init__(self, gateway, note=lambda step, seconds, detail: None):
        self.api = gateway.rstrip("/") + "/api/v1"
        self.note = note

    def step(self, name, action, detail):
        start = time.perf_counter()
        result = action()
        self.note(name, time.perf_counter() - start, detail(result))
        return result

    def expect(self, status, method, path, document=None, headers=None):
        answer = call(method, self.api + path, document, headers)
        if answer.status != status:
            raise AssertionError(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer.json()

    def upload(self, audio_path, user):
        with open(audio_path, "rb") as file:
            size = len(file.read())
        request = {"contentType": "audio/wav", "size": size, "userId": user, "language": "en"}
        slot = self.step(
            "ask for an upload address", lambda: self.expect(200, "POST", "/audio/upload", request),
            lambda answer: answer["audioId"])
        command = ["curl", "-sS", "--fail-with-body", "-X", "PUT", "--data-binary", f"@{audio_path}"]
        for name, value in slot["headers"].items():
            command += ["-H", f"{name}: {value}"]
        self.step(
            "upload the recording with curl",
            lambda: subprocess.run(command + [slot["uploadUrl"]], check=True, capture_output=True),
            lambda _: f"{size} bytes")
        return slot

    def transcribe(self, audio_id):
        return self.step(
            "turn speech into text",
            lambda: self.expect(200, "POST", "/speech-to-text", {"audioId": audio_id, "language": "en"}),
            lambda answer: f"\"{answer['transcript']}\"")

    def generate(self, audio_id, user):
        request = {
            "audioId": audio_id, "userId": user, "mood": "calm", "style": "watercolour",
            "location": {"latitude": 31.23, "longitude": 121.47}, "size": "1024x1024"}
        return self.step(
            "paint the picture", lambda: self.expect(200, "POST", "/generate", request),
            lambda answer: answer["imageId"])

    def download(self, url):
        answer = self.step(
            "download it from the signed link", lambda: call("GET", url),
            lambda answer: f"{len(answer.body)} bytes")
        if answer.status != 200:
            raise AssertionError(f"GET {url}: {answer.status} {answer.body[:300]!r}")
        return answer.body

    def gallery(self, user):
        return self.step(
            "open the gallery", lambda: self.expect(200, "GET", f"/gallery?userId={user}&limit=10"),
            lambda answer: f"{len(answer['images'])} picture(s)")

    def like(self, image_id, key):
        request = {"resource_id": image_id, "counter_type": "like", "delta": 1}
        return self.step(
            "count a like",
            lambda: self.expect(200, "POST", "/counter/increment", request, {"idempotency-key": key}),
            lambda answer: f"{answer['current_value']} like(s)")
